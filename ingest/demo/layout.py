"""What the parts of the demo organisation share: its YAML files, its dice and its calendar.

Time is counted in days before a given day ("days ago"), and turned into dates only when rows are written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import yaml

from graph.text import fold

FOLDER = Path(__file__).parent
SEED = "halden"
MONTH = 365.25 / 12

# Letters that Unicode does not take apart into a plain one and a mark.
_UNMARKED = str.maketrans({"ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ı": "i", "’": "", "'": "", ".": ""})

# The C loader reads the texts ten times faster; it is missing where PyYAML was built without libyaml.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

T = TypeVar("T")


@cache
def read(name: str) -> Any:
    """The content of NAME.yaml in this folder. It is shared: nobody may change it."""
    with (FOLDER / f"{name}.yaml").open(encoding="utf-8") as file:
        return yaml.load(file, _Loader)


def dice(*purpose: str) -> Random:
    """A generator of its own for each purpose, so that a line added in one place reshuffles no other."""
    return Random("/".join((SEED, *purpose)))


def slug(text: str) -> str:
    """A readable id: `Łucja Ní Bhriain` -> `lucja-ni-bhriain`."""
    plain = fold(text.lower().translate(_UNMARKED))
    return "-".join("".join(char if char.isascii() and char.isalnum() else " " for char in plain).split())


def months(count: float) -> int:
    """Months as days."""
    return round(count * MONTH)


def draw(rng: Random, weights: Mapping[T, float], count: int) -> list[T]:
    """Up to `count` different keys, the heavier the likelier; never one without weight. The first drawn come first."""
    # Efraimidis and Spirakis: the largest of u ** (1 / w) are a weighted sample without replacement.
    keyed = [(rng.random() ** (1 / weight), item) for item, weight in weights.items() if weight > 0]
    keyed.sort(key=lambda pair: -pair[0])
    return [item for _, item in keyed[:count]]


def descending(items: Sequence[T]) -> dict[T, float]:
    """Weights for a list that names the most usual first."""
    return {item: 1 / (1 + 0.15 * place) for place, item in enumerate(items)}


@dataclass(frozen=True)
class Calendar:
    today: date

    def date(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    def day(self, days_ago: int) -> str:
        return self.date(days_ago).isoformat()

    def month(self, days_ago: int) -> str:
        return self.day(days_ago)[:7]

    def year(self, days_ago: int) -> str:
        return self.day(days_ago)[:4]

    def weekday_from(self, days_ago: int, weekday: int) -> int:
        """Days ago of the first such weekday (Monday is 0) on or after the day; it may be up to six days later."""
        return days_ago - (weekday - self.date(days_ago).weekday()) % 7

    def working_day(self, days_ago: int) -> int:
        """The same day, or the Friday before it where it falls on a weekend."""
        return days_ago + max(0, self.date(days_ago).weekday() - 4)
