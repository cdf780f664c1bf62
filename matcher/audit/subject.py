"""What an audit looks at: the communities that are compared and the units, as arrays, and what is known of them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from graph.database import Steps, ask
from graph.models import Community
from graph.reads import communities as community_reads
from graph.reads import people as people_reads
from graph.reads import vectors as vector_reads
from graph.reads.communities import Asked, Practice
from graph.reads.people import SkillHolders, Unit
from graph.reads.vectors import KeptVector, Model
from graph.text import tokens
from matcher.audit.evidence import Texts, compare_members
from matcher.audit.names import words
from matcher.catalogue import stacked
from matcher.embedding import directions
from matcher.lexical import LexicalIndex, claimed
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


@dataclass(frozen=True)
class AuditFacts:
    """What the audit needs beside a snapshot; vectors by id (None: no model is in use), `labels` the names of each
    skill that has several; `practice` and `sponsors` by community, `profiles` what each person says of themselves,
    their skills among it, `holders` by skill."""

    units: Sequence[Unit] = ()
    questions: Sequence[Asked] = ()
    labels: Sequence[tuple[str, ...]] = ()
    unit_vectors: Mapping[str, KeptVector] | None = None
    question_vectors: Mapping[str, KeptVector] | None = None
    unanswered: Sequence[Asked] = ()
    practice: Mapping[str, Practice] = field(default_factory=dict[str, Practice])
    sponsors: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    profiles: Mapping[str, str] = field(default_factory=dict[str, str])
    profile_vectors: Mapping[str, KeptVector] | None = None
    holders: Mapping[str, SkillHolders] = field(default_factory=dict[str, SkillHolders])


# More people than any organisation has: all of them in one read.
EVERYBODY = 10_000_000


def read_facts(model: Model | None) -> Steps[AuditFacts]:
    profiles = yield from ask(vector_reads.texts("person", "", "", EVERYBODY))
    return AuditFacts(
        units=(yield from ask(people_reads.units())),
        questions=(yield from ask(community_reads.questions())),
        labels=(yield from ask(people_reads.skill_labels())),
        unit_vectors=(yield from ask(vector_reads.vectors("org_unit", model))) if model else None,
        question_vectors=(yield from ask(vector_reads.vectors("question", model))) if model else None,
        unanswered=(yield from ask(community_reads.unanswered_questions())),
        practice=(yield from ask(community_reads.practice())),
        sponsors=(yield from ask(community_reads.sponsors())),
        profiles={one.id: one.text for one in profiles if one.text.strip()},
        profile_vectors=(yield from ask(vector_reads.vectors("person", model))) if model else None,
        holders=(yield from ask(people_reads.skill_holders())),
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
        self.called = by_label(facts.labels)
        self.texts = Texts.of(
            self.names,
            self.bodies,
            self._vectors(),
            encode(self.names) if encode and self.names else None,
            [synonyms_of(name, self.called) for name in self.names],
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
