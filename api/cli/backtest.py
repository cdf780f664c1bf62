"""Commands that replay history: how good would the recommendations have been?"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.find import as_day
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json, progress_bar, write_lines
from graph.database import Database
from graph.errors import InvalidInput
from graph.reads import people, vectors
from graph.reads.requests import request_facts
from matcher.backtest import OURS

if TYPE_CHECKING:
    from matcher.backtest.measures import Interval, Quality, Ranked
    from matcher.features.profile import Profile

app = typer.Typer(no_args_is_help=True)

TITLES = {
    "existing": "communities that had a member before",
    "new": "communities that had none",
    "joint": "each join on its own day, among all that had begun by then",
}
NO_CASES = {
    "since": "Nobody has a membership before the day and joined another one from it on: choose an earlier day.",
    "cold": "Nobody joined anything from the day on who had been in nothing before: choose an earlier day.",
    "leave one out": "Nobody is in three communities or more.",
}

Since = Annotated[str | None, typer.Option(help="The day from which on things are foretold (YYYY-MM-DD).")]
Until = Annotated[str | None, typer.Option(help="And before this day.")]
Top = Annotated[int, typer.Option(min=1, max=1000, help="How many of each ranking go into the output file.")]
Output = Annotated[Path | None, typer.Option(help="Write each case as a JSON line: ranking, scores, what happened.")]
Seed = Annotated[int, typer.Option(help="For what is drawn at random.")]
WordsOnly = Annotated[bool, typer.Option("--words-only", help="Leave the vectors out; compare words alone.")]
NoPeers = Annotated[bool, typer.Option("--no-peers", help="Only ours: peers take most of the time.")]


@app.command()
def joins(
    since: Since = None,
    until: Until = None,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Without dates: hide one membership of each who has three or more.")
    ] = False,
    cold: Annotated[
        bool,
        typer.Option("--cold", help="Newcomers alone, by profile text, skills and unit as of today."),
    ] = False,
    sample: Annotated[int | None, typer.Option(min=1, help="So many people, or joins, drawn at random.")] = None,
    seed: Seed = 0,
    top: Top = 10,
    output: Output = None,
    words_only: WordsOnly = False,
    no_peers: NoPeers = False,
    shipped: Annotated[
        bool, typer.Option("--shipped", help="With the shipped weights: learn none from before the day.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Replay joins: what would have been recommended before a day, against what people joined from then on."""
    from matcher import calibration, snapshot
    from matcher.backtest import joins as replays
    from matcher.backtest import peers
    from matcher.joins import SHIPPED

    day, end = as_day("--since", since), as_day("--until", until)
    if (day is None) == (not leave_one_out) or (leave_one_out and cold):
        raise InvalidInput("Give --since DAY (with --cold: newcomers), or --leave-one-out where there are no dates.")
    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database:
        model = None if words_only else database.read(vectors.model())
        facts = database.follow(snapshot.read_facts(model, day))
        watch.lap("read")
        learned = calibration.learn(facts, day) if day and not shipped else None
        weights = learned.weights if learned and learned.better else SHIPPED
        if day and cold:
            joined = replays.newcomers(facts, day, end)
            some = replays.sampled(sorted(joined), sample, seed)
            replayed = replays.cold(facts, day, _profiles(database, model, some), joined)
            cases = replayed.cases
        else:
            replayed = replays.replay(facts, day, end) if day else replays.leave_one_out(facts, seed)
            cases = replays.sampled(replayed.cases, sample, seed)
        watch.lap("learn")
        if not cases:
            raise InvalidInput(NO_CASES["leave one out" if not day else "cold" if cold else "since"])
        with progress_bar() as progress:
            found = replays.rank(
                replayed, cases, replays.ours(replayed, weights), top,
                lambda done: progress("ranking", done, len(cases)),
            )  # fmt: skip
            watch.lap("rank")
            rankings: dict[str, dict[str, list[Ranked]]] = {segment: {} for segment in replays.SEGMENTS}
            if not no_peers:
                for number, (name, scorer) in enumerate(peers.recommenders(replayed), start=1):
                    progress("peers", number, None)
                    for segment, ranked in replays.rank(replayed, cases, scorer, top).items():
                        _keep_better(rankings[segment], name, ranked)
            for segment in replays.SEGMENTS:
                rankings[segment][OURS] = found[segment]
            watch.lap("peers")
            if day and not cold:
                rankings["joint"] = {}
                for number, part in enumerate(replays.joint(facts, day, end, sample, seed), start=1):
                    progress("one by one", number, replays.REFITS)
                    others = [] if no_peers else [*peers.simple(part.snapshot)]
                    for name, scorer in [*others, (OURS, replays.ours(part, weights))]:
                        ranked = replays.rank(part, part.cases, scorer, top).get("joint", [])
                        rankings["joint"].setdefault(name, []).extend(ranked)
                watch.lap("joint")
        write_lines(output, [case.line("person_id") for segment in replays.SEGMENTS for case in found[segment]])
        tables = {segment: _table(found_by, seed) for segment, found_by in rankings.items() if OURS in found_by}
        lists = [case.ranked[:10] for case in found["existing"]]
        covered, gini = replays.coverage_and_gini(lists, int(replayed.existing.sum()))
        if as_json:
            spread = {"coverage": covered, "gini": gini}
            print_json(
                tables, database, watch, people=len(cases), existing_lists=spread, weights=asdict(weights),
                learned=weights != SHIPPED,
            )  # fmt: skip
            return
    for segment, table in tables.items():
        _print(TITLES[segment], table)
    OUT.print(
        f"{len(cases):,} people. Lists of ten of the existing communities hold {covered:.0%} of them, Gini {gini:.2f}. "
        f"Weights: {'learned from the joins before' if weights != SHIPPED else 'shipped'}.",
        highlight=False,
    )
    if not no_peers and not peers.has_implicit():
        ERRORS.print("[yellow]note:[/] without the package `implicit`, so without its ALS, BPR and BM25 as peers")


