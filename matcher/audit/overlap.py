"""Which communities are of one domain, and which are a unit under another name, with the evidence for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.text import tokens
from matcher.audit import candidates
from matcher.audit import groups as grouping
from matcher.audit.candidates import NEAREST, Table
from matcher.audit.evidence import (
    Shared,
    around,
    compare_members,
    compare_skills,
    compare_talk,
    compare_texts,
    said_within,
    text_evidence,
)
from matcher.audit.names import narrower
from matcher.audit.subject import Subject
from matcher.audit.verdict import (
    LIKELY,
    SHIPPED,
    Calibration,
    Judged,
    TextWeights,
    Verdict,
    judge,
    lesser,
    levelled,
    odds,
    unit_odds,
)
from matcher.lexical import LexicalIndex
from matcher.partitions import Workers

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# Named behind each kind of evidence: enough to check it, few enough to read.
TERMS, PEOPLE, SKILLS = 5, 5, 8

# A sentence of fewer telling words is quoted only where no longer one is as alike.
SENTENCE_TERMS = 8


@dataclass(frozen=True)
class TextEvidence:
    """`points` are log-odds here and below; `terms` stand in both texts, `sentences` are the two most alike, one of
    each."""

    points: float
    name_likeness: float
    short_form: bool
    terms: tuple[str, ...]
    sentences: tuple[str, str] | None


@dataclass(frozen=True)
class SkillEvidence:
    """`of_a`: the share of a's skills that b covers too, by rarity."""

    points: float
    of_a: float
    of_b: float
    shared: tuple[str, ...]


@dataclass(frozen=True)
class MemberEvidence:
    """`of_a`: the share of a's members that are in b too; `by_chance` the share of the smaller one's that would be.
    `people` are some of them, ids and names."""

    points: float
    both: int
    of_a: float
    of_b: float
    by_chance: float
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TalkEvidence:
    """What is talked about in both; `questions` are the two most alike, one of each, and so are `meetings`: titles,
    agenda items or notes."""

    points: float
    terms: tuple[str, ...]
    questions: tuple[str, str] | None
    meetings: tuple[str, str] | None = None


@dataclass(frozen=True)
class Evidence:
    """None for a kind of which nothing is known for one of the two: it did not count."""

    text: TextEvidence | None
    skills: SkillEvidence | None
    members: MemberEvidence | None
    talk: TalkEvidence | None


@dataclass(frozen=True)
class Finding:
    """Two communities, or a community (a) and a unit (b). `contained_in`: of two communities a lies within b; of a
    community and a unit the one that has fewer people lies within the other."""

    a: str
    b: str
    a_name: str
    b_name: str
    verdict: Verdict
    probability: float
    evidence: Evidence


@dataclass(frozen=True)
class DuplicateGroup:
    """Communities of which each two are likely of one domain, and the two that are so least."""

    communities: tuple[str, ...]
    weakest: tuple[str, str]
    probability: float


@dataclass(frozen=True)
class Overlaps:
    """Likeliest first. `near`: the pairs of communities that were looked at closely, rows of both; `same` bool [pairs]
    which of them are likely duplicates; `compared`: what the next audit can take over."""

    overlaps: tuple[Finding, ...]
    unit_clashes: tuple[Finding, ...]
    groups: tuple[DuplicateGroup, ...]
    near: tuple[IntArray, IntArray]
    same: BoolArray
    compared: "Compared"


# By the rows of two things the terms that stand in both, and the two sentences most alike.
Passages = dict[tuple[int, int], tuple[tuple[str, ...], tuple[str, str] | None]]


@dataclass(frozen=True)
class Compared:
    """What was found of the pairs of a subject: the nearest of each community, the pairs with how alike their texts are
    [pairs, ALIKE], and passages."""

    subject: Subject
    table: Table | None
    pairs: tuple[IntArray, IntArray, FloatArray]
    clashes: tuple[IntArray, IntArray, FloatArray]
    passages: Passages

    def passages_of(self, kept: IntArray) -> Passages:
        """Those of things that are kept, by where they are now."""
        now = {row: at for at, row in enumerate(kept.tolist()) if row >= 0}
        return {(now[a], now[b]): one for (a, b), one in self.passages.items() if a in now and b in now}

    def taken(self, subject: Subject, kept: IntArray, one: IntArray, other: IntArray, units: bool) -> FloatArray:
        """How alike the texts of pairs of another subject are, found anew only where it was not found before; `kept`:
        where its things were."""
        first, second, values = self.clashes if units else self.pairs
        number, a, b = len(self.subject.keys), kept[one].astype(np.int64), kept[other].astype(np.int64)
        known = first.astype(np.int64) * number + second  # ascending: pairs are in order
        wanted = np.where((a >= 0) & (b >= 0), a * number + b, -1)
        at = np.minimum(np.searchsorted(known, wanted), max(0, len(known) - 1))
        there = known[at] == wanted if len(known) else np.zeros(len(wanted), dtype=np.bool_)
        found = np.empty((len(one), values.shape[1]), dtype=np.float32)
        found[there] = values[at[there]]
        found[~there] = compare_texts(subject.texts, one[~there], other[~there])
        return found


