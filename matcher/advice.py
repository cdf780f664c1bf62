"""What helpers are found by: who gave which advice, who holds which skill, who belongs where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from graph.database import Steps, ask
from graph.models import ordinal
from graph.reads import advice as advice_reads
from graph.reads import people as people_reads
from graph.reads import requests as request_reads
from graph.reads import vectors as vector_reads
from graph.reads.advice import AnsweredQuestion
from graph.reads.pages import of_all
from graph.reads.people import SkillHolders
from graph.reads.requests import OPEN, RequestFact
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

# What an outcome is worth as one half or a whole success.
OUTCOME_VALUES: Mapping[str, float] = {"worked": 1.0, "partly": 0.5, "did_not_work": 0.0}

# In place of a row of a community: the question belongs to none, or to one that the snapshot does not know.
NOWHERE, UNKNOWN = -1, -2


@dataclass(frozen=True)
class HelpFacts:
    """What evidence is assembled from beside a snapshot, by id: questions that count on its day, holders by their
    skill, `vectors` those of questions (None: no model is in use)."""

    questions: Mapping[str, AnsweredQuestion] = field(default_factory=dict[str, AnsweredQuestion])
    holders: Mapping[str, SkillHolders] = field(default_factory=dict[str, SkillHolders])
    vectors: Mapping[str, KeptVector] | None = None
    requests: Mapping[str, RequestFact] = field(default_factory=dict[str, RequestFact])


@dataclass(frozen=True)
class AdviceTable:
    """One entry a piece of advice: rows of question and helper; age in years on the day of the evidence; `outcome` a
    value of OUTCOME_VALUES, -1 where none is known, and `followed` the age of that."""

    question: IntArray
    helper: IntArray
    age: FloatArray
    outcome: FloatArray
    followed: FloatArray
    day: tuple[str, ...]
    id: tuple[str, ...]


@dataclass(frozen=True)
class RequestTable:
    """One entry a request for help as it stood on the day of the evidence: the row of its helper, whether it was open,
    decided upon and how, and whether it led to advice."""

    helper: IntArray
    open: BoolArray
    decided: BoolArray
    accepted: BoolArray
    advised: BoolArray

    def count(self, which: BoolArray, people: int) -> FloatArray:
        """How many of `which` (bool [requests]) each of so many people has, float32 [people]."""
        return np.bincount(self.helper[which], minlength=people).astype(np.float32)


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
    requests: RequestTable
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
        questions=(yield from of_all("question", partial(advice_reads.answered_questions, as_of, HOLDS_ALL))),
        holders=(yield from of_all("skill", people_reads.skill_holders)) if as_of is None else {},
        vectors=(yield from vector_reads.all_vectors("question", model)) if model else None,
        requests=(yield from ask(request_reads.request_facts())),
    )


def assemble(snapshot: Snapshot, facts: HelpFacts, before: HelpEvidence | None = None) -> HelpEvidence:
    """The evidence from facts in hand. Texts that the evidence `before` holds are not cut again.

    Advice by people whom the snapshot does not know is left out.
    """
    questions = tuple(facts.questions[key] for key in sorted(facts.questions))
    known = snapshot.people.row
    entries = [
        (row, known[given.helper_id], given.advised_at or "", given)
        for row, question in enumerate(questions)
        for given in question.advice
        if given.helper_id in known
    ]
    today = ordinal(snapshot.day)
    ages = [_age(today, day) for _, _, day, _ in entries]
    followed = [_age(today, given.followed_up_at or day) for _, _, day, given in entries]
    outcomes = [OUTCOME_VALUES.get(given.outcome or "", -1.0) for _, _, _, given in entries]
    table = AdviceTable(
        question=np.array([entry[0] for entry in entries], dtype=np.int32),
        helper=np.array([entry[1] for entry in entries], dtype=np.int32),
        age=np.maximum(np.array(ages, dtype=np.float32), 0),
        outcome=np.array(outcomes, dtype=np.float32),
        followed=np.maximum(np.array(followed, dtype=np.float32), 0),
        day=tuple(entry[2] for entry in entries),
        id=tuple(entry[3].id for entry in entries),
    )
    places = [NOWHERE if q.community_id is None else snapshot.row.get(q.community_id, UNKNOWN) for q in questions]
    return HelpEvidence(
        snapshot=snapshot,
        questions=questions,
        communities=np.array(places, dtype=np.int32),
        lexical=index_of(_texts(questions), tokens, (_texts(before.questions), before.lexical) if before else None),
        vectors=stacked([question.id for question in questions], facts.vectors),
        advice=table,
        requests=_requests(snapshot, facts),
        holders=tuple(facts.holders[key] for key in sorted(facts.holders)),
        facts=facts,
    )


def _texts(questions: tuple[AnsweredQuestion, ...]) -> list[str]:
    return [question.whole for question in questions]


def _requests(snapshot: Snapshot, facts: HelpFacts) -> RequestTable:
    """A request that is to be known on a day of the past counts as it stood before that day."""
    then = [facts.requests[key].as_known(snapshot.as_of) for key in sorted(facts.requests)]
    known = [one for one in then if one is not None and one.helper_id in snapshot.people.row]
    return RequestTable(
        helper=np.array([snapshot.people.row[one.helper_id] for one in known], dtype=np.int32),
        open=np.array([one.state in OPEN for one in known], dtype=np.bool_),
        decided=np.array([one.accepted is not None for one in known], dtype=np.bool_),
        accepted=np.array([bool(one.accepted) for one in known], dtype=np.bool_),
        advised=np.array([bool(one.advised_at) for one in known], dtype=np.bool_),
    )


def _age(today: int, day: str) -> float:
    return (today - ordinal(day)) / 365.25 if day else UNDATED_AGE
