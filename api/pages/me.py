"""Oneself: the profile, what one chose, and all that is held about one."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import Member, MemberOrOutsider
from api.pages.community.overview import Done
from api.pages.frame import Look, going, granted, router, valid, version_in
from api.pages.person import Belongs, belongs
from api.routes import calendars, digest, engagement, find, people
from api.routes.digest import PreferencesBody
from api.routes.engagement import OwnEngagementOut
from api.routes.find import HitOut
from api.routes.people import (
    CommunityId,
    DismissalOut,
    HeldRelationOut,
    HeldSkillIn,
    HelperDismissalOut,
    HelperId,
    PersonalDataOut,
    PersonChange,
    PersonOut,
    SkillId,
)
from graph.errors import InvalidInput, NotFound
from graph.models import Principal
from graph.reads import people as reads
from graph.reads.digest import PARTS
from graph.sentences import tell

routes = router()

# Skills that are offered while somebody types one.
OFFERED = 8
# Events that a page shows, the latest first; the export has all.
EVENTS = 40


@dataclass(frozen=True)
class ProfilePage:
    """`person` as the organisation and they themselves say, `version` for changes. `observed`: by community what
    follows from what they did, where the organisation has that switched on. `offered`: skills whose name begins so."""

    tab: str
    person: PersonOut
    version: str
    communities: Sequence[Belongs]
    observed: Mapping[str, OwnEngagementOut]
    edits: bool
    offered: Sequence[HitOut]
    done: str


@dataclass(frozen=True)
class ChoicesPage:
    """What they chose: `digest` is None where it is theirs alone to see; `calendar_path`: a new private address, told
    once; `calendar_there`: whether they have one."""

    tab: str
    person: PersonOut
    version: str
    dismissals: Sequence[DismissalOut]
    helpers: Sequence[HelperDismissalOut]
    digest: PreferencesBody | None
    digest_version: str
    digest_parts: Sequence[str]
    calendar_there: bool
    calendar_path: str | None
    edits: bool
    done: str


@dataclass(frozen=True)
class DataPage:
    """`relations` by kind of relation, in the order of the graph; `events` the latest, of `all_events`. `erases`:
    whether people erase themselves here, as the organisation has set."""

    tab: str
    data: PersonalDataOut
    relations: Mapping[str, Sequence[HeldRelationOut]]
    events: Sequence[Any]
    all_events: int
    erases: bool
    edits: bool
    done: str


class ProfileForm(BaseModel):
    title: str | None = Field(None, max_length=500)
    bio: str | None = Field(None, max_length=20_000)
    interests: str = Field("", max_length=5_000)
    languages: str = Field("", max_length=1_000)
    timezone: str | None = Field(None, max_length=100)
    version: str = Field("", max_length=200)


class SkillForm(BaseModel):
    skill: str = Field("", max_length=500)
    level: int | None = Field(None, ge=1, le=5)
    wanted: bool = False


class ChoicesForm(BaseModel):
    recommendable: bool = False
    open_to_help: bool = False
    help_capacity: str | None = Field(None, max_length=10)
    help_paused_until: str | None = Field(None, max_length=20)
    suggestions_paused_until: str | None = Field(None, max_length=20)
    version: str = Field("", max_length=200)


class DigestForm(BaseModel):
    frequency: Literal["daily", "weekly", "never"] = "weekly"
    parts: list[Literal["requests", "meetings", "newcomers", "charters", "findings"]] = []
    paused_until: str | None = Field(None, max_length=20)
    version: str = Field("", max_length=200)


class EraseForm(BaseModel):
    person_id: str = Field("", max_length=500)
    keep_texts: bool = False


class CalendarForm(BaseModel):
    drop: bool = False


@routes.get("/me")
async def profile(look: Look, principal: MemberOrOutsider, done: Done = "") -> Response:
    """What one is called, does, knows and wants to learn, and where one is."""
    who, service, told = themselves(principal), look.service, Response()
    found, own = await asyncio.gather(
        people.get_person(who, service, principal, told),
        granted(engagement.get_own_engagement(who, service, principal)),
    )
    observed = {one.community_id: one for one in own.results} if own else {}
    page = ProfilePage(
        "profile", found, version_in(told), belongs(look, found), observed, not principal.external, (), done
    )  # fmt: skip
    return await look.page("me/profile.html", page, "me")


@routes.get("/me/skills")
async def offered(look: Look, principal: Member, skill: Annotated[str, Query(max_length=500)] = "") -> Response:
    """Skills that somebody may mean who types one; asked for while they do."""
    who = themselves(principal)
    found = await people.get_person(who, look.service, principal, Response())
    hits: Sequence[HitOut] = ()
    if skill.strip():
        listed = await find.search_catalogue(
            look.service, principal, text=skill, kind=["skill"], status=None, topic=None, skill=None, limit=OFFERED,
            cursor=None,
        )  # fmt: skip
        hits = listed.results
    page = ProfilePage("profile", found, "", (), {}, True, hits, "")
    return await look.page("me/profile.html", page, "me", block="offered")


@routes.post("/me/profile")
async def save_profile(look: Look, principal: Member) -> Response:
    form = await look.filled(ProfileForm)
    given = {
        "title": form.title, "bio": form.bio, "interests": _listed(form.interests),
        "languages": _listed(form.languages), "timezone": form.timezone,
    }  # fmt: skip
    write = look.write(form.version)
    await people.change_person(themselves(principal), valid(PersonChange, given), principal, write)
    return going("/me", done="saved")


@routes.post("/me/skills")
async def add_skill(look: Look, principal: Member) -> Response:
    """One that they have, at a level, or that they want to learn; by its name or id."""
    form, who, write = await look.filled(SkillForm), themselves(principal), look.write()
    named = (await look.service.reads.read(reads.skills_named([form.skill]))).get(form.skill)
    if named is None:
        raise NotFound(
            tell(
                "There is no skill %(skill)r in the catalogue. Look for it there: it may have another name.",
                skill=form.skill,
            )
        )
    if form.wanted:
        await people.want_skill(who, named.skill_id, principal, write)
    else:
        await people.hold_skill(who, named.skill_id, valid(HeldSkillIn, {"level": form.level}), principal, write)
    return going("/me", done="saved")


@routes.post("/me/skills/{skill_id}/drop")
async def drop_skill(skill_id: SkillId, look: Look, principal: Member) -> Response:
    form, who, write = await look.filled(SkillForm), themselves(principal), look.write()
    drop = people.drop_wanted_skill if form.wanted else people.drop_skill
    await drop(who, skill_id, principal, write)
    return going("/me", done="saved")


@routes.get("/me/choices")
async def choices(look: Look, principal: Member, done: Done = "") -> Response:
    """Whether one is suggested and asked, what one does not want suggested, digest and calendar."""
    return await _choices(look, principal, done, None)


async def _choices(look: Look, principal: Principal, done: str, calendar_path: str | None) -> Response:
    who, service, told, kept = themselves(principal), look.service, Response(), Response()
    found, dismissals, helpers, chosen, data = await asyncio.gather(
        people.get_person(who, service, principal, told),
        people.get_dismissals(who, service, principal),
        people.get_dismissed_helpers(who, service, principal),
        granted(digest.get_preferences(who, service, principal, kept)),
        people.get_personal_data(who, service, principal),
    )
    page = ChoicesPage(
        "choices", found, version_in(told), dismissals, helpers, chosen, version_in(kept), PARTS, data.calendar_address,
        calendar_path, True, done,
    )  # fmt: skip
    return await look.page("me/choices.html", page, "me")


@routes.post("/me/choices")
async def choose(look: Look, principal: Member) -> Response:
    form = await look.filled(ChoicesForm)
    change = valid(PersonChange, form.model_dump(exclude={"version"}))
    write = look.write(form.version)
    await people.change_person(themselves(principal), change, principal, write)
    return going("/me/choices", done="saved")


@routes.post("/me/choices/communities/{community_id}/undo")
async def undo_dismissal(community_id: CommunityId, look: Look, principal: Member) -> Response:
    await people.undo_dismissal(themselves(principal), community_id, principal, look.write())
    return going("/me/choices", done="undone")


@routes.post("/me/choices/helpers/{helper_id}/undo")
async def undo_helper(helper_id: HelperId, look: Look, principal: Member) -> Response:
    await people.undo_helper_dismissal(
        themselves(principal), helper_id, principal, look.write()
    )  # fmt: skip
    return going("/me/choices", done="undone")


@routes.post("/me/choices/digest")
async def choose_digest(look: Look, principal: Member) -> Response:
    form = await look.filled(DigestForm)
    chosen = valid(PreferencesBody, form.model_dump(exclude={"version"}))
    await digest.put_preferences(
        themselves(principal), chosen, principal, look.write(form.version)
    )  # fmt: skip
    return going("/me/choices", done="saved")


@routes.post("/me/choices/calendar")
async def calendar(look: Look, principal: Member) -> Response:
    """A new private address of one's calendar, shown once: so it is the answer itself, and no page to come back to."""
    form, write = await look.filled(CalendarForm), look.write()
    if form.drop:
        await calendars.drop_calendar(themselves(principal), principal, write)
        return going("/me/choices", done="saved")
    made = await calendars.renew_calendar(themselves(principal), principal, write)
    return await _choices(look, principal, "", json.loads(bytes(made.body))["path"])


