"""`guildmap artifact`: what communities made together."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.writing import acting, checked, written
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN
from graph.reads import meetings as reads
from graph.reads import resources
from graph.reads.meetings import Artifact
from graph.writes import practice as writes
from ingest.records import ArtifactKind, Day, Link

app = typer.Typer(no_args_is_help=True)

Community = Annotated[str, typer.Argument(metavar="COMMUNITY", help="The community's id.")]
Person = Annotated[str | None, typer.Option(help="For whom (id); left out: as whoever sits here.")]
Address = Annotated[str | None, typer.Option("--url", help="Where it is.")]
Kind = Annotated[str | None, typer.Option(help="document, benchmark, tool, recording, dataset or other.")]
Makers = Annotated[list[str] | None, typer.Option("--maker", help="Who made it (id); may be repeated.")]


@app.command("list")
def list_artifacts(
    community: Community,
    retired: Annotated[bool, typer.Option("--retired", help="Those that nobody should use any more too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what a community made, the latest first."""
    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        database.follow(resources.seen_at_work(community, LOCAL_ADMIN))
        found = [one for one in database.read(reads.artifacts(community)) if retired or one.retired_on is None]
        if as_json:
            print_json(found, database, watch)
            return
    if not found:
        OUT.print("It has made nothing that is on record. Note it: guildmap artifact add.")
        return
    table = Table(box=None, header_style="bold")
    for column in ("id", "title", "kind", "made", "by", "where"):
        table.add_column(column)
    for one in found:
        made = f"{one.made_on or ''}{f', retired {one.retired_on}' if one.retired_on else ''}"
        makers = ", ".join(maker.name for maker in one.makers)
        table.add_row(*map(escape, (one.id, one.title, one.kind or "", made, makers, one.url or "")))
    OUT.print(table)


@app.command()
def add(
    community: Community,
    title: Annotated[str, typer.Argument(help="What it is called.")],
    url: Address = None,
    kind: Kind = None,
    maker: Makers = None,
    made_on: Annotated[str | None, typer.Option(help="When; left out: today.")] = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Note what a community made: a member what they made, leads and core members what others did."""
    makers = maker or ([person] if person else None)
    fields = {
        "title": title, "url": checked("--url", Link, url), "kind": checked("--kind", ArtifactKind, kind),
        "maker_ids": makers, "made_on": checked("--made-on", Day, made_on),
    }  # fmt: skip
    if not title.strip():
        raise InvalidInput("The title is empty.")
    done = written(lambda tx, order: writes.add_artifact(tx, acting(tx, person), community, fields, order), as_json)
    if not as_json:
        _print(done)


@app.command()
def change(
    artifact: Annotated[str, typer.Argument(metavar="ID", help="As `guildmap artifact list` shows it.")],
    title: Annotated[str | None, typer.Option(help="What it is called from now on.")] = None,
    url: Address = None,
    kind: Kind = None,
    maker: Makers = None,
    retired_on: Annotated[str | None, typer.Option(help="Since when nobody should use it.")] = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Change what is said of an artefact, or say that it is out of use: by its makers, leads and core members."""
    given = {
        "title": title, "url": checked("--url", Link, url), "kind": checked("--kind", ArtifactKind, kind),
        "maker_ids": maker, "retired_on": checked("--retired-on", Day, retired_on),
    }  # fmt: skip
    fields = {name: value for name, value in given.items() if value is not None}
    if not fields:
        raise InvalidInput("Say what changes: --title, --url, --kind, --maker or --retired-on.")
    done = written(lambda tx, order: writes.change_artifact(tx, acting(tx, person), artifact, fields, order), as_json)
    if not as_json:
        _print(done)


def _print(one: Artifact) -> None:
    makers = ", ".join(maker.name for maker in one.makers)
    by = f" by {escape(makers)}" if makers else ""
    out = f", out of use since {one.retired_on}" if one.retired_on else ""
    OUT.print(f"[bold]{escape(one.title)}[/]{by}{out}  [dim]{escape(one.id)}[/]", highlight=False)
