"""What each error means over HTTP: one table, and `application/problem+json` (RFC 9457) from it."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException

from api.field_errors import said_of
from api.metrics import Metrics
from graph import errors
from graph.errors import GuildmapError
from graph.sentences import Sentence, joined, tell

MEDIA_TYPE = "application/problem+json"
LOG = structlog.get_logger("guildmap")


@dataclass(frozen=True)
class Meaning:
    status: int
    title: str


# Each class of error once; a subclass that is not listed here fails a test.
MEANINGS: Mapping[type[GuildmapError], Meaning] = {
    errors.InvalidInput: Meaning(422, "Invalid input"),
    errors.NotFound: Meaning(404, "Not found"),
    errors.Conflict: Meaning(409, "Conflict"),
    errors.Stale: Meaning(412, "Changed meanwhile"),
    errors.VersionRequired: Meaning(428, "Version required"),
    errors.KeyReused: Meaning(422, "Idempotency key used before"),
    errors.Unauthenticated: Meaning(401, "Not authenticated"),
    errors.Forbidden: Meaning(403, "Not allowed"),
    errors.TooOften: Meaning(429, "Too many requests"),
    errors.IdentityUnavailable: Meaning(503, "Identity provider unavailable"),
    errors.DatabaseUnavailable: Meaning(503, "Database unavailable"),
    errors.DatabaseBusy: Meaning(503, "Database busy"),
    errors.NotReady: Meaning(503, "Not ready"),
    errors.WorkersLost: Meaning(503, "Workers lost"),
    errors.MailFailed: Meaning(502, "Mail was not sent"),
    errors.EmbeddedDatabaseError: Meaning(503, "Database unavailable"),
    errors.MigrationError: Meaning(503, "Wrong database schema"),
    errors.TooManyRejects: Meaning(422, "Too many bad rows"),
    errors.PruningRefused: Meaning(409, "Pruning refused"),
}

# Those by which the service protects itself, by the reason that is counted for them.
REFUSALS: Mapping[type[GuildmapError], str] = {
    errors.TooOften: "too_often",
    errors.DatabaseUnavailable: "database_away",
    errors.EmbeddedDatabaseError: "database_away",
    errors.DatabaseBusy: "database_busy",
    errors.NotReady: "not_ready",
}

# What the service answers before any code of ours has a say.
TITLES = {400: "Bad request", 404: "Not found", 405: "Method not allowed", 413: "Body too large",
          414: "Address too long", 415: "Media type", 421: "Wrong host", 429: "Too many requests",
          503: "Too much at once"}  # fmt: skip

# Where the service says which issuer's tokens it takes.
PROTECTED_RESOURCE = "/.well-known/oauth-protected-resource"

# Of a reason so much is told: some quote what was given, however long that was. In characters.
LONGEST_REASON = 500

# A list can be wrong in each of its entries; nobody reads so far.
MOST_REASONS = 20

# Seconds after which it makes sense to try again, told with every 503.
RETRY_AFTER = 2


class FieldProblem(BaseModel):
    field: str = Field(examples=["body.engagement"])
    reason: str = Field(examples=["Input should be 'core', 'active', 'occasional' or 'peripheral'"])


class Problem(BaseModel):
    """An error as RFC 9457 describes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Changed meanwhile",
                    "status": 412,
                    "detail": "It was changed since you read it. Read it again, and repeat your change on that.",
                    "request_id": "5f0c2f9d1b7e4a61",
                }
            ]
        }
    )
    type: str = "about:blank"
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[FieldProblem] | None = None


@dataclass(frozen=True)
class Told:
    """What is wrong with a request, before it is said to a program or to somebody who looks at a page."""

    status: int
    title: str
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, status: int, detail: str) -> "Told":
        """Of what no code of ours has raised."""
        headers = {"Retry-After": str(RETRY_AFTER)} if status == 503 else {}
        return cls(status, TITLES.get(status, "Error"), detail, headers=headers)


def document(told: Told) -> JSONResponse:
    """For programs."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    problem: dict[str, Any] = {
        "type": "about:blank", "title": told.title, "status": told.status, "detail": told.detail,
        "request_id": request_id,
    }  # fmt: skip
    if told.errors:
        problem["errors"] = told.errors
    return JSONResponse(problem, told.status, dict(told.headers), MEDIA_TYPE)


def too_often(error: errors.TooOften) -> Told:
    title = MEANINGS[errors.TooOften].title
    return Told(429, title, error.told, headers={"Retry-After": str(math.ceil(error.wait))})


def told_of(error: GuildmapError, metrics: Metrics) -> Told:
    """What an error of ours means to whoever asked; it is counted and logged where the service is at its limits."""
    meaning = MEANINGS[type(error)]
    if reason := REFUSALS.get(type(error)):
        metrics.refused.labels(reason).inc()
    if meaning.status >= 500:
        LOG.warning("request failed", error=type(error).__name__)
    if isinstance(error, errors.TooOften):
        return too_often(error)
    headers = {"Retry-After": str(RETRY_AFTER)} if meaning.status == 503 else {}
    return Told(meaning.status, meaning.title, error.told, headers=headers)


def _challenge(request: Request) -> str:
    """How to prove who one is (RFC 6750, section 3), and where the issuer of tokens is told (RFC 9728)."""
    parts: list[str] = []
    if request.headers.get("authorization", "").lower().startswith("bearer "):
        parts.append('error="invalid_token"')
    settings = request.app.state.service.settings
    if settings.auth == "oidc":
        parts.append(f'resource_metadata="{settings.public_url}{PROTECTED_RESOURCE}"')
    return f"Bearer {', '.join(parts)}".rstrip()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: which problems it may answer with, for OpenAPI."""
    # Who has to say who they are may also ask too often.
    statuses = (*statuses, 429) if 401 in statuses else statuses
    titles = {meaning.status: meaning.title for meaning in reversed([*MEANINGS.values()])} | TITLES
    return {
        status: {"model": Problem, "description": titles[status], "content": {MEDIA_TYPE: {}}} for status in statuses
    }


def reasons_of(error: RequestValidationError | ValidationError) -> list[dict[str, str]]:
    """What of a request cannot be used, and why, field by field."""
    return [
        {
            "field": ".".join(str(part) for part in problem["loc"]),
            "reason": _short(said_of(problem)),
        }
        for problem in error.errors()[:MOST_REASONS]
    ]


def in_short(reasons: Sequence[Mapping[str, str]]) -> Sentence:
    return joined("; ", (joined(": ", (one["field"], one["reason"])) for one in reasons[:3]))


def unusable(reasons: Sequence[Mapping[str, str]]) -> Sentence:
    return tell("The request cannot be used: %(why)s", why=in_short(reasons))


def install(app: FastAPI, metrics: Metrics, answer: Callable[[Request, Told], Awaitable[Response]]) -> None:
    """Has every error told by `answer`."""

    @app.exception_handler(GuildmapError)
    async def known(request: Request, error: GuildmapError) -> Response:
        told = told_of(error, metrics)
        if isinstance(error, errors.Unauthenticated):
            told = replace(told, headers={"WWW-Authenticate": _challenge(request)})
        return await answer(request, told)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        reasons = reasons_of(error)
        return await answer(request, Told(422, "Invalid input", unusable(reasons), reasons))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return await answer(request, Told.of(error.status_code, str(error.detail)))
