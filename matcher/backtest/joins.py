"""Joins replayed: from what was known before a day, which communities did people join from then on?

Only memberships dated before the day count (undated ones do), and what follows from them. Communities that had a member
before the day and those that had none are ranked apart: in a growing catalogue most joins go to new ones, and "has no
member yet" alone foretells them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from graph.models import known_before
from graph.reads.communities import Roster
from matcher import joins
from matcher.backtest.measures import Ranked, ranked_rows
from matcher.features.profile import Profile
from matcher.snapshot import Facts, Snapshot, assemble, is_past

BoolArray = NDArray[np.bool_]

Segment = Literal["existing", "new"]
SEGMENTS: tuple[Segment, ...] = ("existing", "new")

# To hide one membership of somebody, they need this many: what is left has to say something.
LEAST_MEMBERSHIPS = 3


@dataclass(frozen=True)
class Case:
    """A person as known before, and the rows of what they joined then, by segment. `closed` are the rows that they
    were in already, left ones too."""

    profile: Profile
    closed: tuple[int, ...]
    joined: Mapping[Segment, frozenset[int]]


@dataclass(frozen=True)
class Replay:
    """`existing`: which communities had a member before, bool [communities]; `open`: which may be recommended."""

    snapshot: Snapshot
    existing: BoolArray
    open: BoolArray
    cases: tuple[Case, ...]

    def candidates(self, case: Case, segment: Segment) -> NDArray[np.intp]:
        """The rows that are ranked for a case, ascending."""
        rows = self._open_in[segment].copy()
        rows[list(case.closed)] = False
        return np.flatnonzero(rows)

    @cached_property
    def _open_in(self) -> Mapping[Segment, BoolArray]:
        return {"existing": self.open & self.existing, "new": self.open & ~self.existing}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Of all communities, ascending, so that rows are in the order of ids."""
        return tuple(community.id for community in self.snapshot.communities)


# Scores of every community for a case, float [communities].
Scorer = Callable[[Case], NDArray[Any]]


def replay(facts: Facts, since: str, until: str | None = None) -> Replay:
    """The memberships as known before the day `since`, and what people with an earlier one joined from then on, and
    before the day `until`."""
    earlier: dict[str, set[str]] = {}
    left: dict[str, set[str]] = {}
    later: dict[str, set[str]] = {}
    for roster in facts.rosters.values():
        for person, joined, ended in zip(roster.person_ids, roster.joined_on, roster.left_on, strict=True):
            if not joined or known_before(joined, since):
                over = is_past(ended, since, since)
                (left if over else earlier).setdefault(person, set()).add(roster.community_id)
            elif _first_day(joined) >= since and (until is None or known_before(joined, until)):
                later.setdefault(person, set()).add(roster.community_id)
    snapshot = assemble(facts, as_of=since)
    existing = np.zeros(len(snapshot.communities), dtype=np.bool_)
    for known in (*earlier.values(), *left.values()):
        existing[snapshot.rows(sorted(known))] = True
    possible = _open(snapshot)
    cases: list[Case] = []
    for person in sorted(later.keys() & (earlier.keys() | left.keys())):
        own, former = earlier.get(person, set[str]()), left.get(person, set[str]())
        case = Case(
            Profile(person_id=person, communities=tuple(sorted(own)), left=tuple(sorted(former - own))),
            tuple(snapshot.rows(sorted(own | former)).tolist()),
            _by_segment(snapshot, existing, possible, later[person] - own - former),
        )
        if any(case.joined.values()):
            cases.append(case)
    return Replay(snapshot, existing, possible, tuple(cases))


