"""Requests at a steady rate, whatever becomes of them: a service that is slow gets no fewer."""

import asyncio
import math
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Self

import httpx

# (method, path, more for httpx) of the request number n.
Request = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    number: int
    sent: float  # time.monotonic()
    seconds: float
    status: int  # 0: none came
    retry_after: str | None
    failure: str = ""


@dataclass
class Load:
    """`rate` requests a second to `address` while the block lasts, or until `stop`, each of somebody else: no cookie of
    an answer comes with the next request. Whoever got no answer in 30 s gives up."""

    address: str
    rate: float
    request: Callable[[int], Request]
    answers: list[Answer] = field(default_factory=list)
    counts_from: float = 0.0
    _stopped: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def settled(self, seconds: float = 180) -> None:
        """Forgets what was before all went well and within a second: a service that has just started opens its
        connections, and its database is cold."""
        self.counts_from = self.goes_well(seconds, slowest=1.0)

    def goes_well(self, seconds: float = 60, slowest: float = math.inf) -> float:
        """Waits until for three seconds all was answered, none after more than `slowest` seconds; since when
        (time.monotonic())."""
        deadline = time.monotonic() + seconds
        while True:
            time.sleep(0.2)
            now = time.monotonic()
            lately = [answer for answer in list(self.answers) if now - 4 < answer.sent < now - 1]
            if len(lately) >= 2.5 * self.rate and all(
                200 <= one.status < 300 and one.seconds <= slowest for one in lately
            ):
                return now
            assert now < deadline, f"it does not settle: {told(lately) if lately else 'no answers'}"

    def stop(self) -> None:
        """Sends no more, and waits for the answers."""
        self._stopped.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        self.answers = [answer for answer in self.answers if answer.sent >= self.counts_from]

    async def _run(self) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
        async with (
            httpx.AsyncClient(base_url=self.address, timeout=30, limits=limits, cookies=_no_cookies()) as client,
            asyncio.TaskGroup() as tasks,
        ):
            began, number = time.monotonic(), 0
            while not self._stopped.is_set():
                tasks.create_task(self._one(client, number))
                number += 1
                await asyncio.sleep(max(0.0, began + number / self.rate - time.monotonic()))

    async def _one(self, client: httpx.AsyncClient, number: int) -> None:
        method, path, more = self.request(number)
        sent = time.monotonic()
        status, retry_after, failure = 0, None, ""
        try:
            answer = await client.request(method, path, **more)
            status, retry_after = answer.status_code, answer.headers.get("retry-after")
            if answer.headers.get("content-type") == "application/problem+json":
                failure = answer.json().get("detail", "")
        except httpx.HTTPError as error:
            failure = type(error).__name__
        self.answers.append(Answer(number, sent, time.monotonic() - sent, status, retry_after, failure))


def _no_cookies() -> CookieJar:
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def told(answers: list[Answer]) -> str:
    """How it went, on one line."""
    counts = sorted(Counter(answer.status for answer in answers).items())
    statuses = ", ".join(f"{number} x {status or 'none'}" for status, number in counts)
    times = sorted(answer.seconds for answer in answers)
    p95 = times[math.ceil(0.95 * len(times)) - 1]
    return (
        f"{len(answers)} requests: {statuses}; median {statistics.median(times) * 1000:.0f} ms, "
        f"p95 {p95 * 1000:.0f} ms, slowest {times[-1]:.2f} s"
    )


def unexpected(answers: list[Answer], slowest: float = 3.0) -> list[Answer]:
    """Answers that are neither a success nor a refusal that says when to come back, or that took too long."""
    return [
        answer for answer in answers
        if not (200 <= answer.status < 300 or (answer.status == 503 and answer.retry_after)) or answer.seconds > slowest
    ]  # fmt: skip
