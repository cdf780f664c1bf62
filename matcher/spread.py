"""How evenly something is spread."""

import numpy as np
from numpy.typing import NDArray


def gini(amounts: NDArray[np.int64]) -> float:
    """Gini coefficient of amounts from 0 on: 0 all alike (or nothing there), towards 1 one alone has it all."""
    if not amounts.sum():
        return 0.0
    share = np.cumsum(np.sort(amounts)) / amounts.sum()
    return float(1 - 2 * (share.sum() - 0.5) / len(amounts))
