"""The audit: what it finds now, findings that are kept and decided on, what decisions teach; and proposals."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from typing import Annotated, Any, Literal
from urllib.parse import quote

import numpy as np
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_jsonable_python

from api.dependencies import KnowledgeManager, Member, Serving
from api.problems import documented
from api.routes.communities import LARGEST_PAGE, PAGE, CommunityOut, Name, NewId, shown
from api.wording import Told, no_skill
from api.writing import Write, answer
from graph.database import Transaction
from graph.errors import InvalidInput
from graph.models import Principal, Role
from graph.reads import findings as reads
from graph.reads import people
from graph.reads.domain_map import domain_map
from graph.reads.findings import Counted, KeptCalibration, KeptFinding
from graph.sentences import tell
from graph.writes import by_hand
from graph.writes import findings as writes
from graph.writes.domain_map import keep_domain_map
from graph.writes.events import now
from graph.writes.idempotency import Answer
from ingest.records import Day, Listed, OptionalText, Text
from matcher.audit import calibrate
from matcher.audit.calibrate import Bin, Learned
from matcher.audit.findings import record, results_of, rows_of, without_dismissed
from matcher.audit.proposal import Answer as Relative
from matcher.audit.proposal import Proposal
from matcher.audit.verdict import LIKELY

router = APIRouter(prefix="/v1", tags=["audit"], responses=documented(401, 403, 404, 422, 503))

VERSION = version("guildmap")

FindingId = Annotated[str, Path(description="The finding's id.", examples=["f-5f0c2f9d1b7e4a61"])]
Status = Literal["open", "accepted", "dismissed", "done", "gone"]
Reason = Literal["not_so", "intended", "not_now", "other"]
Calibrated = Literal["overlap", "unit_clash"]

# As long as the texts of a catalogue are; a body limit bounds the whole.
LONGEST_DOMAIN = 20_000


class CalibrationOut(BaseModel):
    """What decisions taught: the weight of each kind of evidence and what is added to the level of log-odds."""

    model_config = ConfigDict(from_attributes=True)
    version: int
    learned_at: str
    decisions: int
    confirmed: int = Field(description="how many of these agreed")
    values: dict[str, float] = Field(examples=[{"text": 1.1, "skills": 0.8, "members": 1, "talk": 1, "level": -0.4}])
    loss: float = Field(description="mean log loss on decisions held out")
    shipped_loss: float = Field(description="the same of what guildmap ships")
    area: float = Field(description="area under the ROC curve on decisions held out")
    in_force: bool


class AuditMeta(BaseModel):
    version: str
    revision: int
    ms: float = Field(description="time taken, in milliseconds")
    communities: int = Field(description="how many were compared")
    pairs: int = Field(description="how many pairs were looked at closely")
    dismissed: int = Field(description="how many findings were dismissed and are left out")
    calibrations: dict[str, CalibrationOut] = Field(description="by kind of finding, where decisions taught one")


class AuditOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "results": {
                        "overlaps": [
                            {
                                "a": "blade-inspection",
                                "b": "rotor-surface",
                                "a_name": "Blade Inspection & Repair",
                                "b_name": "Rotor Surface Care",
                                "verdict": "duplicate",
                                "probability": 0.96,
                                "evidence": {"text": {"points": 3.1}, "skills": None, "members": None, "talk": None},
                                "finding": {"id": "f-5f0c2f9d1b7e4a61", "status": "open", "changed": []},
                            }
                        ],
                        "unit_clashes": [],
                        "groups": [],
                    },
                    "meta": {
                        "version": "0.1.0", "revision": 42, "ms": 3.1, "communities": 65, "pairs": 438, "dismissed": 0,
                        "calibrations": {},
                    },
                }
            ]
        }
    )  # fmt: skip
    results: dict[str, list[dict[str, Any]]] = Field(description="the lists that `guildmap audit --json` gives")
    meta: AuditMeta


class RecordedOut(BaseModel):
    """How many findings are new, have changed, came back after a decision, and are not found any more."""

    model_config = ConfigDict(from_attributes=True)
    new: int
    changed: int
    back: int
    gone: int


class AboutOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    kind: Literal["community", "org_unit"]
    id: str
    name: str


class PersonOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    name: str


class DecisionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    status: Literal["accepted", "dismissed", "done"]
    at: str
    reason: Reason | None
    note: str | None
    until: str | None = Field(description="a dismissal's last day")
    verdict: str = Field(description="what it was judged then")
    score: float


class FindingOut(BaseModel):
    id: str = Field(examples=["f-5f0c2f9d1b7e4a61"])
    kind: str = Field(examples=["overlap"], description="overlap, unit_clash, or a scale: breadth, narrowness, ...")
    about: list[AboutOut] = Field(description="of `contained_in` the first lies within the second")
    verdict: str = Field(examples=["duplicate"])
    score: float = Field(examples=[0.91], description="probability that both are of one domain; of a scale, the score")
    evidence: dict[str, Any] = Field(examples=[{"text": {"points": 3.1, "terms": ["blade", "erosion"]}}])
    people: list[PersonOut] = Field(description="some whom the evidence rests on")
    status: Status
    present: bool = Field(description="whether the latest audit found it")
    found_at: str
    changed: list[Told] = Field(
        description="why it came back after a decision",
        examples=[["the probability went from 0.55 to 0.78"]],
    )
    decision: DecisionOut | None


class FindingList(BaseModel):
    results: list[FindingOut]
    next_cursor: str | None = Field(description="give it as `cursor` for the following page; null at the end")
    total: int = Field(description="how many there are on all pages")
    facets: dict[Literal["kind", "verdict", "status"], dict[str, int]] = Field(
        description="how many there would be by each value of a filter, the other filters staying as they are",
        examples=[{"kind": {"overlap": 3}, "verdict": {"duplicate": 1, "overlapping": 2}, "status": {"open": 3}}],
    )


class DecidedOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    at: str
    actor: str = Field(examples=["person:sam-okoro"])
    name: str | None = Field(description="of the person who decided, where it was one")
    status: Literal["open", "accepted", "dismissed", "done"] = Field(description="`open`: it was taken back")
    reason: Reason | None
    until: str | None


class DecidedList(BaseModel):
    results: list[DecidedOut]


class DecisionIn(BaseModel):
    """`not_so`: they are not the same (it is not too broad, ...); `intended`: it is so, on purpose; `not_now`: until
    a day. `open` takes back what was decided."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"status": "dismissed", "reason": "intended", "note": "One for each site.", "until": "2027-06-30"},
                {"status": "accepted"},
            ]
        },
    )
    status: Literal["open", "accepted", "dismissed", "done"]
    reason: Reason | None = Field(None, description="of a dismissal, which needs one")
    note: OptionalText = None
    until: Day = Field(None, description="a dismissal's last day; without one it holds until the evidence changes")


