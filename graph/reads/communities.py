"""Reads about communities: all of them, their rosters, and how skills nest."""

from dataclasses import dataclass
from typing import Any

from graph.database import Read, Row
from graph.models import Community, Principal


@dataclass(frozen=True)
class Roster:
    """The spells of membership in one community as parallel lists; '' stands for an absent value."""

    community_id: str
    person_ids: list[str]
    joined_on: list[str]
    left_on: list[str]
    engagement: list[str]
    role: list[str]


def all_communities(as_of: str | None, principal: Principal) -> Read[list[Community]]:
    """The communities that the principal may see, ordered by id, whatever their status.

    In a replay the catalogue (id, name, domain texts, visibility) counts as given; status and the dates of
    founding and retiring are hidden.
    """

    def parse(rows: list[Row]) -> list[Community]:
        return [community_of(row["community"], row["skills"], as_of is not None) for row in rows]

    return Read("read/all_communities", _viewer(principal), parse)


def all_rosters(principal: Principal) -> Read[list[Roster]]:
    """All spells, of every date, in the communities that the principal may see."""

    def parse(rows: list[Row]) -> list[Roster]:
        return [Roster(**row) for row in rows]

    return Read("read/all_rosters", _viewer(principal), parse)


def broader_skills() -> Read[dict[str, tuple[str, ...]]]:
    """Skill id to the ids of the skills that are one step broader."""

    def parse(rows: list[Row]) -> dict[str, tuple[str, ...]]:
        return {row["skill_id"]: tuple(row["broader_ids"]) for row in rows}

    return Read("read/broader_skills", {}, parse)


def _viewer(principal: Principal) -> dict[str, Any]:
    return {"viewer_id": principal.person_id, "sees_restricted": principal.sees_restricted}


def community_of(stored: dict[str, Any], skills: list[list[str]], replay: bool) -> Community:
    return Community(
        id=stored["id"],
        name=stored.get("name", stored["id"]),
        domain=stored.get("domain", ""),
        kind=stored.get("kind"),
        status="active" if replay else stored.get("status", "active"),
        visibility=stored.get("visibility", "open"),
        audience=stored.get("audience"),
        language=stored.get("language"),
        founded_on=None if replay else stored.get("founded_on"),
        retired_on=None if replay else stored.get("retired_on"),
        topics=tuple(stored.get("topics", ())),
        contacts=tuple(stored.get("contacts", ())),
        meetings=tuple(stored.get("meetings", ())),
        skill_ids=tuple(skill_id for skill_id, _ in skills),
        skill_names=tuple(name or skill_id for skill_id, name in skills),
        goal_ids=tuple(stored.get("goal_ids", ())),
    )
