"""People who may be one, over HTTP."""

from pathlib import Path

from graph.database import Database
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.ingest.test_jobs import write


def test_a_decision_is_taken_remembered_and_undone(database: Database, tmp_path: Path) -> None:
    for name, people in (
        ("hr", [{"id": "ada", "name": "Ada"}]),
        ("wiki", [{"id": "ab", "name": "Ada", "bio": "I weave."}]),
    ):
        source = BundleSource(write(tmp_path / name, {"people": people}), name)
        ingest(database, source, rejects_folder=tmp_path / "rejects")
    with served(database) as client:

        def pairs() -> list[tuple[str, str]]:
            found = client.get("/v1/identities/doubles").json()["results"]
            return [(pair["one"]["id"], pair["other"]["id"]) for pair in found]

        assert pairs() == [("ab", "ada")]
        said = {"person_id": "ada", "other_id": "ab", "verdict": "different"}
        assert client.post("/v1/identities/decisions", json=said).json()["id"] is None
        assert pairs() == []
        assert client.delete("/v1/identities/different/ada/ab").status_code == 204
        made = client.post("/v1/identities/decisions", json={**said, "verdict": "same"})
        assert made.status_code == 201
        assert client.get("/v1/people/ada").json()["bio"] == "I weave."
        assert client.get("/v1/people/ab").status_code == 404
        (kept,) = client.get("/v1/identities/decisions").json()["same"]
        assert (kept["id"], kept["gone_id"]) == (made.json()["id"], "ab")
        assert client.delete(f"/v1/identities/same/{kept['id']}").status_code == 204
        assert pairs() == [("ab", "ada")]
        assert client.delete(f"/v1/identities/same/{kept['id']}").status_code == 404
