"""What an explanation is made of: paths in the graph, reasons, contributions."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Node:
    label: str
    id: str


@dataclass(frozen=True)
class Step:
    """One relationship of the graph, in the direction in which it is stored."""

    start: Node
    relation: str
    end: Node


@dataclass(frozen=True)
class Reason:
    """A sentence for a person, and the steps in the graph that it rests on (none where it rests on text)."""

    text: str
    path: tuple[Step, ...] = field(default=())


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to a score: `points` = `weight` times `value`. Scores are the sum of points."""

    feature: str
    value: float
    weight: float
    points: float
    reason: Reason | None


@dataclass(frozen=True)
class Fact:
    """Something that is known of a person; `id` that of the skill, community, unit or manager, '' for their text."""

    kind: Literal["skill", "wish", "membership", "text", "unit", "manager"]
    id: str
    text: str  # "without ..."


@dataclass(frozen=True)
class Change:
    """Without the fact, the place of the community among all candidates, from 1; None: nothing would speak for it."""

    without: Fact
    place: int | None

    @property
    def text(self) -> str:
        if self.place is None:
            return f"without {self.without.text} nothing would speak for it"
        return f"without {self.without.text} it would rank {_ordinal(self.place)}"


def listed(names: list[str], most: int = 3) -> str:
    """`A`, `A and B`, `A, B and C`, `A, B, C and 4 more`."""
    shown, more = names[:most], len(names) - most
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)


def _ordinal(place: int) -> str:
    ending = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"
