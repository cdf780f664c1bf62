"""Which embedding model is in use, which texts there are to encode, and the vectors stored."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from graph.database import Read, Row, Steps
from graph.reads.pages import of_all

FloatArray = NDArray[np.float32]

# How the properties begin that hold vectors; what follows names the model.
PREFIX = "vector_"

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


def texts_of(kind: str, key: str, ids: list[str]) -> Read[list[TextToEncode]]:
    """What is to be encoded of some things of a kind, in the order of their ids."""
    return _texts(kind, {"ids": ids, "after": "", "until": None, "limit": 0, "key": key})


def profiles(ids: list[str]) -> Read[dict[str, str]]:
    """The texts that are encoded of some people, by id, of those who have one."""
    stored = texts_of("person", "", ids)

    def parse(rows: list[Row]) -> dict[str, str]:
        return {one.id: one.text for one in stored.parse(rows) if one.text.strip()}

    return Read(stored.name, stored.parameters, parse)


def _texts(kind: str, parameters: Row) -> Read[list[TextToEncode]]:

    def parse(rows: list[Row]) -> list[TextToEncode]:
        return [
            TextToEncode(r["id"], r["parts"][0] or "", "\n".join(part for part in r["parts"][1:] if part), r["key"])
            for r in rows
        ]

    return Read(f"read/texts_{kind}", parameters, parse)


def vectors(kind: str, model: Model, ids: list[str]) -> Read[dict[str, KeptVector]]:
    """The vectors of some things of a kind, by id."""

    def parse(rows: list[Row]) -> dict[str, KeptVector]:
        row = rows[0]
        stored = np.asarray(row["vectors"], dtype=np.float32)
        found = zip(row["ids"], row["keys"], stored, strict=True)
        return {thing: KeptVector(key, vector) for thing, key, vector in found}

    parameters = {"ids": ids, "property": model.property, "key": key_property(model.property)}
    return Read(f"read/vectors_{kind}", parameters, parse)


def all_vectors(kind: str, model: Model) -> Steps[dict[str, KeptVector]]:
    """The vectors of all things of a kind, by id."""
    return of_all(kind, partial(vectors, kind, model))


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