class PrecisionOut(BaseModel):
    least: float
    most: float
    decisions: int
    confirmed: int
    precision: float | None


class LearnedOut(BaseModel):
    kind: Calibrated
    decisions: int = Field(description="those that say whether it is so")
    precision: list[PrecisionOut] = Field(description="by probability as shipped")
    at_threshold: PrecisionOut
    versions: list[CalibrationOut] = Field(description="what was ever learned, the latest first")
    learned: CalibrationOut | None = Field(description="what these decisions teach; null: they are too few")
    refused: str | None = Field(description="why that is not taken", examples=["the decisions do not follow ..."])


class CalibrationList(BaseModel):
    results: list[LearnedOut]


class ProposalIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Leading Edge Repair",
                    "domain": "How to find erosion on the leading edge of blades, grade it, and repair it on ropes.",
                    "skills": ["Composite repair"],
                    "create": False,
                }
            ]
        },
    )
    name: Name
    domain: Text = Field(max_length=LONGEST_DOMAIN, description="what it is about, in two to five sentences")
    audience: OptionalText = None
    topics: Listed = None
    skills: Listed = Field(None, description="skills by id or name")
    create: bool = Field(False, description="whether to store it too, as a community with status `proposed`")
    id: NewId | None = Field(None, description="with `create`; left out: made from the name")


class RelativeOut(BaseModel):
    """What the proposal is to something that exists."""

    model_config = ConfigDict(from_attributes=True)
    relation: Literal[
        "join_instead", "sub_group_of", "takes_in", "clashes_with", "resembles", "overlaps", "shares_name",
        "complements", "mentions",
    ]  # fmt: skip
    kind: Literal["community", "org_unit"]
    id: str
    name: str
    status: str | None = Field(description="of a community")
    probability: float = Field(description="that both are of one domain")
    text: Told = Field(examples=["Blade Inspection & Repair is there for this domain: join it instead."])
    evidence: dict[str, Any] = Field(description="by kind, in log-odds; the proposal is `a`")


