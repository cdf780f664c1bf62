"""`guildmap engagement`: movement between declared levels, and what a person may see of themselves."""

from datetime import date
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from api.cli.reading import read_out
from api.cli.writing import known

app = typer.Typer(no_args_is_help=True)


@app.command()
def flows(
    community: Annotated[str, typer.Argument(help="The id of a community.")],
    as_json: AsJson = False,
) -> None:
    """How people moved between declared levels, in and out, in each of the last four quarters."""
    from matcher.community import engagement

    found = read_out(
        engagement.of_community(community, date.today().isoformat(), exact=True), as_json, community=community
    )
    if as_json:
        return
    OUT.print("today: " + ", ".join(f"{people} {level}" for level, people in found.now.items() if people))
    for quarter in found.quarters:
        moved = [flow for flow in quarter.flows if flow.before != flow.after]
        stayed = sum(flow.people or 0 for flow in quarter.flows if flow.before == flow.after)
        OUT.print(f"\n[bold]{quarter.quarter}[/]  {stayed} stayed where they were", highlight=False)
        for flow in moved:
            OUT.print(f"   {flow.before} -> {flow.after}: {flow.people}", highlight=False)


@app.command()
def show(
    person: Annotated[str, typer.Argument(help="You (id): nobody is shown the engagement of another.")],
    as_json: AsJson = False,
) -> None:
    """What you declared in each of your communities and, where that is switched on, what you did there."""
    from matcher.community import engagement

    watch = Stopwatch()
    settings = settings_module.load()
    with opened(settings) as database:
        known(database, person)
        found = database.follow(
            engagement.own(person, date.today().isoformat(), settings.engagement_observed)
        )  # fmt: skip
        if as_json:
            print_json(found, database, watch)
            return
    table = Table(box=None, header_style="bold")
    for column in ("community", "declared", "since", *(["observed", "from"] if settings.engagement_observed else [])):
        table.add_column(column)
    for one in found:
        cells = [escape(one.name), one.declared or "", one.since or ""]
        if one.observed is not None:
            seen = one.observed
            cells += [
                seen.level or "cannot tell",
                f"{seen.attended} of {seen.meetings} meetings, {seen.questions} questions, {seen.advice} advice",
            ]
        table.add_row(*cells)
    OUT.print(table if found else "You are in no community.")
