"""Reads of single things as people meet them, each with its version, and of what hangs on them."""

from dataclasses import dataclass, replace
from datetime import date

from graph.database import Read, Row, Steps, ask
from graph.errors import Forbidden, NotFound
from graph.facts import content_hash
from graph.models import Community, Part, Principal, Role, parts_of
from graph.reads.communities import community_of
from graph.sentences import Sentence, joined, tell

_A_ROLE = {
    Role.MEMBER: tell("anybody"), Role.KNOWLEDGE_MANAGER: tell("a knowledge manager"), Role.ADMIN: tell("an admin"),
}  # fmt: skip
_A_PART = {
    Part.MEMBER: tell("a member"), Part.CORE: tell("a core member"), Part.LEAD: tell("a lead"),
    Part.SPONSOR: tell("a sponsor"), Part.PROPOSER: tell("a proposer"),
}  # fmt: skip
_THIS = tell("This")


@dataclass(frozen=True)
class CommunityDetails:
    """A community with what hangs on it; `members` counts people who are in it today."""

    community: Community
    members: int
    successor_ids: tuple[str, ...]

    @property
    def version(self) -> str:
        """Moves with the content, not with who joins."""
        return version_of(self.community, self.successor_ids)


@dataclass(frozen=True)
class Member:
    person_id: str
    name: str
    engagement: str | None
    role: str | None
    joined_on: str | None


@dataclass(frozen=True)
class Spell:
    """One spell of a membership. `history` holds each change of level as `DAY LEVEL`."""

    id: str
    engagement: str | None
    role: str | None
    joined_on: str | None
    left_on: str | None
    history: tuple[str, ...]

    @property
    def version(self) -> str:
        return version_of(self)

    def is_current(self, day: str) -> bool:
        return self.left_on is None or self.left_on > day


@dataclass(frozen=True)
class Dismissal:
    community_id: str
    name: str
    reason: str | None
    until: str | None
    at: str


@dataclass(frozen=True)
class HelperDismissal:
    person_id: str
    name: str
    reason: str | None
    until: str | None
    at: str


def version_of(*parts: object) -> str:
    """A short digest of content: equal versions mean equal content."""
    return content_hash({"parts": [repr(part) for part in parts]})


def no_community(community_id: str) -> NotFound:
    """What is told of a community that is not there and of one that the principal may not see alike."""
    return NotFound(tell("There is no community with the id %(community_id)r.", community_id=community_id))


def community(community_id: str, principal: Principal) -> Read[CommunityDetails | None]:
    """The community, or None where there is none that the principal may see."""

    def parse(rows: list[Row]) -> CommunityDetails | None:
        if not rows:
            return None
        row = rows[0]
        stored = community_of(row["community"], row["skills"], False)
        found = replace(stored, goal_ids=tuple(row["goals"]), part_of_id=next(iter(row["whole"]), None))
        return CommunityDetails(found, row["members"], tuple(row["successors"]))

    parameters = {
        "id": community_id, "viewer_id": principal.person_id, "sees_restricted": principal.sees_restricted,
        "external": principal.external, "today": date.today().isoformat(),
    }  # fmt: skip
    return Read("read/community", parameters, parse)


def seen(community_id: str, principal: Principal) -> Steps[CommunityDetails]:
    """The community as the principal may see it. Raises NotFound where there is none that they may."""
    found = yield from ask(community(community_id, principal))
    if found is None:
        raise no_community(community_id)
    return found


def seen_at_work(community_id: str, principal: Principal) -> Steps[CommunityDetails]:
    """The community, for who may see what it does together: its meetings, agendas and what it made. People from outside
    the organisation do where they are in it, not where they are admitted only. Raises NotFound."""
    found = yield from seen(community_id, principal)
    person = principal.person_id
    if principal.role is Role.MEMBER and person is not None:
        parameters = {"person_id": person, "community_id": community_id, "today": date.today().isoformat()}
        outside = Read("read/outside", parameters, lambda rows: any(row["outside"] for row in rows))
        if (yield from ask(outside)):
            raise no_community(community_id)
    return found


# The level of those who declared none.
UNSTATED = "unstated"


def members(community_id: str, after: str, limit: int, level: str | None = None) -> Read[list[Member]]:
    """Current members behind the person with the id `after`, in the order of names; of a `level` (or UNSTATED) alone,
    if one is given."""
    today = date.today().isoformat()
    parameters = {"id": community_id, "today": today, "after": after, "level": level, "limit": limit}
    return Read("read/community_members", parameters, lambda rows: [Member(**row) for row in rows])


