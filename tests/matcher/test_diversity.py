"""Lists that are not ten times the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.diversity import spread

THREE_ALIKE = np.array([[1, 0.9, 0.9, 0], [0.9, 1, 0.9, 0], [0.9, 0.9, 1, 0], [0, 0, 0, 1]], dtype=np.float32)
SCORES = np.array([1.0, 0.9, 0.8, 0.7], dtype=np.float32)


def test_what_is_like_an_earlier_entry_stands_further_down() -> None:
    assert [place for place, _, _ in spread(SCORES, THREE_ALIKE.__getitem__, 0.0, 4)] == [0, 1, 2, 3]
    listed = spread(SCORES, THREE_ALIKE.__getitem__, 0.5, 4)
    assert [place for place, _, _ in listed] == [0, 3, 1, 2]
    assert listed[0][1:] == (-1, 0)
    assert listed[2][1:] == (0, pytest.approx(0.9))


def test_a_list_gets_less_alike_the_more_is_traded() -> None:
    random = np.random.default_rng(3)
    points = random.random((60, 3)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1)[:, None]
    likeness = points @ points.T
    scores = random.random(60).astype(np.float32) + 1

    def inner(trade: float) -> float:
        places = [place for place, _, _ in spread(scores, likeness.__getitem__, trade, 10)]
        among = likeness[np.ix_(places, places)]
        return float((among.sum() - np.trace(among)) / (len(places) * (len(places) - 1)))

    assert inner(0.9) < inner(0.4) < inner(0.0)


@given(st.integers(0, 12), st.integers(1, 15), st.floats(0, 1), st.integers(0, 1000))
def test_each_is_listed_once_and_keeps_a_share_of_its_score(number: int, limit: int, trade: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.random(number).astype(np.float32) + np.float32(0.01)
    half = random.random((number, number)).astype(np.float32)
    listed = spread(scores, np.maximum(half, half.T).__getitem__, trade, limit)
    places = [place for place, _, _ in listed]
    assert len(set(places)) == len(places) == min(number, limit)
    assert all(0 <= like <= 1 for _, _, like in listed)
    if places:
        assert places[0] == int(scores.argmax())
