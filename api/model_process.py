"""The model in a process of its own, for the processes that answer: each would take half a gigabyte for it."""

import multiprocessing
import os
import secrets
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from graph.errors import NotReady
from graph.sentences import tell
from matcher.embedding import Embedder, FloatArray

# Seconds for which whoever has a text waits for the model to be loaded, the first time.
LOADED_WITHIN = 300.0

# And when the process was killed and comes up again: what can be answered without the model is, meanwhile.
BACK_WITHIN = 0.5


class SharedEmbedder:
    """An embedder that a model process holds, for one process that asks it. Connected at the first use. Threads take
    turns.

    Raises NotReady while the process is away.
    """

    def __init__(self, address: str, key: bytes) -> None:
        self._address, self._key = address, key
        self._turn = threading.Lock()
        self._connection: Connection | None = None
        self._known: dict[str, Any] = {}
        self._patience = LOADED_WITHIN

    @property
    def name(self) -> str:
        return self._once("name")

    @property
    def dimension(self) -> int:
        return self._once("dimension")

    def encode(self, texts: Sequence[str]) -> FloatArray:
        return self._ask("encode", list(texts))

    def _once(self, what: str) -> Any:
        if what not in self._known:
            self._known[what] = self._ask(what)
        return self._known[what]

    def _ask(self, *what: Any) -> Any:
        deadline = time.monotonic() + self._patience
        with self._turn:
            while True:
                try:
                    if self._connection is None:
                        self._connection = Client(self._address, "AF_UNIX", authkey=self._key)
                    self._connection.send(what)
                    answer = self._connection.recv()
                    self._patience = BACK_WITHIN
                    break
                except (OSError, EOFError) as error:
                    # It was killed, or has not begun to listen. To encode a text twice does no harm.
                    self._connection = None
                    if time.monotonic() > deadline:
                        raise NotReady(tell("The model is being loaded again. Try again in some seconds.")) from error
                    time.sleep(0.1)
        if isinstance(answer, Exception):
            raise answer
        return answer


class ModelProcess:
    """Holds what `open_embedder` opens, in a process that is started anew when it dies.

    `open_embedder` must be picklable: the process is no fork, as the threads of a model do not survive one."""

    def __init__(self, open_embedder: Callable[[], Embedder]) -> None:
        self._open = open_embedder
        # Short: the path of a socket may have 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="guildmap-"))
        self._address, self._key = str(self._folder / "model"), secrets.token_bytes(32)
        self._process = self._started()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def embedder(self) -> SharedEmbedder:
        """One to be used by a single process."""
        return SharedEmbedder(self._address, self._key)

    def keep(self) -> bool:
        """Starts it again if it died; whether it had."""
        if self._process.is_alive():
            return False
        self._process = self._started()
        return True

    def _started(self) -> BaseProcess:
        with suppress(FileNotFoundError):
            os.unlink(self._address)
        process = multiprocessing.get_context("spawn").Process(
            target=_hold, args=(self._open, self._address, self._key, os.getpid()), name="guildmap model", daemon=True
        )
        process.start()
        return process


def _hold(open_embedder: Callable[[], Embedder], address: str, key: bytes, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of a terminal; who started it ends it
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    turn = threading.Lock()
    embedder = open_embedder()
    embedder.encode(["ready"])  # whoever finds somebody listening is answered soon
    with Listener(address, "AF_UNIX", backlog=64, authkey=key) as listener:
        while True:
            with suppress(AuthenticationError, OSError, EOFError):
                threading.Thread(target=_answer, args=(listener.accept(), embedder, turn), daemon=True).start()


def _answer(connection: Connection, embedder: Embedder, turn: threading.Lock) -> None:
    with suppress(EOFError, OSError), connection:
        while True:
            what, *more = connection.recv()
            try:
                with turn:  # two at a time are no faster
                    answer = embedder.encode(more[0]) if what == "encode" else getattr(embedder, what)
            except Exception as error:
                answer = error
            connection.send(answer)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
