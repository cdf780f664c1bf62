"""The former release's code on a database that today's code has migrated: it reads and writes, for one version.

So an upgrade may go process by process, and can be taken back. GUILDMAP_FORMER names another revision than the one
before the last change of graph/cypher/migrations.
"""

import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.reads import log
from graph.reads.pages import ids_behind
from graph.schema import migrate
from ingest.jobs import ingest
from tests.bench.large_organisation import LargeSource
from tests.bench.recommend_http import free_port
from tests.faults.processes import environment
from tests.faults.test_database_killed import SIZES

ROOT = Path(__file__).parents[2]

# Run in the former release's tree, by its code alone. What it opens was migrated by today's.
SERVE = """
import os, sys
import uvicorn
import graph
assert os.path.dirname(os.path.dirname(graph.__file__)) == os.getcwd(), "this is to be the former release's code"
from api.app import create_app
from api.settings import Settings
from graph.database import Database
from tests.embedders import HashingEmbedder
settings = Settings.model_validate({"port": int(sys.argv[1])})
with Database(settings) as database:
    uvicorn.run(create_app(settings, database, HashingEmbedder), port=settings.port, log_level="warning")
"""

# Whether it would open the database by itself too, as its commands do.
OPEN = """
from graph.database import Database
from graph.schema import migrate
from graph.settings import DatabaseSettings
with Database(DatabaseSettings()) as database:
    print(migrate(database))
"""


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the former revision."""
    named = os.environ.get("GUILDMAP_FORMER")
    try:
        if named is None:
            if git("rev-parse", "--is-shallow-repository").strip() == b"true":
                pytest.skip("this clone holds no history: git fetch --unshallow")
            last = git("log", "-1", "--format=%H", "--", "graph/cypher/migrations").decode().strip()
            named = f"{last}^"
        archive = git("archive", "--format=tar", named)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"there is no history to take the former release from ({error})")
    folder = tmp_path_factory.mktemp("former")
    with tarfile.open(fileobj=BytesIO(archive)) as tree:
        tree.extractall(folder, filter="data")
    print(f"\nformer release: {git('log', '-1', '--format=%h %as %s', named).decode().strip()}")
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = Settings.model_validate({"data_dir": tmp_path / "data"})
    with Database(made) as database:
        migrate(database)
        ingest(database, LargeSource(SIZES, 7), rejects_folder=made.rejects_folder)
        yield made
    embedded.stop(made)


def test_it_reads_and_writes_what_todays_code_has_migrated(former: Path, settings: Settings) -> None:
    port = free_port()
    variables = environment(settings.data_dir) | {"PYTHONPATH": str(former)}
    opened = subprocess.run(
        [sys.executable, "-c", OPEN], cwd=former, env=variables, capture_output=True, text=True, check=False
    )
    print("its commands open the database" if opened.returncode == 0 else
          f"its commands refuse the database: {opened.stderr.strip().splitlines()[-1]}")  # fmt: skip
    if "BREAKING" in (former / "graph" / "schema.py").read_text(encoding="utf-8"):
        assert opened.returncode == 0, "since decision 28 it goes on where migrations only add"
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port)], cwd=former, env=variables)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            ready(client, process)
            person = ids(settings)[0]
            calls = [
                ("GET", "/v1/search?text=safety", None), ("GET", "/v1/communities", None),
                ("GET", f"/v1/people/{person}", None), ("GET", "/v1/goals", None),
                ("GET", "/v1/audit/findings", None),
                ("POST", "/v1/recommendations/communities", {"person_id": person}),
                ("POST", "/v1/recommendations/helpers", {"text": "safety", "person_id": person}),
                ("POST", "/v1/goals", {"name": "Of the former release"}),
                ("POST", "/v1/communities", {"name": "Knot theory", "domain": "knots and ropes", "status": "active"}),
                ("PUT", f"/v1/communities/knot-theory/members/{person}", {"engagement": "core"}),
            ]  # fmt: skip
            for method, path, body in calls:
                answer = client.request(method, path, json=body)
                assert answer.status_code < 300, (method, path, answer.status_code, answer.text[:300])
            print(f"{len(calls)} calls of read and write paths answered")
    finally:
        process.terminate()
        process.wait(30)
    with Database(settings) as database:
        assert migrate(database) == [], "and today's code finds all as it left it"
        kept = database.run_alone("MATCH (:Person {id: $id})-[:MEMBER_OF]->(c:Community {id: 'knot-theory'}) "
                                  "RETURN c.name AS name", id=person)  # fmt: skip
        assert [row["name"] for row in kept] == ["Knot theory"]
        assert database.read(log.revision()) > 0


def ids(settings: Settings) -> list[str]:
    with Database(settings) as database:
        return database.read(ids_behind("person", "", 1_000))


def ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            if client.get("/health/ready").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert process.poll() is None, "it ended"
        assert time.monotonic() < deadline
        time.sleep(0.2)
