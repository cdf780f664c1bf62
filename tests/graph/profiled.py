"""What a stored statement costs, by the database's own account."""

from typing import Any

import neo4j

from graph.database import Database
from graph.statements import statement


def profiled(database: Database, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
    """The operators of a stored statement, with what each did."""
    with neo4j.GraphDatabase.driver(database.uri, auth=database.auth) as driver:
        told = driver.execute_query(f"PROFILE {statement(name)}", parameters, database_=database.name).summary.profile

    def every(one: dict[str, Any]) -> list[dict[str, Any]]:
        return [one, *(found for child in one.get("children", ()) for found in every(child))]

    assert told is not None
    return every(told)


def hits(plan: list[dict[str, Any]]) -> int:
    """What all operators of a plan asked of the store."""
    return sum(one["args"].get("DbHits", 0) for one in plan)
