"""The audit of one organisation: its communities against each other and against its units."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from graph.database import Steps, ask
from graph.models import Community
from graph.reads import communities as community_reads
from graph.reads import people as people_reads
from graph.reads import vectors as vector_reads
from graph.reads.communities import Asked
from graph.reads.people import Unit
from graph.reads.vectors import KeptVector, Model
from graph.text import tokens
from matcher.audit import groups as grouping
from matcher.audit.candidates import NEAREST, candidates
from matcher.audit.evidence import (
    Shared,
    Texts,
    compare_members,
    compare_skills,
    compare_talk,
    compare_texts,
)
from matcher.audit.names import words
from matcher.audit.verdict import LIKELY, Verdict, judge, levelled, odds, unit_odds
from matcher.catalogue import stacked
from matcher.embedding import directions
from matcher.lexical import LexicalIndex, claimed
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# Named behind each kind of evidence: enough to check it, few enough to read.
TERMS, PEOPLE, SKILLS = 5, 5, 8

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


@dataclass(frozen=True)
class AuditFacts:
    """What the audit needs beside a snapshot; vectors by id (None: no model is in use), `labels` the names of each
    skill that has several."""

    units: Sequence[Unit] = ()
    questions: Sequence[Asked] = ()
    labels: Sequence[tuple[str, ...]] = ()
    unit_vectors: Mapping[str, KeptVector] | None = None
    question_vectors: Mapping[str, KeptVector] | None = None


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
    """What is asked in both; `questions` are the two most alike, one of each."""

    points: float
    terms: tuple[str, ...]
    questions: tuple[str, str] | None


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
class Audit:
    """Likeliest first. `compared` counts communities, `pairs` those of them that were looked at closely."""

    overlaps: tuple[Finding, ...]
    unit_clashes: tuple[Finding, ...]
    groups: tuple[DuplicateGroup, ...]
    compared: int
    pairs: int


def read_facts(model: Model | None) -> Steps[AuditFacts]:
    return AuditFacts(
        units=(yield from ask(people_reads.units())),
        questions=(yield from ask(community_reads.questions())),
        labels=(yield from ask(people_reads.skill_labels())),
        unit_vectors=(yield from ask(vector_reads.vectors("org_unit", model))) if model else None,
        question_vectors=(yield from ask(vector_reads.vectors("question", model))) if model else None,
    )


def audit(
    snapshot: Snapshot,
    facts: AuditFacts,
    encode: Callable[[Sequence[str]], FloatArray] | None,
    *,
    include_retired: bool = False,
    least: float = LIKELY,
    nearest: int = NEAREST,
) -> Audit:
    """Compares all communities, those that are not retired if not told otherwise, with each other and with the units.

    `encode` gives vectors of names in the snapshot's model, float32 [n, dimension]; None: names are compared by
    letters and words. Findings below the probability `least` are left out; at 0 the nearest of each are all there.
    """
    subject = Subject(snapshot, facts, encode, include_retired)
    one, other = candidates(subject.texts, subject.members, len(subject.rows), nearest)
    pairs = subject.compare(one, other)
    overlaps = [pairs.finding(at) for at in pairs.order(least)]
    duplicates = [at for at, judged in enumerate(pairs.judged) if judged.verdict == "duplicate"]
    found = grouping.groups(
        one[duplicates].tolist(), other[duplicates].tolist(), [pairs.judged[at].probability for at in duplicates],
        len(subject.rows), max(least, LIKELY),
    )  # fmt: skip
    clashes = subject.compare(*subject.with_units(nearest))
    return Audit(
        tuple(overlaps),
        tuple(clashes.finding(at) for at in clashes.order(least)),
        tuple(
            DuplicateGroup(
                tuple(subject.ids[row] for row in group.rows),
                (subject.ids[group.weakest[0]], subject.ids[group.weakest[1]]),
                group.probability,
            )
            for group in found
        ),
        len(subject.rows),
        len(one),
    )


class Subject:
    """What is compared, as arrays: the communities in the order of ids, then the units in theirs."""

    def __init__(
        self,
        snapshot: Snapshot,
        facts: AuditFacts,
        encode: Callable[[Sequence[str]], FloatArray] | None,
        include_retired: bool,
    ) -> None:
        self.snapshot, self.facts = snapshot, facts
        self.rows = [row for row, one in enumerate(snapshot.communities) if include_retired or one.status != "retired"]
        self.communities = [snapshot.communities[row] for row in self.rows]
        self.ids = [*(one.id for one in self.communities), *(unit.id for unit in facts.units)]
        self.names = [*(one.name for one in self.communities), *(unit.name for unit in facts.units)]
        self.bodies = [*map(_body, self.communities), *(unit.description for unit in facts.units)]
        self.texts = Texts.of(
            self.names,
            self.bodies,
            self._vectors(),
            encode(self.names) if encode and self.names else None,
            _synonyms(self.names, facts.labels),
        )
        # Who has left the organisation belongs to nothing any more.
        self.here = np.flatnonzero(~snapshot.people.gone)
        self.members = csr_array(snapshot.members[self.here][:, self.rows].T)
        self.everyone = csr_array(vstack([self.members, self._in_units()]))

    def _vectors(self) -> FloatArray | None:
        known = self.snapshot.vectors
        if known is None:
            return None
        units = stacked([unit.id for unit in self.facts.units], self.facts.unit_vectors)
        if units is None:
            units = np.zeros((len(self.facts.units), known.shape[1]), dtype=np.float32)
        return np.concatenate([known[self.rows], units])

    def _in_units(self) -> csr_array:
        """Who works in each unit or below it, float32 [units, people here]."""
        people, units = self.snapshot.people, self.facts.units
        row_of = {unit.id: row for row, unit in enumerate(units)}
        above = {unit.id: unit.parent_id for unit in units}
        one: list[int] = []
        who: list[int] = []
        for column, person in enumerate(self.here.tolist()):
            code = int(people.unit[person])
            at: str | None = people.unit_ids[code] if code >= 0 else None
            seen = set[str]()
            while at is not None and at in row_of and at not in seen:
                seen.add(at)
                one.append(row_of[at])
                who.append(column)
                at = above[at]
        ones = np.ones(len(one), dtype=np.float32)
        return csr_array((ones, (one, who)), shape=(len(units), len(self.here)))

    @cached_property
    def covers(self) -> tuple[csr_array, list[str]]:
        """float32 [communities and units, skills] of zeros and ones, units covering none, and the skills' names."""
        names = {
            key: name
            for community in self.communities
            for key, name in zip(community.skill_ids, community.skill_names, strict=True)
        }
        column = {key: at for at, key in enumerate(sorted(names))}
        pairs = [(row, column[key]) for row, one in enumerate(self.communities) for key in sorted(set(one.skill_ids))]
        one, what = ([pair[side] for pair in pairs] for side in (0, 1))
        ones = np.ones(len(pairs), dtype=np.float32)
        return csr_array((ones, (one, what)), shape=(len(self.ids), len(column))), [names[key] for key in column]

    @cached_property
    def asked(self) -> list[list[Asked]]:
        """The questions of each thing; of units there are none."""
        row_of = {community.id: row for row, community in enumerate(self.communities)}
        found: list[list[Asked]] = [[] for _ in self.ids]
        for question in self.facts.questions:
            if question.community_id in row_of:
                found[row_of[question.community_id]].append(question)
        return found

    @cached_property
    def talk(self) -> tuple[LexicalIndex, FloatArray | None]:
        """What is asked in each thing as one document, and as the direction of the sum of the questions' vectors."""
        documents = [[token for q in some for token in tokens(f"{q.title}\n{q.text}")] for some in self.asked]
        known = self.facts.question_vectors
        if not known:
            return LexicalIndex.fit(documents), None
        sums = np.zeros((len(self.ids), len(next(iter(known.values())).vector)), dtype=np.float32)
        for row, some in enumerate(self.asked):
            for question in some:
                if question.id in known:
                    sums[row] += known[question.id].vector
        there = sums.any(axis=1)
        sums[there] = directions(sums[there])
        return LexicalIndex.fit(documents), sums

    def sentences(self, row: int) -> list[str]:
        """What the thing says of itself; lists of topics and the like only where it says nothing else."""
        domain = claimed(self.communities[row].domain) if row < len(self.rows) else ""
        return _sentences(domain if domain.strip() else self.bodies[row])

    def with_units(self, nearest: int) -> tuple[IntArray, IntArray]:
        """Each community with the units that are nearest to it by what both kinds of evidence on units say."""
        number, units = len(self.rows), len(self.facts.units)
        k = min(nearest, units)
        one = np.repeat(np.arange(number, dtype=np.int32), units)
        other = np.tile(np.arange(number, number + units, dtype=np.int32), number)
        if not k or not number:
            return one[:0], other[:0]
        words, spellings, at = self.texts.lexical.vectors, self.texts.spellings, self.texts.naming
        likeness = (words[:number] @ words[number:].T).toarray()
        likeness = likeness + (spellings[at[:number]] @ spellings[at[number:-1]].T).toarray()
        if self.texts.vectors is not None:
            likeness = likeness + self.texts.vectors[:number] @ self.texts.vectors[number:].T
        *_, people = compare_members(self.everyone, one, other)
        likeness = likeness + np.nan_to_num(people).reshape(number, units)
        best = np.sort(np.argpartition(-likeness, k - 1, axis=1)[:, :k], axis=1)
        return np.repeat(np.arange(number, dtype=np.int32), k), (best.ravel() + number).astype(np.int32)

    def compare(self, one: IntArray, other: IntArray) -> "Pairs":
        return Pairs(self, one, other)


