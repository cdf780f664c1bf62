"""What a page says of its own accord it says in the reader's language: no sentence that the API tells in English."""

import json
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from api.routes.find import LONGEST_TEXT
from api.wording import SCALES
from graph.database import Database
from tests.api.pages.communities import Browser, browsing, hidden
from tests.conftest import emptied


@pytest.fixture(scope="module")
def browser(_one_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(emptied(_one_database), tmp_path_factory.mktemp("pages")) as found:
        yield found


def german(browser: Browser, who: str, path: str, **fields: Any) -> str:
    headers = {"Authorization": f"Bearer {browser.keys[who]}", "Accept-Language": "de"}
    answer = (
        browser.client.post(path, data=fields, headers=headers) if fields else browser.client.get(path, headers=headers)
    )
    assert answer.status_code == 200, answer.text[-1500:]
    assert '<html lang="de"' in answer.text
    return unescape(answer.text)


def told(browser: Browser, who: str, path: str, body: Any) -> Any:
    answer = browser.client.post(f"/v1{path}", json=body, headers={"Authorization": f"Bearer {browser.keys[who]}"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def reasons(results: list[dict[str, Any]]) -> set[str]:
    return {part["reason"]["text"] for one in results for part in one["contributions"] if part["reason"]}


def test_reasons_of_recommendations(browser: Browser) -> None:
    asked = {"limit": 6, "what_if": True}
    for who, profile, path in (
        ("out", None, "/find"), ("mia", None, "/find"),
        ("out", {"text": "I splice ropes", "skills": ["Splicing"]}, "/find?text=I+splice+ropes&skills=Splicing"),
    ):  # fmt: skip
        found = told(
            browser, who, "/recommendations/communities", {**asked, **({"profile": profile} if profile else {})}
        )
        said = reasons(found["results"])
        said |= {one["change"]["text"] for one in found["results"] if one["change"]}
        said |= {one["start"]["why"] for one in found["results"] if one["start"]}
        assert said, who
        page = german(browser, who, path)
        assert "Warum" in page
        assert not [one for one in said if one in page], path


def test_reasons_for_helpers(browser: Browser) -> None:
    found = told(browser, "out", "/recommendations/helpers", {"text": "How do ropes age?"})
    said = reasons(found["results"])
    assert any(one.startswith("advised on") for one in said), said
    page = german(browser, "out", "/ask?text=How+do+ropes+age?")
    assert "Lea Lead" in page
    assert not [one for one in said if one in page]


def test_what_was_found_and_what_is_near(browser: Browser) -> None:
    found = browser.api("out", "/search?text=splicing+ropes")["results"]
    said = {reason for hit in found for reason in hit["reasons"]}
    assert said
    page = german(browser, "out", "/?text=splicing+ropes")
    assert "ihr Text enthält" in page
    assert not [one for one in said if one in page]
    near = {one for each in browser.api("out", "/communities/knots/neighbours")["results"] for one in each["reasons"]}
    assert near
    assert not [one for one in near if one in german(browser, "out", "/communities/knots")]


def test_the_check_of_a_proposal(browser: Browser) -> None:
    draft = {"name": "Knots again", "domain": "Splicing ropes and knots for sails.", "meetings": "Mondays, 12:00"}
    found = told(browser, "out", "/formation", {**draft, "meetings": [draft["meetings"]]})
    every = {one["asked"] for one in found["results"]}
    assert len(every) == 15
    for answer in found["results"]:
        every |= {*answer["evidence"], *([answer["action"]] if answer["action"] else [])}
    every |= {one["text"] for one in found["relatives"]}
    for step in ("domain", "people", "practice", "review"):
        page = german(browser, "out", "/proposals/new", **draft, step=step)
        assert not [one for one in every if one in page], step
    stored = browser.api("out", "/communities/plan/formation")["results"]
    said = {text for one in stored for text in (one["asked"], *one["evidence"], one["action"]) if text}
    page = german(browser, "out", "/proposals/plan")
    assert "Haben sich Leute verpflichtet, sie zu leiten?" in page
    assert not [one for one in said if one in page]


def test_what_is_due(browser: Browser) -> None:
    said = {one["said"] for one in browser.api("lea", "/people/lea/digest")["items"]}
    assert said
    page = german(browser, "lea", "/me/due")
    assert "neu in Knots" in page
    assert not [one for one in said if one in page]


def test_reasons_of_findings(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are stored, and said in the language of who reads them; of what an earlier release stored the text stays."""
    # Whatever is measured is a finding, so that every community has its reasons on every scale.
    for scale in SCALES:
        monkeypatch.setattr(f"matcher.audit.{scale}.FLAGGED", 0.0)
    kim = {"Authorization": f"Bearer {browser.keys['kim']}"}
    assert browser.client.post("/audit/run", headers=kim).status_code == 303
    found = [one for one in browser.api("kim", "/audit/findings?limit=100")["results"] if "reasons" in one["evidence"]]
    assert {one["kind"] for one in found} == set(SCALES)
    said = {one["id"]: one["evidence"]["reasons"] for one in found}
    pages = {key: german(browser, "kim", f"/audit/findings/{key}") for key in said}
    assert {one["kind"] for one in found if one["evidence"]["reasons"]} == set(SCALES)
    for key, page in pages.items():
        assert not [one for one in said[key] if one in page], key
    listed = german(browser, "kim", "/audit?status=any") + german(browser, "kim", "/audit/groups")
    assert not [one for reasons in said.values() for one in reasons if one in listed]
    key = next(one["id"] for one in found if one["kind"] == "vitality")
    about = "MATCH (f:Finding {id: $key}) SET f.evidence = $evidence"
    browser.database.run_alone(about, key=key, evidence=json.dumps({"evidence": {}, "reasons": ["Silent for years."]}))
    assert "Silent for years." in german(browser, "kim", f"/audit/findings/{key}")


def test_what_is_wrong(browser: Browser) -> None:
    """Errors of whole pages, and those beside a form."""
    headers = {"Accept-Language": "de"}
    for who, method, path, fields, english, translated in (
        ("out", "GET", "/communities/vault", {}, "There is no community", "Es gibt keine Community"),
        (
            "out",
            "POST",
            "/communities/lamps/join",
            {"level": "active"},
            "is for a lead of",
            "die Leitung von Lamp Guild",
        ),
        ("mia", "POST", "/communities/knots/join", {"level": "active"}, "belongs to", "gehört schon zu Knots"),
        ("out", "POST", "/communities/sails/ask", {}, "people join it themselves", "Sails ist offen"),
        (
            "lea",
            "POST",
            "/communities/lamps/people",
            {"person_id": "nobody at all"},
            "Nobody is known",
            "Niemand ist als",
        ),
        ("out", "POST", "/proposals/plan/steps", {"step": "start"}, "To start a proposal", "beginnen zu lassen"),
        ("kim", "POST", "/proposals/plan/steps", {"step": "activate"}, "lacks", "eine Charta, die in Kraft ist"),
    ):
        auth = {**headers, "Authorization": f"Bearer {browser.keys[who]}"}
        answer = browser.client.request(method, path, data=fields or None, headers=auth)
        assert answer.status_code in (403, 404, 409, 422), (path, answer.status_code)
        page = unescape(answer.text)
        assert translated in page, (path, page[-1500:])
        assert english not in page, path


def test_what_a_field_lacks(browser: Browser) -> None:
    """Pydantic's words and those of validators of ours, beside a form and on a page of its own."""
    auth = {"Accept-Language": "de", "Authorization": f"Bearer {browser.keys['kim']}"}
    for method, path, fields, english, translated in (
        ("GET", "/audit?least=7", {}, "Input should be", "query.least: darf höchstens 1 sein"),
        ("GET", "/audit?status=nonsense", {}, "Input should be", "möglich ist 'open', 'accepted', 'dismissed'"),
        ("GET", f"/?text={'x' * (LONGEST_TEXT + 1)}", {}, "String should", "darf höchstens"),
        ("POST", "/communities/knots/join", {"level": "keen"}, "Input should be", "level: möglich ist 'core'"),
        ("POST", "/communities/knots/join", {"level": "core", "note": "\0"}, "NUL", ""),
    ):
        answer = browser.client.request(method, path, data=fields or None, headers=auth)
        page = unescape(answer.text)
        assert answer.status_code in (303, 404, 409, 422), (path, answer.status_code)
        assert translated in page, (path, page[-1500:])
        assert english not in page, path


def test_what_the_service_itself_refuses(browser: Browser) -> None:
    headers = {"Accept-Language": "de", "Accept": "text/html"}
    for given, path, status, translated in (
        ({"Authorization": "Bearer nonsense"}, "/me", 401, "Das ist kein API-Schlüssel."),
        ({"Authorization": "Bearer guildmap_x_y"}, "/me", 401, "unbekannt, widerrufen oder abgelaufen"),
        ({}, "/me", 401, "Geben Sie einen API-Schlüssel an"),
        ({}, f"/?text={'x' * 63_000}", 414, "darf höchstens"),
        ({}, "/nowhere", 404, "Unter dieser Adresse"),
    ):
        answer = browser.client.get(path, headers={**headers, **given})
        assert answer.status_code == status, (path, answer.status_code)
        assert '<html lang="de"' in answer.text, path
        assert translated in unescape(answer.text), (path, answer.text[-1500:])


def test_somebody_from_outside_reads_and_sends_in_their_language(browser: Browser) -> None:
    headers = {"Authorization": f"Bearer {browser.keys['eve']}", "Accept-Language": "de"}
    page = german(browser, "eve", "/communities/knots")
    assert "Die Community verlassen" in page
    version = hidden(page, "version", "/communities/knots/level")
    sent = {"level": "active", "version": version}
    changed = browser.client.post("/communities/knots/level", data=sent, headers=headers)
    assert changed.status_code == 303, changed.text
    assert "Mitglied: aktiv" in german(browser, "eve", "/communities/knots?done=level")
    for path, fields, status, told in (
        ("/communities/knots/level", {**sent, "version": "old"}, 412, "geändert"),
        ("/communities/knots/level", {"level": "keen"}, 422, "Eingabe nicht verwendbar"),
        ("/communities/sails/join", {"level": "active"}, 404, "Es gibt keine Community"),
        ("/communities/knots/ask", {}, 403, "Das ist für Personen der Organisation."),
        ("/proposals/new", {"name": "Knots"}, 403, "Das ist für Personen der Organisation."),
    ):
        answer = browser.client.post(path, data=fields, headers=headers)
        assert answer.status_code == status, (path, answer.status_code)
        assert told in unescape(answer.text), (path, answer.text[-1200:])
