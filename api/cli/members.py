"""`guildmap member`: who is in a community, how deep and in which role; to join it, to leave it."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.writing import acting, checked, nobody, written
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.facts import Fields
from graph.models import LOCAL_ADMIN
from graph.reads import formation, resources
from graph.reads.resources import Spell
from graph.writes import by_hand
from ingest.records import Engagement

app = typer.Typer(no_args_is_help=True)

Community = Annotated[str, typer.Argument(metavar="COMMUNITY", help="The community's id.")]
Whom = Annotated[str, typer.Argument(metavar="PERSON", help="Who joins, changes or leaves (id).")]
Level = Annotated[str | None, typer.Option(help="How deep: core, active, occasional, peripheral.")]
Person = Annotated[
    str | None, typer.Option("--person", help="Who does it (id), like a lead; left out: as whoever sits here.")
]

# More than any community has.
ALL = 100_000


@app.command("list")
def list_members(community: Community, as_json: AsJson = False) -> None:
    """List who is in it today, with the level that they declared and their role."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        database.follow(resources.seen(community, LOCAL_ADMIN))
        found = database.read(resources.members(community, "", ALL))
        if as_json:
            print_json(found, database, watch)
            return
    table = Table("id", "name", "level", "role", "since", box=None, header_style="bold")
    for one in found:
        cells = (one.person_id, one.name, one.engagement or "", one.role or "", one.joined_on or "")
        table.add_row(*(escape(cell) for cell in cells))
    OUT.print(table if found else "Nobody is in it.")


@app.command()
def join(community: Community, whom: Whom, level: Level = None, person: Person = None, as_json: AsJson = False) -> None:
    """Begin a membership today. People join open communities themselves; into others a lead lets them."""
    engagement = checked("--level", Engagement, level)

    def work(transaction: Transaction, order: Sequence[str]) -> Spell:
        if transaction.read(formation.external(whom)) is None:
            raise nobody(whom)
        return by_hand.join(transaction, acting(transaction, person), whom, community, engagement, order)

    done = written(work, as_json)
    if not as_json:
        _print(whom, done)


@app.command()
def change(
    community: Community,
    whom: Whom,
    level: Level = None,
    role: Annotated[str | None, typer.Option(help="Like lead or facilitator; an empty one takes it away.")] = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Change how deep somebody takes part, which each declares for themselves, or the role that a lead gives them."""
    fields: Fields = {}
    if level is not None:
        fields["engagement"] = checked("--level", Engagement, level)
    if role is not None:
        fields["role"] = role.strip() or None
    if not fields:
        raise InvalidInput("Say what changes: --level or --role.")
    done = written(
        lambda tx, order: by_hand.change_membership(tx, acting(tx, person), whom, community, fields, order), as_json
    )
    if not as_json:
        _print(whom, done)


@app.command()
def leave(community: Community, whom: Whom, person: Person = None) -> None:
    """End a membership today; that it was stays on record."""
    written(lambda tx, order: by_hand.leave(tx, acting(tx, person), whom, community, order), False)
    OUT.print(f"{escape(whom)} is in it no longer.", highlight=False)


def _print(whom: str, spell: Spell) -> None:
    role = f", {spell.role}" if spell.role else ""
    OUT.print(
        f"[bold]{escape(whom)}[/]  {spell.engagement or 'level not declared'}{escape(role)}  "
        f"[dim]since {spell.joined_on or 'an unknown day'}[/]", highlight=False,
    )  # fmt: skip
    for line in spell.history:
        OUT.print(f"   [dim]{escape(line)}[/]", highlight=False)
