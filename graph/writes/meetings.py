"""Meetings: planned, moved, cancelled; who came, what was said, what stays open. Each step leaves one event.

Leads and core members plan. They, and who facilitates a meeting, keep what is on record of it; everybody says for
themselves whether they were there.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from graph import rhythm
from graph.database import Transaction
from graph.errors import Conflict, Forbidden, InvalidInput, NotFound
from graph.facts import Fields
from graph.models import Part, Principal, Role
from graph.reads import meetings as reads
from graph.reads import resources
from graph.reads.meetings import Occurrence
from graph.sentences import Sentence, message_of, tell
from graph.writes.by_hand import may
from graph.writes.events import now, record_event
from graph.writes.facts import create_by_hand, set_by_hand
from graph.writes.keys import digest

# When it is; the rest of a meeting can be changed while it lasts.
WHEN = frozenset(("starts_at", "recurrence", "timezone"))

# Bytes of chance in the address of a calendar: it is all that keeps it from others.
SECRET = 32


def plan(
    transaction: Transaction, principal: Principal, community_id: str, fields: Fields, order: Sequence[str] = ()
) -> Occurrence:
    """Plans a meeting, or a series where `recurrence` holds a rule; one that follows a series ends that one.

    `fields` are valid as in a MeetingRecord. Raises InvalidInput for a start that the rule does not fall on.
    """
    transaction.follow(resources.seen_at_work(community_id, principal))
    community = may(transaction, principal, community_id, Part.LEAD, Part.CORE, what=tell("To plan meetings"))
    if community.community.status == "retired":
        raise Conflict(tell("%(name)s is retired: it meets no more.", name=community.community.name))
    zone = fields.get("timezone") or community.community.timezone
    begins = _checked_when(fields, zone)
    if fields.get("recurrence"):
        fields = {**fields, "recurrence": rhythm.normal(fields["recurrence"])}
    fields = {name: value for name, value in fields.items() if value is not None}
    follows_id = fields.pop("follows_id", None)
    if follows_id is not None:
        before = _seen_meeting(transaction, principal, follows_id)
        if before.meeting.community_id != community_id or before.id != before.meeting.id:
            raise InvalidInput(
                tell(
                    "follows_id: %(follows_id)r is no meeting or series of %(name)s.",
                    follows_id=follows_id,
                    name=community.community.name,
                )
            )
    meeting_id = f"m-{secrets.token_hex(8)}"
    create_by_hand(
        transaction, "meeting", meeting_id, {**fields, "community_id": community_id}, at=now(), order=order
    )  # fmt: skip
    if follows_id is not None:
        _set(transaction, meeting_id, {"follows_id": follows_id}, order)
        _set(transaction, follows_id, {"ended_at": _stored(begins)}, order)
    _record(transaction, principal, "plan", meeting_id, community_id, follows=follows_id)
    return _seen_meeting(transaction, principal, meeting_id)


def change(
    transaction: Transaction, principal: Principal, meeting_id: str, fields: Fields, order: Sequence[str] = ()
) -> Occurrence:
    """Changes what is said of a meeting or a series. When a series that has begun takes place is not changed but
    planned anew, so that what was stays as it was."""
    found = _planned(transaction, principal, meeting_id)
    if fields.keys() & WHEN:
        stored = found.meeting
        if found.id != stored.id or stored.series_id:
            raise Conflict(tell("One meeting of a series is moved, not changed in when it is."))
        if stored.held or found.begins <= datetime.now(UTC):
            raise Conflict(
                tell("It has begun. Plan the meeting or series that follows it (follows_id): that ends this one.")
            )  # fmt: skip
        names = ("starts_at", "recurrence")
        whole = {**{name: getattr(stored, name) for name in names}, "timezone": stored.zone, **fields}
        _checked_when(whole, whole["timezone"])
        if fields.get("recurrence"):
            fields = {**fields, "recurrence": rhythm.normal(fields["recurrence"])}
        if stored.recurs_at is not None:
            fields = {**fields, "recurs_at": None}
    if fields:
        _set(transaction, _own(transaction, found, order), fields, order)
        _record(transaction, principal, "change", found.id, found.meeting.community_id, fields=sorted(fields))
    return _seen_meeting(transaction, principal, found.id)


def move(
    transaction: Transaction, principal: Principal, meeting_id: str, starts_at: str, order: Sequence[str] = ()
) -> Occurrence:
    """Puts one meeting at another moment; of a series the others stay where they are."""
    found = _planned(transaction, principal, meeting_id)
    _not_whole(found, tell("To move one meeting of a series, name it"))
    if found.meeting.held:
        raise Conflict(tell("It was held: what is on record stays at its day."))
    try:
        begins = rhythm.moment(starts_at, found.meeting.zone)
    except ValueError as error:
        raise InvalidInput(tell("starts_at: %(error)s.", error=error)) from None
    if begins is None or not 1970 <= begins.year <= 2200:
        raise InvalidInput(tell("starts_at: say the day, and the minute where you know it."))
    at = starts_at if rhythm.is_day(starts_at) else begins.isoformat(timespec="minutes")
    key = _own(transaction, found, order)
    moved: Fields = {"starts_at": at}
    if found.meeting.rule or found.meeting.series_id:
        moved["recurs_at"] = _stored(found.planned)
    _set(transaction, key, moved, order)
    _record(transaction, principal, "move", found.id, found.meeting.community_id, to=at)
    return _seen_meeting(transaction, principal, found.id)


def cancel(
    transaction: Transaction,
    principal: Principal,
    meeting_id: str,
    reason: str | None = None,
    order: Sequence[str] = (),
) -> Occurrence:
    """Cancels one meeting, or a series from now on. What was held stays on record."""
    found = _planned(transaction, principal, meeting_id)
    if found.whole:
        at = datetime.now(UTC)
        _set(transaction, found.id, {"ended_at": _stored(at), "reason": reason}, order)
        for row in transaction.run("read/meetings_of_series", id=found.id):
            one = transaction.read(reads.meeting(row["id"]))
            if one is not None and one.begins > at and not one.meeting.held and not one.cancelled:
                _set(transaction, one.id, {"state": "cancelled", "reason": reason}, order)
        if found.begins > at and not found.meeting.held:
            _set(transaction, found.id, {"state": "cancelled"}, order)
    else:
        if found.meeting.held:
            raise Conflict(tell("It was held, so it cannot be cancelled."))
        _set(transaction, _own(transaction, found, order), {"state": "cancelled", "reason": reason}, order)
    _record(transaction, principal, "cancel", found.id, found.meeting.community_id)
    return _seen_meeting(transaction, principal, found.id)


def attend(
    transaction: Transaction,
    principal: Principal,
    meeting_id: str,
    person_id: str,
    *,
    guest: bool | None = None,
    came: bool = True,
    order: Sequence[str] = (),
) -> Occurrence:
    """Notes that somebody was there, or that they were not. `guest` None: whoever is not in the community is one."""
    found = _seen_meeting(transaction, principal, meeting_id)
    if principal.person_id != person_id:
        _keeps(transaction, principal, found, tell("To note who came, beside yourself,"))
    _begun(found)
    community_id = found.meeting.community_id
    if came and not transaction.run("read/marks_person", ids=[person_id]):
        raise NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))
    member = bool(transaction.read(resources.standing(community_id, person_id)))
    as_guest = not member if guest is None else guest
    if not as_guest and not member and came and principal.person_id == person_id and principal.role is Role.MEMBER:
        raise Forbidden(tell("Who is not in the community came as a guest."))
    # From who is on record, not from the field: that may still name somebody who was erased since.
    lists = {one: [who.id for who in found.meeting.came if who.guest is one] for one in (False, True)}
    if not came and person_id not in lists[False] + lists[True]:
        raise NotFound(tell("%(person_id)r is not on record as having come.", person_id=person_id))
    for one, names in lists.items():
        lists[one] = [name for name in names if name != person_id]
    if came:
        lists[as_guest].append(person_id)
    fields: Fields = {"attendee_ids": lists[False] or None, "guest_ids": lists[True] or None}
    _set(transaction, _own(transaction, found, order), fields, order)
    _record(transaction, principal, "attend", found.id, community_id, person_id=person_id, came=came)
    return _seen_meeting(transaction, principal, found.id)


def note(
    transaction: Transaction, principal: Principal, meeting_id: str, summary: str, order: Sequence[str] = ()
) -> Occurrence:
    """Writes down what a meeting was about. It replaces what was written before; the log has who did."""
    found = _seen_meeting(transaction, principal, meeting_id)
    _keeps(transaction, principal, found, tell("To write notes"))
    _begun(found)
    _set(transaction, _own(transaction, found, order), {"summary": summary}, order)
    _record(transaction, principal, "note", found.id, found.meeting.community_id)
    return _seen_meeting(transaction, principal, found.id)


def put_on_agenda(
    transaction: Transaction, principal: Principal, meeting_id: str, title: str, order: Sequence[str] = ()
) -> Occurrence:
    """What came up in earlier meetings and is not settled is carried over without this."""
    found = _seen_meeting(transaction, principal, meeting_id)
    _keeps(transaction, principal, found, tell("To put something on the agenda"))
    _not_whole(found, tell("Name the meeting of the series"))
    if found.cancelled:
        raise Conflict(tell("It was cancelled."))
    titles = [item.title for item in found.meeting.agenda]
    if title in titles:
        raise Conflict(tell("%(title)r is on the agenda already.", title=title))
    _set(transaction, _own(transaction, found, order), {"agenda": [*titles, title]}, order)
    _record(transaction, principal, "agenda", found.id, found.meeting.community_id)
    return _seen_meeting(transaction, principal, found.id)


def discuss(
    transaction: Transaction,
    principal: Principal,
    meeting_id: str,
    title: str,
    *,
    text: str | None = None,
    state: str | None = None,
    owner_id: str | None = None,
    order: Sequence[str] = (),
) -> Occurrence:
    """Notes what a meeting said of an agenda item (`text`), how that stands now (`state`), and who takes it on.

    Who owns an item may do it too. An item that no meeting of the community had before is made.
    """
    found = _seen_meeting(transaction, principal, meeting_id)
    community_id = found.meeting.community_id
    items = {item.title: item for item in transaction.read(reads.agenda(community_id))}
    item = items.get(title)
    if item is None or item.owner is None or item.owner.id != principal.person_id:
        _keeps(transaction, principal, found, tell("To say how an item stands"))
    _begun(found)
    key = _own(transaction, found, order)
    titles = [one.title for one in found.meeting.agenda]
    if title not in titles:
        _set(transaction, key, {"agenda": [*titles, title]}, order)
    item_id = next(one.id for one in transaction.read(reads.agenda(community_id)) if one.title == title)
    given = {name: value for name, value in (("state", state), ("owner_id", owner_id)) if value is not None}
    if given:
        set_item(transaction, item_id, community_id, title, given, order)
    transaction.run("write/note_discussion", meeting_id=key, item_id=item_id, note=text, at=now())
    _record(transaction, principal, "discuss", found.id, community_id, state=state)
    return _seen_meeting(transaction, principal, found.id)


def set_item(
    transaction: Transaction, item_id: str, community_id: str, title: str, fields: Fields, order: Sequence[str]
) -> None:
    """Says something of an agenda item by hand, or makes it."""
    # The hand says which item it is too: one that is only named in agendas is nobody's saying yet.
    whole = {"community_id": community_id, "title": title, **fields}
    if transaction.run("read/marks_agenda_item", ids=[item_id]):
        set_by_hand(transaction, "agenda_item", item_id, whole, at=now(), order=order)
    else:
        create_by_hand(transaction, "agenda_item", item_id, whole, at=now(), order=order)


def renew_address(transaction: Transaction, principal: Principal, person_id: str) -> str:
    """A new secret for the address of a person's calendar; the one before opens nothing any more. Only a digest of it
    is stored. Raises NotFound for an unknown person."""
    secret = secrets.token_urlsafe(SECRET)
    if not transaction.run("write/set_calendar_address", person_id=person_id, digest=digest(secret), at=now()):
        raise NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))
    record_event(
        transaction, actor=principal.actor, action="renew.calendar", subjects=[f"person/{person_id}"]
    )  # fmt: skip
    return secret


def drop_address(transaction: Transaction, principal: Principal, person_id: str) -> None:
    if not transaction.run("write/drop_calendar_address", person_id=person_id)[0]["dropped"]:
        raise NotFound(tell("%(person_id)r has no calendar address.", person_id=person_id))
    record_event(transaction, actor=principal.actor, action="drop.calendar", subjects=[f"person/{person_id}"])


def _seen_meeting(transaction: Transaction, principal: Principal, meeting_id: str) -> Occurrence:
    found = transaction.read(reads.meeting(meeting_id))
    if found is None:
        raise reads.no_meeting(meeting_id)
    try:
        transaction.follow(resources.seen_at_work(found.meeting.community_id, principal))
    except NotFound:
        raise reads.no_meeting(meeting_id) from None
    return found


seen_meeting = _seen_meeting


def _planned(transaction: Transaction, principal: Principal, meeting_id: str) -> Occurrence:
    """A meeting that still stands, for who plans them."""
    found = _seen_meeting(transaction, principal, meeting_id)
    may(transaction, principal, found.meeting.community_id, Part.LEAD, Part.CORE, what=tell("To plan meetings"))
    ended = found.meeting.end_of_series if found.whole else None
    if (found.cancelled and not found.whole) or (ended and ended <= datetime.now(UTC)):
        raise Conflict(tell("It was cancelled. Plan a new one."))
    return found


def _keeps(transaction: Transaction, principal: Principal, found: Occurrence, what: Sentence) -> None:
    """Raises Forbidden unless the principal facilitates the meeting, or leads or is of the core."""
    if principal.person_id is None or principal.person_id != found.meeting.facilitator_id:
        may(transaction, principal, found.meeting.community_id, Part.LEAD, Part.CORE, what=what)


def _not_whole(found: Occurrence, told: Sentence) -> None:
    if found.whole:
        raise Conflict(
            tell(
                "%(told)s: %(first)s is its first.", told=told, first=found.id + reads.AT + rhythm.as_key(found.planned)
            )
        )


def _begun(found: Occurrence) -> None:
    _not_whole(found, tell("Name the meeting of the series"))
    if found.cancelled:
        raise Conflict(tell("It was cancelled."))
    if found.begins > datetime.now(UTC):
        raise Conflict(
            tell("It begins at %(what)s: nobody was there yet.", what=found.begins.isoformat(timespec="minutes"))
        )


def _own(transaction: Transaction, found: Occurrence, order: Sequence[str]) -> str:
    """The id under which something of this one meeting can be stored; of a series, where that has none yet, it is
    made. The first meeting of a series is stored with it."""
    if found.recorded:
        return found.meeting.id
    series = found.meeting
    fields: Fields = {
        "community_id": series.community_id, "title": series.title, "starts_at": _as_in(found, found.begins),
        "recurs_at": _stored(found.planned),
    }  # fmt: skip
    given = {name: value for name, value in fields.items() if value is not None}
    create_by_hand(transaction, "meeting", found.id, given, at=now(), order=order)
    _set(transaction, found.id, {"series_id": series.id}, order)
    return found.id


def _as_in(found: Occurrence, when: datetime) -> str:
    return when.date().isoformat() if found.all_day else when.isoformat(timespec="minutes")


def _stored(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="minutes")


def _checked_when(fields: Fields, zone: str | None) -> datetime:
    """When a meeting begins. Raises InvalidInput where nobody could put it into a calendar."""
    starts_at: str = fields["starts_at"]
    rule: str = fields.get("recurrence") or ""
    begins = rhythm.moment(starts_at, zone)
    if begins is None or not 1970 <= begins.year <= 2200:
        raise InvalidInput(tell("starts_at: say the day, and the minute where you know it."))
    if rhythm.is_rule(rule):
        try:
            rule = rhythm.checked(rule, starts_at)
        except ValueError as error:
            raise InvalidInput(tell("recurrence: %(error)s", error=message_of(error))) from None
        if not rhythm.falls_on_start(starts_at, zone, rule):
            first = rhythm.first_of_rule(starts_at, zone, rule).isoformat(timespec="minutes")
            raise InvalidInput(
                tell("starts_at: the rule does not fall on it. Begin at %(first)s, or change the rule.", first=first)
            )
    elif rule:
        raise InvalidInput(tell("recurrence: is no rule like FREQ=WEEKLY;INTERVAL=2;BYDAY=TU (RFC 5545)."))
    return begins


def _set(transaction: Transaction, meeting_id: str, fields: Fields, order: Sequence[str]) -> None:
    set_by_hand(transaction, "meeting", meeting_id, fields, at=now(), order=order)


def _record(
    transaction: Transaction, principal: Principal, action: str, meeting_id: str, community_id: str, **details: Any
) -> None:
    record_event(
        transaction, actor=principal.actor, action=f"{action}.meeting", subjects=[f"meeting/{meeting_id}"],
        details={"community_id": community_id, **details},
    )  # fmt: skip
