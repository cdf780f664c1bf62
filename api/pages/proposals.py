"""Proposals: what waits, a new one checked against what exists while it is written, and its way to a community."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from api.dependencies import KnowledgeManager, Member
from api.pages.community.charter import asked_to_sponsor
from api.pages.frame import Look, Looking, going, granted, lines_of, router, said, valid, version_in
from api.pages.picker import LONGEST, done_with
from api.routes import communities, formation, sponsors
from api.routes.audit import LONGEST_DOMAIN, RelativeOut
from api.routes.communities import CommunityNew, CommunityOut, CommunityRow
from api.routes.formation import (
    AnswerOut,
    DecisionIn,
    FormationIn,
    FormationOut,
    InterestIn,
    InterestOut,
    InvitationIn,
    InvitationOut,
    QueuedOut,
    StepIn,
)
from api.routes.people import CommunityId
from api.routes.sponsors import DeclinedIn, SponsorshipOut
from api.service import Service
from graph.errors import Conflict, InvalidInput, NotFound
from graph.formation import BEFORE_ACTIVE
from graph.models import Principal, Role
from matcher.community.formation.answers import NEARLY, SAME

T = TypeVar("T")

routes = router()

# So many things that stand already and are near are named beside the form.
RELATIVES = 6

# Each takes a check, which is some tenths of a second.
QUEUE = 5

Level = Literal["", communities.Declared]


At = Literal["domain", "people", "practice", "review"]

# Which parts of the check stand beside each step of the form.
CHECKED: Mapping[At, tuple[str, ...]] = {
    "domain": ("domain",),
    "people": ("community",),
    "practice": ("practice", "together"),
    "review": ("domain", "community", "practice", "together"),
}


class Draft(BaseModel):
    """The form of a new proposal, whichever step of it (`at`) was sent: each carries what the others hold. Lists are
    typed in one field, parted by commas or lines. `step`: where to go on; check stays where it is."""

    name: str = Field(default="", max_length=300)
    domain: str = Field(default="", max_length=LONGEST_DOMAIN)
    audience: str = Field(default="", max_length=2_000)
    topics: str = Field(default="", max_length=2_000)
    skills: str = Field(default="", max_length=2_000)
    meetings: str = Field(default="", max_length=2_000)
    takes_part: bool = False
    level: Level = ""
    hours: float | None = Field(default=None, ge=0, le=formation.MOST_HOURS)
    would_lead: bool = False
    at: At = "domain"
    step: At | Literal["check", "propose"] = "check"


class Said(BaseModel):
    level: Level = ""
    hours: float | None = Field(default=None, ge=0, le=formation.MOST_HOURS)
    would_lead: bool = False
    join_when_active: bool = False
    note: str | None = Field(default=None, max_length=2_000)
    version: str | None = None


class Stepped(BaseModel):
    step: formation.StepName
    reason: str | None = Field(default=None, max_length=2_000)
    exception: str | None = Field(default=None, max_length=2_000)
    version: str | None = None


class Named(BaseModel):
    person_id: str = Field("", max_length=LONGEST)
    reason: str | None = Field(default=None, max_length=2_000)


class Answered(BaseModel):
    answer: Literal["accept", "decline", "step_down"]
    reason: str | None = Field(default=None, max_length=2_000)


class InvitationDecided(BaseModel):
    person_id: str = Field(max_length=500)
    accepted: bool = False
    note: str | None = Field(default=None, max_length=2_000)


@dataclass(frozen=True)
class Queue:
    """What is proposed or forming: with how its check stands for who decides (`waiting`), by name for others
    (`listed`). `mine` is what the person who looks said to be interested in."""

    waiting: Sequence[QueuedOut]
    listed: Sequence[CommunityRow]
    mine: Sequence[InterestOut]
    following: str | None
    done: str


@dataclass(frozen=True)
class NewProposal:
    """One step (`at`) of the form as filled in so far. `checked` is what the check says of it, None before there is
    anything to check: of it `relatives` stand already and are near, `duplicates` whether it may be one; `answers` are
    those on what this step asks, `later` the questions among them that only people can answer, once it is proposed."""

    draft: Draft
    at: At
    checked: FormationOut | None
    relatives: Sequence[RelativeOut]
    duplicates: bool
    answers: Sequence[AnswerOut]
    later: Sequence[AnswerOut]
    problem: str

    @property
    def steps(self) -> Sequence[At]:
        return tuple(CHECKED)

    @property
    def before(self) -> At | None:
        number = self.steps.index(self.at)
        return self.steps[number - 1] if number else None

    @property
    def after(self) -> At | None:
        return next(iter(self.steps[self.steps.index(self.at) + 1 :]), None)


@dataclass(frozen=True)
class Part:
    """Questions on one part of what a community needs."""

    part: str
    answers: Sequence[AnswerOut]
    met: int


@dataclass(frozen=True)
class ProposalPage:
    """A proposal on its way. `version` is the community's, for steps; `interests` and `invitations` are None for those
    to whom they are not told; `own` is what the person who looks said, `own_version` the version of that.
    `asks_sponsors`: whether the person may ask somebody to sponsor it."""

    community: CommunityOut
    checked: FormationOut
    version: str
    parts: Sequence[Part]
    interests: Sequence[InterestOut] | None
    invitations: Sequence[InvitationOut] | None
    sponsorship: SponsorshipOut
    own: InterestOut | None
    own_version: str
    asked_to_sponsor: bool
    asks_sponsors: bool
    sponsors: bool
    manages: bool
    person_id: str | None
    begins: bool
    done: str
    problem: str


@routes.get("/proposals")
async def queue(
    look: Look,
    principal: Member,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """What is proposed or forming, what has waited longest first."""
    person = principal.person_id
    mine = formation.interests_of(person, look.service, principal) if person else _nothing(list[InterestOut]())
    if not principal.may(Role.KNOWLEDGE_MANAGER):
        said, lists = await asyncio.gather(
            mine,
            asyncio.gather(
                *(
                    communities.list_communities(look.service, principal, status=one, limit=communities.LARGEST_PAGE)
                    for one in BEFORE_ACTIVE
                )
            ),
        )
        listed = [one for found in lists for one in found.results]
        shown = Queue([], sorted(listed, key=lambda one: one.name.casefold()), _before_active(said), None, done)
        return await look.page("proposals.html", shown, "proposals")
    said, found = await asyncio.gather(
        mine, formation.get_queue(look.service, principal, limit=QUEUE, cursor=cursor)
    )  # fmt: skip
    following = f"/proposals?{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else None
    shown = Queue(found.results, [], _before_active(said), following, done)
    return await look.page("proposals.html", shown, "proposals")


@routes.get("/proposals/new")
async def new_proposal(
    look: Look,
    principal: Member,
    name: Annotated[str, Query(max_length=300)] = "",
    domain: Annotated[str, Query(max_length=LONGEST_DOMAIN)] = "",
) -> Response:
    return await _form(look, principal, Draft(name=name, domain=domain), "domain")


@routes.post("/proposals/new")
async def propose(look: Look, principal: Member) -> Response:
    """Checks what was written so far, and goes on to another step; or stores it, and what the person said of their own
    part."""
    draft = await look.filled(Draft)
    # A script that asks while somebody writes on asks for the check alone, whatever button was pressed meanwhile.
    if draft.step == "check" or look.swaps:
        return await _form(look, principal, draft, draft.at)
    if draft.step == "domain":
        return await _form(look, principal, draft, "domain")
    lacking = [field for field in ("name", "domain") if not getattr(draft, field).strip()]
    if lacking:
        return await _form(look, principal, draft, "domain", f"{', '.join(lacking)}: fill in first.")
    if draft.step != "propose":
        return await _form(look, principal, draft, draft.step)
    try:
        new = valid(CommunityNew, {**_words(draft), "meetings": lines_of(draft.meetings)})
        made = await communities.create_community(new, principal, look.write())
    except (InvalidInput, Conflict, RequestValidationError) as error:
        return await _form(look, principal, draft, "review", said(error))
    key = CommunityOut.model_validate_json(bytes(made.body)).id
    if draft.takes_part and principal.person_id is not None:
        said_so = {"level": draft.level or None, "hours": draft.hours, "would_lead": draft.would_lead}
        part = valid(InterestIn, {**said_so, "join_when_active": True})
        write = look.write()
        await formation.set_interest(key, principal.person_id, part, principal, write)
    return going(_address(key), done="proposed")


@routes.get("/proposals/{community_id}")
async def proposal(
    community_id: CommunityId, look: Look, principal: Member, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    return await _page_of(look, principal, community_id, done=done)


@routes.post("/proposals/{community_id}/steps")
async def take_step(community_id: CommunityId, look: Look, principal: Member) -> Response:
    sent = await look.filled(Stepped)
    write = look.write(sent.version)
    taken = valid(StepIn, sent.model_dump(exclude={"version"}))
    return await _done(
        look, principal, community_id, formation.take_step(community_id, taken, principal, write), sent.step
    )


@routes.post("/proposals/{community_id}/interest")
async def say_interest(community_id: CommunityId, look: Look, principal: Member) -> Response:
    sent = await look.filled(Said)
    person = look.somebody()
    write = look.write(sent.version)
    said = valid(InterestIn, {**sent.model_dump(exclude={"version"}), "level": sent.level or None})
    kept = formation.set_interest(community_id, person, said, principal, write)
    return await _done(look, principal, community_id, kept, "said")


@routes.post("/proposals/{community_id}/interest/withdraw")
async def drop_interest(community_id: CommunityId, look: Look, principal: Member) -> Response:
    write = look.write()
    dropped = formation.drop_interest(community_id, look.somebody(), principal, write)
    return await _done(look, principal, community_id, dropped, "unsaid")


@routes.post("/proposals/{community_id}/joins")
async def join_agreed(community_id: CommunityId, look: Look, principal: Member) -> Response:
    """All who said so beforehand become members."""
    joined = formation.join_agreed(community_id, principal, look.write())
    return await _done(look, principal, community_id, joined, "joined")


@routes.post("/proposals/{community_id}/sponsor")
async def ask_sponsor(community_id: CommunityId, look: Look, principal: Member) -> Response:
    sent = await look.filled(Named)
    if not await asked_to_sponsor(look, principal, community_id, "sponsor-id", sent.person_id, sent):
        return await _page_of(look, principal, community_id)
    return going(_address(community_id), done="asked")


@routes.post("/proposals/{community_id}/sponsor/answer")
async def answer_sponsor(community_id: CommunityId, look: Look, principal: Member) -> Response:
    """Who is asked to sponsor it says yes or no; who sponsors it steps down."""
    sent = await look.filled(Answered)
    write = look.write()
    match sent.answer:
        case "accept":
            answered = sponsors.accept(community_id, principal, write)
        case "decline":
            answered = sponsors.decline(community_id, valid(DeclinedIn, {"reason": sent.reason}), principal, write)
        case "step_down":
            answered = sponsors.step_down(community_id, principal, write)
    return await _done(look, principal, community_id, answered, "answered")


@routes.post("/proposals/{community_id}/invitations")
async def invite(community_id: CommunityId, look: Look, principal: Member) -> Response:
    sent, write = await look.filled(Named), look.write()

    def ask(who: str) -> Awaitable[Response]:
        return formation.invite(community_id, who, valid(InvitationIn, {"reason": sent.reason}), principal, write)

    if not await done_with(look, "invited-id", sent.person_id, sent, ask):
        return await _page_of(look, principal, community_id)
    return going(_address(community_id), done="invited")


@routes.post("/proposals/{community_id}/invitations/decision")
async def decide_invitation(community_id: CommunityId, look: Look, principal: KnowledgeManager) -> Response:
    sent = await look.filled(InvitationDecided)
    write = look.write()
    decision = valid(DecisionIn, {"accepted": sent.accepted, "note": sent.note})
    decided = formation.decide_invitation(community_id, sent.person_id, decision, principal, write)
    return await _done(look, principal, community_id, decided, "decided")


async def _done(
    look: Looking, principal: Principal, community_id: str, work: Awaitable[Response], done: str
) -> Response:
    """On to the proposal's page, where what was wrong stands beside the forms."""
    try:
        await work
    except (InvalidInput, Conflict) as error:
        return await _page_of(look, principal, community_id, problem=error.told)
    return going(_address(community_id), done=done)


