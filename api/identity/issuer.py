"""The identity provider: what it publishes of itself, its keys, and the tokens that it signed.

OpenID Connect Core 1.0 and Discovery 1.0, JWT (RFC 7519) by its best current practice (RFC 8725), PKCE (RFC 7636).
"""

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from api.settings import Settings
from graph.errors import IdentityUnavailable, InvalidInput, Unauthenticated
from graph.sentences import tell

LOG = structlog.get_logger("guildmap.identity")

# Seconds in which the keys are fetched at most once, whatever tokens come in: whoever invents key ids must not make
# the service a load for the provider. Also how long a key that was just brought in may go unknown.
FETCHED_ONCE_IN = 30.0

# The same while there is no key yet: nobody can come in, and a provider that comes up should be found soon.
AT_FIRST = 3.0

# Seconds after which the keys are fetched again even so: a key that the provider withdrew stops counting.
KEYS_AGE = 3_600.0

# Seconds that an answer of the provider may take.
PATIENCE = 3.0

# Seconds by which the clocks of the two may differ.
LEEWAY = 30

# A token that is longer is none of a provider: it would only cost time to take apart.
LONGEST_TOKEN = 16_000

# What may sign: of a symmetric key (`oct`) everybody who reads the published set could sign with it.
KEY_TYPES = ("RSA", "EC", "OKP")

# The `typ` of tokens that are for an API (RFC 9068, RFC 7519). Others are for something else, as `logout+jwt`.
TYPES = (None, "jwt", "at+jwt", "application/at+jwt", "application/jwt")

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Provider:
    """What the provider publishes of itself."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    auth_methods: tuple[str, ...]


@dataclass(frozen=True)
class Departure:
    """Where a browser is sent to sign in, and what has to be known when it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


