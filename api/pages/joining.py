"""Find my communities: what to join, why, whom to greet; for oneself, and for newcomers that one looks after."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import Member
from api.pages.frame import Look, Looking, going, lines_of, router, valid
from api.pages.paths import Drawing, Stop, drawing, lines
from api.pages.picker import LONGEST, Candidate, matches
from api.practice import AHEAD
from api.routes import communities, find, meetings, newcomers, people
from api.routes.find import CommunitiesIn, CommunitiesOut, NewcomerOut, NewcomersIn, ProfileIn, RecommendationOut
from api.routes.meetings import MeetingOut
from graph.errors import InvalidInput
from graph.reads import meetings as meeting_reads
from graph.reads.names import names
from graph.sentences import tell

routes = router()

# Communities on the page: what a newcomer reads through. The API gives more.
SHOWN = 6


# For how long a suggestion may rest, by what the form says; '' for good.
RESTS = {"quarter": 92, "year": 365, "": None}


@dataclass(frozen=True)
class Suggestion:
    """One community as suggested. `share` of each reason in the score, from 0 to 1, beside its text and paths; `drawn`:
    the ways that they rest on in one picture, None where no reason has one."""

    one: RecommendationOut
    status: str
    members: int
    domain: str
    reasons: Sequence[tuple[str, float, Sequence[Sequence[Stop]]]]
    drawn: Drawing | None
    next: MeetingOut | None
    open: bool


@dataclass(frozen=True)
class Joining:
    """What to join. `own`: whether it rests on what is known of the person who looks; else on what they typed (`text`,
    `skills`). `asked`: whether there is an answer at all."""

    own: bool
    text: str
    skills: str
    asked: bool
    found: CommunitiesOut | None
    suggestions: Sequence[Suggestion]
    accompanies: bool
    done: str


@dataclass(frozen=True)
class Newcomers:
    """Lists for several newcomers. `typed` are the lines that were asked for, `unknown` those that fit nobody,
    `several` those that fit more than one: with who they are, and what is typed once one is chosen."""

    typed: str
    results: Sequence[NewcomerOut]
    unknown: Sequence[str]
    several: Mapping[str, Sequence[tuple[Candidate, str]]]
    accompanied: Sequence[tuple[str, str]]


class NotForMe(BaseModel):
    community_id: str = Field(min_length=1, max_length=500)
    name: str = ""
    reason: str = Field("", max_length=2_000)
    rests: Literal["quarter", "year", ""] = ""


class Join(BaseModel):
    community_id: str = Field(min_length=1, max_length=500)
    engagement: communities.Declared


@routes.get("/find")
async def my_communities(
    look: Look,
    principal: Member,
    text: Annotated[str, Query(max_length=find.LONGEST_TEXT)] = "",
    skills: Annotated[str, Query(max_length=5_000)] = "",
    done: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Communities for the person who looks, or for whom somebody describes in their own words."""
    named = [one.strip() for one in skills.split(",") if one.strip()]
    described = bool(text.strip() or named)
    own = principal.person_id is not None and not described
    found: CommunitiesOut | None = None
    if own or described:
        profile = valid(ProfileIn, {"text": text.strip() or None, "skills": named[:100]}) if described else None
        found = await find.recommend_communities(
            valid(CommunitiesIn, {"profile": profile, "limit": SHOWN, "what_if": True}),
            look.service,
            principal,
        )
    shown = Joining(
        own=own, text=text, skills=skills, asked=found is not None, found=found,
        suggestions=await _suggestions(look, found.results) if found else (),
        accompanies=look.principal.sees_restricted or bool(await _accompanied(look)), done=done,
    )  # fmt: skip
    return await look.page("joining.html", shown, "joining", block="suggestions")


async def _suggestions(look: Looking, found: Sequence[RecommendationOut]) -> list[Suggestion]:
    nodes = {
        (end.label, end.id)
        for one in found for part in one.contributions if part.reason
        for step in part.reason.path for end in (step.start, step.end)
    }  # fmt: skip
    called, ahead = await asyncio.gather(
        look.service.reads.read(names(nodes)), _next_meetings(look, [one.community_id for one in found])
    )
    snapshot = look.service.state.snapshot
    suggestions: list[Suggestion] = []
    for one in found:
        row = snapshot.row.get(one.community_id)
        if row is None:
            continue
        community = snapshot.communities[row]
        told = [part for part in one.contributions if part.reason]
        whole = sum(max(part.points, 0) for part in told) or 1.0
        told.sort(key=lambda part: -part.points)
        reasons = [
            (part.reason.text, max(part.points, 0) / whole, lines(part.reason.path, called))
            for part in told if part.reason
        ]  # fmt: skip
        ways = [part.reason.path for part in told if part.reason and part.reason.path]
        begin = ("Person", look.principal.person_id or "")
        suggestions.append(
            Suggestion(
                one, community.status or "active", int(snapshot.sizes[row]), community.domain, reasons,
                drawing(ways, begin, ("Community", one.community_id), called),
                ahead.get(one.community_id),
                community.visibility == "open",
            )
        )  # fmt: skip
    return suggestions


