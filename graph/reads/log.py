"""The graph's revision, its events and its ingest runs."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from graph.database import Database, Read, Row
from graph.facts import PROVENANCE
from graph.reads.vectors import PREFIX

# How the action begins of an event that tells of an erasure, and not of whom: anything may have changed by it.
ERASING = "erase."

# What is derived from content (tokens, vectors, link fields' keys) or says only who saw it, not what is.
NOT_CONTENT = {*PROVENANCE, "source", "search_name", "search_text", "email_key", "name_key", "pseudonym"}


@dataclass(frozen=True)
class Event:
    seq: int
    at: str
    actor: str
    action: str
    subjects: tuple[str, ...]
    details: dict[str, Any]


def revision() -> Read[int]:
    return Read("read/revision", {}, lambda rows: rows[0]["revision"])


def events_after(seq: int, limit: int = 1000) -> Read[list[Event]]:
    """The events behind number `seq`, in the order of their commits."""

    def parse(rows: list[Row]) -> list[Event]:
        return [
            Event(r["seq"], r["at"], r["actor"], r["action"], tuple(r["subjects"]), json.loads(r["details"]))
            for r in rows
        ]

    return Read("read/events_after", {"after": seq, "limit": limit}, parse)


def unfinished_run(source: str) -> Read[Row | None]:
    return Read("read/unfinished_run", {"source": source}, lambda rows: rows[0]["run"] if rows else None)


def ingest_runs(limit: int = 20) -> Read[list[Row]]:
    return Read("read/ingest_runs", {"limit": limit}, lambda rows: [row["run"] for row in rows])


def fingerprint(database: Database) -> str:
    """A sha256 over all content of the graph: two graphs with the same content have the same one.

    Left out: provenance, the log of events and runs, and what is derived (tokens, vectors).
    """
    lines: list[str] = []
    for name in ("read/whole_nodes", "read/whole_relationships"):
        lines.extend(_line(row) for row in database.stream(name))
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def content_of(properties: Row) -> Row:
    """What people or sources said, of the properties of a node or relationship."""
    return {
        name: value for name, value in properties.items() if name not in NOT_CONTENT and not name.startswith(PREFIX)
    }


def _line(row: Row) -> str:
    rest = {name: value for name, value in row.items() if name != "properties"}
    return json.dumps([rest, content_of(row["properties"])], sort_keys=True, ensure_ascii=False, default=str)
