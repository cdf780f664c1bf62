"""A network between service and database that is slow, resets, swallows everything, or closes late: by toxiproxy.

`go install github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0` makes the program; it is looked for among those of Go, or
where GUILDMAP_TEST_TOXIPROXY says. What is asked for: with a second to connect and two and a half for a request, each
call ends within three seconds, and a second after the fault is over all is well.
"""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.metrics import BREAKER_STATES
from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.schema import migrate
from ingest.jobs import ingest
from tests.api.serving import wait_until
from tests.bench.large_organisation import LargeSource
from tests.bench.recommend_http import free_port
from tests.faults.load import Answer, Load, told, unexpected
from tests.faults.processes import DEADLINE, Service, serving
from tests.faults.test_database_killed import SIZES, request_for

SECONDS = float(os.environ.get("GUILDMAP_TEST_TOXIC_SECONDS", "10"))
RATE = 30.0
HURRIED = {"connection_timeout": 1.0, "request_deadline": DEADLINE}

SLOWEST = 3.0
RECOVERED_AFTER = 1.0

PROXY = "database"


def program() -> str | None:
    given = os.environ.get("GUILDMAP_TEST_TOXIPROXY")
    if given:
        return given
    go = shutil.which("go")
    if go is None:
        return shutil.which("toxiproxy-server")
    folder = (
        Path(subprocess.run([go, "env", "GOPATH"], capture_output=True, text=True, check=True).stdout.strip()) / "bin"
    )
    found = next((folder / name for name in ("toxiproxy-server", "server") if (folder / name).exists()), None)
    return str(found) if found else shutil.which("toxiproxy-server")


TOXIPROXY = program()
pytestmark = pytest.mark.skipif(TOXIPROXY is None, reason="toxiproxy is not here: go install …/cmd/server@v2.5.0")


class Toxiproxy:
    """A proxy in front of the database, with what is wrong with it."""

    def __init__(self, control: str, address: str) -> None:
        self.control, self.address = control, address

    @contextmanager
    def toxic(self, kind: str, **attributes: Any) -> Iterator[None]:
        """Both directions; over when the block ends."""
        for stream in ("upstream", "downstream"):
            body = {"name": stream, "type": kind, "stream": stream, "attributes": attributes}
            httpx.post(f"{self.control}/proxies/{PROXY}/toxics", json=body).raise_for_status()
        try:
            yield
        finally:
            httpx.post(f"{self.control}/reset").raise_for_status()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = Settings.model_validate({"data_dir": tmp_path_factory.mktemp("data")})
    with Database(made) as database:
        migrate(database)
        ingest(database, LargeSource(SIZES, 7), rejects_folder=made.rejects_folder)
        yield made
    embedded.stop(made)


@pytest.fixture(scope="module")
def proxy(settings: Settings) -> Iterator[Toxiproxy]:
    assert TOXIPROXY is not None
    control, port = free_port(), free_port()
    process = subprocess.Popen([TOXIPROXY, "-host", "127.0.0.1", "-port", str(control)], stdout=subprocess.DEVNULL)
    made = Toxiproxy(f"http://127.0.0.1:{control}", f"127.0.0.1:{port}")
    with embedded_uri(settings) as uri:
        body = {"name": PROXY, "listen": made.address, "upstream": uri.removeprefix("bolt://"), "enabled": True}
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.post(f"{made.control}/proxies", json=body).raise_for_status()
                break
            except httpx.ConnectError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield made
    process.terminate()
    process.wait(10)


@contextmanager
def embedded_uri(settings: Settings) -> Iterator[str]:
    lease = embedded.acquire(settings)
    yield lease.uri
    lease.release()


@contextmanager
def hurried(settings: Settings, proxy: Toxiproxy, **more: object) -> Iterator[Service]:
    """A service behind the proxy that gives itself little time."""
    lease = embedded.acquire(settings)
    given = {"neo4j_uri": f"bolt://{proxy.address}", "neo4j_password": lease.password, **HURRIED, **more}
    with serving(settings.data_dir, **given) as service:
        yield service
    lease.release()


def judged(title: str, answers: list[Answer], over: float) -> None:
    """`over`: when the fault was."""
    during = [answer for answer in answers if answer.sent < over]
    after = [answer for answer in answers if answer.sent >= over]
    refused = [answer.sent - over for answer in after if answer.status == 503]
    print(f"\n{title}, during: {told(during)}\n  after: {told(after)}; last refusal sent "
          f"{f'{max(refused):.2f} s after it was over' if refused else 'before it was over'}")  # fmt: skip
    assert not unexpected(answers, SLOWEST), unexpected(answers, SLOWEST)[:5]
    assert max(refused, default=0.0) < RECOVERED_AFTER
    assert len([answer for answer in after if answer.status < 300]) > RATE


FAULTS = {
    "latency of 0.2 s": ("latency", {"latency": 200, "jitter": 50}),
    "latency of 2 s": ("latency", {"latency": 2000, "jitter": 500}),
    "reset": ("reset_peer", {"timeout": 0}),
    "blackhole": ("timeout", {"timeout": 0}),
}


