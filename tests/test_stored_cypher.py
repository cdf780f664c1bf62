"""No Cypher is ever built from strings: what runs lies in a file under graph/cypher, and values are parameters."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("graph", "matcher", "ingest", "api")

# The one module that has the driver; everything else reaches the database through it.
DOOR = Path("graph/database.py")

# What a text of Cypher begins a clause with. Prose does not have these signs behind these words.
CYPHER = re.compile(
    r"\bMATCH\s*\(|\b(?:MERGE|CREATE)\s*\(|\bDETACH\s+DELETE\b|\bUNWIND\s+[$\[\w]+\s+AS\b|\bCALL\s+(?:db|dbms|apoc)\."
    r"|\bLOAD\s+CSV\b|\bRETURN\s+\w+\.\w+|\bSET\s+\w+\.\w+\s*="
)

# Calls that take a statement, or the name of one.
CALLS = ("run", "count", "rows", "run_alone", "execute_query", "Query", "Read", "statement")

A_NAME = re.compile(r"(read|write|schema)/[a-z0-9_]*")


def faults(path: Path, text: str) -> Iterator[str]:
    """Where a module holds Cypher, or would make some."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        where = f"{path}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CYPHER.search(node.value):
            yield f"{where}: holds Cypher; a statement is a file under graph/cypher"
        if isinstance(node, ast.Import | ast.ImportFrom) and path != DOOR:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            if any(name.split(".")[0] == "neo4j" for name in names):
                yield f"{where}: imports the driver; graph/database.py alone does"
        if isinstance(node, ast.Call) and node.args and _called(node.func) in CALLS and _built(node.args[0]):
            yield f"{where}: builds what it runs: {ast.unparse(node.args[0])[:80]}"


def _called(function: ast.expr) -> str:
    return getattr(function, "attr", None) or getattr(function, "id", "")


def _built(given: ast.expr) -> bool:
    """Whether a text is put together, other than the name of a stored statement with a part of the name filled in."""
    if isinstance(given, ast.JoinedStr):
        first = given.values[0]
        return not (isinstance(first, ast.Constant) and A_NAME.fullmatch(str(first.value)))
    if isinstance(given, ast.BinOp):
        return isinstance(given.op, ast.Add | ast.Mod) and any(
            isinstance(one, ast.Constant | ast.JoinedStr | ast.BinOp) for one in (given.left, given.right)
        )
    return isinstance(given, ast.Call) and _called(given.func) in (
        "format",
        "join",
        "replace",
        "substitute",
        "Template",
    )


def test_no_module_builds_cypher() -> None:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(paths) > 100
    found = [fault for path in paths for fault in faults(path.relative_to(ROOT), path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "transaction.run(f'MATCH (n:{label}) RETURN n')",
        "transaction.run('MATCH (n) WHERE n.id = ' + given)",
        "session.run('MERGE (n {id: %s})' % given)",
        "database.run_alone('RETURN {}'.format(given))",
        "database.run_alone(' '.join(parts))",
        "Read(f'{where}/person', {}, parse)",
        "text = 'MATCH (n) DETACH DELETE n'",
        "import neo4j",
        "from neo4j import GraphDatabase",
    ],
)
def test_the_rule_finds_what_it_is_for(text: str) -> None:
    assert list(faults(Path("api/some.py"), text))


@pytest.mark.parametrize("text", ["transaction.run(f'read/marks_{kind}', ids=ids)", "'To create (or merge) one'"])
def test_the_rule_lets_names_and_prose_be(text: str) -> None:
    assert list(faults(Path("api/some.py"), text)) == []
