"""`guildmap goals`: what the organisation wants, and which communities serve it."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.reading import read_out
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN
from graph.reads import goals as reads
from graph.writes import by_hand
from graph.writes.events import in_turn

app = typer.Typer(invoke_without_command=True)


@app.callback()
def default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_goals()


@app.command("list")
def list_goals(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many to list.")] = 200,
    as_json: AsJson = False,
) -> None:
    """List goals with the communities that serve them."""
    found = read_out(reads.goals(LOCAL_ADMIN, "", limit), as_json)
    if as_json:
        return
    table = Table(box=None, header_style="bold")
    for column in ("id", "goal", "served by"):
        table.add_column(column, overflow="fold")
    for one in found:
        table.add_row(escape(one.id), escape(one.name), escape(", ".join(served.name for served in one.communities)))
    OUT.print(table if found else "There are no goals yet.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What the organisation wants, in a few words.")],
    description: Annotated[str | None, typer.Option(help="In a sentence or more.")] = None,
    goal_id: Annotated[str | None, typer.Option("--id", help="Left out: made from the name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a goal; `guildmap edit goal ID` changes it."""
    if not name.strip():
        raise InvalidInput("The goal has no name.")
    watch = Stopwatch()
    settings = settings_module.load()
    key = goal_id or by_hand.id_from_name(name.strip())
    given = {"name": name.strip(), "description": description}
    fields = {field: text for field, text in given.items() if text}
    with opened(settings) as database:
        database.write(
            in_turn(
                LOCAL_ADMIN.actor,
                lambda tx: by_hand.create(tx, LOCAL_ADMIN, "goal", key, fields, settings.source_order),
            )
        )
        if as_json:
            print_json(database.read(reads.goal(LOCAL_ADMIN, key)), database, watch)
            return
    OUT.print(f"added: {escape(key)}")
