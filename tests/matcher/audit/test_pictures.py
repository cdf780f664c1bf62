"""The map keeps places, and the heatmap puts what is alike side by side."""

from collections.abc import Sequence

import numpy as np
import pytest

from graph.models import Community
from graph.reads.communities import Roster
from graph.reads.people import Colleague
from matcher.audit.pictures import domain_space, heatmap, neighbours, place
from matcher.partitions import InProcess
from matcher.snapshot import Facts, Snapshot, assemble

UNKNOWN = (np.nan, np.nan)


def clusters(each: int = 20, seed: int = 1) -> np.ndarray:
    """Three clouds in twelve dimensions, one behind the other."""
    random = np.random.default_rng(seed)
    middles = random.normal(size=(3, 12))
    points = np.repeat(middles, each, axis=0) + random.normal(scale=0.1, size=(3 * each, 12))
    return points.astype(np.float32)


def snapshot_of(texts: Sequence[str], members: Sequence[Sequence[str]]) -> Snapshot:
    names = [f"c{number}" for number in range(len(texts))]
    communities = {key: Community(key, key, text) for key, text in zip(names, texts, strict=True)}
    rosters = {
        key: Roster(key, list(some), *([""] * len(some) for _ in range(4)))
        for key, some in zip(names, members, strict=True)
    }
    people = {who: Colleague(who, who) for some in members for who in some}
    return assemble(Facts(communities, rosters, people), today="2026-05-01")


def test_a_map_puts_what_is_alike_together_and_is_the_same_each_time() -> None:
    space = clusters()
    drawn = place(space, np.full((60, 2), np.nan, dtype=np.float32))
    for cloud in range(3):
        own = drawn[20 * cloud : 20 * cloud + 20]
        others = np.delete(drawn, range(20 * cloud, 20 * cloud + 20), axis=0)
        middle = own.mean(axis=0)
        assert np.linalg.norm(own - middle, axis=1).max() < np.linalg.norm(others - middle, axis=1).min()
    assert np.array_equal(drawn, place(space, np.full((60, 2), np.nan, dtype=np.float32)))


def test_neighbours_are_the_nearest_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.audit.pictures.BLOCK", 7)
    space = clusters(10)
    rows, far = neighbours(space, 8, InProcess())
    every = np.linalg.norm(space[:, None].astype(np.float64) - space[None], axis=2)
    np.fill_diagonal(every, np.inf)
    assert np.array_equal(rows, np.argsort(every, axis=1)[:, :8])
    np.testing.assert_allclose(far, np.sort(every, axis=1)[:, :8], atol=1e-6)


def test_of_equally_near_points_the_first_are_neighbours() -> None:
    rows, far = neighbours(np.zeros((6, 3), dtype=np.float32), 2, InProcess())
    assert rows.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1], [0, 1], [0, 1]]
    assert not far.any()


def test_what_is_new_comes_among_its_likes_and_nothing_moves() -> None:
    space = clusters()
    drawn = place(space, np.full((60, 2), np.nan, dtype=np.float32))
    known = drawn.copy()
    known[[3, 27, 44]] = np.nan
    placed = place(space, known)
    there = ~np.isnan(known).any(axis=1)
    assert np.array_equal(placed[there], drawn[there])
    for row in (3, 27, 44):
        nearest = np.linalg.norm(drawn[there] - placed[row], axis=1).argmin()
        assert np.flatnonzero(there)[nearest] // 20 == row // 20


@pytest.mark.parametrize("number", [0, 1, 2, 3, 11, 12, 13])
def test_few_communities_are_drawn_too(number: int) -> None:
    space = clusters()[:number]
    drawn = place(space, np.full((number, 2), np.nan, dtype=np.float32))
    assert drawn.shape == (number, 2)
    assert not np.isnan(drawn).any()


def test_a_map_of_which_little_is_left_is_drawn_anew() -> None:
    space = clusters()
    known = np.full((60, 2), np.nan, dtype=np.float32)
    known[:20] = [1000, 1000]
    assert np.abs(place(space, known)).max() < 1000


def test_communities_without_a_word_have_a_place() -> None:
    texts = ["the of and", *(f"about subject{number} and tool{number}" for number in range(20))]
    space = domain_space(snapshot_of(texts, [[] for _ in texts]))
    assert not np.isnan(place(space, np.full((21, 2), np.nan, dtype=np.float32))).any()


def test_the_heatmap_has_neighbours_side_by_side_and_tells_members_apart_from_texts() -> None:
    snapshot = snapshot_of(
        ["ropes and blades", "clauses for contracts", "blades with ropes", "gardens"],
        [["a", "b"], ["c", "d", "e"], ["f"], ["c", "d"]],
    )
    picture = heatmap(snapshot, np.arange(4, dtype=np.int32))
    at = {int(row): place for place, row in enumerate(picture.rows)}
    assert abs(at[0] - at[2]) == abs(at[1] - at[3]) == 1
    assert picture.text[at[0], at[2]] > 0.5
    assert picture.members[at[0], at[2]] == 0
    assert picture.members[at[1], at[3]] == 1
    assert picture.text[at[1], at[3]] == 0
