"""What was asked in a community, and who advised."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.communities import LARGEST_PAGE, PAGE
from api.routes.people import CommunityId
from api.routes.requests import PartyOut, cursor_of, place
from graph.models import Part, Role
from graph.reads import questions as reads
from graph.reads import resources

router = APIRouter(prefix="/v1", tags=["practice"], responses=documented(401, 403, 404, 422, 503))


class GivenOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    helper: PartyOut
    at: str | None
    outcome: str | None = Field(description="how it worked out", examples=["worked"])
    text: str | None = Field(description="null for who is not a member")


class AskedOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    title: str
    text: str
    asked_at: str | None
    asker: PartyOut | None
    advice: list[GivenOut]


class AskedList(BaseModel):
    results: list[AskedOut]
    next_cursor: str | None = Field(description="give it as `cursor` for the following page; null at the end")


@router.get("/communities/{community_id}/questions")
async def list_questions(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> AskedList:
    """What was asked in it, the latest first, and who advised. Private questions are left out.

    Members, and admins, read what was advised, and what nobody has answered yet; others what was answered, by whom,
    and how that worked out.
    """
    await service.reads.follow(resources.seen_at_work(community_id, principal))
    inside = principal.role is Role.ADMIN
    if not inside and principal.person_id is not None:
        inside = Part.MEMBER in await service.reads.read(resources.standing(community_id, principal.person_id))
    found = await service.reads.read(
        reads.of_community(community_id, inside=inside, behind=place(cursor), limit=limit + 1)
    )
    more = cursor_of(found[limit - 1].place) if len(found) > limit else None
    return AskedList(results=[AskedOut.model_validate(one) for one in found[:limit]], next_cursor=more)
