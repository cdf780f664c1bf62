"""When communities meet, and which of their meetings fall on the same hour."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from graph.models import Community
from graph.reads.communities import MeetingAhead

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# As regular meetings are written: `Regular meeting: biweekly, Wednesday 11:00 PT (Pacific Time)`.
_WHEN = re.compile(
    rf"\b({'|'.join(DAYS)})s?\b[\s,@at]{{0,6}}(\d{{1,2}})[:.](\d{{2}})\s*([ap]m\b)?\s*([a-z][\w/+-]*)?", re.IGNORECASE
)

# How people call zones that change their offset in the year; other names are looked up as they are.
ZONES: Mapping[str, str] = {
    "pt": "America/Los_Angeles", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
    "mt": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver",
    "ct": "America/Chicago", "cst": "America/Chicago", "cdt": "America/Chicago",
    "et": "America/New_York", "est": "America/New_York", "edt": "America/New_York",
    "cet": "Europe/Paris", "cest": "Europe/Paris", "bst": "Europe/London", "ist": "Asia/Kolkata", "jst": "Asia/Tokyo",
    "utc": "UTC", "gmt": "UTC", "z": "UTC",
}  # fmt: skip

WEEK = 7 * 24 * 60

# How long a meeting lasts is not known: an hour, as most do. In minutes.
LASTS = 60


@dataclass(frozen=True)
class Slot:
    """When a community meets: `minute` of the week, in UTC, or where the `zone` is not known in that; `day` where it is
    once only (ISO 8601). `text` is for people."""

    community_id: str
    text: str
    minute: int
    zone: str
    day: str | None = None


def slots(communities: Iterable[Community], meetings: Iterable[MeetingAhead], today: str) -> dict[str, list[Slot]]:
    """By community, each hour once; what does not say when it is has none."""
    on = date.fromisoformat(today)
    found: dict[str, dict[tuple[int, str, str | None], Slot]] = {}
    for community in communities:
        for line in community.meetings:
            for slot in _of_line(community.id, line, on):
                found.setdefault(community.id, {}).setdefault((slot.minute, slot.zone, slot.day), slot)
    for meeting in meetings:
        slot = _of_meeting(meeting, on)
        if slot is not None:
            known = found.setdefault(meeting.community_id, {})
            # One of a series that is announced as regular too.
            if (slot.minute, slot.zone, None) not in known:
                known.setdefault((slot.minute, slot.zone, slot.day), slot)
    return {key: list(some.values()) for key, some in found.items()}


def collide(one: Slot, other: Slot) -> bool:
    """Whether who goes to the one misses part of the other. Two series that take turns may never meet in fact."""
    if one.zone != other.zone or (one.day and other.day and one.day != other.day):
        return False
    apart = abs(one.minute - other.minute)
    return min(apart, WEEK - apart) < LASTS


def _of_line(community_id: str, line: str, on: date) -> list[Slot]:
    found: list[Slot] = []
    for weekday, hour, minute, half, zone in _WHEN.findall(line):
        hours = int(hour) % 12 + (12 if half.lower() == "pm" else 0) if half else int(hour)
        if hours > 23 or int(minute) > 59:
            continue
        days = (DAYS.index(weekday.lower()) - on.weekday()) % 7
        known = _zone(zone)
        moment = datetime.combine(on + timedelta(days), time(hours, int(minute)), known or UTC)
        found.append(Slot(community_id, line, _minute(moment), "" if known else zone.lower() or "?"))
    return found


def _of_meeting(meeting: MeetingAhead, on: date) -> Slot | None:
    if "T" not in meeting.starts_at:
        return None  # the day alone is known
    moment = datetime.fromisoformat(meeting.starts_at)
    zone = "?" if moment.tzinfo is None else ""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    when = f"{DAYS[moment.weekday()].capitalize()} {moment:%H:%M}{'' if zone else ' UTC'}"
    title = meeting.title or "Meeting"
    if meeting.recurrence:
        return Slot(meeting.community_id, f"{title}: {meeting.recurrence}, {when}", _minute(moment), zone)
    if moment.date() < on:
        return None
    day = moment.date().isoformat()
    return Slot(meeting.community_id, f"{title}: {day}, {when}", _minute(moment), zone, day)


def _minute(moment: datetime) -> int:
    there = moment.astimezone(UTC)
    return (there.weekday() * 24 + there.hour) * 60 + there.minute


def _zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(ZONES.get(name.lower(), name))
    except (KeyError, ValueError, OSError):
        return None
