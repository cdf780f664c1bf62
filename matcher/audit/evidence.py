"""What speaks for two things being of one domain, in four kinds that are kept apart: text, skills, members, talk.

Things are communities, or communities and org units in one list; pairs are two int32 arrays of rows. What is not known
of a pair is NaN: it counts neither for nor against.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer  # pyright: ignore[reportMissingTypeStubs]

from graph.text import tokens
from matcher.audit.names import short_form, words
from matcher.lexical import LexicalIndex

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

# How alike two are. A name is compared with the other's name and, both ways, with the other's text.
ALIKE = (
    "name_spelling",
    "name_short_form",
    "name_meaning",
    "name_meant_in_text",
    "name_words_in_text",
    "meaning",
    "words",
)
SPELLING, SHORT_FORM, NAME_MEANING, MEANT_IN_TEXT, WORDS_IN_TEXT, MEANING, WORDS = range(len(ALIKE))

# Where a subject has many near neighbours, to be near says little: for these it counts too how near others are.
CROWDED = (NAME_MEANING, MEANT_IN_TEXT, WORDS_IN_TEXT, MEANING, WORDS)

# The columns of text evidence.
TEXT = (*ALIKE, *(f"{ALIKE[column]}_around" for column in CROWDED))

# Around each are so many others. Fewer tell more where each has one counterpart at most, as aliases have; but some
# communities of one domain would then hide each other.
AROUND = 5
# Where a text shares next to no words with any other, a few in common do not make it stand out: they count as near as
# this at least, which is what one in twenty pairs of topics has.
LEAST_AROUND = {WORDS_IN_TEXT: 0.1, WORDS: 0.1}

# Pairs compared in one go: the products of their sparse rows take some tens of megabytes.
AT_ONCE = 50_000

# Communities of a few members share most of them with somebody by chance: to each side so many are added that are
# shared as chance would have it. Likewise for skills one of mean rarity, which is not shared.
CHANCE_MEMBERS = 4.0

# Agendas and questions of one subject seldom share words: that they are less alike than this in words alone says
# nothing of what two talk about.
WORDS_ALONE = 0.1


@dataclass(frozen=True)
class Texts:
    """`names` gives for each thing its names as words (`matcher.audit.names.words`), its own first, others that its
    skills know for it behind; `described` bool [things] whether it has a text beside its name; `vectors` and
    `name_vectors` float32 [things, dimension] with rows of length 1 (zero: none) or None."""

    names: tuple[tuple[tuple[str, ...], ...], ...]
    spelt: tuple[str, ...]  # the names as written
    lexical: LexicalIndex
    described: BoolArray
    vectors: FloatArray | None
    name_vectors: FloatArray | None
    # The same object where words and spellings are weighed alike (matcher.audit.renewal).
    weights: object = field(default_factory=object, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        bodies: Sequence[str],
        vectors: FloatArray | None,
        name_vectors: FloatArray | None,
        synonyms: Sequence[Sequence[str]] = (),
    ) -> "Texts":
        """`bodies` are the texts beside the names, '' for none; `synonyms` other names of each thing."""
        others = synonyms or [()] * len(names)
        return cls(
            names=tuple((words(n), *map(words, more)) for n, more in zip(names, others, strict=True)),
            spelt=tuple(names),
            lexical=LexicalIndex.fit([tokens(f"{n}\n{b}") for n, b in zip(names, bodies, strict=True)]),
            described=np.array([bool(body.strip()) for body in bodies], dtype=np.bool_),
            vectors=vectors,
            name_vectors=name_vectors,
        )

    @cached_property
    def speller(self) -> TfidfVectorizer:
        """TF-IDF of runs of two to four letters, as frequent as they are in these names."""
        return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)

    @cached_property
    def spellings(self) -> csr_matrix:
        """The names as `speller` sees them, rows of length 1: float32, a row a name of `naming`."""
        if not self.names:
            return csr_matrix((0, 0)).astype(np.float32)
        flat = [written(name) for names in self.names for name in names]
        fitted = cast("csr_matrix", self.speller.fit_transform(flat))  # pyright: ignore[reportUnknownMemberType]
        return fitted.astype(np.float32)

    @cached_property
    def naming(self) -> IntArray:
        """Where the names of each thing begin in `spellings`, int32 [things + 1]."""
        return np.cumsum([0, *map(len, self.names)]).astype(np.int32)

    @cached_property
    def name_words(self) -> csr_matrix:
        """The own names in the space of `lexical`."""
        return self.lexical.transform([tokens(name) for name in self.spelt])

    @cached_property
    def vocabularies(self) -> tuple[frozenset[str], ...]:
        return tuple(map(frozenset, self.lexical.documents))


def written(name: Sequence[str]) -> str:
    """The words of a name as they are spelt out to be compared."""
    return " ".join(name) or "?"


def compare_texts(texts: Texts, one: IntArray, other: IntArray) -> FloatArray:
    """float32 [pairs, ALIKE], each value from 0 to 1 (cosines from -1), the same whichever is called the first."""
    found = np.full((len(one), len(ALIKE)), np.nan, dtype=np.float32)
    for start in range(0, len(one), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        _compare_texts(texts, one[part], other[part], found[part])
    return found


def around(alike: FloatArray, one: IntArray, other: IntArray, number: int) -> FloatArray:
    """How near to each of `number` things its AROUND nearest are in each of CROWDED, on the mean, of the pairs that
    are known: float32 [things, CROWDED], NaN where fewer are. `alike` [pairs, ALIKE]; pairs are each there once.

    Source: the neighbourhoods of cross-domain similarity local scaling, Conneau, Lample, Ranzato, Denoyer and Jégou,
    Word Translation without Parallel Data, 2018; here of each kind of likeness by itself, and weighed.
    """
    found = np.full((number, len(CROWDED)), np.nan, dtype=np.float32)
    things = np.concatenate([one, other])
    for place, column in enumerate(CROWDED):
        values = np.concatenate([alike[:, column], alike[:, column]])
        known = np.flatnonzero(~np.isnan(values))
        order = known[np.lexsort((-values[known], things[known]))]
        counts = np.bincount(things[order], minlength=number)
        rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        first = order[rank < AROUND]
        sums = np.bincount(things[first], weights=values[first], minlength=number)
        enough = counts >= AROUND
        found[enough, place] = np.maximum(sums[enough] / AROUND, LEAST_AROUND.get(column, -1.0))
    return found


def text_evidence(alike: FloatArray, one: IntArray, other: IntArray, crowds: FloatArray) -> FloatArray:
    """float32 [pairs, TEXT]: how alike two are, and how near others are to the two (`around`), on the mean of what is
    known of the two, where it is known how alike they are themselves."""
    near = _either_way((crowds[one], crowds[other]))
    return np.hstack([alike, _where(~np.isnan(alike[:, CROWDED]), near)])


def _compare_texts(texts: Texts, one: IntArray, other: IntArray, found: FloatArray) -> None:
    found[:, SPELLING] = _alike_names(texts, one, other)
    known = texts.vocabularies
    rows: list[tuple[int, int]] = list(zip(one.tolist(), other.tolist(), strict=True))
    found[:, SHORT_FORM] = [
        max(short_form(mine, theirs, known[a], known[b]) for mine in texts.names[a] for theirs in texts.names[b])
        for a, b in rows
    ]
    both = texts.described[one] & texts.described[other]
    documents = texts.lexical.vectors
    found[both, WORDS] = _cosines(documents, documents, one[both], other[both])
    found[:, WORDS_IN_TEXT] = _either_way(
        _where(texts.described[b], _cosines(texts.name_words, documents, a, b)) for a, b in ((one, other), (other, one))
    )
    names, vectors = texts.name_vectors, texts.vectors
    if names is not None:
        found[:, NAME_MEANING] = _dense(names, names, one, other)
    if vectors is not None:
        found[:, MEANING] = _where(both, _dense(vectors, vectors, one, other))
        if names is not None:
            found[:, MEANT_IN_TEXT] = _either_way(
                _where(texts.described[b], _dense(names, vectors, a, b)) for a, b in ((one, other), (other, one))
            )


def _alike_names(texts: Texts, one: IntArray, other: IntArray) -> FloatArray:
    """The best over the names that each has."""
    mine, theirs = texts.naming[one], texts.naming[other]
    best = _cosines(texts.spellings, texts.spellings, mine, theirs)
    counts = np.diff(texts.naming)
    for pair in np.flatnonzero((counts[one] > 1) | (counts[other] > 1)).tolist():
        a, b = int(one[pair]), int(other[pair])
        rows = texts.spellings[texts.naming[a] : texts.naming[a + 1]]
        columns = texts.spellings[texts.naming[b] : texts.naming[b + 1]]
        best[pair] = (rows @ columns.T).toarray().max()
    return best


def _cosines(left: csr_matrix, right: csr_matrix, one: IntArray, other: IntArray) -> FloatArray:
    return np.asarray(left[one].multiply(right[other]).sum(axis=1), dtype=np.float32).ravel()


def _dense(left: FloatArray, right: FloatArray, one: IntArray, other: IntArray) -> FloatArray:
    """NaN where one of them has no vector."""
    cosine = np.einsum("pd,pd->p", left[one], right[other]).astype(np.float32)
    known = [np.asarray(side.any(axis=1)) for side in (left, right)]
    return _where(known[0][one] & known[1][other], cosine)


def _where(known: BoolArray, values: NDArray[np.floating]) -> FloatArray:
    return np.where(known, values, np.nan).astype(np.float32)


def _either_way(ways: Iterable[FloatArray]) -> FloatArray:
    """The mean of what is known of the two ways."""
    first, second = ways
    return np.where(np.isnan(first), second, np.where(np.isnan(second), first, (first + second) / 2)).astype(np.float32)


@dataclass(frozen=True)
class Shared:
    """What two have in common of what each has: `count` float32 [pairs], `of_one` and `of_other` the share of each
    that the other has too, `expected` what the larger of these shares would be by chance; NaN where one has none."""

    count: FloatArray
    of_one: FloatArray
    of_other: FloatArray
    expected: FloatArray

    @property
    def larger(self) -> FloatArray:
        return np.fmax(self.of_one, self.of_other)

    @property
    def smaller(self) -> FloatArray:
        return np.fmin(self.of_one, self.of_other)


def said_within(lexical: LexicalIndex, one: IntArray, other: IntArray) -> tuple[FloatArray, FloatArray]:
    """How much of what the one of each pair says stands in the text of the other, and of the other in that of the one,
    by the rarity of words: float32 [pairs] each, from 0 to 1; NaN where one says nothing."""
    # Of the texts at hand alone: this is asked of single pairs too.
    rows, place = np.unique(np.concatenate([one, other]), return_inverse=True)
    one, other = (some.astype(np.int32) for some in np.split(place, [len(one)]))
    vectors = lexical.vectors[rows]
    squares = csr_array(vectors.multiply(vectors))
    there = csr_array((np.ones_like(squares.data), squares.indices, squares.indptr), shape=squares.shape)
    known = np.diff(squares.indptr) > 0
    both = known[one] & known[other]
    return _where(both, _together(squares, there, one, other)), _where(both, _together(there, squares, one, other))


def compare_members(members: csr_array, one: IntArray, other: IntArray) -> tuple[Shared, FloatArray, FloatArray]:
    """Who is in both of two things, `members` float32 [things, people] of zeros and ones. By how much that is more than
    chance: of the smaller of the two, and of the larger; float32 [pairs] each, below 0 for less, below 1."""
    sizes = _sums(members)
    both = _together(members, members, one, other)
    a, b = sizes[one], sizes[other]
    known = (a > 0) & (b > 0)
    everybody = max(1, members.shape[1])
    beyond = both - a * b / everybody
    return (
        _shared(both, a, b, np.maximum(a, b) / everybody),
        _where(known, beyond / (np.minimum(a, b) + CHANCE_MEMBERS)),
        _where(known, beyond / (np.maximum(a, b) + 1)),
    )


def beyond_chance(both: FloatArray, one: FloatArray, other: FloatArray, everybody: int) -> FloatArray:
    """By how much what two share is more than chance, of the larger of them: of the numbers of people in both and in
    each, arrays that go together. Below 1; 0 where nobody is known of one of them."""
    beyond = (both - one * other / max(1, everybody)) / (np.maximum(one, other) + 1)
    return np.where((one > 0) & (other > 0), beyond, 0).astype(np.float32)


def compare_skills(covers: csr_array, one: IntArray, other: IntArray) -> tuple[Shared, FloatArray]:
    """The skills that both cover, weighted by rarity (ln of how few cover one), and how much that is: float32 [pairs],
    the mean of both shares, from 0 to 1. `covers` float32 [things, skills] of zeros and ones."""
    number = covers.shape[0]
    holding = np.asarray(covers.sum(axis=0)).ravel()
    rarity = np.log((1 + number) / (1 + holding)).astype(np.float32)
    weighed = csr_array(covers.multiply(np.sqrt(rarity)[None, :]))
    weights = np.asarray(covers @ rarity, dtype=np.float32)
    both = _together(weighed, weighed, one, other)
    a, b = weights[one], weights[other]
    shared = _shared(both, a, b, np.zeros(len(one), dtype=np.float32))
    usual = float(rarity[holding > 0].mean()) if (holding > 0).any() else 1.0
    share = (both / (a + usual) + both / (b + usual)) / 2
    return shared, _where((a > 0) & (b > 0), share)


def compare_talk(lexical: LexicalIndex, vectors: FloatArray | None, one: IntArray, other: IntArray) -> FloatArray:
    """How much more alike two are in what is talked about in them than any two are: float32 [pairs].

    `lexical` is of all questions and meetings of each thing as one document, `vectors` float32 [things, dimension] the
    directions of the sums of the questions' vectors. The difference to the mean over all pairs of which anything is
    known, mean of both measures; where one of the two asks nothing the words alone count, if they are alike (NaN: not).
    """
    known = np.diff(lexical.vectors.indptr) > 0
    both = known[one] & known[other]
    excess = _cosines(lexical.vectors, lexical.vectors, one, other) - _mean_cosine(lexical.vectors, known)
    dense = np.full(len(one), np.nan, dtype=np.float32)
    if vectors is not None:
        dense = _dense(vectors, vectors, one, other) - _mean_cosine(
            csr_matrix(vectors), np.asarray(vectors.any(axis=1))
        )
    excess = np.where(np.isnan(dense), np.where(excess >= WORDS_ALONE, excess, np.nan), (excess + dense) / 2)
    return _where(both, excess.astype(np.float32))


def _mean_cosine(rows: csr_matrix, known: BoolArray) -> float:
    """Over all pairs of different known rows."""
    number = int(known.sum())
    if number < 2:
        return 0.0
    total = np.asarray(rows[np.flatnonzero(known)].sum(axis=0)).ravel()
    # Of rows of length 1 the square of the sum is all pairs, each twice, and each with itself.
    return float((total @ total - number) / (number * (number - 1)))


def _together(left: csr_array, right: csr_array, one: IntArray, other: IntArray) -> FloatArray:
    found = np.zeros(len(one), dtype=np.float32)
    for start in range(0, len(one), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        found[part] = np.asarray(left[one[part]].multiply(right[other[part]]).sum(axis=1)).ravel()
    return found


def _sums(rows: csr_array) -> FloatArray:
    return np.asarray(rows.sum(axis=1), dtype=np.float32).ravel()


def _shared(both: FloatArray, a: FloatArray, b: FloatArray, expected: NDArray[np.floating]) -> Shared:
    known = (a > 0) & (b > 0)
    return Shared(
        _where(known, both),
        _where(known, both / np.maximum(a, 1e-9)),
        _where(known, both / np.maximum(b, 1e-9)),
        _where(known, expected),
    )
