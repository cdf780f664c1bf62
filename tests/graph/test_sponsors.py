"""Nobody is made a sponsor: they are asked, and answer themselves."""

# Fixtures of the charters' tests are imported here, and the tests that ask for one name it again.
# ruff: noqa: F401, F811

from collections.abc import Callable

import pytest

from graph.database import Database
from graph.errors import Conflict, Forbidden, NotFound
from graph.models import LOCAL_ADMIN, Part
from graph.reads import resources
from graph.reads import sponsors as reads
from graph.writes import sponsors
from tests.graph.test_charters import KM, TABLES, graph, load, person

NOBODY = "Nobody sponsors it yet."


def told(graph: Database, community: str = "ropes") -> dict[str, str]:
    return {one.person.id: one.state for one in graph.read(reads.sponsorship(community)).people}


def step(graph: Database, act: Callable, who: str, whom: str, community: str = "ropes") -> reads.Sponsorship:
    return graph.write(lambda tx: act(tx, person(who), community, whom))


def test_a_lead_asks_and_only_who_is_asked_answers(graph: Database) -> None:
    assert told(graph) == {"spo": "sponsors"}
    for who in ("mem", "cora", "spo", "out"):
        with pytest.raises(Forbidden, match="a lead of Ropes or a knowledge manager"):
            step(graph, sponsors.ask, who, "out")
    with pytest.raises(Conflict, match="has not been asked"):
        step(graph, sponsors.accept, "out", "out")
    step(graph, sponsors.ask, "lea", "out")
    with pytest.raises(Conflict, match="is asked already"):
        graph.write(lambda tx: sponsors.ask(tx, KM, "ropes", "out"))
    with pytest.raises(Forbidden, match="themselves"):
        step(graph, sponsors.accept, "lea", "out")
    assert told(graph) == {"spo": "sponsors", "out": "asked"}
    graph.write(lambda tx: sponsors.decline(tx, person("out"), "ropes", "out", "No time."))
    assert graph.read(reads.sponsorship("ropes")).of("out").reason == "No time."
    step(graph, sponsors.ask, "lea", "out")
    step(graph, sponsors.accept, "out", "out")
    assert told(graph) == {"spo": "sponsors", "out": "sponsors"}
    assert Part.SPONSOR in graph.read(resources.standing("ropes", "out"))
    with pytest.raises(NotFound):
        step(graph, sponsors.ask, "lea", "nobody")


def test_who_steps_down_is_brought_back_by_no_source_and_may_come_back_themselves(graph: Database, load) -> None:
    step(graph, sponsors.step_down, "spo", "spo")
    assert told(graph) == {}
    assert graph.read(reads.sponsorship("ropes")).notes == (NOBODY,)
    load(charters=[{**TABLES["charters"][0], "purpose": "Keep more ropes.", "sponsor_id": "spo"}])
    load(charters=[{**TABLES["charters"][0], "sponsor_id": "sue"}])
    load()
    assert told(graph) == {}
    graph.write(lambda tx: sponsors.ask(tx, KM, "ropes", "spo"))
    step(graph, sponsors.accept, "spo", "spo")
    load(charters=[{**TABLES["charters"][0], "sponsor_id": "sue"}])
    assert told(graph) == {"spo": "sponsors", "sue": "sponsors"}  # what was agreed by hand no source takes


def test_a_lead_as_only_sponsor_is_told_and_not_forbidden(graph: Database) -> None:
    step(graph, sponsors.ask, "lea", "lea")
    step(graph, sponsors.accept, "lea", "lea")
    assert graph.read(reads.sponsorship("ropes")).notes == ()
    found = step(graph, sponsors.step_down, "spo", "spo")
    assert found.notes == (
        "Only those who lead it sponsor it: ask somebody who can speak for it without doing its work.",
    )


def test_nobody_who_left_or_is_external_is_asked(graph: Database) -> None:
    graph.run_alone("MATCH (p:Person {id: 'out'}) SET p.external = true")
    with pytest.raises(Conflict, match="external"):
        step(graph, sponsors.ask, "lea", "out")
    graph.run_alone("MATCH (p:Person {id: 'out'}) SET p.left_on = '2024-01-01'")
    with pytest.raises(Conflict, match="has left"):
        step(graph, sponsors.ask, "lea", "out")


def test_who_is_asked_to_sponsor_sees_what_is_restricted(graph: Database) -> None:
    assert graph.read(resources.community("knots", person("out"))) is None
    step(graph, sponsors.ask, "lea", "out", "knots")
    assert graph.read(resources.community("knots", person("out"))) is not None
    step(graph, sponsors.decline, "out", "out", "knots")
    assert graph.read(resources.community("knots", person("out"))) is None
    graph.write(lambda tx: sponsors.ask(tx, LOCAL_ADMIN, "knots", "out"))
