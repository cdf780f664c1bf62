"""Partitions done by workers of Dask: of a cluster that there is, or of one that is made here for the job.

Dask decides who does what, and does again what was lost with a worker. This module adds what it has no opinion on: that
a worker opens the database once for all its partitions of a job, that results come in order and leave the workers as
soon as they are there, and that only so many partitions are under way at a time.
"""

import threading
import time
import uuid
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any, TypeVar

from graph.errors import InvalidInput, WorkersLost
from matcher.partitions import Job, Workers

try:
    from distributed import Client, KilledWorker, LocalCluster, as_completed
except ImportError:
    raise InvalidInput("Dask is not installed. Install guildmap with its extra: pip install 'guildmap[dask]'") from None

C = TypeVar("C")
P = TypeVar("P")
R = TypeVar("R")

# Partitions under way for each thread of a worker: one that it does, and one that waits, so that it never has to.
AHEAD = 2

# Results that wait for one before them, for each partition under way: a slow one holds the others up no further.
HELD = 4

# Seconds to reach a scheduler.
TIMEOUT = 20

# Seconds between two looks for a result, and between two for workers; without any it is given up after ALONE.
POLLED, LOOKED, ALONE = 0.01, 1.0, 60.0


class OnDask:
    """Workers of the cluster that `client` knows."""

    def __init__(self, client: Client) -> None:
        self.client: Any = client  # what its methods take and give is typed in part only

    def run(self, job: Job[C, P, R], partitions: Iterable[P], here: C | None = None) -> Iterator[R]:
        """See matcher.partitions.Workers. A partition whose worker is killed is done again by another; those that are
        done are not. Raises WorkersLost where one killed all that took it up, or nobody is left, and what the job
        raises."""
        token = uuid.uuid4().hex
        left = enumerate(partitions)
        places: dict[str, int] = {}
        done: dict[int, R] = {}
        turn = 0
        completed: Any = as_completed(loop=self.client.loop, with_results=True)
        # A task of its own: so the job is sent once to each worker, and where it was lost with one it is there again.
        sent = self.client.submit(_given, job, pure=False, key=f"job-{token}")

        def send(number: int) -> None:
            for place, partition in islice(left, number):
                future = self.client.submit(_work, token, sent, partition, pure=False, key=f"partition-{token}-{place}")
                places[future.key] = place
                completed.add(future)

        try:
            under_way = AHEAD * self._threads()
            send(under_way)
            while places:
                future, result = self._next(completed)
                done[places.pop(future.key)] = result
                # The worker may forget it: who dies from now on takes nothing of it along.
                future.release()
                while turn in done:
                    yield done.pop(turn)
                    turn += 1
                if len(done) < HELD * under_way:
                    send(max(0, AHEAD * self._threads() - len(places)))
        except KilledWorker as error:
            raise WorkersLost(f"A partition was given up, as its workers died: {error}") from error
        finally:
            completed.clear()
            self.client.run(_close, token, on_error="ignore")

    def _next(self, completed: Any) -> Any:
        """A partition that is done, with its result. Raises WorkersLost where for long nobody has been there to do any:
        whoever looks after a worker may give up, and Dask waits for another one for ever."""
        there = looked = time.monotonic()
        while not completed.has_ready():
            time.sleep(POLLED)
            now = time.monotonic()
            if now - looked >= LOOKED:
                looked = now
                there = now if self.client.nthreads() else there
                if now - there >= ALONE:
                    raise WorkersLost(
                        f"There has been no worker for {ALONE:.0f} seconds. Start some, and run it again."
                    )
        return next(completed)

    def _threads(self) -> int:
        return max(1, sum(self.client.nthreads().values()))


@contextmanager
def workers_at(address: str) -> Generator[Workers]:
    """Workers of the cluster whose scheduler is at `address`, as `tcp://host:8786`; `local` or `local:N` makes one of N
    processes on this machine (as many as processors) for as long as the block lasts. Raises InvalidInput."""
    with ExitStack() as stack:
        kind, _, number = address.partition(":")
        if kind == "local":
            if number and not (number.isdecimal() and int(number)):
                raise InvalidInput(f"--dask {address}: say local, or local:N with a number of processes.")
            # A thread each: a model and a snapshot are one thread's at a time, and products are no faster by two.
            make: Any = LocalCluster
            cluster = stack.enter_context(
                make(
                    n_workers=int(number) if number else None, threads_per_worker=1, processes=True,
                    host="127.0.0.1", dashboard_address="127.0.0.1:0", worker_dashboard_address="127.0.0.1:0",
                )
            )  # fmt: skip
            address = str(cluster.scheduler_address)
        try:
            client = stack.enter_context(Client(address, timeout=TIMEOUT, set_as_default=False))
        except (OSError, ValueError) as error:
            raise InvalidInput(f"--dask {address}: there is no scheduler of Dask ({error}).") from error
        yield OnDask(client)


# What is open in this process, by the thread that works with it: (token of the job, context, how to close it).
_open: dict[int, tuple[str, Any, ExitStack]] = {}
_turn = threading.Lock()


def _given(job: P) -> P:
    return job


def _work(token: str, job: Job[Any, P, R], partition: P) -> R:
    """On a worker."""
    mine = threading.get_ident()
    with _turn:
        held = _open.get(mine)
        if held is not None and held[0] != token:
            # Of a job whose end this worker was not told of.
            _open.pop(mine)[2].close()
            held = None
    if held is None:
        stack = ExitStack()
        held = (token, stack.enter_context(job.open()), stack)
        with _turn:
            _open[mine] = held
    return job.work(held[1], partition)


def _close(token: str) -> None:
    """On a worker, when nobody wants more of a job."""
    with _turn:
        for thread, (of, _, stack) in list(_open.items()):
            if of == token:
                del _open[thread]
                stack.close()
