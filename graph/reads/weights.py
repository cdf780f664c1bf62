"""The weights that were learned from the organisation's history, and from which part of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from graph.database import Read, Row


@dataclass(frozen=True)
class KeptWeights:
    """`values` by the name of a weight. Chosen by joins from the day `since` on, validated on those between
    `validated_since` and `until`, where `quality` and `shipped_quality` were measured."""

    values: Mapping[str, float]
    learned_at: str
    since: str
    validated_since: str
    until: str
    joins: int
    quality: float
    shipped_quality: float


def weights() -> Read[KeptWeights | None]:
    """None where none were learned."""

    def parse(rows: list[Row]) -> KeptWeights | None:
        if not rows:
            return None
        kept = {name: value for name, value in rows[0]["kept"].items() if name != "id"}
        return KeptWeights(**{**kept, "values": json.loads(kept["values"])})

    return Read("read/weights", {}, parse)
