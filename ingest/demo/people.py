"""Units, skills and people of the demo organisation: who works where, for whom, and what they know."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ingest.demo.layout import Calendar, descending, dice, draw, read, slug

EMAIL_DOMAIN = "halden.example"

# A newcomer is somebody of the last three months.
NEWCOMER_DAYS = 90

# One person leads about so many; a smaller unit is led by its head alone.
SPAN = 9
LARGE_UNIT = 18

# Of those who are not newcomers, nobody has been here for less than this, or longer than that.
SHORTEST, LONGEST = 100, 3900

SHARE_NEWCOMERS = 0.045
SHARE_LEFT = 0.07
SHARE_EXTERNAL = 0.05

# How many communities a person has time for, and how common that is.
QUOTAS = {0: 9, 1: 18, 2: 24, 3: 21, 4: 13, 5: 8, 6: 4, 7: 2, 8: 1}


@dataclass
class Person:
    """Days ago for all times. `communities` is what core.yaml says of the memberships, None where it says nothing."""

    id: str
    name: str
    unit_id: str
    title: str
    joined: int
    culture_language: str | None = None
    site: str = ""
    bio: str | None = None
    left: int | None = None
    manager_id: str | None = None
    head: bool = False
    skills: dict[str, int] = field(default_factory=dict[str, int])
    wants: list[str] = field(default_factory=list[str])
    interests: list[str] = field(default_factory=list[str])
    languages: list[str] = field(default_factory=list[str])
    timezone: str | None = None
    external: bool | None = None
    open_to_help: bool | None = None
    help_capacity: int | None = None
    recommendable: bool | None = None
    grade: str | None = None
    quota: int = 0
    communities: Mapping[str, Any] | None = None

    @property
    def newcomer(self) -> bool:
        return self.joined <= NEWCOMER_DAYS

    def here(self, days_ago: int) -> bool:
        """Whether the person worked here on that day."""
        return self.joined >= days_ago and (self.left is None or self.left < days_ago)


def people() -> dict[str, Person]:
    """Everybody by id, in the order of the units, heads first."""
    core = read("core")
    told = core["people"]
    namer = _Namer({person["name"] for person in told})
    everybody: dict[str, Person] = {}
    for unit in core["units"]:
        members = [_told(person, unit) for person in told if person["unit_id"] == unit["id"]]
        members += _unnamed(unit, unit["size"] - len(members), namer)
        _lead(unit, members)
        everybody.update((person.id, person) for person in members)
    _report_upwards(core["units"], everybody)
    for person in everybody.values():
        _fill(person, core)
    return everybody


def head_of(unit_id: str, everybody: Mapping[str, Person]) -> Person:
    return next(person for person in everybody.values() if person.unit_id == unit_id and person.head)


class _Namer:
    """Pairs first and last names; nobody is called like somebody else, and no two ids are alike."""

    def __init__(self, taken: set[str]) -> None:
        self._ids = {slug(name) for name in taken}

    def name(self, rng: Random, cultures: list[str]) -> tuple[str, str]:
        """A name and the language of those who bear such first names."""
        names = read("names")
        while True:
            # Half of a site's people come from the region, the others from anywhere.
            own = rng.choice(cultures) if rng.random() < 0.6 else rng.choice(sorted(names))
            family = own if rng.random() < 0.9 else rng.choice(sorted(names))
            full = f"{rng.choice(names[own]['first'])} {rng.choice(names[family]['last'])}"
            if slug(full) not in self._ids:
                self._ids.add(slug(full))
                return full, names[own]["language"]


def _told(person: Mapping[str, Any], unit: Mapping[str, Any]) -> Person:
    return Person(
        id=person["id"],
        name=person["name"],
        unit_id=unit["id"],
        title=person["title"],
        bio=" ".join(person["bio"].split()),
        joined=person["joined_days"],
        manager_id=person.get("manager_id"),
        head=unit.get("head") == person["id"],
        skills=dict(person.get("skills", {})),
        wants=list(person.get("wants", [])),
        interests=list(person.get("interests", [])),
        languages=list(person.get("languages", [])),
        timezone=person.get("timezone"),
        open_to_help=person.get("open_to_help"),
        help_capacity=person.get("help_capacity"),
        recommendable=person.get("recommendable"),
        communities=person.get("communities"),
    )


def _unnamed(unit: Mapping[str, Any], count: int, namer: _Namer) -> Iterator[Person]:
    """People whom the story does not need. The unit's bios go to the first ones, the others have none."""
    rng = dice("people", unit["id"])
    bios: list[Any] = read("bios").get(unit["id"], [])
    for place in range(count):
        site = rng.choice(unit["sites"])
        name, language = namer.name(rng, read("core")["sites"][site]["cultures"])
        title, bio, skills = bios[place] if place < len(bios) else (rng.choice(unit["titles"]), None, [])
        newcomer = place > 0 and bio is None and rng.random() < SHARE_NEWCOMERS
        joined = rng.randint(5, NEWCOMER_DAYS - 2) if newcomer else round(rng.triangular(SHORTEST, LONGEST, 700))
        left = None
        if not newcomer and place > 0 and joined > 500 and rng.random() < SHARE_LEFT:
            left = rng.randint(4, min(900, joined - 200))
        yield Person(
            id=slug(name),
            name=name,
            unit_id=unit["id"],
            title=title,
            joined=joined,
            left=left,
            bio=" ".join(bio.split()) if bio else None,
            culture_language=language,
            site=site,
            skills={skill: rng.choice((3, 4, 4, 5)) for skill in skills},
        )


