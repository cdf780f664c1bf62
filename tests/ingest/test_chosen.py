"""What was decided by hand in the demo organisation is there once, however often it is loaded."""

from datetime import date
from pathlib import Path

from graph.database import Database
from graph.models import Role
from graph.reads import digest, glossary, log
from ingest.demo.chosen import choose
from ingest.demo.organisation import DemoSource
from ingest.jobs import ingest


def test_every_state_of_a_word_and_of_a_digest_occurs(database: Database, tmp_path: Path) -> None:
    today = date.today()
    ingest(database, DemoSource(today), rejects_folder=tmp_path)
    assert choose(database, today) > 0
    words = database.read(glossary.glossary("blade-inspection"))
    assert {(one.state, one.definition is not None) for one in words} == {
        ("accepted", True), ("accepted", False), ("rejected", False),
    }  # fmt: skip
    chosen = [one.preferences for one in database.read(digest.recipients(None, today.isoformat()))]
    assert {one.frequency for one in chosen} == {"daily", "weekly", "never"}
    assert any(one.paused_until for one in chosen)
    assert any(one.parts != digest.PARTS for one in chosen)
    (manager,) = database.read(digest.recipients("amara-okafor", today.isoformat()))
    assert manager.role is Role.KNOWLEDGE_MANAGER, "her digest tells what the audit found"
    before = log.fingerprint(database)
    assert choose(database, today) == 0
    assert log.fingerprint(database) == before
