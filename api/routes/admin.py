"""What whoever runs the service looks at: ingest runs, the model and weights, keys, sessions, settings, health."""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api import settings as settings_module
from api.dependencies import Admin, Serving
from api.problems import documented
from api.routes.audit import CalibrationOut
from api.service import Service
from api.wording import Told
from api.writing import Write, answer
from graph.database import Row, Transaction
from graph.errors import NotFound
from graph.models import Role
from graph.reads import identities, keys, log, weights
from graph.revocations import Revocations
from graph.sentences import tell
from graph.writes import identities as identity_writes
from graph.writes import keys as key_writes
from graph.writes.events import now
from graph.writes.idempotency import Answer
from ingest.jobs import rejects_name
from ingest.records import OptionalText
from matcher.audit import calibrate
from matcher.calibration import weights_of

router = APIRouter(prefix="/v1/admin", tags=["admin"], responses=documented(401, 403, 422, 503))

RUNS, MOST_RUNS = 20, 200

# As `ingest.jobs` names a run. Nothing else becomes a path.
_RUN = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,16}Z-[0-9a-f]{6}")

# A run that was cut off stays "running": one that has not saved anything for so many seconds is not waited for.
STALLED = 120

# A stream looks again after a second, and ends before the request's time is over: browsers come back by themselves,
# soon while something goes on and after some seconds where nothing does.
LOOK_AGAIN, STREAM_SHARE = 1.0, 0.6
SOON_MS, LATER_MS = 500, 10_000

KeyId = Annotated[str, Path(description="The key's id.", max_length=100, examples=["3f9a12b4c5d6"])]
RunId = Annotated[str, Path(max_length=100, examples=["2026-11-26T18:33:09.120Z-0f3a9c"])]


class RunOut(BaseModel):
    """`state`: running, finished, stopped (too much was wrong) or abandoned (another one began)."""

    id: str
    source: str
    state: str
    going_on: bool = Field(description="whether it is running and has saved something within two minutes")
    started_at: str | None
    finished_at: str | None
    saved_at: str | None = Field(description="when it last saved how far it is")
    step: int = Field(description="passes over files that are done")
    steps: int | None = Field(description="passes in all")
    doing: str | None = Field(description="the pass under way", examples=["people"])
    rows: int
    counts: dict[str, dict[str, int]] = Field(
        description="what it did, by kind", examples=[{"person": {"created": 600, "updated": 0, "rejected": 2}}]
    )
    rejected: int
    reported: int = Field(description="what was written and somebody should look at")
    has_rejects: bool = Field(description="whether its rejects can be downloaded here")


class RunList(BaseModel):
    results: list[RunOut]


class LearnedWeightsOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    learned_at: str
    since: str = Field(description="the first day of joins that they were chosen by")
    validated_since: str
    until: str
    joins: int
    quality: float = Field(description="mean of NDCG@10 and Recall@10 on joins held out")
    shipped_quality: float = Field(description="the same of the weights that guildmap ships")


class ModelOut(BaseModel):
    name: str | None = Field(description="of the embedding model whose vectors are in use; null: words alone")
    dimension: int | None
    generation: int | None = Field(description="how often all vectors were made anew")
    weights: dict[str, float] = Field(description="those in force, by name")
    shipped: dict[str, float]
    learned: LearnedWeightsOut | None = Field(description="null: those in force are shipped")
    calibrations: dict[str, CalibrationOut] = Field(description="of the audit, by kind of finding")


class KeyOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    role: str
    person_id: str | None
    note: str | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    reads_only: bool


class KeyList(BaseModel):
    results: list[KeyOut]


class KeyIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"role": "admin", "note": "nightly import", "days": 90}]}
    )
    role: Role
    person_id: str | None = Field(None, min_length=1, max_length=500, description="for whom it acts")
    note: OptionalText = Field(None, max_length=300)
    days: int | None = Field(None, ge=1, le=3_650, description="for which it opens anything; null: until revoked")
    reads_only: bool = False


class KeyMade(BaseModel):
    key: str = Field(description="the key itself: told this once, only its digest is kept")
    id: str


class SessionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str | None
    role: str | None = Field(description="that the identity provider claimed")
    created_at: str
    expires_at: str


class SessionList(BaseModel):
    results: list[SessionOut]


class EndIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"person_id": "amara-okafor"}]})
    person_id: str = Field(min_length=1, max_length=500)


class EndOut(BaseModel):
    ended: int = Field(description="how many sessions there were")


class SettingOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str = Field(examples=["GUILDMAP_PORT"])
    value: str = Field(description="secrets as `(set)`")
    origin: str = Field(examples=["environment"])
    description: Told


class SettingList(BaseModel):
    results: list[SettingOut]


class HealthOut(BaseModel):
    parts: dict[str, bool] = Field(examples=[{"database": True, "schema": True, "model": True}])
    revision: int | None = Field(description="of the graph, as this process has taken it in")
    graph_revision: int | None = Field(description="of the graph now; null: the database does not answer")
    age: float | None = Field(description="seconds since this process last looked for changes")
    day: str | None = Field(description="the day that answers are for")
    communities: int
    people: int = Field(description="who have not left")
    auth: Literal["local", "keys", "oidc"]
    embedded: bool = Field(description="whether the database is the one that guildmap starts by itself")


@router.get("/runs")
async def list_runs(
    service: Serving, principal: Admin, limit: Annotated[int, Query(ge=1, le=MOST_RUNS)] = RUNS
) -> RunList:
    """Ingest runs, the latest first, with how far they are."""
    return RunList(results=await _runs(service, limit))


@router.get(
    "/runs/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "an event `runs` at each change"}},
)
async def stream_runs(
    service: Serving,
    principal: Admin,
    last_event_id: Annotated[str | None, Header(description="as browsers send it when they come back")] = None,
) -> Response:
    """Server-sent events: `runs` with what `GET /v1/admin/runs` answers, at first and whenever that has changed. It
    ends when nothing goes on, or its time is over; whoever comes back hears of changes since."""
    until = time.monotonic() + STREAM_SHARE * service.settings.request_deadline
    return StreamingResponse(
        _events(service, last_event_id, until), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


@router.get(
    "/runs/{run_id}/rejects",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/x-ndjson": {}}, "description": "JSON lines: file, line, id, field, reason"},
        **documented(404),
    },
)
async def get_rejects(run_id: RunId, service: Serving, principal: Admin) -> Response:
    """The rows of a run that were rejected or that somebody should look at, with the reasons; without their content."""
    path = _rejects_of(service, run_id)
    if path is None:
        raise NotFound(tell("There are no rejects of a run %(run_id)r on this machine.", run_id=run_id))
    return FileResponse(path, media_type="application/x-ndjson", filename=f"rejects-{path.name}")


@router.get("/model")
async def get_model(service: Serving, principal: Admin) -> ModelOut:
    """The model and the weights that answers rest on, and how good they were where they were learned."""
    kept, calibrations = await asyncio.gather(
        service.reads.read(weights.weights()), service.reads.follow(calibrate.read_calibrations())
    )
    state, in_force = service.state, weights_of(kept)
    model = state.model
    learned = kept if kept is not None and in_force != weights_of(None) else None
    return ModelOut(
        name=model.name if model else None,
        dimension=model.dimension if model else None,
        generation=model.generation if model else None,
        weights=asdict(in_force),
        shipped=asdict(weights_of(None)),
        learned=LearnedWeightsOut.model_validate(learned) if learned else None,
        calibrations={kind: CalibrationOut.model_validate(one) for kind, one in calibrations.items()},
    )


@router.get("/keys")
async def list_keys(service: Serving, principal: Admin) -> KeyList:
    """All API keys, revoked ones too, the oldest first. Nobody sees what opens them."""
    return KeyList(results=[KeyOut.model_validate(one) for one in await service.reads.read(keys.keys())])


@router.post("/keys", status_code=201, response_model=KeyMade, responses=documented(404))
async def make_key(asked: KeyIn, principal: Admin, write: Write) -> Response:
    """Makes an API key. The answer is the only place where it is told; an `Idempotency-Key` is not looked at, since
    that would keep it."""

    def work(transaction: Transaction) -> Answer:
        made = key_writes.create_key(
            transaction, principal, asked.role, asked.person_id, asked.note, days=asked.days,
            reads_only=asked.reads_only,
        )  # fmt: skip
        parsed = key_writes.parse_key(made)
        assert parsed is not None
        return answer(201, KeyMade(key=made, id=parsed[0]))

    return await write.perform_unseen(principal.actor, work)


