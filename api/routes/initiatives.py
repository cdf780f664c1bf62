"""What anybody proposes to a community: a meeting, a topic, something to make; and what became of it."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving, asking_person
from api.problems import documented
from api.routes.people import CommunityId
from api.routes.requests import PartyOut
from api.writing import Write, Writing, answer
from graph.database import Transaction
from graph.errors import NotFound
from graph.models import Principal
from graph.reads import meetings as reads
from graph.reads import resources
from graph.reads.meetings import Initiative
from graph.sentences import tell
from graph.writes import practice
from graph.writes.idempotency import Answer
from ingest.records import Link, Moment, OptionalText, Text, Zone

router = APIRouter(prefix="/v1", tags=["practice"], responses=documented(401, 403, 404, 422, 503))

InitiativeId = Annotated[str, Path(description="The proposal's id.", examples=["i-5f0c2f9d1b7e4a61"])]


class InitiativeNew(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "topic", "title": "Ice throw at the quay"}]}
    )
    kind: Literal["meeting", "topic", "artifact"]
    title: Text = Field(max_length=500)
    text: OptionalText = None
    starts_at: Moment = Field(None, description="of a meeting")
    url: Link = Field(None, description="of an artefact")
    person_id: OptionalText = Field(None, description="who proposes; left out: the person for whom the request is")


class TakeUpIn(BaseModel):
    """What is made of it, where that is more or other than was proposed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"starts_at": "2026-12-01T13:00"}]})
    title: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    starts_at: Moment = None
    timezone: Zone = None
    url: Link = None


class DeclineIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "We settled that in May."}]})
    reason: Text


class InitiativeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    community_id: str
    kind: Literal["meeting", "topic", "artifact"]
    title: str
    text: str | None
    starts_at: str | None
    url: str | None
    state: Literal["proposed", "taken_up", "declined", "withdrawn"]
    proposer: PartyOut
    proposed_at: str
    decided_at: str | None
    decider: PartyOut | None
    reason: str | None
    became: str | None = Field(description="the id of the meeting, agenda item or artefact")


@router.get("/communities/{community_id}/initiatives")
async def list_initiatives(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    state: Annotated[
        Literal["proposed", "taken_up", "declined", "withdrawn"] | None, Query(description="only these")
    ] = None,
) -> list[InitiativeOut]:
    """What people proposed to it and what became of that, the latest first."""
    await service.reads.follow(resources.seen_at_work(community_id, principal))
    found = await service.reads.read(reads.initiatives(community_id))
    return [InitiativeOut.model_validate(one) for one in found if state in (None, one.state)]


@router.post("/communities/{community_id}/initiatives", status_code=201, response_model=InitiativeOut,
             responses=documented(409))  # fmt: skip
async def propose(community_id: CommunityId, new: InitiativeNew, principal: Member, write: Write) -> Response:
    """Anybody who may see the community proposes a meeting, a topic to talk about, or something to make."""
    person = asking_person(principal, new.person_id)
    if person is None:
        raise NotFound(tell("Say who proposes it: give person_id."))
    fields = new.model_dump(exclude={"person_id"})

    def work(transaction: Transaction) -> Answer:
        found = practice.propose(transaction, principal, person, community_id, fields)
        return answer(201, InitiativeOut.model_validate(found))

    return await write.perform(principal, work)


@router.post("/initiatives/{initiative_id}/take-up", response_model=InitiativeOut, responses=documented(409))
async def take_up(initiative_id: InitiativeId, made: TakeUpIn, principal: Member, write: Write) -> Response:
    """A lead or core member makes of it what was proposed."""
    given = made.model_dump(exclude_none=True)
    return await _decided(
        principal, write, lambda tx: practice.take_up(tx, principal, initiative_id, given, write.order)
    )


@router.post("/initiatives/{initiative_id}/decline", response_model=InitiativeOut, responses=documented(409))
async def decline(initiative_id: InitiativeId, declined: DeclineIn, principal: Member, write: Write) -> Response:
    """A lead or core member says no, and why."""
    return await _decided(
        principal, write, lambda tx: practice.decline(tx, principal, initiative_id, declined.reason)
    )  # fmt: skip


@router.post("/initiatives/{initiative_id}/withdraw", response_model=InitiativeOut, responses=documented(409))
async def withdraw(initiative_id: InitiativeId, principal: Member, write: Write) -> Response:
    """Who proposed it takes it back."""
    return await _decided(principal, write, lambda tx: practice.withdraw(tx, principal, initiative_id))


async def _decided(principal: Principal, write: Writing, step: Callable[[Transaction], Initiative]) -> Response:
    return await write.perform(principal, lambda tx: answer(200, InitiativeOut.model_validate(step(tx))))
