"""An identity provider pushes users and groups: what it may, what it reads back, and what becomes of the people."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import SearchRequest
from scim2_server.routing import ROUTES
from scim2_tester import Status, check_server

from api.scim.resources import PROVIDER
from api.scim.storage import GraphStorage
from graph.database import Database, Read
from graph.models import LOCAL_ADMIN, Role
from graph.reads import log
from graph.reads.provisioned import Wanted
from graph.reads.provisioned import found as found_read
from graph.writes.by_hand import edit
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.scim import Directory
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.conftest import emptied
from tests.days import today
from tests.graph.profiled import hits, profiled
from tests.ingest.test_jobs import write

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

SETTINGS: dict[str, Any] = {"auth": "keys", "person_rate": 0, "address_rate": 0, "request_deadline": 60}


class Pushing:
    """An identity provider with its key."""

    def __init__(self, client: httpx.Client, database: Database, key: str) -> None:
        self.client, self.database, self.key = client, database, key

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/scim+json", **headers}
        return self.client.request(method, f"/scim/v2{path}", json=body, headers=headers)

    def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.ask(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def user(self, username: str, /, **more: Any) -> str:
        return self.done("POST", "/Users", {"schemas": [USER, ENTERPRISE], "userName": username, **more})["id"]

    def group(self, name: str, /, *members: str, **more: Any) -> str:
        listed = [{"value": one} for one in members]
        body = {"schemas": [GROUP], "displayName": name, "members": listed, **more}
        return self.done("POST", "/Groups", body)["id"]

    def patch(self, path: str, *operations: Any) -> None:
        self.done("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def person(self, key: str) -> dict[str, Any]:
        rows = self.database.run_alone(
            "MATCH (:Provisioned {id: $key})-[:STANDS_FOR]->(p) RETURN properties(p) AS person", key=key
        )
        return rows[0]["person"] if rows else {}


@pytest.fixture(scope="module")
def _serving(_one_database: Database) -> Iterator[dict[str, httpx.Client]]:
    emptied(_one_database)
    with served(_one_database, **SETTINGS) as units, served(_one_database, scim_groups="communities", **SETTINGS) as cs:
        yield {"units": units, "communities": cs}


def _pushing(database: Database, client: httpx.Client) -> Pushing:
    key = database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, None, None, provisions=True))
    return Pushing(client, database, key)


@pytest.fixture
def pushing(database: Database, _serving: dict[str, httpx.Client]) -> Pushing:
    return _pushing(database, _serving["units"])


@pytest.fixture
def pushing_communities(database: Database, _serving: dict[str, httpx.Client]) -> Pushing:
    return _pushing(database, _serving["communities"])


def test_the_protocol_is_kept_as_its_own_tests_want_it(pushing: Pushing) -> None:
    base = str(pushing.client.base_url.join("/scim/v2"))
    with httpx2.Client(base_url=base, headers={"Authorization": f"Bearer {pushing.key}"}, timeout=60) as plain:
        client = SyncSCIMClient(plain)
        client.discover()
        results = check_server(client, raise_exceptions=False)
    assert [f"{one.title}: {one.reason}" for one in results if one.status is not Status.SUCCESS] == []
    assert len(results) > 80


def test_every_endpoint_is_for_provisioning_keys_alone(pushing: Pushing) -> None:
    others = {
        role: pushing.database.write(lambda tx, role=role: create_key(tx, LOCAL_ADMIN, role, None, None))
        for role in (Role.KNOWLEDGE_MANAGER, Role.ADMIN)
    }
    for route in ROUTES:
        path = route.pattern.replace("{endpoint}", "Users").replace("{resource_id}", "nobody")
        if path == "/ServiceProviderConfig":  # RFC 7643, section 5: for everybody
            assert pushing.ask(route.method, path, Authorization="").status_code == 200
            continue
        for token in ("", "Bearer", "Bearer guildmap_0123_456", "Bearer x.y.z", "Basic Zm9vOmJhcg=="):
            answer = pushing.ask(route.method, path, {}, Authorization=token)
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="SCIM"'), path
        for key in others.values():
            assert pushing.ask(route.method, path, {}, Authorization=f"Bearer {key}").status_code == 403
        assert pushing.ask(route.method, path, {}).status_code not in (401, 403)
    # And the key opens nothing else.
    for path in ("/v1/me", "/v1/communities", "/v1/events"):
        assert pushing.client.get(path, headers={"Authorization": f"Bearer {pushing.key}"}).status_code == 403


def test_a_user_is_a_person_whose_fields_hands_may_set(pushing: Pushing) -> None:
    boss = pushing.user("grace", displayName="Grace", emails=[{"value": "grace@x.example"}])
    before = pushing.database.read(log.revision())
    ada = pushing.user(
        "ada@x.example", name={"givenName": "Ada", "familyName": "Byron"}, title="Analyst", preferredLanguage="en",
        emails=[{"value": "home@x.example", "type": "home"}, {"value": "Ada@x.example", "type": "work"}],
        phoneNumbers=[{"value": "555"}], password="hunter2",
        **{ENTERPRISE: {"department": "Research", "manager": {"value": boss}, "employeeNumber": "7"}},
    )  # fmt: skip
    assert pushing.database.read(log.revision()) == before + 1
    person = pushing.person(ada)
    assert (person["name"], person["title"], person["email"]) == ("Ada Byron", "Analyst", "Ada@x.example")
    assert (person["languages"], person["sources"]) == (["en"], ["scim"])
    line = "MATCH (p:Person {id: $id})-[:REPORTS_TO]->(m), (p)-[:WORKS_IN]->(u) RETURN m.name AS boss, u.name AS unit"
    assert pushing.database.run_alone(line, id=person["id"]) == [{"boss": "Grace", "unit": "Research"}]
    kept = pushing.database.run_alone("MATCH (n:Provisioned {id: $id}) RETURN n.resource AS said", id=ada)[0]["said"]
    assert "555" not in kept
    assert "hunter2" not in kept
    pushing.database.write(lambda tx: edit(tx, LOCAL_ADMIN, "person", person["id"], {"title": "Countess"}))
    pushing.patch(f"/Users/{ada}", {"op": "replace", "path": "title", "value": "Director"})
    # What the provider said it reads again; what counts is what was typed.
    assert pushing.done("GET", f"/Users/{ada}")["title"] == "Director"
    assert pushing.person(ada)["title"] == "Countess"


def test_who_is_known_by_their_address_is_that_person(pushing: Pushing, tmp_path: Path) -> None:
    rows = [{"id": "p7", "name": "Ada B.", "email": "ada@x.example", "bio": "I count."}]
    folder = write(tmp_path / "hr", {"people": rows})
    ingest(pushing.database, BundleSource(folder, "hr"), rejects_folder=tmp_path / "rejects")
    ada = pushing.user("ada", displayName="Ada Byron", emails=[{"value": "ADA@x.example"}], title="Analyst")
    person = pushing.person(ada)
    assert (person["id"], person["bio"], person["title"]) == ("p7", "I count.", "Analyst")
    other = pushing.user("ada2", displayName="Another", emails=[{"value": "ada@x.example"}])
    assert pushing.person(other)["id"] != "p7"  # one source speaks of a person once: this is for somebody to decide


@pytest.mark.parametrize("how", ["replace", "entra", "delete"])
def test_who_is_deprovisioned_has_left_and_stays(pushing: Pushing, how: str) -> None:
    ada = pushing.user("ada@x.example", displayName="Ada", active=True, emails=[{"value": "ada@x.example"}])
    person = pushing.person(ada)
    key = pushing.database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, person["id"], None))
    me = {"Authorization": f"Bearer {key}"}
    assert pushing.client.get("/v1/me", headers=me).status_code == 200
    if how == "replace":
        pushing.patch(f"/Users/{ada}", {"op": "replace", "value": {"active": False}})
    elif how == "entra":
        pushing.patch(f"/Users/{ada}", {"op": "Replace", "path": "active", "value": "False"})
    else:
        pushing.done("DELETE", f"/Users/{ada}")
        assert pushing.ask("GET", f"/Users/{ada}").status_code == 404
        assert pushing.done("GET", '/Users?filter=userName eq "ada@x.example"')["totalResults"] == 0
    rows = pushing.database.run_alone("MATCH (p:Person {id: $id}) RETURN p.left_on AS left", id=person["id"])
    assert rows == [{"left": today()}]
    assert pushing.client.get("/v1/me", headers=me).status_code == 401
    if how == "delete":
        back = pushing.user("ada@x.example", displayName="Ada", emails=[{"value": "ada@x.example"}])
        assert back != ada
    else:
        back = ada
        pushing.patch(f"/Users/{ada}", {"op": "replace", "path": "active", "value": True})
    assert pushing.person(back)["id"] == person["id"]
    assert "left_on" not in pushing.person(back)
    assert pushing.client.get("/v1/me", headers=me).status_code == 200


def test_groups_are_units_and_what_lies_in_them(pushing: Pushing) -> None:
    ada, bob = pushing.user("ada"), pushing.user("bob")
    team = pushing.group("Compilers", ada)
    pushing.group("Engineering", team)
    line = "MATCH (u:OrgUnit) RETURN u.name AS unit, COLLECT { MATCH (p:Person)-[:WORKS_IN]->(u) RETURN p.name } AS people, head(COLLECT { MATCH (u)-[:PART_OF]->(o) RETURN o.name }) AS above ORDER BY unit"  # noqa: E501
    there = [{"unit": "Compilers", "people": ["ada"], "above": "Engineering"}]
    top = {"unit": "Engineering", "people": [], "above": None}
    assert pushing.database.run_alone(line) == [*there, top]
    pushing.patch(
        f"/Groups/{team}",
        {"op": "Add", "path": "members", "value": [{"value": bob}]},
        {"op": "Remove", "path": f'members[value eq "{ada}"]'},
    )
    assert pushing.database.run_alone(line)[0]["people"] == ["bob"]
    assert [one["value"] for one in pushing.done("GET", f"/Groups/{team}")["members"]] == [bob]
    pushing.patch(f"/Groups/{team}", {"op": "remove", "path": "members", "value": [{"value": bob}]})
    pushing.done("DELETE", f"/Groups/{team}")
    assert pushing.database.run_alone(line) == [top]
    unknown = {"displayName": "X", "schemas": [GROUP], "members": [{"value": "no"}]}
    assert pushing.ask("POST", "/Groups", unknown).json()["scimType"] == "invalidValue"


def test_groups_are_communities_that_keep_their_past(pushing_communities: Pushing, tmp_path: Path) -> None:
    pushing = pushing_communities
    folder = write(tmp_path / "kb", {"communities": [{"id": "math", "name": "Mathematics", "domain": "We count."}]})
    ingest(pushing.database, BundleSource(folder, "kb"), rejects_folder=tmp_path / "rejects")
    ada = pushing.user("ada")
    known = pushing.group("mathematics ", ada)
    new = pushing.group("Weaving", ada)
    line = "MATCH (p:Person)-[m:MEMBER_OF]->(c:Community) RETURN c.id AS id, m.joined_on AS joined, m.left_on AS left ORDER BY c.name, joined"  # noqa: E501
    first = [{"id": "math", "joined": None, "left": None}, {"id": new, "joined": None, "left": None}]
    assert pushing.database.run_alone(line) == first
    pushing.patch(f"/Groups/{known}", {"op": "remove", "path": "members"})
    pushing.patch(f"/Groups/{known}", {"op": "add", "path": "members", "value": [{"value": ada}]})
    spells = [one for one in pushing.database.run_alone(line) if one["id"] == "math"]
    assert sorted(spells, key=str) == sorted(
        [{"id": "math", "joined": None, "left": today()}, {"id": "math", "joined": today(), "left": None}], key=str
    )
    pushing.done("DELETE", f"/Groups/{new}")
    pushing.done("DELETE", f"/Groups/{known}")
    states = pushing.database.run_alone("MATCH (c:Community) RETURN c.id AS id, c.status AS status ORDER BY c.name")
    assert states == [{"id": "math", "status": None}, {"id": new, "status": "retired"}]
    assert all(one["left"] == today() for one in pushing.database.run_alone(line))


def test_what_is_asked_for_is_found_and_paged(pushing: Pushing) -> None:
    ids = [pushing.user(f"u{n}", externalId=f"e{n}", title="Odd" if n % 2 else "Even") for n in range(5)]
    for asked, wanted in {
        'userName eq "U3"': [ids[3]],
        'externalId eq "e2"': [ids[2]],
        f'id eq "{ids[1]}"': [ids[1]],
        'title eq "odd" and userName ne "u1"': [ids[3]],
        'title sw "E"': [ids[0], ids[2], ids[4]],
        'userName eq "nobody"': [],
    }.items():
        found = pushing.done("GET", f"/Users?filter={asked}")
        assert [one["id"] for one in found.get("Resources", [])] == wanted, asked
    page = pushing.done("GET", "/Users?startIndex=2&count=2")
    assert ([one["id"] for one in page["Resources"]], page["totalResults"]) == (ids[1:3], 5)
    assert pushing.ask("GET", "/Users?filter=userName eq").json()["scimType"] == "invalidFilter"
    assert pushing.ask("GET", "/Users?sortBy=userName").status_code in (200, 501)


def test_what_an_index_leads_to_is_one_read_whatever_else_is_asked(pushing: Pushing) -> None:
    def addresses(*given: str) -> list[dict[str, str]]:
        return [{"value": one, "type": kind} for one, kind in zip(given, ("work", "home"), strict=False)]

    ada = pushing.user("ada", externalId="e-1", emails=addresses("Ada.Byron@x.example", "a@home.example"))
    bob = pushing.user("bob", displayName="ada.byron@x.example", emails=addresses("ada.byron@y.example"))
    team = pushing.group("Team", ada, externalId="e-1")
    for number in range(30):
        pushing.user(f"u{number}", emails=addresses(f"u{number}@x.example"))
    asked = {
        'userName eq "ADA"': [ada],
        'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada"': [ada],
        'externalId eq "e-1"': [ada],
        'emails eq "ada.byron@X.example"': [ada],
        'emails.value eq "a@home.example"': [ada],
        'emails[type eq "work" and value eq "ada.byron@x.example"]': [ada],
        'emails[type eq "home" and value eq "ada.byron@x.example"]': [],
        'emails eq "byron@x.example"': [],
        'active eq true or emails eq "nobody@x.example"': None,  # all have to be looked at
        'emails eq "ada.byron@y.example" or userName eq "ada"': [ada, bob],
        'userName eq "ada" and title eq "none"': [],
        'emails eq "nobody" or id pr': None,
    }
    for filtered, wanted in asked.items():
        transaction, counted = pushing.database, Counter[str]()
        # It stands for a transaction, and reads alone.
        found = GraphStorage(Directory(Counting(transaction, counted))).search(  # type: ignore[arg-type]
            [PROVIDER.resource_types[0]], SearchRequest(filter=filtered)
        )
        if wanted is None:
            assert "read/provisioned_ids" in counted, filtered
        else:
            assert dict(counted) == {"read/provisioned_found": 1}, filtered
            assert [one.id for one in found.resources] == wanted, filtered
            over_http = pushing.done("GET", f"/Users?filter={quote(filtered)}").get("Resources", [])
            assert [one["id"] for one in over_http] == wanted, filtered
    assert [one["id"] for one in pushing.done("GET", '/Groups?filter=displayName eq "TEAM"')["Resources"]] == [team]


def test_the_read_of_a_filter_looks_at_no_more_than_it_finds(pushing: Pushing) -> None:
    """By the database's own account of what it did, among three hundred."""
    rows = [{"id": f"x{n}", "kind": "User", "name_key": f"n{n}", "external_id": f"e{n}", "created_at": "2026",
             "resource": json.dumps({"userName": f"n{n}", "emails": [{"value": f"n{n}@x.example"}]})}
            for n in range(300)]  # fmt: skip
    pushing.database.run_alone("UNWIND $rows AS row CREATE (n:Provisioned) SET n = row", rows=rows)
    for wanted in (
        Wanted(ids=frozenset({"x7"})), Wanted(name_keys=frozenset({"n7"})), Wanted(external_ids=frozenset({"e7"})),
        Wanted(texts=frozenset({"n7@x.example"})),
    ):  # fmt: skip
        read = found_read(["User"], wanted)
        plan = profiled(pushing.database, read.name, **read.parameters)
        operators = [one["operatorType"].partition("@")[0] for one in plan]
        assert not [one for one in operators if "LabelScan" in one or "AllNodes" in one], operators
        assert hits(plan) < 30
        assert plan[0]["args"]["Rows"] == 1


