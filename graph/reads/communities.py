"""Reads about communities, their rosters, and how skills nest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph.charters import told
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

    def only(self, kept: Sequence[int]) -> "Roster":
        """The spells at those places of the lists."""
        lists = (self.person_ids, self.joined_on, self.left_on, self.engagement, self.role)
        return Roster(self.community_id, *([one[at] for at in kept] for one in lists))


@dataclass(frozen=True)
class Asked:
    """A question as it was put in a community."""

    id: str
    title: str
    text: str
    community_id: str


@dataclass(frozen=True)
class Told:
    """What is told of a meeting; '' and no items for what is not."""

    id: str
    title: str
    summary: str
    agenda: tuple[str, ...]
    community_id: str


@dataclass(frozen=True)
class Practice:
    """What went on in a community. Each entry begins with its day, '' where that is not known: of meetings, also those
    that lie ahead, with how many came; of questions with who asked, of advice with who gave it (id, or ''). `posts` are
    the months in which it talked elsewhere, `ids` those of all meetings, questions and pieces of advice."""

    meetings: Sequence[tuple[str, int]] = ()
    questions: Sequence[tuple[str, str]] = ()
    advice: Sequence[tuple[str, str]] = ()
    posts: Sequence[str] = ()
    ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MeetingAhead:
    """A meeting that is still to come, or (`recurrence`) the latest of a series; `starts_at` as it was given.

    `timezone`: of wall times, its own or its community's. A series has no meetings from `ended_at` on.
    """

    id: str
    community_id: str
    title: str
    starts_at: str
    recurrence: str | None
    timezone: str | None = None
    ended_at: str | None = None


def communities(as_of: str | None, principal: Principal, ids: list[str]) -> Read[dict[str, Community]]:
    """Those of some communities that the principal may see, by id and in its order, whatever their status.

    In a replay the catalogue (id, name, texts of domain and charter, visibility) counts as given; status, the dates of
    founding and retiring, and the glossary are hidden.
    """

    def parse(rows: list[Row]) -> dict[str, Community]:
        found = (
            replace(
                community_of(row["community"], row["skills"], as_of is not None),
                charter=told(row["charter"]),
                insider_ids=() if as_of is not None else tuple(sorted(row["insiders"])),
                glossary=() if as_of is not None else tuple((term, said) for term, said in row["glossary"]),
            )
            for row in rows
        )
        return {community.id: community for community in found}

    return Read("read/communities", _seen(principal, ids), parse)


def rosters(principal: Principal, ids: list[str]) -> Read[dict[str, Roster]]:
    """All spells, of every date, in those of some communities that the principal may see, by community.

    A community that nobody was ever in has no roster.
    """

    def parse(rows: list[Row]) -> dict[str, Roster]:
        return {row["community_id"]: Roster(**row) for row in rows}

    return Read("read/rosters", _seen(principal, ids), parse)


def membership_ends(ids: list[str]) -> Read[dict[str, str]]:
    """Membership id to community id, of those memberships that are there."""
    return Read("read/membership_ends", {"ids": ids}, lambda rows: {row["id"]: row["community_id"] for row in rows})


def practice(ids: list[str]) -> Read[dict[str, Practice]]:
    """By community, of some: those that have met, talked, or been asked anything that is not private."""

    def parse(rows: list[Row]) -> dict[str, Practice]:
        found: dict[str, Practice] = {}
        for row in rows:
            lists = (row["meetings"], row["questions"], row["advice"])
            meetings, questions, advice = (tuple((day, what) for day, what, _ in some) for some in lists)
            ids = frozenset(key for some in lists for _, _, key in some)
            found[row["community_id"]] = Practice(meetings, questions, advice, tuple(row["posts"]), ids)
        return found

    return Read("read/practice", {"ids": ids}, parse)


def practice_ends(ids: list[str]) -> Read[list[str]]:
    """The communities that some questions, pieces of advice and meetings belong to."""
    return Read("read/practice_ends", {"ids": ids}, lambda rows: rows[0]["ids"])


def sponsors() -> Read[dict[str, tuple[str, ...]]]:
    """The ids of who sponsors each community that has a sponsor, whether or not they are still there."""
    return Read("read/sponsors", {}, lambda rows: {row["community_id"]: tuple(row["person_ids"]) for row in rows})


def meetings_ahead(today: str, ids: list[str] | None = None) -> Read[list[MeetingAhead]]:
    """Of the communities of `ids`; None: of all."""
    parameters = {"today": today, "ids": ids}
    return Read("read/meetings_ahead", parameters, lambda rows: [MeetingAhead(**row) for row in rows])


def meeting_moments(today: str) -> Read[dict[str, tuple[tuple[str, str | None], ...]]]:
    """By community the starts of its meetings on record, up to `today`, each with the zone of its wall time."""

    def parse(rows: list[Row]) -> dict[str, tuple[tuple[str, str | None], ...]]:
        return {row["community_id"]: tuple((at, zone) for at, zone in row["moments"]) for row in rows}

    return Read("read/meeting_moments", {"today": today}, parse)


def questions() -> Read[list[Asked]]:
    """What was asked in communities and is not private, answered or not, in the order of ids."""
    return Read("read/community_questions", {}, lambda rows: [Asked(**row) for row in rows])


def meetings_told() -> Read[list[Told]]:
    """What the meetings of communities are about, past and ahead, in the order of ids; those that tell nothing are
    left out."""

    def parse(rows: list[Row]) -> list[Told]:
        return [
            Told(row["id"], row["title"], row["summary"], tuple(row["agenda"]), row["community_id"]) for row in rows
        ]

    return Read("read/meetings_told", {}, parse)


def unanswered_questions() -> Read[list[Asked]]:
    """What nobody advised on and is not private, in the order of ids; `community_id` '' for what was asked in none."""
    return Read("read/unanswered_questions", {}, lambda rows: [Asked(**row) for row in rows])


def broader_skills(ids: list[str] | None = None) -> Read[dict[str, tuple[str, ...]]]:
    """Skill id to the ids of the skills that are one step broader, of skills that have any; `ids` None: of all."""

    def parse(rows: list[Row]) -> dict[str, tuple[str, ...]]:
        return {row["skill_id"]: tuple(row["broader_ids"]) for row in rows}

    return Read("read/broader_skills", {"ids": ids}, parse)


def _seen(principal: Principal, ids: list[str]) -> dict[str, Any]:
    return {"ids": ids, "viewer_id": principal.person_id, "sees_restricted": principal.sees_restricted}


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
        timezone=stored.get("timezone"),
        skill_ids=tuple(skill_id for skill_id, _ in skills),
        skill_names=tuple(name or skill_id for skill_id, name in skills),
        goal_ids=tuple(stored.get("goal_ids", ())),
        part_of_id=stored.get("part_of_id"),
        externals_allowed=bool(stored.get("externals_allowed", False)),
    )
