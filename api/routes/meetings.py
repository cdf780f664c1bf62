"""Meetings and series of them: planned, moved, cancelled; who came, what was said, what is open on agendas."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api import practice as practising
from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.communities import LARGEST_PAGE, PAGE
from api.routes.people import CommunityId, PersonId
from api.routes.requests import PartyOut, cursor_of, place
from api.wording import Told
from api.writing import Write, Writing, answer
from graph import rhythm
from graph.database import Transaction
from graph.errors import InvalidInput, NotFound
from graph.models import Principal
from graph.reads import meetings as reads
from graph.reads import resources
from graph.reads.meetings import AgendaItem, Occurrence
from graph.sentences import tell
from graph.writes import meetings as writes
from graph.writes.idempotency import Answer
from ingest.records import (
    ItemState,
    Listed,
    Minutes,
    Moment,
    OptionalId,
    OptionalText,
    Text,
    Zone,
)

router = APIRouter(prefix="/v1", tags=["practice"], responses=documented(401, 403, 404, 422, 503))

MeetingId = Annotated[str, Path(description="The id of a meeting, or of a series.", examples=["m-5f0c2f9d1b7e4a61"])]

WEEK = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"


class _MeetingWords(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: OptionalText = None
    recurrence: OptionalText = Field(None, description="a rule of RFC 5545", examples=[WEEK])
    timezone: Zone = Field(None, description="IANA name of the zone of wall times; left out: the community's, else UTC")
    minutes: Minutes = Field(None, description="how long it lasts")
    place: OptionalText = None
    facilitator_id: OptionalId = Field(None, description="who may keep notes and attendance beside leads and the core")


class MeetingNew(_MeetingWords):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Surface hour", "starts_at": "2026-12-01T13:00", "timezone": "Europe/Oslo",
                 "recurrence": WEEK},
            ]
        }
    )  # fmt: skip
    starts_at: Moment = Field(description="with an offset, or wall time in `timezone`", examples=["2026-12-01T13:00"])
    agenda: Listed = None
    follows_id: OptionalId = Field(None, description="the series that ends where this begins")


class MeetingChange(_MeetingWords):
    """Fields that are absent stay as they are; null empties one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"place": "Room 3"}]})
    starts_at: Moment = None


class MoveIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"starts_at": "2026-12-02T13:00"}]})
    starts_at: Moment


class CancelIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Storm."}]})
    reason: OptionalText = None


class AttendIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})
    guest: bool | None = Field(None, description="left out: whoever is not in the community came as a guest")


class NotesIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"summary": "We agreed on a scale."}]})
    summary: Text = Field(max_length=50_000)


class ItemIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "Damage scale"}]})
    title: Text = Field(max_length=500)


class DiscussionIn(ItemIn):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "Damage scale", "note": "Tap test agreed.", "state": "settled"}]}
    )
    note: OptionalText = Field(None, description="what was said")
    state: ItemState = None
    owner_id: OptionalId = Field(None, description="who takes it on")


class CameOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    name: str
    guest: bool
    external: bool = Field(description="from outside the organisation")


class OnAgendaOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str
    state: str | None
    owner_id: str | None
    note: str | None = None
    carried: bool = Field(False, description="from an earlier meeting, as it is not settled")


class MeetingOut(BaseModel):
    id: str
    community_id: str
    series_id: str | None = Field(description="the series that it is of")
    title: str | None
    begins: str = Field(description="in its zone", examples=["2026-12-01T13:00+01:00"])
    planned: str = Field(description="when its series has it")
    all_day: bool
    minutes: int
    recurrence: str | None = Field(examples=[WEEK])
    rhythm: Told | None = Field(description="the recurrence in words", examples=["every 2 weeks on Tuesday"])
    place: str | None
    facilitator_id: str | None
    state: Literal["planned", "cancelled", "held", "past"] = Field(description="past: nothing is on record of it")
    reason: str | None
    summary: str | None
    attendance: list[CameOut]
    erased: int = Field(0, description="how many came, beside those, who have been erased since")
    agenda: list[OnAgendaOut]


class MeetingList(BaseModel):
    results: list[MeetingOut]
    next_cursor: str | None = Field(description="give it as `cursor` for the following page; null at the end")


class SaidOut(BaseModel):
    meeting_id: str
    begins: str | None
    note: str | None


class AgendaItemOut(BaseModel):
    id: str
    title: str
    state: Literal["open", "progressed", "settled"]
    owner: PartyOut | None
    meetings: list[SaidOut] = Field(description="those that had it, in their order, with what was said")


