"""What a snapshot holds, from the database and from facts in hand."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from graph.database import Database
from graph.models import LOCAL_ADMIN, Community, Principal
from graph.reads import vectors
from graph.reads.communities import Roster
from matcher import snapshot as snapshots
from matcher.features import ease
from matcher.indexing import index
from matcher.nearness import Nearness
from matcher.snapshot import Facts, Learned, Snapshot, assemble, build
from tests.embedders import HashingEmbedder

TWO = [Community(id="a", name="Certificates"), Community(id="b", name="Storage", domain="block volumes")]


def two(*rosters: Roster, **options) -> Snapshot:
    facts = Facts({community.id: community for community in TWO}, {roster.community_id: roster for roster in rosters})
    return assemble(facts, **options)


def roster(community: str, *spells: tuple[str, str, str]) -> Roster:
    people, joined, left = (list(column) for column in zip(*spells, strict=True))
    return Roster(community, people, joined, left, ["core"] * len(people), ["lead"] * len(people))


def members(snapshot, community: str) -> set[str]:
    column = snapshot.members[:, [snapshot.row[community]]].toarray().ravel()
    return {snapshot.people.ids[row] for row in np.flatnonzero(column)}


def test_a_replay_counts_what_certainly_came_before_and_undated_memberships():
    rosters = [
        roster("a", ("early", "2019-05-01", ""), ("undated", "", ""), ("late", "2021-01-01", "")),
        roster("b", ("coarse", "2020", ""), ("left_later", "2019", "2021-01-01"), ("left", "2018", "2019-07")),
    ]
    snapshot = two(*rosters, as_of="2020-06-01")
    assert members(snapshot, "a") == {"early", "undated"}
    assert members(snapshot, "b") == {"left_later"}
    assert not snapshot.spells.engagement.any()
    assert set(snapshot.spells.role) == {""}


def test_two_current_spells_of_one_person_are_one_membership():
    snapshot = two(roster("a", ("p", "2019", ""), ("p", "2020", "")), today="2024-01-01")
    assert snapshot.members.sum() == 1


def test_only_dated_joins_of_the_last_year_are_recent():
    spells = [("new", "2023-07-01", ""), ("old", "2020-01-01", ""), ("undated", "", "")]
    snapshot = two(roster("b", *spells), today="2024-01-01")
    assert snapshot.recent_joins.tolist() == [0, 1]


def test_co_membership_weights_are_those_of_the_formula():
    rng = np.random.default_rng(0)
    dense = (rng.random((60, 8)) < 0.3).astype(np.float32)
    gram = dense.T.astype(np.float64) @ dense
    ridge = 2.0 * np.diag(gram).mean()
    inverse = np.linalg.inv(gram + ridge * np.eye(8))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    found = ease.learn(csr_array(dense), shrinkage=2.0, damping=0.0).toarray()
    np.testing.assert_allclose(found, 3.0 * expected, atol=1e-4)


@pytest.mark.parametrize("shape", [(0, 0), (3, 2)])
def test_no_memberships_give_no_weights(shape: tuple[int, int]):
    assert ease.learn(csr_array(shape, dtype=np.float32)).nnz == 0


def test_the_database_gives_communities_people_and_spells(database: Database):
    database.run_alone(
        "CREATE (u:OrgUnit {id: 'u', name: 'Storage'}) "
        "CREATE (m:Person {id: 'boss', name: 'Boss'}) "
        "CREATE (p:Person {id: 'p', name: 'Pat', left_on: '2020-01-01'}) "
        "CREATE (s:Skill {id: 's', name: 'Ceph'})-[:BROADER]->(:Skill {id: 't', name: 'Storage systems'}) "
        "CREATE (c:Community {id: 'c', name: 'Volumes', domain: 'block volumes', topics: ['csi']}) "
        "CREATE (p)-[:WORKS_IN]->(u), (p)-[:REPORTS_TO]->(m), (c)-[:COVERS]->(s), "
        "(p)-[:MEMBER_OF {id: '1', engagement: 'core', role: 'chair', joined_on: '2019-01'}]->(c)"
    )
    index(database, HashingEmbedder())
    snapshot = database.follow(build(database.read(vectors.model())))
    assert [c.id for c in snapshot.communities] == ["c"]
    assert snapshot.communities[0].skill_names == ("Ceph",)
    assert members(snapshot, "c") == {"p"}
    person = snapshot.people.row["p"]
    assert snapshot.people.unit_names[snapshot.people.unit[person]] == "Storage"
    assert snapshot.people.ids[snapshot.people.manager[person]] == "boss"
    assert snapshot.people.gone[person]
    assert snapshot.facts.broader == {"s": ("t",)}
    assert snapshot.spells.role == ("chair",)
    assert snapshot.vectors is not None
    assert snapshot.vectors.shape == (1, 64)
    assert snapshot.vectors.any()


def test_a_restricted_community_is_visible_to_its_members_only(database: Database):
    database.run_alone(
        "CREATE (c:Community {id: 'c', name: 'Secret', visibility: 'restricted'}), (:Person {id: 'out'}) "
        "CREATE (:Community {id: 'd', name: 'Open'}) "
        "CREATE (:Person {id: 'in'})-[:MEMBER_OF {id: '1'}]->(c) "
        "CREATE (:Person {id: 'once'})-[:MEMBER_OF {id: '2', left_on: '2020'}]->(c)"
    )
    snapshot = database.follow(build(None))
    for principal in (Principal("out"), Principal("once"), Principal("nobody"), Principal()):
        assert snapshot.visible_to(principal).tolist() == [False, True]
    for principal in (Principal("in"), LOCAL_ADMIN):
        assert snapshot.visible_to(principal).tolist() == [True, True]
    # Who could see it once does not see it by asking of those days, and who sees it now does.
    replay = database.follow(build(None, "2019-01-01"))
    assert replay.visible_to(Principal("once")).tolist() == [False, True]
    assert replay.visible_to(Principal("in")).tolist() == [True, True]


def memberships(people: int, communities: int, seed: int = 3) -> csr_array:
    dense = (np.random.default_rng(seed).random((people, communities)) < 0.25).astype(np.float32)
    dense[:, communities // 2] = 0  # one without members
    return csr_array(dense)


def test_of_each_row_the_strongest_weights_are_kept_as_they_are():
    held = memberships(200, 40)
    whole, kept = ease.learn(held).toarray(), ease.learn(held, kept=5).toarray()
    for row, mine in enumerate(kept):
        there = np.flatnonzero(mine)
        np.testing.assert_array_equal(mine[there], whole[row, there])
        assert len(there) == min(5, np.count_nonzero(whole[row]))
        left_out = np.delete(np.abs(whole[row]), there)
        assert not len(there) or np.abs(mine[there]).min() >= left_out.max()


@pytest.mark.parametrize("rows", [7, 1000])
def test_the_inverse_taken_block_by_block_is_that_of_the_formula(rows: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ease, "BLOCK", rows)
    held = memberships(100, 40)
    gram = held.T.toarray().astype(np.float64) @ held.toarray()
    sizes = np.diag(gram)
    inverse = np.linalg.inv(gram + 2.0 * sizes[sizes > 0].mean() * np.eye(40))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    found = ease.learn(held, shrinkage=2.0, damping=0.0).toarray()
    np.testing.assert_allclose(found, 3.0 * expected, atol=1e-4)


def test_regressed_on_all_others_a_community_has_the_weights_of_the_inverse(monkeypatch: pytest.MonkeyPatch):
    held = memberships(300, 30)
    by_neighbours = ease.learn(held, largest_inverted=0)
    np.testing.assert_allclose(by_neighbours.toarray(), ease.learn(held).toarray(), atol=1e-5)
    monkeypatch.setattr(ease, "NEIGHBOURS", 6)
    few = ease.learn(held, largest_inverted=0, kept=4)
    assert np.diff(few.indptr).max() <= 4
    assert np.diff(few.tocsc().indptr).max() <= 6


def test_a_community_without_members_moves_no_weights():
    dense = memberships(100, 20).toarray()
    more = np.insert(dense, 7, 0, axis=1)
    places = np.delete(np.arange(21), 7)
    moved = ease.moved(ease.learn(csr_array(dense)), places, 21).toarray()
    np.testing.assert_allclose(moved, ease.learn(csr_array(more)).toarray(), atol=1e-6)
    back = np.arange(21) - (np.arange(21) > 7)
    back[7] = -1
    again = ease.moved(csr_array(moved), back, 20).toarray()
    np.testing.assert_allclose(again, ease.learn(csr_array(dense)).toarray(), atol=1e-6)


def test_what_is_kept_of_nearness_is_bounded_and_right(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("matcher.nearness.NEARNESS_BYTES", 3 * 4 * 10)
    nearness = Nearness(10)
    measured: list[int] = []

    def measure(rows):
        measured.extend(rows.tolist())
        return np.repeat(rows[:, None], 10, axis=1).astype(np.float32)

    for asked in ([1, 2], [2, 3], [1, 2, 3], [4, 1, 5, 6], [1]):
        found = nearness.of(np.array(asked, dtype=np.int32), measure)
        assert found[:, 0].tolist() == asked
    assert measured == [1, 2, 3, 4, 5, 6, 1]


def test_what_somebody_else_learned_of_co_membership_is_taken_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    rosters = roster("a", ("p", "2019", ""), ("q", "", "")), roster("b", ("p", "", ""))
    known = two(*rosters, today="2024-01-01")
    monkeypatch.setattr(ease, "learn", None)  # nobody is to learn it again
    same = assemble(known.facts, today="2024-01-01", learned=known.learned)
    np.testing.assert_array_equal(same.together.toarray(), known.together.toarray())
    # Where it was learned there was one more community, and one was not there yet.
    weights = csr_array(np.arange(9, dtype=np.float32).reshape(3, 3))
    more = assemble(known.facts, today="2024-01-01", learned=Learned(("a", "aa", "b"), weights))
    np.testing.assert_array_equal(more.together.toarray(), [[0, 2], [6, 8]])
    fewer = assemble(known.facts, today="2024-01-01", learned=Learned(("b",), csr_array([[5.0]])))
    np.testing.assert_array_equal(fewer.together.toarray(), [[0, 0], [0, 5]])


def test_many_members_changed_or_few_communities_and_weights_are_learned_anew(monkeypatch: pytest.MonkeyPatch):
    before = two(roster("a", ("p", "2019", ""), ("q", "", "")), roster("b", ("p", "", "")), today="2024-01-01")

    def after(*rosters: Roster) -> Snapshot:
        facts = Facts({one.id: one for one in TWO}, {one.community_id: one for one in rosters}, before.facts.people)
        return assemble(facts, today="2024-01-01", before=before)

    changed = [before.facts.rosters["a"], roster("b", ("q", "", ""))]
    learned = after(*changed)
    np.testing.assert_allclose(learned.together.toarray(), ease.learn(learned.members).toarray())
    monkeypatch.setattr(snapshots, "LEARNED_AT_ONCE", 0)
    monkeypatch.setattr(snapshots, "LET_BE", 0.6)
    let_be = after(*changed)
    np.testing.assert_array_equal(let_be.together.toarray(), before.together.toarray())
    assert let_be.learned_from is before.learned_from  # so that changes add up
    assert members(let_be, "b") == {"q"}
    monkeypatch.setattr(snapshots, "LET_BE", 0.5)
    learned = after(*changed)
    np.testing.assert_allclose(learned.together.toarray(), ease.learn(learned.members).toarray())
