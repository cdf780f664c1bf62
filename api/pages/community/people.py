"""Who is in a community, by the level that each declared; who leads it, who is new, and how newcomers are met."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, get_args
from urllib.parse import quote, urlencode

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import Member, MemberOrOutsider
from api.pages.community.head import Head, head, with_part
from api.pages.community.overview import Done
from api.pages.frame import Look, Looking, going, granted, router, valid
from api.pages.picker import LONGEST, done_with
from api.routes import communities, engagement, join_requests, newcomers, sponsors
from api.routes.communities import Declared, Joining, Level, MemberOut, NamedOut
from api.routes.engagement import EngagementOut
from api.routes.join_requests import AcceptIn, DeclineIn, JoinRequestId, JoinRequestOut
from api.routes.newcomers import BeginningOut, BuddyNew, WelcomeList
from api.routes.people import CommunityId, PersonId
from api.routes.sponsors import SponsorOut
from graph.models import Part
from graph.reads import resources
from graph.reads.resources import UNSTATED

routes = router()

# Of one level so many are named; all of them on pages of their own, so many on each.
SHOWN, WHOLE = 24, 120

EVERY: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Some:
    """Some of the members who declared a `level`; there are `all` of them."""

    level: str
    members: Sequence[MemberOut]
    all: int


@dataclass(frozen=True)
class Asking:
    """Who waits to be let in; `before` is what they asked earlier and what became of it, the latest first."""

    now: JoinRequestOut
    before: Sequence[JoinRequestOut]


@dataclass(frozen=True)
class PeoplePage:
    """`some`: members by the level that they declared, the deepest first; for people from outside the organisation, who
    read names alone, all under `unstated`. `level`: the one that is shown alone; `following` the address of the next
    page. `asking`: who waits to be let in, the longest first, with what each asked before. `newcomers`, `movement`:
    None where they are not for who looks."""

    head: Head
    some: Sequence[Some]
    leads: Sequence[NamedOut]
    sponsors: Sequence[SponsorOut]
    asking: Sequence[Asking]
    newcomers: WelcomeList | None
    movement: EngagementOut | None
    level: str | None
    following: str | None


@dataclass(frozen=True)
class NewcomerPage:
    """How one newcomer is met. `own`: whether it is they who look."""

    head: Head
    beginning: BeginningOut

    @property
    def own(self) -> bool:
        return self.beginning.welcome.person_id == self.head.person_id


class BuddyForm(BaseModel):
    buddy_id: str = Field("", max_length=LONGEST)


class DeclineForm(BaseModel):
    reason: str = Field("", max_length=2_000)


class LetInForm(BaseModel):
    person_id: str = Field("", max_length=LONGEST)
    level: Declared | None = None


@routes.get("/communities/{community_id}/people")
async def people(
    community_id: CommunityId,
    look: Look,
    principal: MemberOrOutsider,
    level: Level | Literal[""] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    done: Done = "",
) -> Response:
    """Who is in it; for leads and core members also who is new."""
    service = look.service
    if principal.external:
        top = await head(look, community_id, "people", done)
        # They read names alone.
        listed = await communities.list_members(community_id, service, principal, WHOLE, cursor)
        some = [Some(UNSTATED, listed.results, top.community.members)] if listed.results else []
        page = PeoplePage(top, some, (), (), (), None, None, None, _following(community_id, "", listed.next_cursor))
        return await look.page("community/people.html", page, "catalogue")
    # Whoever may not see the community is told so by its head, and none of the rest.
    top, (some, following), responsible, sponsorship, movement, (asked, welcomes) = await asyncio.gather(
        head(look, community_id, "people", done),
        _by_level(look, community_id, level, cursor),
        service.reads.read(resources.responsible(community_id)),
        granted(sponsors.get_sponsorship(community_id, service, principal)),
        granted(engagement.get_engagement(community_id, service, principal)),
        asyncio.gather(
            granted(join_requests.list_join_requests(community_id, service, principal)),
            granted(newcomers.list_newcomers(community_id, service, principal)),
        ),
    )
    sponsoring = [one for one in sponsorship.results if one.state == "sponsors"] if sponsorship else []
    leads = with_part(responsible, Part.LEAD)
    asking = [
        Asking(one, [each for each in asked or () if each.asker.id == one.asker.id and not each.waits])
        for one in reversed(asked or ()) if one.waits
    ]  # fmt: skip
    page = PeoplePage(top, some, leads, sponsoring, asking, welcomes, movement, level or None, following)
    return await look.page("community/people.html", page, "catalogue")


async def _by_level(
    look: Looking, community_id: str, level: Level | Literal[""], cursor: str | None
) -> tuple[list[Some], str | None]:
    """The first of each level; or a page of the one that was chosen, and the address of the next."""
    first = await look.service.reads.read(resources.members_by_level(community_id, 0 if level else SHOWN))
    if not level:
        found = [Some(one, [MemberOut.model_validate(each) for each in first[one][0]], first[one][1])
                 for one in EVERY if one in first]  # fmt: skip
        return found, None
    listed = await communities.list_members(community_id, look.service, look.principal, WHOLE, cursor, level)
    found = [Some(level, listed.results, first[level][1])] if listed.results and level in first else []
    return found, _following(community_id, level, listed.next_cursor)


def _following(community_id: str, level: str, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    asked = {"level": level, "cursor": cursor} if level else {"cursor": cursor}
    return f"/communities/{quote(community_id)}/people?{urlencode(asked)}"


@routes.post("/communities/{community_id}/people")
async def let_in(community_id: CommunityId, look: Look, principal: Member) -> Response:
    """A lead lets somebody in who asked."""
    form, write = await look.filled(LetInForm), look.write()
    joining = valid(Joining, {"engagement": form.level})
    let = await done_with(
        look, "who", form.person_id, form, lambda who: communities.join(community_id, who, joining, principal, write)
    )
    if not let:
        return await people(community_id, look, principal)
    return going(f"/communities/{quote(community_id)}/people", done="let-in")


@routes.post("/communities/{community_id}/asking/{join_request_id}/accept")
async def accept(community_id: CommunityId, join_request_id: JoinRequestId, look: Look, principal: Member) -> Response:
    """A lead lets in who asked, at the level that they asked for."""
    await join_requests.accept(join_request_id, valid(AcceptIn, {}), principal, look.write())
    return going(f"/communities/{quote(community_id)}/people", done="let-in")


@routes.post("/communities/{community_id}/asking/{join_request_id}/decline")
async def decline(community_id: CommunityId, join_request_id: JoinRequestId, look: Look, principal: Member) -> Response:
    """A lead says no to who asked, and why."""
    form = await look.filled(DeclineForm)
    await join_requests.decline(join_request_id, valid(DeclineIn, {"reason": form.reason}), principal, look.write())
    return going(f"/communities/{quote(community_id)}/people", done="not-let-in")


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
    form, write = await look.filled(BuddyForm), look.write()

    def propose(who: str) -> Awaitable[Response]:
        return newcomers.propose_buddy(community_id, person_id, valid(BuddyNew, {"buddy_id": who}), principal, write)

    if not await done_with(look, "buddy", form.buddy_id, form, propose):
        return await newcomer(community_id, person_id, look, principal)
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
