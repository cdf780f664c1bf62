"""Do the people of the same unit, or of the same manager, belong?"""

import numpy as np
from numpy.typing import NDArray

from graph.sentences import Sentence, tell, tell_n
from matcher.ascending import common
from matcher.explain import Node, Reason, Step
from matcher.features.evidence import Evidence, nothing
from matcher.features.profile import Profile
from matcher.snapshot import Snapshot

IntArray = NDArray[np.int32]

NAME = "colleagues"
MONOTONE = True

# Added to the number of colleagues: one of one says less than ten of ten.
CAUTION = 3.0

# A reason counts all colleagues who belong and names so many: a large unit has hundreds, and nobody reads as many.
NAMED = 3

SAME_MANAGER = tell("of the same manager")


def measure(snapshot: Snapshot, profile: Profile) -> Evidence:
    """Value from 0 to 1: the larger share of members among people of one unit and of one manager,
    cautiously.

    Monotone in the colleagues who belong; one who does not belong is evidence too, and lowers the share.
    """
    people = snapshot.people
    myself = people.row.get(profile.person_id or "", -1)

    def others(of: IntArray) -> IntArray:
        return of[~people.gone[of] & (of != myself)]

    groups: list[tuple[Sentence, IntArray, NDArray[np.float32]]] = []
    unit = people.unit_row.get(profile.unit_id or "")
    if unit is not None:
        mates = others(people.by_unit[unit])
        groups.append((tell("in %(unit)s", unit=people.unit_names[unit]), mates, _belonging(snapshot, mates)))
    manager = people.row.get(profile.manager_id or "")
    if manager is not None:
        mates = others(people.reports[manager])
        groups.append((SAME_MANAGER, mates, _belonging(snapshot, mates)))
    groups = [group for group in groups if len(group[1])]
    if not groups:
        return nothing(NAME, len(snapshot.communities))
    shares = np.array([count / (len(mates) + CAUTION) for _, mates, count in groups], dtype=np.float32)

    def reason(row: int) -> Reason | None:
        which = int(shares[:, row].argmax())
        name, mates, counts = groups[which]
        count = int(counts[row])
        if count == 0:
            return None
        if len(mates) > 1:
            text = tell_n(
                "%(num)d of your %(all)d colleagues %(where)s belongs",
                "%(num)d of your %(all)d colleagues %(where)s belong",
                count, all=len(mates), where=name,
            )  # fmt: skip
        else:
            text = tell("your one colleague %(where)s belongs", where=name)
        community = Node("Community", snapshot.communities[row].id)
        path: list[Step] = []
        by_unit = name != SAME_MANAGER
        anchor = Node("OrgUnit", profile.unit_id or "") if by_unit else Node("Person", profile.manager_id or "")
        relation = "WORKS_IN" if by_unit else "REPORTS_TO"
        if profile.person_id:
            path.append(Step(Node("Person", profile.person_id), relation, anchor))
        for mate in people.nameable(common(mates, snapshot.inside(row)))[:NAMED]:
            colleague = Node("Person", people.ids[int(mate)])
            path += [Step(colleague, relation, anchor), Step(colleague, "MEMBER_OF", community)]
        return Reason(text, tuple(path))

    return Evidence(NAME, shares.max(axis=0), reason)


def _belonging(snapshot: Snapshot, mates: IntArray) -> NDArray[np.float32]:
    return snapshot.numbers_of(mates).astype(np.float32)
