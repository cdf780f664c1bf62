"""Is a community that hardly anybody is in yet like those that members of one's own communities belong to?

Who would join a new community cannot be learned from its roster. But it reads like others, and who joins those can:
this is the co-membership that its text lets expect, and it gives way as members of its own come.
"""

import numpy as np

from graph.sentences import tell
from matcher.ascending import common
from matcher.explain import Node, Reason, Step
from matcher.features import domain_fit
from matcher.features.evidence import Evidence, nothing
from matcher.features.profile import Profile
from matcher.ranking import best_rows
from matcher.snapshot import Snapshot

NAME = "kindred_communities"
# Members of its own take the place of what is expected: each lowers it.
MONOTONE = False

# So many communities that co-membership leads to are looked at. On the Apache rosters at the start of 2015 to 2020, for
# joins up to 2021, 3 and 5 foretell new ones alike, 10 a little worse.
NEAREST = 3

# A likeness below this is not worth a sentence.
WORTH_SAYING = 0.1


def measure(snapshot: Snapshot, profile: Profile) -> Evidence:
    """Value from 0 to 1: likeness to the communities that co-membership leads to most, in shares of that, less what a
    text has in common with everything; divided by 1 + the number of members."""
    own = snapshot.rows(profile.communities)
    led_to = snapshot.ties(own).sum(axis=0)
    possible = snapshot.in_use & (led_to > 0)
    possible[own] = False
    near = np.array(best_rows(led_to, possible, NEAREST), dtype=np.int32)
    if not len(near):
        return nothing(NAME, len(snapshot.communities))
    shares = led_to[near] / led_to[near].sum()
    alike = snapshot.nearness.of(near, lambda rows: domain_fit.likeness(snapshot, rows))
    own_to_it = np.maximum(shares @ alike - domain_fit.COMMON * snapshot.commonness, 0)
    values = np.asarray(own_to_it / (1 + snapshot.sizes), dtype=np.float32)

    def reason(row: int) -> Reason | None:
        if own_to_it[row] < WORTH_SAYING or values[row] < WORTH_SAYING / 2:
            return None
        place = int(near[int((shares * alike[:, row]).argmax())])
        for community in map(int, own):
            both = common(snapshot.inside(community), snapshot.inside(place))
            both = both[~snapshot.people.gone[both] & (both != snapshot.people.row.get(profile.person_id or "", -1))]
            if len(both):
                path = tuple(
                    Step(
                        Node("Person", snapshot.people.ids[int(one)]), "MEMBER_OF",
                        Node("Community", snapshot.communities[where].id),
                    )
                    for one in snapshot.people.nameable(both)[:1] for where in (community, place)
                )  # fmt: skip
                return Reason(
                    tell(
                        "it is like %(name)s, which members of your %(own)s belong to",
                        name=snapshot.communities[place].name,
                        own=snapshot.communities[community].name,
                    ),
                    path,
                )
        return None

    return Evidence(NAME, values, reason)
