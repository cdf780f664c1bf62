"""The whole demo organisation, laid out around a day: the same day gives the same rows, another day other dates."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ingest.demo.communities import community_rows, membership_rows, memberships
from ingest.demo.layout import Calendar
from ingest.demo.people import goal_rows, held_rows, people, person_rows, skill_rows, unit_rows
from ingest.demo.practice import (
    agenda_item_rows,
    artifact_rows,
    charter_rows,
    meeting_rows,
    question_and_advice_rows,
)
from ingest.records import RECORDS
from ingest.sources import Row, Table

# The main characters of the tour.
NEWCOMER = "ines-carvalho"
NEWCOMERS_MANAGER = "tomasz-wilk"
NEWCOMERS_QUESTION = "q-icing-offshore-what-did-we-lose-last-winter"
KNOWLEDGE_MANAGER = "amara-okafor"
MEMBER_OF_THREE = "mei-lin-zhang"


def organisation(today: date) -> dict[str, list[dict[str, Any]]]:
    """The rows of each subject of RECORDS, in that order, with all dates relative to `today`."""
    calendar = Calendar(today)
    everybody = people()
    spells = memberships(everybody)
    questions, advice = question_and_advice_rows(everybody, spells, calendar)
    rows = {
        "org_units": unit_rows(),
        "goals": goal_rows(),
        "skills": skill_rows(),
        "people": person_rows(everybody, calendar),
        "person_skills": held_rows(everybody),
        "communities": community_rows(calendar),
        "charters": charter_rows(everybody, calendar),
        "memberships": membership_rows(spells, calendar),
        "meetings": meeting_rows(everybody, spells, calendar),
        "agenda_items": agenda_item_rows(),
        "artifacts": artifact_rows(calendar),
        "questions": questions,
        "advice": advice,
    }
    return {subject: rows[subject] for subject in RECORDS}


@dataclass(frozen=True)
class DemoTable:
    subject: str
    records: tuple[dict[str, Any], ...]

    @property
    def file(self) -> str:
        return f"demo {self.subject}"

    @property
    def size(self) -> int | None:
        return len(self.records)

    def rows(self) -> Iterator[Row]:
        """Rows are numbered by their place, from 1: there is no file that a person could open at a line."""
        return (Row(number, dict(record)) for number, record in enumerate(self.records, start=1))


class DemoSource:
    """The demo organisation as it looks on the day `today`. Made on first use, which takes about a second."""

    def __init__(self, today: date, name: str = "demo") -> None:
        self._today = today
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @cached_property
    def _rows(self) -> dict[str, list[dict[str, Any]]]:
        return organisation(self._today)

    def fingerprint(self) -> str:
        content = json.dumps(self._rows, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def tables(self) -> list[Table]:
        return [DemoTable(subject, tuple(rows)) for subject, rows in self._rows.items()]
