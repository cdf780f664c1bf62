"""The service as programs meet it over HTTP."""

import gc
import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi.routing import APIRoute

from api import problems
from api.app import ROUTERS, create_app
from graph import errors
from graph.database import Database
from graph.errors import GuildmapError, InvalidInput
from graph.models import LOCAL_ADMIN, RANKS, Role
from graph.reads import log
from graph.revocations import Revocations
from graph.writes.keys import create_key, parse_key, revoke_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served, settings_for, wait_until
from tests.embedders import HashingEmbedder
from tests.ingest.test_jobs import SMALL, write

NEW = {"name": "Knot Theory", "domain": "Knots and the ropes that hold them.", "status": "active"}


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", SMALL), "hr"), rejects_folder=tmp_path / "rejects")
    return database


@contextmanager
def another_writer(database: Database) -> Iterator[None]:
    """Somebody who has the turn to write, and keeps it."""
    with database._driver.session() as session, session.begin_transaction() as transaction:
        transaction.run("MERGE (m:Meta {id: 'revision'}) SET m.locked_by = 'a test'").consume()
        yield


def test_every_error_has_a_meaning_over_http() -> None:
    def below(kind: type) -> set[type]:
        return {one for sub in kind.__subclasses__() for one in (sub, *below(sub))}

    assert below(GuildmapError) == set(problems.MEANINGS)
    assert GuildmapError in errors.InvalidInput.__mro__


def test_every_route_declares_the_role_that_it_needs(database: Database) -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    described = create_app(settings_for(database), database, HashingEmbedder).openapi()["paths"]
    assert {route.path for route in routes} == set(described), "no route comes from elsewhere"
    # Of a private calendar the address is the key.
    routes = [route for route in routes if route.path.startswith("/v1") and "{secret}" not in route.path]
    assert len(routes) > 15

    def roles(dependant) -> list[Role]:
        own = getattr(dependant.call, "required_role", None)
        return [*([own] if own else []), *(role for sub in dependant.dependencies for role in roles(sub))]

    for route in routes:
        assert len(roles(route.dependant)) == 1, route.path
        assert roles(route.dependant)[0] in RANKS


def test_the_description_is_complete(database: Database) -> None:
    schema = create_app(settings_for(database), database, HashingEmbedder).openapi()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["description"], where
            good = [status for status in operation["responses"] if status.startswith("2")]
            assert good, where
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")) and path.startswith("/v1"):
                    assert list(response["content"]) == [problems.MEDIA_TYPE], (where, status)
            if "requestBody" in operation:
                bodies = operation["requestBody"]["content"]
                assert "application/json" in bodies, where
                for media, content in bodies.items():
                    if media != "application/json":
                        assert content["schema"]["examples"], f"{where}: {media} has no example"
                        continue
                    for one in content["schema"].get("oneOf", [content["schema"]]):
                        ref = one.get("$ref", "").rsplit("/", 1)[-1]
                        body = schema["components"]["schemas"][ref] if ref else one
                        assert body["examples"], f"{where}: {ref or media} has no example"


def test_local_mode_never_listens_to_others(database: Database) -> None:
    with pytest.raises(InvalidInput, match="GUILDMAP_AUTH=keys"):
        create_app(settings_for(database, host="0.0.0.0"), database, HashingEmbedder)
    create_app(settings_for(database, host="0.0.0.0", auth="keys"), database, HashingEmbedder)


