"""Who asks, as the service sees it."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.dependencies import MemberOrOutsider, Serving
from api.identity import cookies
from api.problems import documented
from api.routes.people import unknown
from api.service import Service
from graph.models import Principal
from graph.reads import people

router = APIRouter(prefix="/v1", tags=["sign-in"], responses=documented(401, 403, 404, 422, 503))


class MeOut(BaseModel):
    person_id: str | None = Field(description="null: whoever asks stands for no person")
    name: str | None
    role: str = Field(examples=["member"])
    external: bool = Field(description="from outside the organisation")
    reads_only: bool = Field(description="asks by a key that changes nothing")
    csrf_token: str | None = Field(
        description="of a browser's session: goes along as `X-CSRF-Token` with all that changes something"
    )


@router.get("/me")
async def get_me(request: Request, service: Serving, principal: MemberOrOutsider) -> MeOut:
    """Who asks, as the service sees it."""
    secret = None if "authorization" in request.headers else request.cookies.get(cookies.SESSION)
    in_session = secret and service.identities is not None and service.identities.issuer is not None
    return MeOut(
        person_id=principal.person_id, name=await name_of(service, principal), role=principal.role.value,
        external=principal.external, reads_only=principal.reads_only,
        csrf_token=cookies.csrf_of(secret) if secret and in_session else None,
    )  # fmt: skip


async def name_of(service: Service, principal: Principal) -> str | None:
    if principal.person_id is None:
        return None
    found = await service.reads.read(people.person(principal.person_id, None, principal))
    if found is None:
        raise unknown(principal.person_id)
    return found.name
