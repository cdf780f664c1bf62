"""Each kind of fault once and small, for every run. Nothing here is measured: a slow machine takes longer, and that is
all. The network's is in test_network.py, as it wants toxiproxy."""

import math
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.reads import log
from graph.schema import migrate
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served, wait_until
from tests.bench.large_organisation import LargeSource, Sizes
from tests.conftest import emptied
from tests.faults.load import Load, told, unexpected
from tests.faults.processes import kill_database
from tests.faults.test_database_killed import nothing_lost_nothing_doubled, request_for
from tests.faults.test_ingest_killed import Ingest

pytestmark = pytest.mark.short

SIZES = Sizes(communities=20, people=300, memberships=600, questions=60, skills=50, topics=10)

# Rows in one transaction: so small that a kill falls between two.
BATCH = 20

# Of the people that a run writes before its memberships, how many are there when it is killed.
KILLED_AT = (50, 200)

# Requests a second.
RATE = 5.0

# Seconds that are waited for what has to come at last.
PATIENCE = 180.0


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = Settings.model_validate({
        "data_dir": tmp_path_factory.mktemp("data"), "embedded_heap": "512m", "embedded_idle_minutes": 30,
    })  # fmt: skip
    yield made
    embedded.stop(made)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    LargeSource(SIZES, 7).write_bundle(folder)
    return folder


def test_an_ingest_that_is_killed_is_taken_up(settings: Settings, bundle: Path) -> None:
    with Database(settings) as database:
        migrate(database)
        ingest(database, BundleSource(bundle), rejects_folder=settings.rejects_folder)
        undisturbed = log.fingerprint(database)
        emptied(database)
        for people in KILLED_AT:
            run = Ingest(settings, bundle, batch=BATCH)

            def far(people: int = people) -> bool:
                return database.run_alone("MATCH (p:Person) RETURN count(p) AS n")[0]["n"] >= people

            wait_until(lambda run=run, far=far: far() or run.process.poll() is not None, seconds=PATIENCE)
            run.kill()
            assert run.process.returncode == -signal.SIGKILL, "it ended before it was killed"
        assert log.fingerprint(database) != undisturbed
        report = Ingest(settings, bundle, batch=BATCH).report()
        assert report["resumed_at"] is not None
        assert log.fingerprint(database) == undisturbed


def test_a_database_that_is_killed_under_requests_is_started_again(settings: Settings, bundle: Path) -> None:
    with Database(settings) as database:
        migrate(database)
        ingest(database, BundleSource(bundle), rejects_folder=settings.rejects_folder)
        request = request_for(database)
        with served(database, data_dir=settings.data_dir, request_deadline=20) as client:
            address = str(client.base_url).rstrip("/")
            with Load(address, RATE, request) as load:
                wait_until(lambda: any(200 <= one.status < 300 for one in list(load.answers)), seconds=PATIENCE)
                kill_database(settings)
                wait_until(lambda: any(one.status == 503 for one in list(load.answers)), seconds=PATIENCE)
                wait_until(lambda: embedded.status(settings).state == "running", seconds=PATIENCE)
                wait_until(lambda: client.get("/health/ready").json()["ready"], seconds=PATIENCE)
                load.goes_well(PATIENCE)
            print(told(load.answers))
            assert not unexpected(load.answers, slowest=math.inf), unexpected(load.answers, slowest=math.inf)[:5]
            nothing_lost_nothing_doubled(settings, address, load.answers, request)
