"""When communities meet, and which of their meetings fall on the same hour."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from graph import rhythm
from graph.models import Community
from graph.reads.communities import MeetingAhead
from graph.sentences import Sentence, joined, tell

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

# How far a series is rolled out to see on which hours it falls: a month has every weekday that a rule may name, and
# a quarter also those that come every other month. In days.
LOOKED_AHEAD = 92


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
        for slot in _of_rule(meeting, on) if rhythm.is_rule(meeting.recurrence) else _of_meeting(meeting, on):
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


def _of_meeting(meeting: MeetingAhead, on: date) -> Iterator[Slot]:
    moment = rhythm.moment(meeting.starts_at, meeting.timezone)
    if moment is None or rhythm.is_day(meeting.starts_at):
        return  # the day alone is known
    zone = "" if meeting.timezone or datetime.fromisoformat(meeting.starts_at).tzinfo else "?"
    moment = moment.astimezone(UTC)
    if meeting.recurrence:
        yield Slot(meeting.community_id, _said(meeting, meeting.recurrence, moment, zone), _minute(moment), zone)
    elif moment.date() >= on:
        day = moment.date().isoformat()
        yield Slot(meeting.community_id, _said(meeting, day, moment, zone), _minute(moment), zone, day)


def _of_rule(meeting: MeetingAhead, on: date) -> Iterator[Slot]:
    """The hours of the week of a series, as they are from the day `on`; the days of one that keeps to no weekday."""
    if rhythm.is_day(meeting.starts_at):
        return
    rule, begins = meeting.recurrence or "", datetime.combine(on, time(), UTC)
    ends = begins + timedelta(days=LOOKED_AHEAD)
    if meeting.ended_at and (last := rhythm.moment(meeting.ended_at, meeting.timezone)):
        ends = min(ends, last)
    zone = "" if meeting.timezone or datetime.fromisoformat(meeting.starts_at).tzinfo else "?"
    known: set[tuple[int, int]] = set()
    for moment in rhythm.occurrences(meeting.starts_at, meeting.timezone, rule, before=ends, after=begins):
        wall = (moment.weekday(), moment.hour * 60 + moment.minute)
        if rhythm.is_weekly(rule):
            if wall in known:
                continue  # the same hour there, though clocks may have changed
            known.add(wall)
        there = moment.astimezone(UTC)
        day = None if rhythm.is_weekly(rule) else there.date().isoformat()
        yield Slot(meeting.community_id, _said(meeting, rhythm.said(rule), there, zone), _minute(there), zone, day)


def _said(meeting: MeetingAhead, when: str, moment: datetime, zone: str) -> Sentence:
    """`Rope hour: every week, Tuesday 09:00 UTC`"""
    weekday = tuple(rhythm.WEEKDAYS.values())[moment.weekday()]
    hour = joined(" ", [weekday, f"{moment:%H:%M}{'' if zone else ' UTC'}"])
    return joined(": ", [meeting.title or tell("Meeting"), joined(", ", [when, hour])])


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
