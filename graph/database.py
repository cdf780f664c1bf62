"""Open, verify and close the database; run reads and writes in transactions, with one place that retries."""

# The driver's signatures hold dictionaries without types; rows are typed where they enter our code.
# pyright: reportUnknownMemberType=false

import asyncio
import logging
import math
import random
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from types import TracebackType
from typing import Any, Generic, LiteralString, Self, TypeVar

import neo4j
from neo4j import AsyncGraphDatabase, GraphDatabase, ManagedTransaction, Query
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
from pydantic import SecretStr

from graph import embedded
from graph.breaker import Breaker
from graph.errors import DatabaseBusy, DatabaseUnavailable, EmbeddedDatabaseError
from graph.sentences import tell
from graph.settings import DatabaseSettings
from graph.statements import statement

T = TypeVar("T")
Row = dict[str, Any]

# The driver writes lost connections to standard error, behind the error that a person is shown anyway.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

# First wait between two tries, in seconds; doubled each time, with jitter so that two writers part.
FIRST_WAIT = 0.05
LONGEST_WAIT = 1.0

# Seconds for which it is remembered where a write ended. A read replica is behind by less than one.
BOOKMARKED = 60.0

# Seconds in which a read for somebody who waits is tried again after a transient error.
READ_RETRIES = 1.0

# Seconds that a read waits for others to give a connection back. Whoever comes later is better told to come back.
LONGEST_QUEUE = 0.5

# Of the time that is left, the share that the server is given: it is to give up before whoever waits does, so that what
# was not answered was not done either.
SERVERS_SHARE = 0.9

# Until when (time.monotonic) somebody waits for what is being done, such as the answer to a request.
UNTIL: ContextVar[float] = ContextVar("until", default=math.inf)


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

    def run_while(self, meanwhile: Callable[[], None] | None, name: str, /, **parameters: Any) -> None:
        """Runs a stored statement for its effect and calls `meanwhile` as long as the server works at it. That is so of
        a statement that returns something: the server answers that it has begun, and works when it is asked for rows,
        which comes with the statement."""
        result = self._transaction.run(statement(name), parameters)
        if meanwhile is not None:
            meanwhile()
        result.consume()

    def count(self, name: str, /, **parameters: Any) -> neo4j.SummaryCounters:
        """Runs a stored statement for its effect; how much it changed."""
        return self._transaction.run(statement(name), parameters).consume().counters

    def read(self, read: Read[T]) -> T:
        return read.parse(self.run(read.name, **read.parameters))

    def follow(self, steps: Steps[T]) -> T:
        """The result of `steps`, each of whose reads is of this transaction."""
        return _drive(steps, self.read)


NONE = frozenset[str]()


class Bookmarks:
    """Where writes ended: those of a process, or of one who asks whatever process. What is read or written behind them
    sees them, whichever server of a cluster it is sent to, as a read replica waits until it has got so far.

    Forgotten after BOOKMARKED seconds: a database that was replaced meanwhile would never get there. Shared by threads.
    """

    def __init__(self, last: frozenset[str] = NONE) -> None:
        self._last, self._at = last, time.monotonic()
        self._turn = Lock()
        self.wrote = False

    @property
    def last(self) -> frozenset[str]:
        return self._last if time.monotonic() - self._at < BOOKMARKED else NONE

    def move(self, seen: frozenset[str], now: frozenset[str]) -> None:
        """A write that began behind `seen` ended at `now`."""
        with self._turn:
            self._last, self._at, self.wrote = (self.last - seen) | now, time.monotonic(), True

    def forget(self) -> None:
        self._last = NONE


# Those of whoever asks.
ASKING: ContextVar[Bookmarks | None] = ContextVar("asking", default=None)


