"""A small organisation in which everybody stands somewhere else, and everything exists twice: open and restricted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from graph.database import Database, Transaction
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.serving import served, wait_until
from tests.ingest.test_jobs import write

# By what they are to the communities (the restricted ones too), and their role in the service.
PEOPLE = {
    "outsider": Role.MEMBER,  # of another organisation, and in nothing
    "other": Role.MEMBER,  # of the organisation, and in none of these communities
    "member": Role.MEMBER,
    "core": Role.MEMBER,
    "lead": Role.MEMBER,
    "sponsor": Role.MEMBER,
    "manager": Role.KNOWLEDGE_MANAGER,
    "admin": Role.ADMIN,
}
INSIDE = ("member", "core", "lead", "sponsor")

OPEN, HIDDEN = "weaving", "vault-qzxv"
PLANS = {OPEN: "weaving-plan", HIDDEN: "vault-plan-qzxv"}

# Words that stand nowhere but in what is restricted, in what two people told each other, and in what is one's own.
RESTRICTED = ("zirconium", "quokkawood", "xylocanary", "marmalade", "qzxv")
PRIVATE = ("gallimaufry", "borborygmus", "kerfuffle")
PERSONAL = ("widdershins",)

TODAY = date.today()


def day(ahead: int) -> str:
    return (TODAY + timedelta(days=ahead)).isoformat()


def tables() -> dict[str, list[dict[str, Any]]]:
    roles: dict[str, dict[str, Any]] = {"member": {}, "core": {"engagement": "core"}, "lead": {"role": "lead"}}
    here = [OPEN, HIDDEN, *PLANS.values()]
    secret = "Quokkawood vaults, and marmalade in them, how to build and keep them."
    plain = "Weaving ropes for sails and cranes, and how to splice them."
    restricted = {"visibility": "restricted", "topics": ["xylocanary"]}
    return {
        "org_units": [{"id": "u1", "name": "Yard"}],
        "goals": [{"id": "g1", "name": "Fewer stops"}],
        "skills": [{"id": "s1", "name": "Splicing"}, {"id": "s2", "name": "Locks"}],
        "people": [
            {
                "id": who, "name": who.title(), "email": f"{who}@x.example", "unit_id": "u1", "grade": "G1",
                "bio": "I splice ropes.", "external": who == "outsider", "joined_on": "2015-01-01",
            }
            for who in [*PEOPLE, "helper", "asked", "guest"]
        ],
        "person_skills": [
            {"person_id": who, "skill_id": skill, "level": level, "wants_to_learn": level is None}
            for who in PEOPLE for skill, level in (("s1", 3), ("s2", None))
        ],
        "communities": [
            {"id": OPEN, "name": "Weaving", "domain": plain, "skills": ["s1"], "goals": ["g1"], "status": "active",
             "externals_allowed": True},
            {"id": "splicing", "name": "Splicing Ropes", "domain": plain, "skills": ["s1"], "status": "active"},
            {"id": HIDDEN, "name": "Zirconium Vault", "domain": secret, "skills": ["s1", "s2"], "goals": ["g1"],
             "status": "active", "externals_allowed": True, **restricted},
            {"id": PLANS[OPEN], "name": "Weaving Plan", "domain": plain, "status": "proposed"},
            {"id": PLANS[HIDDEN], "name": "Zirconium Plan", "domain": secret, "status": "proposed", **restricted},
        ],
        "charters": [
            {"community_id": one, "purpose": "Keep what we know together.", "sponsor_id": "sponsor",
             "vision": "Marmalade" if one == HIDDEN else "Ropes", "adopted_on": "2024-01-01"}
            for one in here
        ],
        "memberships": [
            {"person_id": who, "community_id": one, "joined_on": day(-10), **given}
            for one in here for who, given in {**roles, "helper": {}}.items()
        ],
        "meetings": [
            {"id": f"m-{when}-{one}", "community_id": one, "starts_at": f"{day(at)}T10:00", "title": f"{word} meeting",
             "facilitator_id": "core", "agenda": [f"{word} agenda"],
             **({"attendee_ids": ["core", "member"], "summary": f"{word} was talked about."} if at < 0 else {})}
            for one, word in ((OPEN, "Rope"), (HIDDEN, "Marmalade")) for when, at in (("past", -5), ("next", 5))
        ],
        "questions": [
            {"id": "q-open", "text": "How do ropes age?", "community_id": OPEN, "asker_id": "member",
             "asked_at": day(-9)},
            {"id": "q-hidden", "text": "How does quokkawood age?", "community_id": HIDDEN, "asker_id": "member",
             "asked_at": day(-9)},
            {"id": "q-private", "text": "Gallimaufry of ropes, please?", "community_id": OPEN, "asker_id": "member",
             "asked_at": day(-9), "private": True},
        ],
        "advice": [
            {"question_id": "q-open", "helper_id": "core", "advised_at": day(-8), "text": "Slowly.",
             "outcome": "worked"},
            {"question_id": "q-hidden", "helper_id": "core", "advised_at": day(-8), "text": "Marmalade."},
            {"question_id": "q-private", "helper_id": "core", "advised_at": day(-8), "text": "Borborygmus."},
        ],
    }  # fmt: skip


@dataclass
class Organisation:
    """The service on it. `ids`: what was made, by community and kind of thing; `writes_stay` False: what is written is
    answered, and then rolled back, so that every request meets the organisation as it was."""

    database: Database
    client: httpx.Client
    keys: dict[str, str]
    ids: dict[str, dict[str, str]] = field(default_factory=dict)

    def ask(self, who: str | None, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {"If-Match": "*", **headers}
        if who is not None:
            given["Authorization"] = f"Bearer {self.keys[who]}"
        return self.client.request(method, path, json=body, headers=given)

    def done(self, who: str, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(who, method, path, body)
        assert answer.status_code < 300, (who, method, path, answer.text)
        return answer.json() if answer.content else None


@contextmanager
def inhabited(database: Database, folder: Path, **settings: Any) -> Iterator[Organisation]:
    """Served, after everybody has done all that they do."""
    keys = stored(database, folder)
    with served(database, **settings) as client:
        found = Organisation(database, client, keys)
        lived_in(found)
        revision = found.done("admin", "GET", "/v1/events?limit=1")["revision"]
        wait_until(lambda: client.get("/health/ready").json()["revision"] == revision)
        yield found


def stored(database: Database, folder: Path) -> dict[str, str]:
    """Writes it into the graph; a key by everybody's name."""
    ingest(database, BundleSource(write(folder / "hr", tables()), "hr"), rejects_folder=folder / "rejects")
    keys = {
        who: database.write(lambda tx, who=who, role=role: create_key(tx, LOCAL_ADMIN, role, who, None))
        for who, role in PEOPLE.items()
    }
    for who in ("helper", "asked", "guest"):
        keys[who] = database.write(lambda tx, who=who: create_key(tx, LOCAL_ADMIN, Role.MEMBER, who, None))
    keys["reader"] = database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.ADMIN, "admin", None, reads_only=True))
    return keys


