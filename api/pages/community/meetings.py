"""When a community meets and met; to plan a meeting, and of one meeting its agenda, who came, and its notes."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import Member
from api.pages.community.head import Head, head
from api.pages.community.overview import Done
from api.pages.frame import Look, going, lines_of, router, valid
from api.pages.picker import LONGEST, done_with
from api.routes import meetings
from api.routes.communities import LARGEST_PAGE
from api.routes.meetings import (
    AgendaItemOut,
    AttendIn,
    CancelIn,
    DiscussionIn,
    ItemIn,
    MeetingId,
    MeetingNew,
    MeetingOut,
    MoveIn,
    NotesIn,
)
from api.routes.people import CommunityId
from graph.errors import NotFound
from graph.sentences import tell

routes = router()

# Days that a page looks back, and again as many with each step further.
BACK = 180

# Rhythms that most communities have; another one is planned through the API.
RHYTHMS = {"weekly": "FREQ=WEEKLY", "fortnightly": "FREQ=WEEKLY;INTERVAL=2", "four-weekly": "FREQ=WEEKLY;INTERVAL=4",
           "monthly": "FREQ=MONTHLY"}  # fmt: skip


@dataclass(frozen=True)
class MeetingsPage:
    """`coming` and `past` meetings, in the order in which they are near; `earlier`: so many days does the page that
    shows more of the past look back. `agenda`: what is open."""

    head: Head
    coming: Sequence[MeetingOut]
    past: Sequence[MeetingOut]
    earlier: int
    agenda: Sequence[AgendaItemOut]


@dataclass(frozen=True)
class MeetingPage:
    """`keeps`: whether the person who looks keeps its record; `began`: whether it has. `came`: whether they did."""

    head: Head
    meeting: MeetingOut

    @property
    def keeps(self) -> bool:
        return self.head.runs or self.meeting.facilitator_id == self.head.person_id is not None

    @property
    def began(self) -> bool:
        return self.meeting.state in ("held", "past")

    @property
    def came(self) -> bool:
        return any(one.id == self.head.person_id for one in self.meeting.attendance)


class PlanForm(BaseModel):
    title: str | None = Field(None, max_length=500)
    starts_at: str = Field(max_length=40)
    timezone: str | None = Field(None, max_length=100)
    rhythm: Literal["weekly", "fortnightly", "four-weekly", "monthly"] | None = None
    minutes: str | None = Field(None, max_length=10)
    place: str | None = Field(None, max_length=500)
    agenda: str = Field("", max_length=20_000)


class MoveForm(BaseModel):
    starts_at: str = Field(max_length=40)


class CancelForm(BaseModel):
    reason: str | None = Field(None, max_length=2_000)


class CameForm(BaseModel):
    person_id: str = Field("", max_length=LONGEST)
    came: bool = True


class NotesForm(BaseModel):
    summary: str = Field("", max_length=50_000)


class ItemForm(BaseModel):
    title: str = Field("", max_length=500)
    note: str | None = Field(None, max_length=20_000)
    state: Literal["open", "progressed", "settled"] | None = None


@routes.get("/communities/{community_id}/meetings")
async def listed(
    community_id: CommunityId,
    look: Look,
    principal: Member,
    back: Annotated[int, Query(ge=1, le=790)] = BACK,
    done: Done = "",
) -> Response:
    """Coming ones, what the next takes up again, and past ones."""
    service, today = look.service, date.today()
    top, coming, past, agenda = await asyncio.gather(
        head(look, community_id, "meetings", done),
        meetings.list_meetings(community_id, service, principal, limit=LARGEST_PAGE),
        meetings.list_meetings(
            community_id, service, principal, today - timedelta(days=back), today, limit=LARGEST_PAGE
        ),
        meetings.get_agenda(community_id, service, principal),
    )
    page = MeetingsPage(
        top, [one for one in coming.results if one.state in ("planned", "cancelled") and one.begins[:10] >= str(today)],
        [one for one in reversed(past.results) if one.state != "planned"],
        min(790, back + BACK), [one for one in agenda if one.state != "settled"],
    )  # fmt: skip
    return await look.page("community/meetings.html", page, "catalogue")


@routes.post("/communities/{community_id}/meetings")
async def plan(community_id: CommunityId, look: Look, principal: Member) -> Response:
    form = await look.filled(PlanForm)
    given = form.model_dump(exclude_none=True, exclude={"rhythm", "agenda"})
    if form.rhythm is not None:
        given["recurrence"] = RHYTHMS[form.rhythm]
    if agenda := lines_of(form.agenda):
        given["agenda"] = agenda
    await meetings.plan(community_id, valid(MeetingNew, given), principal, look.write())
    return going(f"/communities/{quote(community_id)}/meetings", done="planned")


@routes.get("/communities/{community_id}/meetings/{meeting_id}")
async def one(
    community_id: CommunityId, meeting_id: MeetingId, look: Look, principal: Member, done: Done = ""
) -> Response:
    """One meeting: its agenda, who came, what it was about."""
    top, found = await asyncio.gather(
        head(look, community_id, "meetings", done),
        meetings.get_meeting(meeting_id, look.service, principal, Response()),
    )
    if found.community_id != community_id:
        raise NotFound(tell("There is no meeting with the id %(meeting_id)r in this community.", meeting_id=meeting_id))
    return await look.page("community/meeting.html", MeetingPage(top, found), "catalogue")


@routes.post("/communities/{community_id}/meetings/{meeting_id}/move")
async def move(community_id: CommunityId, meeting_id: MeetingId, look: Look, principal: Member) -> Response:
    form = await look.filled(MoveForm)
    given = valid(MoveIn, {"starts_at": form.starts_at})
    await meetings.move(meeting_id, given, principal, look.write())
    return going(f"/communities/{quote(community_id)}/meetings", done="moved")


@routes.post("/communities/{community_id}/meetings/{meeting_id}/cancel")
async def cancel(community_id: CommunityId, meeting_id: MeetingId, look: Look, principal: Member) -> Response:
    form = await look.filled(CancelForm)
    await meetings.cancel(
        meeting_id, valid(CancelIn, {"reason": form.reason}), principal, look.write()
    )  # fmt: skip
    return going(f"/communities/{quote(community_id)}/meetings", done="cancelled")


@routes.post("/communities/{community_id}/meetings/{meeting_id}/came")
async def came(community_id: CommunityId, meeting_id: MeetingId, look: Look, principal: Member) -> Response:
    """Somebody came, or did not after all: whoever sends it where nobody is named."""
    form, write = await look.filled(CameForm), look.write()

    def note(who: str) -> Awaitable[Response]:
        if form.came:
            return meetings.attend(meeting_id, who, valid(AttendIn, {}), principal, write)
        return meetings.unattend(meeting_id, who, principal, write)

    if not await done_with(look, "who", form.person_id or look.somebody(), form, note):
        return await one(community_id, meeting_id, look, principal)
    return _back(community_id, meeting_id, "came")


@routes.post("/communities/{community_id}/meetings/{meeting_id}/notes")
async def note(community_id: CommunityId, meeting_id: MeetingId, look: Look, principal: Member) -> Response:
    form = await look.filled(NotesForm)
    given = valid(NotesIn, {"summary": form.summary})
    await meetings.note(meeting_id, given, principal, look.write())
    return _back(community_id, meeting_id, "saved")


@routes.post("/communities/{community_id}/meetings/{meeting_id}/agenda")
async def agenda(community_id: CommunityId, meeting_id: MeetingId, look: Look, principal: Member) -> Response:
    """Puts something on the agenda of what lies ahead; of what was held says what came of it."""
    form, write = await look.filled(ItemForm), look.write()
    if form.note is None and form.state is None:
        await meetings.put_on_agenda(meeting_id, valid(ItemIn, {"title": form.title}), principal, write)
    else:
        await meetings.discuss(meeting_id, valid(DiscussionIn, form.model_dump()), principal, write)
    return _back(community_id, meeting_id, "saved")


def _back(community_id: str, meeting_id: str, done: str) -> Response:
    return going(f"/communities/{quote(community_id)}/meetings/{quote(meeting_id)}", done=done)
