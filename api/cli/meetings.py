"""`guildmap meeting` and `guildmap practice`: what communities do together."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import ics
from api import practice as practising
from api import settings as settings_module
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json
from api.cli.writing import acting, checked, known, written
from api.wording import PRACTICE, measured, numbers_said
from graph import rhythm
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN, Principal
from graph.reads import meetings as reads
from graph.reads import questions as question_reads
from graph.reads import resources
from graph.reads.meetings import Occurrence
from graph.writes import meetings as writes
from ingest.records import Minutes, Moment, Zone

# How an agenda item stands.
STATES = ("open", "progressed", "settled")

app = typer.Typer(no_args_is_help=True)
measuring = typer.Typer(no_args_is_help=True)

Community = Annotated[str, typer.Argument(metavar="COMMUNITY", help="The community's id.")]
MeetingId = Annotated[str, typer.Argument(metavar="ID", help="As `guildmap meeting list` shows it.")]
Person = Annotated[str | None, typer.Option(help="For whom (id); left out: as whoever sits here.")]
Begins = Annotated[str, typer.Argument(metavar="STARTS_AT", help="When it begins, like 2026-12-01T13:00.")]


@app.command("list")
def list_meetings(
    community: Community,
    begins: Annotated[str | None, typer.Option("--from", help="The first day; left out: today.")] = None,
    ends: Annotated[str | None, typer.Option("--to", help="The last day; left out: 90 days later.")] = None,
    as_json: AsJson = False,
) -> None:
    """List meetings, those of a series one by one, with what is carried over to the next."""
    watch = Stopwatch()
    first, last = _day("--from", begins), _day("--to", ends)
    with opened(settings_module.load()) as database:
        found = database.follow(practising.listed(community, LOCAL_ADMIN, first, last))
        if as_json:
            carried = {key: [item.title for item in items] for key, items in found.carried.items()}
            print_json(list(found.meetings), database, watch, carried=carried)
            return
    for one in found.meetings:
        _print(one)
        for item in found.carried.get(one.id, ()):
            OUT.print(f"   [dim]carried over:[/] {escape(item.title)} ({item.state or 'open'})", highlight=False)
    if not found.meetings:
        OUT.print("No meeting is on these days. Plan one: guildmap meeting plan.")


@app.command()
def plan(
    community: Community,
    starts_at: Begins,
    title: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    repeat: Annotated[str | None, typer.Option(help="A rule like FREQ=WEEKLY;INTERVAL=2;BYDAY=TU (RFC 5545).")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone, like Europe/Oslo; left out: the community's.")] = None,
    minutes: Annotated[int | None, typer.Option(help="How long it lasts; left out: an hour.")] = None,
    where: Annotated[str | None, typer.Option("--place", help="Where it is.")] = None,
    facilitator: Annotated[str | None, typer.Option(help="Who keeps notes and attendance too (id).")] = None,
    item: Annotated[list[str] | None, typer.Option(help="To put on its agenda; may be repeated.")] = None,
    follows: Annotated[str | None, typer.Option(help="The series that ends where this begins (id).")] = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Plan a meeting, or a series of them."""
    given = {
        "starts_at": checked("STARTS_AT", Moment, starts_at), "title": title, "recurrence": repeat,
        "timezone": checked("--zone", Zone, zone), "minutes": checked("--minutes", Minutes, minutes), "place": where,
        "facilitator_id": facilitator, "agenda": item, "follows_id": follows,
    }  # fmt: skip
    fields = {name: value for name, value in given.items() if value is not None}
    _written(lambda tx, who, order: writes.plan(tx, who, community, fields, order), person, as_json)


@app.command()
def move(meeting: MeetingId, starts_at: Begins, person: Person = None, as_json: AsJson = False) -> None:
    """Put one meeting at another moment; the rest of its series stays."""
    at = checked("STARTS_AT", Moment, starts_at)
    _written(lambda tx, who, order: writes.move(tx, who, meeting, at, order), person, as_json)


