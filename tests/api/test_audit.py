"""`guildmap audit` on the demo organisation: what was planted is found, and what was not is left below it."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph.database import Database
from ingest.demo.organisation import DemoSource
from ingest.jobs import ingest
from matcher.embedding import SentenceTransformerEmbedder
from matcher.indexing import index

PLANTED: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "ingest" / "demo_planted.yaml").read_text(encoding="utf-8")
)
# Of these the audit is to say something; what it says of others is compared with it.
FAULTS = ("duplicate", "contained")
# Scales by which each community is looked at by itself, and what was planted for them.
SCALES = {"narrowness": "too_narrow", "clarity": "unclear", "vitality": "dormant"}


@pytest.fixture
def run(cli, database: Database, tmp_path: Path):
    """Runs a command on the demo organisation. The vectors are the packaged model's, but for people, whose texts take
    the most time to encode and are compared by words alone."""
    ingest(database, DemoSource(date.today()), rejects_folder=tmp_path)
    database.run_alone("MATCH (p:Person) SET p:Waiting REMOVE p:Person")
    index(database, SentenceTransformerEmbedder())
    database.run_alone("MATCH (p:Waiting) SET p:Person REMOVE p:Waiting")
    return lambda *arguments: cli("audit", *arguments)


def planted(*kinds: str) -> set[frozenset[str]]:
    return {frozenset(entry["ids"]) for entry in PLANTED if entry["kind"] in kinds}


def test_every_planted_fault_ranks_above_every_pair_without_one(run, tmp_path: Path) -> None:
    output = tmp_path / "audit.json"
    result = run("--min-probability", "0", "--json", "--output", str(output))
    assert result.exit_code == 0, result.output
    body = json.loads(result.stdout)
    assert set(body["results"]) == {"overlaps", "unit_clashes", "groups", "breadth", *SCALES, "gaps"}
    assert json.loads(output.read_text(encoding="utf-8"))["results"] == body["results"]

    overlaps = {frozenset((one["a"], one["b"])): one for one in body["results"]["overlaps"]}
    faults = planted(*FAULTS)
    assert faults <= overlaps.keys()
    least = min(overlaps[pair]["probability"] for pair in faults)
    others = overlaps.keys() - faults
    assert [sorted(pair) for pair in others if overlaps[pair]["probability"] >= least] == []
    for entry in (one for one in PLANTED if one["kind"] == "contained"):
        finding = overlaps[frozenset(entry["ids"])]
        assert (finding["a"], finding["b"], finding["verdict"]) == (*entry["ids"], "contained_in")
    for pair in planted("same_name"):
        assert overlaps[pair]["verdict"] == "same_name_only"
    first = body["results"]["overlaps"][0]
    assert {"a", "b", "verdict", "probability", "evidence"} <= set(first)
    assert set(first["evidence"]) == {"text", "skills", "members", "talk"}

    clashes = {(one["a"], one["b"]): one["probability"] for one in body["results"]["unit_clashes"]}
    units = {(entry["ids"][0], entry["unit_id"]) for entry in PLANTED if entry["kind"] == "duplicates_unit"}
    least = min(clashes[pair] for pair in units)
    assert [pair for pair in clashes.keys() - units if clashes[pair] >= least] == []

    for group in body["results"]["groups"]:
        assert not {"sea-state", "vessel-campaigns"} <= set(group["communities"])
    retired = {entry["ids"][0] for entry in PLANTED if entry["kind"] == "retired"}
    assert not retired & {one for pair in overlaps for one in pair}

    breadth = body["results"]["breadth"]
    broad = {entry["ids"][0] for entry in PLANTED if entry["kind"] == "too_broad"}
    assert {one["id"] for one in breadth[: len(broad)]} == broad
    assert min(one["score"] for one in breadth if one["id"] in broad) > breadth[len(broad)]["score"]
    assert len(breadth) == body["meta"]["communities"]
    assert not retired & {one["id"] for one in breadth}
    for one in breadth[: len(broad)]:
        assert one["flagged"]
        assert {"reach", "mix", "inside", "general", "split"} <= set(one["evidence"])
        assert len(one["evidence"]["split"]["parts"]) > 1
    assert body["results"]["gaps"][0]["leaders"]
    for scale, kind in SCALES.items():
        measured = body["results"][scale]
        assert len(measured) == body["meta"]["communities"]
        assert not retired & {one["id"] for one in measured}
        faulty = {key for entry in PLANTED if entry["kind"] == kind for key in entry["ids"]}
        least = min(one["score"] for one in measured if one["id"] in faulty)
        assert [one["id"] for one in measured if one["id"] not in faulty and one["score"] >= least] == []
        assert all(one["flagged"] and one["reasons"] for one in measured if one["id"] in faulty)

    told = run().output
    assert "could be split, by its members" in told
    assert "might lead it" in told
    assert "It says itself that it is dormant." in told
    assert "say how it sits together and not about what" in " ".join(told.split())
    assert "Could go into Cost & Schedule" in " ".join(told.split())
    assert "Rope Access" in told
    assert "lies within" in told
    assert "by chance" in told
    everything = json.loads(run("--include-retired", "--min-probability", "0", "--words-only", "--json").stdout)
    assert retired <= {one[side] for one in everything["results"]["overlaps"] for side in ("a", "b")}


def test_the_report_stands_alone_and_keeps_places(run, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    result = run("--words-only", "--min-probability", "0.1", "--html", str(page))
    assert result.exit_code == 0, result.output
    first = page.read_text(encoding="utf-8")
    assert "lies within" in first
    assert "by chance" in first
    assert "Not alive: does anything still go on?" in first
    assert "It says itself that it is dormant." in first
    assert not re.search(r"""(?:src|href)=["'](?!#)|url\(|@import|<link""", first)
    places = dict(re.findall(r'<circle [^>]*cx="([^"]+)" [^>]*><title>([^<]+)</title>', first))
    assert len(places) > 50
    run("--words-only", "--html", str(page))
    again = page.read_text(encoding="utf-8")
    assert dict(re.findall(r'<circle [^>]*cx="([^"]+)" [^>]*><title>([^<]+)</title>', again)) == places
    refused = run("--words-only", "--html", str(tmp_path))
    assert refused.exit_code != 0
    assert "--html" in str(refused.exception)
