"""A domain that is proposed, compared with all that exists at once: what to join instead, and what it would clash with.

The evidence is that of the audit. What is compared is one new thing with those that are nearest to it, so it costs as
much as one community, whatever their number; who asks is told of what they may see alone.
"""

from copy import copy
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix, vstack

from graph.sentences import Sentence, tell
from graph.text import tokens
from matcher.audit.evidence import Texts, around, compare_texts, text_evidence
from matcher.audit.names import words
from matcher.audit.overlap import Evidence, Pairs
from matcher.audit.spaces import spelt, words_of
from matcher.audit.subject import Subject, synonyms_of
from matcher.audit.verdict import LIKELY, PRIOR, SHIPPED, Calibration, TextWeights, levelled
from matcher.embedding import directions, passages_of
from matcher.lexical import LexicalIndex, claimed

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

Relation = Literal[
    "join_instead", "sub_group_of", "takes_in", "clashes_with", "resembles", "overlaps", "shares_name", "complements",
    "mentions",
]  # fmt: skip

# Looked at closely. One thing alone is compared, so it may be with more than the audit looks at of each.
NEAREST = 20

# The level of texts is told by pairs of so many communities, spread over all, with their nearest: so it costs the same
# whatever their number.
LEVEL_ROWS = 200
LEVEL_NEAREST = 10

# Nothing is known yet of who would be in it and what they would ask, so what is of one domain rarely seems likely. From
# twice the prior on it is worth a question.
WORTH_ASKING = 2 * PRIOR

# A proposal lies within what names it: so much of its name, by rarity of words, stands in the other's text, and so
# little of the other's name in its own.
NAMED, UNNAMED = 0.8, 0.2

# Whose text holds so much of its name speaks of it, however else the two differ: a large community names a part in a
# line of many.
MENTIONED = 0.5

# What complements a proposal is likelier of its domain than any pair that is looked at; so many are named.
COMPLEMENTS = 5
BESIDE = ("complements", "mentions")


@dataclass(frozen=True)
class Proposal:
    """What somebody wants to start. `skill_ids` are of skills that are known."""

    name: str
    domain: str
    audience: str = ""
    topics: tuple[str, ...] = ()
    skill_ids: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        return "\n".join(part for part in (claimed(self.domain), *self.topics, self.audience) if part)

    @property
    def to_encode(self) -> list[str]:
        """The texts whose vectors `Standing.check` takes, in this order: the name, and the passages of the whole."""
        return [self.name, *passages_of(self.name, self.body)]


@dataclass(frozen=True)
class Answer:
    """What the proposal is to something that exists. `probability`: that both are of one domain; in the `evidence` the
    proposal is a. `status` is that of a community; None for a unit."""

    relation: Relation
    kind: Literal["community", "org_unit"]
    id: str
    name: str
    status: str | None
    probability: float
    text: Sentence
    evidence: Evidence


