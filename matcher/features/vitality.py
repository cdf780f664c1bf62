"""Is something going on there?"""

import numpy as np

from graph.sentences import tell, tell_n
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
        posts = snapshot.recently(row, "posts")
        number = int(happened[row]) - posts
        if not posts:
            return Reason(tell("there were %(number)d questions, answers and meetings within a year", number=number))
        text = tell_n(
            "there were %(number)d questions, answers and meetings, and %(num)d month with posts within a year",
            "there were %(number)d questions, answers and meetings, and %(num)d months with posts within a year",
            posts, number=number,
        )  # fmt: skip
        return Reason(text)

    return Evidence(NAME, values, reason)
