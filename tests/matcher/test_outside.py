"""Experts from outside, and who inside knows them."""

from typing import Any

import numpy as np
import pytest

from graph.database import Database
from graph.models import Principal
from graph.reads import meetings
from matcher import advice
from matcher.helpers import FROM_OUTSIDE, help_for
from matcher.outside import Acquaintance, Expert, Experts, experts, introduced
from tests.matcher.test_joins import holds

TEXT = "hydraulic gangway alarm after icing"

ORGANISATION = """
CREATE (g:Community {id: 'gang', name: 'Gangways', domain: 'gangway hydraulics and alarms'})
CREATE (r:Community {id: 'board', name: 'Board', domain: 'money', visibility: 'restricted'})
CREATE (s:Skill {id: 's', name: 'Hydraulic gangway'})
CREATE (ext:Person {id: 'ext', name: 'Ext', external: true})-[:HAS_SKILL {id: 'h', level: 5}]->(s)
CREATE (shy:Person {id: 'shy', external: true, open_to_help: false})-[:HAS_SKILL {id: 'h2', level: 5}]->(s)
CREATE (away:Person {id: 'away', external: true, help_paused_until: '2999-01-01'})-[:HAS_SKILL {id: 'h3'}]->(s)
CREATE (old:Person {id: 'old', external: true, left_on: '2020'})-[:HAS_SKILL {id: 'h4', level: 5}]->(s)
CREATE (inside:Person {id: 'inside', name: 'Inside'})-[:HAS_SKILL {id: 'h5', level: 1}]->(s)
CREATE (asker:Person {id: 'asker', name: 'Asker'})
CREATE (met:Person {id: 'met', name: 'Met'}), (fellow:Person {id: 'fellow', name: 'Fellow'})
CREATE (got:Person {id: 'got', name: 'Got'}), (closed:Person {id: 'closed', name: 'Closed'})
CREATE (ext)-[:MEMBER_OF {id: 'm1', engagement: 'occasional'}]->(g), (fellow)-[:MEMBER_OF {id: 'm2'}]->(g)
CREATE (ext)-[:MEMBER_OF {id: 'm3'}]->(r), (closed)-[:MEMBER_OF {id: 'm4'}]->(r)
CREATE (q:Question {id: 'q', title: 'Alarm at minus ten', text: 'the gangway alarm', asked_at: '2025-01-02'})-[:IN]->(g)
CREATE (got)-[:ASKED]->(q)<-[:ANSWERS]-(a:Advice {id: 'a', advised_at: '2025-01-03'})<-[:GAVE]-(ext)
CREATE (p:Question {id: 'p', title: 'Between us', text: 'alarm', private: true})-[:IN]->(g)
CREATE (closed)-[:ASKED]->(p)<-[:ANSWERS]-(b:Advice {id: 'b', advised_at: '2025-02-03'})<-[:GAVE]-(ext)
WITH g, r, ext, met, closed
UNWIND [['t1', '2025-03-04T10:00'], ['t2', '2025-05-06T10:00']] AS one
CREATE (t:Meeting {id: one[0], starts_at: one[1]})-[:OF]->(g), (ext)-[:ATTENDED]->(t), (met)-[:ATTENDED]->(t)
WITH DISTINCT r, ext, closed
CREATE (t:Meeting {id: 'secret', starts_at: '2025-05-06T10:00'})-[:OF]->(r)
CREATE (ext)-[:ATTENDED]->(t)<-[:ATTENDED]-(closed)
"""


@pytest.fixture
def world(database: Database) -> Database:
    database.run_alone(ORGANISATION)
    return database


def ask(
    database: Database, asker: str | None = "asker", dismissed: tuple[str, ...] = (), **given: Any
) -> tuple[Experts, tuple[Expert, ...]]:
    evidence = database.follow(advice.build(None))
    visible = evidence.snapshot.visible_to(Principal(asker))
    found = experts(evidence, TEXT, asker=asker, visible=visible, dismissed=dismissed, **given)
    met = database.read(meetings.met([one.person_id for one in found.results], asker))
    known = introduced(evidence, found.results, met, asker=asker, visible=visible, dismissed=dismissed)
    return found, known


