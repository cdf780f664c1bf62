"""What counts as a sign of life of a community, and when there was one: the audit and the measures of vitality count
alike. What recommendations call recent activity (matcher.snapshot) is of the same kinds but for joinings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from graph.models import latest_day, ordinal
from graph.reads.communities import Practice

Days = NDArray[np.int64]

KINDS = ("meetings", "questions", "advice", "joins")


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
    given: dict[str, Sequence[str]] = {
        "meetings": [day for day, _ in practice.meetings],
        "questions": [day for day, _ in practice.questions],
        "advice": [day for day, _ in practice.advice],
        "joins": joined_on,
    }
    return Signs(
        {kind: past(days, today) for kind, days in given.items()},
        {kind: sum(not day for day in days) for kind, days in given.items()},
    )


def latest_sign(signs: Iterable[Signs], today: int) -> int:
    """The last day that anything is dated; `today` where nothing is."""
    return max((int(days.max()) for one in signs for days in one.days.values() if len(days)), default=today)


def past(days: Iterable[str], today: int) -> Days:
    """At the latest possible day, but no later than today; what certainly lies ahead is left out."""
    begun = (day[:10] for day in days if day and date.fromisoformat(f"{day[:10]}-01-01"[:10]).toordinal() <= today)
    return np.array([min(ordinal(day), today) for day in begun], dtype=np.int64)


@dataclass(frozen=True)
class LastSigns:
    """When something went on last, by community; `latest` anywhere in the organisation ('' where nothing is dated).

    Long ago is measured from `latest`: an export that ended a year ago makes nobody quiet.
    """

    days: Mapping[str, str] = field(default_factory=dict[str, str])
    latest: str = ""

    @classmethod
    def of(cls, activity: Mapping[str, Sequence[str]], today: str) -> "LastSigns":
        """`activity` as graph.reads.communities.activity has it; what lies ahead of `today` (ISO 8601) is left out."""
        last = {key: max((day[:10] for day in days if day[:10] <= today), default="") for key, days in activity.items()}
        return cls({key: day for key, day in last.items() if day}, max(last.values(), default=""))

    def long_ago(self, day: str) -> bool:
        """Whether a year lies between the day, at its latest possible, and the latest."""
        return latest_day(day) < f"{int(self.latest[:4]) - 1:04d}{self.latest[4:]}"
