"""What people change themselves: each change leaves an event, and no import takes it back."""

from datetime import timedelta
from pathlib import Path

import pytest

from graph.database import Database
from graph.errors import Conflict, Forbidden, KeyReused, NotFound
from graph.models import LOCAL_ADMIN, Part, Principal, Role, parts_of
from graph.reads import keys as key_reads
from graph.reads import log, resources
from graph.remedies import Retire
from graph.revocations import Revocations
from graph.writes import by_hand, remedies
from graph.writes.events import moment, now, take_turn
from graph.writes.idempotency import once
from graph.writes.keys import create_key, opens, parse_key, revoke_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.days import today
from tests.ingest.test_jobs import SMALL, write

MEMBER = Principal("p2", Role.MEMBER, "key:1")


@pytest.fixture
def load(database: Database, tmp_path: Path):
    def run(sweep: bool = False) -> None:
        folder = write(tmp_path / "hr", SMALL)
        ingest(database, BundleSource(folder, "hr"), rejects_folder=tmp_path / "rejects", sweep=sweep)

    return run


@pytest.fixture
def loaded(database: Database, load) -> Database:
    load()
    database.write(lambda tx: by_hand.create(tx, LOCAL_ADMIN, "community", "c2", {"name": "Knots", "domain": "Ropes."}))
    return database


def spells(database: Database, person: str, community: str) -> list[tuple]:
    return [(s.engagement, s.left_on) for s in database.read(resources.spells(person, community))]


def actions(database: Database) -> list[str]:
    return [event.action for event in database.read(log.events_after(0))]


def test_what_somebody_is_in_a_community(loaded: Database) -> None:
    def parts(person: str) -> set[Part]:
        return set(loaded.read(resources.standing("c1", person)))

    assert parts("p1") == {Part.MEMBER, Part.CORE}
    assert parts("p2") == {Part.SPONSOR}
    assert parts("nobody") == set()
    loaded.write(lambda tx: by_hand.change_membership(tx, LOCAL_ADMIN, "p1", "c1", {"role": "liaison, Co-Chair"}))
    assert parts("p1") == {Part.MEMBER, Part.CORE, Part.LEAD}
    loaded.write(lambda tx: by_hand.change_membership(tx, LOCAL_ADMIN, "p1", "c1", {"role": "emeritus lead"}))
    assert parts("p1") == {Part.MEMBER, Part.CORE}
    loaded.write(lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "person", "p2", {"left_on": today()}))
    assert parts("p2") == set()


@pytest.mark.parametrize(
    ("role", "leads"),
    [
        ("lead", True), ("Co-lead", True), ("tech lead", True), ("Chairwoman", True), ("coordinator", True),
        ("librarian", False), ("past chair", False), ("leading by example", False), ("", False), (None, False),
        ("former lead, chair", True),
    ],
)  # fmt: skip
def test_which_roles_lead(role: str | None, leads: bool) -> None:
    assert (Part.LEAD in parts_of(None, role)) == leads


def test_join_change_leave_and_come_back(loaded: Database) -> None:
    loaded.write(lambda tx: by_hand.join(tx, MEMBER, "p2", "c2", "occasional"))
    assert spells(loaded, "p2", "c2") == [("occasional", None)]
    with pytest.raises(Conflict, match="already"):
        loaded.write(lambda tx: by_hand.join(tx, MEMBER, "p2", "c2", None))
    loaded.write(lambda tx: by_hand.change_membership(tx, MEMBER, "p2", "c2", {"engagement": "core"}))
    (spell,) = loaded.read(resources.spells("p2", "c2"))
    assert spell.history == (f"{today()} occasional", f"{today()} core")
    loaded.write(lambda tx: by_hand.leave(tx, MEMBER, "p2", "c2"))
    assert spells(loaded, "p2", "c2") == [("core", today())]
    with pytest.raises(NotFound, match="no member"):
        loaded.write(lambda tx: by_hand.leave(tx, MEMBER, "p2", "c2"))
    loaded.write(lambda tx: by_hand.join(tx, MEMBER, "p2", "c2", None))
    assert spells(loaded, "p2", "c2") == [("core", None)]
    assert actions(loaded)[-4:] == [
        "join.membership", "change.membership", "leave.membership", "join.membership",
    ]  # fmt: skip


def test_leaving_what_a_source_says_survives_the_next_import(loaded: Database, load) -> None:
    before = spells(loaded, "p1", "c1")
    assert before[0][1] is None
    loaded.write(lambda tx: by_hand.leave(tx, LOCAL_ADMIN, "p1", "c1"))
    load(sweep=True)
    assert spells(loaded, "p1", "c1")[0][1] == today()
    # What was made by hand, no source can prune.
    assert loaded.read(resources.community("c2", MEMBER)) is not None