def shown(found: Occurrence, carried: list[AgendaItem] | None = None) -> MeetingOut:
    one, now = found.meeting, datetime.now(UTC)
    past = "held" if found.recorded and one.held else "past"
    state = "cancelled" if found.cancelled else "planned" if found.begins > now else past
    series_id = one.series_id or (one.id if one.rule and not found.whole else None)
    came, agenda = (one.came, one.agenda) if found.recorded else ((), ())
    return MeetingOut(
        id=found.id, community_id=one.community_id, series_id=series_id, title=one.title,
        begins=found.begins.isoformat(timespec="minutes"), planned=found.planned.isoformat(timespec="minutes"),
        all_day=found.all_day, minutes=one.minutes or reads.LASTS, recurrence=one.recurrence,
        rhythm=rhythm.said(one.recurrence) if one.recurrence else None, place=one.place,
        facilitator_id=one.facilitator_id, state=state, reason=one.reason if found.recorded else None,
        summary=one.summary if found.recorded else None, attendance=[CameOut.model_validate(who) for who in came],
        erased=one.erased if found.recorded else 0,
        agenda=[
            *(OnAgendaOut.model_validate(item) for item in agenda),
            *(OnAgendaOut(title=item.title, state=item.state, owner_id=item.owner.id if item.owner else None,
                          carried=True) for item in carried or ()),
        ],
    )  # fmt: skip


