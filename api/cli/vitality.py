"""`guildmap vitality`: how alive a community is, in named measures."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.wording import VITAL_SIGNS, measured, numbers_said
from graph.models import LOCAL_ADMIN
from graph.reads import resources

if TYPE_CHECKING:
    from matcher.community.vitality import Measure


def register(app: typer.Typer) -> None:
    app.command()(vitality)


def vitality(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    as_json: AsJson = False,
) -> None:
    """Tell how alive a community is: meetings, answers, follow-up, newcomers, leads; each beside others of its kind."""
    from matcher import snapshot as snapshots
    from matcher.community import vitality as measures

    watch = Stopwatch()
    with opened(settings_module.load()) as database:
        database.follow(resources.seen(community, LOCAL_ADMIN))
        snapshot = database.follow(snapshots.build(None))
        found = measures.vitality(snapshot, database.follow(measures.read_facts(snapshot.day)))[community]
        if as_json:
            print_json(found, database, watch)
            return
    table = Table(box=None, header_style="bold", title=f"From {found.since} to {found.until}", title_justify="left")
    for name in ("measure", "value", "before", "trend", "among others of its kind and age", "rests on"):
        table.add_column(name, justify="right" if name in ("value", "before") else "left")
    for one in found.measures:
        table.add_row(*map(escape, _row(one)))
    OUT.print(table)


def _row(one: "Measure") -> tuple[str, ...]:
    title = f"{one.name.replace('_', ' ')}: {VITAL_SIGNS[one.name]}"
    before = "" if one.before is None else measured(one.before, one.unit)
    rests = numbers_said(one.numbers)
    if one.value is None:
        return title, "cannot tell", before, "", "", one.why or ""
    peers = ""
    if one.peers is not None:
        low, middle, high = (measured(value, one.unit) for value in one.peers.quartiles)
        peers = f"{one.peers.band} of {one.peers.number} ({low}, {middle}, {high})"
    return title, measured(one.value, one.unit), before, one.trend, peers, rests
