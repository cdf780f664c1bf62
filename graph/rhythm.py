"""When a series of meetings falls: iCalendar rules (RFC 5545), read and rolled out in the wall time of their zone."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from graph.sentences import Sentence, joined, listed, tell, tell_n

# Whether somebody means a rule; anything else in its place (`every now and then`) is text for people.
_RULE = re.compile(r"(?:RRULE:|FREQ=)", re.IGNORECASE)

# What a rule of meetings may say. Of the rest of RFC 5545 hours and minutes are in the start already, and numbers of
# weeks and of days of the year are nothing that people plan by.
PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
# Each as it comes every time, and every so many.
RHYTHMS: Mapping[str, Callable[[int], Sentence]] = {
    "DAILY": lambda step: tell("every day") if step == 1 else tell("every %(number)d days", number=step),
    "WEEKLY": lambda step: tell("every week") if step == 1 else tell("every %(number)d weeks", number=step),
    "MONTHLY": lambda step: tell("every month") if step == 1 else tell("every %(number)d months", number=step),
    "YEARLY": lambda step: tell("every year") if step == 1 else tell("every %(number)d years", number=step),
}

# What a value must look like. An interval of more would be no rhythm, and more meetings nobody plans.
LARGEST_INTERVAL, LARGEST_COUNT = 400, 5000
_DAY = r"(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)"
_VALUES = {
    "INTERVAL": (r"\d+", tell("a number from 1 to %(most)s", most=LARGEST_INTERVAL)),
    "COUNT": (r"\d+", tell("a number from 1 to %(most)s", most=LARGEST_COUNT)),
    "UNTIL": (r"\d{8}(?:T\d{6}Z?)?", tell("a day like 20271231, or a moment like 20271231T170000Z")),
    "BYDAY": (rf"{_DAY}(?:,{_DAY})*", tell("days like TU,TH, or 2TU and -1FR for the second and the last of a month")),
    "BYMONTHDAY": (
        r"-?(?:[1-9]|[12]\d|3[01])(?:,-?(?:[1-9]|[12]\d|3[01]))*",
        tell("days from 1 to 31, or -1 for the last"),
    ),
    "BYMONTH": (r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*", tell("months from 1 to 12")),
    "BYSETPOS": (r"-?[1-5]", tell("a number from 1 to 5, or from -1 to -5")),
    "WKST": (r"MO|TU|WE|TH|FR|SA|SU", tell("a day like MO")),
}

WEEKDAYS = {
    "MO": tell("Monday"), "TU": tell("Tuesday"), "WE": tell("Wednesday"), "TH": tell("Thursday"), "FR": tell("Friday"),
    "SA": tell("Saturday"), "SU": tell("Sunday"),
}  # fmt: skip
# Of a month.
_PLACES: Mapping[str, Callable[[str], Sentence]] = {
    "1": lambda day: tell("the first %(day)s", day=day), "2": lambda day: tell("the second %(day)s", day=day),
    "3": lambda day: tell("the third %(day)s", day=day), "4": lambda day: tell("the fourth %(day)s", day=day),
    "5": lambda day: tell("the fifth %(day)s", day=day), "-1": lambda day: tell("the last %(day)s", day=day),
    "-2": lambda day: tell("the last but one %(day)s", day=day),
}  # fmt: skip
_MONTHS = (
    tell("January"), tell("February"), tell("March"), tell("April"), tell("May"), tell("June"), tell("July"),
    tell("August"), tell("September"), tell("October"), tell("November"), tell("December"),
)  # fmt: skip
_EXAMPLE = tell("Write it like FREQ=WEEKLY;INTERVAL=2;BYDAY=TU (RFC 5545)")


def is_rule(text: str | None) -> bool:
    return text is not None and _RULE.match(text.strip()) is not None


def normal(text: str) -> str:
    """The rule in its one spelling: capitals, no `RRULE:` before it."""
    return re.sub(r"^RRULE:", "", re.sub(r"\s+", "", text), flags=re.IGNORECASE).rstrip(";").upper()


def checked(text: str, starts_at: str) -> str:
    """A rule for meetings from `starts_at` on (a moment, or a day) in its one spelling.

    Raises ValueError, saying what to do, for what is no such rule.
    """
    rule = normal(text)
    _check(rule, starts_at)
    return rule


@lru_cache(maxsize=10_000)
def _check(rule: str, starts_at: str) -> None:
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise ValueError(
                tell("is no recurrence rule: %(part)r has no value. %(example)s.", part=part[:40], example=_EXAMPLE)
            )
        if name not in PARTS:
            raise ValueError(
                tell(
                    "a rule of meetings has no %(name)r; it may have %(names)s. %(example)s.",
                    name=name[:40],
                    names=", ".join(PARTS),
                    example=_EXAMPLE,
                )
            )
        if name in parts:
            raise ValueError(tell("says %(name)s twice; leave one out.", name=name))
        pattern, wanted = _VALUES.get(name, (r".*", ""))
        if not re.fullmatch(pattern, value):
            raise ValueError(
                tell("%(name)s must be %(wanted)s, not %(value)r.", name=name, wanted=wanted, value=value[:40])
            )
        parts[name] = value
    rhythm = parts.get("FREQ")
    if rhythm not in RHYTHMS:
        raise ValueError(
            tell("FREQ must be one of %(names)s. %(example)s.", names=", ".join(RHYTHMS), example=_EXAMPLE)
        )
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError(tell("says both COUNT and UNTIL; leave one out."))
    for name, most in (("INTERVAL", LARGEST_INTERVAL), ("COUNT", LARGEST_COUNT)):
        if name in parts and not 1 <= int(parts[name][:9]) <= most:
            raise ValueError(tell("%(name)s must be %(wanted)s.", name=name, wanted=_VALUES[name][1]))
    # With these a rule of days or weeks might never fall on any day, and to find out takes long.
    by_months = rhythm in ("MONTHLY", "YEARLY")
    if not by_months and (said := [name for name in ("BYMONTHDAY", "BYSETPOS") if name in parts]):
        raise ValueError(tell("%(name)s goes with FREQ=MONTHLY or YEARLY.", name=said[0]))
    if rhythm == "DAILY" and "BYDAY" in parts and int(parts.get("INTERVAL", "1")) > 1:
        raise ValueError(tell("BYDAY with every so many days may never come; use FREQ=WEEKLY."))
    if not by_months and re.search(r"\d", parts.get("BYDAY", "")):
        raise ValueError(tell("BYDAY with a number (2TU) goes with FREQ=MONTHLY or YEARLY."))
    if starts_at[:4].isdecimal() and len(starts_at) < 10:
        raise ValueError(tell("a rule needs starts_at to the day, or to the minute."))
    try:
        first = next(iter(_rolled(rule, *_wall(starts_at, None))), None)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise ValueError(
            tell("is no recurrence rule: %(error)s. %(example)s.", error=str(error), example=_EXAMPLE)
        ) from None
    if first is None:
        raise ValueError(
            tell("never falls on any day from %(starts_at)s on. %(example)s.", starts_at=starts_at, example=_EXAMPLE)
        )


def zone_of(name: str | None) -> ZoneInfo | None:
    """The zone of that IANA name; None for no name. Raises ValueError for one that is not known."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(tell("is no time zone like Europe/Oslo: %(name)r", name=name[:60])) from None


