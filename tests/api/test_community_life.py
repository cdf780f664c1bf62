"""Newcomers, pulse and power over HTTP and by command: who may, and what they get."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph import pulse
from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.quarters import latest_over
from graph.writes import pulse as pulse_writes
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.ingest.test_jobs import write

LATELY = date.today() - timedelta(days=12)
TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [{"id": key, "name": key.title()} for key in ("new", "lead", "act", "out", "km")],
    "communities": [{"id": "knots", "name": "Knots", "domain": "knots"}],
    "memberships": [
        {"person_id": "new", "community_id": "knots", "engagement": "active", "joined_on": LATELY.isoformat()},
        {"person_id": "lead", "community_id": "knots", "role": "lead", "joined_on": "2020-01-01"},
        {"person_id": "act", "community_id": "knots", "engagement": "active", "joined_on": "2020-01-01"},
    ],
}


@pytest.fixture
def loaded(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(pulse, "WEEKS", 1)
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


class People:
    def __init__(self, database: Database, client: httpx.Client) -> None:
        def key(role: Role, person: str | None) -> str:
            return database.write(lambda tx: create_key(tx, LOCAL_ADMIN, role, person, None))

        self.client = client
        self.keys = {name: key(Role.MEMBER, name) for name in ("new", "lead", "act", "out")}
        self.keys |= {"km": key(Role.KNOWLEDGE_MANAGER, "km"), "nobody": key(Role.KNOWLEDGE_MANAGER, None)}

    def __call__(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.keys[who]}", **headers}
        return self.client.request(method, f"/v1{path}", json=body, headers=given)

    def statuses(self, method: str, path: str, body: Any = None) -> dict[str, int]:
        return {who: self(who, method, path, body).status_code for who in self.keys}


def test_newcomers_are_met_over_http(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        people = People(loaded, client)
        listed = {"new": 403, "lead": 200, "act": 403, "out": 403, "km": 200, "nobody": 200}
        assert people.statuses("GET", "/communities/knots/newcomers") == listed
        assert people.statuses("GET", "/communities/knots/newcomers/new") == {**listed, "new": 200}
        assert people("lead", "GET", "/communities/knots/newcomers").json()["waiting"] == 1
        greeting = "/communities/knots/newcomers/new/greetings"
        assert {who: people(who, "POST", greeting).status_code for who in ("out", "nobody", "new")} == {
            "out": 403, "nobody": 404, "new": 409,
        }  # fmt: skip
        once = people("act", "POST", greeting, **{"Idempotency-Key": "k"})
        assert once.status_code == 201
        assert people("act", "POST", greeting, **{"Idempotency-Key": "k"}).json() == once.json()
        today = date.today()
        contact = {"kind": "greeting", "on": today.isoformat(), "days": (today - LATELY).days}
        assert once.json()["first_contact"] == contact
        buddies = "/communities/knots/newcomers/new/buddies"
        assert people("out", "POST", buddies, {"buddy_id": "act"}).status_code == 403
        assert people("lead", "POST", buddies, {"buddy_id": "act"}).status_code == 201
        assert people("act", "GET", "/people/act/accompanies").json()["results"][0]["person_id"] == "new"
        assert people("lead", "GET", "/people/act/accompanies").status_code == 403
        assert people("act", "POST", f"{buddies}/act/agree", **{"If-Match": '"old"'}).status_code == 412
        assert people("act", "POST", f"{buddies}/act/agree").json()["buddy"] is None
        assert people("lead", "POST", f"{buddies}/act/agree").status_code == 403
        assert people("new", "POST", f"{buddies}/act/agree").json()["buddy"]["person_id"] == "act"


def test_the_pulse_is_answered_over_http_and_nothing_tells_by_whom(
    loaded: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    with served(loaded, auth="keys") as client:
        people = People(loaded, client)
        assert people("nobody", "GET", "/pulse").status_code == 404
        assert people("out", "GET", "/pulse").json() == {"asked": None}
        asked = people("act", "GET", "/pulse").json()["asked"]
        given = {"community_id": "knots", "question": asked["question"], "answer": 5}
        capfd.readouterr()
        for status in (204, 409):
            told = people("act", "POST", "/pulse/answers", given, **{"Idempotency-Key": "mine"})
            assert told.status_code == status
        assert people("act", "POST", "/pulse/answers", {**given, "answer": 6}).status_code == 422
        assert people("act", "GET", "/pulse").json() == {"asked": None}
        assert people("lead", "POST", "/pulse/answers", {**given, "answer": None}).status_code == 204
        told = capfd.readouterr()
        lines = [line for line in (told.out + told.err).splitlines() if "/v1/pulse" in line]
        assert lines
        assert not any(word in line for line in lines for word in ("act", "lead", "knots", asked["question"]))
        assert loaded.run_alone("MATCH (n:IdempotencyKey) RETURN n") == [], "its digest would tell the answer"
        listed = {"new": 200, "lead": 200, "act": 200, "out": 403, "km": 200, "nobody": 200}
        assert people.statuses("GET", "/communities/knots/pulse") == listed
        shown = people("act", "GET", "/communities/knots/pulse").json()["results"]
        assert [one["quarters"] for one in shown] == [[]] * 5, "nothing of a quarter that is under way"
        person = people("act", "GET", "/people/act").text
        assert "pulse" not in person


def test_power_is_for_leads_and_knowledge_managers_where_it_is_switched_on(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        assert set(People(loaded, client).statuses("GET", "/communities/knots/power").values()) == {403}
    with served(loaded, auth="keys", power_reports=True) as client:
        people = People(loaded, client)
        assert people.statuses("GET", "/communities/knots/power") == {
            "new": 403, "lead": 200, "act": 403, "out": 403, "km": 200, "nobody": 200,
        }  # fmt: skip
        found = people("lead", "GET", "/communities/knots/power").json()["results"]
        assert [one["shares"] for one in found] == [[]] * 4
        assert people("lead", "GET", "/communities/none/power").status_code == 404


def test_the_commands(loaded: Database, cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "none yet" in cli("newcomers", "knots").stdout
    assert "greeted by: Lead" in cli("greet", "knots", "new", "--person", "lead").stdout
    assert "possible buddy: Act" in cli("newcomers", "knots", "--person", "new").stdout
    assert "Act (asked)" in cli("buddy", "propose", "knots", "new", "act").stdout
    assert "proposed: New in Knots" in cli("buddy", "list", "--person", "act").stdout
    cli("buddy", "agree", "knots", "new", "act", "--person", "act")
    assert "buddy: Act" in cli("buddy", "agree", "knots", "new", "act", "--person", "new").stdout
    assert "buddy: none" in cli("buddy", "end", "knots", "new", "act", "--person", "new").stdout
    asked = json.loads(cli("pulse", "ask", "--person", "act", "--json").stdout)["results"]
    assert "Thank you" in cli("pulse", "answer", "knots", asked["question"], "4", "--person", "act").stdout
    assert "nothing at present" in cli("pulse", "ask", "--person", "act").stdout
    assert "Nobody has answered" in cli("pulse", "show", "knots").stdout
    (quarter,) = latest_over(date.today().isoformat(), 1)
    for given in (3, 4, 4, 4, 5):
        loaded.write(
            lambda tx, given=given: pulse_writes.count(tx, "knots", str(quarter), "candour", given)
        )  # fmt: skip
    assert "5 or more" in cli("pulse", "show", "knots").stdout
    assert "switched off" in str(cli("power", "knots").exception)
    monkeypatch.setenv("GUILDMAP_POWER_REPORTS", "true")
    assert "too few people" in cli("power", "knots").stdout
