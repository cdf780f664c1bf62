"""Open, verify and close the database; run reads and writes in transactions, with one place that retries."""

# The driver's signatures hold dictionaries without types; rows are typed where they enter our code.
# pyright: reportUnknownMemberType=false

import asyncio
import logging
import random
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Any, Generic, LiteralString, Self, TypeVar

import neo4j
from neo4j import AsyncGraphDatabase, AsyncManagedTransaction, GraphDatabase, ManagedTransaction, Query
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConnectionAcquisitionTimeoutError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph import embedded
from graph.errors import DatabaseBusy, DatabaseUnavailable
from graph.settings import DatabaseSettings
from graph.statements import statement

T = TypeVar("T")
Row = dict[str, Any]

# The driver writes lost connections to standard error, behind the error that a person is shown anyway.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

# First wait between two tries, in seconds; doubled each time, with jitter so that two writers part.
FIRST_WAIT = 0.05
LONGEST_WAIT = 1.0


@dataclass(frozen=True)
class Read(Generic[T]):
    """One stored read with its parameters and how its rows become an answer.

    It is a value, so that a synchronous and an asynchronous runner share every read.
    """

    name: str
    parameters: Mapping[str, Any]
    parse: Callable[[list[Row]], T]


# Work that asks for one read after the other and ends with a result, whoever runs the reads: the synchronous
# `Database.follow` or the asynchronous one. It must not block on anything else.
Steps = Generator[Read[Any], Any, T]


def ask(read: Read[T]) -> Steps[T]:
    """`answer = yield from ask(read)` within `Steps`, with the answer's type."""
    return (yield read)


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, as many as share a transaction; the last may be shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


class Transaction:
    """What may be done within one write transaction: run stored statements by name."""

    def __init__(self, transaction: ManagedTransaction | neo4j.Transaction) -> None:
        self._transaction = transaction

    def run(self, name: str, /, **parameters: Any) -> list[Row]:
        return _rows(self._transaction.run(statement(name), parameters))

    def count(self, name: str, /, **parameters: Any) -> neo4j.SummaryCounters:
        """Runs a stored statement for its effect; how much it changed."""
        return self._transaction.run(statement(name), parameters).consume().counters

    def read(self, read: Read[T]) -> T:
        return read.parse(self.run(read.name, **read.parameters))

    def follow(self, steps: Steps[T]) -> T:
        """The result of `steps`, each of whose reads is of this transaction."""
        return _drive(steps, self.read)


