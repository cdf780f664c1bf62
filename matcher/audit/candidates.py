"""Which pairs are worth comparing closely: the nearest of each thing, whoever shares many members, one name.

Exact: every pair is looked at once, cheaply (matcher.audit.nearest).
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matcher.audit.evidence import CHANCE_MEMBERS, Texts
from matcher.audit.nearest import nearest_of_all, renewed
from matcher.partitions import Workers

IntArray = NDArray[np.int32]
Table = tuple[IntArray, NDArray[np.float32]]

NEAREST = 10

# Rows whose members are compared with everybody's in one go: what they share is sparse.
BLOCK = 512

# Pairs that share so much more than chance of the smaller one's members are compared whatever their texts say.
MANY_MEMBERS = 0.25


def candidates(texts: Texts, members: csr_array, number: int, best: Table | None) -> tuple[IntArray, IntArray]:
    """The pairs among the first `number` things, each once, the smaller row first, in their order. `members` float32
    [number, people]; `best` are the nearest of each (`nearest`)."""
    keys = [*_sharing(members), *_namesakes(texts, number)]
    if best is not None:
        one = np.repeat(np.arange(number), best[0].shape[1])
        keys.append(_keys(one, best[0].ravel().astype(np.int64), number))
    found = np.unique(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.int64)
    return (found // number).astype(np.int32), (found % number).astype(np.int32)


def nearest(
    texts: Texts,
    number: int,
    k: int = NEAREST,
    before: tuple[Table, IntArray] | None = None,
    workers: Workers | None = None,
) -> Table | None:
    """The `k` nearest of each by words, meaning and the spelling of names, each as much: all are cosines. None where
    there is nothing to compare with.

    `before`: the nearest as they were, and the row that each thing had then, int32 [number], -1 for what has changed.
    Without it `workers` share the work; None: it is done here.
    """
    k = min(k, number - 1)
    if k < 1:
        return None
    vectors = None if texts.vectors is None else texts.vectors[:number]
    sparse = [texts.lexical.vectors[:number], texts.spellings[texts.naming[:number]]]
    if before is not None:
        return renewed(*before, vectors, sparse, k)
    return nearest_of_all(vectors, sparse, k, workers)


def _keys(one: NDArray[np.int64], other: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """One number a pair, whichever is called the first."""
    return np.minimum(one, other) * number + np.maximum(one, other)


def _sharing(members: csr_array) -> list[NDArray[np.int64]]:
    sizes = np.asarray(members.sum(axis=1)).ravel()
    number, everybody = members.shape[0], max(1, members.shape[1])
    found: list[NDArray[np.int64]] = []
    by_person = csr_array(members.T)
    for start in range(0, number, BLOCK):
        shared = (members[start : start + BLOCK] @ by_person).tocoo()
        one, other = shared.row.astype(np.int64) + start, shared.col.astype(np.int64)
        expected = sizes[one] * sizes[other] / everybody
        least = np.minimum(sizes[one], sizes[other])
        many = (one < other) & ((shared.data - expected) / (least + CHANCE_MEMBERS) >= MANY_MEMBERS)
        found.append(_keys(one[many], other[many], number))
    return found


def _namesakes(texts: Texts, number: int) -> list[NDArray[np.int64]]:
    """Each with the next of its name: of hundreds of namesakes not every pair is of interest."""
    rows: dict[tuple[str, ...], list[int]] = {}
    for row, names in enumerate(texts.names[:number]):
        for name in dict.fromkeys(names):
            rows.setdefault(name, []).append(row)
    pairs = [pair for same in rows.values() for pair in pairwise(same)]
    if not pairs:
        return []
    one, other = np.array(pairs, dtype=np.int64).T
    return [_keys(one, other, number)]
