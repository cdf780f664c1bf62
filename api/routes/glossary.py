"""The language of a community: words that it uses and others do not, and what its leads decided on them."""

from collections.abc import Callable
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.people import CommunityId
from api.writing import Write, answer
from graph.database import Transaction
from graph.models import Principal
from graph.reads import glossary as reads
from graph.reads import resources
from graph.reads.glossary import ACCEPTED, Term
from graph.writes import by_hand
from graph.writes import glossary as writes
from graph.writes.glossary import LONGEST_DEFINITION
from graph.writes.idempotency import Answer
from ingest.records import OptionalText
from matcher.community.glossary import CANDIDATES

router = APIRouter(prefix="/v1/communities", tags=["community life"], responses=documented(401, 403, 404, 422, 503))

TermPath = Annotated[str, Path(description="A word or phrase; case and spaces do not matter.", examples=["tap test"])]


class TermIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"state": "accepted", "definition": "Knocking on a laminate and listening for what sounds hollow."},
                {"state": "rejected"},
            ]
        },
    )
    state: Literal["accepted", "rejected"]
    definition: OptionalText = Field(
        None, max_length=LONGEST_DEFINITION, description="what an accepted term means here, in your own words"
    )


class TermOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    term: str = Field(examples=["tap test"])
    state: Literal["accepted", "rejected"]
    definition: str | None
    at: str = Field(examples=["2026-11-02T09:30:00.000Z"])


class SampleOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    kind: Literal["domain", "charter", "question", "meeting"]
    id: str = Field(description="of the community, question or meeting that it stands in")
    text: str


class CandidateOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    term: str = Field(examples=["tap test"])
    z: float = Field(description="standard errors by which it is likelier here than elsewhere (log-odds)")
    here: int = Field(description="uses in the community")
    elsewhere: int = Field(description="uses in the other communities that are not restricted")
    samples: list[SampleOut]


class GlossaryOut(BaseModel):
    terms: list[TermOut] = Field(description="accepted ones; for its members and knowledge managers rejected ones too")
    candidates: list[CandidateOut] | None = Field(
        description="likeliest first; null for who is neither a member nor a knowledge manager"
    )
    words: int | None = Field(description="telling words that were counted in the community; null as `candidates`")
    words_elsewhere: int | None
    communities: int | None = Field(description="other communities that it was compared with")


@router.get("/{community_id}/glossary")
async def get_glossary(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    limit: Annotated[int, Query(ge=0, le=CANDIDATES, description="candidates to list, at most")] = 20,
) -> GlossaryOut:
    """What a community's own words mean, for everybody; and for those who are in it words that it might explain.

    Candidates are words and phrases of two that it uses and others do not, from its text, from questions that are not
    private and from what its meetings were about.
    """
    await service.reads.follow(resources.seen(community_id, principal))
    terms = await service.reads.read(reads.glossary(community_id))
    state = service.state
    if community_id not in state.snapshot.row or not await service.reads.follow(
        resources.belongs(principal, community_id)
    ):
        accepted = [TermOut.model_validate(one) for one in terms if one.state == ACCEPTED]
        return GlossaryOut(terms=accepted, candidates=None, words=None, words_elsewhere=None, communities=None)
    language = await service.auditor.language(state)
    decided = [one.term for one in terms]
    found = await service.auditor.run(lambda: language.candidates(community_id, decided, limit))
    return GlossaryOut(
        terms=[TermOut.model_validate(one) for one in terms],
        candidates=[CandidateOut.model_validate(one) for one in found.found],
        words=found.words, words_elsewhere=found.words_elsewhere, communities=found.communities,
    )  # fmt: skip


@router.get("/{community_id}/glossary/{term}")
async def get_term(
    community_id: CommunityId, term: TermPath, service: Serving, principal: Member, response: Response
) -> TermOut:
    """What was decided on one term. `ETag` is the version for changes."""
    await service.reads.follow(resources.seen(community_id, principal))
    found = reads.find(await service.reads.read(reads.glossary(community_id)), term)
    if found is None or (
        found.state != ACCEPTED and not await service.reads.follow(resources.belongs(principal, community_id))
    ):
        raise reads.no_term(term)
    response.headers["ETag"] = f'"{found.version}"'
    return TermOut.model_validate(found)


@router.put("/{community_id}/glossary/{term}", response_model=TermOut, responses=documented(412, 428))
async def decide(
    community_id: CommunityId, term: TermPath, decision: TermIn, principal: Member, write: Write
) -> Response:
    """Accepts a term, with what it means or not yet, or rejects it: for the leads of the community. An accepted term
    finds the community; one that is explained is no jargon to the audit any more."""

    def work(transaction: Transaction) -> Answer:
        _expect(transaction, write.expect, community_id, principal, term)
        kept = writes.decide(transaction, principal, community_id, term, decision.state, decision.definition)
        return answer(200, _out(kept), kept.version, f"/v1/communities/{quote(community_id)}/glossary/{quote(term)}")

    return await write.perform(principal, work)


@router.delete("/{community_id}/glossary/{term}", status_code=204, responses=documented(412, 428))
async def forget(community_id: CommunityId, term: TermPath, principal: Member, write: Write) -> Response:
    """Takes back what was decided on a term: it may be a candidate again."""

    def work(transaction: Transaction) -> Answer:
        _expect(transaction, write.expect, community_id, principal, term)
        writes.forget(transaction, principal, community_id, term)
        return answer(204)

    return await write.perform(principal, work)


def _expect(
    transaction: Transaction, expect: Callable[[str], None], community_id: str, principal: Principal, term: str
) -> None:
    """What was decided before is changed on the version that somebody read; a new decision rests on none."""
    by_hand.seen_community(transaction, principal, community_id)
    kept = reads.find(transaction.read(reads.glossary(community_id)), term)
    if kept is not None:
        expect(kept.version)


def _out(term: Term) -> TermOut:
    return TermOut.model_validate(term)
