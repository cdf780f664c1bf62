"""The admin's pages and what is beneath: imports as they go on, rejects, keys, sessions, settings; for admins alone."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.reads import identities
from graph.writes.events import now
from graph.writes.identities import begin_session
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.ingest.test_jobs import write

ADDRESSES = ("/admin", "/admin/model", "/admin/access", "/admin/settings")
RUN = "2026-01-02T03:04:05.678Z-0f3a9c"


class Pages:
    def __init__(self, client: httpx.Client, keys: dict[str, str]) -> None:
        self.client, self.keys = client, keys

    def get(self, who: str, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.keys[who]}", **headers})

    def post(self, who: str, path: str, **fields: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[who]}"}
        return self.client.post(path, data=fields, headers=headers, follow_redirects=False)


@pytest.fixture
def pages(database: Database, tmp_path: Path) -> Iterator[Pages]:
    rows: dict[str, Any] = {
        "people": [{"id": "ann", "name": "Ann"}, {"id": "bob", "name": ""}],
        "communities": [{"id": "ropes", "name": "Ropes", "domain": "Ropes."}],
    }
    folder = database.settings.data_dir / "rejects"
    ingest(database, BundleSource(write(tmp_path / "hr", rows), "hr"), rejects_folder=folder)
    given = {"ann": Role.MEMBER, "km": Role.KNOWLEDGE_MANAGER, "admin": Role.ADMIN}
    keys = {
        name: database.write(
            lambda tx, name=name, role=role: create_key(tx, LOCAL_ADMIN, role, "ann" if name == "ann" else None, None)
        )
        for name, role in given.items()
    }
    with served(database, auth="keys", oidc_client_secret="hush-hush", request_deadline=20) as client:
        yield Pages(client, keys)


def test_they_are_for_admins(pages: Pages) -> None:
    for path in ADDRESSES:
        assert pages.get("admin", path).status_code == 200, path
        for who in ("ann", "km"):
            assert pages.get(who, path).status_code == 403, (who, path)
    for path in ("/admin/keys", "/admin/keys/x/revoke", "/admin/sessions/end"):
        assert pages.post("km", path, role="admin", person_id="ann").status_code == 403, path
    told = pages.get("admin", "/admin/settings").text
    assert "hush" not in told
    assert "(set)" in told
    assert "GUILDMAP_OIDC_CLIENT_SECRET" in told


def test_a_key_is_shown_once_and_opens_until_it_is_revoked(pages: Pages) -> None:
    made = pages.post("admin", "/admin/keys", role="admin", note="<b>nightly</b>", days="3", reads_only="yes")
    (key,) = re.findall(r"<code class=\"gm-key\">(guildmap_[^<]+)</code>", made.text)
    assert made.headers["cache-control"] == "no-store"
    key_id = key.split("_")[1]
    listed = pages.get("admin", "/admin/access").text
    assert key not in listed
    assert "&lt;b&gt;nightly" in listed
    opened = {"Authorization": f"Bearer {key}"}
    assert pages.client.get("/v1/admin/keys", headers=opened).status_code == 200
    assert pages.client.post("/v1/admin/keys", json={"role": "admin"}, headers=opened).status_code == 403
    twice = [
        pages.client.post(
            "/v1/admin/keys", json={"role": "admin"},
            headers={"Authorization": f"Bearer {pages.keys['admin']}", "Idempotency-Key": "k"},
        ).json()["key"]
        for _ in range(2)
    ]  # fmt: skip
    assert twice[0] != twice[1], "no answer with a key is kept"
    assert pages.post("admin", "/admin/keys", role="member").status_code == 422
    assert pages.post("admin", "/admin/keys", role="member", person_id="nobody").status_code == 422
    assert pages.post("admin", f"/admin/keys/{key_id}/revoke").headers["location"] == "/admin/access?done=revoked"
    assert pages.client.get("/v1/admin/keys", headers=opened).status_code == 401
    assert pages.post("admin", "/admin/keys/none/revoke").status_code == 404


def test_somebody_is_signed_out_everywhere(pages: Pages, database: Database) -> None:
    database.write(lambda tx: begin_session(tx, "person:ann", "ann", None, 1))
    assert "Sign out everywhere" in pages.get("admin", "/admin/access").text
    ended = pages.post("admin", "/admin/sessions/end", person_id="ann")
    assert ended.headers["location"] == "/admin/access?done=ended&ended=1"
    assert database.read(identities.sessions(None, now())) == []


def test_rejects_are_downloaded_and_no_other_file_is(pages: Pages, database: Database) -> None:
    (run,) = pages.get("admin", "/v1/admin/runs").json()["results"]
    assert (run["source"], run["state"], run["rejected"], run["has_rejects"]) == ("hr", "finished", 1, True)
    address = f"/v1/admin/runs/{run['id']}/rejects"
    assert f'href="{address}"' in pages.get("admin", "/admin").text.replace("%3A", ":")
    told = pages.get("admin", address)
    assert told.headers["content-disposition"].startswith("attachment")
    (line,) = map(json.loads, told.text.splitlines())
    assert (line["file"], line["id"], line["field"]) == ("people.jsonl", "bob", "name")
    assert pages.get("km", address).status_code == 403
    folder = database.settings.data_dir / "rejects"
    (folder.parent / f"{RUN.replace(':', '')}.jsonl").write_text("secret")
    os.symlink(folder.parent / f"{RUN.replace(':', '')}.jsonl", folder / f"{RUN.replace(':', '')}.jsonl")
    (folder / "other.jsonl").write_text("secret")
    for name in ("other", "..%2Fother", "%2Fetc%2Fpasswd", f"..%2F{RUN}", f"..%5C{RUN}", RUN, f"{RUN}%00", f"{RUN}%0A"):
        answer = pages.get("admin", f"/v1/admin/runs/{name}/rejects")
        assert answer.status_code == 404, name
        assert "secret" not in answer.text


def test_a_run_is_followed_as_it_goes_on(pages: Pages, database: Database) -> None:
    def events(**headers: str) -> list[list[dict[str, Any]]]:
        answer = pages.get("admin", "/v1/admin/runs/stream", **headers)
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line[6:])["results"] for line in answer.text.splitlines() if line.startswith("data: ")]

    first = pages.get("admin", "/v1/admin/runs/stream").text
    assert len(events()) == 1, "nothing goes on: it tells how things are, and ends"
    (known,) = re.findall(r"^id: (.*)$", first, re.MULTILINE)
    assert events(**{"Last-Event-ID": known}) == []
    row = {
        "id": RUN, "source": "hr", "state": "running", "started_at": now(), "saved_at": now(), "step": 1, "steps": 4,
        "doing": "people", "rows": 2_000, "counts": "{}", "reported": 0, "position": 2_000, "fingerprint": "x",
        "sweep": False, "rejects_bytes": 0,
    }  # fmt: skip
    database.run_alone("CREATE (r:IngestRun) SET r = $row", row=row)
    shown = pages.get("admin", "/admin", **{"HX-Request": "true"}).text
    assert "<html" not in shown
    assert '<progress class="gm-progress" max="4" value="1"' in shown
    assert "now: people" in shown
    seen: list[str] = []
    with pages.client.stream(
        "GET", "/v1/admin/runs/stream", headers={"Authorization": f"Bearer {pages.keys['admin']}"}
    ) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                (run,) = (one for one in json.loads(line[6:])["results"] if one["id"] == RUN)
                seen.append(f"{run['state']} {run['rows']}")
                if run["rows"] == 2_000:
                    database.run_alone("MATCH (r:IngestRun {id: $id}) SET r.rows = 4000", id=RUN)
                elif run["state"] == "running":
                    database.run_alone("MATCH (r:IngestRun {id: $id}) SET r.state = 'finished'", id=RUN)
    assert seen == ["running 2000", "running 4000", "finished 4000"]
    old = "2026-01-02T03:04:05.678Z"
    database.run_alone("MATCH (r:IngestRun {id: $id}) SET r.state = 'running', r.saved_at = $old", id=RUN, old=old)
    assert len(events()) == 1, "one that was cut off is not waited for"
    assert "cut off" in pages.get("admin", "/admin").text