@app.command()
def cancel(
    meeting: MeetingId,
    reason: Annotated[str | None, typer.Option(help="Why; people read it.")] = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Cancel one meeting, or a series from now on."""
    _written(lambda tx, who, order: writes.cancel(tx, who, meeting, reason, order), person, as_json)


@app.command()
def attend(
    meeting: MeetingId,
    who_came: Annotated[str, typer.Argument(metavar="PERSON", help="Who was there (id).")],
    absent: Annotated[bool, typer.Option("--absent", help="They were not there after all.")] = False,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Note who came. Whoever is not in the community came as a guest."""
    _written(
        lambda tx, who, order: writes.attend(tx, who, meeting, who_came, came=not absent, order=order), person, as_json
    )


@app.command()
def note(
    meeting: MeetingId,
    text: Annotated[str, typer.Argument(help="What it was about.")],
    item: Annotated[str | None, typer.Option(help="Only of this agenda item (its title).")] = None,
    state: Annotated[str | None, typer.Option(help="How the item stands: open, progressed, settled.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who takes the item on (id).")] = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Write down what a meeting was about, or what it said of an item."""
    if not text.strip():
        raise InvalidInput("The note is empty.")
    if state not in (None, *STATES):
        raise InvalidInput(f"--state: must be {', '.join(STATES)}, not {state!r}.")
    if item is None and (state or owner):
        raise InvalidInput("--state and --owner are of an item: name it with --item.")

    def work(transaction: Transaction, who: Principal, order: Sequence[str]) -> Occurrence:
        if item is None:
            return writes.note(transaction, who, meeting, text.strip(), order)
        return writes.discuss(
            transaction, who, meeting, item, text=text.strip(), state=state, owner_id=owner, order=order
        )  # fmt: skip

    _written(work, person, as_json)


@app.command()
def agenda(
    meeting: MeetingId,
    title: Annotated[str, typer.Argument(help="What to talk about.")],
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Put something on an agenda; what is not settled is carried over without this."""
    _written(lambda tx, who, order: writes.put_on_agenda(tx, who, meeting, title, order), person, as_json)


@app.command()
def items(
    community: Community,
    state: Annotated[str | None, typer.Option(help="Only these: open, progressed, settled.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what a community comes back to, with what was said of each item and when."""
    watch = Stopwatch()
    if state not in (None, *STATES):
        raise InvalidInput(f"--state: must be {', '.join(STATES)}, not {state!r}.")
    with opened(settings_module.load()) as database:
        database.follow(resources.seen_at_work(community, LOCAL_ADMIN))
        found = [one for one in database.read(reads.agenda(community)) if state in (None, one.state or "open")]
        if as_json:
            print_json(found, database, watch)
            return
    for one in found:
        owner = f", taken on by {one.owner.name}" if one.owner else ""
        OUT.print(f"[bold]{escape(one.title)}[/]  {one.state or 'open'}{escape(owner)}", highlight=False)
        for said in one.discussions:
            when = f"{said.begins:%Y-%m-%d}" if said.begins else "day not known"
            note = f": {said.note}" if said.note else ""
            OUT.print(f"   [dim]{when}  {escape(said.meeting_id)}[/]{escape(note)}", highlight=False)
    if not found:
        OUT.print("Nothing is on its agendas.")


@app.command("calendar")
def print_calendar(
    community: Annotated[str | None, typer.Argument(metavar="COMMUNITY", help="The community's id.")] = None,
    person: Annotated[str | None, typer.Option(help="Of all communities that this person is in (id).")] = None,
) -> None:
    """The calendar of a community, or of a person, as iCalendar (.ics), on standard output."""
    if (community is None) == (person is None):
        raise InvalidInput("Name a community, or a person with --person ID.")
    with opened(settings_module.load()) as database:
        if community is not None:
            name = database.follow(resources.seen_at_work(community, LOCAL_ADMIN)).community.name
            ids = [community]
        else:
            known(database, person)
            name, ids = "guildmap", database.read(reads.communities_of(person or ""))
        stored = database.read(reads.meetings(ids, datetime.now(UTC) - timedelta(days=ics.BACK)))
    typer.echo(ics.calendar(name, stored).decode(), nl=False)


@app.command()
def address(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Whose calendar (id).")],
    drop: Annotated[bool, typer.Option("--drop", help="Let it open nothing any more, and make no new one.")] = False,
) -> None:
    """Make the private address at which a calendar on a phone reads a person's meetings; the one before opens nothing
    any more."""
    if drop:
        written(lambda tx, _: writes.drop_address(tx, acting(tx, person), person), False)
        OUT.print("The address opens nothing any more.")
        return
    secret = written(lambda tx, _: writes.renew_address(tx, acting(tx, person), person), False)
    OUT.print(f"/v1/calendar/{secret}.ics", highlight=False, soft_wrap=True)
    ERRORS.print("Keep it now, below the address of the service; it cannot be shown again.", highlight=False)


@measuring.command("show")
def show_practice(
    community: Community,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to look.")] = practising.PERIOD,
    as_json: AsJson = False,
) -> None:
    """How a community's practice goes: each measure with the numbers behind it, or why it cannot be told."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        found = database.follow(practising.measured(community, LOCAL_ADMIN, days))
        if as_json:
            print_json(found, database, watch, days=days)
            return
    table = Table("measure", "value", "rests on", box=None, header_style="bold")
    for one in found:
        title = f"{one.name.replace('_', ' ')}: {PRACTICE[one.name]}"
        told = "cannot tell" if one.value is None else measured(one.value, one.unit)
        rests = numbers_said(one.numbers) if one.why is None else one.why
        table.add_row(escape(title), escape(told), escape(rests))
    OUT.print(table)
    for one in found:
        for text in one.said:
            OUT.print(f"[dim]{one.name.replace('_', ' ')}:[/] {escape(text)}", highlight=False)


@measuring.command()
def questions(
    community: Community,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many to list.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List what was asked in a community and is not private, the latest first, and who advised."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        database.follow(resources.seen_at_work(community, LOCAL_ADMIN))
        found = database.read(question_reads.of_community(community, inside=True, limit=limit))
        if as_json:
            print_json(found, database, watch)
            return
    for one in found:
        who = one.asker.name if one.asker else "somebody"
        OUT.print(f"[bold]{escape(one.title or one.text)}[/]", highlight=False)
        OUT.print(f"   [dim]{one.asked_at or 'day not known'}  {escape(who)}  {escape(one.id)}[/]", highlight=False)
        for given in one.advice:
            became = f", {given.outcome.replace('_', ' ')}" if given.outcome else ""
            text = f": {given.text}" if given.text else ""
            OUT.print(f"   {escape(given.helper.name)}[dim] {given.at or ''}{became}[/]{escape(text)}", highlight=False)
        if not one.advice:
            OUT.print("   nobody has advised yet", highlight=False)
    if not found:
        OUT.print("Nothing was asked in it.")


def _written(
    work: Callable[[Transaction, Principal, Sequence[str]], Occurrence], person: str | None, as_json: bool
) -> None:
    done = written(lambda tx, order: work(tx, acting(tx, person), order), as_json)
    if not as_json:
        _print(done)


def _day(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(f"{name}: must be a day like 2026-12-01, not {text!r}.") from None


def _print(one: Occurrence) -> None:
    meeting = one.meeting
    state = "cancelled" if one.cancelled else "held" if one.recorded and meeting.held else ""
    when = f"{one.begins:%a %Y-%m-%d}" if one.all_day else f"{one.begins:%a %Y-%m-%d %H:%M %Z}"
    rule = rhythm.said(meeting.recurrence) if meeting.recurrence else ""
    OUT.print(
        f"[bold]{when}[/]  {escape(meeting.title or 'Meeting')}  {state}  [dim]{escape(one.id)}  {escape(rule)}[/]",
        highlight=False,
    )
    if not one.recorded:
        return
    came = ", ".join(f"{who.name}{' (guest)' if who.guest else ''}" for who in meeting.came)
    for name, text in (("why", meeting.reason), ("notes", meeting.summary), ("came", came)):
        if text:
            OUT.print(f"   [dim]{name}:[/] {escape(text)}", highlight=False)
    for item in meeting.agenda:
        said = f": {item.note}" if item.note else ""
        OUT.print(f"   [dim]agenda:[/] {escape(item.title + said)} ({item.state or 'open'})", highlight=False)
