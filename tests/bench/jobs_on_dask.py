"""Batch work by one worker of Dask and by two, by the number of people: time, memory, bytes.

    python -m tests.bench.jobs_on_dask [--people 1000 4000] [--workers 1 2] [--hashing] [--svg docs/jobs-on-dask.svg]

For each number of people an organisation is generated (a tenth as many communities, five times as many memberships) and
loaded into an embedded Neo4j of its own. Each time all texts are encoded anew (`guildmap index`, with the shipped model
and no cache; with --hashing by an embedder that costs nothing, to see the rest), and lists are made for everybody
(`guildmap recommend --everyone`). A worker has one thread. What is told of a run: seconds from the first partition that
is sent to the last result, without the start of the processes; what a worker needs before its first partition (a model,
the organisation in memory) is in it. The largest resident memory of a worker; bytes of results as they are pickled;
bytes over the loopback interface meanwhile, which are those of the database and of Dask together, and of whatever else
runs on the machine.
"""

import argparse
import pickle
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from api.cli.asking import Asking
from api.cli.everyone import Lists, ranges
from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.schema import migrate
from ingest.jobs import ingest
from matcher.embedding import Embedder, SentenceTransformerEmbedder
from matcher.indexing import index
from matcher.on_dask import OnDask, workers_at
from tests.bench.audit_scale import drawing
from tests.bench.large_organisation import LargeSource, Sizes
from tests.embedders import HashingEmbedder

TEN = 10

# Bytes of a unit of ru_maxrss on Linux.
KIB = 1024


@dataclass
class Weighing:
    """Workers whose results are weighed as they come."""

    workers: OnDask
    bytes: int = 0
    partitions: int = 0

    def run(self, job: Any, partitions: Iterable[Any], here: Any = None) -> Iterator[Any]:
        for result in self.workers.run(job, partitions, here):
            self.bytes += len(pickle.dumps(result))
            self.partitions += 1
            yield result


@dataclass(frozen=True)
class Measured:
    seconds: float
    memory: int  # bytes, the largest of a worker
    results: int  # bytes
    loopback: int  # bytes
    partitions: int

    def told(self) -> str:
        return (
            f"{self.seconds:7.1f} s, {self.partitions} partitions, worker {self.memory / 1e6:,.0f} MB, "
            f"results {self.results / 1e6:.2f} MB, loopback {self.loopback / 1e6:,.0f} MB"
        )


def measured(workers: int, work: Callable[[Weighing], object]) -> Measured:
    with workers_at(f"local:{workers}") as found:
        assert isinstance(found, OnDask)
        weighing = Weighing(found)
        before, began = loopback(), time.perf_counter()
        work(weighing)
        seconds, travelled = time.perf_counter() - began, loopback() - before
        memory = max(found.client.run(most_memory).values())
    return Measured(seconds, memory, weighing.bytes, travelled, weighing.partitions)


def most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB


def loopback() -> int:
    """Bytes that the loopback interface has carried."""
    (line,) = (one for one in Path("/proc/net/dev").read_text().splitlines() if one.strip().startswith("lo:"))
    return int(line.split(":")[1].split()[0])


def organisation(database: Database, people: int, folder: Path) -> None:
    sizes = Sizes(people // 10, people, 5 * people, people // 5, max(100, people // 50), max(20, people // 250))
    migrate(database)
    ingest(database, LargeSource(sizes, 1), rejects_folder=folder)


def jobs(database: Database, open_embedder: Callable[[], Embedder]) -> dict[str, Callable[[Weighing], object]]:
    def everything_anew(workers: Weighing) -> None:
        index(database, open_embedder(), None, workers, open_embedder)

    def lists(workers: Weighing) -> None:
        asking = Asking(database, open_embedder())
        for _ in workers.run(Lists(database.reached_by(), open_embedder, TEN), ranges(asking)):
            pass

    return {"all texts encoded": everything_anew, "lists for everybody": lists}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, nargs="*", default=[1_000, 4_000])
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--hashing", action="store_true")
    parser.add_argument("--svg", type=Path)
    asked = parser.parse_args()
    open_embedder: Callable[[], Embedder] = HashingEmbedder if asked.hashing else partial(SentenceTransformerEmbedder)
    drawn: dict[str, list[tuple[int, float]]] = {}
    for people in asked.people:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings.model_validate({"data_dir": folder, "embedded_idle_minutes": 60})
            try:
                with Database(settings) as database:
                    organisation(database, people, settings.rejects_folder)
                    for what, work in jobs(database, open_embedder).items():
                        took: dict[int, float] = {}
                        for workers in asked.workers:
                            if what == "all texts encoded":
                                index(database, HashingEmbedder("before"))  # vectors of the model before are gone
                            found = measured(workers, work)
                            took[workers] = found.seconds
                            drawn.setdefault(f"{what}, {workers} workers", []).append((people, found.seconds))
                            print(f"{people:,} people, {what}, {workers} workers: {found.told()}", flush=True)
                        first = next(iter(took.values()))
                        print(f"  times as fast: {', '.join(f'{n} {first / s:.2f}' for n, s in took.items())}")
            finally:
                embedded.stop(settings)
    if asked.svg:
        asked.svg.write_text(drawing(drawn, "people"), encoding="utf-8")


if __name__ == "__main__":
    main()
