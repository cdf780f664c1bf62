"""Every page as people meet it: in a real browser, light and dark, narrow and wide, by keyboard, without a script."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from graph.database import Database
from graph.reads import log
from tests.api.authorization.organisation import OPEN, Organisation, inhabited
from tests.api.authorization.rules import PAGES, values_for
from tests.api.serving import served, wait_until
from tests.conftest import emptied

SETTINGS: dict[str, Any] = {
    "auth": "keys", "person_rate": 0, "address_rate": 0, "power_reports": True, "engagement_observed": True,
    "request_deadline": 60,
}  # fmt: skip

NARROW, WIDE = 360, 1440

# Pages with charts, which a script draws as wide as there is room.
DRAWN = ("/audit/map", "/audit/heatmap")

# What of axe looks at colours.
COLOURS = ["color-contrast", "link-in-text-block"]

# To whom most is shown comes first.
EVERYBODY = ("admin", "manager", "lead", "other", "outsider")

# Whether a page is looked at thoroughly with everybody who is shown it, which takes several times as long; else with
# the first of them.
EVERY_ROLE = bool(os.environ.get("GUILDMAP_TEST_EVERY_ROLE"))


@pytest.fixture(scope="module")
def there(_one_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organisation]:
    with inhabited(emptied(_one_database), tmp_path_factory.mktemp("organisation"), **SETTINGS) as found:
        yield found


@contextmanager
def looking(chromium: Any, there: Organisation, who: str, width: int = WIDE, **options: Any) -> Iterator[Any]:
    """A browser's page of somebody, in which nothing may go wrong: no error in its console, no other host asked."""
    base = str(there.client.base_url).rstrip("/")
    context = chromium.new_context(
        base_url=base, viewport={"width": width, "height": 900}, reduced_motion="reduce",
        extra_http_headers={"Authorization": f"Bearer {there.keys[who]}"}, **options,
    )  # fmt: skip
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((base, "data:")) else wrong.append(asked.url))
    try:
        yield page
        assert not wrong, wrong
    finally:
        context.close()


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The pages that were looked at thoroughly."""
    return set()


def addresses(there: Organisation, who: str) -> Iterator[tuple[str, str]]:
    """Every page that somebody is shown, about what is open to all: its path as the service has it, and its address."""
    for path, rules in PAGES.items():
        for rule in rules if not path.endswith(".json") else ():  # that is a file to take along
            place = next(one for one in rule.places if one in ("open", "own", ""))
            if rule.expected(who, place) == 200:
                values = values_for(rule, who, place, there.ids)
                page = path + rule.query
                yield page, re.sub(r"{(\w+)}", lambda match, known=values: known[match[1]], page)


Complaints = Iterator[str]


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_can_be_used_by_whoever_is_shown_it(
    chromium: Any, there: Organisation, known: set[str], who: str
) -> None:
    """On a narrow screen and a wide one; thoroughly: in light and dark, by keyboard alone and without a script too. A
    page is loaded once, and then looked at in every way; all that is wrong is told."""
    wrong: list[str] = []
    seen = 0
    with (
        looking(chromium, there, who, NARROW, color_scheme="light") as page,
        looking(chromium, there, who, java_script_enabled=False) as plain,
    ):
        for path, address in addresses(there, who):
            assert page.goto(address).status == 200, address
            found = [*says_what_it_is(page), *is_no_wider(page, NARROW)]
            resized(page, WIDE, drawn=address in DRAWN)
            found += is_no_wider(page, WIDE)
            if EVERY_ROLE or path not in known:
                known.add(path)
                plain.goto(address)
                found += [*says_the_same(page, plain), *nothing_keeps_anybody(page), *keyboard_is_enough(page)]
            found += menus_stay(page, WIDE)
            resized(page, NARROW)
            found += menus_stay(page, NARROW)
            wrong += [f"{address}: {one}" for one in found]
            seen += 1
    assert seen > 10 or who == "outsider"
    assert not wrong, "\n".join(wrong)


def resized(page: Any, width: int, *, drawn: bool = False) -> None:
    """The page on another screen; loaded anew if something is drawn on it, which is as wide as the screen was then."""
    page.set_viewport_size({"width": width, "height": 900})
    if drawn:
        page.reload()


def says_what_it_is(page: Any) -> Complaints:
    """One heading of the first level, and a title."""
    if (headings := page.locator("h1").count()) != 1:
        yield f"{headings} headings of the first level"
    if not page.title().endswith("guildmap"):
        yield f"its title is {page.title()!r}"


def is_no_wider(page: Any, width: int) -> Complaints:
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        yield f"{wide} pixels on a screen of {width}"


def menus_stay(page: Any, width: int) -> Complaints:
    """On the screen; to be asked last, as it moves the focus."""
    for menu in page.locator("details.gm-menu").all():
        menu.locator("summary").click()
        box = menu.locator(".dropdown-menu").bounding_box()
        if box is None or box["x"] < 0 or box["x"] + box["width"] > width:
            yield f"a menu leaves a screen of {width}: {box}"
        menu.locator("summary").click()


def says_the_same(page: Any, plain: Any) -> Complaints:
    """What htmx or a chart puts in place is there from the beginning, without a script."""
    words, without = (len(one.locator("main").inner_text().split()) for one in (page, plain))
    if without < 0.9 * words:
        yield f"{without} of {words} words without a script"


def nothing_keeps_anybody(page: Any) -> Complaints:
    """Axe finds nothing: labels, roles, contrast, order of headings; in dark the colours alone are others."""
    from axe_playwright_python.sync_playwright import Axe

    for scheme, rules in (("light", {}), ("dark", {"runOnly": COLOURS})):
        page.emulate_media(color_scheme=scheme)
        for one in Axe().run(page, options={"resultTypes": ["violations"], **rules}).response["violations"]:
            yield f"{one['help']} ({scheme}): {[node['html'][:200] for node in one['nodes'][:3]]}"
    page.emulate_media(color_scheme="light")


def keyboard_is_enough(page: Any) -> Complaints:
    """The first stop leads over the menus to what the page is about; nothing there is left out."""
    page.keyboard.press("Tab")
    if (first := page.evaluate("document.activeElement.getAttribute('href')")) != "#main":
        yield f"a keyboard reaches {first} first"
    page.keyboard.press("Enter")
    unreached = page.evaluate(
        "[...document.querySelectorAll('main a[href], main button, main input, main select, main textarea, "
        "main summary')].filter(e => e.tabIndex < 0 && e.type !== 'hidden').map(e => e.outerHTML.slice(0, 99))"
    )
    if unreached:
        yield f"no keyboard reaches {unreached}"


def test_a_search_is_sent_by_keyboard(chromium: Any, there: Organisation) -> None:
    with looking(chromium, there, "lead") as page:
        page.goto("/")
        page.locator("#text").focus()
        page.keyboard.type("weaving")
        page.keyboard.press("Enter")
        page.wait_for_url("**/?text=weaving*")
        page.locator(".gm-hits li:first-child h2", has_text="Weaving").wait_for()


def test_search_as_you_type_changes_the_results_alone(chromium: Any, there: Organisation) -> None:
    with looking(chromium, there, "other") as page:
        page.goto("/")
        before = page.evaluate("document.querySelector('header').dataset.here = 'same'")
        page.locator("#text").press_sequentially("weaving", delay=20)
        page.wait_for_url("**/?text=weaving*")
        page.locator(".gm-hits mark").first.wait_for()
        assert page.evaluate("document.querySelector('header').dataset.here") == before == "same"
        assert page.locator("#text").input_value() == "weaving"


def test_whoever_looks_for_a_community_finds_it_or_whom_to_ask_or_proposes_it(
    chromium: Any, there: Organisation
) -> None:
    with looking(chromium, there, "other") as page:
        page.goto("/")
        page.get_by_label("Search communities, people and skills").fill("splice ropes for cranes")
        page.get_by_role("button", name="Search").click()
        assert page.locator(".gm-hits li").first.locator("mark").count(), "why it was found is marked"
        page.locator(".gm-hits").get_by_role("link", name="Weaving", exact=True).click()
        page.wait_for_url(f"**/communities/{OPEN}")
        page.goto("/")
        page.get_by_label("Search communities, people and skills").fill("orchids")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("heading", name="No community for this yet").wait_for()
        page.get_by_role("link", name="Ask for help").last.click()
        page.wait_for_url("**/ask?text=orchids")
        assert page.get_by_label("What do you need?").input_value() == "orchids"
        page.go_back()
        page.get_by_role("link", name="Propose a community").click()
        assert page.get_by_label("Name", exact=True).input_value() == "orchids"
        page.get_by_label("Its domain, in two to five sentences").fill("Orchids in glass houses, and how they are fed.")
        page.locator("#check").get_by_text("It would be new here.").wait_for()
        for step in ("Whom it is for", "How it would go on", "Look it through"):
            page.get_by_role("button", name=f"Next: {step}").click()
            page.locator("[aria-current=step]", has_text=step).wait_for()
        assert "Orchids in glass houses" in page.locator("form dl").first.inner_text()
        page.get_by_role("button", name="Propose it").click()
        page.wait_for_url("**/proposals/*?done=proposed")
        proposal = page.url.partition("?")[0].rpartition("/")[2]
    wait_until(lambda: found_in_catalogue(there, "other", "orchids") == [proposal])
    there.done("other", "POST", f"/v1/communities/{proposal}/formation/steps", {"step": "withdraw"})


def found_in_catalogue(there: Organisation, who: str, text: str) -> list[str]:
    found = there.done(who, "GET", f"/v1/search?text={text}&kind=community")["results"]
    return [one["id"] for one in found]


def test_a_finding_leads_to_a_remedy_that_is_tried_out_carried_out_and_taken_back(
    chromium: Any, there: Organisation
) -> None:
    before = log.fingerprint(there.database)
    with looking(chromium, there, "manager") as page:
        page.goto("/audit")
        page.get_by_label("Community or unit").press_sequentially("splice", delay=20)
        page.wait_for_url("**text=splice*")
        card = page.locator(".gm-finding", has_text="Weaving").first
        card.locator("h2 a").first.click()
        page.wait_for_url("**/audit/findings/*")
        for kind in ("What they say", "Skills that they cover", "People in both", "What they talk about"):
            assert page.get_by_role("heading", name=kind).count() == 1, kind
        assert "splice them" in page.locator("blockquote").first.inner_text()
        page.get_by_role("link", name="Merge Splices into Weaving").click()
        page.get_by_role("heading", name="What would follow").wait_for()
        assert "Who goes where" in page.locator("#outcome").inner_text()
        assert log.fingerprint(there.database) == before, "trying changes nothing"
        page.get_by_role("button", name="Carry it out").click()
        page.wait_for_url("**/audit/remedies?done=carried_out")
        assert there.done("manager", "GET", "/v1/communities/splicing")["status"] == "retired"
        done = page.locator("article", has_text="Splices was merged into Weaving")
        done.get_by_role("button", name="Take back").click()
        page.wait_for_url("**/audit/remedies?done=undone")
    assert log.fingerprint(there.database) == before, "and nothing is lost by taking it back"


def test_somebody_is_picked_by_name(chromium: Any, there: Organisation) -> None:
    """Names are offered while one types; without a script the name alone is enough."""
    charter = f"/communities/{OPEN}/charter"
    with looking(chromium, there, "lead") as page:
        page.goto(charter)
        page.get_by_text("Ask somebody to sponsor it").click()
        field = page.get_by_label("Who is it?")
        field.press_sequentially("hel", delay=20)
        offered = page.locator("#sponsor-offered option")
        offered.first.wait_for(state="attached")
        assert [one.get_attribute("value") for one in offered.all()] == ["Helper (helper)"]
        field.fill("Helper (helper)")
        page.get_by_role("button", name="Ask them").click()
        page.wait_for_url("**/charter?done=asked")
    with looking(chromium, there, "lead", java_script_enabled=False) as page:
        page.goto(charter)
        page.get_by_text("Ask somebody to sponsor it").click()
        page.get_by_label("Who is it?").fill("guest")
        page.get_by_role("button", name="Ask them").click()
        page.wait_for_url("**/charter?done=asked")
    sponsors = there.done("lead", "GET", f"/v1/communities/{OPEN}/sponsorship")["results"]
    assert {"helper", "guest"} <= {one["person"]["id"] for one in sponsors if one["state"] == "asked"}


def test_a_first_load_is_small(chromium: Any, there: Organisation) -> None:
    """What comes over the wire of a page without a cache, of all but those that draw charts: bytes, its files too."""
    seen = 0
    with looking(chromium, there, "admin") as page:
        came: list[float] = []
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
        wire.on("Network.loadingFinished", lambda told: came.append(told["encodedDataLength"]))
        for _, address in addresses(there, "admin"):
            if address in DRAWN:
                continue
            came.clear()
            page.goto(address, wait_until="load")
            page.evaluate("document.fonts.ready.then(() => true)")
            assert len(came) >= 4, "the page, its styles, a script, icons or letters"
            assert sum(came) < 200_000, f"{address}: {sum(came):.0f} bytes in {len(came)} files"
            seen += 1
    assert seen > 15


def test_a_newcomer_finds_a_community_says_no_to_one_and_joins_another(chromium: Any, there: Organisation) -> None:
    with looking(chromium, there, "other") as page:
        page.goto("/find?text=I+weave+ropes+for+cranes")
        first = page.locator("article").first
        assert "ropes" in first.inner_text()
        first.get_by_text("Not for me").click()
        first.get_by_label("Why not? Seen by you only").fill("no looms near me")
        name = first.locator("h2 a").inner_text()
        first.get_by_role("button", name="Do not suggest it").click()
        page.get_by_text(f"{name} is not suggested to you any more.").wait_for()
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("It may be suggested to you again.").wait_for()
        page.goto("/find?text=I+weave+ropes+for+cranes")
        chosen = page.locator("article", has=page.get_by_role("link", name="Weaving", exact=True))
        chosen.get_by_label("Level").select_option("occasional")
        chosen.get_by_role("button", name="Join").click()
        page.wait_for_url(f"**/communities/{OPEN}?done=joined")
    spell = there.done("other", "GET", f"/v1/communities/{OPEN}/members/other")
    assert spell["engagement"] == "occasional"
    there.done("other", "DELETE", f"/v1/communities/{OPEN}/members/other")


def test_a_need_is_asked_answered_and_followed_up(chromium: Any, there: Organisation) -> None:
    with looking(chromium, there, "core") as page:
        page.goto("/ask?text=Rope+advised")
        assert "Rope advice" in page.locator("#answers").inner_text(), "what was answered before comes first"
        page.goto("/ask?helper=helper&text=How+do+I+splice+wire?")
        page.get_by_text("Ask Helper").first.click()
        page.get_by_label("In a few words").first.fill("Wire splices")
        page.get_by_role("button", name="Send").first.click()
        page.wait_for_url("**/requests/*?done=asked")
        address = page.url.partition("?")[0]
    with looking(chromium, there, "helper") as page:
        page.goto("/requests")
        page.get_by_role("link", name="Wire splices").first.click()
        page.get_by_role("button", name="I will help").click()
        page.get_by_label("Your advice").fill("Soft wire first.\n\n* then **hard**")
        page.get_by_role("button", name="Give advice").click()
        page.wait_for_url("**done=advise")
        assert page.locator(".card li strong").inner_text() == "hard"
    with looking(chromium, there, "core", java_script_enabled=False) as page:
        page.goto(address)
        page.get_by_role("button", name="I tried it").click()
        page.get_by_label("it worked", exact=True).check()
        page.get_by_label("What others could learn from it").fill("Soft first.")
        page.get_by_role("button", name="Tell").click()
        page.wait_for_url("**done=outcome")
        assert "it worked" in page.locator("main").inner_text()


def test_a_form_of_a_page_is_known_to_be_ours(chromium: Any, there: Organisation) -> None:
    """By its `Origin`, which a browser tells of a form only where the page's policy lets it; without a script."""
    with served(there.database) as client:
        context = chromium.new_context(base_url=str(client.base_url), java_script_enabled=False)
        page = context.new_page()
        page.goto("/")
        with page.expect_request("**/taste") as sent:
            page.get_by_role("button", name="dark").click()
        assert sent.value.all_headers()["origin"] == str(client.base_url).rstrip("/")
        assert page.locator("html").get_attribute("data-bs-theme") == "dark"
        context.close()


def test_what_no_page_answers_is_told_on_one(there: Organisation) -> None:
    """To people; a program gets its problem document."""
    for accept, kind in (("text/html,*/*", "text/html"), ("application/json", "application/problem+json")):
        headers = {"Authorization": f"Bearer {there.keys['lead']}", "Accept": accept}
        answer = there.client.get("/nowhere", headers=headers)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (404, kind)
        answer = there.client.post("/taste", headers=headers, content=b"x" * 1_100_000)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (413, kind)
    assert there.client.get("/v1/nowhere", headers={"Accept": "text/html"}).headers["content-type"] == (
        "application/problem+json"
    )
