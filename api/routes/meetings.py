"""Meetings and their calendars, agendas, artefacts, what people propose, and how practice goes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api import ics
from api import practice as practising
from api.dependencies import Member, Serving, acts_for, asking_person
from api.problems import documented
from api.routes.communities import LARGEST_PAGE, PAGE
from api.routes.people import CommunityId, PersonId
from api.routes.requests import PartyOut, cursor_of, place
from api.writing import Write, Writing, answer
from graph import rhythm
from graph.database import Transaction
from graph.errors import InvalidInput, NotFound
from graph.models import Principal, Role
from graph.reads import meetings as reads
from graph.reads.meetings import AgendaItem, Artifact, Initiative, Occurrence
from graph.writes import meetings as writes
from graph.writes import practice
from graph.writes.idempotency import Answer
from ingest.records import (
    ArtifactKind,
    Day,
    ItemState,
    Link,
    Listed,
    Minutes,
    Moment,
    OptionalId,
    OptionalText,
    Text,
    Zone,
)

router = APIRouter(prefix="/v1", tags=["practice"], responses=documented(401, 403, 404, 422, 503, 504))

MeetingId = Annotated[str, Path(description="The id of a meeting, or of a series.", examples=["m-5f0c2f9d1b7e4a61"])]
ArtifactId = Annotated[str, Path(description="The artefact's id.", examples=["a-5f0c2f9d1b7e4a61"])]
InitiativeId = Annotated[str, Path(description="The proposal's id.", examples=["i-5f0c2f9d1b7e4a61"])]
Secret = Annotated[str, Path(description="As `PUT /v1/people/{id}/calendar` told it.", max_length=200)]

CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {ics.MEDIA_TYPE: {"schema": {"type": "string"}}}, "description": "iCalendar (RFC 5545)"}
}
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
    rhythm: str | None = Field(description="the recurrence in words", examples=["every 2 weeks on Tuesday"])
    place: str | None
    facilitator_id: str | None
    state: Literal["planned", "cancelled", "held", "past"] = Field(description="past: nothing is on record of it")
    reason: str | None
    summary: str | None
    attendance: list[CameOut]
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


class ArtifactNew(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"title": "Damage scale", "url": "https://wiki.example/scale"}]},
    )
    title: Text = Field(max_length=500)
    url: Link = None
    kind: ArtifactKind = None
    maker_ids: Listed = Field(None, description="left out: the person for whom the request is")
    made_on: Day = None


class ArtifactChange(BaseModel):
    """Fields that are absent stay as they are; null empties one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"retired_on": "2026-12-01"}]})
    title: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    url: Link = None
    kind: ArtifactKind = None
    maker_ids: Listed = None
    made_on: Day = None
    retired_on: Day = Field(None, description="since when nobody should use it")


class ArtifactOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    community_id: str
    title: str
    url: str | None
    kind: str | None
    makers: list[PartyOut]
    made_on: str | None
    retired_on: str | None


class InitiativeNew(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "topic", "title": "Ice throw at the quay"}]}
    )
    kind: Literal["meeting", "topic", "artifact"]
    title: Text = Field(max_length=500)
    text: OptionalText = None
    starts_at: Moment = Field(None, description="of a meeting")
    url: Link = Field(None, description="of an artefact")
    person_id: OptionalText = Field(None, description="who proposes; left out: the person for whom the request is")


