"""Reads of what communities do together: meetings and their series, agendas, artefacts, and what people propose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from graph import rhythm
from graph.database import Read, Row
from graph.errors import NotFound
from graph.models import Party
from graph.reads.resources import version_of
from graph.sentences import tell

# How long a meeting lasts of which that is not said, in minutes.
LASTS = 60

# The state of an agenda item that no meeting takes up again.
SETTLED = "settled"

# Between a series and the moment at which it has a meeting, in the id of that meeting.
AT = "@"


@dataclass(frozen=True)
class Came:
    id: str
    name: str
    guest: bool
    external: bool


@dataclass(frozen=True)
class OnAgenda:
    """An item on the agenda of one meeting: how it stands today, and what was said of it then."""

    title: str
    state: str | None
    owner_id: str | None
    note: str | None
    noted_at: str | None


@dataclass(frozen=True)
class Meeting:
    """What is stored of a single meeting, or of a series together with its first meeting (`rule`).

    `starts_at`, `recurs_at` and `ended_at` as they were given, wall times in `zone`. `recurs_at`: when the series has
    the meeting, where `starts_at` may be another moment.
    """

    id: str
    community_id: str
    community: str
    title: str | None
    starts_at: str | None
    zone: str | None
    recurrence: str | None
    rule: str | None
    minutes: int | None
    place: str | None
    summary: str | None
    facilitator_id: str | None
    series_id: str | None
    recurs_at: str | None
    follows_id: str | None
    state: str | None
    reason: str | None
    ended_at: str | None
    followed_at: tuple[str, ...] = ()
    came: tuple[Came, ...] = ()
    agenda: tuple[OnAgenda, ...] = ()
    erased: int = 0  # how many came, beside those, who have been erased since

    @cached_property
    def begins(self) -> datetime | None:
        """None where that is known to the month or year only."""
        return rhythm.moment(self.starts_at, self.zone) if self.starts_at else None

    @cached_property
    def planned(self) -> datetime | None:
        return rhythm.moment(self.recurs_at, self.zone) if self.recurs_at else self.begins

    @property
    def start_of_series(self) -> str:
        return self.recurs_at or self.starts_at or ""

    @property
    def held(self) -> bool:
        """Whether anything is on record of it that only a meeting that was held leaves."""
        return bool(self.came or self.erased or self.summary or any(item.noted_at for item in self.agenda))

    @property
    def end_of_series(self) -> datetime | None:
        """From when on it has no more meetings: when it was ended, or the one that follows it begins."""
        ends = [*self.followed_at, *([self.ended_at] if self.ended_at else [])]
        return min((at for one in ends if (at := rhythm.moment(one, self.zone))), default=None)


@dataclass(frozen=True)
class Occurrence:
    """One meeting, on record or as its series has it; `whole`: the series itself is meant, with its first meeting."""

    id: str
    meeting: Meeting
    begins: datetime
    planned: datetime
    recorded: bool
    whole: bool = False

    @property
    def version(self) -> str:
        return version_of(self.meeting, self.id)

    @property
    def cancelled(self) -> bool:
        return self.recorded and self.meeting.state == "cancelled"

    @property
    def ends(self) -> datetime:
        return self.begins + timedelta(minutes=self.meeting.minutes or LASTS)

    @property
    def all_day(self) -> bool:
        return rhythm.is_day(self.meeting.starts_at or "")

    @property
    def place(self) -> tuple[str, str]:
        """Where it comes in a list, in the order of beginnings."""
        return self.begins.astimezone(UTC).isoformat(timespec="minutes"), self.id


@dataclass(frozen=True)
class Discussion:
    """An agenda item in one meeting; `begins` None where the meeting's day is not known."""

    meeting_id: str
    series_id: str | None
    begins: datetime | None
    note: str | None
    noted_at: str | None


@dataclass(frozen=True)
class AgendaItem:
    """`state` None: nobody ever said how it stands, so it is open."""

    id: str
    title: str
    state: str | None
    owner: Party | None
    discussions: tuple[Discussion, ...]


@dataclass(frozen=True)
class Artifact:
    id: str
    community_id: str
    title: str
    url: str | None
    kind: str | None
    makers: tuple[Party, ...]
    made_on: str | None
    retired_on: str | None

    @property
    def version(self) -> str:
        return version_of(self)


