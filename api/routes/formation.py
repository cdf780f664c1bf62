"""From a proposal to a community: the check, the steps, who is interested, who is invited from outside, the pitch."""

import asyncio
import time
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import KnowledgeManager, Member, Serving, acts_for
from api.pages import pitch as pages
from api.pages.frame import taste_of
from api.pages.html import policy
from api.problems import documented
from api.routes.audit import LONGEST_DOMAIN, RelativeOut, relative_of
from api.routes.communities import CommunityOut, Name, shown
from api.routes.people import CommunityId, PersonId
from api.service import Service
from api.wording import Told, no_skill
from api.writing import Write, answer
from graph.database import Transaction
from graph.errors import Forbidden, InvalidInput, NotFound
from graph.formation import possible_steps
from graph.models import Community, Part, Principal, Role
from graph.reads import formation as reads
from graph.reads import people, resources
from graph.reads.formation import Interest, Invitation, Queued
from graph.sentences import tell
from graph.writes import by_hand
from graph.writes import formation as writes
from graph.writes.idempotency import Answer
from ingest.records import Engagement, Listed, OptionalText, Text
from matcher.audit.proposal import Proposal
from matcher.community.formation.answers import Check
from matcher.community.formation.draft import Draft, read_draft

router = APIRouter(prefix="/v1", tags=["formation"], responses=documented(401, 403, 404, 422, 503))

VERSION = version("guildmap")

State = Literal["met", "partly", "missing", "cannot_tell"]
StepName = Literal["ask", "start", "activate", "decline", "withdraw", "reopen"]

# Each takes a check, which is some tenths of a second.
QUEUE, LARGEST_QUEUE = 10, 20

# Hours of a month that somebody may say to give: all of them.
MOST_HOURS = 744


class AnswerOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    question: str = Field(examples=["identify"])
    part: Literal["domain", "community", "practice", "together"]
    asked: Told = Field(examples=["Do enough people see it as a significant part of their work?"])
    state: State
    evidence: list[Told]
    action: Told = Field(description="what to do next; empty where it is met")


class TakenOut(BaseModel):
    """A step that was taken; why, and the exception, are for those whose proposal it is and knowledge managers."""

    model_config = ConfigDict(from_attributes=True)
    step: str
    ends: str = Field(description="the status from then on")
    at: str
    person_id: str | None
    name: str | None
    reason: str | None
    exception: str | None


class FormationMeta(BaseModel):
    version: str
    revision: int
    ms: float
    notes: list[Told] = []


class FormationOut(BaseModel):
    community_id: str | None = Field(description="null for one that is not stored")
    status: str
    results: list[AnswerOut]
    counts: dict[State, int]
    next_actions: list[Told] = Field(description="what is missing first")
    identify: int | None = Field(description="how many people would identify with it; null: cannot be told")
    relatives: list[RelativeOut] = Field(description="what stands already, as of POST /v1/proposals")
    steps: list[TakenOut] = Field([], description="the oldest first")
    possible: list[str] = Field([], description="the steps that the asking principal can take now")
    meta: FormationMeta


class FormationIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Leading for the First Time",
                    "domain": "The first year of leading a team: hard talks, hiring, and what to stop doing oneself.",
                    "audience": "Who leads a team since less than two years",
                }
            ]
        },
    )
    name: Name
    domain: Text = Field(max_length=LONGEST_DOMAIN, description="what it is about, in two to five sentences")
    audience: OptionalText = None
    topics: Listed = None
    skills: Listed = Field(None, description="skills by id or name")
    meetings: Listed = Field(None, description="when it would meet, each in a line")


class StepIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"step": "start"}]})
    step: StepName
    reason: OptionalText = Field(None, description="needed to decline")
    exception: OptionalText = Field(
        None, description="to activate without a charter that was adopted: why; from a knowledge manager"
    )


class JoinedOut(BaseModel):
    joined: list[str] = Field(description="ids of those who are members from now on")


class InterestIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"level": "active", "hours": 3, "join_when_active": True}]},
    )
    level: Engagement = None
    hours: float | None = Field(None, ge=0, le=MOST_HOURS, description="that they would give, a month")
    would_lead: bool = False
    join_when_active: bool = Field(False, description="to be made a member when it is active, not asked again")
    note: OptionalText = Field(None, description="for those whose proposal it is")


class InterestOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str
    name: str
    community_id: str
    community: str
    status: str
    level: str | None
    hours: float | None
    would_lead: bool
    join_when_active: bool
    note: str | None
    since: str
    invited_at: str | None = Field(description="when they were asked to join")
    member: bool


