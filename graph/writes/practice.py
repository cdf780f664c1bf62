"""What communities make together, and what people propose to them. Each step leaves one event."""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from graph.database import Transaction
from graph.errors import Conflict, Forbidden, InvalidInput, NotFound
from graph.facts import Fields
from graph.models import Part, Principal, Role
from graph.reads import meetings as reads
from graph.reads import resources
from graph.reads.meetings import Artifact, Initiative
from graph.sentences import state_said, tell
from graph.writes import meetings
from graph.writes.by_hand import may
from graph.writes.events import now, record_event
from graph.writes.facts import create_by_hand, set_by_hand

# What somebody may propose.
INITIATIVES = ("meeting", "topic", "artifact")


def add_artifact(
    transaction: Transaction, principal: Principal, community_id: str, fields: Fields, order: Sequence[str] = ()
) -> Artifact:
    """Any member adds what they made, themselves among its makers; leads and core members what others did."""
    makers: list[str] = fields.get("maker_ids") or []
    if principal.person_id is not None and principal.person_id in makers:
        may(transaction, principal, community_id, *Part, what=tell("To add an artefact"))
    else:
        may(transaction, principal, community_id, Part.LEAD, Part.CORE, what=tell("To add what others made"))
    given = {name: value for name, value in fields.items() if value is not None}
    key = f"a-{secrets.token_hex(8)}"
    whole = {"made_on": date.today().isoformat(), **given, "community_id": community_id}
    create_by_hand(transaction, "artifact", key, whole, at=now(), order=order)
    _record(transaction, principal, "add.artifact", f"artifact/{key}", community_id)
    return seen_artifact(transaction, principal, key)


def change_artifact(
    transaction: Transaction, principal: Principal, artifact_id: str, fields: Fields, order: Sequence[str] = ()
) -> Artifact:
    """By who made it, and by leads and core members. `retired_on` says since when nobody should use it."""
    found = seen_artifact(transaction, principal, artifact_id)
    if principal.person_id not in [maker.id for maker in found.makers]:
        may(transaction, principal, found.community_id, Part.LEAD, Part.CORE, what=tell("To change what others made"))
    if set_by_hand(transaction, "artifact", artifact_id, fields, at=now(), order=order):
        _record(
            transaction, principal, "change.artifact", f"artifact/{artifact_id}", found.community_id,
            fields=sorted(fields),
        )  # fmt: skip
    return seen_artifact(transaction, principal, artifact_id)


def seen_artifact(transaction: Transaction, principal: Principal, artifact_id: str) -> Artifact:
    found = transaction.read(reads.artifacts(artifact_id=artifact_id))
    try:
        if found:
            transaction.follow(resources.seen_at_work(found[0].community_id, principal))
            return found[0]
    except NotFound:
        pass
    raise NotFound(tell("There is no artefact with the id %(artifact_id)r.", artifact_id=artifact_id))


def propose(
    transaction: Transaction, principal: Principal, person_id: str, community_id: str, fields: Fields
) -> Initiative:
    """Somebody proposes a meeting, a topic or something to make: anybody who may see the community, of it or not."""
    if person_id != principal.person_id and principal.role is not Role.ADMIN:
        raise Forbidden(tell("People propose for themselves."))
    found = transaction.follow(resources.seen_at_work(community_id, Principal(person_id, Role.MEMBER)))
    if found.community.status == "retired":
        raise Conflict(tell("%(name)s is retired.", name=found.community.name))
    key = f"i-{secrets.token_hex(8)}"
    given = {name: value for name, value in fields.items() if value is not None}
    made = transaction.run(
        "write/create_initiative", id=key, set={**given, "state": "proposed", "proposed_at": now()},
        person_id=person_id, community_id=community_id,
    )  # fmt: skip
    if not made:
        raise NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))
    _record(transaction, principal, "propose.initiative", f"initiative/{key}", community_id, kind=fields["kind"])
    return seen_initiative(transaction, principal, key)


