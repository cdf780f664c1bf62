"""Naming a person in a form: who is meant by an id, a name or an e-mail address, and who may be while one types."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from api.dependencies import Member
from api.pages.frame import Look, Looking, Refused, router, said
from api.routes import find
from graph.errors import Conflict, InvalidInput, NotFound
from graph.facts import email_key, name_key
from graph.reads.identities import signed_in
from graph.reads.names import names
from graph.sentences import tell

routes = router()

# Offered while somebody types, and looked through for a name that was typed whole: of one name there are fewer.
OFFERED, OF_ONE_NAME = 8, 50

LONGEST = 500

# What a field holds once somebody was chosen from what it offers: `Ann Berg (ann-berg)`.
_CHOSEN = re.compile(r"\(([^()\s]+)\)\s*$")


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be meant; `about`: in which units they work."""

    id: str
    name: str
    about: str = ""


@dataclass(frozen=True)
class FindPerson:
    """People whom `text` may mean. `to_look_as`: whether one may look as them, which is so in local mode alone."""

    text: str
    candidates: Sequence[Candidate]
    to_look_as: bool


@routes.get("/people")
async def find_person(request: Request, look: Look, principal: Member) -> Response:
    """People by name. A field of a form asks for its part of it while somebody types, each by a name of its own."""
    text = next(iter(request.query_params.values()), "")[:LONGEST]
    return await page_of(look, text)


async def page_of(look: Looking, text: str) -> Response:
    found = await _searched(look, text, OF_ONE_NAME) if text.strip() else []
    # Search finds by what people do as well; where names fit, these are what is meant.
    called = [one for one in found if _begins(text, one.name)]
    shown = FindPerson(text, (called or found)[:OFFERED], look.service.identities is None)
    return await look.page("people.html", shown, "catalogue", block="offered")


async def matches(look: Looking, typed: str) -> Sequence[Candidate]:
    """Everybody who fits what was typed: an id, an e-mail address, a whole name, or one with the id behind it."""
    service, wanted = look.service, typed.strip()
    if not wanted:
        return []
    chosen = _CHOSEN.search(wanted)
    for key in (wanted, chosen[1] if chosen else None):
        called = await service.reads.read(names([("Person", key)])) if key else {}
        if called:
            return [Candidate(key, name) for (_, key), name in called.items()]
    if "@" in wanted:
        known = await service.reads.read(signed_in(None, email_key(wanted), date.today().isoformat()))
        called = await service.reads.read(names(("Person", one.person_id) for one in known if one.here))
        return [Candidate(key, name) for (_, key), name in called.items()]
    found = await _searched(look, wanted, OF_ONE_NAME)
    return [one for one in found if name_key(one.name) == name_key(wanted)]


async def meant(look: Looking, typed: str) -> str:
    """The id of the person who is meant. Raises InvalidInput where that is nobody, or may be several."""
    found = await matches(look, typed)
    if len(found) == 1:
        return found[0].id
    if not typed.strip():
        raise InvalidInput(tell("Say who: by name, e-mail address or id."))
    if not found:
        raise InvalidInput(
            tell(
                "Nobody is known as “%(typed)s”. Give the whole name, an e-mail address or an id.", typed=typed.strip()
            )
        )
    raise InvalidInput(
        tell("%(number)s people are called %(typed)s. Choose one.", number=len(found), typed=typed.strip())
    )


async def done_with(
    look: Looking, field: str, typed: str, form: BaseModel, act: Callable[[str], Awaitable[Response]]
) -> bool:
    """Does something with the person whom the field of a form names. False where that could not be: the page is to be
    shown again, and says beside the field what is wrong."""
    try:
        await act(await meant(look, typed))
    except (InvalidInput, Conflict, NotFound, RequestValidationError) as error:
        await refuse(look, field, typed, form, said(error))
        return False
    return True


async def refuse(look: Looking, field: str, typed: str, form: BaseModel, problem: str) -> None:
    found = await matches(look, typed)
    given: Mapping[str, str] = {name: str(value) for name, value in form.model_dump(exclude_none=True).items()}
    if not found and typed.strip():
        near = [one for one in await _searched(look, typed, OF_ONE_NAME) if _begins(typed, one.name)][:OFFERED]
    else:
        near = found if len(found) > 1 else []  # of one alone it is clear who is meant: something else was wrong
    choices = [(one.id, _said(one)) for one in near]
    look.refused = Refused(field, given, typed, problem, choices, alike=len(found) > 1)


async def _searched(look: Looking, text: str, limit: int) -> list[Candidate]:
    found = await find.search_catalogue(
        look.service, look.principal, text=text, kind=["person"], status=None, topic=None, skill=None, unit=None,
        limit=limit, cursor=None,
    )  # fmt: skip
    return [Candidate(one.id, one.name, ", ".join(one.details.get("units", ()))) for one in found.results]


def _begins(text: str, name: str) -> bool:
    """Whether each word that was typed begins one of the name."""
    parts = name_key(name).split()
    return all(any(part.startswith(word) for part in parts) for word in name_key(_CHOSEN.sub("", text)).split())


def _said(one: Candidate) -> str:
    return f"{one.name}, {one.about} ({one.id})" if one.about else f"{one.name} ({one.id})"