def moment(text: str, zone: str | None = None) -> datetime | None:
    """When that is, in its zone. A moment without an offset is wall time of `zone` (without one: UTC); a day is taken
    at its first minute. None for a date known to the month or year only.

    A wall time that falls into the hour left out in spring counts by the offset before it, one that comes twice in
    autumn as the first, as RFC 5545 has it.
    """
    if len(text) < 10:
        return None
    try:
        return _placed(*_wall(text, zone))
    except OverflowError:
        return None  # a moment of the year 1 or 9999 that another zone has in none


def is_day(text: str) -> bool:
    """Whether a start is known to the day alone."""
    return "T" not in text


def as_key(when: datetime) -> str:
    """One spelling of a moment, in UTC to the minute: `20261103T0900Z`."""
    return when.astimezone(UTC).strftime("%Y%m%dT%H%MZ")


def of_key(key: str) -> datetime:
    """The moment that `as_key` spelled. Raises ValueError."""
    return datetime.strptime(key, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)


def occurrences(
    starts_at: str, zone: str | None, rule: str | None, *, before: datetime, after: datetime | None = None
) -> Iterator[datetime]:
    """When the meetings of a series begin, from `after` on and before `before`, in order and in its zone. The first is
    `starts_at`, also where the rule would not fall on it, as calendars show it. Without a rule it is the only one.
    """
    first = moment(starts_at, zone)
    if first is None:
        return
    # In UTC, as two moments of one zone are compared by their wall times.
    before, after = before.astimezone(UTC), None if after is None else after.astimezone(UTC)
    if (after is None or first >= after) and first < before:
        yield first
    if not rule:
        return
    wall, there = _wall(starts_at, zone)
    # An hour wide of it: wall times are not in the order of moments where clocks are put back.
    low = wall if after is None else max(wall, after.astimezone(there).replace(tzinfo=None) - timedelta(hours=2))
    high = before.astimezone(there).replace(tzinfo=None) + timedelta(hours=2)
    for one in _rule(rule, wall, there).xafter(low, inc=True):
        if one > high:
            return
        when = _placed(one, there)
        if one != wall and when < before and (after is None or when >= after):
            yield when


