"""Are people joining it these days?"""

import numpy as np

from graph.sentences import tell
from matcher.explain import Reason
from matcher.features.evidence import Evidence
from matcher.snapshot import Snapshot

NAME = "momentum"
MONOTONE = True

# So many joins in a year count as 1; growth beyond it says nothing more about one person's interest.
MANY_JOINS = 150

# Fewer than this are no movement that is worth a sentence.
WORTH_SAYING = 3


def measure(snapshot: Snapshot) -> Evidence:
    """Value from 0 to 1: log(1 + joins of the last year) / log(1 + MANY_JOINS), at most 1.

    Monotone in the members who joined within the year.
    """
    joins = snapshot.recent_joins
    values = np.minimum(np.log1p(joins) / np.log1p(MANY_JOINS), 1.0).astype(np.float32)

    def reason(row: int) -> Reason | None:
        if joins[row] < WORTH_SAYING:
            return None
        return Reason(tell("%(number)d of its members joined within a year", number=int(joins[row])))

    return Evidence(NAME, values, reason)
