"""Meetings as calendars read them (iCalendar, RFC 5545)."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from graph import rhythm
from graph.reads.meetings import LASTS, Meeting

MEDIA_TYPE = "text/calendar"

# What has been a calendar keeps; of single meetings older than this none are told. In days.
BACK = 365


def calendar(name: str, meetings: Sequence[Meeting]) -> bytes:
    """The meetings, of a series those that were moved or cancelled too. A meeting keeps its UID whatever changes."""
    found = icalendar.Calendar()
    found.add("prodid", "-//guildmap//meetings//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", name)
    series = {one.id: one for one in meetings if one.rule and one.planned}
    apart: dict[str, list[Meeting]] = {}
    for one in meetings:
        if one.series_id in series and one.planned:
            apart.setdefault(one.series_id, []).append(one)
    for one in sorted(meetings, key=lambda one: one.id):
        if one.begins is None:
            continue
        if one.id in series:
            _add_series(found, one, apart.get(one.id, []))
        elif one.series_id not in series:
            found.add_component(_event(one, f"{one.id}@guildmap", one.begins))
    found.add_missing_timezones()
    return found.to_ical()


def _add_series(found: icalendar.Calendar, one: Meeting, apart: Sequence[Meeting]) -> None:
    uid, rule = f"{one.id}@guildmap", one.rule or ""
    first, begins = one.planned, one.begins
    assert first is not None
    assert begins is not None
    starts = rhythm.first_of_rule(one.start_of_series, one.zone, rule)
    if starts != first:
        # A start that the rule does not fall on is not defined for calendars: it is a meeting of its own to them.
        found.add_component(_event(one, f"{one.id}-first@guildmap", begins))
    event = _event(one, uid, starts, cancelled=False)
    ends = one.end_of_series
    if ends is None:
        event.add("rrule", icalendar.vRecur.from_ical(_until_in_utc(rule, one.zone)))
    else:
        days = list(rhythm.occurrences(one.start_of_series, one.zone, rule, before=ends, after=starts))
        if not days:
            if starts == first and begins < ends:
                found.add_component(_event(one, uid, begins))
            return
        # The last one in place of COUNT, which a rule cannot have beside UNTIL.
        kept = re.sub(r";?(?:COUNT|UNTIL)=[^;]*", "", rule).strip(";")
        last = f"{days[-1]:%Y%m%d}" if _all_day(one) else f"{days[-1].astimezone(UTC):%Y%m%dT%H%M%SZ}"
        event.add("rrule", icalendar.vRecur.from_ical(f"{kept};UNTIL={last}"))
    called_off = [other.planned for other in apart if other.state == "cancelled" and other.planned]
    moved = [other for other in apart if other.state != "cancelled"]
    if starts == first:
        called_off += [first] if one.state == "cancelled" else []
        moved += [one] if one.state != "cancelled" and begins != first else []
    for when in sorted(called_off):
        event.add("exdate", _when(one, when))
    found.add_component(event)
    for other in moved:
        if other.begins and other.planned:
            single = _event(other, uid, other.begins, named=one)
            single.add("recurrence-id", _when(one, other.planned.astimezone(starts.tzinfo)))
            found.add_component(single)


def _event(
    one: Meeting, uid: str, begins: datetime, *, cancelled: bool | None = None, named: Meeting | None = None
) -> icalendar.Event:
    """`named`: the series whose title and place it has where it has none of its own."""
    series = named or one
    event = icalendar.Event()
    event.add("uid", uid)
    event.add("dtstamp", datetime.now(UTC))
    event.add("summary", f"{one.title or series.title or 'Meeting'} ({one.community})")
    event.add("dtstart", _when(one, begins))
    if _all_day(one):
        event.add("dtend", begins.date() + timedelta(days=1))
    else:
        event.add("duration", timedelta(minutes=one.minutes or series.minutes or LASTS))
    if place := one.place or series.place:
        event.add("location", place)
    if one.agenda:
        event.add("description", "\n".join(item.title for item in one.agenda))
    if one.state == "cancelled" if cancelled is None else cancelled:
        event.add("status", "CANCELLED")
    return event


def _all_day(one: Meeting) -> bool:
    return rhythm.is_day(one.starts_at or "")


def _when(one: Meeting, when: datetime) -> date | datetime:
    if _all_day(one):
        return when.date()
    # An offset alone is no zone that a calendar knows the rules of.
    return when if isinstance(when.tzinfo, ZoneInfo) and when.tzinfo.key != "UTC" else when.astimezone(UTC)


def _until_in_utc(rule: str, zone: str | None) -> str:
    """UNTIL as the standard wants it beside a start with a zone."""
    match = re.search(r"UNTIL=(\d{8})(T\d{6})?(?!\w*Z)", rule)
    if match is None or "Z" in rule[match.start() : match.end() + 1]:
        return rule
    text = match.group(1) + (match.group(2) or "T235959")
    until = datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=rhythm.zone_of(zone) or UTC)
    return rule.replace(match.group(0), f"UNTIL={until.astimezone(UTC):%Y%m%dT%H%M%SZ}")