@dataclass(frozen=True)
class Initiative:
    """What somebody proposed to a community: a meeting, a topic to talk about, or something to make, and what became
    of it. `became` is the id of the meeting, agenda item or artefact."""

    id: str
    community_id: str
    kind: str
    title: str
    text: str | None
    starts_at: str | None
    url: str | None
    state: str
    proposer: Party
    proposed_at: str
    decided_at: str | None
    decider: Party | None
    reason: str | None
    became: str | None


@dataclass(frozen=True)
class Met:
    """How many meetings two people sat in together, and the latest: its id, day ('' not known) and community."""

    other_id: str
    person_id: str
    meetings: int
    latest_id: str
    latest_on: str
    community: str


def no_meeting(meeting_id: str) -> NotFound:
    return NotFound(tell("There is no meeting with the id %(meeting_id)r.", meeting_id=meeting_id))


def meetings(community_ids: Iterable[str], since: datetime) -> Read[list[Meeting]]:
    """Of these communities, in the order of ids: series, and single meetings that begin not before `since`."""
    # Stored wall times may be most of a day off UTC.
    day = (since - timedelta(days=1)).date().isoformat()
    return Read("read/meetings", {"community_ids": sorted(community_ids), "since": day}, _meetings)


def meeting(meeting_id: str) -> Read[Occurrence | None]:
    """A meeting by its id, a series by its own, one meeting of a series by `SERIES@MOMENT`; None: no such."""
    named, _, key = meeting_id.rpartition(AT)
    try:
        at = rhythm.of_key(key) if named else None
    except ValueError:
        at = None

    def parse(rows: list[Row]) -> Occurrence | None:
        found = {one.id: one for one in _meetings(rows)}
        own = found.get(meeting_id)
        if own is None and at is not None:
            # On record under an id of its source.
            own = next((one for one in found.values() if one.series_id == named and one.planned == at), None)
        if own is not None:
            series, begins = found.get(own.series_id or ""), own.begins
            if begins is None:
                return None
            held = _inheriting(own, series) if series else own
            return Occurrence(own.id, held, begins, own.planned or begins, True, own.rule is not None)
        series = found.get(named)
        if series is None or at is None:
            return None
        moved = series.begins if series.planned == at else None
        begins = moved or at
        rolled = _rolled(series, (), begins, begins + timedelta(minutes=1))
        return next((one for one in rolled if one.planned == at), None)

    near = [(at + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)] if at else []
    return Read("read/meetings_by_id", {"ids": sorted({meeting_id, named} - {""}), "near": near}, parse)


def rolled_out(stored: Iterable[Meeting], after: datetime, before: datetime) -> list[Occurrence]:
    """Every meeting that begins from `after` on and before `before`, in order, cancelled ones too."""
    found: list[Occurrence] = []
    every = list(stored)
    series = {one.id: one for one in every if one.rule}
    taken: dict[str, set[datetime]] = {}
    for one in every:
        if one.series_id and one.planned:
            taken.setdefault(one.series_id, set()).add(one.planned)
        if one.rule or one.begins is None:
            continue
        if after <= one.begins < before:
            begun = series.get(one.series_id or "")
            found.append(Occurrence(one.id, _inheriting(one, begun) if begun else one, one.begins,
                                    one.planned or one.begins, True))  # fmt: skip
    for one in series.values():
        found += _rolled(one, taken.get(one.id, ()), after, before)
    return sorted(found, key=lambda one: one.place)


def communities_of(person_id: str) -> Read[list[str]]:
    """The ids of the communities that somebody is in today, retired ones left out; none for who has left."""
    parameters = {"person_id": person_id, "today": date.today().isoformat()}
    return Read("read/communities_of_person", parameters, lambda rows: [row["id"] for row in rows])


def met(ids: Iterable[str], viewer_id: str | None) -> Read[list[Met]]:
    """Who sat in meetings with these people (`other_id`), as far as the viewer may know of them."""
    parameters = {"ids": sorted(ids), "viewer_id": viewer_id, "today": date.today().isoformat()}
    return Read("read/met", parameters, lambda rows: [Met(**row) for row in rows])


def agenda(community_id: str) -> Read[list[AgendaItem]]:
    """What its meetings come back to, in the order of titles; of each the meetings in theirs."""

    def parse(rows: list[Row]) -> list[AgendaItem]:
        return [
            AgendaItem(
                row["id"], row["title"], row["state"],
                Party(row["owner_id"], row["owner"] or row["owner_id"]) if row["owner_id"] else None,
                tuple(
                    Discussion(key, series, rhythm.moment(at, zone) if at else None, note, noted)
                    for key, series, at, zone, note, noted in row["meetings"]
                ),
            )
            for row in rows
        ]  # fmt: skip

    return Read("read/agenda", {"community_id": community_id}, parse)


