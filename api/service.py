"""What a serving process holds: the database, the model in a thread of its own, and the organisation in memory."""

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import structlog
from threadpoolctl import threadpool_limits

from api.auditing import Auditor
from api.encoding import TypedTexts
from api.identity.principals import Identities
from api.rates import Rates
from api.settings import Settings
from graph.acts import note
from graph.database import UNTIL, AsyncDatabase, Database, Transaction
from graph.errors import DatabaseBusy, DatabaseUnavailable, EmbeddedDatabaseError, GuildmapError, NotReady
from graph.models import Person, Principal
from graph.reads import log
from graph.sentences import tell
from graph.writes import erasure, retention
from matcher import indexing, live
from matcher.embedding import CachedEmbedder, Embedder, FloatArray, directions, forget_cached, passages_of
from matcher.features import domain_fit
from matcher.found import FoundThings

T = TypeVar("T")
LOG = structlog.get_logger("guildmap")

# Writes under way at one time; they take turns in the database anyway.
WRITERS = 8

# Writes that are done or wait. One takes some 10 ms: the last one of so many waits for half a second.
MOST_WRITES = 50

# Longest wait between two tries while the database is away, in seconds. One costs a small read, if that: mostly the
# circuit breaker refuses it.
LONGEST_PAUSE = 2.0

# The same where what went wrong does not look as if it passed by itself.
AFTER_FAULT = 10.0

# Seconds between two looks at what is over.
HOUSEKEEPING = 60.0


@dataclass(frozen=True)
class Shared:
    """What processes that answer at one address have in common: the `state` as the first has read it, the folder with a
    socket of each, and how often one may ask all of them."""

    state: live.State
    folder: Path
    person_rates: Rates
    address_rates: Rates


