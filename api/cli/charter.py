"""`guildmap charter`: write a community's charter, say what you think of it, adopt it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api import charter_text
from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.writing import known
from graph.charters import Charter
from graph.database import Database, Transaction
from graph.errors import InvalidInput, Stale
from graph.models import LOCAL_ADMIN, Part, Party
from graph.reads import charters as reads
from graph.reads import resources
from graph.writes import charters as writes
from graph.writes.events import in_turn

if TYPE_CHECKING:
    from graph.reads.charters import CharterHistory, CharterVersion

app = typer.Typer(no_args_is_help=True)

Community = Annotated[str, typer.Argument(help="The community's id.")]
Person = Annotated[str | None, typer.Option(help="Who does it (id). Their part in the community decides.")]
Version = Annotated[int, typer.Argument(min=1, help="Number of a version, as `guildmap charter versions` shows it.")]

STYLES = {"same": "", "removed": "red strike", "added": "green"}


@app.command()
def show(
    community: Community,
    version: Annotated[int | None, typer.Option(min=1, help="This version; left out: the one that holds.")] = None,
    newest: Annotated[bool, typer.Option("--newest", help="The one on which the next draft is based.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the charter as Markdown: the adopted one, or while there is none the newest draft."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        name, history = _history(database, community)
        chosen = history.newest if newest else history.shown
        if version is not None:
            chosen = history.version(version)
        if chosen is None:
            raise reads.no_charter(community)
        if as_json:
            print_json(_plain(chosen), database, watch)
            return
    names = {one.id: one.name for one in (*chosen.goals, *chosen.took_part)}
    # As it is, so that it can be kept in a file and read back.
    typer.echo(charter_text.markdown(f"Charter of {name}", chosen.charter, chosen.number, names), nl=False)


@app.command()
def edit(
    community: Community,
    file: Annotated[Path, typer.Argument(help="A Markdown file as `guildmap charter show` prints it; - for stdin.")],
    person: Person = None,
    comment: Annotated[str | None, typer.Option(help="What changed and why.")] = None,
    as_json: AsJson = False,
) -> None:
    """Save a draft from a Markdown file. Earlier versions stay as they are."""
    try:
        text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is not valid UTF-8.") from None
    charter, base = charter_text.parsed(text), charter_text.base_of(text)

    def work(transaction: Transaction, _: Sequence[str]) -> "CharterHistory":
        newest = transaction.read(reads.history(community)).newest
        if newest is not None and base is not None and base != newest.number:
            raise Stale(
                f"The file was begun on version {base}, and version {newest.number} is newer. Look at `guildmap "
                f"charter diff {community} {base} {newest.number}`, and write the newest number into the file."
            )
        return writes.draft(transaction, LOCAL_ADMIN, community, person, charter, comment)

    _written(work, lambda history: history.newest, person, as_json)


@app.command()
def versions(community: Community, as_json: AsJson = False) -> None:
    """List all versions, the first one first."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        _, history = _history(database, community)
        if as_json:
            print_json([_plain(one) for one in history.versions], database, watch)
            return
    if not history.versions:
        raise reads.no_charter(community)
    table = Table(box=None, header_style="bold")
    for column in ("version", "state", "by", "on", "behind it", "objections", "what changed"):
        table.add_column(column)
    for one in history.versions:
        by = one.author.name if one.author else f"source {one.source}" if one.source else "somebody"
        on = (one.superseded_at or one.adopted_at or one.created_at or "")[:10]
        objections = f"{len(one.open)} open of {len(one.objections)}" if one.objections else ""
        cells = (str(one.number), one.state, by, on, str(len(one.behind) or ""), objections, one.comment or "")
        table.add_row(*(escape(cell) for cell in cells))
    OUT.print(table)


