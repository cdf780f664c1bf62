"""A small organisation for the tests of pages: an open community, a restricted one, one that is forming."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served
from tests.ingest.test_jobs import write

ROLES = {"lea": Role.MEMBER, "mia": Role.MEMBER, "sam": Role.MEMBER, "out": Role.MEMBER, "eve": Role.MEMBER,
         "new": Role.MEMBER, "gus": Role.MEMBER, "kim": Role.KNOWLEDGE_MANAGER}  # fmt: skip


def day(ahead: int) -> str:
    return (date.today() + timedelta(days=ahead)).isoformat()


def tables() -> dict[str, list[dict[str, Any]]]:
    return {
        "skills": [{"id": "splicing", "name": "Splicing"}, {"id": "locks", "name": "Locks"}],
        "people": [
            {"id": who, "name": name, "external": who == "eve", "title": "Rigger", "bio": "I splice.",
             "unit_id": "yard", "timezone": "Europe/Oslo", "email": f"{who}@x.example"}
            for who, name in {"lea": "Lea Lead", "mia": "Mia Member", "sam": "Sam Sponsor", "out": "Otto Out",
                              "eve": "Eve External", "kim": "Kim Keeper", "new": "Nia New", "gus": "Gus Gone",
                              "tove-1": "Tove Twin", "tove-2": "Tove Twin"}.items()
        ],
        "org_units": [{"id": "yard", "name": "The Yard"}],
        "person_skills": [{"person_id": "mia", "skill_id": "splicing", "level": 4},
                          {"person_id": "mia", "skill_id": "locks", "wants_to_learn": True}],
        "communities": [
            {"id": "knots", "name": "Knots", "domain": "Splicing ropes and knots for sails.", "audience": "Riggers",
             "skills": ["splicing"], "topics": ["ropes"], "contacts": ["#knots"], "externals_allowed": True},
            {"id": "sails", "name": "Sails", "domain": "Sewing sails, splicing ropes and knots."},
            {"id": "vault", "name": "Qzxv Vault", "domain": "Splicing quokkawood ropes and knots.",
             "visibility": "restricted"},
            {"id": "lamps", "name": "Lamp Guild", "domain": "Lenses and wicks.", "visibility": "listed",
             "contacts": ["#lamps"]},
            {"id": "plan", "name": "Plan of Tar", "domain": "Tar on ropes.", "status": "forming"},
        ],
        "memberships": [
            {"person_id": "lea", "community_id": "knots", "engagement": "core", "role": "lead",
             "joined_on": "2020-01-01"},
            {"person_id": "lea", "community_id": "lamps", "role": "lead", "joined_on": "2020-01-01"},
            {"person_id": "mia", "community_id": "knots", "engagement": "active", "joined_on": day(-10)},
            {"person_id": "eve", "community_id": "knots", "joined_on": "2024-01-01"},
            {"person_id": "new", "community_id": "knots", "joined_on": day(-3)},
            {"person_id": "mia", "community_id": "vault", "engagement": "core", "joined_on": "2021-01-01"},
        ],
        "charters": [{"community_id": "knots", "purpose": "Fewer falls.", "pitch": "Ropes that hold.",
                      "sponsor_id": "sam", "adopted_on": "2024-01-01"}],
        "meetings": [
            {"id": "m-next", "community_id": "knots", "starts_at": f"{day(5)}T10:00", "title": "Rope hour"},
            {"id": "m-past", "community_id": "knots", "starts_at": f"{day(-5)}T10:00", "title": "Old hour",
             "attendee_ids": ["lea"], "summary": "We talked of tar."},
        ],
        "questions": [
            {"id": "q1", "text": "How do ropes age?", "community_id": "knots", "asker_id": "mia", "asked_at": day(-9)},
            {"id": "q2", "text": "Who knows tar?", "community_id": "knots", "asker_id": "mia", "asked_at": day(-8)},
        ],
        "advice": [{"question_id": "q1", "helper_id": "lea", "advised_at": day(-8), "text": "Slowly and in the dark."}],
    }  # fmt: skip


class Browser:
    """Asks for pages and sends forms as somebody, by their key."""

    def __init__(self, database: Database, client: httpx.Client) -> None:
        self.database, self.client = database, client
        self.keys = {
            who: database.write(lambda tx, who=who, role=role: create_key(tx, LOCAL_ADMIN, role, who, None))
            for who, role in ROLES.items()
        }

    def get(self, who: str, path: str, status: int = 200, **headers: str) -> str:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {self.keys[who]}", **headers})
        assert answer.status_code == status, (who, path, answer.status_code, answer.text[-1500:])
        return answer.text

    def send(self, who: str, path: str, status: int = 303, **fields: Any) -> httpx.Response:
        answer = self.client.post(path, data=fields, headers={"Authorization": f"Bearer {self.keys[who]}"})
        assert answer.status_code == status, (who, path, answer.status_code, answer.text[-1500:])
        return answer

    def api(self, who: str, path: str) -> Any:
        return self.client.get(f"/v1{path}", headers={"Authorization": f"Bearer {self.keys[who]}"}).json()


@contextmanager
def browsing(database: Database, folder: Path) -> Iterator[Browser]:
    ingest(database, BundleSource(write(folder / "hr", tables()), "hr"), rejects_folder=folder / "rejects")
    with served(database, auth="keys", person_rate=0, address_rate=0, request_deadline=60, self_erasure=True) as client:
        yield Browser(database, client)


def hidden(page: str, name: str, form: str) -> str:
    """The value of a hidden field of the form that is sent to `form`."""
    return page.split(f'action="{form}"', 1)[1].split(f'name="{name}" value="', 1)[1].split('"', 1)[0]
