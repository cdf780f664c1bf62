"""Joins replayed: from what was known before a day, which communities did people join from then on?

Only memberships dated before the day count (undated ones do), and what follows from them. Communities that had a member
before the day and those that had none are ranked apart: in a growing catalogue most joins go to new ones, and "has no
member yet" alone foretells them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.models import known_before
from graph.reads.communities import Roster
from matcher import joins
from matcher.backtest.measures import Ranked, ranked_rows
from matcher.features.profile import Profile
from matcher.snapshot import Facts, Snapshot, assemble
from matcher.spells import is_past
from matcher.spread import gini

BoolArray = NDArray[np.bool_]
T = TypeVar("T")

Segment = Literal["existing", "new", "joint"]
SEGMENTS: tuple[Segment, ...] = ("existing", "new")

# How often what is learned is learned anew while joins are ranked one by one: to invert a matrix of thousands of
# communities takes seconds.
REFITS = 12

# To hide one membership of somebody, they need this many: what is left has to say something.
LEAST_MEMBERSHIPS = 3


@dataclass(frozen=True)
class Case:
    """A person as known before, and the rows of what they joined then, by segment. `closed` are the rows that they
    were in already, left ones too; `unborn` those that had not begun yet."""

    profile: Profile
    closed: tuple[int, ...]
    joined: Mapping[Segment, frozenset[int]]
    unborn: tuple[int, ...] = ()


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
        rows[[*case.closed, *case.unborn]] = False
        return np.flatnonzero(rows)

    @cached_property
    def _open_in(self) -> Mapping[Segment, BoolArray]:
        return {"existing": self.open & self.existing, "new": self.open & ~self.existing, "joint": self.open}

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
            elif _joined_between(joined, since, until):
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


def newcomers(facts: Facts, since: str, until: str | None = None) -> dict[str, frozenset[str]]:
    """What people joined from the day `since` on who had been in nothing before, as ids by person."""
    known: set[str] = set()
    later: dict[str, set[str]] = {}
    for roster in facts.rosters.values():
        for person, joined in zip(roster.person_ids, roster.joined_on, strict=True):
            if not joined or known_before(joined, since):
                known.add(person)
            elif _joined_between(joined, since, until):
                later.setdefault(person, set()).add(roster.community_id)
    return {person: frozenset(later[person]) for person in sorted(later.keys() - known)}


def cold(facts: Facts, since: str, profiles: Sequence[Profile], joined: Mapping[str, frozenset[str]]) -> Replay:
    """Newcomers with what is known of them today beside memberships, for that bears no date, among what was known of
    the others before the day `since`, their units as of today."""
    rosters = {
        key: roster.only([at for at, on in enumerate(roster.joined_on) if not on or known_before(on, since)])
        for key, roster in facts.rosters.items()
    }
    snapshot = assemble(replace(facts, rosters=rosters), today=since)
    existing = snapshot.sizes > 0
    possible = _open(snapshot)
    cases: list[Case] = []
    for profile in profiles:
        alone = replace(profile, communities=(), left=(), dismissed=())
        found = _by_segment(snapshot, existing, possible, set(joined[str(profile.person_id)]))
        if any(found.values()):
            cases.append(Case(alone, (), found))
    return Replay(snapshot, existing, possible, tuple(cases))


def joint(
    facts: Facts, since: str, until: str | None = None, number: int | None = None, seed: int = 0
) -> Iterator[Replay]:
    """Each join from the day `since` on, by people with an earlier one, among all communities that had begun by its own
    day; `number` of the joins, drawn at random, or all.

    What somebody is in counts up to the day of the join. What is learned is of the beginning of one of REFITS parts of
    the time. Where the founding is not known, a community began with its first dated membership.
    """
    begun = _begun(facts)
    founded = {key: replace(facts.communities[key], founded_on=day) for key, day in begun.items()}
    facts = replace(facts, communities={**facts.communities, **founded})
    history: dict[str, list[tuple[str, str]]] = {}
    for roster in facts.rosters.values():
        for person, on in zip(roster.person_ids, roster.joined_on, strict=True):
            history.setdefault(person, []).append((on, roster.community_id))
    found = sorted(
        (on, person, community)
        for person, spells in history.items()
        for on, community in spells
        if on and _joined_between(on, since, until) and len(on) >= len("2021-01-01")
        and any(not other or known_before(other, on[:10]) for other, _ in spells)
        and not any(place == community and (not other or known_before(other, on[:10])) for other, place in spells)
    )  # fmt: skip
    joins_of = sampled(found, number, seed)
    for part in range(REFITS):
        some = joins_of[part * len(joins_of) // REFITS : (part + 1) * len(joins_of) // REFITS]
        if some:
            yield _ranked_one_by_one(facts, some, history, begun)


def _ranked_one_by_one(
    facts: Facts,
    some: Sequence[tuple[str, str, str]],
    history: Mapping[str, list[tuple[str, str]]],
    begun: Mapping[str, str],
) -> Replay:
    """The joins (day, person, community) from what was known before the first of them."""
    snapshot = assemble(facts, as_of=some[0][0][:10])
    possible = _open(snapshot)
    cases: list[Case] = []
    for on, person, community in some:
        day = on[:10]
        own = {place for other, place in history[person] if not other or known_before(other, day)}
        row = snapshot.row.get(community)
        if row is not None and possible[row]:
            unborn = snapshot.rows([key for key, first in begun.items() if first > day and key != community])
            cases.append(
                Case(
                    Profile(person_id=person, communities=tuple(sorted(own))),
                    tuple(snapshot.rows(sorted(own)).tolist()),
                    {"joint": frozenset([row])},
                    tuple(unborn.tolist()),
                )
            )
    return Replay(snapshot, snapshot.sizes > 0, possible, tuple(cases))


def _begun(facts: Facts) -> dict[str, str]:
    """The day on which each was founded or, where that is not known, first joined, of those of which either is."""
    found: dict[str, str] = {}
    for key, community in facts.communities.items():
        roster = facts.rosters.get(key)
        dated = sorted(on for on in roster.joined_on if on) if roster else []
        if first := community.founded_on or (dated[0] if dated else ""):
            found[key] = _first_day(first)
    return found


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
    existing = snapshot.sizes > 0
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


def sampled(cases: Sequence[T], number: int | None, seed: int) -> tuple[T, ...]:
    """`number` of the cases drawn at random, in their order; all where there are no more."""
    if number is None or len(cases) <= number:
        return tuple(cases)
    chosen: list[int] = np.random.default_rng(seed).choice(len(cases), size=number, replace=False).tolist()
    return tuple(cases[at] for at in sorted(chosen))


def ours(replayed: Replay, weights: joins.Weights = joins.SHIPPED) -> Scorer:
    """What the service would score, without the person's texts and skills: they bear no date."""
    return lambda case: joins.score(replayed.snapshot, case.profile, weights).scores


def rank(
    replayed: Replay, cases: Sequence[Case], scorer: Scorer, top: int, progress: Callable[[int], None] | None = None
) -> dict[Segment, list[Ranked]]:
    """The rankings of each segment's candidates for the cases that joined one of them."""
    found: dict[Segment, list[Ranked]] = {segment: [] for segment in SEGMENTS}
    ids = replayed.ids
    for number, case in enumerate(cases, start=1):
        scores = np.asarray(scorer(case), dtype=np.float64)
        for segment, joined in case.joined.items():
            if not joined:
                continue
            rows = replayed.candidates(case, segment)
            key = str(case.profile.person_id)
            found.setdefault(segment, []).append(ranked_rows(key, segment, rows, ids, scores, joined, top))
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
    amounts = np.array([*counts.values(), *[0] * (communities - len(counts))])
    return len(counts) / communities, gini(amounts)


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


def _joined_between(day: str, since: str, until: str | None) -> bool:
    return _first_day(day) >= since and (until is None or known_before(day, until))
