"""Which communities are near one, and what they have in common."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.people import CommunityId
from api.wording import Told
from graph.errors import NotReady
from graph.reads import resources
from graph.sentences import tell
from matcher.neighbours import LIMIT, neighbours

router = APIRouter(prefix="/v1/communities", tags=["communities"], responses=documented(401, 403, 404, 422, 503))


class NeighbourOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    community_id: str
    name: str
    status: str
    nearness: float = Field(description="orders them, from 0 to 1, and means nothing else")
    reasons: list[Told] = Field(examples=[["both speak of rope and splice", "4 people are in both"]])


class NeighbourList(BaseModel):
    results: list[NeighbourOut] = Field(description="the nearest first")


@router.get("/{community_id}/neighbours")
async def get_neighbours(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    limit: Annotated[int, Query(ge=1, le=50)] = LIMIT,
) -> NeighbourList:
    """The communities that are nearest to one, of those that the asking principal may see, with what they have in
    common: words, skills, people. It judges nothing: whether two are of one domain is the audit's to say."""
    await service.reads.follow(resources.seen(community_id, principal))
    snapshot = service.state.snapshot
    if community_id not in snapshot.row:
        raise NotReady(tell("The community is new, and not taken in yet. Try again in a second."))
    visible = snapshot.visible_to(principal)
    found = await service.scored(lambda: neighbours(snapshot, community_id, visible, limit))
    return NeighbourList(results=[NeighbourOut.model_validate(one) for one in found])
