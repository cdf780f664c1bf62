"""Writes of vectors, of the indexes over them, and of which model is in use."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.database import Transaction
from graph.reads.vectors import EMBEDDED, Model, index_name


@dataclass(frozen=True)
class StoredVector:
    """A vector and what it was made from; both None take away what is stored."""

    id: str
    vector: Sequence[float] | None
    key: str | None


def set_vectors(transaction: Transaction, kind: str, property_name: str, vectors: Sequence[StoredVector]) -> None:
    """Sets vectors of things of one kind. Neo4j does not check them: they must fit the index."""
    rows = [
        {"id": one.id, "set": {property_name: one.vector, f"{property_name}_key": one.key}}
        for one in sorted(vectors, key=lambda one: one.id)  # so that two writers cannot deadlock
    ]
    transaction.run(f"write/set_vectors_{kind}", rows=rows)


def create_vector_index(transaction: Transaction, kind: str, property_name: str, dimension: int) -> None:
    transaction.run(
        "write/create_vector_index",
        name=index_name(property_name, kind),
        label=EMBEDDED[kind],
        property=property_name,
        dimension=dimension,
    )


def touch_model(transaction: Transaction, name: str) -> None:
    """Moves the generation of the model `name`, if it is the one in use."""
    transaction.run("write/touch_model", name=name)


def drop_vector_index(transaction: Transaction, name: str) -> None:
    transaction.run("write/drop_index", name=name)


def drop_vectors(transaction: Transaction, kind: str, property_name: str, limit: int) -> int:
    """Takes up to `limit` vectors of a model away; how many it took."""
    nothing = {property_name: None, f"{property_name}_key": None}
    (row,) = transaction.run(f"write/drop_vectors_{kind}", property=property_name, nothing=nothing, limit=limit)
    return row["number"]


def set_model(transaction: Transaction, model: Model) -> None:
    transaction.run("write/set_model", name=model.name, property=model.property, dimension=model.dimension)
