"""One real Neo4j for each process of the run: that of GUILDMAP_TEST_NEO4J_URI, else a container, else the embedded."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from graph import embedded
from graph.database import Database
from graph.schema import applied, migrate, migrations
from graph.settings import DatabaseSettings
from tests.shared_data import WANTED, folder

IMAGE = "neo4j:5.26-community"

MIGRATIONS = migrations()

# The processes that pytest-xdist starts are given the size of a terminal, which the commands would write for.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)


# Java compiles what runs often with more and more care, and a run of tests is over before that has paid: here it stops
# at the first, quick compiler. This holds for every JVM that the tests and the commands that they run start.
os.environ["JAVA_TOOL_OPTIONS"] = f"{os.environ.get('JAVA_TOOL_OPTIONS', '')} -XX:TieredStopAtLevel=1".strip()

# The files that take longest, which several processes are given first: else one is left with them at the end.
LONGEST = (
    "api/pages/test_browser.py",
    "api/authorization/test_matrix.py",
    "faults/test_short.py",
    "graph/test_backup.py",
    "graph/test_embedded.py",
    "matcher/test_explanations.py",
    "matcher/test_on_dask.py",
    "matcher/test_live.py",
    "matcher/test_search.py",
    "faults/test_network.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    order = {here / name: place for place, name in enumerate(LONGEST)}
    assert all(path.exists() for path in order), "say what they are called now"
    items.sort(key=lambda item: order.get(item.path, len(order)))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GUILDMAP_") and not name.startswith("GUILDMAP_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def database_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseSettings]:
    """Settings of a running database that the tests may wipe."""
    folder = tmp_path_factory.mktemp("data")
    uri = os.environ.get("GUILDMAP_TEST_NEO4J_URI")
    if uri:
        if "PYTEST_XDIST_WORKER" in os.environ:
            pytest.exit(
                "GUILDMAP_TEST_NEO4J_URI names one database, which several processes would wipe: leave -n out", 2
            )
        password = SecretStr(os.environ.get("GUILDMAP_TEST_NEO4J_PASSWORD", ""))
        yield DatabaseSettings(data_dir=folder, neo4j_uri=uri, neo4j_password=password)
        return
    if docker_answers():
        from testcontainers.neo4j import Neo4jContainer

        with Neo4jContainer(IMAGE, password="for-tests-only") as container:
            yield DatabaseSettings(
                data_dir=folder,
                neo4j_uri=container.get_connection_url(),
                neo4j_password=SecretStr("for-tests-only"),
            )
        return
    settings = DatabaseSettings(data_dir=folder, embedded_idle_minutes=1)
    lease = embedded.acquire(settings)
    yield settings
    lease.release()
    embedded.stop(settings)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _one_database(database_settings: DatabaseSettings) -> Iterator[Database]:
    with Database(database_settings) as database:
        yield database


@pytest.fixture
def database(_one_database: Database) -> Database:
    """An empty graph with the schema in place."""
    return emptied(_one_database)


def emptied(database: Database) -> Database:
    """The same of a database that a module fills once. Vector indexes stay: after a change of the schema every
    statement is planned anew, which takes longer than most tests."""
    database.run_alone(
        "MATCH (n) WHERE NOT n:Migration OR n.version STARTS WITH '0000' "
        "CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"
    )
    # Nobody was erased, nothing done by privilege, no right taken back: these files outlive a graph, as they are to.
    for name in ("suppression.jsonl", "acts.jsonl", "revocations.jsonl"):
        (database.settings.data_dir / name).unlink(missing_ok=True)
    if applied(database) != {one.version: one.checksum for one in MIGRATIONS}:
        migrate(database)
    return database


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside a checkout; tests that want it are skipped where it is absent."""
    found = folder()
    if not found.is_dir():
        pytest.skip(f"the real data sets are not here. {WANTED}")
    return found


def docker_answers() -> bool:
    """Whether there is a Docker daemon that this process may use."""
    try:
        import docker

        docker.from_env(timeout=3).ping()
    except Exception:  # no client, no socket, no permission: all mean that there is none to use
        return False
    return True
