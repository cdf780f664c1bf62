"""The audit's pages: what a knowledge manager sees and decides, what follows in the graph, and who sees none of it."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.database import Database
from graph.reads import log
from graph.reads.domain_map import domain_map
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served, wait_until
from tests.api.test_findings import AGAIN, KNOTS, TABLES, Asking
from tests.ingest.test_jobs import write

NASTY = "Knots <i>&</i> Co"
ROWS: dict[str, Any] = {
    **TABLES,
    "communities": [
        *(
            {**one, **({"name": NASTY, "skills": ["Splicing", "Whipping", "Bells"]} if one["id"] == "knots" else {})}
            for one in TABLES["communities"]
        ),
        # Fewer are drawn on the map anew each time.
        {"id": "kites", "name": "Kites", "domain": "Paper and string that fly in autumn."},
        {"id": "ferries", "name": "Ferries", "domain": "Timetables of boats across the sound."},
        {"id": "bees", "name": "Bees", "domain": "Hives, honey and how swarms are caught."},
    ],
}


class Pages:
    """Pages as somebody sees them who asks by a key."""

    def __init__(self, database: Database, client: httpx.Client) -> None:
        self.client, self.ask = client, Asking(database, client)

    def get(self, who: str, path: str, *, swaps: bool = False) -> httpx.Response:
        return self._sent(who, "GET", path, swaps)

    def post(self, who: str, path: str, swaps: bool = False, **fields: str) -> httpx.Response:
        return self._sent(who, "POST", path, swaps, data=fields)

    def _sent(self, who: str, method: str, path: str, swaps: bool, **given: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.ask.keys[who]}", **({"HX-Request": "true"} if swaps else {})}
        answer = self.client.request(method, path, headers=headers, follow_redirects=False, **given)
        if answer.status_code != 303:
            assert answer.headers["content-type"].startswith("text/html"), answer.text
            assert ("<html" in answer.text) is not swaps
            assert NASTY not in answer.text, "it became markup"
        return answer


@pytest.fixture
def pages(database: Database, tmp_path: Path) -> Iterator[Pages]:
    ingest(database, BundleSource(write(tmp_path / "hr", ROWS), "hr"), rejects_folder=tmp_path / "rejects")
    with served(database, auth="keys", request_deadline=60) as client:
        yield Pages(database, client)


def words(answer: httpx.Response) -> str:
    """What the page says, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def ids(answer: httpx.Response) -> set[str]:
    return set(re.findall(r'<article class="card gm-finding" id="([^"]+)"', answer.text))


def test_findings_are_listed_narrowed_down_and_decided_on(pages: Pages) -> None:
    for path in ("/audit", "/audit/map", "/audit/heatmap", "/audit/groups", "/audit/remedies"):
        assert pages.get("inside", path).status_code == 403, path
    assert "Nothing was found yet" in pages.get("km", "/audit").text
    assert pages.post("inside", "/audit/run").status_code == 403
    run = pages.post("km", "/audit/run")
    assert (run.status_code, run.headers["location"]) == (303, "/audit?done=audited&new=3")
    assert "New: 3, changed: 0" in pages.get("km", run.headers["location"]).text
    listed = pages.get("km", "/audit")
    assert len(ids(listed)) == 3
    assert "3 findings" in listed.text
    only = pages.get("km", "/audit?text=secr&kind=overlap&least=0.1", swaps=True)
    assert len(ids(only)) == 2
    assert "2 findings" in only.text
    assert not ids(pages.get("km", "/audit?kind=unit_clash"))
    assert "Nothing here" in pages.get("km", "/audit?kind=unit_clash").text
    assert not ids(pages.get("km", "/audit?verdict=complementary"))
    assert pages.get("km", "/audit?status=nonsense").status_code == 422

    key = next(iter(ids(listed) - ids(only)))
    path = f"/audit/findings/{key}"
    assert pages.get("inside", path).status_code == 403
    again = pages.post("km", f"{path}/decision", swaps=True, decision="not_now", note="busy")
    assert "say until when" in again.text
    assert again.text.count("<article") == 1
    assert pages.post("km", f"{path}/decision", decision="not_now").status_code == 422
    card = pages.post("km", f"{path}/decision", swaps=True, decision="not_now", note="busy <b>", until="2999-01-01")
    assert ids(card) == {key}
    assert "dismissed: not now, until Jan 1, 2999" in words(card)
    assert "busy &lt;b&gt;" in card.text
    assert key not in ids(pages.get("km", "/audit"))
    assert ids(pages.get("km", "/audit?status=dismissed")) == {key}
    assert len(ids(pages.get("km", "/audit?status=any"))) == 3

    shown = pages.get("km", path)
    version = re.findall(r'name="version" value="([^"]+)"', shown.text)[0]
    back = pages.post("km", f"{path}/decision", decision="open", alone="yes", version=version)
    assert back.headers["location"] == f"{path}?done=decided"
    assert pages.post("km", f"{path}/decision", decision="accepted", alone="yes", version=version).status_code == 412
    assert pages.post("inside", f"{path}/decision", decision="accepted").status_code == 403
    history = re.findall(r"<li>.*?</li>", pages.get("km", path).text.split("gm-history")[1], re.DOTALL)
    assert ["taken back" in history[0], "not now" in history[1]] == [True, True]
    assert pages.get("km", "/audit/findings/f-none").status_code == 404


