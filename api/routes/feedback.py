"""What people think of recommendations: kept in the change log, so that weights can be learned from it."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, asking_person
from api.problems import documented
from api.writing import Write, answer
from graph.database import Transaction
from graph.errors import NotFound
from graph.sentences import tell
from graph.writes import by_hand
from graph.writes.idempotency import Answer
from ingest.records import OptionalText, Text

router = APIRouter(
    prefix="/v1/feedback", tags=["search and recommendations"], responses=documented(401, 403, 404, 422, 503)
)

# As the change log calls what was recommended.
KINDS = {"community": "community", "helper": "person"}


class FeedbackIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"recommendation": "community", "subject_id": "numerical-methods", "thumb": "up"}]
        },
    )
    recommendation: Literal["community", "helper"]
    subject_id: Text = Field(description="the community, or the person who was named as helper")
    thumb: Literal["up", "down"]
    person_id: OptionalText = Field(None, description="whose thumb; left out: the person for whom the request is")


@router.post("", status_code=204)
async def give_feedback(given: FeedbackIn, principal: Member, write: Write) -> Response:
    """A thumb up or down for something recommended. Nothing else changes by it."""
    person = asking_person(principal, given.person_id)
    if person is None:
        raise NotFound(tell("Say whose thumb it is: give person_id."))

    def work(transaction: Transaction) -> Answer:
        kind = KINDS[given.recommendation]
        by_hand.thumb(transaction, principal, person, kind, given.subject_id, given.thumb == "up")
        return answer(204)

    return await write.perform(principal, work)
