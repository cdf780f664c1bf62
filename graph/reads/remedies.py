"""Reads of what was done about communities."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.database import Read, Row
from graph.errors import NotFound
from graph.models import Principal
from graph.sentences import tell


@dataclass(frozen=True)
class Named:
    id: str
    name: str


@dataclass(frozen=True)
class KeptRemedy:
    """`state`: done or undone. `asked` is JSON of what was asked for (graph.remedies), without the ids of people;
    `about` are the communities that are still there; `changes` counts the fields changed; `left` tells what was left
    as it is when the rest was taken back. `answered`: the findings that it marked as done, with the time at which they
    had been accepted, None for those that were open."""

    id: str
    remedy: str
    state: str
    at: str
    by: str
    asked: str
    about: tuple[Named, ...]
    changes: int
    undone_at: str | None = None
    undone_by: str | None = None
    left: tuple[str, ...] = ()
    answered: Mapping[str, str | None] = field(default_factory=dict[str, str | None])


def no_remedy(remedy_id: str) -> NotFound:
    return NotFound(tell("There is no remedy with the id %(remedy_id)r.", remedy_id=remedy_id))


def remedies(
    principal: Principal, remedy_id: str | None = None, *, community_id: str | None = None, limit: int = 1
) -> Read[list[KeptRemedy]]:
    """What was carried out, the latest first; nothing for members."""

    def parse(rows: list[Row]) -> list[KeptRemedy]:
        if not principal.sees_restricted:
            return []
        return [_remedy(row["remedy"], row["about"]) for row in rows]

    return Read("read/remedies", {"id": remedy_id, "community_id": community_id, "limit": limit}, parse)


def _remedy(stored: Mapping[str, Any], about: list[list[str]]) -> KeptRemedy:
    fields: dict[str, Any] = {
        **stored,
        "left": tuple(stored.get("left", ())),
        "answered": json.loads(stored.get("answered", "{}")),
        "about": tuple(Named(*one) for one in about),
    }
    return KeptRemedy(**fields)