def test_a_finding_shows_both_sides_and_all_evidence(pages: Pages) -> None:
    pages.post("km", "/audit/run")
    (one,) = (f for f in pages.ask.listed("km") if {about["id"] for about in f["about"]} == {"knots", "splices"})
    shown = pages.get("km", f"/audit/findings/{one['id']}")
    told = words(shown)
    for said in (KNOTS, AGAIN, "12 members", "only Splices Knots", f"only {NASTY} Bells", "both Splicing Whipping"):
        assert said in told, said
    assert "6 people are in both" in told
    assert shown.text.count('href="/people/p') == 5
    assert "and 1 more" in told
    for other in ("knots", "splices"):
        assert f"remedy=merge&amp;community={other}" in shown.text
    pages.ask("km", "PATCH", "/communities/splices", {"audience": "Riggers"}, **{"If-Match": "*"})
    assert "Riggers" in pages.get("km", f"/audit/findings/{one['id']}").text


def test_a_remedy_is_tried_out_carried_out_and_taken_back(pages: Pages, database: Database) -> None:
    before = log.fingerprint(database)
    new = "/audit/remedies/new"
    asked = {"remedy": "merge", "community": "splices", "other": f"{NASTY} (knots)"}
    assert pages.get("inside", f"{new}?remedy=merge&community=splices&other=knots").status_code == 403
    tried = words(pages.get("km", f"{new}?remedy=merge&community=splices&other=knots"))
    assert f"to {NASTY} 12 :" in tried
    assert "6 of them are in it already" in tried
    assert "Carry it out" in words(pages.post("km", new, swaps=True, **asked))
    refused = pages.post("km", new, **{**asked, "other": "splices", "step": "carry_out"})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert pages.post("km", new, remedy="merge", community="splices").status_code == 422
    assert log.fingerprint(database) == before, "nothing is changed by trying"

    assert pages.post("inside", new, **asked, step="carry_out").status_code == 403
    done = pages.post("km", new, **asked, step="carry_out")
    assert done.headers["location"] == "/audit/remedies?done=carried_out"
    assert pages.ask("km", "GET", "/communities/splices").json()["status"] == "retired"
    listed = pages.get("km", "/audit/remedies")
    assert f"Splices was merged into {NASTY}" in words(listed)
    (undo,) = re.findall(r'action="(/audit/remedies/[^"]+/undo)"', listed.text)
    assert pages.post("inside", undo).status_code == 403
    assert pages.post("km", undo).headers["location"] == "/audit/remedies?done=undone"
    assert log.fingerprint(database) == before
    assert pages.post("km", undo).status_code == 409


def test_a_split_sends_people_where_their_lines_stand(pages: Pages, database: Database) -> None:
    parts = {
        "part_name_1": "Short Knots", "part_domain_1": "Short ones.", "part_members_1": "P 0 (p0)\r\np1\r\n",
        "part_name_2": "Long Knots", "part_domain_2": "Long ones.", "part_members_2": "P (2) (p2)",
    }  # fmt: skip
    asked = {"remedy": "split", "community": "knots", **parts}
    twice = pages.post("km", "/audit/remedies/new", **{**asked, "part_members_2": "p1"})
    assert twice.status_code == 422
    assert "is named in Short Knots and in Long Knots" in twice.text
    assert pages.post("km", "/audit/remedies/new", **asked, step="carry_out").status_code == 303
    rows = database.run_alone(
        "MATCH (p:Person)-[m:MEMBER_OF]->(c:Community) WHERE p.id IN ['p0', 'p1', 'p2'] AND m.left_on IS NULL "
        "AND c.name ENDS WITH ' Knots' RETURN p.id AS person, c.name AS community ORDER BY person"
    )
    assert [tuple(row.values()) for row in rows] == [("p0", "Short Knots"), ("p1", "Short Knots"), ("p2", "Long Knots")]


def test_the_pictures_say_the_same_as_lists_and_stay_as_they_are(pages: Pages, database: Database) -> None:
    shown = pages.get("km", "/audit/map")
    drawn = json.loads(unescape(re.findall(r"data-values='([^']*)'", shown.text)[0]))
    assert {dot[0] for dot in drawn["dots"]} == {one["id"] for one in ROWS["communities"]}
    assert {frozenset(link[:2]) for link in drawn["links"]} >= {frozenset(("knots", "splices"))}
    assert "Each community with those that lie nearest" in shown.text
    assert database.read(domain_map()) == {}, "who looks changes nothing"
    pages.post("km", "/audit/run")
    kept = database.read(domain_map())
    assert kept == {dot["id"]: (dot["x"], dot["y"]) for dot in pages.ask("km", "GET", "/audit/map").json()["results"]}
    assert [kept[dot[0]] for dot in drawn["dots"]] == [pytest.approx(dot[4:6], abs=0.01) for dot in drawn["dots"]]
    new = {"name": "Buoys", "domain": "Buoys, and how to moor them.", "status": "active"}
    assert pages.ask("km", "POST", "/communities", new).status_code == 201
    wait_until(lambda: len(pages.ask("km", "GET", "/audit/map").json()["results"]) == len(kept) + 1)
    after = {dot["id"]: (dot["x"], dot["y"]) for dot in pages.ask("km", "GET", "/audit/map").json()["results"]}
    assert {key: after[key] for key in kept} == kept
    assert database.read(domain_map()) == kept
    heat = pages.get("km", "/audit/heatmap")
    assert "texts alike" in heat.text
    told = pages.ask("km", "GET", "/audit/heatmap").json()
    pair = max(told["results"], key=lambda one: one["members"])
    assert {told["rows"][pair["a"]]["id"], told["rows"][pair["b"]]["id"]} <= {"knots", "splices", "secret"}
    assert pages.get("km", "/audit/groups").status_code == 200
