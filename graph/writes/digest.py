"""What a person chose for their digest, and which were sent."""

from collections.abc import Sequence

from graph.database import Transaction
from graph.errors import Forbidden, InvalidInput, NotFound
from graph.models import Principal
from graph.reads import digest as reads
from graph.reads.digest import FREQUENCIES, PARTS, Preferences, Recipient
from graph.sentences import tell
from graph.writes.events import now, record_event


def own(principal: Principal, person_id: str) -> None:
    """Raises Forbidden where the principal is not this person: what somebody wants to be told is their own affair."""
    if principal.person_id != person_id:
        raise Forbidden(tell("Only the person themselves may see or change what they want of their digest."))


def prefer(transaction: Transaction, principal: Principal, person_id: str, chosen: Preferences) -> Preferences:
    """Keeps what a person wants of their digest. Raises Forbidden for everybody else."""
    own(principal, person_id)
    if chosen.frequency not in FREQUENCIES:
        raise InvalidInput(
            tell(
                "frequency: must be one of %(names)s, not %(frequency)r.",
                names=", ".join(FREQUENCIES),
                frequency=chosen.frequency,
            )
        )
    if unknown := sorted(set(chosen.parts) - set(PARTS)):
        raise InvalidInput(
            tell(
                "parts: there is no part %(names)s. Known: %(names2)s.",
                names=", ".join(unknown),
                names2=", ".join(PARTS),
            )
        )
    kept = Preferences(chosen.frequency, tuple(one for one in PARTS if one in chosen.parts), chosen.paused_until)
    if recipient(transaction, person_id).preferences == kept:
        return kept
    given = {"frequency": kept.frequency, "parts": list(kept.parts), "paused_until": kept.paused_until}
    transaction.run("write/set_digest_preferences", person_id=person_id, set=given)
    # Not what: the log is read by others.
    record_event(transaction, actor=principal.actor, action="prefer.digest", subjects=[f"digest/{person_id}"])
    return kept


def recipient(transaction: Transaction, person_id: str) -> Recipient:
    found = transaction.read(reads.recipients(person_id, now()[:10]))
    if not found:
        raise NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))
    return found[0]


def claim(transaction: Transaction, who: Recipient, on: str) -> bool:
    """Notes the digest of a day as sent, before it is: so nobody gets it twice, whoever else sends at this moment and
    whatever happens in between. False where somebody else was quicker."""
    return bool(transaction.run("write/claim_digest", person_id=who.id, before=who.sent_on, on=on))


def release(transaction: Transaction, who: Recipient, on: str) -> None:
    """Takes a claim back: it could not be sent."""
    transaction.run("write/release_digest", person_id=who.id, before=who.sent_on, on=on)


def record_sent(transaction: Transaction, principal: Principal, person_ids: Sequence[str], on: str) -> None:
    """One event for all that were sent in one go."""
    record_event(
        transaction, actor=principal.actor, action="send.digest", subjects=[f"digest/{key}" for key in person_ids],
        details={"on": on},
    )  # fmt: skip
