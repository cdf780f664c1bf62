"""Whatever people do in whichever order: no membership is lost, and nobody does what is not theirs to do."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from graph import pulse
from graph.database import Database
from graph.errors import Conflict, Forbidden, NotFound
from graph.models import Part, Principal, Role
from graph.reads import pulse as pulse_reads
from graph.reads import resources
from graph.writes import by_hand, newcomers
from graph.writes import pulse as pulse_writes
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.days import today
from tests.ingest.test_jobs import write

PEOPLE = ("ann", "boss", "cy", "dee", "lead")
TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [
        {"id": "ann", "name": "Ann", "manager_id": "boss"},
        *({"id": key, "name": key.title()} for key in PEOPLE[1:]),
    ],
    "communities": [{"id": "knots", "name": "Knots", "domain": "knots"}],
    "memberships": [
        {"person_id": "lead", "community_id": "knots", "joined_on": "2020-01-01", "role": "lead"},
        {"person_id": "boss", "community_id": "knots", "joined_on": "2020-01-01"},
        {"person_id": "cy", "community_id": "knots", "joined_on": "2020-01-01"},
    ],
}  # fmt: skip
person = st.sampled_from(PEOPLE)
REFUSED = (Conflict, Forbidden, NotFound)


def test_no_sequence_loses_a_membership_or_lets_somebody_do_what_is_not_theirs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "WEEKS", 1)

    class Life(RuleBasedStateMachine):
        @initialize()
        def load(self) -> None:
            database.run_alone("MATCH (n) WHERE NOT n:Migration AND NOT n:Meta DETACH DELETE n")
            folder = Path(mkdtemp())
            ingest(database, BundleSource(write(folder / "hr", TABLES), "hr"), rejects_folder=folder / "rejects")
            self.spells: set[str] = set()
            self.answers = 0

        def did(self, who: str, work: Any) -> bool:
            try:
                database.write(lambda tx: work(tx, Principal(who, Role.MEMBER, f"key:{who}")))
            except REFUSED:
                return False
            return True

        def inside(self, who: str) -> bool:
            spells = database.read(resources.spells(who, "knots"))
            return any(spell.is_current(today()) for spell in spells)

        @rule(who=person, whom=person)
        def join(self, who: str, whom: str) -> None:
            if self.did(who, lambda tx, by: by_hand.join(tx, by, whom, "knots", "occasional")):
                assert who == whom

        @rule(who=person, whom=person)
        def leave(self, who: str, whom: str) -> None:
            if self.did(who, lambda tx, by: by_hand.leave(tx, by, whom, "knots")):
                assert who == whom

        @rule(who=person, whom=person, level=st.sampled_from(("core", "active", "peripheral")))
        def declare(self, who: str, whom: str, level: str) -> None:
            if self.did(who, lambda tx, by: by_hand.change_membership(tx, by, whom, "knots", {"engagement": level})):
                assert who == whom

        @rule(who=person, whom=person, role=st.sampled_from(("lead", "librarian", None)))
        def give_role(self, who: str, whom: str, role: str | None) -> None:
            standing = database.read(resources.standing("knots", who))
            if self.did(who, lambda tx, by: by_hand.change_membership(tx, by, whom, "knots", {"role": role})):
                assert Part.LEAD in standing

        @rule(who=person, greeter=person, whom=person)
        def greet(self, who: str, greeter: str, whom: str) -> None:
            both = self.inside(greeter) and self.inside(whom)
            if self.did(who, lambda tx, by: newcomers.greet(tx, by, greeter, "knots", whom)):
                assert who == greeter != whom
                assert both

        @rule(who=person, whom=person, buddy=person)
        def propose(self, who: str, whom: str, buddy: str) -> None:
            standing = database.read(resources.standing("knots", who))
            if self.did(who, lambda tx, by: newcomers.propose(tx, by, "knots", whom, buddy)):
                assert who in (whom, buddy) or {"lead", "core member"} & {part.value for part in standing}
                assert {whom, buddy} != {"ann", "boss"}

        @rule(who=person, whom=person, buddy=person, step=st.sampled_from(tuple(newcomers.STEPS)))
        def step(self, who: str, whom: str, buddy: str, step: str) -> None:
            if self.did(who, lambda tx, by: newcomers.step(tx, by, "knots", whom, buddy, step)):
                assert who in (whom, buddy)

        @rule(who=person, given=st.sampled_from((1, 5, None)), question=st.sampled_from(tuple(pulse.QUESTIONS)))
        def answer(self, who: str, given: int | None, question: str) -> None:
            asked = database.read(pulse_reads.question(who, 1))
            if self.did(who, lambda tx, by: pulse_writes.answer(tx, by, "knots", question, given, 1)):
                assert asked is not None
                assert asked.question == question
                self.answers += given is not None

        @invariant()
        def nothing_is_lost(self) -> None:
            if not hasattr(self, "spells"):
                return
            there = {row["id"] for row in database.run_alone("MATCH ()-[m:MEMBER_OF]->() RETURN m.id AS id")}
            assert self.spells <= there
            self.spells = there
            (row,) = database.run_alone(
                "MATCH (t:PulseTally) UNWIND t.counts AS count RETURN coalesce(sum(count), 0) AS answers"
            )
            assert row["answers"] == self.answers
            (row,) = database.run_alone(
                "MATCH (:Person)-[r:BUDDY_OF]->(:Person) WHERE r.state = 'agreed' "
                "AND NOT (r.newcomer_agrees AND r.buddy_agrees) RETURN count(*) AS without"
            )
            assert row["without"] == 0

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=6, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
