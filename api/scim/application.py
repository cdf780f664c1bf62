"""The protocol over HTTP: who asks, in which transaction it is done, and what errors mean there."""

import json
import math
from collections.abc import Callable

import structlog
from scim2_models import SCIMException, UnauthorizedException
from scim2_server.applications.base import BaseApplication
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import problems
from api.scim.resources import PROVIDER
from api.scim.storage import GraphStorage
from api.service import Service
from graph.database import Transaction
from graph.errors import GuildmapError, TooOften, Unauthenticated
from graph.suppression import SuppressionList
from graph.writes.events import in_turn
from ingest.scim import Directory

LOG = structlog.get_logger("guildmap")

PREFIX = "/scim/v2"


class _Refused(SCIMException):
    """An error of guildmap, as the protocol tells it."""

    def __init__(self, error: GuildmapError) -> None:
        self.status = problems.MEANINGS[type(error)].status
        super().__init__(detail=str(error))


class Provisioning(BaseApplication):
    """The endpoints under /scim/v2, to be mounted there. Each request is one transaction, in a thread."""

    path = PREFIX

    def __init__(self, service: Callable[[], Service]) -> None:
        super().__init__(PROVIDER, ScimService(PROVIDER))
        self._serving = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # What logs tell of a request is a template, not the path with its ids.
        scope["route"] = self
        request = Request(scope, receive)
        known = self._serving().settings.public_url
        asked = ScimRequest(
            request.method,
            f"{known.rstrip('/')}{PREFIX}" if known else str(request.base_url).rstrip("/"),
            self.split_path(scope["path"].removeprefix(scope["root_path"])),
            dict(request.query_params),
            request.headers.items(),
            await request.body(),
        )
        try:
            response = await self._answer(asked)
        except (SCIMException, GuildmapError) as error:
            response = self._refusal(error)
        response = self.finalize_response(asked, response)
        body = b"" if response.body is None else json.dumps(response.body).encode()
        await Response(body, response.status, response.headers)(scope, receive, send)

    async def _answer(self, request: ScimRequest) -> ScimResponse:
        service = self._serving()
        actor = await self._actor(service, request) if self.needs_auth(request) else "nobody"
        settings = service.settings

        def work(transaction: Transaction) -> ScimResponse:
            directory = Directory(
                transaction, settings.scim_groups, settings.source_order, actor, suppression=SuppressionList(settings)
            )
            return ScimHandler(self.service, GraphStorage(directory)).handle(request)

        if request.method == "GET" or request.path.endswith("/.search"):
            return await service.read_with(work)
        return await service.write(in_turn(actor, work))

    async def _actor(self, service: Service, request: ScimRequest) -> str:
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        assert service.identities is not None  # it is not mounted in local mode
        found = await service.identities.provisioning(token.strip() if scheme.lower() == "bearer" else None)
        service.rates.take(found.actor)
        return found.actor

    def _refusal(self, error: SCIMException | GuildmapError) -> ScimResponse:
        if isinstance(error, SCIMException):
            return self.service.error_response(error)
        if isinstance(error, Unauthenticated):
            return self.service.error_response(UnauthorizedException(detail=str(error)))
        refused = _Refused(error)
        response = self.service.error_response(refused)
        if isinstance(error, TooOften):
            response.headers["Retry-After"] = str(math.ceil(error.wait))
        elif refused.status == 503:
            LOG.warning("request failed", error=type(error).__name__)
            response.headers["Retry-After"] = str(problems.RETRY_AFTER)
        return response
