"""What belongs to no page alone: how somebody likes pages, and as whom they look in local mode."""

from typing import Literal

from fastapi import Request, Response
from pydantic import BaseModel, Field

from api.dependencies import LOOKS_AS, Serving
from api.identity.cookies import local_path
from api.pages import picker
from api.pages.frame import LANGUAGE, THEME, Look, filled, going, router
from graph.errors import InvalidInput, NotFound
from graph.sentences import tell

routes = router()

# Seconds for which a browser keeps how pages are liked: a year.
KEPT = 365 * 86_400


class Liked(BaseModel):
    theme: Literal["auto", "light", "dark"] | None = None
    language: Literal["en", "de"] | None = None
    to: str = "/"


class LooksAs(BaseModel):
    person_id: str = Field("", max_length=500)
    to: str = "/"


@routes.post("/taste")
async def taste(request: Request) -> Response:
    """Keeps in the browser whether pages are light or dark, and in which language. It changes nothing else, so that it
    asks for no session."""
    liked = await filled(request, Liked)
    answer = going(local_path(liked.to))
    for name, chosen in ((THEME, liked.theme), (LANGUAGE, liked.language)):
        if chosen is not None:
            answer.set_cookie(name, chosen, max_age=KEPT, path="/", httponly=True, samesite="lax")
    return answer


@routes.post("/look-as")
async def look_as(request: Request, look: Look, service: Serving) -> Response:
    """In local mode: looks as another person does, so that one can see what a newcomer sees."""
    if service.identities is not None:
        raise NotFound(tell("One looks as oneself here."))
    asked = await filled(request, LooksAs)
    answer = going(local_path(asked.to))
    if not asked.person_id.strip():
        answer.delete_cookie(LOOKS_AS, path="/", httponly=True, samesite="strict")
        return answer
    try:
        wanted = await picker.meant(look, asked.person_id)
    except InvalidInput as error:
        await picker.refuse(look, "look-as", asked.person_id, asked, error.told)
        return await picker.page_of(look, asked.person_id)
    answer.set_cookie(LOOKS_AS, wanted, path="/", httponly=True, samesite="strict")
    return answer
