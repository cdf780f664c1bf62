"""Which communities do members of one's own communities belong to?"""

import numpy as np

from graph.sentences import listed, tell_n
from matcher.ascending import common
from matcher.explain import Node, Reason, Step
from matcher.features.evidence import Evidence, nothing
from matcher.features.profile import Profile
from matcher.snapshot import Snapshot

NAME = "co_membership"
MONOTONE = False

# A reason names up to two of one's communities: those that speak most for the candidate.
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
    weights = snapshot.ties(own)
    values = weights.sum(axis=0)
    myself = snapshot.people.row.get(profile.person_id or "", -1)

    def reason(row: int) -> Reason | None:
        if values[row] <= 0:
            return None
        by_weight = np.argsort(-weights[:, row], kind="stable")[:NAMED]
        named = [int(own[i]) for i in by_weight if weights[i, row] > 0]
        here = snapshot.inside(row)
        here = here[~snapshot.people.gone[here] & (here != myself)]
        links = [(community, common(snapshot.inside(community), here)) for community in named]
        # Two may go together by way of a third and share nobody: such a one is not named.
        links = [(community, link) for community, link in links if len(link)]
        if not links:
            return None
        both = len(common(links[0][1], links[1][1])) if len(links) == 2 else 0
        shared = sum(len(link) for _, link in links) - both
        candidate = Node("Community", snapshot.communities[row].id)
        path: list[Step] = []
        told: list[str] = []
        for community, link in links:
            start = Node("Community", snapshot.communities[community].id)
            if profile.person_id:
                path.append(Step(Node("Person", profile.person_id), "MEMBER_OF", start))
            for one in snapshot.people.nameable(link)[:1]:
                other = Node("Person", snapshot.people.ids[int(one)])
                path += [Step(other, "MEMBER_OF", start), Step(other, "MEMBER_OF", candidate)]
            told.append(snapshot.communities[community].name)
        text = tell_n(
            "it shares a member with your %(names)s", "it shares %(num)d members with your %(names)s", shared,
            names=listed(told),
        )  # fmt: skip
        return Reason(text, tuple(path))

    return Evidence(NAME, values, reason)
