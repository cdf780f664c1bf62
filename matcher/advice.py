"""What helpers are found by: who gave which advice, who holds which skill, who belongs where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.database import Steps, ask
from graph.models import ordinal
from graph.reads import advice as advice_reads
from graph.reads import people as people_reads
from graph.reads import vectors as vector_reads
from graph.reads.advice import AnsweredQuestion
from graph.reads.people import SkillHolders
from graph.reads.vectors import KeptVector, Model
from graph.text import searchable, tokens
from matcher import snapshot as snapshots
from matcher.catalogue import HOLDS_ALL, stacked
from matcher.lexical import LexicalIndex, index_of
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

# Today, advice of an unknown date counts as if it were this old, in years: neither fresh nor worthless.
UNDATED_AGE = 2.0

# In place of a row of a community: the question belongs to none, or to one that the snapshot does not know.
NOWHERE, UNKNOWN = -1, -2


@dataclass(frozen=True)
class HelpFacts:
    """What evidence is assembled from beside a snapshot, by id: questions that count on its day, holders by their
    skill, `vectors` those of questions (None: no model is in use)."""

    questions: Mapping[str, AnsweredQuestion] = field(default_factory=dict[str, AnsweredQuestion])
    holders: Mapping[str, SkillHolders] = field(default_factory=dict[str, SkillHolders])
    vectors: Mapping[str, KeptVector] | None = None


@dataclass(frozen=True)
class AdviceTable:
    """One entry a piece of advice: rows of question and helper; age in years on the day of the evidence."""

    question: IntArray
    helper: IntArray
    age: FloatArray
    day: tuple[str, ...]
    id: tuple[str, ...]


@dataclass(frozen=True)
class HelpEvidence:
    """All that helpers are found by on one day. It holds private questions and those of restricted communities too:
    what counts for one asker tells `usable`.

    `communities` int32 [questions] are rows in the snapshot, NOWHERE or UNKNOWN; `vectors` is float32 [questions,
    dimension] with rows of length 1 (zero where there is none) or None.
    """

    snapshot: Snapshot
    questions: tuple[AnsweredQuestion, ...]
    communities: IntArray
    lexical: LexicalIndex
    vectors: FloatArray | None
    advice: AdviceTable
    holders: tuple[SkillHolders, ...]
    facts: HelpFacts

    def usable(self, asker: str | None, visible: BoolArray) -> BoolArray:
        """Which questions are evidence for the asker (a person's id), bool [questions].

        A private one for who asked it only; one of a community only for who may see that (`visible`, bool
        [communities]).
        """
        private = self._private & ~self.asked_by(asker)
        # The two entries behind the communities stand for UNKNOWN and NOWHERE, which index from the end.
        shown = np.append(visible, [False, True])[self.communities]
        return shown & ~private

    def asked_by(self, person: str | None) -> BoolArray:
        """Which questions a person (id) asked, bool [questions]."""
        asked = np.zeros(len(self.questions), dtype=np.bool_)
        asked[self._askers.get(person or "", [])] = True
        return asked

    def skills_in(self, words: Sequence[str]) -> list[int]:
        """The places in `holders` of the skills that a text (its tokens) names by one of their labels."""
        text = f" {' '.join(words)} "
        possible = {entry for word in words for entry in self._labels.get(word, ())}
        return sorted({place for label, place in possible if f" {label} " in text})

    def holding(self, place: int) -> tuple[IntArray, IntArray]:
        """Of a skill, by its place in `holders`: the rows of the people who hold it, and their levels."""
        found = self._holding.get(place)
        if found is None:
            skill, known = self.holders[place], self.snapshot.people.row
            pairs = [(known[p], level) for p, level in zip(skill.person_ids, skill.levels, strict=True) if p in known]
            found = (
                np.array([row for row, _ in pairs], dtype=np.int32),
                np.array([at for _, at in pairs], dtype=np.int32),
            )
            self._holding[place] = found
        return found

    @cached_property
    def _private(self) -> BoolArray:
        return np.array([question.private for question in self.questions], dtype=np.bool_)

    @cached_property
    def _askers(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row, question in enumerate(self.questions):
            if question.asker_id:
                found.setdefault(question.asker_id, []).append(row)
        return found

    @cached_property
    def _labels(self) -> Mapping[str, list[tuple[str, int]]]:
        """The first token of a label to the labels that begin so, each with its skill."""
        found: dict[str, list[tuple[str, int]]] = {}
        for place, skill in enumerate(self.holders):
            for label in (searchable(name) for name in (skill.name, *skill.alt_labels)):
                if label:
                    found.setdefault(label.split()[0], []).append((label, place))
        return found

    @cached_property
    def _holding(self) -> dict[int, tuple[IntArray, IntArray]]:
        return {}


def build(model: Model | None, as_of: str | None = None, today: str | None = None) -> Steps[HelpEvidence]:
    """The evidence that the database holds, with the vectors of `model`."""
    snapshot = yield from snapshots.build(model, as_of, today)
    return assemble(snapshot, (yield from read_facts(model, as_of)))


def read_facts(model: Model | None, as_of: str | None) -> Steps[HelpFacts]:
    """In a replay no skills: they bear no date."""
    return HelpFacts(
        questions=(yield from ask(advice_reads.answered_questions(as_of, HOLDS_ALL))),
        holders=(yield from ask(people_reads.skill_holders())) if as_of is None else {},
        vectors=(yield from ask(vector_reads.vectors("question", model))) if model else None,
    )


def assemble(snapshot: Snapshot, facts: HelpFacts, before: HelpEvidence | None = None) -> HelpEvidence:
    """The evidence from facts in hand. Texts that the evidence `before` holds are not cut again.

    Advice by people whom the snapshot does not know is left out.
    """
    questions = tuple(facts.questions[key] for key in sorted(facts.questions))
    known = snapshot.people.row
    entries = [
        (row, known[given.helper_id], given.advised_at or "", given.id)
        for row, question in enumerate(questions)
        for given in question.advice
        if given.helper_id in known
    ]
    today = ordinal(snapshot.day)
    ages = [(today - ordinal(day)) / 365.25 if day else UNDATED_AGE for _, _, day, _ in entries]
    table = AdviceTable(
        question=np.array([entry[0] for entry in entries], dtype=np.int32),
        helper=np.array([entry[1] for entry in entries], dtype=np.int32),
        age=np.maximum(np.array(ages, dtype=np.float32), 0),
        day=tuple(entry[2] for entry in entries),
        id=tuple(entry[3] for entry in entries),
    )
    places = [NOWHERE if q.community_id is None else snapshot.row.get(q.community_id, UNKNOWN) for q in questions]
    return HelpEvidence(
        snapshot=snapshot,
        questions=questions,
        communities=np.array(places, dtype=np.int32),
        lexical=index_of(_texts(questions), tokens, (_texts(before.questions), before.lexical) if before else None),
        vectors=stacked([question.id for question in questions], facts.vectors),
        advice=table,
        holders=tuple(facts.holders[key] for key in sorted(facts.holders)),
        facts=facts,
    )


def _texts(questions: tuple[AnsweredQuestion, ...]) -> list[str]:
    return [question.whole for question in questions]
