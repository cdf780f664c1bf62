"""What was asked in a community, and who advised."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Response

from api.dependencies import Member
from api.pages.community.head import Head, head
from api.pages.frame import Look, router
from api.routes import questions
from api.routes.people import CommunityId
from api.routes.questions import AskedList

routes = router()

SHOWN = 20


@dataclass(frozen=True)
class QuestionsPage:
    """`asked`: the latest first."""

    head: Head
    asked: AskedList


@routes.get("/communities/{community_id}/questions")
async def listed(
    community_id: CommunityId,
    look: Look,
    principal: Member,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    found = await questions.list_questions(community_id, look.service, principal, SHOWN, cursor)
    page = QuestionsPage(await head(look, community_id, "questions"), found)
    return await look.page("community/questions.html", page, "catalogue")
