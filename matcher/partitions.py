"""Batch work in partitions: what is done of each, and by whom.

A job is done of many partitions that rest on nothing of each other, each named by what it covers (a range of keys), not
by what it holds: whoever does one reads it. To do one twice gives the same as once. So it does not matter by whom, in
which order, or whether somebody died halfway. Who does them is a choice of whoever starts the command: this process
(`InProcess`), or workers that Dask finds (matcher.on_dask).
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

P_contra = TypeVar("P_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)
C = TypeVar("C")
P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True)
class KeyRange:
    """Things whose id lies behind `after`, up to `until`, in the order of texts; `number` of them when it was cut."""

    after: str
    until: str
    number: int


class Job(Protocol[C, P_contra, R_co]):
    """Is pickled for workers elsewhere: it holds settings, and what it opens by them it opens where it works."""

    def open(self) -> AbstractContextManager[C]:
        """What a process needs for any partition (a database, a model), opened once and closed when all is done."""
        ...

    def work(self, context: C, partition: P_contra) -> R_co:
        """Does one partition. The result travels: it should be small beside what was read for it."""
        ...


class Workers(Protocol):
    """Who does a job."""

    def run(self, job: Job[C, P, R], partitions: Iterable[P], here: C | None = None) -> Iterator[R]:
        """The results, in the order of partitions, as they come. `here` is what `open` would give, where this process
        has it already."""
        ...


class InProcess:
    """This process, one partition after the other."""

    def run(self, job: Job[C, P, R], partitions: Iterable[P], here: C | None = None) -> Iterator[R]:
        if here is not None:
            for partition in partitions:
                yield job.work(here, partition)
            return
        with job.open() as context:
            for partition in partitions:
                yield job.work(context, partition)
