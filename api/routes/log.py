"""The change log: every write leaves one event, in the order of commits, and none is ever changed."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Admin, Serving
from api.problems import documented
from graph.reads import log

router = APIRouter(prefix="/v1/events", tags=["change log"], responses=documented(401, 403, 422, 503))

LARGEST_PAGE = 1000

# The database counts in 64 bits.
LARGEST_NUMBER = 2**63 - 1


class EventOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    seq: int = Field(description="place in the order of commits, and the graph's revision after it")
    at: str
    actor: str = Field(examples=["key:3f9a12b4c5d6"])
    action: str = Field(examples=["join.membership"])
    subjects: list[str] = Field(examples=[["person/amara-okafor", "community/numerical-methods"]])
    details: dict[str, Any]


class EventList(BaseModel):
    results: list[EventOut]
    revision: int = Field(description="the last event that there is; give the last `seq` as `after` to go on")


@router.get("")
async def list_events(
    service: Serving,
    principal: Admin,
    after: Annotated[int, Query(ge=0, le=LARGEST_NUMBER, description="the `seq` behind which to begin")] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
) -> EventList:
    """Who changed what and when, the oldest first."""
    events = await service.reads.read(log.events_after(after, limit))
    revision = await service.reads.read(log.revision())
    return EventList(results=[EventOut.model_validate(one) for one in events], revision=revision)
