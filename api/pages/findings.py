"""What the audit found: lists that are narrowed down, one finding with its evidence, and what is decided on it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from api.dependencies import KnowledgeManager
from api.pages.catalogue import Choice
from api.pages.frame import Look, Looking, going, router, said, valid, version_in
from api.routes import audit, communities, remedies, units
from api.routes.audit import AboutOut, DecidedOut, DecisionIn, FindingOut, RecordedOut
from api.routes.communities import SkillRef
from api.routes.remedies import RemedyOut
from api.wording import evidence_said
from graph.errors import Conflict, InvalidInput, NotFound
from graph.models import Principal
from matcher.audit.findings import OVERLAP, UNIT_CLASH, evidence_of
from matcher.audit.overlap import Evidence

routes = router()

# In the order in which they are shown.
KINDS = (OVERLAP, UNIT_CLASH, "breadth", "narrowness", "clarity", "vitality")
STATUSES = ("open", "accepted", "dismissed", "done", "gone")
LEAST = (0.0, 0.5, 0.7, 0.9)

# What is chosen where nothing is: what is to be decided. The word for all statuses.
FIRST, ANY = "open", "any"

PAGE = 20

# The share of a request's time that an audit is waited for.
PATIENCE = 0.7

# Which remedies answer what was found, the likeliest first; `merge` and `move_under` need another community.
REMEDIES: Mapping[str, Sequence[str]] = {
    "duplicate": ("merge", "move_under", "clarify", "rename"),
    "contained_in": ("move_under", "merge", "clarify", "rename"),
    "overlapping": ("clarify", "merge", "move_under", "rename"),
    "complementary": ("clarify", "move_under"),
    "same_name_only": ("rename", "clarify"),
    "too_broad": ("split", "clarify", "rename"),
    "too_narrow": ("merge", "move_under", "clarify", "retire"),
    "unclear": ("clarify", "rename", "split"),
    "not_alive": ("retire", "merge", "clarify"),
}

Decided = Literal["accepted", "not_so", "intended", "not_now", "other", "done", "open"]


class Deciding(BaseModel):
    decision: Decided
    note: str | None = Field(default=None, max_length=2_000)
    until: str | None = Field(default=None, max_length=10)
    version: str | None = None
    # Whether the finding's own page shows the form, or a list.
    alone: bool = False


@dataclass(frozen=True)
class Card:
    """One finding in a list. `pair`: whether it is about two things; `said` is its evidence, each kind with its
    points (log-odds) and what it says, or sentences alone. `problem` is what was wrong with a decision that was
    sent."""

    found: FindingOut
    said: Sequence[tuple[str, float | None, str]]
    problem: str = ""
    alone: bool = False
    version: str = ""

    @property
    def pair(self) -> bool:
        return self.found.kind in (OVERLAP, UNIT_CLASH)


@dataclass(frozen=True)
class Findings:
    """A list of findings, narrowed down. `facets`: choices by what they narrow; `asked` the fields of the form that
    stay as they are; `following` the address of the next page. `recorded`: what the audit that was just made
    changed."""

    cards: Sequence[Card]
    total: int
    facets: Mapping[str, Sequence[Choice]]
    asked: Mapping[str, str]
    least: float
    leasts: Sequence[float]
    text: str
    following: str | None
    done: str
    recorded: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class Side:
    """One of the things that a finding is about: what it says of itself. `own` are skills that the other one lacks.
    `missing`: it is not there any more."""

    about: AboutOut
    text: str = ""
    status: str | None = None
    audience: str | None = None
    topics: Sequence[str] = ()
    skills: Sequence[SkillRef] = ()
    people: int | None = None
    missing: bool = False

    @property
    def address(self) -> str | None:
        return f"/communities/{quote(self.about.id, safe='')}" if self.about.kind == "community" else None


@dataclass(frozen=True)
class Way:
    """A remedy that may answer the finding, and the page on which it is tried out."""

    remedy: str
    of: str
    other: str | None
    address: str


@dataclass(frozen=True)
class FindingPage:
    """One finding. `evidence` holds the four kinds of a pair, None for what is measured, of which `reasons` tell;
    `split` are the parts that are proposed for what is too broad: names and what each is of. `ways` are the remedies,
    `history` the decisions on it, `carried_out` what was done about what it is about."""

    card: Card
    sides: Sequence[Side]
    evidence: Evidence | None
    shared: Sequence[str]
    own: Sequence[Sequence[str]]
    reasons: Sequence[str]
    split: Sequence[Mapping[str, Any]]
    ways: Sequence[Way]
    history: Sequence[DecidedOut]
    carried_out: Sequence[RemedyOut]
    done: str


@routes.get("/audit")
async def list_findings(
    look: Look,
    principal: KnowledgeManager,
    kind: Literal["", "overlap", "unit_clash", "breadth", "narrowness", "clarity", "vitality"] = "",
    verdict: Annotated[str, Query(max_length=40)] = "",
    status: Literal["open", "accepted", "dismissed", "done", "gone", "any"] = FIRST,
    least: Annotated[float, Query(ge=0, le=1)] = 0.0,
    text: Annotated[str, Query(max_length=300)] = "",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    done: Annotated[str, Query(max_length=20)] = "",
    new: Annotated[int, Query(ge=0)] = 0,
    changed: Annotated[int, Query(ge=0)] = 0,
    back: Annotated[int, Query(ge=0)] = 0,
    gone: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """What is to be decided, the likeliest first; or what the filters choose."""
    found = await audit.list_findings(
        look.service, principal, kind=[kind] if kind else None, verdict=[verdict] if verdict else None,
        status=None if status == ANY else [status], min_score=least, text=text, limit=PAGE, cursor=cursor,
    )  # fmt: skip
    asked = {
        "kind": kind, "verdict": verdict, "status": "" if status == FIRST else status,
        "least": f"{least:g}" if least else "", "text": text,
    }  # fmt: skip
    chosen = {"kind": kind, "verdict": verdict, "status": status}
    shown = Findings(
        cards=[_card(one) for one in found.results],
        total=found.total,
        facets={name: list(_choices(name, counts, chosen, asked)) for name, counts in found.facets.items()},
        asked={name: asked[name] for name in ("kind", "verdict", "status") if asked[name]},
        least=least,
        leasts=LEAST if least in LEAST else sorted((*LEAST, least)),
        text=text,
        following=_address({**asked, "cursor": found.next_cursor}) if found.next_cursor else None,
        done=done,
        recorded={"new": new, "changed": changed, "back": back, "gone": gone} if done == "audited" else {},
    )  # fmt: skip
    return await look.page("findings.html", shown, "audit", block="findings")


@routes.post("/audit/run")
async def run_audit(look: Look, principal: KnowledgeManager) -> Response:
    """Looks at the organisation as it is now, and keeps what is found. Among thousands of communities that takes
    longer than a request may; what was begun goes on, and is there for whoever asks again."""
    try:
        async with asyncio.timeout(PATIENCE * look.service.settings.request_deadline):
            answered = await audit.run_audit(look.service, principal, look.write())
    except TimeoutError:
        return going("/audit", done="going_on")
    recorded = RecordedOut.model_validate_json(bytes(answered.body))
    numbers = {name: str(number) for name, number in recorded.model_dump().items() if number}
    return going("/audit", done="audited", **numbers)


@routes.get("/audit/findings/{finding_id}")
async def finding(
    finding_id: audit.FindingId,
    look: Look,
    principal: KnowledgeManager,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    return await _page_of(look, principal, finding_id, done=done)


@routes.post("/audit/findings/{finding_id}/decision")
async def decide(finding_id: audit.FindingId, look: Look, principal: KnowledgeManager) -> Response:
    """Decides on a finding. Where a script asked for it, its card in the list comes back as it is then."""
    sent = await look.filled(Deciding)
    problem = ""
    try:
        await audit.decide(
            finding_id, _decision(sent), principal, look.write(sent.version)
        )  # fmt: skip
    except (InvalidInput, Conflict, RequestValidationError) as error:
        problem = said(error)
    if problem and (sent.alone or not look.swaps):
        return await _page_of(look, principal, finding_id, problem=problem)
    if not look.swaps:
        return going(f"/audit/findings/{quote(finding_id, safe='')}", done="decided")
    now = await audit.get_finding(finding_id, look.service, principal, Response())
    return await look.page("finding_card.html", _card(now, problem), "audit")


def _decision(sent: Deciding) -> DecisionIn:
    match sent.decision:
        case "accepted" | "done" | "open" as status:
            return valid(DecisionIn, {"status": status, "note": None if status == "open" else sent.note})
        case reason:
            return valid(
                DecisionIn, {"status": "dismissed", "reason": reason, "note": sent.note, "until": sent.until or None}
            )


async def _page_of(
    look: Looking, principal: Principal, finding_id: str, *, done: str = "", problem: str = ""
) -> Response:
    read = Response()
    found = await audit.get_finding(finding_id, look.service, principal, read)
    version = version_in(read)
    sides, history, carried_out = await asyncio.gather(
        asyncio.gather(*(_side(look, principal, about) for about in found.about)),
        audit.list_decisions(finding_id, look.service, principal),
        _carried_out(look, principal, found),
    )
    evidence = _evidence(found)
    named = [{skill.name for skill in side.skills} for side in sides]
    shared = sorted(set.intersection(*named)) if len(named) == 2 else []
    split = (found.evidence.get("evidence") or {}).get("split") if found.kind == "breadth" else None
    shown = FindingPage(
        card=_card(found, problem, alone=True, version=version),
        sides=sides,
        evidence=evidence,
        shared=shared,
        own=[sorted(names - set(shared)) for names in named],
        reasons=found.evidence.get("reasons", []),
        split=split["parts"] if split else [],
        ways=list(_ways(found)),
        history=history.results,
        carried_out=carried_out,
        done=done,
    )
    return await look.page("finding.html", shown, "audit", status=422 if problem and not look.swaps else 200)


async def _side(look: Looking, principal: Principal, about: AboutOut) -> Side:
    try:
        if about.kind == "org_unit":
            unit = await units.get_unit(about.id, look.service, principal)
            return Side(about, unit.description, people=unit.people)
        known = await communities.get_community(about.id, look.service, principal, Response())
    except NotFound:
        return Side(about, missing=True)
    return Side(about, known.domain, known.status, known.audience, known.topics, known.skills, known.members)


async def _carried_out(look: Looking, principal: Principal, found: FindingOut) -> list[RemedyOut]:
    """What was done about the communities that it is about, the latest first."""
    ids = [about.id for about in found.about if about.kind == "community"]
    lists = await asyncio.gather(
        *(remedies.list_remedies(look.service, principal, community=one, limit=5) for one in ids)
    )
    known = {one.id: one for listed in lists for one in listed.results}
    return sorted(known.values(), key=lambda one: one.at, reverse=True)


def _card(found: FindingOut, problem: str = "", *, alone: bool = False, version: str = "") -> Card:
    evidence = _evidence(found)
    said: Sequence[tuple[str, float | None, str]] = (
        list(evidence_said(evidence))
        if evidence is not None
        else [("", None, reason) for reason in found.evidence.get("reasons", [])]
    )
    return Card(found, said, problem, alone, version)


def _evidence(found: FindingOut) -> Evidence | None:
    return evidence_of(found.kind, found.evidence, [(one.id, one.name) for one in found.people])


def _ways(found: FindingOut) -> Iterator[Way]:
    """The remedies that may answer a finding, about either community where there are two."""
    here = [about for about in found.about if about.kind == "community"]
    for remedy in REMEDIES.get(found.verdict, ()):
        for about in here:
            others = [one for one in here if one is not about]
            if remedy == "move_under" and found.verdict == "contained_in" and about is not found.about[0]:
                continue  # the other lies within this one
            if remedy in ("merge", "move_under") and found.kind == UNIT_CLASH:
                continue  # a unit is no community
            other = others[0] if others and remedy in ("merge", "move_under") else None
            query = {"remedy": remedy, "community": about.id, "finding": found.id}
            if other is not None:
                query["other"] = other.id
            yield Way(remedy, about.name, other.name if other else None, f"/audit/remedies/new?{urlencode(query)}")


def _choices(
    name: str, counts: Mapping[str, int], chosen: Mapping[str, str], asked: Mapping[str, str]
) -> Iterator[Choice]:
    """The values of a filter that there are findings of, and the one that is chosen; of statuses also all of them."""
    now = chosen[name]
    order = {"kind": KINDS, "status": STATUSES}.get(name, tuple(sorted(counts)))
    for value in order:
        if counts.get(value) or value == now:
            picked = value == now
            # A status that is let go is let go in favour of all.
            instead = (ANY if name == "status" else "") if picked else value
            if name == "status" and instead == FIRST:
                instead = ""
            yield Choice(value, counts.get(value, 0), picked, _address({**asked, name: instead}))


def _address(asked: Mapping[str, str | None]) -> str:
    given = urlencode({name: value for name, value in asked.items() if value})
    return f"/audit?{given}" if given else "/audit"
