"""How the practice of a community goes."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api import practice as practising
from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.people import CommunityId
from api.wording import Told

router = APIRouter(prefix="/v1", tags=["practice"], responses=documented(401, 403, 404, 422, 503))


class MeasureOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    unit: Literal["share", "days", "people"]
    value: float | None = Field(description="null: cannot tell, see `why`")
    numbers: dict[str, float] = Field(description="what it was worked out from")
    why: Told | None
    said: list[str]


class PracticeOut(BaseModel):
    days: int
    measures: list[MeasureOut]


@router.get("/communities/{community_id}/practice")
async def get_practice(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    days: Annotated[int, Query(ge=1, le=3650, description="how far back it looks")] = practising.PERIOD,
) -> PracticeOut:
    """How its practice goes: each measure with the numbers behind it, or why it cannot be told."""
    found = await service.reads.follow(practising.measured(community_id, principal, days))
    return PracticeOut(days=days, measures=[MeasureOut.model_validate(one) for one in found])