async def _form(look: Looking, principal: Principal, draft: Draft, at: At, problem: str = "") -> Response:
    checked = None
    if draft.name.strip() and draft.domain.strip():
        try:
            asked = valid(FormationIn, {**_words(draft), "meetings": lines_of(draft.meetings)})
            checked = await formation.check_formation(asked, look.service, principal)
        except RequestValidationError as error:
            problem = problem or said(error)
    answers = [one for one in checked.results if one.part in CHECKED[at]] if checked else []
    shown = NewProposal(
        draft=draft,
        at=at,
        checked=checked,
        relatives=checked.relatives[:RELATIVES] if checked else [],
        duplicates=any(one.relation in (*SAME, *NEARLY) for one in checked.relatives) if checked else False,
        # What cannot be told of the domain is told as that: more words would help.
        answers=[one for one in answers if one.part == "domain" or one.state != "cannot_tell"],
        later=[one for one in answers if one.part != "domain" and one.state == "cannot_tell"],
        problem=problem,
    )
    status = 422 if problem else 200
    return await look.page("proposal_new.html", shown, "proposals", block="check", status=status)


async def _page_of(
    look: Looking, principal: Principal, community_id: str, *, done: str = "", problem: str = ""
) -> Response:
    service, read = look.service, Response()
    community, checked, sponsorship, interests, invitations, (own, own_version) = await asyncio.gather(
        communities.get_community(community_id, service, principal, Response()),
        formation.get_formation(community_id, service, principal, read),
        sponsors.get_sponsorship(community_id, service, principal),
        granted(formation.list_interests(community_id, service, principal)),
        granted(formation.list_invitations(community_id, service, principal)),
        _own(service, principal, community_id),
    )
    parts: dict[str, list[AnswerOut]] = {}
    for one in checked.results:
        parts.setdefault(one.part, []).append(one)
    standing = {one.person.id: one.state for one in sponsorship.results}
    person = principal.person_id
    shown = ProposalPage(
        community=community,
        checked=checked,
        version=version_in(read),
        parts=[Part(part, found, sum(one.state == "met" for one in found)) for part, found in parts.items()],
        interests=interests,
        invitations=invitations,
        sponsorship=sponsorship,
        own=own,
        own_version=own_version,
        asked_to_sponsor=person is not None and standing.get(person) == "asked",
        # Leads ask; invitations are told to them and to sponsors, who are one of these already.
        asks_sponsors=principal.may(Role.KNOWLEDGE_MANAGER)
        or (invitations is not None and standing.get(person or "") != "sponsors"),
        sponsors=person is not None and standing.get(person) == "sponsors",
        manages=principal.may(Role.KNOWLEDGE_MANAGER),
        person_id=person,
        begins=community.status in BEFORE_ACTIVE,
        done=done,
        problem=problem,
    )
    return await look.page("proposal.html", shown, "proposals", status=422 if problem else 200)


async def _own(service: Service, principal: Principal, community_id: str) -> tuple[InterestOut | None, str]:
    if principal.person_id is None:
        return None, ""
    read = Response()
    try:
        found = await formation.get_interest(community_id, principal.person_id, service, principal, read)
    except NotFound:
        return None, ""
    return found, version_in(read)


async def _nothing(value: T) -> T:
    return value


def _words(draft: Draft) -> Mapping[str, object]:
    return {
        "name": draft.name, "domain": draft.domain, "audience": draft.audience or None,
        "topics": _listed(draft.topics), "skills": _listed(draft.skills),
    }  # fmt: skip


def _listed(text: str) -> list[str]:
    parts = text.replace(";", ",").replace("\n", ",").split(",")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _before_active(said: Sequence[InterestOut]) -> list[InterestOut]:
    return [one for one in said if one.status in BEFORE_ACTIVE]


def _address(community_id: str) -> str:
    return f"/proposals/{quote(community_id, safe='')}"