def overlaps(
    subject: Subject,
    least: float = LIKELY,
    nearest: int = NEAREST,
    calibration: Calibration = SHIPPED,
    unit_calibration: Calibration = SHIPPED,
    before: "Compared | None" = None,
    workers: Workers | None = None,
) -> Overlaps:
    """Compares all communities with each other and with the units.

    Findings below the probability `least` are left out; at 0 the nearest of each are all there. What was found
    `before` of what has not changed since is not found again. `workers` share the search for the nearest.
    """
    number = len(subject.rows)
    kept = None if before is None else subject.kept(before.subject)
    known = None if before is None or before.table is None or kept is None else (before.table, kept[:number])
    table = candidates.nearest(subject.texts, number, nearest, known, workers)
    one, other = candidates.candidates(subject.texts, subject.members, number, table)
    a, b = subject.with_units(nearest)
    alike = clashing = None
    if before is not None and kept is not None:
        alike = before.taken(subject, kept, one, other, units=False)
        clashing = before.taken(subject, kept, a, b, units=True)
    passages = {} if before is None or kept is None else before.passages_of(kept)
    pairs = Pairs(subject, one, other, calibration, alike=alike, passages=passages)
    duplicates = [at for at, judged in enumerate(pairs.judged) if judged.verdict == "duplicate"]
    found = grouping.groups(
        one[duplicates].tolist(), other[duplicates].tolist(), [pairs.judged[at].probability for at in duplicates],
        len(subject.rows), max(least, LIKELY),
    )  # fmt: skip
    clashes = Pairs(subject, a, b, unit_calibration, alike=clashing, passages=passages)
    return Overlaps(
        tuple(pairs.finding(at) for at in pairs.order(least)),
        tuple(clashes.finding(at) for at in clashes.order(least)),
        tuple(
            DuplicateGroup(
                tuple(subject.ids[row] for row in group.rows),
                (subject.ids[group.weakest[0]], subject.ids[group.weakest[1]]),
                group.probability,
            )
            for group in found
        ),
        (one, other),
        np.isin(np.arange(len(one)), [at for at in duplicates if pairs.judged[at].probability >= LIKELY]),
        Compared(subject, table, (one, other, pairs.alike), (a, b, clashes.alike), passages),
    )


