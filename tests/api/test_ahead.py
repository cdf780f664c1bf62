"""What whoever comes first would wait for is done before they come."""

import threading
from pathlib import Path
from typing import Any

import pytest

from api import ahead, app
from api.ahead import look_ahead
from graph.database import Database
from graph.errors import DatabaseBusy
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served, wait_until
from tests.ingest.test_jobs import write

TABLES: dict[str, list[dict[str, Any]]] = {
    "communities": [
        {"id": "knots", "name": "Knots", "domain": "Splicing ropes."},
        {"id": "tar", "name": "Tar", "domain": "Tar on ropes.", "status": "proposed"},
        {"id": "wax", "name": "Wax", "domain": "Wax on ropes.", "status": "forming"},
    ]
}


class Heard:
    """What the service has said in its log so far."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys, self.text = capsys, ""

    def __call__(self, words: str) -> int:
        self.text += self.capsys.readouterr().out
        return self.text.count(words)


def test_the_queue_of_proposals_is_asked_for_once(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    heard = Heard(capsys)
    with served(database) as client:
        wait_until(lambda: heard("looked ahead"))
        assert "proposals=2" in heard.text
        listed = client.get("/v1/formation/queue").json()["results"]
        assert {one["id"] for one in listed} == {"tar", "wax"}
    assert heard("looked ahead") == 1


def test_among_many_people_nobody_waits_for_what_nobody_asked_for(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    monkeypatch.setattr(ahead, "MANY", -1)
    monkeypatch.setattr(ahead, "get_queue", None)  # to ask would fail
    ended = threading.Event()

    async def watched(service: Any) -> None:
        await look_ahead(service)
        ended.set()

    monkeypatch.setattr(app, "look_ahead", watched)
    with served(database):
        wait_until(ended.is_set)


def test_a_database_that_is_busy_is_asked_again_and_not_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def busy(*_: Any, **__: Any) -> None:
        raise DatabaseBusy("Try again.")

    monkeypatch.setattr(ahead, "get_queue", busy)
    monkeypatch.setattr(ahead, "REST", 0.01)
    heard = Heard(capsys)
    with served(database) as client:
        wait_until(lambda: heard("looked ahead in vain") == ahead.TRIES)
        assert client.get("/health/ready").status_code == 200
