"""What lies where in a data directory, for the embedded database and for those who look for it."""

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from graph.errors import EmbeddedDatabaseError

T = TypeVar("T")

# The name that Neo4j Community gives its one database.
DATABASE = "neo4j"


@dataclass(frozen=True)
class ServerState:
    """What a running server tells those who look for it."""

    pid: int
    port: int
    lease_socket: str
    started_at: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class EmbeddedLayout:
    data_dir: Path

    @property
    def home(self) -> Path:
        return self.data_dir / "neo4j"

    @property
    def store(self) -> Path:
        """There as soon as there is a database."""
        return self.home / "data" / "databases" / DATABASE

    @property
    def state_file(self) -> Path:
        return self.data_dir / "neo4j.state.json"

    @property
    def progress_file(self) -> Path:
        return self.data_dir / "neo4j.progress"

    @property
    def password_file(self) -> Path:
        return self.data_dir / "neo4j.password"

    @property
    def server_lock(self) -> Path:
        """Held by the server as long as it lives; the kernel lets go of it however the server ends."""
        return self.data_dir / "neo4j.server.lock"

    @property
    def start_lock(self) -> Path:
        """Held by the one command that is starting a server."""
        return self.data_dir / "neo4j.start.lock"

    @property
    def log(self) -> Path:
        return self.data_dir / "neo4j.log"

    def create(self) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.home.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise EmbeddedDatabaseError(
                f"The data directory {self.data_dir} cannot be used ({error.strerror}). Set GUILDMAP_DATA_DIR to "
                "a folder that you may write to."
            ) from error

    def write_private(self, path: Path, text: str) -> None:
        """Writes `path` at once and readable by its owner alone: a reader sees the old text or the new one."""
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)

    def report(self, progress: str) -> None:
        self.write_private(self.progress_file, f"{os.getpid()} {progress}")

    def progress_of(self, pid: int) -> str:
        """What the server `pid` last reported, or an empty string where it has not yet."""
        try:
            owner, _, progress = self.progress_file.read_text(encoding="utf-8").partition(" ")
        except FileNotFoundError:
            return ""
        return progress if owner == str(pid) else ""

    def state(self) -> ServerState | None:
        try:
            return ServerState(**json.loads(self.state_file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            return None  # of another version, or cut short by a full disk: as good as none


def read_lines(path: Path, parse: Callable[[Any], T]) -> list[T]:
    """What `parse` makes of each record of a file that `append_lines` writes; none where there is no file. Left out is
    a line that is no JSON or from which nothing can be made (ValueError, TypeError, KeyError): a crash cut it short."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found: list[T] = []
    for line in lines:
        with suppress(ValueError, TypeError, KeyError):
            found.append(parse(json.loads(line)))
    return found


def append_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Adds records to a file of JSON lines that its owner alone reads, on the disk when this returns. Whoever else adds
    waits; where a crash cut the last line short, what follows begins a new one."""
    lines = "".join(json.dumps(record) + "\n" for record in records).encode()
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                lines = b"\n" + lines
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
