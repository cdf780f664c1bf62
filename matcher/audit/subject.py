"""What an audit looks at: the communities that are compared and the units, as arrays, and what is known of them."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from graph.database import Steps, ask
from graph.models import Community
from graph.reads import communities as community_reads
from graph.reads import people as people_reads
from graph.reads import vectors as vector_reads
from graph.reads.communities import Asked, Told
from graph.reads.pages import of_all
from graph.reads.people import SkillHolders, Unit
from graph.reads.vectors import KeptVector, Model
from graph.text import tokens
from matcher.audit.evidence import Texts, beyond_chance
from matcher.audit.names import words
from matcher.audit.renewal import drifted, kept, renewed_index, renewed_texts
from matcher.catalogue import stacked
from matcher.embedding import directions
from matcher.lexical import LexicalIndex, claimed, stem, terms
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# Communities that are held against all units in one go.
BLOCK = 512

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


@dataclass(frozen=True)
class AuditFacts:
    """What the audit needs beside a snapshot; vectors by id (None: no model is in use), `labels` the names of each
    skill that has several; `meetings` what is told of each; `sponsors` by community, `profiles` what
    each person says of themselves, their skills among it, `holders` by skill."""

    units: Sequence[Unit] = ()
    questions: Sequence[Asked] = ()
    meetings: Sequence[Told] = ()
    labels: Sequence[tuple[str, ...]] = ()
    unit_vectors: Mapping[str, KeptVector] | None = None
    question_vectors: Mapping[str, KeptVector] | None = None
    unanswered: Sequence[Asked] = ()
    sponsors: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    profiles: Mapping[str, str] = field(default_factory=dict[str, str])
    profile_vectors: Mapping[str, KeptVector] | None = None
    holders: Mapping[str, SkillHolders] = field(default_factory=dict[str, SkillHolders])

    @cached_property
    def said(self) -> Mapping[str, tuple[str, ...]]:
        """The tokens of `profiles`: drafts are compared with them one after the other."""
        return {key: tuple(map(sys.intern, tokens(text))) for key, text in self.profiles.items()}


def read_facts(model: Model | None) -> Steps[AuditFacts]:
    return AuditFacts(
        units=(yield from ask(people_reads.units())),
        questions=(yield from ask(community_reads.questions())),
        meetings=(yield from ask(community_reads.meetings_told())),
        labels=(yield from ask(people_reads.skill_labels())),
        unit_vectors=(yield from vector_reads.all_vectors("org_unit", model)) if model else None,
        question_vectors=(yield from vector_reads.all_vectors("question", model)) if model else None,
        unanswered=(yield from ask(community_reads.unanswered_questions())),
        sponsors=(yield from ask(community_reads.sponsors())),
        profiles=(yield from of_all("person", vector_reads.profiles)),
        profile_vectors=(yield from vector_reads.all_vectors("person", model)) if model else None,
        holders=(yield from of_all("skill", people_reads.skill_holders)),
    )


class Subject:
    """What is compared, as arrays: the communities in the order of ids, then the units in theirs.

    `changed` are the things (kind, id) that changed, came or went since their words were last weighed.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        facts: AuditFacts,
        encode: Callable[[Sequence[str]], FloatArray] | None,
        include_retired: bool,
        before: "Subject | None" = None,
    ) -> None:
        """Of a subject `before`, whose names were encoded by the same model, is taken over what still holds."""
        self.snapshot, self.facts = snapshot, facts
        self.rows = [row for row, one in enumerate(snapshot.communities) if include_retired or one.status != "retired"]
        self.communities = [snapshot.communities[row] for row in self.rows]
        self.ids = [*(one.id for one in self.communities), *(unit.id for unit in facts.units)]
        self.names = [*(one.name for one in self.communities), *(unit.name for unit in facts.units)]
        self.keys = [
            *(("community", one.id) for one in self.communities),
            *(("org_unit", unit.id) for unit in facts.units),
        ]
        self.bodies: list[str] = [*self._bodies(before), *(unit.description for unit in facts.units)]
        same_labels = before is not None and before.facts.labels == facts.labels
        self.called = before.called if before is not None and same_labels else by_label(facts.labels)
        known: dict[str, list[str]] = {}
        if before is not None and same_labels:
            known = dict(zip(before.names, before.synonyms, strict=True))
        self.synonyms: list[list[str]] = [
            known[one] if one in known else synonyms_of(one, self.called) for one in self.names
        ]
        self.texts = self._texts(encode, before)
        # Who has left the organisation belongs to nothing any more.
        self.here = np.flatnonzero(~snapshot.people.gone)
        self.members = csr_array(snapshot.members[self.here][:, self.rows].T)
        unmoved = before is not None and before.snapshot.people is snapshot.people and before.facts.units == facts.units
        self.in_units = before.in_units if before is not None and unmoved else self._in_units()
        self.everyone = csr_array(vstack([self.members, self.in_units]))
        self._talk_before = before.talk_found if before is not None else None

    def _bodies(self, before: "Subject | None") -> list[str]:
        known: dict[str, tuple[Community, str]] = {}
        if before is not None:
            cut = zip(before.communities, before.bodies, strict=False)  # those of units follow
            known = {one.id: (one, body) for one, body in cut}
        return [
            known[one.id][1] if one.id in known and known[one.id][0] == one else _body(one) for one in self.communities
        ]

    @property
    def said(self) -> list[tuple[str, str, list[str]]]:
        """Of each thing what its words are compared by."""
        return list(zip(self.names, self.bodies, self.synonyms, strict=True))

    def _texts(self, encode: Callable[[Sequence[str]], FloatArray] | None, before: "Subject | None") -> Texts:
        vectors, names = self._vectors(), self._name_vectors(encode, before)
        self.changed = frozenset[tuple[str, str]]()
        if before is not None:
            rows = kept(before.keys, before.said, self.keys, self.said)
            new = {self.keys[at] for at in np.flatnonzero(rows < 0).tolist()}
            changed = before.changed | new | set(before.keys).difference(self.keys)
            if not drifted(len(changed), len(self.keys)):
                self.changed = changed
                return renewed_texts(before.texts, rows, self.names, self.bodies, vectors, names, self.synonyms)
        return Texts.of(self.names, self.bodies, vectors, names, self.synonyms)

    def _name_vectors(
        self, encode: Callable[[Sequence[str]], FloatArray] | None, before: "Subject | None"
    ) -> FloatArray | None:
        """To encode thousands of names takes longer than all else: those that are known are not encoded again."""
        if encode is None or not self.names:
            return None
        stored = before.texts.name_vectors if before is not None else None
        known: dict[str, FloatArray] = {}
        if before is not None and stored is not None:
            known = dict(zip(before.names, stored, strict=True))
        new = list(dict.fromkeys(name for name in self.names if name not in known))
        if new:
            known.update(zip(new, encode(new), strict=True))
        return np.stack([known[name] for name in self.names])

    def kept(self, before: "Subject") -> IntArray:
        """For each thing the row that it has in another subject, where it stands alike in words and vectors there,
        otherwise -1: int32 [things]."""
        nowhere = np.full(len(self.keys), -1, dtype=np.int32)
        if self.texts.weights is not before.texts.weights:
            return nowhere
        rows = kept(before.keys, before.said, self.keys, self.said)
        for one, other in ((self.texts.vectors, before.texts.vectors),
                           (self.texts.name_vectors, before.texts.name_vectors)):  # fmt: skip
            if one is None and other is None:
                continue
            if one is None or other is None or one.shape[1] != other.shape[1]:
                return nowhere
            rows = np.where((rows >= 0) & (one == other[rows]).all(axis=1), rows, -1).astype(np.int32)
        return rows

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
    def skill_columns(self) -> dict[str, int]:
        """Where the skills that anything covers stand in `covers`, by id."""
        return {key: at for at, key in enumerate(sorted({key for one in self.communities for key in one.skill_ids}))}

    @cached_property
    def covers(self) -> tuple[csr_array, list[str]]:
        """float32 [communities and units, skills] of zeros and ones, units covering none, and the skills' names."""
        names = {
            key: name
            for community in self.communities
            for key, name in zip(community.skill_ids, community.skill_names, strict=True)
        }
        column = self.skill_columns
        pairs = [(row, column[key]) for row, one in enumerate(self.communities) for key in sorted(set(one.skill_ids))]
        one, what = ([pair[side] for pair in pairs] for side in (0, 1))
        ones = np.ones(len(pairs), dtype=np.float32)
        return csr_array((ones, (one, what)), shape=(len(self.ids), len(column))), [names[key] for key in column]

    @cached_property
    def held(self) -> tuple[csr_array, list[str]]:
        """float32 [people here, skills] of zeros and ones, by who holds what, and the skills' ids."""
        people = self.snapshot.people
        place = {people.ids[row]: at for at, row in enumerate(self.here.tolist())}
        skills = sorted(self.facts.holders)
        pairs = [
            (place[key], column)
            for column, skill in enumerate(skills)
            for key in self.facts.holders[skill].person_ids
            if key in place
        ]
        one, what = ([pair[side] for pair in pairs] for side in (0, 1))
        ones = np.ones(len(pairs), dtype=np.float32)
        return csr_array((ones, (one, what)), shape=(len(self.here), max(1, len(skills)))), skills

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
    def met(self) -> list[list[str]]:
        """What the meetings of each thing are about: their titles, agenda items and notes, each once; of units there
        is nothing. A title that several meetings bear is that of a series, and says no more than the name does."""
        row_of = {community.id: row for row, community in enumerate(self.communities)}
        told: dict[int, list[Told]] = {}
        for meeting in self.facts.meetings:
            if meeting.community_id in row_of:
                told.setdefault(row_of[meeting.community_id], []).append(meeting)
        found: list[list[str]] = [[] for _ in self.ids]
        for row, some in told.items():
            borne = Counter(meeting.title for meeting in some)
            passages = (
                (meeting.title if borne[meeting.title] == 1 else "", *meeting.agenda, meeting.summary)
                for meeting in some
            )
            found[row] = [text for text in dict.fromkeys(chain.from_iterable(passages)) if text.strip()]
        return found

    @cached_property
    def talk(self) -> tuple[LexicalIndex, FloatArray | None]:
        """What is asked in each thing, and what its meetings are about, as one document; and the direction of the sum
        of the questions' vectors."""
        lexical, self._talk_changed = self._talk_index()
        known = self.facts.question_vectors
        if not known:
            return lexical, None
        sums = np.zeros((len(self.ids), len(next(iter(known.values())).vector)), dtype=np.float32)
        for row, some in enumerate(self.asked):
            for question in some:
                if question.id in known:
                    sums[row] += known[question.id].vector
        there = sums.any(axis=1)
        sums[there] = directions(sums[there])
        return lexical, sums

    def _talk_index(self) -> tuple[LexicalIndex, frozenset[tuple[str, str]]]:
        """And the things in which something else is talked about than when its words were weighed."""
        before, said = self._talk_before, self._talked_about
        rows = kept(before.keys, before.said, self.keys, said) if before else np.full(len(said), -1, dtype=np.int32)
        documents: list[tuple[str, ...]] = [
            before.index.documents[row] if before and row >= 0 else _talked(*some)
            for row, some in zip(rows.tolist(), said, strict=True)
        ]
        if before is not None:
            new = {self.keys[at] for at in np.flatnonzero(rows < 0).tolist()}
            changed = before.changed | new | set(before.keys).difference(self.keys)
            if not drifted(len(changed), len(self.keys)):
                return renewed_index(before.index, rows, documents), changed
        return LexicalIndex.fit(documents), frozenset()

    @property
    def talk_found(self) -> "Talk | None":
        """What the next subject can take over of it."""
        if "talk" not in vars(self):
            return self._talk_before
        return Talk(self.keys, self._talked_about, self.talk[0], self._talk_changed)

    @property
    def _talked_about(self) -> "list[tuple[str, list[Asked], list[str]]]":
        return list(zip(self.names, self.asked, self.met, strict=True))

    def sentences(self, row: int) -> list[str]:
        """What the thing says of itself; lists of topics and the like only where it says nothing else."""
        domain = claimed(self.communities[row].domain) if row < len(self.rows) else ""
        return _sentences(domain if domain.strip() else self.bodies[row])

    def with_units(self, nearest: int) -> tuple[IntArray, IntArray]:
        """Each community with the units that are nearest to it by what both kinds of evidence on units say."""
        number, units = len(self.rows), len(self.facts.units)
        k = min(nearest, units)
        if not k or not number:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
        found: list[IntArray] = []
        for start in range(0, number, BLOCK):
            likeness = self._likeness_to_units(slice(start, min(start + BLOCK, number)))
            best = np.sort(np.argpartition(-likeness, k - 1, axis=1)[:, :k], axis=1)
            found.append((best.ravel() + number).astype(np.int32))
        return np.repeat(np.arange(number, dtype=np.int32), k), np.concatenate(found)

    def _likeness_to_units(self, rows: slice) -> FloatArray:
        number = len(self.rows)
        words, spellings, at = self.texts.lexical.vectors, self.texts.spellings, self.texts.naming
        likeness = (words[rows] @ words[number:].T).toarray()
        likeness = likeness + (spellings[at[rows]] @ spellings[at[number:-1]].T).toarray()
        if self.texts.vectors is not None:
            likeness = likeness + self.texts.vectors[rows] @ self.texts.vectors[number:].T
        here, there = self.members[rows], self.in_units
        both = np.asarray((here @ there.T).toarray(), dtype=np.float32)
        a, b = (np.asarray(side.sum(axis=1), dtype=np.float32).ravel() for side in (here, there))
        return likeness + beyond_chance(both, a[:, None], b[None, :], self.members.shape[1])


