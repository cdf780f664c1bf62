"""How many communities people need: for each the smallest set that covers their skills and their work.

Their skills are those that some community covers, itself or by a broader one; their work is where they ask or advise
and, where no skills or no work are known of them, where they are members. Work in a community that lies within another
is covered by that other too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.audit.cover import smallest_cover
from matcher.audit.subject import Subject

FloatArray = NDArray[np.float32]

# To join where one is not yet costs more than to stay: of two covers of one size that of one's own communities counts.
STAY, JOIN = 1.0, 1.25

# Fewer people of a unit are compared with everybody.
COMPARABLE = 5


@dataclass(frozen=True)
class Needs:
    """`people` are columns of `Subject.members`, those who need anything; of each, `chosen` the rows of communities
    that cover it and `usual` the median number of comparable people, float32 [people]. `only` counts for each of the
    chosen what no other of them covers. `exact` is the share of covers that are known to be the cheapest."""

    people: tuple[int, ...]
    chosen: tuple[tuple[int, ...], ...]
    only: tuple[tuple[int, ...], ...]
    usual: FloatArray
    exact: float


def needs(subject: Subject, outer: Mapping[int, Sequence[int]]) -> Needs:
    """`outer` gives for the row of a community those in which it lies."""
    skills, works = _skills(subject), _works(subject)
    members = subject.members.T.tocsr()
    solved: dict[tuple[tuple[tuple[int, ...], ...], tuple[int, ...]], tuple[tuple[int, ...], bool]] = {}
    people: list[int] = []
    covers: list[tuple[int, ...]] = []
    only: list[tuple[int, ...]] = []
    exact = 0
    for person in range(subject.members.shape[1]):
        own: list[int] = members.indices[members.indptr[person] : members.indptr[person + 1]].tolist()
        things = list(skills[person])
        working = works.get(person, set[int]())
        if not things or not working:
            working = working | set(own)
        things += [frozenset((row, *outer.get(row, ()))) for row in sorted(working)]
        if not things:
            continue
        # What is held wherever another thing is held is covered with that one.
        different = set(things)
        least = tuple(sorted(tuple(sorted(thing)) for thing in different if not any(o < thing for o in different)))
        rows = sorted({row for thing in least for row in thing})
        stays = tuple(row for row in own if row in set(rows))
        if (least, stays) not in solved:
            masks = [sum(1 << at for at, thing in enumerate(least) if row in thing) for row in rows]
            cover = smallest_cover(masks, [STAY if row in stays else JOIN for row in rows])
            solved[least, stays] = tuple(rows[at] for at in cover.chosen), cover.exact
        chosen, is_exact = solved[least, stays]
        exact += is_exact
        people.append(person)
        covers.append(chosen)
        only.append(tuple(sum(thing.intersection(chosen) == frozenset((row,)) for thing in things) for row in chosen))
    return Needs(
        tuple(people), tuple(covers), tuple(only), _usual(subject, people, covers), exact / max(1, len(people))
    )


def _usual(subject: Subject, people: Sequence[int], covers: Sequence[tuple[int, ...]]) -> FloatArray:
    """The median over people of the same unit, or over all where it has too few."""
    sizes = np.array([len(chosen) for chosen in covers], dtype=np.float32)
    if not len(sizes):
        return sizes
    unit = subject.snapshot.people.unit[subject.here][list(people)]
    usual = np.full(len(sizes), np.median(sizes), dtype=np.float32)
    for one in np.unique(unit[unit >= 0]):
        of_unit = unit == one
        if of_unit.sum() >= COMPARABLE:
            usual[of_unit] = np.median(sizes[of_unit])
    return usual


def _skills(subject: Subject) -> list[list[frozenset[int]]]:
    """For each person the communities that cover each of the skills that they hold."""
    broader = subject.snapshot.facts.broader
    covering: dict[str, set[int]] = {}
    for row, one in enumerate(subject.communities):
        for key in one.skill_ids:
            covering.setdefault(key, set()).add(row)
    held, skills = subject.held
    found: list[list[frozenset[int]]] = [[] for _ in range(held.shape[0])]
    by_skill = held.T.tocsr()
    for column, key in enumerate(skills):
        rows = {row for one in (key, *broader.get(key, ())) for row in covering.get(one, ())}
        if rows:
            holders: list[int] = by_skill.indices[by_skill.indptr[column] : by_skill.indptr[column + 1]].tolist()
            for person in holders:
                found[person].append(frozenset(rows))
    return found


def _works(subject: Subject) -> dict[int, set[int]]:
    """For each person the communities where they asked, or advised."""
    people = subject.snapshot.people
    place = {people.ids[row]: at for at, row in enumerate(subject.here.tolist())}
    found: dict[int, set[int]] = {}
    for row, one in enumerate(subject.communities):
        practice = subject.snapshot.facts.practice.get(one.id)
        for _, who in (*practice.questions, *practice.advice) if practice else ():
            if who in place:
                found.setdefault(place[who], set()).add(row)
    return found
