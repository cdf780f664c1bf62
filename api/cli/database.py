"""`guildmap db`: the embedded database."""

import typer

from api import settings as settings_module
from api.cli.output import ERRORS, OUT, AsJson, Stopwatch, opened, print_json
from graph import embedded
from graph.errors import InvalidInput
from graph.reads import log

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


@app.command()
def fingerprint() -> None:
    """Print a sha256 over the graph's content: equal for equal graphs, however they came about."""
    with opened(settings_module.load()) as database, ERRORS.status("reading the graph"):
        OUT.print(log.fingerprint(database), soft_wrap=True)
