"""Proposals as pages: a check while one writes, who says what, the steps; and what others are not told."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes import by_hand
from graph.writes.facts import create_by_hand
from graph.writes.keys import create_key
from tests.api.pages.test_findings import words
from tests.api.serving import served, wait_until

PEOPLE = ("ann", "bob", "cy", "kim")
DRAFT = {
    "name": "Rope <b>Knots</b>", "domain": "Knots and the ropes that hold them, at sea and on rigs.",
    "audience": "Riggers", "topics": "ropes, knots", "meetings": "Mondays, 12:00",
}  # fmt: skip
SECRET = "Zirconium"


class Pages:
    def __init__(self, client: httpx.Client, keys: dict[str, str]) -> None:
        self.client, self.keys = client, keys

    def get(self, who: str, path: str) -> httpx.Response:
        return self.client.get(path, headers=self._who(who))

    def post(self, who: str, path: str, swaps: bool = False, **fields: str) -> httpx.Response:
        headers = {**self._who(who), **({"HX-Request": "true"} if swaps else {})}
        return self.client.post(path, data=fields, headers=headers, follow_redirects=False)

    def api(self, who: str, path: str) -> Any:
        return self.client.get(f"/v1{path}", headers=self._who(who)).json()

    def _who(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}"}


@pytest.fixture
def pages(database: Database) -> Iterator[Pages]:
    def make(transaction: Any) -> None:
        for key in PEOPLE:
            fields = {"name": key.title(), "bio": "I tie knots in ropes."}
            create_by_hand(transaction, "person", key, fields, at="2026-01-01T00:00:00.000Z", order=())
        for key, fields in {
            "sails": {"name": "Sails", "domain": "Sewing sails."},
            "hitches": {"name": "Hitches", "domain": DRAFT["domain"]},
            "hidden": {"name": f"{SECRET} Knots", "domain": DRAFT["domain"], "visibility": "restricted"},
            "plan": {"name": f"{SECRET} Plan", "domain": "Vaults.", "visibility": "restricted", "status": "proposed"},
        }.items():
            by_hand.create(transaction, LOCAL_ADMIN, "community", key, fields)

    database.write(make)
    keys = {
        key: database.write(
            lambda tx, key=key: create_key(
                tx, LOCAL_ADMIN, Role.KNOWLEDGE_MANAGER if key == "kim" else Role.MEMBER, key, None
            )
        )
        for key in PEOPLE
    }
    with served(database, auth="keys", request_deadline=60) as client:
        yield Pages(client, keys)


def test_what_exists_is_shown_while_one_writes_and_nothing_is_kept(pages: Pages) -> None:
    assert "A name and a sentence are enough" in pages.post("ann", "/proposals/new", swaps=True, name="Rope").text
    part = pages.post("ann", "/proposals/new", swaps=True, **DRAFT)
    assert "<html" not in part.text
    assert "Hitches" in part.text
    assert SECRET not in part.text
    assert SECRET in pages.post("kim", "/proposals/new", swaps=True, **DRAFT).text
    whole = pages.post("ann", "/proposals/new", **DRAFT, step="check")
    assert "Hitches" in whole.text
    assert 'value="Rope &lt;b&gt;Knots&lt;/b&gt;"' in whole.text, "what was written is still in the form"
    assert "Is it a good domain?" in whole.text
    assert pages.post("ann", "/proposals/new", swaps=True, **DRAFT, step="propose").status_code == 200
    assert {one["id"] for one in pages.api("ann", "/communities")["results"]} == {"sails", "hitches"}
    missing = pages.post("ann", "/proposals/new", name="Rope", step="propose")
    assert missing.status_code == 422
    assert "domain" in missing.text
    assert 'value="Vaults &amp; such"' in pages.get("ann", "/proposals/new?name=Vaults+%26+such").text


def test_the_form_goes_by_steps_and_keeps_what_was_typed(pages: Pages) -> None:
    def fields(text: str) -> dict[str, str]:
        """What a browser without scripts would send with a button of the form."""
        form = text.split('action="/proposals/new"')[1].split("</form>")[0]
        found = dict[str, str]()
        for tag in re.findall(r"<input[^>]*>", form):
            name, value = re.search(r' name="(\w+)"', tag), re.search(r' value="([^"]*)"', tag)
            if name and ("checkbox" not in tag or " checked" in tag):
                found[name[1]] = unescape(value[1]) if value else ""
        for name, value in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
            found[name] = unescape(value)
        for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', options)
            found[name] = chosen[1] if chosen else ""
        return found

    def here(text: str) -> str:
        return re.findall(r'aria-current="step"><span>(\d)', text)[0]

    first = pages.get("ann", "/proposals/new").text
    assert here(first) == "1"
    lacking = pages.post("ann", "/proposals/new", **{**fields(first), "name": "Rope", "step": "people"})
    assert (lacking.status_code, here(lacking.text)) == (422, "1")
    typed = {name: DRAFT[name] for name in ("name", "domain", "topics")}
    second = pages.post("ann", "/proposals/new", **{**fields(first), **typed, "step": "people"}).text
    assert here(second) == "2"
    assert "Is there a community for it?" in second
    assert "Is it a good domain?" not in second
    part = {"audience": "Riggers", "takes_part": "yes", "level": "active", "hours": "2.5", "would_lead": "yes"}
    third = pages.post("ann", "/proposals/new", **{**fields(second), **part, "step": "practice"}).text
    assert here(third) == "3"
    assert "Is a rhythm of meetings planned?" in third
    back = pages.post("ann", "/proposals/new", **{**fields(third), "meetings": "Mondays, 12:00", "step": "people"}).text
    assert fields(back).items() >= {**typed, **part, "meetings": "Mondays, 12:00"}.items()
    fourth = pages.post("ann", "/proposals/new", **{**fields(back), "step": "review"}).text
    assert here(fourth) == "4"
    for told in (*typed.values(), "Riggers", "Mondays, 12:00"):
        assert told in unescape(fourth.split('id="review"')[1].split("</form>")[0]), told
    live = pages.post("ann", "/proposals/new", swaps=True, **{**fields(third), "meetings": "Mondays, 12:00"}).text
    assert "Is a rhythm of meetings planned?" in live.split("Asked once it is proposed")[0], "beside the step it is on"
    made = pages.post("ann", "/proposals/new", **{**fields(fourth), "step": "propose"})
    key = made.headers["location"].removeprefix("/proposals/").removesuffix("?done=proposed")
    stored, own = (pages.api("ann", f"/communities/{key}{more}") for more in ("", "/interests/ann"))
    assert (stored["name"], stored["audience"], stored["topics"]) == (DRAFT["name"], "Riggers", ["ropes", "knots"])
    assert (own["level"], own["hours"], own["would_lead"]) == ("active", 2.5, True)


def test_a_proposal_goes_its_way(pages: Pages) -> None:
    made = pages.post("ann", "/proposals/new", **DRAFT, step="propose", takes_part="yes", level="core", hours="4",
                      would_lead="yes")  # fmt: skip
    assert made.status_code == 303, made.text
    here = made.headers["location"].removesuffix("?done=proposed")
    key = here.removeprefix("/proposals/")
    stored = pages.api("ann", f"/communities/{key}")
    assert (stored["status"], stored["topics"], stored["meetings"]) == (
        "proposed", ["ropes", "knots"], ["Mondays, 12:00"],
    )  # fmt: skip
    own = pages.api("ann", f"/communities/{key}/interests/ann")
    assert (own["level"], own["hours"], own["would_lead"], own["join_when_active"]) == ("core", 4, True, True)
    wait_until(lambda: key in {one["id"] for one in pages.api("bob", "/communities")["results"]})

    listed = pages.get("bob", "/proposals")
    assert "Rope &lt;b&gt;Knots" in listed.text
    assert SECRET not in listed.text
    queue = pages.get("kim", "/proposals")
    assert f"{SECRET} Plan" in queue.text
    assert "It may duplicate" in queue.text
    assert pages.get("bob", "/proposals/plan").status_code == 404

    said = pages.post("bob", f"{here}/interest", level="active", hours="2.5", note="Kerfuffle", join_when_active="yes")
    assert said.headers["location"] == f"{here}?done=said"
    assert pages.api("bob", f"/communities/{key}/interests/bob")["hours"] == 2.5
    assert "Kerfuffle" in pages.get("ann", here).text
    assert "Kerfuffle" in pages.get("bob", here).text, "one's own words"
    assert "Kerfuffle" not in pages.get("cy", here).text
    assert "would take part" not in re.sub("I would take part", "", pages.get("cy", here).text)
    assert pages.post("cy", f"{here}/interest", level="keen").status_code == 422
    pages.post("cy", f"{here}/interest", level="")
    assert pages.post("cy", f"{here}/interest/withdraw").headers["location"] == f"{here}?done=unsaid"

    assert "Ask for a decision" in pages.get("ann", here).text
    assert "Let it form" not in pages.get("ann", here).text
    assert pages.post("ann", f"{here}/steps", step="start").status_code == 403
    version = re.findall(r'name="version" value="([^"]+)"', pages.get("kim", here).text.split("The next step")[1])[0]
    assert pages.post("ann", f"{here}/steps", step="ask").headers["location"] == f"{here}?done=ask"
    assert pages.post("kim", f"{here}/steps", step="decline").status_code == 422
    assert pages.post("kim", f"{here}/steps", step="start", version=version).status_code == 303
    assert pages.post("kim", f"{here}/steps", step="activate", version=version).status_code == 412
    refused = pages.post("kim", f"{here}/steps", step="activate")
    assert refused.status_code == 422
    assert "charter" in refused.text.split('role="alert"')[1]

    assert "Ask somebody to sponsor it" not in pages.get("ann", here).text
    assert "Ask somebody to sponsor it" in pages.get("kim", here).text
    assert pages.post("ann", f"{here}/sponsor", person_id="cy").status_code == 403
    assert pages.post("kim", f"{here}/sponsor", person_id="nobody").status_code == 422
    asked = pages.post("kim", f"{here}/sponsor", person_id=" cy ")
    assert asked.headers["location"] == f"{here}?done=asked"
    assert "You are asked to sponsor it" in words(pages.get("cy", here))
    assert "You are asked" not in pages.get("bob", here).text
    assert pages.post("cy", f"{here}/sponsor/answer", answer="accept").status_code == 303
    assert "Cy sponsors it" in words(pages.get("bob", here))
    active = pages.post("kim", f"{here}/steps", step="activate", exception="A trial.")
    assert active.status_code == 303, active.text
    assert pages.api("bob", f"/communities/{key}")["status"] == "active"
    assert "Make members of those who agreed" in pages.get("kim", here).text
    assert pages.post("kim", f"{here}/joins").status_code == 303
    assert "bob" in {one["person_id"] for one in pages.api("bob", f"/communities/{key}/members")["results"]}
    assert "A trial." in pages.get("kim", here).text
    assert "A trial." not in pages.get("bob", here).text
