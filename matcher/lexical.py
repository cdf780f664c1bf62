"""Lexical evidence: TF-IDF and BM25 over tokens, as sparse arrays.

Sources: TF-IDF with sublinear term frequency and smoothed inverse document frequency as in Manning, Raghavan and
Schütze, Introduction to Information Retrieval, ch. 6; BM25 as in Robertson and Zaragoza, The Probabilistic Relevance
Framework (2009), with the non-negative idf of Lucene.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain, compress
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # pyright: ignore[reportMissingTypeStubs]

from graph.text import spoken
from matcher.ascending import places

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]
T = TypeVar("T", bound=Hashable)

# Usual values; both texts and queries here are of the length they were found for.
K1 = 1.2
B = 0.75

# The English list holds words that name things here: Go, distributed systems, fire safety, an interest group.
STOP_WORDS = ENGLISH_STOP_WORDS - {
    "bill", "call", "con", "detail", "fire", "go", "interest", "mill", "mine", "move", "name", "system"
}  # fmt: skip

# Masks of what somebody may read that an index remembers: most people may read the same, and a mask of 10,000 documents
# takes 10 kB, the terms known behind it as much again or twice that.
MASKS = 64

# How texts of a domain begin what they leave to others.
_DISCLAIMED = r"(?:out[ -]of[ -]scope|not[ -]in[ -]scope|outside (?:of )?(?:the|our) scope|non[ -]?goals?)"
_DISCLAIMED_HEADING = re.compile(rf"(?<!#)(#{{1,6}})[ \t]*{_DISCLAIMED}\b", re.IGNORECASE)
_DISCLAIMED_LINE = re.compile(rf"^[ \t*-]*{_DISCLAIMED}[ \t]*:.*$", re.IGNORECASE | re.MULTILINE)


def claimed(domain: str) -> str:
    """`domain` without the sections and lines that say what is out of scope.

    What a community leaves to another is written in the other's words: counted as its own, it draws the other's
    questions (0.019 of MRR in tests/bench/search_kubernetes.py). A section goes on to the next Markdown heading of its
    level or above, wherever that stands, for sources flatten line ends. A text that is nothing else is kept whole.
    """
    kept: list[str] = []
    position = 0
    for match in _DISCLAIMED_HEADING.finditer(domain):
        if match.start() < position:
            continue
        following = re.compile(rf"(?<!#)#{{1,{len(match.group(1))}}}(?!#)").search(domain, match.end())
        kept.append(domain[position : match.start()])
        position = following.start() if following else len(domain)
    kept.append(domain[position:])
    rest = _DISCLAIMED_LINE.sub("", "".join(kept))
    return rest if rest.strip() else domain


# Texts of thousands of communities hold millions of words, and tens of thousands of different ones.
@lru_cache(maxsize=100_000)
def stem(token: str) -> str:
    """`token` without an English plural ending: `certificates` and `certificate` meet. Nothing else is cut, since
    harder stemming joins words of different domains (`organise`, `organ`)."""
    if len(token) > 4 and token.endswith("ies"):
        return token[:-3] + "y"
    if len(token) > 4 and token.endswith(("sses", "shes", "ches", "xes")):
        return token[:-2]
    if len(token) > 3 and token.endswith("s") and not token.endswith(("ss", "us", "is")):
        return token[:-1]
    return token


def terms(document: Sequence[str]) -> list[str]:
    """The tokens that carry meaning, stemmed."""
    return [stem(token) for token in document if token not in STOP_WORDS]


@dataclass(frozen=True)
class LexicalIndex:
    """`vectors` is float32 [n documents, n terms], rows of length 1 (zero for an empty document).

    `frequency` int32 [n terms] counts the documents that hold a term; `known` bool [n terms] tells which terms a
    query may meet. Any other word of a query is unknown.
    """

    documents: tuple[tuple[str, ...], ...]  # the tokens that it was made of
    vocabulary: Mapping[str, int]
    names: tuple[str, ...]
    spellings: tuple[str, ...]  # of each term, the one most in use
    idf: FloatArray
    frequency: IntArray
    known: BoolArray
    vectors: csr_matrix
    _bm25: csr_matrix  # weight of each term in each document

    @classmethod
    def fit(cls, documents: Sequence[Sequence[str]]) -> Self:
        """The index of documents given as tokens (`graph.text.tokens`)."""
        number = len(documents)
        words, said, rows = _numbered(documents)
        stems = [stem(word) for word in words]
        names = sorted({name for word, name in zip(words, stems, strict=True) if word not in STOP_WORDS})
        vocabulary = {name: column for column, name in enumerate(names)}
        column = np.array([vocabulary.get(name, -1) for name in stems], dtype=np.int32)
        counted = column.copy()
        counted[[at for at, word in enumerate(words) if word in STOP_WORDS]] = -1
        counts = _counts(rows, counted[said], (number, len(names)))
        frequency = np.bincount(counts.indices, minlength=len(names)).astype(np.int32)
        idf = np.log((1 + number) / (1 + frequency)).astype(np.float32) + np.float32(1)
        lengths = np.asarray(counts.sum(axis=1), dtype=np.float32).ravel()
        mean = float(lengths.mean()) if number and lengths.any() else 1.0
        weights = counts.copy()
        rows = np.repeat(np.arange(number), np.diff(counts.indptr))
        saturation = K1 * (1 - B + B * lengths[rows] / mean)
        scarce = np.log1p((number - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        weights.data = scarce[counts.indices] * counts.data * (K1 + 1) / (counts.data + saturation)
        return cls(
            documents=tuple(tuple(document) for document in documents),
            vocabulary=vocabulary,
            names=tuple(names),
            spellings=_spellings(words, column, np.bincount(said, minlength=len(words)), len(names)),
            idf=idf,
            frequency=frequency,
            known=np.ones(len(names), dtype=np.bool_),
            vectors=_weighted(counts, idf),
            _bm25=weights,
        )

    def narrowed(self, visible: BoolArray) -> Self:
        """The index for somebody who may read the `visible` documents (bool [n]) alone.

        A term that stands in the others only is as unknown as one that stands nowhere: neither a score nor a
        completion tells that it is there. How rare a known term is goes by all documents.
        """
        if visible.all():
            return self
        key = visible.tobytes()
        known = self._narrowed.get(key)
        if known is None:
            unseen = np.bincount(self.vectors[~visible].indices, minlength=len(self.names))
            known = self.frequency > unseen
            while len(self._narrowed) >= MASKS:
                self._narrowed.pop(next(iter(self._narrowed)), None)
            self._narrowed[key] = known
        return replace(self, known=known)

    @cached_property
    def _narrowed(self) -> dict[bytes, BoolArray]:
        """Which terms are known by who may read what; the same few masks come again and again."""
        return {}

    def column(self, term: str) -> int | None:
        """Where a term stands in the arrays; None for one that is unknown."""
        at = self.vocabulary.get(term)
        return at if at is not None and self.known[at] else None

    def known_names(self) -> list[str]:
        """The known terms, sorted."""
        return list(compress(self.names, self.known.tolist()))

    def transform(self, documents: Sequence[Sequence[str]]) -> csr_matrix:
        """Other documents in the same space: float32 [n, terms], rows of length 1; unknown terms do not count."""
        words, said, rows = _numbered(documents)
        found = [None if word in STOP_WORDS else self.column(stem(word)) for word in words]
        column = np.array([-1 if at is None else at for at in found], dtype=np.int32)
        return _weighted(_counts(rows, column[said], (len(documents), len(self.names))), self.idf)

    def weighed(self, query: Sequence[str]) -> tuple[IntArray, FloatArray]:
        """What `transform` makes of one document: the columns of its terms, ascending, and their weights."""
        counted = Counter(terms(query))
        known = sorted((at, count) for term, count in counted.items() if (at := self.column(term)) is not None)
        columns = np.array([at for at, _ in known], dtype=np.int32)
        weights = _points(np.array([count for _, count in known], dtype=np.float32), columns, self.idf)
        length = np.float32(np.sqrt(weights @ weights)) if known else np.float32(1)
        return columns, (weights / length).astype(np.float32)

    def _dense(self, columns: IntArray, weights: FloatArray) -> FloatArray:
        found = np.zeros(len(self.names), dtype=np.float32)
        found[columns] = weights
        return found

    def similarity(self, query: Sequence[str]) -> FloatArray:
        """Cosine of the query to each document, float32 [n], 0 to 1."""
        # By a vector of all terms: to multiply two sparse matrices takes several times as long.
        return np.asarray(self.vectors @ self._dense(*self.weighed(query)), dtype=np.float32)

    def similarities(self, queries: Sequence[Sequence[str]]) -> FloatArray:
        """Cosine of each query to each document, float32 [queries, n], 0 to 1."""
        return np.asarray((self.transform(queries) @ self._by_term).toarray(), dtype=np.float32)

    def among(self, rows: IntArray) -> Callable[[int], FloatArray]:
        """Of a place in `rows`: the cosine of the document there to each of them, float32 [rows], 0 to 1."""
        documents = self.vectors[rows]
        return lambda place: documents @ self._dense(*self._entries(int(rows[place])))

    def between(self, rows: IntArray) -> FloatArray:
        """Cosine of some documents to each, float32 [rows, n], 0 to 1."""
        return np.asarray((self.vectors[rows] @ self._by_term).toarray(), dtype=np.float32)

    @cached_property
    def _by_term(self) -> csr_matrix:
        """The vectors by term: what a product of documents with all documents runs over."""
        return self.vectors.T.tocsr()

    def bm25(self, query: Sequence[str]) -> FloatArray:
        """BM25 of each document for the query, float32 [n], 0 or more; a term counts once however often asked."""
        wanted = np.zeros(len(self.names), dtype=np.float32)
        wanted[[at for term in set(terms(query)) if (at := self.column(term)) is not None]] = 1
        return np.asarray(self._bm25 @ wanted, dtype=np.float32)

    def best_bm25(self, query: Sequence[str]) -> float:
        """What a document would score that holds every term of the query often: the most that `bm25` can give."""
        number = self.vectors.shape[0]
        total = 0.0
        for term in set(terms(query)):
            at = self.column(term)
            held = 0.0 if at is None else float(self.frequency[at])
            total += float(np.log1p((number - held + 0.5) / (held + 0.5))) * (K1 + 1)
        return total

    def shared_terms(self, query: Sequence[str], row: int, k: int = 5) -> list[str]:
        """The terms that add most to the similarity of the query to document `row`, strongest first, in the
        spelling of the query."""
        return self.sharing(query, k)(row)

    def sharing(self, query: Sequence[str], k: int = 5) -> Callable[[int], list[str]]:
        """The same for many rows: the query is weighed once."""
        columns, weights = self.weighed(query)
        return lambda row: self._shared(columns, weights, query, row, k)

    def shared_with(self, one: int, row: int, k: int = 5) -> list[str]:
        """The same for document `one` in place of a query."""
        return self._shared(*self._entries(one), self.documents[one], row, k)

    def _entries(self, row: int) -> tuple[IntArray, FloatArray]:
        span = slice(self.vectors.indptr[row], self.vectors.indptr[row + 1])
        return self.vectors.indices[span], self.vectors.data[span]

    def _shared(self, asked: IntArray, weights: FloatArray, query: Sequence[str], row: int, k: int) -> list[str]:
        columns, held = self._entries(row)
        mine, theirs = places(asked, columns)
        product = weights[mine] * held[theirs]
        ranked: list[int] = asked[mine[np.argsort(-product, kind="stable")[:k]]].tolist()
        names = [self.names[column] for column in ranked]
        return [spoken(next((token for token in query if stem(token) == name), name)) for name in names]


def index_of(
    things: Sequence[T], cut: Callable[[T], list[str]], before: tuple[Sequence[T], LexicalIndex] | None = None
) -> LexicalIndex:
    """The index of things by the tokens that `cut` gives of each.

    To cut texts takes most of the time. So what an index `before` was made of (things, index) is not cut again, and
    the index itself is kept where the things are the same.
    """
    if before is not None and tuple(before[0]) == tuple(things):
        return before[1]
    known = dict(zip(before[0], before[1].documents, strict=True)) if before is not None else {}
    # Interned: documents are kept, and hold each word many times.
    return LexicalIndex.fit(
        [known[thing] if thing in known else tuple(map(sys.intern, cut(thing))) for thing in things]
    )


def _numbered(documents: Sequence[Sequence[str]]) -> tuple[list[str], IntArray, NDArray[np.intp]]:
    """The different tokens in the order in which they first stand; all tokens as places among these, one document
    behind the other; and the document of each. They are the same few over and over: what is asked of one is asked once.
    """
    words = list(dict.fromkeys(chain.from_iterable(documents)))
    code = {word: at for at, word in enumerate(words)}
    said = np.fromiter(map(code.__getitem__, chain.from_iterable(documents)), dtype=np.int32)
    return words, said, np.repeat(np.arange(len(documents)), np.fromiter(map(len, documents), np.intp, len(documents)))


def _counts(rows: NDArray[np.intp], columns: IntArray, shape: tuple[int, int]) -> csr_matrix:
    """float32: how often each column (-1: none) stands in each row."""
    known = columns >= 0
    cells, often = np.unique(rows[known] * np.int64(shape[1]) + columns[known], return_counts=True)
    row, column = np.divmod(cells, max(1, shape[1]))
    indptr = np.append(0, np.bincount(row, minlength=shape[0]).cumsum())
    return csr_matrix((often.astype(np.float32), column.astype(np.int32), indptr.astype(np.int32)), shape=shape)


def _spellings(words: Sequence[str], column: IntArray, often: NDArray[np.intp], number: int) -> tuple[str, ...]:
    """Of each column the word that is said most often; of several the one that is said first."""
    order = np.lexsort((-often, column))
    first = np.searchsorted(column[order], np.arange(number))
    chosen: list[int] = order[first].tolist()
    return tuple(words[at] for at in chosen)


def _points(often: FloatArray, columns: IntArray, idf: FloatArray) -> FloatArray:
    """What terms count that stand so often in a document, before its length is taken out."""
    return (1 + np.log(often)) * idf[columns]


def _weighted(counts: csr_matrix, idf: FloatArray) -> csr_matrix:
    result = counts.copy()
    result.data = _points(result.data, result.indices, idf)
    norms = np.sqrt(np.asarray(result.multiply(result).sum(axis=1)).ravel())
    rows = np.repeat(np.arange(result.shape[0]), np.diff(result.indptr))
    result.data = (result.data / norms[rows]).astype(np.float32) if result.nnz else result.data
    return result
