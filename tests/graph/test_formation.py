"""How a proposal becomes a community: whose part each step is, what it needs, and what comes of those interested."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from graph.database import Database
from graph.errors import Conflict, Forbidden, GuildmapError, InvalidInput, NotFound
from graph.formation import PROPOSE, STEPS
from graph.models import LOCAL_ADMIN, Part, Principal, Role
from graph.reads import formation as reads
from graph.reads import log, resources
from graph.writes import by_hand, formation
from graph.writes.facts import create_by_hand

PROPOSER, LEAD, SPONSOR, OTHER, GUEST = (
    Principal(name, Role.MEMBER, f"key:{name}") for name in ("pia", "lea", "sam", "oli", "gus")
)
MANAGER = Principal("kim", Role.KNOWLEDGE_MANAGER, "key:kim")
AT = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def graph(database: Database) -> Database:
    """A proposal of Pia's with a lead and a sponsor, and nothing else."""

    def make(transaction) -> None:
        for key in ("pia", "lea", "sam", "oli", "kim"):
            create_by_hand(transaction, "person", key, {"name": key.title()}, at=AT, order=())
        create_by_hand(transaction, "person", "gus", {"name": "Gus", "external": True}, at=AT, order=())
        propose(transaction, "knots")

    database.write(make)
    return database


def propose(transaction, key: str) -> None:
    fields = {"name": key.title(), "domain": "Knots and ropes.", "status": "proposed"}
    by_hand.create(transaction, PROPOSER, "community", key, fields)
    by_hand.join(transaction, LEAD, "lea", key, "core")
    by_hand.change_membership(transaction, LOCAL_ADMIN, "lea", key, {"role": "lead"})
    # As a charter names them; it is not adopted.
    charter = {"community_id": key, "purpose": "To hold.", "sponsor_id": "sam"}
    create_by_hand(transaction, "charter", key, charter, at=AT, order=())


def adopt(database: Database, key: str = "knots") -> None:
    database.write(lambda tx: by_hand.set_by_hand(tx, "charter", key, {"adopted_on": "2026-01-02"}, at=AT, order=()))


def take(database: Database, principal: Principal, name: str, key: str = "knots", **given) -> str:
    return database.write(lambda tx: formation.step(tx, principal, key, name, **given)).community.status


def taken(database: Database, key: str = "knots") -> list[tuple]:
    return [(one.step, one.ends, one.person_id) for one in database.read(reads.steps(key))]


def test_a_proposal_becomes_a_community(graph: Database) -> None:
    assert take(graph, PROPOSER, "ask") == "proposed"
    with pytest.raises(Conflict, match="asked for already"):
        take(graph, LEAD, "ask")
    assert take(graph, MANAGER, "start", reason="Nothing like it.") == "forming"
    with pytest.raises(Conflict, match="a charter that was adopted"):
        take(graph, SPONSOR, "activate")
    adopt(graph)
    assert take(graph, SPONSOR, "activate") == "active"
    assert taken(graph) == [
        (PROPOSE, "proposed", "pia"), ("ask", "proposed", "pia"), ("start", "forming", "kim"),
        ("activate", "active", "sam"),
    ]  # fmt: skip
    found = graph.read(resources.community("knots", OTHER))
    assert found
    assert found.community.founded_on is not None
    with pytest.raises(Conflict, match="no step of formation"):
        take(graph, MANAGER, "decline", reason="late")
    assert [event.action for event in graph.read(log.events_after(0))][-1] == "activate.formation"


def test_what_is_declined_is_over_until_it_is_reopened(graph: Database) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        take(graph, MANAGER, "decline")
    assert take(graph, MANAGER, "decline", reason="Ropes has it.") == "retired"
    with pytest.raises(Conflict, match="retired"):
        graph.write(lambda tx: by_hand.join(tx, OTHER, "oli", "knots", None))
    with pytest.raises(Forbidden, match="reopen what was declined"):
        take(graph, PROPOSER, "reopen")
    assert take(graph, SPONSOR, "reopen") == "proposed"
    assert take(graph, PROPOSER, "withdraw") == "retired"
    assert take(graph, PROPOSER, "reopen") == "proposed"
    found = graph.read(resources.community("knots", OTHER))
    assert found
    assert found.community.retired_on is None


def test_what_was_retired_otherwise_is_not_reopened(graph: Database) -> None:
    graph.write(lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "community", "knots", {"status": "retired"}))
    with pytest.raises(Conflict, match="no step of formation"):
        take(graph, MANAGER, "reopen")


