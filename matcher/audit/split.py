"""How a community that is too broad could be split: what its members, or else its text, fall apart into."""

# scikit-learn ships partial types; what it returns is made an array here.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_samples
from sklearn.utils.extmath import randomized_svd

from graph.text import tokens
from matcher.audit.people import Profiles
from matcher.audit.subject import Subject
from matcher.lexical import LexicalIndex

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# A part of fewer members is no community; more parts than this nobody would found at once.
SMALLEST, MOST_PARTS = 4, 5
# Of a text, so many sentences or topics are needed to see parts, and a part has two or more of them.
SENTENCES, SMALLEST_OF_TEXT = 6, 2
# A text of one subject falls into parts as well, by whatever its sentences happen to share: these lie less far apart.
TEXT_APART = 0.2
# Where only words are known they are too many to cluster by: this many directions hold most of what they say.
DIRECTIONS = 32
# The words that name a part.
NAMED_BY = 3
SEED = 13


@dataclass(frozen=True)
class Part:
    """`name` is of the skills that its members share and others lack, or of its own words; `people` ids and names,
    `questions` ids, `says` sentences or topics of the text (only where members' profiles are not known)."""

    name: str
    people: tuple[tuple[str, str], ...]
    questions: tuple[str, ...]
    says: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """`by`: members or text. `nowhere` are members who are no nearer to one part than to another, or say nothing of
    themselves. `silhouette`, from -1 to 1, tells how far apart the parts are."""

    by: str
    silhouette: float
    parts: tuple[Part, ...]
    nowhere: tuple[tuple[str, str], ...]


