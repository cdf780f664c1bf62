"""Embeds what is new or changed and stores the vectors in the graph, each model's under a property of its own.

The model in use is switched when all vectors of the new one are there, and only then the old ones go: a search in
between sees one model whole, never a mixture.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from graph.database import Database, Transaction
from graph.errors import InvalidInput
from graph.models import Person
from graph.reads import vectors as reads
from graph.reads.pages import ids_behind
from graph.reads.vectors import EMBEDDED, PREFIX, Model, TextToEncode, index_name, key_property
from graph.settings import DatabaseSettings
from graph.statements import statement
from graph.writes import vectors as writes
from graph.writes.vectors import StoredVector
from matcher.embedding import PASSAGE_WORDS, WAY, Embedder, FloatArray, directions, encode_documents
from matcher.partitions import InProcess, KeyRange, Workers

# Texts read, encoded and written in one go: a killed run loses no more than these.
BATCH = 500

# Seconds for a new index to come online: it is made before the vectors are, so it has little to do.
INDEX_WAIT = 300

# Vectors removed in one transaction.
REMOVAL = 5000

Progress = Callable[[str, int, int | None], None]


@dataclass
class IndexReport:
    encoded: int = 0
    reused: int = 0
    removed: int = 0
    switched_from: str | None = None

    def add(self, part: "IndexReport") -> None:
        self.encoded += part.encoded
        self.reused += part.reused
        self.removed += part.removed


def vector_property(model: str) -> str:
    """The property under which a model's vectors are kept: readable, and its own however the name is spelt."""
    slug = re.sub(r"[^a-z0-9]+", "_", model.lower()).strip("_")[:40]
    return f"{PREFIX}{slug}_{hashlib.sha256(model.encode()).hexdigest()[:6]}"


