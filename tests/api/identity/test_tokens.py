"""Bearer tokens of the identity provider: what opens the API, and what does not."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey
from oidc_provider_mock import User

from api.identity.issuer import FETCHED_ONCE_IN
from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.revocations import Revocations
from graph.writes import identities as writes
from graph.writes.keys import create_key
from tests.api.identity.provider import Provider, running, sign_in_settings
from tests.api.serving import served

ANN = User(sub="ann", claims={"email": "ann@x.example", "email_verified": True})


@pytest.fixture
def people(database: Database) -> Database:
    database.run_alone(
        "UNWIND $rows AS row CREATE (p:Person) SET p = row",
        rows=[
            {"id": "ann", "name": "Ann", "email": "Ann@x.example", "email_key": "ann@x.example"},
            {"id": "bob", "name": "Bob", "email_key": "bob@x.example", "left_on": "2020-01-01"},
            {"id": "eve", "name": "Eve", "email_key": "eve@y.example", "external": True},
            {"id": "twin-1", "name": "Twin", "email_key": "twin@x.example"},
            {"id": "twin-2", "name": "Twin", "email_key": "twin@x.example"},
        ],
    )
    return database


@contextmanager
def api(people: Database, **given: Any) -> Iterator[tuple[httpx.Client, Provider]]:
    with running(ANN) as provider, served(people, **sign_in_settings(provider, **given)) as client:
        yield client, provider


def me(client: httpx.Client, token: str) -> httpx.Response:
    return client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


def b64(value: bytes | dict) -> str:
    raw = json.dumps(value).encode() if isinstance(value, dict) else value
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_token_of_the_provider_opens_the_api(people: Database) -> None:
    with api(people) as (client, provider):
        answer = me(client, provider.token())
        assert answer.status_code == 200, answer.text
        assert answer.json() == {
            "person_id": "ann", "name": "Ann", "role": "member", "external": False, "reads_only": False,
            "csrf_token": None,
        }  # fmt: skip
        assert me(client, provider.token(aud=["other", "guildmap-api"])).status_code == 200
        for kind in ("at+jwt", "JWT", "application/at+jwt"):
            assert me(client, provider.token(header={"typ": kind})).status_code == 200
        change = {"headers": {"Authorization": f"Bearer {provider.token()}", "If-Match": "*"}, "json": {"bio": "Bakes"}}
        assert client.patch("/v1/people/ann", **change).status_code == 200
        assert client.patch("/v1/people/twin-1", **change).status_code == 403


def test_a_token_of_the_provider_opens_what_assistants_reach(people: Database) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    with api(people) as (client, provider):
        for token, status in ((provider.token(), 200), (provider.token(aud="other"), 401)):
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
            answer = client.post("/mcp", json=message, headers=headers)
            assert answer.status_code == status, answer.text
            assert ("search_catalogue" in answer.text) == (status == 200)
        challenge = client.post("/mcp", json=message).headers["www-authenticate"]
        assert challenge.endswith('/.well-known/oauth-protected-resource"'), "where a client learns who signs people in"


def attacks(provider: Provider) -> dict[str, str]:
    """Tokens that somebody might try, by what is wrong with them."""
    now = int(time.time())
    good = provider.token()
    head, body, mark = good.split(".")
    public = provider.key.as_pem(private=False)
    kid = provider.key.as_dict()["kid"]
    other = RSAKey.generate_key(2048, {"kid": kid}, auto_kid=False)
    embedded = RSAKey.generate_key(2048)
    elliptic = ECKey.generate_key("P-256")
    claims = provider.claims()
    # By hand: joserfc refuses to make one.
    unsigned = f"{b64({'alg': 'HS256', 'kid': kid})}.{b64(claims)}"
    hmac_signed = f"{unsigned}.{b64(hmac.digest(public, unsigned.encode(), 'sha256'))}"
    admin = b64({**claims, "sub": "root", "email": "bob@x.example"})
    return {
        "no signature, alg none": f"{b64({'alg': 'none', 'kid': kid})}.{body}.",
        "no signature, alg NoNe": f"{b64({'alg': 'NoNe', 'kid': kid})}.{body}.",
        "HS256 with the public key": hmac_signed,
        "another key under the same id": provider.token(key=other),
        "another key in the header (jwk)": provider.token(
            key=embedded, header={"kid": embedded.thumbprint(), "jwk": embedded.as_dict(private=False)}
        ),
        "keys at another address (jku)": provider.token(
            key=embedded, header={"kid": embedded.thumbprint(), "jku": "http://localhost:9/jwks"}
        ),
        "unknown key id": provider.token(header={"kid": "another"}),
        "key id that is a path": provider.token(header={"kid": "../../etc/passwd"}),
        "another algorithm": provider.token(key=elliptic, header={"alg": "ES256"}),
        "an algorithm that is not pinned": provider.token(header={"alg": "RS512"}),
        "extension that must be understood": provider.token(header={"crit": ["urgent"], "urgent": 1}),
        "kind of another use": provider.token(header={"typ": "logout+jwt"}),
        "payload tampered with": f"{head}.{admin}.{mark}",
        "signature tampered with": f"{head}.{body}.{mark[:-8]}{'A' * 8}",
        "signature left out": f"{head}.{body}.",
        "signature of another token": f"{head}.{body}.{provider.token(sub='x').split('.')[2]}",
        "wrong audience": provider.token(aud="another"),
        "audience of the browser's client": provider.token(aud="guildmap"),
        "no audience": provider.token(aud=None),
        "wrong issuer": provider.token(iss="https://evil.example"),
        "no issuer": provider.token(iss=None),
        "expired": provider.token(iat=now - 600, exp=now - 60),
        "no expiry": provider.token(exp=None),
        "expiry that is no number": provider.token(exp="tomorrow"),
        "not yet valid": provider.token(nbf=now + 120),
        "issued in the future": provider.token(iat=now + 120),
        "no moment of issue": provider.token(iat=None),
        "no subject": provider.token(sub=None),
        "three dots": f"{good}.{mark}",
        "no token at all": "eyJ",
        "too long": good + "A" * 20_000,
        "nested without end": f"{b64(b'[' * 9_000)}.{body}.{mark}",
    }


def test_forged_tokens_open_nothing(people: Database) -> None:
    with api(people) as (client, provider):
        tried = attacks(provider)
        assert len(tried) >= 12
        for what, token in tried.items():
            answer = me(client, token)
            assert answer.status_code == 401, (what, answer.status_code, answer.text)
            assert 'error="invalid_token"' in answer.headers["www-authenticate"], what
            assert "resource_metadata=" in answer.headers["www-authenticate"], what
        assert me(client, provider.token()).status_code == 200, "and the good one still does"


def test_key_ids_that_nobody_knows_cost_the_provider_one_request_in_half_a_minute(people: Database) -> None:
    with api(people) as (client, provider):
        assert me(client, provider.token()).status_code == 200
        issuer = client_issuer(client)
        moved = issuer.clock() + FETCHED_ONCE_IN + 1
        issuer.clock = lambda: moved
        before = provider.asked["/jwks"]
        forged = [provider.token(header={"kid": f"k{number}"}) for number in range(20)]
        with ThreadPoolExecutor(5) as pool:
            assert {answer.status_code for answer in pool.map(lambda one: me(client, one), forged)} == {401}
        assert provider.asked["/jwks"] == before + 1
        later = moved + FETCHED_ONCE_IN + 1
        issuer.clock = lambda: later
        assert me(client, forged[0]).status_code == 401
        assert provider.asked["/jwks"] == before + 2


def test_a_new_key_counts_without_a_restart_and_one_withdrawn_does_not(people: Database) -> None:
    with api(people) as (client, provider):
        old = provider.token()
        assert me(client, old).status_code == 200
        provider.rotate()
        issuer = client_issuer(client)
        moved = issuer.clock() + FETCHED_ONCE_IN + 1
        issuer.clock = lambda: moved
        assert me(client, provider.token()).status_code == 200
        assert me(client, old).status_code == 401


def test_while_the_provider_is_away_the_keys_that_are_known_go_on(people: Database) -> None:
    with api(people) as (client, provider):
        assert me(client, provider.token()).status_code == 200
        provider.away = True
        issuer = client_issuer(client)
        for hours in (1, 2):
            moved = issuer.clock() + hours * 3_700
            issuer.clock = lambda moved=moved: moved
            assert me(client, provider.token()).status_code == 200
        assert me(client, provider.token(header={"kid": "new"})).status_code == 401


def test_before_the_provider_was_ever_there_nobody_can_be_told(people: Database) -> None:
    with running(ANN) as provider:
        provider.away = True
        with served(people, **sign_in_settings(provider)) as client:
            answer = me(client, provider.token())
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
            key = people.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, "ann", None))
            assert me(client, key).status_code == 200, "machines go on"


def test_whom_a_token_stands_for(people: Database) -> None:
    def asking(**claims: Any) -> tuple[int, str | None, str | None]:
        answer = me(client, provider.token(**claims))
        body = answer.json()
        return answer.status_code, body.get("person_id"), body.get("role")

    with api(people, oidc_role_claim="realm_access.roles") as (client, provider):
        assert asking(email="ANN@x.example ") == (200, "ann", "member")
        assert asking(email_verified=None)[0] == 403, "an address that people may set themselves"
        assert asking(email_verified=False)[0] == 403
        assert asking(email="bob@x.example")[0] == 403, "has left"
        assert asking(email="twin@x.example")[0] == 403, "fits two"
        assert asking(email="nobody@x.example")[0] == 403
        assert asking(realm_access={"roles": ["x", "knowledge_manager"]}) == (200, "ann", "knowledge_manager")
        assert asking(realm_access={"roles": "admin"}) == (200, "ann", "admin")
        assert asking(realm_access=["admin"])[2] == "member"
        assert asking(email=None, realm_access={"roles": ["admin"]}) == (200, None, "admin")
        assert me(client, provider.token(email="eve@y.example")).json()["external"] is True
    with api(people, oidc_person_claim="sub", oidc_person_is="id") as (client, provider):
        assert asking(email=None) == (200, "ann", "member")
        assert asking(sub="bob", email="ann@x.example")[0] == 403
        people.write(
            lambda tx: writes.give_role(tx, LOCAL_ADMIN, Revocations(people.settings), "ann", Role.KNOWLEDGE_MANAGER)
        )
        assert asking() == (200, "ann", "knowledge_manager"), "given here, from the next request on"
        people.write(lambda tx: writes.take_role(tx, LOCAL_ADMIN, Revocations(people.settings), "ann"))
        assert asking() == (200, "ann", "member")
    with api(people, oidc_email_trusted=True) as (client, provider):
        assert asking(email_verified=None) == (200, "ann", "member")
    with api(people, oidc_audience=None) as (client, provider):
        assert asking()[0] == 401, "no audience, no tokens"


def test_where_tokens_come_from_is_told(people: Database) -> None:
    with api(people) as (client, provider):
        told = client.get("/.well-known/oauth-protected-resource").json()
        assert told["authorization_servers"] == [provider.issuer]
        challenge = client.get("/v1/communities").headers["www-authenticate"]
        assert challenge == f'Bearer resource_metadata="{told["resource"]}/.well-known/oauth-protected-resource"'


def client_issuer(client: httpx.Client) -> Any:
    """The issuer within the service that the client talks to."""
    return client.app.state.service.identities.issuer
