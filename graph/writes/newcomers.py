"""Newcomers are greeted, and accompanied by somebody outside their reporting line, where both want it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from graph.database import Transaction
from graph.errors import Conflict, Forbidden, NotFound
from graph.models import Part, Principal, Role
from graph.reads import newcomers as reads
from graph.reads import resources
from graph.reads.newcomers import Buddy, Newcomer
from graph.sentences import state_said, tell
from graph.writes.by_hand import current_spell, may, seen_community
from graph.writes.events import record_event

# Each step that one of the two takes: from which states, and to which.
STEPS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "agree": (("proposed",), "agreed"),
    "decline": (("proposed",), "declined"),
    "end": (("agreed",), "ended"),
}


def greet(
    transaction: Transaction, principal: Principal, greeter_id: str, community_id: str, newcomer_id: str
) -> Newcomer:
    """Notes that somebody of the community greeted a member who is new in it.

    Raises NotFound, Forbidden for who is nothing in the community or speaks for another, Conflict for a second time.
    """
    if principal.person_id != greeter_id and principal.role is not Role.ADMIN:
        raise Forbidden(tell("A greeting is told by whoever greeted."))
    community = seen_community(transaction, Principal(greeter_id, Role.MEMBER), community_id).community
    if not transaction.read(resources.standing(community_id, greeter_id)):
        raise Forbidden(tell("People of %(name)s greet those who are new in it.", name=community.name))
    spell = current_spell(transaction, newcomer_id, community_id)
    if greeter_id == newcomer_id:
        raise Conflict(tell("Nobody greets themselves."))
    done = transaction.run(
        "write/greet", greeter_id=greeter_id, newcomer_id=newcomer_id, spell=spell.id, on=_today()
    )  # fmt: skip
    if not done:
        raise Conflict(
            tell(
                "%(greeter_id)s has greeted %(newcomer_id)s here already.",
                greeter_id=greeter_id,
                newcomer_id=newcomer_id,
            )
        )
    _record(transaction, principal, "greet.newcomer", community_id, newcomer_id, greeter_id)
    return seen_member(transaction, community_id, newcomer_id)


def propose(
    transaction: Transaction, principal: Principal, community_id: str, newcomer_id: str, buddy_id: str
) -> Newcomer:
    """Names a buddy: the newcomer asks for one, somebody offers to be one, or a lead, a core member or a knowledge
    manager brings them together. Whoever names themselves has agreed; each of the two has to.

    Raises NotFound, Forbidden, and Conflict for who is in the newcomer's reporting line, up or down.
    """
    acting = principal.person_id
    if acting in (newcomer_id, buddy_id):
        seen_community(transaction, principal, community_id)
    else:
        may(
            transaction,
            principal,
            community_id,
            Part.LEAD,
            Part.CORE,
            what=tell("To bring a newcomer and a buddy together"),
        )
    spell = current_spell(transaction, newcomer_id, community_id).id
    current_spell(transaction, buddy_id, community_id)
    if newcomer_id == buddy_id:
        raise Conflict(tell("Nobody is their own buddy."))
    state = _fitting(transaction, newcomer_id, buddy_id, spell)
    if state in ("proposed", "agreed"):
        raise Conflict(tell("%(buddy_id)s is named already: %(state)s.", buddy_id=buddy_id, state=state_said(state)))
    if state is not None and acting not in (newcomer_id, buddy_id):
        raise Conflict(
            tell(
                "One of the two has said no to this (it is %(state)s): only they can bring it up again.",
                state=state_said(state),
            )
        )
    fields = {
        "state": "proposed", "newcomer_agrees": acting == newcomer_id, "buddy_agrees": acting == buddy_id,
        "since": _today(),
    }  # fmt: skip
    transaction.run("write/set_buddy", buddy_id=buddy_id, newcomer_id=newcomer_id, spell=spell, set=fields)
    _record(transaction, principal, "propose.buddy", community_id, newcomer_id, buddy_id)
    return seen_member(transaction, community_id, newcomer_id)


def step(
    transaction: Transaction, principal: Principal, community_id: str, newcomer_id: str, buddy_id: str, name: str
) -> Newcomer:
    """One of STEPS, taken by the newcomer or the buddy. It is agreed once both have.

    Raises NotFound, Forbidden for anybody else, and Conflict where the step does not fit.
    """
    acting = principal.person_id
    seen_community(transaction, principal, community_id)
    buddy = seen_buddy(transaction, community_id, newcomer_id, buddy_id)
    if acting not in (newcomer_id, buddy_id):
        raise Forbidden(tell("Only the newcomer and the buddy say whether they want it."))
    begins, ends = STEPS[name]
    if buddy.state not in begins:
        raise Conflict(tell("This is %(state)s, so `%(name)s` is not possible.", state=buddy.state, name=name))
    spell = current_spell(transaction, newcomer_id, community_id).id
    fields: dict[str, Any] = {"state": ends, "since": _today()}
    if name == "agree":
        current_spell(transaction, buddy_id, community_id)
        _fitting(transaction, newcomer_id, buddy_id, spell)
        agreed = {
            "newcomer_agrees": buddy.newcomer_agrees or acting == newcomer_id,
            "buddy_agrees": buddy.buddy_agrees or acting == buddy_id,
        }
        fields = {**agreed, **(fields if all(agreed.values()) else {})}
    transaction.run("write/set_buddy", buddy_id=buddy_id, newcomer_id=newcomer_id, spell=spell, set=fields)
    _record(transaction, principal, f"{name}.buddy", community_id, newcomer_id, buddy_id)
    return seen_member(transaction, community_id, newcomer_id)


def seen_member(transaction: Transaction, community_id: str, person_id: str) -> Newcomer:
    """Raises NotFound for somebody who is no member today."""
    found = transaction.read(reads.member(community_id, person_id))
    if found is None:
        raise NotFound(
            tell("%(person_id)r is no member of %(community_id)r.", person_id=person_id, community_id=community_id)
        )
    return found


def seen_buddy(transaction: Transaction, community_id: str, newcomer_id: str, buddy_id: str) -> Buddy:
    for one in seen_member(transaction, community_id, newcomer_id).buddies:
        if one.person_id == buddy_id:
            return one
    raise NotFound(
        tell(
            "%(buddy_id)r was not named as a buddy of %(newcomer_id)r in %(community_id)r.",
            buddy_id=buddy_id,
            newcomer_id=newcomer_id,
            community_id=community_id,
        )
    )


def _fitting(transaction: Transaction, newcomer_id: str, buddy_id: str, spell: str) -> str | None:
    """The state of the two so far. Raises Conflict where one is above the other, or the newcomer has a buddy."""
    (row,) = transaction.run("read/buddy", newcomer_id=newcomer_id, buddy_id=buddy_id, spell=spell)
    if row["in_line"]:
        raise Conflict(
            tell(
                "%(name)s is in the newcomer's reporting line. A buddy is somebody who does not judge them.",
                name=row["name"],
            )
        )
    if row["has_another"]:
        raise Conflict(tell("The newcomer has a buddy already. That has to end first."))
    return row["state"]


def _record(
    transaction: Transaction, principal: Principal, action: str, community_id: str, newcomer_id: str, other_id: str
) -> None:
    subjects = [f"person/{newcomer_id}", f"person/{other_id}", f"community/{community_id}"]
    record_event(transaction, actor=principal.actor, action=action, subjects=subjects)


def _today() -> str:
    return date.today().isoformat()
