"""`guildmap findings`: what the audit found, what was decided on it, and what decisions teach."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from api import settings as settings_module
from api.cli.audit import print_evidence
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.reading import read_out
from api.wording import VERDICTS
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN
from graph.reads import findings as reads
from graph.reads.findings import STATUSES
from graph.writes import findings as writes
from graph.writes.events import in_turn, now

if TYPE_CHECKING:
    from graph.reads.findings import KeptFinding
    from matcher.audit.calibrate import Bin, Learned

app = typer.Typer(invoke_without_command=True)

FindingId = Annotated[str, typer.Argument(metavar="ID", help="As `guildmap findings` shows it.")]
Note = Annotated[str | None, typer.Option(help="In your own words, for whoever looks at it later.")]

# Statuses that somebody has to do something about.
TO_DO = ("open", "accepted")


@app.callback()
def default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_findings()


@app.command("list")
def list_findings(
    kind: Annotated[list[str] | None, typer.Option(help="overlap, unit_clash, breadth, ...; may be repeated.")] = None,
    status: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(STATUSES)}; may be repeated. Left out: what is to be done.")
    ] = None,
    community: Annotated[str | None, typer.Option(help="Those about this community (id).")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many to list.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List findings that are open or accepted, the surest first."""
    if unknown := sorted(set(status or ()) - set(STATUSES)):
        raise InvalidInput(f"--status: there is no status {', '.join(unknown)}. Known: {', '.join(STATUSES)}.")
    found = read_out(
        reads.findings(
            LOCAL_ADMIN, kinds=kind or None, statuses=status or list(TO_DO), community_id=community, limit=limit
        ),
        as_json,
    )
    if as_json:
        return
    if not found:
        OUT.print("There are no such findings. `guildmap audit` looks for them.")
        return
    table = Table(box=None, header_style="bold")
    for column in ("id", "status", "what", "about", "score"):
        table.add_column(column)
    for one in found:
        what = one.judgement.verdict.replace("_", " ")
        about = " / ".join(about.name for about in one.about)
        table.add_row(one.id, one.status, what, escape(about), f"{one.judgement.score:.2f}")
    OUT.print(table)


@app.command()
def show(finding: FindingId, as_json: AsJson = False) -> None:
    """Show one finding with its evidence and what was decided on it."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        found = database.read(reads.finding(finding, LOCAL_ADMIN))
        if found is None:
            raise reads.no_finding(finding)
        if as_json:
            print_json(found, database, watch)
            return
    _print(found)


@app.command()
def accept(finding: FindingId, note: Note = None, as_json: AsJson = False) -> None:
    """It is so: something will be done about it."""
    _decide(finding, "accepted", as_json, note=note)


@app.command()
def dismiss(
    finding: FindingId,
    reason: Annotated[
        str,
        typer.Option(help="not-so (they are not the same), intended (they are, on purpose), not-now or other."),
    ],
    until: Annotated[str | None, typer.Option(help="Look at it again after this day (YYYY-MM-DD).")] = None,
    note: Note = None,
    as_json: AsJson = False,
) -> None:
    """Do not show it again, unless its evidence changes much, or its time is over."""
    if until is not None:
        try:
            date.fromisoformat(until)
        except ValueError:
            raise InvalidInput(f"--until: {until!r} is not a day like 2026-03-31.") from None
    _decide(finding, "dismissed", as_json, reason=reason.replace("-", "_"), until=until, note=note)


@app.command()
def done(finding: FindingId, note: Note = None, as_json: AsJson = False) -> None:
    """Something was done about it."""
    _decide(finding, "done", as_json, note=note)


@app.command()
def reopen(finding: FindingId, as_json: AsJson = False) -> None:
    """Take back what was decided."""
    _decide(finding, "open", as_json)


@app.command()
def calibrate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be learned; change nothing.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Go back to the probabilities that guildmap ships.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell how often decisions agree with the audit, and learn from them how much each kind of evidence is worth."""
    from matcher.audit import calibrate as learning

    watch = Stopwatch()
    results: dict[str, Any] = {}
    with opened(settings_module.load()) as database:
        for kind in learning.CALIBRATED:
            if forget:
                kind_now = kind
                forgotten = database.write(lambda tx, k=kind_now: writes.withdraw_calibration(tx, LOCAL_ADMIN, k))
                results[kind] = {"forgotten": forgotten}
                continue
            decided = database.follow(learning.read_decided(kind))
            bins, likely = learning.precision(decided)
            learned = learning.learn(decided)
            taken = learned is not None and learned.refused is None and not dry_run
            if learned is not None and taken:
                earlier = database.read(reads.calibrations(kind))
                kept = learned.kept(kind, earlier[0].version + 1 if earlier else 1, now())
                database.write(lambda tx, k=kept: writes.keep_calibration(tx, LOCAL_ADMIN, k))
            results[kind] = {
                "decisions": len(decided),
                "precision": [{**asdict(one), "precision": one.precision} for one in bins],
                "at_threshold": {**asdict(likely), "precision": likely.precision},
                "learned": learned,
                "refused": learned.refused if learned else None,
                "taken": taken,
            }
            if not as_json:
                _print_learned(kind, len(decided), bins, likely, learned, dry_run)
        if as_json:
            print_json(results, database, watch)
            return
    if forget:
        any_forgotten = any(one["forgotten"] for one in results.values())
        OUT.print("the shipped probabilities are in force again" if any_forgotten else "nothing had been learned")


