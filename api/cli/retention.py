"""`guildmap retention`: takes away what is kept no longer than the settings say."""

from typing import Annotated

import typer
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from graph.acts import note
from graph.models import LOCAL_ADMIN
from graph.writes.acts import record_act
from graph.writes.retention import due, expire, turn_log_over


def register(app: typer.Typer) -> None:
    app.command()(retention)


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take away what is over: people who left, details of old events, answers, sessions, files.

    The service does so daily. How long each is kept is a setting: see `guildmap config`, GUILDMAP_KEEP_....
    """
    watch, settings = Stopwatch(), settings_module.load()
    with opened(settings) as database:
        if dry_run:
            found = due(database)
        else:
            found = expire(database, order=settings.source_order)
            turn_log_over(database)
            gone = {one.what: one.number for one in found if one.number}
            database.write(lambda tx: record_act(tx, LOCAL_ADMIN, "retention", None, **gone))
            note(database)
        if as_json:
            print_json(found, database, watch)
            return
    table = Table(box=None, header_style="bold")
    for column in ("what", "from before", "would go" if dry_run else "went"):
        table.add_column(column)
    for one in found:
        table.add_row(one.what, one.before[:16], f"{one.number:,}")
    OUT.print(table)
