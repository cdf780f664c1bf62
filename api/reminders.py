"""A digest as calendars read it (iCalendar, RFC 5545): meetings as events, all else as things to do."""

from datetime import UTC, date, datetime, timedelta

import icalendar

from api.wording import PARTS_OF_DIGEST, one_line
from matcher.community.digest import Digest, Item

# Minutes of a meeting of which nobody said how long it lasts: an hour, as most do.
LASTS = 60


def calendar(digest: Digest) -> bytes:
    """Each item keeps its UID from day to day, so that a calendar that reads it again shows it once."""
    found = icalendar.Calendar()
    found.add("prodid", "-//guildmap//digest//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", one_line(f"guildmap: due for {digest.name}"))
    for item in digest.items:
        found.add_component(_event(item) if item.starts_at else _to_do(item, digest.day))
    return found.to_ical()


def _event(item: Item) -> icalendar.Event:
    event = icalendar.Event()
    _name(event, item)
    starts = item.starts_at or ""
    if "T" in starts:
        moment = datetime.fromisoformat(starts)
        # Without an offset it is the wall time of wherever people are, which is what a calendar takes it for.
        event.add("dtstart", moment.astimezone(UTC) if moment.tzinfo else moment)
        event.add("duration", timedelta(minutes=item.minutes or LASTS))
    else:
        day = date.fromisoformat(starts[:10])
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
    return event


def _to_do(item: Item, day: str) -> icalendar.Todo:
    todo = icalendar.Todo()
    _name(todo, item)
    if item.since is not None and len(item.since) == 10:
        todo.add("dtstart", date.fromisoformat(item.since))
    todo.add("due", date.fromisoformat(day) + timedelta(days=1))
    todo.add("status", "NEEDS-ACTION")
    todo.add("categories", [PARTS_OF_DIGEST[item.part]])
    return todo


def _name(component: icalendar.Component, item: Item) -> None:
    # A meeting has the UID under which the calendar of its community tells of it.
    uid = item.id if item.starts_at else f"{item.part}/{item.id}"
    component.add("uid", f"{uid}@guildmap")
    component.add("dtstamp", datetime.now(UTC))
    component.add("summary", one_line(item.said))
