"""What a person who asks for communities gets."""

import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN, HeldSkill, Principal
from graph.reads.people import person
from matcher.explain import Step
from matcher.features import colleagues
from matcher.features.profile import Profile
from matcher.joins import Recommendation, Recommendations, recommend
from matcher.snapshot import build

ORGANISATION = """
CREATE (storage:OrgUnit {id: 'storage', name: 'Storage'}), (boss:Person {id: 'boss', name: 'Boss'})
CREATE (ada:Person {id: 'ada', name: 'Ada', title: 'Engineer', bio: 'certificate rotation and key handling'})
CREATE (ada)-[:WORKS_IN]->(storage), (ada)-[:REPORTS_TO]->(boss), (boss)-[:WORKS_IN]->(storage)
CREATE (mesh:Skill {id: 'mesh', name: 'Service mesh'}), (net:Skill {id: 'net', name: 'Networking'})
CREATE (mesh)-[:BROADER]->(net), (ada)-[:WANTS_TO_LEARN {id: 'w'}]->(mesh)
CREATE (own:Community {id: 'own', name: 'Databases', domain: 'relational databases'})
CREATE (pki:Community {id: 'pki', name: 'Trust', domain: 'certificate issue, rotation and revocation'})
CREATE (net_c:Community {id: 'net-c', name: 'Networks', domain: 'routing'})-[:COVERS]->(net)
CREATE (vol:Community {id: 'vol', name: 'Volumes', domain: 'disks'})
CREATE (next:Community {id: 'next', name: 'Caches', domain: 'eviction'})
CREATE (:Community {id: 'hidden', name: 'Hidden', domain: 'certificate', visibility: 'restricted'})
CREATE (:Community {id: 'over', name: 'Old certificate rotation', domain: 'certificate', status: 'retired'})
CREATE (:Community {id: 'idea', name: 'New certificate rotation', domain: 'certificate', status: 'proposed'})
CREATE (gone:Community {id: 'was', name: 'Former certificate rotation', domain: 'certificate'})
CREATE (no:Community {id: 'no', name: 'Unwanted certificate rotation', domain: 'certificate'})
CREATE (once:Community {id: 'once', name: 'Once dismissed certificate rotation', domain: 'certificate'})
CREATE (ada)-[:MEMBER_OF {id: 'm1'}]->(own), (ada)-[:MEMBER_OF {id: 'm2', left_on: '2020-01-01'}]->(gone)
CREATE (ada)-[:DISMISSED {reason: 'no time', at: '2020-01-01'}]->(no)
CREATE (ada)-[:DISMISSED {reason: 'no time', at: '2020-01-01', until: '2021-01-01'}]->(once)
WITH storage, boss, own, vol, next, pki
UNWIND range(1, 4) AS i
CREATE (mate:Person {id: 'mate' + i, name: 'Mate ' + i})-[:WORKS_IN]->(storage)
CREATE (mate)-[:MEMBER_OF {id: 'v' + i, engagement: 'core'}]->(vol)
CREATE (other:Person {id: 'other' + i, name: 'Other ' + i})-[:MEMBER_OF {id: 'o' + i}]->(own)
CREATE (other)-[:MEMBER_OF {id: 'n' + i, engagement: 'core'}]->(next)
WITH DISTINCT boss, vol
CREATE (boss)-[:MEMBER_OF {id: 'b', role: 'chair'}]->(vol)
CREATE (:Person {id: 'left', left_on: '2019'})-[:MEMBER_OF {id: 'l', role: 'chair'}]->(vol)
CREATE (:Person {id: 'shy', recommendable: false})-[:MEMBER_OF {id: 's', role: 'chair'}]->(vol)
CREATE (:Person {id: 'far', name: 'Far'})-[:MEMBER_OF {id: 'f', role: 'chair'}]->(vol)
"""


def ask(database: Database, who: str = "ada") -> Recommendations:
    found = database.read(person(who, None, Principal(who)))
    assert found is not None
    return recommend(database.follow(build(None)), Profile.of(found))


def one(found: Recommendations, community: str) -> Recommendation:
    return next(result for result in found.results if result.community_id == community)


def holds(database: Database, step: Step) -> bool:
    rows = database.run_alone(
        "MATCH (a {id: $start})-[r]->(b {id: $end}) "
        "WHERE $from IN labels(a) AND $to IN labels(b) AND type(r) = $type RETURN count(*) AS n",
        start=step.start.id,
        end=step.end.id,
        type=step.relation,
        **{"from": step.start.label, "to": step.end.label},
    )
    return rows[0]["n"] > 0


def test_each_kind_of_evidence_gives_its_reason(database: Database):
    database.run_alone(ORGANISATION)
    found = ask(database)
    assert "its domain matches your profile: rotation, certificate" in one(found, "pki").reasons
    assert "it covers Service mesh (in Networking), which you want to learn" in one(found, "net-c").reasons
    assert "4 of your 5 colleagues in Storage belong" not in one(found, "pki").reasons
    assert "5 of your 5 colleagues in Storage belong" in one(found, "vol").reasons
    assert "it shares 4 members with your Databases" in one(found, "next").reasons


