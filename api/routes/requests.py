"""Requests for help: ask somebody, and each step from there to how their advice worked out."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.dependencies import Member, Serving, asking_person
from api.problems import documented
from api.routes.communities import LARGEST_PAGE, PAGE
from api.writing import Write, Writing, answer
from graph.database import Transaction
from graph.errors import InvalidInput, NotFound
from graph.models import HelpRequest, Principal, Role
from graph.reads import requests as reads
from graph.reads.requests import Place, Seen
from graph.sentences import tell
from graph.writes import requests as writes
from graph.writes.idempotency import Answer
from ingest.records import Flag, OptionalId, OptionalText, Text

router = APIRouter(prefix="/v1/requests", tags=["requests for help"], responses=documented(401, 403, 404, 422, 503))

RequestId = Annotated[str, Path(description="The request's id.", examples=["r-5f0c2f9d1b7e4a61"])]

State = Literal["asked", "accepted", "declined", "advised", "tried", "closed", "withdrawn"]
Outcome = Literal["worked", "partly", "did_not_work", "unknown"]


class QuestionIn(BaseModel):
    """A question that is asked now."""

    model_config = ConfigDict(extra="forbid")
    text: Text = Field(max_length=20_000)
    title: OptionalText = None
    community_id: OptionalId = Field(None, description="where it belongs")
    private: Flag = Field(None, description="seen by the two alone, and evidence for the asker alone")


class RequestNew(BaseModel):
    """A question that is asked now, or one that the asker has asked before."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "helper_id": "amara-okafor",
                    "question": {"text": "How do we rotate certificates without downtime?", "community_id": "platform"},
                    "recommended": True,
                },
                {"helper_id": "amara-okafor", "question_id": "q-5f0c2f9d1b7e4a61"},
            ]
        },
    )
    helper_id: Text = Field(description="who is asked")
    person_id: OptionalText = Field(None, description="who asks; left out: the person for whom the request is")
    question_id: OptionalText = None
    question: QuestionIn | None = None
    recommended: bool = Field(False, description="whether the helper was suggested by guildmap")

    @model_validator(mode="after")
    def _one(self) -> "RequestNew":
        if (self.question_id is None) == (self.question is None):
            raise ValueError(tell("give either question or question_id"))
        return self


class DeclineIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "I am away until May."}]})
    reason: OptionalText = Field(None, description="read by the asker")


class AdviseIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Issue the new one first, then reload."}]}
    )
    text: Text = Field(max_length=20_000)


class OutcomeIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"outcome": "worked"}]})
    outcome: Outcome
    learned: OptionalText = Field(None, description="what others could learn from it")


class PartyOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    name: str


class RequestOut(BaseModel):
    id: str = Field(examples=["r-5f0c2f9d1b7e4a61"])
    state: State
    question_id: str
    title: str
    text: str
    private: bool
    community_id: str | None
    asker: PartyOut | None
    helper: PartyOut
    requested_at: str = Field(examples=["2026-11-02T09:30:00.000Z"])
    decided_at: str | None = Field(description="when it was accepted or declined")
    advised_at: str | None
    tried_at: str | None
    ended_at: str | None = Field(description="when it was closed or withdrawn")
    reason: str | None = Field(description="why it was declined; for the two of them")
    outcome: Outcome | None
    advice_id: str | None
    advice: str | None
    learned: str | None = Field(description="what came of it that others could learn from")
    possible: list[str] = Field(description="the steps that the asking principal can take now", examples=[["accept"]])


class RequestList(BaseModel):
    results: list[RequestOut]
    next_cursor: str | None = Field(description="give it as `cursor` for the following page; null at the end")


class DueOut(BaseModel):
    request: RequestOut
    since: str = Field(description="in this state since then")
    waits_for: PartyOut | None = Field(description="whose turn it is")


class DueList(BaseModel):
    results: list[DueOut]
    next_cursor: str | None


def shown(seen: Seen, principal: Principal) -> RequestOut:
    by = seen.by(principal)
    fields: dict[str, Any] = {name: getattr(seen.request, name) for name in HelpRequest.__dataclass_fields__}
    if not by:
        fields["reason"] = None
    for name in ("asker", "helper"):
        fields[name] = PartyOut.model_validate(fields[name]) if fields[name] else None
    return RequestOut.model_validate({**fields, "possible": writes.possible_steps(seen.request, by)})


@router.post("", status_code=201, response_model=RequestOut, responses=documented(409))
async def ask(new: RequestNew, principal: Member, write: Write) -> Response:
    """Asks a person for help. Nobody is asked who left, takes no requests now, or is in the asker's reporting line."""
    asker = asking_person(principal, new.person_id)
    if asker is None:
        raise NotFound(tell("Say who asks: give person_id."))
    question = new.question.model_dump() if new.question else None

    def work(transaction: Transaction) -> Answer:
        seen = writes.ask(
            transaction, principal, asker, new.helper_id, question_id=new.question_id, question=question,
            recommended=new.recommended, order=write.order,
        )  # fmt: skip
        return answer(201, shown(seen, principal), seen.version, f"/v1/requests/{quote(seen.request.id)}")

    return await write.perform(principal, work)


