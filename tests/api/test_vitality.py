"""How alive a community is, over HTTP and by command, from what the graph holds."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.ingest.test_jobs import write


def day(ago: int) -> str:
    return (date.today() - timedelta(days=ago)).isoformat()


TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [{"id": f"p{n}", "name": f"P{n}"} for n in range(8)],
    "communities": [
        {"id": "knots", "name": "Knots", "domain": "ropes"},
        {"id": "deals", "name": "Deals", "domain": "takeovers", "visibility": "restricted"},
    ],
    "memberships": [{"person_id": f"p{n}", "community_id": "knots", "joined_on": day(900 - n)} for n in range(7)],
    "meetings": [{"id": f"m{n}", "community_id": "knots", "starts_at": f"{day(28 * n)}T10:00Z"} for n in range(10)],
    "questions": [
        {"id": f"q{n}", "text": f"How {n}?", "community_id": "knots", "asker_id": "p1", "asked_at": day(60 + n),
         "private": n == 9}
        for n in range(10)
    ],
    "advice": [
        {"question_id": f"q{n}", "helper_id": f"p{n % 5}", "advised_at": day(59 + n), "outcome": "worked"}
        for n in range(10)
    ],
}  # fmt: skip


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    # As newcomers' greetings and what was made together are kept.
    database.run_alone(
        "MATCH (g:Person {id: 'p0'}), (n:Person)-[m:MEMBER_OF]->(c:Community {id: 'knots'}) WHERE n.id <> 'p0' "
        "CREATE (g)-[:GREETED {spell: m.id}]->(n)"
    )
    database.run_alone(
        "MATCH (c:Community {id: 'knots'}) CREATE (:Artifact {id: 'a', made_on: $day})-[:MADE_BY]->(c)", day=day(5)
    )
    return database


def test_measures_are_for_those_inside_and_count_no_private_question(loaded: Database) -> None:
    keys = {who: loaded.write(lambda tx, who=who: create_key(tx, LOCAL_ADMIN, Role.MEMBER, who, None))
            for who in ("p1", "p7")}  # fmt: skip
    with served(loaded, auth="keys") as client:
        inside, outside = ({"Authorization": f"Bearer {keys[who]}"} for who in ("p1", "p7"))
        found = client.get("/v1/communities/knots/vitality", headers=inside).json()
        measures = {one["name"]: one for one in found["measures"]}
        assert measures["regularity"]["value"] == 1
        assert measures["answers"]["numbers"] == {"questions": 9, "within_14_days": 9}
        assert measures["follow_up"]["value"] == 1
        assert measures["artefacts"]["value"] == 1
        assert measures["welcome"]["numbers"]["newcomers"] == 0
        assert measures["pulse"]["value"] is None
        assert client.get("/v1/communities/knots/vitality", headers=outside).status_code == 403
        assert client.get("/v1/communities/deals/vitality", headers=outside).status_code == 404


def test_the_command_tells_what_each_measure_rests_on(loaded: Database, cli) -> None:
    shown = cli("vitality", "knots")
    assert shown.exit_code == 0, shown.output
    assert "cannot tell" in shown.stdout
    found = json.loads(cli("vitality", "knots", "--json").stdout)["results"]
    assert {one["name"]: one["value"] for one in found["measures"]}["answers"] == 1
