"""The communities of one organisation, ready to be searched."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from graph.database import Steps
from graph.facts import name_key
from graph.models import Community, Principal, Role
from graph.reads import communities as community_reads
from graph.reads import vectors as vector_reads
from graph.reads.pages import of_all, of_some
from graph.reads.vectors import KeptVector, Model
from graph.text import tokens
from matcher.lexical import LexicalIndex, claimed, index_of, terms

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

# What a process holds is of the whole organisation; what somebody may see of it is masked in each answer.
HOLDS_ALL = Principal(role=Role.ADMIN)


@dataclass(frozen=True)
class Values:
    """What rows say of one thing, any number of values each: entry i is of row `row[i]` and says `names[code[i]]`."""

    names: tuple[str, ...]
    row: IntArray
    code: IntArray

    @classmethod
    def of(cls, said: Iterable[Sequence[str]]) -> "Values":
        """`said` by row."""
        codes: dict[str, int] = {}
        rows: list[int] = []
        found: list[int] = []
        for row, values in enumerate(said):
            for value in values:
                rows.append(row)
                found.append(codes.setdefault(value, len(codes)))
        return cls(tuple(codes), np.array(rows, dtype=np.int32), np.array(found, dtype=np.int32))

    def counts(self, chosen: BoolArray, most: int | None = None) -> dict[str, int]:
        """How many of the chosen rows (bool [rows]) say each value, those that most do first; `most` so many values."""
        numbers = np.bincount(self.code[chosen[self.row]], minlength=len(self.names)).tolist()
        ordered = sorted(zip(self.names, numbers, strict=True), key=lambda one: (-one[1], one[0]))
        return {name: number for name, number in ordered[:most] if number}


@dataclass(frozen=True)
class Catalogue:
    """All communities, restricted ones too, each a row of the arrays: `vectors` float32 [communities, dimension] with
    rows of length 1 (zero where there is none) or None; `restricted` and `retired` bool [communities].

    `named` gives the rows whose name holds a term, `name_sizes` int32 [communities] how many terms a name has, `keys`
    the form of each name by which two spellings are one, `by_name` int32 [communities] the rows in the order of these;
    `statuses` and `topics` what searches count hits by.
    A name counts twice in the lexical index: it says what the rest is about.
    """

    communities: tuple[Community, ...]
    lexical: LexicalIndex
    named: Mapping[str, list[int]]
    name_sizes: IntArray
    keys: tuple[str, ...]
    by_name: IntArray
    restricted: BoolArray
    retired: BoolArray
    statuses: Values
    topics: Values
    vectors: FloatArray | None

    @classmethod
    def of(
        cls,
        communities: Iterable[Community],
        stored: Mapping[str, KeptVector] | None,
        before: "Catalogue | None" = None,
    ) -> "Catalogue":
        """The catalogue of communities with their vectors by id. Texts that the catalogue `before` holds are not cut
        again."""
        rows = tuple(communities)
        vectors = stacked([community.id for community in rows], stored)
        if before is not None and rows == before.communities:
            same = vectors is not None and before.vectors is not None and np.array_equal(vectors, before.vectors)
            return replace(before, communities=rows, vectors=before.vectors if same else vectors)
        names = [name_terms(tokens(community.name)) for community in rows]
        named: dict[str, list[int]] = {}
        for row, name in enumerate(names):
            for term in name:
                named.setdefault(term, []).append(row)
        keys = tuple(name_key(community.name) for community in rows)
        return cls(
            communities=rows,
            lexical=index_of(rows, _words, (before.communities, before.lexical) if before else None),
            named=named,
            name_sizes=np.array([len(name) for name in names], dtype=np.int32),
            keys=keys,
            by_name=np.array(sorted(range(len(rows)), key=lambda row: (keys[row], rows[row].id)), dtype=np.int32),
            restricted=np.array([community.visibility == "restricted" for community in rows], dtype=np.bool_),
            retired=np.array([community.status == "retired" for community in rows], dtype=np.bool_),
            statuses=Values.of([community.status] if community.status else [] for community in rows),
            topics=Values.of(community.topics for community in rows),
            vectors=vectors,
        )

    def called(self, key: str) -> IntArray:
        """The rows of the communities whose name has this form (`keys`)."""

        def form(row: int) -> str:
            return self.keys[row]

        return self.by_name[bisect_left(self.by_name, key, key=form) : bisect_right(self.by_name, key, key=form)]

    def ordered(self, chosen: BoolArray) -> list[int]:
        """The rows that are chosen (bool [communities]), in the order of names."""
        return self.by_name[chosen[self.by_name]].tolist()


def build(model: Model | None, as_of: str | None = None) -> Steps[Catalogue]:
    """The catalogue that the database holds, with the vectors of `model`."""
    found = yield from of_all("community", partial(community_reads.communities, as_of, HOLDS_ALL))
    stored = (yield from of_some(found, partial(vector_reads.vectors, "community", model))) if model else None
    return Catalogue.of(found.values(), stored)


def name_terms(name: Sequence[str]) -> frozenset[str]:
    """The terms of a name given as tokens; all its tokens where it has none, like `IT` or `Who is who`."""
    return frozenset(terms(name) or name)


def stacked(ids: Sequence[str], stored: Mapping[str, KeptVector] | None) -> FloatArray | None:
    """The vectors of things as rows, zero for those that have none; None where nothing has any."""
    if not stored or not ids:
        return None
    dimension = len(next(iter(stored.values())).vector)
    rows = np.zeros((len(ids), dimension), dtype=np.float32)
    for row, thing in enumerate(ids):
        if thing in stored:
            rows[row] = stored[thing].vector
    return rows


def _words(community: Community) -> list[str]:
    name = tokens(community.name)
    rest = " ".join((*community.topics, community.audience or "", *community.charter))
    own = " ".join(text for term in community.glossary for text in term)
    return [*name, *name, *tokens(claimed(community.domain)), *tokens(rest), *tokens(own)]
