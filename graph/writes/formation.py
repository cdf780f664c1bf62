"""How a proposal becomes a community: its steps, who is interested, and who is invited from outside."""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from graph.database import Transaction
from graph.errors import Conflict, Forbidden, InvalidInput, NotFound
from graph.facts import BY_HAND, Fields
from graph.formation import BEFORE_ACTIVE, REOPENED_BY_PROPOSER, STEPS, Step
from graph.models import Part, Principal, Role
from graph.reads import formation as reads
from graph.reads.formation import Interest, Invitation
from graph.reads.resources import CommunityDetails
from graph.sentences import listed, possible_now, state_said, tell
from graph.writes import by_hand
from graph.writes.events import now, record_event
from graph.writes.facts import set_by_hand

# What taking each step is called.
_TO_TAKE = {
    "ask": tell("To ask a proposal"), "start": tell("To start a proposal"),
    "activate": tell("To activate a proposal"), "decline": tell("To decline a proposal"),
    "withdraw": tell("To withdraw a proposal"), "reopen": tell("To reopen a proposal"),
}  # fmt: skip

# Who sees who is interested, beside knowledge managers: those who are to make a community of them.
ORGANISING = (Part.PROPOSER, Part.LEAD, Part.CORE, Part.SPONSOR)


def step(
    transaction: Transaction,
    principal: Principal,
    community_id: str,
    name: str,
    *,
    reason: str | None = None,
    exception: str | None = None,
    order: Sequence[str] = (),
) -> CommunityDetails:
    """Takes a step of graph.formation.STEPS. To become active a community needs a sponsor and a charter that was
    adopted, or from a knowledge manager an `exception`: why it may do without. Who is interested is then invited.

    Raises NotFound, Forbidden, Conflict where it is not its turn, and InvalidInput where a reason is missing.
    """
    if name not in STEPS:
        raise InvalidInput(tell("step: must be one of %(names)s, not %(name)r.", names=", ".join(STEPS), name=name))
    one, found = STEPS[name], _may_take(transaction, principal, community_id, name)
    status = found.community.status
    last = _last_step(transaction, community_id)
    _in_turn(name, one, found, last)
    if one.reasoned and not (reason or "").strip():
        raise InvalidInput(tell("reason: to %(name)s a proposal needs one; who proposed it reads it.", name=name))
    if name == "reopen" and last not in REOPENED_BY_PROPOSER:
        # To bring back what others declined is theirs.
        by_hand.may(transaction, principal, community_id, Part.SPONSOR, what=tell("To reopen what was declined"))
    if exception is not None and name != "activate":
        raise InvalidInput(tell("exception: is for the step `activate` alone."))
    if name == "activate":
        _has_a_basis(transaction, principal, found, exception)
    ends = one.ends or status
    if ends != status:
        fields: Fields = {"status": ends}
        if ends == "retired" or status == "retired":
            fields["retired_on"] = _today() if ends == "retired" else None
        if ends == "active" and found.community.founded_on is None:
            fields["founded_on"] = _today()
        set_by_hand(transaction, "community", community_id, fields, at=now(), order=order)
    _keep(transaction, principal, community_id, name, status, ends, reason, exception)
    invited = 0
    if ends == "active":
        rows = transaction.run("write/invite_interested", community_id=community_id, at=now(), today=_today())
        invited = len(rows)
    record_event(
        transaction, actor=principal.actor, action=f"{name}.formation", subjects=[f"community/{community_id}"],
        details={"person_id": principal.person_id, "reason": reason, "exception": exception, "invited": invited},
    )  # fmt: skip
    return by_hand.seen_community(transaction, principal, community_id)


def join_agreed(
    transaction: Transaction, principal: Principal, community_id: str, order: Sequence[str] = ()
) -> list[str]:
    """Makes members of all who agreed beforehand to join when it is active, each at the level that they declared; their
    ids. Raises Conflict while it is not active."""
    found = by_hand.may(
        transaction,
        principal,
        community_id,
        Part.LEAD,
        Part.SPONSOR,
        Part.PROPOSER,
        what=tell("To bring in who agreed"),
    )
    if found.community.status != "active":
        raise Conflict(
            tell(
                "%(name)s is %(status)s: people join it when it is active.",
                name=found.community.name,
                status=state_said(found.community.status),
            )
        )
    agreed = [
        one
        for one in transaction.read(reads.interests(community_id))
        if one.join_when_active and one.invited_at is not None and not one.member
    ]
    # They let themselves in; whoever types has been found allowed to.
    letting_in = Principal(principal.person_id, Role.ADMIN, principal.actor)
    joined: list[str] = []
    for one in agreed:
        if _outsider(transaction, one.person_id) and not _accepted(transaction, community_id, one.person_id):
            continue
        by_hand.join(transaction, letting_in, one.person_id, community_id, one.level, order)
        joined.append(one.person_id)
    return joined


