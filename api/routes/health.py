"""What a supervisor asks: does the process live, can it answer."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.dependencies import Serving

router = APIRouter(prefix="/health", tags=["health"])


class Alive(BaseModel):
    status: str = Field(examples=["alive"])


class Readiness(BaseModel):
    ready: bool
    parts: dict[str, bool] = Field(examples=[{"database": True, "schema": True, "model": True}])
    revision: int | None = Field(description="of the graph, as far as this process has taken it in")


@router.get("/live")
async def live() -> Alive:
    """Answers as long as the process does."""
    return Alive(status="alive")


@router.get("/ready", responses={503: {"model": Readiness, "description": "Not ready"}})
async def ready(service: Serving) -> JSONResponse:
    """200 once database, schema and model are there; 503 before, and while the database is away."""
    parts = service.parts_ready()
    body = Readiness(ready=all(parts.values()), parts=parts, revision=service.revision)
    return JSONResponse(body.model_dump(), 200 if body.ready else 503)