@routes.get("/me/data")
async def data(look: Look, principal: MemberOrOutsider, done: Done = "") -> Response:
    """All that is held about one, with its source and purpose."""
    found = await people.get_personal_data(themselves(principal), look.service, principal)
    relations: dict[str, list[HeldRelationOut]] = {}
    for one in found.relations:
        relations.setdefault(one.relation, []).append(one)
    latest = sorted(found.events, key=lambda one: -one.seq)
    page = DataPage(
        "data",
        found,
        relations,
        latest[:EVENTS],
        len(latest),
        look.service.settings.self_erasure and not principal.external,
        not principal.external,
        done,
    )
    return await look.page("me/data.html", page, "me")


@routes.get("/me/data.json")
async def export(look: Look, principal: MemberOrOutsider) -> Response:
    """The same to take along (GDPR, article 20)."""
    who = themselves(principal)
    found = await people.get_personal_data(who, look.service, principal)
    name = f"attachment; filename*=UTF-8''guildmap-{quote(who, safe='')}.json"
    return Response(
        found.model_dump_json(indent=2), media_type="application/json", headers={"Content-Disposition": name}
    )


@routes.post("/me/data/erase")
async def erase(look: Look, principal: Member) -> Response:
    """Erases the person who looks, where the organisation has set that people erase themselves. To do so they type
    their id, so that nobody does by a slip."""
    form, who = await look.filled(EraseForm), themselves(principal)
    if form.person_id.strip() != who:
        raise InvalidInput(
            tell("Nothing was erased. To erase all that is held about you, type your id: %(who)s.", who=who)
        )
    await people.erase_person(
        who, look.service, principal, look.write(), keep_texts=form.keep_texts
    )  # fmt: skip
    return going("/")


def themselves(principal: Principal) -> str:
    if principal.person_id is None:
        raise NotFound(tell("You look as nobody in particular. Choose a person, at the top right, to see their pages."))
    return principal.person_id


def _listed(text: str) -> list[str] | None:
    """Entries with commas or line breaks between them."""
    found = [part.strip() for line in text.splitlines() for part in line.split(",")]
    return [one for one in found if one] or None
