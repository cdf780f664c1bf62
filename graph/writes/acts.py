"""Adds to the log of privileged acts. Two who add at one time give one chain: the second waits for the first."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict

from graph.database import Database, Transaction
from graph.models import LOCAL_ADMIN, Principal
from graph.reads import acts as reads
from graph.reads.acts import Act, hash_of
from graph.writes.events import now

SETTINGS = "settings"

# How the actor of a principal begins who is a person.
_PERSON = "person:"


def record_act(
    transaction: Transaction,
    principal: Principal,
    action: str,
    person_id: str | None = None,
    /,
    **details: str | int | bool | None,
) -> None:
    """Notes what somebody did by a privilege, and to whom (`person_id`). To be called last in its transaction.

    `details` must hold no word or id of people. Where the person is not there, they stay unnamed.
    """
    actor = principal.actor
    if actor.startswith(_PERSON):
        actor = _pseudonym(transaction, actor.removeprefix(_PERSON)) or "somebody"
    subject = _pseudonym(transaction, person_id) if person_id is not None else None
    (row,) = transaction.run("write/hold_acts", beginning=reads.BEGINNING)
    told = json.dumps({k: v for k, v in sorted(details.items()) if v is not None}, ensure_ascii=False)
    seq, at, before = row["seq"] + 1, now(), row["hash"]
    act = Act(
        seq, at, actor, action, subject, told, before, hash_of(seq, at, actor, action, subject, told, before)
    )  # fmt: skip
    transaction.run("write/append_acts", rows=[asdict(act)])


def record_settings(transaction: Transaction, **settings: str | int | bool) -> None:
    """Notes settings on which it depends what is told of people, where they are others than when last noted."""
    rows = transaction.run("read/last_act", action=SETTINGS)
    if not rows or reads.told(rows[0]["details"]) != settings:
        record_act(transaction, LOCAL_ADMIN, SETTINGS, None, **settings)


def carry_over(database: Database, before: Sequence[Act]) -> None:
    """After a restore: what was done since the backup stays on record, where the log that was there before (`before`)
    goes on from that of the backup."""
    restored = list(reads.every_act(database))
    if len(before) > len(restored) and list(before[: len(restored)]) == restored:
        rows = [asdict(act) for act in before[len(restored) :]]

        def work(transaction: Transaction) -> None:
            transaction.run("write/hold_acts", beginning=reads.BEGINNING)
            transaction.run("write/append_acts", rows=rows)

        database.write(work)


def _pseudonym(transaction: Transaction, person_id: str) -> str | None:
    rows = transaction.run("write/set_pseudonym", id=person_id, new=f"p-{secrets.token_hex(8)}")
    return rows[0]["pseudonym"] if rows else None