def falls_on_start(starts_at: str, zone: str | None, rule: str) -> bool:
    wall, there = _wall(starts_at, zone)
    return next(_rolled(rule, wall, there), None) == wall


def first_of_rule(starts_at: str, zone: str | None, rule: str) -> datetime:
    """The first moment from `starts_at` on on which the rule falls."""
    wall, there = _wall(starts_at, zone)
    return _placed(next(_rolled(rule, wall, there)), there)


def said(rule: str) -> Sentence:
    """A rule in words: `every 2 weeks on Tuesday`."""
    if not is_rule(rule):
        return Sentence(rule)
    parts: dict[str, str] = {}
    for part in normal(rule).split(";"):
        name, _, value = part.partition("=")
        parts[name] = value
    words = [RHYTHMS[parts["FREQ"]](int(parts.get("INTERVAL", "1")))]
    if "BYMONTHDAY" in parts:
        words.append(tell("on day %(days)s", days=parts["BYMONTHDAY"].replace(",", ", ")))
    if "BYDAY" in parts:
        place = parts.get("BYSETPOS")
        named = [_day_said(one, place) for one in parts["BYDAY"].split(",")]
        words.append(tell("on %(days)s", days=listed(named, len(named))))
    if "BYMONTH" in parts:
        months = [_MONTHS[int(one) - 1] for one in parts["BYMONTH"].split(",")]
        words.append(tell("in %(months)s", months=joined(", ", months)))
    if "COUNT" in parts:
        words.append(tell_n("%(num)d time", "%(num)d times", int(parts["COUNT"])))
    if "UNTIL" in parts:
        until = parts["UNTIL"]
        words.append(tell("until %(day)s", day="-".join((until[:4], until[4:6], until[6:8]))))
    return joined(" ", words)


def is_weekly(rule: str) -> bool:
    """Whether all meetings of a rule fall on the same days of the week."""
    return "BYDAY=" in rule or rule.startswith("FREQ=WEEKLY") or ";FREQ=WEEKLY" in rule


def _day_said(text: str, place: str | None) -> str:
    match = re.fullmatch(r"([+-]?\d+)?([A-Z]{2})", text)
    if match is None:
        return text
    number = (match.group(1) or place or "").lstrip("+")
    day = WEEKDAYS.get(match.group(2), match.group(2))
    if not number:
        return day
    return _PLACES[number](day) if number in _PLACES else tell("the %(number)s. %(day)s", number=number, day=day)


def _wall(starts_at: str, zone: str | None) -> tuple[datetime, ZoneInfo]:
    """A start as wall time, and the zone of that; an offset stands for itself where no zone is given."""
    there = zone_of(zone)
    if is_day(starts_at):
        return datetime.combine(date.fromisoformat(starts_at[:10]), time()), there or _UTC
    given = datetime.fromisoformat(starts_at)
    if given.tzinfo is None:
        return given, there or _UTC
    # An offset without a zone tells the moment, not when clocks change there: in UTC it stays what it is.
    place = there or _UTC
    return given.astimezone(place).replace(tzinfo=None, fold=0), place


_UTC = ZoneInfo("UTC")


def _placed(wall: datetime, there: ZoneInfo) -> datetime:
    """The moment of a wall time; by way of UTC, as one that does not come would equal no other moment."""
    return wall.replace(tzinfo=there).astimezone(UTC).astimezone(there)


def _rolled(rule: str, wall: datetime, there: ZoneInfo) -> Iterator[datetime]:
    return iter(_rule(rule, wall, there))


@lru_cache(maxsize=2_000)
def _rule(rule: str, wall: datetime, there: ZoneInfo) -> rrule:
    """The rule on wall times without a zone, so that ten o'clock stays ten o'clock when clocks change."""
    found = re.search(r"UNTIL=(\d{8})(T\d{6})?(Z)?", rule)
    if found:
        day = datetime.strptime(found.group(1), "%Y%m%d")
        until = day.replace(hour=23, minute=59, second=59)
        if found.group(2):
            until = datetime.strptime(found.group(1) + found.group(2), "%Y%m%dT%H%M%S")
            if found.group(3):
                until = until.replace(tzinfo=UTC).astimezone(there).replace(tzinfo=None)
        rule = rule.replace(found.group(0), f"UNTIL={until:%Y%m%dT%H%M%S}")
    rolled = rrulestr(rule, dtstart=wall)
    if not isinstance(rolled, rrule):
        raise ValueError(tell("is more than one rule"))
    return rolled