def test_a_page_of_another_site_cannot_reach_local_mode(loaded: Database) -> None:
    with served(loaded) as client:
        assert client.get("/v1/communities").status_code == 200
        assert client.get("/v1/communities", headers={"Host": "evil.example"}).status_code == 421
        answer = client.post("/v1/communities", json=NEW, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 421
        assert client.get("/v1/communities/knot-theory").status_code == 404


def test_it_is_alive_at_once_and_ready_when_all_parts_are(loaded: Database) -> None:
    with served(loaded) as client:
        assert client.get("/health/live").json() == {"status": "alive"}
        body = client.get("/health/ready").json()
        assert body["parts"] == {"database": True, "schema": True, "model": True}
        metrics = client.get("/metrics").text
        assert f"guildmap_revision {float(loaded.read(log.revision()))}" in metrics
        assert "guildmap_communities 1.0" in metrics


def test_keys_open_what_their_role_allows_until_they_are_revoked(loaded: Database) -> None:
    def key(role: Role, person: str | None = None) -> dict[str, str]:
        text = loaded.write(lambda tx: create_key(tx, LOCAL_ADMIN, role, person, None))
        return {"Authorization": f"Bearer {text}"}

    member, manager, admin = key(Role.MEMBER, "p1"), key(Role.KNOWLEDGE_MANAGER), key(Role.ADMIN)
    with served(loaded, auth="keys") as client:
        answer = client.get("/v1/communities")
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert client.get("/v1/communities", headers={"Authorization": "Bearer guildmap_a_b"}).status_code == 401
        # The header of local mode means nothing here.
        assert client.get("/v1/people/p2", headers={**member, "Guildmap-Person": "p2"}).json()["preferences"] is None
        assert client.get("/v1/people/p1", headers=member).json()["preferences"] is not None
        assert client.post("/v1/communities", json=NEW, headers=member).status_code == 403
        proposed = client.post("/v1/communities", json={**NEW, "status": "proposed"}, headers=member)
        assert proposed.status_code == 201
        version = {"If-Match": proposed.headers["ETag"]}
        change = {"kind": "guild"}
        path = "/v1/communities/knot-theory"
        assert client.patch(path, json=change, headers={**member, **version}).status_code == 403
        # A proposal goes on by the steps of its formation.
        assert client.patch(path, json={"status": "forming"}, headers={**manager, **version}).status_code == 409
        assert client.patch(path, json=change, headers={**manager, **version}).status_code == 200
        title = {"title": "Baker"}
        assert client.patch("/v1/people/p2", json=title, headers={**member, "If-Match": "*"}).status_code == 403
        assert client.patch("/v1/people/p1", json=title, headers={**member, "If-Match": "*"}).status_code == 200
        unit = {"unit_id": None}
        assert client.patch("/v1/people/p1", json=unit, headers={**member, "If-Match": "*"}).status_code == 403
        assert client.get("/v1/events", headers=manager).status_code == 403
        events = client.get("/v1/events", headers=admin).json()["results"]
        assert events[-1]["actor"] == f"key:{parse_key(member['Authorization'].split()[1])[0]}"
        assert (
            client.post("/v1/recommendations/communities", json={"person_id": "p2"}, headers=member).status_code == 403
        )
        key_id = parse_key(member["Authorization"].split()[1])[0]
        loaded.write(lambda tx: revoke_key(tx, LOCAL_ADMIN, Revocations(loaded.settings), key_id))
        assert client.get("/v1/communities", headers=member).status_code == 401


def test_a_change_is_based_on_a_version_and_leaves_an_event(loaded: Database) -> None:
    with served(loaded) as client:
        before = client.get("/v1/people/p1")
        path, change = "/v1/people/p1", {"bio": "I bake.", "open_to_help": False}
        answer = client.patch(path, json=change)
        assert answer.status_code == 428
        assert answer.headers["content-type"] == problems.MEDIA_TYPE
        first = client.patch(path, json=change, headers={"If-Match": before.headers["ETag"]})
        assert first.status_code == 200
        assert first.json()["bio"] == "I bake."
        assert first.json()["preferences"]["open_to_help"] is False
        late = client.patch(path, json={"bio": "Other"}, headers={"If-Match": before.headers["ETag"]})
        assert late.status_code == 412
        assert client.get(path).json()["bio"] == "I bake."
        assert client.get(path).headers["ETag"] == first.headers["ETag"]
        event = client.get("/v1/events").json()["results"][-1]
        assert (event["action"], event["subjects"]) == ("edit.person", ["person/p1"])
        bad = client.patch(path, json={"help_capacity": -1, "shoe_size": 40}, headers={"If-Match": "*"})
        assert {one["field"] for one in bad.json()["errors"]} == {"body.help_capacity", "body.shoe_size"}


def test_two_changes_at_once_on_one_version_cannot_both_win(loaded: Database) -> None:
    with served(loaded) as client:
        version = client.get("/v1/people/p1").headers["ETag"]

        def change(number: int) -> int:
            return client.patch(
                "/v1/people/p1", json={"bio": f"I am number {number}."}, headers={"If-Match": version}
            ).status_code

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(change, range(8))) == [200] + [412] * 7


