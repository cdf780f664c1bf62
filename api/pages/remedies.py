"""What is done about a community: tried out with what would follow, carried out, taken back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError, create_model

from api.dependencies import KnowledgeManager
from api.pages.frame import Look, Looking, going, router, said, unusable
from api.routes import audit, communities
from api.routes import remedies as routes_of
from api.routes.communities import CommunityOut, NamedOut
from api.routes.remedies import RemedyOut
from graph.errors import Conflict, InvalidInput, NotFound, NotReady
from graph.models import Principal
from graph.remedies import REMEDY, Remedy
from matcher.audit.simulation import Simulation

routes = router()

Name = Literal["merge", "split", "move_under", "retire", "rename", "clarify"]

# Parts that the form shows, where no more are proposed, and that it may have.
PARTS, MOST_PARTS = 3, 12

SHOWN = 50

# So many communities can be chosen from a list; more are typed by id.
CHOICES = 2_000

# Likeness from which on it is worth a line, and lines of each list.
WORTH_SHOWING, LINES = 0.2, 12

# The id at the end of a line like `Ann Berg (ann-berg)`; a line without is an id itself.
_NAMED = re.compile(r"\(([^()\s]+)\)\s*$")


class Filled(BaseModel):
    """The form, whatever the remedy; what does not belong to it stays empty."""

    remedy: Name
    community: str = Field(max_length=500)
    other: str = Field(default="", max_length=500)
    finding: str = Field(default="", max_length=100)
    name: str = Field(default="", max_length=20_000)
    domain: str = Field(default="", max_length=20_000)
    audience: str = Field(default="", max_length=20_000)
    step: Literal["simulate", "carry_out"] = "simulate"


# The form with the fields of each part, as `part_name_1`.
FilledParts = create_model(
    "FilledParts",
    __base__=Filled,
    **{f"part_{name}_{at}": (str, "") for at in range(1, MOST_PARTS + 1) for name in ("name", "domain", "members")},  # pyright: ignore
)


@dataclass(frozen=True)
class PartRow:
    """A part of a split as the form shows it; `members` are lines like `Ann Berg (ann-berg)`."""

    name: str
    domain: str
    members: str


EMPTY = PartRow("", "", "")


@dataclass(frozen=True)
class RemedyPage:
    """A remedy that is tried out. `others` are communities that it could name, with ids; `found` what would follow,
    None before it was asked for; `near` of it what is worth a line. `problem`: why it cannot be done."""

    remedy: Name
    community: CommunityOut
    others: Sequence[NamedOut]
    given: Filled
    parts: Sequence[PartRow]
    found: Simulation | None
    near: Sequence[Any]
    problem: str


@dataclass(frozen=True)
class Remedies:
    """What was carried out, the latest first."""

    results: Sequence[RemedyOut]
    done: str


@routes.get("/audit/remedies")
async def list_remedies(
    look: Look, principal: KnowledgeManager, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    listed = await routes_of.list_remedies(look.service, principal, limit=SHOWN)
    return await look.page("remedies.html", Remedies(listed.results, done), "audit")


@routes.get("/audit/remedies/new")
async def new_remedy(
    look: Look,
    principal: KnowledgeManager,
    remedy: Name,
    community: Annotated[str, Query(max_length=500)],
    other: Annotated[str, Query(max_length=500)] = "",
    finding: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The form. What needs no more words is simulated at once."""
    given = Filled(remedy=remedy, community=community, other=other, finding=finding)
    about = await communities.get_community(community, look.service, principal, Response())
    if remedy == "clarify":
        given = given.model_copy(update={"domain": about.domain, "audience": about.audience or ""})
    elif remedy == "rename":
        given = given.model_copy(update={"name": about.name})
    parts = await _proposed(look, principal, about) if remedy == "split" else []
    known = remedy == "retire" or parts or (other and remedy in ("merge", "move_under"))
    return await _answer(look, principal, given, about, parts, simulate=bool(known))


@routes.post("/audit/remedies/new")
async def try_remedy(look: Look, principal: KnowledgeManager) -> Response:
    """Simulates what the form says, or carries it out."""
    given = await look.filled(FilledParts)
    about = await communities.get_community(given.community, look.service, principal, Response())
    parts = [
        PartRow(*(getattr(given, f"part_{name}_{at}").strip() for name in ("name", "domain", "members")))
        for at in range(1, MOST_PARTS + 1)
    ]
    parts = [one for one in parts if one != EMPTY]
    if given.step == "simulate":
        return await _answer(look, principal, given, about, parts, simulate=True)
    try:
        await routes_of.carry_out(_asked(given, parts), principal, look.write())
    except (InvalidInput, Conflict, RequestValidationError) as error:
        return await _answer(look, principal, given, about, parts, simulate=True, problem=said(error))
    return going("/audit/remedies", done="carried_out")


