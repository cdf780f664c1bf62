"""Writes of learned weights. What is recommended moves with them, so each leaves an event."""

import json
from dataclasses import asdict

from graph.database import Transaction
from graph.models import Principal
from graph.reads.weights import KeptWeights
from graph.writes.events import record_event

SUBJECT = "weights/joins"


def keep_weights(transaction: Transaction, principal: Principal, kept: KeptWeights) -> None:
    """Replaces those that were learned before."""
    values = json.dumps(dict(kept.values), sort_keys=True)
    transaction.run("write/set_weights", kept={**asdict(kept), "values": values})
    record_event(transaction, actor=principal.actor, action="learn.weights", subjects=[SUBJECT])


def forget_weights(transaction: Transaction, principal: Principal) -> bool:
    """Goes back to the shipped ones. False where none were learned."""
    if not transaction.run("write/forget_weights"):
        return False
    record_event(transaction, actor=principal.actor, action="forget.weights", subjects=[SUBJECT])
    return True
