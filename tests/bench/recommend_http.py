"""Both recommenders over HTTP on a generated organisation, next to an empty query and to a retriever of neo4j-graphrag.

    python -m tests.bench.recommend_http [--communities 10000] [--people 100000] [--memberships 500000] [--keep FOLDER]
        [--random-vectors] [--requests 300] [--rounds 3]

In one run, in turn: (a) one empty `execute_query` of the asynchronous driver, (b) neo4j-graphrag's HybridRetriever that
fetches ten communities from the same database, and the requests. Service, database and client share the machine. A
stored person's vector is in the graph; so is the retriever given its query's vector, and questions that were asked
before are kept by the service: no model runs in any of these. `helpers, new text` is a question that the model has to
encode first. `--random-vectors` stores vectors of hashed words in place of the model's: as large, and made in seconds.
`--keep` keeps the database in a folder, and takes it up again. (b) is left out without neo4j-graphrag, which is in no
lock, since it holds other packages back: `pip install neo4j-graphrag`.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import neo4j

from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.models import LOCAL_ADMIN
from graph.reads import log, vectors
from graph.reads.communities import communities
from graph.reads.pages import ids_behind, of_all
from graph.schema import migrate
from ingest.jobs import ingest
from matcher.embedding import PACKAGED, open_embedder
from matcher.indexing import index
from tests.bench.large_organisation import add_sizes, source_of
from tests.bench.latency_http import Client, Texts, measure, percentiles, ready
from tests.bench.memory import memory
from tests.embedders import HashingEmbedder

CLIENTS = (1, 16)
WARM_UP = 40
TEN = 10

# A route that does nothing but one empty query: what a service can be at best that asks the database once a request.
EMPTY_ROUTE = """
import os, sys, neo4j, uvicorn
from contextlib import asynccontextmanager
from fastapi import FastAPI
uri, password, port = sys.argv[1], os.environ["BENCH_PASSWORD"], int(sys.argv[2])
@asynccontextmanager
async def life(app):
    async with neo4j.AsyncGraphDatabase.driver(uri, auth=("neo4j", password)) as app.state.driver:
        yield
app = FastAPI(lifespan=life)
@app.get("/empty")
async def empty() -> dict[str, int]:
    records, _, _ = await app.state.driver.execute_query("RETURN 1 AS one", database_="neo4j")
    return {"one": records[0]["one"]}
