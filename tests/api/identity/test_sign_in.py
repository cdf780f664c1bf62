"""Signing in with a browser: there, back, and out again."""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oidc_provider_mock import User

from api.app import create_app
from api.identity.cookies import DEPARTURE, SESSION, local_path
from api.middleware import SEEN
from graph.database import Database
from graph.errors import InvalidInput
from graph.models import LOCAL_ADMIN, Role
from graph.reads import identities as reads
from graph.revocations import Revocations
from graph.writes import identities as writes
from graph.writes.events import now
from tests.api.identity.provider import CLIENT, Provider, running, sign_in_settings
from tests.api.serving import served, settings_for
from tests.embedders import HashingEmbedder

HERE = "https://guildmap.example"
ANN = User(sub="ann", claims={"email": "ann@x.example", "email_verified": True})
BOB = User(sub="bob", claims={"email": "bob@x.example", "email_verified": True})
STRANGER = User(sub="mallory", claims={"email": "ann@x.example"})
CHANGE = {"json": {"bio": "I bake."}, "headers": {"If-Match": "*"}}


@pytest.fixture
def people(database: Database) -> Database:
    rows = [{"id": key, "name": key.title(), "email_key": f"{key}@x.example"} for key in ("ann", "bob")]
    database.run_alone("UNWIND $rows AS row CREATE (p:Person) SET p = row", rows=rows)
    return database


class Browser:
    """Keeps cookies by the rules of `__Host-`, and follows nothing by itself."""

    def __init__(self, client: httpx.Client) -> None:
        self.client, self.jar = client, dict[str, str]()

    def send(self, method: str, address: str, **given: Any) -> httpx.Response:
        headers = {**given.pop("headers", {}), "Cookie": "; ".join(f"{k}={v}" for k, v in self.jar.items())}
        answer = self.client.request(method, address.removeprefix(HERE), headers=headers, **given)
        for line in answer.headers.get_list("set-cookie"):
            for name, one in SimpleCookie(line).items():
                assert name.startswith("__Host-")
                assert one["secure"], line
                assert one["httponly"], line
                assert (one["path"], one["domain"], one["samesite"].lower()) == ("/", "", "lax"), line
                if name.endswith(SEEN):  # how far the database has come, for a minute
                    continue
                self.jar.pop(name, None)
                if one["max-age"] != "0":
                    self.jar[name] = one.value
        return answer

    def get(self, address: str, **given: Any) -> httpx.Response:
        return self.send("GET", address, **given)

    def leave(self, to: str = "") -> str:
        """Sets out to sign in: the address at the provider."""
        answer = self.get(f"/sign-in{to}")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def consent(self, address: str, sub: str) -> str:
        """Says yes at the provider: the address back here."""
        answer = httpx.post(address, data={"sub": sub})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def sign_in(self, sub: str, to: str = "") -> httpx.Response:
        return self.get(self.consent(self.leave(to), sub))

    @property
    def csrf(self) -> str:
        return self.get("/v1/me").json()["csrf_token"]


@contextmanager
def site(people: Database, **given: Any) -> Iterator[tuple[Browser, Provider]]:
    with running(ANN, BOB, STRANGER) as provider, served(people, **sign_in_settings(provider, **given)) as client:
        yield Browser(client), provider


