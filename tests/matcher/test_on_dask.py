"""Batch work on Dask: the same as in this process, also where workers are killed at random."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

pytest.importorskip("distributed", reason="Dask is an extra: pip install 'guildmap[dask]'")

from api.cli.asking import Asking
from api.cli.everyone import Lists, ranges
from graph.database import Database
from graph.errors import InvalidInput, WorkersLost
from graph.reads import vectors as reads
from graph.reads.pages import ids_behind
from ingest.jobs import ingest
from matcher.audit import pictures
from matcher.audit.nearest import nearest_of_all
from matcher.features import ease
from matcher.indexing import Embedding, Part, index, vector_property
from matcher.on_dask import OnDask, workers_at
from matcher.partitions import InProcess, KeyRange
from tests.bench.large_organisation import LargeSource, Sizes
from tests.conftest import emptied
from tests.embedders import HashingEmbedder
from tests.graph.profiled import hits, profiled
from tests.matcher.slowly import SLOW, Slowly

SIZES = Sizes(communities=40, people=1_500, memberships=3_000, questions=200, skills=100, topics=20)


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


@pytest.fixture(scope="module")
def dask() -> Iterator[OnDask]:
    with workers_at("local:2") as found:
        assert isinstance(found, OnDask)
        yield found


@pytest.fixture(scope="module")
def organisation(_one_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Database:
    database = emptied(_one_database)
    ingest(database, LargeSource(SIZES, 7), rejects_folder=tmp_path_factory.mktemp("rejects"))
    return database


class Killing:
    """Kills a worker now and then while the block lasts: never the next one before the last was replaced."""

    def __init__(self, dask: OnDask, least: int, between: tuple[float, float] = (0.2, 0.8)) -> None:
        self.dask, self.least, self.between = dask, least, between
        self.killed: list[int] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Killing":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        chosen, before = random.Random(7), set[int]()
        while not self._over.wait(chosen.uniform(*self.between)):
            # Asked of the workers one by one: one of them may be dying.
            there = self.dask.client.run(os.getpid, on_error="ignore")
            # Whoever dies as it starts is not replaced: those are left alone that were not there before.
            old, before = before & set(there.values()), set(there.values())
            if len(there) < 2 or not old:
                continue
            pid = chosen.choice(sorted(old))
            os.kill(pid, signal.SIGKILL)
            self.killed.append(pid)
            if len(self.killed) == self.least:
                return


def test_results_come_in_order_and_a_worker_opens_once(dask: OnDask, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    numbers = list(range(40))
    expected = list(InProcess().run(Slowly(here, 0), numbers))
    assert expected == [number * number for number in numbers]
    assert list(dask.run(Slowly(there, 0.02), numbers)) == expected
    opened = sorted(path.name.partition("-")[2] for path in there.glob("open-*"))
    assert len(opened) == 2
    assert sorted(path.name.partition("-")[2] for path in there.glob("closed-*")) == opened
    # What is not wanted any more is not done.
    some = dask.run(Slowly(tmp_path, 0.02), range(1000))
    assert next(some) == 0
    some.close()
    time.sleep(0.5)
    assert len(list(tmp_path.glob("done-*"))) < 30


def test_a_killed_worker_costs_its_partition_again_and_nothing_else(dask: OnDask, tmp_path: Path) -> None:
    numbers = list(range(60))
    with Killing(dask, least=3) as killing:
        assert list(dask.run(Slowly(tmp_path), numbers)) == [number * number for number in numbers]
    assert len(killing.killed) == 3, "none was killed meanwhile"
    begun = {number: _lines(tmp_path / f"begun-{number}") for number in numbers}
    again = [pid for pids in begun.values() for pid in map(int, pids[:-1])]
    # Whoever was killed was at one partition, and at the worst the result of the one before was still on its way.
    assert set(again) <= set(killing.killed)
    assert 1 <= len(again) <= 2 * len(killing.killed)


def test_a_partition_that_kills_whoever_takes_it_up_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By Dask, or where those who look after the workers give up before it does."""
    monkeypatch.setattr("matcher.on_dask.ALONE", 5.0)
    with workers_at("local:2") as found, pytest.raises(WorkersLost, match=r"given up|no worker"):
        list(found.run(Slowly(tmp_path, 0.01, kills=3), range(6)))
    assert len(_lines(tmp_path / "begun-3")) > 1