uvicorn.run(app, port=port, access_log=False, log_level="warning", timeout_keep_alive=600)
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def filled(database: Database, asked: argparse.Namespace, settings: Settings) -> None:
    """The organisation in the database, with vectors; what is there already is taken as it is."""
    migrate(database)
    began = time.perf_counter()
    if database.read(log.revision()) == 0:
        ingest(database, source_of(asked), rejects_folder=settings.rejects_folder)
        print(f"imported in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    if database.read(vectors.model()) is None:
        embedder = (
            HashingEmbedder(PACKAGED, 384) if asked.random_vectors else open_embedder(None, settings.embedding_cache)
        )
        index(database, embedder)
        print(f"indexed in {time.perf_counter() - began:.0f} s")


def megabytes(process: int) -> dict[str, int]:
    """What a process holds in memory, and the most it held."""
    return {name: held // 2**20 for name, held in memory(process).items()}


async def sent(client: Client, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    return json.loads(await client.send(method, path, body))


class Bench:
    def __init__(self, database: Database, asked: argparse.Namespace, port: int, empty_port: int) -> None:
        self.database, self.asked, self.port, self.empty_port = database, asked, port, empty_port
        self.chosen = random.Random(7)
        known = database.follow(of_all("community", partial(communities, None, LOCAL_ADMIN)))
        texts = [one.domain for one in known.values()]
        self.texts = Texts(texts)
        self.known = [Texts(texts, 11).next() for _ in range(200)]
        self.people = database.read(ids_behind("person", "", 1_000_000))
        model = database.read(vectors.model())
        assert model is not None
        self.model = model
        kept = database.read(vectors.vectors("community", model, list(known)[:200]))
        self.vectors = [kept_vector.vector.tolist() for kept_vector in kept.values()]

    def retriever(self) -> Any:
        try:
            from neo4j_graphrag.retrievers import HybridRetriever
        except ImportError:
            print("without neo4j-graphrag, so without its retriever")
            return None
        self.driver = neo4j.GraphDatabase.driver(self.database.uri, auth=self.database.auth)
        name = vectors.index_name(self.model.property, "community")
        return HybridRetriever(self.driver, name, "community_text", return_properties=["id", "name"])

    def person(self) -> dict[str, Any]:
        return {"person_id": self.chosen.choice(self.people)}

    async def kinds(
        self, clients: int, driver: neo4j.AsyncDriver, retriever: Any
    ) -> dict[str, Callable[[int, int], Awaitable[None]]]:
        ours = [await Client(self.port).open() for _ in range(clients)]
        other = [await Client(self.empty_port).open() for _ in range(clients)]

        async def empty(_: int, __: int) -> None:
            await driver.execute_query("RETURN 1", database_=self.database.name)

        async def hybrid(_: int, __: int) -> None:
            text, vector = self.chosen.choice(self.known), self.chosen.choice(self.vectors)
            await asyncio.to_thread(retriever.search, query_text=text, query_vector=vector, top_k=TEN)

        async def route(client: int, _: int) -> None:
            await other[client].send("GET", "/empty", None)

        async def communities(client: int, _: int) -> None:
            await ours[client].send("POST", "/v1/recommendations/communities", self.person())

        async def helpers(client: int, _: int) -> None:
            body = {"text": self.chosen.choice(self.known), **self.person()}
            await ours[client].send("POST", "/v1/recommendations/helpers", body)

        async def helpers_new(client: int, _: int) -> None:
            await ours[client].send("POST", "/v1/recommendations/helpers", {"text": self.texts.next(), **self.person()})

        found = {"(a) empty query": empty, "a route with one": route, "(b) HybridRetriever, ten": hybrid}
        if retriever is None:
            del found["(b) HybridRetriever, ten"]
        return found | {"communities": communities, "helpers": helpers, "helpers, new text": helpers_new}

    async def run(self) -> None:
        print("\nmilliseconds, and ratios to (a) with as many clients; requests a second")
        print(f"{'':28}{'clients':>8}{'p50':>9}{'ratio':>8}{'p99':>9}{'ratio':>8}{'a second':>10}")
        retriever = self.retriever()
        async with neo4j.AsyncGraphDatabase.driver(self.database.uri, auth=self.database.auth) as driver:
            for clients in CLIENTS:
                kinds = await self.kinds(clients, driver, retriever)
                times: dict[str, list[float]] = {name: [] for name in kinds}
                spent = dict.fromkeys(kinds, 0.0)
                for once in kinds.values():
                    await measure(clients, WARM_UP, once)
                for _ in range(self.asked.rounds):
                    for name, once in kinds.items():
                        began = time.perf_counter()
                        times[name] += await measure(clients, self.asked.requests // self.asked.rounds, once)
                        spent[name] += time.perf_counter() - began
                base = percentiles(times["(a) empty query"])
                for name, taken in times.items():
                    p50, p99 = percentiles(taken)
                    print(
                        f"{name:28}{clients:>8}{p50:>9.2f}{p50 / base[0]:>8.2f}{p99:>9.2f}{p99 / base[1]:>8.2f}"
                        f"{len(taken) / spent[name]:>10.0f}",
                        flush=True,
                    )
        if retriever is not None:
            self.driver.close()

    async def changes(self) -> None:
        """How soon what is written shows."""
        client = await Client(self.port).open()
        number = time.time_ns() % 10**9  # another one each time, since the database may be kept
        words = f"zymurgy fermentation bench{number}"
        body = {"name": f"Zymurgy {number}", "domain": f"{words} brewing of test batches", "status": "active"}
        began = time.perf_counter()
        made = (await sent(client, "POST", "/v1/communities", body))["id"]
        shown: dict[str, float] = {}
        while len(shown) < 2 and time.perf_counter() - began < 120:
            found = await sent(client, "GET", f"/v1/search?text=bench{number}", None)
            if any(one["id"] == made for one in found["results"]):
                shown.setdefault("searchable", time.perf_counter() - began)
            found = await sent(client, "POST", "/v1/recommendations/communities", {"profile": {"text": words}})
            if any(one["community_id"] == made for one in found["results"]):
                shown.setdefault("recommended", time.perf_counter() - began)
            await asyncio.sleep(0.3)
        print(f"\na posted community: {', '.join(f'{what} after {taken:.1f} s' for what, taken in shown.items())}")
        person = self.chosen.choice(self.people)
        before = await sent(client, "POST", "/v1/recommendations/communities", {"person_id": person})
        joined = before["results"][0]["community_id"]
        await sent(client, "PUT", f"/v1/communities/{joined}/members/{person}", {"engagement": "active"})
        after = await sent(client, "POST", "/v1/recommendations/communities", {"person_id": person})
        gone = all(one["community_id"] != joined for one in after["results"])
        print(f"a person who joined: {'shows' if gone else 'does NOT show'} in the next request")


def serve_and_run(asked: argparse.Namespace, folder: Path) -> None:
    settings = Settings.model_validate({"data_dir": folder})
    port, empty_port = free_port(), free_port()
    try:
        with Database(settings) as database:
            filled(database, asked, settings)
            environment = {**os.environ, "GUILDMAP_DATA_DIR": str(folder), "GUILDMAP_LOG_FORMAT": "json"}
            command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)]
            began = time.perf_counter()
            with open(folder / "service.log", "wb") as log_file:
                service = subprocess.Popen(command, env=environment, stderr=log_file, stdout=log_file)
            secret = {**os.environ, "BENCH_PASSWORD": database.auth[1]}
            other = subprocess.Popen([sys.executable, "-c", EMPTY_ROUTE, database.uri, str(empty_port)], env=secret)
            try:
                asyncio.run(ready(port, "/health/ready", 900))
                asyncio.run(ready(empty_port, "/empty", 60))
                print(f"ready after {time.perf_counter() - began:.0f} s, memory in MB {megabytes(service.pid)}")
                bench = Bench(database, asked, port, empty_port)
                asyncio.run(bench.run())
                asyncio.run(bench.changes())
                print(f"memory in MB {megabytes(service.pid)}")
            finally:
                for process in (service, other):
                    process.terminate()
                    process.wait(20)
    finally:
        embedded.stop(settings)


def main() -> None:
    parser = argparse.ArgumentParser()
    add_sizes(parser)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--random-vectors", action="store_true")
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
        serve_and_run(asked, asked.keep)
    else:
        with tempfile.TemporaryDirectory() as name:
            serve_and_run(asked, Path(name))


if __name__ == "__main__":
    main()