def test_an_exception_is_a_knowledge_managers_and_says_why(graph: Database) -> None:
    take(graph, SPONSOR, "start")
    with pytest.raises(Forbidden, match="make an exception"):
        take(graph, SPONSOR, "activate", exception="We know each other.")
    with pytest.raises(InvalidInput, match="why"):
        take(graph, MANAGER, "activate", exception=" ")
    assert take(graph, MANAGER, "activate", exception="It has met for years.") == "active"
    assert graph.read(reads.steps("knots"))[-1].exception == "It has met for years."


def test_nobody_passes_the_steps_by_an_edit(graph: Database) -> None:
    with pytest.raises(Conflict, match="steps of its formation"):
        graph.write(lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "community", "knots", {"status": "active"}))


def test_who_is_interested_is_invited_and_joins_at_the_level_that_they_said(graph: Database) -> None:
    def interest(principal: Principal, **fields):
        person = principal.person_id or ""
        return graph.write(lambda tx: formation.set_interest(tx, principal, person, "knots", fields))

    assert interest(OTHER, level="occasional", hours=2.0, join_when_active=True).level == "occasional"
    assert interest(OTHER, would_lead=True).hours == 2.0
    interest(PROPOSER, level="core")
    with pytest.raises(Forbidden, match="Only the person"):
        graph.write(lambda tx: formation.set_interest(tx, MANAGER, "oli", "knots", {"level": "core"}))
    take(graph, MANAGER, "start")
    with pytest.raises(Conflict, match="when it is active"):
        graph.write(lambda tx: formation.join_agreed(tx, LEAD, "knots"))
    take(graph, MANAGER, "activate", exception="As a test.")
    assert all(one.invited_at and not one.member for one in graph.read(reads.interests("knots")))
    with pytest.raises(Forbidden):
        graph.write(lambda tx: formation.join_agreed(tx, OTHER, "knots"))
    assert graph.write(lambda tx: formation.join_agreed(tx, LEAD, "knots")) == ["oli"]
    assert graph.write(lambda tx: formation.join_agreed(tx, LEAD, "knots")) == []
    assert [spell.engagement for spell in graph.read(resources.spells("oli", "knots"))] == ["occasional"]
    # Whoever only was interested joins themselves; their level is taken over then.
    graph.write(lambda tx: by_hand.join(tx, PROPOSER, "pia", "knots", None))
    assert [spell.engagement for spell in graph.read(resources.spells("pia", "knots"))] == ["core"]
    with pytest.raises(Conflict, match="join it"):
        interest(OTHER, level="core")
    graph.write(lambda tx: formation.drop_interest(tx, OTHER, "oli", "knots"))
    with pytest.raises(NotFound):
        graph.write(lambda tx: formation.drop_interest(tx, OTHER, "oli", "knots"))


def test_somebody_from_outside_is_invited_and_accepted(graph: Database) -> None:
    outside = Principal("gus", Role.MEMBER, "key:gus", external=True)

    def invite(principal: Principal, person: str = "gus"):
        return graph.write(lambda tx: formation.invite(tx, principal, "knots", person, "knows ropes"))

    with pytest.raises(Conflict, match="takes nobody from outside"):
        invite(LEAD)
    with pytest.raises(Conflict, match="takes nobody from outside"):
        graph.write(lambda tx: by_hand.join(tx, LOCAL_ADMIN, "gus", "knots", None))
    graph.write(lambda tx: by_hand.edit(tx, MANAGER, "community", "knots", {"externals_allowed": True}))
    with pytest.raises(Forbidden):
        invite(OTHER)
    with pytest.raises(Conflict, match="needs no invitation"):
        invite(LEAD, "oli")
    assert invite(LEAD).state == "asked"
    assert graph.read(resources.community("knots", outside)) is None
    with pytest.raises(Forbidden):
        graph.write(lambda tx: formation.decide_invitation(tx, LEAD, "knots", "gus", True))
    with pytest.raises(Forbidden, match="invited"):
        graph.write(lambda tx: by_hand.join(tx, GUEST, "gus", "knots", None))
    assert graph.write(lambda tx: formation.decide_invitation(tx, MANAGER, "knots", "gus", True)).state == "accepted"
    graph.write(lambda tx: by_hand.join(tx, outside, "gus", "knots", "peripheral"))
    assert graph.read(resources.standing("knots", "gus")) == {Part.MEMBER}


PEOPLE = (PROPOSER, LEAD, SPONSOR, OTHER, MANAGER)


