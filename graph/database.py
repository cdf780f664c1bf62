"""Open, verify and close the database; run reads and writes in transactions, with one place that retries."""

# The driver's signatures hold dictionaries without types; rows are typed where they enter our code.
# pyright: reportUnknownMemberType=false

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, LiteralString, Self, TypeVar

import neo4j
from neo4j import GraphDatabase, ManagedTransaction, Query
from neo4j.exceptions import (
    AuthError,
    ClientError,
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


class Database:
    """A pool of connections to one Neo4j database, embedded or not."""

    def __init__(self, settings: DatabaseSettings, progress: embedded.Progress | None = None) -> None:
        self.settings = settings
        self.lease: embedded.Lease | None = None
        if settings.neo4j_uri:
            self.uri = settings.neo4j_uri
            auth = (settings.neo4j_user, settings.neo4j_password.get_secret_value())
            self._name = settings.neo4j_database
        else:
            self.lease = embedded.acquire(settings, progress)
            self.uri = self.lease.uri
            auth = ("neo4j", self.lease.password)
            self._name = "neo4j"
        self._driver = GraphDatabase.driver(
            self.uri,
            auth=auth,
            connection_timeout=settings.connection_timeout,
            connection_acquisition_timeout=settings.acquisition_timeout,
            max_transaction_retry_time=settings.retry_time,
            max_connection_pool_size=settings.pool_size,
            liveness_check_timeout=settings.liveness_check,
            telemetry_disabled=True,
            notifications_min_severity="OFF",
        )
        try:
            self._driver.verify_connectivity()
        except AuthError as error:
            self.close()
            raise DatabaseUnavailable(
                f"{self.uri} refuses the user or password. Set GUILDMAP_NEO4J_USER and GUILDMAP_NEO4J_PASSWORD."
            ) from error
        except (DriverError, Neo4jError) as error:
            self.close()
            raise DatabaseUnavailable(
                f"No Neo4j answers at {self.uri} ({type(error).__name__}). Start it, or unset GUILDMAP_NEO4J_URI "
                "to use the embedded one."
            ) from error

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

    def rows(self, name: str, /, **parameters: Any) -> list[Row]:
        """The rows of one stored statement, in a read transaction."""
        return self.read_with(lambda transaction: transaction.run(name, **parameters))

    def read_with(self, work: Callable[[Transaction], T]) -> T:
        """The result of `work`, run in one read transaction: it sees one state of the graph."""
        timeout = self.settings.query_timeout
        return self._retry(
            lambda session, budget: session.execute_read(_unit(work, min(timeout, budget))), neo4j.READ_ACCESS
        )

    def write(self, work: Callable[[Transaction], T]) -> T:
        """The result of `work`, run in one write transaction; run again as a whole after a transient error."""
        timeout = self.settings.write_timeout
        return self._retry(
            lambda session, budget: session.execute_write(_unit(work, min(timeout, budget))), neo4j.WRITE_ACCESS
        )

    def run_alone(self, text: LiteralString, /, **parameters: Any) -> list[Row]:
        """The rows of a statement that must have a transaction of its own (schema, `IN TRANSACTIONS`)."""
        return self._retry(
            lambda session, budget: _rows(
                session.run(Query(text, timeout=min(self.settings.write_timeout, budget)), parameters)
            ),
            neo4j.WRITE_ACCESS,
        )

    def _retry(self, attempt: Callable[[neo4j.Session, float], T], access: str) -> T:
        """The one place that retries, and that after transient errors alone, until the deadline. The driver itself
        repeats them within `retry_time` first, and a lost connection too; what is left after that is translated."""
        deadline = time.monotonic() + self.settings.deadline
        wait = FIRST_WAIT
        while True:
            try:
                with self._driver.session(database=self._name, default_access_mode=access) as session:
                    return attempt(session, max(0.1, deadline - time.monotonic()))
            except TransientError as error:
                if time.monotonic() + wait > deadline:
                    raise DatabaseBusy(f"The database stayed busy ({error.code}). Try again later.") from error
            except (ServiceUnavailable, SessionExpired) as error:
                raise DatabaseUnavailable(
                    f"The connection to {self.uri} was lost ({error}). What was committed is kept; run it again."
                ) from error
            except ClientError as error:
                if error.code and error.code.endswith(("TransactionTimedOut", "LockClientStopped")):
                    raise DatabaseBusy(f"The database took too long ({error.code}). Try again later.") from error
                raise
            time.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(2 * wait, LONGEST_WAIT)


def _rows(result: neo4j.Result) -> list[Row]:
    # Not `data()`: that walks through every number of every vector, to turn nodes into maps. No statement yields nodes.
    return [dict(record.items()) for record in result]


def _unit(work: Callable[[Transaction], T], timeout: float) -> Callable[[ManagedTransaction], T]:
    """`work` as the driver runs it, given up by the server after `timeout` seconds."""
    return neo4j.unit_of_work(timeout=timeout)(lambda transaction: work(Transaction(transaction)))