class Service:
    """Made and ended within the event loop that serves.

    `open_embedder` is called in a thread, since to load a model takes seconds. Where several processes serve one
    organisation on one machine, one alone `leads`: it embeds what changed and keeps house for all.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        open_embedder: Callable[[], Embedder],
        *,
        shared: Shared | None = None,
        leads: bool = True,
    ) -> None:
        self.settings, self.database = settings, database
        self.reads = AsyncDatabase(database)
        self.acting_person: str | None = None  # in local mode, for whom requests without a header are
        self.identities = Identities(settings, self.reads) if settings.auth != "local" else None
        self.rates = shared.person_rates if shared else Rates(settings.person_rate)
        self.found = FoundThings()
        self._open_embedder = open_embedder
        self._embedder: Embedder | None = None
        self._state, self._leads = shared and shared.state, leads
        self._prepared: object = None
        self._reachable = True
        self._typed: TypedTexts | None = None
        # One thread: two encodings at a time are no faster, and the event loop is never stalled by one.
        self._encoder = ThreadPoolExecutor(1, "encoder")
        # One thread here too: two that score at a time wait for each other's turn at the interpreter.
        self._scorer = ThreadPoolExecutor(1, "scorer")
        # Of their own, so that writers who wait for each other leave the threads to those who read.
        self._writers = ThreadPoolExecutor(WRITERS, "writer")
        self.auditor = Auditor(self.reads, self._encode, settings.audit_period)
        self._queued = {"encoder": 0, "scorer": 0, "writer": 0}
        self._newest: int | None = None  # revision of the graph, as far as known
        self._confirmed: float | None = None  # when the state was last known to be that of the graph
        self._kicked = asyncio.Event()
        self._moved = asyncio.Event()  # set, and made anew, with each state
        self._tasks: list[asyncio.Task[None]] = []
        self._erasing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Reads the organisation and loads the model, both in the background: until then it is not ready."""
        # Products of a request are small: threads that share one take longer to meet than it takes, and where
        # processors are busy, many times as long.
        threadpool_limits(1, "blas")
        if not self._leads:
            # Others answer meanwhile: nobody need be answered by one that is not ready.
            with suppress(GuildmapError):
                await self._take_in()
        self._tasks = [asyncio.create_task(self._follow(), name="follow")]
        if self._leads:
            self._tasks.append(asyncio.create_task(self._keep_house(), name="keep house"))

    async def stop(self) -> None:
        for task in (*self._tasks, *self._erasing):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.auditor.stop()
        for pool in (self._encoder, self._scorer, self._writers):
            pool.shutdown(cancel_futures=True)
        if self.identities is not None:
            await self.identities.close()
        await self.reads.close()
        gc.unfreeze()

    @property
    def state(self) -> live.State:
        """The organisation as last read. Raises NotReady before the first read."""
        if self._state is None:
            raise NotReady(
                tell("The service is starting: it has not read the organisation yet. Try again in some seconds.")
            )
        return self._state

    @property
    def revision(self) -> int | None:
        return self._state.revision if self._state else None

    @property
    def behind(self) -> int | None:
        return max(0, self._newest - self._state.revision) if self._state and self._newest is not None else None

    @property
    def age(self) -> float | None:
        """Seconds since the state was last known to be that of the graph."""
        return time.monotonic() - self._confirmed if self._confirmed is not None else None

    def queues(self) -> dict[str, int]:
        """How much each worker does or has before it."""
        return dict(self._queued)

    def size(self) -> int:
        """How many communities are held that everybody may see: whoever reaches the service reads this number."""
        return int((~self._state.snapshot.catalogue.restricted).sum()) if self._state else 0

    def parts_ready(self) -> dict[str, bool]:
        return {
            "database": self._reachable and self.reads.breaker.state == "closed",
            "schema": self._state is not None,  # it was migrated before anything was read
            # And what is held has vectors to compare with.
            "model": self._typed is not None and self._state is not None and self._state.model is not None,
        }

    async def vector(self, text: str) -> FloatArray | None:
        """The embedding of a text that was typed, or None while there is no model, or nothing to compare it with."""
        model, embedder = self.state.model, self._embedder
        if embedder is None or self._typed is None or model is None or model.name != embedder.name or not text.strip():
            return None
        try:
            return await self._typed.vector(text)
        except NotReady:  # it is in a process of its own, and that was killed
            return None

    async def vector_of(self, person: Person) -> FloatArray | None:
        """What a person as read is about. Their texts are encoded only where they have changed since they were last."""
        document = indexing.stored_vector(person, self.state.model)
        title, body = indexing.document_of(person)
        if document is None and (title or body):
            passages = [await self.vector(passage) for passage in passages_of(title, body)]
            known = [vector for vector in passages if vector is not None]
            document = directions(np.sum(known, axis=0, keepdims=True))[0] if known else None
        return indexing.with_wishes(document, person)

    async def scored(self, work: Callable[[], T]) -> T:
        """The result of scoring, beside the loop: it takes milliseconds that others need not wait for."""
        return await self._queue("scorer", self._scorer, work)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """The result of `work` in one write transaction; what it changed is taken in at once."""
        result = await self._in_transaction(self.database.write, work)
        self._kicked.set()
        return result

    async def read_with(self, work: Callable[[Transaction], T]) -> T:
        """The result of `work` in one read transaction."""
        return await self._in_transaction(self.database.read_with, work)

    async def _in_transaction(
        self, run: Callable[[Callable[[Transaction], T], float], T], work: Callable[[Transaction], T]
    ) -> T:
        """Raises DatabaseBusy where too many wait, or it is not done when the request gives up."""
        if self._queued["writer"] >= MOST_WRITES:
            raise DatabaseBusy(tell("Too many changes wait for their turn. Try again later."))
        self.reads.check()
        until = min(UNTIL.get(), time.monotonic() + self.settings.request_deadline)
        breaker, began = self.reads.breaker, time.monotonic()
        try:
            async with asyncio.timeout(until - began):
                return await self._queue("writer", self._writers, lambda: run(work, until - time.monotonic()))
        except TimeoutError as error:
            # The server itself gives up a little earlier: that not even this was told is a bad sign.
            if time.monotonic() - began >= self.settings.connection_timeout:
                breaker.failed()
            raise DatabaseBusy(tell("The change was not done in time. Try again later.")) from error
        except DatabaseUnavailable:
            breaker.failed()
            raise

    async def erase(self, principal: Principal, person_id: str, *, keep_texts: bool) -> bool:
        """Erases somebody; whether that ended within half of a request's time. If not, it goes on, and the person is
        kept out already. Raises NotFound where there is no such person."""
        order = self.settings.source_order
        begin = partial(erasure.begin, self.database, principal, person_id, keep_texts=keep_texts)
        await self._queue("writer", self._writers, begin)
        finish = partial(erasure.resume, self.database, order=order, person_id=person_id)

        async def rest() -> None:
            await self._queue("writer", self._writers, finish)
            await asyncio.to_thread(forget_cached, self.settings.embedding_cache)
            await self.catch_up()

        task = asyncio.create_task(rest(), name="erase")
        self._erasing.add(task)
        task.add_done_callback(self._erased)
        done, _ = await asyncio.wait({task}, timeout=self.settings.request_deadline / 2)
        for one in done:
            one.result()
        return bool(done)

    def _erased(self, task: asyncio.Task[None]) -> None:
        self._erasing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            LOG.error("an erasure was cut off; the next start takes it up", error=type(error).__name__)

    async def catch_up(self) -> None:
        """Returns once what is held is as new as the graph is now."""
        wanted = await self.reads.read(log.revision())
        while self._state is not None and self._state.revision < wanted:
            self._kicked.set()
            await self._moved.wait()

    async def _follow(self) -> None:
        """Keeps the state at the graph's revision for as long as the service runs."""
        pause = self.settings.follow_seconds
        while True:
            try:
                await self._take_in()
                self._reachable, pause = True, self.settings.follow_seconds
            except (DatabaseUnavailable, DatabaseBusy) as error:
                if self._reachable:
                    LOG.warning("the database is away; answers come from what was read", error=type(error).__name__)
                self._reachable, pause = False, min(2 * pause, LONGEST_PAUSE)
                await self._revive()
            except GuildmapError as error:
                LOG.error("cannot follow the graph", error=type(error).__name__, reason=str(error))
                pause = AFTER_FAULT
            except Exception as error:
                # Whatever it is, the service goes on with what it has, and tries again.
                LOG.error("cannot follow the graph", error=type(error).__name__, exc_info=error)
                pause = AFTER_FAULT
            with suppress(TimeoutError):
                await asyncio.wait_for(self._kicked.wait(), pause)
            self._kicked.clear()

    async def _revive(self) -> None:
        """Starts the embedded database again, where it is that and was killed."""
        try:
            await asyncio.to_thread(self.database.revive)
        except EmbeddedDatabaseError as error:
            LOG.error("the embedded database does not come up", reason=str(error))

    async def _take_in(self) -> None:
        today = date.today().isoformat()
        state = self._state
        asked = time.monotonic()
        if state is None:
            state = self._state = await self.reads.follow(live.open_state())
            # To go through a million people takes the collector seconds, in which nobody is answered.
            gc.freeze()
            LOG.info("organisation read", revision=state.revision)
        embedder = self._embedder
        if embedder is None:
            embedder = await self._in_encoder(self._open_embedder)
            if self._leads:
                # What was imported since the last indexing, or all of it where there was none.
                await self._in_encoder(lambda: indexing.index(self.database, embedder))
            typed = embedder.uncached if isinstance(embedder, CachedEmbedder) else embedder
            texts = TypedTexts(lambda texts: self._in_encoder(lambda: typed.encode(texts)))
            # Weights are loaded by the first text that is encoded; that one must not be somebody's question.
            await texts.vector("ready")
            self._embedder, self._typed = embedder, texts
            LOG.info("model ready", model=embedder.name)
        told = await self.reads.follow(live.news(state))
        self._newest = told.revision
        texts = await self.reads.follow(live.texts_to_embed(told))
        if told.touched.anything:  # something was erased
            self._forget_typed()
        if told.of_another(state):
            self.found.forget(live.ANYTHING_FOUND)
        elif told.events:
            self.found.forget(live.found_anew(told, texts))
        if texts and self._leads:
            await self._in_encoder(lambda: indexing.index_changed(self.database, embedder, texts))
        self._state = await self.reads.follow(live.advance(state, today, told))
        if self._state.model != state.model:
            self.found.forget_answers()  # what was found meanwhile knew the vectors of before
        if self._state.revision >= self._newest:
            self._confirmed = asked
        self._moved.set()
        self._moved = asyncio.Event()
        await asyncio.to_thread(self._prepare)
        if len(told.events) == live.MOST_EVENTS:
            self._kicked.set()  # there is more: no pause

    async def _keep_house(self) -> None:
        """Each day takes away what is kept no longer, and each minute notes where the log of privileged acts ends."""
        last: date | None = None
        while True:
            await asyncio.sleep(HOUSEKEEPING)
            try:
                if last != date.today():
                    last = date.today()
                    gone = await asyncio.to_thread(retention.expire, self.database, order=self.settings.source_order)
                    await asyncio.to_thread(retention.turn_log_over, self.database)
                    LOG.info("retention", **{one.what.replace(" ", "_"): one.number for one in gone if one.number})
                await asyncio.to_thread(note, self.database)
            except Exception as error:
                LOG.error("cannot keep house", error=type(error).__name__)

    def _forget_typed(self) -> None:
        if self._typed is not None:
            self._typed.forget()

    def _prepare(self) -> None:
        """Finds ahead what requests will ask for, where the texts of communities are others than before."""
        snapshot = self.state.snapshot
        if self._prepared is not snapshot.nearness:
            self._prepared = snapshot.nearness
            for _ in domain_fit.prepare(snapshot):
                time.sleep(0)  # others first

    def _encode(self, texts: Sequence[str]) -> FloatArray | None:
        """Vectors of texts of the catalogue, for a thread that may wait; None while there are none to compare with."""
        model, embedder = self.state.model, self._embedder
        if embedder is None or model is None or model.name != embedder.name:
            return None
        return self._encoder.submit(embedder.encode, texts).result()

    async def _in_encoder(self, work: Callable[[], T]) -> T:
        return await self._queue("encoder", self._encoder, work)

    async def _queue(self, name: str, worker: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        """The result of `work`, which counts as queued until it ends: also where nobody waits for it any more."""
        loop = asyncio.get_running_loop()

        def ended(_: object) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody counts any more
                loop.call_soon_threadsafe(self._count, name, -1)

        # In the context of whoever asks: the database sees to it that they see what they wrote.
        future = worker.submit(copy_context().run, work)
        self._count(name, 1)
        future.add_done_callback(ended)
        return await asyncio.wrap_future(future)

    def _count(self, name: str, more: int) -> None:
        self._queued[name] += more
