"""Whom to greet in a community, and how deep to begin there, from what people like oneself do."""

from dataclasses import dataclass

import numpy as np

from graph.sentences import Sentence, joined, tell
from matcher.features.profile import Profile
from matcher.snapshot import Snapshot
from matcher.spells import CORE, ENGAGEMENTS

# Of those to greet, two are enough to find an open door, and more would be a mailing list.
GREETERS = 2

# Of fewer the middle says nothing, and each could be told.
LEAST_KNOWN = 3

# What levels are called in a sentence.
LEVELS = {
    "core": tell("core"), "active": tell("active"), "occasional": tell("occasional"), "peripheral": tell("peripheral"),
}  # fmt: skip

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


def start(snapshot: Snapshot, profile: Profile, row: int) -> Start | None:
    """The middle level of those members who are of the same unit or share another community; of all members where
    these are too few; None where too few say how engaged they are."""
    spells, people = snapshot.spells, snapshot.people
    of = spells.of(row)
    known = (spells.engagement[of] > 0) & ~people.gone[spells.person[of]]
    # Who is in it twice is one member; the spells of a person stand together, the deepest counts.
    members, first = np.unique(spells.person[of][known], return_index=True)
    levels = np.maximum.reduceat(spells.engagement[of][known], first) if len(first) else spells.engagement[of][known]
    own = snapshot.rows([key for key in profile.communities if key in snapshot.row and snapshot.row[key] != row])
    shares = np.asarray(snapshot.members[members][:, own].sum(axis=1)).ravel() > 0
    unit = people.unit_ids.index(profile.unit_id) if profile.unit_id in people.unit_ids else None
    alike = shares if unit is None else shares | (people.unit[members] == unit)
    myself = people.row.get(profile.person_id or "", -1)
    alike &= members != myself
    if alike.sum() >= LEAST_KNOWN:
        levels, near = levels[alike], True
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
    found: dict[int, tuple[bool, bool, Sentence]] = {}
    for place in np.flatnonzero(spells.leading[spells.of(row)]):
        spell = int(spells.start[row]) + int(place)
        person = int(spells.person[spell])
        role = spells.role[spell] if spells.in_a_role[spell] else ""
        if people.gone[person] or not people.recommendable[person]:
            continue
        if people.ids[person] in (profile.person_id, profile.manager_id):
            continue
        unit = int(people.unit[person])
        same_unit = unit >= 0 and people.unit_ids[unit] == profile.unit_id
        why = joined("", [role]) if role else tell("core member")
        if same_unit:
            why = tell("%(why)s, also in %(unit)s", why=why, unit=people.unit_names[unit])
        found[person] = (same_unit, bool(role), why)
    order = sorted(found, key=lambda person: (not found[person][0], not found[person][1], people.ids[person]))
    return tuple(Greeter(people.ids[p], people.names[p], found[p][2]) for p in order[:GREETERS])
