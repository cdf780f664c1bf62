"""People who may be one, and what was decided of it."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from graph.database import Read, Row


@dataclass(frozen=True)
class Seen:
    """A person as somebody tells two of them apart."""

    id: str
    name: str | None
    email: str | None
    title: str | None
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Double:
    """Two that may be one. `why`: they have one e-mail address, or one name, and no source tells of both."""

    why: Literal["email", "name"]
    one: Seen
    other: Seen


@dataclass(frozen=True)
class United:
    """Two that somebody called one: `gone_id` is a person no more."""

    id: str
    gone_id: str
    person_id: str
    name: str
    at: str
    actor: str
    record: dict[str, Any]


@dataclass(frozen=True)
class Apart:
    """Two that somebody called different."""

    one: str
    other: str
    at: str
    actor: str


def doubles(limit: int = 100) -> Read[list[Double]]:
    """Pairs that nobody has decided on, those with one e-mail address first."""

    def seen(row: dict[str, Any]) -> Seen:
        return Seen(row["id"], row["name"], row["email"], row["title"], tuple(row["sources"] or ()))

    return Read(
        "read/doubles",
        {"limit": limit},
        lambda rows: [Double(row["why"], seen(row["one"]), seen(row["other"])) for row in rows],
    )


def united(limit: int = 100) -> Read[list[United]]:
    """The latest first."""
    return Read("read/united", {"id": None, "limit": limit}, lambda rows: [_united(row) for row in rows])


def one_united(key: str) -> Read[United | None]:
    return Read("read/united", {"id": key, "limit": 1}, lambda rows: _united(rows[0]) if rows else None)


def _united(row: Row) -> United:
    return United(**{**row, "record": json.loads(row["record"])})


def kept_apart(limit: int = 100) -> Read[list[Apart]]:
    """The latest first."""
    return Read("read/kept_apart", {"limit": limit}, lambda rows: [Apart(**row) for row in rows])
