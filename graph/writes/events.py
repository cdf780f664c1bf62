"""The append-only log of what changed: each write that changes content leaves one Event."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from graph.database import Transaction

T = TypeVar("T")


def now() -> str:
    """The present moment in UTC, ISO 8601 to the millisecond: two runs of one second still have an order."""
    return moment(timedelta())


def moment(ahead: timedelta) -> str:
    """The moment that lies so far ahead, written like `now`."""
    return (datetime.now(UTC) + ahead).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record_event(
    transaction: Transaction,
    *,
    actor: str,
    action: str,
    subjects: Sequence[str],
    details: dict[str, Any] | None = None,
) -> int:
    """Appends an Event and moves the graph's revision, which is also the event's place in the order; returns it.

    To be called last in its transaction: from here to the commit no other writer can append.
    `subjects` are like `person/ID`.
    """
    (row,) = transaction.run(
        "write/record_event",
        actor=actor,
        action=action,
        subjects=list(subjects),
        at=now(),
        details=json.dumps(details or {}, ensure_ascii=False),
    )
    return row["revision"]


def take_turn(transaction: Transaction, actor: str) -> None:
    """Waits until no other write by hand is under way, and keeps others waiting until the commit.

    To be called first in a transaction that compares what is stored with what it was told to expect.
    """
    transaction.run("write/take_turn", actor=actor)


def in_turn(actor: str, work: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    """`work` as a transaction of its own, in which no other write by hand goes on (see `take_turn`)."""

    def taken(transaction: Transaction) -> T:
        take_turn(transaction, actor)
        return work(transaction)

    return taken
