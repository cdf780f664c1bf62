"""What an explanation is made of: paths in the graph, reasons, contributions."""

from dataclasses import dataclass, field


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


def listed(names: list[str], most: int = 3) -> str:
    """`A`, `A and B`, `A, B and C`, `A, B, C and 4 more`."""
    shown, more = names[:most], len(names) - most
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)
