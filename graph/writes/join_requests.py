"""How somebody asks to be let into a community that one cannot just join, and what whoever lets people in says."""

import secrets
from collections.abc import Sequence
from typing import Any

from graph.database import Transaction
from graph.errors import Conflict, Forbidden, NotFound
from graph.formation import BEFORE_ACTIVE
from graph.models import Part, Principal, Role
from graph.reads import formation, resources
from graph.reads import join_requests as reads
from graph.reads.join_requests import JoinRequest
from graph.sentences import state_said, tell
from graph.writes import by_hand
from graph.writes.events import now, record_event


def ask(
    transaction: Transaction,
    principal: Principal,
    person_id: str,
    community_id: str,
    level: str | None = None,
    words: str | None = None,
) -> JoinRequest:
    """A person of the organisation asks to be let in. Who was declined may ask again, `reads.ASK_AGAIN` days later.

    Raises NotFound where they may not see the community, so that there is nothing to ask for, Forbidden for others than
    themselves or an admin, and Conflict where they need not ask, ask already, may not ask again yet, or are from
    outside.
    """
    _of_themselves(principal, person_id)
    found = by_hand.seen_community(transaction, Principal(person_id, Role.MEMBER), community_id).community
    if found.status == "retired":
        raise Conflict(tell("%(name)s is retired: nobody can join it.", name=found.name))
    if found.status in BEFORE_ACTIVE:
        raise Conflict(
            tell(
                "%(name)s is %(status)s: say how you would take part in it.",
                name=found.name,
                status=state_said(found.status),
            )
        )
    if found.visibility == "open":
        raise Conflict(tell("%(name)s is open: people join it themselves.", name=found.name))
    external = transaction.read(formation.external(person_id))
    if external is None:
        raise NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))
    if external:
        raise Conflict(tell("Somebody from outside is invited by a lead, and a knowledge manager accepts."))
    before = [one for one in transaction.read(reads.of_community(community_id)) if one.asker.id == person_id]
    if any(one.waits for one in before):
        raise Conflict(tell("%(person_id)s has asked to join %(name)s already.", person_id=person_id, name=found.name))
    today = now()[:10]
    spells = transaction.read(resources.spells(person_id, community_id))
    if any(spell.is_current(today) for spell in spells):
        raise Conflict(tell("%(person_id)s belongs to %(name)s already.", person_id=person_id, name=found.name))
    declined = next((one for one in before if one.again_on is not None), None)
    # Who was let in since by other ways, and left, was not turned away last.
    if declined is not None and not any(
        (spell.joined_on or "") >= (declined.decided_at or "")[:10] for spell in spells
    ):
        raise Conflict(
            tell(
                "%(name)s declined that on %(day)s: asking again is possible from %(again)s on. Its leads can let "
                "%(person_id)s in before.",
                name=found.name, day=(declined.decided_at or "")[:10], again=declined.again_on, person_id=person_id,
            )
        )  # fmt: skip
    key = f"j-{secrets.token_hex(8)}"
    given = {"state": "asked", "asked_at": now(), "level": level, "words": words}
    transaction.run("write/ask_to_join", id=key, set=given, person_id=person_id, community_id=community_id)
    return _done(transaction, principal, "ask", key)


def accept(
    transaction: Transaction,
    principal: Principal,
    request_id: str,
    level: str | None = None,
    order: Sequence[str] = (),
) -> JoinRequest:
    """Whoever lets people in says yes: the asker is a member from today, at `level` or else the one that they named."""
    found = _to_decide(transaction, principal, request_id)
    by_hand.join(transaction, principal, found.asker.id, found.community_id, level or found.level, order, asked=True)
    return _done(transaction, principal, "accept", request_id)


def decline(transaction: Transaction, principal: Principal, request_id: str, reason: str) -> JoinRequest:
    """They say no, and why; the asker reads it."""
    found = _to_decide(transaction, principal, request_id)
    return _decide(transaction, principal, found, "declined", reason=reason)


def withdraw(transaction: Transaction, principal: Principal, request_id: str) -> JoinRequest:
    """Who asked takes it back."""
    found = seen_request(transaction, principal, request_id)
    _of_themselves(principal, found.asker.id)
    return _decide(transaction, principal, _waiting(found), "withdrawn")


def seen_request(transaction: Transaction, principal: Principal, request_id: str) -> JoinRequest:
    """For whoever asked and whoever lets people in. Raises NotFound for all else."""
    found = transaction.read(reads.by_id(request_id))
    if found is not None:
        try:
            by_hand.seen_community(transaction, principal, found.community_id)
            if principal.person_id == found.asker.id or principal.role is Role.ADMIN:
                return found
            by_hand.may(transaction, principal, found.community_id, Part.LEAD)
            return found
        except (NotFound, Forbidden):
            pass
    raise NotFound(tell("There is no request to join with the id %(request_id)r.", request_id=request_id))


def _to_decide(transaction: Transaction, principal: Principal, request_id: str) -> JoinRequest:
    found = seen_request(transaction, principal, request_id)
    by_hand.may(transaction, principal, found.community_id, Part.LEAD, what=tell("To let people in"))
    return _waiting(found)


def _waiting(found: JoinRequest) -> JoinRequest:
    if found.state != "asked":
        raise Conflict(tell("It is %(state)s already.", state=state_said(found.state)))
    return found


def _of_themselves(principal: Principal, person_id: str) -> None:
    if principal.person_id != person_id and principal.role is not Role.ADMIN:
        raise Forbidden(tell("Only the person themselves, or an admin, may do this."))


def _decide(
    transaction: Transaction, principal: Principal, found: JoinRequest, state: str, **given: Any
) -> JoinRequest:
    told = {**given, "state": state, "decided_at": now(), "decided_by": principal.person_id}
    transaction.run("write/decide_join_request", id=found.id, set=told)
    return _done(transaction, principal, {"declined": "decline", "withdrawn": "withdraw"}[state], found.id)


def _done(transaction: Transaction, principal: Principal, action: str, request_id: str) -> JoinRequest:
    found = transaction.read(reads.by_id(request_id))
    assert found is not None
    record_event(
        transaction, actor=principal.actor, action=f"{action}.join_request", subjects=[f"join_request/{request_id}"],
        details={"community_id": found.community_id},
    )  # fmt: skip
    return found
