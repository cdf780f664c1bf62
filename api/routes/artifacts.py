"""What communities made together: documents, benchmarks, tools."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.people import CommunityId
from api.routes.requests import PartyOut
from api.writing import Write, answer
from graph.database import Transaction
from graph.errors import InvalidInput, NotFound
from graph.reads import meetings as reads
from graph.reads import resources
from graph.reads.meetings import Artifact
from graph.sentences import tell
from graph.writes import practice
from graph.writes.idempotency import Answer
from ingest.records import ArtifactKind, Day, Link, Listed, Text

router = APIRouter(prefix="/v1", tags=["practice"], responses=documented(401, 403, 404, 422, 503))

ArtifactId = Annotated[str, Path(description="The artefact's id.", examples=["a-5f0c2f9d1b7e4a61"])]


class ArtifactNew(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"title": "Damage scale", "url": "https://wiki.example/scale"}]},
    )
    title: Text = Field(max_length=500)
    url: Link = None
    kind: ArtifactKind = None
    maker_ids: Listed = Field(None, description="left out: the person for whom the request is")
    made_on: Day = None


class ArtifactChange(BaseModel):
    """Fields that are absent stay as they are; null empties one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"retired_on": "2026-12-01"}]})
    title: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    url: Link = None
    kind: ArtifactKind = None
    maker_ids: Listed = None
    made_on: Day = None
    retired_on: Day = Field(None, description="since when nobody should use it")


class ArtifactOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    community_id: str
    title: str
    url: str | None
    kind: str | None
    makers: list[PartyOut]
    made_on: str | None
    retired_on: str | None


@router.get("/communities/{community_id}/artifacts")
async def list_artifacts(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    retired: Annotated[bool, Query(description="those that nobody should use any more too")] = False,
) -> list[ArtifactOut]:
    """What its members made together, the latest first."""
    await service.reads.follow(resources.seen_at_work(community_id, principal))
    found = await service.reads.read(reads.artifacts(community_id))
    return [ArtifactOut.model_validate(one) for one in found if retired or one.retired_on is None]


@router.post("/communities/{community_id}/artifacts", status_code=201, response_model=ArtifactOut,
             responses=documented(409))  # fmt: skip
async def add_artifact(community_id: CommunityId, new: ArtifactNew, principal: Member, write: Write) -> Response:
    """Any member adds what they made; leads and core members what others did."""
    makers = new.maker_ids or ([principal.person_id] if principal.person_id else [])
    fields = {**new.model_dump(exclude_unset=True), "maker_ids": makers or None}

    def work(transaction: Transaction) -> Answer:
        found = practice.add_artifact(transaction, principal, community_id, fields, write.order)
        return answer(201, ArtifactOut.model_validate(found), found.version, f"/v1/artifacts/{quote(found.id)}")

    return await write.perform(principal, work)


@router.get("/artifacts/{artifact_id}")
async def get_artifact(artifact_id: ArtifactId, service: Serving, principal: Member, response: Response) -> ArtifactOut:
    """One artefact. `ETag` is the version for changes."""
    found = await service.reads.read(reads.artifacts(artifact_id=artifact_id))
    if not found:
        raise NotFound(tell("There is no artefact with the id %(artifact_id)r.", artifact_id=artifact_id))
    try:
        await service.reads.follow(resources.seen_at_work(found[0].community_id, principal))
    except NotFound:
        raise NotFound(tell("There is no artefact with the id %(artifact_id)r.", artifact_id=artifact_id)) from None
    response.headers["ETag"] = f'"{found[0].version}"'
    return ArtifactOut.model_validate(found[0])


@router.patch("/artifacts/{artifact_id}", response_model=ArtifactOut, responses=documented(409, 412, 428))
async def change_artifact(artifact_id: ArtifactId, change: ArtifactChange, principal: Member, write: Write) -> Response:
    """By its makers, leads and core members. With `retired_on` it is out of use."""
    fields = change.model_dump(include=change.model_fields_set)
    if "title" in fields and fields["title"] is None:
        raise InvalidInput(tell("title: an artefact has one."))

    def work(transaction: Transaction) -> Answer:
        before = practice.seen_artifact(transaction, principal, artifact_id)
        write.expect(before.version)
        found: Artifact = practice.change_artifact(transaction, principal, artifact_id, fields, write.order)
        return answer(200, ArtifactOut.model_validate(found), found.version)

    return await write.perform(principal, work)
