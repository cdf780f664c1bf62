"""The cheapest choice of sets that holds everything."""

from functools import reduce
from itertools import combinations

import numpy as np
import pytest

from matcher.audit import cover
from matcher.audit.cover import smallest_cover


def held(sets, chosen) -> int:
    return reduce(int.__or__, (sets[at] for at in chosen), 0)


def cheapest(sets, costs) -> float:
    whole = held(sets, range(len(sets)))
    some = (c for size in range(len(sets) + 1) for c in combinations(range(len(sets)), size))
    return min(sum(costs[at] for at in c) for c in some if held(sets, c) == whole)


@pytest.mark.parametrize("seed", range(30))
def test_no_cover_is_cheaper(seed: int) -> None:
    draw = np.random.default_rng(seed)
    sets = [int(draw.integers(1, 2**8)) for _ in range(7)]
    costs = draw.choice([1.0, 1.25], 7).tolist()
    found = smallest_cover(sets, costs)
    assert held(sets, found.chosen) == held(sets, range(7))
    assert found.exact
    assert found.cost == pytest.approx(cheapest(sets, costs))


def test_where_taking_the_largest_first_is_dearer() -> None:
    # The largest holds the middle of both rows; the rows hold all.
    found = smallest_cover([0b01111110, 0b00001111, 0b11110000], [1.0, 1.0, 1.0])
    assert found.chosen == (1, 2)


def test_the_dearer_of_two_equal_ones_is_left_out() -> None:
    assert smallest_cover([0b11, 0b11], [1.25, 1.0]).chosen == (1,)
    assert smallest_cover([], []).chosen == ()
    assert smallest_cover([0], [1.0]).chosen == ()


def test_beyond_its_limit_it_says_that_it_is_not_exact(monkeypatch) -> None:
    monkeypatch.setattr(cover, "BRANCHES", 1)
    draw = np.random.default_rng(3)
    sets = [
        int(draw.integers(1, 2**30)) & int(draw.integers(1, 2**30)) & int(draw.integers(1, 2**30)) for _ in range(30)
    ]
    found = smallest_cover(sets, [1.0] * 30)
    assert held(sets, found.chosen) == held(sets, range(30))
    assert not found.exact
