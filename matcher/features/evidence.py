"""What a family of evidence hands to scoring."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.explain import Reason


@dataclass(frozen=True)
class Evidence:
    """`values` float32 [communities], of helpers [people], 0 where nothing is known; `reason` says why for a row, None
    for no reason.
    """

    name: str
    values: NDArray[np.float32]
    reason: Callable[[int], Reason | None]


def nothing(name: str, rows: int) -> Evidence:
    """Evidence for a profile that does not have what the family looks at: neutral for every row."""
    return Evidence(name, np.zeros(rows, dtype=np.float32), lambda _: None)