def take_up(
    transaction: Transaction,
    principal: Principal,
    initiative_id: str,
    given: Fields | None = None,
    order: Sequence[str] = (),
) -> Initiative:
    """A lead or core member makes of it what was proposed: a meeting, an item that the next meeting has on its agenda,
    or an artefact. `given` says more of it, or otherwise (fields of a meeting or an artefact)."""
    found = _open(transaction, principal, initiative_id)
    community_id, given = found.community_id, {k: v for k, v in (given or {}).items() if v is not None}
    title = given.get("title", found.title)
    if found.kind == "meeting":
        fields = {"title": title, "starts_at": found.starts_at, "facilitator_id": found.proposer.id, **given}
        if not fields["starts_at"]:
            raise InvalidInput(tell("starts_at: the proposal names no day. Say when it is."))
        became = meetings.plan(transaction, principal, community_id, fields, order).id
    elif found.kind == "topic":
        # The same title is the same item; a new one has the id that write/link_meeting_agenda gives.
        known = (item.id for item in transaction.read(reads.agenda(community_id)) if item.title == title)
        became = next(known, f"{community_id}/{title}")
        owner = given.get("owner_id", found.proposer.id)
        meetings.set_item(
            transaction, became, community_id, title, {"state": "open", "owner_id": owner}, order
        )  # fmt: skip
    else:
        fields = {"title": title, "url": found.url, "maker_ids": [found.proposer.id], **given}
        became = add_artifact(transaction, principal, community_id, fields, order).id
    return _decide(transaction, principal, found, "taken_up", became=became)


def decline(transaction: Transaction, principal: Principal, initiative_id: str, reason: str) -> Initiative:
    """A lead or core member says no, and why."""
    return _decide(transaction, principal, _open(transaction, principal, initiative_id), "declined", reason=reason)


def withdraw(transaction: Transaction, principal: Principal, initiative_id: str) -> Initiative:
    """Who proposed it takes it back."""
    found = seen_initiative(transaction, principal, initiative_id)
    if found.proposer.id != principal.person_id and principal.role is not Role.ADMIN:
        raise Forbidden(tell("Only who proposed it, or an admin, may do this."))
    return _decide(transaction, principal, _still(found), "withdrawn")


def seen_initiative(transaction: Transaction, principal: Principal, initiative_id: str) -> Initiative:
    found = transaction.read(reads.initiatives(initiative_id=initiative_id))
    try:
        if found:
            transaction.follow(resources.seen_at_work(found[0].community_id, principal))
            return found[0]
    except NotFound:
        pass
    raise NotFound(tell("There is no proposal with the id %(initiative_id)r.", initiative_id=initiative_id))


def _open(transaction: Transaction, principal: Principal, initiative_id: str) -> Initiative:
    found = seen_initiative(transaction, principal, initiative_id)
    may(transaction, principal, found.community_id, Part.LEAD, Part.CORE, what=tell("To decide on proposals"))
    return _still(found)


def _still(found: Initiative) -> Initiative:
    if found.state != "proposed":
        raise Conflict(tell("It is %(state)s already.", state=state_said(found.state)))
    return found


def _decide(transaction: Transaction, principal: Principal, found: Initiative, state: str, **given: Any) -> Initiative:
    told = {**given, "state": state, "decided_at": now(), "decided_by": principal.person_id}
    transaction.run("write/decide_initiative", id=found.id, set=told)
    _record(transaction, principal, f"{state}.initiative", f"initiative/{found.id}", found.community_id)
    return seen_initiative(transaction, principal, found.id)


def _record(
    transaction: Transaction, principal: Principal, action: str, subject: str, community_id: str, **details: Any
) -> None:
    record_event(
        transaction, actor=principal.actor, action=action, subjects=[subject],
        details={"community_id": community_id, **details},
    )  # fmt: skip
