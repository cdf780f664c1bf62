"""Whom a person with a question is pointed to."""

from typing import Any

import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN, Principal
from matcher import advice
from matcher.helpers import HelperList, help_for
from tests.matcher.test_joins import holds

TEXT = "certificate rotation fails after restart"

ORGANISATION = """
CREATE (pki:Community {id: 'pki', name: 'Trust', domain: 'certificate issue and rotation'})
CREATE (:Community {id: 'vol', name: 'Volumes', domain: 'disks and snapshots'})
CREATE (asker:Person {id: 'asker'})-[:REPORTS_TO]->(boss:Person {id: 'boss'})
CREATE (boss)-[:REPORTS_TO]->(top:Person {id: 'top'})
CREATE (top)-[:REPORTS_TO]->(boss), (below:Person {id: 'below'})-[:REPORTS_TO]->(asker)
CREATE (other:Person {id: 'other'}), (good:Person {id: 'good', name: 'Good'})
CREATE (shy:Person {id: 'shy', open_to_help: false}), (gone:Person {id: 'gone', left_on: '2020'})
CREATE (q:Question {id: 'q', title: 'Rotation of a certificate', text: 'it fails', asked_at: '2023-05-01'})
CREATE (q)-[:IN]->(pki)
CREATE (other)-[:ASKED]->(q)
WITH q, pki, good
MATCH (p:Person) WHERE NOT p.id IN ['other']
CREATE (p)-[:GAVE]->(:Advice {id: 'a-' + p.id, advised_at: '2023-05-02'})-[:ANSWERS]->(q)
WITH DISTINCT pki, good
CREATE (good)-[:HAS_SKILL {id: 'h', level: 4}]->(:Skill {id: 's', name: 'Certificate rotation'})
CREATE (good)-[:MEMBER_OF {id: 'm', engagement: 'core'}]->(pki)
"""


def ask(database: Database, text: str = TEXT, **options: Any) -> HelperList:
    """What somebody is answered: by default `asker`, who sees what `principal` may see."""
    asker = options.pop("asker", "asker")
    principal = options.pop("principal", Principal(asker))
    evidence = database.follow(advice.build(None, options.pop("as_of", None)))
    return help_for(evidence, text, asker=asker, visible=evidence.snapshot.visible_to(principal), **options)


def test_a_helper_comes_with_every_piece_of_evidence(database: Database):
    database.run_alone(ORGANISATION)
    [helper] = ask(database).results
    assert (helper.person_id, helper.name) == ("good", "Good")
    assert set(helper.reasons) == {
        "advised on a similar question, 'Rotation of a certificate' in 2023-05",
        "advised on a question in Trust, most recently in 2023-05",
        "holds the skill Certificate rotation at level 4",
        "core member of Trust",
    }
    assert helper.score == pytest.approx(sum(part.points for part in helper.contributions))
    steps = [step for part in helper.contributions if part.reason for step in part.reason.path]
    assert {step.relation for step in steps} == {"GAVE", "ANSWERS", "HAS_SKILL", "MEMBER_OF"}
    assert all(holds(database, step) for step in steps)


def test_neither_asker_nor_line_of_managers_nor_opted_out_nor_left_are_named(database: Database):
    database.run_alone(ORGANISATION)
    found = ask(database)
    assert [helper.person_id for helper in found.results] == ["good"]
    assert found.set_aside == {}  # each rule took fewer than five
    stranger = ask(database, asker=None)
    assert {helper.person_id for helper in stranger.results} == {"asker", "below", "boss", "good", "top"}


def test_rules_count_from_five_on_but_never_opt_outs(database: Database):
    database.run_alone(ORGANISATION)
    database.run_alone(
        "MATCH (q:Question {id: 'q'}), (asker:Person {id: 'asker'}) UNWIND range(1, 5) AS i "
        "CREATE (:Person {id: 'r' + i})-[:GAVE]->(:Advice {id: 'r' + i, advised_at: '2023'})-[:ANSWERS]->(q) "
        "CREATE (:Person {id: 's' + i, open_to_help: false})-[:GAVE]->(:Advice {id: 's' + i}) "
        "WITH q, asker, i MATCH (a:Advice {id: 's' + i}) CREATE (a)-[:ANSWERS]->(q) "
        "CREATE (:Person {id: 'g' + i, left_on: '2020'})-[:GAVE]->(:Advice {id: 'g' + i})-[:ANSWERS]->(q) "
        "WITH asker, i MATCH (r:Person {id: 'r' + i}) CREATE (r)-[:REPORTS_TO]->(asker)"
    )
    assert ask(database).set_aside == {"reporting_line": 8, "left": 6}


def test_a_private_question_is_evidence_for_its_asker_only(database: Database):
    database.run_alone(ORGANISATION)
    database.run_alone("MATCH (q:Question {id: 'q'}) SET q.private = true WITH q MATCH (m)-[r:MEMBER_OF]->() DELETE r")
    database.run_alone("MATCH ()-[r:HAS_SKILL]->() DELETE r")
    assert ask(database).results == ()
    assert ask(database, principal=LOCAL_ADMIN).results == ()
    own = ask(database, asker="other")
    assert "good" in {helper.person_id for helper in own.results}


def test_questions_of_a_restricted_community_stay_inside(database: Database):
    database.run_alone(ORGANISATION)
    database.run_alone("MATCH (c:Community {id: 'pki'}) SET c.visibility = 'restricted'")
    outside = ask(database)
    assert all("Trust" not in reason for helper in outside.results for reason in helper.reasons)
    assert "pki" not in outside.communities
    assert "pki" in ask(database, asker="good").communities


def test_the_community_is_inferred_from_the_text(database: Database):
    database.run_alone(ORGANISATION)
    assert max(ask(database).communities.items(), key=lambda entry: entry[1])[0] == "pki"
    assert ask(database, community="vol").communities == {"vol": 1.0}
    assert sum(ask(database, "disks and certificate").communities.values()) == pytest.approx(1.0)


def test_in_a_replay_only_advice_dated_before_counts(database: Database):
    database.run_alone(ORGANISATION)
    assert ask(database, as_of="2023-05-02").results == ()
    later = ask(database, as_of="2023-05-03")
    good = next(helper for helper in later.results if helper.person_id == "good")
    assert all("member" not in reason and "skill" not in reason for reason in good.reasons)


def test_fresh_advice_outweighs_old(database: Database):
    database.run_alone(
        "CREATE (c:Community {id: 'c', name: 'C', domain: 'disks'}) "
        "CREATE (q:Question {id: 'q', title: 'Disks', text: 'full', asked_at: '2015'})-[:IN]->(c) "
        "CREATE (:Person {id: 'a'})-[:GAVE]->(:Advice {id: '1', advised_at: '2015-01-01'})-[:ANSWERS]->(q) "
        "CREATE (:Person {id: 'b'})-[:GAVE]->(:Advice {id: '2', advised_at: '2023-01-01'})-[:ANSWERS]->(q)"
    )
    found = ask(database, "full disks", as_of="2024-01-01")
    assert [helper.person_id for helper in found.results] == ["b", "a"]


def test_an_empty_graph_has_no_helpers(database: Database):
    assert ask(database).results == ()