def test_nobody_joins_what_is_closed_or_over(loaded: Database) -> None:
    loaded.write(lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "community", "c2", {"visibility": "listed"}))
    with pytest.raises(Forbidden, match="let people in is for a lead of Knots"):
        loaded.write(lambda tx: by_hand.join(tx, MEMBER, "p2", "c2", None))
    loaded.write(lambda tx: by_hand.join(tx, LOCAL_ADMIN, "p2", "c2", None))
    loaded.write(lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "community", "c2", {"visibility": "restricted"}))
    assert loaded.read(resources.community("c2", MEMBER)) is not None
    stranger = Principal("p1", Role.MEMBER)
    assert loaded.read(resources.community("c2", stranger)) is None
    with pytest.raises(NotFound):
        loaded.write(lambda tx: by_hand.join(tx, stranger, "p1", "c2", None))
    loaded.write(lambda tx: remedies.carry_out(tx, LOCAL_ADMIN, Retire(community_id="c2", successor_id="c1")))
    with pytest.raises(Conflict, match="retired"):
        loaded.write(lambda tx: by_hand.join(tx, LOCAL_ADMIN, "p1", "c2", None))
    found = loaded.read(resources.community("c2", LOCAL_ADMIN))
    assert found is not None
    assert (found.community.retired_on, found.successor_ids) == (today(), ("c1",))


def test_a_dropped_skill_stays_dropped_until_it_is_taken_up_again(loaded: Database, load) -> None:
    (row,) = loaded.run_alone("MATCH (p:Person)-[h:HAS_SKILL]->(s) RETURN p.id AS p, s.id AS s LIMIT 1")
    held = "MATCH (:Person {id: $p})-[h:HAS_SKILL]->(:Skill {id: $s}) RETURN h.level AS level, h.dropped AS dropped"
    loaded.write(lambda tx: by_hand.drop_skill(tx, LOCAL_ADMIN, row["p"], row["s"], "held_skill"))
    load(sweep=True)
    assert loaded.run_alone(held, **row)[0]["dropped"] is True
    with pytest.raises(NotFound, match="no such skill"):
        loaded.write(lambda tx: by_hand.drop_skill(tx, LOCAL_ADMIN, row["p"], row["s"], "held_skill"))
    loaded.write(lambda tx: by_hand.set_skill(tx, LOCAL_ADMIN, row["p"], row["s"], "held_skill", {"level": 5}))
    assert loaded.run_alone(held, **row) == [{"level": 5, "dropped": None}]
    before = loaded.read(log.revision())
    loaded.write(lambda tx: by_hand.set_skill(tx, LOCAL_ADMIN, row["p"], row["s"], "held_skill", {"level": 5}))
    assert loaded.read(log.revision()) == before


def test_a_dismissal_can_be_undone(loaded: Database) -> None:
    loaded.write(lambda tx: by_hand.dismiss(tx, MEMBER, "p2", "c2", "no time", None))
    assert [one.reason for one in loaded.read(resources.dismissals("p2"))] == ["no time"]
    loaded.write(lambda tx: by_hand.undo_dismissal(tx, MEMBER, "p2", "c2"))
    assert loaded.read(resources.dismissals("p2")) == []
    with pytest.raises(NotFound):
        loaded.write(lambda tx: by_hand.undo_dismissal(tx, MEMBER, "p2", "c2"))


def test_a_key_opens_until_it_is_revoked_and_its_secret_is_nowhere(loaded: Database) -> None:
    key = loaded.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, "p1", "laptop"))
    parsed = parse_key(key)
    assert parsed is not None
    stored = loaded.read(key_reads.key(parsed[0], now()))
    assert stored is not None
    assert opens(stored, parsed[1])
    assert not opens(stored, parsed[1] + "x")
    everything = loaded.run_alone("MATCH (n) RETURN properties(n) AS p")
    assert not any(parsed[1] in str(row["p"]) for row in everything)
    loaded.write(lambda tx: revoke_key(tx, LOCAL_ADMIN, Revocations(loaded.settings), parsed[0]))
    assert loaded.read(key_reads.key(parsed[0], now())) is None
    with pytest.raises(NotFound):
        loaded.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, "nobody", None))


def test_a_key_ends_with_its_time_and_with_its_person(loaded: Database) -> None:
    def key(**given) -> str:
        text = loaded.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, "p1", None, **given))
        return (parse_key(text) or ("", ""))[0]

    ending, lasting = key(days=2), key(reads_only=True)
    at = [moment(timedelta(days=ahead)) for ahead in (0, 1, 3)]
    assert [loaded.read(key_reads.key(ending, one)) is not None for one in at] == [True, True, False]
    found = loaded.read(key_reads.key(lasting, at[2]))
    assert found is not None
    assert found.reads_only
    loaded.run_alone("MATCH (p:Person {id: 'p1'}) SET p.left_on = $day", day=at[1][:10])
    assert [loaded.read(key_reads.key(lasting, one)) is not None for one in at] == [True, False, False]
    loaded.run_alone("MATCH (p:Person {id: 'p1'}) DETACH DELETE p")
    assert loaded.read(key_reads.key(lasting, at[0])) is None


def test_an_idempotency_key_does_its_work_once(database: Database) -> None:
    done: list[int] = []

    def ask(request: str) -> dict:
        def work(tx) -> dict:
            take_turn(tx, "a")
            return once(tx, "a", "key", request, lambda: done.append(1) or {"number": len(done)})

        return database.write(work)

    assert ask("same") == ask("same") == {"number": 1}
    assert done == [1]
    with pytest.raises(KeyReused):
        ask("another")
