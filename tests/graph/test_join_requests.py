"""Who cannot just join asks, and whoever lets people in says yes, or no and why."""

from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.errors import Conflict, Forbidden, NotFound
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads import digest, log, personal, resources
from graph.reads import join_requests as reads
from graph.remedies import REMEDY
from graph.writes import by_hand, doubles, erasure, remedies
from graph.writes import join_requests as writes
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.days import ago, today
from tests.ingest.test_jobs import write

MANAGER = Principal(None, Role.KNOWLEDGE_MANAGER, "key:km")
TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [
        {"id": key, "name": key.title(), "external": key == "eve"} for key in ("lea", "mo", "ann", "anna", "eve")
    ],
    "communities": [
        {"id": "lamps", "name": "Lamps", "domain": "Wicks.", "visibility": "listed", "externals_allowed": True},
        {"id": "glass", "name": "Glass", "domain": "Lenses.", "visibility": "listed"},
        {"id": "vault", "name": "Vault", "domain": "Locks.", "visibility": "restricted"},
        {"id": "ropes", "name": "Ropes", "domain": "Ropes."},
        {"id": "plan", "name": "Plan", "domain": "Plans.", "visibility": "listed", "status": "forming"},
    ],
    "memberships": [
        {"person_id": "lea", "community_id": "lamps", "role": "lead", "joined_on": "2020-01-01"},
        {"person_id": "mo", "community_id": "lamps", "joined_on": "2020-01-01"},
    ],
}


