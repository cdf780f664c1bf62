"""Who is in which community now, or was on the day of a replay, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.models import holds, known_before, latest_day
from graph.reads.communities import Roster

IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

ENGAGEMENTS = ("", "peripheral", "occasional", "active", "core")  # the position is the code in `Spells`
CORE = ENGAGEMENTS.index("core")

# Stands in a date as a number for the month or day that is not known.
UNSAID = 99


@dataclass(frozen=True)
class Spells:
    """Current memberships, one entry a spell, ordered by community and person; entries of community c are
    start[c]:start[c+1].

    `joined` is yyyymmdd at the latest possible day, 0 for unknown. In a replay engagement and role are
    absent.
    """

    start: IntArray
    person: IntArray
    community: IntArray
    joined: IntArray
    engagement: NDArray[np.int8]
    role: tuple[str, ...]

    def of(self, community: int) -> slice:
        """Where the spells of a community (its row) are."""
        return slice(int(self.start[community]), int(self.start[community + 1]))

    def members(self, community: int) -> IntArray:
        """The rows of the people in a community, ascending, each once."""
        first, start = self._once
        return self.person[first[start[community] : start[community + 1]]]

    def deepest(self, community: int) -> NDArray[np.int8]:
        """The deepest engagement of each of its `members`, 0 where nobody says."""
        start = self._once[1]
        return self._deepest[start[community] : start[community + 1]]

    @cached_property
    def _once(self) -> tuple[IntArray, IntArray]:
        """The first spell of each person in each community, and where those of each community are among these: the
        spells of one person in a community stand together."""
        again = (self.person[1:] == self.person[:-1]) & (self.community[1:] == self.community[:-1])
        first = np.flatnonzero(np.append(True, ~again)[: len(self.person)]).astype(np.int32)
        return first, np.searchsorted(first, self.start).astype(np.int32)

    @cached_property
    def _deepest(self) -> NDArray[np.int8]:
        first = self._once[0]
        return np.maximum.reduceat(self.engagement, first) if len(first) else self.engagement

    @cached_property
    def in_a_role(self) -> BoolArray:
        """Which spells bear a role that is held now, bool [spells]."""
        held = {role: holds(role) for role in set(self.role)}
        return np.fromiter((held[role] for role in self.role), dtype=np.bool_, count=len(self.role))

    @cached_property
    def leading(self) -> BoolArray:
        """Which spells are of core members, or in a role, bool [spells]."""
        return self.in_a_role | (self.engagement == CORE)


def spells_of(
    rosters: Mapping[str, Roster],
    row: Mapping[str, int],
    person_row: Mapping[str, int],
    as_of: str | None,
    day: str,
) -> Spells:
    """The spells of the communities that have a `row`; `person_row` is that of each person."""
    # There are far fewer different dates than spells: each is understood once.
    begun: dict[str, tuple[bool, int]] = {}
    over: dict[str, bool] = {}
    engagement_code = {name: code for code, name in enumerate(ENGAGEMENTS)}
    person: list[int] = []
    community: list[int] = []
    joined: list[int] = []
    engagement: list[int] = []
    role: list[str] = []
    for roster in rosters.values():
        at = row.get(roster.community_id)
        if at is None:
            continue
        for who, on, until, level, part in zip(
            roster.person_ids, roster.joined_on, roster.left_on, roster.engagement, roster.role, strict=True
        ):
            if on not in begun:
                begun[on] = (not on or known_before(on, as_of), day_code(on))
            if until not in over:
                over[until] = is_past(until, as_of, day)
            counts, code = begun[on]
            if counts and not over[until]:
                person.append(person_row[who])
                community.append(at)
                joined.append(code)
                engagement.append(engagement_code.get(level, 0) if as_of is None else 0)
                role.append(part if as_of is None else "")
    # The database gives a roster in no certain order: here it has one, so that equal facts give equal answers.
    order = np.lexsort((role, engagement, joined, person, community)) if person else np.zeros(0, dtype=np.intp)
    return Spells(
        start=np.searchsorted(np.sort(np.array(community, dtype=np.int32)), np.arange(len(row) + 1)).astype(np.int32),
        person=np.array(person, dtype=np.int32)[order],
        community=np.array(community, dtype=np.int32)[order],
        joined=np.array(joined, dtype=np.int32)[order],
        engagement=np.array(engagement, dtype=np.int8)[order],
        role=tuple(role[position] for position in order),
    )


def is_past(day_known: str | None, as_of: str | None, day: str) -> bool:
    """Whether something that ends on `day_known` is over: certainly in a replay, by its text today."""
    if not day_known:
        return False
    return known_before(day_known, as_of) if as_of is not None else day_known <= day


def recent_joins(spells: Spells, gone: BoolArray, communities: int, day: str) -> IntArray:
    """How many members who are still here joined within the year before the day, each once. A date to the month or
    year counts at its latest day; who is to join on a day that lies ahead has not."""
    unsaid = np.where(spells.joined % 100 == UNSAID, UNSAID, 0)
    unsaid += np.where(spells.joined // 100 % 100 == UNSAID, UNSAID * 100, 0)
    recent = (spells.joined > day_code(f"{int(day[:4]) - 1:04d}{day[4:]}")) & (spells.joined - unsaid <= day_code(day))
    recent &= ~gone[spells.person]
    community, person = spells.community[recent], spells.person[recent]
    # The spells of one person in a community stand together.
    again = (community[1:] == community[:-1]) & (person[1:] == person[:-1])
    return np.bincount(community[np.append(True, ~again)[: len(community)]], minlength=communities).astype(np.int32)


def day_code(day: str) -> int:
    """yyyymmdd at the latest possible day, 0 for unknown."""
    return int(latest_day(day[:10]).replace("-", "")) if day else 0
