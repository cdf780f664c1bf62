"""Is something going on there?"""

import numpy as np

from matcher.explain import Reason
from matcher.features.evidence import Evidence
from matcher.snapshot import Snapshot

NAME = "vitality"
MONOTONE = True

# So much in a year counts as 1: about something every week. More says nothing more about one person's interest.
MUCH = 50

# Less than this is no life that is worth a sentence.
WORTH_SAYING = 3


def measure(snapshot: Snapshot) -> Evidence:
    """Value from 0 to 1: log(1 + n) / log(1 + MUCH), at most 1, of n questions, answers, meetings and months
    with posts elsewhere within the last year.

    Monotone in what happened within the year.
    """
    happened = snapshot.recent_activity
    values = np.minimum(np.log1p(happened) / np.log1p(MUCH), 1.0).astype(np.float32)

    def reason(row: int) -> Reason | None:
        if happened[row] < WORTH_SAYING:
            return None
        posts = snapshot.recent_signs(row)["posts"]
        talked = f", and {posts} month{'s' if posts > 1 else ''} with posts" if posts else ""
        return Reason(f"there were {int(happened[row]) - posts} questions, answers and meetings{talked} within a year")

    return Evidence(NAME, values, reason)
