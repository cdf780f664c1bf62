"""What measures of practice are made of that meetings and agendas do not tell: questions, advice, shared members."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from graph.database import Read, Row


@dataclass(frozen=True)
class Given:
    """A piece of advice; '' is a day that is not known. `external`: by somebody from outside the organisation."""

    helper_id: str
    external: bool
    advised_at: str
    outcome: str | None = None
    followed_up_at: str | None = None
    learned: str | None = None


@dataclass(frozen=True)
class Asked:
    id: str
    asked_at: str
    advice: tuple[Given, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Questions that are not private, and how many members each other community has in common with this one."""

    questions: tuple[Asked, ...] = ()
    shared: Mapping[str, int] = field(default_factory=dict[str, int])


def facts(community_id: str) -> Read[Facts]:
    def parse(rows: list[Row]) -> Facts:
        asked = [
            Asked(one["id"], one["asked_at"], tuple(Given(*given) for given in one["advice"]))
            for row in rows
            for one in row["questions"]
        ]
        return Facts(tuple(asked), {key: number for row in rows for key, number in row["shared"]})

    parameters = {"community_id": community_id, "today": date.today().isoformat()}
    return Read("read/practice_of", parameters, parse)
