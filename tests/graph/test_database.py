"""Reads as values: the synchronous and the asynchronous runner give one answer, and a lost database one clear error."""

import asyncio
import base64
import contextvars
import threading

import pytest
from pydantic import SecretStr

from graph.database import ASKING, AsyncDatabase, Bookmarks, Database, Steps, ask
from graph.errors import DatabaseBusy, DatabaseUnavailable
from graph.reads import log
from graph.settings import DatabaseSettings


def two_reads() -> Steps[tuple[int, int]]:
    before = yield from ask(log.revision())
    after = yield from ask(log.revision())
    return before, after


def test_both_runners_follow_the_same_steps(database: Database) -> None:
    database.write(lambda tx: tx.run("write/record_event", actor="a", action="x", subjects=[], at="", details="{}"))

    async def main() -> tuple[tuple[int, int], int]:
        reads = AsyncDatabase(database)
        try:
            return await reads.follow(two_reads()), await reads.read(log.revision())
        finally:
            await reads.close()

    assert asyncio.run(main()) == ((1, 1), 1)
    assert database.follow(two_reads()) == (1, 1)


def test_a_database_that_comes_back_is_asked_a_little_at_a_time(database: Database) -> None:
    async def main() -> list[object]:
        reads = AsyncDatabase(database)
        await reads.read(log.revision())
        reads.breaker.width = 2
        try:
            return await asyncio.gather(*(reads.read(log.revision()) for _ in range(5)), return_exceptions=True)
        finally:
            await reads.close()

    answers = asyncio.run(main())
    assert sum(answer == 0 for answer in answers) == 2
    assert all("just come back" in str(answer) for answer in answers if isinstance(answer, DatabaseBusy))
    assert sum(isinstance(answer, DatabaseBusy) for answer in answers) == 3


def test_the_loop_goes_on_while_steps_compute(database: Database) -> None:
    import time

    def slow() -> Steps[int]:
        time.sleep(0.3)
        return (yield from ask(log.revision()))

    async def main() -> int:
        reads = AsyncDatabase(database)
        beats = 0
        work = asyncio.ensure_future(reads.follow(slow()))
        while not work.done():
            await asyncio.sleep(0.01)
            beats += 1
        await reads.close()
        return beats

    assert asyncio.run(main()) >= 10


def test_a_database_that_is_not_there_is_told_soon(tmp_path) -> None:
    settings = DatabaseSettings(data_dir=tmp_path, neo4j_uri="bolt://127.0.0.1:1", neo4j_password=SecretStr("x"))
    with pytest.raises(DatabaseUnavailable, match="GUILDMAP_NEO4J_URI"):
        Database(settings)


def test_a_full_pool_is_told_as_busy(database: Database, database_settings: DatabaseSettings) -> None:
    given = {"neo4j_uri": database.uri, "neo4j_password": SecretStr(database.auth[1])}
    small = database_settings.model_copy(update={**given, "pool_size": 1, "acquisition_timeout": 0.3})
    with Database(small) as one:
        with pytest.raises(DatabaseBusy, match="in use"):
            one.write(lambda _: one.read(log.revision()))
        assert one.read(log.revision()) == 0


def test_a_read_that_takes_too_long_is_given_up(database: Database, database_settings: DatabaseSettings) -> None:
    given = {"neo4j_uri": database.uri, "neo4j_password": SecretStr(database.auth[1]), "write_timeout": 0.5}
    with Database(database_settings.model_copy(update=given)) as patient, pytest.raises(DatabaseBusy):
        patient.run_alone("UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b)")


def event(database: Database) -> None:
    database.write(lambda tx: tx.run("write/record_event", actor="a", action="x", subjects=[], at="", details="{}"))


def later(bookmark: str, by: int) -> str:
    """The bookmark of a transaction to come: the number in it is the last integer, after 16 bytes of the database."""
    packed = base64.b64decode(bookmark.removeprefix("FB:"))
    at = packed.index(b"\xcc\x10") + 2 + 16
    kind = packed[at]
    size = {0xC8: 1, 0xC9: 2, 0xCA: 4, 0xCB: 8}.get(kind, 0)
    number = int.from_bytes(packed[at + 1 : at + 1 + size], "big") if size else kind
    rest = packed[at + 1 + size :]
    return "FB:" + base64.b64encode(packed[:at] + b"\xcb" + (number + by).to_bytes(8, "big") + rest).decode()


def behind(bookmarks: Bookmarks | None, database: Database) -> int:
    """The revision as another process reads it for somebody who has those bookmarks."""

    async def main() -> int:
        ASKING.set(bookmarks)
        reads = AsyncDatabase(database)
        try:
            return await reads.read(log.revision())
        finally:
            await reads.close()

    return asyncio.run(main())


def test_who_reads_behind_a_write_of_another_process_waits_for_it(database: Database) -> None:
    event(database)
    (last,) = database.bookmarks.last
    with Database(database.reached_by()) as other:
        assert not other.bookmarks.last
        seen: list[int] = []
        asking = Bookmarks(frozenset({later(last, 1)}))
        waiting = threading.Thread(target=lambda: seen.append(behind(asking, other)))
        waiting.start()
        # Nobody has written that yet. Whoever does not ask behind it need not wait.
        assert behind(None, other) == 1
        assert behind(Bookmarks(frozenset({last})), other) == 1
        assert waiting.is_alive()
        assert not seen
        event(database)
        waiting.join(20)
        assert seen == [2]


def test_writes_for_somebody_tell_them_where_they_ended(database: Database) -> None:
    asking = Bookmarks()
    context = contextvars.copy_context()
    context.run(ASKING.set, asking)
    context.run(event, database)
    assert asking.wrote
    assert asking.last == database.bookmarks.last
    event(database)
    assert asking.last != database.bookmarks.last
    assert len(database.bookmarks.last) == 1


def test_a_bookmark_that_the_server_cannot_read_is_forgotten(database: Database) -> None:
    event(database)
    foreign = frozenset({"FB:not-of-this-server"})
    with Database(database.reached_by()) as other:
        asking = Bookmarks(foreign)
        assert behind(asking, other) == 1
        assert not asking.last
        other.bookmarks.move(frozenset(), foreign)
        assert other.read(log.revision()) == 1
        assert not other.bookmarks.last
