"""Erasure as people meet it: over HTTP, by command, after a restore; and what is told of it."""

import json
from pathlib import Path

import pytest

import api.writing
from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.suppression import SuppressionList
from graph.writes import erasure
from graph.writes.keys import create_key
from matcher.indexing import index
from tests.api.serving import served
from tests.embedders import HashingEmbedder
from tests.graph.test_erasure import CANARY, EMAIL, NAME, WHO, filled, tables, traces
from tests.graph.test_erasure import load as load  # pyright: ignore  # the fixture
from tests.ingest.test_jobs import write


@pytest.fixture
def keys(database: Database, load) -> dict[str, dict[str, str]]:
    filled(database, load)
    index(database, HashingEmbedder())
    made = {
        who: database.write(lambda tx, who=who, role=role: create_key(tx, LOCAL_ADMIN, role, who, None))
        for who, role in (("ann", Role.MEMBER), (WHO, Role.MEMBER), ("boss", Role.ADMIN))
    }
    return {who: {"Authorization": f"Bearer {key}"} for who, key in made.items()}


# What shows people and texts, as an admin and as a member see it.
READS = (
    "/v1/search?q=qzxwvut", "/v1/search?q=Canaria%20Qzxwvut", "/v1/communities", "/v1/communities/c",
    "/v1/communities/c/members", "/v1/communities/c/meetings?since=2000-01-01", "/v1/people/ann", "/v1/people/boss",
    "/v1/people/ann/data", f"/v1/people/{WHO}", f"/v1/people/{WHO}/data", "/v1/recommendations?person=ann",
    "/v1/events?limit=1000", "/v1/audit/findings", "/v1/audit/report", "/v1/communities/c/charter",
    "/v1/communities/c/pitch", "/v1/communities/c/glossary", "/v1/communities/c/newcomers?since=2000-01-01",
    "/v1/requests", "/v1/audit/remedies", "/v1/communities/c/artifacts", "/v1/communities/c/initiatives",
    "/v1/communities/c/join-requests",
    "/metrics", "/openapi.json",
)  # fmt: skip


def test_the_service_shows_nothing_of_them_with_its_next_answer(database: Database, keys) -> None:
    with served(database, auth="keys", follow_seconds=60, request_deadline=60) as client:
        seen = [path for path in READS if CANARY in client.get(path, headers=keys["boss"]).text.lower()]
        assert len(seen) > 8, seen
        assert client.delete(f"/v1/people/{WHO}/data", headers=keys["ann"]).status_code == 403
        assert client.delete(f"/v1/people/{WHO}/data", headers=keys[WHO]).status_code == 403
        assert client.delete("/v1/people/nobody/data", headers=keys["boss"]).status_code == 404
        assert client.delete(f"/v1/people/{WHO}/data", headers=keys["boss"]).status_code == 204
        for path in READS:
            for who in ("boss", "ann"):
                answer = client.get(path, headers=keys[who])
                # An answer quotes the address that was asked for, and what was searched.
                text = answer.text.lower().replace(WHO, "").replace('qzxwvut"', "")
                assert CANARY not in text or "q=" in path, (path, answer.text)
        hits = client.get("/v1/search?q=qzxwvut", headers=keys["boss"]).json()
        assert not [hit for hit in hits["results"] if CANARY in json.dumps(hit).lower()]
        assert client.get(f"/v1/people/{WHO}", headers=keys["boss"]).status_code == 404
        assert client.get("/v1/me", headers=keys[WHO]).status_code == 401
        asked = {"text": "How do ropes age?", "person": "ann"}
        assert CANARY not in client.post("/v1/help", headers=keys["boss"], json=asked).text.lower()
    assert traces(database, database.settings.rejects_folder) == []


def test_where_the_organisation_says_so_people_erase_themselves(database: Database, keys) -> None:
    with served(database, auth="keys", self_erasure=True, request_deadline=60) as client:
        assert client.delete("/v1/people/boss/data", headers=keys["ann"]).status_code == 403
        assert client.delete(f"/v1/people/{WHO}/data", headers=keys[WHO]).status_code == 204
        assert client.get("/v1/me", headers=keys[WHO]).status_code == 401
    assert traces(database) == []