@dataclass(frozen=True)
class Talk:
    """What is said in things, with its words: the name of each, questions, passages of meetings; `changed` since these
    were weighed."""

    keys: Sequence[tuple[str, str]]
    said: Sequence[tuple[str, list[Asked], list[str]]]
    index: LexicalIndex
    changed: frozenset[tuple[str, str]]


def _talked(name: str, asked: Sequence[Asked], met: Sequence[str]) -> tuple[str, ...]:
    """The words of the name are left out: they are evidence of the texts already."""
    own = frozenset(terms(tokens(name)))
    texts = (*(f"{one.title}\n{one.text}" for one in asked), *met)
    return tuple(token for text in texts for token in tokens(text) if stem(token) not in own)


def _body(community: Community) -> str:
    parts = (claimed(community.domain), *community.topics, community.audience, *community.charter)
    return "\n".join(part for part in parts if part)


def by_label(labels: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    """The names of skills, by each of them as words."""
    called: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for some in labels:
        for label in dict.fromkeys(map(words, some)):
            called.setdefault(label, []).append(some)
    return called


def synonyms_of(name: str, called: Mapping[tuple[str, ...], Sequence[tuple[str, ...]]]) -> list[str]:
    """The other names of the skills that are called so, as a whole."""
    own = words(name)
    others = [label for some in called.get(own, ()) for label in some if words(label) != own]
    return list(dict.fromkeys(others))


def _sentences(text: str) -> list[str]:
    return [part for match in _SENTENCE.finditer(text) if (part := match.group().strip())]
