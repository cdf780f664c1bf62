"""Several processes that answer at one address, and share the memory of what they answer from.

One process reads the organisation and forks the others, so that they have it without having read it: pages of memory
are common until somebody writes to them. Each then follows the change log by itself, and what it takes in is its own;
so one whose own share has grown is replaced by a new fork of the first, which has followed too. One more embeds what
changed and keeps house, and the model has a process of its own (api.model_process). docs/decisions/0038 tells why.
"""

import asyncio
import gc
import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.model_process import ModelProcess
from api.rates import Rates
from api.service import Service, Shared
from api.settings import Settings
from graph.database import Database
from graph.errors import DatabaseBusy, DatabaseUnavailable, EmbeddedDatabaseError, InvalidInput
from graph.settings import DatabaseSettings
from matcher import live
from matcher.embedding import CachedEmbedder, Embedder
from matcher.features import domain_fit

LOG = structlog.get_logger("guildmap")

# Seconds that requests under way get to end in when the service is stopped.
GRACE = 10

# Idle seconds after which a connection is closed.
KEEP_ALIVE = 30

# Seconds that a worker which is to go waits for its connections: each is told to close by its next answer, and is
# closed when idle.
LEAVING = KEEP_ALIVE + GRACE

# A worker is replaced when its own memory has grown by so much since it began: bytes, and share of the first process.
GROWN_BYTES, GROWN_SHARE = 48 * 1024 * 1024, 0.1

# But not before it has answered for so long, in seconds: what it has found meanwhile is found anew by the next one.
STAYS = 300.0

KEEPER = 0

# Seconds between two looks at a worker's memory, for which the system goes through all of it, and between two times
# that the first process takes in what changed. It does so too when it forks.
LOOKS, FOLLOWS = 30.0, 30.0

# Seconds between two looks at who lives, and while somebody is coming up.
LIVES, COMES = 1.0, 0.2

# Seconds after which one that died as soon as it began is tried again.
PAUSE = 5.0


def server_of(app: FastAPI, settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False,
            proxy_headers=True, forwarded_allow_ips=settings.trusted_proxies, timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE, limit_concurrency=10 * settings.request_limit,
        )
    )  # fmt: skip


@dataclass
class Place:
    """One of the workers that there are to be: who has it now, and who is about to leave it. That of KEEPER answers
    nobody: it embeds what changed, and keeps house."""

    number: int
    worker: "Worker | None" = None
    leaving: "list[Worker]" = field(default_factory=list)


@dataclass
class Worker:
    process: BaseProcess
    ready: Connection
    began: float
    revision: int  # of the state that it began with
    own: int | None = None  # bytes that it alone had when it was ready
    looked: float = 0.0  # when its memory was looked at

    def is_ready(self) -> bool:
        """Whether it answers; noted once, with the memory that it has then."""
        if self.own is None and self.ready.poll():
            with suppress(EOFError):
                self.ready.recv()
                self.own = own_memory(self.process)
        return self.own is not None

    def grown(self) -> int:
        return own_memory(self.process) - (self.own or 0)


