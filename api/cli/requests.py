"""`guildmap request`: ask somebody for help, and follow it up to how their advice worked out."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.reading import read_out
from api.cli.writing import written
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN, HelpRequest
from graph.reads import requests as reads
from graph.reads.requests import Seen
from graph.writes import requests as writes

app = typer.Typer(no_args_is_help=True)

RequestId = Annotated[str, typer.Argument(metavar="ID", help="As `guildmap request list` shows it.")]
Person = Annotated[str | None, typer.Option(help="Of this person (id): by them and to them.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many to list.")]

STATES = ("asked", "accepted", "declined", "advised", "tried", "closed", "withdrawn")


@app.command()
def ask(
    helper: Annotated[str, typer.Argument(help="The id of the person who is asked.")],
    text: Annotated[str | None, typer.Argument(help="The question, in a sentence or more.")] = None,
    person: Annotated[str | None, typer.Option(help="Who asks (id).")] = None,
    title: Annotated[str | None, typer.Option(help="The question in a few words.")] = None,
    community: Annotated[str | None, typer.Option(help="The community that it belongs to (id).")] = None,
    private: Annotated[bool, typer.Option("--private", help="For the eyes of the two alone.")] = False,
    question: Annotated[str | None, typer.Option(help="A question that they asked before (id), without TEXT.")] = None,
    recommended: Annotated[bool, typer.Option("--recommended", help="`help-for` named the helper.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask somebody for help."""
    if person is None:
        raise InvalidInput("Say who asks: --person ID.")
    if bool(text and text.strip()) == bool(question):
        raise InvalidInput("Give the question's text, or --question with the id of one that was asked before.")
    given: dict[str, Any] | None = None
    if not question:
        given = {"text": text, "title": title, "community_id": community, "private": private or None}
    elif title or community or private:
        raise InvalidInput("--title, --community and --private are for a new question, not for --question.")

    def work(transaction: Transaction, order: Sequence[str]) -> Seen:
        return writes.ask(
            transaction, LOCAL_ADMIN, person, helper, question_id=question, question=given, recommended=recommended,
            order=order,
        )  # fmt: skip

    _written(work, as_json)


@app.command()
def accept(request: RequestId, as_json: AsJson = False) -> None:
    """The helper says yes."""
    _written(lambda tx, _: writes.accept(tx, LOCAL_ADMIN, request), as_json)


@app.command()
def decline(
    request: RequestId,
    reason: Annotated[str | None, typer.Option(help="Why; the asker reads it.")] = None,
    as_json: AsJson = False,
) -> None:
    """The helper says no."""
    _written(lambda tx, _: writes.decline(tx, LOCAL_ADMIN, request, reason), as_json)


@app.command()
def advise(
    request: RequestId,
    text: Annotated[str, typer.Argument(help="The advice.")],
    as_json: AsJson = False,
) -> None:
    """The helper gives advice; it is kept with today's date."""
    if not text.strip():
        raise InvalidInput("The advice is empty.")
    _written(lambda tx, order: writes.advise(tx, LOCAL_ADMIN, request, text.strip(), order), as_json)


@app.command()
def tried(request: RequestId, as_json: AsJson = False) -> None:
    """The asker has tried what was advised."""
    _written(lambda tx, _: writes.tried(tx, LOCAL_ADMIN, request), as_json)


@app.command()
def outcome(
    request: RequestId,
    told: Annotated[str, typer.Argument(metavar="OUTCOME", help=f"One of {', '.join(writes.OUTCOMES)}.")],
    learned: Annotated[str | None, typer.Option(help="What others could learn from it.")] = None,
    as_json: AsJson = False,
) -> None:
    """The asker says what came of it, which closes the request."""
    _written(lambda tx, order: writes.outcome(tx, LOCAL_ADMIN, request, told, order, learned), as_json)


@app.command()
def withdraw(request: RequestId, as_json: AsJson = False) -> None:
    """The asker needs no help any more."""
    _written(lambda tx, _: writes.withdraw(tx, LOCAL_ADMIN, request), as_json)