@routes.post("/audit/remedies/{remedy_id}/undo")
async def undo(remedy_id: str, look: Look, principal: KnowledgeManager) -> Response:
    answered = await routes_of.undo(remedy_id, principal, look.write())
    left = RemedyOut.model_validate_json(bytes(answered.body)).left
    return going("/audit/remedies", done="undone" if not left else "undone_partly")


async def _answer(
    look: Looking,
    principal: Principal,
    given: Filled,
    about: CommunityOut,
    parts: Sequence[PartRow],
    *,
    simulate: bool,
    problem: str = "",
) -> Response:
    found = None
    if simulate:
        try:
            found = (await routes_of.simulate(_asked(given, parts), look.service, principal)).results
        except (InvalidInput, Conflict, NotFound, NotReady, RequestValidationError) as error:
            problem = problem or said(error)
    shown = RemedyPage(
        remedy=given.remedy,
        community=about,
        others=await _others(look, principal, about.id) if given.remedy in ("merge", "move_under", "retire") else [],
        given=given,
        parts=[*parts, *[EMPTY] * (PARTS - len(parts))] if given.remedy == "split" else [],
        found=found,
        near=[
            one
            for one in (found.likeness if found else ())
            if max(one.before or 0, one.after or 0) >= WORTH_SHOWING or one.shares_name
        ][:LINES],
        problem=problem,
    )
    # A script puts what is wrong beside the form; htmx leaves alone what is not a success.
    status = 422 if problem and not look.swaps else 200
    return await look.page("remedy.html", shown, "audit", block="outcome", status=status)


def _asked(given: Filled, parts: Sequence[PartRow]) -> Remedy:
    """The remedy that the form says. Raises RequestValidationError where a field is missing."""
    about: dict[str, Any] = {"remedy": given.remedy, "community_id": given.community}
    other = _id_of(given.other)
    name, domain, audience = (text.strip() or None for text in (given.name, given.domain, given.audience))
    match given.remedy:
        case "merge":
            about |= {"into_id": other, "name": name, "domain": domain}
        case "move_under":
            about |= {"parent_id": other or None}
        case "retire":
            about |= {"successor_id": other or None}
        case "rename":
            about |= {"name": name}
        case "clarify":
            about |= {"domain": domain, "audience": audience}
        case "split":
            about |= {"parts": [_part(one) for one in parts]}
    try:
        return REMEDY.validate_python(about)
    except ValidationError as error:
        raise unusable(error) from None


def _part(one: PartRow) -> Mapping[str, Any]:
    return {
        "name": one.name, "domain": one.domain or one.name,
        "member_ids": [_id_of(line) for line in one.members.splitlines() if line.strip()],
    }  # fmt: skip


def _id_of(line: str) -> str:
    named = _NAMED.search(line)
    return named[1] if named else line.strip()


async def _proposed(look: Looking, principal: Principal, about: CommunityOut) -> list[PartRow]:
    """The parts that the audit proposes, with who would go there; none where it proposes no split by members."""
    found = await audit.get_audit(look.service, principal, include_dismissed=True)
    split = next(
        (one["evidence"]["split"] for one in found.results["breadth"] if one["id"] == about.id and one["flagged"]), None
    )
    if not split or split["by"] != "members":
        return []
    return [
        PartRow(part["name"], part["name"], "\n".join(f"{name} ({key})" for key, name in part["people"]))
        for part in split["parts"][:MOST_PARTS]
    ]


async def _others(look: Looking, principal: Principal, community_id: str) -> list[NamedOut]:
    """Communities that are not retired, by name."""
    found: list[NamedOut] = []
    cursor: str | None = None
    while len(found) < CHOICES:
        page = await communities.list_communities(
            look.service, principal, limit=communities.LARGEST_PAGE, cursor=cursor
        )
        found += [
            NamedOut(id=one.id, name=one.name)
            for one in page.results
            if one.status != "retired" and one.id != community_id
        ]
        cursor = page.next_cursor
        if cursor is None:
            break
    return sorted(found, key=lambda one: one.name.casefold())
