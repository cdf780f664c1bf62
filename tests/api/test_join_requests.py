"""Asking to be let in, by command and over HTTP."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.reads.join_requests import ASK_AGAIN
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.graph.test_join_requests import TABLES
from tests.ingest.test_jobs import write


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


def aged(database: Database, request: str) -> None:
    """As if it had been decided so long ago that one may ask again."""
    at = (date.today() - timedelta(days=ASK_AGAIN)).isoformat() + "T09:00:00.000Z"
    database.run_alone("MATCH (j:JoinRequest {id: $id}) SET j.asked_at = $at, j.decided_at = $at", id=request, at=at)


def test_by_command(loaded: Database, cli: Any) -> None:
    def run(*words: str, code: int = 0) -> str:
        done = cli("member", *words)
        assert done.exit_code == code, (done.stdout, done.stderr)
        return done.stdout if code == 0 else str(done.exception)

    assert "Nobody has asked" in run("asking", "lamps")
    assert "Ann, active: asked" in run("ask", "lamps", "ann", "--level", "active", "--words", "I trim wicks.")
    assert "already" in run("ask", "lamps", "ann", code=1)
    assert "There is no community" in run("ask", "vault", "ann", code=1)
    assert "I trim wicks." in run("asking", "lamps")
    (found,) = json.loads(run("asking", "lamps", "--json"))["results"]
    assert "no request to join" in run("let-in", found["id"], "--person", "mo", code=1)
    assert "reason is empty" in run("decline", found["id"], " ", code=1)
    assert "why: We are full." in run("decline", found["id"], "We are full.", "--person", "lea")
    assert "may ask again from" in run("asking", "lamps")
    assert "asking again is possible from" in run("ask", "lamps", "ann", code=1)
    aged(loaded, found["id"])
    run("ask", "lamps", "ann")
    again = json.loads(run("asking", "lamps", "--json"))["results"][0]["id"]
    assert "withdrawn" in run("withdraw", again, "--person", "ann")
    run("ask", "lamps", "ann", "--level", "occasional")
    again = json.loads(run("asking", "lamps", "--json"))["results"][0]["id"]
    assert "accepted" in run("let-in", again, "--level", "core", "--person", "lea")
    assert "ann" in run("list", "lamps")


def test_over_http(loaded: Database) -> None:
    keys = {
        who: loaded.write(lambda tx, who=who: create_key(tx, LOCAL_ADMIN, Role.MEMBER, who, None))
        for who in ("ann", "anna", "lea", "mo")
    }
    with served(loaded, auth="keys") as client:

        def ask(who: str, method: str, path: str, status: int, body: Any = None) -> Any:
            answer = client.request(method, f"/v1{path}", json=body, headers={"Authorization": f"Bearer {keys[who]}"})
            assert answer.status_code == status, answer.text
            return answer.json()

        made = ask("ann", "POST", "/communities/lamps/join-requests", 201, {"level": "active", "words": "Wicks."})
        assert (made["state"], made["waits"], made["asker"]["name"]) == ("asked", True, "Ann")
        ask("ann", "POST", "/communities/lamps/join-requests", 409, {})
        ask("ann", "POST", "/communities/lamps/join-requests", 403, {"person_id": "anna"})
        ask("ann", "POST", "/communities/vault/join-requests", 404, {})
        ask("mo", "GET", "/communities/lamps/join-requests", 403)
        ask("anna", "GET", "/people/ann/join-requests", 403)
        assert ask("lea", "GET", "/communities/lamps/join-requests?waiting=true", 200) == [made]
        (due,) = [one for one in ask("lea", "GET", "/people/lea/digest", 200)["items"] if one["part"] == "newcomers"]
        assert due["said"] == "Ann asks to join Lamps. Let them in, or say why not."
        here = f"/join-requests/{made['id']}"
        ask("mo", "POST", f"{here}/accept", 404, {})
        ask("ann", "POST", f"{here}/accept", 403, {})
        ask("lea", "POST", f"{here}/decline", 422, {})
        assert ask("lea", "POST", f"{here}/accept", 200, {})["decider"]["name"] == "Lea"
        ask("lea", "POST", f"{here}/decline", 409, {"reason": "No."})
        assert ask("ann", "GET", "/communities/lamps/members/ann", 200)["engagement"] == "active"
        (told,) = ask("ann", "GET", "/people/ann/join-requests", 200)
        assert (told["state"], told["waits"]) == ("accepted", False)
        assert ask("lea", "GET", "/communities/lamps/join-requests?waiting=true", 200) == []
        other = ask("anna", "POST", "/communities/lamps/join-requests", 201, {})
        assert other["again_on"] is None
        again = date.today() + timedelta(days=ASK_AGAIN)
        no = ask("lea", "POST", f"/join-requests/{other['id']}/decline", 200, {"reason": "Not yet."})
        assert no["again_on"] == again.isoformat()
        refused = ask("anna", "POST", "/communities/lamps/join-requests", 409, {})
        assert f"from {again} on" in refused["detail"]
        items = ask("anna", "GET", "/people/anna/digest", 200)["items"]
        (said,) = [one["said"] for one in items if "Lamps" in one["said"]]
        assert said == f"You asked to join Lamps: declined. You may ask again from {again} on. Not yet."
        aged(loaded, other["id"])
        ask("anna", "POST", "/communities/lamps/join-requests", 201, {})
        items = ask("ann", "GET", "/people/ann/digest", 200)["items"]
        assert "You asked to join Lamps: you are a member now." in [one["said"] for one in items]
