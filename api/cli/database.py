"""`guildmap db`: the embedded database. `guildmap backup` and `restore`: the whole graph, of any database."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api import settings as settings_module
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json, progress_bar
from graph import backup as whole
from graph import embedded
from graph.acts import note
from graph.database import Database
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN
from graph.reads import log
from graph.writes.acts import record_act
from graph.writes.revocations import TakenBack

app = typer.Typer(no_args_is_help=True)


def _embedded_settings() -> settings_module.Settings:
    settings = settings_module.load()
    if settings.neo4j_uri:
        raise InvalidInput(f"GUILDMAP_NEO4J_URI names {settings.neo4j_uri}: no embedded database is in use.")
    return settings


@app.command()
def start() -> None:
    """Start the embedded database, if it does not run, and bring its schema up to date."""
    with opened(_embedded_settings()) as database:
        OUT.print(f"running at {database.uri}")


@app.command()
def stop() -> None:
    """Stop the embedded database, also where other commands still use it."""
    with ERRORS.status("stopping"):
        stopped = embedded.stop(_embedded_settings())
    OUT.print("stopped" if stopped else "it was not running")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say whether the embedded database runs, where, and since when."""
    watch = Stopwatch()
    settings = _embedded_settings()
    found = embedded.status(settings)
    if as_json:
        print_json({"state": found.state, "uri": found.uri, "server": found.server}, None, watch)
    elif found.state == "running" and found.server:
        OUT.print(f"running at {found.uri}, process {found.server.pid}, data in {settings.data_dir}")
    elif found.state == "running":
        OUT.print("starting or stopping")
    elif found.state == "stale":
        OUT.print("not running: it was killed. The next command starts it; committed data is kept.")
    else:
        OUT.print("not running")


def register(root: typer.Typer) -> None:
    """Adds the commands that stand for themselves."""
    root.command()(backup)
    root.command()(restore)


def backup(
    file: Annotated[Path, typer.Argument(help="FILE.jsonl, FILE.jsonl.gz, or FILE.dump for Neo4j's own dump.")],
    as_json: AsJson = False,
) -> None:
    """Write the whole graph to a file, which then is complete or not there.

    It holds everything, personal data too: keep it as safe as the database. With .dump the embedded database is
    stopped first; the next command starts it again.
    """
    watch, settings = Stopwatch(), settings_module.load()
    if file.suffix == ".dump":
        _say_that_it_stops()
        with ERRORS.status("dumping"):
            embedded.dump(_embedded_settings(), file)
        OUT.print(f"{file}: {file.stat().st_size:,} bytes")
        return
    with opened(settings) as database, progress_bar() as progress:
        made = whole.back_up(database, file, progress)
        database.write(lambda tx: record_act(tx, LOCAL_ADMIN, "backup", revision=made.revision, graph=made.graph))
        note(database)
    watch.lap("backup")
    if as_json:
        print_json({**asdict(made), "file": str(file), "bytes": file.stat().st_size}, None, watch)
    else:
        OUT.print(
            f"{file}: {made.nodes:,} nodes, {made.relationships:,} relationships, revision {made.revision:,}, "
            f"{file.stat().st_size:,} bytes", highlight=False, soft_wrap=True,
        )  # fmt: skip


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `guildmap backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Take away what is in the database first.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only look whether the file is whole.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring an empty database to what a backup holds.

    The file is verified before anything changes, and the graph afterwards. Stop the service meanwhile. With .dump the
    embedded database is stopped first; the next command starts it again.
    """
    watch, settings = Stopwatch(), settings_module.load()
    if file.suffix == ".dump":
        if check:
            raise InvalidInput("--check is for backups in JSON lines; Neo4j checks its own dump when it loads it.")
        _say_that_it_stops()
        with ERRORS.status("loading"):
            embedded.load(_embedded_settings(), file, replace=replace)
        with opened(settings) as database:  # who was erased since is erased again, what was taken back taken back
            database.write(lambda tx: record_act(tx, LOCAL_ADMIN, "restore"))
            note(database)
        OUT.print(f"restored {file}")
        return
    done = None
    if check:
        made = whole.verify(file)
    else:
        with ERRORS.status("opening the database"):
            database = Database(settings)
        with database, progress_bar() as progress:
            done = whole.restore(database, file, over=replace, order=settings.source_order, progress=progress)
            made = done.contents
            database.write(lambda tx: record_act(tx, LOCAL_ADMIN, "restore", revision=made.revision, graph=made.graph))
            note(database)
    watch.lap("restore")
    if as_json:
        taken_back = asdict(done.taken_back) if done else None
        print_json({**asdict(made), "file": str(file), "restored": not check, "taken_back": taken_back}, None, watch)
    else:
        OUT.print(
            f"{'whole' if check else 'restored'}: {made.nodes:,} nodes, {made.relationships:,} relationships, as of "
            f"{made.at}, revision {made.revision:,}", highlight=False, soft_wrap=True,
        )  # fmt: skip
        if done:
            _tell_rights(done.taken_back, settings.data_dir)


def _tell_rights(done: TakenBack, folder: Path) -> None:
    """What was taken back, and what somebody still has to look at: other folders may know of more."""
    for what, listed in (("keys that were revoked since are revoked again", done.keys),
                         ("people have no more than what was left of their role", done.roles)):  # fmt: skip
        if listed:
            OUT.print(f"{len(listed)} {what}: {', '.join(listed)}", highlight=False, soft_wrap=True)
    OUT.print(
        f"Rights are as {folder / 'revocations.jsonl'} knows them. Where that is not the data folder of the one that "
        "was backed up, look at `guildmap keys list` and `guildmap roles list`.", highlight=False, soft_wrap=True,
    )  # fmt: skip


def _say_that_it_stops() -> None:
    if embedded.status(_embedded_settings()).state == "running":
        ERRORS.print("stopping the embedded database: Neo4j dumps and loads a stopped one only")


@app.command()
def fingerprint() -> None:
    """Print a sha256 over the graph's content: equal for equal graphs, however they came about."""
    with opened(settings_module.load()) as database, ERRORS.status("reading the graph"):
        OUT.print(log.fingerprint(database), soft_wrap=True)
