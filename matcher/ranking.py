"""The best few of many, without sorting all."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def best_rows(scores: NDArray[Any], possible: NDArray[np.bool_], limit: int) -> list[int]:
    """The rows of the highest scores among the possible ones, at most `limit`, best first; equal ones by row."""
    rows = np.flatnonzero(possible)
    if len(rows) > limit:
        least = np.partition(scores[rows], len(rows) - limit)[len(rows) - limit]
        rows = rows[scores[rows] >= least]  # with all that are equal to the last
    order = np.argsort(-scores[rows], kind="stable")[:limit]
    return rows[order].tolist()