@pytest.fixture
def graph(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


def ask(graph: Database, who: str, community: str = "lamps", **given: Any) -> str:
    return graph.write(lambda tx: writes.ask(tx, Principal(who), who, community, **given)).id


def state(graph: Database, request: str) -> str:
    found = graph.read(reads.by_id(request))
    assert found is not None
    return found.state


def due(graph: Database, who: str, *, manages: bool = False) -> list[tuple[str, str]]:
    return [(one.what, one.state) for one in graph.read(digest.letting_in(who, today(), manages=manages))]


def test_who_is_let_in_is_a_member_at_the_level_that_they_asked_for(graph: Database) -> None:
    key = ask(graph, "ann", level="active", words="I trim wicks.")
    (found,) = graph.read(reads.of_community("lamps"))
    assert (found.asker.id, found.level, found.words, found.waits) == ("ann", "active", "I trim wicks.", True)
    with pytest.raises(Conflict, match="already"):
        ask(graph, "ann")
    for who in ("ann", "anna", "mo"):
        with pytest.raises((Forbidden, NotFound)):
            graph.write(lambda tx, who=who: writes.accept(tx, Principal(who), key))
    done = graph.write(lambda tx: writes.accept(tx, Principal("lea"), key))
    assert (done.state, done.decider and done.decider.id, done.waits) == ("accepted", "lea", False)
    (spell,) = graph.read(resources.spells("ann", "lamps"))
    assert (spell.engagement, spell.joined_on) == ("active", today())
    with pytest.raises(Conflict, match="accepted already"):
        graph.write(lambda tx: writes.decline(tx, Principal("lea"), key, "No."))


def long_ago(graph: Database, request: str, days: int) -> None:
    """As if it had been decided so many days ago."""
    at = ago(days) + "T09:00:00.000Z"
    graph.run_alone("MATCH (j:JoinRequest {id: $id}) SET j.asked_at = $at, j.decided_at = $at", id=request, at=at)


def test_a_no_has_a_reason_and_one_may_ask_again_after_a_while(graph: Database) -> None:
    key = ask(graph, "ann")
    graph.write(lambda tx: writes.decline(tx, MANAGER, key, "We are full."))
    (told,) = graph.read(reads.of_person("ann", Principal("ann")))
    assert (told.state, told.reason, told.decider) == ("declined", "We are full.", None)
    day = ago(-reads.ASK_AGAIN)
    assert told.again_on == day
    for who in (Principal("ann"), LOCAL_ADMIN):
        with pytest.raises(Conflict, match=f"from {day} on"):
            graph.write(lambda tx, who=who: writes.ask(tx, who, "ann", "lamps"))
    assert ask(graph, "ann", "glass"), "elsewhere it was not declined"
    long_ago(graph, key, reads.ASK_AGAIN - 1)
    with pytest.raises(Conflict, match="asking again"):
        ask(graph, "ann")
    long_ago(graph, key, reads.ASK_AGAIN)
    (told,) = [one for one in graph.read(reads.of_community("lamps")) if one.id == key]
    assert told.again_on is None
    again = ask(graph, "ann")
    with pytest.raises(NotFound):
        graph.write(lambda tx: writes.withdraw(tx, Principal("mo"), again))
    graph.write(lambda tx: writes.withdraw(tx, Principal("ann"), again))
    assert [one.state for one in graph.read(reads.of_community("lamps"))] == ["withdrawn", "declined"]
    assert graph.read(resources.spells("ann", "lamps")) == []


def test_who_was_declined_and_let_in_all_the_same_has_not_to_wait_when_they_left(graph: Database) -> None:
    key = ask(graph, "ann")
    graph.write(lambda tx: writes.decline(tx, Principal("lea"), key, "Not yet."))
    graph.write(lambda tx: by_hand.join(tx, Principal("lea"), "ann", "lamps", None))
    graph.write(lambda tx: by_hand.leave(tx, Principal("ann"), "ann", "lamps"))
    assert state(graph, ask(graph, "ann")) == "asked"


def test_there_is_nothing_to_ask_where_one_may_not_or_need_not(graph: Database) -> None:
    for who, community, error in (
        ("ann", "vault", NotFound), ("ann", "ropes", Conflict), ("ann", "plan", Conflict), ("mo", "lamps", Conflict),
        ("nobody", "lamps", NotFound),
    ):  # fmt: skip
        with pytest.raises(error):
            ask(graph, who, community)
    with pytest.raises(Conflict, match="invited by a lead"):
        graph.write(lambda tx: writes.ask(tx, LOCAL_ADMIN, "eve", "lamps"))
    with pytest.raises(Forbidden):
        graph.write(lambda tx: writes.ask(tx, Principal("mo"), "ann", "lamps"))
    with pytest.raises(NotFound):  # an admin asks for somebody no more than they could themselves
        graph.write(lambda tx: writes.ask(tx, LOCAL_ADMIN, "ann", "vault"))


def test_whoever_decides_and_whoever_asked_is_told(graph: Database) -> None:
    led, leaderless = ask(graph, "ann"), ask(graph, "ann", "glass")
    assert due(graph, "lea") == [("asked", "asked")]
    assert due(graph, "mo") == due(graph, "ann") == []
    assert [one.community_id for one in graph.read(digest.letting_in("mo", today(), manages=True))] == ["glass"]
    graph.write(lambda tx: writes.accept(tx, Principal("lea"), led))
    graph.write(lambda tx: writes.decline(tx, MANAGER, leaderless, "It sleeps."))
    assert due(graph, "lea") == due(graph, "mo", manages=True) == []
    assert sorted(due(graph, "ann")) == [("decided", "accepted"), ("decided", "declined")]
    assert graph.read(digest.letting_in("ann", "2999-01-01", manages=False)) == [], "it is told for a fortnight"


def test_who_was_let_in_otherwise_waits_no_more(graph: Database) -> None:
    key = ask(graph, "ann")
    graph.write(lambda tx: by_hand.edit(tx, MANAGER, "community", "lamps", {"visibility": "open"}))
    graph.write(lambda tx: by_hand.join(tx, Principal("ann"), "ann", "lamps", "core"))
    assert state(graph, key) == "accepted"
    other = ask(graph, "anna", "glass")
    graph.write(lambda tx: by_hand.edit(tx, MANAGER, "community", "glass", {"visibility": "open"}))
    graph.write(lambda tx: by_hand.join(tx, MANAGER, "lea", "glass", None))
    graph.write(lambda tx: by_hand.change_membership(tx, MANAGER, "lea", "glass", {"role": "lead"}))
    with pytest.raises(Forbidden, match="join it themselves"):
        graph.write(lambda tx: by_hand.join(tx, Principal("lea"), "mo", "glass", None))
    graph.write(lambda tx: writes.accept(tx, Principal("lea"), other))
    assert state(graph, other) == "accepted", "who asked may be let in although it is open by now"


def test_what_became_restricted_is_told_to_the_asker_no_more(graph: Database) -> None:
    key = ask(graph, "ann")
    graph.write(lambda tx: by_hand.edit(tx, MANAGER, "community", "lamps", {"visibility": "restricted"}))
    assert graph.read(reads.of_person("ann", Principal("ann"))) == []
    with pytest.raises(NotFound):
        graph.write(lambda tx: writes.withdraw(tx, Principal("ann"), key))
    data = graph.follow(personal.personal_data("ann"))
    assert data is not None
    (held,) = [one for one in data.relations if one.relation == "ASKED_TO_JOIN"]
    assert (held.record, held.id) == ({}, None)
    graph.write(lambda tx: writes.decline(tx, Principal("lea"), key, "No."))
    assert due(graph, "ann") == []


def test_a_merge_leads_those_who_wait_along_and_back(graph: Database) -> None:
    moved, there, both = ask(graph, "ann"), ask(graph, "anna", "glass"), ask(graph, "anna")
    before = log.fingerprint(graph)
    merge = REMEDY.validate_python({"remedy": "merge", "community_id": "lamps", "into_id": "glass"})
    done = graph.write(lambda tx: remedies.carry_out(tx, MANAGER, merge))
    assert {one.id for one in graph.read(reads.of_community("glass"))} == {moved, there}
    (left,) = graph.read(reads.of_community("lamps"))
    assert (left.id, left.waits) == (both, False), "they wait there already"
    undone = graph.write(lambda tx: remedies.undo(tx, MANAGER, done.id))
    assert (undone.left, log.fingerprint(graph)) == ((), before)


def test_two_who_turn_out_to_be_one_are_let_in_once(graph: Database) -> None:
    keys = {ask(graph, "ann"), ask(graph, "anna")}
    before = log.fingerprint(graph)
    united = graph.write(lambda tx: doubles.same_person(tx, LOCAL_ADMIN, "ann", "anna", ()))
    assert {one.id for one in graph.read(reads.of_person("ann", Principal("ann")))} == keys
    graph.write(lambda tx: doubles.undo_same_person(tx, LOCAL_ADMIN, united.id, ()))
    assert log.fingerprint(graph) == before
    graph.write(lambda tx: doubles.same_person(tx, LOCAL_ADMIN, "ann", "anna", ()))
    graph.write(lambda tx: writes.accept(tx, Principal("lea"), min(keys)))
    assert {state(graph, key) for key in keys} == {"accepted"}


def test_what_somebody_asked_is_theirs_to_read_and_goes_with_them(graph: Database) -> None:
    ask(graph, "ann", words="I trim wicks.")
    data = graph.follow(personal.personal_data("ann"))
    assert data is not None
    (held,) = [one for one in data.relations if one.relation == "ASKED_TO_JOIN"]
    assert held.record["words"] == "I trim wicks."
    assert held.purpose
    erasure.erase(graph, LOCAL_ADMIN, "ann")
    assert graph.run_alone("MATCH (j:JoinRequest) RETURN j.id AS id") == []
