"""A list in which what is much like an earlier entry stands further down."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

# How much of its score a community loses that is a copy of one listed above it, unless said otherwise. On the Apache
# rosters nothing up to 0.3 costs a thousandth of NDCG@10; their domains are hardly alike, though.
DIVERSITY = 0.3

# What is like an earlier entry is put further down for it: more likeness takes more off.
MONOTONE = False


def spread(
    scores: FloatArray, likeness: Callable[[int], FloatArray], trade: float, limit: int
) -> list[tuple[int, int, float]]:
    """Places in the order in which they are listed, at most `limit`, each with the earlier one that it is most like and
    how much: (place, earlier place or -1, likeness from 0 to 1).

    Greedy: next is the largest score less `trade` times its likeness to what is listed already, as a share of the
    score. `scores` float32 [n], positive; `likeness` of a place to all, float32 [n]; `trade` from 0 (scores alone) to 1
    (a copy of an earlier entry counts nothing). As in Carbonell and Goldstein, "The use of MMR" (SIGIR 1998), but
    relative: what is taken off never exceeds what there is. Equal ones are listed in the order of their places.
    """
    left = np.ones(len(scores), dtype=np.bool_)
    like = np.zeros(len(scores), dtype=np.float32)
    nearest = np.full(len(scores), -1, dtype=np.intp)
    listed: list[tuple[int, int, float]] = []
    for _ in range(min(limit, len(scores))):
        if listed:
            alike = np.minimum(likeness(listed[-1][0]), 1)
            nearest[alike > like] = listed[-1][0]
            like = np.maximum(like, alike)
        now = np.where(left, scores * (1 - np.float32(trade) * like), -np.inf)
        place = int(now.argmax())
        listed.append((place, int(nearest[place]), float(like[place])))
        left[place] = False
    return listed
