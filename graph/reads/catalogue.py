"""Reads for the catalogue search: people and skills that may be meant, and what is shown and scored of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from graph.database import Read, Row
from graph.facts import name_key
from graph.reads.vectors import index_name

# The indexed fields; a query names no other, whatever a person types.
NAME, TEXT = "search_name", "search_text"

# Things that full-text and vector indexes find.
FoundKind = Literal["person", "skill"]


@dataclass(frozen=True)
class Found:
    """A person or a skill as a search shows and scores it.

    `name_key` is what the name is compared and sorted by; `name_words` and `words` are the tokens of the name and of
    everything, names of skills included; `skills` is name by id; `units` are ids of the unit and all above it.
    """

    id: str
    name: str
    name_key: str
    body: str
    name_words: frozenset[str]
    words: frozenset[str]
    skills: Mapping[str, str] = field(default_factory=dict[str, str])
    units: tuple[str, ...] = ()
    unit_names: tuple[str, ...] = ()
    holders: int = 0


@dataclass(frozen=True)
class Near:
    """What candidates are to be near in meaning to: a vector of the model whose vectors are under `property`."""

    property: str
    vector: Sequence[float]


def find(
    kinds: Collection[FoundKind], terms: Sequence[str], near: Near | None, limit: int, nearest: int, today: str
) -> Read[dict[FoundKind, dict[str, float]]]:
    """By kind what may be meant, the cosine of each by id, 0 where it is not among the nearest.

    That is of each of the kinds up to `limit` whose text holds one of the terms, a word that begins with it, or one a
    slip or two away, and the `nearest` in meaning, approximately; and up to `limit` people who hold a skill of such a
    name. People who left before `today` are left out.

    `terms` must come from `graph.text.tokens`: letters and digits only, so that nothing in them is syntax.
    """
    query = " ".join(_clause(term) for term in terms)
    vectors: list[Row] = []
    if near:
        people, skills = index_name(near.property, "person"), index_name(near.property, "skill")
        vectors.append({
            "property": near.property, "person_index": people, "skill_index": skills, "vector": list(near.vector)
        })  # fmt: skip
    parameters = {
        "person_queries": [query] if "person" in kinds else [], "skill_queries": [query] if "skill" in kinds else [],
        "near": vectors, "limit": limit, "nearest": nearest, "today": today,
    }  # fmt: skip

    def parse(rows: list[Row]) -> dict[FoundKind, dict[str, float]]:
        return {"person": dict(rows[0]["people"]), "skill": dict(rows[0]["skills"])}

    return Read("read/find_things", parameters, parse)


def found(kind: FoundKind, ids: Sequence[str]) -> Read[list[Found]]:
    """Those of these ids that are there; skills with the number of people who hold them."""
    name = "read/found_people" if kind == "person" else "read/found_skills"
    return Read(name, {"ids": list(ids)}, lambda rows: [_found(row) for row in rows[0]["found"]])


def _found(row: Row) -> Found:
    skills: list[tuple[str, str, str]] = row.get("skills", [])
    name = frozenset((row["search_name"] or "").split())
    held = " ".join(words for _, _, words in skills if words)
    return Found(
        row["id"],
        row["name"],
        name_key(row["name"]),
        "\n".join(part for part in row["parts"] if part),
        name,
        name.union((row["search_text"] or "").split(), held.split()),
        {key: name for key, name, _ in skills},
        tuple(row.get("units", ())),
        tuple(row.get("unit_names", ())),
        row.get("holders", 0),
    )


def _clause(term: str) -> str:
    ways = [f"{NAME}:{term}^4", f"{TEXT}:{term}^2"]
    if len(term) >= 3:
        ways.append(f"{NAME}:{term}*")
    if len(term) >= 4:  # a slip in a shorter word makes another word
        ways.append(f"{NAME}:{term}~{2 if len(term) >= 8 else 1} {TEXT}:{term}~1")
    return f"({' '.join(ways)})"
