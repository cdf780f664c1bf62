"""Commands that put data in: ingest, index, edit, dismiss; and config, which shows every setting."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json, progress_bar
from api.cli.working import OnDask, workers
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN, Principal
from graph.writes.by_hand import EDITABLE
from graph.writes.by_hand import dismiss as dismiss_write
from graph.writes.by_hand import dismiss_helper as dismiss_helper_write
from graph.writes.by_hand import edit as edit_write
from graph.writes.events import in_turn
from ingest import records
from ingest.jobs import PRUNE_AT_MOST, Report
from ingest.jobs import ingest as run_ingest
from ingest.sources import Source
from ingest.sources.bundle import BundleSource
from ingest.sources.esco import EscoSource
from ingest.sources.sigs_yaml import SigsYamlSource
from ingest.sources.slack_export import SlackExport

SOURCES = {"bundle": BundleSource, "sigs_yaml": SigsYamlSource, "esco": EscoSource, "slack_export": SlackExport}


def register(app: typer.Typer) -> None:
    app.command()(ingest)
    app.command()(index)
    app.command()(edit)
    app.command()(dismiss)
    app.command("dismiss-helper")(dismiss_helper)
    app.command()(config)


def ingest(
    path: Annotated[Path, typer.Argument(help="A bundle's folder, or the file of another source.")],
    source: Annotated[str, typer.Option(help=f"What it is: {', '.join(SOURCES)}.")] = "bundle",
    name: Annotated[
        str | None,
        typer.Option(help="The name that owns its facts; a later run with the same name updates them."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count, write nothing.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Withdraw what this source said before and says no more.")
    ] = False,
    prune_at_most: Annotated[
        int, typer.Option(min=0, max=100, help="Withdraw nothing if a larger percentage of a kind vanished.")
    ] = PRUNE_AT_MOST,
    max_rejects: Annotated[int, typer.Option(min=0, help="Stop behind so many bad rows.")] = 1000,
    batch: Annotated[int, typer.Option(min=1, max=20_000, help="Rows in one transaction.")] = 2000,
    channels: Annotated[
        Path | None,
        typer.Option(help="Of slack_export: a CSV file, `channel,community_id`, of the channels to take, and as what."),
    ] = None,
    topics: Annotated[
        bool, typer.Option("--topics", help="Of slack_export: keep the words that mark a channel as its topics.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Load people, skills, units and communities. A run that was cut off goes on where it stopped."""
    watch = Stopwatch()
    if source not in SOURCES:
        raise InvalidInput(f"There is no source {source!r}. Known: {', '.join(SOURCES)}.")
    settings = settings_module.load()
    if source == "slack_export":
        origin: Source = SlackExport(path, name, channels=channels, topics=topics)
    elif channels is not None or topics:
        raise InvalidInput("--channels and --topics are for --source slack_export.")
    else:
        origin = SOURCES[source](path, name)
    origin.tables()  # says what is wrong with the source before a database is started
    with opened(settings) as database, progress_bar() as progress:
        watch.lap("open")
        report = run_ingest(
            database, origin, rejects_folder=settings.rejects_folder, order=settings.source_order, dry_run=dry_run,
            sweep=prune, prune_at_most=prune_at_most, max_rejects=max_rejects, batch_size=batch, progress=progress,
        )  # fmt: skip
        watch.lap("ingest")
        if isinstance(origin, BundleSource):
            report.warnings.extend(f"{name}: no subject is called so; the file was left out" for name in
                                   origin.unknown_files())  # fmt: skip
        if as_json:
            print_json(report, database, watch)
    if not as_json:
        _print_report(report, watch.laps["ingest"] / 1000)


