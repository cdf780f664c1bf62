"""Recommendations for everyone are those that each person gets alone."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from api.cli import app, asking
from api.cli.asking import Asking
from graph.database import Database
from graph.settings import DatabaseSettings
from ingest.demo.organisation import DemoSource
from ingest.jobs import ingest
from matcher.indexing import document_of, index, stored_vector
from tests.embedders import HashingEmbedder


@pytest.fixture
def demo(database: Database, tmp_path: Path) -> Database:
    ingest(database, DemoSource(date.today()), rejects_folder=tmp_path / "rejects")
    return database


@pytest.mark.parametrize("by_meaning", [True, False])
def test_everyone_gets_what_they_would_get_alone(demo: Database, by_meaning: bool) -> None:
    embedder = HashingEmbedder() if by_meaning else None
    if embedder:
        index(demo, embedder)
    organisation = Asking(demo, embedder)
    people = organisation.snapshot.people
    lists = dict(organisation.recommend_some(people.ids, 10))
    assert sorted(lists) == [one for one, gone in zip(people.ids, people.gone, strict=True) if not gone]
    assert np.mean([len(found.results) for found in lists.values()]) > 5
    for person in list(lists)[::5]:
        alone, among = organisation.recommend(organisation.person(person), 10), lists[person]
        assert [one.community_id for one in among.results] == [one.community_id for one in alone.results]
        assert [one.reasons for one in among.results] == [one.reasons for one in alone.results]
        assert [one.score for one in among.results] == pytest.approx([one.score for one in alone.results], abs=1e-5)
        assert among.set_aside == alone.set_aside


def test_the_command_writes_a_line_a_person(
    demo: Database, database_settings: DatabaseSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = demo.lease.password if demo.lease else database_settings.neo4j_password.get_secret_value()
    for name, value in (("DATA_DIR", str(tmp_path)), ("NEO4J_URI", demo.uri), ("NEO4J_PASSWORD", password)):
        monkeypatch.setenv(f"GUILDMAP_{name}", value)
    run, file = CliRunner().invoke, tmp_path / "lists.jsonl"
    told = run(app, ["recommend", "--everyone", "--output", str(file), "--words-only", "--limit", "3", "--json"])
    assert told.exit_code == 0, told.output
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert json.loads(told.stdout)["results"]["people"] == len(lines) > 500
    alone = run(app, ["recommend", lines[0]["person_id"], "--words-only", "--limit", "3", "--json"])
    for mine, one in zip(lines[0]["results"], json.loads(alone.stdout)["results"], strict=True):
        assert mine["community_id"] == one["community_id"]
        assert mine["score"] == pytest.approx(one["score"], abs=1e-5)
        assert mine["reason"] == one["reasons"][0]
    for wrong in (["--everyone"], ["--output", str(file)], ["somebody", "--everyone", "--output", str(file)]):
        assert run(app, ["recommend", *wrong]).exit_code != 0


def test_a_stored_vector_counts_until_the_text_changes(demo: Database) -> None:
    index(demo, HashingEmbedder())
    embedder = HashingEmbedder()
    organisation = Asking(demo, embedder)
    person = next(one for one in map(organisation.person, organisation.snapshot.people.ids) if one.bio and one.skills)
    stored = stored_vector(person, organisation.model)
    assert stored is not None
    np.testing.assert_allclose(stored, asking.encode_documents(HashingEmbedder(), [document_of(person)])[0], atol=1e-6)
    organisation.recommend(person, 5)
    assert embedder.encoded == []
    demo.run_alone("MATCH (p:Person {id: $id}) SET p.bio = 'ovens'", id=person.id)
    changed = organisation.person(person.id)
    assert stored_vector(changed, organisation.model) is None
    organisation.recommend(changed, 5)
    assert len(embedder.encoded) == 1
