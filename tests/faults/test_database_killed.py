"""The database killed under a service that is in use: refusals that say when to come back, and nothing lost."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.models import LOCAL_ADMIN
from graph.reads.communities import communities
from graph.reads.pages import ids_behind
from graph.schema import migrate
from ingest.jobs import ingest
from tests.api.serving import served
from tests.bench.large_organisation import LargeSource, Sizes
from tests.faults.load import Answer, Load, Request, told, unexpected
from tests.faults.processes import DEADLINE, kill_database, metrics_of, serving

SECONDS = float(os.environ.get("GUILDMAP_TEST_LOAD_SECONDS", "75"))

# A write that was refused is sent again so often, each time when it was told to.
SENT_AGAIN = 20

# Seconds after the database is back within which the last request is refused.
BACK_WITHIN = 30.0

SIZES = Sizes(communities=60, people=600, memberships=1_500, questions=200, skills=100, topics=20)


@pytest.fixture
def settings(tmp_path: Path):
    made = Settings.model_validate({"data_dir": tmp_path / "data", "embedded_heap": "512m"})
    with Database(made) as database:
        migrate(database)
        ingest(database, LargeSource(SIZES, 7), rejects_folder=made.rejects_folder)
    yield made
    embedded.stop(made)


def mixed(people: list[str], words: list[str]) -> Callable[[int], Request]:
    """Searches, profiles and recommendations that read the database, and a write in each ten."""
    chosen = random.Random(7)

    def request(number: int) -> Request:
        person = chosen.choice(people)
        match number % 10:
            case 0:
                # Sent again after a refusal under the same key: whoever was refused does not know whether it was done.
                return "POST", "/v1/goals", {"json": {"name": f"Goal {number}"},
                                             "headers": {"Idempotency-Key": f"goal-{number}"}}  # fmt: skip
            case 1 | 2 | 3:
                return "GET", "/v1/search", {"params": {"text": chosen.choice(words)}}
            case 4 | 5:
                return "POST", "/v1/recommendations/communities", {"json": {"person_id": person}}
            case _:
                return "GET", f"/v1/people/{person}", {}

    return request


def request_for(database: Database) -> Callable[[int], Request]:
    people, groups = (database.read(ids_behind(kind, "", 1_000)) for kind in ("person", "community"))
    known = database.read(communities(None, LOCAL_ADMIN, groups)).values()
    return mixed(people, [one.name for one in known])


def goals(settings: Settings) -> list[str]:
    with Database(settings) as database:
        return [row["name"] for row in database.run_alone("MATCH (g:Goal) WHERE g.name STARTS WITH 'Goal ' "
                                                          "RETURN g.name AS name")]  # fmt: skip


def nothing_lost_nothing_doubled(
    settings: Settings, address: str, answers: list[Answer], request: Callable[[int], Request]
) -> None:
    """What was acknowledged is there once; what was refused is there once when it is sent again."""
    first = min(answer.number for answer in answers)  # those before were sent while it settled
    writes = [answer for answer in answers if answer.number % 10 == 0]
    there = [name for name in goals(settings) if int(name.removeprefix("Goal ")) >= first]
    for answer in writes:
        assert there.count(f"Goal {answer.number}") <= 1, "doubled"
        if answer.status == 201:
            assert f"Goal {answer.number}" in there, "acknowledged, and lost"
    refused = [answer.number for answer in writes if answer.status != 201]
    unheard = sum(f"Goal {number}" in there for number in refused)
    with httpx.Client(base_url=address, timeout=60) as client:
        for number in refused:
            method, path, more = request(number)
            for _ in range(SENT_AGAIN):
                answer = client.request(method, path, **more)
                if answer.status_code != 503:
                    break
                time.sleep(float(answer.headers["retry-after"]))
            assert answer.status_code == 201
    there = [name for name in goals(settings) if int(name.removeprefix("Goal ")) >= first]
    assert sorted(there) == sorted(f"Goal {answer.number}" for answer in writes)
    print(f"{len(writes)} writes: {len(writes) - len(refused)} acknowledged and there once, {len(refused)} refused "
          f"({unheard} of them done all the same) and there once when sent again")  # fmt: skip


def judged(answers: list[Answer], back: float) -> None:
    print(told(answers))
    failed = [answer.sent - back for answer in answers if answer.status == 503]
    assert failed, "the database was away, and nobody noticed?"
    print(f"{len(failed)} refused; the last one sent {max(failed):+.2f} s after the database was back")
    for answer in unexpected(answers):
        print(f"sent at {answer.sent - back:+.1f} s: {answer.status} after {answer.seconds:.2f} s {answer.failure}")
    assert not unexpected(answers), "see above"
    assert max(failed) < BACK_WITHIN
    assert [answer for answer in answers if answer.sent > back + max(failed) and answer.status < 300]


def test_an_embedded_database_that_is_killed_is_started_again(settings: Settings) -> None:
    with Database(settings) as database:
        request = request_for(database)
        with served(database, data_dir=settings.data_dir, request_deadline=DEADLINE) as client:
            address = str(client.base_url).rstrip("/")
            with Load(address, 15, request) as load:
                time.sleep(1)
                kill_database(settings)
                killed = time.monotonic()
                states = set[str]()
                while embedded.status(settings).state != "running" or not client.get("/health/ready").json()["ready"]:
                    metrics = metrics_of(client.get("/metrics").text)
                    states |= {s for s in ("open", "half_open") if metrics[f'guildmap_database_breaker{{state="{s}"}}']}
                    assert time.monotonic() < killed + 120, "it did not come back"
                    time.sleep(0.05)
                back = time.monotonic()
                print(f"back and ready {back - killed:.1f} s after it was killed")
                load.goes_well(BACK_WITHIN)
            metrics = metrics_of(client.get("/metrics").text)
            assert "open" in states
            assert metrics['guildmap_database_breaker{state="closed"}'] == 1
            assert metrics["guildmap_database_breaker_opened_total"] >= 1
            assert metrics['guildmap_refused_requests_total{reason="database_away"}'] >= 1
            judged(load.answers, back)
            nothing_lost_nothing_doubled(settings, address, load.answers, request)


def test_a_database_that_is_killed_and_started_by_others(settings: Settings) -> None:
    """As in production: the service is told an address, and somebody else keeps the database there alive."""
    lease = embedded.acquire(settings)
    with Database(settings) as database:
        request = request_for(database)
    with (
        serving(
            settings.data_dir, neo4j_uri=lease.uri, neo4j_password=lease.password, request_deadline=DEADLINE
        ) as service,
        Load(service.address, 50, request) as load,
    ):
        load.settled()
        time.sleep(SECONDS / 5)
        kill_database(settings)
        time.sleep(SECONDS / 5)
        lease.release()
        lease = embedded.acquire(settings)
        back = time.monotonic()
        time.sleep(SECONDS * 3 / 5)
        opened = service.metrics()["guildmap_database_breaker_opened_total"]
        load.stop()
        print(f"the breaker opened {opened:.0f} times")
        assert opened >= 1
        judged(load.answers, back)
        nothing_lost_nothing_doubled(settings, service.address, load.answers, request)
    lease.release()
