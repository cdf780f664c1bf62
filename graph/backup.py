"""The whole graph as one file, and back into an empty database.

JSON lines, compressed where the name ends in `.gz`: a header, one line a node, one a relationship, and a last line with
counts and two digests. That of the file's lines tells before anything is written whether it was cut or altered; that of
the graph, which does not depend on the order of things or on Neo4j's own ids, tells whether what was restored is what
was backed up. What Neo4j keeps of its own (users, transaction logs) is not in it.
"""

import base64
import gzip
import hashlib
import json
import math
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from io import BufferedReader, BufferedWriter
from itertools import groupby, islice
from pathlib import Path
from typing import Any, cast

from graph.database import Database, Row, batched
from graph.errors import Conflict, DatabaseBusy, InvalidInput, MigrationError
from graph.reads import log, vectors
from graph.reads.acts import every_act
from graph.revocations import Revocations
from graph.schema import RESTORING, applied, migrate
from graph.suppression import SuppressionList
from graph.writes import erasure, suppression
from graph.writes.acts import carry_over
from graph.writes.events import now
from graph.writes.revocations import TakenBack, note_revoked, take_back
from graph.writes.vectors import create_vector_index

FORMAT = 1

# Nodes or relationships that share a transaction when they are restored.
BATCH = 2000

# Nodes deleted at a time where a restore replaces what is there.
WIPED = 5000

Progress = Callable[[str, int, int | None], None]  # what, done, in all where known


@dataclass(frozen=True)
class Contents:
    """What a backup holds. `graph` is the digest of the content, `at` when it was made, `schema` the migrations."""

    at: str
    revision: int
    schema: dict[str, str]
    nodes: int = 0
    relationships: int = 0
    graph: str = ""


@dataclass(frozen=True)
class Restored:
    """What was in the file, and what of it was taken back again, as it was since."""

    contents: Contents
    taken_back: TakenBack


@dataclass
class _Digest:
    """Of nodes and relationships, whatever their order and numbers: the sum of the hashes of each, modulo 2^256.

    Holds 16 bytes for each node (some 150 MB for a million), since a relationship counts with what it joins.
    """

    nodes: int = 0
    relationships: int = 0
    total: int = 0
    hashes: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def add(self, line: Row) -> bool:
        """Counts a node or a relationship in; False for one of a node that was not counted before."""
        if "labels" in line:
            digest = _hash([line["labels"], line["properties"]])
            self.hashes[line["node"]] = digest[:16]
            self.nodes += 1
        else:
            ends = self.hashes.get(line["start"]), self.hashes.get(line["end"])
            if ends[0] is None or ends[1] is None:
                return False
            digest = _hash([line["type"], ends[0].hex(), ends[1].hex(), line["properties"]])
            self.relationships += 1
        self.total += int.from_bytes(digest)
        return True

    def report(self, progress: Progress | None) -> None:
        what, done = ("relationships", self.relationships) if self.relationships else ("nodes", self.nodes)
        if progress and done % BATCH == 0:
            progress(what, done, None)

    def hexadecimal(self) -> str:
        return f"{self.total % (1 << 256):064x}"


