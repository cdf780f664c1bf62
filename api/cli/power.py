"""`guildmap power`: who talks and who advises in a community, by grade and across reporting lines."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from graph.database import Transaction
from graph.errors import Forbidden
from graph.models import LOCAL_ADMIN
from graph.writes import by_hand
from graph.writes.events import in_turn

if TYPE_CHECKING:
    from matcher.community.power import PowerReport


def register(app: typer.Typer) -> None:
    app.command()(power)


def power(
    community: Annotated[str, typer.Argument(help="The id of a community.")],
    as_json: AsJson = False,
) -> None:
    """Shares of talk and advice by grade, in quarters that are over, where the organisation switched that on."""
    from matcher.community.power import of_community

    watch, settings = Stopwatch(), settings_module.load()
    if not settings.power_reports:
        raise Forbidden("This is switched off: an organisation switches it on with GUILDMAP_POWER_REPORTS=true.")

    def work(transaction: Transaction) -> "list[PowerReport]":
        by_hand.seen_community(transaction, LOCAL_ADMIN, community)
        return of_community(transaction, community, date.today().isoformat())

    with opened(settings) as database:
        found = database.write(in_turn(LOCAL_ADMIN.actor, work))
        if as_json:
            print_json(found, database, watch)
            return
    for report in found:
        OUT.print(f"\n[bold]{report.quarter}[/]", highlight=False)
        if not report.shares:
            OUT.print("   too few people to tell of grades")
        else:
            table = Table(box=None, header_style="bold")
            for column in ("grades", "of members", "of questions", "of advice"):
                table.add_column(column)
            for one in report.shares:
                shares = (one.of_members, one.of_questions, one.of_advice)
                table.add_row(escape(", ".join(one.grades)), *(_said(share) for share in shares))
            OUT.print(table)
        OUT.print(
            f"   of all advice, managers to their reports: {_said(report.down)}; the other way: {_said(report.up)}",
            highlight=False,
        )


def _said(share: float | None) -> str:
    return "too few" if share is None else f"{share:.0%}"
