"""All communities as immutable arrays: what a process holds in memory, and what scoring works on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from graph.database import Database
from graph.models import Community, Principal, known_before, latest_day
from graph.reads import communities as community_reads
from graph.reads import people as people_reads
from graph.reads.communities import Roster
from graph.reads.people import UnitRoster
from graph.text import tokens
from matcher.features import ease
from matcher.lexical import LexicalIndex

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

ENGAGEMENTS = ("", "peripheral", "occasional", "active", "core")  # the position is the code in `Spells`
CORE = ENGAGEMENTS.index("core")


@dataclass(frozen=True)
class Spells:
    """Current memberships, one entry a spell, ordered by community; entries of community c are
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


@dataclass(frozen=True)
class People:
    """Everybody, by row. `unit` and `manager` are rows in `unit_ids` and in people, -1 for none."""

    ids: tuple[str, ...]
    row: Mapping[str, int]
    names: tuple[str, ...]
    unit_ids: tuple[str, ...]
    unit_names: tuple[str, ...]
    unit: IntArray
    manager: IntArray
    gone: BoolArray
    recommendable: BoolArray
    open_to_help: BoolArray


@dataclass(frozen=True)
class Snapshot:
    """The communities of one organisation on one day, as one principal may see them.

    `members` is float32 [people, communities] of zeros and ones; `vectors` float32 [communities, dimension]
    with rows of length 1 (zero where there is none) or None; `together` float32 [communities, communities],
    the learned co-membership weights; `recent_joins` int32 [communities], dated joins of the year before.
    """

    day: str
    as_of: str | None
    communities: tuple[Community, ...]
    row: Mapping[str, int]
    lexical: LexicalIndex
    vectors: FloatArray | None
    people: People
    spells: Spells
    members: csr_array
    together: FloatArray
    recent_joins: IntArray
    broader: Mapping[str, tuple[str, ...]]

    def rows(self, ids: Sequence[str]) -> IntArray:
        """The rows of those ids that the snapshot holds."""
        return np.array([self.row[i] for i in ids if i in self.row], dtype=np.int32)


def build(
    database: Database,
    as_of: str | None,
    principal: Principal,
    *,
    vectors: Mapping[str, FloatArray] | None = None,
) -> Snapshot:
    """The snapshot of what the database holds, as `principal` may see it (`vectors`: community id to
    embedding).
    """
    return assemble(
        database.read(community_reads.all_communities(as_of, principal)),
        database.read(community_reads.all_rosters(principal)),
        database.read(people_reads.all_people()),
        broader=database.read(community_reads.broader_skills()),
        as_of=as_of,
        vectors=vectors,
    )


def assemble(
    communities: Sequence[Community],
    rosters: Sequence[Roster],
    units: Sequence[UnitRoster] = (),
    *,
    broader: Mapping[str, tuple[str, ...]] | None = None,
    as_of: str | None = None,
    vectors: Mapping[str, FloatArray] | None = None,
    today: str | None = None,
) -> Snapshot:
    """The snapshot of facts in hand, with no database.

    In a replay (`as_of`) a spell counts if it is undated or began before that day, and as current unless it
    is known to have ended before. Units, managers, skills and their nesting bear no date and are left out
    of a replay.
    """
    day = as_of or today or date.today().isoformat()
    row = {community.id: position for position, community in enumerate(communities)}
    people = _people(units, rosters, as_of, day)
    spells = _spells(rosters, row, people.row, as_of, day)
    members = csr_array(
        (np.ones(len(spells.person), dtype=np.float32), (spells.person, spells.community)),
        shape=(len(people.ids), len(communities)),
    )
    members.sum_duplicates()
    members.data[:] = 1.0  # two current spells of one person are one membership
    year_ago = _code(f"{int(day[:4]) - 1:04d}{day[4:]}")
    recent = spells.community[spells.joined > year_ago]
    return Snapshot(
        day=day,
        as_of=as_of,
        communities=tuple(communities),
        row=row,
        lexical=LexicalIndex.fit([describe(community) for community in communities]),
        vectors=_stacked(communities, vectors),
        people=people,
        spells=spells,
        members=members,
        together=ease.learn(members),
        recent_joins=np.bincount(recent, minlength=len(communities)).astype(np.int32),
        broader=broader or {},
    )


def describe(community: Community) -> list[str]:
    """The tokens that stand for a community: name, domain, topics, audience."""
    parts = [community.name, community.domain, *community.topics, community.audience or ""]
    return [token for part in parts for token in tokens(part)]


