"""What stored reads cost must not grow with what has nothing to do with their answers."""

import pytest

from graph.database import Database
from graph.statements import names
from tests.bench.db_hits import Cost, costs, fill, grows, sizes, table
from tests.conftest import emptied

TABLE = table()
# Plans differ from one run to the next by some hits, with what the planner has sampled.
MORE, FEW = 1.5, 100


@pytest.fixture(scope="module")
def found(_one_database: Database) -> list[dict[str, Cost]]:
    """What each read costs in either organisation of the table."""
    measured: list[dict[str, Cost]] = []
    for people in TABLE["people"]:
        fill(emptied(_one_database), sizes(people))
        measured.append(costs(_one_database))
    return measured


def test_every_read_is_in_the_table() -> None:
    assert sorted(TABLE["statements"]) == names("read")
    assert all(row.get("grows", "a reason") not in ("", "?") for row in TABLE["statements"].values())


def test_no_read_costs_more_than_the_table_says(found: list[dict[str, Cost]]) -> None:
    over = {
        name: (row["hits"], [measured[name].hits for measured in found])
        for name, row in TABLE["statements"].items()
        if any(measured[name].hits > MORE * most + FEW for measured, most in zip(found, row["hits"], strict=True))
    }
    assert not over, "more db hits than tests/graph/db_hits.yaml says (python -m tests.bench.db_hits)"


def test_no_read_grows_with_the_graph_unless_it_says_why(found: list[dict[str, Cost]]) -> None:
    small, large = found
    growing = {name for name in names("read") if grows(small[name], large[name])}
    said = {name for name, row in TABLE["statements"].items() if "grows" in row}
    assert growing <= said, "db hits that grow where the answer does not: mend the statement, or say why in the table"
