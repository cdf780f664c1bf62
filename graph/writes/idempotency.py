"""Answers given under an idempotency key, so that a request sent twice is done once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from graph.database import Transaction
from graph.errors import Conflict, KeyReused
from graph.facts import content_hash
from graph.sentences import tell
from graph.writes.events import now

# A client that has not heard back for a day will not ask again; a key counts that long at least.
KEPT = timedelta(days=1)

Answer = dict[str, Any]


def once(transaction: Transaction, actor: str, key: str, request: str, work: Callable[[], Answer]) -> Answer:
    """The answer of `work` (JSON), or the one that was given before to the same request of the same actor.

    The caller holds the turn (`take_turn`), so that of two equal requests at one time the second waits for the
    answer of the first. Raises KeyReused where `request`, a digest of what was asked, is another, and Conflict where
    the answer went since with somebody who was erased.
    """
    kept = content_hash({"actor": actor, "key": key})
    for row in transaction.run("read/answer_given", id=kept):
        if row["request"] != request:
            raise KeyReused(
                tell("This Idempotency-Key came before with another request. Use a new one for a new request.")
            )
        if not row["answer"]:
            raise Conflict(tell("That was done, but what it was answered is kept no longer: read what came of it."))
        return json.loads(row["answer"])
    answer = work()
    before = (datetime.now(UTC) - KEPT).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    transaction.run(
        "write/keep_answer", id=kept, request=request, answer=json.dumps(answer), at=now(), before=before
    )  # fmt: skip
    return answer