def _profiles(database: Database, model: vectors.Model | None, ids: Sequence[str]) -> "list[Profile]":
    """What is known of people today, with the stored vectors of their texts."""
    from matcher.features.profile import Profile
    from matcher.indexing import stored_vector
    from matcher.joins import TOGETHER

    found: list[Profile] = []
    for start in range(0, len(ids), TOGETHER):
        some = ids[start : start + TOGETHER]
        known = database.read(people.themselves(list(some), None, model))
        for one in some:
            person = known.get(one)
            described = person and Profile.of(person, vector=stored_vector(person, model))
            found.append(described or Profile(person_id=one))
    return found


@app.command()
def helpers(
    since: Since = None,
    until: Until = None,
    seed: Seed = 0,
    top: Top = 10,
    output: Output = None,
    words_only: WordsOnly = False,
    as_json: AsJson = False,
) -> None:
    """Ask questions again on their own day: whom would we have named, against who advised."""
    from matcher import advice, snapshot
    from matcher.backtest import helpers as replays

    day, end = as_day("--since", since), as_day("--until", until)
    if day is None:
        raise InvalidInput("Give --since DAY: the questions from that day on are asked again.")
    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database:
        model = None if words_only else database.read(vectors.model())
        facts = database.follow(snapshot.read_facts(model, day))
        # All advice, of every day: each question takes what was known on its own.
        history = replays.History(facts, database.follow(advice.read_facts(model, None)))
        watch.lap("read")
        total = sum(day <= (q.asked_at or "") < (end or "~") for q in history.help_facts.questions.values())
        rankings: dict[str, list[Ranked]] = {name: [] for name in replays.METHODS}
        with progress_bar() as progress:
            for number, asked in enumerate(history.replay(day, end), start=1):
                for name, method in replays.METHODS.items():
                    if name != replays.BY_MEANING or asked.vector is not None:
                        rankings[name].append(replays.rank(asked, method(asked), top))
                progress("asking", number + history.skipped.nobody_left, total)
        watch.lap("ask")
        if not rankings[OURS]:
            raise InvalidInput(f"No question from {day} on was answered by somebody who had advised before.")
        write_lines(output, [case.line("question_id") for case in rankings[OURS]])
        table = _table(rankings, seed)
        if as_json:
            print_json(table, database, watch, skipped=asdict(history.skipped))
            return
    _print("questions, each answered from what was known on its day", table)
    skipped = history.skipped
    OUT.print(
        f"skipped: {skipped.nobody_left:,} whose advisers had never advised before, {skipped.undated:,} without a day",
        highlight=False,
    )