class ProposalMeta(BaseModel):
    version: str
    revision: int
    ms: float
    notes: list[Told]


class ProposalOut(BaseModel):
    results: list[RelativeOut] = Field(description="likeliest first, then what complements it")
    community: CommunityOut | None = Field(description="as stored; null where it was checked only")
    meta: ProposalMeta


@router.get("/audit")
async def get_audit(
    service: Serving,
    principal: KnowledgeManager,
    include_retired: Annotated[bool, Query(description="compare retired communities too")] = False,
    min_probability: Annotated[
        float, Query(ge=0, le=1, description="the least listed; 0 lists the ten nearest of every community")
    ] = LIKELY,
    include_dismissed: Annotated[bool, Query(description="also what was dismissed")] = False,
) -> AuditOut:
    """What the audit finds in the organisation as it is now. Nothing is stored: POST for that."""
    began = time.perf_counter()
    state = service.state
    found, basis = await service.auditor.audit(state, include_retired, min_probability)
    kept = {one.id: one for one in await service.reads.read(reads.findings(principal))}
    listed, dismissed = (found, 0) if include_dismissed else without_dismissed(found, kept)
    results = to_jsonable_python(results_of(listed, kept), fallback=_number)
    meta = AuditMeta(
        **_meta(state.revision, began), communities=found.compared, pairs=found.pairs, dismissed=dismissed,
        calibrations={kind: CalibrationOut.model_validate(one) for kind, one in basis.calibrations.items()},
    )  # fmt: skip
    return AuditOut(results=results, meta=meta)


@router.post("/audit", response_model=RecordedOut)
async def run_audit(service: Serving, principal: KnowledgeManager, write: Write) -> Response:
    """Looks at the organisation as it is now, and keeps what is found as findings, and where each community lies on
    the map of domains. The same again changes nothing."""
    state = service.state
    found, basis = await service.auditor.audit(state, False, LIKELY)
    places = await service.auditor.places(state)
    rows = rows_of(found, basis.snapshot, calibrate.in_use(basis.calibrations))

    def work(transaction: Transaction) -> Answer:
        if places != transaction.read(domain_map()):
            keep_domain_map(transaction, places)
        return answer(200, RecordedOut.model_validate(record(transaction, rows, date.today().isoformat())))

    return await write.perform(principal, work)