@router.post("/keys/{key_id}/revoke", status_code=204, responses=documented(404))
async def revoke_key(key_id: KeyId, principal: Admin, service: Serving, write: Write) -> Response:
    """From now on the key opens nothing."""
    known = Revocations(service.settings)

    def work(transaction: Transaction) -> Answer:
        key_writes.revoke_key(transaction, principal, known, key_id)
        return answer(204)

    return await write.perform(principal, work)


@router.get("/sessions")
async def list_sessions(service: Serving, principal: Admin) -> SessionList:
    """Who is signed in with a browser, the oldest first."""
    found = await service.reads.read(identities.sessions(None, now()))
    return SessionList(results=[SessionOut.model_validate(one) for one in found])


@router.post("/sessions/end", response_model=EndOut)
async def end_sessions(asked: EndIn, principal: Admin, write: Write) -> Response:
    """Signs somebody out everywhere, from their next request on."""

    def work(transaction: Transaction) -> Answer:
        return answer(200, EndOut(ended=identity_writes.end_sessions(transaction, principal, asked.person_id)))

    return await write.perform(principal, work)


@router.get("/settings")
async def list_settings(service: Serving, principal: Admin) -> SettingList:
    """Every setting in force and where it comes from; secrets are masked."""
    found = await asyncio.to_thread(settings_module.in_force, service.settings)
    return SettingList(results=[SettingOut.model_validate(one) for one in found])


@router.get("/health")
async def get_health(service: Serving, principal: Admin) -> HealthOut:
    """How this process is: its parts, and how far it has followed the graph."""
    parts = service.parts_ready()
    revision = await service.reads.read(log.revision()) if parts["database"] else None
    state = service.state if parts["schema"] else None
    return HealthOut(
        parts=parts,
        revision=service.revision,
        graph_revision=revision,
        age=None if service.age is None else round(service.age, 1),
        day=state.snapshot.day if state else None,
        communities=len(state.snapshot.communities) if state else 0,
        people=int((~state.snapshot.people.gone).sum()) if state else 0,
        auth=service.settings.auth,
        embedded=service.settings.neo4j_uri is None,
    )


async def _events(service: Service, last: str | None, until: float) -> AsyncIterator[str]:
    known = last
    while True:
        runs = await _runs(service, RUNS)
        told = RunList(results=runs).model_dump_json()
        digest = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
        if digest != known:
            known = digest
            yield f"event: runs\nid: {digest}\ndata: {told}\n\n"
        goes_on = any(one.going_on for one in runs)
        if not goes_on or time.monotonic() >= until:
            yield f"retry: {SOON_MS if goes_on else LATER_MS}\n\n"
            return
        await asyncio.sleep(LOOK_AGAIN)


async def _runs(service: Service, limit: int) -> list[RunOut]:
    found = await service.reads.read(log.ingest_runs(limit))
    at = datetime.now(UTC)
    return await asyncio.to_thread(lambda: [_run(service, one, at) for one in found])


def _run(service: Service, stored: Row, at: datetime) -> RunOut:
    counts: Mapping[str, dict[str, int]] = json.loads(stored["counts"])
    saved = stored.get("saved_at")
    fresh = saved is not None and (at - datetime.fromisoformat(saved)).total_seconds() < STALLED
    given: dict[str, Any] = {name: stored.get(name) for name in RunOut.model_fields if name in stored}
    return RunOut(
        **{
            "started_at": None, "finished_at": None, "saved_at": None, "steps": None, "doing": None,
            **given,
            "counts": dict(counts),
            "going_on": stored["state"] == "running" and fresh,
            "rejected": sum(count.get("rejected", 0) for count in counts.values()),
            "has_rejects": _rejects_of(service, stored["id"]) is not None,
        }
    )  # fmt: skip


def _rejects_of(service: Service, run_id: str) -> FilePath | None:
    """The file of rejects of a run, if there is one here; None for whatever else `run_id` may be."""
    if not _RUN.fullmatch(run_id):
        return None
    path = service.settings.rejects_folder / rejects_name(run_id)
    return path if path.is_file() and not path.is_symlink() else None
