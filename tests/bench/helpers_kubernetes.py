"""Helpers on the Kubernetes enhancement questions: peers and ours, with the community given and hidden.

    python -m tests.bench.helpers_kubernetes [--from 2022-01-01] [--to 9999-12-31]

Each question is asked on its own day: only advice dated before it counts, undated memberships do not, and
the people ranked are those who advised before, save the asker. Mean over questions with at least one such
adviser to find.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from graph.models import Community, known_before
from graph.reads.advice import AdviceGiven, AnsweredQuestion
from graph.reads.people import Colleague
from graph.text import tokens
from matcher import advice, helpers, snapshot
from matcher.advice import HelpEvidence, HelpFacts
from matcher.snapshot import Facts
from tests import shared_data
from tests.bench.joins_apache import FOREVER, load

K = 10
Ranking = Mapping[str, float]


@dataclass(frozen=True)
class Asked:
    """A question with the evidence of its day and who advised in fact."""

    question: AnsweredQuestion
    evidence: HelpEvidence
    candidates: tuple[str, ...]
    advisers: frozenset[str]

    @property
    def text(self) -> str:
        return f"{self.question.title}\n{self.question.text}"


def cases(since: str, until: str) -> list[Asked]:
    bundle = shared_data.bundle("kubernetes")
    communities = {
        row["id"]: Community(row["id"], row["name"], row["domain"], topics=tuple(row.get("topics") or ()))
        for row in load(bundle / "communities.jsonl")
    }
    given: dict[str, list[AdviceGiven]] = {}
    for number, row in enumerate(load(bundle / "advice.jsonl")):
        given.setdefault(row["question_id"], []).append(
            AdviceGiven(row["helper_id"], row["advised_at"], row["outcome"], str(number))
        )
    questions = [
        AnsweredQuestion(
            row["id"],
            row["title"] or "",
            row["text"] or "",
            row["asked_at"],
            row["community_id"],
            row["asker_id"],
            tuple(given.get(row["id"], ())),
        )
        for row in load(bundle / "questions.jsonl")
    ]
    ids = sorted({a.helper_id for question in questions for a in question.advice})
    everybody = {person: Colleague(person, person) for person in ids}
    found: list[Asked] = []
    for question in questions:
        day = question.asked_at
        if not day or not since <= day < until:
            continue
        earlier = {
            q.id: AnsweredQuestion(q.id, q.title, q.text, q.asked_at, q.community_id, q.asker_id, before)
            for q in questions
            if q.id != question.id and (before := tuple(a for a in q.advice if known_before(a.advised_at, day)))
        }
        candidates = {a.helper_id for q in earlier.values() for a in q.advice} - {question.asker_id}
        advisers = frozenset(a.helper_id for a in question.advice) & candidates
        if not advisers:
            continue
        known = snapshot.assemble(Facts(communities, {}, everybody), as_of=day)
        evidence = advice.assemble(known, HelpFacts(earlier))
        found.append(Asked(question, evidence, tuple(sorted(candidates)), advisers))
    return found


def mrr_and_recall(asked: Asked, ranking: Ranking) -> tuple[float, float]:
    """Everybody who is a candidate is ranked; those without a score come last, by id."""
    order = sorted(asked.candidates, key=lambda person: (-ranking.get(person, 0.0), person))
    first = next(place for place, person in enumerate(order, 1) if person in asked.advisers)
    return 1 / first, len(asked.advisers & set(order[:K])) / len(asked.advisers)


def ours(asked: Asked, community: str | None) -> Ranking:
    found = helpers.help_for(
        asked.evidence,
        asked.text,
        asker=asked.question.asker_id,
        community=community,
        visible=~asked.evidence.snapshot.catalogue.restricted,
        limit=10**6,
    )
    return {helper.person_id: helper.score for helper in found.results}


def by_text(asked: Asked) -> Ranking:
    """TF-IDF: the sum of likenesses over the earlier questions that one advised on."""
    likeness = asked.evidence.lexical.similarity(tokens(asked.text))
    return _summed(asked, np.asarray(likeness)[asked.evidence.advice.question])


def by_community(asked: Asked, half_life: float | None) -> Ranking:
    table = asked.evidence.advice
    here = np.array([q.community_id == asked.question.community_id for q in asked.evidence.questions], dtype=float)
    weight = 0.5 ** (table.age / half_life) if half_life else np.ones(len(table.age))
    return _summed(asked, here[table.question] * weight)


def _summed(asked: Asked, amounts: np.ndarray) -> Ranking:
    people = asked.evidence.snapshot.people.ids
    totals = np.bincount(asked.evidence.advice.helper, weights=amounts, minlength=len(people))
    return dict(zip(people, totals.tolist(), strict=True))


METHODS: dict[str, Callable[[Asked], Ranking]] = {
    "TF-IDF over earlier questions": by_text,
    "advisers of the community": lambda asked: by_community(asked, None),
    "the same, halved every year": lambda asked: by_community(asked, 1.0),
    "guildmap, community given": lambda asked: ours(asked, asked.question.community_id),
    "guildmap, community hidden": lambda asked: ours(asked, None),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--from", dest="since", default="2022-01-01", help="questions asked from this day on")
    parser.add_argument("--to", dest="until", default=FOREVER, help="and before this day")
    arguments = parser.parse_args()
    asked = cases(arguments.since, arguments.until)
    sizes = [len(case.candidates) for case in asked]
    print(f"{len(asked)} questions, {min(sizes)} to {max(sizes)} candidates: MRR, Recall@{K}")
    for name, method in METHODS.items():
        mean = np.mean([mrr_and_recall(case, method(case)) for case in asked], axis=0)
        print(f"{name:32}{mean[0]:7.3f}{mean[1]:7.3f}")


if __name__ == "__main__":
    main()
