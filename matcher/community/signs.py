"""What counts as a sign of life of a community, and when there was one: search, recommendations, the audit and the
measures of vitality all count by it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from graph.models import latest_day, ordinal
from graph.reads.communities import Practice

Days = NDArray[np.int64]

# Of posts elsewhere the months that have any are counted: a channel has more of them in a day than meetings in a year.
KINDS = ("meetings", "questions", "advice", "posts", "joins")


@dataclass(frozen=True)
class Signs:
    """Of one community: the days of each kind as ordinals, and how many have none."""

    days: Mapping[str, Days]
    undated: Mapping[str, int]

    def between(self, kind: str, after: float, until: float) -> int:
        """How many are dated behind the day `after`, up to `until`."""
        days = self.days[kind]
        return int(((days > after) & (days <= until)).sum())

    def tells(self, kind: str) -> bool:
        """Whether its silence would say anything: not if most of what is known of it bears no date."""
        return self.undated[kind] <= len(self.days[kind])


def signs_of(practice: Practice, joined_on: Sequence[str], today: int) -> Signs:
    """`joined_on` '' where it is not known; `today` as an ordinal."""
    given = {**_days(practice), "joins": joined_on}
    return Signs(
        {kind: past(days, today) for kind, days in given.items()},
        {kind: sum(not day for day in days) for kind, days in given.items()},
    )


def _days(practice: Practice) -> dict[str, Sequence[str]]:
    """Of each kind but joinings; '' where it is not known."""
    return {
        "meetings": [day for day, _ in practice.meetings],
        "questions": [day for day, _ in practice.questions],
        "advice": [day for day, _ in practice.advice],
        "posts": practice.posts,
    }


def latest_sign(signs: Iterable[Signs], today: int) -> int:
    """The last day that anything is dated; `today` where nothing is."""
    return max((int(days.max()) for one in signs for days in one.days.values() if len(days)), default=today)


def past(days: Iterable[str], today: int) -> Days:
    """At the latest possible day, but no later than today; what certainly lies ahead is left out."""
    spans = (_span(day[:10]) for day in days if day)
    return np.array([min(latest, today) for earliest, latest in spans if earliest <= today], dtype=np.int64)


@lru_cache(maxsize=50_000)  # of as many days as a century has, much is dated
def _span(day: str) -> tuple[int, int]:
    """The first and the last day that it may be, as ordinals."""
    return date.fromisoformat(f"{day}-01-01"[:10]).toordinal(), ordinal(day)


@dataclass(frozen=True)
class LastSigns:
    """When something went on last, by community; `latest` anywhere in the organisation ('' where nothing is dated).

    Long ago is measured from `latest`: an export that ended a year ago makes nobody quiet.
    """

    days: Mapping[str, str] = field(default_factory=dict[str, str])
    latest: str = ""

    @classmethod
    def of(cls, practice: Mapping[str, Practice], today: str) -> "LastSigns":
        """Of all kinds but joinings; what lies ahead of `today` (ISO 8601) is left out."""
        last = {
            key: max((day[:10] for days in _days(one).values() for day in days if day[:10] <= today), default="")
            for key, one in practice.items()
        }
        return cls({key: day for key, day in last.items() if day}, max(last.values(), default=""))

    def long_ago(self, day: str) -> bool:
        """Whether a year lies between the day, at its latest possible, and the latest."""
        return latest_day(day) < f"{int(self.latest[:4]) - 1:04d}{self.latest[4:]}"
