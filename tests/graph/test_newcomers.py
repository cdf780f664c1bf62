"""Newcomers are greeted by people of the community, and accompanied by somebody who does not judge them."""

from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.errors import Conflict, Forbidden, NotFound
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads import log
from graph.reads import newcomers as reads
from graph.reads.newcomers import Newcomer
from graph.writes import by_hand
from graph.writes import newcomers as writes
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from matcher.community import newcomers
from tests.days import ago, today
from tests.ingest.test_jobs import write


def member(person: str, days: int = 2000, level: str | None = None, role: str | None = None) -> dict[str, Any]:
    row = {"person_id": person, "community_id": "knots", "joined_on": ago(days), "engagement": level, "role": role}
    return {name: value for name, value in row.items() if value}


TABLES: dict[str, list[dict[str, Any]]] = {
    "skills": [{"id": "splicing", "name": "Splicing"}],
    "people": [
        {"id": "new", "name": "New", "manager_id": "boss", "timezone": "Europe/Lisbon", "languages": ["Portuguese"]},
        {"id": "boss", "name": "Boss", "manager_id": "chief"},
        {"id": "chief", "name": "Chief"},
        {"id": "report", "name": "Report", "manager_id": "new"},
        {"id": "lead", "name": "Lead", "timezone": "Europe/Lisbon"},
        {"id": "core", "name": "Core", "languages": ["Mandarin"]},
        {"id": "act", "name": "Act", "languages": ["Portuguese", "English"]},
        {"id": "fresh", "name": "Fresh"},
        {"id": "shy", "name": "Shy", "recommendable": False},
        {"id": "ext", "name": "Ext", "external": True},
        {"id": "out", "name": "Out"},
    ],
    "person_skills": [{"person_id": "new", "skill_id": "splicing"}],
    "communities": [{"id": "knots", "name": "Knots", "domain": "knots", "meetings": ["Monday 10:00"]}],
    "memberships": [
        member("new", 30, "active"), member("boss"), member("chief", level="core"), member("report"),
        member("lead", role="lead"), member("core", level="core"), member("act", level="active"),
        member("fresh", 5), member("shy"), member("ext"),
    ],
    "meetings": [
        {"id": "before", "community_id": "knots", "starts_at": f"{ago(40)}T10:00", "attendee_ids": ["new"]},
        {"id": "m", "community_id": "knots", "starts_at": f"{ago(10)}T10:00", "attendee_ids": ["new"]},
        {"id": "next", "community_id": "knots", "title": "Knot hour", "starts_at": "2999-01-01T10:00"},
    ],
    "questions": [
        {"id": "q", "text": "Which?", "community_id": "knots", "asker_id": "new", "asked_at": ago(25)},
        {"id": "waits", "text": "How to begin splicing?", "community_id": "knots", "asked_at": ago(9)},
        {"id": "other", "text": "How to begin bending?", "community_id": "knots", "asked_at": ago(9)},
    ],
    "advice": [{"question_id": "q", "helper_id": "act", "advised_at": ago(22)}],
}  # fmt: skip


def of(person: str | None, role: Role = Role.MEMBER) -> Principal:
    return Principal(person, role, f"key:{person}")


