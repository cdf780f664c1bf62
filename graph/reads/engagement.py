"""Declared levels of engagement in a community, and what one person did in theirs."""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from graph.database import Read, Row

T = TypeVar("T", "LevelSpell", "OwnActs")


@dataclass(frozen=True)
class LevelSpell:
    """One spell of one person with the level declared. `history` holds each change of it as `DAY LEVEL`.

    `left_on` is the day on which they left the community or the organisation, whichever was first.
    """

    person_id: str
    engagement: str | None
    joined_on: str | None
    left_on: str | None
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnActs:
    """What a person declared and did in one community. `meetings` were held there since they joined."""

    community_id: str
    name: str
    engagement: str | None
    joined_on: str | None
    history: tuple[str, ...]
    meetings: int
    attended: int
    questions: int
    advice: int


def levels(community_id: str) -> Read[list[LevelSpell]]:
    """All spells of a community, in the order of people."""

    def parse(rows: list[Row]) -> list[LevelSpell]:
        return [_with_history(LevelSpell, row) for row in rows]

    return Read("read/levels", {"id": community_id}, parse)


def own_acts(person_id: str, since: str) -> Read[list[OwnActs]]:
    """Of each community that the person is in today. Acts are counted from the day `since` on; to be shown to nobody
    but the person."""

    def parse(rows: list[Row]) -> list[OwnActs]:
        return [_with_history(OwnActs, row) for row in rows]

    parameters = {"person_id": person_id, "since": since, "today": date.today().isoformat()}
    return Read("read/own_acts", parameters, parse)


def _with_history(kind: type[T], row: Row) -> T:
    row["history"] = tuple(row["history"])
    return kind(**row)
