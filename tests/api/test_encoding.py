"""Texts that come at the same time are encoded together, each once."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from api.encoding import SHORT, TOGETHER, TypedTexts
from matcher.embedding import FloatArray


class Slow:
    """Notes what it is given, and answers with the lengths of the texts once it is let go."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.go = asyncio.Event()

    async def encode(self, texts: Sequence[str]) -> FloatArray:
        self.calls.append(list(texts))
        await self.go.wait()
        if "broken" in texts:
            raise ValueError("no vector")
        return np.array([[len(text)] for text in texts], dtype=np.float32)


async def begun(texts: TypedTexts, wanted: Sequence[str]) -> list[asyncio.Task[FloatArray]]:
    tasks = [asyncio.create_task(texts.vector(text)) for text in wanted]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


def test_what_waits_is_encoded_together_and_once() -> None:
    async def go() -> None:
        slow = Slow()
        typed = TypedTexts(slow.encode)
        tasks = await begun(typed, ["a"])
        tasks += await begun(typed, ["bb", "ccc", "bb", "x" * (SHORT + 1), "a"])
        slow.go.set()
        assert [int(vector[0]) for vector in await asyncio.gather(*tasks)] == [1, 2, 3, 2, SHORT + 1, 1]
        # A long text is not padded to by short ones.
        assert slow.calls == [["a"], ["bb", "ccc"], ["x" * (SHORT + 1)]]
        await typed.vector("ccc")
        assert len(slow.calls) == 3

    asyncio.run(go())


def test_no_more_than_a_batch_at_a_time() -> None:
    async def go() -> None:
        slow = Slow()
        typed = TypedTexts(slow.encode)
        tasks = await begun(typed, [str(number) for number in range(2 * TOGETHER)])
        slow.go.set()
        await asyncio.gather(*tasks)
        assert [len(call) for call in slow.calls] == [TOGETHER, TOGETHER]

    asyncio.run(go())


def test_who_gives_up_takes_nothing_from_others_and_an_error_reaches_those_it_is_of() -> None:
    async def go() -> None:
        slow = Slow()
        typed = TypedTexts(slow.encode)
        impatient, patient = await begun(typed, ["same", "same"])
        impatient.cancel()
        slow.go.set()
        assert (await patient)[0] == 4
        with pytest.raises(ValueError, match="no vector"):
            await typed.vector("broken")
        assert (await typed.vector("fine"))[0] == 4

    asyncio.run(go())