def known_by(database: Database, **given: Any) -> dict[str, Acquaintance]:
    ((expert,), found) = ask(database, **given)[1], {}
    for one in expert.known_by:
        found[one.person_id] = one
    return found


def test_an_expert_comes_with_evidence_and_with_who_knows_them(world: Database) -> None:
    found, (expert,) = ask(world)
    assert expert.helper.person_id == "ext"
    assert set(expert.helper.reasons) >= {
        "holds the skill Hydraulic gangway at level 5",
        "advised on a question in Gangways, most recently in 2025-01",
    }
    assert [(one.person_id, one.reasons) for one in expert.known_by] == [
        ("got", ["got advice from them on 'Alarm at minus ten' in 2025-01"]),
        ("met", ["was in 2 meetings with them, the latest in 2025-05 (Gangways)"]),
        ("fellow", ["is in Gangways with them"]),
    ]
    for one in expert.known_by:
        assert all(reason.path for reason in one.why)
        assert all(holds(world, step) for reason in one.why for step in reason.path)
    assert found.inside == 0, "nobody inside knows as much"


def test_whoever_opted_out_pauses_left_or_is_dismissed_is_no_expert(world: Database) -> None:
    assert [one.person_id for one in ask(world)[0].results] == ["ext"]
    assert ask(world, dismissed=("ext",))[0].results == ()


def test_what_the_asker_may_not_see_makes_nobody_known(world: Database) -> None:
    assert "closed" not in known_by(world), "a restricted community, and a private question"
    world.run_alone(
        "MATCH (p:Person {id: 'asker'}), (c:Community {id: 'board'}) CREATE (p)-[:MEMBER_OF {id: 'm9'}]->(c)"
    )
    there = known_by(world)["closed"]
    assert there.reasons == ["was in a meeting with them in 2025-05 (Board)", "is in Board with them"]
    assert known_by(world)["asker"].reasons == ["is in Board with them"], "one may know them oneself"


@pytest.mark.parametrize(
    "said",
    ["open_to_help = false", "recommendable = false", "help_paused_until = '2999-01-01'", "left_on = '2020'",
     "external = true"],
)  # fmt: skip
def test_nobody_is_named_who_does_not_want_to_be(world: Database, said: str) -> None:
    world.run_alone(f"MATCH (p:Person {{id: 'got'}}) SET p.{said}")
    assert list(known_by(world)) == ["met", "fellow"]
    if "left_on" not in said and "external" not in said:
        assert list(known_by(world, asker="got")) == ["got", "met", "fellow"], "but whoever asks knows whom they know"


def test_whom_the_asker_dismissed_introduces_nobody(world: Database) -> None:
    assert list(known_by(world, dismissed=("got",))) == ["met", "fellow"]


def test_inside_comes_first(world: Database) -> None:
    world.run_alone(
        "MATCH (p:Person {id: 'inside'}), (q:Question {id: 'q'}), (c:Community {id: 'gang'}), (p)-[h:HAS_SKILL]->() "
        "SET h.level = 5 CREATE (p)-[:MEMBER_OF {id: 'm8', engagement: 'core'}]->(c) "
        "CREATE (p)-[:GAVE]->(:Advice {id: 'n', advised_at: '2025-01-03'})-[:ANSWERS]->(q)"
    )
    assert ask(world)[0].inside == 1


def test_whoever_is_from_outside_is_no_helper_and_that_is_told_from_five_on(world: Database) -> None:
    evidence = world.follow(advice.build(None))
    everything = np.ones(2, dtype=np.bool_)
    found = help_for(evidence, TEXT, asker="asker", visible=everything)
    assert "ext" not in [one.person_id for one in found.results]
    assert FROM_OUTSIDE not in found.set_aside
    world.run_alone(
        "MATCH (s:Skill {id: 's'}) UNWIND range(1, 4) AS n "
        "CREATE (:Person {id: 'x' + n, external: true})-[:HAS_SKILL {id: 'hx' + n}]->(s)"
    )
    evidence = world.follow(advice.build(None))
    assert help_for(evidence, TEXT, asker="asker", visible=everything).set_aside[FROM_OUTSIDE] == 7
