"""A generated organisation of any size, for benchmarks: the same for the same seed.

    python -m tests.bench.large_organisation FOLDER [--communities 10000] [--people 100000] [--memberships 500000]

writes it as an import bundle; benchmarks take `LargeSource` straight into `ingest.jobs.ingest`.

What it is to have in common with a real one: communities have topics, and their texts the words of these beside those
that everybody uses; a few communities are large and most are small; people join what belongs to their topics, and what
their unit is in; units are a tree with a manager each. Nothing in it is anybody's.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ingest.records import RECORDS
from ingest.sources import Row, Table

# ruff: noqa: SIM905  words are easier to read in a line
SUBJECTS = (
    "storage networking security payments logistics welding hydraulics analytics forecasting translation accessibility "
    "procurement robotics casting coatings batteries turbines sensors firmware compilers databases observability "
    "scheduling billing onboarding recruiting training compliance privacy auditing pricing marketing branding research "
    "chemistry optics acoustics thermodynamics metallurgy simulation geometry statistics typography illustration "
    "facilities catering fleet warehousing customs insurance treasury taxation reporting archives libraries agronomy "
    "forestry irrigation surveying cartography meteorology epidemiology nursing pharmacy imaging genetics"
).split()
ASPECTS = (
    "testing safety migration automation governance design maintenance planning modelling quality cost "
    "incidents documentation tooling standards review capacity latency recovery integration monitoring calibration "
    "inspection certification outreach mentoring ethics sustainability prototypes"
).split()
COMMON = (
    "share practice group people together questions meet weekly monthly learn experience project team work problem "
    "solution example guide pattern decision review help support tools method idea case study open discuss improve "
    "build organise members everyone new answer talk session workshop notes"
).split()
SYLLABLES = "ba ce di fo gu ha ki lo mu ne pa qui ro sa te vi wo xa yo zu tra ble cri sto pha gren dal min tor".split()
FIRST = "Ada Bo Chi Dan Eva Fay Gus Hal Ida Jon Kai Lea Max Nia Oli Pia Quin Ray Sol Tea Uma Vic Wes Yan Zoe".split()
LAST = "Abel Berg Cole Dias Eder Falk Gray Holm Igwe Jung Kent Lund Moss Nair Okoro Park Quist Rosa Sato Tran".split()
TITLES = ("Engineer", "Analyst", "Planner", "Technician", "Designer", "Scientist", "Coordinator", "Specialist")
ENGAGEMENTS = ("core", "active", "occasional", "peripheral", None)

TEAM = 50  # people of a unit that has none below it
BRANCHES = 8  # units below a unit
TOPIC_WORDS = 60
TODAY = date(2026, 11, 1)


@dataclass(frozen=True)
class Sizes:
    communities: int = 10_000
    people: int = 100_000
    memberships: int = 500_000
    questions: int = 20_000
    skills: int = 2_000
    topics: int = 400


class Generator:
    def __init__(self, sizes: Sizes, seed: int) -> None:
        self.sizes = sizes
        self.random = np.random.default_rng(seed)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of each subject of RECORDS that the organisation has."""
        self._topics()
        found = {"org_units": self._units(), "skills": self._skills()}
        found["communities"] = self._communities()
        found["people"] = self._people()
        found["person_skills"] = self._person_skills()
        found["memberships"] = self._memberships()
        found["questions"], found["advice"] = self._questions()
        return {subject: found[subject] for subject in RECORDS if subject in found}

    def _topics(self) -> None:
        """Each topic: a name, and words of its own of which the first are the most in use."""
        random, number = self.random, self.sizes.topics
        self.topic_names = [
            f"{ASPECTS[topic // len(SUBJECTS) % len(ASPECTS)]} {SUBJECTS[topic % len(SUBJECTS)]}"
            for topic in range(number)
        ]
        syllables = np.array(SYLLABLES)
        drawn = random.integers(len(syllables), size=(number, TOPIC_WORDS, 4))
        lengths = random.integers(2, 5, size=(number, TOPIC_WORDS))
        self.topic_words = [
            [*name.split(), *("".join(syllables[one[:size]]) for one, size in zip(words, sizes, strict=True))]
            for name, words, sizes in zip(self.topic_names, drawn, lengths, strict=True)
        ]
        self.weights = 1 / np.arange(1, TOPIC_WORDS + 3)
        self.weights /= self.weights.sum()

    def _text(self, topic: int, words: int) -> str:
        """Six words in ten of the topic's, the others of those that everybody uses."""
        own = self.topic_words[topic]
        mine = self.random.choice(len(own), size=words, p=self.weights)
        others = self.random.integers(len(COMMON), size=words)
        of_topic = self.random.random(words) < 0.6
        return " ".join(own[m] if topical else COMMON[o] for m, o, topical in zip(mine, others, of_topic, strict=True))

    def _day(self, first_year: int = 2015) -> str:
        days = (TODAY - date(first_year, 1, 1)).days
        # More of late than of old, as in a place that grows.
        return (TODAY - timedelta(days=int(days * self.random.random() ** 1.5))).isoformat()

    def _units(self) -> list[dict[str, Any]]:
        teams = -(-self.sizes.people // TEAM)
        rows = [{"id": f"u{unit}", "name": f"Unit {unit}"} for unit in range(self._unit_count(teams))]
        for unit in range(1, len(rows)):
            rows[unit]["parent_id"] = f"u{(unit - 1) // BRANCHES}"
        self.units = len(rows)
        return rows

    def _unit_count(self, leaves: int) -> int:
        return -(-leaves * BRANCHES // (BRANCHES - 1))

    def _skills(self) -> list[dict[str, Any]]:
        self.skill_topic = self.random.integers(self.sizes.topics, size=self.sizes.skills)
        rows: list[dict[str, Any]] = []
        for skill, topic in enumerate(self.skill_topic.tolist()):
            word = self.topic_words[topic][2 + skill % TOPIC_WORDS]
            row: dict[str, Any] = {"id": f"s{skill}", "name": f"{word} {SUBJECTS[topic % len(SUBJECTS)]} {skill}"}
            if skill >= 100:
                row["broader_ids"] = [f"s{skill % 100}"]
            rows.append(row)
        self.skills_of_topic = [np.flatnonzero(self.skill_topic == topic) for topic in range(self.sizes.topics)]
        return rows

    def _communities(self) -> list[dict[str, Any]]:
        random, number = self.random, self.sizes.communities
        self.community_topic = random.integers(self.sizes.topics, size=number)
        chance = random.random(number)
        rows: list[dict[str, Any]] = []
        for community, topic in enumerate(self.community_topic.tolist()):
            words = self.topic_words[topic]
            state = chance[community]
            covered = self.skills_of_topic[topic][: int(random.integers(5))]
            rows.append(
                {
                    "id": f"c{community:05d}",
                    "name": f"{words[2 + community % 20]} {self.topic_names[topic]} {community}",
                    "domain": self._text(topic, int(random.integers(40, 90))),
                    "topics": [self.topic_names[topic]],
                    "status": "retired" if state < 0.03 else "proposed" if state < 0.04 else "active",
                    "visibility": "restricted" if 0.04 <= state < 0.06 else "open",
                    "skills": [f"s{skill}" for skill in covered],
                    "founded_on": self._day(2010),
                }
            )
        # A few are large, most are small.
        order = random.permutation(number)
        self.popularity = 1 / (10 + order.astype(np.float64)) ** 0.8
        self.of_topic = [np.flatnonzero(self.community_topic == topic) for topic in range(self.sizes.topics)]
        return rows

    def _people(self) -> list[dict[str, Any]]:
        random, number = self.random, self.sizes.people
        self.unit = random.integers(self.units, size=number)
        self.interest = random.integers(self.sizes.topics, size=(number, 3))
        # A unit has a trade: most of its people care for its topic.
        trade = random.integers(self.sizes.topics, size=self.units)
        alike = random.random(number) < 0.7
        self.interest[alike, 0] = trade[self.unit[alike]]
        first: dict[int, int] = {}
        for person, unit in enumerate(self.unit.tolist()):
            first.setdefault(unit, person)
        rows: list[dict[str, Any]] = []
        for person, unit in enumerate(self.unit.tolist()):
            boss = first[unit]
            above = unit
            while boss == person and above > 0:
                above = (above - 1) // BRANCHES
                boss = first.get(above, person)
            topic = int(self.interest[person, 0])
            row: dict[str, Any] = {
                "id": f"p{person:06d}",
                "name": f"{FIRST[person % len(FIRST)]} {LAST[person // len(FIRST) % len(LAST)]} {person}",
                "title": TITLES[person % len(TITLES)],
                "bio": self._text(topic, int(random.integers(8, 30))),
                "interests": [self.topic_names[int(one)] for one in self.interest[person, 1:]],
                "unit_id": f"u{unit}",
                "joined_on": self._day(2005),
            }
            if boss != person:
                row["manager_id"] = f"p{boss:06d}"
            if person % 50 == 7:
                row["open_to_help"] = False
            rows.append(row)
        return rows

    def _person_skills(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for person in range(self.sizes.people):
            known = self.skills_of_topic[int(self.interest[person, 0])]
            drawn = set(self.random.integers(self.sizes.skills, size=2).tolist())
            if len(known):
                drawn.add(int(known[int(self.random.integers(len(known)))]))
            for place, skill in enumerate(sorted(drawn)):
                row: dict[str, Any] = {"person_id": f"p{person:06d}", "skill_id": f"s{skill}"}
                rows.append(row | ({"wants_to_learn": True} if place == 2 else {"level": 1 + (person + skill) % 5}))
        return rows

    def _memberships(self) -> list[dict[str, Any]]:
        random, sizes = self.random, self.sizes
        overall = self.popularity / self.popularity.sum()
        shares = [self.popularity[rows] for rows in self.of_topic]
        by_topic = [share / share.sum() if len(share) else None for share in shares]
        mean = sizes.memberships / sizes.people
        # Some are in none, some in dozens.
        wanted = random.geometric(1 / (mean * 1.2 + 1), size=sizes.people) - 1
        held: list[set[int]] = []
        total = 0
        for person, number in enumerate(wanted.tolist()):
            mine: set[int] = set()
            for topic in random.choice(self.interest[person], size=number).tolist():
                rows, chances = self.of_topic[topic], by_topic[topic]
                if chances is not None and random.random() < 0.8:
                    mine.add(int(rows[int(random.choice(len(rows), p=chances))]))
            held.append(mine)
            total += len(mine)
        # The rest goes where the many are, as in a company that tells everybody of its large communities.
        while total < sizes.memberships:
            people = random.integers(sizes.people, size=sizes.memberships - total).tolist()
            chosen = random.choice(sizes.communities, size=len(people), p=overall).tolist()
            for person, community in zip(people, chosen, strict=True):
                if total < sizes.memberships and community not in held[person]:
                    held[person].add(community)
                    total += 1
        self.members: list[list[int]] = [[] for _ in range(sizes.communities)]
        rows_out: list[dict[str, Any]] = []
        levels = random.choice(len(ENGAGEMENTS), size=total + sizes.people, p=[0.05, 0.2, 0.3, 0.15, 0.3]).tolist()
        for person, mine in enumerate(held):
            for community in sorted(mine):
                row: dict[str, Any] = {"person_id": f"p{person:06d}", "community_id": f"c{community:05d}"}
                row["joined_on"] = self._day()
                level = ENGAGEMENTS[levels[len(rows_out)]]
                if level:
                    row["engagement"] = level
                if len(self.members[community]) < 2:
                    row["role"] = "lead"
                elif random.random() < 0.06:
                    row["left_on"] = TODAY.isoformat()
                self.members[community].append(person)
                rows_out.append(row)
                if len(rows_out) == sizes.memberships:
                    return rows_out
        return rows_out

    def _questions(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        random = self.random
        busy = np.flatnonzero(np.array([len(one) for one in self.members]) >= 3)
        sizes = np.array([len(self.members[row]) for row in busy], dtype=np.float64)
        questions: list[dict[str, Any]] = []
        advice: list[dict[str, Any]] = []
        if not len(busy):
            return questions, advice
        chosen = random.choice(busy, size=self.sizes.questions, p=sizes / sizes.sum())
        for number, community in enumerate(chosen.tolist()):
            members = self.members[community]
            asker = members[int(random.integers(len(members)))]
            day = self._day()
            text = self._text(int(self.community_topic[community]), int(random.integers(12, 30)))
            row: dict[str, Any] = {
                "id": f"q{number}", "text": text, "title": " ".join(text.split()[:6]),
                "community_id": f"c{community:05d}", "asker_id": f"p{asker:06d}", "asked_at": day,
            }  # fmt: skip
            if number % 50 == 3:
                row["private"] = True
            questions.append(row)
            # The same few of a community answer most.
            helpers = {members[int(len(members) * random.random() ** 3)] for _ in range(int(random.integers(1, 4)))}
            advice += [
                {"question_id": f"q{number}", "helper_id": f"p{helper:06d}", "advised_at": day}
                for helper in sorted(helpers - {asker})
            ]
        return questions, advice


@dataclass(frozen=True)
class LargeTable:
    subject: str
    records: list[dict[str, Any]]

    @property
    def file(self) -> str:
        return f"generated {self.subject}"

    @property
    def size(self) -> int | None:
        return len(self.records)

    def rows(self) -> Iterator[Row]:
        return (Row(number, dict(record)) for number, record in enumerate(self.records, start=1))


class LargeSource:
    """The organisation as something to ingest. It is made on first use."""

    name = "generated"

    def __init__(self, sizes: Sizes | None = None, seed: int = 1) -> None:
        self.sizes, self.seed = sizes or Sizes(), seed

    @cached_property
    def rows(self) -> dict[str, list[dict[str, Any]]]:
        return Generator(self.sizes, self.seed).rows()

    def fingerprint(self) -> str:
        return hashlib.sha256(f"{self.sizes} {self.seed}".encode()).hexdigest()

    def tables(self) -> list[Table]:
        return [LargeTable(subject, rows) for subject, rows in self.rows.items()]

    def write_bundle(self, folder: Path) -> None:
        for subject, rows in self.rows.items():
            with (folder / f"{subject}.jsonl").open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in rows)


def add_sizes(parser: argparse.ArgumentParser) -> None:
    for name in ("communities", "people", "memberships", "questions"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Sizes(), name))
    parser.add_argument("--seed", type=int, default=1)


def source_of(asked: argparse.Namespace) -> LargeSource:
    sizes = Sizes(asked.communities, asked.people, asked.memberships, asked.questions)
    return LargeSource(sizes, asked.seed)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    add_sizes(parser)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    source = source_of(asked)
    source.write_bundle(asked.folder)
    for subject, rows in source.rows.items():
        print(f"{subject}: {len(rows):,}")


if __name__ == "__main__":
    main()
