"""Which communities do the members of those belong to that a person's own words read like?

Who is in nothing yet has no co-membership to go by. Their words tell where they would be at home, and the rosters what
else people of there join: often something that their words do not name.
"""

import numpy as np

from graph.sentences import listed, tell
from matcher.ascending import common
from matcher.explain import Node, Reason, Step
from matcher.features import domain_fit
from matcher.features.evidence import Evidence, nothing
from matcher.features.profile import Profile
from matcher.ranking import best_rows
from matcher.snapshot import Snapshot

NAME = "implied_membership"
MONOTONE = False

# So many of the likeliest by text are taken for one's own, in shares that follow the cube of the likeness, so that a
# clear likeness stands alone. 3 to 5 of them give the same on the Kubernetes questions (tests/bench/cold_start.py).
NEAREST = 5
SHARPNESS = 3.0

# A reason names this many of them.
NAMED = 2


def measure(snapshot: Snapshot, profile: Profile) -> Evidence:
    """Value: the learned weights (matcher.features.ease) from the nearest communities by text to the candidate, in
    shares that sum to 1.

    Not monotone: what more words give to one community they take from the share of another, and a weight may be
    negative.
    """
    likeness = domain_fit.by_text(snapshot, profile)
    if likeness is None:
        return nothing(NAME, len(snapshot.communities))
    near = np.array(best_rows(likeness, snapshot.in_use & (likeness > 0), NEAREST), dtype=np.int32)
    if not len(near):
        return nothing(NAME, len(snapshot.communities))
    shares = likeness[near] ** SHARPNESS
    shares = (shares / shares.sum()).astype(np.float32)
    ties = snapshot.ties(near)
    values = shares @ ties

    def reason(row: int) -> Reason | None:
        if values[row] <= 0:
            return None
        points = ties[:, row] * shares
        named = [
            int(near[at]) for at in np.argsort(-points, kind="stable")[:NAMED] if points[at] > 0 and near[at] != row
        ]
        candidate = Node("Community", snapshot.communities[row].id)
        path: list[Step] = []
        told: list[str] = []
        for place in named:
            both = common(snapshot.inside(place), snapshot.inside(row))
            both = both[~snapshot.people.gone[both]]
            if len(both):
                for one in snapshot.people.nameable(both)[:1]:
                    other = Node("Person", snapshot.people.ids[int(one)])
                    path.append(Step(other, "MEMBER_OF", Node("Community", snapshot.communities[place].id)))
                    path.append(Step(other, "MEMBER_OF", candidate))
                told.append(snapshot.communities[place].name)
        return (
            Reason(
                tell("people of %(names)s, which your profile reads like, belong to it", names=listed(told)),
                tuple(path),
            )
            if told
            else None
        )

    return Evidence(NAME, values, reason)
