"""What is told of answers: from five on, and so coarsely that no answer follows."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.pulse import QUESTIONS
from graph.reads.pulse import Tally
from matcher.community.pulse import Beat, Pulse, concluded

COUNTS = st.lists(st.integers(0, 12), min_size=5, max_size=5).map(tuple)


def beat(*counts: int) -> Beat:
    return of(Tally("2026-Q3", "candour", counts)).quarters[0]


def of(*tallies: Tally) -> Pulse:
    return next(one for one in concluded(list(tallies)) if one.question == "candour")


@pytest.mark.parametrize(
    ("counts", "mean", "answers"),
    [
        ((4, 0, 0, 0, 0), None, None),
        ((5, 0, 0, 0, 0), 1.5, 5),
        ((0, 0, 0, 0, 9), 4.5, 5),
        ((0, 0, 5, 0, 0), 3.0, 5),
        ((0, 0, 5, 6, 0), 3.5, 10),
        ((0, 0, 0, 0, 0), None, None),
    ],
)
def test_a_quarter_is_told_in_steps(counts: tuple[int, ...], mean: float | None, answers: int | None) -> None:
    assert (beat(*counts).mean, beat(*counts).answers) == (mean, answers)


def test_the_trend_is_over_the_quarters_that_are_shown() -> None:
    quarters = [
        Tally("2026-Q3", "candour", (0, 0, 0, 5, 0)),
        Tally("2026-Q2", "candour", (0, 0, 0, 0, 4)),
        Tally("2026-Q1", "candour", (0, 5, 0, 0, 0)),
    ]
    assert of(*quarters).change == "up", "over the one with too few"
    assert of(*quarters[:2]).change is None
    assert [one.question for one in concluded([])] == list(QUESTIONS)


@given(COUNTS)
def test_nothing_is_told_of_fewer_than_five(counts: tuple[int, ...]) -> None:
    told = beat(*counts)
    assert (told.mean is None) == (told.answers is None) == (sum(counts) < 5)


def test_whatever_is_told_everybody_may_have_answered_anything() -> None:
    few = [counts for counts in product(range(10), repeat=5) if 5 <= sum(counts) <= 9]
    possible: dict[Beat, set[int]] = {}
    for counts in few:
        possible.setdefault(beat(*counts), set()).update(value for value in range(5) if counts[value])
    assert len(possible) == 7
    assert all(values == set(range(5)) for values in possible.values())
