"""API keys as they are stored."""

from dataclasses import dataclass

from graph.database import Read, Row
from graph.models import Role


@dataclass(frozen=True)
class StoredKey:
    hash: str
    role: Role
    person_id: str | None
    external: bool = False  # the person is of another organisation
    reads_only: bool = False
    provisions: bool = False  # opens what an identity provider pushes to, and nothing else


@dataclass(frozen=True)
class KeyInfo:
    id: str
    role: str
    person_id: str | None
    note: str | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    reads_only: bool
    provisions: bool


def key(key_id: str, at: str) -> Read[StoredKey | None]:
    """A key that is in force at the moment `at`; None also where its person has left."""

    def parse(rows: list[Row]) -> StoredKey | None:
        if not rows:
            return None
        (row,) = rows
        return StoredKey(
            row["hash"], Role(row["role"]), row["person_id"], row["external"], row["reads_only"], row["provisions"]
        )

    return Read("read/key", {"id": key_id, "now": at, "today": at[:10]}, parse)


def keys() -> Read[list[KeyInfo]]:
    """All keys, revoked ones too, the oldest first."""
    return Read("read/keys", {}, lambda rows: [KeyInfo(**row) for row in rows])
