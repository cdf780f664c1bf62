"""How deep people take part: movement between declared levels, and what one person may see of themselves."""

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.people import CommunityId, PersonId
from graph.errors import Forbidden
from graph.reads import resources
from graph.sentences import tell
from matcher.community import engagement

router = APIRouter(prefix="/v1", tags=["engagement"], responses=documented(401, 403, 404, 422, 503))


class FlowOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    before: str = Field(examples=["occasional"])
    after: str = Field(examples=["active"])
    people: int | None = Field(description="null: fewer than five, none included")


class FlowsOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    quarter: str = Field(examples=["2026-Q3"])
    flows: list[FlowOut]


class EngagementOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    exact: bool = Field(description="false: numbers are rounded down to multiples of five, for who is not in it")
    now: dict[str, int | None] = Field(description="members by the level that they declared", examples=[{"core": 5}])
    quarters: list[FlowsOut] = Field(description="movement in the quarters that are over, the latest first")


class ObservedOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    level: str | None = Field(description="null: too little went on to tell")
    since: str = Field(description="what is counted goes back to this day")
    meetings: int = Field(description="held since, or since the person joined")
    attended: int
    questions: int
    advice: int


class OwnEngagementOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    community_id: str
    name: str
    declared: str | None = Field(examples=["occasional"])
    since: str | None = Field(description="day of joining")
    history: list[str] = Field(description="changes of level, `DAY LEVEL`, the oldest first")
    observed: ObservedOut | None = Field(description="null where the organisation has that switched off")


class OwnEngagementList(BaseModel):
    results: list[OwnEngagementOut]


@router.get("/communities/{community_id}/engagement", tags=["communities"])
async def get_engagement(community_id: CommunityId, service: Serving, principal: Member) -> EngagementOut:
    """Members by declared level, and how people moved between levels, in and out, in each of the last four quarters.

    Exact for people of the community and knowledge managers, rounded for others.
    """
    await service.reads.follow(resources.seen(community_id, principal))
    exact = await service.reads.follow(resources.belongs(principal, community_id))
    today = date.today().isoformat()
    return EngagementOut.model_validate(
        await service.reads.follow(engagement.of_community(community_id, today, exact))
    )  # fmt: skip


@router.get("/people/{person_id}/engagement", tags=["people"])
async def get_own_engagement(person_id: PersonId, service: Serving, principal: Member) -> OwnEngagementList:
    """What a person declared in each of their communities, and, where the organisation switched that on
    (`GUILDMAP_ENGAGEMENT_OBSERVED`), what follows from what they did. For nobody but that person, whoever asks."""
    if principal.person_id != person_id:
        raise Forbidden(tell("How deep somebody takes part is shown to themselves alone."))
    today, observed = date.today().isoformat(), service.settings.engagement_observed
    found = await service.reads.follow(engagement.own(person_id, today, observed))
    return OwnEngagementList(results=[OwnEngagementOut.model_validate(one) for one in found])
