"""The pages of a community: what each shows to whom, and what their forms do."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from api.pages.community.vitality import WIDTH, drawn
from api.routes.vitality import MeasureOut
from graph.database import Database
from graph.reads.join_requests import ASK_AGAIN
from tests.api.pages.communities import Browser, browsing, day, hidden
from tests.conftest import emptied

TABS = ("", "/charter", "/meetings", "/meetings/m-next", "/meetings/m-past", "/people", "/questions", "/practice")


@pytest.fixture(scope="module")
def browser(_one_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(emptied(_one_database), tmp_path_factory.mktemp("pages")) as found:
        yield found


def test_an_overview_tells_what_it_is_and_what_goes_on(browser: Browser) -> None:
    page = browser.get("out", "/communities/knots")
    for told in ("Splicing ropes and knots", "Riggers", "Lea Lead", "Sam Sponsor", "Fewer falls.", "Ropes that hold.",
                 "Rope hour", "How do ropes age?", "/v1/communities/knots/meetings.ics", "#knots"):  # fmt: skip
        assert told in page, told
    assert "both speak of" in page.split("Near it")[1], "a neighbour with what the two have in common"
    assert "Who knows tar?" not in page, "nobody has answered it, and Otto is no member"
    assert "Join the community" in page
    assert "Leave the community" not in page


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_is_there_for_those_in_the_organisation(browser: Browser, tab: str) -> None:
    for who in ("out", "mia", "lea", "sam", "kim"):
        page = browser.get(who, f"/communities/knots{tab}")
        assert page.count("<h1") == 1
        assert "quokkawood" not in page or who in ("mia", "kim")


def test_a_restricted_community_is_not_there_for_others(browser: Browser) -> None:
    for tab in ("", "/charter", "/meetings", "/people", "/questions", "/practice", "/vitality"):
        page = browser.get("out", f"/communities/vault{tab}", 404)
        assert "Qzxv" not in page
        assert "There is no community" in page
    assert "Qzxv Vault" in browser.get("mia", "/communities/vault")
    assert "Qzxv" in browser.get("kim", "/communities/knots"), "a neighbour, for who may see it"
    assert "Qzxv" not in browser.get("lea", "/communities/knots")


def test_people_from_outside_read_the_domain_and_the_names(browser: Browser) -> None:
    page = browser.get("eve", "/communities/knots")
    assert "Splicing ropes and knots" in page
    for kept in ("Rope hour", "Fewer falls.", "How do ropes age?", "Near it"):
        assert kept not in page, kept
    people = browser.get("eve", "/communities/knots/people")
    assert "Mia Member" in people
    assert "/people/mia" not in people
    for tab in ("/charter", "/meetings", "/questions", "/practice", "/vitality"):
        browser.get("eve", f"/communities/knots{tab}", 403)
    browser.get("eve", "/communities/sails", 404)


def test_members_read_answers_and_others_who_answered(browser: Browser) -> None:
    assert "Slowly and in the dark." in browser.get("mia", "/communities/knots/questions")
    page = browser.get("out", "/communities/knots/questions")
    assert "How do ropes age?" in page
    assert "Lea Lead" in page
    assert "Slowly and in the dark." not in page


def test_how_it_does_is_for_those_who_are_in_it(browser: Browser) -> None:
    page = browser.get("mia", "/communities/knots/vitality")
    assert page.count('<th scope="row"') == 10
    assert "How it does" not in browser.get("out", "/communities/knots")
    browser.get("out", "/communities/knots/vitality", 403)


def test_newcomers_are_for_those_who_greet_them(browser: Browser) -> None:
    assert "I have greeted them" in browser.get("lea", "/communities/knots/people")
    assert "New here" not in browser.get("out", "/communities/knots/people")
    browser.send("lea", "/communities/knots/newcomers/new/greet")
    assert browser.api("lea", "/communities/knots/newcomers/new")["welcome"]["greetings"][0]["person_id"] == "lea"
    assert "I have greeted them" not in browser.get("lea", "/communities/knots/people")
    browser.send("lea", "/communities/knots/newcomers/new/buddies", buddy_id="mia")
    browser.send("mia", "/communities/knots/newcomers/new/buddies/agree", buddy_id="mia")
    browser.send("new", "/communities/knots/newcomers/new/buddies/agree", buddy_id="mia")
    assert "accompanied by Mia Member" in browser.get("lea", "/communities/knots/people")
    assert "First steps" in browser.get("mia", "/communities/knots/newcomers/mia")
    browser.get("out", "/communities/knots/newcomers/mia", 403)


def test_somebody_joins_changes_their_level_and_leaves(browser: Browser) -> None:
    answer = browser.send("out", "/communities/sails/join", level="active")
    assert answer.headers["location"] == "/communities/sails?done=joined"
    page = browser.get("out", "/communities/sails?done=joined")
    assert "You are a member now." in page
    assert "Member: active" in page
    version = hidden(page, "version", "/communities/sails/level")
    browser.send("out", "/communities/sails/level", level="core", version=version)
    assert browser.api("out", "/communities/sails/members/out")["engagement"] == "core"
    stale = browser.send("out", "/communities/sails/leave", status=412, version=version)
    assert "changed since you read it" in stale.text
    version = hidden(browser.get("out", "/communities/sails"), "version", "/communities/sails/leave")
    browser.send("out", "/communities/sails/leave", version=version)
    assert browser.api("out", "/communities/sails/members/out")["left_on"] == day(0)


def test_who_cannot_join_by_themselves_is_told_whom_to_ask(browser: Browser) -> None:
    page = browser.get("out", "/communities/lamps")
    asked = page.split("Ask to join", 1)[1].split("</details>")[0]
    assert '<a href="/people/lea">Lea Lead</a>' in asked
    assert "#lamps" in asked
    browser.send("out", "/communities/lamps/join", status=403, level="active")
    assert "Ask to join" not in browser.get("lea", "/communities/lamps")
    assert "Ask to join" not in browser.get("out", "/communities/sails"), "into an open one people go themselves"


def test_who_asks_to_join_is_let_in_or_told_why_not(browser: Browser) -> None:
    here = "/communities/lamps"
    asked = browser.send("out", f"{here}/ask", level="active", words="<b>Wicks</b> & lenses")
    assert asked.headers["location"] == f"{here}?done=asked-to-join"
    page = browser.get("out", here)
    assert "You asked to join" in page
    assert "&lt;b&gt;Wicks&lt;/b&gt; &amp; lenses" in page
    (request,) = browser.api("out", "/people/out/join-requests")
    assert "Who asks to join" not in browser.get("out", f"{here}/people")
    assert "Otto Out asks to join Lamp Guild." in unescape(browser.get("lea", "/me/due"))
    people = browser.get("lea", f"{here}/people")
    assert "Let Otto Out in" in people
    browser.send("out", f"{here}/asking/{request['id']}/accept", status=403)
    browser.send("lea", f"{here}/asking/{request['id']}/decline", status=422, reason=" ")
    browser.send("lea", f"{here}/asking/{request['id']}/decline", reason="We are full until May.")
    page = browser.get("out", here)
    assert "We are full until May." in page
    again = day(ASK_AGAIN)
    said = f"declined. You may ask again from {again} on. We are full until May."
    assert said in browser.get("out", "/me/due")
    told = page.split("Declined on", 1)[1].split("</details>")[0]
    assert "You may ask again from" in told
    assert f'action="{here}/ask"' not in told, "there is no form for what would be refused"
    refused = browser.send("out", f"{here}/ask", status=409, level="peripheral")
    assert again in refused.text
    browser.database.run_alone(
        "MATCH (j:JoinRequest {id: $id}) SET j.asked_at = $at, j.decided_at = $at",
        id=request["id"], at=f"{day(-ASK_AGAIN)}T09:00:00.000Z",
    )  # fmt: skip
    page = browser.get("out", here)
    assert "We are full until May." in page
    assert f'action="{here}/ask"' in page
    browser.send("out", f"{here}/ask", level="peripheral")
    earlier = browser.get("lea", f"{here}/people").split("Asked before", 1)[1].split("</p>")[0]
    assert "declined" in earlier
    assert "We are full until May." in earlier
    assert "(Lea Lead)" in earlier
    request = browser.api("out", "/people/out/join-requests")[0]
    browser.send("out", f"{here}/ask/{request['id']}/withdraw")
    assert "You asked to join" not in browser.get("out", here)
    browser.send("out", f"{here}/ask", level="peripheral")
    request = browser.api("out", "/people/out/join-requests")[0]
    browser.send("lea", f"{here}/asking/{request['id']}/accept")
    assert browser.api("out", "/communities/lamps/members/out")["engagement"] == "peripheral"
    assert "Who asks to join" not in browser.get("lea", f"{here}/people")
    browser.client.delete("/v1/communities/lamps/members/out", headers={
        "Authorization": f"Bearer {browser.keys['out']}", "If-Match": "*"})  # fmt: skip
    browser.send("out", "/communities/vault/ask", status=404)
    browser.send("eve", "/communities/knots/ask", status=403)


def test_somebody_is_named_by_what_is_known_of_them(browser: Browser) -> None:
    here = "/communities/lamps/people"
    for typed, who in (("gus", "gus"), ("nia NEW", "new"), ("Otto Out (out)", "out"), ("MIA@x.example", "mia")):
        assert browser.send("lea", here, person_id=typed, level="active").headers["location"] == f"{here}?done=let-in"
        assert browser.api("lea", f"/communities/lamps/members/{who}")["engagement"] == "active"
    refused = {"Nobody Such": "Nobody is known as", "": "Say who", "gus": "belongs to Lamp Guild already"}
    for typed, told in refused.items():
        answer = browser.send("lea", here, status=422, person_id=typed, level="core")
        form = answer.text.split(f'<form method="post" action="{here}">')[1].split("</form>")[0]
        assert told in form, "beside the field"
        assert 'value="core" selected' in form, "what else was given stays"
    answer = browser.send("lea", here, status=422, person_id="tove twin")
    assert "2 people are called" in answer.text
    for key in ("tove-1", "tove-2"):
        assert f'<option value="{key}">Tove Twin, The Yard ({key})</option>' in answer.text
    near = browser.send("lea", here, status=422, person_id="tov").text
    assert '<option value="Tove Twin, The Yard (tove-1)"></option>' in near, "who may be meant is offered"
    answer = browser.send("lea", here, person_id="Tove Twin, The Yard (tove-1)", level="active")
    assert answer.headers["location"] == f"{here}?done=let-in"
    assert browser.send("lea", here, person_id="tove-2").headers["location"] == f"{here}?done=let-in"


def test_every_form_that_names_a_person_says_what_is_wrong_beside_it(browser: Browser) -> None:
    for who, path, name in (
        ("lea", "/communities/knots/charter/sponsors", "person_id"),
        ("lea", "/communities/knots/meetings/m-past/came", "person_id"),
        ("lea", "/communities/knots/newcomers/mia/buddies", "buddy_id"),
        ("kim", "/proposals/plan/sponsor", "person_id"),
    ):
        answer = browser.send(who, path, status=422, **{name: "Tove Twin"})
        field = answer.text.split(f'name="{name}" required aria-describedby')[1].split("</form>")[0]
        assert 'value="tove-1"' in field, path
        assert "2 people are called Tove Twin" in field, path
        assert 'role="alert"' in answer.text, "and said at the top"
    page = browser.get("mia", "/ask?text=How+do+ropes+age?&helper=Tove+Twin", 422)
    assert "2 people are called Tove Twin" in page
    assert "How do ropes age?" in page
    assert "Ask Lea Lead" in browser.get("mia", "/ask?helper=lea+lead")


def test_people_are_offered_by_name_while_one_types(browser: Browser) -> None:
    part = browser.get("out", "/people?person_id=tove", **{"HX-Request": "true"})
    assert part.count("<option") == 2
    assert '<option value="Tove Twin (tove-1)">The Yard</option>' in part
    page = browser.get("out", "/people?name=tove")
    assert 'href="/people/tove-1"' in page
    assert "<option" not in page
    browser.get("eve", "/people?name=tove", 403)


def test_newcomers_are_named_in_lines_and_who_is_meant_is_chosen(browser: Browser) -> None:
    page = browser.get("kim", "/find/newcomers?people=Otto+Out%0ATove+Twin&person_id=Nia+New")
    assert "Otto Out\nTove Twin\nNia New</textarea>" in page
    assert "/find/newcomers?people=Otto%20Out%0Atove-1%0ANia%20New" in page, "the others stay"
    chosen = browser.get("kim", "/find/newcomers?people=Otto+Out%0Atove-1%0ANia+New")
    assert chosen.count('<th scope="row">') == 3


def test_members_are_shown_by_level_and_the_rest_page_by_page(browser: Browser) -> None:
    page = browser.get("out", "/communities/knots/people")
    assert page.index(">Core <") < page.index(">Active <")
    assert browser.api("out", "/communities/knots/members?engagement=active")["results"][0]["person_id"] == "mia"
    one = browser.api("out", "/communities/knots/members?limit=1")
    names = [one["results"][0]["name"]]
    while one["next_cursor"]:
        one = browser.api("out", f"/communities/knots/members?limit=1&cursor={one['next_cursor']}")
        names += [member["name"] for member in one["results"]]
    assert names == sorted(names)
    assert len(set(names)) == len(names) >= 4
    assert browser.get("out", "/communities/knots/people?level=core").count("/people/lea") >= 1
    assert "Mia Member" not in browser.get("out", "/communities/knots/people?level=core").split("Whom to turn to")[0]


def test_many_members_are_not_all_loaded(browser: Browser) -> None:
    browser.database.run_alone(
        "MATCH (c:Community {id: 'sails'}) UNWIND range(0, 299) AS i "
        "CREATE (:Person {id: 'crew-' + i, name: 'Crew ' + right('00' + i, 3), source: 'x'})"
        "-[:MEMBER_OF {id: 'crew-' + i, source: 'x'}]->(c)"
    )
    page = browser.get("out", "/communities/sails/people")
    assert page.count("/people/crew-") == 24
    assert "All 300" in page
    seen: list[str] = []
    address: str | None = "/communities/sails/people?level=unstated"
    while address:
        page = browser.get("out", address)
        found = re.findall(r'"/people/(crew-\d+)"', page)
        assert len(found) <= 120
        seen += found
        more = re.search(r'href="([^"]+)" rel="next"', page)
        address = unescape(more[1]) if more else None
    assert seen == [f"crew-{number}" for number in range(300)]


def test_what_is_forming_is_joined_by_saying_so(browser: Browser) -> None:
    page = browser.get("out", "/communities/plan")
    assert "/proposals/plan" in page
    assert "Join the community" not in page


def test_a_charter_is_drafted_objected_to_settled_and_adopted(browser: Browser) -> None:
    browser.get("mia", "/communities/knots/charter/edit", 403)
    page = browser.get("lea", "/communities/knots/charter/edit")
    draft = {"purpose": "No falls at all.", "pitch": "Ropes that hold.", "needs": "Tar\nTime\n",
             "objectives": "progressed: Ten knots written down"}  # fmt: skip
    version = hidden(page, "version", "/communities/knots/charter/edit")
    sent = browser.send("lea", "/communities/knots/charter/edit", version=version, **draft)
    number = sent.headers["location"].split("version=")[1].split("&")[0]
    charter = browser.api("lea", "/communities/knots/charter?newest=true")["charter"]
    assert charter["needs"] == ["Tar", "Time"]
    assert charter["objectives"] == [{"text": "Ten knots written down", "state": "progressed"}]

    late = browser.send("lea", "/communities/knots/charter/edit", status=412, version=version, number="1",
                        **{**draft, "purpose": "My own words.", "comment": "Shorter."})  # fmt: skip
    assert "My own words.</textarea>" in late.text, "what was typed is kept"
    assert 'value="Shorter."' in late.text
    assert "<ins>" in late.text.split("version 2 came meanwhile")[1].split("<form")[0], "and what the newer one says"
    again = hidden(late.text, "version", "/communities/knots/charter/edit")
    assert again != version
    wrong = browser.send("lea", "/communities/knots/charter/edit", status=422, version=again, number=number,
                         **{**draft, "purpose": "x" * 30_000})  # fmt: skip
    assert "x" * 30_000 in wrong.text

    browser.send("mia", "/communities/knots/charter/object", number=number, text="Time is short.")
    page = browser.get("sam", f"/communities/knots/charter?version={number}")
    assert "Time is short." in page
    assert "Adopt this version" in page
    assert "Adopt this version" not in browser.get("lea", f"/communities/knots/charter?version={number}")
    key = browser.api("sam", "/communities/knots/charter/objections")["results"][0]["id"]
    browser.send("sam", f"/communities/knots/charter/objections/{key}", reason="Half an hour then.")
    browser.send("mia", "/communities/knots/charter/stand-behind", number=number)
    browser.send("mia", "/communities/knots/charter/comments", number=number, text="Well put.")
    browser.send("lea", "/communities/knots/charter/adopt", status=403, number=number)
    browser.send("sam", "/communities/knots/charter/adopt", number=number)
    page = browser.get("out", "/communities/knots/charter")
    for told in ("No falls at all.", "Well put.", "Mia Member", "Half an hour then."):
        assert told in page, told
    page = browser.get("out", f"/communities/knots/charter?version={number}&against=1")
    assert "<del> falls" in page or "<ins>" in page
    assert browser.get("out", "/communities/knots/charter?version=99", 404)


def test_a_lead_plans_a_meeting_and_keeps_its_record(browser: Browser) -> None:
    assert "Plan a meeting" not in browser.get("mia", "/communities/knots/meetings")
    browser.send("mia", "/communities/knots/meetings", status=403, starts_at=f"{day(9)}T10:00", title="No")
    plan = {"title": "Tar hour", "starts_at": f"{day(9)}T10:00", "timezone": "Europe/Oslo", "rhythm": "fortnightly",
            "minutes": "45", "agenda": "Tar\nPitch"}  # fmt: skip
    browser.send("lea", "/communities/knots/meetings", **plan)
    page = browser.get("out", "/communities/knots/meetings")
    assert page.count("Tar hour") > 3, "of a series each meeting"
    assert "every 2 weeks" in page
    assert browser.send("lea", "/communities/knots/meetings", status=422, starts_at="soon").text.count("<h1") == 1

    past = "/communities/knots/meetings/m-past"
    browser.send("mia", f"{past}/came", came="true")
    browser.send("lea", f"{past}/notes", summary="We talked of tar and of pitch.")
    page = browser.get("mia", past)
    assert "I was not there after all" in page
    assert "tar and of pitch" in page
    browser.send("lea", "/communities/knots/meetings/m-next/agenda", title="Whipping")
    assert "Whipping" in browser.get("out", "/communities/knots/meetings/m-next")
    browser.send("lea", "/communities/knots/meetings/m-next/cancel", reason="Storm.")
    assert "Storm." in browser.get("out", "/communities/knots/meetings/m-next")
    browser.get("out", "/communities/sails/meetings/m-next", 404)


def test_members_add_what_they_made_and_anybody_proposes(browser: Browser) -> None:
    browser.send("mia", "/communities/knots/practice/artefacts", title="Knot book", url="https://wiki.example/knots")
    browser.send("out", "/communities/knots/practice/artefacts", status=403, title="Not mine")
    browser.send("out", "/communities/knots/practice/initiatives", kind="topic", title="Tar or pitch?")
    page = browser.get("lea", "/communities/knots/practice")
    assert 'href="https://wiki.example/knots"' in page
    assert "Take it up" in page
    assert "Take it up" not in browser.get("mia", "/communities/knots/practice")
    key = browser.api("lea", "/communities/knots/initiatives")[0]["id"]
    browser.send("lea", f"/communities/knots/practice/initiatives/{key}/decline", reason="We settled that.")
    assert "We settled that." in browser.get("out", "/communities/knots/practice")
    browser.send("lea", "/communities/knots/practice/words", term="whipping", state="accepted", definition="Twine.")
    assert "Twine." in browser.get("out", "/communities/knots/practice")


def test_what_people_write_is_text_and_no_markup(browser: Browser) -> None:
    nasty = "<script>alert(1)</script><b onclick=x>"
    browser.send("out", "/communities/knots/practice/initiatives", kind="topic", title=nasty, text=nasty)
    page = browser.get("out", "/communities/knots/practice")
    assert "<script>alert" not in page
    assert "<b onclick" not in page


def test_a_measure_is_drawn_on_a_line_as_long_as_what_is_known() -> None:
    numbers = {"numbers": {}, "why": None, "trend": "rising"}
    peers = {"number": 9, "quartiles": (2, 3, 6), "band": "middle half"}
    one = MeasureOut.model_validate(
        {"name": "artefacts", "unit": "count", "value": 4, "before": 8, "peers": peers, **numbers}
    )
    found = drawn(one)
    assert (found.value, found.before) == (WIDTH / 2, WIDTH)
    assert (found.low, found.median, found.high) == (50, 75, 150)
    points = drawn(MeasureOut.model_validate({"name": "pulse", "unit": "points", "value": 1, "before": None,
                                              "peers": None, **numbers}))  # fmt: skip
    assert (points.value, points.before, points.low) == (0, None, None)
