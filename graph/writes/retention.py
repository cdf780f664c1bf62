"""What goes by itself once its time is over: people who left, details of old events, answers, sessions, files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from graph.database import Database, Row
from graph.models import Principal, latest_day
from graph.quarters import of_day
from graph.settings import DatabaseSettings
from graph.writes import erasure
from graph.writes.events import moment
from graph.writes.idempotency import KEPT

# Things that share a transaction.
BATCH = 5_000

LEFT, PULSE = "people who left", "answers to the pulse"

# Neo4j drops old transactions with the file that they are in, and begins a new file when one is full: so much is
# written to fill one (db.tx_log.rotation.size, as shipped), in so many transactions.
FILL, FILLS = 4 * 1024 * 1024, 5


@dataclass(frozen=True)
class Due:
    """So many things of a kind are over: those from before the day or moment `before`."""

    what: str
    before: str
    number: int


def due(database: Database) -> list[Due]:
    """What is over at present; changes nothing."""
    found: list[Due] = []
    for what, limit in _limits(database.settings):
        if what == LEFT:
            number = len(list(_left(database, limit)))
        elif what in _FILES:
            number = len(list(_files(database.settings, what, limit)))
        else:
            number = database.rows(f"read/over_{_STATEMENTS[what]}", before=_limit(what, limit))[0]["number"]
        found.append(Due(what, limit, number))
    return found


def expire(database: Database, *, order: Sequence[str] = ()) -> list[Due]:
    """Takes away what is over; what went. May be cut off and run again."""
    gone: list[Due] = []
    for what, limit in _limits(database.settings):
        if what == LEFT:
            ids = list(_left(database, limit))
            for person_id in ids:
                erasure.erase(database, Principal(actor="retention"), person_id, order=order)
            number = len(ids)
        elif what in _FILES:
            paths = list(_files(database.settings, what, limit))
            for path in paths:
                path.unlink(missing_ok=True)
            number = len(paths)
        else:
            number = _in_batches(database, what, _limit(what, limit))
        gone.append(Due(what, limit, number))
    return gone


def turn_log_over(database: Database) -> None:
    """Fills Neo4j's transaction log until it begins a new file, so that in a database in which little happens old
    transactions are not kept for want of new ones. The next checkpoint (every 15 minutes, and when it stops) drops the
    files whose time is over."""
    for number in range(FILLS):
        filling = bytes([number + 1]) * FILL
        database.write(lambda tx, filling=filling: tx.run("write/fill_log", filling=filling))
    database.write(lambda tx: tx.run("write/fill_log", filling=None))


_STATEMENTS = {
    "details of events": "events",
    "sessions": "sessions",
    "answers to requests sent twice": "answers",
    PULSE: "pulse",
}
_FILES = ("files of rejected rows", "logs of Neo4j", "backups")


def _limits(settings: DatabaseSettings) -> Iterator[tuple[str, str]]:
    """Each thing that has a time, with the day or moment from before which it is over."""
    today = date.today()
    for what, days in (
        (LEFT, settings.keep_left_days),
        ("details of events", settings.keep_event_days),
        (PULSE, settings.keep_pulse_days),
        ("files of rejected rows", settings.keep_rejects_days),
        ("logs of Neo4j", settings.keep_log_days),
        ("backups", settings.keep_backup_days if settings.backup_folder else 0),
    ):
        if days:
            yield what, (today - timedelta(days=days)).isoformat()
    yield "sessions", moment(timedelta())
    yield "answers to requests sent twice", moment(-KEPT)


def _left(database: Database, before: str) -> Iterator[str]:
    rows: list[Row] = database.rows("read/left")
    return (row["id"] for row in rows if latest_day(row["left_on"]) < before)


def _files(settings: DatabaseSettings, what: str, before: str) -> Iterator[Path]:
    if what == "files of rejected rows":
        found = settings.rejects_folder.glob("*.jsonl")
    elif what == "logs of Neo4j":
        # The one that is being written to has no number behind its name.
        found = (settings.data_dir / "neo4j" / "logs").glob("*.log.*")
    else:
        folder = settings.backup_folder
        found = (path for end in ("jsonl", "jsonl.gz", "dump") for path in (folder.glob(f"*.{end}") if folder else ()))
    for path in sorted(found):
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if changed.date().isoformat() < before:
            yield path


def _in_batches(database: Database, what: str, before: str) -> int:
    name, number = f"write/expire_{_STATEMENTS[what]}", 0
    while done := database.write(lambda tx: tx.run(name, before=before, limit=BATCH))[0]["number"]:
        number += done
    return number


def _limit(what: str, before: str) -> str:
    """As a statement compares it: answers to the pulse bear no day, but a quarter."""
    return str(of_day(before)) if what == PULSE else before