def test_the_same_request_under_one_key_is_done_once(loaded: Database) -> None:
    with served(loaded) as client:
        headers = {"Idempotency-Key": "abc"}
        first = client.post("/v1/communities", json=NEW, headers=headers)
        again = client.post("/v1/communities", json=NEW, headers=headers)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert again.headers["Location"] == first.headers["Location"] == "/v1/communities/knot-theory"
        assert client.post("/v1/communities", json=NEW).status_code == 409
        other = client.post("/v1/communities", json={**NEW, "name": "Other"}, headers=headers)
        assert other.status_code == 422
        created = [e for e in client.get("/v1/events").json()["results"] if e["action"] == "create.community"]
        assert len(created) == 1


def test_what_is_held_is_none_of_the_collectors_business(loaded: Database) -> None:
    with served(loaded) as client:
        held = list(client.app.state.service.state.snapshot.facts.people.values())
        assert held
        assert not {id(one) for one in held} & {id(one) for one in gc.get_objects()}
    assert {id(one) for one in held} <= {id(one) for one in gc.get_objects()}


def test_a_community_posted_is_found_and_recommended_within_seconds(loaded: Database) -> None:
    with served(loaded) as client:
        client.post("/v1/communities", json=NEW)
        began = time.monotonic()

        def found() -> bool:
            hits = client.get("/v1/search", params={"text": "knots and ropes"}).json()["results"]
            profile = {"profile": {"text": "I tie knots and ropes"}}
            joins = client.post("/v1/recommendations/communities", json=profile).json()["results"]
            by_meaning = any("close in meaning" in reason for hit in hits for reason in hit["reasons"])
            return by_meaning and "knot-theory" in {hit["id"] for hit in hits} & {j["community_id"] for j in joins}

        wait_until(found, 5)
        assert time.monotonic() - began < 5


def test_a_change_to_a_person_shows_in_their_next_request(loaded: Database) -> None:
    with served(loaded) as client:
        client.put("/v1/communities/c1/members/p1", json={})  # a member already
        profile = {"person_id": "p2"}
        before = client.post("/v1/recommendations/communities", json=profile).json()
        assert [one["community_id"] for one in before["results"]] + list(before["meta"]["set_aside"]) != []
        made = client.post("/v1/communities", json={**NEW, "name": "Bread", "domain": "Sourdough, ovens, crumb."})
        assert made.status_code == 201
        wait_until(lambda: "bread" in {c["id"] for c in client.get("/v1/communities").json()["results"]}, 5)
        client.patch("/v1/people/p2", json={"bio": "Sourdough and ovens"}, headers={"If-Match": "*"})
        after = client.post("/v1/recommendations/communities", json=profile).json()["results"]
        assert "bread" in {one["community_id"] for one in after}
        client.put("/v1/people/p2/dismissals/bread", json={"reason": "no time"})
        after = client.post("/v1/recommendations/communities", json=profile).json()
        assert "bread" not in {one["community_id"] for one in after["results"]}
        assert after["meta"]["set_aside"]["dismissed"] == 1
        assert client.get("/v1/people/p2/dismissals").json()[0]["reason"] == "no time"
        assert client.delete("/v1/people/p2/dismissals/bread").status_code == 204
        assert client.put("/v1/communities/bread/members/p2", json={"engagement": "core"}).status_code == 201
        after = client.post("/v1/recommendations/communities", json=profile).json()
        assert "bread" not in {one["community_id"] for one in after["results"]}