class Database:
    """A pool of connections to one Neo4j database, embedded or not."""

    def __init__(self, settings: DatabaseSettings, progress: embedded.Progress | None = None) -> None:
        self.settings = settings
        self.lease: embedded.Lease | None = None
        if settings.neo4j_uri:
            self.uri = settings.neo4j_uri
            self.auth = (settings.neo4j_user, settings.neo4j_password.get_secret_value())
            self.name = settings.neo4j_database
        else:
            self.lease = embedded.acquire(settings, progress)
            self.uri = self.lease.uri
            self.auth = ("neo4j", self.lease.password)
            self.name = "neo4j"
        self._driver = GraphDatabase.driver(self.uri, auth=self.auth, **_driver_settings(settings))
        try:
            self._driver.verify_connectivity()
        except (DriverError, Neo4jError) as error:
            self.close()
            raise _unreachable(self.uri, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._driver.close()
        if self.lease:
            self.lease.release()

    def read(self, read: Read[T]) -> T:
        """The answer of one stored read, in a read transaction."""
        return self.read_with(lambda transaction: transaction.read(read))

    def follow(self, steps: Steps[T]) -> T:
        """The result of `steps`, each of whose reads is a transaction of its own."""
        return _drive(steps, self.read)

    def rows(self, name: str, /, **parameters: Any) -> list[Row]:
        """The rows of one stored statement, in a read transaction."""
        return self.read_with(lambda transaction: transaction.run(name, **parameters))

    def read_with(self, work: Callable[[Transaction], T]) -> T:
        """The result of `work`, run in one read transaction: it sees one state of the graph."""
        timeout = self.settings.query_timeout
        return self._retry(
            lambda session, budget: session.execute_read(_unit(work, min(timeout, budget))), neo4j.READ_ACCESS
        )

    def write(self, work: Callable[[Transaction], T], within: float | None = None) -> T:
        """The result of `work`, run in one write transaction; run again as a whole after a transient error.

        Given up after `within` seconds, where somebody waits who is less patient than the settings.
        """
        timeout = self.settings.write_timeout
        return self._retry(
            lambda session, budget: session.execute_write(_unit(work, min(timeout, budget))),
            neo4j.WRITE_ACCESS,
            within,
        )

    def run_alone(self, text: LiteralString, /, **parameters: Any) -> list[Row]:
        """The rows of a statement that must have a transaction of its own (schema, `IN TRANSACTIONS`)."""
        return self._retry(
            lambda session, budget: _rows(
                session.run(Query(text, timeout=min(self.settings.write_timeout, budget)), parameters)
            ),
            neo4j.WRITE_ACCESS,
        )

    def stream(self, name: str, /, **parameters: Any) -> Iterator[Row]:
        """The rows of one stored statement as they come, in a read transaction without a limit of time: for reads of a
        whole graph. What fails midway is not tried again."""
        try:
            with self._driver.session(database=self.name, default_access_mode=neo4j.READ_ACCESS) as session:
                for record in session.run(statement(name), parameters):
                    yield _row(record)
        except (DriverError, Neo4jError) as error:
            _worth_another_try(error, self.uri, left=-1)
            raise

    @contextmanager
    def held(self, name: str, /, **parameters: Any) -> Generator[None]:
        """Keeps the locks that one stored write statement takes until the block ends; what it wrote is undone."""
        with self._driver.session(database=self.name) as session, session.begin_transaction() as transaction:
            transaction.run(statement(name), parameters).consume()
            yield
            transaction.rollback()

    def _retry(self, attempt: Callable[[neo4j.Session, float], T], access: str, within: float | None = None) -> T:
        """The one place that retries, and that after transient errors alone, until the deadline. The driver itself
        repeats them within `retry_time` first, and a lost connection too; what is left after that is translated."""
        deadline = time.monotonic() + (self.settings.deadline if within is None else within)
        wait = FIRST_WAIT
        while True:
            try:
                with self._driver.session(database=self.name, default_access_mode=access) as session:
                    return attempt(session, max(0.1, deadline - time.monotonic()))
            except (DriverError, Neo4jError) as error:
                if not _worth_another_try(error, self.uri, left=deadline - time.monotonic() - wait):
                    raise
            time.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(2 * wait, LONGEST_WAIT)


def _rows(result: neo4j.Result) -> list[Row]:
    return [_row(record) for record in result]


def _row(record: neo4j.Record) -> Row:
    # Not `data()`: that walks through every number of every vector, to turn nodes into maps. No statement yields nodes.
    return dict(zip(record.keys(), record.values(), strict=True))


class AsyncDatabase:
    """Reads of an opened `Database` for an event loop; to be made and closed within the loop.

    Writes go through the `Database`, in a thread: they are few, and share all code with the ingest.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._driver = AsyncGraphDatabase.driver(
            database.uri, auth=database.auth, **_driver_settings(database.settings)
        )

    async def close(self) -> None:
        await self._driver.close()

    async def read(self, read: Read[T]) -> T:
        """The answer of one stored read, in a read transaction."""
        settings = self._database.settings

        @neo4j.unit_of_work(timeout=settings.query_timeout)
        async def work(transaction: AsyncManagedTransaction) -> list[Row]:
            result = await transaction.run(statement(read.name), dict(read.parameters))
            return [_row(record) async for record in result]

        try:
            return read.parse(await self._at_once(read))
        except (TransientError, ServiceUnavailable, SessionExpired):
            pass  # then with the driver's own patience
        deadline = time.monotonic() + settings.deadline
        wait = FIRST_WAIT
        while True:
            try:
                async with self._session() as session:
                    rows = await session.execute_read(work)
                return read.parse(rows)
            except (DriverError, Neo4jError) as error:
                if not _worth_another_try(error, self._database.uri, left=deadline - time.monotonic() - wait):
                    raise
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(2 * wait, LONGEST_WAIT)

    async def _at_once(self, read: Read[Any]) -> list[Row]:
        """The rows by one message there and back, where a transaction that the driver manages takes three."""
        query = Query(statement(read.name), timeout=self._database.settings.query_timeout)
        try:
            async with self._session() as session:
                result = await session.run(query, dict(read.parameters))
                return [_row(record) async for record in result]
        except (TransientError, ServiceUnavailable, SessionExpired):
            raise
        except (DriverError, Neo4jError) as error:
            _worth_another_try(error, self._database.uri, left=0)  # for its translation
            raise

    def _session(self) -> neo4j.AsyncSession:
        return self._driver.session(database=self._database.name, default_access_mode=neo4j.READ_ACCESS)

    async def follow(self, steps: Steps[T]) -> T:
        """The result of `steps`; what they compute between two reads runs in a thread, so that the loop goes on."""
        answer: Any = None
        while True:
            done, value = await asyncio.to_thread(_advance, steps, answer)
            if done:
                return value
            answer = await self.read(value)


def _drive(steps: Steps[T], read: Callable[[Read[Any]], Any]) -> T:
    answer: Any = None
    while True:
        done, value = _advance(steps, answer)
        if done:
            return value
        answer = read(value)


def _advance(steps: Steps[Any], answer: Any) -> tuple[bool, Any]:
    """(True, the result), or (False, the next read). StopIteration itself cannot cross from a thread to a loop."""
    try:
        return False, steps.send(answer)
    except StopIteration as stop:
        return True, stop.value


def _worth_another_try(error: DriverError | Neo4jError, uri: str, left: float) -> bool:
    """Whether a transaction that failed so may be run again, with `left` seconds to go; False for a fault of ours.

    Raises the domain error for what a person can do something about.
    """
    if isinstance(error, TransientError):
        if left < 0:
            raise DatabaseBusy(f"The database stayed busy ({error.code}). Try again later.") from error
        return True
    if isinstance(error, ServiceUnavailable | SessionExpired):
        raise DatabaseUnavailable(
            f"The connection to {uri} was lost ({error}). What was committed is kept; run it again."
        ) from error
    if isinstance(error, ConnectionAcquisitionTimeoutError):
        raise DatabaseBusy("All connections to the database are in use. Try again later.") from error
    code = error.code if isinstance(error, ClientError) else None
    if code and code.endswith(("TransactionTimedOut", "TransactionTimedOutClientConfiguration", "LockClientStopped")):
        raise DatabaseBusy(f"The database took too long ({code}). Try again later.") from error
    return False


def _unreachable(uri: str, error: DriverError | Neo4jError) -> DatabaseUnavailable:
    if isinstance(error, AuthError):
        return DatabaseUnavailable(
            f"{uri} refuses the user or password. Set GUILDMAP_NEO4J_USER and GUILDMAP_NEO4J_PASSWORD."
        )
    return DatabaseUnavailable(
        f"No Neo4j answers at {uri} ({type(error).__name__}). Start it, or unset GUILDMAP_NEO4J_URI "
        "to use the embedded one."
    )


def _driver_settings(settings: DatabaseSettings) -> dict[str, Any]:
    return {
        "connection_timeout": settings.connection_timeout,
        "connection_acquisition_timeout": settings.acquisition_timeout,
        "max_transaction_retry_time": settings.retry_time,
        "max_connection_pool_size": settings.pool_size,
        "liveness_check_timeout": settings.liveness_check,
        "telemetry_disabled": True,
        "notifications_min_severity": "OFF",
    }


def _unit(work: Callable[[Transaction], T], timeout: float) -> Callable[[ManagedTransaction], T]:
    """`work` as the driver runs it, given up by the server after `timeout` seconds."""
    return neo4j.unit_of_work(timeout=timeout)(lambda transaction: work(Transaction(transaction)))
