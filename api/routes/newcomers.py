"""Newcomers of a community: how they are met, what they can begin with, and who accompanies them."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving, acts_for
from api.problems import documented
from api.routes.people import CommunityId, HelperId, PersonId
from api.wording import Told
from api.writing import Write, answer
from graph.database import Transaction
from graph.errors import NotFound
from graph.models import Part
from graph.reads import newcomers as reads
from graph.reads import resources
from graph.reads.newcomers import Newcomer
from graph.sentences import tell
from graph.writes import newcomers as writes
from graph.writes.idempotency import Answer
from ingest.records import Text
from matcher.community import newcomers

router = APIRouter(prefix="/v1", tags=["newcomers"], responses=documented(401, 403, 404, 422, 503))

Contacting = Literal["greeting", "meeting", "answer"]
BuddyState = Literal["proposed", "agreed", "declined", "ended"]


class ContactOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    kind: Contacting
    on: str
    days: int | None = Field(description="since joining; null where the day of joining is not known")


class GreetingOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str
    name: str
    on: str


class BuddyOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str
    name: str
    state: BuddyState
    newcomer_agrees: bool
    buddy_agrees: bool
    since: str


class WelcomeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str
    name: str
    engagement: str | None
    joined_on: str | None
    first_contact: ContactOut | None = Field(description="null: they have heard nothing yet")
    greetings: list[GreetingOut]
    buddy: BuddyOut | None = Field(description="the one whom both agreed on")
    proposed: list[BuddyOut] = Field(description="those whom one of the two has yet to agree to")


class WelcomeList(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    since: str
    results: list[WelcomeOut] = Field(description="who joined since then, the first to join first")
    waiting: int = Field(description="how many have heard nothing yet")
    median_days: float | None = Field(description="to the first contact, of those who had one")


class FirstStepOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    kind: Literal["meeting", "question", "artefact", "person"]
    id: str | None
    title: Told
    why: Told


class SuggestedOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str
    name: str
    why: Told


class BeginningOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    welcome: WelcomeOut
    steps: list[FirstStepOut] = Field(description="what fits the level that they declared, the most fitting first")
    buddies: list[SuggestedOut] = Field(description="who might accompany them, in the order of names")


class BuddyNew(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"buddy_id": "amara-okafor"}]})
    buddy_id: Text


class AccompaniedOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    community_id: str
    community: str
    person_id: str
    name: str
    state: BuddyState
    newcomer_agrees: bool
    buddy_agrees: bool
    since: str


class AccompaniedList(BaseModel):
    results: list[AccompaniedOut]


@router.get("/communities/{community_id}/newcomers")
async def list_newcomers(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    days: Annotated[int, Query(ge=1, le=3650, description="who joined so many days ago, or later")] = (
        newcomers.NEW_DAYS
    ),
) -> WelcomeList:
    """Who is new, and how they were met: for leads, core members and knowledge managers."""
    await service.reads.follow(
        resources.allowed(principal, community_id, Part.LEAD, Part.CORE, what=tell("The list of newcomers"))
    )
    today = date.today().isoformat()
    return WelcomeList.model_validate(await service.reads.follow(newcomers.of_community(community_id, today, days)))


@router.get("/communities/{community_id}/newcomers/{person_id}")
async def get_newcomer(
    community_id: CommunityId, person_id: PersonId, service: Serving, principal: Member
) -> BeginningOut:
    """How a member was met, what they can begin with, and who might accompany them: for themselves, and for leads,
    core members and knowledge managers."""
    if principal.person_id != person_id:
        await service.reads.follow(
            resources.allowed(principal, community_id, Part.LEAD, Part.CORE, what=tell("How a newcomer was met"))
        )
    else:
        await service.reads.follow(resources.seen(community_id, principal))
    today = date.today().isoformat()
    return BeginningOut.model_validate(
        await service.reads.follow(newcomers.beginning(community_id, person_id, today))
    )  # fmt: skip


@router.post(
    "/communities/{community_id}/newcomers/{person_id}/greetings", status_code=201, response_model=WelcomeOut,
    responses=documented(409),
)  # fmt: skip
async def greet(community_id: CommunityId, person_id: PersonId, principal: Member, write: Write) -> Response:
    """The person for whom the request is has greeted somebody who is new: anybody of the community can."""
    if principal.person_id is None:
        raise NotFound(tell("This key acts for no person: a greeting is told by whoever greeted."))
    greeter = principal.person_id

    def work(transaction: Transaction) -> Answer:
        return _told(201, writes.greet(transaction, principal, greeter, community_id, person_id))

    return await write.perform(principal, work)


@router.post(
    "/communities/{community_id}/newcomers/{person_id}/buddies", status_code=201, response_model=WelcomeOut,
    responses=documented(409),
)  # fmt: skip
async def propose_buddy(
    community_id: CommunityId, person_id: PersonId, new: BuddyNew, principal: Member, write: Write
) -> Response:
    """Names somebody to accompany a newcomer. Both have to agree; who names themselves has."""

    def work(transaction: Transaction) -> Answer:
        return _told(201, writes.propose(transaction, principal, community_id, person_id, new.buddy_id))

    return await write.perform(principal, work)


@router.post(
    "/communities/{community_id}/newcomers/{person_id}/buddies/{buddy_id}/{step}", response_model=WelcomeOut,
    responses=documented(409, 412),
)  # fmt: skip
async def step_buddy(
    community_id: CommunityId,
    person_id: PersonId,
    buddy_id: HelperId,
    step: Literal["agree", "decline", "end"],
    principal: Member,
    write: Write,
) -> Response:
    """The newcomer or the buddy agrees, declines (from `proposed`), or ends it (from `agreed`)."""

    def work(transaction: Transaction) -> Answer:
        if write.if_match is not None:
            write.expect(writes.seen_buddy(transaction, community_id, person_id, buddy_id).version)
        return _told(200, writes.step(transaction, principal, community_id, person_id, buddy_id, step))

    return await write.perform(principal, work)


@router.get("/people/{person_id}/accompanies")
async def list_accompanied(person_id: PersonId, service: Serving, principal: Member) -> AccompaniedList:
    """The newcomers whom a person accompanies, or was asked to; for their own eyes."""
    acts_for(principal, person_id)
    found = await service.reads.read(reads.accompanied(person_id))
    return AccompaniedList(results=[AccompaniedOut.model_validate(one) for one in found])


def _told(status: int, newcomer: Newcomer) -> Answer:
    return answer(status, WelcomeOut.model_validate(newcomers.welcome(newcomer)))
