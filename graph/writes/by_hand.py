"""What people change themselves; it wins over what sources say. Each change leaves one event."""

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from graph.database import Transaction
from graph.errors import Conflict, Forbidden, InvalidInput, NotFound
from graph.facts import BY_HAND, KINDS, Fields, content_hash, spell_id
from graph.formation import BEFORE_ACTIVE, PROPOSE
from graph.models import Community, Part, Principal, Role
from graph.reads import formation, resources
from graph.reads.resources import CommunityDetails, Spell
from graph.sentences import Sentence, state_said, tell
from graph.text import fold
from graph.writes.events import now, record_event
from graph.writes.facts import create_by_hand, set_by_hand

# Is told the version of what is about to be changed, and raises where whoever asks for it knows another one.
Expect = Callable[[str], None]

THIS = tell("This")
EDITABLE = ("person", "community", "skill", "org_unit", "goal")


def whichever(version: str) -> None:
    """Any version is expected."""


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
        raise InvalidInput(
            tell(
                "A %(kind)s has no field %(names)s. It has: %(names2)s.",
                kind=kind,
                names=", ".join(unknown),
                names2=", ".join(KINDS[kind].fields),
            )
        )
    if kind == "community" and fields.get("status") in ("forming", "active"):
        _by_its_steps(transaction, thing, fields["status"])
    changed = set_by_hand(transaction, kind, thing, fields, at=now(), order=order)
    if changed:
        _record(transaction, principal, f"edit.{kind}", [f"{kind}/{thing}"], fields=sorted(fields))
    return changed


def create(
    transaction: Transaction, principal: Principal, kind: str, thing: str, fields: Fields, order: Sequence[str] = ()
) -> None:
    """Makes a thing with valid fields. Raises Conflict where the id is taken, InvalidInput for unknown references."""
    create_by_hand(transaction, kind, thing, fields, at=now(), order=order)
    if kind == "community" and fields.get("status") == "proposed":
        # The first of the steps that graph.writes.formation goes on with; who takes it is its proposer.
        transaction.run(
            "write/record_formation_step", id=f"fs-{secrets.token_hex(8)}", community_id=thing,
            person_id=principal.person_id, step=PROPOSE, begins=None, ends="proposed", at=now(), reason=None,
            exception=None, source=BY_HAND,
        )  # fmt: skip
    _record(transaction, principal, f"create.{kind}", [f"{kind}/{thing}"])


def _by_its_steps(transaction: Transaction, community_id: str, status: str) -> None:
    """Raises Conflict where a proposal would come to be past the steps that it takes."""
    found = transaction.read(resources.community(community_id, Principal(role=Role.ADMIN)))
    if found is not None and found.community.status in BEFORE_ACTIVE and found.community.status != status:
        raise Conflict(
            tell(
                "%(name)s is %(status)s: take it on by the steps of its formation.",
                name=found.community.name,
                status=state_said(found.community.status),
            )
        )


def id_from_name(name: str) -> str:
    """Of a new community: `Digital Twins` -> `digital-twins`; of a name without any letter or digit, a digest."""
    return re.sub(r"[^\w]+", "-", fold(name)).strip("-")[:100] or f"community-{content_hash({'name': name})[:8]}"


def new_community_id(transaction: Transaction, principal: Principal, name: str) -> str:
    """The id that a name makes. Where a community that the principal may not see has it, it is another: a conflict
    would tell them that there is one of that name."""
    wanted = id_from_name(name)
    taken = transaction.run("read/marks_community", ids=[wanted])
    if taken and transaction.read(resources.community(wanted, principal)) is None:
        return f"{wanted}-{secrets.token_hex(3)}"
    return wanted


def seen_community(transaction: Transaction, principal: Principal, community_id: str) -> CommunityDetails:
    """The community as the principal may see it. Raises NotFound where there is none that they may."""
    return transaction.follow(resources.seen(community_id, principal))


