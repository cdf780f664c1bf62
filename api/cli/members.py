"""`guildmap member`: who is in a community, how deep and in which role; to join it, to leave it."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.output import OUT, AsJson
from api.cli.reading import read_out
from api.cli.writing import acting, checked, nobody, written
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.facts import Fields
from graph.models import LOCAL_ADMIN
from graph.reads import formation, resources
from graph.reads import join_requests as asked
from graph.reads.join_requests import JoinRequest
from graph.reads.resources import Spell
from graph.writes import by_hand
from graph.writes import join_requests as asking
from ingest.records import Engagement

app = typer.Typer(no_args_is_help=True)

Community = Annotated[str, typer.Argument(metavar="COMMUNITY", help="The community's id.")]
Whom = Annotated[str, typer.Argument(metavar="PERSON", help="Who joins, changes or leaves (id).")]
Level = Annotated[str | None, typer.Option(help="How deep: core, active, occasional, peripheral.")]
Words = Annotated[str | None, typer.Option(help="To whoever decides.")]
RequestId = Annotated[str, typer.Argument(metavar="ID", help="As `guildmap member asking` shows it.")]
Person = Annotated[
    str | None, typer.Option("--person", help="Who does it (id), like a lead; left out: as whoever sits here.")
]

# More than any community has.
ALL = 100_000


@app.command("list")
def list_members(community: Community, as_json: AsJson = False) -> None:
    """List who is in it today, with the level that they declared and their role."""
    found = read_out(resources.members(community, "", ALL), as_json, community=community)
    if as_json:
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


@app.command()
def ask(community: Community, whom: Whom, level: Level = None, words: Words = None, as_json: AsJson = False) -> None:
    """Ask to be let into a community that is not open to all; its leads decide. Who was declined may ask again after a
    month."""
    engagement = checked("--level", Engagement, level)
    _step(lambda tx, _: asking.ask(tx, LOCAL_ADMIN, whom, community, engagement, words), as_json)


@app.command("asking")
def list_requests(community: Community, as_json: AsJson = False) -> None:
    """List who asked to be let in and what became of it, the latest first."""
    found = read_out(asked.of_community(community), as_json, community=community)
    if as_json:
        return
    for one in found:
        _print_request(one)
    if not found:
        OUT.print("Nobody has asked to be let in.")


@app.command("let-in")
def let_in(request: RequestId, level: Level = None, person: Person = None, as_json: AsJson = False) -> None:
    """Say yes to who asked: they are a member from today; by leads, or a knowledge manager."""
    engagement = checked("--level", Engagement, level)
    _step(lambda tx, order: asking.accept(tx, acting(tx, person), request, engagement, order), as_json)


@app.command()
def decline(
    request: RequestId,
    reason: Annotated[str, typer.Argument(help="Why; who asked reads it.")],
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Say no to who asked, and why; by leads, or a knowledge manager."""
    if not reason.strip():
        raise InvalidInput("The reason is empty.")
    _step(lambda tx, _: asking.decline(tx, acting(tx, person), request, reason.strip()), as_json)


@app.command()
def withdraw(request: RequestId, person: Person = None, as_json: AsJson = False) -> None:
    """Take back what one asked."""
    _step(lambda tx, _: asking.withdraw(tx, acting(tx, person), request), as_json)


def _step(work: Callable[[Transaction, Sequence[str]], JoinRequest], as_json: bool) -> None:
    done = written(work, as_json)
    if not as_json:
        _print_request(done)


def _print_request(one: JoinRequest) -> None:
    level = f", {one.level}" if one.level else ""
    OUT.print(
        f"[bold]{escape(one.asker.name)}[/]{level}: {one.state} since {(one.decided_at or one.asked_at)[:10]}"
        f"{f' by {escape(one.decider.name)}' if one.decider else ''}  [dim]{escape(one.id)}[/]", highlight=False,
    )  # fmt: skip
    again = f"may ask again from {one.again_on} on" if one.again_on else None
    for name, said in (("", one.words), ("why: ", one.reason), ("", again)):
        if said:
            OUT.print(f"   [dim]{name}[/]{escape(said)}", highlight=False)


def _print(whom: str, spell: Spell) -> None:
    role = f", {spell.role}" if spell.role else ""
    OUT.print(
        f"[bold]{escape(whom)}[/]  {spell.engagement or 'level not declared'}{escape(role)}  "
        f"[dim]since {spell.joined_on or 'an unknown day'}[/]", highlight=False,
    )  # fmt: skip
    for line in spell.history:
        OUT.print(f"   [dim]{escape(line)}[/]", highlight=False)
