"""From a proposal to a community over HTTP and as commands; and what people from outside do not see."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import app, auditing
from api.app import ROUTERS
from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.quarters import latest_over
from graph.writes import by_hand, pulse
from graph.writes.facts import create_by_hand
from graph.writes.keys import create_key
from tests.api.serving import served, wait_until

AT = "2026-01-01T00:00:00.000Z"
PEOPLE = ("ann", "bob", "cy", "dee", "kim")
KNOTS = {"id": "knots", "name": "Knots", "domain": "Knots and the ropes that hold them, at sea and on rigs.",
         "audience": "Riggers"}  # fmt: skip


@pytest.fixture
def graph(database: Database) -> Database:
    def make(transaction) -> None:
        for key in PEOPLE:
            fields = {"name": key.title(), "bio": "I tie knots in ropes."}
            create_by_hand(transaction, "person", key, fields, at=AT, order=())
        create_by_hand(transaction, "person", "gus", {"name": "Gus", "external": True}, at=AT, order=())
        by_hand.create(transaction, LOCAL_ADMIN, "community", "sails", {"name": "Sails", "domain": "Sewing sails."})
        by_hand.create(
            transaction, LOCAL_ADMIN, "community", "secret",
            {"name": "Hidden Anchors", "domain": "Knots.", "visibility": "restricted"},
        )  # fmt: skip

    database.write(make)
    return database


@contextmanager
def asking(graph: Database) -> Iterator[Callable[..., httpx.Response]]:
    """Requests as one of the people, each with a key; Kim is a knowledge manager."""
    keys: dict[str, str] = {}
    for key in (*PEOPLE, "gus"):
        role = Role.KNOWLEDGE_MANAGER if key == "kim" else Role.MEMBER
        keys[key] = graph.write(lambda tx, key=key, role=role: create_key(tx, LOCAL_ADMIN, role, key, None))
    with served(graph, auth="keys") as client:

        def ask(who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {keys[who]}", **{k.replace("_", "-"): v for k, v in headers.items()}}
            return client.request(method, f"/v1{path}", json=body, headers=headers)

        yield ask


def step(ask: Callable[..., httpx.Response], who: str, name: str, **given: Any) -> httpx.Response:
    return ask(who, "POST", "/communities/knots/formation/steps", {"step": name, **given}, If_Match="*")


def test_a_proposal_is_checked_wanted_decided_on_and_joined(graph: Database) -> None:
    with asking(graph) as ask:
        assert ask("ann", "POST", "/communities", KNOTS).status_code == 201
        found = ask("ann", "GET", "/communities/knots/formation").json()
        assert len(found["results"]) == 15
        assert sum(found["counts"].values()) == 15
        assert found["possible"] == ["ask", "withdraw"]
        assert [one["step"] for one in found["steps"]] == ["propose"]
        assert ask("bob", "GET", "/communities/knots/formation").json()["possible"] == []

        path = "/communities/knots/interests/bob"
        said = {"level": "active", "hours": 3, "join_when_active": True, "note": "after June"}
        assert ask("ann", "PUT", path, said).status_code == 403
        assert ask("bob", "PUT", path, {"level": "keen"}).status_code == 422
        made = ask("bob", "PUT", path, said)
        assert made.status_code == 200
        assert ask("bob", "PUT", path, said).status_code == 428
        assert ask("bob", "PUT", path, said, If_Match=made.headers["ETag"]).status_code == 200
        assert ask("cy", "PUT", "/communities/knots/interests/cy", {"level": "core", "would_lead": True}).is_success
        assert [one["person_id"] for one in ask("ann", "GET", "/communities/knots/interests").json()] == ["bob", "cy"]
        assert ask("dee", "GET", "/communities/knots/interests").status_code == 403
        assert ask("dee", "GET", path).status_code == 403
        assert ask("bob", "GET", path).json()["note"] == "after June"

        assert ask("ann", "GET", "/formation/queue").status_code == 403
        assert step(ask, "bob", "ask").status_code == 403
        assert ask("ann", "POST", "/communities/knots/formation/steps", {"step": "ask"}).status_code == 428
        assert step(ask, "ann", "ask", reason="Five of us do it weekly.").status_code == 200
        assert ask("ann", "POST", "/communities", {"name": "Sewing", "domain": "Needles."}).status_code == 201
        first = ask("kim", "GET", "/formation/queue?limit=1").json()
        (waiting,) = first["results"]
        rest = ask("kim", "GET", f"/formation/queue?limit=1&cursor={first['next_cursor']}").json()
        assert ([one["id"] for one in rest["results"]], rest["next_cursor"]) == (["sewing"], None)
        assert ask("kim", "GET", "/formation/queue?cursor=nothing").status_code == 422
        assert (waiting["id"], waiting["proposer_id"], waiting["asked"], waiting["interested"]) == (
            "knots",
            "ann",
            True,
            2,
        )
        assert sum(waiting["counts"].values()) == 15
        assert step(ask, "ann", "start").status_code == 403
        assert step(ask, "kim", "start").json()["status"] == "forming"
        assert step(ask, "kim", "activate").status_code == 409
        assert step(ask, "kim", "decline").status_code == 422
        assert step(ask, "kim", "activate", exception="They have met for a year.").json()["status"] == "active"
        told = ask("dee", "GET", "/communities/knots/formation").json()["steps"]
        assert [one["step"] for one in told] == ["propose", "ask", "start", "activate"]
        assert {one["reason"] for one in told} == {None}, "why is for those whose proposal it is"
        assert ask("ann", "GET", "/communities/knots/formation").json()["steps"][1]["reason"] is not None

        invited = ask("cy", "GET", "/people/cy/interests").json()
        assert [(one["community_id"], bool(one["invited_at"]), one["member"]) for one in invited] == [
            ("knots", True, False)
        ]
        assert ask("ann", "GET", "/people/cy/interests").status_code == 403
        assert ask("dee", "POST", "/communities/knots/formation/joins").status_code == 403
        assert ask("ann", "POST", "/communities/knots/formation/joins").json() == {"joined": ["bob"]}
        assert ask("bob", "GET", "/communities/knots/members/bob").json()["engagement"] == "active"
        assert ask("bob", "DELETE", path, If_Match="*").status_code == 204


def test_a_check_is_made_anew_only_where_what_it_rests_on_has_changed(
    graph: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    check = auditing.forming.check

    def counted(standing: Any, draft: Any, *given: Any, **more: Any) -> Any:
        made.append(draft.id)
        return check(standing, draft, *given, **more)

    async def nobody_looks_ahead(_: object) -> None:
        """Who does checks too, at some moment behind the start."""

    monkeypatch.setattr(auditing.forming, "check", counted)
    monkeypatch.setattr(app, "look_ahead", nobody_looks_ahead)
    with asking(graph) as ask:
        assert ask("ann", "POST", "/communities", KNOTS).status_code == 201

        def rests() -> bool:
            before = len(made)
            assert [one["id"] for one in ask("kim", "GET", "/formation/queue").json()["results"]] == ["knots"]
            return len(made) == before

        wait_until(rests)
        assert made
        assert ask("bob", "PUT", "/communities/knots/interests/bob", {"would_lead": True}).status_code == 200
        before = len(made)
        (found,) = ask("kim", "GET", "/formation/queue").json()["results"]
        assert (found["interested"], len(made)) == (1, before + 1), "who says that they would join shows at once"


def test_the_pulse_counts_for_those_who_may_read_it(graph: Database) -> None:
    def state(ask: Callable[..., httpx.Response], who: str) -> tuple[str, bool]:
        found = ask(who, "GET", "/communities/knots/formation").json()
        (told,) = [one for one in found["results"] if one["question"] == "disclosure"]
        return told["state"], any("pulse of" in one for one in told["evidence"])

    with asking(graph) as ask:
        assert ask("ann", "POST", "/communities", KNOTS).status_code == 201
        assert state(ask, "ann") == ("cannot_tell", False)
        (over,) = latest_over(date.today().isoformat(), 1)
        for place in range(5):
            graph.write(lambda tx: pulse.count(tx, "knots", str(over), "candour", 4))
            assert state(ask, "ann") == (("met", True) if place == 4 else ("cannot_tell", False)), (
                "from five answers on"
            )
        assert state(ask, "kim") == ("met", True)
        assert state(ask, "dee") == ("cannot_tell", False), "the pulse is for those inside"
        pitches = [ask(who, "GET", "/communities/knots/formation/pitch").text for who in ("ann", "dee")]
        assert pitches[0] == pitches[1], "a page to pass on tells nothing of it"


def test_what_is_not_stored_is_checked_and_tells_nothing_of_what_one_may_not_see(graph: Database) -> None:
    with asking(graph) as ask:
        body = {"name": "Knots", "domain": KNOTS["domain"], "skills": ["Splicing"], "meetings": ["Mondays"]}
        found = ask("ann", "POST", "/formation", body).json()
        assert found["community_id"] is None
        assert found["meta"]["notes"] == ["there is no skill 'Splicing' yet"]
        states = {one["question"]: one["state"] for one in found["results"]}
        assert (states["wanted"], states["rhythm"]) == ("cannot_tell", "partly")
        assert "Anchors" not in json.dumps(found)
        assert "Anchors" in json.dumps(ask("kim", "POST", "/formation", body).json())


def test_the_pitch_comes_as_markdown_and_as_a_page(graph: Database) -> None:
    with asking(graph) as ask:
        assert ask("ann", "POST", "/communities", KNOTS).status_code == 201
        text = ask("bob", "GET", "/communities/knots/formation/pitch")
        assert text.headers["content-type"].startswith("text/markdown")
        assert text.text.startswith("# Knots\n")
        assert "Proposed by Ann" in text.text
        page = ask("bob", "GET", "/communities/knots/formation/pitch", Accept="text/html")
        assert page.headers["content-type"].startswith("text/html")
        assert "<h1>Knots</h1>" in page.text
        assert page.headers["vary"] == "Accept, Accept-Language, Cookie"
        assert ask("bob", "GET", "/communities/secret/formation/pitch").status_code == 404


def test_people_from_outside_see_their_communities_and_names_and_nothing_else(graph: Database) -> None:
    with asking(graph) as ask:
        sails = ask("kim", "GET", "/communities/sails")
        assert ask("gus", "GET", "/communities/sails").status_code == 404
        assert ask("kim", "PUT", "/communities/sails/members/ann", {"engagement": "core"}).status_code == 201
        version = {"If_Match": ask("ann", "GET", "/communities/sails/members/ann").headers["ETag"]}
        assert ask("kim", "PATCH", "/communities/sails/members/ann", {"role": "lead"}, **version).status_code == 200
        path = "/communities/sails/invitations/gus"
        assert ask("ann", "PUT", path, {"reason": "sews"}).status_code == 409
        change = {"externals_allowed": True}
        assert ask("ann", "PATCH", "/communities/sails", change, If_Match="*").status_code == 403
        etag = sails.headers["ETag"]
        assert ask("kim", "PATCH", "/communities/sails", change, If_Match=etag).json()["externals_allowed"] is True
        assert ask("bob", "PUT", path, {}).status_code == 403
        assert ask("ann", "PUT", path, {"reason": "sews"}).json()["state"] == "asked"
        assert ask("bob", "GET", "/communities/sails/invitations").status_code == 403
        assert [one["person_id"] for one in ask("ann", "GET", "/communities/sails/invitations").json()] == ["gus"]
        assert ask("ann", "POST", f"{path}/decision", {"accepted": True}).status_code == 403
        assert ask("kim", "POST", f"{path}/decision", {"accepted": True}).json()["state"] == "accepted"
        assert ask("gus", "GET", "/communities/sails").json()["name"] == "Sails"
        assert ask("gus", "GET", "/communities/sails/members").status_code == 403
        assert ask("gus", "PUT", "/communities/sails/members/bob", {}).status_code == 403
        assert ask("gus", "PUT", "/communities/sails/members/gus", {"engagement": "occasional"}).status_code == 201

        members = ask("gus", "GET", "/communities/sails/members").json()["results"]
        assert [(one["name"], one["engagement"], one["role"], one["joined_on"]) for one in members] == [
            ("Ann", None, None, None), ("Gus", None, None, None),
        ]  # fmt: skip
        assert ask("gus", "GET", "/people/gus").json()["name"] == "Gus"
        assert ask("gus", "GET", "/people/ann").status_code == 403
        assert ask("gus", "GET", "/communities/sails/members/ann").status_code == 403
        assert ask("gus", "DELETE", "/communities/sails/members/gus", If_Match="*").status_code == 204
        assert ask("gus", "GET", "/communities/sails/members").status_code == 403


OPEN_TO_OUTSIDERS = {
    ("GET", "/v1/me"),
    ("GET", "/v1/people/{person_id}/data"),
    ("GET", "/v1/people/{person_id}"),
    ("GET", "/v1/communities/{community_id}"),
    ("GET", "/v1/communities/{community_id}/members"),
    ("GET", "/v1/communities/{community_id}/members/{person_id}"),
    ("PUT", "/v1/communities/{community_id}/members/{person_id}"),
    ("PATCH", "/v1/communities/{community_id}/members/{person_id}"),
    ("DELETE", "/v1/communities/{community_id}/members/{person_id}"),
}


def test_every_route_that_is_not_named_is_closed_to_people_from_outside(graph: Database) -> None:
    routes = [
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if route.path.startswith("/v1")  # pyright: ignore[reportAttributeAccessIssue]
        for method in route.methods  # pyright: ignore[reportAttributeAccessIssue]
    ]
    assert set(routes) >= OPEN_TO_OUTSIDERS
    names = {
        "person_id": "gus", "community_id": "sails", "helper_id": "ann", "skill_id": "s", "request_id": "r",
        "finding_id": "f", "remedy_id": "m", "kind": "overlap",
    }  # fmt: skip
    with asking(graph) as ask:
        for method, path in routes:
            if (method, path) in OPEN_TO_OUTSIDERS or "{secret}" in path:  # of a calendar the address is the key
                continue
            filled = path.removeprefix("/v1")
            for name, value in names.items():
                filled = filled.replace("{" + name + "}", value)
            answer = ask("gus", method, filled, {}, If_Match="*")
            assert answer.status_code == 403, (method, path, answer.status_code)


def test_commands_take_the_same_steps(cli, graph: Database, tmp_path: Path) -> None:
    def run(*arguments: str, code: int = 0) -> str:
        result = cli(*arguments)
        assert result.exit_code == code, (arguments, result.output, result.exception)
        return result.output

    domain = str(KNOTS["domain"])
    run("propose", "Knots", domain, "--create", "--person", "ann", "--words-only")
    said = run("formation", "check", "knots", "--words-only")
    assert "cannot tell  Do enough people see it as a significant part of their work?" in said
    assert "possible now: ask, start, decline, withdraw" in said
    assert "by Ann" in said
    told = json.loads(run("formation", "check", "--name", "Knots", "--domain", domain, "--words-only", "--json"))
    assert len(told["results"]) == 15
    assert cli("formation", "check").exit_code != 0
    run("formation", "interest", "knots", "--person", "bob", "--level", "core", "--hours", "2", "--lead", "--join")
    assert "Bob" in run("formation", "interests", "knots")
    assert "There is no person with the id 'nobody'" in str(
        cli("formation", "ask", "knots", "--person", "nobody").exception
    )
    refused = cli("formation", "start", "knots", "--person", "ann").exception
    assert str(refused) == "To start a proposal is for a sponsor of Knots or a knowledge manager."
    run("formation", "ask", "knots", "--person", "ann")
    waiting = run("formation", "queue", "--words-only")
    assert "proposed, asked" in waiting
    assert "Ann" in waiting
    run("roles", "give", "bob", "knowledge_manager")
    run("formation", "start", "knots", "--person", "bob")
    assert "start by Bob" in run("formation", "check", "knots", "--words-only")
    assert cli("formation", "activate", "knots").exit_code != 0
    assert "Knots is active" in run("formation", "activate", "knots", "--exception", "As a test.")
    assert "joined: bob" in run("formation", "join-agreed", "knots")
    assert run("formation", "pitch", "knots", "--words-only").startswith("# Knots\n")
    page = tmp_path / "pitch.html"
    run("formation", "pitch", "knots", "--words-only", "--html", str(page))
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    run("propose", "Splices", "How to join two ropes into one.", "--create", "--words-only")
    run("formation", "decline", "splices", "--reason", "Knots has it.")
    assert "Splices is proposed" in run("formation", "reopen", "splices")
