"""A community's charter: what it says, its versions, who stands behind it; to draft, adopt, object, comment."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from api.dependencies import Member
from api.pages.community.head import Head, head
from api.pages.community.overview import Done
from api.pages.frame import Look, Looking, going, granted, router, valid
from api.pages.frame import said as reason_of
from api.pages.picker import LONGEST, done_with
from api.routes import charters, goals, sponsors
from api.routes.charters import (
    AdoptionIn,
    AlignmentIn,
    AlignmentOut,
    CharterOut,
    CommentIn,
    CommentOut,
    DraftIn,
    ObjectionId,
    ObjectionOut,
    SettlementIn,
    VersionRow,
)
from api.routes.communities import LARGEST_PAGE, NamedOut
from api.routes.people import CommunityId
from api.routes.sponsors import AskedIn, DeclinedIn, SponsorshipOut
from graph.charters import NOTHING, Charter, objective_of
from graph.errors import Forbidden, GuildmapError, InvalidInput, Stale
from graph.models import Part, Principal
from graph.sentences import tell
from matcher.community.difference import Difference, Piece, said
from matcher.community.draft import Suggestion

routes = router()

Number = Annotated[int | None, Query(ge=1, le=1_000_000)]

# Of these an entry stands in a line, as the form has them.
LINES = ("needs", "challenges", "opportunities", "objectives")
IDS = ("goal_ids", "took_part_ids")

# For a first draft: so that of two none is taken for the next of the other.
NO_VERSION = "none"


@dataclass(frozen=True)
class CharterPage:
    """`charter`: the version that is looked at, None where there is none at all. `parts`: what it says by field, in
    the order of a charter. `compared`: the number of the version whose differences to it are `differences`."""

    head: Head
    charter: CharterOut | None
    parts: Mapping[str, Sequence[str]]
    versions: Sequence[VersionRow]
    compared: int | None
    differences: Sequence[Difference]
    alignment: AlignmentOut | None
    objections: Sequence[ObjectionOut]
    comments: Sequence[CommentOut]
    sponsorship: SponsorshipOut | None

    @property
    def stance(self) -> str | None:
        """What the person who looks has said to this version."""
        sides = self.alignment.sides if self.alignment else ()
        return next((one.stance for one in sides if one.person.id == self.head.person_id), None)

    @property
    def asked(self) -> bool:
        """Whether the person who looks is asked to sponsor the community."""
        people = self.sponsorship.results if self.sponsorship else ()
        return any(one.state == "asked" and one.person.id == self.head.person_id for one in people)


@dataclass(frozen=True)
class Newer:
    """A version that somebody saved while another draft was written, and what it says differently than the version on
    which that was based; no differences where there was none."""

    version: CharterOut
    differences: Sequence[Difference]


@dataclass(frozen=True)
class DraftPage:
    """`fields`: the text of each field as it is edited; of ids those that are `chosen`. `version`: that on which the
    draft is based, '' for a first one, and its `number`, 0 for that. `suggestions` by field. `everything`: False for a
    sponsor, who sets the purpose and the goals alone. `newer`: what was saved meanwhile, so that the draft was not;
    `problem`: why else it was not."""

    head: Head
    fields: Mapping[str, str]
    chosen: Mapping[str, Sequence[str]]
    goals: Sequence[NamedOut]
    people: Sequence[NamedOut]
    version: str
    number: int
    suggestions: Mapping[str, Sequence[Suggestion]]
    everything: bool
    newer: Newer | None
    comment: str
    problem: str


class DraftForm(BaseModel):
    """Lists stand in lines, objectives with their state in front."""

    purpose: str = ""
    goal_ids: list[str] = []
    needs: str = ""
    challenges: str = ""
    opportunities: str = ""
    vision: str = ""
    works_today: str = ""
    could_be: str = ""
    should_be: str = ""
    will_be: str = ""
    took_part_ids: list[str] = []
    strategy: str = ""
    objectives: str = ""
    value_proposition: str = ""
    pitch: str = ""
    time_commitment: str = ""
    comment: str | None = Field(None, max_length=2_000)
    version: str = Field("", max_length=200)
    number: int = Field(0, ge=0, le=1_000_000)


class VersionForm(BaseModel):
    number: int = Field(ge=1, le=1_000_000)
    text: str | None = Field(None, max_length=20_000)
    despite_objections: bool = False


class ReasonForm(BaseModel):
    reason: str | None = Field(None, max_length=20_000)


class SponsorForm(BaseModel):
    person_id: str = Field("", max_length=LONGEST)


@routes.get("/communities/{community_id}/charter")
async def charter(
    community_id: CommunityId,
    look: Look,
    principal: Member,
    version: Number = None,
    against: Number = None,
    done: Done = "",
) -> Response:
    """The charter that holds, or another version of it, and what people say to it."""
    service = look.service
    top, shown = await asyncio.gather(
        head(look, community_id, "charter", done), _charter(look, community_id, version)
    )  # fmt: skip
    versions, alignment, objections, comments, sponsorship = await asyncio.gather(
        granted(charters.list_versions(community_id, service, principal)),
        granted(charters.get_alignment(community_id, service, principal, version)),
        granted(charters.list_objections(community_id, service, principal, None)),
        granted(charters.list_comments(community_id, service, principal)),
        granted(sponsors.get_sponsorship(community_id, service, principal)),
    )
    compared = against if against is not None and shown is not None and against != shown.number else None
    differences: Sequence[Difference] = ()
    if compared is not None and shown is not None:
        before, _ = await charters.read_charter(community_id, service, principal, compared)
        found = await charters.get_difference(community_id, compared, shown.number, service, principal)
        differences = _named(found.results, [*before.goals, *before.took_part, *shown.goals, *shown.took_part])
    if shown is not None and alignment is not None and alignment.version != shown.number:
        # Nobody named a version: what is said is said of the one that is shown.
        alignment = await charters.get_alignment(community_id, service, principal, shown.number)
    page = CharterPage(
        top, shown, _parts(shown) if shown else {}, versions.results if versions else (), compared, differences,
        alignment, objections.results if objections else (), comments.results if comments else (), sponsorship,
    )  # fmt: skip
    return await look.page("community/charter.html", page, "catalogue")


async def _charter(look: Looking, community_id: str, number: int | None) -> CharterOut | None:
    """Raises NotFound for a number that there is none of."""
    read = charters.read_charter(community_id, look.service, look.principal, number)
    found = await (read if number is not None else granted(read))
    return found[0] if found else None


def _named(differences: Sequence[Difference], known: Sequence[NamedOut]) -> Sequence[Difference]:
    """The same with the names of people and goals for their ids, of which each stands in a line."""
    names = {one.id: one.name for one in known}

    def told(piece: Piece) -> Piece:
        return replace(piece, text="".join(f"{names.get(line, line)}\n" for line in piece.text.splitlines()))

    return [
        replace(one, pieces=tuple(told(piece) for piece in one.pieces)) if one.field in IDS else one
        for one in differences
    ]


def _parts(shown: CharterOut) -> Mapping[str, Sequence[str]]:
    """What each field says, those that say nothing left out: of a list its entries, of ids the names."""
    found: dict[str, Sequence[str]] = {}
    names = {"goal_ids": shown.goals, "took_part_ids": shown.took_part}
    for field in Charter.model_fields:
        if field in names:
            found[field] = [one.name for one in names[field]]
        elif field in LINES:
            found[field] = said(shown.charter, field).splitlines()
        else:
            text = said(shown.charter, field)
            found[field] = [text] if text else []
    return {field: texts for field, texts in found.items() if texts}


@routes.get("/communities/{community_id}/charter/edit")
async def edit(community_id: CommunityId, look: Look, principal: Member) -> Response:
    """To write the next draft, on the newest version."""
    return await _editing(look, principal, community_id)


@routes.post("/communities/{community_id}/charter/edit")
async def save(community_id: CommunityId, look: Look, principal: Member) -> Response:
    """Saves the draft. Nothing that was typed is lost: where somebody else saved one meanwhile, both are shown."""
    form = await look.filled(DraftForm)
    try:
        draft, write = _draft(form), look.write(form.version or NO_VERSION)
        await charters.save_draft(community_id, draft.charter, draft.comment, principal, write, principal.person_id)
    except (Stale, InvalidInput, RequestValidationError) as error:
        return await _editing(look, principal, community_id, form, error)
    newest, _ = await charters.read_charter(community_id, look.service, principal, newest=True)
    return going(f"/communities/{quote(community_id)}/charter", version=str(newest.number), done="drafted")


async def _editing(
    look: Looking,
    principal: Principal,
    community_id: str,
    form: DraftForm | None = None,
    error: GuildmapError | RequestValidationError | None = None,
) -> Response:
    """The page on which a draft is written; with a `form`, as it was sent."""
    service = look.service
    top = await head(look, community_id, "charter")
    if not top.writes:
        raise Forbidden(
            tell("The charter of %(name)s is written by its leads, core members and sponsors.", name=top.community.name)
        )
    newest, found, alignment, suggested = await asyncio.gather(
        granted(charters.read_charter(community_id, service, principal, newest=True)),
        goals.list_goals(service, principal, LARGEST_PAGE, None),
        granted(charters.get_alignment(community_id, service, principal, None)),
        granted(charters.get_suggestions(community_id, service, principal, principal.person_id)),
    )
    base, version = (newest[0].charter, newest[1]) if newest else (NOTHING, "")
    number = newest[0].number if newest else 0
    fields = {name: said(base, name) for name in Charter.model_fields}
    chosen: Mapping[str, Sequence[str]] = {name: getattr(base, name) for name in IDS}
    newer = None
    if form is not None:
        fields = {**form.model_dump(include=fields.keys() - set(IDS)), **dict.fromkeys(IDS, "")}
        chosen = {name: getattr(form, name) for name in IDS}
        if newest is not None and form.number != number:
            newer = await _newer(look, principal, community_id, form.number, newest[0])
    people = {one.id: one for one in newest[0].took_part} if newest else {}
    if alignment is not None:
        people |= {side.person.id: side.person for side in alignment.sides}
        people |= {one.id: one for part in alignment.silent for one in part.people}
    hints: dict[str, list[Suggestion]] = {}
    for one in suggested.results if suggested else ():
        hints.setdefault(one.field, []).append(one)
    page = DraftPage(
        top, {name: fields[name] for name in Charter.model_fields}, chosen,
        [NamedOut(id=one.id, name=one.name) for one in found.results],
        sorted(people.values(), key=lambda one: one.name), version, number, hints,
        bool(top.parts & {Part.LEAD, Part.CORE}), newer, form.comment or "" if form else "",
        "" if error is None or isinstance(error, Stale) else reason_of(error),
    )  # fmt: skip
    status = 200 if error is None else 412 if isinstance(error, Stale) else 422
    return await look.page("community/charter_edit.html", page, "catalogue", status=status)


async def _newer(look: Looking, principal: Principal, community_id: str, before: int, newest: CharterOut) -> Newer:
    """What was saved by somebody else since version `before` (0: since there was none)."""
    if not before:
        return Newer(newest, ())
    base, _ = await charters.read_charter(community_id, look.service, principal, before)
    found = await charters.get_difference(community_id, before, newest.number, look.service, principal)
    known = [*base.goals, *base.took_part, *newest.goals, *newest.took_part]
    return Newer(newest, _named(found.results, known))


def _draft(form: DraftForm) -> DraftIn:
    """Raises RequestValidationError, naming the field."""
    given: dict[str, Any] = {}
    for name in Charter.model_fields:
        value = getattr(form, name)
        lines = [line for line in value.splitlines() if line.strip()] if name in LINES else []
        if name == "objectives":
            given[name] = [objective_of(line).model_dump() for line in lines]
        else:
            given[name] = lines if name in LINES else value
    return valid(DraftIn, {"charter": given, "comment": form.comment})


@routes.post("/communities/{community_id}/charter/adopt")
async def adopt(community_id: CommunityId, look: Look, principal: Member) -> Response:
    form = await look.filled(VersionForm)
    adoption = valid(AdoptionIn, {"version": form.number, "despite_objections": form.despite_objections})
    await charters.adopt(community_id, adoption, principal, look.write(), principal.person_id)
    return _back(community_id, form.number, "adopted")


@routes.post("/communities/{community_id}/charter/stand-behind")
async def stand_behind(community_id: CommunityId, look: Look, principal: Member) -> Response:
    form = await look.filled(VersionForm)
    given = valid(AlignmentIn, {"stance": "stands_behind", "version": form.number})
    await charters.align(community_id, given, principal, look.write(), principal.person_id)
    return _back(community_id, form.number, "behind")


@routes.post("/communities/{community_id}/charter/object")
async def object_to(community_id: CommunityId, look: Look, principal: Member) -> Response:
    form = await look.filled(VersionForm)
    given = valid(AlignmentIn, {"stance": "objects", "version": form.number, "text": form.text})
    await charters.align(community_id, given, principal, look.write(), principal.person_id)
    return _back(community_id, form.number, "objected")


@routes.post("/communities/{community_id}/charter/objections/{objection_id}")
async def settle(community_id: CommunityId, objection_id: ObjectionId, look: Look, principal: Member) -> Response:
    form = await look.filled(ReasonForm)
    given, write = valid(SettlementIn, {"reason": form.reason}), look.write()
    await charters.settle(community_id, objection_id, given, principal, write, principal.person_id)
    return going(f"/communities/{quote(community_id)}/charter", done="settled")


@routes.post("/communities/{community_id}/charter/comments")
async def comment(community_id: CommunityId, look: Look, principal: Member) -> Response:
    form = await look.filled(VersionForm)
    given = valid(CommentIn, {"version": form.number, "text": form.text or ""})
    await charters.comment(community_id, given, principal, look.write(), principal.person_id)
    return _back(community_id, form.number, "said")


@routes.post("/communities/{community_id}/charter/sponsors")
async def ask_sponsor(community_id: CommunityId, look: Look, principal: Member) -> Response:
    form = await look.filled(SponsorForm)
    if not await asked_to_sponsor(look, principal, community_id, "sponsor", form.person_id, form):
        return await charter(community_id, look, principal)
    return going(f"/communities/{quote(community_id)}/charter", done="asked")


async def asked_to_sponsor(
    look: Looking, principal: Principal, community_id: str, field: str, typed: str, form: BaseModel
) -> bool:
    """Asks whoever the field of a form names to sponsor the community; see `done_with`."""
    write = look.write()

    def ask(who: str) -> Awaitable[Response]:
        return sponsors.ask(community_id, valid(AskedIn, {"person_id": who}), principal, write)

    return await done_with(look, field, typed, form, ask)


@routes.post("/communities/{community_id}/charter/sponsors/{step}")
async def sponsor(
    community_id: CommunityId,
    step: Literal["accept", "decline", "step-down"],
    look: Look,
    principal: Member,
) -> Response:
    """Who is asked to sponsor it says yes or no; who sponsors it steps down."""
    form = await look.filled(ReasonForm)
    write, who = look.write(), principal.person_id
    if step == "accept":
        await sponsors.accept(community_id, principal, write, who)
    elif step == "decline":
        await sponsors.decline(community_id, valid(DeclinedIn, {"reason": form.reason}), principal, write, who)
    else:
        await sponsors.step_down(community_id, principal, write, who)
    done = {"accept": "sponsoring", "decline": "declined", "step-down": "stepped-down"}[step]
    return going(f"/communities/{quote(community_id)}/charter", done=done)


def _back(community_id: str, number: int, done: str) -> Response:
    return going(f"/communities/{quote(community_id)}/charter", version=str(number), done=done)
