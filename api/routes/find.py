"""Search and recommendations: what the commands answer, with the same reasons and paths."""

import time
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api import profiles
from api.dependencies import Member, Serving, asking_person
from api.problems import documented
from api.routes.people import unknown
from api.service import Service
from api.wording import Told
from graph.errors import Forbidden, NotFound
from graph.models import Person, Principal, Role
from graph.reads import meetings, newcomers, people
from graph.reads.resources import no_community
from graph.sentences import tell
from ingest.records import OptionalText
from matcher import helpers, joins, outside, what_if
from matcher.diversity import DIVERSITY
from matcher.explain import Contribution, Reason
from matcher.search import KINDS, Filters, Kind, cleaned, search
from matcher.welcome import Greeter, Start

router = APIRouter(prefix="/v1", tags=["search and recommendations"], responses=documented(401, 403, 422, 503))

# Asked once: it is read from the installed files.
VERSION = version("guildmap")

LARGEST_PAGE = 100
LONGEST_TEXT = 20_000

# People for whom lists are made in one request: as many as begin in a month at a large site.
MOST_NEWCOMERS = 100


class Meta(BaseModel):
    version: str = Field(description="of guildmap")
    revision: int = Field(description="of the graph that the answer rests on")
    ms: float = Field(description="time taken in the service, in milliseconds")


class HitOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    kind: Kind
    id: str
    name: str
    score: float
    snippet: str
    highlights: list[tuple[int, int]] = Field(description="(start, end) offsets in `snippet`")
    reasons: list[Told]
    details: dict[str, Any]


class SearchMeta(Meta):
    total: int
    facets: dict[str, dict[str, int]] = Field(description="counts over all hits, not this page's")
    next_cursor: str | None
    notes: list[Told] = Field(description="what to know about the answer")


class SearchOut(BaseModel):
    results: list[HitOut]
    meta: SearchMeta


class ProfileIn(BaseModel):
    """Somebody who is not stored, in their own words."""

    model_config = ConfigDict(extra="forbid")
    text: OptionalText = Field(None, max_length=LONGEST_TEXT)
    skills: list[str] = Field([], max_length=100, description="ids or names of skills that they hold")
    wants_to_learn: list[str] = Field([], max_length=100, description="ids or names of skills")
    unit_id: OptionalText = None


class CommunitiesIn(BaseModel):
    """A stored person, or a profile that is not stored; neither: the person for whom the request is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"person_id": "amara-okafor", "limit": 5},
                {"profile": {"text": "I keep our build servers alive and want to learn Rust", "skills": ["Python"]}},
            ]
        },
    )
    person_id: OptionalText = None
    profile: ProfileIn | None = None
    limit: int = Field(joins.DEFAULT_LIMIT, ge=1, le=LARGEST_PAGE)
    diversity: float = Field(
        DIVERSITY, ge=0, le=1, description="the share of its score that a copy of one listed above loses"
    )
    what_if: bool = Field(
        False, description="also what would change each: on which one fact its place rests; takes a scoring a fact"
    )

    @model_validator(mode="after")
    def _one(self) -> "CommunitiesIn":
        if self.person_id and self.profile:
            raise ValueError(tell("give person_id or profile, not both"))
        return self


class NewcomersIn(BaseModel):
    """Several people at once."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"person_ids": ["ines-carvalho", "amara-okafor"], "limit": 3}]}
    )
    person_ids: list[str] = Field(min_length=1, max_length=MOST_NEWCOMERS)
    limit: int = Field(3, ge=1, le=10)


class FactOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    kind: Literal["skill", "wish", "membership", "text", "unit", "manager"]
    id: str


class ChangeOut(BaseModel):
    """The one fact without which the community would fall furthest, and to which place."""

    model_config = ConfigDict(from_attributes=True)
    without: FactOut
    place: int | None = Field(description="null: nothing would speak for it any more")
    text: Told = Field(examples=["without the skill Rust it would rank 9th"])


class RecommendationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    community_id: str
    name: str
    score: float
    reasons: list[Told] = Field(examples=[["3 of your 5 colleagues in Storage belong"]])
    # What the matcher explains is most of an answer: it is taken as it is.
    contributions: list[Contribution]
    greeters: list[Greeter] = Field(description="whom to greet there")
    start: Start | None = Field(description="how deep to begin; null where too few say how engaged they are")
    change: ChangeOut | None = Field(description="where `what_if` asks for it and one fact decides")


class SetAsideMeta(Meta):
    set_aside: dict[str, int] = Field(
        description="how many were no candidates, by reason; never a number that would give somebody away",
        examples=[{"already_member": 3, "retired": 2}],
    )
    notes: list[Told] = []


class CommunitiesOut(BaseModel):
    results: list[RecommendationOut]
    meta: SetAsideMeta


class NewcomerOut(BaseModel):
    person_id: str
    name: str
    communities: list[RecommendationOut]
    note: Told | None = Field(description="why there are none, where there are none")


class NewcomersOut(BaseModel):
    results: list[NewcomerOut]
    meta: Meta


class HelpersIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"text": "How do we rotate certificates without downtime?", "community_id": "platform"}]
        },
    )
    text: str = Field(min_length=1, max_length=LONGEST_TEXT, description="the question, in a sentence or more")
    person_id: OptionalText = Field(None, description="who asks; left out: the person for whom the request is")
    community_id: OptionalText = Field(None, description="where the question belongs; left out: inferred")
    limit: int = Field(helpers.DEFAULT_LIMIT, ge=1, le=LARGEST_PAGE)

    @model_validator(mode="after")
    def _asked(self) -> "HelpersIn":
        if not self.text.strip():
            raise ValueError(tell("the question is empty"))
        return self


class HelperOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str
    name: str
    score: float
    reasons: list[Told]
    contributions: list[Contribution]


class AcquaintanceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    person_id: str
    name: str
    reasons: list[Told] = Field(examples=[["was in 3 meetings with them, the latest in 2026-09 (Crane Lifts)"]])
    why: list[Reason] = Field(description="the reasons with their paths")


class ExpertOut(HelperOut):
    known_by: list[AcquaintanceOut] = Field(description="who inside knows them and can introduce one, the best first")


class HelpersMeta(SetAsideMeta):
    communities: dict[str, float] = Field(description="those that the question was taken to belong to, with shares")


class HelpersOut(BaseModel):
    results: list[HelperOut]
    meta: HelpersMeta


class ExpertsMeta(HelpersMeta):
    inside: int = Field(
        description="for how many people inside at least as much speaks as for the first: ask them first"
    )


class ExpertsOut(BaseModel):
    results: list[ExpertOut]
    meta: ExpertsMeta


