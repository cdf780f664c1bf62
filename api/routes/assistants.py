"""`/mcp`: assistants over HTTP (the Streamable HTTP transport of the Model Context Protocol)."""

from typing import Any

from fastapi import APIRouter, Request, Response
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

from api.assistants import Context, server_of
from api.dependencies import Member
from api.metrics import Metrics
from api.service import Service
from api.settings import Settings
from graph.models import Principal

# The protocol describes itself: its tools are no operations of the description of the API.
router = APIRouter(include_in_schema=False)


def exchanges(settings: Settings, metrics: Metrics) -> StreamableHTTPSessionManager:
    """Answers messages, each by itself and as one JSON document: no session is held that only this process knew of, and
    nothing streams longer than a request may take. To be `run` while the service is."""
    return StreamableHTTPSessionManager(
        server_of(_principal, _service, metrics), json_response=True, stateless=True,
        max_request_body_size=settings.body_limit,
    )  # fmt: skip


@router.post("/mcp")
async def exchange(request: Request, principal: Member) -> Response:
    """One message, from whoever the key, token or session that it comes with is of."""
    request.state.principal = principal
    return _Exchange()


class _Exchange(Response):
    """The library reads the request and answers it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["app"].state.assistants.handle_request(scope, receive, send)


def _request(context: Context) -> Any:
    assert context.request is not None
    return context.request


def _principal(context: Context) -> Principal:
    return _request(context).state.principal


async def _service(context: Context) -> Service:
    return _request(context).app.state.service
