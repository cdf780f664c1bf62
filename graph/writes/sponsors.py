"""How somebody comes to sponsor a community: they are asked, and say yes or no themselves; and how they stop."""

from datetime import date
from typing import Any

from graph.database import Transaction
from graph.errors import Conflict, Forbidden, NotFound
from graph.facts import BY_HAND
from graph.models import Part, Principal, Role
from graph.reads import sponsors as reads
from graph.reads.sponsors import Sponsorship
from graph.sentences import tell
from graph.writes.by_hand import may, seen_community
from graph.writes.events import now, record_event


def ask(transaction: Transaction, principal: Principal, community_id: str, person_id: str) -> Sponsorship:
    """A lead, or a knowledge manager, asks somebody to sponsor the community.

    Raises NotFound for an unknown person, and Conflict for somebody who sponsors it, is asked already, or cannot.
    """
    found = may(transaction, principal, community_id, Part.LEAD, what=tell("To ask for a sponsor")).community
    if found.status == "retired":
        raise Conflict(tell("%(name)s is retired: nobody can sponsor it.", name=found.name))
    rows = transaction.run("read/to_be_asked", person_id=person_id)
    if not rows:
        raise NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))
    (row,) = rows
    if row["left_on"] is not None and row["left_on"] <= date.today().isoformat():
        raise Conflict(tell("%(name)s has left the organisation.", name=row["name"]))
    if row["external"]:
        raise Conflict(tell("%(name)s is external: a sponsor speaks for the organisation.", name=row["name"]))
    before = transaction.read(reads.sponsorship(community_id)).of(person_id)
    if before is not None and before.state != "declined":
        if before.state == "sponsors":
            raise Conflict(tell("%(name)s sponsors it already.", name=row["name"]))
        raise Conflict(tell("%(name)s is asked already.", name=row["name"]))
    transaction.run("write/ask_to_sponsor", community_id=community_id, person_id=person_id, at=now(), source=BY_HAND)
    return _done(transaction, principal, "ask", community_id, person_id)


def accept(transaction: Transaction, principal: Principal, community_id: str, person_id: str) -> Sponsorship:
    """They sponsor it from now on. Raises Forbidden for others than themselves or an admin, Conflict if not asked."""
    _of_themselves(transaction, principal, community_id, person_id)
    _state(transaction, community_id, person_id, "asked")
    transaction.run("write/sponsor", community_id=community_id, person_id=person_id, at=now(), source=BY_HAND)
    return _done(transaction, principal, "accept", community_id, person_id)


def decline(
    transaction: Transaction, principal: Principal, community_id: str, person_id: str, reason: str | None = None
) -> Sponsorship:
    """They do not want to; they may be asked again."""
    _of_themselves(transaction, principal, community_id, person_id)
    _state(transaction, community_id, person_id, "asked")
    given: dict[str, Any] = {"community_id": community_id, "person_id": person_id, "reason": reason, "at": now()}
    transaction.run("write/decline_to_sponsor", **given)
    return _done(transaction, principal, "decline", community_id, person_id)


def step_down(transaction: Transaction, principal: Principal, community_id: str, person_id: str) -> Sponsorship:
    """They sponsor it no longer, whatever a source goes on to say."""
    _of_themselves(transaction, principal, community_id, person_id)
    _state(transaction, community_id, person_id, "sponsors")
    transaction.run("write/step_down", community_id=community_id, person_id=person_id, at=now(), source=BY_HAND)
    return _done(transaction, principal, "step_down", community_id, person_id)


def _of_themselves(transaction: Transaction, principal: Principal, community_id: str, person_id: str) -> None:
    if principal.role is not Role.ADMIN and principal.person_id != person_id:
        raise Forbidden(tell("Only the person themselves, or an admin, may do this."))
    seen_community(transaction, principal, community_id)


def _state(transaction: Transaction, community_id: str, person_id: str, state: str) -> None:
    found = transaction.read(reads.sponsorship(community_id)).of(person_id)
    if found is None or found.state != state:
        name = found.person.name if found else person_id
        if state == "asked":
            raise Conflict(tell("%(name)s has not been asked to sponsor it.", name=name))
        raise Conflict(tell("%(name)s does not sponsor it.", name=name))


def _done(
    transaction: Transaction, principal: Principal, action: str, community_id: str, person_id: str
) -> Sponsorship:
    record_event(
        transaction, actor=principal.actor, action=f"{action}.sponsorship",
        subjects=[f"sponsorship/{community_id}", f"person/{person_id}"],
    )  # fmt: skip
    return transaction.read(reads.sponsorship(community_id))
