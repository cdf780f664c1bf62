"""What was asked in a community, as those inside read it and as others do; and its neighbours."""

from pathlib import Path
from typing import Any

from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.ingest.test_jobs import write

TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [{"id": key, "name": key.title()} for key in ("mia", "ole", "out")],
    "communities": [
        {"id": "knots", "name": "Knots", "domain": "Splicing ropes and knots for sails."},
        {"id": "sails", "name": "Sails", "domain": "Sewing sails, splicing ropes and knots."},
    ],
    "memberships": [{"person_id": key, "community_id": "knots", "joined_on": "2020-01-01"} for key in ("mia", "ole")],
    "questions": [
        {"id": "q1", "text": "How do ropes age?", "community_id": "knots", "asker_id": "mia", "asked_at": "2026-01-01"},
        {"id": "q2", "text": "Which knot?", "community_id": "knots", "asker_id": "mia", "asked_at": "2026-03-01"},
        {"id": "q3", "text": "Undated?", "community_id": "knots", "asker_id": "mia"},
        {"id": "q4", "text": "Private?", "community_id": "knots", "asker_id": "mia", "asked_at": "2026-04-01",
         "private": True},
    ],
    "advice": [
        {"question_id": "q1", "helper_id": "ole", "advised_at": "2026-01-02", "text": "Slowly.", "outcome": "worked"},
        {"question_id": "q4", "helper_id": "ole", "advised_at": "2026-04-02", "text": "Hush."},
    ],
}  # fmt: skip


def test_members_read_all_that_is_not_private_and_others_what_was_answered(
    database: Database, tmp_path: Path, cli: Any
) -> None:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    keys = {who: database.write(lambda tx, who=who: create_key(tx, LOCAL_ADMIN, Role.MEMBER, who, None))
            for who in ("mia", "ole", "out")}  # fmt: skip
    with served(database, auth="keys") as client:

        def read(who: str, path: str) -> dict[str, Any]:
            answer = client.get(f"/v1/communities/knots/{path}", headers={"Authorization": f"Bearer {keys[who]}"})
            assert answer.status_code == 200, answer.text
            return answer.json()

        asked = read("ole", "questions")["results"]
        assert [one["id"] for one in asked] == ["q2", "q1", "q3"], "the latest first, those without a day last"
        assert asked[1]["advice"] == [
            {"helper": {"id": "ole", "name": "Ole"}, "at": "2026-01-02", "outcome": "worked", "text": "Slowly."}
        ]
        (seen,) = read("out", "questions")["results"]
        assert seen["id"] == "q1"
        assert [(one["outcome"], one["text"]) for one in seen["advice"]] == [("worked", None)]

        pages, cursor = [], ""
        while cursor is not None:
            page = read("mia", f"questions?limit=1{cursor and f'&cursor={cursor}'}")
            pages += [one["id"] for one in page["results"]]
            cursor = page["next_cursor"]
        assert pages == ["q2", "q1", "q3"]

        listed = cli("practice", "questions", "knots").stdout
        assert "Ole 2026-01-02, worked: Slowly." in listed
        assert "nobody has advised yet" in listed
        assert "Private?" not in listed

        (near,) = read("out", "neighbours")["results"]
        assert near["community_id"] == "sails"
        assert "splicing" in near["reasons"][0]
