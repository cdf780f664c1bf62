"""Calendar quarters: the fixed periods by which anything about a few people is counted.

Nobody chooses the days, so no two periods differ by one day, or by what one person did on it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from graph.errors import InvalidInput
from graph.sentences import tell

_WRITTEN = re.compile(r"(\d{4})-Q([1-4])")


@dataclass(frozen=True, order=True)
class Quarter:
    """`place` counts quarters since year 0. Written `2026-Q4`."""

    place: int

    def __str__(self) -> str:
        return f"{self.place // 4:04}-Q{self.place % 4 + 1}"

    @property
    def first_day(self) -> str:
        return f"{self.place // 4:04}-{self.place % 4 * 3 + 1:02}-01"

    @property
    def last_day(self) -> str:
        return day_before(self.before(-1).first_day)

    def before(self, count: int = 1) -> "Quarter":
        return Quarter(self.place - count)

    def is_over(self, today: str) -> bool:
        return today > self.last_day


def of_day(day: str) -> Quarter:
    """The quarter of a day, or of a month (`2026-11`)."""
    return Quarter(int(day[:4]) * 4 + (int(day[5:7]) - 1) // 3)


def parsed(text: str) -> Quarter:
    """Raises InvalidInput for what is not written like `2026-Q4`."""
    found = _WRITTEN.fullmatch(text)
    if found is None or not 1 < int(found[1]) < 9999:
        raise InvalidInput(tell("quarter: must be written like 2026-Q4, not %(text)r.", text=text))
    return Quarter(int(found[1]) * 4 + int(found[2]) - 1)


def latest_over(today: str, count: int) -> Iterator[Quarter]:
    """The last `count` quarters that are over, the latest first."""
    present = of_day(today)
    return (present.before(back) for back in range(1, count + 1))


def day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
