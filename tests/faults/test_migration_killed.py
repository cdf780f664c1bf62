"""Migrations killed in the middle, and the database under them: run again, they end with the same schema."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph import embedded, schema
from graph.database import Database
from graph.settings import DatabaseSettings
from tests.faults.processes import environment, kill_database

KILLS = int(os.environ.get("GUILDMAP_TEST_MIGRATION_KILLS", "10"))

MIGRATE = """
from graph.database import Database
from graph.schema import migrate
from graph.settings import DatabaseSettings
with Database(DatabaseSettings()) as database:
    print("begun", flush=True)
    migrate(database)
"""

# What a database of the first version holds that a later migration changes (0007 has a look at each agenda item).
AGENDA = "UNWIND range(1, 20000) AS n CREATE (:AgendaItem {id: toString(n), title: 'x', state: 'open', sources: 's'})"


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[DatabaseSettings]:
    made = DatabaseSettings(data_dir=tmp_path / "data", embedded_heap="512m", embedded_idle_minutes=30)
    yield made
    embedded.stop(made)


def bare(settings: DatabaseSettings) -> None:
    """Takes the schema away, as in a database that guildmap never saw, and puts in what a migration is to change."""
    with Database(settings) as database:
        for kind, dropping in (("CONSTRAINTS", "DROP CONSTRAINT $name"), ("INDEXES", "DROP INDEX $name IF EXISTS")):
            # No literal, but of two that stand here: what is shown can be no parameter.
            for row in database.run_alone(f"SHOW {kind} YIELD name, type"):  # type: ignore[arg-type]
                if row["type"] != "LOOKUP":
                    database.run_alone(dropping, name=row["name"])
        database.run_alone("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS")
        database.run_alone(AGENDA)


def described(settings: DatabaseSettings) -> list[Any]:
    """The schema, and what the migrations were to change."""
    with Database(settings) as database:
        found = [sorted(schema.applied(database).items())]
        for kind in ("CONSTRAINTS YIELD name, type, labelsOrTypes, properties",
                     "INDEXES YIELD name, type, labelsOrTypes, properties, state"):  # fmt: skip
            # No literal, but of two that stand here.
            found += [sorted(map(str, database.run_alone(f"SHOW {kind}")))]  # type: ignore[arg-type]
        found.append(database.run_alone("MATCH (i:AgendaItem) RETURN count(i) AS all, count(i.state) AS open"))
        return found


def migrating(settings: DatabaseSettings) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", MIGRATE], env=environment(settings.data_dir, embedded_heap="512m"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("victim", ["migration", "database"])
def test_migrations_that_are_killed_are_run_again(settings: DatabaseSettings, victim: str) -> None:
    bare(settings)
    with Database(settings) as database:
        began = time.monotonic()
        schema.migrate(database)
        whole = time.monotonic() - began
    expected = described(settings)
    chosen, midway = random.Random(7), 0
    for _ in range(KILLS):
        bare(settings)
        process = migrating(settings)
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(chosen.uniform(0.05, 0.95) * whole)
        if victim == "migration":
            process.kill()
        else:
            kill_database(settings)
        process.communicate(timeout=120)
        with Database(settings) as database:
            done = len(schema.applied(database)) if database.run_alone("SHOW CONSTRAINTS YIELD name") else 0
            midway += done < len(schema.migrations())
            schema.migrate(database)
            assert schema.migrate(database) == []
        assert described(settings) == expected
    print(f"{KILLS} kills of the {victim}, {midway} of them before the last migration was recorded; all ended equal")
    assert midway, "none was in the middle"
