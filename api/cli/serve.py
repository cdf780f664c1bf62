"""`guildmap serve`: the HTTP service."""

import sys
from typing import Annotated

import typer

from api import settings as settings_module
from api.cli.output import ERRORS, opened
from api.settings import Settings
from graph.database import Database
from graph.writes.acts import record_settings

# Settings on which it depends what is told of people, or who comes in: the log of privileged acts has each change.
TELLING = ("auth", "power_reports", "pulse_every", "engagement_observed", "self_erasure", "keep_left_days",
           "keep_event_days", "keep_pulse_days", "keep_backup_days", "transaction_log_days")  # fmt: skip

# Seconds after which threads take turns.
SWITCH = 0.0005

# Seconds that requests under way get to end in when the service is stopped.
GRACE = 10


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen at; 0: any free one.")] = None,
    acting: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="Local mode: for whom requests are (a person's id).")
    ] = None,
) -> None:
    """Serve the HTTP API until Ctrl-C. API description at /docs, health at /health/ready, metrics at /metrics."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings_module.load().model_copy(update=given)
    with opened(settings) as database:
        run(settings, database, acting)


def run(settings: Settings, database: Database, acting: str | None = None) -> None:
    """Serves until it is told to stop."""
    import uvicorn

    from api import logs
    from api.app import create_app
    from matcher.embedding import open_embedder

    logs.configure(settings.log_format)
    told = {name: getattr(settings, name) for name in TELLING}
    database.write(lambda tx: record_settings(tx, **told))
    app = create_app(
        settings,
        database,
        lambda: open_embedder(settings.model, settings.embedding_cache, settings.backend),
        acting_person=acting,
    )
    if settings.auth == "local":
        ERRORS.print(
            "[bold yellow]LOCAL MODE[/]: no keys are asked for, and everybody on this machine who reaches the service "
            "is [bold]admin[/]. Set GUILDMAP_AUTH=keys to serve others.", soft_wrap=True,
        )  # fmt: skip
    # Scoring has a thread beside that of the loop. By default whoever asks for the interpreter waits for 5 ms, which is
    # longer than most answers take.
    sys.setswitchinterval(SWITCH)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False,
        proxy_headers=True, forwarded_allow_ips=settings.trusted_proxies, timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE, limit_concurrency=10 * settings.request_limit,
    )  # fmt: skip
    uvicorn.Server(config).run()