class Pairs:
    """Pairs of a subject's things with their evidence and verdicts."""

    def __init__(
        self,
        subject: Subject,
        one: IntArray,
        other: IntArray,
        calibration: Calibration = SHIPPED,
        described: TextWeights | None = None,
        alike: FloatArray | None = None,
        crowds: FloatArray | None = None,
        passages: Passages | None = None,
    ) -> None:
        """`described`: weights for two texts where these pairs are too few to tell their level; `alike`: how alike the
        texts are, where it is known; `crowds`: how near others are to each, where these pairs are too few to tell;
        `passages` are looked up, and added to."""
        self.passages = {} if passages is None else passages
        self.subject, self.one, self.other = subject, one, other
        self.alike = compare_texts(subject.texts, one, other) if alike is None else alike
        if crowds is None:
            crowds = around(self.alike, one, other, len(subject.ids))
        self.values = text_evidence(self.alike, one, other, crowds)
        self.units = bool(len(other)) and int(other.min()) >= len(subject.rows)
        self.members, members, people = compare_members(subject.everyone, one, other)
        self.skills, skills = compare_skills(subject.covers[0], one, other)
        self.talk = compare_talk(*subject.talk, one, other)
        described = described or levelled(self.values)
        found = (
            unit_odds(self.values, described, people)
            if self.units
            else odds(self.values, described, skills, members, self.talk)
        )
        self.odds = found.calibrated(calibration)
        judged = judge(self.values, described, self.odds, self.skills, self.members, (skills, members), calibration)
        self.judged = [self._by_words(at, one) for at, one in enumerate(judged)]

    def _by_words(self, at: int, judged: Judged) -> Judged:
        """Where neither members nor skills can tell whether one lies within the other, words do: what is called all
        that the other is called and more is a part of it, and so is what says little that the other does not, which
        says much more."""
        told = self.units or not np.isnan(self.members.count[at]) or not np.isnan(self.skills.count[at])
        if judged.verdict != "duplicate" or told:
            return judged
        names, pair = self.subject.texts.names, (int(self.one[at]), int(self.other[at]))
        inner = narrower(*(names[row][0] for row in pair))
        if inner is None:
            shares = said_within(self.subject.texts.lexical, self.one[[at]], self.other[[at]])
            inner = lesser(float(shares[0][0]), float(shares[1][0]))
        return judged if inner is None else Judged("contained_in", judged.probability, inner)

    def order(self, least: float) -> list[int]:
        """Those of that probability or more, likeliest first."""
        chosen = [at for at, judged in enumerate(self.judged) if judged.probability >= least]
        return sorted(chosen, key=lambda at: (-self.judged[at].probability, int(self.one[at]), int(self.other[at])))

    def finding(self, at: int) -> Finding:
        judged, subject = self.judged[at], self.subject
        a, b = int(self.one[at]), int(self.other[at])
        if judged.within == 1 and not self.units:
            a, b = b, a
        return Finding(
            subject.ids[a], subject.ids[b], subject.names[a], subject.names[b], judged.verdict, judged.probability,
            self.evidence(at, a, b),
        )  # fmt: skip

    def evidence(self, at: int, a: int, b: int) -> Evidence:
        """What is known of the pair, `a` being the one of the two (rows) that is named first."""
        return Evidence(self._text(at, a, b), self._skills(at, a, b), self._members(at, a, b), self._talk(at, a, b))

    def _shares(self, shared: Shared, at: int, a: int) -> tuple[float, float]:
        shares = float(shared.of_one[at]), float(shared.of_other[at])
        return shares if a == int(self.one[at]) else (shares[1], shares[0])

    def _text(self, at: int, a: int, b: int) -> TextEvidence:
        texts = self.subject.texts
        if (a, b) not in self.passages:
            alike = _most_alike(texts.lexical, self.subject.sentences(a), self.subject.sentences(b))
            self.passages[a, b] = tuple(texts.lexical.shared_with(a, b, TERMS)), alike
        return TextEvidence(
            float(self.odds.text[at]),
            float(self.values[at, 0]),
            bool(self.values[at, 1] > 0),
            *self.passages[a, b],
        )

    def _skills(self, at: int, a: int, b: int) -> SkillEvidence | None:
        if np.isnan(self.skills.count[at]):
            return None
        covers, names = self.subject.covers
        both = np.flatnonzero((covers[[a]].toarray() * covers[[b]].toarray()).ravel())
        # The rarest first: they say most.
        rare = np.asarray(covers.sum(axis=0)).ravel()
        shared = sorted(both.tolist(), key=lambda column: (rare[column], names[column]))[:SKILLS]
        shares = self._shares(self.skills, at, a)
        return SkillEvidence(float(self.odds.skills[at]), *shares, tuple(names[column] for column in shared))

    def _members(self, at: int, a: int, b: int) -> MemberEvidence | None:
        if np.isnan(self.members.count[at]):
            return None
        everyone, people = self.subject.everyone, self.subject.snapshot.people
        both = np.flatnonzero((everyone[[a]].toarray() * everyone[[b]].toarray()).ravel())
        some: list[int] = self.subject.here[both[:PEOPLE]].tolist()
        return MemberEvidence(
            float(self.odds.members[at]),
            int(self.members.count[at]),
            *self._shares(self.members, at, a),
            float(self.members.expected[at]),
            tuple((people.ids[row], people.names[row]) for row in some),
        )

    def _talk(self, at: int, a: int, b: int) -> TalkEvidence | None:
        if np.isnan(self.talk[at]):
            return None
        lexical, asked, met = self.subject.talk[0], self.subject.asked, self.subject.met
        titles = [[question.title or question.text for question in asked[row]] for row in (a, b)]
        terms = tuple(lexical.shared_with(a, b, TERMS))
        asking, meeting = _most_alike(lexical, *titles), _most_alike(lexical, met[a], met[b])
        return TalkEvidence(float(self.odds.talk[at]), terms, asking, meeting)


def _most_alike(lexical: LexicalIndex, one: Sequence[str], other: Sequence[str]) -> tuple[str, str] | None:
    """The two passages, one of each side, that are most alike in words; None where none share any. Those of few words
    say little, and are the more easily alike: they come after longer ones."""
    if not one or not other:
        return None
    left, right = (lexical.transform([tokens(text) for text in side]) for side in (one, other))
    lengths = [np.minimum(np.diff(side.indptr), SENTENCE_TERMS) for side in (left, right)]
    likeness = (left @ right.T).toarray() * np.minimum.outer(*lengths) / SENTENCE_TERMS
    at = np.unravel_index(int(likeness.argmax()), likeness.shape)
    return (one[int(at[0])], other[int(at[1])]) if likeness[at] > 0 else None