def test_no_sequence_of_steps_lets_anybody_do_what_is_not_theirs(graph: Database) -> None:
    """Against a small model of the rules: who may take which step from which status, and what is never lost."""
    numbers: Iterator[int] = iter(range(1_000))
    parts = {"pia": {Part.PROPOSER}, "lea": {Part.LEAD, Part.CORE, Part.MEMBER}, "sam": {Part.SPONSOR}, "oli": set()}

    class Steps(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.key = f"k{next(numbers)}"
            graph.write(lambda tx: propose(tx, self.key))
            self.status, self.last, self.steps, self.interested = "proposed", PROPOSE, 1, set[str]()

        @rule(
            who=st.sampled_from(PEOPLE), name=st.sampled_from(sorted(STEPS)), reason=st.sampled_from([None, "so"]),
            exception=st.sampled_from([None, None, "so"]),
        )  # fmt: skip
        def step(self, who: Principal, name: str, reason: str | None, exception: str | None) -> None:
            managing = who is MANAGER
            held = parts.get(who.person_id or "", set())
            allowed = {
                "ask": bool(held & {Part.PROPOSER, Part.LEAD}),
                "start": managing or Part.SPONSOR in held,
                "activate": managing or (Part.SPONSOR in held and exception is None),
                "decline": managing or Part.SPONSOR in held,
                "withdraw": bool(held & {Part.PROPOSER, Part.LEAD}),
                "reopen": managing or Part.SPONSOR in held or (bool(held) and self.last == "withdraw"),
            }[name]
            try:
                after = take(graph, who, name, self.key, reason=reason, exception=exception)
            except GuildmapError:
                after = None
            if after is None:
                found = graph.read(resources.community(self.key, MANAGER))
                assert found is not None
                assert found.community.status == self.status, "what is refused changes nothing"
            else:
                assert allowed, (who.person_id, name, self.status)
                assert name != "decline" or reason
                assert name != "activate" or exception, "no charter was adopted"
                assert (self.status, after) in {
                    ("proposed", "proposed"), ("proposed", "forming"), ("forming", "active"), ("proposed", "retired"),
                    ("forming", "retired"), ("retired", "proposed"),
                }  # fmt: skip
                self.status, self.last, self.steps = after, name, self.steps + 1
            assert len(graph.read(reads.steps(self.key))) == self.steps, "no step is lost"

        @rule(who=st.sampled_from(PEOPLE), whom=st.sampled_from(["oli", "pia"]))
        def interest(self, who: Principal, whom: str) -> None:
            try:
                graph.write(lambda tx: formation.set_interest(tx, who, whom, self.key, {"join_when_active": True}))
            except GuildmapError:
                pass
            else:
                assert who.person_id == whom
                assert self.status in ("proposed", "forming")
                self.interested.add(whom)
            assert {one.person_id for one in graph.read(reads.interests(self.key))} == self.interested

        @rule(who=st.sampled_from(PEOPLE))
        def join(self, who: Principal) -> None:
            before = graph.read(resources.members(self.key, "", 10))
            try:
                joined = graph.write(lambda tx: formation.join_agreed(tx, who, self.key))
            except GuildmapError:
                joined = None
            members = {one.person_id for one in graph.read(resources.members(self.key, "", 10))}
            assert {one.person_id for one in before} <= members, "no membership is lost"
            if joined is not None:
                assert who is not OTHER
                assert self.status == "active"
                assert members == {"lea"} | self.interested

    run_state_machine_as_test(
        Steps,
        settings=settings(
            max_examples=8, stateful_step_count=12, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_the_queue_begins_with_what_has_waited_longest(graph: Database) -> None:
    graph.write(lambda tx: propose(tx, "splices"))
    take(graph, PROPOSER, "ask", "splices")
    graph.write(lambda tx: formation.set_interest(tx, OTHER, "oli", "knots", {"level": "core"}))
    told = [(one.id, one.proposer_id, one.asked, one.interested) for one in graph.read(reads.queue())]
    assert told == [("knots", "pia", False, 1), ("splices", "pia", True, 0)]
    take(graph, MANAGER, "decline", "knots", reason="no")
    assert [one.id for one in graph.read(reads.queue())] == ["splices"]


def test_what_is_at_work_already(graph: Database, tmp_path: Path) -> None:
    found = graph.read(reads.together("knots"))
    assert (found.members, found.sponsors, found.leads, found.core) == (("lea",), ("sam",), ("lea",), ("lea",))
    assert graph.read(reads.together("nothing")).members == ()
