"""The words of a community over HTTP and by command: who sees candidates, and what follows from a decision."""

import json
from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served, wait_until
from tests.ingest.test_jobs import write

TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [{"id": name, "name": name.title()} for name in ("lea", "mo", "out")],
    "communities": [
        {"id": "blades", "name": "Blade Care", "domain": "We repair what the weather did. A tap test tells much."},
        {"id": "law", "name": "Clauses", "domain": "We read contracts and write reports about them."},
    ],
    "memberships": [
        {"person_id": "lea", "community_id": "blades", "role": "lead"},
        {"person_id": "mo", "community_id": "blades"},
    ],
    "questions": [
        *({"id": f"b{n}", "text": f"What does a tap test say of layer {n}?", "community_id": "blades"}
          for n in range(8)),
        *({"id": f"l{n}", "text": f"Which clause says what of case {n}?", "community_id": "law"} for n in range(8)),
        {"id": "secret", "text": "Zyx zyx zyx?", "community_id": "blades", "private": True},
    ],
}  # fmt: skip
GLOSSARY = "/v1/communities/blades/glossary"


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


def test_leads_explain_words_and_everybody_finds_the_community_by_them(loaded: Database) -> None:
    keys = {who: loaded.write(lambda tx, who=who: create_key(tx, LOCAL_ADMIN, Role.MEMBER, who, None))
            for who in ("lea", "mo", "out")}  # fmt: skip

    def as_(who: str, **headers: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {keys[who]}", **headers}

    with served(loaded, auth="keys") as client:
        seen = client.get(GLOSSARY, headers=as_("mo")).json()
        first = seen["candidates"][0]
        assert (first["term"], first["here"], first["elsewhere"]) == ("tap test", 9, 0)
        assert first["samples"][0] == {"kind": "domain", "id": "blades", "text": "A tap test tells much."}
        assert "zyx" not in json.dumps(seen)
        outside = client.get(GLOSSARY, headers=as_("out")).json()
        assert outside == {"terms": [], "candidates": None, "words": None, "words_elsewhere": None, "communities": None}

        body = {"state": "accepted", "definition": "Knocking with a hammer, and percussion as doctors do."}
        assert client.put(f"{GLOSSARY}/tap test", json=body, headers=as_("mo")).status_code == 403
        put = client.put(f"{GLOSSARY}/tap test", json=body, headers=as_("lea"))
        assert put.status_code == 200
        assert client.put(f"{GLOSSARY}/Tap Test", json=body, headers=as_("lea")).status_code == 428
        stale = as_("lea", **{"If-Match": '"x"'})
        assert client.put(f"{GLOSSARY}/tap test", json=body, headers=stale).status_code == 412

        after = client.get(GLOSSARY, headers=as_("out")).json()
        assert [one["definition"] for one in after["terms"]] == [body["definition"]]
        assert "tap test" not in {one["term"] for one in client.get(GLOSSARY, headers=as_("mo")).json()["candidates"]}

        def finds() -> bool:
            found = client.get(
                "/v1/search", params={"text": "percussion", "kind": "community"}, headers=as_("out")
            ).json()["results"]
            return bool(found) and found[0]["id"] == "blades" and "percussion" in found[0]["reasons"][0]

        wait_until(finds)
        reject = client.put(f"{GLOSSARY}/layer", json={"state": "rejected"}, headers=as_("lea"))
        assert reject.status_code == 200
        assert client.get(f"{GLOSSARY}/layer", headers=as_("out")).status_code == 404
        assert client.get(f"{GLOSSARY}/layer", headers=as_("mo")).json()["state"] == "rejected"
        based = as_("lea", **{"If-Match": put.headers["ETag"]})
        assert client.delete(f"{GLOSSARY}/tap test", headers=based).status_code == 204
        wait_until(lambda: not finds())


def test_the_command_lists_and_decides(loaded: Database, cli) -> None:
    shown = cli("glossary", "blades")
    assert shown.exit_code == 0, shown.output
    assert "tap test" in shown.stdout
    assert "domain: A tap test tells much." in shown.stdout
    decided = json.loads(
        cli("glossary", "blades", "--accept", "tap test", "--definition", "Knocking.", "--json").stdout
    )
    assert decided["results"]["terms"][0]["definition"] == "Knocking."
    assert "tap test" not in {one["term"] for one in decided["results"]["candidates"]}
    assert isinstance(cli("glossary", "blades", "--accept", "a", "--reject", "b").exception, Exception)
    assert "tap test" in cli("glossary", "blades", "--forget", "tap test").stdout
