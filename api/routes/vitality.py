"""How alive a community is, in named measures."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.people import CommunityId
from api.wording import Told
from graph.errors import NotReady
from graph.models import Part
from graph.reads import resources
from graph.sentences import tell

router = APIRouter(prefix="/v1/communities", tags=["community life"], responses=documented(401, 403, 404, 422, 503))


class PeersOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    number: int = Field(description="communities of the same kind and a similar age of which it is known; at least 5")
    quartiles: tuple[float, float, float]
    band: Literal["lowest quarter", "middle half", "highest quarter"]


class MeasureOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str = Field(examples=["answers"])
    unit: Literal["share", "count", "points"]
    value: float | None = Field(description="null: cannot tell, and `why`")
    numbers: dict[str, float] = Field(description="what it rests on", examples=[{"questions": 12, "within_14_days": 9}])
    why: Told | None
    before: float | None = Field(description="the value of the period before")
    trend: Literal["rising", "falling", "no clear change", "cannot tell"]
    peers: PeersOut | None = Field(description="null where fewer than 5 can be compared with")


class VitalityOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    since: str = Field(description="the measures are of the days after this one", examples=["2025-11-26"])
    until: str = Field(examples=["2026-11-26"])
    measures: list[MeasureOut]


@router.get("/{community_id}/vitality")
async def get_vitality(community_id: CommunityId, service: Serving, principal: Member) -> VitalityOut:
    """Ten measures, each with the counts that it rests on, how it moved from the year before, and where it stands among
    communities of the same kind and a similar age. For those who are in it, and knowledge managers."""
    await service.reads.follow(resources.allowed(principal, community_id, *Part, what=tell("How a community does")))
    measured = await service.auditor.vitality(service.state)
    if community_id not in measured:
        raise NotReady(tell("The community was added just now. Try again in some seconds."))
    return VitalityOut.model_validate(measured[community_id])
