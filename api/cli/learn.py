"""The command that learns the weights of the evidence from what people joined."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from api import settings as settings_module
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json
from graph.models import LOCAL_ADMIN
from graph.reads import vectors, weights
from graph.writes.events import now
from graph.writes.weights import forget_weights, keep_weights

if TYPE_CHECKING:
    from graph.reads.weights import KeptWeights
    from matcher.calibration import Learned


def register(app: typer.Typer) -> None:
    app.command()(learn)


def learn(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be learned; change nothing.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Go back to the weights that guildmap ships.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Tell which weights are in force.")] = False,
    words_only: Annotated[bool, typer.Option("--words-only", help="Leave the vectors out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Learn from dated memberships how much each kind of evidence should weigh; worse weights are refused."""
    from matcher import calibration, snapshot

    watch = Stopwatch()
    today = date.today().isoformat()
    with opened(settings_module.load()) as database:
        if forget:
            forgotten = database.write(lambda tx: forget_weights(tx, LOCAL_ADMIN))
            ERRORS.print("the shipped weights are in force again" if forgotten else "no weights had been learned")
        elif not show:
            model = None if words_only else database.read(vectors.model())
            # As a replay reads them: without today's states of communities.
            facts = database.follow(snapshot.read_facts(model, today))
            watch.lap("read")
            learned = calibration.learn(facts, today)
            watch.lap("learn")
            taken = learned is not None and learned.better
            if learned is not None and taken and not dry_run:
                kept = learned.kept(now())
                database.write(lambda tx: keep_weights(tx, LOCAL_ADMIN, kept))
            if as_json:
                print_json(learned, database, watch, taken=taken and not dry_run)
                return
            _print_learned(learned, dry_run)
        in_force = database.read(weights.weights())
        if as_json:
            print_json(in_force or asdict(calibration.weights_of(None)), database, watch)
            return
    _print_in_force(in_force)


def _print_learned(learned: "Learned | None", dry_run: bool) -> None:
    if learned is None:
        OUT.print("There are too few dated memberships to learn from; the weights stay as they are.")
        return
    OUT.print(
        f"Chosen by {learned.joins:,} joins from {learned.since} on. On those of {learned.validated_since} to "
        f"{learned.until} they reach {learned.quality:.3f}, the shipped weights {learned.shipped_quality:.3f} (mean of "
        f"NDCG@10 and Recall@10; standard error of the difference {learned.error:.3f}).",
        highlight=False,
    )
    if not learned.better:
        OUT.print("[yellow]Refused:[/] they are not better by more than chance; the weights stay as they are.")
    elif dry_run:
        OUT.print("They would be taken: run it without --dry-run.")
    else:
        OUT.print("[green]Taken:[/] they are in force from now on, also in a service that runs.")


def _print_in_force(kept: "KeptWeights | None") -> None:
    from matcher import calibration

    table = Table(title="weights in force", title_justify="left", box=None)
    table.add_column("")
    table.add_column("shipped", justify="right")
    if kept is not None:
        table.add_column(f"learned {kept.learned_at[:10]}", justify="right")
    values = asdict(calibration.weights_of(kept))
    for name, shipped in asdict(calibration.weights_of(None)).items():
        table.add_row(name.replace("_", " "), f"{shipped:g}", *([] if kept is None else [f"{values[name]:g}"]))
    OUT.print(table)
