"""What is taken over from the texts of one state to those of the next, so that one change costs as much as one text.

How rare a word is, or a run of letters, goes by all texts: one that changes moves the weights of all others a little.
These weights are kept as they were found, until so many things have changed since that all is found anew (`drifted`).
What has changed meanwhile stands in the space of the others as a proposal does: what is new in it is as rare as the
rarest, and meets nothing.
"""

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from graph.text import tokens
from matcher.audit.evidence import Texts
from matcher.audit.names import words
from matcher.audit.spaces import spelt, words_of
from matcher.lexical import LexicalIndex

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# Among fewer things all is found anew each time: it takes fractions of a second.
WHOLE = 500
# So large a share of the things may have changed, come or gone since the weights were found. A word's weight is the
# logarithm of how few texts hold it: of a word in fifty of 1,000 texts, ten texts that change move it by 0.2 of 4.
DRIFT = 0.01


def drifted(changed: int, number: int) -> bool:
    """Whether the weights are to be found anew, where so many of so many things have changed since they were."""
    return number < WHOLE or changed > DRIFT * number


def kept(
    before: Sequence[Hashable], said_before: Sequence[object], now: Sequence[Hashable], said: Sequence[object]
) -> IntArray:
    """For each thing `now` the row that it had `before` if it says the same still, otherwise -1: int32 [things]."""
    row = {key: at for at, key in enumerate(before)}
    found = np.full(len(now), -1, dtype=np.int32)
    for at, (key, own) in enumerate(zip(now, said, strict=True)):
        known = row.get(key)
        if known is not None and said_before[known] == own:
            found[at] = known
    return found


def renewed_texts(
    before: Texts,
    rows: IntArray,
    names: Sequence[str],
    bodies: Sequence[str],
    vectors: FloatArray | None,
    name_vectors: FloatArray | None,
    synonyms: Sequence[Sequence[str]],
) -> Texts:
    """As `Texts.of`, by the weights of the texts `before`; `rows` int32 [things]: where each is in these, -1 where it
    is not, or says something else."""
    known: list[int] = rows.tolist()
    new = [at for at, row in enumerate(known) if row < 0]
    own = [
        before.names[row] if row >= 0 else (words(name), *map(words, more))
        for row, name, more in zip(known, names, synonyms, strict=True)
    ]
    documents = [
        before.lexical.documents[row] if row >= 0 else tuple(tokens(f"{name}\n{body}"))
        for row, name, body in zip(known, names, bodies, strict=True)
    ]
    lexical = renewed_index(before.lexical, rows, documents)
    anyone = replace(before.lexical, known=np.ones_like(before.lexical.known))
    spellings = [before.spellings, *(spelt(before, own[at]) for at in new)]
    # Where the names of each thing are among those of before and the new ones behind.
    starts = np.cumsum([before.naming[-1], *(len(own[at]) for at in new)])
    begin = before.naming[rows]
    begin[new] = starts[:-1]
    naming = np.cumsum([0, *map(len, own)]).astype(np.int32)
    shifts = (begin - naming[:-1]).astype(np.int64)
    order = np.arange(int(naming[-1]), dtype=np.int64) + np.repeat(shifts, np.diff(naming))
    found = Texts(
        names=tuple(own),
        spelt=tuple(names),
        lexical=lexical,
        described=np.array([bool(body.strip()) for body in bodies], dtype=np.bool_),
        vectors=vectors,
        name_vectors=name_vectors,
        weights=before.weights,
    )
    vars(found).update(
        speller=before.speller,
        spellings=csr_matrix(csr_matrix(vstack(spellings))[order]),
        naming=naming,
        name_words=_placed(before.name_words, rows, [words_of(anyone, tokens(names[at])) for at in new]),
        vocabularies=tuple(
            before.vocabularies[row] if row >= 0 else frozenset(document)
            for row, document in zip(known, documents, strict=True)
        ),
    )
    return found


def renewed_index(before: LexicalIndex, rows: IntArray, documents: Sequence[tuple[str, ...]]) -> LexicalIndex:
    """The index of the documents by the weights of the one before, where they are in its `rows` (-1: not there). It
    compares; BM25 of it is that of the documents before."""
    anyone = replace(before, known=np.ones_like(before.known))
    new = [words_of(anyone, documents[at]) for at in np.flatnonzero(rows < 0).tolist()]
    vectors = _placed(before.vectors, rows, new)
    frequency = np.bincount(vectors.indices, minlength=len(before.names)).astype(np.int32)
    # A word that no text holds any more is as unknown as any other.
    return replace(before, documents=tuple(documents), frequency=frequency, known=frequency > 0, vectors=vectors)


def _placed(before: csr_matrix, rows: IntArray, new: Sequence[csr_matrix]) -> csr_matrix:
    order = rows.copy()
    order[rows < 0] = before.shape[0] + np.arange(len(new))
    return csr_matrix(csr_matrix(vstack([before, *new]))[order])
