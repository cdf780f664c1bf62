"""Every stored statement runs against the real database with the example parameters that it carries."""

import json
import re

import pytest

from graph.database import Database
from graph.statements import FOLDER, names, statement

STATEMENTS = [name for kind in ("read", "write", "schema") for name in names(kind)]


def example(name: str) -> dict[str, object]:
    match = re.search(r"^// parameters: (\{.*\})$", statement(name), re.MULTILINE)
    assert match, f"{name} does not say its parameters"
    return json.loads(match.group(1))


def test_no_statement_lies_outside_the_known_folders() -> None:
    found = {path.parent.name for path in FOLDER.rglob("*.cypher")}
    assert found == {"read", "write", "schema", "migrations"}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_runs(database: Database, name: str) -> None:
    needed = re.search(r"^// needs: (\S+)$", statement(name), re.MULTILINE)
    if needed:
        database.run_alone(statement(needed.group(1)), **example(needed.group(1)))
        database.run_alone("CALL db.awaitIndexes(30)")
    database.run_alone(statement(name), **example(name))


@pytest.mark.parametrize("name", names("read"))
def test_reads_only_read(database: Database, name: str) -> None:
    plan = database.run_alone("EXPLAIN " + statement(name), **example(name))
    assert plan == []
    forbidden = re.compile(r"\b(CREATE|MERGE|DELETE|SET|REMOVE|LOAD CSV)\b")
    code = re.sub(r"//.*", "", statement(name))
    assert not forbidden.search(code), name


@pytest.mark.parametrize("name", STATEMENTS)
def test_parameters_are_all_named(name: str) -> None:
    code = re.sub(r"//.*", "", statement(name))
    used = set(re.findall(r"\$(\w+)", code))
    assert used == set(example(name)), name
