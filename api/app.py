"""The HTTP service: routes, limits, errors, and the organisation that it holds in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import problems
from api.ahead import look_ahead
from api.identity.issuer import LOOPBACK, checked_address
from api.metrics import Metrics
from api.middleware import AddressRates, Limits, LoopbackOnly, OwnWrites, RequestLog, SecurityHeaders
from api.pages import admin as admin_pages
from api.pages import (
    asking,
    assets,
    catalogue,
    community,
    due,
    findings,
    frame,
    joining,
    me,
    person,
    picker,
    pictures,
    proposals,
    site,
)
from api.pages import remedies as remedy_pages
from api.rates import Rates
from api.routes import (
    admin,
    answers,
    artifacts,
    assistants,
    audit,
    calendars,
    charters,
    communities,
    digest,
    domain_map,
    engagement,
    feedback,
    find,
    formation,
    glossary,
    goals,
    health,
    identities,
    initiatives,
    join_requests,
    log,
    meetings,
    neighbours,
    newcomers,
    people,
    power,
    practice,
    pulse,
    questions,
    reference,
    remedies,
    requests,
    sign_in,
    sponsors,
    units,
    vitality,
)
from api.routes import me as who
from api.scim.application import PREFIX, Provisioning
from api.service import Service, Shared
from api.settings import Settings
from graph.database import Database
from graph.errors import InvalidInput
from matcher.embedding import Embedder

# What is asked most often first: of each request the routes are gone through, by the router and by the metrics.
ROUTERS = tuple(
    module.router
    for module in (
        find,
        people,
        units,
        formation,
        communities,
        neighbours,
        charters,
        sponsors,
        goals,
        identities,
        meetings,
        calendars,
        artifacts,
        initiatives,
        join_requests,
        questions,
        practice,
        engagement,
        newcomers,
        pulse,
        power,
        answers,
        audit,
        domain_map,
        remedies,
        requests,
        feedback,
        glossary,
        digest,
        vitality,
        log,
        health,
        admin,
        who,
    )
)

# What people see in a browser.
PAGES = (
    assets.router,
    *(module.routes for module in (site, catalogue, joining, asking, picker, person, me, due)),
    *community.ROUTES,
    *(module.routes for module in (findings, pictures, remedy_pages, proposals, admin_pages)),
)

# The pages of sign-in, which there are in the mode `oidc` alone.
SIGN_IN = sign_in.router

DESCRIPTION = """
Which communities of practice are there, which should a newcomer join, who can help with a question: answers with their
evidence, from a knowledge graph of the organisation.

* Changes are based on a version: read a resource, send its `ETag` as `If-Match`. Without one the answer is 428, with an
  outdated one 412.
* `Idempotency-Key` on any change: sent again, the same request is done once, and gets the first answer.
* Errors are `application/problem+json`; each has the `request_id` under which it was logged.
"""


def create_app(
    settings: Settings,
    database: Database,
    open_embedder: Callable[[], Embedder],
    *,
    acting_person: str | None = None,
    shared: Shared | None = None,
) -> FastAPI:
    """The application on an opened database whose schema is up to date. Of processes that answer at one address
    (`shared`) none leads (`Service`).

    Raises InvalidInput where local mode is to listen to more than this machine, or sign-in lacks a setting.
    """
    check_settings(settings)
    metrics = Metrics(shared and shared.folder)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = Service(settings, database, open_embedder, shared=shared, leads=shared is None)
        service.acting_person = acting_person
        app.state.service = service
        await service.start()
        # Of several processes each would keep for itself what is found ahead.
        ahead = asyncio.create_task(look_ahead(service), name="look ahead") if shared is None else None
        try:
            app.state.assistants = assistants.exchanges(settings, metrics)
            async with app.state.assistants.run():
                yield
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.wait({ahead})
            await service.stop()

    app = FastAPI(
        title="guildmap", version=version("guildmap"), description=DESCRIPTION, lifespan=lifespan,
        docs_url=None, redoc_url=None, openapi_url="/openapi.json",
    )  # fmt: skip
    # The routes as they stand, where include_router would make each anew and look for it twice in each request.
    for router in (*ROUTERS, SIGN_IN) if settings.auth == "oidc" else ROUTERS:
        app.router.routes += router.routes
    app.router.routes += [*reference.router.routes, *assistants.router.routes]
    if settings.auth != "local":
        # An identity provider is never this machine.
        app.mount(PREFIX, Provisioning(lambda: app.state.service))
    for router in PAGES:
        app.router.routes += router.routes
    problems.install(app, metrics, frame.answer)
    # The last one added is the first to see a request.
    app.add_middleware(OwnWrites, settings=settings)
    app.add_middleware(Limits, settings=settings, metrics=metrics)
    if settings.auth == "local":
        app.add_middleware(LoopbackOnly)
    else:
        # In local mode all is one person on one machine.
        rates = shared.address_rates if shared else Rates(settings.address_rate)
        app.add_middleware(AddressRates, rates=rates, metrics=metrics)
    metrics.install(app, lambda: app.state.service)
    app.add_middleware(RequestLog)
    app.add_middleware(SecurityHeaders, encrypted=(settings.public_url or "").startswith("https://"))
    app.openapi = lambda: _openapi(app)
    return app


def check_settings(settings: Settings) -> None:
    """Raises InvalidInput where local mode is to listen to more than this machine, or sign-in lacks a setting."""
    if settings.auth == "local" and settings.host not in LOOPBACK:
        raise InvalidInput(
            f"In local mode everybody who reaches the service is admin, so it listens to this machine alone, not at "
            f"{settings.host}. Set GUILDMAP_AUTH=keys, and make keys with `guildmap keys create`."
        )
    if settings.auth == "oidc":
        _check_sign_in(settings)


def _check_sign_in(settings: Settings) -> None:
    for name in ("public_url", "oidc_issuer", "oidc_client_id"):
        if not getattr(settings, name):
            raise InvalidInput(f"To sign people in (GUILDMAP_AUTH=oidc) GUILDMAP_{name.upper()} has to be set.")
    address = checked_address("GUILDMAP_PUBLIC_URL", settings.public_url)
    if urlsplit(address).path or urlsplit(address).query:
        raise InvalidInput("GUILDMAP_PUBLIC_URL must be an address without a path, as https://guildmap.example.org.")
    checked_address("GUILDMAP_OIDC_ISSUER", settings.oidc_issuer)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The generated description, with errors under the media type that they really have."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        for path in schema["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    content = response.get("content", {})
                    if status.startswith(("4", "5")) and problems.MEDIA_TYPE in content:
                        response["content"] = {problems.MEDIA_TYPE: content["application/json"]}
        app.openapi_schema = schema
    return app.openapi_schema
