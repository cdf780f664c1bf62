"""`guildmap acts`: what was done by privilege, and whether the record of it is whole."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json
from graph.acts import Notes, note
from graph.acts import verify as verify_log
from graph.errors import InvalidInput
from graph.reads import acts as reads
from graph.reads.acts import Head

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_acts(
    after: Annotated[int, typer.Option(min=0, help="The number behind which to begin.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List privileged acts, the oldest first. Who was erased since stands in it under a pseudonym alone."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        found = database.read(reads.acts_after(after, limit))
        names = database.read(reads.pseudonyms())
        if as_json:
            print_json([{**vars(one), "details": reads.told(one.details)} for one in found], database, watch)
            return
    table = Table(box=None, header_style="bold")
    for column in ("", "at", "who", "did", "to", "more"):
        table.add_column(column)
    for one in found:
        more = ", ".join(f"{name}: {value}" for name, value in reads.told(one.details).items())
        table.add_row(str(one.seq), one.at[:19], escape(names.get(one.actor, one.actor)), one.action,
                      escape(names.get(one.subject or "", one.subject or "")), escape(more))  # fmt: skip
    OUT.print(table if found else "Nothing was done by privilege.")


@app.command()
def verify(
    noted: Annotated[
        list[str] | None, typer.Option("--noted", metavar="NUMBER:HASH", help="An end that was kept elsewhere.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take the log as it is from now on, as after a disaster.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look whether any act was changed, taken out, moved or cut off. Prints the end, to be kept elsewhere.

    Exit code 1 where anything is wrong.
    """
    watch, settings = Stopwatch(), settings_module.load()
    with opened(settings) as database:
        found = verify_log(database, tuple(_head(text) for text in noted or ()))
        if accept:
            Notes(settings).add(found.head, accepted=True)
        elif not found.faults:
            note(database)
        if as_json:
            print_json(found, database, watch)
    if not as_json:
        for fault in found.faults:
            ERRORS.print(f"[bold red]{fault}[/]", highlight=False)
        state = "not whole" if found.faults else "whole"
        OUT.print(f"{state}: {found.head.seq:,} acts, the last is {found.head.seq}:{found.head.hash}",
                  highlight=False, soft_wrap=True)  # fmt: skip
    if found.faults and not accept:
        raise typer.Exit(1)


def _head(text: str) -> Head:
    number, _, digest = text.partition(":")
    if not number.isdigit() or len(digest) != len(reads.BEGINNING):
        raise InvalidInput(f"--noted: {text!r} is not NUMBER:HASH, as `guildmap acts verify` prints it.")
    return Head(int(number), digest)
