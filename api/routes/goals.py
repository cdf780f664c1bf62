"""What the organisation wants: the goals that communities serve."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import KnowledgeManager, Member, Serving
from api.problems import documented
from api.routes.communities import LARGEST_PAGE, PAGE, Name, NamedOut, NewId
from api.writing import Write, answer
from graph.database import Transaction
from graph.errors import Forbidden
from graph.models import Principal
from graph.reads import goals as reads
from graph.reads.goals import Goal
from graph.sentences import tell
from graph.writes import by_hand
from graph.writes.idempotency import Answer
from ingest.records import OptionalText

router = APIRouter(prefix="/v1/goals", tags=["goals"], responses=documented(401, 403, 404, 422, 503))

GoalId = Annotated[str, Path(description="The goal's id.", examples=["fewer-stops"])]


class GoalNew(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Fewer unplanned stops", "description": "Half as many by 2028."}]},
    )
    id: NewId | None = Field(None, description="left out: made from the name")
    name: Name
    description: OptionalText = None


class GoalChange(BaseModel):
    """Fields that are absent stay as they are; null empties the description."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"description": "By 2028."}]})
    name: Name | None = None
    description: OptionalText = None


class GoalOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    name: str
    description: str
    communities: list[NamedOut] = Field(description="those that serve it, of which one may see")


class GoalList(BaseModel):
    results: list[GoalOut]
    next_cursor: str | None = Field(description="give it as `cursor` for the following page; null at the end")


@router.get("")
async def list_goals(
    service: Serving,
    principal: Member,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> GoalList:
    """What the organisation wants, in the order of ids."""
    found = await service.reads.read(reads.goals(principal, cursor or "", limit + 1))
    more = found[limit - 1].id if len(found) > limit else None
    return GoalList(results=[GoalOut.model_validate(one) for one in found[:limit]], next_cursor=more)


@router.post("", status_code=201, response_model=GoalOut, responses=documented(409))
async def create_goal(new: GoalNew, principal: KnowledgeManager, write: Write) -> Response:
    """Adds a goal that no source tells of."""
    goal_id = new.id or by_hand.id_from_name(new.name)
    fields = {name: text for name, text in (("name", new.name), ("description", new.description)) if text is not None}

    def work(transaction: Transaction) -> Answer:
        by_hand.create(transaction, principal, "goal", goal_id, fields, write.order)
        made = _seen(transaction, principal, goal_id)
        return answer(201, GoalOut.model_validate(made), made.version, f"/v1/goals/{quote(goal_id)}")

    return await write.perform(principal, work)


@router.get("/{goal_id}")
async def get_goal(goal_id: GoalId, service: Serving, principal: Member, response: Response) -> GoalOut:
    """One goal, and which communities serve it. `ETag` is the version for changes."""
    found = await service.reads.read(reads.goal(principal, goal_id))
    if found is None:
        raise reads.no_goal(goal_id)
    response.headers["ETag"] = f'"{found.version}"'
    return GoalOut.model_validate(found)


@router.patch("/{goal_id}", response_model=GoalOut, responses=documented(412, 428))
async def change_goal(goal_id: GoalId, change: GoalChange, principal: KnowledgeManager, write: Write) -> Response:
    """Changes a goal by hand: from then on these fields win over what any source says."""
    fields = change.model_dump(include=change.model_fields_set)
    if "name" in fields and fields["name"] is None:
        raise Forbidden(tell("A goal needs a name: it cannot be emptied."))

    def work(transaction: Transaction) -> Answer:
        write.expect(_seen(transaction, principal, goal_id).version)
        by_hand.edit(transaction, principal, "goal", goal_id, fields, write.order)
        after = _seen(transaction, principal, goal_id)
        return answer(200, GoalOut.model_validate(after), after.version)

    return await write.perform(principal, work)


def _seen(transaction: Transaction, principal: Principal, goal_id: str) -> Goal:
    found = transaction.read(reads.goal(principal, goal_id))
    if found is None:
        raise reads.no_goal(goal_id)
    return found