def set_interest(
    transaction: Transaction, principal: Principal, person_id: str, community_id: str, fields: Fields
) -> Interest:
    """Notes how a person would take part: level, hours a month, whether they would lead, whether they join as soon as
    it is active, a note. Fields that are absent stay as they are.

    Raises Forbidden for anybody but the person and admins, Conflict where the community is no proposal any more.
    """
    _themselves(principal, person_id)
    found = by_hand.seen_community(transaction, principal, community_id).community
    if found.status not in BEFORE_ACTIVE:
        raise Conflict(
            tell("%(name)s is active: join it.", name=found.name)
            if found.status == "active"
            else tell("%(name)s is %(status)s: it is over.", name=found.name, status=state_said(found.status))
        )
    if _outsider(transaction, person_id) and not _accepted(transaction, community_id, person_id):
        raise Forbidden(tell("Somebody from outside is invited first, and a knowledge manager accepts."))
    if not transaction.run("write/set_interest", person_id=person_id, community_id=community_id, set=fields, at=now()):
        raise _unknown(person_id)
    _record(transaction, principal, "set.interest", person_id, community_id)
    (kept,) = transaction.read(reads.interests(community_id, person_id)) or [None]
    if kept is None:
        raise Conflict(tell("%(person_id)s has left the organisation.", person_id=person_id))
    return kept


def drop_interest(transaction: Transaction, principal: Principal, person_id: str, community_id: str) -> None:
    _themselves(principal, person_id)
    by_hand.seen_community(transaction, principal, community_id)
    if not transaction.run("write/delete_interest", person_id=person_id, community_id=community_id):
        raise NotFound(
            tell(
                "%(person_id)r has not said to be interested in %(community_id)r.",
                person_id=person_id,
                community_id=community_id,
            )
        )
    _record(transaction, principal, "drop.interest", person_id, community_id)


def invite(
    transaction: Transaction, principal: Principal, community_id: str, person_id: str, reason: str | None = None
) -> Invitation:
    """A lead or sponsor asks that somebody from outside the organisation may join.

    Raises Conflict where the community takes nobody from outside, where the person is of the organisation, or where
    they were accepted already.
    """
    found = by_hand.may(
        transaction, principal, community_id, Part.LEAD, Part.SPONSOR, what=tell("To invite from outside")
    ).community  # fmt: skip
    if not found.externals_allowed:
        raise Conflict(
            tell(
                "%(name)s takes nobody from outside: a knowledge manager can set `externals_allowed`.", name=found.name
            )
        )
    if not _outsider(transaction, person_id):
        raise Conflict(tell("%(person_id)s is of the organisation, and needs no invitation.", person_id=person_id))
    if _accepted(transaction, community_id, person_id):
        raise Conflict(tell("%(person_id)s is invited and accepted already.", person_id=person_id))
    transaction.run(
        "write/invite_outsider", person_id=person_id, community_id=community_id, by=principal.person_id,
        reason=reason, at=now(),
    )  # fmt: skip
    _record(transaction, principal, "invite.outsider", person_id, community_id)
    return _invitation(transaction, community_id, person_id)


def decide_invitation(
    transaction: Transaction,
    principal: Principal,
    community_id: str,
    person_id: str,
    accepted: bool,
    note: str | None = None,
) -> Invitation:
    """A knowledge manager lets somebody from outside join, or not; an acceptance can be taken back."""
    found = by_hand.may(transaction, principal, community_id, what=tell("To let people in from outside")).community
    before = _invitation(transaction, community_id, person_id)
    if accepted and not found.externals_allowed:
        raise Conflict(tell("%(name)s takes nobody from outside: set `externals_allowed` first.", name=found.name))
    state = "accepted" if accepted else "refused"
    if before.state == state:
        raise Conflict(
            tell("The invitation of %(person_id)s is %(state)s already.", person_id=person_id, state=state_said(state))
        )
    transaction.run(
        "write/decide_invitation", person_id=person_id, community_id=community_id, state=state, note=note, at=now()
    )
    _record(transaction, principal, "decide.outsider", person_id, community_id, state=state)
    return _invitation(transaction, community_id, person_id)


