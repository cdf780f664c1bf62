"""Two pictures of all domains: where each lies among the others, and which pairs are alike."""

import asyncio
import time
from importlib.metadata import version
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.dependencies import KnowledgeManager, Serving
from api.problems import documented
from matcher.audit import pictures
from matcher.audit.pictures import FAINTEST, ROWS
from matcher.audit.verdict import LIKELY, Verdict

router = APIRouter(prefix="/v1/audit", tags=["audit"], responses=documented(401, 403, 422, 503))

VERSION = version("guildmap")


class DotOut(BaseModel):
    id: str
    name: str
    status: str
    members: int
    x: float
    y: float


class LinkOut(BaseModel):
    """Two that are likely of one domain."""

    a: str
    b: str
    verdict: Verdict
    probability: float


class PictureMeta(BaseModel):
    version: str
    revision: int
    ms: float = Field(description="time taken, in milliseconds")


class MapOut(BaseModel):
    results: list[DotOut] = Field(description="communities that are not retired; near each other where they are alike")
    links: list[LinkOut]
    meta: PictureMeta


class RowOut(BaseModel):
    id: str
    name: str


class CellOut(BaseModel):
    """Two rows, by their places in the order, the first before the second."""

    a: int
    b: int
    text: float = Field(description="how alike their texts are, from 0 to 1")
    members: float = Field(description="the larger share of members in common, from 0 to 1")


class HeatmapOut(BaseModel):
    results: list[CellOut] = Field(description=f"pairs of which either is {FAINTEST:g} at least")
    rows: list[RowOut] = Field(description="communities, those that are alike side by side")
    left_out: int = Field(description="communities for which there was no room")
    meta: PictureMeta


@router.get("/map")
async def get_map(service: Serving, principal: KnowledgeManager) -> MapOut:
    """Where each community lies. Those that were there when an audit was last kept (`POST /v1/audit`) stay where they
    were, so that people find them again."""
    began = time.perf_counter()
    state = service.state
    snapshot = state.snapshot
    (found, _), places = await asyncio.gather(
        service.auditor.audit(state, False, LIKELY), service.auditor.places(state)
    )
    dots = [
        DotOut(
            id=one.id, name=one.name, status=one.status, members=int(snapshot.sizes[row]), x=places[one.id][0],
            y=places[one.id][1],
        )
        for row, one in enumerate(snapshot.communities)
        if one.status != "retired"
    ]  # fmt: skip
    links = [LinkOut(a=one.a, b=one.b, verdict=one.verdict, probability=one.probability) for one in found.overlaps]
    return MapOut(results=dots, links=links, meta=_meta(state.revision, began))


@router.get("/heatmap")
async def get_heatmap(
    service: Serving,
    principal: KnowledgeManager,
    limit: Annotated[int, Query(ge=2, le=ROWS, description="communities at most, those of the likeliest pairs")] = ROWS,
) -> HeatmapOut:
    """How alike each two communities are in text and in members, ordered so that what is alike stands side by side."""
    began = time.perf_counter()
    state = service.state
    snapshot = state.snapshot
    found, _ = await service.auditor.audit(state, False, LIKELY)
    others = (one.id for one in snapshot.communities if one.status != "retired")
    rows, left_out = pictures.rows_of(snapshot, ((one.a, one.b) for one in found.overlaps), others, limit)
    picture = await service.auditor.run(lambda: pictures.heatmap(snapshot, rows))
    told = np.argwhere(np.triu(np.maximum(picture.text, picture.members) >= FAINTEST, 1)).tolist()
    return HeatmapOut(
        results=[
            CellOut(a=a, b=b, text=_rounded(picture.text[a, b]), members=_rounded(picture.members[a, b]))
            for a, b in told
        ],
        rows=[
            RowOut(id=snapshot.communities[row].id, name=snapshot.communities[row].name)
            for row in picture.rows.tolist()
        ],
        left_out=left_out,
        meta=_meta(state.revision, began),
    )


def _rounded(value: np.float32) -> float:
    return round(float(value), 3)


def _meta(revision: int, began: float) -> PictureMeta:
    return PictureMeta(version=VERSION, revision=revision, ms=round((time.perf_counter() - began) * 1000, 1))
