"""Every operation of the API's description, asked for by everybody, about what is theirs and what is not."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from api import app
from api.pages.frame import PageRoute
from graph.database import Database
from tests.api.authorization.organisation import (
    INSIDE,
    PEOPLE,
    PERSONAL,
    PRIVATE,
    RESTRICTED,
    Organisation,
    inhabited,
    rehearse,
)
from tests.api.authorization.rules import MANAGERS, PAGES, PUBLIC, RULES, Rule, values_for
from tests.conftest import emptied

SETTINGS: dict[str, Any] = {
    "auth": "oidc", "public_url": "https://guildmap.example", "oidc_issuer": "http://localhost:9",
    "oidc_client_id": "guildmap", "person_rate": 0, "address_rate": 0, "power_reports": True,
    "engagement_observed": True, "request_deadline": 60,
}  # fmt: skip

ASKING = ("nobody", *PEOPLE)

# Names of fields of the pages' forms, each of which somebody may send anything in.
FIELDS = (
    "text", "title", "name", "domain", "audience", "topics", "skills", "reason", "note", "until", "person_id",
    "helper_id", "starts_at", "version", "level", "hours", "step", "decision", "outcome", "summary", "people",
    "community", "helper", "cursor", "bio", "languages", "timezone", "remedy", "made_on", "url", "term", "definition",
)  # fmt: skip


@pytest.fixture(scope="module")
def there(_one_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organisation]:
    database = emptied(_one_database)
    with inhabited(database, tmp_path_factory.mktemp("organisation"), **SETTINGS) as found:
        rehearse(database)
        try:
            yield found
        finally:
            vars(database).pop("write")


def operations(there: Organisation) -> list[str]:
    described = there.client.get("/openapi.json").json()["paths"]
    return [f"{method.upper()} {path}" for path, methods in described.items() for method in methods]


def test_every_operation_is_classified(there: Organisation) -> None:
    described = set(operations(there))
    assert described - RULES.keys() - PUBLIC == set(), "say in rules.py who may do this"
    assert (RULES.keys() | PUBLIC) - described == set(), "there is no such operation any more"


@pytest.mark.parametrize("operation", RULES)
def test_who_may_do_it_and_who_is_told_what(there: Organisation, operation: str) -> None:
    method, template = operation.split(" ")
    wrong: list[str] = []
    for number, rule in enumerate(RULES[operation]):
        done = set()
        for place in rule.places:
            for who in ASKING:
                values = values_for(rule, who, place, there.ids)
                path = re.sub(r"{(\w+)}", lambda match, known=values: known[match[1]], template + rule.query)
                body = rule.body(who, values) if rule.body else None
                answer = there.ask(None if who == "nobody" else who, method, path, body)
                expected = rule.expected(who, place)
                good = answer.status_code < 300 or answer.status_code in rule.also
                if (expected == 200 and not good) or (expected != 200 and answer.status_code != expected):
                    told = answer.text[:150] if answer.status_code >= 300 else ""
                    wrong.append(f"{number} {place} {who}: {answer.status_code}, not {expected}: {told}")
                if answer.status_code < 300:
                    done.add(place)
                wrong += [f"{number} {place} {who}: leaks {word}" for word in leaks(who, answer, path, body)]
        if rule.also == () and done != {place for place in rule.places if rule.allowed[place]}:
            wrong.append(f"{number}: nobody could do it, so nothing was tried")
    assert not wrong, "\n".join(wrong)


def test_every_page_is_classified() -> None:
    every = [one for router in app.PAGES for one in router.routes if isinstance(one, PageRoute)]
    shown = {one.path for one in every if "GET" in one.methods}
    assert shown - PAGES.keys() == set(), "say in rules.py to whom it is shown"
    assert PAGES.keys() - shown == set(), "there is no such page any more"


@pytest.mark.parametrize("path", PAGES)
def test_to_whom_a_page_is_shown_and_what_it_tells(there: Organisation, path: str) -> None:
    wrong: list[str] = []
    for number, rule in enumerate(PAGES[path]):
        for place in rule.places:
            for who in ASKING:
                values = values_for(rule, who, place, there.ids)
                address = re.sub(r"{(\w+)}", lambda match, known=values: known[match[1]], path + rule.query)
                answer = there.ask(None if who == "nobody" else who, "GET", address)
                expected = 303 if who == "nobody" else rule.expected(who, place)
                if answer.status_code != expected:
                    wrong.append(f"{number} {place} {who}: {answer.status_code}, not {expected}")
                if who != "nobody" and not path.endswith(".json"):
                    assert answer.headers["content-type"].startswith("text/html"), answer.text[:200]
                wrong += [f"{number} {place} {who}: leaks {word}" for word in leaks(who, answer, address, None)]
    assert not wrong, "\n".join(wrong)


HOSTILE = ("\0", "\ud83d", "x" * 30_000, "2026-99-99", "-1", "", "' OR 1=1 //", "{{ 7 * 7 }}")


def test_no_form_breaks_a_page(there: Organisation) -> None:
    """Whatever a field holds, the answer is a page that says so, or another page: never an error of ours; in either
    language, and to somebody from outside as well."""
    posts = {
        one.path
        for router in app.PAGES for one in router.routes
        if isinstance(one, PageRoute) and "POST" in one.methods
    }  # fmt: skip
    assert len(posts) > 40
    wrong: list[str] = []
    values = values_for(Rule(("open",), {}, {}), "admin", "open", there.ids) | {
        "skill_id": "s1",
        "step": "accept",
        "key_id": "none",
        "helper_id": "guest",
        "run_id": "none",
    }
    for method, path in [("POST", one) for one in sorted(posts)] + [("GET", one) for one in PAGES]:
        address = re.sub(r"{(\w+)}", lambda match: values.get(match[1], "none"), path)
        asked = [(hostile, "admin", "de" if number % 2 else "en") for number, hostile in enumerate(HOSTILE)]
        for hostile, who, language in [*asked, (HOSTILE[0], "outsider", "de")]:
            fields = {name: hostile.encode("utf-8", "surrogatepass") for name in FIELDS}
            body = urlencode(fields)
            headers = {
                "Authorization": f"Bearer {there.keys[who]}",
                "Accept-Language": language,
                "Content-Type": "application/x-www-form-urlencoded",
            }
            if method == "POST":
                answer = there.client.post(address, content=body, headers=headers)
            else:
                answer = there.client.get(f"{address}?{body[:50_000]}", headers=headers)
            if answer.status_code >= 500:
                wrong.append(f"{method} {path} {hostile[:12]!r} {who} {language}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def leaks(who: str, answer: Any, path: str, body: Any) -> list[str]:
    """Words that this person may not read, and that the answer tells though the request did not."""
    text = (answer.text + str(answer.headers)).casefold()
    asked = f"{path} {body}".casefold()
    unseen: list[str] = []
    if who not in (*INSIDE, *MANAGERS):
        unseen += RESTRICTED
    if who not in ("member", "core", "admin"):
        unseen += PRIVATE
    if who not in ("member", "admin"):
        unseen += PERSONAL
    return [word for word in unseen if word in text and word not in asked]


def test_what_must_not_leak_is_there_to_be_read(there: Organisation) -> None:
    """The words that others never read stand in what those who may read get: else nothing would be shown by it."""
    found: dict[str, set[str]] = {word: set() for word in (*RESTRICTED, *PRIVATE, *PERSONAL)}
    for operation, rules in RULES.items():
        method, template = operation.split(" ")
        for rule, place in ((one, place) for one in rules for place in one.places):
            values = values_for(rule, "member", place, there.ids)
            path = re.sub(r"{(\w+)}", lambda match, known=values: known[match[1]], template + rule.query)
            answer = there.ask("member", method, path, rule.body("member", values) if rule.body else None)
            for word in found:
                if word in answer.text.casefold():
                    found[word].add(operation)
    assert all(found.values()), found
    assert len(set.union(*(found[word] for word in RESTRICTED))) > 30


def test_a_name_that_a_restricted_community_has_is_not_told_to_be_taken(there: Organisation) -> None:
    new = {"name": "Vault qzxv", "domain": "Vaults."}
    for path, body in (("/v1/communities", {**new, "status": "proposed"}), ("/v1/proposals", {**new, "create": True})):
        assert there.ask("member", "POST", path, body).status_code == 409
        made = there.ask("other", "POST", path, body)
        assert made.status_code == 201, made.text
        assert made.headers["location"].startswith("/v1/communities/vault-qzxv-")


def test_who_proposes_a_restricted_community_may_go_on_with_it(there: Organisation) -> None:
    rehearsed = vars(there.database).pop("write")  # this one is for good
    try:
        new = {"name": "Attic", "domain": "Attics.", "status": "proposed", "visibility": "restricted"}
        path = there.ask("guest", "POST", "/v1/communities", new).headers["location"]
        assert there.ask("guest", "GET", path).status_code == 200
        assert there.ask("other", "GET", path).status_code == 404
        assert there.ask("guest", "POST", f"{path}/formation/steps", {"step": "withdraw"}).status_code == 200
    finally:
        vars(there.database)["write"] = rehearsed


def test_whoever_reads_only_changes_nothing(there: Organisation) -> None:
    tried = 0
    for operation, rules in RULES.items():
        method, template = operation.split(" ")
        for rule in rules:
            values = values_for(rule, "admin", rule.places[0], there.ids)
            path = re.sub(r"{(\w+)}", lambda match, known=values: known[match[1]], template + rule.query)
            answer = there.ask("reader", method, path, rule.body("admin", values) if rule.body else None)
            if answer.status_code == 403 and "reads only" in answer.text:
                tried += 1
                assert method != "GET"
            elif answer.status_code < 300:
                assert method == "GET" or path.startswith(("/v1/recommendations/", "/v1/formation", "/v1/audit/simul"))
    assert tried > 60


def test_calendars_are_opened_by_their_address_alone(there: Organisation) -> None:
    for who in ("other", "member"):
        calendar = there.client.get(there.ids[who]["calendar"])
        assert calendar.status_code == 200
        assert ("marmalade" in calendar.text.casefold()) == (who == "member")
        secret = there.ids[who]["calendar"].removesuffix(".ics")
        hidden = there.client.get(f"{secret}/vault-qzxv.ics")
        assert hidden.status_code == (200 if who == "member" else 404)
        assert [word for word in RESTRICTED[:-1] if word in hidden.text.casefold() and who == "other"] == []
    assert there.client.get("/v1/calendar/guessed.ics").status_code == 404


def test_what_is_open_to_all_tells_nothing(there: Organisation) -> None:
    for path in ("/health/ready", "/health/live", "/metrics", "/openapi.json", "/docs", "/sign-in", "/account"):
        answer = there.client.get(path)
        assert leaks("nobody", answer, path, None) == []
    assert "guildmap_communities 3.0" in there.client.get("/metrics").text, "restricted ones are not counted"


def test_search_counts_what_one_may_see(there: Organisation) -> None:
    names = ("other", *INSIDE, "asked")
    totals = {who: there.done(who, "GET", "/v1/search?kind=community&limit=100")["meta"] for who in names}
    # Who sponsors one, or is asked to, finds it too; who is asked is so for one of the two.
    assert {who: meta["total"] for who, meta in totals.items()} == {"other": 3, **dict.fromkeys(INSIDE, 5), "asked": 4}
    assert "xylocanary" not in str(totals["other"]["facets"])
