"""What the pulse says of a community: over time, from five answers on, and never so exactly that one could be told."""

from dataclasses import dataclass

from graph.database import Steps, ask
from graph.pulse import ANSWERS, QUESTIONS
from graph.reads import pulse as reads
from graph.reads.pulse import Tally
from matcher.community.disclosure import LEAST, rounded

# Means are told in steps of this. The outermost steps are not told apart from the next: where all said 1, or all 5,
# everybody's answer would be known.
STEP = 0.5
LOWEST, HIGHEST = 1.5, 4.5


@dataclass(frozen=True)
class Beat:
    """One question in one quarter. `mean` in steps of 0.5, 1.5 standing for that or less, 4.5 for that or more;
    `answers` rounded down to a multiple of five. Both are None where fewer than five answered."""

    quarter: str
    mean: float | None
    answers: int | None


@dataclass(frozen=True)
class Pulse:
    """One question over time, the latest quarter first. `change` from the last shown quarter but one to the last: up,
    down, as it was, or None where two are not shown."""

    question: str
    text: str
    quarters: tuple[Beat, ...]
    change: str | None

    @property
    def told(self) -> Beat | None:
        """The latest quarter of which anything is told."""
        return next((beat for beat in self.quarters if beat.mean is not None), None)


def of_community(community_id: str, today: str) -> Steps[list[Pulse]]:
    """Every question, also one that was not asked yet. Quarters under way are never told."""
    return concluded((yield from ask(reads.tallies(community_id, today))))


def concluded(tallies: list[Tally]) -> list[Pulse]:
    found: list[Pulse] = []
    for question, text in QUESTIONS.items():
        beats = tuple(_beat(one) for one in tallies if one.question == question)
        found.append(Pulse(question, text, beats, _change(beats)))
    return found


def _beat(tally: Tally) -> Beat:
    answers = sum(tally.counts)
    if answers < LEAST:
        return Beat(tally.quarter, None, None)
    mean = sum(value * count for value, count in zip(ANSWERS, tally.counts, strict=True)) / answers
    # Of a mean right between two steps the upper one: `round` would go to the even one.
    told = int(mean / STEP + 0.5) * STEP
    return Beat(tally.quarter, min(max(told, LOWEST), HIGHEST), rounded(answers))


def _change(beats: tuple[Beat, ...]) -> str | None:
    shown = [beat.mean for beat in beats if beat.mean is not None]
    if len(shown) < 2:
        return None
    return "up" if shown[0] > shown[1] else "down" if shown[0] < shown[1] else "as it was"