def is_past(day_known: str | None, as_of: str | None, day: str) -> bool:
    """Whether something that ends on `day_known` is over: certainly in a replay, by its text today."""
    if not day_known:
        return False
    return known_before(day_known, as_of) if as_of is not None else day_known <= day


def _stacked(communities: Sequence[Community], vectors: Mapping[str, FloatArray] | None) -> FloatArray | None:
    if not vectors:
        return None
    dimension = len(next(iter(vectors.values())))
    stacked = np.zeros((len(communities), dimension), dtype=np.float32)
    for position, community in enumerate(communities):
        if community.id in vectors:
            stacked[position] = vectors[community.id]
    return stacked


def _people(units: Sequence[UnitRoster], rosters: Sequence[Roster], as_of: str | None, day: str) -> People:
    ids: list[str] = []
    names: list[str] = []
    unit: list[int] = []
    managers: list[str] = []
    gone: list[bool] = []
    recommendable: list[bool] = []
    open_to_help: list[bool] = []
    unit_ids: list[str] = []
    unit_names: list[str] = []
    for entry in units:
        position = -1
        if entry.unit_id is not None and as_of is None:
            position = len(unit_ids)
            unit_ids.append(entry.unit_id)
            unit_names.append(entry.unit_name or entry.unit_id)
        ids.extend(entry.ids)
        names.extend(entry.names)
        unit.extend([position] * len(entry.ids))
        managers.extend(entry.manager_ids if as_of is None else [""] * len(entry.ids))
        gone.extend(is_past(left, as_of, day) for left in entry.left_on)
        recommendable.extend(entry.recommendable)
        open_to_help.extend(entry.open_to_help)
    row = {person: position for position, person in enumerate(ids)}
    # Facts in hand may name members without describing them.
    for roster in rosters:
        for person in roster.person_ids:
            if person not in row:
                row[person] = len(ids)
                ids.append(person)
                names.append(person)
                unit.append(-1)
                managers.append("")
                gone.append(False)
                recommendable.append(True)
                open_to_help.append(True)
    return People(
        ids=tuple(ids),
        row=row,
        names=tuple(names),
        unit_ids=tuple(unit_ids),
        unit_names=tuple(unit_names),
        unit=np.array(unit, dtype=np.int32),
        manager=np.array([row.get(manager, -1) for manager in managers], dtype=np.int32),
        gone=np.array(gone, dtype=np.bool_),
        recommendable=np.array(recommendable, dtype=np.bool_),
        open_to_help=np.array(open_to_help, dtype=np.bool_),
    )


def _spells(
    rosters: Sequence[Roster],
    row: Mapping[str, int],
    person_row: Mapping[str, int],
    as_of: str | None,
    day: str,
) -> Spells:
    # There are far fewer different dates than spells: each is understood once.
    begun: dict[str, tuple[bool, int]] = {}
    over: dict[str, bool] = {}
    engagement_code = {name: code for code, name in enumerate(ENGAGEMENTS)}
    person: list[int] = []
    joined: list[int] = []
    engagement: list[int] = []
    role: list[str] = []
    start = np.zeros(len(row) + 1, dtype=np.int32)
    for roster in sorted((r for r in rosters if r.community_id in row), key=lambda r: row[r.community_id]):
        before = len(person)
        for who, on, until, level, part in zip(
            roster.person_ids, roster.joined_on, roster.left_on, roster.engagement, roster.role, strict=True
        ):
            if on not in begun:
                begun[on] = (not on or known_before(on, as_of), _code(on))
            if until not in over:
                over[until] = is_past(until, as_of, day)
            counts, code = begun[on]
            if counts and not over[until]:
                person.append(person_row[who])
                joined.append(code)
                engagement.append(engagement_code.get(level, 0) if as_of is None else 0)
                role.append(part if as_of is None else "")
        start[row[roster.community_id] + 1] += len(person) - before
    start = np.cumsum(start, dtype=np.int32)
    return Spells(
        start=start,
        person=np.array(person, dtype=np.int32),
        community=np.repeat(np.arange(len(row), dtype=np.int32), np.diff(start)),
        joined=np.array(joined, dtype=np.int32),
        engagement=np.array(engagement, dtype=np.int8),
        role=tuple(role),
    )


def _code(day: str) -> int:
    return int(latest_day(day[:10]).replace("-", "")) if day else 0