def may(
    transaction: Transaction,
    principal: Principal,
    community_id: str,
    *parts: Part,
    least: Role | None = Role.KNOWLEDGE_MANAGER,
    what: Sentence = THIS,
) -> CommunityDetails:
    """The community, for somebody who is one of `parts` in it, or whose role is `least` or more (None: no role is
    enough); `what` is what for.

    Raises NotFound where they may not see it, and Forbidden, naming who may, where they are nothing of that in it.
    """
    return transaction.follow(resources.allowed(principal, community_id, *parts, least=least, what=what))


def join(
    transaction: Transaction,
    principal: Principal,
    person_id: str,
    community_id: str,
    engagement: str | None,
    order: Sequence[str] = (),
    *,
    recommended: bool = False,
    asked: bool = False,
) -> Spell:
    """Begins a spell of membership today. `recommended`: whether the community had been suggested; `asked`: whether the
    person asked to be let in, which a lead may do then although it is open by now. Without an
    `engagement` it is the level at which the person said to be interested, if they did.

    Into an open community people go themselves, into others its leads let them; a knowledge manager may do both.
    People from outside the organisation need an invitation that was accepted.
    Raises Conflict for a member, or a community that takes nobody, and Forbidden.
    """
    community = seen_community(transaction, principal, community_id).community
    if community.status == "retired":
        raise Conflict(tell("%(name)s is retired: nobody can join it.", name=community.name))
    invited = _invited_from_outside(transaction, principal, person_id, community)
    if (community.visibility != "open" or asked) and not (invited and principal.person_id == person_id):
        may(transaction, principal, community_id, Part.LEAD, what=tell("To let people in"))
    elif principal.role is Role.MEMBER and principal.person_id != person_id:
        raise Forbidden(tell("%(name)s is open: people join it themselves.", name=community.name))
    today = _today()
    spells = transaction.read(resources.spells(person_id, community_id))
    if any(spell.is_current(today) for spell in spells):
        raise Conflict(tell("%(person_id)s belongs to %(name)s already.", person_id=person_id, name=community.name))
    key = spell_id(person_id, community_id, today)
    if engagement is None:
        engagement = next((one.level for one in transaction.read(formation.interests(community_id, person_id))), None)
    fields: Fields = {"engagement": engagement, "history": [f"{today} {engagement}"]} if engagement else {}
    if any(spell.id == key for spell in spells):  # left and came back on one day: the same spell goes on
        set_by_hand(transaction, "membership", key, {**fields, "left_on": None}, at=now(), order=order)
    else:
        given = {"person_id": person_id, "community_id": community_id, "joined_on": today, **fields}
        create_by_hand(transaction, "membership", key, given, at=now(), order=order)
    transaction.run(
        "write/grant_join_requests", person_id=person_id, community_id=community_id, at=now(), by=principal.person_id
    )
    _record_membership(
        transaction, principal, "join", key, person_id, community_id, engagement=engagement, recommended=recommended
    )  # fmt: skip
    return current_spell(transaction, person_id, community_id)


def _invited_from_outside(transaction: Transaction, principal: Principal, person_id: str, community: Community) -> bool:
    """Whether the person is from outside and invited. Raises Conflict or Forbidden where they may not join."""
    if not transaction.read(formation.external(person_id)):
        return False
    if not community.externals_allowed:
        raise Conflict(tell("%(name)s takes nobody from outside the organisation.", name=community.name))
    states = [one.state for one in transaction.read(formation.invitations(community.id, person_id))]
    if "accepted" not in states and principal.role is Role.MEMBER:
        raise Forbidden(tell("Somebody from outside is invited by a lead, and a knowledge manager accepts."))
    return "accepted" in states


def leave(
    transaction: Transaction,
    principal: Principal,
    person_id: str,
    community_id: str,
    order: Sequence[str] = (),
    expect: Expect = whichever,
) -> None:
    """Ends every current spell today. Raises NotFound for somebody who is no member, Forbidden for whoever is neither
    the person nor a knowledge manager."""
    _themselves(principal, person_id, tell("People leave for themselves."))
    expect(current_spell(transaction, person_id, community_id).version)
    today = _today()
    for spell in transaction.read(resources.spells(person_id, community_id)):
        if spell.is_current(today):
            set_by_hand(transaction, "membership", spell.id, {"left_on": today}, at=now(), order=order)
            _record_membership(transaction, principal, "leave", spell.id, person_id, community_id)