def test_whoever_looks_at_anothers_data_is_on_record(database: Database, keys) -> None:
    with served(database, auth="keys") as client:
        assert client.get("/v1/people/ann/data", headers=keys["ann"]).status_code == 200
        before = database.rows("read/acts_head")[0]["seq"]
        assert client.get("/v1/people/ann/data", headers=keys["boss"]).status_code == 200
    (act,) = database.rows("read/acts_after", after=before, limit=10)
    assert act["act"]["action"] == "export.person"


def test_a_command_erases_and_a_restore_of_an_older_backup_erases_again(cli, load, database, tmp_path: Path) -> None:
    filled(database, load)
    backup = str(tmp_path / "before.jsonl.gz")
    assert cli("backup", backup).exit_code == 0
    data = tmp_path / "data"
    (data / "cache").mkdir(parents=True, exist_ok=True)
    assert cli("personal-data", "erase", WHO).exit_code != 0  # nobody said yes
    assert database.rows("read/erasing", id=WHO)
    done = cli("personal-data", "erase", WHO, "--yes", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["results"]["questions"] == 1
    assert traces(database, data) == []
    for options in (["--replace"], []):
        if not options:  # as on another machine: nothing is there but the backup and the data folder
            database.run_alone("MATCH (n) WHERE NOT n:Migration DETACH DELETE n")
        restored = cli("restore", backup, *options)
        assert restored.exit_code == 0, restored.output
        assert traces(database, data) == []
        assert database.run_alone("MATCH (p:Person) RETURN p.id AS id ORDER BY id") == [{"id": "ann"}, {"id": "boss"}]
    bundle = write(tmp_path / "again", tables())
    told = cli("ingest", str(bundle), "--name", "hr")
    assert told.exit_code == 0, told.output
    assert "rows are of people who were erased: left out" in told.output
    # What was done after the backup is not on record in a database that was empty: that is told until it is accepted.
    lost = cli("acts", "verify")
    assert (lost.exit_code, "was cut off, or a backup was restored" in lost.output) == (1, True)
    assert cli("acts", "verify", "--accept").exit_code == 0
    assert cli("acts", "verify").exit_code == 0
    assert "erase.person" in cli("acts", "list").output
    assert cli("personal-data", "readmit", EMAIL).exit_code == 0
    assert cli("personal-data", "readmit", EMAIL).exit_code != 0
    # A restore does not forget that they were readmitted.
    assert cli("restore", backup, "--replace").exit_code == 0
    assert NAME in cli("personal-data", "show", WHO).output
    assert cli("personal-data", "readmit").exit_code != 0
    assert cli("personal-data", "readmit", "--everybody").exit_code == 0


def test_a_database_that_was_restored_by_other_means_is_settled_before_it_is_used(cli, load, database) -> None:
    filled(database, load)
    known = SuppressionList(database.settings)
    assert cli("personal-data", "erase", WHO, "--yes").exit_code == 0
    # As Neo4j's own dump leaves it: the person is there again, and the graph has no list.
    database.run_alone("MATCH (s:Suppression|Meta) WHERE s:Suppression OR s.id = 'suppression' DELETE s")
    database.run_alone("CREATE (:Person {id: $id, name: $name, sources: ['hr'], seen_in: ['r'], hashes: ['h']})",
                       id=WHO, name=NAME)  # fmt: skip
    assert known.entries() == {}  # the command has a data folder of its own
    assert cli("keys", "list").exit_code == 0
    assert traces(database) == []


def test_whoever_is_erased_while_they_write_leaves_nothing(
    database: Database, keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request was let in; before it writes, its sender is erased."""
    real, once = api.writing.in_turn, [True]

    def late(actor, work):
        if once:
            once.clear()
            erasure.erase(database, LOCAL_ADMIN, WHO)
        return real(actor, work)

    monkeypatch.setattr(api.writing, "in_turn", late)
    with served(database, auth="keys") as client:
        answer = client.put(f"/v1/people/{WHO}/dismissals/c", headers=keys[WHO], json={"reason": CANARY})
        assert answer.status_code == 401, answer.text
    assert traces(database) == []