class Pairs:
    """Pairs of a subject's things with their evidence and verdicts."""

    def __init__(self, subject: Subject, one: IntArray, other: IntArray) -> None:
        self.subject, self.one, self.other = subject, one, other
        self.values = compare_texts(subject.texts, one, other)
        self.units = bool(len(other)) and int(other.min()) >= len(subject.rows)
        self.members, members, people = compare_members(subject.everyone, one, other)
        self.skills, skills = compare_skills(subject.covers[0], one, other)
        self.talk = compare_talk(*subject.talk, one, other)
        described = levelled(self.values)
        self.odds = (
            unit_odds(self.values, described, people)
            if self.units
            else odds(self.values, described, skills, members, self.talk)
        )
        self.judged = judge(self.values, described, self.odds, self.skills, self.members, (skills, members))

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
            Evidence(self._text(at, a, b), self._skills(at, a, b), self._members(at, a, b), self._talk(at, a, b)),
        )  # fmt: skip

    def _shares(self, shared: Shared, at: int, a: int) -> tuple[float, float]:
        shares = float(shared.of_one[at]), float(shared.of_other[at])
        return shares if a == int(self.one[at]) else (shares[1], shares[0])

    def _text(self, at: int, a: int, b: int) -> TextEvidence:
        texts = self.subject.texts
        alike = _most_alike(texts.lexical, self.subject.sentences(a), self.subject.sentences(b))
        return TextEvidence(
            float(self.odds.text[at]),
            float(self.values[at, 0]),
            bool(self.values[at, 1] > 0),
            tuple(texts.lexical.shared_with(a, b, TERMS)),
            alike,
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
        lexical, asked = self.subject.talk[0], self.subject.asked
        titles = [[question.title or question.text for question in asked[row]] for row in (a, b)]
        alike = _most_alike(lexical, *titles)
        return TalkEvidence(float(self.odds.talk[at]), tuple(lexical.shared_with(a, b, TERMS)), alike)


def _body(community: Community) -> str:
    parts = (claimed(community.domain), *community.topics, community.audience)
    return "\n".join(part for part in parts if part)


def _synonyms(names: Sequence[str], labels: Iterable[tuple[str, ...]]) -> list[list[str]]:
    """For each name the other names of the skills that are called so, as a whole."""
    called: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for some in labels:
        for label in dict.fromkeys(map(words, some)):
            called.setdefault(label, []).append(some)
    found: list[list[str]] = []
    for name in names:
        own = words(name)
        others = [label for some in called.get(own, ()) for label in some if words(label) != own]
        found.append(list(dict.fromkeys(others)))
    return found


def _most_alike(lexical: LexicalIndex, one: Sequence[str], other: Sequence[str]) -> tuple[str, str] | None:
    """The two passages, one of each side, that are most alike in words; None where none share any."""
    if not one or not other:
        return None
    left, right = (lexical.transform([tokens(text) for text in side]) for side in (one, other))
    likeness = (left @ right.T).toarray()
    at = np.unravel_index(int(likeness.argmax()), likeness.shape)
    return (one[int(at[0])], other[int(at[1])]) if likeness[at] > 0 else None


def _sentences(text: str) -> list[str]:
    return [part for match in _SENTENCE.finditer(text) if (part := match.group().strip())]