@app.command()
def diff(community: Community, one: Version, other: Version, as_json: AsJson = False) -> None:
    """Show what a version says differently than another, word by word."""
    from matcher.community.difference import differences

    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        _, history = _history(database, community)
        versions = history.version(one), history.version(other)
        found = differences(*(version.charter for version in versions))
        if as_json:
            print_json(found, database, watch)
            return
    names = {one.id: one.name for version in versions for one in (*version.goals, *version.took_part)}
    for difference in found:
        OUT.print(f"[bold cyan]{charter_text.HEADINGS[difference.field][1]}[/]")
        pieces = [(piece.text, STYLES[piece.change]) for piece in difference.pieces]
        if difference.field in ("goal_ids", "took_part_ids"):
            # Each entry is an id: people read names.
            pieces = [("".join(f"{names.get(key, key)}\n" for key in text.splitlines()), s) for text, s in pieces]
        text = Text().join(Text(*piece) for piece in pieces)
        OUT.print(Padding(text, (0, 0, 0, 3)))
    if not found:
        OUT.print("They say the same.")


@app.command()
def adopt(
    community: Community,
    version: Version,
    person: Person = None,
    despite_objections: Annotated[
        bool, typer.Option("--despite-objections", help="Needed where objections are open; it is kept how many.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """A sponsor makes a draft the charter that holds; the one before is superseded."""
    _written(
        lambda tx, order: writes.adopt(
            tx, LOCAL_ADMIN, community, person, version, despite_objections=despite_objections, order=order
        ),
        lambda history: history.version(version), person, as_json,
    )  # fmt: skip


@app.command()
def align(
    community: Community,
    version: Version,
    person: Person = None,
    undo: Annotated[bool, typer.Option("--undo", help="They stand behind it no longer.")] = False,
    as_json: AsJson = False,
) -> None:
    """Somebody of the community says that they stand behind a version."""
    take = writes.take_no_side if undo else writes.stand_behind
    _written(
        lambda tx, _: take(tx, LOCAL_ADMIN, community, person, version),
        lambda found: found.version(version), person, as_json,
    )  # fmt: skip


@app.command("object")
def object_to(
    community: Community,
    version: Version,
    text: Annotated[str, typer.Argument(help="What they have against it.")],
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Somebody of the community objects to a version."""
    said = _said(text)
    _written(
        lambda tx, _: writes.object_to(tx, LOCAL_ADMIN, community, person, version, said),
        lambda found: found.version(version), person, as_json,
    )  # fmt: skip


@app.command()
def settle(
    community: Community,
    objection: Annotated[str, typer.Argument(metavar="ID", help="As `guildmap charter talk` shows it.")],
    person: Person = None,
    reason: Annotated[str | None, typer.Option(help="Why; needed where a sponsor settles it. It is kept.")] = None,
    as_json: AsJson = False,
) -> None:
    """Settle an objection: who raised it, or a sponsor with a reason."""

    def of(history: "CharterHistory") -> "CharterVersion":
        return next(one for one in history.versions if any(found.id == objection for found in one.objections))

    why = reason.strip() if reason and reason.strip() else None
    _written(lambda tx, _: writes.settle(tx, LOCAL_ADMIN, community, person, objection, why), of, person, as_json)


@app.command()
def comment(
    community: Community,
    version: Version,
    text: Annotated[str, typer.Argument(help="What they say to it.")],
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Somebody of the community says something to a version."""
    said = _said(text)
    _written(
        lambda tx, _: writes.comment(tx, LOCAL_ADMIN, community, person, version, said),
        lambda found: found.version(version), person, as_json,
    )  # fmt: skip


@app.command()
def talk(
    community: Community,
    version: Annotated[int | None, typer.Option(min=1, help="To this version; left out: the newest.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show who stands behind a version, who objects, who has not said, and what was said to it."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        _, history = _history(database, community)
        chosen = history.newest if version is None else history.version(version)
        if chosen is None:
            raise reads.no_charter(community)
        silent = reads.silent(chosen, database.read(reads.parts(community)))
        if as_json:
            quiet = {part.value: [vars(one) for one in people] for part, people in silent.items()}
            print_json({**_plain(chosen), "silent": quiet}, database, watch)
            return
    _print(chosen)
    told = (
        f"{part.value}: {len(people) if part is Part.MEMBER else ', '.join(one.name for one in people)}"
        for part, people in silent.items()
        if people
    )
    if quiet_ones := "; ".join(told):
        OUT.print(Padding(f"[dim]have not said:[/] {escape(quiet_ones)}", (0, 0, 0, 3)), highlight=False)


@app.command()
def draft(
    community: Community,
    words_only: Annotated[bool, typer.Option("--words-only", help="Compare words alone, without a model.")] = False,
    as_json: AsJson = False,
) -> None:
    """Gather what a draft could say: facts of the graph with what they rest on. No sentence is invented."""
    from api.cli.find import asking_of
    from matcher.community.draft import read_facts, suggestions

    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database:
        _history(database, community)
        asking = asking_of(settings, database, words_only)
        snapshot = asking.snapshot
        facts = database.follow(
            read_facts(snapshot.communities[snapshot.row[community]], LOCAL_ADMIN, asking.model)
        )  # fmt: skip
        found = suggestions(snapshot, community, facts, snapshot.visible_to(LOCAL_ADMIN))
        if as_json:
            print_json(found, database, watch)
            return
    titles = {field: words for field, (_, words) in charter_text.HEADINGS.items()}
    last = ""
    for one in found:
        if one.field != last:
            OUT.print(f"[bold cyan]{titles[one.field]}[/]")
        last = one.field
        OUT.print(Padding(escape(one.text), (0, 0, 0, 3)), highlight=False)
        sources = ", ".join(f"{source.kind.replace('_', ' ')} {source.id}" for source in one.sources)
        OUT.print(Padding(f"[dim]{escape(sources)}[/]", (0, 0, 0, 5)), highlight=False)
    if not found:
        OUT.print("Nothing is known yet that a draft could rest on.")


def _said(text: str) -> str:
    if not text.strip():
        raise InvalidInput("The text is empty.")
    return text.strip()


def _history(database: Database, community: str) -> "tuple[str, CharterHistory]":
    found = database.follow(resources.seen(community, LOCAL_ADMIN))
    return found.community.name, database.read(reads.history(community))


def _written(
    work: "Callable[[Transaction, Sequence[str]], CharterHistory]",
    chosen: "Callable[[CharterHistory], CharterVersion | None]",
    person: str | None,
    as_json: bool,
) -> None:
    """Does it for `person` while no other write by hand goes on, and prints the version that it was about as it is
    then."""
    if person is None:
        raise InvalidInput("Say who does it: --person ID. A charter is written and agreed on by people.")
    watch = Stopwatch()
    settings = settings_module.load()

    with opened(settings) as database:
        known(database, person)
        version = chosen(database.write(in_turn(LOCAL_ADMIN.actor, lambda tx: work(tx, settings.source_order))))
        assert version is not None
        if as_json:
            print_json(_plain(version), database, watch)
            return
    _print(version)


def _print(one: "CharterVersion") -> None:
    by = f" by {one.author.name}" if one.author else ""
    OUT.print(f"[bold]version {one.number}[/]  {one.state}[dim]{escape(by)}[/]", highlight=False)

    def line(title: str, text: str) -> None:
        OUT.print(Padding(f"[dim]{title}:[/] {escape(text)}", (0, 0, 0, 3)), highlight=False)

    if one.adopted_at:
        despite = f", with {one.open_objections} objections open" if one.open_objections else ""
        adopter = f" by {one.adopted_by.name}" if one.adopted_by else ""
        line("adopted", f"{one.adopted_at[:10]}{adopter}{despite}")
    if one.behind:
        line("stand behind it", ", ".join(stander.person.name for stander in one.behind))
    for objection in one.objections:
        settled = f" by {_name(objection.settled_by)}: {objection.reason}" if objection.reason else ""
        line(f"{objection.state} objection {objection.id}", f"{_name(objection.by)}: {objection.text}")
        if objection.state == "settled":
            line("   settled", f"{(objection.settled_at or '')[:10]}{settled}")
    for said in one.comments:
        line(f"{_name(said.by)}, {said.at[:10]}", said.text)


def _name(who: Party | None) -> str:
    return who.name if who else "somebody"


def _plain(one: "CharterVersion") -> dict[str, Any]:
    charter: Charter = one.charter
    return {**vars(one), "charter": charter.model_dump(mode="json")}
