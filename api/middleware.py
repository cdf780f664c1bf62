"""What every request passes before a route sees it: its id and log line, limits of size, number and time."""

import asyncio
import hmac
import re
import secrets
import time
from collections import OrderedDict
from contextlib import suppress
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.identity.issuer import LOOPBACK
from api.logs import place_of
from api.metrics import Metrics
from api.pages.frame import refusal
from api.pages.html import NOTHING
from api.rates import Rates, network_of
from api.settings import Settings
from graph import opaque
from graph.database import ASKING, BOOKMARKED, UNTIL, Bookmarks
from graph.errors import GuildmapError, TooOften
from graph.sentences import tell
from graph.suppression import SuppressionList

LOG = structlog.get_logger("guildmap.http")

# A request id from outside is kept if it is plain; anything else could forge log lines.
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

# The longest text that may be searched fits in, each character of it encoded as three. In bytes; the server itself
# refuses a line and headers of more than 65,536.
LONGEST_QUERY = 62_000

# Paths that a probe asks often, and that must answer however busy the service is.
PROBES = ("/health/live", "/health/ready", "/metrics")

# What browsers load beside a page; nothing in it changes.
STATIC_PATH = "/static/"

# Cookie and header that tell whoever wrote how far the database has come.
SEEN = "guildmap-seen"

# Of these, those that were waited for.
MOST_SEEN = 10_000

# Seconds before the end of a request at which the database is given up, so that there is time to say so: one that
# starts on the same machine takes all processors. Of a short time at the most this share.
SAYING, SAYING_SHARE = 1.0, 0.4


