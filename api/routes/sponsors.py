"""Who sponsors a community: asked by its leads, answered by themselves."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving, asking_person
from api.problems import documented
from api.routes.communities import NamedOut
from api.routes.people import CommunityId
from api.wording import Told
from api.writing import Write, Writing, answer
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.models import Principal
from graph.reads import resources
from graph.reads import sponsors as reads
from graph.reads.sponsors import Sponsorship
from graph.sentences import tell
from graph.writes import sponsors as writes
from graph.writes.idempotency import Answer
from ingest.records import Id, OptionalText

router = APIRouter(
    prefix="/v1/communities/{community_id}/sponsorship",
    tags=["charters"],
    responses=documented(401, 403, 404, 409, 422, 503),
)

ForPerson = Annotated[
    str | None, Query(description="for whom, where an admin does it; left out: the person of the key", max_length=500)
]


class AskedIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"person_id": "brendan-oshea"}]})
    person_id: Id


class DeclinedIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "I sponsor three already."}]})
    reason: OptionalText = Field(None, max_length=2_000)


class SponsorOut(BaseModel):
    person: NamedOut
    state: str = Field(description="sponsors, asked or declined", examples=["asked"])
    since: str | None = Field(description="null where a source tells of it")
    reason: str | None = Field(description="why it was declined")
    has_left: bool = Field(description="whether they have left the organisation")
    leads: bool = Field(description="whether they lead the community as well")


class SponsorshipOut(BaseModel):
    results: list[SponsorOut]
    notes: list[Told] = Field(description="what somebody should see to; nothing of it is forbidden")


@router.get("")
async def get_sponsorship(community_id: CommunityId, service: Serving, principal: Member) -> SponsorshipOut:
    """Who sponsors it, who is asked to, and who declined."""
    await service.reads.follow(resources.seen(community_id, principal))
    return _shown(await service.reads.read(reads.sponsorship(community_id)))


@router.post("", status_code=201, response_model=SponsorshipOut)
async def ask(community_id: CommunityId, asked: AskedIn, principal: Member, write: Write) -> Response:
    """A lead, or a knowledge manager, asks somebody to sponsor the community."""
    return await _step(write, principal, lambda tx: writes.ask(tx, principal, community_id, asked.person_id), 201)


@router.post("/accept", response_model=SponsorshipOut)
async def accept(community_id: CommunityId, principal: Member, write: Write, person_id: ForPerson = None) -> Response:
    """Who is asked says yes: they sponsor it from now on."""
    who = _who(principal, person_id)
    return await _step(write, principal, lambda tx: writes.accept(tx, principal, community_id, who))


@router.post("/decline", response_model=SponsorshipOut)
async def decline(
    community_id: CommunityId, declined: DeclinedIn, principal: Member, write: Write, person_id: ForPerson = None
) -> Response:
    """Who is asked says no; they may be asked again."""
    who = _who(principal, person_id)
    return await _step(
        write, principal, lambda tx: writes.decline(tx, principal, community_id, who, declined.reason)
    )  # fmt: skip


@router.post("/step-down", response_model=SponsorshipOut)
async def step_down(
    community_id: CommunityId, principal: Member, write: Write, person_id: ForPerson = None
) -> Response:
    """A sponsor sponsors it no longer, whatever a source goes on to say."""
    who = _who(principal, person_id)
    return await _step(write, principal, lambda tx: writes.step_down(tx, principal, community_id, who))


def _who(principal: Principal, named: str | None) -> str:
    person = asking_person(principal, named)
    if person is None:
        raise InvalidInput(tell("Say for whom: people answer for themselves (person_id)."))
    return person


async def _step(
    write: Writing, principal: Principal, step: Callable[[Transaction], Sponsorship], status: int = 200
) -> Response:
    def work(transaction: Transaction) -> Answer:
        return answer(status, _shown(step(transaction)))

    return await write.perform(principal, work)


def _shown(found: Sponsorship) -> SponsorshipOut:
    people = [SponsorOut.model_validate(vars(one), from_attributes=True) for one in found.people]
    return SponsorshipOut(results=people, notes=list(found.notes))
