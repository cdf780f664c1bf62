"""Vectors in the graph: what is encoded anew, and how one model follows another."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from graph.database import Database
from graph.errors import InvalidInput
from graph.reads import pages
from graph.reads import vectors as reads
from graph.reads.catalogue import Near, find
from graph.reads.vectors import EMBEDDED
from matcher import indexing
from matcher.indexing import index, vector_property
from tests.embedders import HashingEmbedder

ORGANISATION = """
CREATE (:Community {id: 'c', name: 'Storage', domain: 'disks and volumes', topics: ['snapshots'], audience: 'all'}),
       (:OrgUnit {id: 'u', name: 'Platform'}), (s:Skill {id: 's', name: 'Java', alt_labels: ['JVM']}),
       (:Person {id: 'p', name: 'Ann', title: 'Engineer', interests: ['caves']})-[:HAS_SKILL {id: 'h'}]->(s),
       (:Person {id: 'q', name: 'Nothing Known'}), (:Question {id: 'k', title: 'Why?', text: 'It broke'})
"""


def stored(database: Database, embedder: HashingEmbedder) -> dict[str, set[str]]:
    model = reads.Model(embedder.name, vector_property(embedder.name), embedder.dimension)
    return {kind: set(database.follow(reads.all_vectors(kind, model))) for kind in EMBEDDED}


def properties(database: Database) -> set[str]:
    rows = database.run_alone("MATCH (n) UNWIND keys(n) AS key WITH key WHERE key STARTS WITH 'vector_' RETURN key")
    return {row["key"].removesuffix("_key") for row in rows}


def test_every_kind_gets_vectors_and_a_second_run_encodes_nothing(database: Database):
    database.run_alone(ORGANISATION)
    embedder = HashingEmbedder()
    report = index(database, embedder)
    assert (report.encoded, report.reused, report.removed, report.switched_from) == (5, 0, 0, None)
    assert stored(database, embedder) == {
        "community": {"c"}, "org_unit": {"u"}, "skill": {"s"}, "person": {"p"}, "question": {"k"}
    }  # fmt: skip
    number = len(embedder.encoded)
    report = index(database, embedder)
    assert (report.encoded, report.reused) == (0, 5)
    assert len(embedder.encoded) == number


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_all_vectors_are_read_page_by_page(database: Database, monkeypatch: pytest.MonkeyPatch, size: int):
    database.run_alone("UNWIND ['é', 'a', 'C', 'b'] AS id CREATE (:Person {id: id, name: id, title: id})")
    database.run_alone("CREATE (:Person {id: 'bb', name: 'Says Nothing'})")
    embedder = HashingEmbedder()
    index(database, embedder)
    model = reads.Model(embedder.name, vector_property(embedder.name), embedder.dimension)
    expected = database.read(reads.vectors("person", model, ["a", "b", "bb", "C", "é"]))
    assert set(expected) == {"a", "b", "C", "é"}
    monkeypatch.setattr(pages, "PAGE", size)
    found = database.follow(reads.all_vectors("person", model))
    assert found == expected
    assert all(np.array_equal(found[key].vector, expected[key].vector) for key in expected)


def test_texts_hold_what_tells_of_the_thing(database: Database):
    database.run_alone(ORGANISATION)
    embedder = HashingEmbedder()
    index(database, embedder)
    texts = "\n".join(embedder.encoded)
    for word in ("Storage", "disks", "snapshots", "JVM", "Engineer", "caves", "It broke", "Platform"):
        assert word in texts
    assert any("Engineer" in text and "Java" in text for text in embedder.encoded)
    assert "Ann" not in texts  # a person's name says nothing of what they know


def test_only_what_changed_is_encoded_again(database: Database):
    database.run_alone(ORGANISATION)
    embedder = HashingEmbedder()
    index(database, embedder)
    database.run_alone("MATCH (c:Community {id: 'c'}) SET c.domain = 'tapes'")
    database.run_alone("MATCH (p:Person {id: 'p'}) REMOVE p.title, p.interests WITH p MATCH (p)-[h]->() DELETE h")
    report = index(database, embedder)
    assert (report.encoded, report.reused, report.removed) == (1, 3, 1)
    assert stored(database, embedder)["person"] == set()


def test_pages_of_any_size_encode_the_same(database: Database, monkeypatch: pytest.MonkeyPatch):
    database.run_alone("UNWIND range(1, 23) AS i CREATE (:Skill {id: 's' + i, name: 'skill ' + i})")
    monkeypatch.setattr(indexing, "BATCH", 5)
    assert index(database, HashingEmbedder()).encoded == 23
    assert index(database, HashingEmbedder()).reused == 23


def test_nearest_finds_what_shares_words(database: Database):
    database.run_alone("UNWIND ['blue whale', 'red fox', 'red panda'] AS n CREATE (:Skill {id: n, name: n})")
    embedder = HashingEmbedder()
    index(database, embedder)
    vector = embedder.encode(["blue whale"])[0].tolist()
    near = Near(vector_property(embedder.name), vector)
    search = find(["skill"], ["none"], near, limit=3, nearest=3, today="2026-01-01")
    cosines = database.read(search)["skill"]
    assert cosines["blue whale"] == pytest.approx(1, abs=1e-3)
    assert cosines["red fox"] < 0.9
    # Another model is in use by now: its vectors are not compared with that of the old one.
    index(database, HashingEmbedder("another"))
    assert database.read(search) == {"person": {}, "skill": {}}


def test_the_model_in_use_changes_when_the_new_one_is_whole(database: Database):
    database.run_alone(ORGANISATION)
    old, new = HashingEmbedder("old"), HashingEmbedder("new", dimension=32)
    index(database, old)

    class Failing(HashingEmbedder):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if any("It broke" in text for text in texts):
                raise KeyboardInterrupt
            return super().encode(texts)

    with pytest.raises(KeyboardInterrupt):
        index(database, Failing("new", dimension=32))
    model = database.read(reads.model())
    assert model is not None
    assert model.name == "old"
    assert all(stored(database, old).values())
    report = index(database, new)
    assert report.switched_from == "old"
    assert report.reused == 4  # what the broken run had done
    assert database.read(reads.model()) == reads.Model("new", vector_property("new"), 32)
    assert properties(database) == {vector_property("new")}
    assert {one.property for one in database.read(reads.vector_indexes())} == {vector_property("new")}


def test_a_removal_that_was_killed_is_finished_by_the_next_run(database: Database, monkeypatch: pytest.MonkeyPatch):
    database.run_alone(ORGANISATION)
    index(database, HashingEmbedder("old"))

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(indexing, "_removed", killed)
        with pytest.raises(KeyboardInterrupt):
            index(database, HashingEmbedder("new"))
    assert index(database, HashingEmbedder("new")).encoded == 0
    assert properties(database) == {vector_property("new")}


def test_vector_indexes_of_others_stay(database: Database):
    database.run_alone(ORGANISATION)
    database.run_alone("CREATE VECTOR INDEX theirs FOR (n:Person) ON n.their_vector")
    index(database, HashingEmbedder("old"))
    index(database, HashingEmbedder("new"))
    assert "theirs" in {one.name for one in database.read(reads.vector_indexes())}


@pytest.mark.parametrize("bad", [0.0, float("nan"), float("inf")])
def test_vectors_that_the_index_cannot_hold_are_refused(database: Database, bad: float):
    database.run_alone(ORGANISATION)

    class Broken(HashingEmbedder):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.full((len(texts), self.dimension), bad, dtype=np.float32)

    with pytest.raises(InvalidInput, match="zero or not finite"):
        index(database, Broken())
    assert database.read(reads.model()) is None
    assert properties(database) == set()


def test_another_dimension_under_the_same_name_is_refused(database: Database):
    database.run_alone(ORGANISATION)
    index(database, HashingEmbedder("m", dimension=32))
    database.run_alone("MATCH (c:Community) SET c.domain = 'changed'")
    with pytest.raises(InvalidInput, match="another name"):
        index(database, HashingEmbedder("m", dimension=16))


def test_names_that_look_alike_do_not_share_a_property():
    assert vector_property("a/b") != vector_property("a-b")
    assert vector_property("x" * 300).isidentifier()


def test_an_empty_graph_can_be_indexed(database: Database):
    assert index(database, HashingEmbedder()).encoded == 0
