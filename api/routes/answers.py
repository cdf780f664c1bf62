"""What was answered before: to be read before somebody is asked."""

import time
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.find import HelpersIn, Meta, meta_of, sight
from api.routes.requests import PartyOut
from graph.reads.advice import AdviceTold, advice_told
from matcher import answers

router = APIRouter(prefix="/v1", tags=["search and recommendations"], responses=documented(401, 403, 422, 503))

# Pieces of advice told of each question: those worth reading first.
MOST_ADVICE = 3


class AnswersIn(HelpersIn):
    limit: int = Field(answers.DEFAULT_LIMIT, ge=1, le=20)


class AnswerOut(BaseModel):
    id: str
    text: str
    advised_at: str | None
    outcome: Literal["worked", "partly", "did_not_work"] | None
    learned: str | None = Field(description="what others can learn from what came of it")
    helper: PartyOut | None = Field(description="null: somebody who is forgotten")


class EarlierOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    question_id: str
    title: str
    text: str
    asked_at: str | None
    community_id: str | None
    community: str | None
    likeness: float = Field(description="from 0 to 1, of words and of meaning")
    shared: list[str] = Field(description="words that both hold, the most telling first")
    answers: list[AnswerOut] = Field(description="what worked first")


class AnswersOut(BaseModel):
    results: list[EarlierOut]
    meta: Meta


@router.post("/recommendations/answers", responses=documented(404))
async def recommend_answers(asked: AnswersIn, service: Serving, principal: Member) -> AnswersOut:
    """Questions like this one that were answered already, with the advice that was given and what became of it. Private
    questions are told to those who asked them, those of restricted communities to their members."""
    began = time.perf_counter()
    state = service.state
    asker, visible, _ = await sight(asked, service, principal)
    vector = await service.vector(asked.text)
    found = await service.scored(
        lambda: answers.like(
            state.evidence, asked.text, asker=asker, visible=visible, community=asked.community_id, vector=vector,
            limit=asked.limit,
        )
    )  # fmt: skip
    told = await service.reads.read(advice_told([key for one in found for key in one.advice_ids[:MOST_ADVICE]]))
    held = state.snapshot
    results = [
        EarlierOut(
            question_id=one.question_id, title=one.title, text=one.text, asked_at=one.asked_at,
            community_id=one.community_id,
            community=None if (row := held.row.get(one.community_id or "")) is None else held.communities[row].name,
            likeness=one.likeness, shared=list(one.shared),
            answers=[_answer(told[key]) for key in one.advice_ids[:MOST_ADVICE] if key in told],
        )
        for one in found
    ]  # fmt: skip
    return AnswersOut(results=results, meta=Meta(**meta_of(service, began)))


def _answer(one: AdviceTold) -> AnswerOut:
    helper = PartyOut(id=one.helper_id, name=one.helper or one.helper_id) if one.helper_id is not None else None
    return AnswerOut.model_validate(
        {"id": one.id, "text": one.text, "advised_at": one.advised_at, "outcome": one.outcome, "learned": one.learned,
         "helper": helper}
    )  # fmt: skip
