"""Every stored statement runs against the real database with the example parameters that it carries."""

import json
import re

import pytest

from graph.database import Database
from graph.reads.vectors import vector_indexes
from graph.statements import FOLDER, names, statement
from tests.conftest import emptied

STATEMENTS = [name for kind in ("read", "write", "schema") for name in names(kind)]


def example(name: str) -> dict[str, object]:
    match = re.search(r"^// parameters: (\{.*\})$", statement(name), re.MULTILINE)
    assert match, f"{name} does not say its parameters"
    return json.loads(match.group(1))


def needed(name: str) -> str | None:
    """The statement that has to be run before, where it says so."""
    found = re.search(r"^// needs: (\S+)$", statement(name), re.MULTILINE)
    return found and found[1]


def test_no_statement_lies_outside_the_known_folders() -> None:
    found = {path.parent.name for path in FOLDER.rglob("*.cypher")}
    assert found == {"read", "write", "schema", "migrations"}


@pytest.fixture(scope="module")
def empty(_one_database: Database) -> Database:
    """For what leaves no trace."""
    return emptied(_one_database)


@pytest.mark.parametrize("name", [name for name in STATEMENTS if name.startswith("read/") and not needed(name)])
def test_a_read_runs(empty: Database, name: str) -> None:
    empty.run_alone(statement(name), **example(name))


@pytest.mark.parametrize("name", [name for name in STATEMENTS if not name.startswith("read/") or needed(name)])
def test_a_statement_runs(database: Database, name: str) -> None:
    for index in database.read(vector_indexes()):
        database.run_alone(statement("write/drop_index"), name=index.name)
    if other := needed(name):
        database.run_alone(statement(other), **example(other))
        database.run_alone("CALL db.awaitIndexes(30)")
    database.run_alone(statement(name), **example(name))


@pytest.mark.parametrize("name", names("read"))
def test_reads_only_read(empty: Database, name: str) -> None:
    plan = empty.run_alone("EXPLAIN " + statement(name), **example(name))
    assert plan == []
    forbidden = re.compile(r"\b(CREATE|MERGE|DELETE|SET|REMOVE|LOAD CSV)\b")
    code = re.sub(r"//.*", "", statement(name))
    assert not forbidden.search(code), name


@pytest.mark.parametrize("name", STATEMENTS)
def test_parameters_are_all_named(name: str) -> None:
    code = re.sub(r"//.*", "", statement(name))
    used = set(re.findall(r"\$(\w+)", code))
    assert used == set(example(name)), name
