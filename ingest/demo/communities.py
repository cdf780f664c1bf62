"""Communities of the demo organisation and who belongs: memberships follow unit, skills and interests."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from ingest.demo.layout import Calendar, dice, draw, months, read
from ingest.demo.people import Person

# Beside the unit, each skill and each interest that somebody shares with a community makes them likelier to join.
PER_SKILL = 0.5
PER_INTEREST = 0.7
# Somebody of a unit that the community does not draw from needs two things in common, and stays an exception.
FROM_AFAR = 0.15

# Somebody with as many memberships as they have time for takes another one hardly ever.
BEYOND_QUOTA = 0.03

FORMER_SHARE = 0.1
REJOINED_SHARE = 0.04

# Shares of the declared engagement, in the order of closeness; the rest is peripheral.
CORE, ACTIVE, OCCASIONAL = 0.13, 0.3, 0.33
UNSTATED_ENGAGEMENT = 0.04

NEWCOMERS_WITH_ONE = 0.45
# Nobody joins a community in their very first days.
SETTLING_IN = 5


@dataclass(frozen=True)
class Spell:
    """One membership, in days ago. `quality` says how exactly its beginning is known: day, month, year, unknown."""

    person_id: str
    community_id: str
    joined: int
    left: int | None = None
    engagement: str | None = None
    role: str | None = None
    quality: str = "day"

    def current(self, days_ago: int = 0) -> bool:
        return self.joined >= days_ago and (self.left is None or self.left < days_ago)


def span(community_id: str) -> tuple[int, int]:
    """(first, last) day ago on which something happens in the community; last is 0 for one that goes on."""
    community = read("communities")[community_id]
    last = community.get("retired") or community.get("quiet")
    return months(community["founded"]), months(last) if last else 0


def status(community_id: str) -> str:
    return read("communities")[community_id].get("status", "active")


def affinity(person: Person, community: Mapping[str, Any]) -> float:
    """How likely the person is to join, were there time: 0 is never."""
    units = community["from"]
    unit = 1.0 if units == "everywhere" else units.get(person.unit_id, 0)
    if units == "everywhere":
        return unit
    skills = sum(1 for skill in community["skills"] if skill in person.skills or skill in person.wants)
    interests = sum(1 for topic in community["topics"] if topic in person.interests)
    if unit:
        return unit * (0.4 + PER_SKILL * skills + PER_INTEREST * interests)
    return FROM_AFAR * max(0, skills + interests - 1)


def memberships(everybody: Mapping[str, Person]) -> list[Spell]:
    """All spells, current and former, by community in the order of the file."""
    taken: Counter[str] = Counter()
    current: dict[str, list[str]] = {}
    spells: list[Spell] = []
    for community_id, community in read("communities").items():
        found = _community(community_id, community, everybody, taken, current)
        # Former members count too for who shares with whom in a community that is over.
        over = status(community_id) == "retired"
        current[community_id] = [spell.person_id for spell in found if spell.current() or over]
        taken.update(spell.person_id for spell in found if spell.current())
        spells += found
    return spells + _newcomers(everybody)


def _community(
    community_id: str,
    community: Mapping[str, Any],
    everybody: Mapping[str, Person],
    taken: Counter[str],
    current: Mapping[str, list[str]],
) -> list[Spell]:
    rng = dice("members", community_id)
    first, last = span(community_id)
    told = {
        p.id: p.communities[community_id] for p in everybody.values() if p.communities and community_id in p.communities
    }
    kept_out = set(current.get(community.get("avoids", ""), ()))
    weights: dict[str, float] = {}
    for person in everybody.values():
        fits = person.communities is None and not person.newcomer and person.id not in kept_out
        if fits and person.joined > last + 30 and (person.left is None or person.left < first - 60):
            free = 1.0 if taken[person.id] < person.quota else BEYOND_QUOTA if person.quota else 0.0
            weights[person.id] = affinity(person, community) * free
    gone = {person_id for person_id in weights if everybody[person_id].left is not None}
    staying = {person_id: weight for person_id, weight in weights.items() if person_id not in gone}

    chosen = list(told)
    if "whole" in community:
        unit = community["whole"]
        chosen += [p for p in staying if everybody[p].unit_id == unit]
    for other, share in community.get("shares", {}).items():
        # These people belong to both, however full their week is.
        both = {p: 0.2 + affinity(everybody[p], community) for p in current[other] if p in staying}
        already = sum(1 for person_id in chosen if person_id in current[other])
        chosen += draw(rng, both, round(share * community["size"]) - already)
        staying = {p: weight for p, weight in staying.items() if p not in current[other]}
    rest = {p: weight for p, weight in staying.items() if p not in chosen}
    chosen += draw(rng, rest, community["size"] - len(chosen))

    spells = [_spell(rng, everybody[person_id], community_id, told.get(person_id)) for person_id in chosen]
    over = status(community_id) == "retired"
    if over:
        spells = [replace(spell, left=last) for spell in spells]
    former = {p: weight for p, weight in weights.items() if p not in chosen}
    # Who has left the company is likelier among the former than anybody else.
    former = {p: weight * (6 if p in gone else 1) for p, weight in former.items()}
    for person_id in draw(rng, former, round(FORMER_SHARE * community["size"])):
        spells.append(_former(rng, everybody[person_id], community_id))
    spells += _earlier_spells(rng, spells, everybody, first)
    return _engaged(rng, spells, everybody, community_id, community)


def _spell(rng: Random, person: Person, community_id: str, told: Any) -> Spell:
    first, last = span(community_id)
    if isinstance(told, dict):
        return Spell(person.id, community_id, told["joined_days"], engagement=told["engagement"])
    engagement: str | None = told
    begin = min(first, person.joined - SETTLING_IN)
    joined = max(last + 3, round(last + (begin - last) * rng.betavariate(1.1, 1.0)))
    if engagement == "core":
        joined = max(joined, round(last + 0.8 * (begin - last)))
    return Spell(person.id, community_id, joined, engagement=engagement, quality=_quality(rng, joined, last))


def _quality(rng: Random, joined: int, last: int) -> str:
    """Lists of members are as exact as those who kept them. Where the end of a community counts, days are known."""
    lot = rng.random()
    if last or joined < 200:
        return "day"
    if lot < 0.04:
        return "unknown"
    if lot < 0.07 and joined > 900:
        return "year"
    return "month" if lot < 0.15 else "day"


def _former(rng: Random, person: Person, community_id: str) -> Spell:
    first, last = span(community_id)
    begin = min(first, person.joined - SETTLING_IN)
    end = max(last, person.left or 0)
    joined = round(end + (begin - end) * rng.uniform(0.4, 0.98))
    left = person.left if person.left is not None and rng.random() < 0.7 else round(rng.uniform(end, joined))
    # A membership may have outlived the person's contract in the list, but not begun after its own end.
    return Spell(person.id, community_id, joined, left=min(max(left, person.left or 1), joined))


def _earlier_spells(rng: Random, spells: list[Spell], everybody: Mapping[str, Person], first: int) -> list[Spell]:
    """Some who belong today have been in before, left, and come back."""
    earlier: list[Spell] = []
    for spell in spells:
        room = min(first, everybody[spell.person_id].joined) - spell.joined
        again = spell.left is None and spell.quality == "day" and spell.engagement is None and room > 250
        if again and rng.random() < REJOINED_SHARE:
            earlier.append(replace(spell, joined=spell.joined + 240, left=spell.joined + rng.randint(90, 200)))
    return earlier


def _engaged(
    rng: Random,
    spells: list[Spell],
    everybody: Mapping[str, Person],
    community_id: str,
    community: Mapping[str, Any],
) -> list[Spell]:
    """Declares engagement by closeness to the domain and length of membership, and gives out the roles."""
    close = {
        place: affinity(everybody[spell.person_id], community) * (1 + spell.joined / 1500) * rng.uniform(0.5, 1.5)
        for place, spell in enumerate(spells)
    }
    order = sorted(close, key=lambda place: (spells[place].left is not None, -close[place], place))
    count = sum(1 for spell in spells if spell.left is None) or len(spells)
    levels = dict[int, str | None]()
    for rank, place in enumerate(order):
        share = rank / count
        level = "core" if rank < 2 or share < CORE else "active" if share < CORE + ACTIVE else "occasional"
        levels[place] = level if share < CORE + ACTIVE + OCCASIONAL else "peripheral"
        if level == "occasional" and rng.random() < UNSTATED_ENGAGEMENT:
            levels[place] = None
    roles = _roles(rng, [spells[place] for place in order], count, community)
    return [
        replace(
            spell,
            engagement=spell.engagement or ("core" if spell.person_id in roles else levels[place]),
            role=roles.get(spell.person_id) if spell.left is None or status(community_id) == "retired" else None,
        )
        for place, spell in enumerate(spells)
    ]


def _roles(rng: Random, closest: list[Spell], count: int, community: Mapping[str, Any]) -> dict[str, str]:
    """person id -> role. A community without a lead says so in the file (`leaderless`)."""
    roles: dict[str, str] = {community["lead"]: "lead"} if "lead" in community else {}
    able = [spell.person_id for spell in closest if spell.engagement in (None, "core") and spell.person_id not in roles]
    wanted = [] if "lead" in community or community.get("leaderless") else ["lead"]
    wanted += ["facilitator"] if count >= 12 else []
    wanted += ["co-lead"] if count >= 20 and rng.random() < 0.6 else []
    wanted += ["librarian"] if count >= 24 and rng.random() < 0.5 else []
    roles.update(zip(able, wanted, strict=False))
    return roles


def _newcomers(everybody: Mapping[str, Person]) -> list[Spell]:
    """People of the last three months have found one community at most."""
    spells: list[Spell] = []
    for person in everybody.values():
        rng = dice("newcomer", person.id)
        if not person.newcomer or person.communities is not None or person.joined < 12:
            continue
        if rng.random() > NEWCOMERS_WITH_ONE:
            continue
        fitting = {
            community_id: affinity(person, community)
            for community_id, community in read("communities").items()
            if span(community_id)[1] == 0
            and status(community_id) == "active"
            and community.get("visibility", "open") == "open"
            and community["from"] != "everywhere"
            and "shares" not in community
            and community["size"] > 5
        }
        for community_id in draw(rng, fitting, 1):
            joined = rng.randint(2, person.joined - SETTLING_IN)
            spells.append(Spell(person.id, community_id, joined, engagement=rng.choice(("occasional", "peripheral"))))
    return spells


# --- Rows ---------------------------------------------------------------------------------------------------------


def community_rows(calendar: Calendar) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for community_id, community in read("communities").items():
        practice = read("meetings").get(community_id, {})
        rhythm = practice.get("rhythm") if status(community_id) in ("active", "forming") else None
        row = {
            "id": community_id,
            "name": community["name"],
            "domain": " ".join(community["domain"].split()),
            "kind": community.get("kind", "community of practice"),
            "status": status(community_id),
            "visibility": community.get("visibility", "open"),
            "audience": community.get("audience"),
            "contacts": community.get("contacts") or [f"Chat: #{community_id}"],
            "language": community.get("language", "en"),
            "founded_on": calendar.month(months(community["founded"])),
            "retired_on": calendar.day(months(community["retired"])) if "retired" in community else None,
            "topics": community["topics"],
            "skills": community["skills"],
            "goals": community["goals"],
            # A community that has gone quiet without saying so still announces its meetings.
            "meetings": [_regular(practice["title"], rhythm)] if rhythm else None,
        }
        rows.append({key: value for key, value in row.items() if value})
    return rows


def _regular(title: str, rhythm: Mapping[str, Any]) -> dict[str, str]:
    frequencies = {1: "weekly", 2: "every two weeks", 3: "every three weeks", 4: "every four weeks"}
    return {
        "description": title,
        "frequency": frequencies.get(rhythm["weeks"], f"every {rhythm['weeks']} weeks"),
        "day": rhythm["day"],
        "time": rhythm["time"],
        "tz": "UTC",
    }


def membership_rows(spells: list[Spell], calendar: Calendar) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    written = {"day": calendar.day, "month": calendar.month, "year": calendar.year}
    for spell in spells:
        row = {
            "person_id": spell.person_id,
            "community_id": spell.community_id,
            "engagement": spell.engagement,
            "role": spell.role,
            "joined_on": written[spell.quality](spell.joined) if spell.quality in written else None,
            "left_on": calendar.day(spell.left) if spell.left is not None else None,
        }
        rows.append({key: value for key, value in row.items() if value is not None})
    return rows