def test_of_many_colleagues_some_are_named(database: Database):
    database.run_alone(ORGANISATION)
    (told,) = (part.reason for part in one(ask(database), "vol").contributions if part.feature == colleagues.NAME)
    assert told is not None
    assert told.text == "5 of your 5 colleagues in Storage belong"
    named = [step.start.id for step in told.path if step.relation == "MEMBER_OF"]
    assert len(named) == len(set(named)) == colleagues.NAMED < 5


def test_every_step_behind_a_reason_is_in_the_graph(database: Database):
    database.run_alone(ORGANISATION)
    steps = {
        step
        for result in ask(database).results
        for part in result.contributions
        if part.reason
        for step in part.reason.path
    }
    assert {step.relation for step in steps} >= {
        "MEMBER_OF",
        "WORKS_IN",
        "COVERS",
        "BROADER",
        "WANTS_TO_LEARN",
    }
    assert all(holds(database, step) for step in steps)


def test_what_cannot_be_recommended_is_not_and_is_counted_unless_restricted(database: Database):
    database.run_alone(ORGANISATION)
    found = ask(database)
    ids = {result.community_id for result in found.results}
    assert ids.isdisjoint({"own", "hidden", "over", "idea", "was", "no"})
    assert "once" in ids  # its dismissal has run out
    assert found.set_aside == {"already_member": 1, "left": 1, "dismissed": 1, "retired": 1, "proposed": 1}


def test_contributions_add_up_to_the_score(database: Database):
    database.run_alone(ORGANISATION)
    for result in ask(database).results:
        assert result.score == pytest.approx(sum(part.points for part in result.contributions))
        assert all(part.points == pytest.approx(part.weight * part.value) for part in result.contributions)


def test_one_is_greeted_by_the_own_unit_first_and_never_by_ones_manager(database: Database):
    database.run_alone(ORGANISATION)
    greeters = one(ask(database), "vol").greeters
    assert [greeter.person_id for greeter in greeters] == ["mate1", "mate2"]
    assert greeters[0].why == "core member, also in Storage"
    stranger = recommend(database.follow(build(None)), Profile(text="disks", unit_id=None))
    # A stranger may be sent to Ada's manager, but to nobody who left or does not want to be named.
    assert [greeter.person_id for greeter in one(stranger, "vol").greeters] == ["boss", "far"]


def test_a_description_that_is_stored_nowhere_is_enough(database: Database):
    database.run_alone(ORGANISATION)
    profile = Profile(text="revocation of certificates", held=(HeldSkill("", "networking", 5),), unit_id="storage")
    found = recommend(database.follow(build(None)), profile)
    assert {"pki", "net-c", "vol"} <= {result.community_id for result in found.results}
    assert "it covers networking, which you know" in one(found, "net-c").reasons


def test_a_word_that_only_restricted_communities_use_moves_no_score(database: Database):
    database.run_alone(ORGANISATION)
    database.run_alone("MATCH (c:Community {id: 'hidden'}) SET c.domain = 'the takeover of Zorbax'")
    snapshot = database.follow(build(None))

    def scores(word: str) -> list[tuple[str, float]]:
        return [(one.community_id, one.score) for one in recommend(snapshot, Profile(text=f"rotation {word}")).results]

    assert scores("zorbax") == scores("plonkfarg") != []


def test_nothing_known_about_a_person_leaves_only_what_is_going_on(database: Database):
    database.run_alone("CREATE (:Person {id: 'new'}), (:Community {id: 'c', name: 'C', domain: 'd'})")
    assert recommend(database.follow(build(None)), Profile(person_id="new")).results == ()


def test_a_snapshot_of_another_day_is_refused(database: Database):
    with pytest.raises(ValueError, match="2020-01-01"):
        recommend(database.follow(build(None)), Profile(), as_of="2020-01-01")


def test_a_replay_knows_of_a_person_only_what_was_dated_before(database: Database):
    database.run_alone(ORGANISATION)
    database.run_alone(
        "MATCH (p:Person {id: 'ada'}), (c:Community {id: 'vol'}) "
        "CREATE (p)-[:MEMBER_OF {id: 'x', joined_on: '2024'}]->(c)"
    )
    then = database.read(person("ada", "2019-06-01", Principal("ada")))
    assert then is not None
    assert {m.community_id for m in then.memberships if m.left_on is None} == {"own", "was"}
    assert (then.bio, then.unit_id, then.wants_to_learn, then.dismissed) == (None, None, (), ())
    assert "vol" in {m.community_id for m in database.read(person("ada", None, Principal("ada"))).memberships}


def test_memberships_in_restricted_communities_are_not_told_to_others(database: Database):
    database.run_alone(
        "CREATE (:Person {id: 'p'})-[:MEMBER_OF {id: '1'}]->(:Community {id: 'c', visibility: 'restricted'})"
    )
    assert database.read(person("p", None, Principal("q"))).memberships == ()
    assert len(database.read(person("p", None, Principal("p"))).memberships) == 1
    assert database.read(person("nobody", None, LOCAL_ADMIN)) is None
