"""What is over goes, and nothing else; in Neo4j's transaction logs too."""

import os
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from graph import embedded, schema
from graph.database import Database
from graph.models import LOCAL_ADMIN
from graph.quarters import of_day
from graph.settings import DatabaseSettings
from graph.writes import erasure, retention
from graph.writes.events import record_event
from graph.writes.retention import due, expire

DAYS = 100


def ago(days: int) -> str:
    return (date.today() - timedelta(days=days)).isoformat()


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Database:
    """One of each that is over, and one that is not, under settings that keep everything for so many days."""
    names = ("left", "event", "pulse", "rejects", "log", "backup")
    given = {f"keep_{name}_days": DAYS for name in names}
    settings = database.settings.model_copy(
        update={**given, "data_dir": tmp_path / "data", "backup_folder": tmp_path / "backups"}
    )
    there = Database.__new__(Database)
    vars(there).update(vars(database), settings=settings)
    for old in (True, False):
        days = DAYS + 1 if old else DAYS - 1
        there.run_alone(
            "CREATE (:Person {id: $name, name: $name, left_on: $day}), "
            "(:Event {id: $name, seq: $seq, at: $day, actor_id: 'person:a', action: 'x', subjects: ['person/a'], "
            "details: '{\"a\": 1}'}), (:PulseTally {id: $name, quarter: $quarter, counts: [1]}), "
            "(:Session {id: $name, expires_at: $over}), (:IdempotencyKey {id: $name, at: $kept, answer: '{}'})",
            name="old" if old else "new", day=ago(days), seq=-days, quarter=str(of_day(ago(DAYS)).before(int(old))),
            over=ago(1 if old else -1), kept=ago(2 if old else 0) + "T23:59:59",
        )  # fmt: skip
        for folder, name in (
            ("data/rejects", "r.jsonl"), ("data/neo4j/logs", "debug.log.1"), ("backups", "b.jsonl.gz"),
            ("backups", "b.dump"),
        ):  # fmt: skip
            path = tmp_path / folder / f"{'old' if old else 'new'}-{name}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
            os.utime(path, (time.time() - days * 86_400,) * 2)
    (tmp_path / "backups" / "letter.txt").write_text("x")
    os.utime(tmp_path / "backups" / "letter.txt", (0, 0))
    return there


def names(there: Database) -> set[str]:
    rows = there.run_alone("MATCH (n:Person|PulseTally|Session|IdempotencyKey) RETURN labels(n)[0] + ' ' + n.id AS id")
    folder = there.settings.data_dir.parent
    return {row["id"] for row in rows} | {str(p.relative_to(folder)) for p in folder.rglob("*-*") if p.is_file()}


def test_what_is_over_goes_and_nothing_else(kept: Database, tmp_path: Path) -> None:
    before = names(kept)
    wanted = {one.what: one.number for one in due(kept)}
    assert wanted == {
        "people who left": 1, "details of events": 1, "answers to the pulse": 1, "files of rejected rows": 1,
        "logs of Neo4j": 1, "backups": 2, "sessions": 1, "answers to requests sent twice": 1,
    }  # fmt: skip
    assert names(kept) == before  # to look changes nothing
    assert {one.what: one.number for one in expire(kept)} == wanted
    assert {name for name in before if "old" in name} == before - names(kept)
    (old, new) = kept.run_alone("MATCH (e:Event) WHERE e.seq < 0 RETURN properties(e) AS p ORDER BY e.seq")
    assert (old["p"]["actor_id"], old["p"]["subjects"], old["p"]["details"]) == ("(expired)", [], "{}")
    assert (new["p"]["actor_id"], new["p"]["subjects"]) == ("person:a", ["person/a"])
    assert (tmp_path / "backups" / "letter.txt").exists()
    assert not any(one.number for one in expire(kept))


def test_what_has_no_time_stays(kept: Database) -> None:
    settings = kept.settings.model_copy(
        update={name: 0 for name in DatabaseSettings.model_fields if name.startswith("keep_")}
    )
    vars(kept)["settings"] = settings
    assert {one.what for one in expire(kept)} == {"sessions", "answers to requests sent twice"}


def test_a_day_that_is_known_to_the_year_is_over_when_the_year_is(kept: Database) -> None:
    year = date.today().year
    kept.run_alone("CREATE (:Person {id: 'coarse', left_on: $year})", year=str(year))
    expire(kept)
    assert "Person coarse" in names(kept)


@pytest.mark.skipif(bool(os.environ.get("GUILDMAP_TEST_NEO4J_URI")), reason="looks into files of the embedded database")
def test_transaction_logs_forget_who_was_erased(tmp_path: Path) -> None:
    """Erased, they are in the logs still; once these were turned over and a checkpoint made, they are not, nor in the
    store itself."""
    canary, settings = "Qzxwvut-in-the-log", DatabaseSettings(data_dir=tmp_path / "data", transaction_log_days=0)
    logs = tmp_path / "data" / "neo4j" / "data" / "transactions" / "neo4j"

    def found() -> bool:
        return any(canary.encode() in path.read_bytes() for path in logs.iterdir())

    try:
        with Database(settings) as database:
            schema.migrate(database)
            database.run_alone("CREATE (:Person {id: 'p', name: $name, bio: $name})", name=f"{canary} Person")
            database.write(lambda tx: record_event(tx, actor="t", action="t", subjects=["person/p"]))
            erasure.erase(database, LOCAL_ADMIN, "p")
            assert found()
            retention.turn_log_over(database)
        embedded.stop(settings)  # makes a checkpoint, as a quarter of an hour would
        assert not found()
        with Database(settings) as database:
            assert database.rows("read/number_of_nodes")
    finally:
        embedded.stop(settings)
