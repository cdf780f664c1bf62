"""`guildmap mcp`: an assistant on this machine, over standard input and output."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from api import settings as settings_module
from api.cli.output import opened
from graph.models import Principal, Role

if TYPE_CHECKING:
    from api.assistants import Context
    from api.service import Service

# Seconds for which the first answers wait for the organisation and the model to be read.
PATIENCE = 60


def register(app: typer.Typer) -> None:
    app.command("mcp")(mcp)


def mcp(
    acting: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="For whom the assistant works (a person's id).")
    ] = None,
) -> None:
    """Serve an assistant by the Model Context Protocol, over standard input and output, until it hangs up."""
    from api import logs
    from api.service import Service
    from matcher.embedding import open_embedder

    settings = settings_module.load().model_copy(update={"auth": "local"})
    logs.configure(settings.log_format)
    with opened(settings) as database:
        service = Service(
            settings, database, lambda: open_embedder(settings.model, settings.embedding_cache, settings.backend)
        )
        asyncio.run(_serve(service, Principal(acting, Role.ADMIN, "local")))


async def _serve(service: "Service", principal: Principal) -> None:
    from mcp.server.stdio import stdio_server

    from api.assistants import server_of
    from api.metrics import Metrics

    async def serving(context: "Context") -> "Service":
        """The service, once it knows what a command would: as it starts, it would say that it is starting."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while service.age is None:
                    await asyncio.sleep(0.05)
        return service

    server = server_of(lambda context: principal, serving, Metrics())
    await service.start()
    try:
        async with stdio_server() as (messages, answers):
            await server.run(messages, answers, server.create_initialization_options())
    finally:
        await service.stop()
