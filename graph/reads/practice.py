"""Reads of questions and advice of one community, and of who knows people from outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from graph.database import Read, Row


@dataclass(frozen=True)
class Given:
    """A piece of advice; '' is a day that is not known. `external`: by somebody from outside the organisation."""

    helper_id: str
    external: bool
    advised_at: str
    outcome: str | None = None
    followed_up_at: str | None = None
    learned: str | None = None


@dataclass(frozen=True)
class Asked:
    id: str
    asked_at: str
    advice: tuple[Given, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Questions that are not private, and how many members each other community has in common with this one."""

    questions: tuple[Asked, ...] = ()
    shared: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class Tie:
    """What somebody inside has in common with somebody from outside: `how` met, community or advice, and where."""

    person_id: str
    name: str
    how: str
    what: str


def facts(community_id: str) -> Read[Facts]:
    def parse(rows: list[Row]) -> Facts:
        asked = [
            Asked(one["id"], one["asked_at"], tuple(Given(*given) for given in one["advice"]))
            for row in rows
            for one in row["questions"]
        ]
        return Facts(tuple(asked), {key: number for row in rows for key, number in row["shared"]})

    parameters = {"community_id": community_id, "today": date.today().isoformat()}
    return Read("read/practice_of", parameters, parse)


def outsiders() -> Read[frozenset[str]]:
    """The ids of people from outside the organisation who have not left."""
    return Read("read/outsiders", {"today": date.today().isoformat()}, lambda rows: frozenset(r["id"] for r in rows))


def ties(person_ids: list[str], community_ids: list[str]) -> Read[dict[str, list[Tie]]]:
    """Who inside knows each of these people, from `community_ids` alone: came to a meeting that they came to, is in a
    community with them, or asked what they advised on (no private questions)."""

    def parse(rows: list[Row]) -> dict[str, list[Tie]]:
        return {row["id"]: [Tie(*one) for one in row["ties"]] for row in rows}

    parameters = {"person_ids": person_ids, "community_ids": community_ids, "today": date.today().isoformat()}
    return Read("read/ties", parameters, parse)
