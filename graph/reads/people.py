"""Reads about people: one person live, everybody as scoring needs them, and who holds which skill."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from graph.database import Read, Row
from graph.facts import name_key
from graph.models import HeldSkill, Membership, Person, Principal, known_before, lasts
from graph.reads.vectors import PREFIX, Model, key_property


@dataclass(frozen=True, slots=True)
class Colleague:
    """What scoring knows of everybody; '' is an absent unit, manager or date. `help_capacity`: requests for help that
    they take at a time, None where it is not known."""

    id: str
    name: str
    unit_id: str = ""
    manager_id: str = ""
    left_on: str = ""
    recommendable: bool = True
    open_to_help: bool = True
    help_capacity: int | None = None
    help_paused_until: str = ""
    grade: str = ""
    timezone: str = ""
    languages: tuple[str, ...] = ()
    external: bool = False


@dataclass(frozen=True)
class Unit:
    """An organisational unit; '' is an absent description."""

    id: str
    name: str
    description: str = ""
    parent_id: str | None = None


@dataclass(frozen=True)
class UnitDetails:
    """A unit with the name of the one above it and how many people work in it today."""

    id: str
    name: str
    description: str
    parent_id: str | None
    parent: str | None
    people: int


@dataclass(frozen=True)
class SkillHolders:
    """One skill and who holds it, as parallel lists; level 0: not known."""

    skill_id: str
    name: str
    alt_labels: tuple[str, ...]
    person_ids: list[str]
    levels: list[int]


@dataclass(frozen=True)
class Drawn:
    """Who is drawn to a skill, which they want to learn, or (`skill_id` None) to what they call an interest."""

    skill_id: str | None
    name: str
    person_ids: tuple[str, ...]


def person(person_id: str, as_of: str | None, principal: Principal, model: Model | None = None) -> Read[Person | None]:
    """The person with unit, manager, skills, memberships (left ones too) and dismissals, or None.

    In a replay (`as_of` given) dated facts before that day and undated memberships count; engagement, role,
    profile, unit, manager and skills bear no date and are left out. A dismissal counts until its `until` day. With the
    vectors of the skills that they want to learn by `model`, if one is given.
    """
    parameters = {
        "person_id": person_id,
        "viewer_id": principal.person_id,
        "sees_restricted": principal.sees_restricted,
        "property": model.property if model else "",
    }
    return Read("read/person", parameters, lambda rows: _person(rows[0], as_of) if rows else None)


def themselves(ids: list[str], as_of: str | None, model: Model | None = None) -> Read[dict[str, Person]]:
    """The same of several people, by id, each as they see themselves."""

    def parse(rows: list[Row]) -> dict[str, Person]:
        return {found.id: found for found in (_person(row, as_of) for row in rows)}

    return Read("read/people", {"ids": ids, "property": model.property if model else ""}, parse)


def colleagues(ids: list[str]) -> Read[dict[str, Colleague]]:
    """Some people by id, also those who left, for their `left_on` has to be respected."""

    def parse(rows: list[Row]) -> dict[str, Colleague]:
        columns = (
            "ids", "names", "unit_ids", "manager_ids", "left_on", "recommendable", "open_to_help", "help_capacities",
            "help_paused_until", "grades", "timezones", "languages", "externals",
        )  # fmt: skip
        row = rows[0]
        row["help_capacities"] = [None if number < 0 else number for number in row["help_capacities"]]
        row["languages"] = map(tuple, row["languages"])
        return {entry[0]: Colleague(*entry) for entry in zip(*(row[name] for name in columns), strict=True)}

    return Read("read/colleagues", {"ids": ids}, parse)


def unit_names() -> Read[dict[str, str]]:
    """The name of every organisational unit, by id."""
    return Read("read/unit_names", {}, lambda rows: dict(rows[0]["pairs"]))


def units() -> Read[list[Unit]]:
    """Every organisational unit, in the order of ids."""
    return Read("read/org_units", {}, lambda rows: [Unit(**row) for row in rows])


def unit(unit_id: str) -> Read[UnitDetails | None]:
    parameters = {"id": unit_id, "today": date.today().isoformat()}
    return Read("read/org_unit", parameters, lambda rows: UnitDetails(**rows[0]) if rows else None)


def skill_labels() -> Read[list[tuple[str, ...]]]:
    """The names of each skill that has more than one, the preferred one first, in the order of ids."""
    return Read("read/skill_labels", {}, lambda rows: [tuple(row["labels"]) for row in rows])


@dataclass(frozen=True)
class SkillWords:
    """Everything by which a skill is known; `about`: its description, and the names of what is broader."""

    id: str
    name: str
    alt_labels: tuple[str, ...]
    about: tuple[str, ...]


@dataclass(frozen=True)
class OwnWords:
    """What somebody writes of themselves; `known`: skills of which others speak already, or that they want."""

    id: str
    texts: tuple[str, ...]
    known: frozenset[str]


def skill_texts() -> Read[list[SkillWords]]:
    """All skills, in the order of ids."""

    def parse(rows: list[Row]) -> list[SkillWords]:
        return [
            SkillWords(
                r["id"],
                r["name"] or r["id"],
                tuple(r["alt_labels"]),
                tuple(t for t in [r["description"], *r["above"]] if t),
            )
            for r in rows
        ]

    return Read("read/skill_texts", {}, parse)


def own_words(after: str, limit: int, source: str) -> Read[list[OwnWords]]:
    """Of people behind the id `after`. `known` leaves out skills of which `source` alone speaks."""

    def parse(rows: list[Row]) -> list[OwnWords]:
        return [OwnWords(row["id"], tuple(row["texts"]), frozenset(row["known"])) for row in rows]

    return Read("read/own_words", {"after": after, "limit": limit, "source": source}, parse)


def skill_holders(ids: list[str]) -> Read[dict[str, SkillHolders]]:
    """Those of some skills that anybody holds, by id and in its order."""

    def parse(rows: list[Row]) -> dict[str, SkillHolders]:
        return {
            r["skill_id"]: SkillHolders(
                r["skill_id"],
                r["name"] or r["skill_id"],
                tuple(r["alt_labels"]),
                r["person_ids"],
                r["levels"],
            )
            for r in rows
        }

    return Read("read/skill_holders", {"ids": ids}, parse)


def drawn_to(skill_ids: list[str], words: list[str]) -> Read[list[Drawn]]:
    """Who wants to learn each of the skills, and who names each of the `words` among their interests; those of nobody
    are left out."""
    return Read(
        "read/drawn_to", {"skill_ids": skill_ids, "words": sorted({word.lower() for word in words})},
        lambda rows: [Drawn(row["skill_id"], row["name"], tuple(row["person_ids"])) for row in rows],
    )  # fmt: skip


def held_skill_ends(ids: list[str]) -> Read[dict[str, tuple[str, str]]]:
    """Held skill id to (person id, skill id), of those that are there."""

    def parse(rows: list[Row]) -> dict[str, tuple[str, str]]:
        return {row["id"]: (row["person_id"], row["skill_id"]) for row in rows}

    return Read("read/held_skill_ends", {"ids": ids}, parse)


def _person(row: Row, as_of: str | None) -> Person:
    stored: dict[str, Any] = row["person"]
    replay = as_of is not None
    unit: dict[str, Any] = row["unit"] or {}
    memberships: list[Membership] = []
    for entry in row["memberships"]:
        spell = Membership(**entry)
        if not replay:
            memberships.append(spell)
        elif spell.joined_on is None or known_before(spell.joined_on, as_of):
            left = spell.left_on if known_before(spell.left_on, as_of) else None
            memberships.append(Membership(spell.person_id, spell.community_id, None, None, spell.joined_on, left))
    left_on: str | None = stored.get("left_on")
    if replay and not known_before(left_on, as_of):
        left_on = None
    dismissed = tuple(
        entry["community_id"] for entry in row["dismissals"] if _in_force(entry["at"], entry["until"], as_of)
    )
    if replay:
        return Person(
            id=stored["id"],
            name=stored.get("name", stored["id"]),
            joined_on=stored.get("joined_on"),
            left_on=left_on,
            open_to_help=bool(stored.get("open_to_help", True)),
            recommendable=bool(stored.get("recommendable", True)),
            memberships=tuple(memberships),
            dismissed=dismissed,
        )
    return Person(
        id=stored["id"],
        name=stored.get("name", stored["id"]),
        title=stored.get("title"),
        bio=stored.get("bio"),
        interests=tuple(stored.get("interests", ())),
        unit_id=unit.get("id"),
        unit_name=unit.get("name"),
        manager_id=row["manager_id"],
        grade=stored.get("grade"),
        joined_on=stored.get("joined_on"),
        left_on=left_on,
        external=bool(stored.get("external", False)),
        languages=tuple(stored.get("languages", ())),
        timezone=stored.get("timezone"),
        open_to_help=bool(stored.get("open_to_help", True)),
        help_capacity=stored.get("help_capacity"),
        recommendable=bool(stored.get("recommendable", True)),
        help_paused_until=stored.get("help_paused_until"),
        suggestions_paused_until=stored.get("suggestions_paused_until"),
        skills=tuple(HeldSkill(**entry) for entry in row["skills"]),
        wants_to_learn=tuple(HeldSkill(entry["skill_id"], entry["name"]) for entry in row["wanted"]),
        memberships=tuple(memberships),
        dismissed=dismissed,
        vectors={
            name: (stored[key_property(name)], numbers)
            for name, numbers in stored.items()
            if name.startswith(PREFIX) and key_property(name) in stored
        },
        wish_vectors={entry["skill_id"]: entry["vector"] for entry in row["wanted"] if entry["vector"]},
    )


def _in_force(at: str | None, until: str | None, as_of: str | None) -> bool:
    """Whether a dismissal counts on the day `as_of`, or today."""
    if as_of is not None and not known_before(at, as_of):
        return False
    return until is None or lasts(until, as_of or date.today().isoformat())


def dismissed_helpers(person_id: str, as_of: str | None = None) -> Read[frozenset[str]]:
    """The ids of those whom the person does not want suggested as helpers, on the day `as_of` or today."""

    def parse(rows: list[Row]) -> frozenset[str]:
        return frozenset(row["person_id"] for row in rows if _in_force(row["at"], row["until"], as_of))

    return Read("read/helper_dismissals", {"person_id": person_id}, parse)


def skills_named(names: list[str]) -> Read[dict[str, HeldSkill]]:
    """Those of the given ids or names that are skills, each with its skill."""
    keys = {name: name_key(name) for name in names}

    def parse(rows: list[Row]) -> dict[str, HeldSkill]:
        return {row["given"]: HeldSkill(row["skill_id"], row["name"]) for row in rows}

    return Read("read/skills_named", {"names": names, "keys": keys}, parse)