def test_there_and_back(people: Database) -> None:
    with site(people) as (browser, provider):
        assert browser.get("/v1/communities").status_code == 401
        assert browser.get("/account").headers["location"] == "/sign-in?to=/account"
        address = browser.leave("?to=/v1/people/ann")
        asked = {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        assert asked["redirect_uri"] == f"{HERE}/sign-in/callback"
        back = browser.get(browser.consent(address, "ann"))
        assert (back.status_code, back.headers["location"]) == (303, "/v1/people/ann"), back.text
        # PKCE: what was exchanged for the code is what the challenge was made from.
        (exchanged,) = provider.token_requests
        made = hashlib.sha256(exchanged["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(made).decode().rstrip("=") == asked["code_challenge"]
        assert set(browser.jar) == {SESSION}, "and nothing stays of the way there"
        assert browser.get("/v1/me").json()["person_id"] == "ann"
        page = browser.get("/account")
        assert "Ann" in page.text
        assert "style-src 'self'; " in page.headers["content-security-policy"]
        assert browser.jar[SESSION] not in str(people.run_alone("MATCH (s:Session) RETURN properties(s) AS s"))


def test_what_comes_back_must_be_what_was_sent_out(people: Database) -> None:
    with site(people) as (browser, _):
        for change in (
            lambda address: address.replace("state=", "state=x"),
            lambda address: address.split("?")[0],
            lambda address: f"{address}&iss=https://evil.example",
            lambda address: address.replace("code=", "code=x"),
            lambda address: address.replace("code=", "error=access_denied&code_="),
        ):
            address = browser.consent(browser.leave(), "ann")
            answer = browser.get(change(address))
            assert answer.status_code == 401, answer.text
            assert "text/html" in answer.headers["content-type"]
            assert set(browser.jar) == set()
        # A browser that did not begin it: somebody's link that would sign it in as them.
        address = browser.consent(browser.leave(), "bob")
        other = Browser(browser.client)
        assert other.get(address).status_code == 401
        assert other.jar == {}
        # The answer to one sign-in under the cookie of another, with its state: the nonce differs.
        first = browser.consent(browser.leave(), "bob")
        again = Browser(browser.client)
        state = parse_qs(urlsplit(again.leave()).query)["state"][0]
        code = parse_qs(urlsplit(first).query)["code"][0]
        assert again.get(f"/sign-in/callback?state={state}&code={code}").status_code == 401
        # A code counts once.
        address = browser.consent(browser.leave(), "ann")
        kept = dict(browser.jar)
        assert browser.get(address).status_code == 303
        browser.jar = kept
        assert browser.get(address).status_code == 401


def test_nobody_comes_in_whom_the_organisation_does_not_know(people: Database) -> None:
    with site(people) as (browser, provider):
        assert browser.sign_in("mallory").status_code == 403, "an address that is not verified"
        assert browser.jar == {}
        people.run_alone("MATCH (p:Person {id: 'bob'}) SET p.left_on = '2020'")
        assert browser.sign_in("bob").status_code == 403
        provider.away = True
        assert browser.get("/sign-in").status_code in (303, 503)


def test_a_form_of_another_site_changes_nothing(people: Database) -> None:
    with site(people) as (browser, _):
        browser.sign_in("ann")
        csrf = browser.csrf
        path = "/v1/people/ann"

        def change(**headers: str) -> int:
            given = {**CHANGE["headers"], **{name.replace("_", "-"): value for name, value in headers.items()}}
            return browser.send("PATCH", path, json=CHANGE["json"], headers=given).status_code

        assert change() == 403
        assert change(x_csrf_token="x") == 403
        other = Browser(browser.client)
        other.sign_in("bob")
        assert change(x_csrf_token=other.csrf) == 403, "a token of another session"
        assert change(x_csrf_token=csrf, origin="https://evil.example") == 403
        assert change(x_csrf_token=csrf, origin="null") == 403
        assert change(x_csrf_token=csrf, sec_fetch_site="cross-site") == 403
        assert change(x_csrf_token=csrf, sec_fetch_site="same-site") == 403
        assert browser.get(path).json()["bio"] is None
        assert change(x_csrf_token=csrf, origin=HERE, sec_fetch_site="same-origin") == 200
        # A token of another kind beside the cookie is what counts, and fails.
        assert change(x_csrf_token=csrf, authorization="Bearer guildmap_a_b") == 401


def test_a_part_that_is_put_in_place_has_forms_that_are_taken(people: Database) -> None:
    people.run_alone("CREATE (:Community {id: 'knots', name: 'Knots', domain: 'How to tie ropes.', status: 'active'})")
    with site(people) as (browser, _):
        browser.sign_in("ann")
        said = {"csrf_token": browser.csrf, "community_id": "knots", "name": "Knots"}
        part = browser.send("POST", "/find/not-for-me", data=said, headers={"HX-Request": "true"})
        (address,) = re.findall(r'action="([^"]+)"', part.text)
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', part.text))
        assert fields["csrf_token"], part.text
        assert browser.send("POST", address, data=fields).status_code == 303
        assert browser.get("/v1/people/ann/dismissals").json() == []


def test_signing_out_ends_what_was_open(people: Database) -> None:
    with site(people) as (browser, provider):
        browser.sign_in("ann")
        stolen = Browser(browser.client)
        stolen.jar = dict(browser.jar)
        assert browser.send("POST", "/sign-out").status_code == 403, "not by a page of another site"
        out = browser.send("POST", "/sign-out", data={"csrf_token": browser.csrf})
        assert (out.status_code, out.headers["location"]) == (303, "/signed-out")
        assert browser.jar == {}
        assert provider.issuer in browser.get("/signed-out").text
        assert stolen.get("/v1/me").status_code == 401
        for one in (browser, stolen):
            one.sign_in("ann")
        browser.send("POST", "/sign-out", data={"csrf_token": browser.csrf, "everywhere": "yes"})
        assert stolen.get("/v1/me").status_code == 401


def test_a_session_ends_with_its_time_its_person_and_by_command(people: Database) -> None:
    with site(people) as (browser, _):
        before = browser.jar.get(SESSION)
        browser.sign_in("ann")
        first = browser.jar[SESSION]
        browser.sign_in("ann")
        assert browser.jar[SESSION] not in (before, first), "no session is taken over"
        assert len(people.read(reads.sessions("ann", now()))) == 1
        people.write(lambda tx: writes.give_role(tx, LOCAL_ADMIN, Revocations(people.settings), "ann", Role.ADMIN))
        assert browser.get("/v1/events").status_code == 200
        people.write(lambda tx: writes.take_role(tx, LOCAL_ADMIN, Revocations(people.settings), "ann"))
        assert browser.get("/v1/events").status_code == 403
        assert people.write(lambda tx: writes.end_sessions(tx, LOCAL_ADMIN, "ann")) == 1
        assert browser.get("/v1/me").status_code == 401
        browser.sign_in("ann")
        people.run_alone("MATCH (p:Person {id: 'ann'}) SET p.left_on = $day", day=date.today().isoformat())
        assert browser.get("/v1/me").status_code == 401
        people.run_alone("MATCH (p:Person {id: 'ann'}) SET p.left_on = null")
        assert browser.get("/v1/me").status_code == 200
        gone = (date.today() - timedelta(days=1)).isoformat()
        people.run_alone("MATCH (s:Session) SET s.expires_at = $gone", gone=gone)
        assert browser.get("/v1/me").status_code == 401
        browser.sign_in("bob")
        assert len(people.run_alone("MATCH (s:Session) RETURN s.id AS id")) == 1, "what is over is cleared away"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/v1/people/ann?x=1", "/v1/people/ann?x=1"), ("//evil.example", "/"), ("/\\evil.example", "/"),
        ("https://evil.example", "/"), ("/\t/evil.example", "/"), (None, "/"), ("x", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_site(given: str | None, path: str) -> None:
    assert local_path(given) == path


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"public_url": None}, "GUILDMAP_PUBLIC_URL"), ({"oidc_client_id": None}, "GUILDMAP_OIDC_CLIENT_ID"),
        ({"oidc_issuer": "http://idp.example"}, "https"), ({"public_url": "http://here.example"}, "https"),
        ({"public_url": "https://here.example/guildmap/"}, "without a path"),
    ],
)  # fmt: skip
def test_a_setting_that_lacks_is_named(database: Database, given: dict[str, Any], name: str) -> None:
    usual = {"auth": "oidc", "public_url": HERE, "oidc_issuer": "https://idp.example", "oidc_client_id": CLIENT}
    with pytest.raises(InvalidInput, match=name):
        create_app(settings_for(database, **{**usual, **given}), database, HashingEmbedder)


def test_without_sign_in_there_are_no_pages_of_it(people: Database) -> None:
    with served(people, auth="keys") as client:
        for path in ("/sign-in", "/account", "/.well-known/oauth-protected-resource"):
            assert client.get(path).status_code == 404
        assert client.get("/v1/me", headers={"Cookie": f"{SESSION}=x; {DEPARTURE}=y"}).status_code == 401
