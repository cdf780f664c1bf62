"""What a community made, what people propose to it, and the words that it has for things."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Response
from pydantic import BaseModel, Field

from api.dependencies import Member
from api.pages.community.head import Head, head
from api.pages.community.overview import Done
from api.pages.frame import Look, going, granted, router, valid
from api.routes import artifacts, glossary, initiatives
from api.routes.artifacts import ArtifactChange, ArtifactNew, ArtifactOut
from api.routes.glossary import GlossaryOut, TermIn
from api.routes.initiatives import DeclineIn, InitiativeId, InitiativeNew, InitiativeOut, TakeUpIn
from api.routes.people import CommunityId

routes = router()

# Words that the leads are asked about at a time.
CANDIDATES = 8


@dataclass(frozen=True)
class PracticePage:
    """`artefacts`, also those that nobody should use any more; `initiatives` latest first. `glossary`: with words that
    it might explain for those who lead it."""

    head: Head
    artefacts: Sequence[ArtifactOut]
    initiatives: Sequence[InitiativeOut]
    glossary: GlossaryOut | None


class ArtefactForm(BaseModel):
    title: str = Field("", max_length=500)
    url: str | None = Field(None, max_length=2_000)
    kind: str | None = Field(None, max_length=100)
    made_on: str | None = Field(None, max_length=20)


class ProposeForm(BaseModel):
    kind: Literal["meeting", "topic", "artifact"]
    title: str = Field("", max_length=500)
    text: str | None = Field(None, max_length=20_000)
    starts_at: str | None = Field(None, max_length=40)
    url: str | None = Field(None, max_length=2_000)


class TakeUpForm(BaseModel):
    starts_at: str | None = Field(None, max_length=40)
    url: str | None = Field(None, max_length=2_000)


class DeclineForm(BaseModel):
    reason: str = Field("", max_length=2_000)


class TermForm(BaseModel):
    term: str = Field(max_length=200)
    state: Literal["accepted", "rejected"]
    definition: str | None = Field(None, max_length=5_000)


class RetireForm(BaseModel):
    retired_on: Annotated[str, Field(max_length=20)]


@routes.get("/communities/{community_id}/practice")
async def practice(community_id: CommunityId, look: Look, principal: Member, done: Done = "") -> Response:
    """Artefacts, proposals, words."""
    service = look.service
    top, made, proposed, words = await asyncio.gather(
        head(look, community_id, "practice", done),
        artifacts.list_artifacts(community_id, service, principal, retired=True),
        initiatives.list_initiatives(community_id, service, principal),
        granted(glossary.get_glossary(community_id, service, principal, CANDIDATES)),
    )
    page = PracticePage(top, made, proposed, words)
    return await look.page("community/practice.html", page, "catalogue")


@routes.post("/communities/{community_id}/practice/artefacts")
async def add_artefact(community_id: CommunityId, look: Look, principal: Member) -> Response:
    form = await look.filled(ArtefactForm)
    given = valid(ArtifactNew, form.model_dump(exclude_none=True))
    await artifacts.add_artifact(community_id, given, principal, look.write())
    return _back(community_id, "added")


@routes.post("/communities/{community_id}/practice/artefacts/{artifact_id}/retire")
async def retire_artefact(community_id: CommunityId, artifact_id: str, look: Look, principal: Member) -> Response:
    """Nobody should use it any more, from that day on."""
    form = await look.filled(RetireForm)
    given = valid(ArtifactChange, {"retired_on": form.retired_on})
    await artifacts.change_artifact(artifact_id, given, principal, look.write())
    return _back(community_id, "saved")


@routes.post("/communities/{community_id}/practice/initiatives")
async def propose(community_id: CommunityId, look: Look, principal: Member) -> Response:
    form = await look.filled(ProposeForm)
    given = valid(InitiativeNew, form.model_dump(exclude_none=True))
    await initiatives.propose(community_id, given, principal, look.write())
    return _back(community_id, "proposed")


@routes.post("/communities/{community_id}/practice/initiatives/{initiative_id}/take-up")
async def take_up(community_id: CommunityId, initiative_id: InitiativeId, look: Look, principal: Member) -> Response:
    form = await look.filled(TakeUpForm)
    given = valid(TakeUpIn, form.model_dump(exclude_none=True))
    await initiatives.take_up(initiative_id, given, principal, look.write())
    return _back(community_id, "taken")


@routes.post("/communities/{community_id}/practice/initiatives/{initiative_id}/decline")
async def decline(community_id: CommunityId, initiative_id: InitiativeId, look: Look, principal: Member) -> Response:
    form = await look.filled(DeclineForm)
    given = valid(DeclineIn, {"reason": form.reason})
    await initiatives.decline(initiative_id, given, principal, look.write())
    return _back(community_id, "declined")


@routes.post("/communities/{community_id}/practice/initiatives/{initiative_id}/withdraw")
async def withdraw(community_id: CommunityId, initiative_id: InitiativeId, look: Look, principal: Member) -> Response:
    await initiatives.withdraw(initiative_id, principal, look.write())
    return _back(community_id, "withdrawn")


@routes.post("/communities/{community_id}/practice/words")
async def decide_word(community_id: CommunityId, look: Look, principal: Member) -> Response:
    """A lead says what a word means here, or that it is none of the community's own."""
    form = await look.filled(TermForm)
    given = valid(TermIn, {"state": form.state, "definition": form.definition})
    await glossary.decide(community_id, form.term, given, principal, look.write())
    return _back(community_id, "saved")


def _back(community_id: str, done: str) -> Response:
    return going(f"/communities/{quote(community_id)}/practice", done=done)
