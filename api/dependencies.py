"""What routes ask for: the service, who asks, and whether they may."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.service import Service
from graph.errors import Forbidden
from graph.models import Principal, Role
from graph.sentences import tell

# In local mode, for whom a browser looks: the id of a person, chosen on a page.
LOOKS_AS = "guildmap-looks-as"

_bearer = HTTPBearer(
    auto_error=False,
    description="An API key, as `guildmap keys create` prints it, or an access token of the identity provider (JWT).",
)


# No function that waits for nothing: that would be run in a thread, for each request.
async def service_of(request: Request) -> Service:
    return request.app.state.service


Serving = Annotated[Service, Depends(service_of)]


async def principal_of(
    request: Request,
    service: Serving,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    acting: Annotated[
        str | None,
        Header(alias="Guildmap-Person", description="Local mode only: the id of the person for whom the request is."),
    ] = None,
) -> Principal:
    """Who asks. Raises Unauthenticated where that has to be told and is not, TooOften where they ask too much."""
    if service.identities is None:
        chosen = acting or request.cookies.get(LOOKS_AS) or service.acting_person
        return Principal(chosen, Role.ADMIN, "local")
    found = await service.identities.asking(request, credentials.credentials if credentials else None)
    service.rates.take(found.actor)
    return found


@dataclass(frozen=True)
class Requires:
    """The dependency by which a route declares the least role that it needs; its value is who asks."""

    required_role: Role
    # Whether people from outside the organisation may ask at all. Nothing is open to them that does not say so.
    outsiders: bool = False

    async def __call__(self, principal: Annotated[Principal, Depends(principal_of)]) -> Principal:
        if not principal.may(self.required_role):
            raise Forbidden(tell("This needs the role %(value)s.", value=self.required_role.value.replace("_", " ")))
        if principal.external and not self.outsiders:
            raise Forbidden(tell("This is for people of the organisation."))
        return principal


Member = Annotated[Principal, Depends(Requires(Role.MEMBER))]
MemberOrOutsider = Annotated[Principal, Depends(Requires(Role.MEMBER, outsiders=True))]
KnowledgeManager = Annotated[Principal, Depends(Requires(Role.KNOWLEDGE_MANAGER))]
Admin = Annotated[Principal, Depends(Requires(Role.ADMIN))]


def acts_for(principal: Principal, person_id: str) -> None:
    """Raises Forbidden where the principal is neither this person nor an admin."""
    if principal.person_id != person_id and principal.role is not Role.ADMIN:
        raise Forbidden(tell("Only the person themselves, or an admin, may do this."))


def asking_person(principal: Principal, named: str | None) -> str | None:
    """For whom to answer: the person named in the request, if the principal may speak for them, else their own."""
    if named is not None:
        acts_for(principal, named)
    return named or principal.person_id