class Standing:
    """What stands already, ready to be compared with; made once for a subject, it answers for everybody."""

    def __init__(
        self, subject: Subject, calibration: Calibration = SHIPPED, unit_calibration: Calibration = SHIPPED
    ) -> None:
        self.subject = subject
        self.calibration, self.unit_calibration = calibration, unit_calibration
        self.level = _level(subject.texts, len(subject.rows))

    def check(self, proposal: Proposal, visible: BoolArray, vectors: FloatArray | None = None) -> list[Answer]:
        """Who is of the proposed domain, likeliest first, then what else is near. `visible` bool [communities of the
        snapshot]: of the others nothing shows. `vectors` of its texts `to_encode`, float32 [texts, dimension], in the
        model of the snapshot; None: it is compared by words alone."""
        number, new = len(self.subject.rows), len(self.subject.ids)
        seen = np.append(visible[self.subject.rows], np.ones(new - number, dtype=np.bool_))
        if not new:
            return []
        subject = self._joined_by(proposal, seen, vectors)
        answers: list[Answer] = []
        for rows, units in ((np.arange(number), False), (np.arange(number, new), True)):
            others = _nearest(subject.texts, np.array([new]), rows[seen[rows]], NEAREST)[0].astype(np.int32)
            if len(others):
                one = np.full(len(others), new, dtype=np.int32)
                calibration = self.unit_calibration if units else self.calibration
                alike, crowds = _alike(subject.texts, one, others, rows[seen[rows]])
                pairs = Pairs(subject, one, others, calibration, self.level, alike=alike, crowds=crowds)
                answers += [found for at in range(len(others)) if (found := self._answer(pairs, at, proposal))]
        answers.sort(key=lambda one: (one.relation in BESIDE, -one.probability, one.kind, one.id))
        likely = [one for one in answers if one.relation not in BESIDE]
        return likely + answers[len(likely) : len(likely) + COMPLEMENTS]

    def _answer(self, pairs: Pairs, at: int, proposal: Proposal) -> Answer | None:
        judged, row = pairs.judged[at], int(pairs.other[at])
        relation = _relation(pairs, at)
        if relation is None:
            return None
        community = None if pairs.units else self.subject.communities[row]
        return Answer(
            relation,
            "org_unit" if pairs.units else "community",
            self.subject.ids[row],
            self.subject.names[row],
            community.status if community else None,
            judged.probability,
            _said(relation, proposal.name, self.subject.names[row], community.status if community else ""),
            pairs.evidence(at, len(self.subject.ids), row),
        )

    def _joined_by(self, proposal: Proposal, seen: BoolArray, vectors: FloatArray | None) -> Subject:
        """The subject with the proposal behind everything else. Of the others nothing is found anew."""
        subject = self.subject
        name, body = proposal.name, proposal.body
        grown = copy(subject)
        grown.ids, grown.names, grown.bodies = [*subject.ids, ""], [*subject.names, name], [*subject.bodies, body]
        grown.texts = self._texts(proposal, seen, vectors)
        grown.everyone = _with_row(subject.everyone, {})
        covers, skills = subject.covers
        # What nothing covers yet counts too: of it nothing is shared.
        others = [key for key in dict.fromkeys(proposal.skill_ids) if key not in subject.skill_columns]
        column = {**subject.skill_columns, **{key: len(skills) + at for at, key in enumerate(others)}}
        covers = csr_array((covers.data, covers.indices, covers.indptr), shape=(covers.shape[0], len(column)))
        held = {column[key]: 1.0 for key in proposal.skill_ids}
        talk, asked = subject.talk
        vars(grown).update(
            covers=(_with_row(covers, held), [*skills, *others]),
            asked=[*subject.asked, []],
            met=[*subject.met, []],
            talk=(
                _with_document(talk, (), csr_matrix((1, talk.vectors.shape[1])).astype(np.float32)),
                None if asked is None else np.concatenate([asked, np.zeros((1, asked.shape[1]), np.float32)]),
            ),
        )
        return grown

    def _texts(self, proposal: Proposal, seen: BoolArray, vectors: FloatArray | None) -> Texts:
        texts, name = self.subject.texts, proposal.name
        own = (words(name), *map(words, synonyms_of(name, self.subject.called)))
        # A word that only communities use which one may not see is as new as one that nobody uses.
        lexical = texts.lexical.narrowed(seen)
        document = tuple(tokens(f"{name}\n{proposal.body}"))
        grown = Texts(
            names=(*texts.names, own),
            spelt=(*texts.spelt, name),
            lexical=_with_document(texts.lexical, document, words_of(lexical, document)),
            described=np.append(texts.described, bool(proposal.body.strip())),
            vectors=_with_vector(texts.vectors, None if vectors is None else directions(vectors[1:].sum(0)[None])),
            name_vectors=_with_vector(texts.name_vectors, None if vectors is None else vectors[:1]),
        )
        vars(grown).update(
            spellings=csr_matrix(vstack([texts.spellings, spelt(texts, own, seen)])),
            naming=np.append(texts.naming, texts.naming[-1] + len(own)).astype(np.int32),
            name_words=csr_matrix(vstack([texts.name_words, words_of(lexical, tokens(name))])),
            vocabularies=(*texts.vocabularies, frozenset(document)),
        )
        return grown


def _relation(pairs: Pairs, at: int) -> Relation | None:
    """What the proposal (the first of the pair) is to the other; None where it is nothing to it."""
    judged = pairs.judged[at]
    likely, worth_asking = judged.probability >= LIKELY, judged.probability >= WORTH_ASKING
    if pairs.units:
        return "clashes_with" if likely else "resembles" if worth_asking else None
    match judged.verdict:
        case "same_name_only":
            return "shares_name"
        case "contained_in":
            return "sub_group_of" if judged.within == 0 else "takes_in"
        case _ if worth_asking and (inner := _named_by_one(pairs, at)) is not None:
            return "sub_group_of" if inner == 0 else "takes_in"
        case "duplicate":
            return "join_instead"
        case "overlapping":
            return "overlaps"
        case "complementary" if worth_asking:
            return "resembles"
        case "complementary":
            if judged.probability >= PRIOR:
                return "complements"
            mentioned = _covered(pairs.subject.texts, int(pairs.one[at]), int(pairs.other[at]))
            return "mentions" if mentioned >= MENTIONED else None


def _named_by_one(pairs: Pairs, at: int) -> int | None:
    """Which of the two is named as a part in the text of the other, 0 the first, 1 the second: and shares more of its
    skills too, or, where these are not known, is likely of its domain. A text names much that is no part of it."""
    texts = pairs.subject.texts
    rows = int(pairs.one[at]), int(pairs.other[at])
    named = [_covered(texts, rows[side], rows[1 - side]) for side in (0, 1)]
    inner = int(np.argmax(named))
    if named[inner] < NAMED or named[1 - inner] > UNNAMED:
        return None
    shares = float(pairs.skills.of_one[at]), float(pairs.skills.of_other[at])
    within = pairs.judged[at].probability >= LIKELY if np.isnan(shares[0]) else shares[inner] > shares[1 - inner]
    return inner if within else None