class RequestLog:
    """Gives each request an id, in every log line and in the answer, and logs how it ended.

    Logged is the route's template (`/v1/people/{person_id}`), not the path: ids and texts may be personal.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", request_id.encode())]}
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception as error:
            # The type and the place are enough to find a fault; the message may quote what a person wrote.
            LOG.error("unexpected error", error=type(error).__name__, at=place_of(error))
            if status == 500:
                told = tell("Something went wrong here; it was logged with this request's id.")
                await refusal(Request(scope), 500, told)(scope, receive, answer)
        finally:
            route = scope.get("route")
            path = getattr(route, "path", None) or "(no route)"
            if path not in PROBES:
                LOG.info(
                    "request", method=scope["method"], route=path, status=status,
                    ms=round((time.perf_counter() - began) * 1000, 1),
                )  # fmt: skip


class Limits:
    """Refuses bodies that are too large and requests beyond the number allowed; ends what takes too long."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self.app, self.settings, self.metrics = app, settings, metrics
        self.running = 0
        metrics.requests.labels("limit").set(settings.request_limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        if len(scope["query_string"]) > LONGEST_QUERY:
            self.metrics.refused.labels("address_too_long").inc()
            most = f"{LONGEST_QUERY:,}"
            told = tell("What follows the `?` of an address may have %(most)s bytes at the most.", most=most)
            await refusal(Request(scope), 414, told)(scope, receive, send)
            return
        if self.running >= self.settings.request_limit:
            self.metrics.refused.labels("too_many_at_once").inc()
            told = tell("%(number)d requests are being worked on already. Try again.", number=self.running)
            await refusal(Request(scope), 503, told)(scope, receive, send)
            return
        self._count(1)
        started = False
        seconds = self.settings.request_deadline
        # Each request is a task of its own, or nobody else would be told to hurry up.
        UNTIL.set(time.monotonic() + seconds - min(SAYING, SAYING_SHARE * seconds))

        async def answer(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(seconds):
                body = await self._body(scope, receive)
                if body is None:
                    self.metrics.refused.labels("body_too_large").inc()
                    most = f"{self.settings.body_limit:,}"
                    told = tell("The body may have %(most)s bytes at the most.", most=most)
                    await refusal(Request(scope), 413, told)(scope, receive, answer)
                    return
                await self.app(scope, _replayed(body, receive), answer)
        except TimeoutError:
            if started:
                raise
            self.metrics.refused.labels("deadline_passed").inc()
            told = tell("It took longer than %(seconds)g s and was given up. Try again.", seconds=seconds)
            await refusal(Request(scope), 503, told)(scope, receive, answer)
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        self.running += more
        self.metrics.requests.labels("running").set(self.running)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body, or None for one that is too large, whatever its header claims."""
        claimed = Headers(scope=scope).get("content-length", "0")
        if claimed.isdigit() and int(claimed) > self.settings.body_limit:
            return None
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                break
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.settings.body_limit:
                return None
            if not message.get("more_body"):
                break
        return b"".join(parts)


class OwnWrites:
    """What a person wrote they see next, from whatever process answers: an answer to a change tells where it ended in
    the database (its bookmark), in a cookie and a header, and a request that brings it is answered from behind it.

    It is sealed: with a bookmark of their own making somebody could keep connections waiting.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.sealed = SuppressionList(settings).seal_of
        self.sealed("")  # a secret that is too short is told now, not to the first who writes
        # What is held must be as new as the write within this time, or is told as it is.
        self.patience = settings.request_deadline / 2
        # A browser sends the cookie with all it asks for: a write is waited for once.
        self.known: OrderedDict[str, None] = OrderedDict()
        # Where people sign in, browsers keep it by the rules of their session's cookie (api.identity.cookies).
        signed_in = settings.auth == "oidc"
        self.cookie, self.safe = (f"__Host-{SEEN}", "; Secure") if signed_in else (SEEN, "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith((*PROBES, STATIC_PATH)):
            await self.app(scope, receive, send)
            return
        token = Headers(scope=scope).get(SEEN) or Request(scope).cookies.get(self.cookie, "")
        asking = Bookmarks(self._bookmarks(token))
        ASKING.set(asking)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and asking.wrote:
                written = self._token(asking.last).encode()
                cookie = b"%b=%b; Max-Age=%d; Path=/; HttpOnly; SameSite=Lax%b" % (
                    self.cookie.encode(), written, BOOKMARKED, self.safe.encode(),
                )  # fmt: skip
                message = {
                    **message,
                    "headers": [*message["headers"], (SEEN.encode(), written), (b"set-cookie", cookie)],
                }
            await send(message)

        if asking.last and token not in self.known:
            with suppress(TimeoutError, GuildmapError):
                async with asyncio.timeout(self.patience):
                    await scope["app"].state.service.catch_up()
                self.known[token] = None
                while len(self.known) > MOST_SEEN:
                    self.known.popitem(last=False)
        await self.app(scope, receive, answer)

    def _token(self, bookmarks: frozenset[str]) -> str:
        told = opaque.spelled(" ".join(sorted(bookmarks)).encode())
        return f"{told}.{self.sealed(told)}"

    def _bookmarks(self, token: str) -> frozenset[str]:
        """Those in a token, if this installation gave it."""
        told, _, seal = token.partition(".")
        if not told or not hmac.compare_digest(seal.encode(), self.sealed(told).encode()):
            return frozenset()
        return frozenset(opaque.read(told).decode().split())


class AddressRates:
    """Counts requests by the address that they come from, before anything is known of who asks.

    Behind a proxy the address is what the proxy says, if it is one of GUILDMAP_TRUSTED_PROXIES; else all that comes
    through it counts as one.
    """

    def __init__(self, app: ASGIApp, rates: Rates, metrics: Metrics) -> None:
        self.app, self.rates, self.metrics = app, rates, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in PROBES:
            try:
                self.rates.take(network_of((scope.get("client") or ("",))[0]))
            except TooOften as error:
                self.metrics.refused.labels("too_often").inc()
                await problems.document(problems.too_often(error))(scope, receive, send)
                return
        await self.app(scope, receive, send)


class SecurityHeaders:
    """What browsers are told of every answer: to guess no types, frame and load nothing, tell no other site whence one
    came (addresses of calendars are secrets), and keep no copy. A page that needs more says so itself (api.pages.html).
    """

    def __init__(self, app: ASGIApp, encrypted: bool) -> None:
        self.app = app
        self.headers = {
            b"content-security-policy": NOTHING.encode(),
            b"x-content-type-options": b"nosniff",
            b"x-frame-options": b"DENY",
            # Not `no-referrer`: with that browsers say `Origin: null` of forms of our own pages, which are then taken
            # for another site's.
            b"referrer-policy": b"same-origin",
            b"cross-origin-opener-policy": b"same-origin",
            b"cross-origin-resource-policy": b"same-origin",
            b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            b"cache-control": b"no-store",
        }
        if encrypted:
            # Two years, as the preload lists of browsers ask for at the least one.
            self.headers[b"strict-transport-security"] = b"max-age=63072000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                more = [(name, value) for name, value in self.headers.items() if name not in said]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self.app(scope, receive, answer)


class LoopbackOnly:
    """In local mode whoever reaches the service is admin, so a web page in a browser here must not reach it.

    A page of another site can send requests to this machine; its `Origin` tells, or (after a change of its name's
    address, DNS rebinding) the `Host`. What a proxy on this machine passes on comes from elsewhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host = urlsplit(f"//{headers.get('host', '')}").hostname
            origin = headers.get("origin")
            passed_on = any(name in headers for name in ("x-forwarded-for", "forwarded", "via"))
            elsewhere = origin is not None and urlsplit(origin).hostname not in LOOPBACK
            if host not in LOOPBACK or elsewhere or passed_on:
                told = "In local mode the service answers to this machine alone. Use API keys (GUILDMAP_AUTH=keys)."
                await problems.document(problems.Told.of(421, told))(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _replayed(body: bytes, receive: Receive) -> Receive:
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
