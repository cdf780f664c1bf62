"""Weights of the families of evidence, learned from the organisation's own dated memberships.

History is replayed in periods that follow each other. The weights that would have foretold the joins of all periods but
the last best are tried on the last: they are taken only if they foretell it better than the shipped ones do, by more
than chance. What the replays have no evidence of (skills, units: they bear no date) keeps its shipped weight, in
proportion to text.
"""

from dataclasses import asdict, dataclass, fields, replace
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from graph.models import latest_day
from graph.reads.weights import KeptWeights
from matcher.backtest.joins import SEGMENTS, Replay, Segment, replay, sampled
from matcher.backtest.measures import DISCOUNTS, K
from matcher.features import co_membership, domain_fit, momentum
from matcher.joins import SHIPPED, Weights, score
from matcher.ranking import best_rows
from matcher.snapshot import Facts

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

# The families whose weights are learned. Text has weight 1: scores are compared, so one weight is free.
LEARNABLE = (co_membership.NAME, domain_fit.NAME, momentum.NAME)

# What is tried, about doubling from step to step; finer steps are within the noise of a thousand cases.
CO_MEMBERSHIP = (0.5, 1.0, 2.0, 3.0, 4.5, 7.0, 12.0)
MOMENTUM = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6)
HALF_TRUST = (0.5, 1.0, 2.0, 4.0)

# Periods have as many joins each: three to choose by, one to validate. The first half of history only fills rosters.
PERIODS = 4
FILLED = 0.5

# Fewer people than this in the last period tell better from worse by chance alone; the shipped weights stay.
LEAST_CASES = 50

# So many people of each period are enough: the standard error of their mean is below 0.01.
MOST_CASES = 1_000


@dataclass(frozen=True)
class Learned:
    """Weights that were chosen by joins from the day `since` on and validated on those between `validated_since` and
    `until`; how good they and the shipped ones were there (the mean of NDCG@10 and Recall@10 over both segments), and
    the standard error of the difference, person by person."""

    weights: Weights
    since: str
    validated_since: str
    until: str
    joins: int
    quality: float
    shipped_quality: float
    error: float

    @property
    def better(self) -> bool:
        """By more than the standard error: of weights that are no better, half would seem so by chance."""
        return self.quality - self.shipped_quality > self.error

    def kept(self, learned_at: str) -> KeptWeights:
        """As they are stored."""
        return KeptWeights(
            asdict(self.weights), learned_at, self.since, self.validated_since, self.until, self.joins, self.quality,
            self.shipped_quality,
        )  # fmt: skip


def weights_of(kept: KeptWeights | None, as_of: str | None = None) -> Weights:
    """Those that are in force: the stored ones, or the shipped.

    A replay does not take what was learned from joins of its day and later. Of stored ones whose names are not those
    of this version nothing is taken either, for weights are good together.
    """
    if kept is None or set(kept.values) != {field.name for field in fields(Weights)}:
        return SHIPPED
    return Weights(**kept.values) if as_of is None or kept.until <= as_of else SHIPPED


@dataclass(frozen=True)
class _Case:
    """Evidence float32 [LEARNABLE, candidates] for somebody with so many memberships, the points of all other families
    float32 [candidates], and whom they joined of these, bool [candidates]."""

    memberships: int
    values: FloatArray
    rest: FloatArray
    joined: BoolArray


_Period = dict[Segment, list[_Case]]


def learn(facts: Facts, until: str, seed: int = 0) -> Learned | None:
    """What the joins before the day `until` teach, better than the shipped weights or not; None where they are too few.

    Facts from `until` on are not looked at.
    """
    cuts = _cuts(facts, until)
    if cuts is None:
        return None
    periods = [_evidence(replay(facts, since, end), seed) for since, end in pairwise(cuts)]
    *earlier, last = periods
    if not _enough(last) or not any(_enough(period) for period in earlier):
        return None
    tried = [
        _weights(together, joins, trust) for together, joins, trust in product(CO_MEMBERSHIP, MOMENTUM, HALF_TRUST)
    ]
    # The shipped ones are among those tried, and win where nothing is better.
    chosen = max([SHIPPED, *tried], key=lambda weights: sum(_mean(_measured(period, weights)) for period in earlier))
    ours, theirs = _measured(last, chosen), _measured(last, SHIPPED)
    differences = [one - other for one, other in zip(ours, theirs, strict=True)]
    error = float(np.sqrt(sum(np.var(each) / len(each) for each in differences))) / len(differences)
    joins = sum(int(case.joined.sum()) for period in periods for cases in period.values() for case in cases)
    return Learned(chosen, cuts[0], cuts[-2], until, joins, _mean(ours), _mean(theirs), error)


def _weights(together: float, joins: float, trust: float) -> Weights:
    return replace(SHIPPED, co_membership=together, text=1.0, momentum=joins, half_trust=trust)


def _cuts(facts: Facts, until: str) -> list[str] | None:
    """The days at which periods begin, and `until`; None where joins are not spread over that many days."""
    days = sorted(
        latest_day(joined[:10])
        for roster in facts.rosters.values()
        for joined in roster.joined_on
        if joined and latest_day(joined[:10]) < until
    )
    if len(days) < PERIODS * LEAST_CASES:
        return None
    places = FILLED + (1 - FILLED) * np.arange(PERIODS) / PERIODS
    cuts = [days[int(place * len(days))] for place in places] + [until]
    return cuts if len(set(cuts)) == len(cuts) else None


def _evidence(replayed: Replay, seed: int) -> _Period:
    found: _Period = {segment: [] for segment in SEGMENTS}
    for case in sampled(replayed.cases, MOST_CASES, seed):
        scored = score(replayed.snapshot, case.profile)
        by_name = {family.name: family.values for family, _ in scored.parts}
        values = np.stack([by_name[name] for name in LEARNABLE])
        shipped = SHIPPED.for_person(memberships := len(replayed.snapshot.rows(case.profile.communities)))
        learnable: FloatArray = np.array([shipped[name] for name in LEARNABLE], dtype=np.float32) @ values
        rest: FloatArray = scored.scores - learnable
        for segment in SEGMENTS:
            if case.joined[segment]:
                rows = replayed.candidates(case, segment)
                joined = np.isin(rows, list(case.joined[segment]))
                found[segment].append(_Case(memberships, values[:, rows], rest[rows], joined))
    return found


def _enough(period: _Period) -> bool:
    return sum(len(cases) for cases in period.values()) >= LEAST_CASES


def _mean(measured: list[NDArray[np.float64]]) -> float:
    """Over the segments, each of which counts the same."""
    return float(np.mean([np.mean(each) for each in measured])) if measured else 0.0


def _measured(period: _Period, weights: Weights) -> list[NDArray[np.float64]]:
    """The mean of NDCG@10 and Recall@10 of each case, by segment that has any."""
    return [np.array([_measure(case, weights) for case in cases]) for cases in period.values() if cases]


def _measure(case: _Case, weights: Weights) -> float:
    known = weights.for_person(case.memberships)
    scores = np.array([known[name] for name in LEARNABLE], dtype=np.float32) @ case.values + case.rest
    best = best_rows(scores, np.ones(len(scores), dtype=np.bool_), K)
    hits = case.joined[best]
    wanted = int(case.joined.sum())
    ndcg = DISCOUNTS[: len(hits)] @ hits / DISCOUNTS[:wanted].sum()
    return float((ndcg + hits.sum() / wanted) / 2)
