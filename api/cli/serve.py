"""`guildmap serve`: the HTTP service."""

import sys
from functools import partial
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


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen at; 0: any free one.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that answer; they share the memory of what they hold.")
    ] = None,
    acting: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="Local mode: for whom requests are (a person's id).")
    ] = None,
) -> None:
    """Serve the HTTP API until Ctrl-C. API description at /docs, health at /health/ready, metrics at /metrics."""
    given = {name: value for name, value in (("host", host), ("port", port), ("workers", workers)) if value is not None}
    settings = settings_module.load().model_copy(update=given)
    with opened(settings) as database:
        run(settings, database, acting)


def run(settings: Settings, database: Database, acting: str | None = None) -> None:
    """Serves until it is told to stop."""
    from api import logs
    from api.app import check_settings, create_app
    from api.workers import Supervisor, server_of
    from matcher.embedding import open_embedder, open_uncached

    logs.configure(settings.log_format)
    check_settings(settings)
    told = {name: getattr(settings, name) for name in TELLING}
    database.write(lambda tx: record_settings(tx, **told))
    if settings.auth == "local":
        ERRORS.print(
            "[bold yellow]LOCAL MODE[/]: no keys are asked for, and everybody on this machine who reaches the service "
            "is [bold]admin[/]. Set GUILDMAP_AUTH=keys to serve others.", soft_wrap=True,
        )  # fmt: skip
    # Scoring has a thread beside that of the loop. By default whoever asks for the interpreter waits for 5 ms, which is
    # longer than most answers take.
    sys.setswitchinterval(SWITCH)
    model = (settings.model, settings.embedding_cache, settings.backend)
    if settings.workers > 1:
        Supervisor(settings, database, partial(open_uncached, *model), settings.embedding_cache, acting).run()
    else:
        app = create_app(settings, database, lambda: open_embedder(*model), acting_person=acting)
        server_of(app, settings).run()
