"""An ingest killed again and again, and the database under it: in the end the graph is that of an undisturbed run."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph import embedded
from graph.database import Database
from graph.reads import log
from graph.schema import migrate
from graph.settings import DatabaseSettings
from tests.bench.large_organisation import LargeSource, Sizes
from tests.conftest import emptied
from tests.faults.processes import COMMAND, environment, kill_database

KILLS = int(os.environ.get("GUILDMAP_TEST_INGEST_KILLS", "50"))
DATABASE_KILLS = int(os.environ.get("GUILDMAP_TEST_DATABASE_KILLS", "20"))

SIZES = Sizes(communities=100, people=2_000, memberships=6_000, questions=500, skills=200, topics=30)

# What a run says of facts that are in the graph when it has ended.
WRITTEN = ("created", "updated", "unchanged")

# Small, so that there are many moments between two transactions.
BATCH = 100


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    LargeSource(SIZES, 7).write_bundle(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[DatabaseSettings]:
    made = DatabaseSettings(data_dir=tmp_path / "data", embedded_heap="512m", embedded_idle_minutes=30)
    yield made
    embedded.stop(made)


class Ingest:
    """`guildmap ingest`, in a process of its own."""

    def __init__(self, settings: DatabaseSettings, bundle: Path, batch: int = BATCH) -> None:
        given = {"embedded_heap": settings.embedded_heap, "embedded_idle_minutes": settings.embedded_idle_minutes}
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*COMMAND, "ingest", str(bundle), "--batch", str(batch), "--json"],
            env=environment(settings.data_dir, **given), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ends_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def report(self) -> dict[str, Any]:
        """What a run that ends well says."""
        said, complaint = self.process.communicate(timeout=600)
        assert self.process.returncode == 0, complaint[-2000:]
        return json.loads(said)["results"]


@pytest.fixture
def undisturbed(settings: DatabaseSettings, bundle: Path) -> tuple[str, dict[str, Any], float]:
    """Digest, report and seconds of a run that nothing happens to; the database is empty again afterwards."""
    with Database(settings) as database:
        migrate(database)
        run = Ingest(settings, bundle)
        report = run.report()
        seconds = time.monotonic() - run.began
        digest = log.fingerprint(database)
        emptied(database)
    print(f"undisturbed: {report['rows']:,} rows in {seconds:.1f} s")
    return digest, report, seconds


def same(settings: DatabaseSettings, undisturbed: tuple[str, dict[str, Any], float], report: dict[str, Any]) -> None:
    """The run that got to its end counted what all its pieces did, and the graph is the same."""
    digest, whole, _ = undisturbed
    counts = whole["counts"]
    if not any(count["created"] for count in report["counts"].values()):
        # One before was killed when all was done, and had only not said so yet.
        counts = {
            kind: {**count, "created": 0, "updated": 0, "unchanged": sum(count[how] for how in WRITTEN)}
            for kind, count in counts.items()
        }
    assert (report["rows"], report["counts"]) == (whole["rows"], counts)
    with Database(settings) as database:
        assert log.fingerprint(database) == digest
        emptied(database)


def test_an_ingest_that_is_killed_is_taken_up(
    settings: DatabaseSettings, bundle: Path, undisturbed: tuple[str, dict[str, Any], float]
) -> None:
    chosen, killed, runs, taken_up = random.Random(7), 0, 0, 0
    with Database(settings):  # a lease: the database stays
        while killed < KILLS or runs == 0:
            run = Ingest(settings, bundle)
            # The first fifth of an undisturbed run is spent on what comes before the first row.
            if killed < KILLS and not run.ends_within(chosen.uniform(0.2, 0.8) * undisturbed[2]):
                run.kill()
                killed += 1
                continue
            report = run.report()
            taken_up += report["resumed_at"] is not None
            same(settings, undisturbed, report)
            runs += 1
    print(f"{killed} kills of the ingest, {runs} graphs brought to their end ({taken_up} taken up), all equal")


def test_a_database_that_is_killed_under_an_ingest(
    settings: DatabaseSettings, bundle: Path, undisturbed: tuple[str, dict[str, Any], float]
) -> None:
    """The ingest ends with an error that says so, or goes on if it is lucky; the next one starts the database."""
    chosen, killed, runs, failed = random.Random(8), 0, 0, 0
    while killed < DATABASE_KILLS or runs == 0:
        embedded.acquire(settings).release()  # its start is no part of the run
        run = Ingest(settings, bundle)
        if killed < DATABASE_KILLS and not run.ends_within(chosen.uniform(0.2, 0.8) * undisturbed[2]):
            kill_database(settings)
            killed += 1
            if run.process.wait(120):
                failed += 1
                _, complaint = run.process.communicate()
                assert "Traceback" not in complaint, complaint[-3000:]
                continue
        same(settings, undisturbed, run.report())
        runs += 1
    print(f"{killed} kills of the database ({failed} ended the ingest), {runs} graphs brought to their end, all equal")