@router.get("")
async def list_requests(
    service: Serving,
    principal: Member,
    person_id: Annotated[str | None, Query(description="of whom; left out: the person for whom it is asked")] = None,
    role: Annotated[Literal["asker", "helper"] | None, Query(description="only those by them, or to them")] = None,
    state: Annotated[list[State] | None, Query(description="only those in these states")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> RequestList:
    """One's own requests, by one and to one, the latest first. An admin who names nobody gets all."""
    person, states = _of_whom(principal, person_id), [*state] if state else None
    behind = place(cursor)
    found = await service.reads.read(
        reads.requests(principal, person, role=role, states=states, behind=behind, limit=limit + 1)
    )
    last = found[limit - 1] if len(found) > limit else None
    results = [shown(Seen(one, False), principal) for one in found[:limit]]
    return RequestList(results=results, next_cursor=cursor_of((last.requested_at, last.id)) if last else None)


@router.get("/due")
async def list_due(
    service: Serving,
    principal: Member,
    person_id: Annotated[str | None, Query(description="of whom; left out: the person for whom it is asked")] = None,
    undecided_days: Annotated[
        int, Query(ge=0, le=3650, description="days that one may go undecided")
    ] = reads.UNDECIDED,
    unadvised_days: Annotated[
        int, Query(ge=0, le=3650, description="days from acceptance to advice")
    ] = reads.UNADVISED,
    unfollowed_days: Annotated[
        int, Query(ge=0, le=3650, description="days from advice or trial to what came of it")
    ] = reads.UNFOLLOWED,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> DueList:
    """Requests of which somebody is to be reminded, those that have waited longest first."""
    limits = reads.due_limits(undecided_days, unadvised_days, unfollowed_days)
    behind = place(cursor)
    found = await service.reads.read(
        reads.due(principal, _of_whom(principal, person_id), limits, behind=behind, limit=limit + 1)
    )
    last = found[limit - 1] if len(found) > limit else None
    results = [
        DueOut(
            request=shown(Seen(one.request, False), principal), since=one.since,
            waits_for=PartyOut.model_validate(one.waits_for) if one.waits_for else None,
        )
        for one in found[:limit]
    ]  # fmt: skip
    return DueList(results=results, next_cursor=cursor_of((last.since, last.request.id)) if last else None)


@router.get("/{request_id}")
async def get_request(request_id: RequestId, service: Serving, principal: Member, response: Response) -> RequestOut:
    """A request: for the two of them, and unless it is private for members of the question's community."""
    seen = await service.reads.read(reads.request(request_id, principal))
    if seen is None:
        raise reads.no_request(request_id)
    response.headers["ETag"] = f'"{seen.version}"'
    return shown(seen, principal)


@router.post("/{request_id}/accept", response_model=RequestOut, responses=documented(409, 412))
async def accept(request_id: RequestId, principal: Member, write: Write) -> Response:
    """The helper says yes. From `asked`."""
    return await _step(request_id, principal, write, lambda tx: writes.accept(tx, principal, request_id))


@router.post("/{request_id}/decline", response_model=RequestOut, responses=documented(409, 412))
async def decline(request_id: RequestId, declined: DeclineIn, principal: Member, write: Write) -> Response:
    """The helper says no, and may say why. From `asked`."""
    return await _step(
        request_id, principal, write, lambda tx: writes.decline(tx, principal, request_id, declined.reason)
    )


@router.post("/{request_id}/advise", response_model=RequestOut, responses=documented(409, 412))
async def advise(request_id: RequestId, advice: AdviseIn, principal: Member, write: Write) -> Response:
    """The helper gives advice, which is kept with today's date. From `accepted`."""
    return await _step(
        request_id, principal, write, lambda tx: writes.advise(tx, principal, request_id, advice.text, write.order)
    )


@router.post("/{request_id}/tried", response_model=RequestOut, responses=documented(409, 412))
async def tried(request_id: RequestId, principal: Member, write: Write) -> Response:
    """The asker has tried what was advised. From `advised`."""
    return await _step(request_id, principal, write, lambda tx: writes.tried(tx, principal, request_id))


@router.post("/{request_id}/outcome", response_model=RequestOut, responses=documented(409, 412))
async def outcome(request_id: RequestId, told: OutcomeIn, principal: Member, write: Write) -> Response:
    """The asker says what came of it, which closes the request. From `advised` or `tried`."""
    return await _step(
        request_id,
        principal,
        write,
        lambda tx: writes.outcome(tx, principal, request_id, told.outcome, write.order, told.learned),
    )


@router.post("/{request_id}/withdraw", response_model=RequestOut, responses=documented(409, 412))
async def withdraw(request_id: RequestId, principal: Member, write: Write) -> Response:
    """The asker needs no help any more. From `asked` or `accepted`."""
    return await _step(request_id, principal, write, lambda tx: writes.withdraw(tx, principal, request_id))


def place(cursor: str | None) -> Place | None:
    """The place behind which a page begins. Raises InvalidInput for what is no cursor."""
    if cursor is None:
        return None
    at, separator, key = cursor.partition("_")
    if not separator or not at or not key:
        raise InvalidInput(tell("cursor: is not one that a page of this list ended with."))
    return at, key


def cursor_of(behind: Place) -> str:
    return "_".join(behind)


def _of_whom(principal: Principal, named: str | None) -> str | None:
    person = asking_person(principal, named)
    if person is None and principal.role is not Role.ADMIN:
        raise NotFound(tell("This key acts for no person, so it has no requests."))
    return person


async def _step(request_id: str, principal: Principal, write: Writing, step: Callable[[Transaction], Seen]) -> Response:
    """Takes one step. It says itself from which states it goes, so that it need not be based on a version."""

    def work(transaction: Transaction) -> Answer:
        if write.if_match is not None:
            write.expect(writes.seen_request(transaction, principal, request_id).version)
        seen = step(transaction)
        return answer(200, shown(seen, principal), seen.version)

    return await write.perform(principal, work)
