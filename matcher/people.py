"""Everybody of the organisation as arrays."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.models import lasts
from graph.reads.communities import Roster
from graph.reads.people import Colleague
from matcher.spells import is_past

T = TypeVar("T")

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Groups:
    """Rows gathered by what they have in common: those of group g are order[start[g]:start[g+1]], ascending."""

    order: IntArray
    start: IntArray

    @classmethod
    def by(cls, group: IntArray, number: int) -> "Groups":
        """`group`: of each row, from 0 to `number` - 1, or -1 for none."""
        order = np.argsort(group, kind="stable").astype(np.int32)
        return cls(order, np.searchsorted(group[order], np.arange(number + 1)).astype(np.int32))

    def __getitem__(self, group: int) -> IntArray:
        return self.order[self.start[group] : self.start[group + 1]]


@dataclass(frozen=True)
class Coded(Generic[T]):
    """Values by row, each different one once: that of a row is `values[code[row]]`. The first stands for unknown."""

    values: tuple[T, ...]
    code: IntArray

    def at(self, row: int) -> T:
        return self.values[int(self.code[row])]

    def map(self, function: Callable[[T], float]) -> FloatArray:
        """What `function` makes of each row's value, float32 [rows]."""
        return np.array([function(value) for value in self.values], dtype=np.float32)[self.code]


def coded(unknown: T, given: Iterable[T]) -> Coded[T]:
    known: dict[T, int] = {unknown: 0}
    codes = [known.setdefault(value, len(known)) for value in given]
    return Coded(tuple(known), np.array(codes, dtype=np.int32))


@dataclass(frozen=True)
class People:
    """Everybody, by row. `unit` and `manager` are rows in `unit_ids` and in people, -1 for none; so is a `capacity`
    that is not known. `paused`: no helpers on this day; `external`: of another organisation.
    """

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
    paused: BoolArray
    external: BoolArray
    capacity: IntArray
    grade: Coded[str]
    timezone: Coded[str]
    languages: Coded[tuple[str, ...]]

    @cached_property
    def unit_row(self) -> Mapping[str, int]:
        return {unit: row for row, unit in enumerate(self.unit_ids)}

    @cached_property
    def by_unit(self) -> Groups:
        """The rows of the people of each unit."""
        return Groups.by(self.unit, len(self.unit_ids))

    @cached_property
    def reports(self) -> Groups:
        """The rows of those who report to each person."""
        return Groups.by(self.manager, len(self.ids))

    def nameable(self, rows: IntArray) -> IntArray:
        """Of these rows those of people who may be named to others, as an example too: here, and not opted out."""
        return rows[~self.gone[rows] & self.recommendable[rows]]

    def line_of(self, person: int) -> frozenset[int]:
        """Rows of all who are above or below a person (their row), however far; loops in the data do no harm."""
        line: set[int] = set()
        above = int(self.manager[person])
        while above >= 0 and above not in line:
            line.add(above)
            above = int(self.manager[above])
        seen, waiting = {person}, [person]
        while waiting:
            below = set(self.reports[waiting.pop()].tolist()) - seen
            seen |= below
            waiting += below
        return frozenset((line | seen) - {person})


def people_of(
    described: Mapping[str, Colleague],
    rosters: Mapping[str, Roster],
    called: Mapping[str, str],
    as_of: str | None,
    day: str,
) -> People:
    """`described` by id; `called` the names of units by theirs."""
    # Facts in hand may name members without describing them. Rows are in the order of ids.
    members = {person for roster in rosters.values() for person in roster.person_ids}
    everybody = {**described, **{person: Colleague(person, person) for person in members - described.keys()}}
    known = [everybody[key] for key in sorted(everybody)]
    row = {person.id: position for position, person in enumerate(known)}
    unit_ids = sorted({person.unit_id for person in known} - {""}) if as_of is None else []
    unit_row = {unit: position for position, unit in enumerate(unit_ids)}
    over = {left: is_past(left, as_of, day) for left in {person.left_on for person in known}}
    # What bears no date says nothing of the day of a replay. A pause does have a day, and is kept to.
    told = known if as_of is None else [Colleague(person.id, person.name) for person in known]
    paused = {until: bool(until) and lasts(until, day) for until in {person.help_paused_until for person in known}}
    managers = [row.get(person.manager_id, -1) if as_of is None else -1 for person in known]
    return People(
        ids=tuple(person.id for person in known),
        row=row,
        names=tuple(person.name for person in known),
        unit_ids=tuple(unit_ids),
        unit_names=tuple(called.get(unit, unit) for unit in unit_ids),
        unit=np.array([unit_row.get(person.unit_id, -1) for person in known], dtype=np.int32),
        manager=np.array(managers, dtype=np.int32),
        gone=np.array([over[person.left_on] for person in known], dtype=np.bool_),
        recommendable=np.array([person.recommendable for person in known], dtype=np.bool_),
        open_to_help=np.array([person.open_to_help for person in known], dtype=np.bool_),
        paused=np.array([paused[person.help_paused_until] for person in known], dtype=np.bool_),
        external=np.array([person.external for person in told], dtype=np.bool_),
        capacity=np.array(
            [-1 if person.help_capacity is None else person.help_capacity for person in told], dtype=np.int32
        ),
        grade=coded("", (person.grade for person in told)),
        timezone=coded("", (person.timezone for person in told)),
        languages=coded((), (person.languages for person in told)),
    )