class Issuer:
    """The provider of the settings; to be used within one event loop. `clock` gives seconds that only grow."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = time.monotonic
        self._http = httpx2.AsyncClient(timeout=PATIENCE, follow_redirects=False)
        self._provider: Provider | None = None
        self._keys: dict[str | None, KeySet] = {}
        self._asked_at = self._had_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._refresh: asyncio.Task[None] | None = None

    async def close(self) -> None:
        if self._refresh is not None:
            self._refresh.cancel()
        await self._http.aclose()

    async def provider(self) -> Provider:
        """Raises IdentityUnavailable while the provider has never answered."""
        if self._provider is None:
            await self._fetch()
        if self._provider is None:
            raise IdentityUnavailable(tell("The identity provider does not answer. Try again later."))
        return self._provider

    async def departure(self, callback: str) -> Departure:
        """A sign-in by authorization code with PKCE, after which the browser comes back to `callback`."""
        provider = await self.provider()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with self._client(provider, callback) as client:
            url, _ = client.create_authorization_url(
                provider.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return Departure(url, state, nonce, verifier)

    async def arrival(self, code: str, callback: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """The claims of the ID token for which the provider exchanges a code. Raises Unauthenticated."""
        provider = await self.provider()
        try:
            async with self._client(provider, callback) as client:
                token: dict[str, Any] = await client.fetch_token(
                    provider.token_endpoint, code=code, code_verifier=verifier
                )
        except AuthlibBaseError as error:
            LOG.warning("the identity provider refused a code", error=str(error.error)[:40])
            raise Unauthenticated(tell("The identity provider did not confirm this sign-in. Sign in again.")) from None
        except (httpx2.HTTPError, ValueError) as error:
            LOG.warning("the identity provider does not exchange codes", error=type(error).__name__)
            raise IdentityUnavailable(tell("The identity provider does not answer. Try again later.")) from None
        client_id = self.settings.oidc_client_id or ""
        claims = await self.claims(str(token.get("id_token") or ""), client_id)
        if claims.get("nonce") != nonce:
            raise Unauthenticated(tell("This is the answer to another sign-in. Sign in again."))
        if claims.get("azp", client_id) != client_id or (isinstance(claims["aud"], list) and "azp" not in claims
                                                         and len(claims["aud"]) > 1):  # fmt: skip
            raise Unauthenticated(tell("The identity provider answered for another client."))
        return claims

    async def claims(self, token: str, audience: str) -> Mapping[str, Any]:
        """The claims of a token that the provider signed for this audience, and that is in force.

        Raises Unauthenticated for any other, IdentityUnavailable while no key of the provider is known.
        """
        key = _key_id(token)
        if key not in self._keys:
            await self._fetch()
        elif self.clock() - self._had_at > KEYS_AGE and (self._refresh is None or self._refresh.done()):
            # Beside the request, which has its key: a provider that is slow makes nobody wait.
            self._refresh = asyncio.create_task(self._fetch(), name="keys of the identity provider")
        if not self._keys:
            raise IdentityUnavailable(tell("The identity provider does not answer. Try again later."))
        if key not in self._keys:
            raise Unauthenticated(tell("The token is signed by no key of the identity provider."))
        try:
            found = jwt.decode(token, self._keys[key], registry=self._registry)
            self._required(audience).validate(found.claims)
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            # Which check failed helps whoever set it up; what the token says may be personal.
            LOG.info("token refused", reason=type(error).__name__)
            raise Unauthenticated(tell("The token is not valid (%(reason)s).", reason=_reason(error))) from None
        return found.claims

    @property
    def _registry(self) -> JWSRegistry:
        # Headers that nobody here knows are left alone, as RFC 7515 says; those that `crit` names are not.
        return JWSRegistry(algorithms=list(self.settings.oidc_algorithms), strict_check_header=False)

    def _required(self, audience: str) -> JWTClaimsRegistry:
        return JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.settings.oidc_issuer or ""},
            aud={"essential": True, "value": audience},
            sub={"essential": True}, exp={"essential": True}, iat={"essential": True},
        )  # fmt: skip

    def _client(self, provider: Provider, callback: str) -> Any:
        # Its classes bear no types.
        given = self.settings.oidc_client_secret
        # An empty one, as a compose file passes it on, is none.
        secret = (given.get_secret_value() if given else "") or None
        return AsyncOAuth2Client(
            self.settings.oidc_client_id, secret, redirect_uri=callback,
            scope=self.settings.oidc_scope, code_challenge_method="S256", timeout=PATIENCE, follow_redirects=False,
            token_endpoint_auth_method=_method(provider, secret is not None),
        )  # fmt: skip

    async def _fetch(self) -> None:
        """Asks the provider for what it publishes, unless that was tried just now; where it does not answer, what is
        known stays."""
        async with self._fetching:
            if self.clock() - self._asked_at < (FETCHED_ONCE_IN if self._keys else AT_FIRST):
                return
            self._asked_at = self.clock()
            try:
                provider = self._provider or await self._discover()
                keys = _by_id(await self._json(provider.jwks_uri))
            except (httpx2.HTTPError, JoseError, InvalidInput, ValueError, TypeError, KeyError) as error:
                LOG.warning("the identity provider does not answer", error=type(error).__name__)
                return
            self._provider, self._keys, self._had_at = provider, keys, self.clock()

    async def _discover(self) -> Provider:
        issuer = self.settings.oidc_issuer or ""
        told = await self._json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if told["issuer"] != issuer:
            # Discovery 1.0, 4.3: they have to be the same, to the letter.
            LOG.error("GUILDMAP_OIDC_ISSUER is not how the identity provider calls itself")
            raise ValueError("another issuer")
        ends = {name: told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        for name, address in ends.items():
            checked_address(f"{name} of the identity provider", address)
        return Provider(
            **ends, end_session_endpoint=told.get("end_session_endpoint"),
            auth_methods=tuple(told.get("token_endpoint_auth_methods_supported", ("client_secret_basic",))),
        )  # fmt: skip

    async def _json(self, address: str) -> Any:
        answer = await self._http.get(address)
        answer.raise_for_status()
        return answer.json()


def checked_address(name: str, address: Any) -> str:
    """The address of a peer, which is encrypted unless it is on this machine. Raises InvalidInput."""
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
    except ValueError:
        parts = None
    if parts is None or not parts.hostname:
        raise InvalidInput(tell("%(name)s must be an address like https://example.org.", name=name))
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise InvalidInput(
            tell("%(name)s must begin with https://, as tokens would cross the network in the clear.", name=name)
        )
    return str(address)


def _key_id(token: str) -> str | None:
    """The key by which a token says to be signed; nothing is believed yet. Raises Unauthenticated."""
    try:
        if len(token) > LONGEST_TOKEN:
            raise ValueError("too long")
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise Unauthenticated(tell("The token is none that the identity provider signs.")) from None
    key, kind = header.get("kid"), header.get("typ")
    if not isinstance(key, str | None) or not isinstance(kind, str | None):
        raise Unauthenticated(tell("The token is none that the identity provider signs."))
    if (kind and kind.lower()) not in TYPES:
        raise Unauthenticated(tell("The token is not for an API."))
    return key


def _by_id(published: Any) -> dict[str | None, KeySet]:
    """The keys that may sign, by id. A token without a key id is taken where there is one key only."""
    usable = [
        one for one in published["keys"] if one.get("kty") in KEY_TYPES and one.get("use", "sig") == "sig"
    ]  # fmt: skip
    found = KeySet.import_key_set({"keys": usable})
    keys: dict[str | None, KeySet] = {key.kid: KeySet([key]) for key in found}
    if len(keys) == 1:
        keys[None] = next(iter(keys.values()))
    return keys


def _method(provider: Provider, has_secret: bool) -> str:
    if not has_secret:
        return "none"
    return next((one for one in ("client_secret_basic", "client_secret_post") if one in provider.auth_methods),
                "client_secret_basic")  # fmt: skip


def _reason(error: Exception) -> str:
    return error.error.replace("_", " ") if isinstance(error, JoseError) else "malformed"
