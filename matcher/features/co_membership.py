"""Which communities do members of one's own communities belong to?"""

import numpy as np

from graph.sentences import listed, tell_n
from matcher.explain import Node, Reason, Step
from matcher.features.evidence import Evidence, nothing
from matcher.features.profile import Profile
from matcher.snapshot import Snapshot

NAME = "co_membership"
MONOTONE = False

# A reason names this many of one's communities: those that speak most for the candidate.
NAMED = 2


def measure(snapshot: Snapshot, profile: Profile) -> Evidence:
    """Value: the sum of the learned weights (matcher.features.ease) from one's own communities to the
    candidate.

    Not monotone: a learned weight may be negative, where two communities draw on different people, so one more
    membership may lower it.
    """
    own = snapshot.rows(profile.communities)
    if not len(own):
        return nothing(NAME, len(snapshot.communities))
    weights = np.asarray(snapshot.together[own].toarray(), dtype=np.float32)
    values = weights.sum(axis=0)

    def reason(row: int) -> Reason | None:
        if values[row] <= 0:
            return None
        by_weight = np.argsort(-weights[:, row], kind="stable")[:NAMED]
        named = [int(own[i]) for i in by_weight if weights[i, row] > 0]
        mine = {community: snapshot.inside(community) for community in named}
        shared = np.intersect1d(np.unique(np.concatenate([*mine.values()])), snapshot.inside(row), assume_unique=True)
        shared = shared[
            ~snapshot.people.gone[shared] & (shared != snapshot.people.row.get(profile.person_id or "", -1))
        ]
        if not len(shared):
            return None
        candidate = Node("Community", snapshot.communities[row].id)
        path: list[Step] = []
        told: list[str] = []
        for community in named:
            # Two may go together by way of a third and share nobody: such a one is not named.
            link = np.intersect1d(mine[community], shared, assume_unique=True)
            if not len(link):
                continue
            start = Node("Community", snapshot.communities[community].id)
            if profile.person_id:
                path.append(Step(Node("Person", profile.person_id), "MEMBER_OF", start))
            for one in snapshot.people.nameable(link)[:1]:
                other = Node("Person", snapshot.people.ids[int(one)])
                path += [Step(other, "MEMBER_OF", start), Step(other, "MEMBER_OF", candidate)]
            told.append(snapshot.communities[community].name)
        text = tell_n(
            "it shares a member with your %(names)s", "it shares %(num)d members with your %(names)s", len(shared),
            names=listed(told),
        )  # fmt: skip
        return Reason(text, tuple(path))

    return Evidence(NAME, values, reason)
