"""`guildmap skills`: what people's own texts say of their skills."""

from typing import Annotated

import typer

from api import settings as settings_module
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json, progress_bar

app = typer.Typer(no_args_is_help=True)


@app.callback()
def skills() -> None:
    """Skills that people's own texts name."""


@app.command()
def extract(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read skills out of titles and bios; each is kept with its sentence, until its person drops it. To be run after an
    import."""
    from matcher.embedding import open_embedder
    from matcher.extracting import extract as run_extract

    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database:
        embedder = open_embedder(settings.model, settings.embedding_cache, settings.backend)
        watch.lap("open")
        with progress_bar() as progress:
            report = run_extract(database, embedder, order=settings.source_order, dry_run=dry_run, progress=progress)
        watch.lap("extract")
        if as_json:
            print_json(report, database, watch)
            return
    OUT.print(
        f"{report.people:,} people: {report.found:,} labels stood in their texts, {report.kept:,} of them were about "
        f"the skill; {report.created:,} new, {report.updated:,} changed, {report.removed:,} withdrawn", highlight=False,
    )  # fmt: skip
    if dry_run:
        ERRORS.print("nothing was written", highlight=False)
