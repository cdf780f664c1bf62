"""What the graph knows to be due for a person, as those write it whose affair it is."""

from pathlib import Path

import pytest

from graph.charters import NOTHING, Charter
from graph.database import Database
from graph.errors import Forbidden, InvalidInput, NotFound
from graph.models import Principal, Role
from graph.reads import digest as reads
from graph.writes import charters, newcomers, sponsors
from graph.writes import digest as writes
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.days import ago, today
from tests.ingest.test_jobs import write

TABLES = {
    "people": [{"id": name, "name": name.title()} for name in ("lea", "mo", "new", "spo")],
    "communities": [{"id": "knots", "name": "Knots", "domain": "ropes"}],
    "memberships": [
        {"person_id": "lea", "community_id": "knots", "role": "lead", "joined_on": "2020-01-01"},
        {"person_id": "mo", "community_id": "knots", "joined_on": "2020-01-01"},
        {"person_id": "new", "community_id": "knots", "joined_on": ago(5)},
    ],
}
LEA, MO, SPO = (Principal(name, Role.MEMBER, f"key:{name}") for name in ("lea", "mo", "spo"))


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


def test_a_newcomer_is_to_be_greeted_by_leads_until_somebody_did(loaded: Database) -> None:
    assert [one.person_id for one in loaded.read(reads.new_here("lea", today()))] == ["new"]
    assert loaded.read(reads.new_here("mo", today())) == []
    loaded.write(lambda tx: newcomers.greet(tx, MO, "mo", "knots", "new"))
    assert loaded.read(reads.new_here("lea", today())) == []


def test_who_is_asked_to_sponsor_and_who_has_to_settle_is_told(loaded: Database) -> None:
    loaded.write(lambda tx: sponsors.ask(tx, LEA, "knots", "spo"))
    (asked,) = loaded.read(reads.charter_matters("spo", today()))
    assert (asked.what, asked.community, asked.at[:10]) == ("sponsorship", "Knots", today())
    charter = Charter.model_validate({**NOTHING.model_dump(), "purpose": "Better knots."})
    loaded.write(lambda tx: charters.draft(tx, LEA, "knots", None, charter, "First."))
    assert loaded.read(reads.charter_matters("lea", today())) == []
    loaded.write(lambda tx: charters.object_to(tx, MO, "knots", None, 1, "Better ropes."))
    (objected,) = loaded.read(reads.charter_matters("lea", today()))
    assert (objected.what, objected.number) == ("objections", 1)
    assert loaded.read(reads.charter_matters("mo", today())) == []


def test_preferences_are_the_persons_own(loaded: Database) -> None:
    daily = reads.Preferences("daily", ("meetings", "requests"))
    with pytest.raises(Forbidden):
        loaded.write(lambda tx: writes.prefer(tx, Principal("lea", Role.ADMIN), "mo", daily))
    with pytest.raises(InvalidInput, match="frequency"):
        loaded.write(lambda tx: writes.prefer(tx, MO, "mo", reads.Preferences("hourly")))
    with pytest.raises(InvalidInput, match="parts"):
        loaded.write(lambda tx: writes.prefer(tx, MO, "mo", reads.Preferences("daily", ("gossip",))))
    with pytest.raises(NotFound):
        loaded.write(lambda tx: writes.prefer(tx, Principal("who"), "who", daily))
    kept = loaded.write(lambda tx: writes.prefer(tx, MO, "mo", daily))
    assert kept.parts == ("requests", "meetings")
    (mo,) = loaded.read(reads.recipients("mo", today()))
    assert (mo.preferences, mo.sent_on) == (kept, None)