def test_a_membership_begins_deepens_and_ends(loaded: Database) -> None:
    with served(loaded) as client:
        client.post("/v1/communities", json=NEW)
        path = "/v1/communities/knot-theory/members/p1"
        joined = client.put(path, json={"engagement": "peripheral"})
        assert joined.status_code == 201
        assert client.put(path, json={}).status_code == 409
        assert client.patch(path, json={"engagement": "core"}).status_code == 428
        deeper = client.patch(path, json={"engagement": "core"}, headers={"If-Match": joined.headers["ETag"]})
        assert [entry.split()[1] for entry in deeper.json()["history"]] == ["peripheral", "core"]
        members = client.get("/v1/communities/knot-theory/members").json()
        assert [(m["person_id"], m["engagement"]) for m in members["results"]] == [("p1", "core")]
        assert client.get("/v1/communities/knot-theory").json()["members"] == 1
        assert client.delete(path, headers={"If-Match": joined.headers["ETag"]}).status_code == 412
        assert client.delete(path, headers={"If-Match": deeper.headers["ETag"]}).status_code == 204
        assert client.get("/v1/communities/knot-theory/members").json()["results"] == []
        assert client.get(path).json()["left_on"]


def test_leads_run_their_community_and_no_other(loaded: Database) -> None:
    def key(person: str) -> dict[str, str]:
        text = loaded.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, person, None))
        return {"Authorization": f"Bearer {text}", "If-Match": "*"}

    admin = {"Authorization": "Bearer " + loaded.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.ADMIN, None, None))}
    with served(loaded, auth="keys") as client:
        everything = {**admin, "If-Match": "*"}
        listed = {**NEW, "visibility": "listed"}
        client.post("/v1/communities", json=listed, headers=admin)
        path, lead, other = "/v1/communities/knot-theory", key("p1"), key("p2")
        assert client.put(f"{path}/members/p1", json={}, headers=lead).status_code == 403
        client.put(f"{path}/members/p1", json={}, headers=admin)
        audience = {"audience": "Whoever ties knots"}
        assert client.patch(path, json=audience, headers=lead).status_code == 403  # a member as yet
        role = {"role": "co-lead"}
        assert client.patch(f"{path}/members/p1", json=role, headers=lead).status_code == 403
        assert client.patch(f"{path}/members/p1", json=role, headers=everything).status_code == 200
        # Now they say what it is about, let others in and share out the work.
        assert client.patch(path, json=audience, headers=lead).json()["audience"] == audience["audience"]
        answer = client.patch(path, json={"visibility": "open"}, headers=lead)
        assert (answer.status_code, answer.json()["detail"]) == (403, "This is for a knowledge manager.")
        assert client.put(f"{path}/members/p2", json={}, headers=lead).status_code == 201
        assert client.patch(f"{path}/members/p2", json={"role": "librarian"}, headers=lead).status_code == 200
        # How deep somebody takes part is theirs to say.
        assert client.patch(f"{path}/members/p2", json={"engagement": "core"}, headers=lead).status_code == 403
        assert client.patch(f"{path}/members/p2", json={"engagement": "core"}, headers=other).status_code == 200
        assert client.delete(f"{path}/members/p2", headers=lead).status_code == 403
        # The librarian leads nothing, the lead nothing elsewhere.
        assert client.patch(path, json=audience, headers=other).status_code == 403
        assert client.patch("/v1/communities/c1", json=audience, headers=lead).status_code == 403
        answer = client.patch(path, json=audience, headers=other).json()["detail"]
        assert answer == "This is for a lead of Knot Theory or a knowledge manager."
        # Nobody is made a member of what is open to all but by themselves.
        assert client.put("/v1/communities/c1/members/p2", json={}, headers=lead).status_code == 403


def test_a_community_is_retired_with_a_successor(loaded: Database) -> None:
    with served(loaded) as client:
        made = client.post("/v1/communities", json=NEW)
        path = "/v1/communities/knot-theory"
        headers = {"If-Match": made.headers["ETag"]}
        assert client.patch(path, json={"status": "retired"}, headers=headers).status_code == 403
        gone = client.post(f"{path}/retire", json={"successor_id": "c1"}, headers=headers)
        assert (gone.json()["status"], gone.json()["successor_ids"]) == ("retired", ["c1"])
        assert client.put(f"{path}/members/p1", json={}).status_code == 409