class Database:
    """A pool of connections to one Neo4j database, embedded or not. Its reads see what it has written."""

    def __init__(self, settings: DatabaseSettings, progress: embedded.Progress | None = None) -> None:
        self.settings = settings
        self.bookmarks = Bookmarks()
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

    def reached_by(self) -> DatabaseSettings:
        """Settings by which another process reaches this database, embedded or not. They hold its password."""
        given = {
            "neo4j_uri": self.uri, "neo4j_user": self.auth[0], "neo4j_password": SecretStr(self.auth[1]),
            "neo4j_database": self.name,
        }  # fmt: skip
        return self.settings.model_copy(update=given)

    def _bookmarks(self) -> Iterator[Bookmarks]:
        yield self.bookmarks
        if (asking := ASKING.get()) is not None:
            yield asking

    def seen(self) -> frozenset[str]:
        """What a session begins behind: the last writes of this process, and of whoever asks."""
        return NONE.union(*(bookmarks.last for bookmarks in self._bookmarks()))

    def unknown(self, error: DriverError | Neo4jError) -> bool:
        """Whether it tells that the server can do nothing with a bookmark, as after another took its place. All are
        forgotten then."""
        if "Bookmark" not in ((error.code if isinstance(error, Neo4jError) else None) or ""):
            return False
        for bookmarks in self._bookmarks():
            bookmarks.forget()
        return True

    def read(self, read: Read[T]) -> T:
        """The answer of one stored read, in a read transaction."""
        return self.read_with(lambda transaction: transaction.read(read))

    def follow(self, steps: Steps[T]) -> T:
        """The result of `steps`, each of whose reads is a transaction of its own."""
        return _drive(steps, self.read)

    def rows(self, name: str, /, **parameters: Any) -> list[Row]:
        """The rows of one stored statement, in a read transaction."""
        return self.read_with(lambda transaction: transaction.run(name, **parameters))

    def revive(self) -> None:
        """Starts the embedded database again where it was killed under this process, at the address that it had.

        Raises EmbeddedDatabaseError where it does not come up there.
        """
        if self.lease is None or embedded.status(self.settings).state != "stale":
            return
        lease, former = embedded.acquire(self.settings), self.lease
        self.lease = lease
        former.release()
        if lease.uri != self.uri:
            raise EmbeddedDatabaseError(
                tell(
                    "The embedded database was killed and came up again at %(uri)s, since something else has "
                    "taken %(former)s. Start this command again.",
                    uri=lease.uri,
                    former=self.uri,
                )
            )

    def read_with(self, work: Callable[[Transaction], T], within: float | None = None) -> T:
        """The result of `work`, run in one read transaction: it sees one state of the graph. `within`: see `write`."""
        timeout = self.settings.query_timeout
        return self._retry(
            lambda session, budget: session.execute_read(_unit(work, min(timeout, budget))), neo4j.READ_ACCESS, within
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
            with self._session(neo4j.READ_ACCESS, self.seen()) as session:
                for record in session.run(statement(name), parameters):
                    yield _row(record)
        except (DriverError, Neo4jError) as error:
            _worth_another_try(error, self.uri, left=-1)
            raise

    @contextmanager
    def held(self, name: str, /, **parameters: Any) -> Generator[None]:
        """Keeps the locks that one stored write statement takes until the block ends; what it wrote is undone."""
        with (
            self._session(neo4j.WRITE_ACCESS, self.seen()) as session,
            session.begin_transaction() as transaction,
        ):
            transaction.run(statement(name), parameters).consume()
            yield
            transaction.rollback()

    def _session(self, access: str, seen: frozenset[str], **more: float) -> neo4j.Session:
        return self._driver.session(
            database=self.name, default_access_mode=access, bookmarks=neo4j.Bookmarks.from_raw_values(seen), **more
        )

    def _retry(self, attempt: Callable[[neo4j.Session, float], T], access: str, within: float | None = None) -> T:
        """The one place that retries, and that after transient errors alone, until the deadline. The driver itself
        repeats them within `retry_time` first, and a lost connection too; what is left after that is translated.

        For somebody who waits (`within`) the driver's pauses are too long: what was lost is tried once more at once, as
        a connection that died idle tells so at its next use.
        """
        deadline = time.monotonic() + (self.settings.deadline if within is None else within)
        share = 1.0 if within is None else SERVERS_SHARE
        patience = self.settings.retry_time if within is None else 0.0
        wait, lost = FIRST_WAIT, False
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise DatabaseBusy(tell("Nobody came to it in time. Try again later."))
            seen = self.seen()
            try:
                with self._session(access, seen, max_transaction_retry_time=patience) as session:
                    result = attempt(session, max(0.1, left * share))
                    if access == neo4j.WRITE_ACCESS:
                        for bookmarks in self._bookmarks():
                            bookmarks.move(seen, session.last_bookmarks().raw_values)
                    return result
            except (DriverError, Neo4jError) as error:
                if self.unknown(error):
                    continue
                if within is not None and not lost and _lost(error) and error.is_retryable():
                    lost = True
                    continue
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

    Each is for somebody who waits until `UNTIL`: it ends by then, and is refused at once while the database is away or
    all connections are in use. Writes go through the `Database`, in a thread: they are few, and share all code with the
    ingest.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        settings = database.settings
        self._driver = AsyncGraphDatabase.driver(database.uri, auth=database.auth, **_driver_settings(settings))
        self.breaker = Breaker()
        self._probing: asyncio.Task[None] | None = None
        # Counted here, since the driver's pool neither tells how many wait for it nor bounds them.
        self._free = asyncio.Semaphore(settings.pool_size)
        self.in_use = 0
        self.waiting = 0

    async def close(self) -> None:
        if self._probing is not None:
            self._probing.cancel()
        await self._driver.close()

    def check(self) -> None:
        """Raises DatabaseUnavailable while the breaker is not closed. Whoever comes first after its rest has a probe
        sent, and does not wait for it: a database that has just started may take seconds to let the first one in."""
        found = self.breaker.admit()
        if found == "probe":
            self._probing = asyncio.create_task(self._probe(), name="probe")
        if found != "pass":
            raise _away(self._database.uri)

    async def _probe(self) -> None:
        try:
            async with asyncio.timeout(self._database.settings.acquisition_timeout), self._session() as session:
                await (await session.run(statement("read/revision"))).consume()
        except BaseException as error:
            self.breaker.failed()
            if not isinstance(error, DriverError | Neo4jError | TimeoutError):
                raise
        else:
            self.breaker.succeeded()

    async def read(self, read: Read[T]) -> T:
        """The answer of one stored read, in a read transaction."""
        began = time.monotonic()
        until = min(UNTIL.get(), began + self._database.settings.deadline)
        wait, lost = FIRST_WAIT, False
        while True:
            self.check()
            tried = time.monotonic()
            try:
                rows = await self._rows(read, until)
            except TimeoutError as error:
                if time.monotonic() - tried >= self._database.settings.connection_timeout:
                    self.breaker.failed()  # else it had hardly any time
                raise DatabaseBusy(tell("The database did not answer in time. Try again later.")) from error
            except (DriverError, Neo4jError) as error:
                if self._database.unknown(error):
                    continue
                if _lost(error):
                    self.breaker.failed()
                    if not lost:  # a connection that died idle tells so at its next use
                        lost = True
                        continue
                else:
                    self.breaker.succeeded()
                left = min(until, began + READ_RETRIES) - time.monotonic() - wait
                if not _worth_another_try(error, self._database.uri, left):
                    raise
            else:
                self.breaker.succeeded()
                return read.parse(rows)
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(2 * wait, LONGEST_WAIT)

    async def _rows(self, read: Read[Any], until: float) -> list[Row]:
        """By one message there and back, where a transaction that the driver manages takes three."""
        async with self._connection(until):
            left = until - time.monotonic()
            query = Query(
                statement(read.name), timeout=min(self._database.settings.query_timeout, max(0.1, left * SERVERS_SHARE))
            )
            async with asyncio.timeout(left), self._session() as session:
                result = await session.run(query, dict(read.parameters))
                return [_row(record) async for record in result]

    @asynccontextmanager
    async def _connection(self, until: float) -> AsyncGenerator[None]:
        """One of the connections, for the block. Raises DatabaseBusy where others keep them all, or as many as may be
        used while the database comes back."""
        if self.in_use >= self.breaker.width:
            raise DatabaseBusy(
                tell("The database has just come back and is asked a little at a time. Try again later.")
            )
        longest = min(self._database.settings.acquisition_timeout, LONGEST_QUEUE, until - time.monotonic())
        self.waiting += 1
        try:
            async with asyncio.timeout(longest):
                await self._free.acquire()
        except TimeoutError:
            raise DatabaseBusy(tell("All connections to the database are in use. Try again later.")) from None
        finally:
            self.waiting -= 1
        self.in_use += 1
        try:
            yield
        finally:
            self.in_use -= 1
            self._free.release()

    def _session(self) -> neo4j.AsyncSession:
        return self._driver.session(
            database=self._database.name, default_access_mode=neo4j.READ_ACCESS,
            bookmarks=neo4j.Bookmarks.from_raw_values(self._database.seen()),
        )  # fmt: skip

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


def _lost(error: DriverError | Neo4jError) -> bool:
    """Whether it tells that the database is away, rather than that it has something against what it was asked."""
    code = error.code if isinstance(error, Neo4jError) else None
    return isinstance(error, ServiceUnavailable | SessionExpired) or bool(code and code.endswith("DatabaseUnavailable"))


def _away(uri: str) -> DatabaseUnavailable:
    return DatabaseUnavailable(tell("The database at %(uri)s does not answer. Try again in some seconds.", uri=uri))


def _worth_another_try(error: DriverError | Neo4jError, uri: str, left: float) -> bool:
    """Whether a transaction that failed so may be run again, with `left` seconds to go; False for a fault of ours.

    Raises the domain error for what a person can do something about.
    """
    if isinstance(error, TransientError):
        if left < 0 and _lost(error):
            raise _away(uri) from error
        if left < 0:
            raise DatabaseBusy(
                tell("The database stayed busy (%(code)s). Try again later.", code=error.code)
            ) from error
        return True
    if isinstance(error, ServiceUnavailable | SessionExpired):
        raise DatabaseUnavailable(
            tell(
                "The connection to %(uri)s was lost (%(error)s). What was committed is kept; run it again.",
                uri=uri,
                error=str(error),
            )
        ) from error
    if isinstance(error, AuthError):
        raise _unreachable(uri, error) from error
    if isinstance(error, ConnectionAcquisitionTimeoutError):
        raise DatabaseBusy(tell("All connections to the database are in use. Try again later.")) from error
    code = error.code if isinstance(error, ClientError) else None
    if code and code.endswith(("TransactionTimedOut", "TransactionTimedOutClientConfiguration", "LockClientStopped")):
        raise DatabaseBusy(tell("The database took too long (%(code)s). Try again later.", code=code)) from error
    return False


def _unreachable(uri: str, error: DriverError | Neo4jError) -> DatabaseUnavailable:
    if isinstance(error, AuthError):
        return DatabaseUnavailable(
            tell("%(uri)s refuses the user or password. Set GUILDMAP_NEO4J_USER and GUILDMAP_NEO4J_PASSWORD.", uri=uri)
        )
    return DatabaseUnavailable(
        tell(
            "No Neo4j answers at %(uri)s (%(error)s). Start it, or unset GUILDMAP_NEO4J_URI to use the embedded one.",
            uri=uri,
            error=type(error).__name__,
        )
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
