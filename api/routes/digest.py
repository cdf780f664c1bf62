"""What is due for a person, as a list and as a calendar, and what they want to be told."""

from dataclasses import replace
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api import reminders
from api.dependencies import Member, Serving, acts_for
from api.problems import documented
from api.routes.people import PersonId, unknown
from api.service import Service
from api.wording import Told
from api.writing import Write, answer
from graph.database import Transaction
from graph.models import Principal
from graph.reads import digest as reads
from graph.reads.digest import PARTS, Preferences, Recipient
from graph.writes import digest as writes
from graph.writes.events import now
from graph.writes.idempotency import Answer
from ingest.records import Day
from matcher.community import digest as concluding
from matcher.community.digest import Digest

router = APIRouter(prefix="/v1/people", tags=["community life"], responses=documented(401, 403, 404, 422, 503))

Part = Literal["requests", "meetings", "newcomers", "charters", "findings"]


class ItemOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    part: Part
    id: str = Field(description="of the request, meeting or finding; of others a key")
    said: Told = Field(examples=["Bob is new in Knots, and nobody is on record to have greeted them."])
    community_id: str | None
    since: str | None = Field(description="when it began to wait")
    starts_at: str | None = Field(description="of a meeting: its day, or moment")
    minutes: int | None = Field(None, description="how long it lasts; null where nobody said")


class DigestOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    day: str
    items: list[ItemOut]


class PreferencesBody(BaseModel):
    model_config = ConfigDict(
        from_attributes=True, extra="forbid",
        json_schema_extra={"examples": [{"frequency": "daily", "parts": ["requests", "meetings"],
                                         "paused_until": "2027-01-10"}]},
    )  # fmt: skip
    frequency: Literal["daily", "weekly", "never"] = Field("weekly", description="how often it is sent by e-mail")
    parts: list[Part] = Field(list(PARTS), description="what it tells")
    paused_until: Day = Field(None, description="nothing is sent up to the end of this day")


@router.get("/{person_id}/digest")
async def get_digest(person_id: PersonId, service: Serving, principal: Member) -> DigestOut:
    """What is due for a person: requests that wait for them, the next meetings of their communities, newcomers to greet
    for leads and core members, charters that wait for them, and for a knowledge manager what the audit found. For
    themselves, or an admin."""
    return DigestOut.model_validate(await _digest(service, principal, person_id), from_attributes=True)


@router.get("/{person_id}/digest.ics", response_class=Response, responses={200: {"content": {"text/calendar": {}}}})
async def get_digest_calendar(person_id: PersonId, service: Serving, principal: Member) -> Response:
    """The same as a calendar: meetings as events, all else as things to do."""
    found = await _digest(service, principal, person_id)
    return Response(reminders.calendar(found), media_type="text/calendar")


@router.get("/{person_id}/digest/preferences")
async def get_preferences(
    person_id: PersonId, service: Serving, principal: Member, response: Response
) -> PreferencesBody:
    """What they want to be told, for themselves alone. `ETag` is the version for changes."""
    writes.own(principal, person_id)
    found = (await _recipient(service, person_id)).preferences
    response.headers["ETag"] = f'"{found.version}"'
    return PreferencesBody.model_validate(found)


@router.put("/{person_id}/digest/preferences", response_model=PreferencesBody, responses=documented(412, 428))
async def put_preferences(person_id: PersonId, chosen: PreferencesBody, principal: Member, write: Write) -> Response:
    """Says how often they want their digest, which parts of it, and whether it rests for a while."""
    writes.own(principal, person_id)

    def work(transaction: Transaction) -> Answer:
        write.expect(writes.recipient(transaction, person_id).preferences.version)
        wanted = Preferences(chosen.frequency, tuple(chosen.parts), chosen.paused_until)
        kept = writes.prefer(transaction, principal, person_id, wanted)
        return answer(200, PreferencesBody.model_validate(kept), kept.version)

    return await write.perform(principal, work)


async def _recipient(service: Service, person_id: str) -> Recipient:
    found = await service.reads.read(reads.recipients(person_id, now()[:10]))
    if not found:
        raise unknown(person_id)
    return found[0]


async def _digest(service: Service, principal: Principal, person_id: str) -> Digest:
    acts_for(principal, person_id)
    who = await _recipient(service, person_id)
    if principal.person_id == person_id:
        who = replace(who, role=principal.role)
    today = now()[:10]
    return concluding.digest(who, await service.reads.follow(concluding.read_facts(who, today)), today)