def lived_in(there: Organisation) -> None:
    """Everything that people do, done once in the open community and once in the restricted one."""
    for one, word in ((OPEN, "Rope"), (HIDDEN, "Marmalade")):
        plan, base = PLANS[one], f"/v1/communities/{one}"
        made: dict[str, str] = {"community_id": one, "plan_id": plan}
        charter = {"charter": {"purpose": f"{word} for all", "vision": f"{word} ever after"}, "comment": word}
        there.done("lead", "PUT", f"{base}/charter", charter)
        objection = {"stance": "objects", "version": 2, "text": f"{word} is much."}
        there.done("core", "PUT", f"{base}/charter/alignment", objection)
        objections = there.done("core", "GET", f"{base}/charter/objections")["results"]
        made["objection_id"] = objections[0]["id"]
        there.done("member", "POST", f"{base}/charter/comments", {"version": 2, "text": f"{word}?"})
        artifact = {"title": f"{word} handbook", "url": "https://x.example/a"}
        made["artifact_id"] = there.done("core", "POST", f"{base}/artifacts", artifact)["id"]
        proposal = {"kind": "topic", "title": f"{word} topic", "text": f"Let us talk of {word}."}
        made["initiative_id"] = there.done("member", "POST", f"{base}/initiatives", proposal)["id"]
        term = {"state": "accepted", "definition": f"What {word} means."}
        there.done("lead", "PUT", f"{base}/glossary/{word.lower()}ish", term)
        made["term"] = f"{word.lower()}ish"
        there.done("lead", "POST", f"{base}/sponsorship", {"person_id": "asked"})
        kept = there.done("manager", "GET", base)["visibility"]
        there.done("manager", "PATCH", base, {"visibility": "listed"})
        asking = {"level": "active", "words": f"{word} is what I do."}
        made["join_request_id"] = there.done("asked", "POST", f"{base}/join-requests", asking)["id"]
        there.done("manager", "PATCH", base, {"visibility": kept})
        there.done("lead", "PUT", f"{base}/invitations/outsider", {"reason": f"Knows {word}."})
        buddy = f"{base}/newcomers/member/buddies"
        there.done("lead", "POST", buddy, {"buddy_id": "helper"})
        made |= {"meeting_id": f"m-next-{one}", "past_id": f"m-past-{one}"}
        interest = {"level": "active", "hours": 2, "note": f"{word} note", "join_when_active": True}
        there.done("core", "PUT", f"/v1/communities/{plan}/interests/core", interest)
        for state in ("asked", "accepted", "advised"):
            question = {"text": f"{word} {state}?", "title": f"{word} {state}", "community_id": one}
            asked = {"helper_id": "helper", "question": question}
            key = there.done("member", "POST", "/v1/requests", asked)["id"]
            if state != "asked":
                there.done("helper", "POST", f"/v1/requests/{key}/accept")
            if state == "advised":
                there.done("helper", "POST", f"/v1/requests/{key}/advise", {"text": f"{word} advice"})
            made[f"request_{state}"] = key
        there.ids[one] = made
    question = {"text": "Gallimaufry?", "title": "Kerfuffle", "community_id": OPEN, "private": True}
    made = there.done("member", "POST", "/v1/requests", {"helper_id": "helper", "question": question})
    there.ids[OPEN]["request_private"] = made["id"]
    made = there.done("member", "POST", "/v1/requests", {"helper_id": "core", "question": question})
    there.done("core", "POST", f"/v1/requests/{made['id']}/accept")
    there.done("core", "POST", f"/v1/requests/{made['id']}/advise", {"text": "Borborygmus!"})
    there.ids[OPEN]["request_told"] = made["id"]
    for who in PEOPLE:
        if who != "outsider":
            reason = {"reason": "Widdershins" if who == "member" else "no time"}
            there.done(who, "PUT", f"/v1/people/{who}/dismissals/splicing", reason)
            there.done(who, "PUT", f"/v1/people/{who}/dismissed-helpers/guest", reason)
            there.ids.setdefault(who, {})["calendar"] = there.done(who, "PUT", f"/v1/people/{who}/calendar")["path"]
    prefer = {"frequency": "daily", "parts": ["meetings"], "paused_until": None}
    there.done("member", "PUT", "/v1/people/member/digest/preferences", prefer)
    there.done("manager", "POST", "/v1/audit")
    rename = {"remedy": "rename", "community_id": "splicing", "name": "Splices"}
    there.ids[OPEN]["remedy_id"] = there.done("manager", "POST", "/v1/audit/remedies", rename)["id"]
    rename = {"remedy": "rename", "community_id": HIDDEN, "name": "Zirconium Vaults"}
    there.ids[HIDDEN]["remedy_id"] = there.done("manager", "POST", "/v1/audit/remedies", rename)["id"]
    findings = there.done("manager", "GET", "/v1/audit/findings?limit=200")["results"]
    for one in (OPEN, HIDDEN):
        about = [f["id"] for f in findings if one in {each["id"] for each in f["about"]}]
        open_too = [f["id"] for f in findings if HIDDEN not in str(f) and PLANS[HIDDEN] not in str(f)]
        there.ids[one]["finding_id"] = (about if one == HIDDEN else open_too)[0]


class Rehearsed(Exception):
    """Takes a write back once it is known what it would answer."""


def rehearse(database: Database) -> None:
    """From now on what this database is told to write is done, answered, and rolled back."""
    real = database.write

    def write(work: Callable[[Transaction], Any], within: float | None = None) -> Any:
        told: list[Any] = []

        def unit(transaction: Transaction) -> None:
            told.append(work(transaction))
            raise Rehearsed

        try:
            real(unit, within)
        except Rehearsed:
            return told[-1]

    vars(database)["write"] = write