def _print_report(report: Report, seconds: float) -> None:
    if report.resumed_at:
        OUT.print(f"took up the run that was cut off, at {escape(report.resumed_at)}")
    table = Table(box=None, header_style="bold")
    columns = ("created", "updated", "unchanged", "rejected", "removed", "kept")
    if report.suppressed:
        columns = (*columns, "suppressed")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    for kind, count in report.counts.items():
        table.add_row(kind.replace("_", " "), *(f"{getattr(count, column):,}" for column in columns))
    OUT.print(table)
    verb = "would change" if report.dry_run else "changed"
    changed = f"{report.changed:,} facts {verb}" if report.changed else f"nothing {verb}"
    rate = report.rows / seconds if seconds else 0
    OUT.print(
        f"{report.source}: {report.rows:,} rows in {seconds:.1f} s ({rate:,.0f} rows/s); {changed}; "
        f"revision {report.revision}", highlight=False,
    )  # fmt: skip
    if report.suppressed:
        OUT.print(f"{report.suppressed:,} rows are of people who were erased: left out", highlight=False)
    for warning in report.warnings:
        ERRORS.print(f"[yellow]warning:[/] {escape(warning)}", highlight=False)
    if report.rejects:
        ERRORS.print(
            f"{report.rejected:,} rows rejected, {report.reported:,} to look at: see {report.rejects}",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


def index(dask: OnDask = None, as_json: AsJson = False) -> None:
    """Compute the embeddings of all texts that are new or changed."""
    from matcher.embedding import open_embedder
    from matcher.indexing import index as run_index

    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database:
        with ERRORS.status("loading the model"):
            embedder = open_embedder(settings.model, settings.embedding_cache, settings.backend)
        watch.lap("model")
        opening = partial(open_embedder, settings.model, settings.embedding_cache, settings.backend)
        with workers(dask) as found, progress_bar() as progress:
            report = run_index(database, embedder, progress, found, opening)
        watch.lap("index")
        if as_json:
            print_json(report, database, watch)
            return
    if report.switched_from:
        OUT.print(f"the model changed from {report.switched_from} to {embedder.name}: all texts were encoded anew")
    OUT.print(
        f"{report.encoded:,} texts encoded, {report.reused:,} were up to date, {report.removed:,} vectors removed "
        f"({embedder.name}, {watch.laps['index'] / 1000:.1f} s)", highlight=False,
    )  # fmt: skip


def edit(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(EDITABLE)}.")],
    thing: Annotated[str, typer.Argument(metavar="ID")],
    fields: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="An empty value empties the field.")],
) -> None:
    """Set fields by hand. From then on they win over what any source says, and no pruning takes them."""
    if kind not in EDITABLE:
        raise InvalidInput(f"There is no kind {kind!r} to edit. Known: {', '.join(EDITABLE)}.")
    given: dict[str, str] = {}
    for field in fields:
        name, equals, value = field.partition("=")
        if not equals:
            raise InvalidInput(f"{field!r} is not FIELD=VALUE.")
        given[name] = value
    valid = _valid(kind, thing, given)
    settings = settings_module.load()
    with opened(settings) as database:
        order = settings.source_order
        changed = database.write(
            in_turn(LOCAL_ADMIN.actor, lambda tx: edit_write(tx, LOCAL_ADMIN, kind, thing, valid, order))
        )
    OUT.print("changed" if changed else "nothing changed: it says so already")


def _valid(kind: str, thing: str, given: dict[str, str]) -> dict[str, Any]:
    """The given fields as the import's own record reads them, so that both judge alike."""
    record = next(r for r in records.RECORDS.values() if r.kind == kind)
    columns = {"skill_ids": "skills", "goal_ids": "goals"}
    row = {"id": thing, "name": "-", "domain": "-", **{columns.get(k, k): v for k, v in given.items()}}
    try:
        facts = [fields for name, _, fields in record.model_validate(row).facts() if name == kind]
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise InvalidInput(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
        ) from None
    return {name: facts[0].get(name) for name in given}


def dismiss(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    community: Annotated[str, typer.Argument(help="The community's id.")],
    reason: Annotated[str | None, typer.Option(help="Why; only the person sees it.")] = None,
    until: Annotated[str | None, typer.Option(help="A date; without one it holds for good.")] = None,
) -> None:
    """Never suggest this community to this person again, or not before a date."""
    _dismiss(dismiss_write, person, community, reason, until)


def dismiss_helper(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    helper: Annotated[str, typer.Argument(help="The id of the person who is not to be suggested.")],
    reason: Annotated[str | None, typer.Option(help="Why; only the person sees it.")] = None,
    until: Annotated[str | None, typer.Option(help="A date; without one it holds for good.")] = None,
) -> None:
    """Never suggest this helper to this person again, or not before a date."""
    _dismiss(dismiss_helper_write, person, helper, reason, until)


def _dismiss(
    write: Callable[[Transaction, Principal, str, str, str | None, str | None], None],
    person: str,
    thing: str,
    reason: str | None,
    until: str | None,
) -> None:
    if until is not None and not records.is_date(until):
        raise InvalidInput(f"--until: {until!r} is not a date like 2027-03-31.")
    with opened(settings_module.load()) as database:
        database.write(in_turn(LOCAL_ADMIN.actor, lambda tx: write(tx, LOCAL_ADMIN, person, thing, reason, until)))
    OUT.print(f"{thing} will not be suggested to {person}" + (f" before {until}" if until else ""))


def config(as_json: AsJson = False) -> None:
    """Print every setting in force and where it comes from; secrets are masked."""
    watch = Stopwatch()
    found = settings_module.in_force(settings_module.load())
    if as_json:
        print_json(found, None, watch)
        return
    table = Table(box=None, header_style="bold")
    for column in ("setting", "value", "from", "what it is"):
        table.add_column(column, overflow="fold")
    for one in found:
        table.add_row(one.name, escape(one.value), one.origin, one.description)
    OUT.print(table)
