"""The embedded database as commands meet it: started once, shared, stopped when idle, told apart from a dead one."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graph import embedded
from graph.database import Database
from graph.errors import DatabaseUnavailable, EmbeddedDatabaseError
from graph.layout import EmbeddedLayout
from graph.settings import DatabaseSettings


@pytest.fixture
def settings(tmp_path: Path):
    # A path longer than a Unix socket's name may be.
    made = DatabaseSettings(data_dir=tmp_path / ("d" * 120), embedded_idle_minutes=1, embedded_heap="512m")
    yield made
    embedded.stop(made)


def wait_until(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def test_two_commands_at_once_share_one_database_that_survives_a_kill(settings: DatabaseSettings) -> None:
    code = (
        "import sys; from pathlib import Path; from graph.settings import DatabaseSettings; "
        "from graph.database import Database; "
        f"database = Database(DatabaseSettings(data_dir=Path({str(settings.data_dir)!r}), embedded_idle_minutes=1)); "
        "database.run_alone('CREATE (:Goal {id: $id})', id=sys.argv[1]); print(database.uri); database.close()"
    )
    commands = [
        subprocess.Popen([sys.executable, "-c", code, name], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
        for name in "ab"
    ]
    uris = {command.communicate(timeout=120)[0].strip() for command in commands}
    assert len(uris) == 1
    assert all(command.returncode == 0 for command in commands)

    layout = EmbeddedLayout(settings.data_dir)
    state = layout.state()
    assert state is not None
    for path in (layout.state_file, layout.password_file, layout.log):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert len(layout.password_file.read_text()) >= 32
    assert embedded.status(settings).state == "running"

    os.kill(state.pid, signal.SIGKILL)
    wait_until(lambda: embedded.status(settings).state == "stale")
    with Database(settings) as database:
        rows = database.run_alone("MATCH (g:Goal) RETURN g.id AS id ORDER BY id")
        assert [row["id"] for row in rows] == ["a", "b"]
        with pytest.raises(Exception, match=r"(?i)load csv|import|blocked|disabled|file"):
            database.run_alone("LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line")
        with pytest.raises(Exception, match=r"(?i)blocked|refused|denied|access"):
            database.run_alone("LOAD CSV FROM 'http://127.0.0.1:1/x' AS line RETURN line")
    assert embedded.stop(settings) is True
    assert embedded.status(settings).state == "stopped"
    assert embedded.stop(settings) is False


def test_it_stops_when_nobody_holds_a_lease(tmp_path: Path) -> None:
    settings = DatabaseSettings(data_dir=tmp_path / "data", embedded_idle_minutes=0.05)
    lease = embedded.acquire(settings)
    time.sleep(5)  # longer than the idle time: a lease keeps it up
    assert embedded.status(settings).state == "running"
    lease.release()
    wait_until(lambda: embedded.status(settings).state == "stopped")


def test_a_lost_password_file_is_told(settings: DatabaseSettings) -> None:
    layout = EmbeddedLayout(settings.data_dir)
    layout.create()
    (layout.home / "data" / "databases" / "neo4j").mkdir(parents=True)
    with pytest.raises(EmbeddedDatabaseError, match="lost its password file"):
        embedded.acquire(settings)


def test_a_damaged_store_is_told(settings: DatabaseSettings) -> None:
    embedded.acquire(settings).release()
    embedded.stop(settings)
    store = EmbeddedLayout(settings.data_dir).home / "data" / "databases" / "neo4j"
    for path in store.rglob("*"):
        if path.is_file() and "lock" not in path.name:
            path.write_bytes(b"\x13" * 4096)
    with pytest.raises(EmbeddedDatabaseError, match="cannot be opened"):
        embedded.acquire(settings)


def test_a_data_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(EmbeddedDatabaseError, match="GUILDMAP_DATA_DIR"):
        embedded.acquire(DatabaseSettings(data_dir=blocker / "data"))


def test_a_dead_address_is_told_within_seconds(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable, match="No Neo4j answers"):
        Database(DatabaseSettings(data_dir=tmp_path, neo4j_uri="bolt://127.0.0.1:9"))
    assert time.monotonic() - began < 30  # the driver's defaults hang for 45 s and more


def test_a_wrong_password_is_told(database: Database, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="refuses the user or password"):
        Database(DatabaseSettings(data_dir=tmp_path, neo4j_uri=database.uri, neo4j_password="wrong"))  # pyright: ignore[reportArgumentType]  read from a string as from the environment
