"""The command that compares communities with each other and with the units of the organisation."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api import settings as settings_module
from api.cli.find import WordsOnly, asking_of
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.working import OnDask, workers
from api.wording import VERDICTS, evidence_said, scale_title, shortened
from graph.database import Database
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN
from graph.reads import findings as reads
from graph.writes.events import in_turn

if TYPE_CHECKING:
    from graph.reads.findings import KeptCalibration, KeptFinding
    from matcher.audit.findings import Recorded
    from matcher.audit.measured import Measured
    from matcher.audit.overlap import Evidence, Finding
    from matcher.audit.report import Audit
    from matcher.partitions import Workers
    from matcher.snapshot import Snapshot

# So many gaps are read; there are always more small ones.
GAPS = 10


def register(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    include_retired: Annotated[
        bool, typer.Option("--include-retired", help="Compare retired communities too.")
    ] = False,
    min_probability: Annotated[
        float, typer.Option(min=0, max=1, help="Least probability listed; 0 lists the ten nearest of every community.")
    ] = 0.5,
    output: Annotated[Path | None, typer.Option(help="Write the results to this file, as JSON.")] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page that stands alone, with a map and a heatmap, to this file.")
    ] = None,
    include_dismissed: Annotated[
        bool, typer.Option("--include-dismissed", help="List also what was dismissed (see `guildmap findings`).")
    ] = False,
    words_only: WordsOnly = False,
    dask: OnDask = None,
    as_json: AsJson = False,
) -> None:
    """Find communities that are of one domain, and communities that are a unit under another name.

    What is found is kept for `guildmap findings`, unless the options look at it otherwise than usual: with
    --include-retired, --words-only or a --min-probability above 0.5 nothing is kept.
    """
    from matcher.audit import calibrate, report
    from matcher.audit.findings import record, results_of, rows_of, without_dismissed
    from matcher.audit.subject import read_facts
    from matcher.audit.verdict import LIKELY

    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database, workers(dask) as them:
        watch.lap("open")
        shared = None if dask is None else them
        asking = asking_of(settings, database, words_only, workers=shared)
        facts = database.follow(read_facts(asking.model))
        snapshot = asking.snapshot
        watch.lap("read")
        encode = asking.embedder.encode if asking.embedder is not None and asking.model is not None else None
        calibrations = database.follow(calibrate.read_calibrations())
        known = calibrate.in_use(calibrations)
        found = report.audit(
            snapshot, facts, encode, include_retired=include_retired, least=min_probability, calibrations=known,
            model=asking.model.name if asking.model is not None else None, period=settings.audit_period,
            workers=shared,
        )  # fmt: skip
        watch.lap("compare")
        recorded: Recorded | None = None
        if not include_retired and not words_only and min_probability <= LIKELY:
            rows = rows_of(found, snapshot, known)

            recorded = database.write(in_turn(LOCAL_ADMIN.actor, lambda tx: record(tx, rows, date.today().isoformat())))
            watch.lap("keep")
        kept = {one.id: one for one in database.read(reads.findings(LOCAL_ADMIN))}
        dismissed = 0
        if not include_dismissed:
            found, dismissed = without_dismissed(found, kept)
        results = results_of(found, kept)
        if output is not None:
            _write("--output", output, json.dumps({"results": results}, ensure_ascii=False, indent=2) + "\n")
        if html is not None:
            _write("--html", html, _page(database, snapshot, found, include_retired, min_probability, shared))
            watch.lap("draw")
        if as_json:
            print_json(
                results, database, watch, communities=found.compared, pairs=found.pairs, kept=recorded,
                dismissed=dismissed, calibrations=calibrations,
            )  # fmt: skip
            return
    print_audit(found, kept)
    _print_kept(recorded, dismissed)
    print_calibrations(calibrations)
    for path in filter(None, (output, html)):
        OUT.print(f"written to {escape(str(path))}", highlight=False)


def _write(option: str, path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{option}: {path} cannot be written ({error.strerror}).") from error


def _page(
    database: Database,
    snapshot: "Snapshot",
    found: "Audit",
    include_retired: bool,
    least: float,
    shared: "Workers | None",
) -> str:
    """The report; what is new on the map gets its place and keeps it."""
    from api.pages.audit_report import render, report_of
    from graph.reads.domain_map import domain_map
    from graph.writes.domain_map import keep_domain_map
    from matcher.audit.pictures import places_of

    kept = database.read(domain_map())
    places = places_of(snapshot, kept, shared)
    if places.keys() != kept.keys():
        database.write(lambda transaction: keep_domain_map(transaction, places))
    shown = {c.id: places[c.id] for c in snapshot.communities if include_retired or c.status != "retired"}
    return render(report_of(found, snapshot, shown, snapshot.day, least))


def print_audit(found: "Audit", kept: "Mapping[str, KeptFinding]") -> None:
    from matcher.audit.findings import OVERLAP, UNIT_CLASH

    _print_findings("Communities of one domain", found.overlaps, OVERLAP, kept)
    _print_findings("Communities and units", found.unit_clashes, UNIT_CLASH, kept)
    larger = [group for group in found.groups if len(group.communities) > 2]
    if larger:
        table = Table(title="Groups, each two of which are likely duplicates", title_justify="left", box=None)
        table.add_column("communities")
        table.add_column("weakest link")
        for group in larger:
            link = f"{' and '.join(group.weakest)} ({group.probability:.2f})"
            table.add_row(escape(", ".join(group.communities)), escape(link))
        OUT.print(table)
    _print_breadth(found)
    _print_measured("narrowness", found.narrowness)
    _print_measured("clarity", found.clarity)
    _print_measured("vitality", found.vitality)
    _print_gaps(found)
    OUT.print(f"[dim]{found.compared} communities, {found.pairs:,} pairs compared closely[/]", highlight=False)


def _print_kept(recorded: "Recorded | None", dismissed: int) -> None:
    if dismissed:
        OUT.print(f"[dim]{dismissed} dismissed and left out (--include-dismissed lists them)[/]", highlight=False)
    if recorded is not None:
        told = [f"{count} {name}" for name, count in asdict(recorded).items() if count]
        said = ", ".join(told) if told else "nothing new"
        OUT.print(f"[dim]findings: {said}; decide with `guildmap findings`[/]", highlight=False)


def print_calibrations(known: "Mapping[str, KeptCalibration]") -> None:
    for kind, one in known.items():
        OUT.print(
            f"[dim]probabilities of {kind.replace('_', ' ')}s are calibrated by {one.decisions} decisions here "
            f"(version {one.version}, {one.learned_at[:10]})[/]",
            highlight=False,
        )


def _print_breadth(found: "Audit") -> None:
    OUT.print(f"[bold cyan]{scale_title('breadth')}[/]")
    flagged = [one for one in found.breadth if one.flagged]
    if not flagged:
        OUT.print("   none")
    for one in flagged:
        OUT.print(f"{one.score:.2f}  [bold]{escape(one.name)}[/]  [dim]{escape(one.id)}[/]", highlight=False)
        for reason in one.reasons:
            _indented(escape(reason))
        parts = one.evidence.split
        if parts is None:
            _indented(f"[dim]no split proposed: {escape(one.evidence.no_split or '')}[/]")
            continue
        _indented(f"could be split, by its {parts.by}:")
        for part in parts.parts:
            who = f"{len(part.people)} people" if parts.by == "members" else shortened("; ".join(part.says))
            _indented(f"- {escape(part.name)} ({escape(who)})", 9)
        if parts.nowhere:
            _indented(f"- {len(parts.nowhere)} fit nowhere in particular", 9)
    OUT.print()


def _print_measured(scale: str, measured: "Sequence[Measured[Any]]") -> None:
    OUT.print(f"[bold cyan]{scale_title(scale)}[/]")
    flagged = [one for one in measured if one.flagged]
    if not flagged:
        OUT.print("   none")
    for one in flagged:
        OUT.print(f"{one.score:.2f}  [bold]{escape(one.name)}[/]  [dim]{escape(one.id)}[/]", highlight=False)
        for reason in one.reasons:
            _indented(f"- {escape(reason)}")
    OUT.print()


def _print_gaps(found: "Audit") -> None:
    OUT.print("[bold cyan]What no community covers[/]")
    if not found.gaps:
        OUT.print("   nothing found")
    for gap in found.gaps[:GAPS]:
        OUT.print(f"{gap.people:4}  [bold]{escape(gap.name)}[/]", highlight=False)
        leaders = ", ".join(name for _, name in gap.leaders)
        _indented(f"might lead it: {escape(leaders)}")
        for _, title in gap.questions[:2]:
            _indented(f"unanswered: “{escape(shortened(title))}”")
    if len(found.gaps) > GAPS:
        OUT.print(f"   … and {len(found.gaps) - GAPS} smaller ones (--json has all)", highlight=False)
    OUT.print()


def _indented(markup: str, left: int = 6) -> None:
    OUT.print(Padding(Text.from_markup(markup), (0, 0, 0, left)))


def _print_findings(title: str, findings: "Sequence[Finding]", kind: str, kept: "Mapping[str, KeptFinding]") -> None:
    from matcher.audit.findings import id_of_pair

    OUT.print(f"[bold cyan]{title}[/]")
    if not findings:
        OUT.print("   none as likely as that; --min-probability lists the less likely ones", highlight=False)
    for one in findings:
        known = kept.get(id_of_pair(one, kind))
        told = f"{escape(one.a)}, {escape(one.b)}{f'  {known.id}' if known else ''}"
        named = f"[bold]{escape(one.a_name)}[/] {VERDICTS[one.verdict]} [bold]{escape(one.b_name)}[/]"
        OUT.print(f"{one.probability:.2f}  {named}  [dim]{told}[/]", highlight=False)
        if known is not None and (known.status != "open" or known.changed):
            again = f"[yellow]again:[/] {escape('; '.join(known.changed))}" if known.changed else known.status
            _indented(again)
        print_evidence(one.evidence)
    OUT.print()


def print_evidence(evidence: "Evidence") -> None:
    for kind, points, said in evidence_said(evidence):
        _indented(f"[dim]{points:+.1f} {kind}:[/] {escape(said)}")