def change_membership(
    transaction: Transaction,
    principal: Principal,
    person_id: str,
    community_id: str,
    fields: Fields,
    order: Sequence[str] = (),
    expect: Expect = whichever,
) -> Spell:
    """Changes `engagement` or `role` of a current member; a change of level is kept with its day.

    How deep they take part all declare for themselves; roles are for leads to give, both for knowledge managers too.
    Raises Forbidden, and NotFound for who is no member and for a community that the principal may not see.
    """
    if fields.keys() - {"role"}:
        _themselves(principal, person_id, tell("How deep somebody takes part is for themselves to declare."))
    if "role" in fields:
        may(transaction, principal, community_id, Part.LEAD, what=tell("To give roles"))
    seen_community(transaction, principal, community_id)
    spell = current_spell(transaction, person_id, community_id)
    expect(spell.version)
    if "engagement" in fields and fields["engagement"] != spell.engagement:
        began = [f"{spell.joined_on} {spell.engagement}"] if spell.engagement and spell.joined_on else []
        history = list(spell.history) or began
        fields = {**fields, "history": [*history, f"{_today()} {fields['engagement'] or 'unstated'}"]}
    if set_by_hand(transaction, "membership", spell.id, fields, at=now(), order=order):
        told = sorted(fields.keys() - {"history"})
        _record_membership(transaction, principal, "change", spell.id, person_id, community_id, fields=told)
    return current_spell(transaction, person_id, community_id)


def _themselves(principal: Principal, person_id: str, told: Sentence) -> None:
    """Raises Forbidden, saying what is `told`, where the principal is neither the person nor a knowledge manager."""
    if principal.role is Role.MEMBER and principal.person_id != person_id:
        raise Forbidden(told)


def current_spell(transaction: Transaction, person_id: str, community_id: str) -> Spell:
    """The spell that is under way. Raises NotFound where there is none."""
    today = _today()
    for spell in transaction.read(resources.spells(person_id, community_id)):
        if spell.is_current(today):
            return spell
    raise NotFound(
        tell("%(person_id)r is no member of %(community_id)r.", person_id=person_id, community_id=community_id)
    )


def set_skill(
    transaction: Transaction,
    principal: Principal,
    person_id: str,
    skill_id: str,
    kind: str,
    fields: Fields,
    order: Sequence[str] = (),
) -> bool:
    """Notes that a person holds a skill (`kind` held_skill; `fields` may have a level) or wants it (wanted_skill)."""
    bound = _bound(transaction, person_id, skill_id, kind)
    changed = False
    for key in bound:
        # By hand it is held, whatever was dropped before.
        changed |= set_by_hand(transaction, kind, key, {**fields, "dropped": None}, at=now(), order=order)
    if not bound:
        given = {"person_id": person_id, "skill_id": skill_id, **fields}
        create_by_hand(transaction, kind, spell_id(person_id, skill_id), given, at=now(), order=order)
        changed = True
    if changed:
        _record(transaction, principal, f"set.{kind}", [f"person/{person_id}", f"skill/{skill_id}"])
    return changed


def drop_skill(
    transaction: Transaction,
    principal: Principal,
    person_id: str,
    skill_id: str,
    kind: str,
    order: Sequence[str] = (),
) -> None:
    """Takes a skill away, also one that a source goes on to claim. Raises NotFound for one that the person has not."""
    dropped = False
    for key in _bound(transaction, person_id, skill_id, kind):
        dropped |= set_by_hand(transaction, kind, key, {"dropped": True}, at=now(), order=order)
    if not dropped:
        raise NotFound(tell("%(person_id)r has no such skill: %(skill_id)r.", person_id=person_id, skill_id=skill_id))
    _record(transaction, principal, f"drop.{kind}", [f"person/{person_id}", f"skill/{skill_id}"])


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
        raise NotFound(
            tell(
                "There is no person %(person_id)r, or no community %(community_id)r.",
                person_id=person_id,
                community_id=community_id,
            )
        )
    _record(
        transaction, principal, "dismiss", [f"person/{person_id}", f"community/{community_id}"], until=until
    )  # fmt: skip


