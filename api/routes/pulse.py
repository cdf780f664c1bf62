"""The pulse: a short anonymous question now and then, and what the answers say of a community."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.people import CommunityId
from api.writing import Write, answer
from graph.database import Transaction
from graph.errors import NotFound
from graph.models import Part
from graph.reads import pulse as reads
from graph.reads import resources
from graph.sentences import tell
from graph.writes import pulse as writes
from graph.writes.idempotency import Answer
from ingest.records import Text
from matcher.community import pulse

router = APIRouter(prefix="/v1", tags=["pulse"], responses=documented(401, 403, 404, 422, 503))

Named = Literal["companionship", "candour", "respect", "welcome", "learning"]


class PulseQuestionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    community_id: str
    community: str
    question: Named
    text: str = Field(examples=["I am glad to see the others when we meet."])
    quarter: str = Field(examples=["2026-Q4"])


class PulseAsked(BaseModel):
    asked: PulseQuestionOut | None = Field(description="null: nothing at present")


class PulseAnswerIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"community_id": "platform", "question": "candour", "answer": 4}]},
    )
    community_id: Text
    question: Named
    answer: Annotated[int, Field(ge=1, le=5)] | None = Field(
        description="1 (not at all) to 5 (very much); null to skip the question"
    )


class BeatOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    quarter: str
    mean: float | None = Field(
        description="in steps of 0.5; 1.5 stands for that or less, 4.5 for that or more; null: fewer than five answered"
    )
    answers: int | None = Field(description="rounded down to a multiple of five")


class PulseOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    question: Named
    text: str
    quarters: list[BeatOut] = Field(description="quarters that are over, the latest first")
    change: Literal["up", "down", "as it was"] | None


class PulseList(BaseModel):
    results: list[PulseOut]


@router.get("/pulse")
async def get_pulse(service: Serving, principal: Member) -> PulseAsked:
    """What the person for whom the request is is asked at present: at most one question, about one community."""
    if principal.person_id is None:
        raise NotFound(tell("This key acts for no person: the pulse asks people."))
    found = await service.reads.read(reads.question(principal.person_id, service.settings.pulse_every))
    return PulseAsked(asked=PulseQuestionOut.model_validate(found) if found else None)


@router.post("/pulse/answers", status_code=204, responses=documented(409))
async def answer_pulse(given: PulseAnswerIn, principal: Member, write: Write) -> Response:
    """Answers what `GET /v1/pulse` asks, or skips it.

    That one has answered is kept without what, what is kept without whom: an `Idempotency-Key` is not kept either. To
    send an answer twice gives a 409, and counts it once.
    """

    def work(transaction: Transaction) -> Answer:
        every = write.service.settings.pulse_every
        writes.answer(transaction, principal, given.community_id, given.question, given.answer, every)
        return answer(204)

    return await write.perform_unseen(writes.NOBODY, work)


@router.get("/communities/{community_id}/pulse")
async def get_community_pulse(community_id: CommunityId, service: Serving, principal: Member) -> PulseList:
    """What was answered in a community, by question and quarter: for its people and knowledge managers."""
    await service.reads.follow(resources.allowed(principal, community_id, *Part, what=tell("The pulse of a community")))
    today = date.today().isoformat()
    found = await service.reads.follow(pulse.of_community(community_id, today))
    return PulseList(results=[PulseOut.model_validate(one) for one in found])