def _may_take(transaction: Transaction, principal: Principal, community_id: str, name: str) -> CommunityDetails:
    one = STEPS[name]
    least = Role.KNOWLEDGE_MANAGER if one.managed else Role.ADMIN
    return by_hand.may(transaction, principal, community_id, *one.parts, least=least, what=_TO_TAKE[name])


def _in_turn(name: str, one: Step, found: CommunityDetails, last: str | None) -> None:
    status = found.community.status
    if status not in one.begins or (one.after and last not in one.after):
        can = [other for other, it in STEPS.items() if status in it.begins and (not it.after or last in it.after)]
        told = possible_now(can, tell("no step of formation leads on from there"))
        raise Conflict(
            tell(
                "%(name)s is %(status)s, so `%(name2)s` is not possible; %(told)s.",
                name=found.community.name,
                status=state_said(status),
                name2=name,
                told=told,
            )
        )
    if name == "ask" and last == "ask":
        raise Conflict(tell("A decision on %(name)s was asked for already.", name=found.community.name))


def _has_a_basis(
    transaction: Transaction, principal: Principal, found: CommunityDetails, exception: str | None
) -> None:
    if exception is not None:
        if not exception.strip():
            raise InvalidInput(tell("exception: say why it may do without a charter that its sponsor adopted."))
        # Who is to adopt the charter does not say that none is needed.
        by_hand.may(transaction, principal, found.community.id, what=tell("To make an exception"))
        return
    sponsors, adopted = transaction.read(reads.basis(found.community.id))
    lacks = [
        *([] if sponsors else [tell("a sponsor")]),
        *([] if adopted else [tell("a charter that was adopted")]),
    ]
    if lacks:
        raise Conflict(
            tell(
                "%(name)s lacks %(names)s. A knowledge manager may make an exception.",
                name=found.community.name,
                names=listed(lacks),
            )
        )


def _last_step(transaction: Transaction, community_id: str) -> str | None:
    taken = transaction.read(reads.steps(community_id))
    return taken[-1].step if taken else None


def _keep(
    transaction: Transaction,
    principal: Principal,
    community_id: str,
    name: str,
    begins: str | None,
    ends: str,
    reason: str | None,
    exception: str | None,
) -> None:
    transaction.run(
        "write/record_formation_step", id=f"fs-{secrets.token_hex(8)}", community_id=community_id,
        person_id=principal.person_id, step=name, begins=begins, ends=ends, at=now(), reason=reason,
        exception=exception, source=BY_HAND,
    )  # fmt: skip


def _outsider(transaction: Transaction, person_id: str) -> bool:
    found = transaction.read(reads.external(person_id))
    if found is None:
        raise _unknown(person_id)
    return found


def _accepted(transaction: Transaction, community_id: str, person_id: str) -> bool:
    return any(one.state == "accepted" for one in transaction.read(reads.invitations(community_id, person_id)))


def _invitation(transaction: Transaction, community_id: str, person_id: str) -> Invitation:
    found = transaction.read(reads.invitations(community_id, person_id))
    if not found:
        raise NotFound(
            tell("%(person_id)r is not invited into %(community_id)r.", person_id=person_id, community_id=community_id)
        )
    return found[0]


def _themselves(principal: Principal, person_id: str) -> None:
    if principal.person_id != person_id and principal.role is not Role.ADMIN:
        raise Forbidden(tell("Only the person themselves, or an admin, may do this."))


def _unknown(person_id: str) -> NotFound:
    return NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))


def _record(
    transaction: Transaction, principal: Principal, action: str, person_id: str, community_id: str, **details: Any
) -> None:
    record_event(
        transaction, actor=principal.actor, action=action,
        subjects=[f"person/{person_id}", f"community/{community_id}"], details=details,
    )  # fmt: skip


def _today() -> str:
    return date.today().isoformat()
