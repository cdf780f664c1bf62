"""Takes back again what was taken back before, where a restore gave it anew (graph.revocations)."""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.database import Database, Transaction
from graph.models import RANKS, Principal, Role
from graph.reads.identities import roles_given
from graph.reads.keys import keys
from graph.revocations import Revocation, Revocations
from graph.writes.acts import record_act
from graph.writes.events import now, record_event, take_turn

ACTOR = Principal(actor="restore")


@dataclass(frozen=True)
class TakenBack:
    """Ids of the keys that are revoked again, and of the people whose role is again what was left of it."""

    keys: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


def note_revoked(database: Database, known: Revocations) -> None:
    """Notes the keys that the graph says are revoked, where the file does not: those of before there was one, and those
    that processes with another data folder revoked."""
    there = known.read()
    revoked = [Revocation(known.of_key(key.id), key.revoked_at) for key in database.read(keys()) if key.revoked_at]
    known.note(*(one for one in revoked if one.mark not in there))


def take_back(database: Database, known: Revocations) -> TakenBack:
    """Revokes the keys in force that were revoked, and lowers the roles that were lowered, after they were given.

    A role that was given again later, and that the backup does not know of, is not made up: who lost more than they
    should asks an admin, and who kept more would ask nobody.
    """
    noted = known.read()
    # Mostly there is nothing, and nobody has to wait for that.
    if not noted or not any(database.read_with(lambda tx: _wrong(tx, known, noted))):
        return TakenBack()

    def work(transaction: Transaction) -> TakenBack:
        take_turn(transaction, ACTOR.actor)
        revoked, lowered = _wrong(transaction, known, noted)
        for key, one in revoked.items():
            transaction.run("write/revoke_key", id=key, at=one.at)
        for person, one in lowered.items():
            if one.role is None:
                transaction.run("write/take_role", person_id=person)
            else:
                transaction.run("write/give_role", person_id=person, role=one.role.value, at=now())
        if revoked or lowered:
            subjects = [*(f"key/{key}" for key in revoked), *(f"person/{person}" for person in lowered)]
            record_event(transaction, actor=ACTOR.actor, action="take.back", subjects=subjects)
            record_act(transaction, ACTOR, "take.back", keys=len(revoked), roles=len(lowered))
        return TakenBack(tuple(revoked), tuple(lowered))

    return database.write(work)


def _wrong(
    transaction: Transaction, known: Revocations, noted: Mapping[str, Revocation]
) -> tuple[dict[str, Revocation], dict[str, Revocation]]:
    """Keys that are in force and should not be, and people whose role is above what was left to them."""
    in_force = {key.id: known.of_key(key.id) for key in transaction.read(keys()) if key.revoked_at is None}
    lowered: dict[str, Revocation] = {}
    for given in transaction.read(roles_given()):
        one = noted.get(known.of_person(given.person_id))
        if one is None or one.at <= given.given_at:
            continue
        if one.role is None or RANKS.index(one.role) < RANKS.index(Role(given.role)):
            lowered[given.person_id] = one
    return {key: noted[mark] for key, mark in in_force.items() if mark in noted}, lowered
