"""What people of the demo organisation did shows every state of a welcome and of a pulse, once."""

from datetime import date

from graph.database import Database
from graph.reads import log
from ingest.demo.organisation import DemoSource
from ingest.demo.welcome import PULSES, live
from ingest.jobs import ingest
from matcher import snapshot as snapshots
from matcher.community import newcomers, pulse, vitality

TODAY = date.today()


def test_every_state_of_newcomers_and_pulses_occurs_and_is_made_once(database: Database, tmp_path) -> None:
    ingest(database, DemoSource(TODAY), rejects_folder=tmp_path)
    live(database, TODAY)
    ids = [row["id"] for row in database.run_alone("MATCH (c:Community) RETURN c.id AS id")]
    welcomes = [
        one for key in ids for one in database.follow(newcomers.of_community(key, TODAY.isoformat())).results
    ]  # fmt: skip
    assert any(one.first_contact is None for one in welcomes)
    assert any(one.greetings for one in welcomes)
    assert any(one.buddy for one in welcomes)
    assert any(one.proposed for one in welcomes)
    beats = [
        beat
        for key in PULSES
        for one in database.follow(pulse.of_community(key, TODAY.isoformat()))
        for beat in one.quarters
    ]
    assert {beat.mean is None for beat in beats} == {True, False}
    assert {one.change for one in database.follow(pulse.of_community("cable-burial", TODAY.isoformat()))} >= {"up"}
    before = log.fingerprint(database)
    live(database, TODAY)
    assert log.fingerprint(database) == before


def test_how_each_measure_of_vitality_moved_is_told_somewhere(database: Database, tmp_path) -> None:
    ingest(database, DemoSource(TODAY), rejects_folder=tmp_path)
    live(database, TODAY)
    known = database.follow(snapshots.build(None))
    found = vitality.vitality(known, database.follow(vitality.read_facts(TODAY.isoformat())))
    told = {one.name for some in found.values() for one in some.measures if one.trend != "cannot tell"}
    assert told == set(vitality.MEASURES)