@app.command()
def requests(
    since: Since = None, until: Until = None, seed: Seed = 0, output: Output = None, as_json: AsJson = False
) -> None:
    """Foretell which requests were accepted, each from what was decided before its day (Brier score)."""
    from matcher.backtest.measures import mean_of
    from matcher.backtest.requests import OWN, USUAL, foretell, squared_errors

    day, end = as_day("--since", since), as_day("--until", until)
    if day is None:
        raise InvalidInput("Give --since DAY: the requests from that day on are foretold.")
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        found = foretell(database.read(request_facts()).values(), day, end)
        watch.lap("foretell")
        if not found:
            raise InvalidInput(f"No request from {day} on was accepted or declined.")
        write_lines(output, [{"request_id": one.request_id, "probability": one.probabilities[OURS],
                         "accepted": one.accepted} for one in found])  # fmt: skip
        scores = {name: mean_of(squared_errors(found, name), seed) for name in (OURS, USUAL, OWN)}
        if as_json:
            print_json(scores, database, watch, requests=len(found), accepted=sum(one.accepted for one in found))
            return
    yes = sum(one.accepted for one in found) / len(found)
    table = Table(
        title=f"will a request be accepted? ({len(found):,} requests, {yes:.0%} were)", title_justify="left", box=None
    )
    table.add_column("")
    table.add_column("Brier score (0: perfect, a coin: 0.25)", justify="right")
    for name, score in scores.items():
        table.add_row(name, _interval(score), style="bold" if name == OURS else "")
    OUT.print(table)


def _keep_better(known: "dict[str, list[Ranked]]", name: str, found: "list[Ranked]") -> None:
    """Of several settings of one peer the best, which only hindsight knows: peers are not to be set up badly. One that
    has no opinion on any candidate of the segment is left out."""
    from matcher.backtest.measures import best

    if any(len(set(case.scores)) > 1 for case in found):
        known[name] = max((found, known.get(name, found)), key=lambda cases: best({name: cases})[1])


def _table(rankings: "Mapping[str, Sequence[Ranked]]", seed: int) -> "dict[str, Quality]":
    """The quality of each, and by how much ours is better than the best of the others, case by case."""
    from matcher.backtest.measures import best, difference, quality

    table = {name: found for name, cases in rankings.items() if (found := quality(cases, seed))}
    others = {name: cases for name, cases in rankings.items() if not name.startswith(OURS) and cases}
    if others and rankings[OURS]:
        name, _ = best(others)
        table[f"{OURS} less {name}"] = difference(rankings[OURS], others[name], seed)
    return table


def _print(title: str, rows: "Mapping[str, Quality]") -> None:
    if not rows:
        OUT.print(f"{title}: no cases")
        return
    count = next(iter(rows.values())).cases
    table = Table(title=f"{title} ({count:,} cases)", title_justify="left", box=None)
    table.add_column("")
    for column in ("NDCG@10", "Recall@10", "MRR"):
        table.add_column(column, justify="right")
    for name, row in rows.items():
        cells = [_interval(one) for one in (row.ndcg, row.recall, row.mrr)]
        table.add_row(name, *cells, style="bold" if name == OURS else "")
    OUT.print(table)
    OUT.print()


def _interval(one: "Interval") -> str:
    return escape(f"{one.mean:.3f} [{one.low:.3f}, {one.high:.3f}]")
