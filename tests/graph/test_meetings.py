"""Meetings as people plan, move, cancel and attend them, and what no sequence of that may do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from graph.database import Database
from graph.errors import Conflict, Forbidden, GuildmapError, InvalidInput, NotFound
from graph.models import Principal, Role
from graph.reads import log
from graph.reads import meetings as reads
from graph.reads.meetings import Occurrence
from graph.writes import meetings as writes
from graph.writes import practice
from graph.writes.keys import digest
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.ingest.test_jobs import write

TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [
        {"id": "lea", "name": "Lea"},
        {"id": "cor", "name": "Cor"},
        {"id": "mem", "name": "Mem"},
        {"id": "fac", "name": "Fac"},
        {"id": "out", "name": "Out"},
        {"id": "ext", "name": "Ext", "external": True},
        {"id": "exm", "name": "Exm", "external": True},
    ],
    "communities": [
        {"id": "knots", "name": "Knots", "domain": "ropes", "timezone": "Europe/Oslo"},
        {"id": "deals", "name": "Deals", "domain": "takeovers", "visibility": "restricted"},
        {"id": "past", "name": "Past", "domain": "old", "status": "retired"},
    ],
    "memberships": [
        {"person_id": "lea", "community_id": "knots", "role": "lead"},
        {"person_id": "lea", "community_id": "past", "role": "lead"},
        {"person_id": "cor", "community_id": "knots", "engagement": "core"},
        {"person_id": "mem", "community_id": "knots", "engagement": "active"},
        {"person_id": "exm", "community_id": "knots", "engagement": "active"},
        {"person_id": "mem", "community_id": "deals", "role": "lead"},
    ],
    "meetings": [
        {"id": "k1", "community_id": "knots", "starts_at": "2026-01-07T10:00", "title": "Round",
         "attendee_ids": ["mem"], "recurrence": "every full moon", "agenda": ["Hemp"], "summary": "Splices."},
    ],
    "agenda_items": [{"community_id": "knots", "title": "Hemp", "state": "progressed", "owner_id": "mem"}],
    "artifacts": [{"id": "tables", "community_id": "knots", "title": "Tables", "kind": "document",
                   "maker_ids": ["mem"]}],
}  # fmt: skip


def as_member(person: str) -> Principal:
    return Principal(person, Role.MEMBER, f"key:{person}")


LEA, COR, MEM, FAC, OUT, EXT, EXM = (
    as_member(person) for person in ("lea", "cor", "mem", "fac", "out", "ext", "exm")
)  # fmt: skip
LONG_AGO = "2026-01-05T10:00"  # a Monday, in winter


class Knots:
    def __init__(self, database: Database) -> None:
        self.database = database

    def do(self, work: Any, *given: Any, **named: Any) -> Any:
        return self.database.write(lambda tx: work(tx, *given, **named))

    def plan(self, starts_at: str = LONG_AGO, who: Principal = LEA, **fields: Any) -> Occurrence:
        return self.do(writes.plan, who, "knots", {"title": "Splicing", "starts_at": starts_at, **fields})

    def series(self, **fields: Any) -> Occurrence:
        return self.plan(recurrence="FREQ=WEEKLY", **fields)

    def list(self, after: str = "2026-01-01", before: str = "2026-02-02") -> list[Occurrence]:
        moments = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (after, before)]
        return reads.rolled_out(self.database.read(reads.meetings(["knots"], moments[0])), *moments)

    def see(self, meeting_id: str) -> Occurrence:
        found = self.database.read(reads.meeting(meeting_id))
        assert found is not None
        return found


@pytest.fixture
def knots(database: Database, tmp_path: Path) -> Knots:
    report = ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    assert report.rejected == 0
    return Knots(database)


def begins(some: list[Occurrence]) -> list[str]:
    return [one.begins.isoformat(timespec="minutes") for one in some if one.meeting.title == "Splicing"]


def test_a_series_is_rolled_out_in_its_zone_and_each_meeting_has_an_id(knots: Knots) -> None:
    made = knots.series()
    assert made.whole
    listed = [one for one in knots.list() if one.meeting.title == "Splicing"]
    assert begins(listed)[:2] == ["2026-01-05T10:00+01:00", "2026-01-12T10:00+01:00"]
    assert [knots.see(one.id).begins for one in listed] == [one.begins for one in listed]
    assert begins(knots.list("2026-03-26", "2026-04-01")) == ["2026-03-30T10:00+02:00"], "ten o'clock in summer too"
    with pytest.raises(NotFound):
        knots.do(writes.note, LEA, f"{made.id}@20260106T0900Z", "no such day")


def test_one_meeting_is_moved_and_another_cancelled(knots: Knots) -> None:
    made = knots.series()
    first, second, third, *_ = [one for one in knots.list() if one.meeting.title == "Splicing"]
    moved = knots.do(writes.move, LEA, second.id, "2026-01-13T15:00")
    assert (moved.id, moved.planned) == (second.id, second.begins)
    knots.do(writes.cancel, COR, third.id, "Snow.")
    knots.do(writes.move, LEA, first.id, "2026-01-06T10:00")
    after = [one for one in knots.list() if one.meeting.title == "Splicing"]
    assert begins(after) == [
        "2026-01-06T10:00+01:00", "2026-01-13T15:00+01:00", "2026-01-19T10:00+01:00", "2026-01-26T10:00+01:00",
    ]  # fmt: skip
    assert [one.cancelled for one in after] == [False, False, True, False]
    assert after[2].meeting.reason == "Snow."
    with pytest.raises(Conflict, match="cancelled"):
        knots.do(writes.attend, MEM, third.id, "mem")
    with pytest.raises(Conflict, match="its first"):
        knots.do(writes.move, LEA, made.id, "2026-01-06T10:00")
    assert [one.id for one in knots.list("2026-01-06", "2026-01-07") if one.meeting.title == "Splicing"] == [first.id]


def test_a_series_ends_or_is_followed_and_what_was_held_stays(knots: Knots) -> None:
    old = knots.series()
    second = knots.list()[2].id
    knots.do(writes.attend, MEM, second, "mem")
    new = knots.plan("2026-01-21T11:00", recurrence="FREQ=WEEKLY", follows_id=old.id)
    assert begins(knots.list()) == [
        "2026-01-05T10:00+01:00", "2026-01-12T10:00+01:00", "2026-01-19T10:00+01:00", "2026-01-21T11:00+01:00",
        "2026-01-28T11:00+01:00",
    ]  # fmt: skip
    knots.do(writes.cancel, LEA, new.id, "Enough.")
    soon = datetime.now(UTC)
    assert [
        one for one in knots.list(f"{soon:%Y-%m-%d}", f"{soon + timedelta(60):%Y-%m-%d}") if one.begins > soon
    ] == []
    assert [who.id for who in knots.see(second).meeting.came] == ["mem"]
    with pytest.raises(Conflict, match="follows it"):
        knots.do(writes.change, LEA, knots.series().id, {"starts_at": "2026-01-06T11:00", "recurrence": None})


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"starts_at": "2026-01"}, "say the day"),
        ({"starts_at": "2026-01-06T10:00", "recurrence": "FREQ=WEEKLY;BYDAY=MO"}, "Begin at 2026-01-12T10:00"),
        ({"starts_at": LONG_AGO, "recurrence": "now and then"}, "no rule like"),
        ({"starts_at": LONG_AGO, "follows_id": "nothing"}, "no meeting"),
    ],
)
def test_what_no_calendar_could_hold_is_not_planned(knots: Knots, fields: dict[str, Any], told: str) -> None:
    with pytest.raises((InvalidInput, NotFound), match=told):
        knots.do(writes.plan, LEA, "knots", fields)


def test_who_may_do_what(knots: Knots) -> None:
    for who in (MEM, FAC, OUT):
        with pytest.raises(Forbidden, match="a lead or a core member of Knots"):
            knots.plan(who=who)
    with pytest.raises(NotFound):
        knots.plan(who=EXT)
    with pytest.raises(Conflict, match="retired"):
        knots.do(writes.plan, LEA, "past", {"starts_at": LONG_AGO})
    one = knots.plan(who=COR, facilitator_id="fac").id
    for who in (MEM, OUT, EXM):
        for act in ((writes.note, "x"), (writes.put_on_agenda, "x"), (writes.discuss, "x"), (writes.attend, "lea")):
            with pytest.raises(Forbidden):
                knots.do(act[0], who, one, *act[1:])
    knots.do(writes.note, FAC, one, "We spliced.")
    knots.do(writes.attend, FAC, one, "lea")
    with pytest.raises(Forbidden, match="as a guest"):
        knots.do(writes.attend, OUT, one, "out", guest=False)
    came = knots.do(writes.attend, OUT, one, "out").meeting.came
    assert [(who.id, who.guest) for who in came] == [("lea", False), ("out", True)]
    with pytest.raises(NotFound):
        knots.do(writes.attend, EXT, one, "ext")
    knots.do(writes.attend, LEA, one, "ext")
    assert [who.id for who in knots.see(one).meeting.came if who.external] == ["ext"]
    knots.do(writes.attend, EXM, one, "exm")
    knots.do(writes.attend, EXM, one, "exm", came=False)
    with pytest.raises(NotFound):
        knots.do(writes.attend, EXM, one, "exm", came=False)
    with pytest.raises(Conflict, match="held"):
        knots.do(writes.cancel, LEA, one)
    with pytest.raises(Conflict, match="nobody was there yet"):
        knots.do(writes.attend, MEM, knots.plan("2126-01-05T10:00").id, "mem")


def test_an_item_keeps_its_state_owner_and_what_was_said_of_it(knots: Knots) -> None:
    one = knots.plan().id
    knots.do(writes.put_on_agenda, LEA, one, "Nylon")
    knots.do(writes.discuss, LEA, one, "Nylon", text="Test it.", state="progressed", owner_id="mem")
    other = knots.plan("2026-01-06T10:00").id
    knots.do(writes.discuss, MEM, other, "Nylon", text="It holds.", state="settled")
    knots.do(writes.discuss, MEM, other, "Hemp", text="Who owns it may say.")
    items = {item.title: item for item in knots.database.read(reads.agenda("knots"))}
    nylon = items["Nylon"]
    assert (nylon.state, nylon.owner and nylon.owner.id) == ("settled", "mem")
    assert [said.note for said in nylon.discussions] == ["Test it.", "It holds."]
    assert (items["Hemp"].state, len(items["Hemp"].discussions)) == ("progressed", 2)


def test_an_import_takes_away_nothing_that_people_wrote_down(knots: Knots, tmp_path: Path) -> None:
    knots.do(writes.attend, LEA, "k1", "lea")
    knots.do(writes.discuss, LEA, "k1", "Hemp", text="Wet.", state="settled")
    knots.do(writes.note, LEA, "k1", "Wet splices.")
    changed = {**TABLES, "meetings": [{**TABLES["meetings"][0], "agenda": ["Silk"], "attendee_ids": ["cor"]}]}
    del changed["agenda_items"]
    source = BundleSource(write(tmp_path / "again", changed), "hr")
    ingest(knots.database, source, rejects_folder=tmp_path / "rejects", sweep=True)
    found = knots.see("k1").meeting
    assert {who.id for who in found.came} == {"mem", "lea"}, "the hand's list is the list"
    assert found.summary == "Wet splices."
    hemp = next(item for item in knots.database.read(reads.agenda("knots")) if item.title == "Hemp")
    assert (hemp.state, hemp.discussions[0].note) == ("settled", "Wet.")


def test_what_people_propose_is_taken_up_declined_or_withdrawn(knots: Knots) -> None:
    def propose(who: Principal, kind: str, **fields: Any) -> str:
        return knots.do(practice.propose, who, who.person_id, "knots", {"kind": kind, "title": "Wire", **fields}).id

    meeting = propose(OUT, "meeting", starts_at="2126-01-07T10:00")
    with pytest.raises(Forbidden, match="decide on proposals"):
        knots.do(practice.take_up, MEM, meeting)
    taken = knots.do(practice.take_up, LEA, meeting)
    assert (taken.state, taken.decider.id, knots.see(taken.became).meeting.facilitator_id) == ("taken_up", "lea", "out")
    with pytest.raises(Conflict, match="taken up already"):
        knots.do(practice.decline, LEA, meeting, "No.")
    topic = knots.do(practice.take_up, COR, propose(MEM, "topic"))
    assert topic.became in [item.id for item in knots.database.read(reads.agenda("knots"))]
    made = knots.do(practice.take_up, COR, propose(MEM, "artifact", url="https://wire.example"))
    assert [one.title for one in knots.database.read(reads.artifacts("knots")) if one.id == made.became] == ["Wire"]
    declined = knots.do(practice.decline, COR, propose(MEM, "topic"), "Rope first.")
    assert (declined.state, declined.reason) == ("declined", "Rope first.")
    back = propose(MEM, "topic")
    with pytest.raises(Forbidden, match="who proposed it"):
        knots.do(practice.withdraw, LEA, back)
    assert knots.do(practice.withdraw, MEM, back).state == "withdrawn"
    with pytest.raises(NotFound):
        propose(EXT, "topic")
    with pytest.raises(InvalidInput, match="names no day"):
        knots.do(practice.take_up, LEA, propose(MEM, "meeting"))


def test_artefacts_are_their_makers_to_change(knots: Knots) -> None:
    with pytest.raises(Forbidden):
        knots.do(practice.add_artifact, MEM, "knots", {"title": "T", "maker_ids": ["cor"]})
    with pytest.raises(Forbidden):
        knots.do(practice.add_artifact, OUT, "knots", {"title": "T", "maker_ids": ["out"]})
    mine = knots.do(practice.add_artifact, MEM, "knots", {"title": "T", "maker_ids": ["mem"], "kind": "tool"})
    with pytest.raises(Forbidden):
        knots.do(practice.change_artifact, OUT, "tables", {"title": "Mine"})
    assert knots.do(practice.change_artifact, COR, mine.id, {"retired_on": "2026-02"}).retired_on == "2026-02"
    with pytest.raises(NotFound):
        knots.do(practice.change_artifact, EXT, mine.id, {"title": "x"})


def test_an_address_opens_until_it_is_renewed_and_is_stored_nowhere(knots: Knots) -> None:
    secret = knots.do(writes.renew_address, MEM, "mem")
    assert knots.database.read(reads.at_address(digest(secret))) == "mem"
    stored = knots.database.run_alone("MATCH (n) RETURN properties(n) AS all")
    assert not any(secret in str(row["all"]) for row in stored)
    knots.do(writes.renew_address, MEM, "mem")
    assert knots.database.read(reads.at_address(digest(secret))) is None


WHO = st.sampled_from(["lea", "cor", "mem", "fac", "out", "ext", "exm"])


class Doings(RuleBasedStateMachine):
    """Anybody does anything to the meetings of a series; what is on record only ever grows by those who may."""

    database: Database
    folder: Path

    @initialize()
    def begin(self) -> None:
        self.database.run_alone("MATCH (n) WHERE NOT n:Migration AND NOT n:Meta DETACH DELETE n")
        ingest(self.database, BundleSource(self.folder / "hr", "hr"), rejects_folder=self.folder / "rejects")
        self.knots = Knots(self.database)
        self.knots.series(facilitator_id="fac")
        self.ids = [one.id for one in self.knots.list() if one.meeting.title == "Splicing"]
        self.came: dict[str, set[str]] = {key: set() for key in self.ids}
        self.notes: dict[str, str] = {}
        self.events = self.database.read(log.revision())

    def _try(self, allowed: bool, work: Any, who: str, *given: Any, **named: Any) -> bool:
        try:
            self.knots.do(work, as_member(who), *given, **named)
        except (Forbidden, NotFound):
            return False
        except GuildmapError:
            return False  # out of turn, as with a meeting that was cancelled
        assert allowed, (who, work.__name__, given)
        revision = self.database.read(log.revision())
        assert revision == self.events + 1, "one event for each change"
        self.events = revision
        return True

    @rule(who=WHO, place=st.integers(0, 3), person=WHO, came=st.booleans())
    def attends(self, who: str, place: int, person: str, came: bool) -> None:
        keeps = who in ("lea", "cor", "fac")
        allowed = keeps or (who == person and who != "ext")
        if self._try(allowed, writes.attend, who, self.ids[place], person, came=came):
            (self.came[self.ids[place]].add if came else self.came[self.ids[place]].discard)(person)

    @rule(who=WHO, place=st.integers(0, 3), text=st.sampled_from(["a", "b"]))
    def notes_down(self, who: str, place: int, text: str) -> None:
        if self._try(who in ("lea", "cor", "fac"), writes.note, who, self.ids[place], text):
            self.notes[self.ids[place]] = text

    @rule(who=WHO, place=st.integers(0, 3), day=st.integers(6, 28))
    def moves(self, who: str, place: int, day: int) -> None:
        held = bool(self.came[self.ids[place]]) or self.ids[place] in self.notes
        allowed = who in ("lea", "cor") and not held
        self._try(allowed, writes.move, who, self.ids[place], f"2026-01-{day:02}T12:00")

    @rule(who=WHO, place=st.integers(0, 3))
    def cancels(self, who: str, place: int) -> None:
        held = bool(self.came[self.ids[place]]) or self.ids[place] in self.notes
        self._try(who in ("lea", "cor") and not held, writes.cancel, who, self.ids[place])

    @rule(who=WHO)
    def ends(self, who: str) -> None:
        self._try(who in ("lea", "cor"), writes.cancel, who, self.ids[0].partition("@")[0])

    def teardown(self) -> None:
        if not hasattr(self, "ids"):
            return
        for key in self.ids:
            found = self.knots.see(key).meeting
            assert {who.id for who in found.came} == self.came[key]
            assert found.summary == self.notes.get(key)
        listed = [one.id for one in self.knots.list() if one.meeting.title == "Splicing"]
        assert sorted(listed) == sorted(self.ids), "each meeting is there once, wherever it was moved"


def test_no_sequence_loses_what_is_on_record_or_lets_somebody_do_what_they_may_not(
    database: Database, tmp_path: Path
) -> None:
    write(tmp_path / "hr", TABLES)
    run_state_machine_as_test(
        type("Here", (Doings,), {"database": database, "folder": tmp_path}),
        settings=settings(
            max_examples=8,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
