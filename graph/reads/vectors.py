"""Which embedding model is in use, which texts there are to encode, and the vectors stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.database import Read, Row, Steps, ask

T = TypeVar("T")

FloatArray = NDArray[np.float32]

# How the properties begin that hold vectors; what follows names the model.
PREFIX = "vector_"

# Things whose vectors are read in one go: some megabytes. Those of everybody at once would be one value of gigabytes,
# in the memory of the database and then in numbers of Python.
PAGE = 2_000

# Kinds that carry vectors, with their labels.
EMBEDDED = {
    "community": "Community",
    "org_unit": "OrgUnit",
    "skill": "Skill",
    "person": "Person",
    "question": "Question",
}


@dataclass(frozen=True)
class Model:
    """The model whose vectors are complete and in use; they are under `property` on each node.

    `generation` moves whenever vectors of it change.
    """

    name: str
    property: str
    dimension: int
    generation: int = 0


@dataclass(frozen=True, slots=True)
class KeptVector:
    """A vector float32 [dimension] of length 1, and the key of what it was made from: under one model, equal keys mean
    equal vectors."""

    key: str
    vector: FloatArray = field(compare=False)


@dataclass(frozen=True)
class TextToEncode:
    id: str
    title: str
    body: str
    key: str | None  # of the vector that is stored, None without one

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.body}"


@dataclass(frozen=True)
class VectorIndex:
    name: str
    label: str
    property: str
    dimension: int


def model() -> Read[Model | None]:
    return Read("read/model", {}, lambda rows: Model(**rows[0]) if rows else None)


def texts(kind: str, key: str, after: str, limit: int, until: str | None = None) -> Read[list[TextToEncode]]:
    """What is to be encoded of the things of a kind behind id `after`, up to id `until`, in the order of their ids."""
    return _texts(kind, {"ids": None, "after": after, "until": until, "limit": limit, "key": key})


def end_of_range(kind: str, after: str, size: int) -> Read[tuple[str, int] | None]:
    """The id of the last of the next `size` things of a kind behind id `after`, and how many there are; None behind the
    last."""

    def parse(rows: list[Row]) -> tuple[str, int] | None:
        (row,) = rows
        return (row["until"], row["number"]) if row["number"] else None

    return Read(f"read/end_of_range_{kind}", {"after": after, "size": size}, parse)


def texts_of(kind: str, key: str, ids: list[str]) -> Read[list[TextToEncode]]:
    """What is to be encoded of some things of a kind, in the order of their ids."""
    return _texts(kind, {"ids": ids, "after": "", "until": None, "limit": 0, "key": key})


def _texts(kind: str, parameters: Row) -> Read[list[TextToEncode]]:

    def parse(rows: list[Row]) -> list[TextToEncode]:
        return [
            TextToEncode(r["id"], r["parts"][0] or "", "\n".join(part for part in r["parts"][1:] if part), r["key"])
            for r in rows
        ]

    return Read(f"read/texts_{kind}", parameters, parse)


def vectors(kind: str, model: Model, ids: Sequence[str]) -> Read[dict[str, KeptVector]]:
    """The vectors of some things of a kind, by id."""
    return _vectors(kind, model, {"ids": list(ids), "after": "", "limit": 0}, _kept)


def all_vectors(kind: str, model: Model) -> Steps[dict[str, KeptVector]]:
    """The vectors of all things of a kind, by id."""
    found: dict[str, KeptVector] = {}
    after: str | None = ""
    while after is not None:
        page, after = yield from ask(_page(kind, model, after))
        found |= page
    return found


def _page(kind: str, model: Model, after: str) -> Read[tuple[dict[str, KeptVector], str | None]]:
    """The vectors of the next PAGE things, and the id to go on behind, None at the end."""

    def parse(row: Row) -> tuple[dict[str, KeptVector], str | None]:
        return _kept(row), row["last"] if row["number"] == PAGE else None

    return _vectors(kind, model, {"ids": None, "after": after, "limit": PAGE}, parse)


def _vectors(kind: str, model: Model, which: Row, parse: Callable[[Row], T]) -> Read[T]:
    parameters = {**which, "property": model.property, "key": key_property(model.property)}
    return Read(f"read/vectors_{kind}", parameters, lambda rows: parse(rows[0]))


def _kept(row: Row) -> dict[str, KeptVector]:
    stored = np.asarray(row["vectors"], dtype=np.float32)
    return {thing: KeptVector(key, vector) for thing, key, vector in zip(row["ids"], row["keys"], stored, strict=True)}


def vector_keys(kind: str, model: Model) -> Read[dict[str, str]]:
    """Id to the key of its vector, of all things of a kind (community or question) that have one."""
    parameters = {"property": model.property, "key": key_property(model.property)}
    return Read(f"read/vector_keys_{kind}", parameters, lambda rows: dict(rows[0]["pairs"]))


def key_property(property_name: str) -> str:
    """The property beside a vector's that holds the key of what it was made from."""
    return f"{property_name}_key"


def vector_indexes() -> Read[list[VectorIndex]]:
    return Read("read/vector_indexes", {}, lambda rows: [VectorIndex(**row) for row in rows])


def index_name(property_name: str, kind: str) -> str:
    return f"{property_name}_{kind}"
