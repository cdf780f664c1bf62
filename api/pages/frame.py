"""What every page has: who looks at it, what stands around it, and errors that people can read."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Annotated, Any, TypeVar, get_origin
from urllib.parse import parse_qs, quote, urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from api import problems
from api.dependencies import Requires, Serving, principal_of
from api.identity import cookies
from api.pages.html import LANGUAGES, THEMES, Taste, page
from api.problems import Told
from api.service import Service
from api.writing import Writing
from graph.errors import Forbidden, GuildmapError, InvalidInput, NotFound, NotReady
from graph.models import Principal, Role
from graph.reads.names import names
from graph.sentences import tell

Form = TypeVar("Form", bound=BaseModel)
T = TypeVar("T")

THEME, LANGUAGE = "guildmap-theme", "guildmap-language"

# For the methods that a browser follows after a form: the next one is always read.
SEE_OTHER = 303

# Fields that a form may have: those of the largest, a whole list of newcomers, are fewer.
MOST_FIELDS = 500


@dataclass(frozen=True)
class Frame:
    """What stands around a page.

    `name` is that of the person who looks, None for whoever stands for no person; `section` the part of the site that
    it belongs to; `here` its address, to come back to. `csrf_token` goes along with every form, '' in local mode.
    """

    person_id: str | None = None
    name: str | None = None
    role: Role = Role.MEMBER
    external: bool = False
    section: str = ""
    here: str = "/"
    csrf_token: str = ""
    signs_in: bool = False
    known: bool = False

    def may(self, role: str) -> bool:
        return self.known and Principal(role=self.role).may(Role(role))


@dataclass(frozen=True)
class Refused:
    """A form of this page that was sent and could not be used: the `field` in which it names a person, with what was
    `typed` there, what was `given` in all its fields, the `problem`, and who may be meant, as `choices` (id, how they
    are told from each other). `alike`: they are called as was typed, so that one of them is to be chosen."""

    field: str = ""
    given: Mapping[str, str] = dataclass_field(default_factory=dict[str, str])
    typed: str = ""
    problem: str = ""
    choices: Sequence[tuple[str, str]] = ()
    alike: bool = False

    def kept(self, field: str, name: str) -> str:
        """What was given as `name` in the form whose person is named in `field`."""
        return self.given.get(name, "") if self.field == field else ""


class Looking:
    """One look at a page: who asks, of which service. What a page shows it gets from the operations of the API."""

    def __init__(
        self,
        request: Request,
        service: Serving,
        principal: Annotated[Principal, Depends(Requires(Role.MEMBER, outsiders=True))],
    ) -> None:
        self.request, self.service, self.principal = request, service, principal
        self.refused = Refused()

    @property
    def swaps(self) -> bool:
        return swaps(self.request)

    async def page(
        self, template: str, context: Any, section: str, *, block: str | None = None, status: int = 200
    ) -> Response:
        """The page; where a part of one is asked for, its `block` alone."""
        only = block if self.swaps else None
        framed = await frame(self.request, self.service, self.principal, section, called=not only)
        if self.refused.problem:
            status = 422
        return page(
            template, taste_of(self.request), status, block=only, frame=framed, page=context, refused=self.refused
        )

    def somebody(self) -> str:
        """The id of the person who looks. Raises InvalidInput where that is none, for what only a person does."""
        if self.principal.person_id is None:
            raise InvalidInput(tell("You stand for no person here. Sign in as somebody, or look as one."))
        return self.principal.person_id

    async def filled(self, model: type[Form]) -> Form:
        """The form that was sent (see `filled`)."""
        return await filled(self.request, model)

    def write(self, version: str | None = None) -> Writing:
        """For an operation of the API that a form calls: `version` is the one that the page showed."""
        return Writing(self.request, self.service, self.principal, version or "*")


Look = Annotated[Looking, Depends()]


async def frame(
    request: Request, service: Service, principal: Principal, section: str = "", *, called: bool = True
) -> Frame:
    """`called`: whether the name of the person is wanted, which has to be read."""
    name = None
    if called and principal.person_id is not None:
        person = ("Person", principal.person_id)
        name = (await service.reads.read(names([person]))).get(person)
    secret = request.cookies.get(cookies.SESSION)
    signs_in = service.settings.auth == "oidc"
    return Frame(
        principal.person_id, name, principal.role, principal.external, section, here(request),
        cookies.csrf_of(secret) if secret and signs_in else "", signs_in, known=True,
    )  # fmt: skip


def here(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query and request.method == "GET" else request.url.path


def taste_of(request: Request) -> Taste:
    """What the reader chose; else their system's colours, and the first language of theirs that we have."""
    theme, language = request.cookies.get(THEME, ""), request.cookies.get(LANGUAGE, "")
    if language not in LANGUAGES:
        wanted = (
            one.partition(";")[0].strip()[:2].lower() for one in request.headers.get("accept-language", "").split(",")
        )
        language = next((one for one in wanted if one in LANGUAGES), "en")
    return Taste(theme if theme in THEMES else "auto", language)


