"""Units of the organisation, as sources tell of them."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving
from api.problems import documented
from graph.errors import NotFound
from graph.reads import people as reads
from graph.sentences import tell

router = APIRouter(prefix="/v1/org-units", tags=["people"], responses=documented(401, 403, 404, 422, 503))


class UnitOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str = Field(examples=["rotor-engineering"])
    name: str
    description: str
    parent_id: str | None
    parent: str | None = Field(description="name of the unit above it")
    people: int = Field(description="who work in it today, those of units below it not counted")


@router.get("/{unit_id}")
async def get_unit(
    unit_id: Annotated[str, Path(description="The unit's id.", max_length=500)], service: Serving, principal: Member
) -> UnitOut:
    """One unit with what it says of itself."""
    found = await service.reads.read(reads.unit(unit_id))
    if found is None:
        raise NotFound(tell("There is no unit with the id %(unit_id)r.", unit_id=unit_id))
    return UnitOut.model_validate(found)
