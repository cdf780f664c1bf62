"""Decisions on the words of a community: its leads accept, explain and reject. Each leaves one event."""

from graph.database import Transaction
from graph.errors import InvalidInput
from graph.facts import name_key, spell_id
from graph.models import Part, Principal
from graph.reads import glossary as reads
from graph.reads.glossary import ACCEPTED, STATES, Term
from graph.sentences import tell
from graph.text import tokens
from graph.writes.by_hand import may
from graph.writes.events import now, record_event

LONGEST_TERM, LONGEST_DEFINITION = 80, 2_000


def decide(
    transaction: Transaction,
    principal: Principal,
    community_id: str,
    term: str,
    state: str,
    definition: str | None = None,
) -> Term:
    """Accepts a term as one of the community's own, with what it means there, or rejects it.

    Raises NotFound, Forbidden for who does not lead it, and InvalidInput for what is no term.
    """
    may(transaction, principal, community_id, Part.LEAD, what=tell("To decide on its words"))
    text = " ".join(term.split())
    if not tokens(text) or len(text) > LONGEST_TERM or "/" in text or not text.isprintable():
        raise InvalidInput(
            tell(
                "term: must have 1 to %(LONGEST_TERM)s characters, a letter or digit among them, no “/” and no "
                "control characters.",
                LONGEST_TERM=LONGEST_TERM,
            )
        )
    if state not in STATES:
        raise InvalidInput(
            tell("state: must be one of %(names)s, not %(state)r.", names=", ".join(STATES), state=state)
        )
    if definition is not None and (state != ACCEPTED or len(definition) > LONGEST_DEFINITION):
        raise InvalidInput(
            tell("definition: is for an accepted term, and has at most %(most)d characters.", most=LONGEST_DEFINITION)
        )
    kept = reads.find(transaction.read(reads.glossary(community_id)), text)
    if kept is not None and (kept.term, kept.state, kept.definition) == (text, state, definition):
        return kept
    given = Term(text, state, definition, now())
    transaction.run("write/decide_term", id=_id(community_id, text), community_id=community_id, set=vars(given))
    _record(transaction, principal, f"{'accept' if state == ACCEPTED else 'reject'}.glossary", community_id, text)
    return given


def forget(transaction: Transaction, principal: Principal, community_id: str, term: str) -> None:
    """Takes back what was decided on a term. Raises NotFound where nothing was."""
    may(transaction, principal, community_id, Part.LEAD, what=tell("To decide on its words"))
    if reads.find(transaction.read(reads.glossary(community_id)), term) is None:
        raise reads.no_term(term)
    transaction.run("write/forget_term", id=_id(community_id, term))
    _record(transaction, principal, "forget.glossary", community_id, term)


def _id(community_id: str, term: str) -> str:
    return spell_id(community_id, name_key(term))


def _record(transaction: Transaction, principal: Principal, action: str, community_id: str, term: str) -> None:
    # It is the community that is found by its words: whoever follows the log reads it again.
    record_event(
        transaction, actor=principal.actor, action=action, subjects=[f"community/{community_id}"],
        details={"term": term},
    )  # fmt: skip
