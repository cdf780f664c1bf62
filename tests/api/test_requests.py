"""Requests for help over HTTP and by command, and what follows from them for whom is named as helper."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.problems import MEDIA_TYPE
from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served, wait_until
from tests.days import today
from tests.ingest.test_jobs import write

TEXT = "How do I splice a rope?"

TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [
        {"id": "ann", "name": "Ann", "manager_id": "boss"},
        {"id": "boss", "name": "Boss"},
        {"id": "bob", "name": "Bob", "help_capacity": 1},
        {"id": "cy", "name": "Cy"},
        {"id": "dee", "name": "Dee"},
    ],
    "communities": [{"id": "knots", "name": "Knots", "domain": "knots, ropes and how to splice them"}],
    "memberships": [{"person_id": "cy", "community_id": "knots"}],
    "questions": [
        {"id": "q1", "text": "How to splice a rope", "community_id": "knots", "asker_id": "dee", "asked_at": "2022"}
    ],
    "advice": [
        {"question_id": "q1", "helper_id": "bob", "advised_at": "2025-01-01"},
        {"question_id": "q1", "helper_id": "cy", "advised_at": "2024-01-01"},
    ],
}


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


class People:
    """Clients of those who have to do with a request, each with a key of their own."""

    def __init__(self, database: Database, client: httpx.Client) -> None:
        self.database, self.client = database, client
        self.keys = {name: self._key(Role.MEMBER, name) for name in ("ann", "bob", "cy", "dee")}
        self.keys["admin"] = self._key(Role.ADMIN, None)

    def _key(self, role: Role, person: str | None) -> str:
        return self.database.write(lambda tx: create_key(tx, LOCAL_ADMIN, role, person, None))

    def __call__(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.keys[who]}", **headers}
        return self.client.request(method, f"/v1{path}", json=body, headers=given)

    def ask(self, who: str = "ann", helper: str = "bob", **question: Any) -> str:
        asked = {"helper_id": helper, "question": {"text": TEXT, **question}}
        answer = self(who, "POST", "/requests", asked)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def helpers(self, who: str = "ann") -> dict[str, Any]:
        return self(who, "POST", "/recommendations/helpers", {"text": TEXT}).json()


def test_a_request_is_followed_up_over_http(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        people = People(loaded, client)
        asked = {"helper_id": "bob", "question": {"text": TEXT, "community_id": "knots"}, "recommended": True}
        made = people("ann", "POST", "/requests", asked, **{"Idempotency-Key": "a"})
        again = people("ann", "POST", "/requests", asked, **{"Idempotency-Key": "a"})
        assert made.status_code == 201
        assert again.json() == made.json()
        path = made.headers["Location"].removeprefix("/v1")
        assert made.json()["possible"] == ["withdraw"]
        assert people("bob", "GET", path).json()["possible"] == ["accept", "decline"]
        refused = people("bob", "POST", f"{path}/advise", {"text": "So."})
        assert (refused.status_code, refused.headers["content-type"]) == (409, MEDIA_TYPE)
        assert "possible now: accept, decline, withdraw" in refused.json()["detail"]
        assert people("ann", "POST", f"{path}/accept").status_code == 403
        assert people("dee", "POST", f"{path}/accept").status_code == 404
        assert people("dee", "GET", path).status_code == 404
        assert people("cy", "GET", path).json()["possible"] == []
        version = people("bob", "GET", path).headers["ETag"]
        assert people("bob", "POST", f"{path}/accept", **{"If-Match": '"old"'}).status_code == 412
        assert people("bob", "POST", f"{path}/accept", **{"If-Match": version}).json()["state"] == "accepted"
        assert people("bob", "POST", f"{path}/advise", {"text": "Unlay it."}).json()["advice"] == "Unlay it."
        assert people("ann", "POST", f"{path}/tried").json()["possible"] == ["outcome"]
        assert people("ann", "POST", f"{path}/outcome", {"outcome": "splendid"}).status_code == 422
        closed = people("ann", "POST", f"{path}/outcome", {"outcome": "worked"}).json()
        assert (closed["state"], closed["outcome"], closed["possible"]) == ("closed", "worked", [])
        events = people("admin", "GET", "/events").json()["results"][-5:]
        assert [event["action"].split(".")[0] for event in events] == ["ask", "accept", "advise", "tried", "outcome"]
        assert events[0]["details"]["recommended"] is True


def test_lists_are_ones_own_and_paged(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        people = People(loaded, client)
        ids = [people.ask("ann", "cy", private=True), people.ask("dee", "cy"), people.ask("ann", "dee")]
        seen, cursor = [], ""
        while cursor is not None:
            page = people("ann", "GET", f"/requests?limit=1{cursor and '&cursor=' + cursor}").json()
            seen += [one["id"] for one in page["results"]]
            cursor = page["next_cursor"]
        assert seen == [ids[2], ids[0]]
        assert [one["id"] for one in people("cy", "GET", "/requests?role=helper&state=asked").json()["results"]] == [
            ids[1], ids[0],
        ]  # fmt: skip
        assert people("cy", "GET", "/requests?person_id=ann").status_code == 403
        assert len(people("admin", "GET", "/requests").json()["results"]) == 3
        assert people("ann", "GET", "/requests?cursor=rubbish").status_code == 422
        assert people("ann", "GET", "/requests/due").json()["results"] == []
        due = people("cy", "GET", "/requests/due?undecided_days=0&limit=1").json()
        assert [(one["request"]["id"], one["waits_for"]["id"]) for one in due["results"]] == [(ids[0], "cy")]
        rest = people("cy", "GET", f"/requests/due?undecided_days=0&cursor={due['next_cursor']}").json()
        assert [one["request"]["id"] for one in rest["results"]] == [ids[1]]
        assert people("ann", "GET", "/requests/due?undecided_days=-1").status_code == 422


def test_who_is_busy_or_pauses_is_not_named_and_not_asked(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        people = People(loaded, client)

        def named() -> set[str]:
            return {one["person_id"] for one in people.helpers()["results"]}

        assert named() == {"bob", "cy"}
        path = f"/requests/{people.ask('dee', 'bob')}"
        wait_until(lambda: named() == {"cy"}, 5)  # Bob takes one at a time
        assert people.helpers()["meta"]["set_aside"] == {}, "one is too few to be counted"
        assert people("ann", "POST", "/requests", {"helper_id": "bob", "question": {"text": "x"}}).status_code == 409
        people("bob", "POST", f"{path}/decline", {"reason": "Busy."})
        wait_until(lambda: named() == {"bob", "cy"}, 5)
        assert people("dee", "GET", path).json()["reason"] == "Busy."
        people.ask("dee", "cy")
        wait_until(lambda: "has an open request" in str(people.helpers()), 5)
        for helper in people.helpers()["results"]:
            assert helper["score"] == pytest.approx(sum(part["points"] for part in helper["contributions"]), abs=1e-5)
        pause = {"help_paused_until": "2999-01-01"}
        assert people("bob", "PATCH", "/people/cy", pause, **{"If-Match": "*"}).status_code == 403
        changed = people("cy", "PATCH", "/people/cy", pause, **{"If-Match": "*"}).json()
        assert changed["preferences"]["help_paused_until"] == "2999-01-01"
        assert people("ann", "GET", "/people/cy").json()["preferences"] is None
        wait_until(lambda: named() == {"bob"}, 5)
        assert people("ann", "PUT", "/people/ann/dismissed-helpers/bob", {"reason": "x"}).status_code == 204
        assert named() == set(), "at once: it is read with each request"
        assert people("ann", "GET", "/people/ann/dismissed-helpers").json()[0]["person_id"] == "bob"
        assert people("bob", "GET", "/people/ann/dismissed-helpers").status_code == 403
        assert people("ann", "DELETE", "/people/ann/dismissed-helpers/bob").status_code == 204
        assert named() == {"bob"}


def test_who_pauses_gets_no_suggestions_and_a_note(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        people = People(loaded, client)
        people("ann", "PATCH", "/people/ann", {"bio": "ropes and knots"}, **{"If-Match": "*"})
        assert people("ann", "POST", "/recommendations/communities", {}).json()["results"]
        people("ann", "PATCH", "/people/ann", {"suggestions_paused_until": "2999"}, **{"If-Match": "*"})
        body = people("ann", "POST", "/recommendations/communities", {}).json()
        assert (body["results"], body["meta"]["notes"]) == ([], ["suggestions are paused until 2999, as Ann wished"])
        people("ann", "PATCH", "/people/ann", {"suggestions_paused_until": "2020-01-01"}, **{"If-Match": "*"})
        assert people("ann", "POST", "/recommendations/communities", {}).json()["results"]


def test_thumbs_and_joins_after_a_recommendation_are_in_the_log(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        people = People(loaded, client)
        thumb = {"recommendation": "helper", "subject_id": "bob", "thumb": "down"}
        assert people("ann", "POST", "/feedback", thumb).status_code == 204
        assert people("ann", "POST", "/feedback", {**thumb, "subject_id": "nobody"}).status_code == 404
        assert people("ann", "POST", "/feedback", {**thumb, "person_id": "cy"}).status_code == 403
        assert people("admin", "POST", "/feedback", thumb).status_code == 404
        assert people("ann", "PUT", "/communities/knots/members/ann", {"recommended": True}).status_code == 201
        events = people("admin", "GET", "/events").json()["results"][-2:]
        assert (events[0]["action"], events[0]["details"]) == ("thumb.person", {"thumb": "down"})
        assert (events[1]["action"], events[1]["details"]["recommended"]) == ("join.membership", True)


def test_a_request_by_command(cli, tmp_path: Path) -> None:
    assert cli("ingest", str(write(tmp_path / "small", TABLES))).exit_code == 0

    def request(*arguments: str) -> Any:
        result = cli("request", *arguments, "--json")
        assert result.exit_code == 0, (result.output, result.exception)
        return json.loads(result.stdout)["results"]

    made = request("ask", "bob", TEXT, "--person", "ann", "--community", "knots", "--title", "Splice")
    assert (made["state"], made["asker"]["id"], made["community_id"]) == ("asked", "ann", "knots")
    refused = cli("request", "outcome", made["id"], "worked")
    assert refused.exit_code == 1
    assert "possible now: accept, decline, withdraw" in str(refused.exception)
    assert request("accept", made["id"])["state"] == "accepted"
    assert "advice: Unlay it." in cli("request", "advise", made["id"], "Unlay it.").output
    assert "Splice" in cli("request", "list", "--person", "ann").output
    assert "waits for" in cli("request", "due", "--unfollowed-days", "0").output
    assert "Nobody has to be reminded" in cli("request", "due").output
    assert request("tried", made["id"])["state"] == "tried"
    assert request("outcome", made["id"], "did_not_work")["outcome"] == "did_not_work"
    again = request("ask", "bob", "--person", "ann", "--question", made["question_id"])
    assert request("decline", again["id"], "--reason", "I am away")["reason"] == "I am away"
    assert "I am away" in cli("request", "show", again["id"]).output
    assert request("withdraw", request("ask", "cy", TEXT, "--person", "ann")["id"])["state"] == "withdrawn"
    assert [one["state"] for one in request("list", "--state", "declined")] == ["declined"]
    result = cli("backtest", "requests", "--since", today())
    assert result.exit_code == 0, result.exception
    assert "what is usual here" in result.output
    assert json.loads(cli("backtest", "requests", "--since", today(), "--json").stdout)["meta"]["requests"] == 2
    assert cli("dismiss-helper", "ann", "cy", "--until", "2999").exit_code == 0
    body = json.loads(cli("help-for", TEXT, "--person", "ann", "--words-only", "--json").stdout)
    assert [one["person_id"] for one in body["results"]] == ["bob"]
    assert cli("edit", "person", "bob", "help_paused_until=2999-01-01").exit_code == 0
    body = json.loads(cli("help-for", TEXT, "--person", "ann", "--words-only", "--json").stdout)
    assert (body["results"], body["meta"]["set_aside"]) == ([], {})
    assert cli("edit", "person", "ann", "suggestions_paused_until=2999").exit_code == 0
    result = cli("recommend", "ann", "--words-only")
    assert "paused until 2999" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", "bob", "x"], "--person"),
        (["ask", "bob", "--person", "ann"], "question's text"),
        (["ask", "bob", "x", "--person", "ann", "--question", "q1"], "question's text"),
        (["ask", "boss", "x", "--person", "ann"], "reporting line"),
        (["ask", "bob", "--person", "ann", "--question", "q1"], "has asked no question"),
        (["accept", "r-0"], "no request"),
        (["show", "r-0"], "no request"),
        (["advise", "r-0", " "], "empty"),
        (["list", "--state", "lost"], "no state"),
        (["list", "--role", "boss"], "--role"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(cli, tmp_path: Path, arguments: list[str], told: str) -> None:
    assert cli("ingest", str(write(tmp_path / "small", TABLES))).exit_code == 0
    result = cli("request", *arguments)
    assert result.exit_code == 1
    assert told in str(result.exception)
