"""Answers to the pulse: that somebody has answered is kept without what, what is kept without whom."""

from graph.database import Transaction
from graph.errors import Conflict, InvalidInput, NotFound
from graph.facts import spell_id
from graph.models import Principal
from graph.pulse import ANSWERS
from graph.reads import pulse as reads
from graph.sentences import tell
from graph.writes.events import record_event

# Who is named by the event, and by the lock of the transaction, in place of whoever answers.
NOBODY = "pulse"


def answer(
    transaction: Transaction,
    principal: Principal,
    community_id: str,
    question: str,
    given: int | None,
    every: int,
) -> None:
    """Counts an answer of 1 to 5, or none (`given` None: skipped); either way the person is not asked again for
    `every` quarters.

    The event names neither person, community nor answer. Raises Conflict for what the person is not asked now.
    """
    if given is not None and given not in ANSWERS:
        raise InvalidInput(tell("answer: must be 1, 2, 3, 4 or 5, or nothing to skip."))
    if principal.person_id is None:
        raise NotFound(tell("Say who answers: the pulse asks people."))
    now = transaction.read(reads.question(principal.person_id, every))
    if now is None or (now.community_id, now.question) != (community_id, question):
        raise Conflict(tell("You are not asked this, or not any more: `GET /v1/pulse` says what you are asked."))
    transaction.run("write/consume_pulse", person_id=principal.person_id, quarter=now.quarter)
    if given is not None:
        count(transaction, community_id, now.quarter, question, given)
    record_event(transaction, actor=NOBODY, action="answer.pulse", subjects=[])


def count(transaction: Transaction, community_id: str, quarter: str, question: str, given: int) -> None:
    """One answer more. Nothing says whose."""
    transaction.run(
        "write/count_pulse", id=spell_id(community_id, quarter, question), community_id=community_id, quarter=quarter,
        question=question, answer=given,
    )  # fmt: skip
