"""Whom a recommendation is for: a known person, or a description that is stored nowhere."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.models import HeldSkill, Person
from graph.text import tokens


@dataclass(frozen=True)
class Profile:
    """What matching knows of one person. `text` is in their own words; `vector` its embedding, where there
    is one; `likeness` float32 [communities] what both make of each community, where that was found for many at once
    (matcher.features.domain_fit).

    `communities` are current memberships, `left` former ones, by id.
    """

    person_id: str | None = None
    text: str = ""
    vector: NDArray[np.float32] | None = None
    held: tuple[HeldSkill, ...] = ()
    wanted: tuple[HeldSkill, ...] = ()
    unit_id: str | None = None
    unit_name: str | None = None
    manager_id: str | None = None
    communities: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()
    likeness: NDArray[np.float32] | None = None

    @classmethod
    def of(cls, person: Person, vector: NDArray[np.float32] | None = None, today: str | None = None) -> "Profile":
        """The profile of a person as read. A spell that ends after `today` (default: today) is current."""
        day = today or date.today().isoformat()
        current = {m.community_id for m in person.memberships if m.left_on is None or m.left_on > day}
        skills = [skill.name for skill in (*person.skills, *person.wants_to_learn)]
        parts = [person.title or "", person.bio or "", *person.interests, *skills]
        return cls(
            person_id=person.id,
            text="\n".join(part for part in parts if part),
            vector=vector,
            held=person.skills,
            wanted=person.wants_to_learn,
            unit_id=person.unit_id,
            unit_name=person.unit_name,
            manager_id=person.manager_id,
            communities=tuple(sorted(current)),
            left=tuple(sorted({m.community_id for m in person.memberships} - current)),
            dismissed=person.dismissed,
        )

    @cached_property
    def tokens(self) -> list[str]:
        return tokens(self.text)
