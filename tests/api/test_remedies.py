"""What is done about communities over HTTP and by command, by whom, and how it is taken back."""

import json
from pathlib import Path

import pytest

from graph.database import Database
from graph.reads import log
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served, wait_until
from tests.api.test_findings import TABLES, Asking
from tests.ingest.test_jobs import write

MERGE = {"remedy": "merge", "community_id": "splices", "into_id": "knots"}


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


def test_a_merge_is_carried_out_and_taken_back_over_http(loaded: Database) -> None:
    before = log.fingerprint(loaded)
    with served(loaded, auth="keys") as client:
        ask = Asking(loaded, client)
        for path in ("/audit/remedies", "/audit/remedies/y-0/undo"):
            assert ask("inside", "POST", path, MERGE).status_code == 403
        assert ask("inside", "GET", "/audit/remedies").status_code == 403
        assert ask("km", "POST", "/audit/remedies", {**MERGE, "into_id": "nowhere"}).status_code == 404
        assert ask("km", "POST", "/audit/remedies", {**MERGE, "remedy": "magic"}).status_code == 422
        made = ask("km", "POST", "/audit/remedies", MERGE, **{"Idempotency-Key": "once"})
        assert made.status_code == 201, made.text
        assert ask("km", "POST", "/audit/remedies", MERGE, **{"Idempotency-Key": "once"}).json() == made.json()
        assert ask("km", "POST", "/audit/remedies", MERGE).status_code == 409
        done = made.json()
        assert ask("km", "GET", made.headers["Location"].removeprefix("/v1")).json() == done
        assert (done["asked"]["into_id"], [one["id"] for one in done["about"]]) == ("knots", ["splices", "knots"])
        gone = ask("outside", "GET", "/communities/splices").json()
        assert (gone["status"], gone["successor_ids"], gone["members"]) == ("retired", ["knots"], 0)
        assert ask("outside", "GET", "/communities/knots").json()["members"] == 18

        def held() -> set[str]:
            found = ask("km", "GET", "/communities?status=active").json()["results"]
            return {one["id"] for one in found}

        wait_until(lambda: "splices" not in held())
        undone = ask("km", "POST", f"/audit/remedies/{done['id']}/undo")
        assert (undone.status_code, undone.json()["state"], undone.json()["left"]) == (200, "undone", [])
        assert ask("km", "POST", f"/audit/remedies/{done['id']}/undo").status_code == 409
        assert ask("km", "POST", "/audit/remedies/y-0/undo").status_code == 404
        wait_until(lambda: "splices" in held())
        assert [one["state"] for one in ask("km", "GET", "/audit/remedies?community=knots").json()["results"]] == [
            "undone"
        ]
        assert ask("km", "GET", "/audit/remedies?community=radio").json()["results"] == []
    assert log.fingerprint(loaded) == before


def test_where_a_community_went_is_told_to_those_alone_who_may_see_that(loaded: Database) -> None:
    with served(loaded, auth="keys") as client:
        ask = Asking(loaded, client)
        made = ask("km", "POST", "/audit/remedies", {**MERGE, "into_id": "secret"})
        assert made.status_code == 201, made.text
        assert ask("outside", "GET", "/communities/splices").json()["successor_ids"] == []
        assert ask("inside", "GET", "/communities/splices").json()["successor_ids"] == ["secret"]


def test_remedies_by_command(loaded: Database, cli, tmp_path: Path) -> None:
    before = log.fingerprint(loaded)
    done = cli("remedy", "merge", "splices", "--into", "knots")
    assert done.exit_code == 0, done.output
    assert "done: Splices is merged (Knots)" in done.stdout
    assert "Splices / Knots" in cli("remedy", "list").stdout
    (listed,) = json.loads(cli("remedy", "list", "--json").stdout)["results"]
    assert f"guildmap remedy undo {listed['id']}" in done.stdout
    assert "taken back: Splices is not merged" in cli("remedy", "undo", listed["id"]).stdout
    assert log.fingerprint(loaded) == before
    parts = tmp_path / "parts.json"
    parts.write_text(json.dumps([{"name": "Bends", "domain": "Two ropes in one.", "member_ids": ["p1", "p2"]}]))
    for command in (
        ["split", "knots", "--parts", str(parts)],
        ["under", "splices", "--parent", "knots"],
        ["retire", "splices", "--successor", "knots"],
        ["rename", "splices", "Rope Ends"],
        ["clarify", "splices", "--audience", "Riggers"],
    ):
        made = cli("remedy", *command, "--json")
        assert made.exit_code == 0, (command, made.output)
        assert cli("remedy", "undo", json.loads(made.stdout)["results"]["id"]).exit_code == 0
        assert log.fingerprint(loaded) == before, command


