"""For whoever runs the service: imports and health, the model and weights, who may come in, settings."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Response

from api.dependencies import Admin
from api.pages.frame import Look, Looking, going, router
from api.pages.picker import done_with, refuse
from api.routes import admin
from api.routes.admin import EndIn, EndOut, HealthOut, KeyIn, KeyMade, KeyOut, ModelOut, RunOut, SessionOut, SettingOut
from graph.errors import InvalidInput
from graph.models import Principal

routes = router()


@dataclass(frozen=True)
class Overview:
    """How the process is, and what was imported."""

    health: HealthOut
    runs: Sequence[RunOut]


@dataclass(frozen=True)
class ModelPage:
    model: ModelOut


@dataclass(frozen=True)
class Access:
    """Who may come in. `made` is a key that was made just now, shown this once."""

    keys: Sequence[KeyOut]
    sessions: Sequence[SessionOut]
    signs_in: bool
    made: KeyMade | None
    done: str
    ended: int


@dataclass(frozen=True)
class SettingsPage:
    settings: Sequence[SettingOut]


@routes.get("/admin")
async def overview(look: Look, principal: Admin) -> Response:
    """Health, and imports: a script has the list of these come again whenever the stream of runs tells of a change."""
    health, runs = await asyncio.gather(
        admin.get_health(look.service, principal), admin.list_runs(look.service, principal)
    )
    return await look.page("admin.html", Overview(health, runs.results), "admin", block="runs")


@routes.get("/admin/model")
async def model(look: Look, principal: Admin) -> Response:
    return await look.page("admin_model.html", ModelPage(await admin.get_model(look.service, principal)), "admin")


@routes.get("/admin/settings")
async def settings(look: Look, principal: Admin) -> Response:
    found = await admin.list_settings(look.service, principal)
    return await look.page("admin_settings.html", SettingsPage(found.results), "admin")


@routes.get("/admin/access")
async def access(
    look: Look,
    principal: Admin,
    done: Annotated[str, Query(max_length=20)] = "",
    ended: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    return await _access(look, principal, done=done, ended=ended)


@routes.post("/admin/keys")
async def make_key(look: Look, principal: Admin) -> Response:
    """Makes a key, and shows it on the answer itself: an address that led to it would be kept by the browser."""
    asked, write = await look.filled(KeyIn), look.write()
    made: list[KeyMade] = []

    async def make(who: str | None) -> Response:
        answered = await admin.make_key(asked.model_copy(update={"person_id": who}), principal, write)
        made.append(KeyMade.model_validate_json(bytes(answered.body)))
        return answered

    if asked.person_id is not None:
        await done_with(look, "person_id", asked.person_id, asked, make)
    else:
        try:
            await make(None)
        except InvalidInput as error:
            await refuse(look, "person_id", "", asked, error.told)
    return await _access(look, principal, made=made[0] if made else None)


@routes.post("/admin/keys/{key_id}/revoke")
async def revoke_key(key_id: admin.KeyId, look: Look, principal: Admin) -> Response:
    await admin.revoke_key(key_id, principal, look.service, look.write())
    return going("/admin/access", done="revoked")


@routes.post("/admin/sessions/end")
async def end_sessions(look: Look, principal: Admin) -> Response:
    sent = await look.filled(EndIn)
    answered = await admin.end_sessions(sent, principal, look.write())
    ended = EndOut.model_validate_json(bytes(answered.body)).ended
    return going("/admin/access", done="ended", ended=str(ended))


async def _access(
    look: Looking,
    principal: Principal,
    *,
    made: KeyMade | None = None,
    done: str = "",
    ended: int = 0,
) -> Response:
    keys, sessions = await asyncio.gather(
        admin.list_keys(look.service, principal), admin.list_sessions(look.service, principal)
    )
    in_force = sorted(keys.results, key=lambda one: (one.revoked_at is not None, one.created_at))
    signs_in = look.service.settings.auth == "oidc"
    shown = Access(in_force, sessions.results, signs_in, made, done, ended)
    return await look.page("admin_access.html", shown, "admin")
