"""Who decides on the words of a community, and what is kept of it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from graph.database import Database
from graph.errors import Forbidden, InvalidInput, NotFound
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads import communities, log
from graph.reads import glossary as reads
from graph.writes import glossary as writes
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.ingest.test_jobs import write

TABLES = {
    "people": [{"id": name, "name": name.title()} for name in ("lea", "mo", "out")],
    "communities": [
        {"id": "knots", "name": "Knots", "domain": "ropes"},
        {"id": "deals", "name": "Deals", "domain": "takeovers", "visibility": "restricted"},
    ],
    "memberships": [
        {"person_id": "lea", "community_id": "knots", "role": "lead"},
        {"person_id": "mo", "community_id": "knots", "engagement": "core"},
    ],
}
TERMS = ("splice", "tap test")
LEAD, CORE, OUT = (Principal(name, Role.MEMBER, f"key:{name}") for name in ("lea", "mo", "out"))


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


def decide(database: Database, who: Principal, term: str, state: str = "accepted", said: str | None = None) -> None:
    database.write(lambda tx: writes.decide(tx, who, "knots", term, state, said))


def test_a_lead_accepts_explains_and_takes_back(loaded: Database) -> None:
    before = loaded.read(log.revision())
    decide(loaded, LEAD, "Tap  test")
    decide(loaded, LEAD, "tap test", said="Knocking and listening.")
    decide(loaded, LEAD, "tap test", said="Knocking and listening.")
    decide(loaded, LEAD, "meeting", "rejected")
    found = loaded.read(reads.glossary("knots"))
    assert [(one.term, one.state, one.definition) for one in found] == [
        ("meeting", "rejected", None), ("tap test", "accepted", "Knocking and listening."),
    ]  # fmt: skip
    held = loaded.read(communities.communities(None, LOCAL_ADMIN, ["knots"]))["knots"]
    assert held.glossary == (("tap test", "Knocking and listening."),)
    assert loaded.read(communities.communities("2030-01-01", LOCAL_ADMIN, ["knots"]))["knots"].glossary == ()
    loaded.write(lambda tx: writes.forget(tx, LEAD, "knots", "TAP test"))
    assert [one.term for one in loaded.read(reads.glossary("knots"))] == ["meeting"]
    events = loaded.read(log.events_after(before))
    assert [event.action for event in events] == [
        "accept.glossary", "accept.glossary", "reject.glossary", "forget.glossary",
    ]  # fmt: skip
    assert {event.subjects for event in events} == {("community/knots",)}


def test_only_leads_decide(loaded: Database) -> None:
    for who in (CORE, OUT):
        with pytest.raises(Forbidden, match="a lead of Knots or a knowledge manager"):
            decide(loaded, who, "splice")
        with pytest.raises(Forbidden):
            loaded.write(lambda tx, person=who: writes.forget(tx, person, "knots", "splice"))
    with pytest.raises(NotFound):
        loaded.write(lambda tx: writes.decide(tx, OUT, "deals", "target", "accepted"))
    assert loaded.read(reads.glossary("knots")) == []


def test_what_is_no_term_is_refused(loaded: Database) -> None:
    for term in ("", "  ", "?!", "and/or", "x" * 81, "tap\x00test"):
        with pytest.raises(InvalidInput, match="term: must have"):
            decide(loaded, LEAD, term)
    with pytest.raises(InvalidInput, match="for an accepted term"):
        decide(loaded, LEAD, "splice", "rejected", "Joining ropes.")
    with pytest.raises(InvalidInput, match="state: must be"):
        decide(loaded, LEAD, "splice", "liked")
    with pytest.raises(NotFound, match="Nothing has been decided"):
        loaded.write(lambda tx: writes.forget(tx, LEAD, "knots", "splice"))


def test_the_glossary_goes_with_its_community(loaded: Database) -> None:
    decide(loaded, LEAD, "splice")
    loaded.write(lambda tx: tx.run("write/delete_community", ids=["knots", "deals"]))
    assert loaded.run_alone("MATCH (n) WHERE n:GlossaryTerm OR n:Community RETURN n.id AS id") == []


class Deciding(RuleBasedStateMachine):
    """Anybody tries anything, in any order."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        database.write(lambda tx: [tx.run("write/forget_term", id=f"knots/{term}") for term in TERMS])
        self.events = database.read(log.revision())
        self.held: dict[str, tuple[str, str | None]] = {}

    @rule(who=st.sampled_from((LEAD, CORE, OUT)), term=st.sampled_from(TERMS), said=st.sampled_from((None, "Why.")))
    def accept(self, who: Principal, term: str, said: str | None) -> None:
        if who is LEAD:
            decide(self.database, who, term, "accepted", said)
            self._moves(term, ("accepted", said))
        else:
            with pytest.raises(Forbidden):
                decide(self.database, who, term, "accepted", said)

    @rule(who=st.sampled_from((LEAD, CORE, OUT)), term=st.sampled_from(TERMS))
    def reject(self, who: Principal, term: str) -> None:
        if who is LEAD:
            decide(self.database, who, term, "rejected")
            self._moves(term, ("rejected", None))
        else:
            with pytest.raises(Forbidden):
                decide(self.database, who, term, "rejected")

    @rule(who=st.sampled_from((LEAD, CORE, OUT)), term=st.sampled_from(TERMS))
    def forget(self, who: Principal, term: str) -> None:
        expected = Forbidden if who is not LEAD else None if term in self.held else NotFound
        if expected is None:
            self.database.write(lambda tx: writes.forget(tx, who, "knots", term))
            self._moves(term, None)
        else:
            with pytest.raises(expected):
                self.database.write(lambda tx: writes.forget(tx, who, "knots", term))

    def _moves(self, term: str, to: tuple[str, str | None] | None) -> None:
        self.events += self.held.get(term) != to
        if to is None:
            del self.held[term]
        else:
            self.held[term] = to

    @invariant()
    def what_leads_said_is_kept_and_logged(self) -> None:
        found = {one.term: (one.state, one.definition) for one in self.database.read(reads.glossary("knots"))}
        assert found == self.held
        assert self.database.read(log.revision()) == self.events
        known = self.database.read(communities.communities(None, LOCAL_ADMIN, ["knots"]))["knots"].glossary
        assert dict(known) == {term: said or "" for term, (state, said) in found.items() if state == "accepted"}


def test_no_sequence_lets_anybody_but_a_lead_decide_or_loses_a_word(loaded: Database) -> None:
    few = settings(max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(lambda: Deciding(loaded), settings=few)
