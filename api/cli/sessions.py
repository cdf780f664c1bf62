"""`guildmap sessions`: who is signed in with a browser."""

from typing import Annotated

import typer
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, opened
from api.cli.reading import read_out
from graph.models import LOCAL_ADMIN
from graph.reads import identities as reads
from graph.writes import identities as writes
from graph.writes.events import now

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_sessions(
    person: Annotated[str | None, typer.Option(help="Only those of this person (id).")] = None, as_json: AsJson = False
) -> None:
    """List the sessions that are not over."""
    found = read_out(reads.sessions(person, now()), as_json)
    if as_json:
        return
    table = Table(box=None, header_style="bold")
    for column in ("person", "role claimed", "since", "until"):
        table.add_column(column)
    for one in found:
        table.add_row(one.person_id or "", one.role or "", one.created_at[:16], one.expires_at[:16])
    OUT.print(table if found else "Nobody is signed in.")


@app.command()
def end(person: Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")]) -> None:
    """Sign somebody out everywhere, from their next request on."""
    with opened(settings_module.load()) as database:
        ended = database.write(lambda tx: writes.end_sessions(tx, LOCAL_ADMIN, person))
    OUT.print(f"{ended} session{'' if ended == 1 else 's'} of {person} ended", highlight=False)
