"""How general a subject is: "technology" more than "databases", "databases" more than "PostgreSQL".

Three signs, each standardised: what the name means (a direction in the packaged model's vectors), how it is spelt
(where another model or none is in use), and how many others of the same catalogue have it among those nearest to them.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import (  # pyright: ignore[reportMissingTypeStubs]
    HashingVectorizer,
    TfidfVectorizer,
)

from graph.text import fold
from matcher.backends import base_name
from matcher.embedding import PACKAGED

FloatArray = NDArray[np.float32]

# Learned by `python -m tests.bench.generality PACKAGES --train` from the pairs of tests/bench/taxonomies.py; decision
# record 0013 names the sources. `meaning` [384] and `letters` [LETTERS] are directions, scaled so that the names of the
# taxonomies have mean `mean` and deviation 1; `nearest` [2] weighs what `kin` gives.
WEIGHTS = Path(__file__).with_name("generality.npz")
LETTERS = 2048

# Of so many neighbours it is counted whom they are nearest to.
NEIGHBOURS = 10
# Rows of a block of likenesses.
BLOCK = 512


@cache
def weights() -> dict[str, FloatArray]:
    with np.load(WEIGHTS) as stored:
        return {name: np.asarray(stored[name], dtype=np.float32) for name in stored.files}


def spelt(names: Sequence[str]) -> csr_matrix:
    """Hashed runs of three to five letters, float32 [names, LETTERS], rows of length 1."""
    hashing = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=LETTERS, alternate_sign=False)
    found = cast("csr_matrix", hashing.transform(_folded(names)))  # pyright: ignore[reportUnknownMemberType]
    return found.astype(np.float32)


def kin(names: Sequence[str], vectors: FloatArray | None) -> FloatArray:
    """By how many others each is among their NEIGHBOURS nearest, and by how many it is the nearest: ln(1 + n),
    standardised within the names, float32 [names, 2]. A broad subject is near to many narrow ones; fewer than four
    names tell nothing."""
    number = len(names)
    if number < 4:
        return np.zeros((number, 2), dtype=np.float32)
    words = csr_matrix((0, 0)) if vectors is not None else _runs(names)
    k = min(NEIGHBOURS, number - 1)
    among, first = np.zeros(number), np.zeros(number)
    for start in range(0, number, BLOCK):
        part = slice(start, start + BLOCK)
        likeness = (words[part] @ words.T).toarray() if vectors is None else vectors[part] @ vectors.T
        likeness[np.arange(len(likeness)), start + np.arange(len(likeness))] = -np.inf
        among += np.bincount(np.argpartition(-likeness, k - 1, axis=1)[:, :k].ravel(), minlength=number)
        first += np.bincount(likeness.argmax(axis=1), minlength=number)
    found = np.log1p(np.stack([among, first], axis=1))
    return ((found - found.mean(axis=0)) / np.maximum(found.std(axis=0), 1e-6)).astype(np.float32)


def _runs(names: Sequence[str]) -> csr_matrix:
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    return cast("csr_matrix", vectorizer.fit_transform(_folded(names)))  # pyright: ignore[reportUnknownMemberType]


def _folded(names: Sequence[str]) -> list[str]:
    return [fold(name) or "?" for name in names]


def generality(names: Sequence[str], vectors: FloatArray | None, model: str | None) -> FloatArray:
    """float32 [names]: 0 is the mean of public taxonomies, 1 one deviation broader.

    `vectors` float32 [names, dimension] are of the names, by `model`; the learned direction is of the packaged model
    alone, so for another, or none, spelling stands in its place. Of two subjects of one catalogue the higher is the
    broader.
    """
    if not names:
        return np.zeros(0, dtype=np.float32)
    known = weights()
    if vectors is not None and model is not None and base_name(model) == PACKAGED:
        own = vectors @ known["meaning"] - known["mean"][0]
    else:
        own = np.asarray(spelt(names) @ known["letters"]).ravel() - known["mean"][1]
    return (own + kin(names, vectors) @ known["nearest"]).astype(np.float32)
