"""People who may be one: for an admin to decide, since it shows addresses of everybody."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Admin, Serving
from api.problems import documented
from api.writing import Write, answer
from graph.database import Transaction
from graph.models import Role
from graph.reads import doubles as reads
from graph.writes import doubles as writes
from graph.writes.idempotency import Answer
from ingest.records import Id

router = APIRouter(prefix="/v1/identities", tags=["identities"], responses=documented(401, 403, 404, 422, 503))

Limit = Annotated[int, Query(ge=1, le=1000)]
PersonId = Annotated[str, Path(description="A person's id.", examples=["amara-okafor"])]


class SeenOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    name: str | None
    email: str | None
    title: str | None
    sources: list[str]


class DoubleOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    why: Literal["email", "name"] = Field(description="one address, or one name and no source that tells of both")
    one: SeenOut
    other: SeenOut


class DoubleList(BaseModel):
    results: list[DoubleOut]


class UnitedOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str = Field(description="by which it is undone")
    person_id: str
    gone_id: str
    at: str


class ApartOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    one: str
    other: str
    at: str


class DecisionList(BaseModel):
    same: list[UnitedOut]
    different: list[ApartOut]


class DecisionNew(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"person_id": "amara-okafor", "other_id": "U024BE7LH", "verdict": "different"}]
        },
    )
    person_id: Id
    other_id: Id
    verdict: Literal["same", "different"] = Field(description="same: all of the other is the person's from now on")


class DecisionOut(BaseModel):
    id: str | None = Field(description="by which the same is undone; null for two who are different")
    ended_role: Role | None = Field(description="that the other was given, and nobody has now")
    ended_keys: int = Field(ge=0, description="API keys of the other that open nothing any more")


@router.get("/doubles")
async def list_doubles(service: Serving, _: Admin, limit: Limit = 100) -> DoubleList:
    """People who may be one, and on whom nobody has decided; those with one address first."""
    found = await service.reads.read(reads.doubles(limit))
    return DoubleList(results=[DoubleOut.model_validate(one) for one in found])


@router.get("/decisions")
async def list_decisions(service: Serving, _: Admin, limit: Limit = 100) -> DecisionList:
    """What was decided, the latest first."""
    return DecisionList(
        same=[UnitedOut.model_validate(one) for one in await service.reads.read(reads.united(limit))],
        different=[ApartOut.model_validate(one) for one in await service.reads.read(reads.kept_apart(limit))],
    )


@router.post("/decisions", status_code=201, response_model=DecisionOut, responses=documented(409))
async def decide(decision: DecisionNew, principal: Admin, write: Write) -> Response:
    """Two are one, or are two. Imports mean who is the same by both ids; who is different is not listed again.

    Nobody may more by it: role, keys and sessions of the other end, and come back where it is undone."""

    def work(transaction: Transaction) -> Answer:
        made = None
        if decision.verdict == "same":
            made = writes.same_person(transaction, principal, decision.person_id, decision.other_id, write.order)
        else:
            writes.different_people(transaction, principal, decision.person_id, decision.other_id)
        if made is None:
            return answer(201, DecisionOut(id=None, ended_role=None, ended_keys=0))
        return answer(201, DecisionOut(id=made.id, ended_role=made.role, ended_keys=made.keys))

    return await write.perform(principal, work)


@router.delete("/same/{decision_id}", status_code=204, responses=documented(409))
async def undo_same(
    decision_id: Annotated[str, Path(description="As the decision has it.")], principal: Admin, write: Write
) -> Response:
    """Those who were united are two again, without loss."""

    def work(transaction: Transaction) -> Answer:
        writes.undo_same_person(transaction, principal, decision_id, write.order)
        return answer(204)

    return await write.perform(principal, work)


@router.delete("/different/{one_id}/{other_id}", status_code=204)
async def undo_different(one_id: PersonId, other_id: PersonId, principal: Admin, write: Write) -> Response:
    """They are listed again."""

    def work(transaction: Transaction) -> Answer:
        writes.undo_different_people(transaction, principal, one_id, other_id)
        return answer(204)

    return await write.perform(principal, work)
