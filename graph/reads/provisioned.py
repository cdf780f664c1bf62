"""Users and groups as an identity provider pushed them; what follows for people is in the graph as facts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from graph.database import Read, Row

Kind = Literal["User", "Group"]


@dataclass(frozen=True)
class Provisioned:
    """`resource` is what the provider said, under the attribute names of SCIM; `members` are (id, kind), of a group.

    `thing_id` is the unit or the community that a group stands for, and `own` whether there is such only by the group.
    `inactive_on`: the day on which the provider said that a user is no more.
    """

    id: str
    kind: Kind
    resource: dict[str, Any]
    created_at: str
    modified_at: str
    version: int
    external_id: str | None = None
    thing_id: str | None = None
    own: bool = False
    inactive_on: str | None = None
    members: tuple[tuple[str, Kind], ...] = ()


@dataclass(frozen=True)
class Known:
    """One that has a name or an id of the provider that is asked for; `deleted`: by the provider, earlier."""

    id: str
    name_key: str
    deleted: bool
    thing_id: str | None
    person_id: str | None


def provisioned(kind: Kind, ids: Sequence[str]) -> Read[list[Provisioned]]:
    """Those of `ids` that are there, in that order."""

    def parse(rows: list[Row]) -> list[Provisioned]:
        return [_parsed(row["stored"], row["members"]) for row in rows]

    return Read("read/provisioned", {"kind": kind, "ids": list(ids)}, parse)


@dataclass(frozen=True)
class Wanted:
    """By what users or groups are looked up, any of which leads to one: values that an index holds. `texts` are e-mail
    addresses: whoever has one anywhere in what the provider said is found."""

    ids: frozenset[str] = frozenset()
    name_keys: frozenset[str] = frozenset()
    external_ids: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def __or__(self, other: "Wanted") -> "Wanted":
        return Wanted(
            self.ids | other.ids, self.name_keys | other.name_keys, self.external_ids | other.external_ids,
            self.texts | other.texts,
        )  # fmt: skip


def found(kinds: Sequence[Kind], wanted: Wanted) -> Read[list[Provisioned]]:
    """Those that are there, the oldest first."""
    parameters = {
        "kinds": list(kinds), "ids": sorted(wanted.ids), "name_keys": sorted(wanted.name_keys),
        "external_ids": sorted(wanted.external_ids),
        # A phrase of Lucene; an address that is looked up so has no sign that would end it.
        "phrases": [f'"{text}"' for text in sorted(wanted.texts)],
    }  # fmt: skip

    def parse(rows: list[Row]) -> list[Provisioned]:
        return [_parsed(row["stored"], row["members"]) for row in rows]

    return Read("read/provisioned_found", parameters, parse)


def named(kind: Kind, name_key: str | None, external_id: str | None = None) -> Read[list[Known]]:
    """All with that name or that id of the provider, deleted ones too."""

    def parse(rows: list[Row]) -> list[Known]:
        return [Known(r["id"], r["name_key"], r["deleted_at"] is not None, r["thing_id"], r["person_id"]) for r in rows]

    return Read("read/provisioned_named", {"kind": kind, "name_key": name_key, "external_id": external_id}, parse)


def ids(kinds: Sequence[Kind], skip: int, limit: int) -> Read[list[tuple[str, Kind]]]:
    """(id, kind), the oldest first."""
    parameters = {"kinds": list(kinds), "skip": skip, "limit": limit}
    return Read("read/provisioned_ids", parameters, lambda rows: [(row["id"], row["kind"]) for row in rows])


def number(kinds: Sequence[Kind]) -> Read[int]:
    return Read("read/number_provisioned", {"kinds": list(kinds)}, lambda rows: rows[0]["number"])


def in_things(ids: Sequence[str]) -> Read[list[tuple[Provisioned, list[str]]]]:
    """Each of `ids` with the units or communities that its groups stand for, the oldest group first."""

    def parse(rows: list[Row]) -> list[tuple[Provisioned, list[str]]]:
        return [(_parsed(row["stored"], []), row["in_things"]) for row in rows if row["stored"].get("resource")]

    return Read("read/provisioned_groups", {"ids": list(ids)}, parse)


def _parsed(stored: Row, members: list[Row]) -> Provisioned:
    return Provisioned(
        stored["id"],
        stored["kind"],
        json.loads(stored["resource"]),
        stored["created_at"],
        stored["modified_at"],
        stored["version"],
        stored.get("external_id"),
        stored.get("thing_id"),
        stored.get("own", False),
        stored.get("inactive_on"),
        tuple((row["id"], row["kind"]) for row in members),
    )