@pytest.fixture
def graph(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


def greet(graph: Database, greeter: str, newcomer: str = "new", who: Principal | None = None) -> Newcomer:
    return graph.write(lambda tx: writes.greet(tx, who or of(greeter), greeter, "knots", newcomer))


def propose(graph: Database, who: Principal, buddy: str = "act") -> Newcomer:
    return graph.write(lambda tx: writes.propose(tx, who, "knots", "new", buddy))


def step(graph: Database, who: str, name: str, buddy: str = "act") -> Newcomer:
    return graph.write(lambda tx: writes.step(tx, of(who), "knots", "new", buddy, name))


def beginning(graph: Database) -> newcomers.Beginning:
    return graph.follow(newcomers.beginning("knots", "new", today()))


def test_the_first_contact_is_whichever_came_first_since_joining(graph: Database) -> None:
    found = graph.follow(newcomers.of_community("knots", today()))
    assert [one.person_id for one in found.results] == ["new", "fresh"]
    contact = found.results[0].first_contact
    assert contact is not None
    assert (contact.kind, contact.days) == ("answer", 8), "the meeting before joining was none of theirs as a member"
    assert (found.waiting, found.median_days) == (1, 8)
    greeted = newcomers.welcome(greet(graph, "lead", "fresh"))
    assert [greeting.person_id for greeting in greeted.greetings] == ["lead"]
    assert greeted.first_contact is not None
    assert (greeted.first_contact.kind, greeted.first_contact.days) == ("greeting", 5)
    assert graph.follow(newcomers.of_community("knots", today())).waiting == 0


def test_who_greets_is_of_the_community_speaks_for_themselves_and_does_it_once(graph: Database) -> None:
    before = graph.read(log.revision())
    with pytest.raises(Forbidden, match="People of Knots"):
        greet(graph, "out")
    with pytest.raises(Forbidden, match="whoever greeted"):
        greet(graph, "lead", who=of("act"))
    with pytest.raises(Conflict, match="themselves"):
        greet(graph, "new")
    with pytest.raises(NotFound):
        greet(graph, "lead", "out")
    assert graph.read(log.revision()) == before
    greet(graph, "lead")
    with pytest.raises(Conflict, match="already"):
        greet(graph, "lead")
    greet(graph, "act", who=of("act"))
    events = graph.read(log.events_after(before))
    assert [event.action for event in events] == ["greet.newcomer"] * 2
    assert events[0].subjects == ("person/new", "person/lead", "community/knots")


def test_a_buddy_is_suggested_from_outside_the_line_and_never_who_does_not_want_it(graph: Database) -> None:
    suggested = beginning(graph).buddies
    assert [one.person_id for one in suggested] == ["act", "core", "lead"], "in the order of names"
    assert "language" in suggested[0].why
    propose(graph, of("lead"))
    assert beginning(graph).buddies == (), "one was asked"


def test_both_agree_before_somebody_is_a_buddy(graph: Database) -> None:
    with pytest.raises(Forbidden, match="a lead or a core member of Knots"):
        propose(graph, of("fresh"))
    asked = newcomers.welcome(propose(graph, of("lead")))
    assert asked.buddy is None
    assert [(one.person_id, one.newcomer_agrees, one.buddy_agrees) for one in asked.proposed] == [("act", False, False)]
    assert [one.state for one in graph.read(reads.accompanied("act"))] == ["proposed"]
    with pytest.raises(Forbidden, match="newcomer and the buddy"):
        step(graph, "lead", "agree")
    assert newcomers.welcome(step(graph, "new", "agree")).buddy is None
    done = newcomers.welcome(step(graph, "act", "agree"))
    assert done.buddy is not None
    assert (done.buddy.person_id, done.proposed) == ("act", ())
    with pytest.raises(Conflict, match="has a buddy already"):
        propose(graph, of("lead"), "core")
    with pytest.raises(Conflict, match="agreed"):
        step(graph, "act", "decline")
    step(graph, "new", "end")
    propose(graph, of("new"), "core")
    assert graph.write(lambda tx: writes.step(tx, of("core"), "knots", "new", "core", "agree")).buddies[1].state == (
        "agreed"
    ), "who asks has agreed"


def test_who_said_no_is_not_asked_again_by_others(graph: Database) -> None:
    propose(graph, of("new"))
    step(graph, "act", "decline")
    with pytest.raises(Conflict, match="said no"):
        propose(graph, of("lead"))
    again = propose(graph, of("act")).buddies[0]
    assert (again.state, again.newcomer_agrees, again.buddy_agrees) == ("proposed", False, True)


@pytest.mark.parametrize("buddy", ["boss", "chief", "report"])
def test_nobody_of_the_reporting_line_becomes_a_buddy_whoever_says_so(graph: Database, buddy: str) -> None:
    for who in (of("new"), of(buddy), of(None, Role.KNOWLEDGE_MANAGER), LOCAL_ADMIN):
        with pytest.raises(Conflict, match="reporting line"):
            propose(graph, who, buddy)


def test_who_became_the_manager_meanwhile_is_no_buddy_any_more(graph: Database) -> None:
    propose(graph, of("new"))
    graph.write(lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "person", "boss", {"manager_id": "act"}))
    with pytest.raises(Conflict, match="reporting line"):
        step(graph, "act", "agree")


def test_first_steps_fit_the_level(graph: Database) -> None:
    steps = [(one.kind, one.id) for one in beginning(graph).steps]
    assert steps == [("meeting", "next"), ("question", "waits"), ("person", "lead"), ("person", "chief")]
    graph.write(
        lambda tx: by_hand.change_membership(tx, LOCAL_ADMIN, "new", "knots", {"engagement": "peripheral"})
    )  # fmt: skip
    assert {one.kind for one in beginning(graph).steps} == {"person", "meeting"}, "nobody is set to work who looks on"


def test_who_is_erased_takes_greetings_and_buddies_along(graph: Database) -> None:
    greet(graph, "act")
    propose(graph, of("new"))
    graph.write(lambda tx: tx.run("write/delete_person", ids=["act"]))
    left = graph.read(reads.member("knots", "new"))
    assert left is not None
    assert (left.greetings, left.buddies) == ((), ())