@router.get("/audit/findings")
async def list_findings(
    service: Serving,
    principal: Member,
    kind: Annotated[list[str] | None, Query(description="only these kinds")] = None,
    status: Annotated[list[Status] | None, Query(description="only those of these statuses")] = None,
    verdict: Annotated[list[str] | None, Query(description="only those with these verdicts")] = None,
    min_score: Annotated[float, Query(ge=0, le=1, description="the least score listed")] = 0.0,
    text: Annotated[str, Query(max_length=300, description="what stands in a name of what they are about")] = "",
    community: Annotated[str | None, Query(description="only those about this community (id)")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> FindingList:
    """Findings as kept, those of the highest score first: of which the asking principal may see all they are about."""
    found, counted = await asyncio.gather(
        service.reads.read(
            reads.findings(
                principal, kinds=kind or None, statuses=[*status] if status else None, verdicts=verdict or None,
                least=min_score, text=text.strip(), community_id=community, behind=_place(cursor), limit=limit + 1,
            )
        ),
        service.reads.read(reads.counts(principal, least=min_score, text=text.strip(), community_id=community)),
    )  # fmt: skip
    last = found[limit - 1] if len(found) > limit else None
    more = f"{last.judgement.score!r}_{last.id}" if last else None
    chosen = {"kind": kind, "verdict": verdict, "status": status}
    return FindingList(
        results=[_finding(one) for one in found[:limit]],
        next_cursor=more,
        total=sum(one.number for one in counted if _passes(one, chosen)),
        facets={name: _facet(counted, name, chosen) for name in ("kind", "verdict", "status")},
    )


@router.get("/audit/findings/{finding_id}")
async def get_finding(finding_id: FindingId, service: Serving, principal: Member, response: Response) -> FindingOut:
    """One finding, with its evidence and what was decided on it."""
    found = await service.reads.read(reads.finding(finding_id, principal))
    if found is None:
        raise reads.no_finding(finding_id)
    response.headers["ETag"] = f'"{found.version}"'
    return _finding(found)


@router.get("/audit/findings/{finding_id}/decisions")
async def list_decisions(finding_id: FindingId, service: Serving, principal: KnowledgeManager) -> DecidedList:
    """Every decision on a finding, the latest first, those that were taken back too."""
    if await service.reads.read(reads.finding(finding_id, principal)) is None:
        raise reads.no_finding(finding_id)
    found = await service.reads.read(reads.decisions(finding_id))
    return DecidedList(results=[DecidedOut.model_validate(one) for one in found])


@router.post("/audit/findings/{finding_id}/decision", response_model=FindingOut, responses=documented(409, 412))
async def decide(finding_id: FindingId, decision: DecisionIn, principal: KnowledgeManager, write: Write) -> Response:
    """Decides on a finding. One that is dismissed stays away until its evidence changes much, or its time is over."""

    def work(transaction: Transaction) -> Answer:
        if write.if_match is not None:
            write.expect(writes.seen_finding(transaction, principal, finding_id).version)
        found = writes.decide(
            transaction, principal, finding_id, decision.status, reason=decision.reason, note=decision.note,
            until=decision.until,
        )  # fmt: skip
        return answer(200, _finding(found), found.version)

    return await write.perform(principal, work)


@router.get("/audit/calibrations")
async def list_calibrations(service: Serving, principal: KnowledgeManager) -> CalibrationList:
    """How often decisions agree with the audit, what they teach, and what was learned so far."""
    results: list[LearnedOut] = []
    for kind in calibrate.CALIBRATED:
        decided = await service.reads.follow(calibrate.read_decided(kind))
        versions = await service.reads.read(reads.calibrations(kind))
        learned = await service.auditor.run(lambda known=decided: calibrate.learn(known))
        results.append(_learned(kind, calibrate.precision(decided), len(decided), versions, learned))
    return CalibrationList(results=results)


@router.post("/audit/calibrations/{kind}", response_model=LearnedOut)
async def learn_calibration(kind: Calibrated, service: Serving, principal: KnowledgeManager, write: Write) -> Response:
    """Learns from decisions how much each kind of evidence is worth; what is no better on decisions held out is
    refused."""

    def work(transaction: Transaction) -> Answer:
        decided = calibrate.decided(transaction.read(reads.findings(principal, kinds=[kind])))
        versions = transaction.read(reads.calibrations(kind))
        learned = calibrate.learn(decided)
        if learned is not None and learned.refused is None:
            writes.keep_calibration(transaction, principal, learned.kept(kind, _next(versions), now()))
            versions = transaction.read(reads.calibrations(kind))
        return answer(200, _learned(kind, calibrate.precision(decided), len(decided), versions, learned))

    return await write.perform(principal, work)


@router.delete("/audit/calibrations/{kind}", status_code=204)
async def withdraw_calibration(kind: Calibrated, principal: KnowledgeManager, write: Write) -> Response:
    """Goes back to the probabilities that guildmap ships; what was learned stays on record."""

    def work(transaction: Transaction) -> Answer:
        writes.withdraw_calibration(transaction, principal, kind)
        return answer(204)

    return await write.perform(principal, work)


@router.post("/proposals", response_model=ProposalOut, responses={201: {"model": ProposalOut}, **documented(409)})
async def propose(asked: ProposalIn, service: Serving, principal: Member, write: Write) -> Response:
    """Compares a domain that is proposed with all communities, proposals and units that the asking principal may see.

    With `create` it is stored as well, whatever was found, and the answer is 201.
    """
    began = time.perf_counter()
    state = service.state
    known = await service.reads.read(people.skills_named(asked.skills or []))
    notes: list[str] = [no_skill(name) for name in asked.skills or [] if name not in known]
    held = tuple(dict.fromkeys(one.skill_id for one in known.values()))
    proposal = Proposal(asked.name, asked.domain, asked.audience or "", tuple(asked.topics or ()), held)
    vectors = [await service.vector(text) for text in proposal.to_encode]
    encoded = np.stack([one for one in vectors if one is not None]) if all(v is not None for v in vectors) else None
    standing = await service.auditor.standing(state)
    visible = standing.subject.snapshot.visible_to(principal)
    found = await service.scored(lambda: standing.check(proposal, visible, encoded))
    results = [relative_of(one) for one in found]
    meta = ProposalMeta(**_meta(state.revision, began), notes=notes)
    if not asked.create:
        return Response(
            ProposalOut(results=results, community=None, meta=meta).model_dump_json(), media_type="application/json"
        )
    given: dict[str, Any] = {
        "name": asked.name, "domain": asked.domain, "audience": asked.audience, "topics": asked.topics,
        "skill_ids": asked.skills, "status": "proposed",
    }  # fmt: skip
    fields = {name: value for name, value in given.items() if value is not None}

    def work(transaction: Transaction) -> Answer:
        community_id = asked.id or by_hand.new_community_id(transaction, principal, asked.name)
        by_hand.create(transaction, principal, "community", community_id, fields, write.order)
        made = by_hand.seen_community(transaction, Principal(role=Role.ADMIN), community_id)
        body = ProposalOut(results=results, community=shown(made), meta=meta)
        return answer(201, body, made.version, f"/v1/communities/{quote(community_id)}")

    return await write.perform(principal, work)


def _passes(one: Counted, chosen: Mapping[str, Sequence[str] | None], besides: str = "") -> bool:
    """Whether findings like these are within the filters `chosen`, that of `besides` left out."""
    return all(not values or name == besides or getattr(one, name) in values for name, values in chosen.items())


def _facet(counted: Sequence[Counted], name: str, chosen: Mapping[str, Sequence[str] | None]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in counted:
        if _passes(one, chosen, besides=name):
            found[getattr(one, name)] += one.number
    return dict(found)


def _meta(revision: int, began: float) -> dict[str, Any]:
    return {"version": VERSION, "revision": revision, "ms": round((time.perf_counter() - began) * 1000, 1)}


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


def _finding(one: KeptFinding) -> FindingOut:
    decision = one.decision
    told = decision and DecisionOut.model_validate(
        {**asdict(decision), "verdict": decision.judgement.verdict, "score": decision.judgement.score}
    )
    return FindingOut(
        id=one.id,
        kind=one.kind,
        about=[AboutOut.model_validate(about) for about in one.about],
        verdict=one.judgement.verdict,
        score=one.judgement.score,
        evidence=dict(one.evidence),
        people=[PersonOut.model_validate(person) for person in one.people],
        status=one.status,  # pyright: ignore[reportArgumentType]
        present=one.present,
        found_at=one.found_at,
        changed=list(one.changed),
        decision=told,
    )


def _learned(
    kind: Calibrated | str,
    precision: tuple[list[Bin], Bin],
    decisions: int,
    versions: list[KeptCalibration],
    learned: Learned | None,
) -> LearnedOut:
    bins, likely = precision
    return LearnedOut.model_validate(
        {
            "kind": kind,
            "decisions": decisions,
            "precision": [_bin(one) for one in bins],
            "at_threshold": _bin(likely),
            "versions": [asdict(one) for one in versions],
            "learned": asdict(learned.kept(kind, _next(versions), now())) | {"in_force": False} if learned else None,
            "refused": learned.refused if learned else None,
        }
    )


def _next(versions: list[KeptCalibration]) -> int:
    return versions[0].version + 1 if versions else 1


def _bin(one: Bin) -> Mapping[str, Any]:
    return {**asdict(one), "precision": one.precision}


def relative_of(one: Relative) -> RelativeOut:
    evidence = to_jsonable_python(asdict(one.evidence), fallback=_number)
    fields = {name: getattr(one, name) for name in RelativeOut.model_fields if name != "evidence"}
    return RelativeOut.model_validate({**fields, "evidence": evidence})


def _place(cursor: str | None) -> tuple[float, str] | None:
    """The score and id behind which a page begins. Raises InvalidInput for what is no cursor."""
    if cursor is None:
        return None
    score, separator, key = cursor.partition("_")
    try:
        place = float(score), key
    except ValueError:
        place = None
    if place is None or not separator or not key or not np.isfinite(place[0]):
        raise InvalidInput(tell("cursor: is not one that a page of this list ended with."))
    return place
