"""Who is in a community, by the level that each declared; who leads it, who is new, and how newcomers are met."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import Member, MemberOrOutsider
from api.pages.community.head import LEVELS, Head, head
from api.pages.community.overview import Done, Level
from api.pages.frame import Look, Looking, going, granted, router, valid
from api.routes import communities, engagement, newcomers, sponsors
from api.routes.communities import LARGEST_PAGE, Joining, MemberOut
from api.routes.engagement import EngagementOut
from api.routes.newcomers import BeginningOut, BuddyNew, WelcomeList
from api.routes.people import CommunityId, PersonId
from api.routes.sponsors import SponsorOut
from graph.models import Part, parts_of

routes = router()

# Of one level so many are named; all of them on a page of their own.
SHOWN = 24

UNSTATED = "unstated"


@dataclass(frozen=True)
class PeoplePage:
    """`by_level`: members by the level that they declared, the deepest first, leads before others; of people from
    outside the organisation, who read names alone, all under `unstated`. `level`: the one that is shown whole.
    `newcomers`, `movement`: None where they are not for who looks."""

    head: Head
    by_level: Mapping[str, Sequence[MemberOut]]
    leads: Sequence[MemberOut]
    sponsors: Sequence[SponsorOut]
    newcomers: WelcomeList | None
    movement: EngagementOut | None
    level: str | None
    shown: int = SHOWN


@dataclass(frozen=True)
class NewcomerPage:
    """How one newcomer is met. `own`: whether it is they who look."""

    head: Head
    beginning: BeginningOut

    @property
    def own(self) -> bool:
        return self.beginning.welcome.person_id == self.head.person_id


class BuddyForm(BaseModel):
    buddy_id: str = Field("", max_length=500)


class LetInForm(BaseModel):
    person_id: str = Field(max_length=500)
    level: Level | None = None


@routes.get("/communities/{community_id}/people")
async def people(
    community_id: CommunityId,
    look: Look,
    principal: MemberOrOutsider,
    level: Annotated[str, Query(max_length=20)] = "",
    done: Done = "",
) -> Response:
    """Who is in it; for leads and core members also who is new."""
    service = look.service
    top = await head(look, community_id, "people", done)
    members = await _members(look, community_id)
    found: dict[str, list[MemberOut]] = {name: [] for name in (*LEVELS, UNSTATED)}
    leads = [one for one in members if Part.LEAD in parts_of(one.engagement, one.role)]
    leading = {one.person_id for one in leads}
    for one in sorted(members, key=lambda one: (one.person_id not in leading, one.name)):
        found[one.engagement if one.engagement in LEVELS else UNSTATED].append(one)
    by_level = {name: some for name, some in found.items() if some}
    sponsorship = welcomes = movement = None
    if not principal.external:
        sponsorship, welcomes, movement = await asyncio.gather(
            granted(sponsors.get_sponsorship(community_id, service, principal)),
            granted(newcomers.list_newcomers(community_id, service, principal)),
            granted(engagement.get_engagement(community_id, service, principal)),
        )
    sponsoring = [one for one in sponsorship.results if one.state == "sponsors"] if sponsorship else []
    chosen = level if level in by_level else None
    page = PeoplePage(top, by_level, leads, sponsoring, welcomes, movement, chosen)
    return await look.page("community/people.html", page, "catalogue")


async def _members(look: Looking, community_id: str) -> list[MemberOut]:
    found: list[MemberOut] = []
    cursor: str | None = None
    while True:
        page = await communities.list_members(community_id, look.service, look.principal, LARGEST_PAGE, cursor)
        found += page.results
        cursor = page.next_cursor
        if cursor is None:
            return found


@routes.post("/communities/{community_id}/people")
async def let_in(community_id: CommunityId, look: Look, principal: Member) -> Response:
    """A lead lets somebody in who asked."""
    form = await look.filled(LetInForm)
    write = look.write()
    await communities.join(community_id, form.person_id, valid(Joining, {"engagement": form.level}), principal, write)
    return going(f"/communities/{quote(community_id)}/people", done="let-in")


@routes.get("/communities/{community_id}/newcomers/{person_id}")
async def newcomer(
    community_id: CommunityId, person_id: PersonId, look: Look, principal: Member, done: Done = ""
) -> Response:
    """How one was met, what they can begin with, and who might accompany them."""
    top, found = await asyncio.gather(
        head(look, community_id, "people", done),
        newcomers.get_newcomer(community_id, person_id, look.service, principal),
    )
    return await look.page("community/newcomer.html", NewcomerPage(top, found), "catalogue")


@routes.post("/communities/{community_id}/newcomers/{person_id}/greet")
async def greet(community_id: CommunityId, person_id: PersonId, look: Look, principal: Member) -> Response:
    await newcomers.greet(community_id, person_id, principal, look.write())
    return going(f"/communities/{quote(community_id)}/people", done="greeted")


@routes.post("/communities/{community_id}/newcomers/{person_id}/buddies")
async def propose_buddy(community_id: CommunityId, person_id: PersonId, look: Look, principal: Member) -> Response:
    form = await look.filled(BuddyForm)
    given = valid(BuddyNew, {"buddy_id": form.buddy_id})
    await newcomers.propose_buddy(community_id, person_id, given, principal, look.write())
    return _to_newcomer(community_id, person_id)


@routes.post("/communities/{community_id}/newcomers/{person_id}/buddies/{step}")
async def step_buddy(
    community_id: CommunityId,
    person_id: PersonId,
    step: Literal["agree", "decline", "end"],
    look: Look,
    principal: Member,
) -> Response:
    form = await look.filled(BuddyForm)
    write = look.write()
    await newcomers.step_buddy(community_id, person_id, form.buddy_id, step, principal, write)
    return _to_newcomer(community_id, person_id)


def _to_newcomer(community_id: str, person_id: str) -> Response:
    return going(f"/communities/{quote(community_id)}/newcomers/{quote(person_id)}", done="buddy")
