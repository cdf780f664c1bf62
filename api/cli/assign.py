"""The command that gives many questions to helpers at once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from api import settings as settings_module
from api.cli.find import WordsOnly, asking_of
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json, progress_bar, write_lines
from graph.errors import InvalidInput
from graph.models import Principal, Role
from graph.reads import people

if TYPE_CHECKING:
    from ingest.requests import RequestRecord
    from matcher.assign import Balance
    from matcher.batch import Batch, Given
    from matcher.snapshot import Snapshot

# By the reasons of matcher.assign, which is not imported here: its solver would delay every other command.
UNSERVED: Mapping[str, str] = {
    "nobody": "nobody who may be asked shows any evidence of knowing about it",
    "ruled_out": "all who could help are among its conflicts",
    "capacity": "all who could help are needed for other questions, or take none",
}
LONGEST_TITLE = 48


def register(app: typer.Typer) -> None:
    app.command()(assign)


def assign(
    questions: Annotated[
        Path,
        typer.Option(
            help="CSV or JSONL with id and text; also title, community_id, asker_id, conflicts (ids of people who must "
            "not get it) and helpers (how many it wants)."
        ),
    ],
    max_load: Annotated[
        int, typer.Option(min=1, help="Questions that anybody gets at the most; fewer where their own capacity is.")
    ] = 3,
    min_load: Annotated[int, typer.Option(min=0, help="Questions that whoever may be asked gets at least.")] = 0,
    protect: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Share of the fit that the worst-served question could have; less buys total fit."
        ),
    ] = 1.0,
    output: Annotated[Path | None, typer.Option(help="Write each question with its helpers as a JSON line.")] = None,
    words_only: WordsOnly = False,
    as_json: AsJson = False,
) -> None:
    """Give many questions to helpers at once: the best for all together, nobody overloaded, nobody left out."""
    from ingest.requests import read_requests
    from matcher.batch import Loads, Request, give_out

    if min_load > max_load:
        raise InvalidInput(f"--min-load {min_load} is more than --max-load {max_load}.")
    watch = Stopwatch()
    records = read_requests(questions)
    settings = settings_module.load()
    with opened(settings) as database:
        watch.lap("open")
        asking = asking_of(settings, database, words_only)
        _check_ids(records, asking.evidence.snapshot, questions.name)
        texts = [f"{one.title}\n{one.text}" if one.title else one.text for one in records.values()]
        askers = {one.asker_id for one in records.values() if one.asker_id is not None}
        dismissed = {asker: database.read(people.dismissed_helpers(asker)) for asker in sorted(askers)}
        requests = [
            Request(
                one.id,
                text,
                one.asker_id,
                one.community_id,
                tuple(one.conflicts or ()),
                one.helpers,
                vector,
                dismissed.get(one.asker_id or "", frozenset()),
            )
            for one, text, vector in zip(records.values(), texts, asking.vectors(texts), strict=True)
        ]
        watch.lap("read")
        with progress_bar() as progress:
            batch = give_out(
                asking.evidence, requests, Loads(min_load, max_load), protect,
                lambda title, done: progress(title, done, len(requests)),
            )  # fmt: skip
        watch.lap("assign")
        lines = [_line(one) for one in batch.results]
        write_lines(output, lines)
        if as_json:
            print_json(lines, database, watch, balance=batch.balance, greedy=batch.greedy)
            return
    _print(batch, {one.id: one.title or one.text for one in records.values()})


def _check_ids(records: "Mapping[int, RequestRecord]", snapshot: "Snapshot", file: str) -> None:
    """Raises InvalidInput, with file and line, for an id that the graph does not hold or that the asker may not see."""
    for line, request in records.items():
        people = [(request.asker_id, "asker_id"), *((person, "conflicts") for person in request.conflicts or ())]
        for person, field in people:
            if person is not None and person not in snapshot.people.row:
                raise InvalidInput(f"{file}, line {line}: {field}: there is no person with the id {person!r}.")
        visible = snapshot.visible_to(Principal(request.asker_id, Role.MEMBER, "local"))
        community = request.community_id
        if community is not None and not (community in snapshot.row and visible[snapshot.row[community]]):
            raise InvalidInput(f"{file}, line {line}: community_id: there is no community with the id {community!r}.")


def _line(given: "Given") -> dict[str, Any]:
    helpers = [{**asdict(one), "reasons": one.reasons} for one in given.helpers]
    return {"question_id": given.question_id, "helpers": helpers, "unserved": given.unserved}


def _print(batch: "Batch", titles: Mapping[str, str]) -> None:
    table = Table(box=None)
    table.add_column("question")
    table.add_column("helper")
    table.add_column("fit", justify="right")
    table.add_column("why")
    for given in batch.results:
        title = " ".join(titles[given.question_id].split())
        shown = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"
        question = Text(shown).append(f"  {given.question_id}", "dim")
        for helper in given.helpers:
            who = Text(helper.name, "bold").append(f"  {helper.person_id}", "dim not bold")
            table.add_row(question, who, f"{helper.score:.3f}", Text(next(iter(helper.reasons), "")))
            question = Text("")
        if given.unserved:
            table.add_row(question, "-", "", Text(UNSERVED[given.unserved], "yellow"))
    OUT.print(table)
    OUT.print()
    _print_balances({"guildmap": batch.balance, "greedy, in their order": batch.greedy}, len(batch.results))


def _print_balances(balances: "Mapping[str, Balance]", questions: int) -> None:
    table = Table(box=None)
    table.add_column("")
    rows: Sequence[str] = ("served", "worst-served fit", "total fit", "maximum load", "Gini of loads")
    for name in rows:
        table.add_column(name, justify="right")
    for name, one in balances.items():
        table.add_row(
            name, f"{one.served:,} of {questions:,}", f"{one.worst_served:.3f}", f"{one.total_fit:.3f}",
            str(one.max_load), f"{one.gini:.2f}",
        )  # fmt: skip
    OUT.print(table)
