"""The cookies of a browser that signs in, and how a request proves that a page of ours made it."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api.identity.issuer import Departure
from api.settings import Settings
from graph import opaque
from graph.errors import Forbidden
from graph.sentences import tell

# A name with this beginning is kept by browsers only where it came over TLS, for this host alone and all its paths: no
# other host of the same domain can plant one.
SESSION = "__Host-guildmap"
DEPARTURE = "__Host-guildmap-sign-in"

# Seconds in which somebody who was sent to the identity provider may come back.
AWAY = 600

CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf_token"
SAFE = ("GET", "HEAD", "OPTIONS")


def csrf_of(secret: str) -> str:
    """The token that a form or script of this session gives along. From it the session cannot be found."""
    made = hmac.new(secret.encode(), b"csrf", hashlib.sha256).digest()
    return opaque.spelled(made)


async def check_made_here(request: Request, secret: str, settings: Settings) -> None:
    """That a request which changes something, and comes with a cookie, was made by a page of ours. Raises Forbidden.

    Browsers send cookies along with what a page of another site makes them ask. Such a page cannot read the token of
    the session; `Origin` and `Sec-Fetch-Site` say where it comes from, where the browser tells.
    """
    if request.method in SAFE:
        return
    headers = request.headers
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    ours = urlsplit(settings.public_url or "")
    if (origin is not None and origin != f"{ours.scheme}://{ours.netloc}") or site not in (None, "same-origin", "none"):
        raise Forbidden(tell("This came from a page of another site."))
    given = headers.get(CSRF_HEADER)
    if given is None and headers.get("content-type", "").partition(";")[0] == "application/x-www-form-urlencoded":
        fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=100)
        given = fields.get(CSRF_FIELD, [""])[0]
    if not hmac.compare_digest((given or "").encode(), csrf_of(secret).encode()):
        raise Forbidden(
            tell("The form has expired, or came from elsewhere (CSRF token). Reload the page and try again.")
        )


def keep_session(response: Response, secret: str, settings: Settings) -> None:
    _keep(response, SESSION, secret, round(settings.session_hours * 3_600))


def keep_departure(response: Response, departure: Departure, back_to: str) -> None:
    """What the browser itself keeps until it comes back; whoever forges it fools their own browser only."""
    kept = {"state": departure.state, "nonce": departure.nonce, "verifier": departure.verifier, "to": back_to}
    _keep(response, DEPARTURE, opaque.spelled(json.dumps(kept).encode()), AWAY)


def departure_of(request: Request) -> Mapping[str, str] | None:
    """What `keep_departure` kept, if the browser has it."""
    text = request.cookies.get(DEPARTURE, "")
    try:
        kept: Any = json.loads(opaque.read(text))
    except ValueError:
        return None
    names = ("state", "nonce", "verifier", "to")
    return kept if isinstance(kept, dict) and all(isinstance(kept.get(name), str) for name in names) else None


def forget(response: Response, *names: str) -> None:
    for name in names:
        response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def local_path(path: str | None) -> str:
    """A path on this service, else the first page: nobody is sent to another site by a link to sign in here."""
    # Browsers take a backslash for a slash, and leave out tabs and line ends.
    plain = path is not None and path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if path is not None and plain and path.isprintable() and len(path) <= 2_000 else "/"


def _keep(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")
