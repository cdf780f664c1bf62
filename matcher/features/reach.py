"""Can the two talk: is there a language in common, and are there hours at which both work?"""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from graph.sentences import listed, tell
from matcher.explain import Reason
from matcher.features.evidence import Evidence, nothing
from matcher.snapshot import Snapshot

LANGUAGE = "language"
HOURS = "hours"

# Neither: what becomes known of a helper may be that there is nothing in common.
MONOTONE = False

# A working day, in hours of the local clock.
BEGINS, ENDS = 9, 17


def language(snapshot: Snapshot, asker: int | None) -> Evidence:
    """0.5 for who shares a language with the asker, -0.5 for who shares none, 0 where that is not known."""
    people = snapshot.people
    mine = {_spoken(name) for name in people.languages.at(asker)} if asker is not None else set[str]()
    if not mine:
        return nothing(LANGUAGE, len(people.ids))

    def shared(names: tuple[str, ...]) -> list[str]:
        return [name for name in names if _spoken(name) in mine]

    values = people.languages.map(lambda names: 0 if not names else 0.5 if shared(names) else -0.5)

    def reason(person: int) -> Reason | None:
        names = people.languages.at(person)
        if not names:
            return None
        common = shared(names)
        if common:
            return Reason(tell("speaks %(languages)s, as you do", languages=listed(common)))
        return Reason(tell("is not known to speak a language of yours"))

    return Evidence(LANGUAGE, values, reason)


def hours(snapshot: Snapshot, asker: int | None) -> Evidence:
    """From 0.5 for who works at the same hours to -0.5 for none in common, 0 where a time zone is not known."""
    people = snapshot.people
    mine = _offset(people.timezone.at(asker), snapshot.day) if asker is not None else None
    if mine is None:
        return nothing(HOURS, len(people.ids))

    def common(zone: str) -> float | None:
        theirs = _offset(zone, snapshot.day)
        if theirs is None:
            return None
        apart = abs(theirs - mine) % 24
        # Clocks a whole day apart show the same hours.
        return max(0.0, ENDS - BEGINS - min(apart, 24 - apart))

    def value(zone: str) -> float:
        shared = common(zone)
        return 0 if shared is None else shared / (ENDS - BEGINS) - 0.5

    values = people.timezone.map(value)

    def reason(person: int) -> Reason | None:
        shared = common(people.timezone.at(person))
        if shared is None:
            return None
        told = f"{shared:g}"
        return Reason(tell("shares %(hours)s of %(all)d working hours with you", hours=told, all=ENDS - BEGINS))

    return Evidence(HOURS, np.asarray(values, dtype=np.float32), reason)


def _spoken(name: str) -> str:
    """`de-CH` and `DE` are one language; names are compared as they are written."""
    text = name.strip().casefold().replace("_", "-")
    tag, _, _ = text.partition("-")
    return tag if len(tag) in (2, 3) else text


@lru_cache(maxsize=4096)
def _offset(zone: str, day: str) -> float | None:
    """Hours that a zone's clock is ahead of UTC on a day; None for a name that is none of the IANA's."""
    try:
        found = ZoneInfo(zone) if zone else None
    except (LookupError, ValueError, OSError):
        return None
    offset = found.utcoffset(datetime.fromisoformat(day).replace(hour=12)) if found else None
    return offset / timedelta(hours=1) if offset is not None else None
