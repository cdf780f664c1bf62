"""Who is shown what of engagement, over HTTP and by command."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes import by_hand
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.ingest.test_jobs import write

LATELY = (date.today() - timedelta(days=20)).isoformat()
TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [{"id": key, "name": key.title()} for key in ("ann", "boss", "cy", "dee", "out")],
    "communities": [{"id": "knots", "name": "Knots", "domain": "knots"}],
    "memberships": [
        {"person_id": "ann", "community_id": "knots", "engagement": "occasional", "joined_on": "2020-01-01"},
        {"person_id": "boss", "community_id": "knots", "role": "lead", "joined_on": "2020-01-01"},
        {"person_id": "cy", "community_id": "knots", "engagement": "core", "joined_on": "2020-01-01"},
    ],
    "meetings": [
        {"id": f"m{number}", "community_id": "knots", "starts_at": f"{LATELY}T1{number}:00", "attendee_ids": ["ann"]}
        for number in range(4)
    ],
    "questions": [
        {"id": "q", "text": "Why?", "community_id": "knots", "asker_id": "ann", "asked_at": LATELY, "private": True}
    ],
}


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    database.write(lambda tx: by_hand.change_membership(tx, LOCAL_ADMIN, "ann", "knots", {"engagement": "active"}))
    return database


def keys(database: Database) -> dict[str, dict[str, str]]:
    def key(role: Role, person: str | None) -> dict[str, str]:
        text = database.write(lambda tx: create_key(tx, LOCAL_ADMIN, role, person, None))
        return {"Authorization": f"Bearer {text}"}

    members = {name: key(Role.MEMBER, name) for name in ("ann", "boss", "cy", "out")}
    return {**members, "km": key(Role.KNOWLEDGE_MANAGER, "dee"), "admin": key(Role.ADMIN, None)}


def test_only_the_person_sees_their_own_engagement_and_what_is_observed_when_that_is_on(loaded: Database) -> None:
    who = keys(loaded)
    with served(loaded, auth="keys") as client:
        for other in ("boss", "cy", "out", "km", "admin"):
            assert client.get("/v1/people/ann/engagement", headers=who[other]).status_code == 403, other
        (own,) = client.get("/v1/people/ann/engagement", headers=who["ann"]).json()["results"]
        assert (own["community_id"], own["declared"], own["observed"]) == ("knots", "active", None)
        assert [entry.split()[1] for entry in own["history"]] == ["occasional", "active"]
    with served(loaded, auth="keys", engagement_observed=True) as client:
        for other in ("boss", "km", "admin"):
            assert client.get("/v1/people/ann/engagement", headers=who[other]).status_code == 403, other
        (own,) = client.get("/v1/people/ann/engagement", headers=who["ann"]).json()["results"]
        assert own["observed"]["level"] == "core"
        assert (own["observed"]["meetings"], own["observed"]["attended"], own["observed"]["questions"]) == (4, 4, 1)
    with served(loaded, acting="ann") as client:
        assert client.get("/v1/people/ann/engagement").status_code == 200
        assert client.get("/v1/people/cy/engagement").status_code == 403, "in local mode too: as one person"


def test_who_is_outside_a_community_reads_no_single_person_off_it(loaded: Database) -> None:
    who = keys(loaded)
    with served(loaded, auth="keys") as client:
        inside = client.get("/v1/communities/knots/engagement", headers=who["cy"]).json()
        assert inside["exact"]
        assert inside["now"] == {"core": 1, "active": 1, "occasional": 0, "peripheral": 0, "unstated": 1}
        assert {"before": "occasional", "after": "occasional", "people": 1} in inside["quarters"][0]["flows"]
        assert client.get("/v1/communities/knots/engagement", headers=who["km"]).json() == inside
        outside = client.get("/v1/communities/knots/engagement", headers=who["out"]).json()
        assert not outside["exact"]
        assert set(outside["now"].values()) == {None}
        assert {flow["people"] for quarter in outside["quarters"] for flow in quarter["flows"]} == {None}
        assert client.get("/v1/communities/none/engagement", headers=who["km"]).status_code == 404
        for name, entries in (("ann", 2), ("cy", 2), ("boss", 2), ("km", 2), ("out", 0)):
            told = client.get("/v1/communities/knots/members/ann", headers=who[name]).json()["history"]
            assert len(told) == entries, name


def test_people_join_declare_and_leave_by_command(loaded: Database, cli: Any) -> None:
    assert "active" in cli("member", "join", "knots", "out", "--level", "active", "--person", "out").stdout
    assert "out" in cli("member", "list", "knots").stdout
    told = cli("member", "change", "knots", "out", "--level", "core", "--person", "out").stdout
    assert "core" in told
    for given, refused in (
        (("change", "knots", "out", "--role", "lead", "--person", "out"), "To give roles is for a lead of"),
        (("change", "knots", "ann", "--level", "core", "--person", "out"), "for themselves to declare"),
        (("leave", "knots", "ann", "--person", "out"), "People leave for themselves"),
        (("join", "knots", "nobody"), "There is no person with the id 'nobody'"),
        (("change", "knots", "out"), "--level or --role"),
        (("change", "knots", "out", "--level", "deep"), "--level"),
    ):
        assert refused in str(cli("member", *given).exception), given
    assert "no longer" in cli("member", "leave", "knots", "out", "--person", "out").stdout
    assert "Nobody" not in cli("member", "list", "knots").stdout


def test_the_commands(loaded: Database, cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "1 core, 1 active" in cli("engagement", "flows", "knots").stdout
    assert "observed" not in cli("engagement", "show", "ann").stdout
    monkeypatch.setenv("GUILDMAP_ENGAGEMENT_OBSERVED", "true")
    assert "4 of 4 meetings" in cli("engagement", "show", "ann").stdout
    (one,) = json.loads(cli("engagement", "show", "ann", "--json").stdout)["results"]
    assert one["observed"]["level"] == "core"
