"""How a model is run: texts longer than it reads, exports that give its vectors, and what is refused."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InvalidInput
from matcher import backends
from matcher.backends import AUTO, BACKENDS, Backend, TorchRunner, base_name, chosen, open_exported, pieces, threads
from matcher.embedding import SentenceTransformerEmbedder
from tests.matcher.tiny_model import LIMIT, WORDS, write_model

EXPORTED = [backend for backend in BACKENDS.values() if backend.modules]
ROOM = LIMIT - 2


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def plain(tiny: Path) -> TorchRunner:
    return TorchRunner(str(tiny), BACKENDS["torch"])


def installed(backend: Backend) -> Backend:
    if not backend.installed:
        pytest.skip(f"{backend.name} is not installed")
    return backend


@given(st.lists(st.sampled_from([*WORDS, "unheard", "zz"]), min_size=1, max_size=60))
def test_pieces_hold_every_word_once_and_are_read_whole(plain: TorchRunner, words: list[str]) -> None:
    (found,) = pieces(plain.tokenizer, plain.limit, [" ".join(words)])
    assert " ".join(piece for piece, _ in found).split() == words
    assert all(0 < tokens <= ROOM for _, tokens in found)
    # What is told of a piece is what the model then reads.
    assert [len(plain.tokenizer.encode(piece, add_special_tokens=False).ids) for piece, _ in found] == [
        tokens for _, tokens in found
    ]


def test_a_word_longer_than_the_model_reads_is_cut_within(plain: TorchRunner) -> None:
    word = "abcdefghij" * 5  # not in the vocabulary: a token a letter
    (found,) = pieces(plain.tokenizer, plain.limit, [word])
    assert "".join(piece for piece, _ in found) == word
    assert len(found) == 4


def test_what_stands_at_the_end_of_a_long_text_counts(tiny: Path) -> None:
    model = SentenceTransformerEmbedder(str(tiny))
    start = "storage " * ROOM
    one, other, alone = model.encode([start + "welding sensor forest", start + "team meet learn", start])
    assert one @ other < 1 - 1e-4
    assert one @ alone < 1 - 1e-4
    # Each piece weighs as much as it has tokens, however the text is cut.
    runner = TorchRunner(str(tiny), BACKENDS["torch"])
    (cut,) = pieces(runner.tokenizer, runner.limit, [start + "welding sensor forest"])
    mean = np.array([tokens for _, tokens in cut]) @ runner.encode([piece for piece, _ in cut])
    np.testing.assert_allclose(one, mean / np.linalg.norm(mean), atol=1e-5)


def test_order_and_company_of_texts_do_not_matter(tiny: Path) -> None:
    model = SentenceTransformerEmbedder(str(tiny))
    texts = ["storage", "welding sensor " * 30, "", "team meet"]
    together = model.encode(texts)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(model.encode([text])[0], vector, atol=1e-5)
    assert model.encode([]).shape == (0, 32)


@pytest.mark.parametrize("backend", EXPORTED, ids=lambda backend: backend.name)
def test_an_exported_model_gives_the_vectors_of_the_model(
    tiny: Path, plain: TorchRunner, tmp_path: Path, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(backend)

    def no_network(*_: object) -> None:
        raise AssertionError("an export asked the network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    exported = open_exported("tiny", lambda: str(tiny), backend, tmp_path)
    texts = ["storage", " ".join(WORDS), "team meet learn", "zz"]
    near = (exported.encode(texts) * plain.encode(texts)).sum(axis=1)
    assert near.min() > (backends.NEAR_ENOUGH if backend.mark else backends.ONE_SPACE)
    assert (exported.dimension, exported.limit) == (plain.dimension, plain.limit)
    assert exported.about.cosine > backends.NEAR_ENOUGH

    def no_weights() -> str:
        raise AssertionError("it was exported again")

    again = open_exported("tiny", no_weights, backend, tmp_path)
    np.testing.assert_array_equal(again.encode(texts), exported.encode(texts))
    assert len(list(tmp_path.iterdir())) == 1  # nothing half made is left


def test_an_exported_model_is_read_without_torch(tiny: Path, tmp_path: Path) -> None:
    backend = installed(next((one for one in EXPORTED if one.installed), EXPORTED[0]))
    SentenceTransformerEmbedder(str(tiny), backend.name, tmp_path).encode(["storage"])
    code = (
        "import sys; from pathlib import Path; from matcher.embedding import SentenceTransformerEmbedder as E; "
        f"v = E({str(tiny)!r}, {backend.name!r}, Path({str(tmp_path)!r})).encode(['storage']); "
        "sys.exit('torch' in sys.modules or v.shape != (1, 32))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], env=os.environ, check=False)
    assert ran.returncode == 0


@pytest.mark.parametrize("name", ["openvino", "openvino-int8"])
def test_nothing_is_reported_of_who_exports(tiny: Path, tmp_path: Path, name: str) -> None:
    installed(BACKENDS[name])
    home = tmp_path / "home"
    home.mkdir()
    code = (
        "import sys; from pathlib import Path; from matcher.embedding import SentenceTransformerEmbedder as E; "
        f"E({str(tiny)!r}, {name!r}, Path({str(tmp_path / 'kept')!r})).encode(['storage']); "
        "sys.exit(any(one.startswith('openvino_telemetry.') for one in sys.modules))"
    )
    given = {**os.environ, "HOME": str(home)}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], env=given, check=False, capture_output=True
    )
    assert ran.returncode == 0
    assert ran.stdout == b""  # that is for what a command answers
    assert not (home / "intel").exists()  # where it keeps the id that it reports under


def test_other_weights_backends_and_libraries_are_other_exports(monkeypatch: pytest.MonkeyPatch) -> None:
    onnx, openvino = BACKENDS["onnx"], BACKENDS["openvino"]
    before = backends._key("a", onnx)
    assert backends._key("a", onnx) == before
    assert len({before, backends._key("b", onnx), backends._key("a", openvino)}) == 3
    monkeypatch.setattr(backends, "_version", lambda _: "another")
    assert backends._key("a", onnx) != before


def test_an_export_with_other_vectors_is_refused(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = installed(next((one for one in EXPORTED if one.installed), EXPORTED[0]))
    session = backends._session

    def askew(folder: Path, backend: Backend):
        run = session(folder, backend)
        return lambda given: np.roll(run(given), 1, axis=1)

    monkeypatch.setattr(backends, "_session", askew)
    with pytest.raises(InvalidInput, match=r"mean cosine.*GUILDMAP_BACKEND=torch"):
        open_exported("tiny", lambda: str(tiny), backend, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_bfloat16_is_of_one_space_with_the_plain_model(tiny: Path, plain: TorchRunner) -> None:
    lesser = TorchRunner(str(tiny), BACKENDS["torch-bfloat16"])
    texts = ["storage", " ".join(WORDS), "team meet learn"]
    found = lesser.encode(texts)
    assert (found * plain.encode(texts)).sum(axis=1).min() > backends.ONE_SPACE
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_what_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="no backend tpu"):
        chosen("tpu")
    monkeypatch.setattr(backends, "find_spec", lambda _: None)
    for setting in ("onnx", "openvino"):
        with pytest.raises(InvalidInput, match=rf"guildmap\[{setting}\]"):
            chosen(setting)
    monkeypatch.setattr(backends, "graphics_card", lambda: False)
    with pytest.raises(InvalidInput, match=r"No graphics card.*GUILDMAP_BACKEND=auto"):
        chosen("cuda")
    monkeypatch.setattr(backends, "multiplies_bfloat16", lambda: False)
    assert chosen(AUTO).name == "torch"
    monkeypatch.setattr(backends, "multiplies_bfloat16", lambda: True)
    assert chosen(AUTO).name == "torch-bfloat16"
    monkeypatch.setattr(backends, "find_spec", lambda _: object())
    for wide in (False, True):
        monkeypatch.setattr(backends, "multiplies_bfloat16", lambda wide=wide: wide)
        assert not chosen(AUTO).mark  # no choice of a machine makes another space
    monkeypatch.setattr(backends, "graphics_card", lambda: True)
    assert chosen(AUTO) == chosen("cuda")
    assert not chosen(AUTO).mark


def test_vectors_of_eight_bits_are_of_a_space_of_their_own(tiny: Path) -> None:
    names = {
        backend.name: SentenceTransformerEmbedder(str(tiny), backend.name).name
        for backend in BACKENDS.values()
        if backend.installed
    }
    plain = names["torch"]
    for name, told in names.items():
        assert (told == plain) == (not BACKENDS[name].mark)
        assert base_name(told) == plain
    assert base_name("all-MiniLM-L6-v2") == "all-MiniLM-L6-v2"


def test_a_model_that_cannot_be_exported_says_so(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = installed(next((one for one in EXPORTED if one.installed), EXPORTED[0]))

    def fails(*_: object) -> None:
        raise RuntimeError("no such operator\nand much more")

    monkeypatch.setattr(backends, "_to_onnx", fails)
    monkeypatch.setattr(backends, "_to_openvino", fails)
    with pytest.raises(InvalidInput, match=r"cannot be exported.*no such operator"):
        open_exported("tiny", lambda: str(tiny), replace(backend), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "number"), [("1", 1), ("2,1", 2), ("0", None), ("", None), ("many", None), (None, None)]
)
def test_a_process_is_told_how_many_threads_it_may_have(
    monkeypatch: pytest.MonkeyPatch, given: str | None, number: int | None
) -> None:
    if given is None:
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    else:
        monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert threads() == number


def test_openvino_keeps_to_the_threads_that_a_worker_has(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(BACKENDS["openvino"])
    import openvino

    settings: list[dict[str, object]] = []
    compile_model = openvino.Core.compile_model

    def noted(core: object, model: object, device: str, given: dict[str, object]) -> object:
        settings.append(given)
        return compile_model(core, model, device, given)

    monkeypatch.setattr(openvino.Core, "compile_model", noted)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    embedder = SentenceTransformerEmbedder(str(tiny), "openvino", tmp_path)
    assert embedder.encode(["some words"]).shape == (1, embedder.dimension)
    assert {one["INFERENCE_NUM_THREADS"] for one in settings} == {1}
    assert {one["ENABLE_CPU_PINNING"] for one in settings} == {False}, "two workers would share the first processor"


def test_a_graphics_card_gives_the_vectors_of_the_processor(tiny: Path, plain: TorchRunner) -> None:
    if not backends.graphics_card():
        pytest.skip("there is no graphics card here")
    texts = ["storage", " ".join(WORDS), "team meet learn"] * 30
    np.testing.assert_allclose(TorchRunner(str(tiny), BACKENDS["cuda"]).encode(texts), plain.encode(texts), atol=1e-5)