class TakeUpIn(BaseModel):
    """What is made of it, where that is more or other than was proposed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"starts_at": "2026-12-01T13:00"}]})
    title: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    starts_at: Moment = None
    timezone: Zone = None
    url: Link = None


class DeclineIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "We settled that in May."}]})
    reason: Text


class InitiativeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    community_id: str
    kind: Literal["meeting", "topic", "artifact"]
    title: str
    text: str | None
    starts_at: str | None
    url: str | None
    state: Literal["proposed", "taken_up", "declined", "withdrawn"]
    proposer: PartyOut
    proposed_at: str
    decided_at: str | None
    decider: PartyOut | None
    reason: str | None
    became: str | None = Field(description="the id of the meeting, agenda item or artefact")


class MeasureOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    unit: Literal["share", "days", "people"]
    value: float | None = Field(description="null: cannot tell, see `why`")
    numbers: dict[str, float] = Field(description="what it was worked out from")
    why: str | None
    said: list[str]


class PracticeOut(BaseModel):
    days: int
    measures: list[MeasureOut]


class CalendarOut(BaseModel):
    path: str = Field(description="of the calendar below this service's address; whoever has it can read it")


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


@router.get("/communities/{community_id}/meetings.ics", responses=CALENDAR, response_class=Response)
async def community_calendar(community_id: CommunityId, service: Serving, principal: Member) -> Response:
    """The community's calendar. Calendars that send no key read it at a person's own address (`/v1/people/…`)."""
    found = await service.reads.follow(practising.seen(community_id, principal))
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
    found = await service.reads.follow(practising.seen(community_id, viewer))
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
        raise InvalidInput("starts_at: a meeting has a start; to call it off, POST to its `cancel`.")
    return await _step(
        meeting_id, principal, write, lambda tx: writes.change(tx, principal, meeting_id, fields, write.order),
        based=True,
    )  # fmt: skip


@router.post("/meetings/{meeting_id}/move", response_model=MeetingOut, responses=documented(409, 412))
async def move(meeting_id: MeetingId, moved: MoveIn, principal: Member, write: Write) -> Response:
    """Puts one meeting at another moment; the rest of its series stays."""
    if moved.starts_at is None:
        raise InvalidInput("starts_at: say when it is instead.")
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
    await service.reads.follow(practising.seen(community_id, principal))
    found = [_item(one) for one in await service.reads.read(reads.agenda(community_id))]
    return [one for one in found if state in (None, one.state)]


@router.get("/communities/{community_id}/artifacts")
async def list_artifacts(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    retired: Annotated[bool, Query(description="those that nobody should use any more too")] = False,
) -> list[ArtifactOut]:
    """What its members made together, the latest first."""
    await service.reads.follow(practising.seen(community_id, principal))
    found = await service.reads.read(reads.artifacts(community_id))
    return [ArtifactOut.model_validate(one) for one in found if retired or one.retired_on is None]


@router.post("/communities/{community_id}/artifacts", status_code=201, response_model=ArtifactOut,
             responses=documented(409))  # fmt: skip
async def add_artifact(community_id: CommunityId, new: ArtifactNew, principal: Member, write: Write) -> Response:
    """Any member adds what they made; leads and core members what others did."""
    makers = new.maker_ids or ([principal.person_id] if principal.person_id else [])
    fields = {**new.model_dump(exclude_unset=True), "maker_ids": makers or None}

    def work(transaction: Transaction) -> Answer:
        found = practice.add_artifact(transaction, principal, community_id, fields, write.order)
        return answer(201, ArtifactOut.model_validate(found), found.version, f"/v1/artifacts/{quote(found.id)}")

    return await write.perform(principal, work)


@router.get("/artifacts/{artifact_id}")
async def get_artifact(artifact_id: ArtifactId, service: Serving, principal: Member, response: Response) -> ArtifactOut:
    """One artefact. `ETag` is the version for changes."""
    found = await service.reads.read(reads.artifacts(artifact_id=artifact_id))
    if not found:
        raise NotFound(f"There is no artefact with the id {artifact_id!r}.")
    try:
        await service.reads.follow(practising.seen(found[0].community_id, principal))
    except NotFound:
        raise NotFound(f"There is no artefact with the id {artifact_id!r}.") from None
    response.headers["ETag"] = f'"{found[0].version}"'
    return ArtifactOut.model_validate(found[0])


@router.patch("/artifacts/{artifact_id}", response_model=ArtifactOut, responses=documented(409, 412, 428))
async def change_artifact(artifact_id: ArtifactId, change: ArtifactChange, principal: Member, write: Write) -> Response:
    """By its makers, leads and core members. With `retired_on` it is out of use."""
    fields = change.model_dump(include=change.model_fields_set)
    if "title" in fields and fields["title"] is None:
        raise InvalidInput("title: an artefact has one.")

    def work(transaction: Transaction) -> Answer:
        before = practice.seen_artifact(transaction, principal, artifact_id)
        write.expect(before.version)
        found: Artifact = practice.change_artifact(transaction, principal, artifact_id, fields, write.order)
        return answer(200, ArtifactOut.model_validate(found), found.version)

    return await write.perform(principal, work)


@router.get("/communities/{community_id}/initiatives")
async def list_initiatives(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    state: Annotated[
        Literal["proposed", "taken_up", "declined", "withdrawn"] | None, Query(description="only these")
    ] = None,
) -> list[InitiativeOut]:
    """What people proposed to it and what became of that, the latest first."""
    await service.reads.follow(practising.seen(community_id, principal))
    found = await service.reads.read(reads.initiatives(community_id))
    return [InitiativeOut.model_validate(one) for one in found if state in (None, one.state)]


@router.post("/communities/{community_id}/initiatives", status_code=201, response_model=InitiativeOut,
             responses=documented(409))  # fmt: skip
async def propose(community_id: CommunityId, new: InitiativeNew, principal: Member, write: Write) -> Response:
    """Anybody who may see the community proposes a meeting, a topic to talk about, or something to make."""
    person = asking_person(principal, new.person_id)
    if person is None:
        raise NotFound("Say who proposes it: give person_id.")
    fields = new.model_dump(exclude={"person_id"})

    def work(transaction: Transaction) -> Answer:
        found = practice.propose(transaction, principal, person, community_id, fields)
        return answer(201, InitiativeOut.model_validate(found))

    return await write.perform(principal, work)


@router.post("/initiatives/{initiative_id}/take-up", response_model=InitiativeOut, responses=documented(409))
async def take_up(initiative_id: InitiativeId, made: TakeUpIn, principal: Member, write: Write) -> Response:
    """A lead or core member makes of it what was proposed."""
    given = made.model_dump(exclude_none=True)
    return await _decided(
        principal, write, lambda tx: practice.take_up(tx, principal, initiative_id, given, write.order)
    )


@router.post("/initiatives/{initiative_id}/decline", response_model=InitiativeOut, responses=documented(409))
async def decline(initiative_id: InitiativeId, declined: DeclineIn, principal: Member, write: Write) -> Response:
    """A lead or core member says no, and why."""
    return await _decided(
        principal, write, lambda tx: practice.decline(tx, principal, initiative_id, declined.reason)
    )  # fmt: skip


@router.post("/initiatives/{initiative_id}/withdraw", response_model=InitiativeOut, responses=documented(409))
async def withdraw(initiative_id: InitiativeId, principal: Member, write: Write) -> Response:
    """Who proposed it takes it back."""
    return await _decided(principal, write, lambda tx: practice.withdraw(tx, principal, initiative_id))


@router.get("/communities/{community_id}/practice")
async def get_practice(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    days: Annotated[int, Query(ge=1, le=3650, description="how far back it looks")] = practising.PERIOD,
) -> PracticeOut:
    """How its practice goes: each measure with the numbers behind it, or why it cannot be told."""
    found = await service.reads.follow(practising.measured(community_id, principal, days))
    return PracticeOut(days=days, measures=[MeasureOut.model_validate(one) for one in found])


def _given(new: MeetingNew, more: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in new.model_dump(exclude_unset=True).items() if value is not None}
    if more["starts_at"] is None:
        raise InvalidInput("starts_at: say when it is.")
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


async def _at_address(service: Serving, secret: str) -> str:
    person = await service.reads.read(reads.at_address(writes.digest_of(secret)))
    if person is None:
        raise NotFound("There is no calendar at this address. Perhaps it was renewed.")
    return person


async def _calendar(service: Serving, name: str, community_ids: list[str]) -> Response:
    since = datetime.now(UTC) - timedelta(days=ics.BACK)
    stored = await service.reads.read(reads.meetings(community_ids, since))
    return Response(ics.calendar(name, stored), media_type=ics.MEDIA_TYPE)


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


async def _decided(principal: Principal, write: Writing, step: Callable[[Transaction], Initiative]) -> Response:
    return await write.perform(principal, lambda tx: answer(200, InitiativeOut.model_validate(step(tx))))
