"""What a person is asked by the pulse, and how often each answer was given in a community."""

from dataclasses import dataclass
from datetime import date

from graph.database import Read, Row
from graph.pulse import Belonging, PulseQuestion, asked
from graph.quarters import of_day


@dataclass(frozen=True)
class Tally:
    """Of one question in one community and quarter: how often 1, 2, 3, 4 and 5 were answered. To be shown to nobody
    as it is (matcher.community.pulse)."""

    quarter: str
    question: str
    counts: tuple[int, ...]


def question(person_id: str, every: int, today: str | None = None) -> Read[PulseQuestion | None]:
    """What the person is asked today (see graph.pulse.asked); None: nothing, or there is no such person."""
    day = today or date.today().isoformat()

    def parse(rows: list[Row]) -> PulseQuestion | None:
        if not rows:
            return None
        communities = [Belonging(**one) for one in rows[0]["communities"]]
        return asked(person_id, communities, rows[0]["last"], every, day)

    return Read("read/pulse_of", {"person_id": person_id, "today": day}, parse)


def tallies(community_id: str, today: str | None = None) -> Read[list[Tally]]:
    """Of quarters that are over, the latest first; what is under way is read by nobody."""
    before = str(of_day(today or date.today().isoformat()))

    def parse(rows: list[Row]) -> list[Tally]:
        return [Tally(row["quarter"], row["question"], tuple(row["counts"])) for row in rows]

    return Read("read/pulse_tallies", {"id": community_id, "before": before}, parse)
