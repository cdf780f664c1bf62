"""Which pairs are worth comparing closely: the nearest of each thing, whoever shares many members, one name.

Exact: every pair is looked at once, cheaply (matcher.audit.nearest).
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matcher.audit.evidence import CHANCE_MEMBERS, Texts
from matcher.audit.nearest import nearest_of_all

IntArray = NDArray[np.int32]

NEAREST = 10

# Rows whose members are compared with everybody's in one go: what they share is sparse.
BLOCK = 512

# Pairs that share so much more than chance of the smaller one's members are compared whatever their texts say.
MANY_MEMBERS = 0.25


def candidates(texts: Texts, members: csr_array, number: int, nearest: int = NEAREST) -> tuple[IntArray, IntArray]:
    """The pairs among the first `number` things, each once, the smaller row first, in their order. `members` float32
    [number, people]."""
    keys = [*_nearest(texts, number, nearest), *_sharing(members), *_namesakes(texts, number)]
    found = np.unique(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.int64)
    return (found // number).astype(np.int32), (found % number).astype(np.int32)


def _keys(one: NDArray[np.int64], other: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """One number a pair, whichever is called the first."""
    return np.minimum(one, other) * number + np.maximum(one, other)


def _nearest(texts: Texts, number: int, nearest: int) -> list[NDArray[np.int64]]:
    """By words, meaning and the spelling of names, each as much: all are cosines."""
    k = min(nearest, number - 1)
    if k < 1:
        return []
    words = texts.lexical.vectors[:number]
    names = texts.spellings[texts.naming[:number]]
    best, _ = nearest_of_all(None if texts.vectors is None else texts.vectors[:number], [words, names], k)
    return [_keys(np.repeat(np.arange(number), k), best.ravel().astype(np.int64), number)]


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
