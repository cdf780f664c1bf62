"""`guildmap pulse`: a short anonymous question now and then, and what the answers say of a community."""

from datetime import date
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.reading import read_out
from api.cli.writing import acting, known
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.pulse import QUESTIONS
from graph.reads import pulse as reads
from graph.writes import pulse as writes
from graph.writes.events import in_turn

app = typer.Typer(no_args_is_help=True)

Acting = Annotated[str, typer.Option("--person", help="Who you are (id).")]


@app.command()
def ask(person: Acting, as_json: AsJson = False) -> None:
    """Show what you are asked at present."""
    watch, settings = Stopwatch(), settings_module.load()
    with opened(settings) as database:
        known(database, person)
        found = database.read(reads.question(person, settings.pulse_every))
        if as_json:
            print_json(found, database, watch)
            return
    if found is None:
        OUT.print("You are asked nothing at present.")
        return
    OUT.print(f"{escape(found.community)}: [bold]{escape(found.text)}[/]", highlight=False)
    OUT.print(
        f"   1 (not at all) to 5 (very much), or skip:  guildmap pulse answer {escape(found.community_id)} "
        f"{found.question} 4 --person {escape(person)}", highlight=False, soft_wrap=True,
    )  # fmt: skip


@app.command()
def answer(
    community: Annotated[str, typer.Argument(help="The community (id), as `guildmap pulse ask` shows it.")],
    question: Annotated[str, typer.Argument(help=f"One of {', '.join(QUESTIONS)}.")],
    told: Annotated[str, typer.Argument(metavar="ANSWER", help="1 (not at all) to 5 (very much), or `skip`.")],
    person: Acting,
) -> None:
    """Answer, or skip. Nothing keeps what you answered together with who you are."""
    if told not in ("1", "2", "3", "4", "5", "skip"):
        raise InvalidInput(f"ANSWER: must be 1 to 5 or skip, not {told!r}.")
    settings = settings_module.load()
    given = None if told == "skip" else int(told)

    def work(transaction: Transaction) -> None:
        writes.answer(
            transaction, acting(transaction, person), community, question, given, settings.pulse_every
        )  # fmt: skip

    with opened(settings) as database:
        database.write(in_turn(writes.NOBODY, work))
    OUT.print("Thank you.")


@app.command()
def show(
    community: Annotated[str, typer.Argument(help="The id of a community.")],
    as_json: AsJson = False,
) -> None:
    """What was answered in a community, by question and quarter."""
    from matcher.community import pulse

    found = read_out(pulse.of_community(community, date.today().isoformat()), as_json, community=community)
    if as_json:
        return
    table = Table(box=None, header_style="bold")
    for column in ("question", "quarter", "mean", "answers", "change"):
        table.add_column(column)
    for one in found:
        for place, beat in enumerate(one.quarters):
            table.add_row(
                one.text if place == 0 else "", beat.quarter,
                "too few" if beat.mean is None else f"{beat.mean:g}",
                f"{beat.answers} or more" if beat.answers else "", (one.change or "") if place == 0 else "",
            )  # fmt: skip
    OUT.print(table if table.row_count else "Nobody has answered in a quarter that is over.")
