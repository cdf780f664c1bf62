"""Where each community was drawn on the map of domains."""

from collections.abc import Mapping

from graph.database import Read, Row


def domain_map() -> Read[Mapping[str, tuple[float, float]]]:
    """By the id of the community; empty before a map was first drawn."""

    def parse(rows: list[Row]) -> Mapping[str, tuple[float, float]]:
        if not rows:
            return {}
        (row,) = rows
        return {key: (x, y) for key, x, y in zip(row["ids"], row["x"], row["y"], strict=True)}

    return Read("read/domain_map", {}, parse)
