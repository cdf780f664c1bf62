"""Signing in by the identity provider, and out: for people with a browser, in the mode `oidc`."""

import hmac
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.dependencies import Serving
from api.identity import cookies
from api.identity.issuer import Issuer
from api.identity.principals import Identities
from api.pages.frame import SEE_OTHER, Frame, frame, taste_of
from api.pages.html import page
from api.problems import PROTECTED_RESOURCE, documented
from api.routes.me import name_of
from api.service import Service
from graph.database import Transaction
from graph.errors import Forbidden, GuildmapError, IdentityUnavailable, NotFound, Unauthenticated
from graph.reads import identities as reads
from graph.sentences import tell
from graph.writes import identities as writes
from graph.writes.events import now

router = APIRouter(tags=["sign-in"], responses=documented(404, 422, 503))

HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}}}
REDIRECTS: dict[int | str, dict[str, Any]] = {SEE_OTHER: {"description": "on to the next page"}}
REFUSED: dict[int | str, dict[str, Any]] = {
    status: {"content": {"text/html": {}}, "description": "a page that says why"} for status in (401, 403, 503)
}


class ProtectedResource(BaseModel):
    resource: str = Field(examples=["https://guildmap.example.org"])
    authorization_servers: list[str]
    bearer_methods_supported: list[str] = ["header"]


@dataclass(frozen=True)
class Account:
    """What the page of an account shows; moments in UTC, to the minute."""

    name: str | None
    person_id: str | None
    role: str
    external: bool
    sessions: tuple[tuple[str, str], ...]


@router.get(PROTECTED_RESOURCE)
async def protected_resource(service: Serving) -> ProtectedResource:
    """Whose access tokens the API takes (RFC 9728)."""
    settings = service.settings
    return ProtectedResource(
        resource=settings.public_url or "", authorization_servers=[settings.oidc_issuer or ""]
    )  # fmt: skip


@router.get("/sign-in", status_code=SEE_OTHER, response_class=RedirectResponse, responses=REFUSED)
async def sign_in(
    request: Request,
    service: Serving,
    to: Annotated[str | None, Query(description="the page to come back to, as `/account`", max_length=2_000)] = None,
) -> Response:
    """Sends the browser to the identity provider."""
    _, issuer = _signing_in(service)
    try:
        departure = await issuer.departure(_callback(service))
    except IdentityUnavailable as error:
        return _refused(request, error)
    answer = RedirectResponse(departure.url, SEE_OTHER)
    cookies.keep_departure(answer, departure, cookies.local_path(to))
    return answer


