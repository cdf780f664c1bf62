"""Sets of rows as ascending arrays: what two have in common, without sorting both anew."""

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]


def common(one: IntArray, other: IntArray) -> IntArray:
    """The values of both, ascending. Each of the two is ascending, with each value once."""
    return one[places(one, other)[0]]


def places(one: IntArray, other: IntArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the values of both stand in the one and in the other, in their order."""
    if len(one) > len(other):  # the fewer are looked up
        theirs, mine = places(other, one)
        return mine, theirs
    at = other.searchsorted(one)
    # Beyond the last there is nothing to compare with; another value does as well.
    mine = (other.take(at, mode="clip") == one).nonzero()[0] if len(other) else at[:0]
    return mine, at[mine]