@pytest.mark.parametrize("title", FAULTS)
def test_a_network_that_fails(settings: Settings, proxy: Toxiproxy, title: str) -> None:
    kind, attributes = FAULTS[title]
    with Database(settings) as database:
        request = request_for(database)
    with hurried(settings, proxy) as service, Load(service.address, RATE, request) as load:
        load.settled()
        with proxy.toxic(kind, **attributes):
            time.sleep(SECONDS)
            metrics = service.metrics()
        over = time.monotonic()
        time.sleep(5)
        load.stop()
        print(f"\nbreaker during the fault: {breaker(metrics)}")
        judged(title, load.answers, over)


@pytest.mark.short
def test_a_network_that_resets_all_is_told_and_found_again(settings: Settings, proxy: Toxiproxy) -> None:
    """The one of these that every run takes: what comes, and not how soon."""
    with Database(settings) as database:
        request = request_for(database)

    def answered(number: int) -> httpx.Response:
        method, path, more = request(number)
        return client.request(method, path, **more)

    with hurried(settings, proxy) as service, httpx.Client(base_url=service.address, timeout=60) as client:
        wait_until(lambda: answered(6).status_code == 200, seconds=60)
        with proxy.toxic("reset_peer", timeout=0):
            wait_until(lambda: answered(6).status_code == 503, seconds=60)
            refused = [answered(number) for number in range(10)]
            assert {(one.status_code, bool(one.headers.get("retry-after"))) for one in refused} == {(503, True)}
        wait_until(lambda: client.get("/health/ready").status_code == 200, seconds=60)
        wait_until(lambda: all(answered(number).is_success for number in range(10)), seconds=60)


def test_a_network_that_closes_late(settings: Settings, proxy: Toxiproxy) -> None:
    """The database ends all connections every second; word of it comes three seconds later."""
    with Database(settings) as database:
        request = request_for(database)
        with hurried(settings, proxy) as service, Load(service.address, RATE, request) as load:
            load.settled()
            with proxy.toxic("slow_close", delay=3000):
                until = time.monotonic() + SECONDS
                while time.monotonic() < until:
                    others = [row["id"] for row in database.run_alone(
                        "SHOW TRANSACTIONS YIELD connectionId, currentQuery RETURN connectionId AS id"
                    )]  # fmt: skip
                    mine = database.run_alone("CALL dbms.listConnections() YIELD connectionId, clientAddress "
                                              "RETURN collect(connectionId) AS ids")[0]["ids"]  # fmt: skip
                    database.run_alone(
                        "CALL dbms.killConnections($ids) YIELD connectionId RETURN connectionId",
                        ids=[one for one in mine if one not in others],
                    )
                    time.sleep(1)
                metrics = service.metrics()
            over = time.monotonic()
            time.sleep(5)
            load.stop()
            print(f"\nbreaker during the fault: {breaker(metrics)}")
            judged("closes 3 s late", load.answers, over)


def test_a_pool_that_is_exhausted(settings: Settings, proxy: Toxiproxy) -> None:
    """Five connections, each kept for a second by a read: a fraction of what is asked can be done."""
    with Database(settings) as database:
        request = request_for(database)
    with hurried(settings, proxy, pool_size=5) as service, Load(service.address, RATE, request) as load:
        load.settled()
        with proxy.toxic("latency", latency=500):
            time.sleep(SECONDS)
            metrics = service.metrics()
        over = time.monotonic()
        time.sleep(5)
        load.stop()
        refused = metrics['guildmap_refused_requests_total{reason="database_busy"}']
        print(f"\n{refused:.0f} refused as busy; connections in use {in_use(metrics)}; breaker {breaker(metrics)}")
        judged("pool of five", load.answers, over)
        assert refused > 0
        assert metrics['guildmap_requests{state="running"}'] < 3 * RATE, "they pile up"


def test_a_database_that_is_slow(settings: Settings, proxy: Toxiproxy) -> None:
    """Both processors busy with queries of somebody else."""
    busy = threading.Event()

    def burn() -> None:
        while not busy.is_set():
            other.run_alone("UNWIND range(1, 3000) AS a UNWIND range(1, 3000) AS b RETURN sum(a * b)")

    with Database(settings) as other:
        request = request_for(other)
        threads = [threading.Thread(target=burn) for _ in range(4)]
        with hurried(settings, proxy) as service, Load(service.address, RATE, request) as load:
            load.settled()
            for thread in threads:
                thread.start()
            time.sleep(SECONDS)
            metrics = service.metrics()
            busy.set()
            for thread in threads:
                thread.join()
            over = time.monotonic()
            time.sleep(5)
            load.stop()
            print(f"\nconnections in use {in_use(metrics)}; breaker {breaker(metrics)}")
            judged("slow database", load.answers, over)


def breaker(metrics: dict[str, float]) -> str:
    state = next(one for one in BREAKER_STATES if metrics[f'guildmap_database_breaker{{state="{one}"}}'])
    return f"{state}, opened {metrics['guildmap_database_breaker_opened_total']:.0f} times"


def in_use(metrics: dict[str, float]) -> str:
    name = 'guildmap_database_connections{{state="{}"}}'
    return f"{metrics[name.format('in_use')]:.0f} of {metrics[name.format('limit')]:.0f}"