def text_key(text: str) -> str:
    """What a stored vector was made from: the text, and the way in which it was cut."""
    made = f"{WAY} {PASSAGE_WORDS}\n{text}"
    return hashlib.blake2b(made.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def document_of(person: Person) -> tuple[str, str]:
    """Title and body of what is encoded of a person: the same that `graph.reads.vectors.texts` reads."""
    skills = sorted(skill.name for skill in person.skills)
    return person.title or "", "\n".join(part for part in (person.bio, *person.interests, *skills) if part)


def stored_vector(person: Person, model: Model | None) -> FloatArray | None:
    """The vector of a person as read, if it is of the model and made from what their texts say now."""
    key, numbers = person.vectors.get(model.property, (None, ())) if model else (None, ())
    if key is None or key != text_key("\n".join(document_of(person))):
        return None
    return np.asarray(numbers, dtype=np.float32)


def with_wishes(document: FloatArray | None, person: Person) -> FloatArray | None:
    """What a person as read is about: the vector of their texts, which say what they do and know, and as much of what
    they want to learn. None where there is neither."""
    sums = [] if document is None else [document]
    if person.wish_vectors:
        wishes = np.asarray(list(person.wish_vectors.values()), dtype=np.float32)
        sums.append(directions(wishes.sum(axis=0, keepdims=True))[0])
    return directions(np.sum(sums, axis=0, keepdims=True))[0] if sums else None


@dataclass(frozen=True)
class Part:
    """Things of a kind whose texts are encoded in one go by one worker."""

    kind: str
    range: KeyRange


@dataclass(frozen=True)
class Embedding:
    """The job of `index`. `database` is opened by these settings, the embedder by `open_embedder`, which is pickled for
    workers elsewhere: it must be the model that is indexed."""

    database: DatabaseSettings
    open_embedder: Callable[[], Embedder]

    @contextmanager
    def open(self) -> Generator[tuple[Database, Embedder]]:
        with Database(self.database) as database:
            yield database, self.open_embedder()

    def work(self, context: tuple[Database, Embedder], partition: Part) -> IndexReport:
        """Vectors are set by id, beside the key of what they were made from: done twice, nothing is encoded again."""
        database, embedder = context
        report = IndexReport()
        pages = _pages(database, partition.kind, vector_property(embedder.name), partition.range)
        _index_pages(database, embedder, partition.kind, pages, report)
        return report


def index(
    database: Database,
    embedder: Embedder,
    progress: Progress | None = None,
    workers: Workers | None = None,
    open_embedder: Callable[[], Embedder] | None = None,
) -> IndexReport:
    """Brings the stored vectors to what the texts say now. A second run encodes nothing.

    `workers` do it in partitions; None: this process. Workers elsewhere open the embedder by `open_embedder`. Raises
    InvalidInput where the model gives vectors that a cosine index cannot hold.
    """
    report = IndexReport()
    name = vector_property(embedder.name)
    job = Embedding(database.reached_by(), open_embedder or (lambda: embedder))
    for kind in EMBEDDED:
        # Also for a kind of which nothing is there yet: who searches can rely on it.
        _ensure_index(database, kind, name, embedder.dimension)
        done = 0
        parts = list(_parts(database, kind))
        of_parts = (workers or InProcess()).run(job, parts, (database, embedder))
        for part, one in zip(parts, of_parts, strict=True):
            report.add(one)
            done += part.range.number
            if progress:
                progress(f"embedding: {kind.replace('_', ' ')}", done, None)
    before = database.read(reads.model())
    if before is None or before.name != embedder.name:
        if report.encoded:
            database.run_alone(statement("schema/await_indexes"), seconds=INDEX_WAIT)
        now = Model(embedder.name, name, embedder.dimension)
        database.write(lambda tx: writes.set_model(tx, now))
        report.switched_from = before.name if before else None
    _remove_others(database, name)
    return report


def index_changed(database: Database, embedder: Embedder, things: Mapping[str, Collection[str] | None]) -> IndexReport:
    """Brings the stored vectors of some things, given as ids by kind (None: any of the kind), to what their texts say.

    Does nothing where no model is in use, or another one than the embedder's: then `index` has to be run first.
    """
    report = IndexReport()
    model = database.read(reads.model())
    if model is None or model.name != embedder.name:
        return report
    for kind in EMBEDDED:
        ids = things.get(kind, ())
        pages = (
            _pages(database, kind, model.property) if ids is None else _pages_of(database, kind, model.property, ids)
        )
        _index_pages(database, embedder, kind, pages, report)
    return report


def _parts(database: Database, kind: str) -> Iterator[Part]:
    after = ""
    while ids := database.read(ids_behind(kind, after, BATCH)):
        yield Part(kind, KeyRange(after, ids[-1], len(ids)))
        after = ids[-1]


def _pages(database: Database, kind: str, name: str, within: KeyRange | None = None) -> Iterator[list[TextToEncode]]:
    """The texts of things of a kind (`within` None: of all), page by page, each with the key of its vector under the
    property `name`."""
    after, until = (within.after, within.until) if within else ("", None)
    while page := database.read(reads.texts(kind, key_property(name), after, BATCH, until)):
        after = page[-1].id
        yield page


def _pages_of(database: Database, kind: str, name: str, ids: Collection[str]) -> Iterator[list[TextToEncode]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        yield database.read(reads.texts_of(kind, key_property(name), ordered[start : start + BATCH]))


def _index_pages(
    database: Database,
    embedder: Embedder,
    kind: str,
    pages: Iterable[list[TextToEncode]],
    report: IndexReport,
) -> None:
    for page in pages:
        stale: list[TextToEncode] = []
        changes: list[StoredVector] = []
        for item in page:
            if not item.text.strip():
                if item.key is not None:
                    changes.append(StoredVector(item.id, None, None))
                    report.removed += 1
            elif item.key != text_key(item.text):
                stale.append(item)
            else:
                report.reused += 1
        if stale:
            encoded = _checked(embedder, encode_documents(embedder, [(item.title, item.body) for item in stale]))
            changes.extend(
                StoredVector(item.id, vector.tolist(), text_key(item.text))
                for item, vector in zip(stale, encoded, strict=True)
            )
            report.encoded += len(stale)
        if changes:
            database.write(lambda tx, changes=changes: _store(tx, embedder.name, kind, changes))


def _store(transaction: Transaction, model: str, kind: str, changes: list[StoredVector]) -> None:
    writes.set_vectors(transaction, kind, vector_property(model), changes)
    writes.touch_model(transaction, model)


def _checked(embedder: Embedder, vectors: FloatArray) -> FloatArray:
    """Neo4j takes any vector on writing and fails on reading a wrong one: look before."""
    if vectors.ndim != 2 or vectors.shape[1] != embedder.dimension:
        raise InvalidInput(f"The model {embedder.name} gave vectors of shape {vectors.shape}.")
    if not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
        raise InvalidInput(f"The model {embedder.name} gave a vector that is zero or not finite.")
    return vectors


def _ensure_index(database: Database, kind: str, name: str, dimension: int) -> None:
    for existing in database.read(reads.vector_indexes()):
        if existing.name == index_name(name, kind):
            if existing.dimension != dimension:
                raise InvalidInput(
                    f"The vectors stored under {name} have {existing.dimension} dimensions, the model gives "
                    f"{dimension}. Give the model another name."
                )
            return
    database.write(lambda tx: writes.create_vector_index(tx, kind, name, dimension))


def _remove_others(database: Database, name: str) -> None:
    """Removes the vectors and indexes of all other models: of the one before, and of any whose indexing was given up.

    What there is to remove is told by the indexes, each of which goes last: a removal that is killed is found again
    by the next run.
    """
    kinds = {label: kind for kind, label in EMBEDDED.items()}
    for existing in database.read(reads.vector_indexes()):
        other = existing.property
        if other == name or not other.startswith(PREFIX) or existing.label not in kinds:
            continue
        kind = kinds[existing.label]
        while _removed(database, kind, other) == REMOVAL:
            pass
        database.write(lambda tx, existing=existing: writes.drop_vector_index(tx, existing.name))


def _removed(database: Database, kind: str, other: str) -> int:
    return database.write(lambda tx: writes.drop_vectors(tx, kind, other, REMOVAL))
