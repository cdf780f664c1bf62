"""`guildmap newcomers`, `greet` and `buddy`: how those who are new are met, and who accompanies them."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.reading import read_out
from api.cli.writing import acting, written
from graph.database import Transaction
from graph.models import LOCAL_ADMIN, Principal
from graph.reads import newcomers as reads
from graph.reads import resources
from graph.reads.newcomers import Newcomer
from graph.writes import newcomers as writes

if TYPE_CHECKING:
    from matcher.community.newcomers import Beginning, Welcome

buddy = typer.Typer(no_args_is_help=True)

Community = Annotated[str, typer.Argument(help="The id of a community.")]
New = Annotated[str, typer.Argument(metavar="NEWCOMER", help="The id of whoever is new in it.")]
Other = Annotated[str, typer.Argument(metavar="BUDDY", help="The id of who accompanies them.")]
Acting = Annotated[str, typer.Option("--person", help="Who you are (id).")]
ActingOrNobody = Annotated[str | None, typer.Option("--person", help="Who you are (id); left out: an admin.")]


def register(app: typer.Typer) -> None:
    app.command()(newcomers)
    app.command()(greet)
    app.add_typer(buddy, name="buddy", help="Who accompanies a newcomer: both agree, and neither judges the other.")


def newcomers(
    community: Community,
    person: Annotated[str | None, typer.Option(help="One member (id): what they can begin with.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Who joined so many days ago, or later.")] = 90,
    as_json: AsJson = False,
) -> None:
    """List who is new in a community, and how they were met."""
    from matcher.community import newcomers as concluded

    watch, today = Stopwatch(), date.today().isoformat()
    with opened(settings_module.load()) as database:
        database.follow(resources.seen(community, LOCAL_ADMIN))
        found = (
            database.follow(concluded.beginning(community, person, today))
            if person is not None
            else database.follow(concluded.of_community(community, today, days))
        )
        if as_json:
            print_json(found, database, watch)
            return
    if isinstance(found, concluded.Beginning):
        _print_beginning(found)
        return
    if not found.results:
        OUT.print(f"Nobody has joined since {found.since}.")
        return
    table = Table(box=None, header_style="bold")
    for column in ("id", "newcomer", "level", "joined", "first contact", "greeted by", "buddy"):
        table.add_column(column)
    for one in found.results:
        greeted = ", ".join(greeting.name for greeting in one.greetings)
        cells = (
            one.person_id,
            one.name,
            one.engagement or "",
            one.joined_on or "",
            _contact(one),
            greeted,
            _buddy(one),
        )
        table.add_row(*(escape(cell) for cell in cells))
    OUT.print(table)
    if found.median_days is not None:
        OUT.print(f"To the first contact it took {found.median_days:g} days for half of them; {found.waiting} wait.")


def greet(community: Community, newcomer: New, person: Acting, as_json: AsJson = False) -> None:
    """Tell that you have greeted somebody who is new."""
    _written(lambda tx, who: writes.greet(tx, who, person, community, newcomer), person, as_json)


@buddy.command()
def propose(
    community: Community, newcomer: New, other: Other, person: ActingOrNobody = None, as_json: AsJson = False
) -> None:
    """Name somebody; `guildmap newcomers COMMUNITY --person NEWCOMER` suggests some."""
    _written(lambda tx, who: writes.propose(tx, who, community, newcomer, other), person, as_json)


@buddy.command()
def agree(community: Community, newcomer: New, other: Other, person: Acting, as_json: AsJson = False) -> None:
    """Say yes, as the newcomer or as the buddy."""
    _written(lambda tx, who: writes.step(tx, who, community, newcomer, other, "agree"), person, as_json)


@buddy.command()
def decline(community: Community, newcomer: New, other: Other, person: Acting, as_json: AsJson = False) -> None:
    """Say no, as the newcomer or as the buddy."""
    _written(lambda tx, who: writes.step(tx, who, community, newcomer, other, "decline"), person, as_json)


@buddy.command()
def end(community: Community, newcomer: New, other: Other, person: Acting, as_json: AsJson = False) -> None:
    """End it, as the newcomer or as the buddy."""
    _written(lambda tx, who: writes.step(tx, who, community, newcomer, other, "end"), person, as_json)


@buddy.command("list")
def list_accompanied(person: Acting, as_json: AsJson = False) -> None:
    """List the newcomers whom you accompany, or were asked to."""
    found = read_out(reads.accompanied(person), as_json, person=person)
    if as_json:
        return
    for one in found:
        OUT.print(f"{one.state}: {escape(one.name)} in {escape(one.community)}, since {one.since}", highlight=False)
    if not found:
        OUT.print("You accompany nobody.")


def _written(work: Callable[[Transaction, Principal], Newcomer], person: str | None, as_json: bool) -> None:
    from matcher.community.newcomers import welcome

    found = written(lambda tx, _: welcome(work(tx, acting(tx, person))), as_json)
    if not as_json:
        _print_welcome(found)


def _print_welcome(one: "Welcome") -> None:
    OUT.print(f"[bold]{escape(one.name)}[/]  [dim]joined {one.joined_on or 'on an unknown day'}[/]", highlight=False)
    greeted = ", ".join(f"{greeting.name} ({greeting.on})" for greeting in one.greetings) or "nobody yet"
    for name, text in (("first contact", _contact(one)), ("greeted by", greeted), ("buddy", _buddy(one) or "none")):
        OUT.print(f"   [dim]{name}:[/] {escape(text)}", highlight=False)


def _print_beginning(found: "Beginning") -> None:
    _print_welcome(found.welcome)
    for step in found.steps:
        OUT.print(f"   {step.kind}: {escape(step.title)} [dim]({escape(step.why)})[/]", highlight=False)
    for one in found.buddies:
        OUT.print(
            f"   possible buddy: {escape(one.name)} [dim]({escape(one.person_id)}; {escape(one.why)})[/]",
            highlight=False,
        )


def _contact(one: "Welcome") -> str:
    if one.first_contact is None:
        return "none yet"
    after = f" after {one.first_contact.days} days" if one.first_contact.days is not None else ""
    return f"{one.first_contact.kind}{after}"


def _buddy(one: "Welcome") -> str:
    if one.buddy is not None:
        return one.buddy.name
    return ", ".join(f"{asked.name} (asked)" for asked in one.proposed)
