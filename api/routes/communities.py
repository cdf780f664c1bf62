"""Communities and their members: create, change, retire; join, change level, leave."""

from dataclasses import asdict, replace
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import KnowledgeManager, Member, MemberOrOutsider, Serving
from api.problems import documented
from api.routes.people import CommunityId, PersonId, unknown
from api.writing import Write, answer
from graph.database import Transaction
from graph.errors import Forbidden, NotFound
from graph.facts import Fields
from graph.models import Part, Principal, Role
from graph.reads import people, resources
from graph.reads.resources import CommunityDetails, Spell
from graph.remedies import Retire
from graph.sentences import tell
from graph.writes import by_hand, remedies
from graph.writes.idempotency import Answer
from ingest.records import Engagement, Listed, OptionalId, OptionalText, Status, Text, Visibility, Zone

router = APIRouter(prefix="/v1/communities", tags=["communities"], responses=documented(401, 403, 404, 422, 503))


# Rows of one page of a list.
PAGE, LARGEST_PAGE = 50, 200

# As people declare them, the deepest first; and with what stands for none.
Declared = Literal["core", "active", "occasional", "peripheral"]
Level = Literal[Declared, "unstated"]

# What goes into an address as it is: letters of any script, digits, and a few signs.
NewId = Annotated[str, Field(pattern=r"^[\w.~@:+,;=-]{1,200}$")]

# What a thing is called, in a line. A name that is longer is a text.
Name = Annotated[Text, Field(max_length=300)]

# What the leads of a community change; the rest is for knowledge managers.
LEADS_CHANGE = frozenset({"domain", "audience", "contacts", "language", "topics", "skills", "meetings", "timezone"})

# As the import's records and the graph call them, where the two differ.
STORED = {"skills": "skill_ids", "goals": "goal_ids"}


class NamedOut(BaseModel):
    """A person or a thing by id and name."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    name: str


class SkillRef(BaseModel):
    id: str
    name: str


class CommunityOut(BaseModel):
    id: str = Field(examples=["numerical-methods"])
    name: str = Field(examples=["Numerical Methods"])
    domain: str
    kind: str | None = None
    status: str
    visibility: str
    audience: str | None = None
    language: str | None = None
    founded_on: str | None = None
    retired_on: str | None = None
    topics: list[str] = []
    contacts: list[str] = []
    meetings: list[str] = Field([], description="regular meetings, each in a line")
    timezone: str | None = Field(None, description="IANA name of the zone in which it meets")
    skills: list[SkillRef] = []
    goal_ids: list[str] = []
    members: int = Field(description="people who are in it today")
    externals_allowed: bool = Field(False, description="whether people from outside may be invited into it")
    part_of_id: str | None = Field(None, description="the community that it is a sub-group of")
    successor_ids: list[str] = Field([], description="where it went, of those that one may see")


class CommunityRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    name: str
    status: str
    visibility: str
    kind: str | None
    topics: list[str]


class CommunityList(BaseModel):
    results: list[CommunityRow]
    next_cursor: str | None = Field(description="give it as `cursor` for the following page; null at the end")


class _CommunityWords(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: OptionalText = None
    visibility: Visibility = None
    audience: OptionalText = None
    contacts: Listed = None
    language: OptionalText = None
    topics: Listed = None
    skills: Listed = Field(None, description="skills by id or name")
    goals: Listed = Field(None, description="ids of the organisation's goals that it serves")
    meetings: Listed = Field(None, description="regular meetings, each in a line")
    externals_allowed: bool | None = Field(None, description="whether people from outside may be invited into it")
    timezone: Zone = Field(None, description="IANA name of the zone in which it meets")


class CommunityNew(_CommunityWords):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Digital Twins",
                    "domain": "Models that run beside a turbine and tell what it will do next: how to build, "
                    "calibrate and trust them.",
                    "status": "forming",
                    "topics": ["simulation", "monitoring"],
                }
            ]
        }
    )
    id: NewId | None = Field(None, description="left out: made from the name")
    name: Name
    domain: Text
    status: Status = Field(None, description="a member may propose only; left out: proposed")


class CommunityChange(_CommunityWords):
    """Fields that are absent stay as they are; null empties one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "dormant", "topics": ["simulation"]}]})
    name: Name | None = None
    domain: Text | None = None
    status: Status = None


class Retirement(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"successor_id": "simulation"}]})
    successor_id: OptionalId = Field(None, description="the community that goes on with its domain")


class MemberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str
    name: str
    engagement: str | None
    role: str | None
    joined_on: str | None


class MemberList(BaseModel):
    results: list[MemberOut]
    next_cursor: str | None


class SpellOut(BaseModel):
    """One spell of membership."""

    model_config = ConfigDict(from_attributes=True)
    engagement: str | None = Field(examples=["active"])
    role: str | None
    joined_on: str | None
    left_on: str | None
    history: list[str] = Field(description="changes of level, `DAY LEVEL`, the oldest first")