class Counting:
    """A transaction of reads that counts them by statement."""

    def __init__(self, database: Database, counted: Counter[str]) -> None:
        self.database, self.counted = database, counted

    def read(self, read: Read[Any]) -> Any:
        self.counted[read.name] += 1
        return self.database.read(read)


def test_a_version_that_is_outdated_changes_nothing(pushing: Pushing) -> None:
    ada = pushing.user("ada")
    tag = pushing.ask("GET", f"/Users/{ada}").headers["ETag"]
    assert pushing.ask("GET", f"/Users/{ada}", **{"If-None-Match": tag}).status_code == 304
    body = {"schemas": [USER], "userName": "ada", "title": "One"}
    assert pushing.ask("PUT", f"/Users/{ada}", body, **{"If-Match": tag}).status_code == 200
    assert pushing.ask("PUT", f"/Users/{ada}", {**body, "title": "Two"}, **{"If-Match": tag}).status_code == 412
    assert pushing.ask("DELETE", f"/Users/{ada}", **{"If-Match": tag}).status_code == 412
    assert pushing.done("GET", f"/Users/{ada}")["title"] == "One"
    pushing.user("bob")
    assert pushing.ask("PUT", f"/Users/{ada}", {**body, "userName": "BOB"}).json()["scimType"] == "uniqueness"


def test_what_cannot_be_used_is_refused_and_nothing_of_it_stays(pushing: Pushing) -> None:
    before = pushing.database.read(log.revision())
    for body in (
        {"schemas": [USER], "userName": "x", "emails": [{"value": "no address"}]},
        {"schemas": [USER], "userName": "x\u0000y"},
        {"schemas": [USER]},
        {"schemas": [USER], "userName": "x", "active": "perhaps"},
        [],
        "x",
    ):
        assert pushing.ask("POST", "/Users", body).status_code == 400, body
    assert pushing.database.read(log.revision()) == before
    assert pushing.done("GET", "/Users")["totalResults"] == 0
    assert (
        pushing.client.get("/scim/v2/Users?x=%FF", headers={"Authorization": f"Bearer {pushing.key}"}).status_code < 500
    )
    assert pushing.client.get("/scim/v2/Users", headers={b"Authorization": b"Bearer \xff"}).status_code in (400, 401)
