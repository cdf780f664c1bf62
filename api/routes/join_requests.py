"""Asking to be let into a community that one cannot just join: what people ask, and what is said to it."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving, acts_for, asking_person
from api.problems import documented
from api.routes.people import CommunityId, PersonId
from api.routes.requests import PartyOut
from api.writing import Write, Writing, answer
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.models import Part, Principal, Role
from graph.reads import join_requests as reads
from graph.reads import resources
from graph.reads.join_requests import JoinRequest
from graph.sentences import tell
from graph.writes import join_requests as writes
from graph.writes.idempotency import Answer
from ingest.records import Engagement, OptionalText, Text

router = APIRouter(prefix="/v1", tags=["communities"], responses=documented(401, 403, 404, 422, 503))

JoinRequestId = Annotated[str, Path(description="The request's id.", examples=["j-5f0c2f9d1b7e4a61"])]
State = Literal["asked", "accepted", "declined", "withdrawn"]


class JoinRequestNew(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"level": "occasional", "words": "I maintain the cranes of pier two."}]},
    )
    level: Engagement = Field(None, description="how deep the person means to take part")
    words: OptionalText = Field(None, description="to whoever decides", max_length=2_000)
    person_id: OptionalText = Field(None, description="who asks; left out: the person for whom the request is")


class AcceptIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"level": "peripheral"}]})
    level: Engagement = Field(None, description="left out: the level that they asked for")


class DeclineIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "We are full until May."}]})
    reason: Annotated[Text, Field(max_length=2_000)]


class JoinRequestOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    community_id: str
    community: str
    asker: PartyOut
    level: str | None
    words: str | None
    state: State
    waits: bool = Field(description="whether somebody is to decide on it")
    asked_at: str
    decided_at: str | None
    decider: PartyOut | None
    reason: str | None = Field(description="why it was declined")
    again_on: str | None = Field(
        description="the day from which who was declined may ask again; null where they need not wait",
        examples=["2026-12-27"],
    )


@router.get("/communities/{community_id}/join-requests")
async def list_join_requests(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    waiting: Annotated[bool, Query(description="only those on which somebody is to decide")] = False,
) -> list[JoinRequestOut]:
    """Who asked to be let in, the latest first; for its leads and knowledge managers."""
    what = tell("Who asks to join")
    await service.reads.follow(resources.allowed(principal, community_id, Part.LEAD, what=what))
    found = await service.reads.read(reads.of_community(community_id))
    return [JoinRequestOut.model_validate(one) for one in found if one.waits or not waiting]


@router.post("/communities/{community_id}/join-requests", status_code=201, response_model=JoinRequestOut,
             responses=documented(409))  # fmt: skip
async def ask_to_join(community_id: CommunityId, new: JoinRequestNew, principal: Member, write: Write) -> Response:
    """Asks to be let into a community that is not open. Its leads decide, where it has none a knowledge manager. Who
    was declined may ask again from the day that the request says as `again_on`."""
    person = asking_person(principal, new.person_id)
    if person is None:
        raise InvalidInput(tell("Say who asks: give person_id."))

    def work(transaction: Transaction) -> Answer:
        found = writes.ask(transaction, principal, person, community_id, new.level, new.words)
        return answer(201, JoinRequestOut.model_validate(found))

    return await write.perform(principal, work)


@router.get("/people/{person_id}/join-requests", tags=["people"])
async def join_requests_of(person_id: PersonId, service: Serving, principal: Member) -> list[JoinRequestOut]:
    """What a person asked to be let into, and what became of it, the latest first; for their own eyes."""
    acts_for(principal, person_id)
    found = await service.reads.read(reads.of_person(person_id, Principal(person_id, Role.MEMBER)))
    return [JoinRequestOut.model_validate(one) for one in found]


@router.post("/join-requests/{join_request_id}/accept", response_model=JoinRequestOut, responses=documented(409))
async def accept(join_request_id: JoinRequestId, accepted: AcceptIn, principal: Member, write: Write) -> Response:
    """A lead, or a knowledge manager, lets them in: they are a member from today."""
    return await _step(
        principal, write, lambda tx: writes.accept(tx, principal, join_request_id, accepted.level, write.order)
    )  # fmt: skip


@router.post("/join-requests/{join_request_id}/decline", response_model=JoinRequestOut, responses=documented(409))
async def decline(join_request_id: JoinRequestId, declined: DeclineIn, principal: Member, write: Write) -> Response:
    """A lead, or a knowledge manager, says no, and why. They may ask again from the day `again_on`."""
    return await _step(principal, write, lambda tx: writes.decline(tx, principal, join_request_id, declined.reason))


@router.post("/join-requests/{join_request_id}/withdraw", response_model=JoinRequestOut, responses=documented(409))
async def withdraw(join_request_id: JoinRequestId, principal: Member, write: Write) -> Response:
    """Who asked takes it back."""
    return await _step(principal, write, lambda tx: writes.withdraw(tx, principal, join_request_id))


async def _step(principal: Principal, write: Writing, step: Callable[[Transaction], JoinRequest]) -> Response:
    return await write.perform(principal, lambda tx: answer(200, JoinRequestOut.model_validate(step(tx))))
