"""Memory of several workers next to that of one, and how answers are while all of them are replaced.

    python -m tests.bench.workers [--workers 4] [--rate 20] [--seconds 60] [--people N]

serves the demo organisation, or a generated one of N people and N / 10 communities, with the packaged model: with one
process, then with `--workers`. Memory is that of all processes but the database's, each page that k of them share
counted as a k-th (the sum of Pss; Linux), after requests of every kind that keeps something. Then requests come at a
steady rate, one in twenty a write; after a third of the time all workers are told to be renewed.
"""

import argparse
import math
import random
import signal
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx

from api.settings import Settings
from api.workers import mapped
from graph import embedded
from graph.database import Database
from graph.reads.pages import ids_behind
from graph.schema import migrate
from ingest.demo.organisation import DemoSource
from ingest.jobs import ingest
from matcher.embedding import open_embedder
from matcher.indexing import index
from tests.bench.large_organisation import LargeSource, Sizes
from tests.faults.load import Answer, Load, Request, told
from tests.faults.processes import Service, children, serving

# Requests to each worker, about, before memory is looked at.
WARM_UP = 150


def memory(service: Service) -> dict[str, float]:
    """MB by what the process is, each page shared by k processes counted as a k-th."""
    found: dict[str, float] = {}
    waiting = {service.process.pid: "first"}
    while waiting:
        pid, what = waiting.popitem()
        found[what] = found.get(what, 0) + mapped(pid)["Pss"] / 2**20
        for child, command in children(pid).items():
            if "embedded_server" not in command:
                waiting[child] = "model" if "multiprocessing" in command else "workers and keeper"
    return found


def mixed(people: list[str]) -> Callable[[int], Request]:
    chosen = random.Random(7)
    words = ("storage", "python", "kubernetes", "design", "security", "networks", "data", "testing")

    def request(number: int) -> Request:
        match number % 20:
            case 0:
                return "POST", "/v1/goals", {"json": {"name": f"Goal {time.time_ns()}"}}
            case 1 | 2 | 3 | 4 | 5:
                return "POST", "/v1/recommendations/communities", {"json": {"person_id": chosen.choice(people)}}
            case 6 | 7:
                return "POST", "/v1/recommendations/helpers", {"json": {"text": " ".join(chosen.sample(words, 4))}}
            case 8 | 9:
                return "GET", f"/v1/people/{chosen.choice(people)}", {}
            case 10:
                return "GET", "/", {"headers": {"accept": "text/html"}}
            case _:
                return "GET", "/v1/search", {"params": {"text": " ".join(chosen.sample(words, 2))}}

    return request


def warmed(service: Service, number: int, request: Callable[[int], Request]) -> None:
    for one in range(number * WARM_UP):
        # A connection each: whichever worker takes it.
        with httpx.Client(base_url=service.address, timeout=60) as client:
            method, path, more = request(one)
            client.request(method, path, **more)


def quantile(answers: list[Answer], share: float) -> float:
    times = sorted(answer.seconds for answer in answers)
    return 1000 * times[math.ceil(share * len(times)) - 1]


def renewed(service: Service, asked: argparse.Namespace, request: Callable[[int], Request]) -> None:
    with Load(service.address, asked.rate, request) as load:
        load.settled()
        time.sleep(asked.seconds / 3)
        at = time.monotonic()
        service.process.send_signal(signal.SIGHUP)
        time.sleep(asked.seconds * 2 / 3)
        load.stop()
    before = [answer for answer in load.answers if answer.sent < at]
    after = [answer for answer in load.answers if answer.sent >= at]
    for what, answers in (("before", before), ("while workers are replaced", after)):
        print(f"{what}: {told(answers)}, p99 {quantile(answers, 0.99):.0f} ms")
    ratio = statistics.median(a.seconds for a in after) / statistics.median(a.seconds for a in before)
    failed = sum(not 200 <= answer.status < 300 for answer in load.answers)
    print(f"{failed} failed; median {ratio:.2f} of before, p99 {quantile(after, 0.99) / quantile(before, 0.99):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=90)
    parser.add_argument("--people", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        settings = Settings.model_validate({"data_dir": Path(name), "embedded_idle_minutes": 30})
        source = DemoSource(date.today())
        if n := asked.people:
            sizes = Sizes(
                communities=n // 10, people=n, memberships=5 * n, questions=n // 5, skills=n // 50, topics=400
            )
            source = LargeSource(sizes, 7)
        try:
            with Database(settings) as database:
                migrate(database)
                ingest(database, source, rejects_folder=settings.rejects_folder)
                index(database, open_embedder(None, settings.embedding_cache))
                people = database.read(ids_behind("person", "", 1_000_000))[:1_000]
                sums: list[float] = []
                for number in (1, asked.workers):
                    with serving(
                        settings.data_dir, model=True, workers=number, person_rate=0, address_rate=0
                    ) as service:
                        request = mixed(people)
                        warmed(service, number, request)
                        parts = memory(service)
                        sums.append(sum(parts.values()))
                        print(f"{number} worker(s): {sums[-1]:.0f} MB", {k: round(v) for k, v in parts.items()})
                        if number > 1:
                            renewed(service, asked, request)
                            print("and then:", {k: round(v) for k, v in memory(service).items()})
                print(f"memory of {asked.workers} workers: {sums[1] / sums[0]:.2f} of one")
        finally:
            embedded.stop(settings)


if __name__ == "__main__":
    main()