def test_skills_are_held_wanted_and_dropped(loaded: Database) -> None:
    (skill,) = loaded.run_alone("MATCH (s:Skill) RETURN s.id AS id LIMIT 1")
    with served(loaded) as client:
        path = f"/v1/people/p2/skills/{skill['id']}"
        body = client.put(path, json={"level": 4}, headers={"If-Match": "*"}).json()
        assert {"skill_id": skill["id"], "level": 4} in [
            {"skill_id": s["skill_id"], "level": s["level"]} for s in body["skills"]
        ]
        body = client.delete(path, headers={"If-Match": "*"}).json()
        assert skill["id"] not in {s["skill_id"] for s in body["skills"]}
        wanted = f"/v1/people/p2/wants-to-learn/{skill['id']}"
        body = client.put(wanted, headers={"If-Match": "*"}).json()
        assert skill["id"] in {s["skill_id"] for s in body["wants_to_learn"]}
        assert client.put("/v1/people/p2/skills/none", json={}, headers={"If-Match": "*"}).status_code == 404


def test_experts_from_outside_are_found_by_their_own_address(loaded: Database) -> None:
    loaded.run_alone("MATCH (p:Person {id: 'p1'}) SET p.external = true")
    asked = {"text": "What is SSA in compilers?"}
    with served(loaded) as client:
        assert client.post("/v1/recommendations/helpers", json=asked).json()["results"] == []
        body = client.post("/v1/recommendations/outside-experts", json=asked).json()
        (expert,) = body["results"]
        assert (expert["person_id"], expert["known_by"][0]["person_id"]) == ("p1", "p2")
        assert expert["known_by"][0]["why"][0]["path"]
        assert body["meta"]["inside"] == 0
        unseen = client.post("/v1/recommendations/outside-experts", json={**asked, "community_id": "none"})
        assert unseen.status_code == 404


def test_helpers_are_never_the_asker(loaded: Database) -> None:
    with served(loaded) as client:
        body = client.post("/v1/recommendations/helpers", json={"text": "What is SSA in compilers?"}).json()
        assert [one["person_id"] for one in body["results"]] == ["p1"]
        assert body["results"][0]["score"] == pytest.approx(
            sum(part["points"] for part in body["results"][0]["contributions"]), abs=1e-5
        )
        asked = {"text": "What is SSA in compilers?", "person_id": "p1"}
        assert client.post("/v1/recommendations/helpers", json=asked).json()["results"] == []
        headers = {"Guildmap-Person": "p1"}
        asked = {"text": "What is SSA in compilers?"}
        assert client.post("/v1/recommendations/helpers", json=asked, headers=headers).json()["results"] == []


def test_whoever_is_acted_for_need_not_be_named(loaded: Database) -> None:
    with served(loaded, acting="p1") as client:
        body = client.post("/v1/recommendations/communities", json={}).json()
        assert body["meta"]["set_aside"] == {"already_member": 1}
    with served(loaded) as client:
        assert client.post("/v1/recommendations/communities", json={}).status_code == 404