class Supervisor:
    """As many workers as the settings name, on one socket, until SIGTERM or SIGINT; SIGHUP renews them."""

    def __init__(
        self, settings: Settings, database: Database, open_embedder: Callable[[], Embedder], cache: Path | None,
        acting: str | None = None,
    ) -> None:  # fmt: skip
        """`open_embedder` must be picklable, and its embedder without a cache: each worker keeps vectors in `cache`."""
        if not hasattr(os, "fork"):
            raise InvalidInput("Several workers need a system that can fork, as Linux. Set GUILDMAP_WORKERS=1.")
        self._settings, self._database, self._acting = settings, database, acting
        self._open_embedder, self._cache = open_embedder, cache
        self._places = [Place(one) for one in (KEEPER, *range(1, settings.workers + 1))]
        self._stopped, self._renewed, self._followed = False, 0.0, 0.0
        self._state: live.State | None = None
        self._person_rates, self._address_rates = Rates(settings.person_rate), Rates(settings.address_rate)
        self._fork = multiprocessing.get_context("fork")

    def stop(self, *_: object) -> None:
        self._stopped = True

    def renew(self, *_: object) -> None:
        """Has each worker replaced, one after the other, however little it has grown."""
        self._renewed = time.monotonic()

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        signal.signal(signal.SIGHUP, self.renew)
        with (
            _listening(self._settings) as listener,
            ModelProcess(self._open_embedder) as model,
            tempfile.TemporaryDirectory(prefix="guildmap-") as folder,
        ):
            start = partial(self._started, listener, model, Path(folder))
            try:
                while not self._stopped:
                    if self._state is None or time.monotonic() - self._followed > FOLLOWS:
                        self._follow()
                    if model.keep():
                        LOG.error("the model's process died; it is started again")
                    if self._state is not None:
                        for place in self._places:
                            self._keep(place, start)
                    time.sleep(COMES if self._coming() else LIVES)
            finally:
                self._end()

    def _coming(self) -> bool:
        return any(place.worker is None or place.worker.own is None for place in self._places)

    def _follow(self) -> None:
        """Takes in all that changed: for the forks to come. Whatever goes wrong, they get what there is."""
        self._followed = time.monotonic()
        try:
            before, state = None, self._state or self._database.follow(live.open_state())
            while state is not before:
                before, state = state, self._database.follow(live.advance(state))
            if self._state is None or self._state.snapshot.nearness is not state.snapshot.nearness:
                for _ in domain_fit.prepare(state.snapshot):
                    pass
            self._state = state
        except (DatabaseUnavailable, DatabaseBusy) as error:
            LOG.warning("the database is away", error=type(error).__name__)
            try:
                self._database.revive()
            except EmbeddedDatabaseError as failure:
                LOG.error("the embedded database does not come up", reason=str(failure))
        except Exception as error:
            LOG.error("cannot follow the graph", error=type(error).__name__, exc_info=error)

    def _keep(self, place: Place, start: Callable[[Place], Worker]) -> None:
        """Fills a place whose worker died, and has one whose memory grew replaced when the next one is ready."""
        now = time.monotonic()
        worker = place.worker
        for left in [left for left in place.leaving if not left.process.is_alive()]:
            left.process.join()
            place.leaving.remove(left)
        if worker is not None and not worker.process.is_alive():
            if now - worker.began < PAUSE:
                return
            LOG.error("a worker died; the next one takes its place", code=worker.process.exitcode)
            worker.process.join()
            worker = place.worker = None
        if worker is None:
            place.worker = start(place)
        elif worker.is_ready():
            for left in place.leaving:
                _tell(left.process, signal.SIGUSR1)
            # One at a time: a place that two have costs twice.
            if not any(one.leaving for one in self._places) and self._is_old(worker, now):
                LOG.info("a worker whose memory grew is replaced", worker=place.number, bytes=worker.grown())
                place.worker = start(place)
                place.leaving.append(worker)

    def _is_old(self, worker: Worker, now: float) -> bool:
        if worker.began < self._renewed:
            return True
        if now - worker.began < STAYS or now - worker.looked < LOOKS:
            return False
        worker.looked = now
        if self._state is None or self._state.revision == worker.revision:
            return False  # the next one would be like it
        return worker.grown() > max(GROWN_BYTES, GROWN_SHARE * mapped(os.getpid()).get("Rss", 0))

    def _started(self, listener: socket.socket, model: ModelProcess, folder: Path, place: Place) -> Worker:
        self._follow()
        assert self._state is not None
        told, tells = self._fork.Pipe(duplex=False)
        embedder = model.embedder()
        # The collector would go through what is common, and write to it.
        gc.freeze()
        shared = Shared(self._state, folder, self._person_rates, self._address_rates)
        task = _Task(
            self._settings, self._database.reached_by(), shared,
            lambda: CachedEmbedder(embedder, self._cache) if self._cache else embedder, os.getpid(), tells,
        )  # fmt: skip
        work = partial(_keep, task) if place.number == KEEPER else partial(
            _answer, task, listener, place.number, self._acting
        )  # fmt: skip
        process = self._fork.Process(target=work, name=f"guildmap worker {place.number}")
        process.start()
        tells.close()
        return Worker(process, told, time.monotonic(), self._state.revision)

    def _end(self) -> None:
        processes = [one.process for place in self._places for one in (place.worker, *place.leaving) if one is not None]
        for process in processes:
            _tell(process, signal.SIGTERM)
        deadline = time.monotonic() + GRACE + 5
        for process in processes:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


