"""Foretells which requests were accepted, each from what was decided before it was made."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graph.reads.requests import RequestFact
from matcher.backtest import OURS
from matcher.features.rates import PRIOR_CASES


@dataclass(frozen=True)
class Foretold:
    """A request that was decided upon; `probabilities` that it would be accepted, by method."""

    request_id: str
    day: str
    accepted: bool
    probabilities: Mapping[str, float]


USUAL = "what is usual here"
OWN = "the helper's own rate"


def foretell(requests: Iterable[RequestFact], since: str, until: str | None = None) -> list[Foretold]:
    """The requests of the day `since` on and before `until` that were decided upon, in the order of their days.

    Ours is the posterior mean that ranking uses: beta-binomial with the rate of the others as prior. As evidence
    count requests that were decided before the day of the request.
    """
    decided = sorted((one for one in requests if one.accepted is not None), key=lambda one: (one.requested_at, one.id))
    by_decision = sorted(decided, key=lambda one: (one.decided_at, one.id))
    cases: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    found: list[Foretold] = []
    at = 0
    for request in decided:
        day = request.requested_at[:10]
        if day < since or (until is not None and day >= until):
            continue
        while by_decision[at].decided_at[:10] < day:
            cases[by_decision[at].helper_id] += 1
            accepted[by_decision[at].helper_id] += bool(by_decision[at].accepted)
            at += 1
        number, yes = cases[request.helper_id], accepted[request.helper_id]
        of_others = (accepted.total() - yes + 1) / (cases.total() - number + 2)
        probabilities = {
            OURS: (yes + PRIOR_CASES * of_others) / (number + PRIOR_CASES),
            USUAL: (accepted.total() + 1) / (cases.total() + 2),
            OWN: yes / number if number else 0.5,
        }
        found.append(Foretold(request.id, day, bool(request.accepted), probabilities))
    return found


def squared_errors(foretold: Sequence[Foretold], method: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Of each case (probability - what happened) squared; their mean is the Brier score: 0 is perfect, a coin 0.25."""
    return np.array([(case.probabilities[method] - case.accepted) ** 2 for case in foretold], dtype=np.float64)


def brier_score(foretold: Sequence[Foretold], method: str = OURS) -> float:
    return float(squared_errors(foretold, method).mean())