class Joining(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"engagement": "occasional"}]})
    engagement: Engagement = Field(None, description="how deep the person means to take part")
    recommended: bool = Field(False, description="whether the community was suggested by guildmap")


class MembershipChange(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"engagement": "core"}]})
    engagement: Engagement = None
    role: OptionalText = Field(None, description="for leads of the community, or knowledge managers, to give")


def shown(found: CommunityDetails) -> CommunityOut:
    fields = asdict(found.community)
    skills = [{"id": key, "name": name} for key, name in zip(fields["skill_ids"], fields["skill_names"], strict=True)]
    return CommunityOut.model_validate(
        {**fields, "skills": skills, "members": found.members, "successor_ids": found.successor_ids}
    )


@router.get("")
async def list_communities(
    service: Serving,
    principal: Member,
    status: Annotated[str | None, Query(description="only those of this status")] = None,
    topic: Annotated[str | None, Query(description="only those with this topic")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> CommunityList:
    """The communities that the asking principal may see, in the order of their ids."""
    snapshot = service.state.snapshot
    visible = snapshot.visible_to(principal)
    rows: list[CommunityRow] = []
    for position, community in enumerate(snapshot.catalogue.communities):
        passes = status in (None, community.status) and (topic is None or topic in community.topics)
        if visible[position] and passes and (cursor is None or community.id > cursor):
            rows.append(CommunityRow.model_validate(community))
            if len(rows) > limit:
                break
    more = rows[limit - 1].id if len(rows) > limit else None
    return CommunityList(results=rows[:limit], next_cursor=more)


@router.post("", status_code=201, response_model=CommunityOut, responses=documented(409))
async def create_community(new: CommunityNew, principal: Member, write: Write) -> Response:
    """Adds a community. It is embedded, searchable and recommended within seconds.

    Members propose; knowledge managers may give any status but `retired`.
    """
    status = new.status or "proposed"
    if principal.role is Role.MEMBER and status != "proposed":
        raise Forbidden(tell("A member may propose a community (status `proposed`); a knowledge manager starts it."))
    if status == "retired":
        raise Forbidden(tell("A community is not made retired: create it, and retire it when its time has come."))
    fields = {**_stored(new, set(type(new).model_fields) - {"id"}), "status": status}
    given = {name: value for name, value in fields.items() if value is not None}

    def work(transaction: Transaction) -> Answer:
        community_id = new.id or by_hand.new_community_id(transaction, principal, new.name)
        by_hand.create(transaction, principal, "community", community_id, given, write.order)
        # Whoever makes a restricted community may read back what they made.
        made = by_hand.seen_community(
            transaction, Principal(principal.person_id, Role.ADMIN, principal.actor), community_id
        )
        return answer(201, shown(made), made.version, f"/v1/communities/{quote(community_id)}")

    return await write.perform(principal, work)


@router.get("/{community_id}")
async def get_community(
    community_id: CommunityId, service: Serving, principal: MemberOrOutsider, response: Response
) -> CommunityOut:
    """One community. `ETag` is the version for changes."""
    found = await service.reads.follow(resources.seen(community_id, principal))
    response.headers["ETag"] = f'"{found.version}"'
    return shown(found)


@router.patch("/{community_id}", response_model=CommunityOut, responses=documented(409, 412, 428))
async def change_community(
    community_id: CommunityId, change: CommunityChange, principal: Member, write: Write
) -> Response:
    """Changes a community by hand: from then on these fields win over what any source says.

    Its leads say what it is about, for whom, and when it meets. Its name, kind, status, visibility and goals are for
    knowledge managers: they place it among the others. What is proposed or forming goes on by its steps.
    """
    if change.status == "retired":
        raise Forbidden(tell("To retire a community, POST to its `retire`: that also names who goes on with it."))
    for name in ("name", "domain"):
        if name in change.model_fields_set and getattr(change, name) is None:
            raise Forbidden(tell("A community needs a %(name)s: it cannot be emptied.", name=name))
    fields = _stored(change, change.model_fields_set)
    parts = (Part.LEAD,) if change.model_fields_set <= LEADS_CHANGE else ()

    def work(transaction: Transaction) -> Answer:
        write.expect(by_hand.may(transaction, principal, community_id, *parts).version)
        by_hand.edit(transaction, principal, "community", community_id, fields, write.order)
        after = by_hand.seen_community(transaction, principal, community_id)
        return answer(200, shown(after), after.version)

    return await write.perform(principal, work)


@router.post("/{community_id}/retire", response_model=CommunityOut, responses=documented(409, 412, 428))
async def retire_community(
    community_id: CommunityId, retirement: Retirement, principal: KnowledgeManager, write: Write
) -> Response:
    """Ends a community, and may name the one that goes on with its domain. Members and history stay on record.

    It is a remedy like others: `GET /v1/audit/remedies` lists it, and there it can be undone.
    """

    def work(transaction: Transaction) -> Answer:
        write.expect(by_hand.seen_community(transaction, principal, community_id).version)
        remedy = Retire(community_id=community_id, successor_id=retirement.successor_id)
        remedies.carry_out(transaction, principal, remedy, write.order)
        after = by_hand.seen_community(transaction, principal, community_id)
        return answer(200, shown(after), after.version)

    return await write.perform(principal, work)


@router.get("/{community_id}/members")
async def list_members(
    community_id: CommunityId,
    service: Serving,
    principal: MemberOrOutsider,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
    engagement: Annotated[Level | None, Query(description="only who declared this level")] = None,
) -> MemberList:
    """Who is in it today, in the order of names. People from outside read the names, once they are in it
    themselves."""
    await service.reads.follow(resources.seen(community_id, principal))
    if principal.external and not await service.reads.follow(resources.belongs(principal, community_id)):
        raise Forbidden(tell("Who is in it is told to its members."))
    if principal.external and engagement is not None:
        raise Forbidden(tell("Who declared which level is told to people of the organisation."))
    found = await service.reads.read(resources.members(community_id, cursor or "", limit + 1, engagement))
    if principal.external:
        found = [replace(one, engagement=None, role=None, joined_on=None) for one in found]
    more = found[limit - 1].person_id if len(found) > limit else None
    return MemberList(results=[MemberOut.model_validate(one) for one in found[:limit]], next_cursor=more)


@router.get("/{community_id}/members/{person_id}")
async def get_membership(
    community_id: CommunityId, person_id: PersonId, service: Serving, principal: MemberOrOutsider, response: Response
) -> SpellOut:
    """The latest spell of a person in a community. `ETag` is the version for changes.

    How their level changed is for them, people of the community and knowledge managers.
    """
    _own_if_from_outside(principal, person_id)
    await service.reads.follow(resources.seen(community_id, principal))
    spells = await service.reads.read(resources.spells(person_id, community_id))
    if not spells:
        raise NotFound(
            tell(
                "%(person_id)r was never a member of %(community_id)r.", person_id=person_id, community_id=community_id
            )
        )
    response.headers["ETag"] = f'"{spells[0].version}"'
    told = SpellOut.model_validate(spells[0])
    if principal.person_id != person_id and not await service.reads.follow(resources.belongs(principal, community_id)):
        told.history = []
    return told


@router.put("/{community_id}/members/{person_id}", status_code=201, response_model=SpellOut, responses=documented(409))
async def join(
    community_id: CommunityId, person_id: PersonId, joining: Joining, principal: MemberOrOutsider, write: Write
) -> Response:
    """Begins a membership today. People join open communities; into others their leads, or a knowledge manager, let
    them."""
    _own_if_from_outside(principal, person_id)

    def work(transaction: Transaction) -> Answer:
        if transaction.read(people.person(person_id, None, principal)) is None:
            raise unknown(person_id)
        spell = by_hand.join(
            transaction, principal, person_id, community_id, joining.engagement, write.order,
            recommended=joining.recommended,
        )  # fmt: skip
        return _spell(201, spell)

    return await write.perform(principal, work)


@router.patch("/{community_id}/members/{person_id}", response_model=SpellOut, responses=documented(409, 412, 428))
async def change_membership(
    community_id: CommunityId, person_id: PersonId, change: MembershipChange, principal: MemberOrOutsider, write: Write
) -> Response:
    """Changes the level of engagement, which each declares for themselves and which is kept with its day, or the role,
    which leads of the community give."""
    fields = change.model_dump(include=change.model_fields_set)

    def work(transaction: Transaction) -> Answer:
        spell = by_hand.change_membership(
            transaction, principal, person_id, community_id, fields, write.order, write.expect
        )  # fmt: skip
        return _spell(200, spell)

    return await write.perform(principal, work)


@router.delete("/{community_id}/members/{person_id}", status_code=204, responses=documented(412, 428))
async def leave(community_id: CommunityId, person_id: PersonId, principal: MemberOrOutsider, write: Write) -> Response:
    """Ends a membership today; that it was stays on record."""

    def work(transaction: Transaction) -> Answer:
        by_hand.leave(transaction, principal, person_id, community_id, write.order, write.expect)
        return answer(204)

    return await write.perform(principal, work)


def _own_if_from_outside(principal: Principal, person_id: str) -> None:
    if principal.external and principal.person_id != person_id:
        raise Forbidden(tell("This is for people of the organisation."))


def _spell(status: int, spell: Spell) -> Answer:
    return answer(status, SpellOut.model_validate(spell), spell.version)


def _stored(given: BaseModel, names: set[str]) -> Fields:
    fields: dict[str, Any] = given.model_dump(include=names)
    return {STORED.get(name, name): value for name, value in fields.items()}
