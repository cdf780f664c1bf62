"""From what a request carries to who asks: an API key, a token of the identity provider, a session, or nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from api.identity import cookies
from api.identity.issuer import Issuer
from api.settings import Settings
from graph.database import AsyncDatabase
from graph.errors import Forbidden, Unauthenticated
from graph.facts import email_key
from graph.models import Principal, Role
from graph.reads import identities
from graph.reads import keys as key_reads
from graph.reads.identities import highest
from graph.reads.keys import StoredKey
from graph.sentences import tell
from graph.writes.events import now
from graph.writes.keys import PREFIX, digest, opens, parse_key


@dataclass(frozen=True)
class Known:
    """Whom the word of the identity provider stands for; `claimed` is the role that it claims, if any."""

    principal: Principal
    claimed: Role | None


class Identities:
    """Tells who asks, in the modes `keys` and `oidc`."""

    def __init__(self, settings: Settings, reads: AsyncDatabase) -> None:
        self.settings, self.reads = settings, reads
        self.issuer = Issuer(settings) if settings.auth == "oidc" else None

    async def close(self) -> None:
        if self.issuer is not None:
            await self.issuer.close()

    async def asking(self, request: Request, token: str | None) -> Principal:
        """Who asks; `token` is what came as `Authorization: Bearer`. Nothing else is tried where there is one.

        Raises Unauthenticated, and Forbidden where who asks is known and has no place here, or a page of another site
        made the request.
        """
        if token is not None and token.startswith(f"{PREFIX}_"):
            return await self._by_key(token)
        if token is not None and self.issuer is not None and self.settings.oidc_audience:
            return (await self.known(await self.issuer.claims(token, self.settings.oidc_audience))).principal
        if token is not None:
            raise Unauthenticated(tell("This is no API key. `guildmap keys create` makes one."))
        secret = request.cookies.get(cookies.SESSION)
        if self.issuer is not None and secret:
            found = await self.by_session(secret)
            if found is not None:
                await cookies.check_made_here(request, secret, self.settings)
                return found
            raise Unauthenticated(tell("The session is over. Sign in again, at /sign-in."))
        raise Unauthenticated(
            tell(
                "Give an API key: `Authorization: Bearer guildmap_...` (see `guildmap keys create`), "
                "or sign in at /sign-in."
            )
            if self.issuer
            else tell("Give an API key: `Authorization: Bearer guildmap_...` (see `guildmap keys create`).")
        )

    async def by_session(self, secret: str) -> Principal | None:
        """Whom the session of a browser is of; None where it is over."""
        found = await self.reads.read(identities.session(digest(secret), now()))
        if found is None:
            return None
        return _principal(found.person_id, found.role, found.actor, found.external)

    async def known(self, claims: Mapping[str, Any]) -> Known:
        """Whom verified claims stand for. Raises Forbidden where that is nobody who has a place here."""
        settings = self.settings
        given = claims.get(settings.oidc_person_claim)
        name = given.strip() if isinstance(given, str) else ""
        by_email = settings.oidc_person_is == "email"
        if by_email and not settings.oidc_email_trusted and claims.get("email_verified") is not True:
            # At many providers people set their address themselves: it would open whose address they type.
            name = ""
        claimed = _claimed(claims, settings)
        people: Sequence[identities.Standing] = ()
        if name:
            people = await self.reads.read(
                identities.signed_in(None if by_email else name, email_key(name) if by_email else None, now()[:10])
            )
        if len(people) > 1:
            raise Forbidden(tell("Your account fits several people here. Ask whoever runs guildmap to mend that."))
        if people and not people[0].here:
            raise Forbidden(tell("You have left the organisation, as it says here."))
        if not people and claimed is None:
            raise Forbidden(tell("Your account belongs to nobody who is known here. Ask whoever runs guildmap."))
        if not people:
            # Of a program, or of somebody who looks after guildmap and is in no list of people.
            return Known(_principal(None, highest(claimed), f"subject:{_short(claims)}", False), claimed)
        (person,) = people
        role = highest(claimed, person.role)
        return Known(_principal(person.person_id, role, f"person:{person.person_id}", person.external), claimed)

    async def provisioning(self, token: str | None) -> Principal:
        """The identity provider that pushes users and groups. Raises Unauthenticated, and Forbidden for every key that
        is not for that."""
        if token is None or not token.startswith(f"{PREFIX}_"):
            raise Unauthenticated(
                tell(
                    "Give an API key: `Authorization: Bearer guildmap_...` "
                    "(`guildmap keys create --provisioning` makes one)."
                )
            )
        key_id, stored = await self._key(token)
        if not stored.provisions:
            raise Forbidden(tell("This key is not for provisioning. `guildmap keys create --provisioning` makes one."))
        return Principal(None, Role.MEMBER, f"key:{key_id}")

    async def _by_key(self, token: str) -> Principal:
        key_id, stored = await self._key(token)
        if stored.provisions:
            raise Forbidden(tell("This key is for provisioning: it opens /scim/v2 alone."))
        found = _principal(stored.person_id, stored.role, f"key:{key_id}", stored.external)
        return Principal(found.person_id, found.role, found.actor, found.external, stored.reads_only)

    async def _key(self, token: str) -> tuple[str, StoredKey]:
        parsed = parse_key(token)
        stored = await self.reads.read(key_reads.key(parsed[0], now())) if parsed else None
        if parsed is None or stored is None or not opens(stored, parsed[1]):
            raise Unauthenticated(tell("This API key is unknown, revoked or over."))
        return parsed[0], stored


def _principal(person_id: str | None, role: Role, actor: str, external: bool) -> Principal:
    # Whoever may do more than a member was made so on purpose.
    return Principal(person_id, role, actor, external and role is Role.MEMBER)


def _claimed(claims: Mapping[str, Any], settings: Settings) -> Role | None:
    """The role that the claim of the settings gives: a text, a list of texts, or a member of a nested claim."""
    if not settings.oidc_role_claim:
        return None
    found: Any = claims.get(settings.oidc_role_claim)
    if found is None:
        found = claims
        for part in settings.oidc_role_claim.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    values = found if isinstance(found, list) else [found]
    if settings.oidc_admin_value in values:
        return Role.ADMIN
    return Role.KNOWLEDGE_MANAGER if settings.oidc_manager_value in values else None


def _short(claims: Mapping[str, Any]) -> str:
    """Stands for a subject in the log of changes, and is none."""
    return hashlib.sha256(str(claims["sub"]).encode()).hexdigest()[:12]
