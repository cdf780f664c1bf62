"""`guildmap identities`: people who may be one, for somebody to decide."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.reading import read_out
from graph.models import LOCAL_ADMIN
from graph.reads import doubles as reads
from graph.reads.doubles import Seen
from graph.writes import doubles as writes

app = typer.Typer(no_args_is_help=True)

PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="A person's id.")]
OtherId = Annotated[str, typer.Argument(metavar="OTHER", help="The id of the other.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="So many at the most.")]

WHY = {"email": "one address", "name": "one name, from two sources"}


@app.command("list")
def list_doubles(limit: Limit = 100, as_json: AsJson = False) -> None:
    """List people who may be one, and on whom nobody has decided."""
    found = read_out(reads.doubles(limit), as_json)
    if as_json:
        return
    table = Table(box=None, header_style="bold")
    for column in ("why", "person", "other"):
        table.add_column(column, overflow="fold")
    for pair in found:
        table.add_row(WHY[pair.why], _told(pair.one), _told(pair.other))
    OUT.print(table if found else "There is nobody who may be two.")


def _told(one: Seen) -> str:
    parts = [one.name, one.title, one.email, f"from {', '.join(one.sources)}" if one.sources else None]
    return escape(f"{one.id}: {', '.join(part for part in parts if part)}")


@app.command()
def same(
    person: PersonId,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The id of the one who goes into them.")],
) -> None:
    """Two are one: all that is known of the other is known of the person, whom imports mean by both ids."""
    settings = settings_module.load()
    with opened(settings) as database:
        made = database.write(lambda tx: writes.same_person(tx, LOCAL_ADMIN, person, other, settings.source_order))
    OUT.print(f"{other} is {person} now. `guildmap identities undo {made.id}` makes them two again.", highlight=False)
    ended = [f"the role {made.role.value.replace('_', ' ')}"] if made.role else []
    ended += [f"{made.keys} API keys"] if made.keys else []
    if ended:
        OUT.print(f"Of {other} ended: {', '.join(ended)}. Give {person} what they should have.", highlight=False)


@app.command()
def different(person: PersonId, other: OtherId) -> None:
    """Two are two, and are not listed again."""
    with opened(settings_module.load()) as database:
        database.write(lambda tx: writes.different_people(tx, LOCAL_ADMIN, person, other))
    OUT.print(f"{person} and {other} are two", highlight=False)


@app.command()
def decided(limit: Limit = 100, as_json: AsJson = False) -> None:
    """List what was decided, the latest first."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        found: dict[str, Any] = {
            "same": [
                {"id": one.id, "person_id": one.person_id, "name": one.name, "gone_id": one.gone_id, "at": one.at}
                for one in database.read(reads.united(limit))
            ],
            "different": database.read(reads.kept_apart(limit)),
        }
        if as_json:
            print_json(found, database, watch)
            return
    table = Table(box=None, header_style="bold")
    for column in ("at", "what", "undo it with `guildmap identities undo`"):
        table.add_column(column)
    for one in found["same"]:
        table.add_row(one["at"][:16], escape(f"{one['gone_id']} is {one['person_id']} ({one['name']})"), one["id"])
    for pair in found["different"]:
        table.add_row(pair.at[:16], escape(f"{pair.one} is not {pair.other}"), escape(f"{pair.one} {pair.other}"))
    OUT.print(table if found["same"] or found["different"] else "Nothing was decided.")


@app.command()
def undo(
    what: Annotated[str, typer.Argument(metavar="ID", help="Of what was united; or the id of one of two people.")],
    other: Annotated[str | None, typer.Argument(metavar="OTHER", help="The id of the second of two people.")] = None,
) -> None:
    """Undo a decision: those who were united are two again, those who are two are listed again."""
    settings = settings_module.load()
    with opened(settings) as database:
        if other is None:
            back = database.write(lambda tx: writes.undo_same_person(tx, LOCAL_ADMIN, what, settings.source_order))
            OUT.print(f"{back} is a person of their own again", highlight=False)
        else:
            database.write(lambda tx: writes.undo_different_people(tx, LOCAL_ADMIN, what, other))
            OUT.print(f"{what} and {other} are listed again", highlight=False)
