"""`guildmap roles`: what people who sign in may do, beside what their identity provider claims."""

from typing import Annotated

import typer
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, opened
from api.cli.reading import read_out
from graph.models import LOCAL_ADMIN, Role
from graph.reads import identities as reads
from graph.revocations import Revocations
from graph.writes import identities as writes
from graph.writes.events import in_turn

app = typer.Typer(no_args_is_help=True)

Person = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")]


@app.command()
def give(person: Person, role: Annotated[Role, typer.Argument(help="What they may do from now on.")]) -> None:
    """Give somebody a role. It counts from their next request on; a higher one that is claimed for them goes on."""
    with opened(settings_module.load()) as database:
        known = Revocations(database.settings)
        database.write(in_turn(LOCAL_ADMIN.actor, lambda tx: writes.give_role(tx, LOCAL_ADMIN, known, person, role)))
    OUT.print(f"{person} is {role.value.replace('_', ' ')}", highlight=False)


@app.command()
def take(person: Person) -> None:
    """Take back the role that somebody was given."""
    with opened(settings_module.load()) as database:
        known = Revocations(database.settings)
        database.write(in_turn(LOCAL_ADMIN.actor, lambda tx: writes.take_role(tx, LOCAL_ADMIN, known, person)))
    OUT.print(f"{person} has the role that their identity provider claims", highlight=False)


@app.command("list")
def list_roles(as_json: AsJson = False) -> None:
    """List who was given a role."""
    found = read_out(reads.roles_given(), as_json)
    if as_json:
        return
    table = Table(box=None, header_style="bold")
    for column in ("person", "name", "role", "since"):
        table.add_column(column)
    for one in found:
        table.add_row(one.person_id, one.name, one.role.replace("_", " "), one.given_at[:16])
    OUT.print(table if found else "Nobody was given a role.")