def _decide(finding: str, status: str, as_json: bool, **given: Any) -> None:
    watch = Stopwatch()

    with opened(settings_module.load()) as database:
        found = database.write(
            in_turn(LOCAL_ADMIN.actor, lambda tx: writes.decide(tx, LOCAL_ADMIN, finding, status, **given))
        )
        if as_json:
            print_json(found, database, watch)
            return
    _print(found)


def _print(one: "KeptFinding") -> None:
    from matcher.audit.findings import evidence_of

    names = [f"[bold]{escape(about.name)}[/]" for about in one.about]
    verdict = one.judgement.verdict
    said = (
        f" {VERDICTS[verdict]} ".join(names)
        if verdict in VERDICTS
        else f"{', '.join(names)} is {verdict.replace('_', ' ')}"
    )
    OUT.print(f"{one.judgement.score:.2f}  {said}  [dim]{one.id}[/]", highlight=False)
    status = one.status if one.present else f"{one.status}, not found by the latest audit"
    OUT.print(_indented(f"{status}; found on {one.found_at[:10]}"), highlight=False)
    if one.decision:
        decision = one.decision
        why = f" ({decision.reason.replace('_', ' ')})" if decision.reason else ""
        until = f" until {decision.until}" if decision.until else ""
        note = f": {escape(decision.note)}" if decision.note else ""
        OUT.print(_indented(f"{decision.status} on {decision.at[:10]}{why}{until}{note}"), highlight=False)
    for change in one.changed:
        OUT.print(_indented(f"[yellow]again:[/] {escape(change)}"), highlight=False)
    evidence = evidence_of(one.kind, one.evidence, [(who.id, who.name) for who in one.people])
    if evidence is not None:
        print_evidence(evidence)
    for reason in one.evidence.get("reasons", ()):
        OUT.print(_indented(escape(reason)), highlight=False)


def _print_learned(
    kind: str, decisions: int, bins: "list[Bin]", likely: "Bin", learned: "Learned | None", dry_run: bool
) -> None:
    from matcher.audit.calibrate import LEAST_DECISIONS, LEAST_EACH

    OUT.print(f"[bold cyan]{kind.replace('_', ' ')}[/]: {decisions} decisions that say whether it is so")
    if decisions:
        table = Table(box=None, header_style="bold")
        for column in ("probability as shipped", "decisions", "agreed"):
            table.add_column(column, justify="right")
        for one in [*bins, likely]:
            name = f"{one.least:.1f} to {one.most:.1f}" if one is not likely else f"{one.least:.1f} or more"
            agreed = "" if one.precision is None else f"{one.precision:.0%}"
            table.add_row(name, str(one.decisions), agreed)
        OUT.print(table)
    if learned is None:
        OUT.print(
            f"   Nothing is learned from fewer than {LEAST_DECISIONS}, {LEAST_EACH} of which agree and "
            f"{LEAST_EACH} do not.",
            highlight=False,
        )
        return
    weights = ", ".join(f"{name} {value:g}" for name, value in vars(learned.calibration).items())
    OUT.print(
        f"   Learned: {weights}. On decisions held out the log loss is {learned.loss:.3f}, as shipped "
        f"{learned.shipped_loss:.3f} (standard error of the difference {learned.error:.3f}); area under the ROC curve "
        f"{learned.area:.2f}.",
        highlight=False,
    )
    if learned.refused:
        OUT.print(f"   [yellow]Refused:[/] {learned.refused}.")
    else:
        OUT.print("   It would be taken." if dry_run else "   [green]Taken:[/] the audit goes by it from now on.")


def _indented(markup: str) -> Padding:
    return Padding(markup, (0, 0, 0, 6))
