"""Charters, sponsors and goals over HTTP and by command, each by those whose part it is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.charter_text import parsed
from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served, wait_until
from tests.graph.test_charters import TABLES
from tests.ingest.test_jobs import write

PATH = "/communities/ropes/charter"


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


class People:
    """Clients of the people of a community, each with a key of their own."""

    def __init__(self, database: Database, client: httpx.Client) -> None:
        self.client = client
        roles = dict.fromkeys(("lea", "cora", "mem", "spo", "sue", "out"), Role.MEMBER)
        made = {who: (role, who) for who, role in roles.items()}
        made |= {"km": (Role.KNOWLEDGE_MANAGER, None), "admin": (Role.ADMIN, None)}
        self.keys = {
            name: database.write(lambda tx, given=given: create_key(tx, LOCAL_ADMIN, *given, None))
            for name, given in made.items()
        }

    def __call__(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[who]}", **more.pop("headers", {})}
        return self.client.request(method, f"/v1{path}", json=body, headers=headers, **more)

    def draft(self, who: str, etag: str | None, **said: Any) -> httpx.Response:
        headers = {"If-Match": etag} if etag else {}
        return self(who, "PUT", PATH, {"charter": said, "comment": "why not"}, headers=headers)


@pytest.fixture
def people(loaded: Database) -> Iterator[People]:
    with served(loaded, auth="keys") as client:
        yield People(loaded, client)


def test_a_charter_goes_from_draft_to_adopted_without_a_knowledge_manager(people: People) -> None:
    first = people("out", "GET", PATH)
    assert (first.status_code, first.json()["state"], first.json()["source"]) == (200, "adopted", "hr")
    said = {**first.json()["charter"], "vision": "Dry and long.", "took_part_ids": ["lea", "mem"]}
    assert people.draft("lea", None, **said).status_code == 428
    assert people.draft("lea", '"old"', **said).status_code == 412
    for who in ("mem", "out", "km"):
        assert people.draft(who, "*", **said).status_code in (403, 422), who
    saved = people.draft("lea", first.headers["ETag"], **said)
    assert saved.status_code == 200, saved.text
    assert (saved.json()["number"], saved.json()["author"]["name"], saved.json()["comment"]) == (2, "Lea", "why not")
    assert [one["name"] for one in saved.json()["took_part"]] == ["Lea", "Mem"]
    assert people("mem", "GET", PATH).json()["number"] == 1  # that holds until the sponsor adopts
    # Whoever writes on from what holds would drop what the draft says.
    lost = people.draft("cora", first.headers["ETag"], **{**said, "strategy": "Tar."})
    assert (lost.status_code, "newer draft" in lost.json()["detail"]) == (412, True)
    newest = people("cora", "GET", PATH, params={"newest": True})
    assert newest.headers["ETag"] == saved.headers["ETag"]

    side = {"stance": "stands_behind", "version": 2}
    assert people("out", "PUT", f"{PATH}/alignment", side).status_code == 403
    for who in ("lea", "spo"):
        assert people(who, "PUT", f"{PATH}/alignment", side).status_code == 200
    against = {"stance": "objects", "version": 2, "text": "Too long."}
    found = people("mem", "PUT", f"{PATH}/alignment", against).json()
    assert [(one["person"]["id"], one["stance"], one["parts"]) for one in found["sides"]] == [
        ("lea", "stands_behind", ["lead", "member"]), ("spo", "stands_behind", ["sponsor"]),
        ("mem", "objects", ["member"]),
    ]  # fmt: skip
    assert {one["part"]: one["number"] for one in found["silent"]} == {
        "sponsor": 0, "lead": 0, "core member": 1, "member": 1,
    }  # fmt: skip
    assert people("mem", "PUT", f"{PATH}/alignment", {**side, "text": "x"}).status_code == 422
    objection = found["open_objections"][0]["id"]
    assert people("lea", "POST", f"{PATH}/adoption", {"version": 2}).status_code == 403
    refused = people("spo", "POST", f"{PATH}/adoption", {"version": 2})
    assert (refused.status_code, "open objections" in refused.json()["detail"]) == (409, True)
    where = f"{PATH}/objections/{objection}/settlement"
    assert people("lea", "POST", where, {"reason": "No."}).status_code == 403
    assert people("spo", "POST", where, {}).status_code == 422
    settled = people("spo", "POST", where, {"reason": "It is as long as it has to be."}).json()
    assert (settled["state"], settled["settled_by"]["id"]) == ("settled", "spo")
    adopted = people("spo", "POST", f"{PATH}/adoption", {"version": 2})
    assert (adopted.json()["state"], adopted.json()["adopted"]) == ("adopted", 2)
    assert people("mem", "POST", f"{PATH}/comments", {"version": 2, "text": "Good."}).status_code == 201
    assert [one["text"] for one in people("out", "GET", f"{PATH}/comments").json()["results"]] == ["Good."]
    versions = people("mem", "GET", f"{PATH}/versions").json()["results"]
    assert [(one["number"], one["state"]) for one in versions] == [(1, "superseded"), (2, "adopted")]
    (vision, took_part) = people("mem", "GET", f"{PATH}/versions/1/difference/2").json()["results"]
    assert (vision["field"], took_part["field"]) == ("vision", "took_part_ids")
    assert vision["pieces"] == [{"change": "added", "text": "Dry and long."}]
    assert people("mem", "GET", f"{PATH}/versions/3").status_code == 404


def test_markdown_goes_out_and_comes_back(people: People) -> None:
    got = people("lea", "GET", PATH, headers={"Accept": "text/markdown"})
    assert got.headers["content-type"].startswith("text/markdown")
    text = got.text.replace("## Vision\n", "## Vision\n\nDry and long.\n")
    headers = {"If-Match": got.headers["ETag"], "Content-Type": "text/markdown"}
    auth = {"Authorization": f"Bearer {people.keys['lea']}"}
    put = people.client.put(
        f"/v1{PATH}", content=text, headers={**headers, **auth}, params={"comment": "a vision, for a start"}
    )
    assert put.status_code == 200, put.text
    assert put.json()["comment"] == "a vision, for a start"
    assert put.json()["charter"]["vision"] == "Dry and long."
    after = people("lea", "GET", f"{PATH}/versions/2", headers={"Accept": "text/markdown"})
    assert parsed(after.text) == parsed(text)
    bad = people.client.put(f"/v1{PATH}", content="## Purpos\n", headers={**headers, **auth, "If-Match": "*"})
    assert (bad.status_code, "no part of a charter" in bad.json()["detail"]) == (422, True)
    bad = people.client.put(f"/v1{PATH}", content=b"\xff", headers={**headers, **auth})
    assert bad.status_code == 422
    bad = people.draft("lea", "*", purpos="x")
    assert bad.json()["errors"][0]["field"] == "body.charter.purpos"


def test_what_is_restricted_is_not_there(people: People) -> None:
    for path in ("", "/versions", "/comments", "/objections", "/alignment", "/versions/1"):
        assert people("mem", "GET", f"/communities/knots/charter{path}").status_code == 404
    assert people("mem", "GET", "/communities/knots/sponsorship").status_code == 404
    assert people("sue", "GET", "/communities/knots/charter/versions").json() == {"results": []}
    assert people("sue", "GET", "/communities/knots/charter").status_code == 404
    made = people("sue", "PUT", "/communities/knots/charter", {"charter": {"purpose": "Hold."}})
    assert made.status_code == 200, made.text  # the first one is based on nothing


def test_a_sponsor_is_asked_and_answers(people: People) -> None:
    path = "/communities/ropes/sponsorship"
    assert people("mem", "POST", path, {"person_id": "out"}).status_code == 403
    asked = people("lea", "POST", path, {"person_id": "out"})
    assert asked.status_code == 201, asked.text
    assert {one["person"]["id"]: one["state"] for one in asked.json()["results"]} == {"spo": "sponsors", "out": "asked"}
    assert people("lea", "POST", f"{path}/accept", params={"person_id": "out"}).status_code == 403
    assert people("out", "POST", f"{path}/decline", {"reason": "No time."}).status_code == 200
    assert people("km", "POST", path, {"person_id": "out"}).status_code == 201
    assert people("admin", "POST", f"{path}/accept").status_code == 422
    assert people("admin", "POST", f"{path}/accept", params={"person_id": "out"}).status_code == 200
    left = people("spo", "POST", f"{path}/step-down").json()
    assert [one["person"]["id"] for one in left["results"]] == ["out"]


def test_goals_are_for_knowledge_managers_to_set(people: People) -> None:
    assert people("lea", "POST", "/goals", {"name": "Fewer stops"}).status_code == 403
    made = people("km", "POST", "/goals", {"name": "Fewer stops"})
    assert (made.status_code, made.json()["id"]) == (201, "fewer-stops")
    assert people("km", "POST", "/goals", {"name": "Fewer stops"}).status_code == 409
    headers = {"If-Match": made.headers["ETag"]}
    change = people("km", "PATCH", "/goals/fewer-stops", {"description": "By half."}, headers=headers)
    assert change.json()["description"] == "By half."
    assert people("km", "PATCH", "/goals/fewer-stops", {"name": "x"}, headers=headers).status_code == 412
    page = people("out", "GET", "/goals", params={"limit": 1}).json()
    assert [one["id"] for one in page["results"]] == ["fewer-stops"]
    rest = people("out", "GET", "/goals", params={"cursor": page["next_cursor"]}).json()
    assert [one["id"] for one in rest["results"]] == ["safe"]
    assert people("out", "GET", "/goals/none").status_code == 404
    etag = people("spo", "GET", PATH).headers["ETag"]
    kept = people("spo", "GET", PATH).json()["charter"]
    people.draft("spo", etag, **{**kept, "goal_ids": ["safe", "fewer-stops"]})
    assert people("spo", "POST", f"{PATH}/adoption", {"version": 2}).status_code == 200
    served_by = people("out", "GET", "/goals/fewer-stops").json()["communities"]
    assert [one["id"] for one in served_by] == ["ropes"]


def test_it_all_goes_by_command_too(loaded: Database, cli, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        result = cli(*arguments)
        assert result.exit_code == 0, (arguments, result.output, result.exception)
        return result.output

    def refused(*arguments: str) -> str:
        result = cli(*arguments)
        assert result.exit_code != 0, arguments
        return str(result.exception)

    run("goals", "add", "Fewer stops")
    assert "Fewer stops" in run("goals")
    file = tmp_path / "charter.md"
    text = run("charter", "show", "ropes").replace(
        "### Goals that it serves\n", "### Goals that it serves\n- fewer-stops\n"
    )
    file.write_text(text, encoding="utf-8")
    assert "Say who does it: --person ID" in refused("charter", "edit", "ropes", str(file))
    assert "sets the purpose" in refused("charter", "edit", "knots", str(file), "--person", "sue")
    assert "version 2" in run("charter", "edit", "ropes", str(file), "--person", "lea", "--comment", "a goal")
    assert "begun on version 1" in refused("charter", "edit", "ropes", str(file), "--person", "cora")
    assert "version 2  draft by Lea" in run("charter", "align", "ropes", "2", "--person", "lea")
    assert "open objection o-" in run("charter", "object", "ropes", "2", "Why stops?", "--person", "mem")
    assert "open objections" in refused("charter", "adopt", "ropes", "2", "--person", "spo")
    assert "have not said: sponsor: Spo; " in run("charter", "talk", "ropes")
    assert "no person with the id 'spoo'" in refused("charter", "adopt", "ropes", "2", "--person", "spoo")
    told = json.loads(run("charter", "talk", "ropes", "--json"))["results"]
    assert [one["person"]["id"] for one in told["behind"]] == ["lea"]
    run("charter", "settle", "ropes", told["objections"][0]["id"], "--person", "spo", "--reason", "They cost most.")
    run("charter", "comment", "ropes", "2", "At last.", "--person", "mem")
    assert "adopted" in run("charter", "adopt", "ropes", "2", "--person", "spo")
    talk = run("charter", "talk", "ropes")
    assert "They cost most." in talk
    assert "At last." in talk
    assert "Fewer stops" in run("charter", "diff", "ropes", "1", "2"), "people read names"
    listed = json.loads(run("charter", "versions", "ropes", "--json"))["results"]
    assert [(one["number"], one["state"]) for one in listed] == [(1, "superseded"), (2, "adopted")]
    assert "1 open of" not in run("charter", "versions", "ropes")
    assert "asked" in run("sponsor", "ask", "ropes", "out")
    run("sponsor", "decline", "ropes", "out", "--reason", "No time.")
    run("sponsor", "ask", "ropes", "lea")
    run("sponsor", "accept", "ropes", "lea")
    assert "Only those who lead it" in run("sponsor", "step-down", "ropes", "spo")
    assert "No time." in run("sponsor", "show", "ropes")


def test_what_a_charter_says_is_searched_within_seconds(people: People, loaded: Database, tmp_path: Path) -> None:
    def found(words: str, who: str = "out") -> list[tuple[str, str]]:
        page = people(who, "GET", "/search", params={"text": words, "kind": "community"}).json()
        return [(one["id"], one["snippet"]) for one in page["results"] if "its text holds" in str(one["reasons"])]

    told = {**TABLES, "charters": [{**TABLES["charters"][0], "purpose": "Keep a sheepshank."}]}
    ingest(loaded, BundleSource(write(tmp_path / "hr", told), "hr"), rejects_folder=tmp_path / "rejects")
    wait_until(lambda: found("sheepshank") == [("ropes", "Keep a sheepshank.")])
    said = people("lea", "GET", PATH).json()["charter"]
    people.draft("lea", "*", **{**said, "vision": "No hawser parts under load."})
    assert found("hawser") == []  # what holds is searched
    assert people("spo", "POST", f"{PATH}/adoption", {"version": 2}).status_code == 200
    wait_until(lambda: found("hawser") == [("ropes", "No hawser parts under load.")])
    # While nothing is adopted, the newest draft is what there is; of what is restricted outsiders find nothing.
    people("sue", "PUT", "/communities/knots/charter", {"charter": {"purpose": "Bights."}})
    wait_until(lambda: found("bights", "admin") == [("knots", "Bights.")])
    assert found("bights") == []


def test_what_could_be_drafted_is_told_to_those_who_draft(people: People) -> None:
    path = f"{PATH}/suggestions"
    for who in ("mem", "out"):
        assert people(who, "GET", path).status_code == 403
    for who in ("lea", "cora", "spo", "km"):
        assert people(who, "GET", path).status_code == 200
    assert people("mem", "GET", "/communities/knots/charter/suggestions").status_code == 404
