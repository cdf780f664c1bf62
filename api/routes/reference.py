"""`/docs`: the API's description as a page, made from its OpenAPI document; nothing is loaded from elsewhere."""

from fastapi import APIRouter, Request, Response

from api.pages.frame import Frame, taste_of
from api.pages.html import page
from api.pages.reference import reference_of

# Not part of the description that it shows.
router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> Response:
    state = request.app.state
    if not hasattr(state, "reference"):  # it takes tenths of a second, and is the same for all
        state.reference = reference_of(request.app.openapi())
    return page("reference.html", taste_of(request), frame=Frame(here="/docs"), reference=state.reference)