class QueuedOut(BaseModel):
    id: str
    name: str
    status: str
    proposed_at: str | None = Field(description="null: not known")
    proposer_id: str | None
    proposer: str | None
    asked: bool = Field(description="whether its people asked for a decision")
    interested: int
    counts: dict[State, int]
    duplicates: list[RelativeOut] = Field(description="what it may duplicate, likeliest first")


class QueueOut(BaseModel):
    results: list[QueuedOut] = Field(description="what has waited longest first")
    next_cursor: str | None
    meta: FormationMeta


class InvitationIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "certifies our cranes"}]})
    reason: OptionalText = None


class DecisionIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"accepted": True}]})
    accepted: bool
    note: OptionalText = None


class InvitationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str
    name: str
    state: Literal["asked", "accepted", "refused"]
    invited_by: str | None
    reason: str | None
    at: str
    note: str | None
    decided_at: str | None


@router.get("/communities/{community_id}/formation")
async def get_formation(
    community_id: CommunityId, service: Serving, principal: Member, response: Response
) -> FormationOut:
    """Whether a proposal has what a community needs: each question with a state, evidence, and what to do next.

    `ETag` is the community's version, for steps.
    """
    began = time.perf_counter()
    found = await service.reads.follow(resources.seen(community_id, principal))
    parts = await _parts(service, principal, community_id)
    check = await _checked(service, principal, found.community, inside=_organises(principal, parts, *Part))
    steps = await service.reads.read(reads.steps(community_id))
    inner = _organises(principal, parts)
    told = [TakenOut.model_validate(one) for one in steps]
    response.headers["ETag"] = f'"{found.version}"'
    status = found.community.status
    out = _formation(service, check, community_id, status, began)
    out.steps = told if inner else [one.model_copy(update={"reason": None, "exception": None}) for one in told]
    out.possible = possible_steps(status, steps[-1].step if steps else None, parts, principal.role)
    return out


@router.post("/formation")
async def check_formation(asked: FormationIn, service: Serving, principal: Member) -> FormationOut:
    """The same of one that is not stored. Nothing is written; what only people could say cannot be told yet."""
    began = time.perf_counter()
    known = await service.reads.read(people.skills_named(asked.skills or []))
    notes = [no_skill(name) for name in asked.skills or [] if name not in known]
    held = tuple(dict.fromkeys(one.skill_id for one in known.values()))
    words = Proposal(asked.name, asked.domain, asked.audience or "", tuple(asked.topics or ()), held)
    dates = await service.reads.read(reads.question_dates())
    draft = Draft("", words, meetings=tuple(asked.meetings or ()), asked_at=dates)
    check = await _check(service, principal, draft)
    return _formation(service, check, None, "proposed", began, notes)


