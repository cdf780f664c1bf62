"""Several processes at one address: they share what they hold, die and are replaced, and nobody notices."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.settings import Settings
from graph.database import Database
from ingest.jobs import ingest
from tests.api.serving import wait_until
from tests.bench.large_organisation import LargeSource, Sizes
from tests.faults.load import Load, Request, told
from tests.faults.processes import Service, children, serving

NUMBER = 3

SIZES = Sizes(communities=12, people=60, memberships=150, questions=20, skills=20, topics=10)


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Iterator[Service]:
    ingest(database, LargeSource(SIZES, 7), rejects_folder=tmp_path / "rejects")
    reached = database.reached_by()
    with serving(
        tmp_path, neo4j_uri=reached.neo4j_uri, neo4j_password=reached.neo4j_password.get_secret_value(),
        workers=NUMBER, follow_seconds=0.2,
    ) as service:  # fmt: skip
        yield service


def workers(service: Service) -> dict[str, int]:
    """By its number in /metrics, the process that answers."""
    answering: dict[str, int] = {}
    for path in Path("/proc/net/unix").read_text().splitlines():
        name = Path(path.split()[-1]).name
        number, _, pid = name.partition("-")
        if "guildmap-" in path and number.isdigit() and pid.isdigit() and int(pid) in children(service.process.pid):
            answering[number] = int(pid)
    return answering


def all_ready(service: Service) -> bool:
    ready = [value for name, value in service.metrics().items() if name.startswith("guildmap_ready{")]
    return ready == [1] * NUMBER


def asked_anew(service: Service, path: str, times: int, **more) -> list[httpx.Response]:
    """Answers over connections of their own: whichever worker takes one."""
    answers = []
    for _ in range(times):
        with httpx.Client(base_url=service.address, timeout=30, **more) as client:
            answers.append(client.get(path))
    return answers


def test_all_answer_the_same_and_who_writes_sees_it_from_each(service: Service) -> None:
    wait_until(lambda: all_ready(service), 60)
    assert len(workers(service)) == NUMBER
    with httpx.Client(base_url=service.address, timeout=30) as client:
        made = client.post("/v1/communities", json={"name": "Knots", "domain": "Ropes, knots and splices."})
        assert made.status_code == 201
        answers = asked_anew(service, "/v1/communities?limit=100", 12, cookies=dict(client.cookies))
    assert all("Knots" in {one["name"] for one in answer.json()["results"]} for answer in answers)
    # By meaning, once the keeper has embedded it.
    wait_until(
        lambda: all(
            any("close in meaning" in reason for reason in hit["reasons"])
            for answer in asked_anew(service, "/v1/search?text=splices+and+ropes&kind=community", 6)
            for hit in answer.json()["results"][:1]
        ),
        20,
    )
    counted = service.metrics()
    requests = [n for name, n in counted.items() if name.startswith("http_requests_total{") and "search" in name]
    assert len({name for name in counted if name.startswith("process_resident_memory_bytes")}) == NUMBER
    assert sum(requests) >= 6


def test_who_dies_is_replaced(service: Service) -> None:
    wait_until(lambda: all_ready(service), 60)
    before = workers(service)
    victim = before["2"]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: workers(service).get("2") not in (None, victim) and all_ready(service), 60)
    after = workers(service)
    assert {number: after[number] for number in ("1", "3")} == {number: before[number] for number in ("1", "3")}
    model = next(pid for pid, command in children(service.process.pid).items() if "spawn_main" in command)
    os.kill(model, signal.SIGKILL)
    answers = asked_anew(service, f"/v1/search?text=words+never+typed+{random.random()}", 3)
    assert [answer.status_code for answer in answers] == [200] * 3
    assert model not in children(service.process.pid)
    assert all(answer.status_code == 200 for answer in asked_anew(service, "/v1/communities", 6))


def test_all_are_replaced_under_load_and_nobody_notices(service: Service) -> None:
    wait_until(lambda: all_ready(service), 60)
    before = set(workers(service).values())
    chosen = random.Random(7)

    def request(number: int) -> Request:
        if number % 20 == 0:
            return "POST", "/v1/goals", {"json": {"name": f"Goal {number}"}}
        text = chosen.choice(("storage", "python", "networks", "design"))
        return "GET", "/v1/search", {"params": {"text": text, "limit": number % 10 + 1}}

    with Load(service.address, 20, request) as load:
        load.settled()
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(set(workers(service).values()) - before) == NUMBER, 120)
        time.sleep(2)
        assert not before & set(workers(service).values())
        load.stop()
    print(told(load.answers))
    # How long they took is printed by tests/bench/workers.py: here others use the processors too.
    assert {answer.status for answer in load.answers} <= {200, 201}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_they_end_with_the_first(service: Service, number: signal.Signals) -> None:
    wait_until(lambda: all_ready(service), 60)
    all_of_them = set(children(service.process.pid))
    assert len(all_of_them) >= NUMBER + 2  # with the keeper and the model
    service.process.send_signal(number)
    service.process.wait(40)
    assert service.process.returncode == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() and alive(pid) for pid in all_of_them), 40)


def alive(pid: int) -> bool:
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(told.strip()) and not told.startswith("Z")


def test_several_workers_need_a_number_that_makes_sense() -> None:
    with pytest.raises(ValueError, match="workers"):
        Settings.model_validate({"workers": 0})
