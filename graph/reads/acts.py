"""The log of privileged acts: who gave a role, exported or erased somebody, took a backup, undid a community.

Each act holds the hash of the one before it, so that none can be changed, taken out, put in or moved without breaking
all that follow. That the last ones were cut off shows against what was noted of the end elsewhere (graph.acts). No act
holds a word or an id of a person: people stand in it under pseudonyms, which are on record with the person alone and go
with them.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graph.database import Database, Read, Row

# The hash before the first act.
BEGINNING = "0" * 64


@dataclass(frozen=True)
class Act:
    """`actor` is a pseudonym, `key:ID` or what else acts here; `details` are numbers and words of guildmap's own."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str | None
    details: str  # JSON
    before: str
    hash: str

    @property
    def expected(self) -> str:
        return hash_of(self.seq, self.at, self.actor, self.action, self.subject, self.details, self.before)


def hash_of(seq: int, at: str, actor: str, action: str, subject: str | None, details: str, before: str) -> str:
    said = json.dumps([seq, at, actor, action, subject, details, before], ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Head:
    """The last act, 0 and BEGINNING where there is none."""

    seq: int = 0
    hash: str = BEGINNING


def head() -> Read[Head]:
    return Read("read/acts_head", {}, lambda rows: Head(rows[0]["seq"], rows[0]["hash"]) if rows else Head())


def acts_after(seq: int, limit: int) -> Read[list[Act]]:
    return Read("read/acts_after", {"after": seq, "limit": limit}, lambda rows: [Act(**row["act"]) for row in rows])


def every_act(database: Database) -> Iterator[Act]:
    for row in database.stream("read/acts_after", after=0, limit=2**62):
        yield Act(**row["act"])


def pseudonyms() -> Read[dict[str, str]]:
    """Ids of people by the pseudonym that the log knows them under."""

    def parse(rows: list[Row]) -> dict[str, str]:
        return {row["pseudonym"]: row["id"] for row in rows}

    return Read("read/pseudonyms", {}, parse)


def faults(acts: Iterable[Act], end: Head, noted: Sequence[Head]) -> Iterator[str]:
    """What is wrong with the chain: `end` is what the graph says its last act is, `noted` what was kept of its end at
    earlier times. Nothing where it is whole."""
    before, seq = BEGINNING, 0
    wanted = {one.seq: one.hash for one in noted if one.seq}
    for act in acts:
        if act.seq != seq + 1:
            yield f"Act {seq + 1} is missing: {act.seq} follows {seq}."
        if act.before != before:
            yield f"Act {act.seq} does not follow the one before it."
        if act.hash != act.expected:
            yield f"Act {act.seq} was changed."
        if wanted.pop(act.seq, act.hash) != act.hash:
            yield f"Act {act.seq} is another than the one that was noted."
        before, seq = act.hash, act.seq
    if (seq, before) != (end.seq, end.hash):
        yield f"The graph says that act {end.seq} is the last; it is {seq}."
    for lost in sorted(wanted):
        yield f"Act {lost} was noted and is not there: what came after {seq} was cut off, or a backup was restored."


def told(details: str) -> dict[str, Any]:
    return json.loads(details)
