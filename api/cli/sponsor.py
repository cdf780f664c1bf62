"""`guildmap sponsor`: ask somebody to sponsor a community, and what they answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from graph.database import Transaction
from graph.models import LOCAL_ADMIN
from graph.reads import resources
from graph.reads import sponsors as reads
from graph.writes import sponsors as writes
from graph.writes.events import in_turn

if TYPE_CHECKING:
    from graph.reads.sponsors import Sponsorship

app = typer.Typer(no_args_is_help=True)

Community = Annotated[str, typer.Argument(help="The community's id.")]
Person = Annotated[str, typer.Argument(help="The person's id.")]


@app.command()
def ask(community: Community, person: Person, as_json: AsJson = False) -> None:
    """Ask somebody to sponsor a community."""
    _written(lambda tx: writes.ask(tx, LOCAL_ADMIN, community, person), as_json)


@app.command()
def accept(community: Community, person: Person, as_json: AsJson = False) -> None:
    """Who is asked says yes."""
    _written(lambda tx: writes.accept(tx, LOCAL_ADMIN, community, person), as_json)


@app.command()
def decline(
    community: Community,
    person: Person,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    as_json: AsJson = False,
) -> None:
    """Who is asked says no; they may be asked again."""
    _written(lambda tx: writes.decline(tx, LOCAL_ADMIN, community, person, reason), as_json)


@app.command("step-down")
def step_down(community: Community, person: Person, as_json: AsJson = False) -> None:
    """A sponsor stops, whatever a source goes on to say."""
    _written(lambda tx: writes.step_down(tx, LOCAL_ADMIN, community, person), as_json)


@app.command()
def show(community: Community, as_json: AsJson = False) -> None:
    """Show who sponsors a community, and who is asked to."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        database.follow(resources.seen(community, LOCAL_ADMIN))
        found = database.read(reads.sponsorship(community))
        if as_json:
            print_json(found, database, watch, notes=found.notes)
            return
    _print(found)


def _written(work: "Callable[[Transaction], Sponsorship]", as_json: bool) -> None:
    watch = Stopwatch()

    with opened(settings_module.load()) as database:
        found = database.write(in_turn(LOCAL_ADMIN.actor, work))
        if as_json:
            print_json(found, database, watch, notes=found.notes)
            return
    _print(found)


def _print(found: "Sponsorship") -> None:
    table = Table(box=None, header_style="bold")
    for column in ("id", "name", "state", "since", ""):
        table.add_column(column)
    for one in found.people:
        remark = one.reason or ("has left" if one.has_left else "leads it as well" if one.leads else "")
        table.add_row(*(escape(t) for t in (one.person.id, one.person.name, one.state, (one.since or "")[:10], remark)))
    if found.people:
        OUT.print(table)
    for note in found.notes:
        OUT.print(f"[yellow]note:[/] {escape(note)}", highlight=False)