def _covered(texts: Texts, name: int, text: int) -> float:
    """How much of the name of one stands in the text of another, by the rarity of words, from 0 to 1."""
    said = set(tokens(texts.spelt[name]))
    # `OpenStack` is one word; its parts stand in texts on other things.
    whole = sorted(one for one in said if not any(one in other for other in said - {one}))
    words = words_of(texts.lexical, whole).toarray().ravel()
    there = texts.lexical.vectors[[text]].toarray().ravel() > 0
    return float((words**2)[there].sum())


def _alike(texts: Texts, one: IntArray, other: IntArray, known: NDArray[np.integer]) -> tuple[FloatArray, FloatArray]:
    """How alike the texts of one thing and of `other` ones are, and how near others of those `known` are to each."""
    near = _nearest(texts, other, known, LEVEL_NEAREST)
    beside = np.repeat(other, [len(some) for some in near]), np.concatenate(near).astype(np.int32)
    # Of two of which each is near to the other there is one pair.
    pairs = np.unique(np.sort(np.stack(beside, axis=1), axis=1), axis=0).astype(np.int32)
    ones, others = np.concatenate([one, pairs[:, 0]]), np.concatenate([other, pairs[:, 1]])
    alike = compare_texts(texts, ones, others)
    return alike[: len(one)], around(alike, ones, others, len(texts.names))


def _level(texts: Texts, number: int) -> TextWeights:
    rows = np.unique(np.linspace(0, number - 1, min(number, LEVEL_ROWS)).astype(np.int32)) if number else np.zeros(0)
    found = _nearest(texts, rows.astype(np.int32), np.arange(number), LEVEL_NEAREST)
    one = np.repeat(rows, [len(some) for some in found]).astype(np.int32)
    other = np.concatenate([*found, np.zeros(0)]).astype(np.int32)
    pairs = np.unique(np.sort(np.stack([one, other], axis=1), axis=1), axis=0).astype(np.int32)
    one, other = pairs.T
    alike = compare_texts(texts, one, other)
    return levelled(text_evidence(alike, one, other, around(alike, one, other, len(texts.names))))


def _nearest(texts: Texts, rows: NDArray[np.integer], others: NDArray[np.integer], k: int) -> list[NDArray[np.integer]]:
    """Of `others` the `k` nearest to each row by words, meaning and the spelling of names, each as much; itself left
    out."""
    if not len(rows) or not len(others):
        return [others[:0] for _ in range(len(rows))]
    words, names, at = texts.lexical.vectors, texts.spellings, texts.naming
    likeness = np.asarray((words[rows] @ words[others].T + names[at[rows]] @ names[at[others]].T).toarray())
    if texts.vectors is not None:
        likeness = likeness + texts.vectors[rows] @ texts.vectors[others].T
    likeness[rows[:, None] == others[None, :]] = -np.inf
    best = np.argsort(-likeness, axis=1, kind="stable")[:, :k]
    return [others[some[np.isfinite(likeness[at, some])]] for at, some in enumerate(best)]


def _with_row(rows: csr_array, entries: dict[int, float]) -> csr_array:
    columns = sorted(entries)
    row = csr_array(
        (np.array([entries[at] for at in columns], np.float32), columns, [0, len(columns)]), shape=(1, rows.shape[1])
    )
    return csr_array(vstack([rows, row]))


def _with_vector(rows: FloatArray | None, row: FloatArray | None) -> FloatArray | None:
    """A row of zeros is one that is not known."""
    if rows is None:
        return None
    return np.concatenate([rows, np.zeros((1, rows.shape[1]), np.float32) if row is None else row])


def _with_document(index: LexicalIndex, document: tuple[str, ...], vector: csr_matrix) -> LexicalIndex:
    """The index with one document more, of which the others' weights know nothing."""
    return replace(index, documents=(*index.documents, document), vectors=csr_matrix(vstack([index.vectors, vector])))


def _said(relation: Relation, name: str, other: str, status: str) -> Sentence:
    match relation:
        case "join_instead" if status == "proposed":
            return tell("%(other)s is proposed already for this domain: start one together.", other=other)
        case "join_instead":
            return tell("%(other)s is there for this domain: join it instead.", other=other)
        case "sub_group_of":
            return tell("%(name)s would be a sub-group of %(other)s.", name=name, other=other)
        case "takes_in":
            return tell("%(name)s would take in %(other)s.", name=name, other=other)
        case "clashes_with":
            return tell(
                "%(name)s clashes with the unit %(other)s: its domain is what that unit is there for.",
                name=name,
                other=other,
            )
        case "resembles":
            return tell("%(name)s may be what %(other)s is there for: ask there first.", name=name, other=other)
        case "overlaps":
            return tell("%(name)s overlaps with %(other)s: agree on who does what.", name=name, other=other)
        case "complements":
            return tell("%(name)s is near to %(other)s: each may have what the other needs.", name=name, other=other)
        case "mentions":
            return tell("%(other)s speaks of it: see whether %(name)s is covered there.", name=name, other=other)
        case "shares_name":
            return tell(
                "%(name)s would have nearly the name of %(other)s, and nothing else in common: choose another name.",
                name=name,
                other=other,
            )
