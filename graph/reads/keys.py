"""API keys as they are stored."""

from dataclasses import dataclass

from graph.database import Read
from graph.models import Role


@dataclass(frozen=True)
class StoredKey:
    hash: str
    role: Role
    person_id: str | None


@dataclass(frozen=True)
class KeyInfo:
    id: str
    role: str
    person_id: str | None
    note: str | None
    created_at: str
    revoked_at: str | None


def key(key_id: str) -> Read[StoredKey | None]:
    """A key that is in force."""
    return Read(
        "read/key",
        {"id": key_id},
        lambda rows: StoredKey(rows[0]["hash"], Role(rows[0]["role"]), rows[0]["person_id"]) if rows else None,
    )


def keys() -> Read[list[KeyInfo]]:
    """All keys, revoked ones too, the oldest first."""
    return Read("read/keys", {}, lambda rows: [KeyInfo(**row) for row in rows])
