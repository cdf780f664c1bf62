"""Reads for the catalogue search: candidates from the full-text indexes, and what is shown of people and skills."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.database import Read, Row

# The indexed fields; a query names no other, whatever a person types.
NAME, TEXT = "search_name", "search_text"


@dataclass(frozen=True)
class Found:
    """A person or a skill as a search shows it. `units` are ids of the unit and all above it."""

    id: str
    name: str
    body: str
    skills: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    unit_names: tuple[str, ...] = ()
    holders: int = 0
    skill_ids: tuple[str, ...] = ()


def fulltext(index: str, terms: Sequence[str], limit: int) -> Read[list[str]]:
    """Ids of things that hold one of the terms, a word that begins with it, or one a slip or two away.

    `terms` must come from `graph.text.tokens`: letters and digits only, so that nothing in them is syntax.
    """
    query = " ".join(_clause(term) for term in terms)
    return Read(
        "read/fulltext",
        {"index": index, "query": query, "limit": limit},
        lambda rows: [row["id"] for row in rows],
    )


def _clause(term: str) -> str:
    ways = [f"{NAME}:{term}^4", f"{TEXT}:{term}^2"]
    if len(term) >= 3:
        ways.append(f"{NAME}:{term}*")
    if len(term) >= 4:  # a slip in a shorter word makes another word
        ways.append(f"{NAME}:{term}~{2 if len(term) >= 8 else 1} {TEXT}:{term}~1")
    return f"({' '.join(ways)})"


def people_found(ids: Sequence[str], today: str) -> Read[list[Found]]:
    """Those of `ids` who have not left before `today`."""

    def parse(rows: list[Row]) -> list[Found]:
        return [
            Found(
                r["id"],
                r["name"],
                "\n".join(part for part in r["parts"] if part),
                tuple(r["skills"]),
                tuple(r["units"]),
                tuple(r["unit_names"]),
                skill_ids=tuple(r["skill_ids"]),
            )
            for r in rows
        ]

    return Read("read/people_found", {"ids": list(ids), "today": today}, parse)


def skills_found(ids: Sequence[str]) -> Read[list[Found]]:
    def parse(rows: list[Row]) -> list[Found]:
        return [
            Found(r["id"], r["name"], "\n".join(part for part in r["parts"] if part), holders=r["holders"])
            for r in rows
        ]

    return Read("read/skills_found", {"ids": list(ids)}, parse)


def holders(skill_ids: Sequence[str], limit: int) -> Read[list[str]]:
    """Ids of people who hold one of the skills, those with the highest level first."""
    return Read("read/holders", {"skills": list(skill_ids), "limit": limit}, lambda rows: [row["id"] for row in rows])
