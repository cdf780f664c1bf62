"""Do the people of the same unit, or of the same manager, belong?"""

import numpy as np
from numpy.typing import NDArray

from matcher.explain import Node, Reason, Step
from matcher.features.evidence import Evidence, nothing
from matcher.features.profile import Profile
from matcher.snapshot import Snapshot

NAME = "colleagues"

# Added to the number of colleagues: one of one says less than ten of ten.
CAUTION = 3.0

SAME_MANAGER = "of the same manager"


def measure(snapshot: Snapshot, profile: Profile) -> Evidence:
    """Value from 0 to 1: the larger share of members among people of one unit and of one manager,
    cautiously.
    """
    people = snapshot.people
    there = ~people.gone
    myself = people.row.get(profile.person_id or "")
    if myself is not None:
        there[myself] = False
    groups: list[tuple[str, NDArray[np.intp], NDArray[np.float32]]] = []
    unit = people.unit_ids.index(profile.unit_id) if profile.unit_id in people.unit_ids else None
    if unit is not None:
        mates = np.flatnonzero(there & (people.unit == unit))
        groups.append((f"in {people.unit_names[unit]}", mates, _belonging(snapshot, mates)))
    manager = people.row.get(profile.manager_id or "")
    if manager is not None:
        mates = np.flatnonzero(there & (people.manager == manager))
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
            text = f"{count} of your {len(mates)} colleagues {name} belong" + ("s" if count == 1 else "")
        else:
            text = f"your one colleague {name} belongs"
        inside = np.asarray(snapshot.members[mates][:, [row]].toarray()).ravel() > 0
        community = Node("Community", snapshot.communities[row].id)
        path: list[Step] = []
        by_unit = name != SAME_MANAGER
        anchor = Node("OrgUnit", profile.unit_id or "") if by_unit else Node("Person", profile.manager_id or "")
        relation = "WORKS_IN" if by_unit else "REPORTS_TO"
        if profile.person_id:
            path.append(Step(Node("Person", profile.person_id), relation, anchor))
        for mate in mates[inside]:
            colleague = Node("Person", people.ids[int(mate)])
            path += [Step(colleague, relation, anchor), Step(colleague, "MEMBER_OF", community)]
        return Reason(text, tuple(path))

    return Evidence(NAME, shares.max(axis=0), reason)


def _belonging(snapshot: Snapshot, mates: NDArray[np.intp]) -> NDArray[np.float32]:
    return np.asarray(snapshot.members[mates].sum(axis=0), dtype=np.float32).ravel()
