"""Calendars (iCalendar) of communities and of people, with a key or at a private address."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from api import ics
from api.dependencies import Member, Serving, acts_for
from api.problems import documented
from api.routes.people import CommunityId, PersonId
from api.writing import Write, answer
from graph.database import Transaction
from graph.errors import NotFound
from graph.models import Principal, Role
from graph.reads import meetings as reads
from graph.reads import resources
from graph.sentences import tell
from graph.writes import meetings as writes
from graph.writes.idempotency import Answer
from graph.writes.keys import digest

router = APIRouter(prefix="/v1", tags=["practice"], responses=documented(401, 403, 404, 422, 503))

Secret = Annotated[str, Path(description="As `PUT /v1/people/{id}/calendar` told it.", max_length=200)]

CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {ics.MEDIA_TYPE: {"schema": {"type": "string"}}}, "description": "iCalendar (RFC 5545)"}
}


class CalendarOut(BaseModel):
    path: str = Field(description="of the calendar below this service's address; whoever has it can read it")


@router.get("/communities/{community_id}/meetings.ics", responses=CALENDAR, response_class=Response)
async def community_calendar(community_id: CommunityId, service: Serving, principal: Member) -> Response:
    """The community's calendar. Calendars that send no key read it at a person's own address (`/v1/people/…`)."""
    found = await service.reads.follow(resources.seen_at_work(community_id, principal))
    return await _calendar(service, found.community.name, [community_id])


@router.get("/calendar/{secret}.ics", responses=CALENDAR, response_class=Response)
async def own_calendar(secret: Secret, service: Serving) -> Response:
    """The meetings of all communities that a person is in. The address is the key."""
    person = await _at_address(service, secret)
    return await _calendar(service, "guildmap", await service.reads.read(reads.communities_of(person)))


@router.get("/calendar/{secret}/{community_id}.ics", responses=CALENDAR, response_class=Response)
async def own_community_calendar(secret: Secret, community_id: CommunityId, service: Serving) -> Response:
    """The calendar of one community, as the person of that address may see it."""
    viewer = Principal(await _at_address(service, secret), Role.MEMBER, "calendar")
    found = await service.reads.follow(resources.seen_at_work(community_id, viewer))
    return await _calendar(service, found.community.name, [community_id])


@router.put("/people/{person_id}/calendar", status_code=201, response_model=CalendarOut)
async def renew_calendar(person_id: PersonId, principal: Member, write: Write) -> Response:
    """A new private address of one's calendar; the one before opens nothing any more. It is told once."""
    acts_for(principal, person_id)

    def work(transaction: Transaction) -> Answer:
        secret = writes.renew_address(transaction, principal, person_id)
        return answer(201, CalendarOut(path=f"/v1/calendar/{secret}.ics"))

    # Not under an idempotency key: to give the same answer again it would have to be stored.
    return await write.perform_unseen(principal.actor, work)


@router.delete("/people/{person_id}/calendar", status_code=204)
async def drop_calendar(person_id: PersonId, principal: Member, write: Write) -> Response:
    """The private address opens nothing any more."""
    acts_for(principal, person_id)

    def work(transaction: Transaction) -> Answer:
        writes.drop_address(transaction, principal, person_id)
        return answer(204)

    return await write.perform(principal, work)


async def _at_address(service: Serving, secret: str) -> str:
    person = await service.reads.read(reads.at_address(digest(secret)))
    if person is None:
        raise NotFound(tell("There is no calendar at this address. Perhaps it was renewed."))
    return person


async def _calendar(service: Serving, name: str, community_ids: list[str]) -> Response:
    since = datetime.now(UTC) - timedelta(days=ics.BACK)
    stored = await service.reads.read(reads.meetings(community_ids, since))
    return Response(ics.calendar(name, stored), media_type=ics.MEDIA_TYPE)
