"""How near communities are to each other, as far as it was asked for."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# Memory for how near communities are to each other: all of 8,000 communities; two thirds of 10,000, which hold nineteen
# in twenty of the memberships.
NEARNESS_BYTES = 256 * 1024 * 1024


class Nearness:
    """Rows of a matrix [n, n] that is too large to be held, and of which the same few rows are asked for most: those of
    the communities that many are in. What was used last is kept, up to NEARNESS_BYTES."""

    def __init__(self, n: int) -> None:
        self.room = max(1, NEARNESS_BYTES // (4 * max(n, 1)))  # rows
        self._kept: OrderedDict[int, FloatArray] = OrderedDict()
        self._turn = Lock()  # recommendations are made in several threads

    def of(self, rows: IntArray, measure: Callable[[IntArray], FloatArray]) -> FloatArray:
        """float32 [rows, n]; `measure` gives the rows that are not known yet."""
        wanted = rows.tolist()
        with self._turn:
            known = {row: self._kept[row] for row in wanted if row in self._kept}
            for row in known:
                self._kept.move_to_end(row)
        missing = [row for row in wanted if row not in known]
        if missing:
            found = dict(zip(missing, measure(np.array(missing, dtype=np.int32)), strict=True))
            known |= found
            with self._turn:
                # Copied: a view would keep the whole of what was measured.
                self._kept.update((row, values.copy()) for row, values in found.items())
                while len(self._kept) > self.room:
                    self._kept.popitem(last=False)
        return np.stack([known[row] for row in wanted])