def leave_one_out(facts: Facts, seed: int) -> Replay:
    """For memberships without dates: one of each person who is in three or more is hidden, and to be found again.

    Everything is learned without the hidden ones; units and managers are as of today.
    """
    random = np.random.default_rng(seed)
    held: dict[str, set[str]] = {}
    for roster in facts.rosters.values():
        for person, ended in zip(roster.person_ids, roster.left_on, strict=True):
            if not ended:
                held.setdefault(person, set()).add(roster.community_id)
    hidden = {
        person: sorted(own)[int(random.integers(len(own)))]
        for person, own in sorted(held.items())
        if len(own) >= LEAST_MEMBERSHIPS
    }
    rosters = {key: _without(roster, hidden) for key, roster in facts.rosters.items()}
    snapshot = assemble(replace(facts, rosters=rosters))
    existing = np.asarray(snapshot.members.sum(axis=0)).ravel() > 0
    possible = _open(snapshot)
    cases: list[Case] = []
    for person, community in hidden.items():
        own = sorted(held[person] - {community})
        known = facts.people.get(person)
        profile = Profile(
            person_id=person,
            communities=tuple(own),
            unit_id=(known.unit_id or None) if known else None,
            manager_id=(known.manager_id or None) if known else None,
        )
        case = Case(profile, tuple(snapshot.rows(own).tolist()), _by_segment(snapshot, existing, possible, {community}))
        if any(case.joined.values()):
            cases.append(case)
    return Replay(snapshot, existing, possible, tuple(cases))


def sampled(cases: Sequence[Case], number: int | None, seed: int) -> tuple[Case, ...]:
    """`number` of the cases drawn at random, in their order; all where there are no more."""
    if number is None or len(cases) <= number:
        return tuple(cases)
    chosen: list[int] = np.random.default_rng(seed).choice(len(cases), size=number, replace=False).tolist()
    return tuple(cases[at] for at in sorted(chosen))


def ours(replayed: Replay) -> Scorer:
    """What the service would score, without the person's texts and skills: they bear no date."""
    return lambda case: joins.score(replayed.snapshot, case.profile).scores


def rank(
    replayed: Replay, cases: Sequence[Case], scorer: Scorer, top: int, progress: Callable[[int], None] | None = None
) -> dict[Segment, list[Ranked]]:
    """The rankings of each segment's candidates for the cases that joined one of them."""
    found: dict[Segment, list[Ranked]] = {segment: [] for segment in SEGMENTS}
    ids = replayed.ids
    for number, case in enumerate(cases, start=1):
        scores = np.asarray(scorer(case), dtype=np.float64)
        for segment in SEGMENTS:
            if not case.joined[segment]:
                continue
            rows = replayed.candidates(case, segment)
            key = str(case.profile.person_id)
            found[segment].append(ranked_rows(key, segment, rows, ids, scores, case.joined[segment], top))
        if progress:
            progress(number)
    return found


def coverage_and_gini(lists: Sequence[Sequence[str]], communities: int) -> tuple[float, float]:
    """The share of all communities that occur in the lists, and how unevenly they do: 0 all alike, 1 one alone."""
    counts: dict[str, int] = {}
    for one in lists:
        for key in one:
            counts[key] = counts.get(key, 0) + 1
    if not counts:
        return 0.0, 0.0
    ordered = np.sort(np.array([*counts.values(), *[0] * (communities - len(counts))], dtype=np.float64))
    share = np.cumsum(ordered) / ordered.sum()
    return len(counts) / communities, float(1 - 2 * (share.sum() - 0.5) / len(ordered))


def _open(snapshot: Snapshot) -> BoolArray:
    """Nobody is ever recommended a restricted or a retired community, so none is asked for here either."""
    return ~(snapshot.catalogue.restricted | snapshot.catalogue.retired)


def _by_segment(
    snapshot: Snapshot, existing: BoolArray, possible: BoolArray, joined: set[str]
) -> dict[Segment, frozenset[int]]:
    rows = [row for row in snapshot.rows(sorted(joined)).tolist() if possible[row]]
    return {
        "existing": frozenset(row for row in rows if existing[row]),
        "new": frozenset(row for row in rows if not existing[row]),
    }


def _without(roster: Roster, hidden: Mapping[str, str]) -> Roster:
    return roster.only([at for at, who in enumerate(roster.person_ids) if hidden.get(who) != roster.community_id])


def _first_day(day: str) -> str:
    """`day` filled up to the first one of its year or month: `2007-01` -> `2007-01-01`."""
    return (day + "-01-01"[len(day) - 4 :])[:10] if len(day) < 10 else day[:10]
