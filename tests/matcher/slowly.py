"""A job of which can be seen who did what: in a module that workers import soon."""

import os
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# A partition that takes so many seconds is one in which a worker can be killed.
SLOW = 0.3


@dataclass(frozen=True)
class Slowly:
    """Notes in a folder what is begun and what is done, by whom. The partition `kills` ends whoever does it."""

    folder: Path
    seconds: float = SLOW
    kills: int | None = None

    @contextmanager
    def open(self) -> Generator[int]:
        pid = os.getpid()
        (self.folder / f"open-{pid}").touch()
        try:
            yield pid
        finally:
            (self.folder / f"closed-{pid}").touch()

    def work(self, context: int, partition: int) -> int:
        _note(self.folder / f"begun-{partition}", context)
        if partition == self.kills:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self.seconds)
        _note(self.folder / f"done-{partition}", context)
        return partition * partition


def _note(path: Path, pid: int) -> None:
    with path.open("a") as file:
        file.write(f"{pid}\n")
