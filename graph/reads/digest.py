"""Reads of what is due for a person beside requests for help, and of what they chose for their digest."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from graph.database import Read, Row
from graph.models import RANKS, Part, Role, parts_of
from graph.reads.resources import version_of

FREQUENCIES = ("daily", "weekly", "never")
PARTS = ("requests", "meetings", "newcomers", "charters", "findings")

# Days for which somebody is new.
NEW = 30
# Days for which it is told what was decided on somebody's request to join.
TOLD = 14


@dataclass(frozen=True)
class NewHere:
    """Somebody who joined a community that the person leads or is core of."""

    person_id: str
    name: str
    community_id: str
    community: str
    joined_on: str


@dataclass(frozen=True)
class LetIn:
    """`what`: asked (somebody asks to be let in, and the person decides), or decided (on what they asked themselves:
    `state`, with the `reason` of a no)."""

    id: str
    person_id: str
    name: str
    community_id: str
    community: str
    what: str
    state: str
    at: str
    reason: str | None


@dataclass(frozen=True)
class CharterMatter:
    """`what`: sponsorship (the person was asked to sponsor it), or objections to its draft that are open (`number`)."""

    community_id: str
    community: str
    what: str
    at: str
    number: int


@dataclass(frozen=True)
class Preferences:
    """What a person wants of their digest; for themselves alone to see. A pause lasts to the end of its day."""

    frequency: str = "weekly"
    parts: tuple[str, ...] = PARTS
    paused_until: str | None = None

    @property
    def version(self) -> str:
        return version_of(self)


@dataclass(frozen=True)
class Recipient:
    """`sent_on`: the day of the last digest that was sent to them. `role`: the highest that they have,
    by a role that was given or by a key."""

    id: str
    name: str
    email: str | None
    preferences: Preferences
    sent_on: str | None
    role: Role


def new_here(person_id: str, today: str) -> Read[list[NewHere]]:
    """Who joined within NEW days, and nobody is on record to have greeted them; for leads and core members."""

    def parse(rows: list[Row]) -> list[NewHere]:
        found: list[NewHere] = []
        for row in rows:
            held = parts_of(row.pop("engagement"), row.pop("role"))
            one = NewHere(**row)
            if held & {Part.LEAD, Part.CORE} and one not in found:
                found.append(one)
        return found

    since = (date.fromisoformat(today) - timedelta(days=NEW)).isoformat()
    return Read("read/digest_newcomers", {"person_id": person_id, "since": since, "today": today}, parse)


def letting_in(person_id: str, today: str, *, manages: bool) -> Read[list[LetIn]]:
    """Who waits to be let in by the person as a lead, or as a knowledge manager (`manages`) where nobody leads; and
    what became within TOLD days of what they asked themselves."""

    def parse(rows: list[Row]) -> list[LetIn]:
        found: dict[str, LetIn] = {}
        for row in rows:
            leads = Part.LEAD in parts_of(row.pop("engagement"), row.pop("role"))
            led = any(Part.LEAD in parts_of(None, role) for role in row.pop("roles"))
            if row.pop("leaderless"):
                leads = not led
            if leads or row["what"] == "decided":
                found.setdefault(row["id"], LetIn(**row))
        return list(found.values())

    since = (date.fromisoformat(today) - timedelta(days=TOLD)).isoformat()
    parameters = {"person_id": person_id, "since": since, "today": today, "manages": manages}
    return Read("read/digest_join_requests", parameters, parse)


def charter_matters(person_id: str, today: str) -> Read[list[CharterMatter]]:
    """What waits for the person as the one asked to sponsor, as sponsor or as lead."""

    def parse(rows: list[Row]) -> list[CharterMatter]:
        found: dict[tuple[str, str], CharterMatter] = {}
        for row in rows:
            leads = Part.LEAD in parts_of(row["engagement"], row["role"])
            if row["what"] == "sponsorship" or row["sponsors"] or leads:
                one = CharterMatter(row["community_id"], row["community"], row["what"], row["at"], row["number"])
                found.setdefault((one.what, one.community_id), one)
        return list(found.values())

    return Read("read/digest_charters", {"person_id": person_id, "today": today}, parse)


def recipients(person_id: str | None, today: str) -> Read[list[Recipient]]:
    """One person (none, if they are not here) or everybody who has not left, in the order of ids."""
    return Read(
        "read/digest_recipients", {"person_id": person_id, "today": today}, lambda rows: [_recipient(r) for r in rows]
    )


def _recipient(row: Row) -> Recipient:
    chosen: dict[str, Any] = row["chosen"] or {}
    usual = Preferences()
    preferences = Preferences(
        chosen.get("frequency") or usual.frequency,
        tuple(chosen["parts"]) if chosen.get("parts") is not None else usual.parts,
        chosen.get("paused_until"),
    )
    role = max((Role(one) for one in row["roles"]), key=RANKS.index, default=Role.MEMBER)
    return Recipient(row["id"], row["name"], row["email"], preferences, row["sent_on"], role)
