"""What a snapshot holds, from the database and from facts in hand."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from graph.database import Database
from graph.models import LOCAL_ADMIN, Community, Principal
from graph.reads import vectors
from graph.reads.communities import Roster
from matcher.features import ease
from matcher.indexing import index
from matcher.snapshot import Facts, Snapshot, assemble, build
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
