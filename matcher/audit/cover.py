"""Weighted set cover: the cheapest choice of sets that together hold everything.

Sets are masks of bits, one for each thing to be covered. Small cases are solved exactly by branch and bound, the rest
greedily: at most 1 + ln n times as dear as the cheapest for n things (Chvátal, A Greedy Heuristic for the Set-Covering
Problem, 1979).
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Branches looked at before the best found so far is taken: some milliseconds.
BRANCHES = 2_000

EPSILON = 1e-9


@dataclass(frozen=True)
class Cover:
    """`chosen` are places in the list of sets, ascending; `exact`: there is no cheaper one."""

    chosen: tuple[int, ...]
    cost: float
    exact: bool


def smallest_cover(sets: Sequence[int], costs: Sequence[float]) -> Cover:
    """Covers all that is in any set. `costs` are above 0. Of equally cheap covers, the same is found each time."""
    whole = 0
    for one in sets:
        whole |= one
    order = _undominated(sets, costs)
    chosen = _greedy(sets, costs, order, whole)
    search = _Search(sets, costs, order, chosen)
    search.branch(whole, [], 0.0)
    best = tuple(sorted(search.best))
    return Cover(best, sum(costs[at] for at in best), search.left > 0)


def _undominated(sets: Sequence[int], costs: Sequence[float]) -> list[int]:
    """Without sets that lie within another one that is no dearer, largest first."""
    order = sorted(range(len(sets)), key=lambda at: (-sets[at].bit_count(), costs[at], at))
    kept: list[int] = []
    for at in order:
        mine = sets[at]
        if mine and not any(mine & ~sets[other] == 0 and costs[other] <= costs[at] for other in kept):
            kept.append(at)
    return kept


def _greedy(sets: Sequence[int], costs: Sequence[float], order: Sequence[int], whole: int) -> list[int]:
    chosen: list[int] = []
    while whole:
        best = max(order, key=lambda at: (sets[at] & whole).bit_count() / costs[at])
        chosen.append(best)
        whole &= ~sets[best]
    return chosen


class _Search:
    """`best` is the cheapest cover so far; at 0 branches `left` the search ends."""

    def __init__(self, sets: Sequence[int], costs: Sequence[float], order: Sequence[int], best: list[int]) -> None:
        self.sets, self.costs, self.order, self.best = sets, costs, order, best
        self.cost = sum(costs[at] for at in best)
        self.left = BRANCHES
        # No set covers a thing for less.
        self.rate = min((costs[at] / sets[at].bit_count() for at in order), default=0.0)

    def branch(self, whole: int, chosen: list[int], cost: float) -> None:
        if not whole:
            if cost < self.cost - EPSILON:
                self.best, self.cost = list(chosen), cost
            return
        if self.left <= 0 or cost + self.rate * whole.bit_count() >= self.cost - EPSILON:
            return
        self.left -= 1
        # One of those that hold the thing that fewest hold has to be chosen.
        fewest: list[int] = list(self.order)
        rest = whole
        while rest:
            thing = rest & -rest
            rest ^= thing
            holding = [at for at in self.order if self.sets[at] & thing]
            if len(holding) < len(fewest):
                fewest = holding
        for at in sorted(fewest, key=lambda at: self.costs[at] / (self.sets[at] & whole).bit_count()):
            self.branch(whole & ~self.sets[at], [*chosen, at], cost + self.costs[at])
