"""Embeddings of texts that people type, for the event loop: kept for a while in memory, and never on the disk."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from matcher.embedding import FloatArray

# Vectors kept: people page through results and reword, each time with the same text.
KEPT = 2000

# Texts encoded in one go. Sixteen short ones take a model little longer than four.
TOGETHER = 16

# Texts are padded to the longest of those that are encoded together, so only texts of about a length are. Up to so
# many characters all are short.
SHORT = 200


class TypedTexts:
    """`encode` gives the vectors of texts, in a thread; it is called once at a time, and texts that come while it is
    under way are gathered for the next call."""

    def __init__(self, encode: Callable[[Sequence[str]], Awaitable[FloatArray]]) -> None:
        self._encode = encode
        self._kept: OrderedDict[str, FloatArray] = OrderedDict()
        self._waiting: OrderedDict[str, asyncio.Future[FloatArray]] = OrderedDict()
        self._worker: asyncio.Task[None] | None = None

    def forget(self) -> None:
        """Keeps nothing of what was typed so far."""
        self._kept.clear()

    async def vector(self, text: str) -> FloatArray:
        if text in self._kept:
            self._kept.move_to_end(text)
            return self._kept[text]
        if text not in self._waiting:
            self._waiting[text] = asyncio.get_running_loop().create_future()
        awaited = self._waiting[text]
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name="encode")
        # Another request may wait for the same text, when this one is given up.
        return await asyncio.shield(awaited)

    async def _work(self) -> None:
        while self._waiting:
            texts = self._next()
            try:
                found = dict(zip(texts, await self._encode(texts), strict=True))
            except Exception as error:
                for text in texts:
                    future = self._waiting.pop(text)
                    future.set_exception(error)
                    future.exception()  # whoever asked may be gone: not a reason for a warning
                continue
            for text, vector in found.items():
                self._waiting.pop(text).set_result(vector)
            self._kept.update(found)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._worker = None

    def _next(self) -> list[str]:
        """Of the texts that wait, the first, and those that may as well be encoded with it."""
        longest = max(SHORT, 2 * len(next(iter(self._waiting))))
        return [text for text in self._waiting if len(text) <= longest][:TOGETHER]