def test_large_bodies_are_refused_whatever_they_claim(loaded: Database) -> None:
    with served(loaded, body_limit=1000) as client:
        big = {**NEW, "domain": "x" * 2000}
        assert client.post("/v1/communities", json=big).status_code == 413

        def chunks():
            for _ in range(20):
                yield b" " * 100

        answer = client.post("/v1/communities", content=chunks(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert client.post("/v1/communities", json=NEW).status_code == 201


def test_a_change_that_waits_too_long_for_others_is_given_up(loaded: Database) -> None:
    with served(loaded, request_deadline=0.5) as client, another_writer(loaded):
        began = time.monotonic()
        answer = client.post("/v1/communities", json=NEW)
        assert (answer.status_code, answer.json()["title"]) == (503, "Database busy")
        assert answer.headers["Retry-After"]
        assert time.monotonic() - began < 3
        assert client.get("/v1/communities").status_code == 200, "others go on"
        time.sleep(1)
    assert loaded.run_alone("MATCH (c:Community {id: 'knot-theory'}) RETURN c.id AS id") == [], "given up is not done"


def test_more_requests_than_allowed_are_told_to_come_back(loaded: Database) -> None:
    def post(number: int) -> httpx.Response:
        return client.post("/v1/communities", json={**NEW, "name": f"N{number}"})

    with served(loaded, request_limit=2, request_deadline=1) as client:
        with another_writer(loaded), ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(post, range(6)))
        assert [answer.status_code for answer in answers] == [503] * 6
        assert sorted(answer.json()["title"] for answer in answers) == ["Database busy"] * 2 + ["Too much at once"] * 4
        assert all(answer.headers["Retry-After"] for answer in answers)
        metrics = client.get("/metrics").text
        assert 'guildmap_refused_requests_total{reason="too_many_at_once"} 4.0' in metrics
        assert 'guildmap_refused_requests_total{reason="database_busy"} 2.0' in metrics
        assert client.get("/health/ready").status_code == 200


def test_what_does_not_exist_is_a_problem_document(loaded: Database) -> None:
    with served(loaded) as client:
        for answer in (
            client.get("/v1/nothing"), client.delete("/v1/search"), client.get("/v1/people/nobody"),
            client.get("/v1/communities/none/members"), client.get("/v1/search", params={"limit": 0}),
            client.get("/v1/search", params={"text": "a", "cursor": "rubbish"}),
        ):  # fmt: skip
            assert answer.status_code in (404, 405, 422)
            assert answer.headers["content-type"] == problems.MEDIA_TYPE
            body = answer.json()
            assert body["status"] == answer.status_code
            assert body["detail"]
            assert body["request_id"] == answer.headers["x-request-id"]


def test_a_request_keeps_its_id_and_logs_no_personal_text(loaded: Database) -> None:
    lines: list[dict] = []
    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, lambda _, __, event: lines.append(dict(event)) or event,
                    structlog.processors.JSONRenderer()],
        logger_factory=structlog.stdlib.LoggerFactory(), cache_logger_on_first_use=False,
    )  # fmt: skip
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        with served(loaded) as client:
            answer = client.get("/v1/search", params={"text": "my secret illness"}, headers={"X-Request-Id": "abc-1"})
            assert answer.headers["x-request-id"] == "abc-1"
            forged = client.get("/v1/people/p1", headers={"X-Request-Id": 'a" b'})
            assert forged.headers["x-request-id"] != 'a" b'
    finally:
        structlog.configure(**before)
    requests = [line for line in lines if line["event"] == "request"]
    assert requests[-2] == {**requests[-2], "request_id": "abc-1", "route": "/v1/search", "status": 200}
    assert requests[-1]["route"] == "/v1/people/{person_id}"
    assert "illness" not in json.dumps(lines, default=str)
    assert "p1" not in json.dumps(requests, default=str)


def test_lists_are_paged(loaded: Database) -> None:
    with served(loaded) as client:
        for number in range(3):
            client.post("/v1/communities", json={**NEW, "name": f"Knots {number}"})
        wait_until(lambda: len(client.get("/v1/communities").json()["results"]) == 4, 5)
        seen, cursor = [], None
        while True:
            page = client.get("/v1/communities", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
            seen += [one["id"] for one in page["results"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ["c1", "knots-0", "knots-1", "knots-2"]


def test_what_would_change_a_recommendation_is_what_it_ranks_without(loaded: Database) -> None:
    with served(loaded) as client:

        def recommended(profile: dict, **more: object) -> list[dict]:
            body = {"profile": profile, "diversity": 0, **more}
            return client.post("/v1/recommendations/communities", json=body).json()["results"]

        client.post("/v1/communities", json=NEW)
        profile = {"text": "I tie knots and ropes", "skills": ["Compilers"]}
        wait_until(lambda: "knot-theory" in {one["community_id"] for one in recommended(profile)}, 5)
        told = recommended(profile, what_if=True)
        assert {one["change"] for one in recommended(profile)} == {None}
        assert "knot-theory" in {one["community_id"] for one in told if one["change"]}
        for at, one in enumerate(told, start=1):
            if one["change"] is None:
                continue
            without = {"skill": {"text": profile["text"]}, "text": {"skills": profile["skills"]}}
            again = [other["community_id"] for other in recommended(without[one["change"]["without"]["kind"]])]
            place = again.index(one["community_id"]) + 1 if one["community_id"] in again else None
            assert (one["change"]["place"], place is None or place > at) == (place, True)
        for wrong in (2, -0.1):
            body = {"profile": profile, "diversity": wrong}
            assert client.post("/v1/recommendations/communities", json=body).status_code == 422
