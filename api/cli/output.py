"""How commands speak: tables for people, one JSON object for machines, progress on standard error."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.status import Status

from api.settings import Settings
from graph.database import Database
from graph.errors import InvalidInput
from graph.reads import log
from graph.revocations import Revocations
from graph.schema import migrate
from graph.writes.erasure import settle
from graph.writes.revocations import take_back

OUT = Console()
ERRORS = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, for machines.")]


@contextmanager
def opened(settings: Settings, *, settled: bool = True) -> Iterator[Database]:
    """The database with its schema up to date, and (unless not to be `settled`) without anybody who was erased and
    without rights that were taken back; says what it waits for where that takes long."""
    with ERRORS.status("opening the database") as status, Database(settings, _speak(status)) as database:
        migrate(database)
        if settled:
            settle(database, order=settings.source_order)
            take_back(database, Revocations(settings))
        status.stop()
        yield database


def _speak(status: Status):
    def speak(report: str) -> None:
        match report.split():
            case ["fetching", done, total]:
                status.update(f"fetching Neo4j, once: {done} of {total} files")
            case ["fetching"]:
                status.update("checking Neo4j's files")
            case ["starting"]:
                status.update("starting the embedded Neo4j")
            case _:
                pass

    return speak


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar for each title that is reported: `progress(title, done, total)`, total None where it is not known."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=ERRORS,
        transient=True,
    ) as bar:  # fmt: skip
        tasks: dict[str, TaskID] = {}

        def progress(title: str, done: int, total: int | None) -> None:
            if title not in tasks:
                tasks[title] = bar.add_task(title, total=total)
            bar.update(tasks[title], completed=done, total=total)

        yield progress


class Stopwatch:
    """Times for `meta.timings`, in milliseconds."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 1)
        self._last = now

    def all(self) -> dict[str, float]:
        return {**self.laps, "total": round((time.perf_counter() - self._began) * 1000, 1)}


def print_json(results: Any, database: Database | None, watch: Stopwatch, **meta: Any) -> None:
    """`{"results": ..., "meta": {...}}`; dataclasses become objects."""
    body = {
        "results": results,
        "meta": {
            "version": version("guildmap"),
            "revision": database.read(log.revision()) if database else None,
            "timings": watch.all(),
            **meta,
        },
    }
    json.dump(body, sys.stdout, default=_plain, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def write_lines(path: Path | None, lines: Iterable[Mapping[str, object]]) -> None:
    """JSON lines for `--output`, if it was given. Raises InvalidInput where the file cannot be written."""
    if path is None:
        return
    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    except OSError as error:
        raise InvalidInput(f"--output: {path} cannot be written ({error.strerror}).") from error


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