class Splits:
    """The splits of one organisation, taken over from one audit to the next where nothing that they rest on changed."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[object, tuple[Split | None, str | None]]] = {}

    def of(
        self, subject: Subject, profiles: Profiles, row: int, encode: Callable[[Sequence[str]], FloatArray] | None
    ) -> tuple[Split | None, str | None]:
        """As `split`."""
        key, basis = subject.ids[row], (encode is None, *_basis(subject, profiles, row))
        known = self._found.get(key)
        if known is None or known[0] != basis:
            known = self._found[key] = basis, split(subject, profiles, row, encode)
        return known[1]


def _basis(subject: Subject, profiles: Profiles, row: int) -> tuple[object, ...]:
    """All that the split of a community rests on; vectors by their keys, words by their weights."""
    facts = subject.facts
    members: list[int] = subject.members.indices[subject.members.indptr[row] : subject.members.indptr[row + 1]].tolist()
    held, skills = subject.held
    stored, asked = facts.profile_vectors or {}, facts.question_vectors or {}
    return (
        subject.communities[row],
        subject.texts.weights,
        subject.texts.vectors is None,
        [(profiles.ids[at], profiles.names[at], profiles.texts[at], stored.get(profiles.ids[at])) for at in members],
        [
            [
                (skills[at], facts.holders[skills[at]].name)
                for at in held.indices[held.indptr[one] : held.indptr[one + 1]]
            ]
            for one in members
        ],
        [(question, asked.get(question.id)) for question in subject.asked[row]],
    )


def split(
    subject: Subject, profiles: Profiles, row: int, encode: Callable[[Sequence[str]], FloatArray] | None
) -> tuple[Split | None, str | None]:
    """A proposal, or None and the reason why there is none."""
    members = subject.members.indices[subject.members.indptr[row] : subject.members.indptr[row + 1]]
    known = members[profiles.known[members]]
    if len(known) >= 2 * SMALLEST:
        return _of_members(subject, profiles, row, members, known)
    topics = list(subject.communities[row].topics)
    said = [*subject.sentences(row), *topics]
    if len(said) < SENTENCES:
        return None, "too few members with a profile, and too short a text, to see parts in it"
    documents = [tokens(text) for text in said]
    lexical = LexicalIndex.fit(documents)
    labels, apart = _clusters(encode(said) if encode else _reduced(lexical.vectors), SMALLEST_OF_TEXT)
    names = [] if labels is None else _names(documents, labels, _own_words(subject, row))
    if labels is None or apart.mean() < TEXT_APART or not all(names):
        return None, "neither its members, of whom too little is known, nor its text fall into parts"
    chosen = range(int(labels.max()) + 1)
    parts = [Part(names[k], (), (), tuple(said[at] for at in np.flatnonzero(labels == k))) for k in chosen]
    return Split("text", float(apart.mean()), tuple(parts), ()), None


def _of_members(
    subject: Subject, profiles: Profiles, row: int, members: IntArray, known: IntArray
) -> tuple[Split | None, str | None]:
    rows = profiles.vectors[known] if profiles.vectors is not None else _reduced(profiles.words[known])
    labels, apart = _clusters(rows, SMALLEST)
    if labels is None:
        return None, "its members do not fall into parts of four and more"
    held, skills = subject.held
    if np.diff(held[known].indptr).any():
        called = [subject.facts.holders[key].name for key in skills]
        names = _telling(held[known], called, labels)
    else:
        documents = [tokens(profiles.texts[at]) for at in known.tolist()]
        names = _names(documents, labels, _own_words(subject, row))
    names = [name or f"part {number}" for number, name in enumerate(names, 1)]
    fits = apart > 0
    centres = np.stack([rows[(labels == k) & fits].mean(axis=0) for k in range(int(labels.max()) + 1)])
    asked: list[list[str]] = [[] for _ in names]
    vectors = subject.facts.question_vectors or {}
    if profiles.vectors is not None:
        for question in subject.asked[row]:
            if question.id in vectors:
                asked[int((centres @ vectors[question.id].vector).argmax())].append(question.id)

    def people(some: NDArray[np.integer]) -> tuple[tuple[str, str], ...]:
        return tuple((profiles.ids[at], profiles.names[at]) for at in some.tolist())

    parts = [Part(name, people(known[(labels == k) & fits]), tuple(asked[k]), ()) for k, name in enumerate(names)]
    nowhere = np.concatenate([known[~fits], np.setdiff1d(members, known)])
    return Split("members", float(apart.mean()), tuple(parts), people(np.sort(nowhere))), None


def _reduced(words: csr_matrix) -> FloatArray:
    size = min(DIRECTIONS, min(words.shape) - 1)
    if size < 2:
        return np.asarray(words.toarray(), dtype=np.float32)
    # Not TruncatedSVD: it divides by a variance that nobody asks for, and that is 0 where all say the same.
    rows = words @ randomized_svd(words, size, random_state=SEED)[2].T
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _clusters(rows: FloatArray, smallest: int) -> tuple[IntArray | None, FloatArray]:
    """The parts that lie farthest apart, none with fewer than `smallest`; labels int32 [rows] or None, and the
    silhouette of each row."""
    best: IntArray | None = None
    best_apart = np.full(len(rows), -1.0, dtype=np.float32)
    different = len(np.unique(rows.round(4), axis=0))
    for k in range(2, min(MOST_PARTS, len(rows) // smallest, different) + 1):
        labels = np.asarray(KMeans(k, n_init="auto", random_state=SEED).fit_predict(rows), dtype=np.int32)
        counts = np.bincount(labels, minlength=k)
        if counts.min() < smallest:
            continue
        apart = np.asarray(silhouette_samples(rows, labels), dtype=np.float32)
        enough = all(((labels == part) & (apart > 0)).sum() >= 1 for part in range(k))
        if enough and apart.mean() > best_apart.mean():
            best, best_apart = labels, apart
    return best, best_apart


def _own_words(subject: Subject, row: int) -> frozenset[str]:
    """The words of its name: they tell no part from another."""
    return frozenset(tokens(subject.names[row]))


def _names(documents: Sequence[Sequence[str]], labels: IntArray, left_out: frozenset[str]) -> list[str]:
    """For each part the words that most of its documents have and others have least."""
    lexical = LexicalIndex.fit(documents)
    held = csr_array((lexical.vectors > 0).astype(np.float32))
    return _telling(held, lexical.spellings, labels, left_out)


def _telling(
    held: csr_array, called: list[str] | tuple[str, ...], labels: IntArray, left_out: frozenset[str] = frozenset()
) -> list[str]:
    """For each part the names of what more of its rows hold than of the others, '' where there is no such thing; `held`
    [rows, names] of zeros and ones."""
    usual = np.asarray(held.sum(axis=0)).ravel()
    names: list[str] = []
    for part in range(int(labels.max()) + 1):
        inside = labels == part
        here = np.asarray(held[np.flatnonzero(inside)].sum(axis=0)).ravel()
        share, elsewhere = here / inside.sum(), (usual - here) / max(1, int((~inside).sum()))
        # What one alone holds names nobody else.
        weight = np.where(here >= min(2, inside.sum()), share - elsewhere, 0.0)
        order = np.lexsort((np.arange(len(weight)), -weight)).tolist()
        chosen = [called[at] for at in order[:20] if weight[at] > 0 and called[at] not in left_out]
        telling = [name for name in chosen if len(name) > 1 and not name.isdigit()][:NAMED_BY]
        names.append(", ".join(telling))
    return names