def test_vectors_are_those_of_this_process_though_workers_are_killed(
    organisation: Database, dask: OnDask, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = HashingEmbedder("other")
    alone = index(organisation, other)
    expected = stored(organisation, other)
    assert len(expected) > SIZES.people
    index(organisation, HashingEmbedder())  # with the switch to another model they are gone
    monkeypatch.setattr("matcher.indexing.BATCH", 100)
    with Killing(dask, least=2) as killing:
        report = index(organisation, other, None, Patient(dask), Other)
    assert killing.killed, "none was killed meanwhile"
    assert stored(organisation, other) == expected
    # What a killed worker wrote is found by who does its partition again, and is not encoded twice.
    assert report.encoded + report.reused == alone.encoded
    assert report.encoded >= alone.encoded - 2 * 100 * len(killing.killed)
    assert index(organisation, other, None, dask, Other).encoded == 0


def Other() -> HashingEmbedder:  # noqa: N802
    return HashingEmbedder("other")


@dataclass(frozen=True)
class Patiently:
    job: Embedding

    def open(self):
        return self.job.open()

    def work(self, context: tuple[Database, HashingEmbedder], partition: Part):
        time.sleep(SLOW)
        return self.job.work(context, partition)


@dataclass(frozen=True)
class Patient:
    """Workers that take their time, so that some can be killed."""

    dask: OnDask

    def run(self, job, partitions, here=None):
        return self.dask.run(Patiently(job), partitions)


def stored(database: Database, embedder: HashingEmbedder) -> dict[tuple[str, str], tuple[str, bytes]]:
    model = database.read(reads.model())
    assert model is not None
    assert model.property == vector_property(embedder.name)
    return {
        (kind, key): (one.key, one.vector.tobytes())
        for kind in reads.EMBEDDED
        for key, one in database.follow(reads.all_vectors(kind, model)).items()
    }


def test_lists_for_everyone_are_those_of_this_process(organisation: Database, dask: OnDask) -> None:
    index(organisation, HashingEmbedder())
    asking = Asking(organisation, HashingEmbedder())
    job = Lists(organisation.reached_by(), HashingEmbedder, 5, asking.snapshot.learned)
    pieces = ranges(asking)
    assert sum(piece.number for piece in pieces) == len(asking.snapshot.people.ids)
    expected = [line for lines in InProcess().run(job, pieces, asking) for line in lines]
    assert len(expected) == int((~asking.snapshot.people.gone).sum())
    with Killing(dask, least=1, between=(2.0, 4.0)):
        found = [line for lines in dask.run(job, pieces) for line in lines]
    assert [line["person_id"] for line in found] == [line["person_id"] for line in expected]
    for mine, other in zip(found, expected, strict=True):
        assert [one["community_id"] for one in mine["results"]] == [one["community_id"] for one in other["results"]]
        assert [one["score"] for one in mine["results"]] == pytest.approx([one["score"] for one in other["results"]])


def test_the_nearest_of_each_are_those_of_this_process(dask: OnDask) -> None:
    random = np.random.default_rng(7)
    # Whole numbers: no sum depends on the order in which it is made.
    dense = random.integers(-3, 4, size=(5_000, 32)).astype(np.float32)
    sparse = [csr_matrix(random.random((5_000, 300)) < 0.02).astype(np.float32)]
    expected = nearest_of_all(dense, sparse, 10)
    with Killing(dask, least=1, between=(0.1, 0.5)):
        found = nearest_of_all(dense, sparse, 10, dask)
    assert np.array_equal(found[0], expected[0])
    assert np.array_equal(found[1], expected[1])


def test_co_membership_is_that_of_this_process(dask: OnDask, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(7)
    held = csr_array(random.random((3_000, 1_200)) < 0.02).astype(np.float32)
    monkeypatch.setattr(ease, "TOGETHER", 50)
    expected = ease.learn(held, largest_inverted=0)
    with Killing(dask, least=1, between=(0.1, 0.5)) as killing:
        found = ease.learn(held, largest_inverted=0, workers=dask)
    assert killing.killed, "none was killed meanwhile"
    assert found.nnz > 1_000
    for one, other in ((found.data, expected.data), (found.indices, expected.indices), (found.indptr, expected.indptr)):
        assert np.array_equal(one, other)


def test_the_map_is_that_of_this_process(dask: OnDask) -> None:
    random = np.random.default_rng(7)
    space = random.integers(-3, 4, size=(2_000, 16)).astype(np.float32)
    expected = pictures.neighbours(space, 20, InProcess())
    with Killing(dask, least=1, between=(0.1, 0.5)):
        found = pictures.neighbours(space, 20, dask)
    assert np.array_equal(found[0], expected[0])
    assert np.array_equal(found[1], expected[1])
    unknown = np.full((300, 2), np.nan, dtype=np.float32)
    assert np.array_equal(pictures.place(space[:300], unknown, dask), pictures.place(space[:300], unknown))


def test_ranges_hold_everything_once_though_things_come_between(organisation: Database) -> None:
    embedder = HashingEmbedder()
    index(organisation, embedder)
    name = vector_property(embedder.name)
    page = organisation.read(reads.texts("person", f"{name}_key", "", 10))
    part = Part("person", KeyRange(page[2].id, page[6].id, 4))
    organisation.run_alone("CREATE (:Person {id: $id, name: 'New', title: 'Baker'})", id=f"{page[4].id}~")
    done = Embedding(organisation.reached_by(), HashingEmbedder).work((organisation, embedder), part)
    assert (done.encoded, done.reused) == (1, 4)
    organisation.run_alone("MATCH (p:Person {name: 'New'}) DETACH DELETE p")


def test_a_range_costs_as_much_as_it_holds(organisation: Database) -> None:
    index(organisation, HashingEmbedder())
    name = f"{vector_property(HashingEmbedder().name)}_key"
    people = [one.id for one in organisation.read(reads.texts("person", name, "", 10))]
    few, again = (reads.texts("person", name, after, 500, people[4]) for after in ("", people[4]))
    cut = ids_behind("person", "", 10)
    costs = [hits(profiled(organisation, read.name, **read.parameters)) for read in (few, again, cut)]
    # Of some thousand that lie behind nothing is read.
    assert costs[0] < 200
    assert costs[1] < 20
    assert costs[2] < 30


def test_what_is_no_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.on_dask.TIMEOUT", 1)
    for wrong in ("local:none", "local:0", "tcp://127.0.0.1:1"):
        with pytest.raises(InvalidInput, match="--dask"), workers_at(wrong):
            pass
