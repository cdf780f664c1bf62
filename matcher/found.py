"""What searches found of people and skills, held so that the next search need not read it again.

An index tells in a few milliseconds who may be meant. To read of a hundred people what is scored and shown takes the
database three times as long, and the driver as long again.
"""

from collections.abc import Mapping, Sequence
from threading import Lock

from graph.database import Steps, ask
from graph.reads import catalogue as reads
from graph.reads.catalogue import Found, FoundKind

# Of each kind; some 2 kB apiece. Who was not looked at for longest goes first.
MOST = 20_000


class FoundThings:
    """For as long as `forget` is told what changed, before anybody relies on the change; safe to share by threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: dict[FoundKind, dict[str, Found]] = {"person": {}, "skill": {}}
        self._lock = Lock()
        self._forgotten = 0

    def of(self, kind: FoundKind, ids: Sequence[str]) -> Steps[list[Found]]:
        """Those of the ids that are there. Only those that are not held are read."""
        with self._lock:
            held, began = self._held[kind], self._forgotten
            there = {key: held.pop(key) for key in ids if key in held}
            held.update(there)
        missing = [key for key in ids if key not in there]
        if not missing:
            return list(there.values())
        read = {one.id: one for one in (yield from ask(reads.found(kind, missing)))}
        with self._lock:
            # What was forgotten meanwhile may have been read before it changed.
            if began == self._forgotten:
                held.update(read)
                for key in list(held)[: max(0, len(held) - self._most)]:
                    del held[key]
        return [*there.values(), *read.values()]

    def forget(self, changed: Mapping[FoundKind, frozenset[str] | None]) -> None:
        """Of each kind these ids; None: all."""
        with self._lock:
            self._forgotten += 1
            for kind, ids in changed.items():
                if ids is None:
                    self._held[kind].clear()
                for key in ids or ():
                    self._held[kind].pop(key, None)
