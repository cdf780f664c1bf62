"""The map of domains is kept, so that what people have found on it once lies there the next time."""

from collections.abc import Mapping

from graph.database import Transaction


def keep_domain_map(transaction: Transaction, places: Mapping[str, tuple[float, float]]) -> None:
    """Replaces the map. It is a picture of what is known: no content, no event, and the revision stays."""
    ids = sorted(places)
    x, y = ([places[key][axis] for key in ids] for axis in (0, 1))
    transaction.run("write/set_domain_map", ids=ids, x=x, y=y)
