"""How often one may ask, and what every answer tells a browser."""

import multiprocessing
import os
from ipaddress import ip_address

import httpx
import pytest

from api.rates import KEPT, Rates, network_of
from graph.database import Database
from graph.errors import TooOften
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from tests.api.serving import served


def key(database: Database, role: Role = Role.KNOWLEDGE_MANAGER) -> dict[str, str]:
    text = database.write(lambda tx: create_key(tx, LOCAL_ADMIN, role, None, None))
    return {"Authorization": f"Bearer {text}"}


def test_a_bucket_empties_at_once_and_fills_evenly() -> None:
    rates, now = Rates(60), 1_000.0
    rates.clock = lambda: now
    for _ in range(60):
        rates.take("ann")
    with pytest.raises(TooOften) as refused:
        rates.take("ann")
    assert refused.value.wait == pytest.approx(1)
    rates.take("bob")
    now += 0.5
    with pytest.raises(TooOften):
        rates.take("ann")
    now += 0.5
    rates.take("ann")
    now += 3_600
    for _ in range(60):
        rates.take("ann")
    with pytest.raises(TooOften):
        rates.take("ann")


def test_no_limit_and_bounded_memory() -> None:
    free = Rates(0)
    for _ in range(1_000):
        free.take("ann")
    rates = Rates(1)
    for number in range(2 * KEPT):
        rates.take(str(number))
    with pytest.raises(TooOften):  # who came last is known
        rates.take(str(2 * KEPT - 1))
    rates.take("0")  # who came first was forgotten for others


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_forked_processes_count_together() -> None:
    rates = Rates(60)

    def take() -> None:
        for _ in range(20):
            rates.take("ann")

    for _ in range(3):
        child = multiprocessing.get_context("fork").Process(target=take)
        child.start()
        child.join()
        assert child.exitcode == 0
    with pytest.raises(TooOften):
        rates.take("ann", 2)
    rates.take("bob")


def test_addresses_of_one_network_count_as_one() -> None:
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("2001:db8:1:2:3::9") == network_of("2001:db8:1:2::1%eth0") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert ip_address(network_of("2001:db8::1").partition("/")[0]).version == 6
    assert network_of("a:b") == "a:b"


def test_whoever_asks_too_often_is_told_when_to_come_back(database: Database) -> None:
    first, second = key(database), key(database)
    with served(database, auth="keys", person_rate=5) as client:
        answers = [client.get("/v1/me", headers=first) for _ in range(6)]
        assert [one.status_code for one in answers] == [200] * 5 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 12
        assert answers[-1].json()["title"] == "Too many requests"
        assert client.get("/v1/me", headers=second).status_code == 200


def test_an_address_that_tries_keys_is_stopped_before_they_are_looked_up(database: Database) -> None:
    good = key(database)
    with served(database, auth="keys", address_rate=20) as client:
        statuses = [
            client.get("/v1/me", headers={"Authorization": f"Bearer guildmap_{n}_x"}).status_code for n in range(25)
        ]
        assert statuses.count(429) >= 4
        refused = client.get("/v1/me", headers=good)
        assert (refused.status_code, int(refused.headers["retry-after"])) == (429, 3)
        assert client.get("/health/live").status_code == 200, "probes are not counted"


def test_every_answer_tells_browsers_what_they_may(database: Database) -> None:
    with served(database, auth="keys", public_url="https://guildmap.example", body_limit=100) as client:
        answers: list[httpx.Response] = [
            client.get("/health/live"), client.get("/v1/me"), client.get("/v1/me", headers=key(database)),
            client.get("/nothing"), client.get("/metrics"), client.get("/openapi.json"), client.get("/docs"),
            client.post("/v1/proposals", content=b"x" * 200), client.delete("/v1/search"),
        ]  # fmt: skip
    for answer in answers:
        where = f"{answer.request.method} {answer.request.url} {answer.status_code}"
        assert "default-src 'none'" in answer.headers["content-security-policy"], where
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], where
        assert "unsafe" not in answer.headers["content-security-policy"], where
        assert answer.headers["x-content-type-options"] == "nosniff", where
        assert answer.headers["referrer-policy"] == "same-origin", where
        assert answer.headers["cache-control"] == "no-store", where
        assert answer.headers["strict-transport-security"].startswith("max-age="), where