async def _next_meetings(look: Looking, community_ids: Sequence[str]) -> dict[str, MeetingOut]:
    """The next meeting of each community that has one planned. What is suggested to somebody they may look into."""
    now = datetime.now(UTC)
    stored = await look.service.reads.read(meeting_reads.meetings(list(community_ids), now))
    ahead = meeting_reads.rolled_out(stored, now, now + timedelta(days=AHEAD))
    found: dict[str, MeetingOut] = {}
    for one in ahead:
        if not one.cancelled:
            found.setdefault(one.meeting.community_id, meetings.shown(one))
    return found


@routes.post("/find/join")
async def join(look: Look, principal: Member) -> Response:
    """Joins a community that was suggested, at a level."""
    form = await look.filled(Join)
    person_id = look.somebody()
    joining = communities.Joining(engagement=form.engagement, recommended=True)
    await communities.join(form.community_id, person_id, joining, principal, look.write())
    return going(f"/communities/{form.community_id}", done="joined")


@routes.post("/find/not-for-me")
async def not_for_me(look: Look, principal: Member) -> Response:
    """Never suggests a community again, or not for a while."""
    form = await look.filled(NotForMe)
    person_id = look.somebody()
    dismissal = valid(people.DismissalIn, {"reason": form.reason.strip() or None, "until": _until(form.rests)})
    write = look.write()
    await people.dismiss(person_id, form.community_id, dismissal, principal, write)
    if look.swaps:
        return await look.page("joining.html", form, "joining", block="dismissed")
    return going("/find", done="dismissed")


@routes.post("/find/for-me-after-all")
async def for_me_after_all(look: Look, principal: Member) -> Response:
    """Takes a dismissal back."""
    form = await look.filled(NotForMe)
    write = look.write()
    await people.undo_dismissal(look.somebody(), form.community_id, principal, write)
    return going("/find", done="taken-back")


@routes.get("/find/newcomers")
async def for_newcomers(
    look: Look,
    principal: Member,
    people: Annotated[str, Query(max_length=find.LONGEST_TEXT)] = "",
    person_id: Annotated[str, Query(max_length=LONGEST)] = "",
) -> Response:
    """Lists for newcomers, each given in a line by id, e-mail or name; `person_id` is one more, as it was typed."""
    lines = list(dict.fromkeys([*lines_of(people), *lines_of(person_id)]))
    if len(lines) > find.MOST_NEWCOMERS:
        raise InvalidInput(
            tell(
                "%(number)s people; %(MOST_NEWCOMERS)s can be asked for at once.",
                number=len(lines),
                MOST_NEWCOMERS=find.MOST_NEWCOMERS,
            )
        )
    ids: list[str] = []
    unknown: list[str] = []
    several: dict[str, Sequence[tuple[Candidate, str]]] = {}
    for line in lines:
        found = await matches(look, line)
        if len(found) == 1:
            ids.append(found[0].id)
        elif found:
            several[line] = [(one, "\n".join(one.id if other == line else other for other in lines)) for one in found]
        else:
            unknown.append(line)
    told = None
    if ids:
        asked = valid(NewcomersIn, {"person_ids": list(dict.fromkeys(ids))})
        told = await find.recommend_to_newcomers(asked, look.service, principal)
    shown = Newcomers("\n".join(lines), told.results if told else (), unknown, several, await _accompanied(look))
    return await look.page("newcomers.html", shown, "joining")


async def _accompanied(look: Looking) -> list[tuple[str, str]]:
    """Newcomers whom the person who looks accompanies, by id and name."""
    person_id = look.principal.person_id
    if person_id is None:
        return []
    found = await newcomers.list_accompanied(person_id, look.service, look.principal)
    return list({one.person_id: one.name for one in found.results if one.state == "agreed"}.items())


def _until(rests: str) -> str | None:
    days = RESTS[rests]
    return (date.today() + timedelta(days)).isoformat() if days else None
