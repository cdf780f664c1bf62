"""Batch work by one worker of Dask and by two, by the size of an organisation: time, memory, bytes.

    python -m tests.bench.jobs_on_dask [--people 1000 4000] [--communities 1000 4000] [--workers 1 2] [--hashing]
        [--lists 100000] [--alone 0] [--folder FOLDER] [--svg docs/pictures/jobs-on-dask.svg]

For each number of `--people` an organisation is generated (a tenth as many communities, five times as many memberships)
and loaded into an embedded Neo4j of its own, in FOLDER, where it is kept and used again, or in one that is thrown away.
Each time all texts are encoded anew (`guildmap index`, with the backend that is chosen by default and no cache; with
--hashing by an embedder that costs nothing, to see the rest), and lists are made for everybody, or for some
(`guildmap recommend --everyone`). For each number of `--communities` what needs no database is done on invented arrays,
with ten people and fifty memberships a community: co-membership, each community regressed on its neighbours; the
nearest of each for the audit; and the neighbours that a map is drawn by.

A worker has one thread. What is told of a run: seconds from the first partition that is sent to the last result,
without the start of the processes; what a worker needs before its first partition (a model, the organisation in memory)
is in it. The largest resident memory of a worker; bytes of the job and of results as they are pickled; bytes over the
loopback interface meanwhile, which are those of the database and of Dask together, and of whatever else runs on the
machine. What two processes on this machine can gain at all is told first, by arithmetic that needs no memory and no
database.
"""

import argparse
import pickle
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix

from api.cli.asking import Asking
from api.cli.everyone import Lists, ranges
from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.reads import log
from graph.schema import migrate
from ingest.jobs import ingest
from matcher.audit import pictures
from matcher.audit.nearest import nearest_of_all
from matcher.backends import AUTO
from matcher.embedding import Embedder, SentenceTransformerEmbedder
from matcher.features import ease
from matcher.indexing import index
from matcher.on_dask import OnDask, workers_at
from matcher.partitions import InProcess, KeyRange
from tests.bench.audit_scale import drawing
from tests.bench.large_organisation import LargeSource, Sizes
from tests.bench.memory import memory
from tests.embedders import HashingEmbedder

TEN = 10

# Of a community, in the audit and on the map: as many as are looked at closely, and as a perplexity of 30 wants.
NEAREST, NEIGHBOURS = 20, 90
DIMENSION = 384


@dataclass
class Weighing:
    """Workers whose jobs and results are weighed as they go and come."""

    workers: OnDask
    job: int = 0
    bytes: int = 0
    partitions: int = 0

    def run(self, job: Any, partitions: Iterable[Any], here: Any = None) -> Iterator[Any]:
        self.job = len(pickle.dumps(job))
        for result in self.workers.run(job, partitions, here):
            self.bytes += len(pickle.dumps(result))
            self.partitions += 1
            yield result


@dataclass(frozen=True)
class Measured:
    seconds: float
    memory: int  # bytes, the largest of a worker
    job: int  # bytes, sent once to each worker
    results: int  # bytes
    loopback: int  # bytes
    partitions: int

    def told(self) -> str:
        return (
            f"{self.seconds:7.1f} s, {self.partitions} partitions, worker {self.memory / 1e6:,.0f} MB, "
            f"job {self.job / 1e6:.2f} MB, results {self.results / 1e6:.2f} MB, loopback {self.loopback / 1e6:,.0f} MB"
        )


def measured(workers: int, work: Callable[[Weighing], object]) -> Measured:
    with workers_at(f"local:{workers}") as found:
        assert isinstance(found, OnDask)
        weighing = Weighing(found)
        before, began = loopback(), time.perf_counter()
        work(weighing)
        seconds, travelled = time.perf_counter() - began, loopback() - before
        most = max(found.client.run(most_memory).values())
    return Measured(seconds, most, weighing.job, weighing.bytes, travelled, weighing.partitions)


def most_memory() -> int:
    return memory()["VmHWM"]


def loopback() -> int:
    """Bytes that the loopback interface has carried."""
    (line,) = (one for one in Path("/proc/net/dev").read_text().splitlines() if one.strip().startswith("lo:"))
    return int(line.split(":")[1].split()[0])


