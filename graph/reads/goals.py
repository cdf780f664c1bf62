"""What the organisation wants, and which communities serve it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from graph.database import Read, Row
from graph.errors import NotFound
from graph.models import Party, Principal
from graph.reads.resources import version_of
from graph.sentences import tell


@dataclass(frozen=True)
class Goal:
    """`communities` are those that serve it, of which the reader may see."""

    id: str
    name: str
    description: str
    communities: tuple[Party, ...] = ()

    @property
    def version(self) -> str:
        return version_of(self.id, self.name, self.description)


def no_goal(goal_id: str) -> NotFound:
    return NotFound(tell("There is no goal with the id %(goal_id)r.", goal_id=goal_id))


def goals(principal: Principal, after: str, limit: int) -> Read[list[Goal]]:
    """Goals behind the id `after`, in the order of ids."""
    return _goals(principal, {"ids": None, "after": after, "limit": limit})


def goal(principal: Principal, goal_id: str) -> Read[Goal | None]:
    found = _goals(principal, {"ids": [goal_id], "after": "", "limit": 1})
    return Read(found.name, found.parameters, lambda rows: next(iter(found.parse(rows)), None))


def _goals(principal: Principal, bounds: dict[str, Any]) -> Read[list[Goal]]:
    def parse(rows: list[Row]) -> list[Goal]:
        return [
            Goal(r["id"], r["name"], r["description"], tuple(Party(*pair) for pair in r["communities"])) for r in rows
        ]

    viewer = {
        "viewer_id": principal.person_id, "sees_restricted": principal.sees_restricted,
        "today": date.today().isoformat(),
    }  # fmt: skip
    return Read("read/goals", {**bounds, **viewer}, parse)
