"""A person as colleagues see them, and one's own pages: what they tell, and what their forms change."""

import json
from collections.abc import Iterator

import pytest

from api.pages.due import address_of
from api.routes.digest import ItemOut
from graph.database import Database
from tests.api.pages.communities import Browser, browsing, day, hidden
from tests.conftest import emptied


@pytest.fixture(scope="module")
def browser(_one_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(emptied(_one_database), tmp_path_factory.mktemp("pages")) as found:
        yield found


def test_colleagues_see_what_somebody_does_and_where_and_ask_them(browser: Browser) -> None:
    page = browser.get("out", "/people/mia")
    for told in ("Mia Member", "Rigger", "The Yard", "Splicing", "Knots", "/ask?helper=mia"):
        assert told in page, told
    assert "Locks" not in page, "what somebody wants to learn is theirs to see"
    assert "Qzxv" not in page, "a community that Otto may not see"
    assert "Qzxv" in browser.get("kim", "/people/mia")
    assert "/ask?helper" not in browser.get("mia", "/people/mia")
    browser.get("out", "/people/nobody", 404)
    browser.get("eve", "/people/mia", 403)


def test_people_change_their_profile_on_the_version_that_they_read(browser: Browser) -> None:
    version = hidden(browser.get("mia", "/me"), "version", "/me/profile")
    changed = {"title": "Splicer", "bio": "I splice ropes.", "interests": "tar, pitch", "languages": "Norwegian",
               "timezone": "Europe/Oslo", "version": version}  # fmt: skip
    browser.send("mia", "/me/profile", **changed)
    seen = browser.api("mia", "/people/mia")
    assert (seen["title"], seen["interests"]) == ("Splicer", ["tar", "pitch"])
    assert "changed since you read it" in browser.send("mia", "/me/profile", status=412, **changed).text
    empty = {**changed, "bio": "", "version": hidden(browser.get("mia", "/me"), "version", "/me/profile")}
    browser.send("mia", "/me/profile", **empty)
    assert browser.api("mia", "/people/mia")["bio"] is None


def test_skills_are_added_by_name_and_removed(browser: Browser) -> None:
    browser.send("mia", "/me/skills", skill="locks", level="2")
    assert {one["skill_id"]: one["level"] for one in browser.api("mia", "/people/mia")["skills"]}["locks"] == 2
    browser.send("mia", "/me/skills/locks/drop")
    browser.send("mia", "/me/skills/locks/drop", wanted="true")
    seen = browser.api("mia", "/people/mia")
    assert [one["skill_id"] for one in seen["skills"]] == ["splicing"]
    assert seen["wants_to_learn"] == []
    assert "no skill" in browser.send("mia", "/me/skills", status=404, skill="Juggling").text
    part = browser.get("mia", "/me/skills?skill=spli", **{"HX-Request": "true"})
    assert part.strip().startswith("<datalist")
    assert "Splicing" in part


def test_choices_are_kept_and_what_was_put_aside_comes_back(browser: Browser) -> None:
    key = {"Authorization": f"Bearer {browser.keys['mia']}"}
    browser.client.put("/v1/people/mia/dismissals/sails", json={"reason": "no time"}, headers=key)
    browser.client.put("/v1/people/mia/dismissed-helpers/out", json={}, headers=key)
    page = browser.get("mia", "/me/choices")
    assert "no time" in page
    assert "Otto Out" in page
    browser.send("mia", "/me/choices", open_to_help="true", help_capacity="2", help_paused_until=day(9),
                 version=hidden(page, "version", "/me/choices"))  # fmt: skip
    chosen = browser.api("mia", "/people/mia")["preferences"]
    assert chosen == {"open_to_help": True, "help_capacity": 2, "recommendable": False, "help_paused_until": day(9),
                      "suggestions_paused_until": None}  # fmt: skip
    browser.send("mia", "/me/choices/communities/sails/undo")
    browser.send("mia", "/me/choices/helpers/out/undo")
    assert browser.api("mia", "/people/mia/dismissals") == browser.api("mia", "/people/mia/dismissed-helpers") == []
    browser.send("mia", "/me/choices/digest", frequency="daily", parts=["meetings", "charters"])
    assert browser.api("mia", "/people/mia/digest/preferences") == {
        "frequency": "daily", "parts": ["meetings", "charters"], "paused_until": None,
    }  # fmt: skip


def test_a_calendar_address_is_told_once_and_opens_the_calendar(browser: Browser) -> None:
    page = browser.send("mia", "/me/choices/calendar", status=200).text
    path = page.split('class="gm-secret">', 1)[1].split("<", 1)[0]
    assert "Rope hour" in browser.client.get(path).text
    assert path not in browser.get("mia", "/me/choices")
    browser.send("mia", "/me/choices/calendar", drop="true")
    assert browser.client.get(path).status_code == 404


def test_all_that_is_held_is_shown_with_its_purpose_and_taken_along(browser: Browser) -> None:
    page = browser.get("lea", "/me/data")
    for told in ("lea@x.example", "to know one person under two ids", "member of", "erased"):
        assert told in page, told
    answer = browser.client.get("/me/data.json", headers={"Authorization": f"Bearer {browser.keys['lea']}"})
    assert answer.headers["content-disposition"].startswith("attachment")
    assert json.loads(answer.text) == browser.api("lea", "/people/lea/data")


def test_people_from_outside_see_their_own_data(browser: Browser) -> None:
    assert "Eve External" in browser.get("eve", "/me")
    assert "eve@x.example" in browser.get("eve", "/me/data")
    browser.get("eve", "/me/choices", 403)
    browser.send("eve", "/me/profile", status=403, title="Boss")


def test_what_is_due_leads_to_where_it_is_done(browser: Browser) -> None:
    page = browser.get("lea", "/me/due")
    assert "Nia New is new in Knots" in page
    assert 'href="/communities/knots/people"' in page
    assert 'href="/communities/knots/meetings/m-next"' in page
    assert "Nothing is due" in browser.get("out", "/me/due")
    kinds = {"findings": "/audit/findings/f-1", "requests": "/requests/f-1"}
    for part, address in kinds.items():
        item = ItemOut.model_validate({"part": part, "id": "f-1", "said": "x", "community_id": None, "since": None,
                                       "starts_at": None})  # fmt: skip
        assert address_of(item) == address


def test_people_erase_themselves_where_that_is_set_and_not_by_a_slip(browser: Browser) -> None:
    assert "Erase me" in browser.get("gus", "/me/data")
    assert "Nothing was erased" in browser.send("gus", "/me/data/erase", status=422, person_id="gas").text
    assert browser.api("lea", "/people/gus")["name"] == "Gus Gone"
    browser.send("gus", "/me/data/erase", person_id="gus")
    browser.get("lea", "/people/gus", 404)