@router.get("/sign-in/callback", status_code=SEE_OTHER, response_class=RedirectResponse, responses=REFUSED)
async def come_back(
    request: Request,
    service: Serving,
    state: Annotated[str, Query(max_length=2_000)] = "",
    code: Annotated[str, Query(max_length=10_000)] = "",
    iss: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Response:
    """Takes in a browser that comes back from the identity provider, and begins its session."""
    identities, issuer = _signing_in(service)
    kept = cookies.departure_of(request)
    try:
        if kept is None or not hmac.compare_digest(kept["state"].encode(), state.encode()):
            raise Unauthenticated(tell("This browser did not begin this sign-in, or it took too long."))
        if not code or iss not in (None, service.settings.oidc_issuer):  # of another issuer: RFC 9207
            raise Unauthenticated(tell("The identity provider did not let you in."))
        claims = await issuer.arrival(code, _callback(service), kept["nonce"], kept["verifier"])
        known = await identities.known(claims)
    except (Unauthenticated, Forbidden, IdentityUnavailable) as error:
        refused = _refused(request, error)
        cookies.forget(refused, cookies.DEPARTURE)
        return refused
    before = request.cookies.get(cookies.SESSION)

    def work(transaction: Transaction) -> str:
        if before:  # a session has one beginning: what was open in this browser ends
            writes.end_session(transaction, before)
        principal = known.principal
        hours = service.settings.session_hours
        return writes.begin_session(transaction, principal.actor, principal.person_id, known.claimed, hours)

    answer = RedirectResponse(cookies.local_path(kept["to"]), SEE_OTHER)
    cookies.keep_session(answer, await service.write(work), service.settings)
    cookies.forget(answer, cookies.DEPARTURE)
    return answer


@router.get("/account", response_class=Response, responses={**HTML, **REDIRECTS})
async def account(request: Request, service: Serving) -> Response:
    """Who is signed in with this browser, where else, and the way out."""
    identities, _ = _signing_in(service)
    secret = request.cookies.get(cookies.SESSION, "")
    principal = await identities.by_session(secret) if secret else None
    if principal is None:
        return RedirectResponse("/sign-in?to=/account", SEE_OTHER)
    person = principal.person_id
    open_now = await service.reads.read(reads.sessions(person, now())) if person is not None else []
    return page(
        "account.html", taste_of(request), frame=await frame(request, service, principal),
        account=Account(
            name=await name_of(service, principal), person_id=person, role=principal.role.value,
            external=principal.external,
            sessions=tuple((_minute(one.created_at), _minute(one.expires_at)) for one in open_now),
        ),
    )  # fmt: skip


@router.post("/sign-out", status_code=SEE_OTHER, response_class=RedirectResponse, responses=documented(403, 503))
async def sign_out(request: Request, service: Serving) -> Response:
    """Ends the session of this browser; with `everywhere` all of the person. The form of `/account` sends it."""
    identities, _ = _signing_in(service)
    secret = request.cookies.get(cookies.SESSION, "")
    principal = await identities.by_session(secret) if secret else None
    answer = RedirectResponse("/signed-out", SEE_OTHER)
    if principal is not None:
        await cookies.check_made_here(request, secret, service.settings)
        everywhere = b"everywhere=yes" in await request.body()

        def work(transaction: Transaction) -> None:
            writes.end_session(transaction, secret)
            if everywhere and principal.person_id is not None:
                writes.end_sessions(transaction, principal, principal.person_id)

        await service.write(work)
    cookies.forget(answer, cookies.SESSION)
    return answer


@router.get("/signed-out", response_class=Response, responses=HTML)
async def signed_out(request: Request, service: Serving) -> Response:
    """Where signing out ends; the identity provider has a session of its own, and a link leads there to end it."""
    _, issuer = _signing_in(service)
    links = [("Sign in again", "/sign-in")]
    try:
        end = (await issuer.provider()).end_session_endpoint
    except IdentityUnavailable:
        end = None
    if end is not None:
        asked = {
            "client_id": service.settings.oidc_client_id,
            "post_logout_redirect_uri": _address(service, "/signed-out"),
        }
        links.append(("Sign out at the identity provider too", f"{end}{'&' if '?' in end else '?'}{urlencode(asked)}"))
    text = "Your session here is over."
    return _message(request, 200, "Signed out", text, links)


def _signing_in(service: Service) -> tuple[Identities, Issuer]:
    identities = service.identities
    if identities is None or identities.issuer is None:
        raise NotFound(tell("People do not sign in here (GUILDMAP_AUTH)."))
    return identities, identities.issuer


def _address(service: Service, path: str) -> str:
    return f"{service.settings.public_url}{quote(path)}"


def _callback(service: Service) -> str:
    return _address(service, "/sign-in/callback")


def _refused(request: Request, error: GuildmapError) -> Response:
    status = 401 if isinstance(error, Unauthenticated) else 403 if isinstance(error, Forbidden) else 503
    return _message(request, status, "You are not signed in", error.told, [("Try again", "/sign-in")])


def _message(request: Request, status: int, title: str, text: str, links: list[tuple[str, str]]) -> Response:
    framed = Frame(here="/", signs_in=True)
    return page("message.html", taste_of(request), status, frame=framed, title=title, text=text, links=links)


def _minute(moment: str) -> str:
    return f"{moment[:10]} {moment[11:16]} UTC"
