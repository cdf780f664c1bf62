"""A text in the space of others that it was not counted among."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from matcher.audit.evidence import Texts, written
from matcher.lexical import LexicalIndex, terms

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]


def words_of(index: LexicalIndex, document: Sequence[str]) -> csr_matrix:
    """A text in the space of the others. What is new in it counts as what stands in one text: to leave it out, as a
    search does, would make any text that is about something new seem to be about the rest."""
    return _row(Counter(terms(document)), index.column, index.idf)


def spelt(texts: Texts, names: Sequence[tuple[str, ...]], seen: BoolArray | None = None) -> csr_matrix:
    """Names in the space of the others, float32 [names, runs]; runs of letters that only names of things have which are
    not `seen` (bool [things]; None: all are) count as new."""
    speller = texts.speller
    fitted = texts.spellings  # the speller is fitted to what these are of
    cut = cast("Callable[[str], list[str]]", speller.build_analyzer())
    vocabulary = cast("dict[str, int]", speller.vocabulary_)  # pyright: ignore[reportUnknownMemberType]
    idf = np.asarray(speller.idf_, dtype=np.float32)  # pyright: ignore[reportUnknownMemberType]
    known = np.ones(len(idf), dtype=np.bool_)
    if seen is not None and not seen.all():
        of = np.repeat(np.arange(len(seen)), np.diff(texts.naming))
        known = np.bincount(fitted[np.flatnonzero(seen[of])].indices, minlength=len(idf)) > 0

    def column(run: str) -> int | None:
        at = vocabulary.get(run)
        return at if at is not None and known[at] else None

    return csr_matrix(vstack([_row(Counter(cut(written(name))), column, idf) for name in names]))


def _row(counts: Mapping[str, int], column: Callable[[str], int | None], idf: FloatArray) -> csr_matrix:
    """TF-IDF with sublinear counts of one document, float32 [1, columns], of length 1 with what is new in it, which has
    no column and is as rare as the rarest."""
    new = float(idf.max(initial=1.0))
    entries: dict[int, float] = {}
    length = 0.0
    for term, count in counts.items():
        at = column(term)
        weight = (1 + np.log(count)) * (new if at is None else float(idf[at]))
        length += weight**2
        if at is not None:
            entries[at] = weight
    columns = sorted(entries)
    values = np.array([entries[at] for at in columns], dtype=np.float32) / np.float32(np.sqrt(length) or 1)
    return csr_matrix((values, np.array(columns, dtype=np.int32), [0, len(columns)]), shape=(1, len(idf)))
