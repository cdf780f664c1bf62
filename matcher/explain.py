"""What an explanation is made of: paths in the graph, reasons, contributions."""

from dataclasses import dataclass, field
from typing import Literal

from graph.sentences import Sentence, tell


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
    """A sentence for a person, and steps in the graph that it rests on: some of them where it counts many alike, none
    where it rests on text."""

    text: Sentence
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
    text: Sentence  # "without ..."


@dataclass(frozen=True)
class Change:
    """Without the fact, the place of the community among all candidates, from 1; None: nothing would speak for it."""

    without: Fact
    place: int | None

    @property
    def text(self) -> Sentence:
        if self.place is None:
            return tell("without %(fact)s nothing would speak for it", fact=self.without.text)
        return tell("without %(fact)s it would rank %(place)s", fact=self.without.text, place=_ordinal(self.place))


def _ordinal(place: int) -> Sentence:
    last = 0 if 10 <= place % 100 <= 20 else place % 10
    if last == 1:
        return tell("%(place)dst", place=place)
    if last == 2:
        return tell("%(place)dnd", place=place)
    if last == 3:
        return tell("%(place)drd", place=place)
    return tell("%(place)dth", place=place)
