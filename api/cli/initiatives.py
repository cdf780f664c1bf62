"""`guildmap initiative`: what people propose to communities, and what becomes of it."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.writing import acting, checked, written
from api.wording import INITIATIVES
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN
from graph.reads import meetings as reads
from graph.reads import resources
from graph.reads.meetings import Initiative
from graph.writes import practice as writes
from ingest.records import Link, Moment, Zone

app = typer.Typer(no_args_is_help=True)

Community = Annotated[str, typer.Argument(metavar="COMMUNITY", help="The community's id.")]
InitiativeId = Annotated[str, typer.Argument(metavar="ID", help="As `guildmap initiative list` shows it.")]
Person = Annotated[str | None, typer.Option(help="For whom (id); left out: as whoever sits here.")]
StartsAt = Annotated[str | None, typer.Option(help="Of a meeting, like 2026-12-01T13:00.")]
Address = Annotated[str | None, typer.Option("--url", help="Of an artefact: where it is.")]


@app.command("list")
def list_initiatives(
    community: Community,
    state: Annotated[str | None, typer.Option(help=f"Only these: {', '.join(INITIATIVES)}.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what people proposed to a community and what became of it, the latest first."""
    watch = Stopwatch()
    if state not in (None, *INITIATIVES):
        raise InvalidInput(f"--state: must be one of {', '.join(INITIATIVES)}, not {state!r}.")
    with opened(settings_module.load()) as database:
        database.follow(resources.seen_at_work(community, LOCAL_ADMIN))
        found = [one for one in database.read(reads.initiatives(community)) if state in (None, one.state)]
        if as_json:
            print_json(found, database, watch)
            return
    for one in found:
        _print(one)
    if not found:
        OUT.print("Nobody has proposed anything. Anybody may: guildmap initiative propose.")


@app.command()
def propose(
    community: Community,
    kind: Annotated[str, typer.Argument(help=f"What: {', '.join(writes.INITIATIVES)}.")],
    title: Annotated[str, typer.Argument(help="What it is called.")],
    person: Annotated[str, typer.Option(help="Who proposes it (id).")],
    text: Annotated[str | None, typer.Option(help="More about it.")] = None,
    starts_at: StartsAt = None,
    url: Address = None,
    as_json: AsJson = False,
) -> None:
    """Propose a meeting, a topic to talk about, or something to make; anybody may who sees the community."""
    if kind not in writes.INITIATIVES:
        raise InvalidInput(f"KIND: must be one of {', '.join(writes.INITIATIVES)}, not {kind!r}.")
    if not title.strip():
        raise InvalidInput("The title is empty.")
    fields = {"kind": kind, "title": title.strip(), "text": text, **_given(starts_at, url)}
    done = written(lambda tx, _: writes.propose(tx, acting(tx, person), person, community, fields), as_json)
    if not as_json:
        _print(done)


@app.command("take-up")
def take_up(
    initiative: InitiativeId,
    title: Annotated[str | None, typer.Option(help="What it is called, where that changes.")] = None,
    starts_at: StartsAt = None,
    zone: Annotated[str | None, typer.Option(help="Time zone of a meeting, like Europe/Oslo.")] = None,
    url: Address = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Make of it what was proposed: a meeting, an agenda item, an artefact; by leads and core members."""
    more = {"title": title, "timezone": checked("--zone", Zone, zone), **_given(starts_at, url)}
    given = {name: value for name, value in more.items() if value is not None}
    done = written(lambda tx, order: writes.take_up(tx, acting(tx, person), initiative, given, order), as_json)
    if not as_json:
        _print(done)


@app.command()
def decline(
    initiative: InitiativeId,
    reason: Annotated[str, typer.Argument(help="Why; who proposed it reads it.")],
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Say no to it, and why; by leads and core members."""
    if not reason.strip():
        raise InvalidInput("The reason is empty.")
    done = written(lambda tx, _: writes.decline(tx, acting(tx, person), initiative, reason.strip()), as_json)
    if not as_json:
        _print(done)


@app.command()
def withdraw(initiative: InitiativeId, person: Person = None, as_json: AsJson = False) -> None:
    """Take back what one proposed."""
    done = written(lambda tx, _: writes.withdraw(tx, acting(tx, person), initiative), as_json)
    if not as_json:
        _print(done)


def _given(starts_at: str | None, url: str | None) -> dict[str, Any]:
    return {"starts_at": checked("--starts-at", Moment, starts_at), "url": checked("--url", Link, url)}


def _print(one: Initiative) -> None:
    when = f", {one.starts_at.replace('T', ' ')}" if one.starts_at else ""
    OUT.print(
        f"[bold]{escape(one.title)}[/]  {one.kind}{escape(when)}: {INITIATIVES[one.state]}  [dim]{escape(one.id)}[/]",
        highlight=False,
    )
    by = f"   proposed by {one.proposer.name} on {one.proposed_at[:10]}"
    if one.decided_at:
        by += f"; {INITIATIVES[one.state]}{f' by {one.decider.name}' if one.decider else ''} on {one.decided_at[:10]}"
    OUT.print(escape(by), highlight=False)
    for name, said in (("", one.text), ("why: ", one.reason), ("became: ", one.became), ("where: ", one.url)):
        if said:
            OUT.print(f"   [dim]{name}[/]{escape(said)}", highlight=False)