@router.get("/communities/{community_id}/meetings")
async def list_meetings(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    begins: Annotated[date | None, Query(alias="from", description="the first day; left out: today")] = None,
    ends: Annotated[date | None, Query(alias="to", description="the last day; left out: 90 days later")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> MeetingList:
    """Meetings in order, those of a series one by one. The next ones tell which items they take up again."""
    behind = place(cursor)
    found = await service.reads.follow(practising.listed(community_id, principal, begins, ends))
    page = [one for one in found.meetings if behind is None or one.place > behind][: limit + 1]
    more = cursor_of(page[limit - 1].place) if len(page) > limit else None
    results = [shown(one, list(found.carried.get(one.id, ()))) for one in page[:limit]]
    return MeetingList(results=results, next_cursor=more)


@router.post(
    "/communities/{community_id}/meetings", status_code=201, response_model=MeetingOut, responses=documented(409)
)
async def plan(community_id: CommunityId, new: MeetingNew, principal: Member, write: Write) -> Response:
    """Plans a meeting or a series, by leads and core members; others propose one (`initiatives`)."""
    fields = _given(new, {"starts_at": new.starts_at})

    def work(transaction: Transaction) -> Answer:
        found = writes.plan(transaction, principal, community_id, fields, write.order)
        return answer(201, shown(found), found.version, f"/v1/meetings/{quote(found.id)}")

    return await write.perform(principal, work)


@router.get("/meetings/{meeting_id}")
async def get_meeting(meeting_id: MeetingId, service: Serving, principal: Member, response: Response) -> MeetingOut:
    """A meeting, or a series with its first meeting. `ETag` is the version for changes."""
    found = await service.reads.read(reads.meeting(meeting_id))
    if found is None:
        raise reads.no_meeting(meeting_id)
    try:
        listed = await service.reads.follow(practising.listed(found.meeting.community_id, principal, None, None))
    except NotFound:
        raise reads.no_meeting(meeting_id) from None
    response.headers["ETag"] = f'"{found.version}"'
    return shown(found, list(listed.carried.get(found.id, ())))


@router.patch("/meetings/{meeting_id}", response_model=MeetingOut, responses=documented(409, 412, 428))
async def change(meeting_id: MeetingId, change: MeetingChange, principal: Member, write: Write) -> Response:
    """Changes a meeting or a series. One that has begun is followed by another (`follows_id`), not put elsewhere."""
    fields = change.model_dump(include=change.model_fields_set)
    if "starts_at" in fields and fields["starts_at"] is None:
        raise InvalidInput(tell("starts_at: a meeting has a start; to call it off, POST to its `cancel`."))
    return await _step(
        meeting_id, principal, write, lambda tx: writes.change(tx, principal, meeting_id, fields, write.order),
        based=True,
    )  # fmt: skip


@router.post("/meetings/{meeting_id}/move", response_model=MeetingOut, responses=documented(409, 412))
async def move(meeting_id: MeetingId, moved: MoveIn, principal: Member, write: Write) -> Response:
    """Puts one meeting at another moment; the rest of its series stays."""
    if moved.starts_at is None:
        raise InvalidInput(tell("starts_at: say when it is instead."))
    at = moved.starts_at
    return await _step(meeting_id, principal, write, lambda tx: writes.move(tx, principal, meeting_id, at, write.order))


@router.post("/meetings/{meeting_id}/cancel", response_model=MeetingOut, responses=documented(409, 412))
async def cancel(meeting_id: MeetingId, cancelled: CancelIn, principal: Member, write: Write) -> Response:
    """Cancels one meeting; a series from now on."""
    return await _step(
        meeting_id, principal, write,
        lambda tx: writes.cancel(tx, principal, meeting_id, cancelled.reason, write.order),
    )  # fmt: skip


@router.put("/meetings/{meeting_id}/attendance/{person_id}", response_model=MeetingOut, responses=documented(409, 412))
async def attend(
    meeting_id: MeetingId, person_id: PersonId, attended: AttendIn, principal: Member, write: Write
) -> Response:
    """Notes that somebody came: they themselves, or who keeps the meeting's record."""
    return await _step(
        meeting_id, principal, write,
        lambda tx: writes.attend(tx, principal, meeting_id, person_id, guest=attended.guest, order=write.order),
    )  # fmt: skip


@router.delete(
    "/meetings/{meeting_id}/attendance/{person_id}", response_model=MeetingOut, responses=documented(409, 412)
)
async def unattend(meeting_id: MeetingId, person_id: PersonId, principal: Member, write: Write) -> Response:
    """They were not there after all."""
    return await _step(
        meeting_id, principal, write,
        lambda tx: writes.attend(tx, principal, meeting_id, person_id, came=False, order=write.order),
    )  # fmt: skip


@router.put("/meetings/{meeting_id}/notes", response_model=MeetingOut, responses=documented(409, 412))
async def note(meeting_id: MeetingId, notes: NotesIn, principal: Member, write: Write) -> Response:
    """What it was about, by leads, core members or who facilitated it."""
    return await _step(
        meeting_id, principal, write, lambda tx: writes.note(tx, principal, meeting_id, notes.summary, write.order)
    )


@router.post("/meetings/{meeting_id}/agenda", response_model=MeetingOut, responses=documented(409, 412))
async def put_on_agenda(meeting_id: MeetingId, item: ItemIn, principal: Member, write: Write) -> Response:
    """Puts something new on the agenda; what is not settled is carried over without this."""
    return await _step(
        meeting_id,
        principal,
        write,
        lambda tx: writes.put_on_agenda(tx, principal, meeting_id, item.title, write.order),
    )


@router.post("/meetings/{meeting_id}/discussions", response_model=MeetingOut, responses=documented(409, 412))
async def discuss(meeting_id: MeetingId, said: DiscussionIn, principal: Member, write: Write) -> Response:
    """What was said of an item, how it stands now, and who takes it on."""
    return await _step(
        meeting_id, principal, write,
        lambda tx: writes.discuss(
            tx, principal, meeting_id, said.title, text=said.note, state=said.state, owner_id=said.owner_id,
            order=write.order,
        ),
    )  # fmt: skip


@router.get("/communities/{community_id}/agenda")
async def get_agenda(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    state: Annotated[Literal["open", "progressed", "settled"] | None, Query(description="only these")] = None,
) -> list[AgendaItemOut]:
    """What the community comes back to, with the history of each item, in the order of titles."""
    await service.reads.follow(resources.seen_at_work(community_id, principal))
    found = [_item(one) for one in await service.reads.read(reads.agenda(community_id))]
    return [one for one in found if state in (None, one.state)]


def _given(new: MeetingNew, more: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in new.model_dump(exclude_unset=True).items() if value is not None}
    if more["starts_at"] is None:
        raise InvalidInput(tell("starts_at: say when it is."))
    return {**fields, **more}


def _item(one: AgendaItem) -> AgendaItemOut:
    return AgendaItemOut.model_validate(
        {
            "id": one.id, "title": one.title, "state": one.state or "open",
            "owner": PartyOut.model_validate(one.owner) if one.owner else None,
            "meetings": [
                {"meeting_id": said.meeting_id, "note": said.note,
                 "begins": said.begins.isoformat(timespec="minutes") if said.begins else None}
                for said in one.discussions
            ],
        }
    )  # fmt: skip


async def _step(
    meeting_id: str,
    principal: Principal,
    write: Writing,
    step: Callable[[Transaction], Occurrence],
    *,
    based: bool = False,
) -> Response:
    """`based`: only on a version."""

    def work(transaction: Transaction) -> Answer:
        if based or write.if_match is not None:
            write.expect(writes.seen_meeting(transaction, principal, meeting_id).version)
        found = step(transaction)
        return answer(200, shown(found), found.version)

    return await write.perform(principal, work)
