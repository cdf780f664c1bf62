"""What a row of the import bundle must be. Each record says which facts of the graph it stands for."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from graph import rhythm
from graph.facts import Fields, name_key, spell_id
from graph.sentences import message_of, tell

# A field longer than this is no domain text or bio but a mistake (a file pasted into a cell). It also keeps what
# one batch holds in memory in bounds.
LONGEST_FIELD = 200_000

# A list that is longer is one that went wrong: a meeting of more people, a skill under more names.
MOST_LISTED = 10_000

# Half of a surrogate pair: what bytes that are no UTF-8 were read as.
_HALF = re.compile(r"[\ud800-\udfff]")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        if isinstance(value, (bool, dict, list)):
            raise ValueError(tell("must be text"))
        value = str(value)
    text = value.strip()
    if "\x00" in text:
        raise ValueError(tell("holds a NUL character; remove it"))
    if not text.isascii() and _HALF.search(text):
        raise ValueError(tell("is not valid UTF-8; save the file as UTF-8"))
    if len(text) > LONGEST_FIELD:
        number, most = f"{len(text):,}", f"{LONGEST_FIELD:,}"
        raise ValueError(tell("has %(number)s characters; at most %(most)s are taken", number=number, most=most))
    return text or None


def _date(value: Any) -> str | None:
    text = _text(value)
    return None if text is None else _day(text)


@lru_cache(maxsize=20_000)
def _day(text: str) -> str:
    day = text.split("T")[0].split(" ")[0]
    match = _DATE.fullmatch(day)
    if match is None:
        raise ValueError(tell("is not a date like 2021-04-30, 2021-04 or 2021: %(text)r", text=text[:40]))
    year, month, number = (int(part) if part else 1 for part in match.groups())
    try:
        date(year, month, number)
    except ValueError as error:
        raise ValueError(
            tell("is no day of the calendar: %(text)r (%(error)s)", text=text[:40], error=str(error))
        ) from None
    return day


def is_date(text: str) -> bool:
    """Whether `text` is a date to the day, month or year."""
    try:
        return TypeAdapter(Day).validate_python(text) is not None
    except ValidationError:
        return False


def _moment(value: Any) -> str | None:
    """A date, or a date with a time, kept as given."""
    text = _text(value)
    if text is None:
        return None
    try:
        if "T" not in text:
            return _date(text)
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            tell("is no moment like 2021-04-30T14:00 and no date like 2021-04-30: %(text)r", text=text[:40])
        ) from None
    return text


def _list(value: Any) -> list[str] | None:
    if value is None or value == "":
        return None
    items = value.split(";") if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError(tell("must be a list (in CSV separated by `;`)"))
    if len(items) > MOST_LISTED:
        number, most = f"{len(items):,}", f"{MOST_LISTED:,}"
        raise ValueError(tell("has %(number)s entries; at most %(most)s are taken", number=number, most=most))
    texts = [text for item in items if (text := _text(item))]
    return list(dict.fromkeys(texts)) or None


def regular_meeting(meeting: dict[str, Any]) -> str:
    """A regular meeting in a line: `Regular meeting: biweekly, Wednesday 11:00 PT`."""
    when = " ".join(str(meeting[part]) for part in ("day", "time", "tz") if meeting.get(part))
    rhythm = ", ".join(str(part) for part in (meeting.get("frequency"), when) if part)
    title = str(meeting.get("description") or meeting.get("title") or "Meeting")
    return f"{title}: {rhythm}" if rhythm else title


def _meetings(value: Any) -> list[str] | None:
    if isinstance(value, list):
        value = [regular_meeting(item) if isinstance(item, dict) else item for item in value]
    return _list(value)


def _flag(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip().casefold() or None
    if value is None or isinstance(value, bool):
        return value
    if value in ("true", "yes", "1", 1):
        return True
    if value in ("false", "no", "0", 0):
        return False
    raise ValueError(tell("must be true or false, not %(value)r", value=str(value)[:40]))


def _lower(value: Any) -> str | None:
    text = _text(value)
    return text.casefold() if text else None


Text = Annotated[str, BeforeValidator(_text)]
OptionalText = Annotated[str | None, BeforeValidator(_text)]
Day = Annotated[str | None, BeforeValidator(_date)]
Moment = Annotated[str | None, BeforeValidator(_moment)]
Listed = Annotated[list[str] | None, BeforeValidator(_list)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
Id = Annotated[str, BeforeValidator(_text), Field(max_length=500)]
# Limits belong to the value inside: pydantic would apply them to None too.
OptionalId = Annotated[Annotated[str, Field(max_length=500)] | None, BeforeValidator(_text)]

Level = Annotated[Annotated[int, Field(ge=1, le=5)] | None, BeforeValidator(_text)]
Capacity = Annotated[Annotated[int, Field(ge=0, le=1000)] | None, BeforeValidator(_text)]


def _email(value: Any) -> str | None:
    text = _text(value)
    if text is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError(tell("is no e-mail address"))
    return text


Email = Annotated[str | None, BeforeValidator(_email)]


def _posts(value: Any) -> list[str] | None:
    listed = _list(value)
    for line in listed or ():
        month, *numbers = line.split(" ")
        if len(month) != 7 or len(numbers) != 2 or not all(re.fullmatch(r"\d{1,9}", one) for one in numbers):
            raise ValueError(
                tell("is no month with numbers of posts and people, like `2024-01 120 14`: %(line)r", line=line[:40])
            )
        _day(month)
    return listed


def _zone(value: Any) -> str | None:
    text = _text(value)
    rhythm.zone_of(text)
    return text


def _link(value: Any) -> str | None:
    text = _text(value)
    if text is not None and not re.fullmatch(r"(?i:https?://)[^\s<>\"]+", text):
        raise ValueError(tell("is no address like https://…: %(text)r", text=text[:60]))
    return text


Posts = Annotated[list[str] | None, BeforeValidator(_posts)]
Zone = Annotated[str | None, BeforeValidator(_zone)]
Link = Annotated[Annotated[str, Field(max_length=2000)] | None, BeforeValidator(_link)]
Minutes = Annotated[Annotated[int, Field(ge=1, le=7 * 24 * 60)] | None, BeforeValidator(_text)]
ItemState = Annotated[Literal["open", "progressed", "settled"] | None, BeforeValidator(_lower)]
ArtifactKind = Annotated[
    Literal["document", "benchmark", "tool", "recording", "dataset", "other"] | None, BeforeValidator(_lower)
]

Status = Annotated[Literal["proposed", "forming", "active", "dormant", "retired"] | None, BeforeValidator(_lower)]
Visibility = Annotated[Literal["open", "listed", "restricted"] | None, BeforeValidator(_lower)]
Engagement = Annotated[Literal["core", "active", "occasional", "peripheral"] | None, BeforeValidator(_lower)]


def named_skill(name: str) -> str:
    """The id of a skill that is known by its name alone: one id for all spellings that count as one name."""
    return "skill:" + name_key(name)


class Record(BaseModel, ABC):
    """A row. Unknown columns are ignored here; the job warns of them once a file."""

    model_config = ConfigDict(extra="ignore")
    kind: ClassVar[str]

    def facts(self) -> Iterator[tuple[str, str, Fields]]:
        """(kind, id, fields) of each fact that the row states; fields without a value are left out."""
        # Records hold texts, numbers and lists of texts only: nothing to dump, and this is read for every row.
        fields = {name: value for name, value in self.__dict__.items() if value is not None and name != "id"}
        yield self.kind, self.key(), fields

    @abstractmethod
    def key(self) -> str:
        """The id of the fact in the graph."""


class ThingRecord(Record):
    """A row about something that has an id of its own."""

    id: Id

    def key(self) -> str:
        return self.id


class OrgUnitRecord(ThingRecord):
    kind = "org_unit"
    name: Text
    description: OptionalText = None
    parent_id: OptionalId = None


class GoalRecord(ThingRecord):
    kind = "goal"
    name: Text
    description: OptionalText = None


class SkillRecord(ThingRecord):
    kind = "skill"
    name: Text
    # `kind` is the record's own word; in the file the column is called so too.
    skill_kind: Annotated[Literal["skill", "topic"] | None, BeforeValidator(_lower)] = Field(None, alias="kind")
    alt_labels: Listed = None
    description: OptionalText = None
    broader_ids: Listed = None

    def facts(self) -> Iterator[tuple[str, str, Fields]]:
        for kind, key, fields in super().facts():
            if "skill_kind" in fields:
                fields["kind"] = fields.pop("skill_kind")
            yield kind, key, fields


class PersonFields(BaseModel):
    """What is said of a person beside id and name, by an import and by hand alike."""

    email: Email = None
    title: OptionalText = None
    bio: OptionalText = None
    interests: Listed = None
    unit_id: OptionalId = None
    manager_id: OptionalId = None
    grade: OptionalText = None
    joined_on: Day = None
    left_on: Day = None
    external: Flag = None
    languages: Listed = None
    timezone: OptionalText = None
    open_to_help: Flag = None
    help_capacity: Capacity = None
    recommendable: Flag = None
    help_paused_until: Day = None
    suggestions_paused_until: Day = None


class PersonRecord(PersonFields, ThingRecord):
    kind = "person"
    name: Text

    @model_validator(mode="after")
    def _plausible(self) -> "PersonRecord":
        if self.manager_id == self.id:
            raise ValueError(tell("manager_id: names the person as their own manager"))
        return self


class PersonSkillRecord(Record):
    kind = "held_skill"
    person_id: Id
    skill_id: OptionalId = None
    skill: OptionalText = None
    level: Level = None
    wants_to_learn: Flag = None

    @model_validator(mode="after")
    def _named(self) -> "PersonSkillRecord":
        if not self.skill_id and not self.skill:
            raise ValueError(tell("skill_id: give skill_id, or the skill's name in the column `skill`"))
        return self

    def key(self) -> str:
        return spell_id(self.person_id, self.skill_id or self.skill)

    def facts(self) -> Iterator[tuple[str, str, Fields]]:
        if self.skill_id is None and self.skill is not None:
            # Made where no skill has this name; the facts below find either by the name.
            yield "skill", named_skill(self.skill), {"name": self.skill}
        ends = {"person_id": self.person_id, "skill_id": self.skill_id or self.skill}
        key = self.key()
        if self.wants_to_learn:
            yield "wanted_skill", key, ends
        if self.level is not None or not self.wants_to_learn:
            yield "held_skill", key, {**ends, "level": self.level} if self.level else ends


class CommunityRecord(ThingRecord):
    kind = "community"
    name: Text
    domain: Text
    community_kind: OptionalText = Field(None, alias="kind")
    status: Status = None
    visibility: Visibility = None
    audience: OptionalText = None
    contacts: Listed = None
    language: OptionalText = None
    founded_on: Day = None
    retired_on: Day = None
    topics: Listed = None
    skills: Listed = None
    goals: Listed = None
    meetings: Annotated[list[str] | None, BeforeValidator(_meetings)] = None
    externals_allowed: Flag = None
    timezone: Zone = None
    posts: Posts = None

    def facts(self) -> Iterator[tuple[str, str, Fields]]:
        # Skills may be given by id or by name; a name that no skill has yet makes one.
        for name in self.skills or ():
            yield "skill", named_skill(name), {"name": name}
        renamed = {"community_kind": "kind", "skills": "skill_ids", "goals": "goal_ids"}
        for kind, key, fields in super().facts():
            yield kind, key, {renamed.get(name, name): value for name, value in fields.items()}


class CharterRecord(Record):
    kind = "charter"
    community_id: Id
    purpose: OptionalText = None
    vision: OptionalText = None
    objectives: Listed = None
    strategy: OptionalText = None
    value_proposition: OptionalText = None
    time_commitment: OptionalText = None
    sponsor_id: OptionalId = None
    needs: Listed = None
    challenges: Listed = None
    opportunities: Listed = None
    works_today: OptionalText = None
    could_be: OptionalText = None
    should_be: OptionalText = None
    will_be: OptionalText = None
    pitch: OptionalText = None
    adopted_on: Day = None

    def key(self) -> str:
        return self.community_id


class MembershipRecord(Record):
    kind = "membership"
    person_id: Id
    community_id: Id
    engagement: Engagement = None
    role: OptionalText = None
    joined_on: Day = None
    left_on: Day = None

    def key(self) -> str:
        return spell_id(self.person_id, self.community_id, self.joined_on)

    @model_validator(mode="after")
    def _forward(self) -> "MembershipRecord":
        # Dates of one precision only: `2021` against `2021-04-30` says nothing.
        start, end = self.joined_on, self.left_on
        if start and end and len(start) == len(end) and end < start:
            raise ValueError(tell("left_on: %(end)s lies before joined_on %(start)s", end=end, start=start))
        return self


class MeetingRecord(ThingRecord):
    kind = "meeting"
    community_id: Id
    starts_at: Annotated[str, BeforeValidator(_moment)]
    title: OptionalText = None
    recurrence: OptionalText = None
    summary: OptionalText = None
    follows_id: OptionalId = None
    attendee_ids: Listed = None
    guest_ids: Listed = None
    agenda: Listed = None
    timezone: Zone = None
    minutes: Minutes = None
    place: OptionalText = None
    facilitator_id: OptionalId = None
    series_id: OptionalId = None
    recurs_at: Annotated[str | None, BeforeValidator(_moment)] = None
    state: Annotated[Literal["cancelled"] | None, BeforeValidator(_lower)] = None
    reason: OptionalText = None
    ended_at: Moment = None

    @model_validator(mode="after")
    def _recurring(self) -> "MeetingRecord":
        if rhythm.is_rule(self.recurrence):
            try:
                self.recurrence = rhythm.checked(self.recurrence or "", self.starts_at)
            except ValueError as error:
                raise ValueError(tell("recurrence: %(error)s", error=message_of(error))) from None
        if (self.series_id is None) != (self.recurs_at is None):
            raise ValueError(
                tell("series_id: one meeting of a series has both series_id and recurs_at, when that has it")
            )
        if self.series_id is not None and self.recurrence is not None:
            raise ValueError(tell("recurrence: belongs to the series, not to one meeting of it (series_id)"))
        return self


class AgendaItemRecord(Record):
    """What meetings of a community come back to, known by its title there."""

    kind = "agenda_item"
    community_id: Id
    title: Text
    state: ItemState = None
    owner_id: OptionalId = None

    def key(self) -> str:
        # The key of an item that is only named in an agenda (write/link_meeting_agenda).
        return f"{self.community_id}/{self.title}"


class ArtifactRecord(ThingRecord):
    kind = "artifact"
    community_id: Id
    title: Text
    url: Link = None
    # `kind` is the record's own word; in the file the column is called so too.
    artifact_kind: ArtifactKind = Field(None, alias="kind")
    maker_ids: Listed = None
    made_on: Day = None
    retired_on: Day = None

    def facts(self) -> Iterator[tuple[str, str, Fields]]:
        for kind, key, fields in super().facts():
            if "artifact_kind" in fields:
                fields["kind"] = fields.pop("artifact_kind")
            yield kind, key, fields


class QuestionRecord(ThingRecord):
    kind = "question"
    text: Text
    title: OptionalText = None
    community_id: OptionalId = None
    asker_id: OptionalId = None
    asked_at: Moment = None
    private: Flag = None


class AdviceRecord(Record):
    kind = "advice"
    question_id: Id
    helper_id: Id
    advised_at: Moment = None
    text: OptionalText = None
    outcome: Annotated[Literal["worked", "partly", "did_not_work"] | None, BeforeValidator(_lower)] = None
    followed_up_at: Moment = None
    learned: OptionalText = None

    def key(self) -> str:
        return spell_id(self.question_id, self.helper_id, self.advised_at)


# In the order in which they are loaded: what is named comes before what names it.
RECORDS: dict[str, type[Record]] = {
    "org_units": OrgUnitRecord,
    "goals": GoalRecord,
    "skills": SkillRecord,
    "people": PersonRecord,
    "person_skills": PersonSkillRecord,
    "communities": CommunityRecord,
    "charters": CharterRecord,
    "memberships": MembershipRecord,
    "meetings": MeetingRecord,
    "agenda_items": AgendaItemRecord,
    "artifacts": ArtifactRecord,
    "questions": QuestionRecord,
    "advice": AdviceRecord,
}
