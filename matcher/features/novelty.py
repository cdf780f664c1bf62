"""Is it so young that few can have heard of it?

What is new has no members who would speak for it, and would stay below the old ones for ever. It gets a little on
account, less from day to day, and nothing once it has had its time to be found.
"""

import numpy as np

from graph.sentences import tell
from matcher.explain import Reason
from matcher.features.evidence import Evidence
from matcher.snapshot import Snapshot

NAME = "novelty"
MONOTONE = True

# Half a year: a community that meets once a month has then met often enough to be known by its members.
EXPIRES_DAYS = 180


def measure(snapshot: Snapshot) -> Evidence:
    """Value from 1 on the day on which it began down to 0 after EXPIRES_DAYS; 0 where that day is not known.

    Monotone in that day: the later it is, the larger, and to know it never lowers it.
    """
    values = np.clip(1 - snapshot.age_days / EXPIRES_DAYS, 0, 1).astype(np.float32)

    def reason(row: int) -> Reason | None:
        # What begins on a day that lies ahead has not begun.
        if values[row] <= 0 or snapshot.age_days[row] < 0:
            return None
        months = int(snapshot.age_days[row] / 30.4)
        if snapshot.communities[row].founded_on:
            begun = tell("it is %(months)d months old", months=months)
            return Reason(begun if months > 1 else tell("it has only just begun"))
        first = tell("its first member joined %(months)d months ago", months=months)
        return Reason(first if months > 1 else tell("its first member joined only just now"))

    return Evidence(NAME, values, reason)
