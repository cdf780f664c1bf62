"""The charters of the demo organisation are in every state that there is, and stay so when it is loaded again."""

from datetime import date
from pathlib import Path

from graph.database import Database
from graph.reads import charters as reads
from graph.reads import log
from graph.reads import sponsors as sponsor_reads
from ingest.demo.agreements import agree
from ingest.demo.organisation import DemoSource
from ingest.jobs import ingest


def test_every_state_of_a_charter_occurs_and_no_act_is_done_twice(database: Database, tmp_path: Path) -> None:
    today = date.today()
    ingest(database, DemoSource(today), rejects_folder=tmp_path)
    assert agree(database) > 0
    told = {
        key: database.read(reads.history(key))
        for key in ("blade-inspection", "production-forecasting", "language-models")
    }
    assert [one.state for one in told["blade-inspection"].versions] == ["superseded", "adopted"]
    adopted = told["blade-inspection"].versions[1]
    assert [one.state for one in adopted.objections] == ["settled"]
    assert {one.state for one in adopted.charter.objectives} == {"open", "progressed", "reached", "dropped"}
    assert len(adopted.took_part) == 3
    assert [one.state for one in told["production-forecasting"].versions] == ["adopted", "draft"]
    assert told["production-forecasting"].versions[1].open
    assert [one.state for one in told["language-models"].versions] == ["draft"]
    assert {one.person.id for one in adopted.behind} >= {"brendan-oshea", "jonas-brekke", "eliska-jirku"}
    assert adopted.charter.goal_ids == ("availability-97", "zero-harm")
    _, first, second = database.read(reads.history("floating-wind")).versions
    assert (first.author.id, first.charter.purpose, first.charter.vision) == (  # the sponsor begins, and says what for
        "henrik-toft", second.charter.purpose, None,
    )  # fmt: skip
    assert len(second.took_part) >= 3
    asked = database.read(sponsor_reads.sponsorship("language-models"))
    assert [one.state for one in asked.people] == ["asked"]
    before = log.fingerprint(database)
    ingest(database, DemoSource(today), rejects_folder=tmp_path)
    assert agree(database) == 0
    assert log.fingerprint(database) == before
