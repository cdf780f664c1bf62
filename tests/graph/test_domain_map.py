"""The map of domains is kept and is no content."""

from graph.database import Database
from graph.reads import log
from graph.reads.domain_map import domain_map
from graph.writes.domain_map import keep_domain_map


def test_the_map_is_replaced_as_a_whole_and_no_revision_moves(database: Database) -> None:
    assert database.read(domain_map()) == {}
    before = database.read(log.revision())
    database.write(lambda transaction: keep_domain_map(transaction, {"b": (1.5, -2.0), "a": (0.0, 1.0)}))
    assert database.read(domain_map()) == {"a": (0.0, 1.0), "b": (1.5, -2.0)}
    database.write(lambda transaction: keep_domain_map(transaction, {"c": (3.0, 4.0)}))
    assert database.read(domain_map()) == {"c": (3.0, 4.0)}
    assert database.read(log.revision()) == before
