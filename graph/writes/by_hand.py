"""What people change themselves; it wins over what sources say."""

from collections.abc import Sequence
from typing import Any

from graph.database import Transaction
from graph.errors import InvalidInput, NotFound
from graph.facts import KINDS, Fields
from graph.models import Principal
from graph.writes.events import now, record_event
from graph.writes.facts import set_by_hand

EDITABLE = ("person", "community", "skill", "org_unit", "goal")


def edit(
    transaction: Transaction,
    principal: Principal,
    kind: str,
    thing: str,
    fields: Fields,
    order: Sequence[str] = (),
) -> bool:
    """Sets fields of one thing; None empties a field. False where nothing changed.

    `fields` must be valid already. Raises NotFound for an unknown thing, InvalidInput for an unknown field.
    """
    unknown = sorted(set(fields) - set(KINDS[kind].fields))
    if unknown:
        raise InvalidInput(f"A {kind} has no field {', '.join(unknown)}. It has: {', '.join(KINDS[kind].fields)}.")
    changed = set_by_hand(transaction, kind, thing, fields, at=now(), order=order)
    if changed:
        details = {"fields": sorted(fields)}
        record_event(
            transaction,
            actor=principal.actor,
            action=f"edit.{kind}",
            subjects=[f"{kind}/{thing}"],
            details=details,
        )
    return changed


def dismiss(
    transaction: Transaction,
    principal: Principal,
    person_id: str,
    community_id: str,
    reason: str | None = None,
    until: str | None = None,
) -> None:
    """Notes that a person does not want a community suggested, until a date or for good."""
    parameters: dict[str, Any] = {
        "person_id": person_id, "community_id": community_id, "reason": reason, "until": until, "at": now(),
    }  # fmt: skip
    if not transaction.run("write/dismiss", **parameters):
        raise NotFound(f"There is no person {person_id!r}, or no community {community_id!r}.")
    record_event(
        transaction, actor=principal.actor, action="dismiss",
        subjects=[f"person/{person_id}", f"community/{community_id}"], details={"until": until},
    )  # fmt: skip
