"""What stored reads cost must not grow with what has nothing to do with their answers."""

import os
from contextlib import closing

import pytest

from graph.database import Database
from tests.bench.db_hits import NOTHING_TO_GIVE, Cost, Profiler, fill, grows, sizes, table, table_rows
from tests.conftest import emptied

TABLE = table()
# Plans differ from one run to the next by some hits, with what the planner has sampled.
MORE, FEW = 1.5, 100


measured = pytest.mark.skipif(
    "GUILDMAP_TEST_DB_HITS" not in os.environ,
    reason="fills a database with 500 and with 5,000 people, which takes minutes: GUILDMAP_TEST_DB_HITS=1",
)


@pytest.fixture(scope="module")
def found(_one_database: Database) -> list[dict[str, Cost]]:
    """What each read costs in either organisation of the table."""
    every: list[dict[str, Cost]] = []
    for people in TABLE["people"]:
        fill(emptied(_one_database), sizes(people))
        with closing(Profiler(_one_database)) as profiler:
            every.append(profiler.costs(table_rows()))
    return every


def test_every_read_is_in_the_table() -> None:
    assert list(TABLE["statements"]) == list(table_rows())
    assert all(row.get("grows", "a reason") not in ("", "?") for row in TABLE["statements"].values())


@measured
def test_no_read_costs_more_than_the_table_says(found: list[dict[str, Cost]]) -> None:
    over = {
        name: (row["hits"], [one[name].hits for one in found])
        for name, row in TABLE["statements"].items()
        if any(one[name].hits > MORE * most + FEW for one, most in zip(found, row["hits"], strict=True))
    }
    assert not over, "more db hits than tests/graph/db_hits.yaml says (python -m tests.bench.db_hits)"


@measured
def test_no_read_grows_with_the_graph_unless_it_says_why(found: list[dict[str, Cost]]) -> None:
    small, large = found
    growing = {name for name in table_rows() if grows(small[name], large[name])}
    said = {name for name, row in TABLE["statements"].items() if "grows" in row}
    assert growing <= said, "db hits that grow where the answer does not: mend the statement, or say why in the table"


@measured
def test_nearly_every_read_has_an_answer(found: list[dict[str, Cost]]) -> None:
    """Of a read that gives nothing it says little that it does not grow."""
    assert {name for name, cost in found[0].items() if cost.rows == 0} <= set(NOTHING_TO_GIVE)