@router.get("/search")
async def search_catalogue(
    service: Serving,
    principal: Member,
    text: Annotated[str, Query(max_length=LONGEST_TEXT, description="words, a name, or a whole question")] = "",
    kind: Annotated[list[Literal["community", "person", "skill"]] | None, Query(description="only these")] = None,
    status: Annotated[str | None, Query(description="communities of this status")] = None,
    topic: Annotated[str | None, Query(description="communities with this topic")] = None,
    skill: Annotated[str | None, Query(description="what covers, or who holds, this skill (id or name)")] = None,
    unit: Annotated[str | None, Query(description="people of this unit, or of one below it (id)")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 10,
    cursor: Annotated[str | None, Query(description="`meta.next_cursor` of the page before")] = None,
) -> SearchOut:
    """Searches communities, people and skills by words and by meaning."""
    began = time.perf_counter()
    state = service.state
    vector = await service.vector(cleaned(text))
    steps = search(
        state.snapshot.catalogue, text, vector, visible=state.snapshot.visible_to(principal),
        model=state.model, kinds=[one for one in KINDS if kind is None or one in kind],
        filters=Filters(status, topic, skill, unit), limit=limit, cursor=cursor,
        lives=state.snapshot.last_signs, things=service.found,
    )  # fmt: skip
    page = await service.reads.follow(steps)
    meta = SearchMeta(
        **meta_of(service, began), total=page.total,
        facets={name: dict(counts) for name, counts in page.facets.items()},
        next_cursor=page.next_cursor, notes=list(page.notes),
    )  # fmt: skip
    return SearchOut(results=[HitOut.model_validate(hit) for hit in page.results], meta=meta)


@router.post("/recommendations/communities", responses=documented(404))
async def recommend_communities(asked: CommunitiesIn, service: Serving, principal: Member) -> CommunitiesOut:
    """Communities to join, each with named features that add up, reasons, and whom to greet there."""
    began = time.perf_counter()
    state = service.state
    person: Person | None = None
    if asked.profile is not None:
        given = asked.profile
        profile, notes = await service.reads.follow(
            profiles.described(given.text or "", given.skills, given.wants_to_learn, given.unit_id)
        )
        profile = replace(profile, vector=await service.vector(profile.text))
    else:
        person_id = asking_person(principal, asked.person_id)
        if person_id is None:
            raise NotFound(tell("Say for whom: give person_id, or a profile."))
        notes = ()
        person = await service.reads.read(profiles.themselves(person_id, model=state.model))
        if note := profiles.pause_note(person):
            return CommunitiesOut(results=[], meta=SetAsideMeta(**meta_of(service, began), set_aside={}, notes=[note]))
        profile = replace(profiles.of_person(person), vector=await service.vector_of(person))
    found = await service.scored(
        lambda: joins.recommend(
            state.snapshot, profile, limit=asked.limit, weights=state.weights, diversity=asked.diversity
        )
    )
    if asked.what_if:
        without = what_if.variants(state.snapshot, profile)
        for at, (fact, rest) in enumerate(without):
            if rest.text and rest.vector is None:
                stored = person and what_if.person_without(person, fact)
                vector = await (service.vector_of(stored) if stored else service.vector(rest.text))
                without[at] = fact, replace(rest, vector=vector)
        listed = found
        found = await service.scored(
            lambda: what_if.with_changes(state.snapshot, profile, listed, without, state.weights)
        )
    meta = SetAsideMeta(**meta_of(service, began), set_aside=dict(found.set_aside), notes=list(notes))
    return CommunitiesOut(results=[RecommendationOut.model_validate(one) for one in found.results], meta=meta)


@router.post("/recommendations/newcomers", responses=documented(404))
async def recommend_to_newcomers(asked: NewcomersIn, service: Serving, principal: Member) -> NewcomersOut:
    """Communities for each of several people, for knowledge managers, and for whoever accompanies them as a buddy.

    The lists rest on what the one who asks may see of these people: not on what they want to learn, which is theirs.
    """
    began = time.perf_counter()
    state = service.state
    wanted = list(dict.fromkeys(asked.person_ids))
    if principal.role is Role.MEMBER:
        accompanied = await service.reads.read(newcomers.accompanied(principal.person_id or ""))
        agreed = {one.person_id for one in accompanied if one.state == "agreed"}
        if set(wanted) - agreed - {principal.person_id}:
            raise Forbidden(tell("For others this is for knowledge managers, and for the buddy whom they agreed to."))
    results: list[NewcomerOut] = []
    for person_id in wanted:
        person = await service.reads.read(people.person(person_id, None, principal, state.model))
        if person is None:
            raise unknown(person_id)
        note, found = profiles.pause_note(person), None
        if note is None:
            seen = replace(person, wants_to_learn=())
            profile = replace(profiles.of_person(seen), vector=await service.vector_of(seen))
            found = await service.scored(
                partial(joins.recommend, state.snapshot, profile, limit=asked.limit, weights=state.weights)
            )
        listed = [RecommendationOut.model_validate(one) for one in found.results] if found else []
        results.append(NewcomerOut(person_id=person.id, name=person.name, communities=listed, note=note))
    return NewcomersOut(results=results, meta=Meta(**meta_of(service, began)))


@router.post("/recommendations/helpers", responses=documented(404))
async def recommend_helpers(asked: HelpersIn, service: Serving, principal: Member) -> HelpersOut:
    """People who can help with a question, with reasons; never the asker or their line of managers."""
    began = time.perf_counter()
    state = service.state
    asker, visible, dismissed = await sight(asked, service, principal)
    vector = await service.vector(asked.text)
    found = await service.scored(
        lambda: helpers.help_for(
            state.evidence, asked.text, asker=asker, visible=visible, community=asked.community_id,
            limit=asked.limit, vector=vector, dismissed=dismissed,
        )
    )  # fmt: skip
    meta = HelpersMeta(
        **meta_of(service, began), set_aside=dict(found.set_aside), communities=dict(found.communities)
    )  # fmt: skip
    return HelpersOut(results=[HelperOut.model_validate(one) for one in found.results], meta=meta)


@router.post("/recommendations/outside-experts", responses=documented(404))
async def recommend_outside_experts(asked: HelpersIn, service: Serving, principal: Member) -> ExpertsOut:
    """People of other organisations who know about a question that nobody inside can answer, each with reasons and with
    who inside knows them. They are not asked through guildmap: whoever knows them introduces one."""
    began = time.perf_counter()
    state = service.state
    asker, visible, dismissed = await sight(asked, service, principal)
    vector = await service.vector(asked.text)
    found = await service.scored(
        lambda: outside.experts(
            state.evidence, asked.text, asker=asker, visible=visible, community=asked.community_id,
            limit=asked.limit, vector=vector, dismissed=dismissed,
        )
    )  # fmt: skip
    met = await service.reads.read(meetings.met([one.person_id for one in found.results], asker))
    known = await service.scored(
        lambda: outside.introduced(
            state.evidence, found.results, met, asker=asker, visible=visible, dismissed=dismissed
        )
    )  # fmt: skip
    results = [
        ExpertOut(
            **HelperOut.model_validate(one.helper).model_dump(),
            known_by=[AcquaintanceOut.model_validate(who) for who in one.known_by],
        )
        for one in known
    ]
    meta = ExpertsMeta(
        **meta_of(service, began), set_aside=dict(found.set_aside), communities=dict(found.communities),
        inside=found.inside,
    )  # fmt: skip
    return ExpertsOut(results=results, meta=meta)


async def sight(
    asked: HelpersIn, service: Service, principal: Principal
) -> tuple[str | None, NDArray[np.bool_], frozenset[str]]:
    """Who asks, which communities they may see (bool [communities]), and whom they do not want suggested. Raises
    NotFound for an unknown person, or a community that they may not see."""
    held = service.state.snapshot
    asker = asking_person(principal, asked.person_id)
    if asker is not None and asker not in held.people.row:
        raise unknown(asker)
    visible = held.visible_to(Principal(asker, Role.MEMBER, principal.actor))
    if asked.community_id is not None:
        position = held.row.get(asked.community_id)
        if position is None or not visible[position]:
            raise no_community(asked.community_id)
    dismissed = await service.reads.read(people.dismissed_helpers(asker)) if asker is not None else frozenset[str]()
    return asker, visible, dismissed


def meta_of(service: Service, began: float) -> dict[str, Any]:
    return {
        "version": VERSION,
        "revision": service.state.revision,
        "ms": round((time.perf_counter() - began) * 1000, 1),
    }