def _lead(unit: Mapping[str, Any], members: list[Person]) -> None:
    """Gives the unit a head and, where it is large, leads of groups between the head and the others."""
    if not any(person.head for person in members):
        # Of those without a bio: a bio tells what somebody does all day, and that is not leading.
        head = max(
            (p for p in members if p.bio is None and p.left is None and p.communities is None), key=lambda p: p.joined
        )
        head.head = True
        head.title = unit["head_title"]
    head = next(person for person in members if person.head)
    members.remove(head)
    members.insert(0, head)
    staff = [person for person in members[1:] if person.manager_id is None]
    leads: list[Person] = []
    if unit["size"] >= LARGE_UNIT:
        able = [person for person in staff if person.left is None and not person.newcomer and person.bio is None]
        able.sort(key=lambda person: (-person.joined, person.id))
        leads = able[: unit["size"] // SPAN]
    rng = dice("groups", unit["id"])
    for person in staff:
        if person in leads:
            person.title = f"{person.title}, Team Lead"
            person.manager_id = head.id
        else:
            person.manager_id = rng.choice(leads or [head]).id


def _report_upwards(units: list[Mapping[str, Any]], everybody: Mapping[str, Person]) -> None:
    for unit in units:
        parent = unit.get("parent_id")
        if parent:
            head_of(unit["id"], everybody).manager_id = head_of(parent, everybody).id


def _fill(person: Person, core: Mapping[str, Any]) -> None:
    """What nobody told of the person: skills, interests, languages and the rest, in keeping with unit and site."""
    rng = dice("person", person.id)
    units = {unit["id"]: unit for unit in core["units"]}
    unit = units[person.unit_id]
    named = person.culture_language is None
    site = core["sites"][person.site or unit["sites"][0]]
    tenure = min(1.0, person.joined / 2500)
    elsewhere = units[rng.choice(sorted(units))]

    if len(person.skills) < 3:
        for skill in draw(rng, descending(unit["skills"]), rng.randint(3, 6)):
            person.skills.setdefault(skill, 1 + round(min(4.0, max(0.0, rng.gauss(1.2 + 2.4 * tenure, 1.0)))))
    if rng.random() < 0.15 and not named:
        person.skills.setdefault(rng.choice(elsewhere["skills"]), rng.randint(1, 3))
    if not person.wants and rng.random() < 0.35:
        other = [skill for skill in (*unit["skills"], *elsewhere["skills"][:4]) if skill not in person.skills]
        person.wants = rng.sample(other, min(len(other), rng.choice((1, 1, 2))))
    if not person.interests and (named or rng.random() < 0.92):
        person.interests = draw(rng, descending(unit["interests"]), rng.randint(2, 4))
        if rng.random() < 0.15:
            person.interests.append(rng.choice(elsewhere["interests"]))
        person.interests = list(dict.fromkeys(person.interests))

    if not person.languages and (named or rng.random() < 0.85):
        spoken = [person.culture_language or site["language"], "English"]
        if rng.random() < 0.6:
            spoken.append(site["language"])
        person.languages = list(dict.fromkeys(spoken))
    person.timezone = person.timezone or (site["timezone"] if rng.random() < 0.93 else None)
    person.grade = f"H{min(9, 2 + round(5 * tenure) + (2 if person.head else 0) + rng.randint(-1, 1))}"
    person.quota = rng.choices(list(QUOTAS), weights=list(QUOTAS.values()))[0]
    if named:
        return
    person.external = True if not person.head and rng.random() < SHARE_EXTERNAL else (False if tenure > 0.2 else None)
    lot = rng.random()
    person.open_to_help = False if lot < 0.08 else None if lot < 0.3 else True
    person.help_capacity = rng.choice((1, 2, 2, 3, 4)) if person.open_to_help and rng.random() < 0.35 else None
    person.recommendable = False if rng.random() < 0.03 else None


# --- Rows ---------------------------------------------------------------------------------------------------------


def unit_rows() -> list[dict[str, Any]]:
    return [
        {key: unit.get(key) for key in ("id", "name", "description", "parent_id") if unit.get(key)}
        for unit in read("core")["units"]
    ]


def goal_rows() -> list[dict[str, Any]]:
    return [dict(goal) for goal in read("core")["goals"]]


def skill_rows() -> list[dict[str, Any]]:
    return [{"id": key, "kind": "skill", **skill} for key, skill in read("skills").items()]


def person_rows(everybody: Mapping[str, Person], calendar: Calendar) -> list[dict[str, Any]]:
    return [_person_row(person, calendar) for person in everybody.values()]


def _person_row(person: Person, calendar: Calendar) -> dict[str, Any]:
    told = {
        "id": person.id,
        "name": person.name,
        "email": f"{person.id}@{EMAIL_DOMAIN}",
        "title": person.title,
        "bio": person.bio,
        "interests": person.interests or None,
        "unit_id": person.unit_id,
        "manager_id": person.manager_id,
        "grade": person.grade,
        "joined_on": _joined_on(person, calendar),
        "left_on": calendar.day(person.left) if person.left is not None else None,
        "external": person.external,
        "languages": person.languages or None,
        "timezone": person.timezone,
        "open_to_help": person.open_to_help,
        "help_capacity": person.help_capacity,
        "recommendable": person.recommendable,
    }
    return {key: value for key, value in told.items() if value is not None}


def _joined_on(person: Person, calendar: Calendar) -> str | None:
    """Personnel records are as they are: older ones often know the month or the year only, a few nothing."""
    lot = dice("joined", person.id).random()
    if person.joined < 1200 or person.culture_language is None or lot > 0.25:
        return calendar.day(calendar.working_day(person.joined))
    return None if lot < 0.04 else calendar.year(person.joined) if lot < 0.1 else calendar.month(person.joined)


def held_rows(everybody: Mapping[str, Person]) -> list[dict[str, Any]]:
    """Skills held and wanted. Some people never said how well they know something."""
    rows: list[dict[str, Any]] = []
    for person in everybody.values():
        rng = dice("levels", person.id)
        for skill, level in person.skills.items():
            row: dict[str, Any] = {"person_id": person.id, "skill_id": skill}
            rows.append(row if person.communities is None and rng.random() < 0.12 else {**row, "level": level})
        rows += [
            {"person_id": person.id, "skill_id": skill, "wants_to_learn": True}
            for skill in person.wants
            if skill not in person.skills
        ]
    return rows
