"""`guildmap glossary`: the words of a community, and what was decided on them."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from api import settings as settings_module
from api.cli.output import OUT, AsJson, Stopwatch, opened, print_json
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN
from graph.reads import glossary as reads
from graph.reads import resources
from graph.reads.glossary import ACCEPTED, REJECTED
from graph.writes import glossary as writes
from graph.writes.events import in_turn

if TYPE_CHECKING:
    from graph.reads.glossary import Term
    from matcher.community.glossary import Candidates


def register(app: typer.Typer) -> None:
    app.command()(glossary)


def glossary(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    accept: Annotated[str | None, typer.Option(metavar="TERM", help="It is a word of the community.")] = None,
    definition: Annotated[str | None, typer.Option(help="What the accepted term means there.")] = None,
    reject: Annotated[str | None, typer.Option(metavar="TERM", help="It is not: suggest it no more.")] = None,
    forget: Annotated[str | None, typer.Option(metavar="TERM", help="Take back what was decided on a term.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, max=50, help="How many candidates to list.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List words that a community uses and others do not, with what was decided on them; or decide."""
    from matcher.community.glossary import read_language

    watch = Stopwatch()
    if sum(one is not None for one in (accept, reject, forget)) > 1:
        raise InvalidInput("Decide on one term at a time: give one of --accept, --reject and --forget.")
    if definition is not None and accept is None:
        raise InvalidInput("--definition: goes with --accept.")

    def decide(transaction: Transaction) -> None:
        if accept is not None:
            writes.decide(transaction, LOCAL_ADMIN, community, accept, ACCEPTED, (definition or "").strip() or None)
        elif reject is not None:
            writes.decide(transaction, LOCAL_ADMIN, community, reject, REJECTED)
        elif forget is not None:
            writes.forget(transaction, LOCAL_ADMIN, community, forget)

    with opened(settings_module.load()) as database:
        if accept is not None or reject is not None or forget is not None:
            database.write(in_turn(LOCAL_ADMIN.actor, decide))
        database.follow(resources.seen(community, LOCAL_ADMIN))
        terms = database.read(reads.glossary(community))
        found = database.follow(read_language()).candidates(community, [one.term for one in terms], limit)
        if as_json:
            print_json({"terms": terms, "candidates": found.found}, database, watch, words=found.words,
                       words_elsewhere=found.words_elsewhere, communities=found.communities)  # fmt: skip
            return
    _print_terms(terms)
    _print_candidates(found)


def _print_terms(terms: "list[Term]") -> None:
    for one in terms:
        said = escape(one.definition) if one.definition else "[dim]not explained yet[/]"
        OUT.print(f"[bold]{escape(one.term)}[/]  {said if one.state == ACCEPTED else '[dim]rejected[/]'}",
                  highlight=False)  # fmt: skip


def _print_candidates(found: "Candidates") -> None:
    if not found.found:
        OUT.print(f"No word stands out: {found.words} telling words here, {found.words_elsewhere} elsewhere.")
        return
    table = Table(box=None, header_style="bold", title="It says, and others do not", title_justify="left")
    for name in ("term", "z", "here", "elsewhere"):
        table.add_column(name, justify="left" if name == "term" else "right")
    table.add_column("as in")
    for one in found.found:
        samples = "\n".join(f"{sample.kind}: {sample.text}" for sample in one.samples)
        table.add_row(escape(one.term), f"{one.z:.1f}", str(one.here), str(one.elsewhere), escape(samples))
    OUT.print(Padding(table, (1, 0, 0, 0)))
