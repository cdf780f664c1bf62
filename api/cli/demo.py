"""`guildmap demo`: everything on a small organisation that ships with guildmap."""

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.markup import escape
from rich.rule import Rule

from api import settings as settings_module
from api.cli import find
from api.cli.output import OUT, opened, progress_bar
from api.cli.serve import run
from api.settings import PREFIX, Settings
from graph.database import Database
from graph.models import LOCAL_ADMIN
from graph.writes.events import in_turn
from ingest.demo.agreements import agree
from ingest.demo.beginnings import begin
from ingest.demo.chosen import choose
from ingest.demo.deeds import act
from ingest.demo.organisation import KNOWLEDGE_MANAGER, NEWCOMER, DemoSource
from ingest.demo.welcome import live
from ingest.jobs import ingest

if TYPE_CHECKING:
    from matcher.embedding import Embedder

# What the tour asks. None of the texts stands in the data: that is the point.
SEARCHES = ("keeping subsea cables alive", "C++")
QUESTION = "How do we measure what icing on the blades costs us in production over a winter?"
NEWCOMER_WORDS = "I write Rust and C++ for controllers and would like to learn about grid codes"

# Without the web fonts that rich names: a picture of ours loads nothing from another host.
_PICTURE = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    serve: Annotated[bool, typer.Option(help="Serve the API when the tour is over.")] = True,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to serve at.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Also save the newcomer's part of the tour as SVG.")] = None,
) -> None:
    """Load an invented organisation of 600 people, show what can be asked of it, and serve it.

    It lives in a folder and an embedded database of its own: a graph of yours is not touched.
    """
    from matcher.embedding import open_embedder

    mine = settings_module.load()
    given = {"data_dir": mine.data_dir / "demo", "neo4j_uri": None, "auth": "local", "host": "127.0.0.1"}
    settings = mine.model_copy(update=given | ({"port": port} if port is not None else {}))
    with opened(settings) as database:
        embedder = open_embedder(settings.model, settings.embedding_cache, settings.backend)
        load(database, settings, embedder)
        tour(database, embedder, picture)
        _next_steps(settings, serve)
        if serve:
            run(settings, database, NEWCOMER)


def load(database: Database, settings: Settings, embedder: "Embedder") -> None:
    """Brings the graph to the demo organisation of today, and its embeddings up to date."""
    from matcher.indexing import index

    with progress_bar() as progress:
        source = DemoSource(date.today())
        # Its dates move with the day, so what was loaded on another day gives way; what was set by hand stays.
        ingest(
            database, source, rejects_folder=settings.rejects_folder, sweep=True, prune_at_most=100, progress=progress
        )
        agree(database, settings.source_order)
        live(database, date.today())
        begin(database, settings.source_order)
        choose(database, date.today())
        act(database, date.today(), settings.source_order)
        index(database, embedder, progress)
        _look_over(database, settings, embedder)


def _look_over(database: Database, settings: Settings, embedder: "Embedder") -> None:
    """Keeps what the audit finds, so that its knowledge manager has it in her digest."""
    from api.cli.asking import Asking
    from matcher.audit import report
    from matcher.audit.findings import record, rows_of
    from matcher.audit.subject import read_facts

    asking = Asking(database, embedder)
    found = report.audit(
        asking.snapshot, database.follow(read_facts(asking.model)), embedder.encode,
        model=asking.model.name if asking.model is not None else None, period=settings.audit_period,
    )  # fmt: skip
    rows = rows_of(found, asking.snapshot)
    database.write(in_turn(LOCAL_ADMIN.actor, lambda tx: record(tx, rows, date.today().isoformat())))


def tour(database: Database, embedder: "Embedder", picture: Path | None = None) -> None:
    """Asks what a newcomer, somebody with a problem and anybody would ask, and prints the real answers.

    What the newcomer gets is also saved as `picture`.
    """
    from api.cli.asking import Asking

    organisation = Asking(database, embedder)
    newcomer = organisation.person(NEWCOMER)
    OUT.print(Rule("guildmap: a tour of the demo organisation", style="bold"))
    for text in SEARCHES:
        _step("Is there a community for this?", f'search "{text}" --limit 3')
        find.print_page(organisation.search(text, limit=3))
    OUT.record = picture is not None
    _step(
        f"{newcomer.name} ({newcomer.title}) joined on {newcomer.joined_on}. Which communities?",
        f"recommend {NEWCOMER} --limit 3",
    )
    find.print_recommendations(organisation.what_if(newcomer, organisation.recommend(newcomer, limit=3)), newcomer.name)
    if picture is not None:
        OUT.save_svg(str(picture), title="guildmap demo", code_format=_PICTURE)
        OUT.record = False
    _step("And somebody who is not stored, in their own words?", f'recommend --text "{NEWCOMER_WORDS}" --limit 2')
    described = organisation.recommend_described(organisation.described(NEWCOMER_WORDS, (), (), None), limit=2)
    find.print_recommendations(described, "this profile")
    _step("Who can help with this?", f'help-for "{QUESTION}" --person {NEWCOMER} --limit 3')
    names = {one.id: one.name for one in organisation.catalogue.communities}
    find.print_helpers(organisation.help_for(QUESTION, NEWCOMER, None, limit=3), names)
    OUT.print(Rule(style="bold"))


def _step(question: str, command: str) -> None:
    OUT.print(f"\n[bold cyan]{escape(question)}[/]")
    OUT.print(f"[dim]$ guildmap {escape(command)}[/]", highlight=False)


def _next_steps(settings: Settings, serves: bool) -> None:
    OUT.print(
        "Ask it yourself, in another terminal (`GUILDMAP_DATA_DIR` points the commands at the demo):\n"
        f"  export {PREFIX}DATA_DIR={escape(str(settings.data_dir))}\n"
        f"  guildmap recommend {KNOWLEDGE_MANAGER}\n"
        "  guildmap help-for \"Who has certified a tower crane offshore?\"\n"
        "  guildmap vitality blade-inspection\n"
        f"  guildmap digest --person {KNOWLEDGE_MANAGER}\n"
        "  guildmap glossary blade-inspection", highlight=False, soft_wrap=True,
    )  # fmt: skip
    if serves:
        address = f"http://{settings.host}:{settings.port}"
        OUT.print(
            f"Serving at {address} (description of the API: {address}/docs) until Ctrl-C.\n"
            f"  curl '{address}/v1/search?text=cables&limit=3'\n"
            f"  curl -X POST {address}/v1/recommendations/communities -H 'Content-Type: application/json' -d '{{}}'",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
