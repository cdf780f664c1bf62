"""The stored Cypher: one statement a file under `cypher/`, found by name, never assembled from parts."""

from functools import cache
from pathlib import Path
from typing import LiteralString, cast

FOLDER = Path(__file__).parent / "cypher"


@cache
def statement(name: str) -> LiteralString:
    """The text of `cypher/NAME.cypher`; `name` is like `read/person`. Comment lines (`//`) stay in.

    Raises FileNotFoundError for a name that is not stored.
    """
    # A committed file is as good as a literal, which is what the driver's signature asks for.
    return cast("LiteralString", (FOLDER / f"{name}.cypher").read_text(encoding="utf-8").strip())


def names(kind: str) -> list[str]:
    """All names of one kind (`read`, `write` or `schema`), sorted."""
    return sorted(f"{kind}/{path.stem}" for path in (FOLDER / kind).glob("*.cypher"))