def test_commands_say_what_is_missing(loaded: Database, cli, tmp_path: Path) -> None:
    def refused(*command: str) -> str:
        answered = cli("remedy", *command)
        assert answered.exit_code != 0
        return str(answered.exception)

    assert "--parent" in refused("under", "splices")
    assert "cannot be read" in refused("split", "knots", "--parts", str(tmp_path / "none.json"))
    broken = tmp_path / "parts.json"
    broken.write_text('[{"name": "Bends"}]')
    assert "parts.0.domain" in refused("split", "knots", "--parts", str(broken))
    broken.write_text("[")
    assert "no JSON" in refused("split", "knots", "--parts", str(broken))
    assert "at least one" in refused("clarify", "splices")
    assert "nowhere" in refused("retire", "nowhere")


def test_a_simulation_changes_nothing_and_tells_over_http(loaded: Database) -> None:
    before = log.fingerprint(loaded)
    with served(loaded, auth="keys") as client:
        ask = Asking(loaded, client)
        revision = loaded.read(log.revision())
        # The keys of those who ask were just made.
        wait_until(lambda: client.get("/health/ready").json()["revision"] == revision)
        assert ask("inside", "POST", "/audit/simulations", MERGE).status_code == 403
        assert ask("km", "POST", "/audit/simulations", {**MERGE, "into_id": "nowhere"}).status_code == 404
        assert ask("km", "POST", "/audit/simulations", {**MERGE, "into_id": "splices"}).status_code == 422
        told = ask("km", "POST", "/audit/simulations", MERGE)
        assert told.status_code == 200, told.text
        assert told.json()["meta"]["revision"] == revision
        for other in (
            {"remedy": "rename", "community_id": "splices", "name": "Knots"},
            {"remedy": "clarify", "community_id": "splices", "domain": "Everything about cheese."},
            {"remedy": "retire", "community_id": "splices"},
            {"remedy": "move_under", "community_id": "splices", "parent_id": "knots"},
            {"remedy": "split", "community_id": "splices", "parts": [{"name": "Eyes", "domain": "Eye splices.",
                                                                      "member_ids": ["p7"]}]},
        ):  # fmt: skip
            answered = ask("km", "POST", "/audit/simulations", other)
            assert answered.status_code == 200, answered.text
        moved = told.json()["results"]["moves"]
        assert [(one["id"], len(one["people"]), len(one["already"])) for one in moved] == [("knots", 12, 6)]
    assert (log.fingerprint(loaded), loaded.read(log.revision())) == (before, revision)


def test_a_simulation_by_command_reads_well_and_changes_nothing(loaded: Database, cli) -> None:
    before, revision = log.fingerprint(loaded), loaded.read(log.revision())
    shown = cli("simulate", "merge", "splices", "--into", "knots")
    assert shown.exit_code == 0, shown.output
    assert "its 12 members go to Knots, where 6 of them are already" in shown.stdout
    assert "nearly the same name" in cli("simulate", "rename", "splices", "Knots").stdout
    assert (log.fingerprint(loaded), loaded.read(log.revision())) == (before, revision)


def test_what_was_simulated_is_what_happens(loaded: Database, cli) -> None:
    told = json.loads(cli("simulate", "merge", "splices", "--into", "knots", "--json").stdout)["results"]
    was = {
        row["id"] for row in loaded.run_alone("MATCH (p)-[:MEMBER_OF]->(:Community {id: 'knots'}) RETURN p.id AS id")
    }
    cli("remedy", "merge", "splices", "--into", "knots")
    now = {
        row["id"] for row in loaded.run_alone("MATCH (p)-[:MEMBER_OF]->(:Community {id: 'knots'}) RETURN p.id AS id")
    }
    (move,) = told["moves"]
    assert now - was == {one["id"] for one in move["people"]} - {one["id"] for one in move["already"]}
