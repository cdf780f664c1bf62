"""API keys: the graph holds their digests alone. A key is shown once, when it is made."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from graph.database import Transaction
from graph.errors import InvalidInput, NotFound
from graph.models import Principal, Role
from graph.reads import keys as reads
from graph.revocations import Revocation, Revocations
from graph.sentences import tell
from graph.writes.acts import record_act
from graph.writes.events import moment, now, record_event

PREFIX = "guildmap"


def create_key(
    transaction: Transaction,
    principal: Principal,
    role: Role,
    person_id: str | None,
    note: str | None,
    *,
    days: int | None = None,
    reads_only: bool = False,
    provisions: bool = False,
) -> str:
    """Makes a key, for a person or for a program, and returns it: `guildmap_ID_SECRET`. It is in force for `days` days,
    or until it is revoked. One that `provisions` is for an identity provider: it has no role and no person.

    Raises InvalidInput for a member's key without a person, NotFound for an unknown person.
    """
    if provisions:
        if person_id is not None or reads_only or role is not Role.MEMBER:
            raise InvalidInput(tell("A key for provisioning acts for nobody and has no role: leave out the others."))
    elif person_id is None and role is Role.MEMBER:
        raise InvalidInput(tell("A member's key acts for a person: give --person."))
    if person_id is not None and not transaction.run("read/marks_person", ids=[person_id]):
        raise NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    fields = {
        "hash": digest(secret), "role": role.value, "person_id": person_id, "note": note, "created_at": now(),
        "expires_at": None if days is None else moment(timedelta(days=days)), "reads_only": reads_only or None,
        "provisions": provisions or None,
    }  # fmt: skip
    transaction.run("write/create_key", id=key_id, set=fields)
    record_event(transaction, actor=principal.actor, action="create.key", subjects=[f"key/{key_id}"])
    record_act(transaction, principal, "create.key", person_id, key=key_id, role=role.value, reads_only=reads_only)
    return f"{PREFIX}_{key_id}_{secret}"


def revoke_key(transaction: Transaction, principal: Principal, known: Revocations, key_id: str) -> None:
    """From the commit on the key opens nothing, also after the restore of an older backup. Raises NotFound for an
    unknown id."""
    rows = transaction.run("write/revoke_key", id=key_id, at=now())
    if not rows:
        raise NotFound(tell("There is no key with the id %(key_id)r. `guildmap keys list` shows them.", key_id=key_id))
    known.note(Revocation(known.of_key(key_id), rows[0]["at"]))
    record_event(transaction, actor=principal.actor, action="revoke.key", subjects=[f"key/{key_id}"])
    record_act(transaction, principal, "revoke.key", key=key_id)


def parse_key(text: str) -> tuple[str, str] | None:
    """(id, secret) of what looks like a key."""
    parts = text.split("_", 2)
    return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == PREFIX else None


def opens(stored: reads.StoredKey, secret: str) -> bool:
    return hmac.compare_digest(stored.hash, digest(secret))


def digest(secret: str) -> str:
    # The secret is 256 random bits: no dictionary finds it, so a slow hash would only cost time at each request.
    return hashlib.sha256(secret.encode()).hexdigest()