@router.get("/formation/queue")
async def get_queue(
    service: Serving,
    principal: KnowledgeManager,
    limit: Annotated[int, Query(ge=1, le=LARGEST_QUEUE)] = QUEUE,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> QueueOut:
    """What is proposed or forming, what has waited longest first, with how its check stands."""
    began = time.perf_counter()
    waiting = await service.reads.read(reads.queue())
    behind = 0
    if cursor is not None:
        places = [place for place, one in enumerate(waiting) if one.id == cursor]
        if not places:
            raise InvalidInput(tell("cursor: is of nothing that is still waiting; begin again without one."))
        behind = places[0] + 1
    page = waiting[behind : behind + limit]

    async def checked(one: Queued) -> QueuedOut | None:
        found = await service.reads.read(resources.community(one.id, principal))
        if found is None:
            return None
        return _queued(one, await _checked(service, principal, found.community, inside=True))

    # The first by itself: a database that has just come up plans a read once for each who asks at the same time.
    first = [await checked(one) for one in page[:1]]
    rest = await asyncio.gather(*map(checked, page[1:]))
    results = [found for found in (*first, *rest) if found is not None]
    more = page[-1].id if behind + limit < len(waiting) else None
    return QueueOut(results=results, next_cursor=more, meta=_meta(service, began))


@router.post(
    "/communities/{community_id}/formation/steps", response_model=CommunityOut, responses=documented(409, 412, 428)
)
async def take_step(community_id: CommunityId, taken: StepIn, principal: Member, write: Write) -> Response:
    """Takes a step. Whoever proposed it, or leads it, asks for a decision and withdraws it; a knowledge manager or its
    sponsor lets it form, makes it active, declines it. To be active it needs a sponsor and a charter that was adopted,
    or an exception with its reason. Who is interested is then invited."""

    def work(transaction: Transaction) -> Answer:
        write.expect(by_hand.seen_community(transaction, principal, community_id).version)
        after = writes.step(
            transaction, principal, community_id, taken.step, reason=taken.reason, exception=taken.exception,
            order=write.order,
        )  # fmt: skip
        return answer(200, shown(after), after.version)

    return await write.perform(principal, work)


@router.post("/communities/{community_id}/formation/joins", response_model=JoinedOut, responses=documented(409))
async def join_agreed(community_id: CommunityId, principal: Member, write: Write) -> Response:
    """Makes members of all who agreed beforehand to join when it is active, each at the level that they declared."""

    def work(transaction: Transaction) -> Answer:
        return answer(200, JoinedOut(joined=writes.join_agreed(transaction, principal, community_id, write.order)))

    return await write.perform(principal, work)


@router.get(
    "/communities/{community_id}/formation/pitch",
    response_class=Response,
    responses={200: {"content": {"text/markdown": {}, "text/html": {}}, "description": "the pitch"}},
)
async def get_pitch(
    request: Request,
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    accept: Annotated[str, Header(description="`text/html` for a page to print; else Markdown.")] = "text/markdown",
) -> Response:
    """The proposal on one page: what, for whom, who stands behind it, what it would do, what is asked. In the language
    of who reads it."""
    found = await service.reads.follow(resources.seen(community_id, principal))
    check = await _checked(service, principal, found.community)
    page = pages.pitch_of(
        found.community,
        check,
        await service.reads.read(reads.steps(community_id)),
        await service.reads.read(reads.interests(community_id)),
        await service.reads.read(reads.pitch_facts(community_id)),
        date.today(),
        service.settings.core_group,
    )
    headers = {"Vary": "Accept, Accept-Language, Cookie"}
    language = taste_of(request).language
    if "text/html" in accept:
        headers["Content-Security-Policy"] = policy("pitch.html")
        return Response(pages.render_html(page, language), media_type="text/html", headers=headers)
    return Response(pages.render_markdown(page, language), media_type="text/markdown", headers=headers)


@router.get("/communities/{community_id}/interests")
async def list_interests(community_id: CommunityId, service: Serving, principal: Member) -> list[InterestOut]:
    """Who is interested; for those whose proposal it is and knowledge managers."""
    await service.reads.follow(resources.seen(community_id, principal))
    if not _organises(principal, await _parts(service, principal, community_id)):
        raise Forbidden(tell("Who is interested is told to those whose proposal it is, and to knowledge managers."))
    return [InterestOut.model_validate(one) for one in await service.reads.read(reads.interests(community_id))]


@router.get("/communities/{community_id}/interests/{person_id}")
async def get_interest(
    community_id: CommunityId, person_id: PersonId, service: Serving, principal: Member, response: Response
) -> InterestOut:
    """How a person would take part; for them and those who see all. `ETag` is the version for changes."""
    await service.reads.follow(resources.seen(community_id, principal))
    if principal.person_id != person_id and not _organises(principal, await _parts(service, principal, community_id)):
        raise Forbidden(tell("Who is interested is told to those whose proposal it is, and to knowledge managers."))
    found = await service.reads.read(reads.interests(community_id, person_id))
    if not found:
        raise NotFound(
            tell(
                "%(person_id)r has not said to be interested in %(community_id)r.",
                person_id=person_id,
                community_id=community_id,
            )
        )
    response.headers["ETag"] = f'"{found[0].version}"'
    return InterestOut.model_validate(found[0])


@router.put(
    "/communities/{community_id}/interests/{person_id}", response_model=InterestOut, responses=documented(409, 412, 428)
)
async def set_interest(
    community_id: CommunityId, person_id: PersonId, interest: InterestIn, principal: Member, write: Write
) -> Response:
    """Says how the person would take part in what is proposed or forming; `If-Match` is needed to say otherwise."""
    acts_for(principal, person_id)

    def work(transaction: Transaction) -> Answer:
        by_hand.seen_community(transaction, principal, community_id)
        for before in transaction.read(reads.interests(community_id, person_id)):
            write.expect(before.version)
        kept = writes.set_interest(transaction, principal, person_id, community_id, interest.model_dump())
        return _interest(kept)

    return await write.perform(principal, work)


@router.delete("/communities/{community_id}/interests/{person_id}", status_code=204, responses=documented(412, 428))
async def drop_interest(community_id: CommunityId, person_id: PersonId, principal: Member, write: Write) -> Response:
    """Takes it back."""
    acts_for(principal, person_id)

    def work(transaction: Transaction) -> Answer:
        by_hand.seen_community(transaction, principal, community_id)
        for before in transaction.read(reads.interests(community_id, person_id)):
            write.expect(before.version)
        writes.drop_interest(transaction, principal, person_id, community_id)
        return answer(204)

    return await write.perform(principal, work)


@router.get("/people/{person_id}/interests", tags=["people"])
async def interests_of(person_id: PersonId, service: Serving, principal: Member) -> list[InterestOut]:
    """What a person is interested in, and what they are invited to join; for their own eyes."""
    acts_for(principal, person_id)
    seen = Principal(person_id, Role.MEMBER)
    return [InterestOut.model_validate(one) for one in await service.reads.read(reads.interests_of(person_id, seen))]


@router.get("/communities/{community_id}/invitations")
async def list_invitations(community_id: CommunityId, service: Serving, principal: Member) -> list[InvitationOut]:
    """People from outside who are invited; for leads, sponsors and knowledge managers."""
    await service.reads.follow(resources.seen(community_id, principal))
    if not _organises(principal, await _parts(service, principal, community_id), Part.LEAD, Part.SPONSOR):
        raise Forbidden(tell("Invitations are for leads, sponsors and knowledge managers to see."))
    return [InvitationOut.model_validate(one) for one in await service.reads.read(reads.invitations(community_id))]


@router.put("/communities/{community_id}/invitations/{person_id}", response_model=InvitationOut,
            responses=documented(409))  # fmt: skip
async def invite(
    community_id: CommunityId, person_id: PersonId, invitation: InvitationIn, principal: Member, write: Write
) -> Response:
    """Asks that somebody from outside the organisation may join; the community has to allow it
    (`externals_allowed`), and a knowledge manager decides."""

    def work(transaction: Transaction) -> Answer:
        return _invitation(writes.invite(transaction, principal, community_id, person_id, invitation.reason))

    return await write.perform(principal, work)


@router.post("/communities/{community_id}/invitations/{person_id}/decision", response_model=InvitationOut,
             responses=documented(409))  # fmt: skip
async def decide_invitation(
    community_id: CommunityId, person_id: PersonId, decision: DecisionIn, principal: KnowledgeManager, write: Write
) -> Response:
    """Lets somebody from outside join, or not. They join themselves, and see the community and the names of who is in
    it; nothing else of the organisation."""

    def work(transaction: Transaction) -> Answer:
        return _invitation(
            writes.decide_invitation(transaction, principal, community_id, person_id, decision.accepted, decision.note)
        )

    return await write.perform(principal, work)


async def _parts(service: Service, principal: Principal, community_id: str) -> frozenset[Part]:
    if principal.person_id is None:
        return frozenset()
    return await service.reads.read(resources.standing(community_id, principal.person_id))


def _organises(principal: Principal, held: frozenset[Part], *parts: Part) -> bool:
    managing = principal.may(Role.KNOWLEDGE_MANAGER)
    return managing or bool(held & set(parts or writes.ORGANISING))


async def _checked(service: Service, principal: Principal, community: Community, *, inside: bool = False) -> Check:
    """`inside`: for somebody who may read its pulse."""
    until = service.state.snapshot.day if inside else None
    return await _check(service, principal, await service.reads.follow(read_draft(community, until)))


async def _check(service: Service, principal: Principal, draft: Draft) -> Check:
    vectors = [await service.vector(text) for text in draft.words.to_encode]
    encoded = np.stack([one for one in vectors if one is not None]) if all(v is not None for v in vectors) else None
    state = service.state
    standing = await service.auditor.standing(state)
    visible = standing.subject.snapshot.visible_to(principal)
    return await service.auditor.formation(state, draft, visible, encoded, service.settings.core_group)


def _formation(
    service: Service,
    check: Check,
    community_id: str | None,
    status: str,
    began: float,
    notes: Sequence[str] | None = None,
) -> FormationOut:
    return FormationOut(
        community_id=community_id,
        status=status,
        results=[AnswerOut.model_validate(one) for one in check.answers],
        counts=_counts(check),
        next_actions=list(check.next_actions),
        identify=check.identify,
        relatives=[relative_of(one) for one in check.relatives],
        steps=[],
        possible=[],
        meta=_meta(service, began, notes),
    )


def _counts(check: Check) -> dict[State, int]:
    states: tuple[State, ...] = ("met", "partly", "missing", "cannot_tell")
    return {state: check.count(state) for state in states}


def _queued(one: Queued, check: Check) -> QueuedOut:
    return QueuedOut(
        id=one.id, name=one.name, status=one.status, proposed_at=one.proposed_at, proposer_id=one.proposer_id,
        proposer=one.proposer, asked=one.asked, interested=one.interested, counts=_counts(check),
        duplicates=[relative_of(relative) for relative in check.duplicates],
    )  # fmt: skip


def _meta(service: Service, began: float, notes: Sequence[str] | None = None) -> FormationMeta:
    took = round((time.perf_counter() - began) * 1000, 1)
    return FormationMeta(version=VERSION, revision=service.revision or 0, ms=took, notes=list(notes or ()))


def _interest(kept: Interest) -> Answer:
    return answer(200, InterestOut.model_validate(kept), kept.version)


def _invitation(kept: Invitation) -> Answer:
    return answer(200, InvitationOut.model_validate(kept))
