"""Whom to greet in a community, and how deep to begin there, from what people like oneself do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.sentences import Sentence, joined, tell
from matcher.features.profile import Profile
from matcher.snapshot import Snapshot
from matcher.spells import CORE, ENGAGEMENTS

BoolArray = NDArray[np.bool_]

# Of those to greet, two are enough to find an open door, and more would be a mailing list.
GREETERS = 2

# Of fewer the middle says nothing, and each could be told.
LEAST_KNOWN = 3

# What levels are called in a sentence.
LEVELS = {
    "core": tell("core"), "active": tell("active"), "occasional": tell("occasional"), "peripheral": tell("peripheral"),
}  # fmt: skip

# No unit, nor what stands for none.
NOWHERE = -2

# Nobody begins in the core: it is what one grows into.
HIGHEST_START = CORE - 1


@dataclass(frozen=True)
class Start:
    """The level of engagement (graph.models) to begin with, and what it was concluded from."""

    engagement: str
    why: Sentence


@dataclass(frozen=True)
class Greeter:
    person_id: str
    name: str
    why: Sentence


def starts(snapshot: Snapshot, profile: Profile) -> Callable[[int], Start | None]:
    """For a community: the middle level of those members who are of the same unit or share another community; of all
    members where these are too few; None where too few say how engaged they are."""
    own: list[int] = snapshot.rows(profile.communities).tolist()
    alike = _alike(snapshot, profile, own)

    def start(row: int) -> Start | None:
        # To be in it oneself tells nothing of who else is alike.
        return _start(snapshot, row, _alike(snapshot, profile, [o for o in own if o != row]) if row in own else alike)

    return start


def _alike(snapshot: Snapshot, profile: Profile, own: Sequence[int]) -> BoolArray:
    """Who is of the same unit or in one of these communities, the person aside: bool [people]."""
    people = snapshot.people
    alike = np.zeros(len(people.ids), dtype=np.bool_)
    for row in own:
        alike[snapshot.inside(row)] = True
    unit = people.unit_row.get(profile.unit_id or "")
    if unit is not None:
        alike[people.by_unit[unit]] = True
    myself = people.row.get(profile.person_id or "")
    if myself is not None:
        alike[myself] = False
    return alike


def _start(snapshot: Snapshot, row: int, alike: BoolArray) -> Start | None:
    spells = snapshot.spells
    members, levels = spells.members(row), spells.deepest(row)
    known = (levels > 0) & ~snapshot.people.gone[members]
    members, levels = members[known], levels[known]
    like_me = alike[members]
    if np.count_nonzero(like_me) >= LEAST_KNOWN:
        levels, near = levels[like_me], True
    elif len(levels) >= LEAST_KNOWN:
        near = False
    else:
        return None
    # The lower of two middles: it is easier to do more than to do less.
    middle = int(np.sort(levels)[(len(levels) - 1) // 2])
    level = min(middle, HIGHEST_START)
    number, usual = len(levels), LEVELS[ENGAGEMENTS[middle]]
    about = (
        tell(
            "of %(number)d members who share a unit or another community with you, half are %(level)s or less",
            number=number, level=usual,
        )
        if near
        else tell("of %(number)d members who say how engaged they are, half are %(level)s or less",
                  number=number, level=usual)
    )  # fmt: skip
    told = about if level == middle else tell("%(about)s; nobody begins there", about=about)
    return Start(ENGAGEMENTS[level], told)


def greeters(snapshot: Snapshot, profile: Profile, row: int) -> tuple[Greeter, ...]:
    """Core members and holders of a role: recommendable, of the same unit first, never one's manager."""
    people, spells = snapshot.people, snapshot.spells
    of = spells.of(row)
    leading = spells.leading[of].nonzero()[0] + of.start
    person = spells.person[leading]
    # Spells of one person stand together: the last counts.
    kept = people.recommendable[person] & ~people.gone[person]
    kept[:-1] &= person[1:] != person[:-1]
    for key in (profile.person_id, profile.manager_id):
        kept &= person != people.row.get(key or "", -1)
    leading, person = leading[kept], person[kept]
    home = people.unit_row.get(profile.unit_id or "", NOWHERE)
    elsewhere, no_role = people.unit[person] != home, ~spells.in_a_role[leading]
    # Rows are in the order of ids.
    order = np.lexsort((person, no_role, elsewhere))[:GREETERS].tolist()
    return tuple(_greeter(snapshot, int(leading[at]), home) for at in order)


def _greeter(snapshot: Snapshot, spell: int, home: int) -> Greeter:
    people, spells = snapshot.people, snapshot.spells
    person = int(spells.person[spell])
    why = joined("", [spells.role[spell]]) if spells.in_a_role[spell] else tell("core member")
    if people.unit[person] == home:
        why = tell("%(why)s, also in %(unit)s", why=why, unit=people.unit_names[home])
    return Greeter(people.ids[person], people.names[person], why)