def mapped(pid: int) -> Mapping[str, int]:
    """Bytes of a process by what they are (`Rss`, `Pss`, `Private_Dirty` and others, as proc(5) has them); nothing
    where the system does not tell (it is not Linux), or the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    return {line.split(":")[0]: 1024 * int(line.split()[1]) for line in lines[1:]}


def own_memory(process: BaseProcess) -> int:
    """Bytes that it shares with no other process."""
    return sum(size for what, size in mapped(process.pid or 0).items() if what in ("Private_Clean", "Private_Dirty"))


def _listening(settings: Settings) -> socket.socket:
    made = socket.create_server((settings.host, settings.port), backlog=2048, reuse_port=False)
    made.set_inheritable(True)
    LOG.info("listening", host=settings.host, port=made.getsockname()[1])
    return made


def _tell(process: BaseProcess, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid or 0, number)


@dataclass(frozen=True)
class _Task:
    """What a worker is given by the process that forks it."""

    settings: Settings
    reached_by: DatabaseSettings
    shared: Shared
    open_embedder: Callable[[], Embedder]
    parent: int
    ready: Connection

    def is_ready(self) -> None:
        self.ready.send(True)
        self.ready.close()


def _keep(task: _Task) -> None:
    """What the keeper does, from its fork to its end."""

    async def main() -> None:
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        service = Service(task.settings, database, task.open_embedder, shared=task.shared)
        await service.start()
        task.is_ready()
        while not ended.is_set() and os.getppid() == task.parent:
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), 1)
        await service.stop()

    with Database(task.reached_by) as database:
        asyncio.run(main())


def _answer(task: _Task, listener: socket.socket, number: int, acting: str | None) -> None:
    """What each other worker does."""
    path = task.shared.folder / f"{number}-{os.getpid()}"
    with Database(task.reached_by) as database, socket.socket(socket.AF_UNIX) as own:
        own.bind(str(path))
        app = create_app(task.settings, database, task.open_embedder, acting_person=acting, shared=task.shared)
        server = server_of(app, task.settings)

        async def main() -> None:
            leaving = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, leaving.set)
            tasks = [
                asyncio.create_task(one)
                for one in (_tell_ready(server, task), _leave(server, leaving, path), _end_with(server, task.parent))
            ]
            await server.serve(sockets=[listener, own])
            for one in tasks:
                one.cancel()

        asyncio.run(main())
    path.unlink(missing_ok=True)


async def _tell_ready(server: uvicorn.Server, task: _Task) -> None:
    while not server.started:
        await asyncio.sleep(0.05)
    task.is_ready()


async def _leave(server: uvicorn.Server, leaving: asyncio.Event, path: Path) -> None:
    """Takes no more connections, and ends when those that there are have been told so by an answer, and closed."""
    await leaving.wait()
    path.unlink(missing_ok=True)
    for one in server.servers:
        one.close()
    server.server_state.default_headers.append((b"connection", b"close"))
    deadline = time.monotonic() + LEAVING
    while server.server_state.connections and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    server.should_exit = True


async def _end_with(server: uvicorn.Server, parent: int) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(1)
    server.should_exit = True
