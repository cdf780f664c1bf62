"""Latency of the three answering routes over HTTP, next to one empty query of the asynchronous driver in the same run.

    python -m tests.bench.latency_http [demo] [apache] [--requests 200]

The service runs in a process of its own with the packaged model; client and database share the machine with it. Each
search and each question has a text that was not sent before, so the model encodes each one; people come up again.
"""

import argparse
import asyncio
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import quote

import neo4j

from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.models import LOCAL_ADMIN
from graph.reads.communities import communities
from graph.reads.pages import ids_behind, of_all
from graph.schema import migrate
from ingest.demo.organisation import DemoSource
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from matcher.embedding import open_embedder
from matcher.indexing import index
from tests import shared_data

CLIENTS = (1, 16)
WARM_UP = 20


class Client:
    """One connection that is kept open; as little as HTTP/1.1 allows, so that its own time does not count much."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def open(self) -> "Client":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def send(self, method: str, path: str, body: dict | None) -> bytes:
        data = json.dumps(body).encode() if body is not None else b""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(data)}\r\n"
        head += "Content-Type: application/json\r\n\r\n"
        self.writer.write(head.encode() + data)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", answer, re.IGNORECASE)
        content = await self.reader.readexactly(int(length.group(1))) if length else b""
        assert answer.startswith("HTTP/1.1 2"), (answer, content[:300])
        return content


async def measure(clients: int, number: int, once: Callable[[int, int], Awaitable[None]]) -> list[float]:
    """Seconds of each call of `once(client, number of the call)`, made by so many clients side by side."""
    times: list[float] = []
    todo = iter(range(number))

    async def work(client: int) -> None:
        for call in todo:
            began = time.perf_counter()
            await once(client, call)
            times.append(time.perf_counter() - began)

    await asyncio.gather(*(work(client) for client in range(clients)))
    return times


def percentiles(times: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return cuts[49] * 1000, cuts[98] * 1000


class Texts:
    """Sentences made of words of the domains: each is new, and each is about something."""

    def __init__(self, domains: list[str], seed: int = 7) -> None:
        self.words = [word for domain in domains for word in domain.split()]
        self.random = random.Random(seed)

    def next(self) -> str:
        start = self.random.randrange(max(1, len(self.words) - 12))
        return " ".join([*self.words[start : start + 8], str(self.random.randrange(10**6))])


async def run(title: str, database: Database, port: int, number: int) -> None:
    known = database.follow(of_all("community", partial(communities, None, LOCAL_ADMIN)))
    texts = Texts([one.domain for one in known.values()])
    people = database.read(ids_behind("person", "", 1_000_000))
    chosen = random.Random(7)

    def search() -> tuple[str, str, dict | None]:
        return "GET", f"/v1/search?text={quote(texts.next())}", None

    def joins() -> tuple[str, str, dict | None]:
        return "POST", "/v1/recommendations/communities", {"person_id": chosen.choice(people)}

    def helpers() -> tuple[str, str, dict | None]:
        return "POST", "/v1/recommendations/helpers", {"text": texts.next(), "person_id": chosen.choice(people)}

    print(f"\n{title}: milliseconds and ratios to an empty query of the driver with as many clients")
    print(f"{'':30}{'clients':>8}{'p50':>9}{'ratio':>8}{'p99':>9}{'ratio':>8}{'a second':>10}")
    async with neo4j.AsyncGraphDatabase.driver(database.uri, auth=database.auth) as driver:
        for clients in CLIENTS:
            connections = [await Client(port).open() for _ in range(clients)]

            async def empty(_: int, __: int) -> None:
                await driver.execute_query("RETURN 1", database_=database.name)

            await measure(clients, WARM_UP, empty)
            began = time.perf_counter()
            base = percentiles(await measure(clients, number, empty))
            rate = number / (time.perf_counter() - began)
            print(f"{'empty query':30}{clients:>8}{base[0]:>9.2f}{1:>8.2f}{base[1]:>9.2f}{1:>8.2f}{rate:>10.0f}")
            for label, request in (
                ("GET search", search), ("POST .../communities", joins), ("POST .../helpers", helpers),
            ):  # fmt: skip

                async def once(client: int, _: int, connections=connections, request=request) -> None:
                    await connections[client].send(*request())

                await measure(clients, WARM_UP, once)
                began = time.perf_counter()
                p50, p99 = percentiles(await measure(clients, number, once))
                rate = number / (time.perf_counter() - began)
                ratios = p50 / base[0], p99 / base[1]
                print(f"{label:30}{clients:>8}{p50:>9.2f}{ratios[0]:>8.2f}{p99:>9.2f}{ratios[1]:>8.2f}{rate:>10.0f}")
            for connection in connections:
                connection.writer.close()


def serve_and_run(title: str, source: BundleSource | DemoSource, number: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        settings = Settings.model_validate({"data_dir": Path(name)})
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        try:
            with Database(settings) as database:
                migrate(database)
                ingest(database, source, rejects_folder=settings.rejects_folder)
                index(database, open_embedder(None, settings.embedding_cache))
                environment = {**os.environ, "GUILDMAP_DATA_DIR": name, "GUILDMAP_LOG_FORMAT": "json"}
                command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)]
                with open(Path(name) / "service.log", "wb") as log:
                    service = subprocess.Popen(command, env=environment, stderr=log, stdout=log)
                try:
                    asyncio.run(ready(port))
                    asyncio.run(run(title, database, port, number))
                finally:
                    service.terminate()
                    service.wait(20)
        finally:
            embedded.stop(settings)


async def ready(port: int, path: str = "/health/ready", seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(OSError, AssertionError, asyncio.IncompleteReadError):
            await (await Client(port).open()).send("GET", path, None)
            return
        if time.monotonic() > deadline:
            raise SystemExit("the service did not become ready")
        await asyncio.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sets", nargs="*", default=["demo", "apache"])
    parser.add_argument("--requests", type=int, default=200)
    asked = parser.parse_args()
    for name in asked.sets:
        source = DemoSource(date.today()) if name == "demo" else BundleSource(shared_data.bundle(name))
        serve_and_run(name, source, asked.requests)


if __name__ == "__main__":
    main()