def artifacts(community_id: str | None = None, artifact_id: str | None = None) -> Read[list[Artifact]]:
    """Those of a community, or the one of that id; the latest first."""

    def parse(rows: list[Row]) -> list[Artifact]:
        return [
            Artifact(
                id=stored["id"], community_id=row["community_id"], title=stored.get("title", stored["id"]),
                url=stored.get("url"), kind=stored.get("kind"), makers=tuple(Party(*one) for one in row["makers"]),
                made_on=stored.get("made_on"), retired_on=stored.get("retired_on"),
            )
            for row in rows
            for stored in [row["artifact"]]
        ]  # fmt: skip

    return Read("read/artifacts", {"community_id": community_id, "id": artifact_id}, parse)


def initiatives(community_id: str | None = None, initiative_id: str | None = None) -> Read[list[Initiative]]:
    """Those of a community, or the one of that id; the latest first."""

    def parse(rows: list[Row]) -> list[Initiative]:
        return [_initiative(row) for row in rows]

    return Read("read/initiatives", {"community_id": community_id, "id": initiative_id}, parse)


def at_address(digest: str) -> Read[str | None]:
    """Whose calendar address has that digest."""
    parameters = {"digest": digest, "today": date.today().isoformat()}
    return Read("read/calendar_address", parameters, lambda rows: rows[0]["person_id"] if rows else None)


def _initiative(row: Mapping[str, Any]) -> Initiative:
    stored: dict[str, Any] = row["initiative"]
    by = stored.get("decided_by")
    return Initiative(
        id=stored["id"], community_id=row["community_id"], kind=stored["kind"], title=stored["title"],
        text=stored.get("text"), starts_at=stored.get("starts_at"), url=stored.get("url"), state=stored["state"],
        proposer=Party(row["proposer_id"], row["proposer"]), proposed_at=stored["proposed_at"],
        decided_at=stored.get("decided_at"), decider=Party(by, row["decider"] or by) if by else None,
        reason=stored.get("reason"), became=stored.get("became"),
    )  # fmt: skip


def _meetings(rows: list[Row]) -> list[Meeting]:
    found: list[Meeting] = []
    for row in rows:
        stored: dict[str, Any] = row["meeting"]
        text: str | None = stored.get("recurrence")
        rule = text if text and rhythm.is_rule(text) else None
        names = ("title", "starts_at", "minutes", "place", "summary", "facilitator_id", "series_id", "recurs_at",
                 "follows_id", "state", "reason", "ended_at")  # fmt: skip
        found.append(
            Meeting(
                id=stored["id"], community_id=row["community_id"], community=row["community"],
                zone=stored.get("timezone") or row["zone"], recurrence=text, rule=rule,
                followed_at=tuple(row["followed_at"]), came=tuple(Came(*one) for one in row["came"]),
                agenda=tuple(OnAgenda(*one) for one in row["agenda"]),
                erased=stored.get("erased_attendees", 0) + stored.get("erased_guests", 0),
                **{name: stored.get(name) for name in names},
            )
        )  # fmt: skip
    return found


def _inheriting(one: Meeting, series: Meeting) -> Meeting:
    """A meeting of a series, with what is said of the series where nothing else is of the meeting."""
    return replace(
        one, title=one.title or series.title, minutes=one.minutes or series.minutes, place=one.place or series.place,
        facilitator_id=one.facilitator_id or series.facilitator_id, zone=series.zone, recurrence=series.recurrence,
    )  # fmt: skip


def _rolled(series: Meeting, taken: Iterable[datetime], after: datetime, before: datetime) -> Iterable[Occurrence]:
    """The meetings of a series that are not on record by themselves, and its first."""
    first, begins = series.planned, series.begins
    if series.rule is None or first is None or begins is None:
        return
    if first not in taken and after <= begins < before:
        yield Occurrence(_id(series, first), series, begins, first, True)
    ended = series.end_of_series
    blank = replace(series, came=(), erased=0, agenda=(), summary=None, state=None, reason=None, recurs_at=None)
    for when in rhythm.occurrences(
        series.start_of_series, series.zone, series.rule, after=after, before=min(before, ended) if ended else before
    ):
        if when != first and when not in taken:
            yield Occurrence(_id(series, when), blank, when, when, False)


def _id(series: Meeting, when: datetime) -> str:
    return f"{series.id}{AT}{rhythm.as_key(when)}"
