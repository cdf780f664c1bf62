"""What can be done about a community: simulated, carried out, listed, taken back."""

import asyncio
import json
import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, Any, Literal
from urllib.parse import quote

import numpy as np
from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import BaseModel, Field

from api.dependencies import KnowledgeManager, Serving
from api.problems import documented
from api.routes.communities import LARGEST_PAGE, PAGE, NamedOut
from api.writing import Write, answer
from graph.database import Transaction
from graph.errors import NotReady
from graph.reads import remedies as reads
from graph.reads.remedies import KeptRemedy
from graph.remedies import Remedy, other_ids
from graph.sentences import tell
from graph.writes import remedies as writes
from graph.writes.idempotency import Answer
from matcher.audit.simulation import Simulation
from matcher.embedding import FloatArray

router = APIRouter(prefix="/v1/audit", tags=["audit"], responses=documented(401, 403, 404, 422, 503))

VERSION = version("guildmap")

RemedyId = Annotated[str, Path(description="The remedy's id.", examples=["y-5f0c2f9d1b7e"])]
Asked = Annotated[Remedy, Body(discriminator="remedy")]


class RemedyOut(BaseModel):
    """Something that was done about a community."""

    id: str
    remedy: Literal["merge", "split", "move_under", "retire", "rename", "clarify"]
    state: Literal["done", "undone"]
    about: list[NamedOut] = Field(description="the communities that it is about, of those that are still there")
    asked: dict[str, Any] = Field(description="as it was asked for, without the ids of people")
    at: str
    changes: int = Field(description="how many fields of how many things it changed, in all")
    undone_at: str | None
    left: list[str] = Field(
        description="what stayed as it was when the rest was taken back, since it had changed again"
    )


class RemedyList(BaseModel):
    results: list[RemedyOut]


class SimulationMeta(BaseModel):
    version: str
    revision: int = Field(description="of the graph that it rests on")
    ms: float = Field(description="time taken, in milliseconds")


class SimulationOut(BaseModel):
    results: Simulation
    meta: SimulationMeta


@router.post("/simulations", responses=documented(409))
async def simulate(asked: Asked, service: Serving, principal: KnowledgeManager) -> SimulationOut:
    """What would follow from a remedy: who goes where, skills covered more and less, who loses a role, meetings on one
    hour, how many communities people need, whom to ask. Nothing is changed.
    """
    began = time.perf_counter()
    state = service.state
    await service.read_with(lambda tx: writes.concerned(tx, principal, asked))
    if any(key not in state.snapshot.row for key in (asked.community_id, *other_ids(asked))):
        raise NotReady(tell("The community is new, and not taken in yet. Try again in a second."))
    loop = asyncio.get_running_loop()

    def encode(texts: Sequence[str]) -> FloatArray:
        typed = [asyncio.run_coroutine_threadsafe(service.vector(text), loop).result() for text in texts]
        width = next(len(one) for one in typed if one is not None)
        return np.stack([np.zeros(width, dtype=np.float32) if one is None else one for one in typed])

    has_model = await service.vector(asked.remedy) is not None
    found = await service.auditor.simulate(state, asked, encode if has_model else None)
    ms = round((time.perf_counter() - began) * 1000, 1)
    return SimulationOut(results=found, meta=SimulationMeta(version=VERSION, revision=state.revision, ms=ms))


@router.post("/remedies", status_code=201, response_model=RemedyOut, responses=documented(409))
async def carry_out(asked: Asked, principal: KnowledgeManager, write: Write) -> Response:
    """Carries a remedy out. All that it moves keeps its history, and it can be undone without loss.

    `POST /v1/audit/simulations` with the same body tells beforehand what will follow.
    """

    def work(transaction: Transaction) -> Answer:
        done = writes.carry_out(transaction, principal, asked, write.order)
        return answer(201, _shown(done), location=f"/v1/audit/remedies/{quote(done.id)}")

    return await write.perform(principal, work)


@router.get("/remedies")
async def list_remedies(
    service: Serving,
    principal: KnowledgeManager,
    community: Annotated[str | None, Query(description="only those about this community (id)")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
) -> RemedyList:
    """What was carried out, the latest first, undone or not."""
    found = await service.reads.read(reads.remedies(principal, community_id=community, limit=limit))
    return RemedyList(results=[_shown(one) for one in found])


@router.get("/remedies/{remedy_id}")
async def get_remedy(remedy_id: RemedyId, service: Serving, principal: KnowledgeManager) -> RemedyOut:
    """One remedy, undone or not."""
    found = await service.reads.read(reads.remedies(principal, remedy_id))
    if not found:
        raise reads.no_remedy(remedy_id)
    return _shown(found[0])


@router.post("/remedies/{remedy_id}/undo", response_model=RemedyOut, responses=documented(409))
async def undo(remedy_id: RemedyId, principal: KnowledgeManager, write: Write) -> Response:
    """Takes a remedy back: all is as before, but for what changed again since, which `left` tells.

    Where a later remedy rests on it, that has to be taken back first.
    """

    def work(transaction: Transaction) -> Answer:
        return answer(200, _shown(writes.undo(transaction, principal, remedy_id, write.order)))

    return await write.perform(principal, work)


def _shown(one: KeptRemedy) -> RemedyOut:
    return RemedyOut(
        id=one.id,
        remedy=one.remedy,  # pyright: ignore[reportArgumentType]
        state=one.state,  # pyright: ignore[reportArgumentType]
        about=[NamedOut.model_validate(about) for about in one.about],
        asked=json.loads(one.asked),
        at=one.at,
        changes=one.changes,
        undone_at=one.undone_at,
        left=list(one.left),
    )
