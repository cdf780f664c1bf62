"""Newcomers of a community: what they met there, who accompanies them, and what there is for them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from graph.database import Read, Row
from graph.reads.resources import version_of


@dataclass(frozen=True)
class Greeting:
    person_id: str
    name: str
    on: str


@dataclass(frozen=True)
class Buddy:
    """Somebody who accompanies a newcomer, or was asked to. `state`: proposed, agreed, declined, ended."""

    person_id: str
    name: str
    state: str
    newcomer_agrees: bool
    buddy_agrees: bool
    since: str

    @property
    def version(self) -> str:
        return version_of(self)


@dataclass(frozen=True)
class Newcomer:
    """A member with what they met since they joined; days are None where it did not happen, or none is known."""

    person_id: str
    name: str
    engagement: str | None
    joined_on: str | None
    spell: str
    greetings: tuple[Greeting, ...]
    met_on: str | None
    answered_on: str | None
    buddies: tuple[Buddy, ...]


@dataclass(frozen=True)
class Accompanied:
    """A newcomer in the eyes of the one who accompanies them, or was asked to."""

    community_id: str
    community: str
    person_id: str
    name: str
    state: str
    newcomer_agrees: bool
    buddy_agrees: bool
    since: str


@dataclass(frozen=True)
class Candidate:
    """A member who might accompany a newcomer. `newcomers`: whom they accompany, or were asked to, at present."""

    person_id: str
    name: str
    engagement: str | None
    role: str | None
    joined_on: str | None
    timezone: str | None
    languages: tuple[str, ...]
    in_line: bool
    newcomers: int
    named_already: bool


@dataclass(frozen=True)
class WaitingQuestion:
    id: str
    title: str
    text: str
    asked_at: str


@dataclass(frozen=True)
class Host:
    """Somebody who leads or is core."""

    person_id: str
    name: str
    engagement: str | None
    role: str | None


@dataclass(frozen=True)
class Offers:
    """What a community has for somebody new. `meetings` are (id, title, starts_at), `artefacts` (id, title)."""

    regular: tuple[str, ...]
    meetings: tuple[tuple[str, str, str], ...]
    artefacts: tuple[tuple[str, str], ...]
    questions: tuple[WaitingQuestion, ...]
    people: tuple[Host, ...]


def newcomers(community_id: str, since: str) -> Read[list[Newcomer]]:
    """Current members who joined since a day, those who joined first first. One whose joining is known to the year
    only is none."""
    return _newcomers(community_id, since, None)


def member(community_id: str, person_id: str) -> Read[Newcomer | None]:
    """One current member in the same way, whenever they joined."""
    read = _newcomers(community_id, "", person_id)
    return Read(read.name, read.parameters, lambda rows: next(iter(read.parse(rows)), None))


def _newcomers(community_id: str, since: str, person_id: str | None) -> Read[list[Newcomer]]:
    def parse(rows: list[Row]) -> list[Newcomer]:
        return [_newcomer(row) for row in rows]

    parameters = {"id": community_id, "since": since, "today": date.today().isoformat(), "person_id": person_id}
    return Read("read/newcomers", parameters, parse)


def _newcomer(row: dict[str, Any]) -> Newcomer:
    greetings = tuple(Greeting(**one) for one in row.pop("greetings"))
    buddies = tuple(Buddy(**one) for one in row.pop("buddies"))
    return Newcomer(**row, greetings=greetings, buddies=buddies)


def accompanied(person_id: str) -> Read[list[Accompanied]]:
    """Newcomers whom a person accompanies or was asked to, the latest first."""
    return Read("read/buddies_of", {"person_id": person_id}, lambda rows: [Accompanied(**row) for row in rows])


def candidates(community_id: str, person_id: str, spell: str) -> Read[list[Candidate]]:
    """Members who let themselves be suggested and are of the organisation, in the order of ids."""

    def parse(rows: list[Row]) -> list[Candidate]:
        for row in rows:
            row["languages"] = tuple(row["languages"])
        return [Candidate(**row) for row in rows]

    parameters = {"id": community_id, "person_id": person_id, "spell": spell, "today": date.today().isoformat()}
    return Read("read/buddy_candidates", parameters, parse)


def offers(community_id: str) -> Read[Offers]:
    def parse(rows: list[Row]) -> Offers:
        if not rows:
            return Offers((), (), (), (), ())
        (row,) = rows
        return Offers(
            tuple(row["regular"]),
            tuple((one["id"], one["title"], one["starts_at"]) for one in row["meetings"]),
            tuple((one["id"], one["title"]) for one in row["artefacts"]),
            tuple(WaitingQuestion(**one) for one in row["questions"]),
            tuple(Host(**one) for one in row["people"]),
        )

    return Read("read/first_steps", {"id": community_id, "today": date.today().isoformat()}, parse)
