"""Sessions of browsers and roles of people. A session is kept as a digest of what opens it, never the secret itself."""

import secrets
from datetime import timedelta

from graph.database import Transaction
from graph.errors import NotFound
from graph.models import RANKS, Principal, Role
from graph.revocations import Revocation, Revocations
from graph.sentences import tell
from graph.writes.acts import record_act
from graph.writes.events import moment, now, record_event
from graph.writes.keys import digest


def begin_session(transaction: Transaction, actor: str, person_id: str | None, role: Role | None, hours: float) -> str:
    """A new session, and the secret that opens it for so many hours. `role` is the one that the identity provider
    claimed; what the graph gives the person is looked up at each request.

    It leaves no event: nothing of the organisation changes.
    """
    secret = secrets.token_urlsafe(32)
    fields = {
        "person_id": person_id, "role": role.value if role else None, "actor": actor, "created_at": now(),
        "expires_at": moment(timedelta(hours=hours)),
    }  # fmt: skip
    transaction.run("write/create_session", id=digest(secret), set=fields, now=now())
    return secret


def end_session(transaction: Transaction, secret: str) -> None:
    """From the commit on the secret opens nothing; one that is unknown opens nothing anyway."""
    transaction.run("write/end_session", id=digest(secret))


def end_sessions(transaction: Transaction, principal: Principal, person_id: str) -> int:
    """Ends all sessions of a person, wherever they are signed in; how many there were."""
    (row,) = transaction.run("write/end_sessions", person_id=person_id)
    if principal.person_id != person_id:
        record_act(transaction, principal, "end.sessions", person_id, ended=row["ended"])
    return row["ended"]


def give_role(transaction: Transaction, principal: Principal, known: Revocations, person_id: str, role: Role) -> None:
    """From the next request on the person has this role, whatever their identity provider claims; one that is lower
    than what they had is so after a restore, too. Raises NotFound."""
    at = now()
    rows = transaction.run("write/give_role", person_id=person_id, role=role.value, at=at)
    if not rows:
        raise NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))
    before = rows[0]["before"]
    if before is not None and RANKS.index(role) < RANKS.index(Role(before)):
        known.note(Revocation(known.of_person(person_id), at, role))
    _record(transaction, principal, "give.role", person_id, role=role.value)


def take_role(transaction: Transaction, principal: Principal, known: Revocations, person_id: str) -> None:
    """The person has the role that the identity provider claims again, also after the restore of an older backup.
    Raises NotFound where none was given."""
    if not transaction.run("write/take_role", person_id=person_id):
        raise NotFound(
            tell("%(person_id)r was given no role. `guildmap roles list` shows who was.", person_id=person_id)
        )
    known.note(Revocation(known.of_person(person_id), now()))
    _record(transaction, principal, "take.role", person_id)


def _record(transaction: Transaction, principal: Principal, action: str, person_id: str, **details: str) -> None:
    record_event(
        transaction, actor=principal.actor, action=action, subjects=[f"person/{person_id}"], details=details
    )  # fmt: skip
    record_act(transaction, principal, action, person_id, **details)