def going(path: str, **query: str) -> Response:
    """On to another page, given by its address here, after a form."""
    address = quote(path, safe="/?&=%+:@,;~$!*'()")
    return RedirectResponse(
        f"{address}{'&' if '?' in address else '?'}{urlencode(query)}" if query else address, SEE_OTHER
    )


class PageRoute(APIRoute):
    """A route that answers with pages, its errors too."""


# What programs ask for; the rest of the addresses is for people.
FOR_PROGRAMS = ("/v1/", "/scim/", "/health/", "/metrics", "/openapi.json", "/.well-known/")


def on_a_page(request: Request) -> bool:
    """Whether somebody looks at the answer: then what is wrong is said on a page, wherever it was found."""
    if isinstance(request.scope.get("route"), PageRoute):
        return True
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(FOR_PROGRAMS)


async def answer(request: Request, told: Told) -> Response:
    """What is wrong, as a page to people, as a problem document to programs. Who is not signed in is sent to do so."""
    if not on_a_page(request):
        return problems.document(told)
    service = request.app.state.service
    if told.status == 401 and service.settings.auth == "oidc" and request.method == "GET":
        return RedirectResponse(f"/sign-in?{urlencode({'to': here(request)})}", SEE_OTHER)
    if told.status == 401:
        told = replace(told, title="You are not signed in")
    elif told.errors:
        told = replace(told, detail=problems.in_short(told.errors))
    elif told.status == 404 and "route" not in request.scope:
        told = replace(told, detail="There is no page at this address.")
    try:
        # Who looks is told as far as it can be: what went wrong may be the database.
        async with asyncio.timeout(1):
            framed = await frame(request, service, await principal_of(request, service, None))
    except (GuildmapError, TimeoutError):
        framed = Frame(signs_in=service.settings.auth == "oidc")
    return _said(request, told, framed, [("To the catalogue", "/")])


def refusal(request: Request, status: int, text: str) -> Response:
    """What a request is answered that no route has seen, and for which nothing more is asked of the database."""
    told = Told.of(status, text)
    if not on_a_page(request):
        return problems.document(told)
    return _said(request, told, Frame(), [("Try again", here(request))] if request.method == "GET" else [])


def _said(request: Request, told: Told, framed: Frame, links: Sequence[tuple[str, str]]) -> Response:
    """A page that says what is wrong. Where a part of a page was asked for, that part says it."""
    return page(
        "message.html", taste_of(request), told.status, told.headers, "main" if swaps(request) else None,
        frame=framed, title=told.title, text=told.detail, links=links,
    )  # fmt: skip


def swaps(request: Request) -> bool:
    """Whether a part of a page is asked for, to be put in place in one that is shown."""
    return "hx-request" in request.headers


def router() -> APIRouter:
    """For routes that answer with pages; the API's description leaves them out."""
    return APIRouter(include_in_schema=False, route_class=PageRoute, default_response_class=Response)


async def filled(request: Request, model: type[Form]) -> Form:
    """A form that was sent, as the model tells; a field left empty is one left out. Raises RequestValidationError.

    The body is kept by the request for whoever reads it after this, which a form read in FastAPI's way is not.
    """
    given = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}
    fields = {name: values if name in lists else values[-1] for name, values in given.items()}
    return valid(model, {name: value for name, value in fields.items() if name in model.model_fields})


def valid(model: type[Form], given: Mapping[str, Any]) -> Form:
    """What a form says as an operation of the API takes it. Raises RequestValidationError, naming the field."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise unusable(error) from None


def unusable(error: ValidationError) -> RequestValidationError:
    """As the one way says it in which requests are refused that cannot be used."""
    return RequestValidationError(error.errors(include_url=False, include_input=False))


def said(error: GuildmapError | RequestValidationError) -> str:
    """What was wrong, to be shown beside the form that was sent."""
    return problems.in_short(problems.reasons_of(error)) if isinstance(error, RequestValidationError) else error.told


def version_in(answered: Response) -> str:
    """The version that an operation of the API told, for a form that changes what it showed; '' where it told none."""
    return answered.headers.get("etag", "").strip('"')


def lines_of(text: str) -> list[str]:
    """What somebody typed, one thing in a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


async def granted(answer: Awaitable[T]) -> T | None:
    """What an operation of the API answers; None where it is not for who looks, is not there, or not ready yet: that
    part of the page is left out."""
    try:
        return await answer
    except (Forbidden, NotFound, NotReady):
        return None
