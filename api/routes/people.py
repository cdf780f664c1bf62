"""People: profile, skills, preferences, and what they do not want suggested."""

from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, MemberOrOutsider, Serving, acts_for
from api.problems import documented
from api.writing import Write, Writing, answer
from graph.database import Transaction
from graph.errors import Forbidden, NotFound
from graph.facts import Fields
from graph.models import Person, Principal, Role
from graph.reads import people, personal, resources
from graph.reads.resources import version_of
from graph.sentences import tell
from graph.writes import by_hand
from graph.writes.acts import record_act
from graph.writes.idempotency import Answer
from ingest.records import Day, Level, OptionalText, PersonFields

router = APIRouter(prefix="/v1/people", tags=["people"], responses=documented(401, 403, 404, 422, 503))

PersonId = Annotated[str, Path(description="The person's id.", examples=["amara-okafor"])]
SkillId = Annotated[str, Path(description="The skill's id.", examples=["cpp"])]
HelperId = Annotated[str, Path(description="The id of a person.", examples=["ines-carvalho"])]
CommunityId = Annotated[str, Path(description="The community's id.", examples=["numerical-methods"])]

# What a person says of themselves; the rest of a profile is the organisation's to say.
OWN_FIELDS = frozenset(
    (
        "title",
        "bio",
        "interests",
        "languages",
        "timezone",
        "open_to_help",
        "help_capacity",
        "recommendable",
        "help_paused_until",
        "suggestions_paused_until",
    )
)


class SkillOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    skill_id: str
    name: str
    level: int | None = Field(None, description="1 (beginner) to 5 (expert); null: not known")
    evidence: str | None = Field(
        None, description="of a skill that nobody stated: the person's own sentence from which it was read"
    )


class MembershipOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    community_id: str
    engagement: str | None
    role: str | None
    joined_on: str | None
    left_on: str | None


class Preferences(BaseModel):
    """Seen by the person and by admins only."""

    open_to_help: bool
    help_capacity: int | None
    recommendable: bool
    help_paused_until: str | None = Field(description="suggested as helper, and asked for help, again after this day")
    suggestions_paused_until: str | None = Field(description="gets suggestions again after this day")


class PersonOut(BaseModel):
    id: str = Field(examples=["amara-okafor"])
    name: str = Field(examples=["Amara Okafor"])
    title: str | None = None
    bio: str | None = None
    interests: list[str] = []
    unit_id: str | None = None
    unit_name: str | None = None
    manager_id: str | None = None
    grade: str | None = None
    joined_on: str | None = Field(None, examples=["2026-11-02"])
    left_on: str | None = None
    external: bool = False
    languages: list[str] = []
    timezone: str | None = None
    skills: list[SkillOut] = []
    wants_to_learn: list[SkillOut] = []
    memberships: list[MembershipOut] = Field([], description="those that the asking principal may see")
    preferences: Preferences | None = None