def members_by_level(community_id: str, limit: int) -> Read[dict[str, tuple[list[Member], int]]]:
    """Of the current members who declared each level (UNSTATED for none) the first by name, and how many there are."""
    parameters = {"id": community_id, "today": date.today().isoformat(), "limit": limit}

    def parse(rows: list[Row]) -> dict[str, tuple[list[Member], int]]:
        return {row["level"]: ([Member(**one) for one in row["first"]], row["number"]) for row in rows}

    return Read("read/members_by_level", parameters, parse)


def responsible(community_id: str) -> Read[dict[str, tuple[str, frozenset[Part]]]]:
    """Name and parts of everybody who bears a role in the community today or sponsors it, by id, in the order of
    names."""
    return Read("read/responsible", {"id": community_id, "today": date.today().isoformat()}, held_parts)


def held_parts(rows: list[Row]) -> dict[str, tuple[str, frozenset[Part]]]:
    """Name and parts of each person by id, of rows with their `spells` (level, role) and whether one `sponsors`."""
    found: dict[str, tuple[str, frozenset[Part]]] = {}
    for row in rows:
        held = {Part.SPONSOR} if row["sponsors"] else set[Part]()
        held.update(*(parts_of(engagement, role) for engagement, role in row["spells"]))
        found[row["person_id"]] = row["name"], frozenset(held)
    return found


def spells(person_id: str, community_id: str) -> Read[list[Spell]]:
    """All spells of one person in one community, the latest first."""

    def parse(rows: list[Row]) -> list[Spell]:
        return [
            Spell(r["id"], r["engagement"], r["role"], r["joined_on"], r["left_on"], tuple(r["history"])) for r in rows
        ]

    return Read("read/spells", {"person_id": person_id, "community_id": community_id}, parse)


def standing(community_id: str, person_id: str) -> Read[frozenset[Part]]:
    """What a person is in a community today; nothing for somebody who has left, or is not there."""

    def parse(rows: list[Row]) -> frozenset[Part]:
        parts: set[Part] = set()
        for row in rows:
            parts.update(*(parts_of(engagement, role) for engagement, role in row["spells"]))
            parts.update([Part.SPONSOR] if row["sponsors"] else [])
            parts.update([Part.PROPOSER] if row["proposed"] else [])
        return frozenset(parts)

    parameters = {"community_id": community_id, "person_id": person_id, "today": date.today().isoformat()}
    return Read("read/standing", parameters, parse)


def allowed(
    principal: Principal,
    community_id: str,
    *parts: Part,
    least: Role | None = Role.KNOWLEDGE_MANAGER,
    what: Sentence = _THIS,
) -> Steps[CommunityDetails]:
    """The community, for somebody who is one of `parts` in it, or whose role is `least` or more (None: no role is
    enough); `what` is what for.

    Raises NotFound where they may not see it, and Forbidden, naming who may, where they are nothing of that in it.
    """
    found = yield from seen(community_id, principal)
    if least is not None and principal.may(least):
        return found
    person = principal.person_id
    held = (yield from ask(standing(community_id, person))) if person is not None else frozenset[Part]()
    if not held & set(parts):
        raise Forbidden(tell("%(what)s is for %(who)s.", what=what, who=_who_may(found.community.name, parts, least)))
    return found


def _who_may(name: str, parts: tuple[Part, ...], least: Role | None) -> Sentence:
    """`a lead, a core member or a sponsor of Knots, or a knowledge manager`."""
    named = [_A_PART[part] for part in parts]
    if not named:
        return joined("", [_A_ROLE[least]] if least is not None else [])
    some = joined(", ", named[:-1])
    told = tell("%(some)s or %(last)s", some=some, last=named[-1]) if len(named) > 1 else named[-1]
    of = tell("%(parts)s of %(name)s", parts=told, name=name)
    if least is None:
        return of
    if len(named) > 1:
        return tell("%(parts)s, or %(role)s", parts=of, role=_A_ROLE[least])
    return tell("%(parts)s or %(role)s", parts=of, role=_A_ROLE[least])


def belongs(principal: Principal, community_id: str) -> Steps[bool]:
    """Whether the principal is anything in the community, or a knowledge manager."""
    if principal.sees_restricted or principal.person_id is None:
        return principal.sees_restricted
    return bool((yield from ask(standing(community_id, principal.person_id))))


def dismissals(person_id: str) -> Read[list[Dismissal]]:
    return Read("read/dismissals", {"person_id": person_id}, lambda rows: [Dismissal(**row) for row in rows])


def helper_dismissals(person_id: str) -> Read[list[HelperDismissal]]:
    """Whom the person does not want suggested as helpers, expired ones too."""
    return Read(
        "read/helper_dismissals", {"person_id": person_id}, lambda rows: [HelperDismissal(**row) for row in rows]
    )