def back_up(database: Database, path: Path, progress: Progress | None = None) -> Contents:
    """Writes the whole graph to `path`, which then is complete or not there; the file is its owner's alone.

    A backup shows one state of the graph. While nobody writes it delays nobody; where the revision moved meanwhile, it
    is made once more with the writers waiting. Raises InvalidInput where the file cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        contents = _written(database, partial, path.suffix == ".gz", progress)
        if contents is None or database.read(log.revision()) != contents.revision:
            with database.held("write/take_turn", actor="backup"):
                contents = _written(database, partial, path.suffix == ".gz", progress)
        if contents is None:
            raise DatabaseBusy("Something was written all the time. Try again when no index or import runs.")
        partial.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return contents


def _written(database: Database, path: Path, compressed: bool, progress: Progress | None) -> Contents | None:
    """None where a relationship leads to a node that was not there yet: somebody wrote meanwhile."""
    contents = Contents(now(), database.read(log.revision()), applied(database))
    digest, lines = _Digest(), hashlib.sha256()
    with _private(path) as raw, _packed(raw, compressed) as file:

        def put(line: Row) -> None:
            encoded = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
            lines.update(encoded)
            file.write(encoded + b"\n")

        put({"guildmap": FORMAT, **{k: getattr(contents, k) for k in ("at", "revision", "schema")}})
        for line in _lines_of(database):
            if not digest.add(line):
                return None
            put(line)
            digest.report(progress)
        made = replace(contents, nodes=digest.nodes, relationships=digest.relationships, graph=digest.hexadecimal())
        put({name: getattr(made, name) for name in ("nodes", "relationships", "graph")})
        file.write(json.dumps({"sha256": lines.hexdigest()}).encode() + b"\n")
    return made


def verify(path: Path) -> Contents:
    """What a backup holds, after a look at every line of it. Raises InvalidInput where it is not whole."""
    digest, lines = _Digest(), hashlib.sha256()
    header: Row | None = None
    last: Row | None = None
    stated: str | None = None
    number = 0
    try:
        with _opened(path) as file:
            for number, raw in enumerate(file, start=1):
                if stated is not None:
                    raise InvalidInput(f"{path}, line {number}: there is more behind the end. Use another backup.")
                line = _parsed(raw)
                if "sha256" in line:
                    stated = line["sha256"]
                    continue
                lines.update(raw.rstrip(b"\n"))
                if header is None:
                    header = _header(path, line)
                elif "labels" not in line and "type" not in line:
                    last = line
                elif not digest.add(line):
                    raise ValueError("a relationship of a node that is not there")
    except (EOFError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error
        raise InvalidInput(f"{path}, line {number + 1}: this is no backup, or a damaged one ({error}).") from error
    if header is None or last is None or stated is None:
        raise InvalidInput(f"{path} ends after line {number}: it was cut off. Nothing was restored; use another one.")
    found = {"nodes": digest.nodes, "relationships": digest.relationships, "graph": digest.hexadecimal()}
    if stated != lines.hexdigest() or found != last:
        raise InvalidInput(f"{path} was altered after it was made: its digest differs. Nothing was restored.")
    return Contents(header["at"], header["revision"], header["schema"], **last)


def _header(path: Path, line: Row) -> Row:
    if line.get("guildmap") != FORMAT:
        raise InvalidInput(f"{path}, line 1: is no backup of this guildmap (format {line.get('guildmap')!r}).")
    return line


def restore(
    database: Database,
    path: Path,
    *,
    over: bool = False,
    order: Sequence[str] = (),
    progress: Progress | None = None,
) -> Restored:
    """Brings an empty database to what the backup `path` holds; with `over`, takes away first what is there.

    The file is verified before anything is changed, and the graph afterwards. While it runs, and where it was cut off,
    the database refuses every other use; then it is run again. Who was erased since the backup was made is erased from
    it before that ends, and keys and roles that were taken back are taken back again; `order` is that of sources
    (graph.facts.merged). Raises InvalidInput for a bad file, Conflict where the database is not empty, and
    MigrationError where the backup is of a newer guildmap.
    """
    contents = verify(path)
    migrate(database, restoring=True)
    known = applied(database)
    for version in sorted(contents.schema.keys() - known.keys()):
        raise MigrationError(f"{path} has migration {version}, which this guildmap does not know. Use a newer one.")
    cut_off = bool(database.rows("read/restoring", id=RESTORING))
    there: int = database.rows("read/number_of_nodes")[0]["number"]
    if there and not over and not cut_off:
        raise Conflict(
            f"There are {there:,} nodes in this database. Restore into an empty one (another GUILDMAP_DATA_DIR), or "
            "say --replace to take them away first."
        )
    # What was done by privilege since the backup stays on record, and who was erased since does not come back.
    acts, erased = list(every_act(database)), SuppressionList(database.settings)
    erased.note(suppression.entries(database))
    revocations = Revocations(database.settings)
    note_revoked(database, revocations)
    database.write(lambda tx: tx.run("write/begin_restore", id=RESTORING, at=now(), file=path.name))
    while database.write(lambda tx: tx.run("write/wipe", keep=RESTORING, limit=WIPED))[0]["deleted"]:
        pass
    for index in database.read(vectors.vector_indexes()):
        database.write(lambda tx, name=index.name: tx.run("write/drop_index", name=name))
    _load(database, path, contents, progress)
    # What later versions changed in the graph is done to what an older one left; every migration may be repeated.
    migrate(database, restoring=True, again=known.keys() - contents.schema.keys())
    model = database.read(vectors.model())
    if model:
        for kind in vectors.EMBEDDED:
            database.write(lambda tx, kind=kind: create_vector_index(tx, kind, model.property, model.dimension))
    carry_over(database, acts)
    taken_back = take_back(database, revocations)
    # A list that was made with another secret tells nothing here: the next command says what to do about it.
    with suppress(InvalidInput):
        suppression.reconcile(database, erased)
        erasure.erase_those_who_came_back(database, order=order)
    database.write(lambda tx: tx.run("write/end_restore", id=RESTORING))
    return Restored(contents, taken_back)


def _load(database: Database, path: Path, contents: Contents, progress: Progress | None) -> None:
    numbers: dict[int, int] = {}  # in the file -> in the database
    prefix = ""
    done = {"nodes": 0, "relationships": 0}
    with _opened(path) as file:
        lines = (_parsed(raw) for raw in islice(file, 1, 1 + contents.nodes + contents.relationships))
        for are_nodes, some in groupby(lines, lambda line: "labels" in line):
            what, total = ("nodes", contents.nodes) if are_nodes else ("relationships", contents.relationships)
            for batch in batched(some, BATCH):
                if are_nodes:
                    rows = [
                        {"labels": line["labels"], "properties": _native(line["properties"]), "number": line["node"]}
                        for line in batch
                    ]
                    for made in database.write(lambda tx, rows=rows: tx.run("write/restore_nodes", rows=rows)):
                        prefix, _, number = made["key"].rpartition(":")
                        numbers[made["number"]] = int(number)
                else:
                    rows = [
                        {
                            "type": line["type"],
                            "start": f"{prefix}:{numbers[line['start']]}",
                            "end": f"{prefix}:{numbers[line['end']]}",
                            "properties": _native(line["properties"]),
                        }
                        for line in batch
                    ]
                    database.write(lambda tx, rows=rows: tx.run("write/restore_relationships", rows=rows))
                done[what] += len(rows)
                if progress:
                    progress(what, done[what], total)
    if digest_of(database) != contents.graph:
        raise Conflict("What was restored is not what was backed up. Nobody else may write meanwhile; restore again.")


def digest_of(database: Database) -> str:
    """The digest of the graph as it is, all of it: equal for equal graphs, however they came about."""
    digest = _Digest()
    for line in _lines_of(database):
        if not digest.add(line):
            raise DatabaseBusy("Something was written meanwhile. Try again when no index or import runs.")
    return digest.hexadecimal()


def _lines_of(database: Database) -> Iterator[Row]:
    """The graph as lines of a file: its nodes, then its relationships."""
    for row in database.stream("read/every_node"):
        yield {
            "node": _number(row["key"]), "labels": sorted(row["labels"]), "properties": _plain(row["properties"]),
        }  # fmt: skip
    for row in database.stream("read/every_relationship"):
        yield {
            "type": row["type"], "start": _number(row["start"]), "end": _number(row["end"]),
            "properties": _plain(row["properties"]),
        }  # fmt: skip


def _parsed(raw: bytes) -> Any:
    return json.loads(raw.decode("utf-8", "surrogatepass"))


def _number(key: str) -> int:
    return int(key.rpartition(":")[2])


def _plain(value: Any) -> Any:
    """A property as JSON has it. Bytes, and numbers that JSON lacks, become an object, which no property is."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in cast("Row", value).items()}
    if isinstance(value, list):
        return [_plain(one) for one in cast("list[Any]", value)]
    if isinstance(value, bytes | bytearray):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a property of type {type(value).__name__} has no place in a backup yet")


def _native(properties: Row) -> Row:
    return {key: _one_native(value) for key, value in properties.items()}


def _one_native(value: Any) -> Any:
    if isinstance(value, list):
        return [_one_native(one) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        odd = cast("dict[str, str]", value)
        return base64.b64decode(odd["bytes"]) if "bytes" in odd else float(odd["float"])
    return value


def _hash(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@contextmanager
def _private(path: Path) -> Generator[BufferedWriter]:
    """A new file that its owner alone may read, on the disk when the block ends."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _packed(raw: BufferedWriter, compressed: bool) -> Generator[BufferedWriter | gzip.GzipFile]:
    if not compressed:
        yield raw
        return
    with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, mtime=0) as file:
        yield file


def _opened(path: Path) -> BufferedReader | gzip.GzipFile:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
