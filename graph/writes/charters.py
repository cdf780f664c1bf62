"""How a charter comes to hold: drafts, what people say to them, and the sponsor's adoption.

Everything here is done by a person of the community. A principal who is an admin acts for one, and that one's part in
the community decides: no role in the organisation adopts a charter.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from graph.charters import NOTHING, SPONSORS_SET, Charter, kept
from graph.database import Transaction
from graph.errors import Conflict, Forbidden, InvalidInput, NotFound
from graph.facts import BY_HAND, spell_id
from graph.models import Community, Part, Principal, Role
from graph.reads import charters as reads
from graph.reads.charters import CharterHistory, CharterVersion, Objection, mark_of
from graph.reads.resources import standing
from graph.sentences import Sentence, tell
from graph.writes.by_hand import may
from graph.writes.events import now, record_event
from graph.writes.facts import set_by_hand

EVERYBODY_IN_IT = (Part.MEMBER, Part.CORE, Part.LEAD, Part.SPONSOR)
WRITERS = (Part.LEAD, Part.CORE, Part.SPONSOR)


def draft(
    transaction: Transaction,
    principal: Principal,
    community_id: str,
    person_id: str | None,
    charter: Charter,
    comment: str | None = None,
) -> CharterHistory:
    """Saves what `charter` says as a new draft; nothing is written where the newest version says just that.

    Leads and core members write all of it. A sponsor who is neither sets the purpose and its goals; what others write
    of these holds when the sponsor adopts it. Raises Forbidden, and InvalidInput for unknown people and goals.
    """
    community, who = _acting(transaction, principal, community_id, person_id, WRITERS, tell("To write the charter"))
    before = _kept(transaction, community_id)
    newest = before.newest
    base = newest.charter if newest else NOTHING
    if charter == base:
        return before
    changed = {name for name in Charter.model_fields if getattr(charter, name) != getattr(base, name)}
    if not transaction.read(standing(community_id, who)) & {Part.LEAD, Part.CORE} and changed - SPONSORS_SET:
        raise Forbidden(
            tell(
                "A sponsor sets the purpose of %(name)s and the goals that it serves. The rest is written by its"
                " leads and core members: comment on it, or object.",
                name=community.name,
            )
        )
    for field, kind, ids in (
        ("goal_ids", "goal", charter.goal_ids), ("took_part_ids", "person", charter.took_part_ids),
    ):  # fmt: skip
        known = {row["id"] for row in transaction.run(f"read/marks_{kind}", ids=list(ids))}
        for key in ids:
            if key not in known:
                raise InvalidInput(
                    tell("%(field)s: names the %(kind)s %(key)r, which is not known.", field=field, kind=kind, key=key)
                )
    number = before.versions[-1].number + 1 if before.versions else 1
    _keep(transaction, community_id, number, charter, who, {"comment": comment})
    return _done(transaction, principal, "draft", community_id, number, seen=True)


def adopt(
    transaction: Transaction,
    principal: Principal,
    community_id: str,
    person_id: str | None,
    number: int,
    *,
    despite_objections: bool = False,
    order: Sequence[str] = (),
) -> CharterHistory:
    """A sponsor makes a draft the charter that holds; the one before is superseded. The goals that it names become
    those of the community.

    Raises Conflict where it is no draft, has no purpose, or has open objections and that is not said.
    """
    _, who = _acting(transaction, principal, community_id, person_id, (Part.SPONSOR,), tell("To adopt the charter"))
    history = _kept(transaction, community_id)
    version = history.version(number)
    if version.state == "adopted" and version.adopted_by is not None:
        raise Conflict(tell("Version %(number)s is adopted already.", number=number))
    if version.state == "superseded":
        raise Conflict(
            tell("Version %(number)s is superseded. To go back to it, save its text as a new draft.", number=number)
        )
    if version.charter.purpose is None:
        raise Conflict(tell("Version %(number)s says no purpose: there is nothing to agree on yet.", number=number))
    if version.open and not despite_objections:
        raise Conflict(
            tell(
                "There are open objections to version %(number)s: %(number2)s. Settle them, or adopt it in spite"
                " of them and say so (despite_objections).",
                number=number,
                number2=len(version.open),
            )
        )
    superseded = [
        spell_id(community_id, str(one.number))
        for one in history.versions
        if one.state == "adopted" and one.number != number
    ]
    transaction.run(
        "write/adopt_charter", id=spell_id(community_id, str(number)), person_id=who, at=now(),
        superseded=superseded, objections=len(version.open), source=BY_HAND,
    )  # fmt: skip
    if goals := list(version.charter.goal_ids):
        set_by_hand(transaction, "community", community_id, {"goal_ids": goals}, at=now(), order=order)
    told = {"despite_objections": len(version.open)} if version.open else {}
    return _done(transaction, principal, "adopt", community_id, number, seen=True, **told)


def stand_behind(
    transaction: Transaction, principal: Principal, community_id: str, person_id: str | None, number: int
) -> CharterHistory:
    """Somebody of the community says that they stand behind a version; that settles what they had against it."""
    _, who = _acting(
        transaction, principal, community_id, person_id, EVERYBODY_IN_IT, tell("To stand behind the charter")
    )
    version = _spoken_of(transaction, community_id, number)
    if any(one.person.id == who for one in version.behind):
        return transaction.read(reads.history(community_id))
    at = now()
    for one in _open_of(version, who):
        given = {"id": one.id, "person_id": who, "reason": "stands behind it now", "at": at, "source": BY_HAND}
        transaction.run("write/settle_objection", **given)
    key = spell_id(community_id, str(number))
    transaction.run("write/stand_behind", id=key, person_id=who, at=at, source=BY_HAND)
    return _done(transaction, principal, "stand_behind", community_id, number)


def object_to(
    transaction: Transaction, principal: Principal, community_id: str, person_id: str | None, number: int, text: str
) -> CharterHistory:
    """Somebody of the community objects to a version, and stands behind it no more."""
    _, who = _acting(transaction, principal, community_id, person_id, EVERYBODY_IN_IT, tell("To object to the charter"))
    version = _spoken_of(transaction, community_id, number)
    if any(one.text == text for one in _open_of(version, who)):
        return transaction.read(reads.history(community_id))
    key = spell_id(community_id, str(number))
    transaction.run("write/stand_aside", id=key, person_id=who)
    transaction.run(
        "write/object_to_charter", id=key, objection_id=f"o-{secrets.token_hex(6)}", person_id=who, text=text,
        at=now(), source=BY_HAND,
    )  # fmt: skip
    return _done(transaction, principal, "object", community_id, number)


def take_no_side(
    transaction: Transaction, principal: Principal, community_id: str, person_id: str | None, number: int
) -> CharterHistory:
    """Somebody stands behind a version no more. What they objected stays: that is settled, not unsaid."""
    _, who = _acting(transaction, principal, community_id, person_id, EVERYBODY_IN_IT, tell("To take a side"))
    _spoken_of(transaction, community_id, number)
    if not transaction.run("write/stand_aside", id=spell_id(community_id, str(number)), person_id=who)[0]["number"]:
        return transaction.read(reads.history(community_id))
    return _done(transaction, principal, "stand_aside", community_id, number)


def settle(
    transaction: Transaction,
    principal: Principal,
    community_id: str,
    person_id: str | None,
    objection_id: str,
    reason: str | None = None,
) -> CharterHistory:
    """An objection is settled by who raised it or, with a reason that is kept, by a sponsor.

    Raises NotFound, Conflict for one that is settled, Forbidden, and InvalidInput for a sponsor without a reason.
    """
    _, who = _acting(transaction, principal, community_id, person_id, EVERYBODY_IN_IT, tell("To settle an objection"))
    history = transaction.read(reads.history(community_id))
    pairs = [(one, version) for version in history.versions for one in version.objections if one.id == objection_id]
    if not pairs:
        raise NotFound(
            tell(
                "There is no objection %(objection_id)r to the charter of %(community_id)r.",
                objection_id=objection_id,
                community_id=community_id,
            )
        )
    ((objection, version),) = pairs
    if objection.state != "open":
        raise Conflict(tell("This objection is settled already."))
    if objection.by is None or objection.by.id != who:
        if Part.SPONSOR not in transaction.read(standing(community_id, who)):
            raise Forbidden(tell("An objection is settled by who raised it, or by a sponsor."))
        if reason is None:
            raise InvalidInput(
                tell("reason: a sponsor who settles the objection of somebody else says why; it is kept.")
            )
    given = {"id": objection_id, "person_id": who, "reason": reason, "at": now(), "source": BY_HAND}
    transaction.run("write/settle_objection", **given)
    return _done(transaction, principal, "settle", community_id, version.number)


def comment(
    transaction: Transaction, principal: Principal, community_id: str, person_id: str | None, number: int, text: str
) -> CharterHistory:
    """Somebody of the community says something to a version."""
    _, who = _acting(
        transaction, principal, community_id, person_id, EVERYBODY_IN_IT, tell("To comment on the charter")
    )
    _kept(transaction, community_id).version(number)
    transaction.run(
        "write/comment_on_charter", id=spell_id(community_id, str(number)), comment_id=f"m-{secrets.token_hex(6)}",
        person_id=who, text=text, at=now(), source=BY_HAND,
    )  # fmt: skip
    return _done(transaction, principal, "comment", community_id, number)


def _acting(
    transaction: Transaction,
    principal: Principal,
    community_id: str,
    person_id: str | None,
    parts: Sequence[Part],
    what: Sentence,
) -> tuple[Community, str]:
    """The community, and who acts: `person_id`, or the principal's person. Their part decides, also where an admin
    speaks for them."""
    person = themselves(principal, person_id)
    assert person.person_id is not None
    found = may(transaction, person, community_id, *parts, least=None, what=what).community
    if found.status == "retired":
        raise Conflict(tell("%(name)s is retired: its charter stays as it is.", name=found.name))
    return found, person.person_id


def themselves(principal: Principal, person_id: str | None) -> Principal:
    """The person for whom the principal acts, with no more rights than theirs. Raises InvalidInput, Forbidden."""
    who = person_id or principal.person_id
    if who is None:
        raise InvalidInput(tell("Say for whom: a charter is written and agreed on by people (person_id)."))
    if who != principal.person_id and principal.role is not Role.ADMIN:
        raise Forbidden(tell("Only the person themselves, or an admin, may do this."))
    return Principal(who, Role.MEMBER, principal.actor)


def _kept(transaction: Transaction, community_id: str) -> CharterHistory:
    """The history, once what sources say is kept as a version: from now on somebody speaks of it."""
    history = transaction.read(reads.history(community_id))
    for one in history.versions:
        if not one.is_kept:
            given = {"source": one.source, "mark": mark_of(one.charter), "adopted_on": one.adopted_at}
            _keep(transaction, community_id, one.number, one.charter, None, given)
    return replace(history, versions=tuple(replace(one, is_kept=True) for one in history.versions))


def _keep(
    transaction: Transaction,
    community_id: str,
    number: int,
    charter: Charter,
    author_id: str | None,
    given: dict[str, Any],
) -> None:
    fields: dict[str, Any] = {
        **kept(charter), **given, "id": spell_id(community_id, str(number)), "number": number, "state": "draft",
        "created_at": now(),
    }  # fmt: skip
    transaction.run(
        "write/keep_charter_version", community_id=community_id, author_id=author_id, source=BY_HAND,
        set={name: value for name, value in fields.items() if value is not None},
        took_part_ids=list(charter.took_part_ids), goal_ids=list(charter.goal_ids),
    )  # fmt: skip


def _spoken_of(transaction: Transaction, community_id: str, number: int) -> CharterVersion:
    """A version to which sides can be taken. Raises NotFound, and Conflict for what is superseded."""
    version = _kept(transaction, community_id).version(number)
    if version.state == "superseded":
        raise Conflict(tell("Version %(number)s is superseded: say it of the one that came after.", number=number))
    return version


def _open_of(version: CharterVersion, person_id: str) -> list[Objection]:
    return [one for one in version.open if one.by is not None and one.by.id == person_id]


def _done(
    transaction: Transaction,
    principal: Principal,
    action: str,
    community_id: str,
    number: int,
    *,
    seen: bool = False,
    **details: Any,
) -> CharterHistory:
    """Leaves the event; `seen`: whether what is searched of the community may be another now."""
    subjects = [f"charter_version/{spell_id(community_id, str(number))}"]
    record_event(
        transaction, actor=principal.actor, action=f"{action}.charter",
        subjects=[*subjects, *([f"community/{community_id}"] if seen else [])], details={"number": number, **details},
    )  # fmt: skip
    return transaction.read(reads.history(community_id))