class PersonChange(PersonFields):
    """Fields that are absent stay as they are; null empties one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"bio": "I build digital twins.", "open_to_help": True}]}
    )
    name: OptionalText = None


class HeldSkillIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"level": 4}]})
    level: Level = None


class DismissalIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "no time this year", "until": "2027-01"}]}
    )
    reason: OptionalText = Field(None, description="seen by the person only")
    until: Day = Field(None, description="a date; without one it holds for good")


class DismissalOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    community_id: str
    name: str
    reason: str | None
    until: str | None
    at: str


class HelperDismissalOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str
    name: str
    reason: str | None
    until: str | None
    at: str


class HeldFieldOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str = Field(examples=["title"])
    value: Any
    source: str | None = Field(description="who said so; `by-hand`: somebody here; null: it was made here")
    purpose: str | None = Field(examples=["to find people, and communities whose members do similar work"])


class HeldRelationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    relation: str = Field(examples=["MEMBER_OF"])
    outgoing: bool = Field(description="whether it leads from the person to the other thing")
    kind: str = Field(examples=["Community"])
    id: str | None
    name: str | None
    properties: dict[str, Any]
    record: dict[str, Any] = Field(description="the other thing's content, where it is the person's own")
    source: str | None
    purpose: str | None


class HeldEventOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    seq: int
    at: str
    action: str
    by_themselves: bool
    subjects: list[str]


class PersonalDataOut(BaseModel):
    """All that is held about a person. What other people noted of them for their own eyes is counted, not told."""

    model_config = ConfigDict(from_attributes=True)
    person_id: str
    fields: list[HeldFieldOut]
    derived: list[str]
    relations: list[HeldRelationOut]
    digest: dict[str, Any]
    api_keys: list[dict[str, Any]]
    calendar_address: bool
    sessions: int = Field(description="in how many browsers they are signed in")
    events: list[HeldEventOut]
    noted_by_others: int


def version(person: Person) -> str:
    """Of what the person and the organisation say of them; memberships have versions of their own."""
    return version_of(replace(person, memberships=(), dismissed=()))


def shown(person: Person, principal: Principal) -> PersonOut:
    fields: dict[str, Any] = asdict(person)
    own = principal.person_id == person.id or principal.role is Role.ADMIN
    preferences = {name: fields.pop(name) for name in Preferences.model_fields}
    if not own:
        fields["wants_to_learn"] = []
    return PersonOut.model_validate({**fields, "preferences": preferences if own else None})


def unknown(person_id: str) -> NotFound:
    return NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))


@router.get("/{person_id}")
async def get_person(
    person_id: PersonId, service: Serving, principal: MemberOrOutsider, response: Response
) -> PersonOut:
    """A person as the asking principal may see them; people from outside see themselves. `ETag` is the version for
    changes."""
    if principal.external and principal.person_id != person_id:
        raise Forbidden(tell("This is for people of the organisation."))
    found = await service.reads.read(people.person(person_id, None, principal))
    if found is None:
        raise unknown(person_id)
    response.headers["ETag"] = f'"{version(found)}"'
    return shown(found, principal)


@router.patch("/{person_id}", response_model=PersonOut, responses=documented(409, 412, 428))
async def change_person(person_id: PersonId, change: PersonChange, principal: Member, write: Write) -> Response:
    """Changes a profile by hand: from then on these fields win over what any source says.

    People change their own words and preferences; name, unit, manager, dates and the like are for admins.
    """
    acts_for(principal, person_id)
    fields = change.model_dump(include=change.model_fields_set)
    others = sorted(fields.keys() - OWN_FIELDS)
    if others and principal.role is not Role.ADMIN:
        raise Forbidden(tell("Only an admin may change %(names)s.", names=", ".join(others)))
    return await _changed(
        person_id, principal, write, lambda tx: by_hand.edit(tx, principal, "person", person_id, fields, write.order)
    )


@router.put("/{person_id}/skills/{skill_id}", response_model=PersonOut, responses=documented(412, 428))
async def hold_skill(
    person_id: PersonId, skill_id: SkillId, held: HeldSkillIn, principal: Member, write: Write
) -> Response:
    """Says that the person holds a skill, at a level or at one not told."""
    return await _set_skill(person_id, skill_id, "held_skill", {"level": held.level}, principal, write)


@router.delete("/{person_id}/skills/{skill_id}", response_model=PersonOut, responses=documented(412, 428))
async def drop_skill(person_id: PersonId, skill_id: SkillId, principal: Member, write: Write) -> Response:
    """Says that the person does not hold a skill, whatever sources go on to claim."""
    return await _drop_skill(person_id, skill_id, "held_skill", principal, write)


@router.put("/{person_id}/wants-to-learn/{skill_id}", response_model=PersonOut, responses=documented(412, 428))
async def want_skill(person_id: PersonId, skill_id: SkillId, principal: Member, write: Write) -> Response:
    """Says that the person wants to learn a skill."""
    return await _set_skill(person_id, skill_id, "wanted_skill", {}, principal, write)


@router.delete("/{person_id}/wants-to-learn/{skill_id}", response_model=PersonOut, responses=documented(412, 428))
async def drop_wanted_skill(person_id: PersonId, skill_id: SkillId, principal: Member, write: Write) -> Response:
    """Takes back that the person wants to learn a skill."""
    return await _drop_skill(person_id, skill_id, "wanted_skill", principal, write)


@router.get("/{person_id}/data")
async def get_personal_data(person_id: PersonId, service: Serving, principal: MemberOrOutsider) -> PersonalDataOut:
    """All that is held about a person, for themselves and for admins: each field with its source and purpose, each
    relation, each event. A copy to take along (GDPR, articles 15 and 20)."""
    acts_for(principal, person_id)
    found = await service.reads.follow(personal.personal_data(person_id))
    if found is None:
        raise unknown(person_id)
    if principal.person_id != person_id:
        await service.write(lambda tx: record_act(tx, principal, "export.person", person_id))
    return PersonalDataOut.model_validate(found)


@router.delete(
    "/{person_id}/data", status_code=204,
    responses={202: {"description": "It has begun, and goes on: the person is kept out already."}},
)  # fmt: skip
async def erase_person(
    person_id: PersonId,
    service: Serving,
    principal: Member,
    write: Write,
    keep_texts: Annotated[
        bool, Query(description="keep the words of their questions and advice, without their name")
    ] = False,
) -> Response:
    """Erases a person for good (GDPR, article 17): no import brings them back, and what they did counts on as nobody's.

    For admins, and for the person where the organisation has set that people erase themselves.
    """
    own = principal.person_id == person_id
    if principal.role is not Role.ADMIN and not (own and service.settings.self_erasure):
        raise Forbidden(tell("An admin erases people: ask one.") if own else tell("Only an admin may erase somebody."))
    done = await write.service.erase(principal, person_id, keep_texts=keep_texts)
    return Response(status_code=204 if done else 202)


@router.get("/{person_id}/dismissals")
async def get_dismissals(person_id: PersonId, service: Serving, principal: Member) -> list[DismissalOut]:
    """The communities that the person does not want suggested; for their own eyes."""
    acts_for(principal, person_id)
    return [DismissalOut.model_validate(one) for one in await service.reads.read(resources.dismissals(person_id))]


@router.put("/{person_id}/dismissals/{community_id}", status_code=204)
async def dismiss(
    person_id: PersonId, community_id: CommunityId, dismissal: DismissalIn, principal: Member, write: Write
) -> Response:
    """Never suggest this community to this person again, or not before a date."""
    acts_for(principal, person_id)

    def work(transaction: Transaction) -> Answer:
        by_hand.seen_community(transaction, principal, community_id)
        by_hand.dismiss(transaction, principal, person_id, community_id, dismissal.reason, dismissal.until)
        return answer(204)

    return await write.perform(principal, work)


@router.delete("/{person_id}/dismissals/{community_id}", status_code=204)
async def undo_dismissal(person_id: PersonId, community_id: CommunityId, principal: Member, write: Write) -> Response:
    """The community may be suggested again."""
    acts_for(principal, person_id)

    def work(transaction: Transaction) -> Answer:
        by_hand.undo_dismissal(transaction, principal, person_id, community_id)
        return answer(204)

    return await write.perform(principal, work)


@router.get("/{person_id}/dismissed-helpers")
async def get_dismissed_helpers(person_id: PersonId, service: Serving, principal: Member) -> list[HelperDismissalOut]:
    """Whom the person does not want suggested as helpers; for their own eyes."""
    acts_for(principal, person_id)
    found = await service.reads.read(resources.helper_dismissals(person_id))
    return [HelperDismissalOut.model_validate(one) for one in found]


@router.put("/{person_id}/dismissed-helpers/{helper_id}", status_code=204)
async def dismiss_helper(
    person_id: PersonId, helper_id: HelperId, dismissal: DismissalIn, principal: Member, write: Write
) -> Response:
    """Never suggest this helper to this person again, or not before a date. The helper does not learn of it."""
    acts_for(principal, person_id)

    def work(transaction: Transaction) -> Answer:
        by_hand.dismiss_helper(transaction, principal, person_id, helper_id, dismissal.reason, dismissal.until)
        return answer(204)

    return await write.perform(principal, work)


@router.delete("/{person_id}/dismissed-helpers/{helper_id}", status_code=204)
async def undo_helper_dismissal(person_id: PersonId, helper_id: HelperId, principal: Member, write: Write) -> Response:
    """The helper may be suggested again."""
    acts_for(principal, person_id)

    def work(transaction: Transaction) -> Answer:
        by_hand.undo_helper_dismissal(transaction, principal, person_id, helper_id)
        return answer(204)

    return await write.perform(principal, work)


async def _set_skill(
    person_id: str, skill_id: str, kind: str, fields: Fields, principal: Principal, write: Writing
) -> Response:
    acts_for(principal, person_id)
    return await _changed(
        person_id, principal, write,
        lambda tx: by_hand.set_skill(tx, principal, person_id, skill_id, kind, fields, write.order),
    )  # fmt: skip


async def _drop_skill(person_id: str, skill_id: str, kind: str, principal: Principal, write: Writing) -> Response:
    acts_for(principal, person_id)
    return await _changed(
        person_id, principal, write,
        lambda tx: by_hand.drop_skill(tx, principal, person_id, skill_id, kind, write.order),
    )  # fmt: skip


async def _changed(person_id: str, principal: Principal, write: Writing, change: Any) -> Response:
    """Runs a change of a person that is based on their version, and answers with the person as changed."""

    def work(transaction: Transaction) -> Answer:
        before = transaction.read(people.person(person_id, None, principal))
        if before is None:
            raise unknown(person_id)
        write.expect(version(before))
        change(transaction)
        after = transaction.read(people.person(person_id, None, principal))
        assert after is not None
        return answer(200, shown(after, principal), version(after))

    return await write.perform(principal, work)
