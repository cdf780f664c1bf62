"""Questions asked again on their own day: from the advice given before it, who would have been named?

Only advice dated before the day of the question counts. Undated memberships, roles and outcomes are not used: they tell
of today. Candidates are those who advised on an earlier question; who advised for the first time is no part of the
truth, for nothing could have foretold them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.models import known_before
from graph.reads.advice import AnsweredQuestion
from graph.reads.people import Colleague
from graph.text import tokens
from matcher import advice, helpers, snapshot
from matcher.advice import HelpEvidence, HelpFacts
from matcher.backtest import OURS
from matcher.backtest.measures import Ranked, ranked
from matcher.snapshot import Facts

SEGMENT = "question"


@dataclass(frozen=True)
class Asked:
    """A question with the evidence of its day, the ids of those who are ranked, and who of them advised in fact."""

    question: AnsweredQuestion
    evidence: HelpEvidence
    candidates: tuple[str, ...]
    advisers: frozenset[str]
    vector: NDArray[np.float32] | None = None


@dataclass
class Skipped:
    """Questions that cannot be asked again, by reason."""

    undated: int = 0
    nobody_left: int = 0  # nobody who advised had advised before


@dataclass(frozen=True)
class History:
    """All that is known today, which `replay` looks at day by day."""

    facts: Facts
    help_facts: HelpFacts
    skipped: Skipped = field(default_factory=Skipped)

    @cached_property
    def _dated(self) -> Facts:
        """The facts without what bears no date: whether somebody is open to help today says nothing of then."""
        people = {key: Colleague(key, person.name) for key, person in self.facts.people.items()}
        rosters = {
            key: roster.only([at for at, joined in enumerate(roster.joined_on) if joined])
            for key, roster in self.facts.rosters.items()
        }
        return replace(self.facts, people=people, rosters=rosters)

    def replay(self, since: str, until: str | None = None) -> Iterator[Asked]:
        """The questions from the day `since` on and before `until`, in the order of their days."""
        asked = sorted(self.help_facts.questions.values(), key=lambda question: (question.asked_at or "", question.id))
        self.skipped.undated = sum(not question.asked_at for question in asked)
        evidence: HelpEvidence | None = None
        before: tuple[str, bool] | None = None
        for question in asked:
            day = (question.asked_at or "")[:10]
            if len(day) < 10 or day < since or (until is not None and day >= until):
                continue
            own = any(known_before(given.advised_at, day) for given in question.advice)
            if evidence is None or own or before != (day, False):
                evidence = self._on(day, question.id if own else None, evidence)
                before = day, own
            table = evidence.advice
            people = evidence.snapshot.people.ids
            rows: list[int] = np.unique(table.helper).tolist()
            candidates = {people[row] for row in rows} - {question.asker_id}
            advisers = frozenset(given.helper_id for given in question.advice) & candidates
            if not advisers:
                self.skipped.nobody_left += 1
                continue
            kept = (self.help_facts.vectors or {}).get(question.id)
            yield Asked(question, evidence, tuple(sorted(candidates)), advisers, kept.vector if kept else None)

    def _on(self, day: str, without: str | None, before: HelpEvidence | None) -> HelpEvidence:
        """The evidence of a day, without the question of the id `without`."""
        questions: dict[str, AnsweredQuestion] = {}
        for key, question in self.help_facts.questions.items():
            known = tuple(given.as_known(day) for given in question.advice if known_before(given.advised_at, day))
            if known and key != without:
                questions[key] = replace(question, advice=known)
        held = snapshot.assemble(self._dated, as_of=day, before=before.snapshot if before else None)
        vectors = self.help_facts.vectors
        return advice.assemble(held, HelpFacts(questions, {}, vectors, self.help_facts.requests), before)


# Scores by person; those without one come last.
Scorer = Callable[[Asked], Mapping[str, float]]


def rank(asked: Asked, scores: Mapping[str, float], top: int) -> Ranked:
    values = [scores.get(person, 0.0) for person in asked.candidates]
    return ranked(asked.question.id, SEGMENT, asked.candidates, values, asked.advisers, top)


def ours(asked: Asked, community: str | None) -> Mapping[str, float]:
    """What the service would score for the question, in `community` or, None, where it is not said."""
    found = helpers.help_for(
        asked.evidence,
        asked.question.whole,
        asker=asked.question.asker_id,
        community=community,
        visible=~asked.evidence.snapshot.catalogue.restricted,
        limit=len(asked.evidence.snapshot.people.ids),
        vector=asked.vector,
    )
    return {helper.person_id: helper.score for helper in found.results}


def by_words(asked: Asked) -> Mapping[str, float]:
    """TF-IDF: the sum of likenesses over the earlier questions that one advised on."""
    likeness = asked.evidence.lexical.similarity(tokens(asked.question.whole))
    return _summed(asked, np.asarray(likeness)[asked.evidence.advice.question])


def by_meaning(asked: Asked) -> Mapping[str, float]:
    """The same with the cosine of the sentence embeddings."""
    vectors = asked.evidence.vectors
    if vectors is None or asked.vector is None:
        return {}
    return _summed(asked, np.maximum(vectors @ asked.vector, 0)[asked.evidence.advice.question])


def by_community(asked: Asked, half_life: float | None) -> Mapping[str, float]:
    """How often one advised in the community of the question; halved every `half_life` years."""
    evidence = asked.evidence
    here = np.array([q.community_id == asked.question.community_id for q in evidence.questions], dtype=np.float64)
    weight = 0.5 ** (evidence.advice.age / half_life) if half_life else np.ones(len(evidence.advice.age))
    return _summed(asked, here[evidence.advice.question] * weight)


def _summed(asked: Asked, amounts: NDArray[np.floating]) -> dict[str, float]:
    people = asked.evidence.snapshot.people.ids
    totals = np.bincount(asked.evidence.advice.helper, weights=amounts, minlength=len(people))
    return dict(zip(people, totals.tolist(), strict=True))


HIDDEN = "guildmap, community not said"
BY_MEANING = "sentence embedding over them"

METHODS: Mapping[str, Scorer] = {
    "TF-IDF over earlier questions": by_words,
    BY_MEANING: by_meaning,
    "advisers of the community": lambda asked: by_community(asked, None),
    "the same, halved every year": lambda asked: by_community(asked, 1.0),
    OURS: lambda asked: ours(asked, asked.question.community_id),
    HIDDEN: lambda asked: ours(asked, None),
}