@app.command()
def show(request: RequestId, as_json: AsJson = False) -> None:
    """Show one request."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        seen = database.read(reads.request(request, LOCAL_ADMIN))
        if seen is None:
            raise reads.no_request(request)
        if as_json:
            print_json(seen.request, database, watch)
            return
    _print(seen.request)


@app.command("list")
def list_requests(
    person: Person = None,
    role: Annotated[str | None, typer.Option(help="asker or helper: only those by them, or to them.")] = None,
    state: Annotated[list[str] | None, typer.Option(help=f"{', '.join(STATES)}; may be repeated.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List requests, the latest first."""
    if role not in (None, "asker", "helper"):
        raise InvalidInput(f"--role: must be asker or helper, not {role!r}.")
    if unknown := sorted(set(state or ()) - set(STATES)):
        raise InvalidInput(f"--state: there is no state {', '.join(unknown)}. Known: {', '.join(STATES)}.")
    found = read_out(
        reads.requests(LOCAL_ADMIN, person, role=role, states=state or None, limit=limit), as_json, person=person
    )
    if as_json:
        return
    table = _table("state", "asked on")
    for one in found:
        _add(table, one, one.state, one.requested_at[:10])
    OUT.print(table if found else "There are no such requests.")


@app.command()
def due(
    person: Person = None,
    undecided_days: Annotated[
        int, typer.Option(min=0, max=3650, help="Days that a request may go undecided.")
    ] = reads.UNDECIDED,
    unadvised_days: Annotated[
        int, typer.Option(min=0, max=3650, help="Days from acceptance to advice.")
    ] = reads.UNADVISED,
    unfollowed_days: Annotated[
        int, typer.Option(min=0, max=3650, help="Days from advice to its outcome.")
    ] = reads.UNFOLLOWED,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """List requests of which somebody is to be reminded, those that have waited longest first."""
    limits = reads.due_limits(undecided_days, unadvised_days, unfollowed_days)
    found = read_out(reads.due(LOCAL_ADMIN, person, limits, limit=limit), as_json, person=person)
    if as_json:
        return
    table = _table("state", "since", "waits for")
    for one in found:
        _add(table, one.request, one.request.state, one.since[:10], one.waits_for.name if one.waits_for else "")
    OUT.print(table if found else "Nobody has to be reminded of anything.")


def _written(work: Callable[[Transaction, Sequence[str]], Seen], as_json: bool) -> None:
    """Takes a step while no other write by hand goes on, and prints the request as it stands then."""
    done = written(lambda tx, order: work(tx, order).request, as_json)
    if not as_json:
        _print(done)


def _print(one: HelpRequest) -> None:
    asker = one.asker.name if one.asker else "somebody"
    OUT.print(
        f"[bold]{escape(one.id)}[/]  {one.state}  [dim]{escape(asker)} asks {escape(one.helper.name)}[/]",
        highlight=False,
    )
    OUT.print(f"   {escape(one.title or one.text)}", highlight=False)
    for name, text in (
        ("declined", one.reason),
        ("advice", one.advice),
        ("outcome", one.outcome),
        ("learned", one.learned),
    ):
        if text:
            OUT.print(f"   [dim]{name}:[/] {escape(text.replace('_', ' ') if name == 'outcome' else text)}",
                      highlight=False)  # fmt: skip
    possible = writes.possible_steps(one, frozenset(("asker", "helper")))
    if possible:
        OUT.print(f"   [dim]possible now: {', '.join(possible)}[/]", highlight=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold")
    for column in ("id", *columns, "asker", "helper", "question"):
        table.add_column(column)
    return table


def _add(table: Table, one: HelpRequest, *cells: str) -> None:
    asker = one.asker.name if one.asker else ""
    shown = (one.id, *cells, asker, one.helper.name, (one.title or one.text)[:60])
    table.add_row(*(escape(cell) for cell in shown))
