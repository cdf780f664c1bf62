"""A community at a glance; and to join it, change one's level, leave."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import Member, MemberOrOutsider
from api.pages.community.head import Head, head, with_part
from api.pages.frame import Look, going, granted, router, valid
from api.routes import artifacts, charters, communities, join_requests, meetings, neighbours, questions
from api.routes.artifacts import ArtifactOut
from api.routes.charters import CharterOut
from api.routes.communities import Declared, Joining, MembershipChange, NamedOut
from api.routes.join_requests import JoinRequestId, JoinRequestNew
from api.routes.meetings import MeetingOut
from api.routes.neighbours import NeighbourOut
from api.routes.people import CommunityId
from api.routes.questions import AskedOut
from graph.models import Part
from graph.reads import resources

routes = router()

# Of each kind so many: the rest is on its own page.
SHOWN = 3

Done = Annotated[str, Query(max_length=50)]


@dataclass(frozen=True)
class Overview:
    """`leads`: who leads it today. `charter`: the one that holds, else the newest draft; None: there is none, or it is
    not for who looks, as is so of meetings, artefacts and questions. `neighbours` nearest first."""

    head: Head
    leads: Sequence[NamedOut]
    sponsors: Sequence[NamedOut]
    charter: CharterOut | None
    meetings: Sequence[MeetingOut]
    artefacts: Sequence[ArtifactOut]
    questions: Sequence[AskedOut]
    neighbours: Sequence[NeighbourOut]


class JoinForm(BaseModel):
    level: Declared | None = None
    recommended: bool = False


class AskForm(BaseModel):
    level: Declared | None = None
    words: str = Field("", max_length=2_000)


class LevelForm(BaseModel):
    level: Declared | None = None
    version: str = Field("", max_length=200)


class LeaveForm(BaseModel):
    version: str = Field("", max_length=200)


@routes.get("/communities/{community_id}")
async def overview(community_id: CommunityId, look: Look, principal: MemberOrOutsider, done: Done = "") -> Response:
    """What it is about and for whom, what goes on, and what is near it."""
    top = await head(look, community_id, "overview", done)
    shown = Overview(top, (), (), None, (), (), (), ())
    if not principal.external:
        shown = await _with_life(look, shown)
    return await look.page("community/overview.html", shown, "catalogue")


async def _with_life(look: Look, shown: Overview) -> Overview:
    """What people of the organisation see of it."""
    key, service, who = shown.head.community.id, look.service, look.principal
    parts, charter, coming, made, asked, near = await asyncio.gather(
        service.reads.read(resources.responsible(key)),
        granted(charters.read_charter(key, service, who)),
        granted(meetings.list_meetings(key, service, who, None, None, SHOWN + 3, None)),
        granted(artifacts.list_artifacts(key, service, who, retired=False)),
        granted(questions.list_questions(key, service, who, SHOWN, None)),
        granted(neighbours.get_neighbours(key, service, who, neighbours.LIMIT)),
    )
    ahead = [one for one in coming.results if one.state == "planned"] if coming else []
    return replace(
        shown, charter=charter[0] if charter else None, meetings=ahead[:SHOWN], artefacts=(made or [])[:SHOWN],
        questions=asked.results if asked else (), neighbours=near.results if near else (),
        leads=with_part(parts, Part.LEAD), sponsors=with_part(parts, Part.SPONSOR),
    )  # fmt: skip


@routes.post("/communities/{community_id}/join")
async def join(community_id: CommunityId, look: Look, principal: MemberOrOutsider) -> Response:
    form = await look.filled(JoinForm)
    joining = valid(Joining, {"engagement": form.level, "recommended": form.recommended})
    write = look.write()
    await communities.join(community_id, principal.person_id or "", joining, principal, write)
    return going(f"/communities/{quote(community_id)}", done="joined")


@routes.post("/communities/{community_id}/ask")
async def ask_to_join(community_id: CommunityId, look: Look, principal: Member) -> Response:
    """Asks to be let in, where one cannot just join."""
    form = await look.filled(AskForm)
    asked = valid(
        JoinRequestNew, {"level": form.level, "words": form.words.strip() or None, "person_id": look.somebody()}
    )
    await join_requests.ask_to_join(community_id, asked, principal, look.write())
    return going(f"/communities/{quote(community_id)}", done="asked-to-join")


@routes.post("/communities/{community_id}/ask/{join_request_id}/withdraw")
async def withdraw_asking(
    community_id: CommunityId, join_request_id: JoinRequestId, look: Look, principal: Member
) -> Response:
    await join_requests.withdraw(join_request_id, principal, look.write())
    return going(f"/communities/{quote(community_id)}", done="not-asked")


@routes.post("/communities/{community_id}/level")
async def level(community_id: CommunityId, look: Look, principal: MemberOrOutsider) -> Response:
    form = await look.filled(LevelForm)
    change = valid(MembershipChange, {"engagement": form.level})
    write = look.write(form.version)
    await communities.change_membership(community_id, principal.person_id or "", change, principal, write)
    return going(f"/communities/{quote(community_id)}", done="level")


@routes.post("/communities/{community_id}/leave")
async def leave(community_id: CommunityId, look: Look, principal: MemberOrOutsider) -> Response:
    """Who has left a restricted community sees it no more: they are led to the catalogue."""
    form = await look.filled(LeaveForm)
    write = look.write(form.version)
    await communities.leave(community_id, principal.person_id or "", principal, write)
    seen = await granted(communities.get_community(community_id, look.service, principal, Response()))
    return going(f"/communities/{quote(community_id)}" if seen else "/", done="left")
