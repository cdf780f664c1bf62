"""Keeps totals on talk and advice, so that the same question always gets the same answer."""

import json
from typing import Any

from graph.database import Transaction
from graph.facts import spell_id
from graph.quarters import Quarter


def keep(transaction: Transaction, community_id: str, quarter: Quarter, content: dict[str, Any]) -> None:
    """Keeps a report unless there is one. It follows from content, like a finding: it leaves no event."""
    transaction.run(
        "write/keep_power_report", id=spell_id(community_id, str(quarter)), community_id=community_id,
        quarter=str(quarter), content=json.dumps(content, ensure_ascii=False),
    )  # fmt: skip
