"""`guildmap remedy` and `guildmap simulate`: what can be done about a community, and what would follow from it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from api import settings as settings_module
from api.cli.find import asking_of
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN
from graph.reads import remedies as reads
from graph.remedies import REMEDY, Remedy
from graph.writes import remedies as writes
from graph.writes.events import in_turn

if TYPE_CHECKING:
    from graph.models import Party
    from graph.reads.remedies import KeptRemedy
    from matcher.audit.simulation import Covering, Likeness, Simulation

Community = Annotated[str, typer.Argument(help="The community that something is to be done about (id).")]
Done = Callable[[Remedy, bool], None]

# So many of what is listed are shown in a line, or in lines; `--json` gives all.
SHOWN = 8

# Less likely of one domain than this, something near is not worth a line.
WORTH_SHOWING = 0.05

WORDS = {
    "merge": "merged", "split": "split", "move_under": "moved under another", "retire": "retired", "rename": "renamed",
    "clarify": "clarified",
}  # fmt: skip


def _remedies(app: typer.Typer, perform: Done) -> None:
    """Adds one command for each remedy; `perform` gets it, and whether to answer in JSON."""

    def asked(as_json: bool, **given: Any) -> None:
        try:
            remedy = REMEDY.validate_python({name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in problem["loc"][1:])
            raise InvalidInput(f"{place or 'the remedy'}: {problem['msg'].removeprefix('Value error, ')}.") from None
        perform(remedy, as_json)

    @app.command()
    def merge(
        community: Community,
        into: Annotated[str, typer.Option(help="The community that goes on (id).")],
        name: Annotated[str | None, typer.Option(help="What that is called from then on.")] = None,
        domain: Annotated[str | None, typer.Option(help="What that is about from then on.")] = None,
        as_json: AsJson = False,
    ) -> None:
        """Its members, questions and what lies ahead go to another community; it is retired, and says where it went."""
        asked(as_json, remedy="merge", community_id=community, into_id=into, name=name, domain=domain)

    @app.command()
    def split(
        community: Community,
        parts: Annotated[
            Path,
            typer.Option(
                help='A JSON file: [{"name": ..., "domain": ..., "member_ids": [...], "skill_ids": [...]}, ...]'
            ),
        ],
        as_json: AsJson = False,
    ) -> None:
        """Members go to new communities; who is named in none stays, and where nobody stays it is retired."""
        try:
            given = json.loads(parts.read_text(encoding="utf-8"))
        except OSError as error:
            raise InvalidInput(f"--parts: {parts} cannot be read ({error.strerror}).") from None
        except ValueError as error:
            raise InvalidInput(f"--parts: {parts} is no JSON ({error}).") from None
        asked(as_json, remedy="split", community_id=community, parts=given)

    @app.command()
    def under(
        community: Community,
        parent: Annotated[str | None, typer.Option(help="The community that it becomes a sub-group of (id).")] = None,
        none: Annotated[bool, typer.Option("--none", help="It is a sub-group no longer.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """It becomes a sub-group of another community."""
        if (parent is None) != none:
            raise InvalidInput("Give --parent ID, or --none for a community that is to be no sub-group any more.")
        perform(
            REMEDY.validate_python({"remedy": "move_under", "community_id": community, "parent_id": parent}), as_json
        )

    @app.command()
    def retire(
        community: Community,
        successor: Annotated[str | None, typer.Option(help="The community that goes on with its domain (id).")] = None,
        as_json: AsJson = False,
    ) -> None:
        """It ends; its members stay on record."""
        asked(as_json, remedy="retire", community_id=community, successor_id=successor)

    @app.command()
    def rename(
        community: Community, name: Annotated[str, typer.Argument(help="The new name.")], as_json: AsJson = False
    ) -> None:
        """It is called otherwise."""
        asked(as_json, remedy="rename", community_id=community, name=name)

    @app.command()
    def clarify(
        community: Community,
        domain: Annotated[str | None, typer.Option(help="What it is about, in two to five sentences.")] = None,
        audience: Annotated[str | None, typer.Option(help="For whom it is.")] = None,
        as_json: AsJson = False,
    ) -> None:
        """It says more clearly what it is about, or for whom."""
        asked(as_json, remedy="clarify", community_id=community, domain=domain, audience=audience)


carrying = typer.Typer(no_args_is_help=True)
simulating = typer.Typer(no_args_is_help=True)

RemedyId = Annotated[str, typer.Argument(metavar="ID", help="As `guildmap remedy list` shows it.")]


def _carry_out(remedy: Remedy, as_json: bool) -> None:
    settings = settings_module.load()
    _written(lambda tx: writes.carry_out(tx, LOCAL_ADMIN, remedy, settings.source_order), as_json)


def _simulate(remedy: Remedy, as_json: bool) -> None:
    from matcher.audit import simulate
    from matcher.audit.proposal import Standing
    from matcher.audit.subject import Subject, read_facts

    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database:
        watch.lap("open")
        database.read_with(lambda tx: writes.concerned(tx, LOCAL_ADMIN, remedy))
        asking = asking_of(settings, database, False)
        facts = database.follow(read_facts(asking.model))
        snapshot = asking.snapshot
        more = database.follow(simulate.read_facts(snapshot.day))
        watch.lap("read")
        encode = asking.embedder.encode if asking.embedder is not None and asking.model is not None else None
        found = simulate.simulate(Standing(Subject(snapshot, facts, encode, False)), more, remedy, encode)
        watch.lap("simulate")
        if as_json:
            print_json(asdict(found), database, watch)
            return
    _print_simulation(found)


_remedies(carrying, _carry_out)
_remedies(simulating, _simulate)


@carrying.command()
def undo(remedy: RemedyId, as_json: AsJson = False) -> None:
    """Take a remedy back: all is as before, but for what changed again since."""
    settings = settings_module.load()
    _written(lambda tx: writes.undo(tx, LOCAL_ADMIN, remedy, settings.source_order), as_json)


@carrying.command("list")
def list_remedies(
    community: Annotated[str | None, typer.Option(help="Those about this community (id).")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many to list.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List what was carried out, the latest first."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        found = database.read(reads.remedies(LOCAL_ADMIN, community_id=community, limit=limit))
        if as_json:
            print_json([_plain(one) for one in found], database, watch)
            return
    if not found:
        OUT.print("Nothing has been carried out." if community is None else "Nothing has been done about it.")
        return
    table = Table(box=None, header_style="bold")
    for column in ("id", "on", "what", "communities", "state"):
        table.add_column(column)
    for one in found:
        names = " / ".join(about.name for about in one.about)
        table.add_row(one.id, one.at[:10], WORDS[one.remedy], escape(names), one.state)
    OUT.print(table)


def _written(work: "Callable[[Transaction], KeptRemedy]", as_json: bool) -> None:
    watch = Stopwatch()

    with opened(settings_module.load()) as database:
        done = database.write(in_turn(LOCAL_ADMIN.actor, work))
        if as_json:
            print_json(_plain(done), database, watch)
            return
    first, *others = [f"[bold]{escape(one.name)}[/]" for one in done.about]
    beside = f" ({', '.join(others)})" if others else ""
    if done.state == "undone":
        OUT.print(f"[green]taken back:[/] {first} is not {WORDS[done.remedy]}{beside} any more", highlight=False)
        for told in done.left:
            OUT.print(Padding(f"[yellow]left as it is:[/] {escape(told)}", (0, 0, 0, 3)), highlight=False)
        return
    changes = "1 change" if done.changes == 1 else f"{done.changes:,} changes"
    OUT.print(f"[green]done:[/] {first} is {WORDS[done.remedy]}{beside}, {changes}", highlight=False)
    OUT.print(Padding(f"take it back with: guildmap remedy undo {done.id}", (0, 0, 0, 3)), highlight=False)


def _print_simulation(found: "Simulation") -> None:
    OUT.print(f"[bold]{escape(found.text)}[/]", highlight=False)
    for note in found.notes:
        OUT.print(Padding(f"[yellow]note:[/] {escape(note)}", (0, 0, 0, 3)), highlight=False)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column(overflow="fold")

    def say(title: str, lines: Sequence[str]) -> None:
        for at, line in enumerate(lines):
            table.add_row(title if at == 0 else "", escape(line))

    for move in found.moves:
        there = f"; {len(move.already)} are in it already: {_named(move.already)}" if move.already else ""
        say(f"to {move.name}", [f"{len(move.people)}: {_named(move.people)}{there}" if move.people else "nobody"])
    if found.stay:
        say("stay", [f"{len(found.stay)}: {_named(found.stay)}"])
    covering = found.covering
    if found.moves or found.losses or any(one.gained or one.lost for one in found.coverage):
        for one in found.coverage:
            lines = [f"{sign} {', '.join(names)}" for sign, names in (("+", one.gained), ("-", one.lost)) if names]
            say(f"skills of {one.name}", lines or ["as before"])
        lines = [f"{one.person.name}: {one.role} of {one.community}; {one.because}" for one in found.losses]
        say("lose or share a role", lines or ["nobody"])
        lines = [f"{one.one} / {one.other} ({len(one.people)}: {_named(one.people)})" for one in found.collisions]
        more = [f"and {len(lines) - SHOWN} more pairs"] if len(lines) > SHOWN else []
        say("meetings that collide", [*lines[:SHOWN], *more] or ["none, as far as their times are known"])
        say("communities needed", [_covering(covering)])
    # What has its name is worth a line however unlike it is otherwise.
    near = [one for one in found.likeness if max(one.before or 0, one.after or 0) >= WORTH_SHOWING or one.shares_name]
    near = near[:SHOWN]
    say("near to", [_likeness(one) for one in near])
    if found.attracted is not None:
        attracted = found.attracted
        lines = [f"{attracted.after} people, {attracted.before} now"]
        lines += [f"+ {_named(attracted.gained)}"] if attracted.gained else []
        lines += [f"- members who fit no more: {_named(attracted.lost)}"] if attracted.lost else []
        say("words attract", lines)
    say(
        "ask first",
        [f"{one.person.name} ({one.person.id}): {', '.join(one.because)}" for one in found.ask] or ["nobody is known"],
    )
    OUT.print(table)


def _named(people: "Sequence[Party]") -> str:
    more = f" and {len(people) - SHOWN} more" if len(people) > SHOWN else ""
    return ", ".join(one.name for one in people[:SHOWN]) + more


def _covering(one: "Covering") -> str:
    if not one.people:
        return "no skills are known that it touches"
    changed = [
        f"{number} {what}"
        for number, what in (
            (one.fewer, "need fewer"), (one.more, "need more"), (one.uncovered, "hold a skill that is covered no more"),
        )
        if number
    ]  # fmt: skip
    whom = (
        "1 person whose skills it touches needs"
        if one.people == 1
        else f"{one.people} people whose skills it touches need"
    )
    return f"{whom} {one.before:.2f} on average, then {one.after:.2f}" + (f": {', '.join(changed)}" if changed else "")


def _likeness(one: "Likeness") -> str:
    before, after = ("not near" if value is None else f"{value:.2f}" for value in (one.before, one.after))
    named = ", and it would have nearly the same name" if one.shares_name else ""
    return f"{one.of} / {one.name}: {before}, then {after}{named}"


def _plain(one: "KeptRemedy") -> dict[str, Any]:
    return {**vars(one), "about": [vars(about) for about in one.about], "asked": json.loads(one.asked)}