def undo_dismissal(transaction: Transaction, principal: Principal, person_id: str, community_id: str) -> None:
    if not transaction.run("write/undo_dismissal", person_id=person_id, community_id=community_id):
        raise NotFound(
            tell("%(person_id)r has not dismissed %(community_id)r.", person_id=person_id, community_id=community_id)
        )
    _record(transaction, principal, "undo.dismiss", [f"person/{person_id}", f"community/{community_id}"])


def dismiss_helper(
    transaction: Transaction,
    principal: Principal,
    person_id: str,
    helper_id: str,
    reason: str | None = None,
    until: str | None = None,
) -> None:
    """Notes that a person does not want somebody suggested as helper, until a date or for good."""
    parameters: dict[str, Any] = {
        "person_id": person_id, "helper_id": helper_id, "reason": reason, "until": until, "at": now(),
    }  # fmt: skip
    if not transaction.run("write/dismiss_helper", **parameters):
        raise NotFound(
            tell(
                "There is no person %(person_id)r, or no person %(helper_id)r.",
                person_id=person_id,
                helper_id=helper_id,
            )
        )
    _record(transaction, principal, "dismiss.helper", [f"person/{person_id}", f"person/{helper_id}"], until=until)


def undo_helper_dismissal(transaction: Transaction, principal: Principal, person_id: str, helper_id: str) -> None:
    if not transaction.run("write/undo_helper_dismissal", person_id=person_id, helper_id=helper_id):
        raise NotFound(tell("%(person_id)r has not dismissed %(helper_id)r.", person_id=person_id, helper_id=helper_id))
    _record(transaction, principal, "undo.dismiss.helper", [f"person/{person_id}", f"person/{helper_id}"])


def thumb(transaction: Transaction, principal: Principal, person_id: str, kind: str, thing: str, up: bool) -> None:
    """Notes what a person thought of a recommendation: of a community, or of a person as helper (`kind`).

    Raises NotFound for what they may not see.
    """
    if kind == "community":
        seen_community(transaction, Principal(person_id, Role.MEMBER), thing)
    people = [person_id, *([thing] if kind == "person" else [])]
    for one in set(people) - {row["id"] for row in transaction.run("read/marks_person", ids=people)}:
        raise NotFound(tell("There is no person with the id %(one)r.", one=one))
    _record(
        transaction, principal, f"thumb.{kind}", [f"person/{person_id}", f"{kind}/{thing}"],
        thumb="up" if up else "down",
    )  # fmt: skip


def _bound(transaction: Transaction, person_id: str, skill_id: str, kind: str) -> list[str]:
    rows = transaction.run("read/skill_links", person_id=person_id, skill_id=skill_id)
    if not rows:
        raise NotFound(
            tell("There is no person %(person_id)r, or no skill %(skill_id)r.", person_id=person_id, skill_id=skill_id)
        )
    return rows[0][kind]


def _record_membership(
    transaction: Transaction,
    principal: Principal,
    action: str,
    key: str,
    person_id: str,
    community_id: str,
    **details: Any,
) -> None:
    subjects = [f"membership/{key}", f"person/{person_id}", f"community/{community_id}"]
    _record(transaction, principal, f"{action}.membership", subjects, **details)


def _record(
    transaction: Transaction, principal: Principal, action: str, subjects: Sequence[str], **details: Any
) -> None:
    record_event(transaction, actor=principal.actor, action=action, subjects=subjects, details=details)


def _today() -> str:
    return date.today().isoformat()
