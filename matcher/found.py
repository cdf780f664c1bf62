"""What searches found of people and skills, and the answers they gave, held so that the next need not find it again.

An index tells in a few milliseconds who may be meant. To read of a hundred people what is scored and shown takes the
database three times as long, and the driver as long again. And many ask the same: an answer is held until something
that it could show has changed.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Lock
from typing import Any, TypeVar

from graph.database import Steps, ask
from graph.reads import catalogue as reads
from graph.reads.catalogue import Found, FoundKind

# Of each kind; some 2 kB apiece. Who was not looked at for longest goes first.
MOST = 20_000

# Answers; some 15 kB apiece.
MOST_ANSWERS = 500

T = TypeVar("T")


class FoundThings:
    """For as long as `forget` is told what changed, before anybody relies on the change; safe to share by threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: dict[FoundKind, dict[str, Found]] = {"person": {}, "skill": {}}
        self._answers: dict[Hashable, Any] = {}
        self._answers_of: tuple[object, ...] = ()
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

    def remembered(self, asked: Hashable, of: tuple[object, ...], answer: Callable[[], Steps[T]]) -> Steps[T]:
        """The answer to what was `asked`, worked out unless it is held. `of` are the very objects that it rests on
        beside what is held here: with others of them all earlier answers are forgotten."""
        with self._lock:
            if len(of) != len(self._answers_of) or any(a is not b for a, b in zip(of, self._answers_of, strict=True)):
                self._answers, self._answers_of = {}, of
            answers, began = self._answers, self._forgotten
            if asked in answers:
                answers[asked] = answers.pop(asked)
                return answers[asked]
        found = yield from answer()
        with self._lock:
            if began == self._forgotten:
                answers[asked] = found
                if len(answers) > MOST_ANSWERS:
                    del answers[next(iter(answers))]
        return found

    def forget_answers(self) -> None:
        with self._lock:
            self._forgotten += 1
            self._answers = {}

    def forget(self, changed: Mapping[FoundKind, frozenset[str] | None]) -> None:
        """Of each kind these ids; None: all. And all answers, where there are any such."""
        if not any(ids is None or ids for ids in changed.values()):
            return
        with self._lock:
            self._forgotten += 1
            self._answers = {}
            for kind, ids in changed.items():
                if ids is None:
                    self._held[kind].clear()
                for key in ids or ():
                    self._held[kind].pop(key, None)
