"""How good rankings are, with intervals: the same for ours and for every peer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.ranking import best_rows

FloatArray = NDArray[np.float64]

# Places that count for Recall and NDCG.
K = 10

# What a hit is worth at each of them, by NDCG.
DISCOUNTS: FloatArray = 1 / np.log2(np.arange(2, K + 2))

RESAMPLES = 1000
# Resamples drawn at a time: with many cases, all at once would take gigabytes.
DRAWN = 20
LEVEL = 0.95


@dataclass(frozen=True)
class Ranked:
    """What was ranked for one case, best first (the first so many), and what happened.

    `key` is the id of the person or question; `first` the place, from 1, of the first relevant one among all that
    were ranked.
    """

    key: str
    segment: str
    ranked: tuple[str, ...]
    scores: tuple[float, ...]
    relevant: tuple[str, ...]
    first: int

    def measures(self) -> tuple[float, float, float]:
        """NDCG@10, Recall@10, reciprocal rank."""
        relevant = set(self.relevant)
        gains = [DISCOUNTS[place] for place, one in enumerate(self.ranked[:K]) if one in relevant]
        ideal = DISCOUNTS[: len(relevant)].sum()
        return float(sum(gains) / ideal), len(gains) / len(relevant), 1 / self.first

    def line(self, key: str) -> dict[str, object]:
        """The case as an object with which anyone can score it; `key` names what the case is one of."""
        return {
            key: self.key,
            "ranked": list(self.ranked),
            "scores": list(self.scores),
            "relevant": list(self.relevant),
            "segment": self.segment,
        }


def ranked(
    key: str, segment: str, ids: Sequence[str], scores: Sequence[float] | FloatArray, relevant: frozenset[str], top: int
) -> Ranked:
    """Ranks `ids`, which ascend, by `scores`, equal ones by id. Of `relevant` at least one has to be among them."""
    wanted = [at for at, one in enumerate(ids) if one in relevant]
    values = np.asarray(scores, dtype=np.float64)
    return ranked_rows(key, segment, np.arange(len(ids)), ids, values, wanted, top)


def ranked_rows(
    key: str,
    segment: str,
    rows: NDArray[np.intp],
    ids: Sequence[str],
    scores: FloatArray,
    relevant: Collection[int],
    top: int,
) -> Ranked:
    """The same as `ranked`, of `rows` (ascending) among things whose ids ascend, with the scores of all of them and the
    rows of those that are relevant: nothing but the best is put into order."""
    values = scores[rows]
    wanted = np.isin(rows, list(relevant), assume_unique=True)
    highest = values[wanted].max()
    earliest = int(rows[wanted & (values == highest)][0])
    first = 1 + int((values > highest).sum()) + int(((values == highest) & (rows < earliest)).sum())
    possible = np.zeros(len(scores), dtype=np.bool_)
    possible[rows] = True
    best = best_rows(scores, possible, max(top, K))
    return Ranked(
        key,
        segment,
        tuple(ids[row] for row in best),
        tuple(float(scores[row]) for row in best),
        tuple(sorted(ids[row] for row in relevant)),
        first,
    )


@dataclass(frozen=True)
class Interval:
    """A mean, and where it lies with 95 % confidence if other cases of the same kind had been drawn."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Quality:
    cases: int
    ndcg: Interval
    recall: Interval
    mrr: Interval


def quality(cases: Sequence[Ranked], seed: int = 0) -> Quality | None:
    """None without a case."""
    if not cases:
        return None
    measured = np.array([case.measures() for case in cases], dtype=np.float64)
    return Quality(len(cases), *_bootstrap(measured, seed))


def best(rankings: Mapping[str, Sequence[Ranked]]) -> tuple[str, float]:
    """The name with the highest mean NDCG@10, and that; none of them may be without a case."""
    means = {name: float(np.mean([case.measures()[0] for case in cases])) for name, cases in rankings.items()}
    name = max(means, key=means.__getitem__)
    return name, means[name]


def difference(cases: Sequence[Ranked], others: Sequence[Ranked], seed: int = 0) -> Quality:
    """By how much the first rankings are better than the others of the same cases, pair by pair. Raises ValueError
    where they are of other cases, or there is none."""
    if not cases or [case.key for case in cases] != [other.key for other in others]:
        raise ValueError("the rankings are not of the same cases")
    pairs = zip(cases, others, strict=True)
    measured = np.array([np.subtract(one.measures(), other.measures()) for one, other in pairs], dtype=np.float64)
    return Quality(len(cases), *_bootstrap(measured, seed))


def mean_of(values: FloatArray, seed: int = 0) -> Interval:
    """The mean of one number a case."""
    return _bootstrap(values[:, None], seed)[0]


def _bootstrap(measured: FloatArray, seed: int) -> list[Interval]:
    """Of each column of `measured` [cases, measures]."""
    random, number = np.random.default_rng(seed), len(measured)
    means = [
        random.multinomial(number, np.full(number, 1 / number), size=DRAWN) @ measured / number
        for _ in range(RESAMPLES // DRAWN)
    ]
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(np.concatenate(means), (tail, 1 - tail), axis=0)
    columns = zip(measured.mean(axis=0).tolist(), low.tolist(), high.tolist(), strict=True)
    return [Interval(*column) for column in columns]
