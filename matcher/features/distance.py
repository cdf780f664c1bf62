"""Is a helper far enough from the asker's work to speak freely with, and near enough in rank?"""

import re

import numpy as np
from numpy.typing import NDArray

from graph.sentences import tell
from matcher.explain import Node, Reason, Step
from matcher.features.evidence import Evidence, nothing
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float32]

UNIT = "unit"
GRADE = "grade"

# Neither: what becomes known of a helper may be that they are too near, or too far above.
MONOTONE = False

# Further apart than this, one is not sent to the other: it would be an audience, not a conversation.
MOST_GRADES_APART = 4

# `7`, `G7`, `L 5`, `E-12`: an optional ladder, and a number on it.
_GRADE = re.compile(r"([^\W\d_]*)[\s.-]*(\d{1,3})")


def unit(snapshot: Snapshot, asker: int | None) -> Evidence:
    """0.5 for who works in another unit, -0.5 for the asker's own, 0 where one of the two is not known."""
    people = snapshot.people
    if asker is None or people.unit[asker] < 0:
        return nothing(UNIT, len(people.ids))
    own = int(people.unit[asker])
    values = np.where(people.unit < 0, 0, np.where(people.unit == own, -0.5, 0.5)).astype(np.float32)

    def reason(person: int) -> Reason | None:
        theirs = int(people.unit[person])
        if theirs < 0:
            return None
        path = Step(Node("Person", people.ids[person]), "WORKS_IN", Node("OrgUnit", people.unit_ids[theirs]))
        text = (
            tell("works in your own unit")
            if theirs == own
            else tell("works in another unit, %(unit)s", unit=people.unit_names[theirs])
        )
        return Reason(text, (path,))

    return Evidence(UNIT, values, reason)


def grades_apart(snapshot: Snapshot, asker: int | None) -> FloatArray:
    """By how many grades each stands above the asker (below: negative), NaN where that is not known."""
    people = snapshot.people
    mine = parsed_grade(people.grade.at(asker)) if asker is not None else None

    def apart(grade: str) -> float:
        theirs = parsed_grade(grade)
        # Numbers of two ladders (G7, L7) say nothing of each other.
        if mine is None or theirs is None or (mine[0] and theirs[0] and mine[0] != theirs[0]):
            return np.nan
        return theirs[1] - mine[1]

    return people.grade.map(apart)


def grade(snapshot: Snapshot, apart: FloatArray) -> Evidence:
    """0 up to one grade apart, and where it is not known; from there down to -1 at the most that is allowed."""
    people = snapshot.people
    gap = np.abs(np.nan_to_num(apart))
    values = -np.clip((gap - 1) / (MOST_GRADES_APART - 1), 0, 1)

    def reason(person: int) -> Reason | None:
        if np.isnan(apart[person]):
            return None
        by = int(apart[person])
        theirs = people.grade.at(person)
        if by > 0:
            return Reason(tell("is of grade %(grade)s, %(by)d above yours", grade=theirs, by=by))
        if by < 0:
            return Reason(tell("is of grade %(grade)s, %(by)d below yours", grade=theirs, by=-by))
        return Reason(tell("is of grade %(grade)s, as you are", grade=theirs))

    return Evidence(GRADE, values.astype(np.float32), reason)


def parsed_grade(grade: str) -> tuple[str, int] | None:
    """The ladder (`` where none is named) and the number on it: `G7` -> (`g`, 7); None for what is no such grade."""
    match = _GRADE.fullmatch(grade.strip())
    return (match[1].casefold(), int(match[2])) if match else None
