"""Who talks and who advises in a community, by grade and across reporting lines: for its leads, where switched on."""

from dataclasses import asdict
from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.people import CommunityId
from graph.database import Transaction
from graph.errors import Forbidden
from graph.models import Part
from graph.sentences import tell
from graph.writes import by_hand
from graph.writes.events import in_turn
from matcher.community import power
from matcher.community.power import PowerReport

router = APIRouter(prefix="/v1/communities", tags=["power"], responses=documented(401, 403, 404, 422, 503))

WHAT = tell("Talk and advice by grade")


class ShareOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    grades: list[str] = Field(description="told of together, so that at least five people stand behind each number")
    of_members: float
    of_questions: float | None = Field(description="null: too few people asked")
    of_advice: float | None = Field(description="null: too few people advised")


class PowerReportOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    quarter: str = Field(examples=["2026-Q3"])
    shares: list[ShareOut] = Field(description="by grade, in steps of 0.05; empty where no two groups can be told")
    down: float | None = Field(description="of all advice, from managers to people who report to them")
    up: float | None = Field(description="of all advice, to people above; null: fewer than five managers or reports")


class PowerReportList(BaseModel):
    results: list[PowerReportOut]


@router.get("/{community_id}/power")
async def get_power(community_id: CommunityId, service: Serving, principal: Member) -> PowerReportList:
    """Shares of talk and advice in the last four quarters that are over, for leads and knowledge managers.

    Off unless the organisation switches it on (`GUILDMAP_POWER_REPORTS`). Each report is made once, and kept: the same
    question always gets the same answer.
    """
    if not service.settings.power_reports:
        raise Forbidden(tell("%(what)s is switched off in this organisation (GUILDMAP_POWER_REPORTS).", what=WHAT))
    today = date.today().isoformat()

    def work(transaction: Transaction) -> list[PowerReport]:
        by_hand.may(transaction, principal, community_id, Part.LEAD, what=WHAT)
        return power.of_community(transaction, community_id, today)

    found = await service.write(in_turn(principal.actor, work))
    return PowerReportList(results=[PowerReportOut.model_validate(asdict(one)) for one in found])