@dataclass(frozen=True)
class Arithmetic:
    """Products of a matrix that the processor's cache holds."""

    products: int = 1_000

    @contextmanager
    def open(self) -> Generator[np.ndarray[Any, Any]]:
        yield np.random.default_rng(1).random((256, 256), dtype=np.float32) / 256

    def work(self, context: np.ndarray[Any, Any], partition: int) -> float:
        found = context
        for _ in range(self.products):
            found = context @ found
        return float(found.sum()) + partition


def organisation(database: Database, people: int, folder: Path) -> None:
    sizes = Sizes(people // 10, people, 5 * people, people // 5, max(100, people // 50), max(20, people // 250))
    migrate(database)
    ingest(database, LargeSource(sizes, 1), rejects_folder=folder)


class Stored:
    """The jobs on an organisation that is in a database. Lists are made for `most` people, or somewhat more."""

    def __init__(self, database: Database, open_embedder: Callable[[], Embedder], most: int) -> None:
        self.database, self.open_embedder, self.most = database, open_embedder, most
        self._embedder = open_embedder()
        assert self._embedder.dimension  # it is loaded
        self._asking: Asking | None = None

    def jobs(self) -> dict[str, Callable[[Weighing], object]]:
        return {"all texts encoded": self._texts, "lists": self._lists}

    def prepare(self, what: str) -> None:
        """What is not of the job, each time before it."""
        if what == "all texts encoded":
            index(self.database, HashingEmbedder("before"))  # vectors of the model before are gone
        elif self._asking is None:
            self._asking = Asking(self.database, self._embedder)
            assert self._asking.snapshot

    def _texts(self, workers: Weighing) -> None:
        index(self.database, self._embedder, None, workers, self.open_embedder)

    def _lists(self, workers: Weighing) -> None:
        assert self._asking is not None
        some: list[KeyRange] = []
        for one in ranges(self._asking):
            if sum(before.number for before in some) < self.most:
                some.append(one)
        job = Lists(self.database.reached_by(), self.open_embedder, TEN, self._asking.snapshot.learned)
        for _ in workers.run(job, some):
            pass


@dataclass(frozen=True)
class Arrays:
    """What is invented of so many communities: popular ones and small ones, vectors, words."""

    members: csr_array
    vectors: NDArray[np.float32]
    words: csr_matrix
    space: NDArray[np.float32]

    def jobs(self) -> dict[str, Callable[[Weighing], object]]:
        return {
            "co-membership": lambda workers: ease.learn(self.members, largest_inverted=0, workers=workers),
            "the nearest for the audit": lambda workers: nearest_of_all(self.vectors, [self.words], NEAREST, workers),
            "the neighbours of a map": lambda workers: pictures.neighbours(self.space, NEIGHBOURS, workers),
        }

    def print_alone(self) -> None:
        """What one process does by itself, with all processors."""
        communities = self.members.shape[1]
        unknown = np.full((communities, 2), np.nan, dtype=np.float32)
        works: dict[str, Callable[[], object]] = {
            "members that two have in common": lambda: self.members.T @ self.members,
            "co-membership by neighbours": lambda: ease.learn(self.members, largest_inverted=0),
            "co-membership by inversion": lambda: ease.learn(self.members),
            "the neighbours of a map": lambda: pictures.neighbours(self.space, NEIGHBOURS, InProcess()),
            "the map whole": lambda: pictures.place(self.space, unknown),
        }
        for what, work in works.items():
            began = time.perf_counter()
            work()
            print(
                f"{communities:,} communities, in this process, {what}: {time.perf_counter() - began:.1f} s", flush=True
            )


def on_arrays(communities: int) -> Arrays:
    random = np.random.default_rng(1)
    people = 10 * communities
    chances = 1 / (10 + np.arange(communities)) ** 0.8
    chosen = random.choice(communities, size=5 * people, p=chances / chances.sum())
    members = csr_array(
        (np.ones(len(chosen), dtype=np.float32), (np.repeat(np.arange(people), 5), chosen)), (people, communities)
    )
    members.sum_duplicates()
    members.data[:] = 1
    vectors = random.normal(size=(communities, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    words = csr_matrix(
        (
            np.full(40 * communities, 0.16, dtype=np.float32),
            (np.repeat(np.arange(communities), 40), random.integers(20_000, size=40 * communities)),
        ),
        (communities, 20_000),
    )
    space = np.concatenate([vectors, random.normal(size=(communities, 50)).astype(np.float32)], axis=1)
    return Arrays(members, vectors, words, space)


class Report:
    """What was measured, told as it comes, and drawn."""

    def __init__(self, workers: Sequence[int]) -> None:
        self.workers = workers
        self.found: dict[str, list[tuple[int, int, Measured]]] = {}

    def measure(
        self, size: int, of: str, works: dict[str, Callable[[Weighing], object]], before: Callable[[str], object]
    ) -> None:
        for what, work in works.items():
            took: dict[int, float] = {}
            for workers in self.workers:
                before(what)
                found = measured(workers, work)
                took[workers] = found.seconds
                name = f"{what}, {workers} worker{'s' if workers > 1 else ''}"
                self.found.setdefault(name, []).append((size, workers, found))
                print(f"{size:,} {of}, {what}, {workers} workers: {found.told()}", flush=True)
            first = next(iter(took.values()))
            print(f"  times as fast: {', '.join(f'{n} {first / s:.2f}' for n, s in took.items())}", flush=True)

    def drawn(self) -> str:
        """Seconds, the memory of a worker, and bytes that travelled, one below the other."""
        units: dict[str, Callable[[Measured], float]] = {
            "s": lambda one: one.seconds,
            "MB a worker": lambda one: one.memory / 1e6,
            "MB moved": lambda one: max(one.loopback, 1) / 1e6,
        }
        panels = [
            drawing(
                {what: [(size, value(one)) for size, _, one in rows] for what, rows in self.found.items()},
                "people or communities",
                unit,
                len(self.workers),
            ).replace("<svg ", f'<svg y="{390 * place}" width="820" height="390" ', 1)
            for place, (unit, value) in enumerate(units.items())
        ]
        head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 1170" font-family="sans-serif">'
        return "\n".join([head, *panels, "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, nargs="*", default=[1_000, 4_000])
    parser.add_argument("--communities", type=int, nargs="*", default=[1_000, 4_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--lists", type=int, default=100_000, help="how many people at the most get a list")
    parser.add_argument("--alone", type=int, default=0, help="up to so many communities also what one process does")
    parser.add_argument("--hashing", action="store_true")
    parser.add_argument("--folder", type=Path, help="where databases, and models as they are run, are kept")
    parser.add_argument("--svg", type=Path)
    asked = parser.parse_args()
    report = Report(asked.workers)
    report.measure(0, "things", {"arithmetic": lambda workers: list(workers.run(Arithmetic(), range(16)))}, lambda _: 0)
    report.found.clear()
    with tempfile.TemporaryDirectory() as thrown_away:
        folder = asked.folder or Path(thrown_away)
        encoder = partial(SentenceTransformerEmbedder, None, AUTO, folder / "models")
        open_embedder: Callable[[], Embedder] = HashingEmbedder if asked.hashing else encoder
        encoder().encode(["once, so that the model is exported before anybody is waited for"])
        for people in asked.people:
            settings = Settings.model_validate({"data_dir": folder / str(people), "embedded_idle_minutes": 60})
            try:
                with Database(settings) as database:
                    if not database.read(log.revision()):
                        organisation(database, people, settings.rejects_folder)
                    stored = Stored(database, open_embedder, asked.lists)
                    report.measure(people, "people", stored.jobs(), stored.prepare)
            finally:
                embedded.stop(settings)
        for communities in asked.communities:
            arrays = on_arrays(communities)
            if communities <= asked.alone:
                arrays.print_alone()
            report.measure(communities, "communities", arrays.jobs(), lambda _: 0)
    if asked.svg:
        asked.svg.write_text(report.drawn(), encoding="utf-8")


if __name__ == "__main__":
    main()
