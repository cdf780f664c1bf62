"""A community's charter: drafts, versions and how they differ, what people say to them, and the sponsor's adoption."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api import charter_text
from api.dependencies import Member, Serving
from api.problems import documented
from api.routes.communities import NamedOut
from api.routes.people import CommunityId
from api.service import Service
from api.writing import Write, Writing, answer
from graph.charters import Charter
from graph.database import Transaction
from graph.errors import InvalidInput, NotReady, Stale
from graph.models import Part, Party, Principal
from graph.reads import charters as reads
from graph.reads import resources
from graph.reads.charters import CharterHistory, CharterVersion, Comment, Objection
from graph.sentences import tell
from graph.writes import charters as writes
from graph.writes.by_hand import may, seen_community
from graph.writes.idempotency import Answer
from ingest.records import OptionalText, Text
from matcher.community.difference import Difference, differences
from matcher.community.draft import Suggestion, read_facts, suggestions

router = APIRouter(
    prefix="/v1/communities/{community_id}/charter",
    tags=["charters"],
    responses=documented(401, 403, 404, 422, 503),
)

ForPerson = Annotated[
    str | None, Query(description="for whom, where an admin does it; left out: the person of the key", max_length=500)
]
Number = Annotated[int, Path(ge=1, le=1_000_000, description="number of a version", examples=[2])]
ObjectionId = Annotated[str, Path(description="The objection's id.", examples=["o-5f0c2f9d1b7e"])]
State = Literal["draft", "adopted", "superseded"]
Said = Annotated[Text, Field(max_length=20_000)]

# What Markdown and JSON say is the same; which one is meant, the media type tells.
AS_MARKDOWN: dict[int | str, dict[str, Any]] = {
    200: {"content": {charter_text.MEDIA_TYPE: {"schema": {"type": "string"}}}}
}


class VersionRow(BaseModel):
    """A version without its text."""

    number: int = Field(examples=[2])
    state: State
    source: str | None = Field(description="the source that tells of it; null: somebody wrote it")
    author: NamedOut | None
    created_at: str | None
    comment: str | None = Field(description="what changed and why")
    adopted_at: str | None = Field(description="a moment, or the day that a source tells")
    adopted_by: NamedOut | None
    superseded_at: str | None
    open_objections: int = Field(description="how many are open now")
    adopted_despite: int = Field(description="how many were open when it was adopted")


class CharterOut(VersionRow):
    """One version. `newest` is the number of the version on which the next draft is based."""

    charter: Charter
    goals: list[NamedOut]
    took_part: list[NamedOut] = Field(description="who worked the vision out together")
    newest: int
    adopted: int | None = Field(description="the number of the version that holds")


class VersionList(BaseModel):
    results: list[VersionRow]


class DraftIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"charter": {"purpose": "Keep ropes whole."}, "comment": "The purpose, as our sponsor puts it."}
            ]
        },
    )
    charter: Charter
    comment: OptionalText = Field(None, max_length=2_000, description="what changed and why")


class AdoptionIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 2}]})
    version: int = Field(ge=1, le=1_000_000)
    despite_objections: bool = Field(False, description="needed where objections are open; it is kept how many")


class AlignmentIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"stance": "stands_behind", "version": 2},
                {"stance": "objects", "version": 2, "text": "Two hours a week is more than I have."},
            ]
        },
    )
    stance: Literal["stands_behind", "objects", "none"]
    version: int = Field(ge=1, le=1_000_000, description="of which it is said")
    text: OptionalText = Field(None, max_length=20_000, description="what one has against it")


class SettlementIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "It is one hour now."}]})
    reason: OptionalText = Field(None, max_length=20_000, description="needed where a sponsor settles it; it is kept")


class CommentIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 2, "text": "Why winter?"}]})
    version: int = Field(ge=1, le=1_000_000)
    text: Said


class ObjectionOut(BaseModel):
    id: str
    version: int
    text: str
    at: str
    by: NamedOut | None
    state: Literal["open", "settled"]
    settled_at: str | None
    settled_by: NamedOut | None
    reason: str | None


class ObjectionList(BaseModel):
    results: list[ObjectionOut]


class CommentOut(BaseModel):
    id: str
    version: int
    text: str
    at: str
    by: NamedOut | None


class CommentList(BaseModel):
    results: list[CommentOut]


class SideOut(BaseModel):
    """Somebody of the community, or who was of it, and whether they stand behind the version."""

    person: NamedOut
    parts: list[str] = Field(description="what they are in the community today", examples=[["core member", "member"]])
    stance: Literal["stands_behind", "objects"]
    at: str


class SilentOut(BaseModel):
    part: Literal["sponsor", "lead", "core member", "member"]
    number: int = Field(description="how many of them have taken no side")
    people: list[NamedOut] = Field(description="who, of sponsors, leads and core members")


class AlignmentOut(BaseModel):
    """Who stands behind a version, who objects, and who has not said."""

    version: int
    state: State
    sides: list[SideOut]
    silent: list[SilentOut]
    open_objections: list[ObjectionOut]


class DifferenceList(BaseModel):
    results: list[Difference]


class SuggestionList(BaseModel):
    results: list[Suggestion]


@router.get("", response_model=CharterOut, responses=AS_MARKDOWN)
async def get_charter(
    community_id: CommunityId,
    request: Request,
    service: Serving,
    principal: Member,
    response: Response,
    newest: Annotated[bool, Query(description="the version on which the next draft is based")] = False,
) -> Any:
    """The charter that holds: the adopted version, or while there is none the newest draft.

    `Accept: text/markdown` gets it as Markdown. `ETag` is that of the version; a draft is based on the newest.
    """
    name, history = await _history(community_id, service, principal)
    return _shown(request, response, name, history, _chosen(community_id, history, newest=newest))


async def read_charter(
    community_id: str, service: Service, principal: Principal, number: int | None = None, *, newest: bool = False
) -> tuple[CharterOut, str]:
    """The charter that holds, the newest version, or the one of that `number`; and its version for changes."""
    _, history = await _history(community_id, service, principal)
    version = history.version(number) if number is not None else _chosen(community_id, history, newest=newest)
    return _out(history, version), version.version


async def charter_markdown(community_id: str, service: Service, principal: Principal) -> str:
    """The charter that holds, as Markdown."""
    name, history = await _history(community_id, service, principal)
    return _markdown(name, _chosen(community_id, history, newest=False))


def _chosen(community_id: str, history: CharterHistory, *, newest: bool) -> CharterVersion:
    version = history.newest if newest else history.shown
    if version is None:
        raise reads.no_charter(community_id)
    return version


def _inlined(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a model with what it refers to in place, for a body that FastAPI does not read itself."""
    schema = model.model_json_schema()
    parts: dict[str, Any] = schema.pop("$defs", {})

    def resolved(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return resolved(parts[node["$ref"].rpartition("/")[2]])
            return {key: resolved(value) for key, value in node.items()}
        return [resolved(value) for value in node] if isinstance(node, list) else node

    return resolved(schema)


@router.put(
    "",
    response_model=CharterOut,
    responses=documented(409, 412, 428),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _inlined(DraftIn)},
                charter_text.MEDIA_TYPE: {"schema": {"type": "string", "examples": ["## Purpose\n\nKeep ropes.\n"]}},
            },
        }
    },
)
async def put_charter(
    community_id: CommunityId,
    request: Request,
    principal: Member,
    write: Write,
    person_id: ForPerson = None,
    comment: Annotated[str | None, Query(description="with Markdown: what changed and why", max_length=2_000)] = None,
) -> Response:
    """Saves a draft: a version of its own, which leaves all earlier ones as they are.

    Leads and core members write all of it, a sponsor the purpose and the goals that it serves. Markdown is taken with
    `Content-Type: text/markdown`.
    """
    charter, told = await _draft(request)
    return await save_draft(community_id, charter, told or comment, principal, write, person_id)


async def save_draft(
    community_id: str,
    charter: Charter,
    told: str | None,
    principal: Principal,
    write: Writing,
    person_id: str | None = None,
) -> Response:
    """Saves a draft that was read; `told`: what changed and why."""

    def work(transaction: Transaction) -> Answer:
        _expect(write, transaction, principal, community_id, person_id)
        history = writes.draft(transaction, principal, community_id, person_id, charter, told)
        assert history.newest is not None
        return answer(200, _out(history, history.newest), history.newest.version)

    return await write.perform(principal, work)


async def _draft(request: Request) -> tuple[Charter, str | None]:
    body = await request.body()
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == charter_text.MEDIA_TYPE:
            return charter_text.parsed(body.decode("utf-8")), None
        given = DraftIn.model_validate_json(body)
        return given.charter, given.comment
    except UnicodeDecodeError:
        raise InvalidInput(tell("The body is not valid UTF-8.")) from None
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in problems]) from None


def _expect(
    write: Writing, transaction: Transaction, principal: Principal, community_id: str, person_id: str | None
) -> None:
    """Raises Stale, VersionRequired unless the draft is based on the newest version, if there is any."""
    found = seen_community(transaction, writes.themselves(principal, person_id), community_id)
    history = transaction.read(reads.history(found.community.id))
    if history.newest is None:
        return
    holds = history.adopted
    if holds is not None and holds is not history.newest and holds.version in (write.if_match or ""):
        raise Stale(
            tell(
                "Version %(number)s holds, but version %(number2)s is a newer draft. Read that (`?newest=true`),"
                " and repeat your change on it.",
                number=holds.number,
                number2=history.newest.number,
            )
        )
    write.expect(history.newest.version)


@router.get("/versions")
async def list_versions(community_id: CommunityId, service: Serving, principal: Member) -> VersionList:
    """All versions, the first one first. None is ever lost."""
    _, history = await _history(community_id, service, principal)
    return VersionList(results=[_row(one) for one in history.versions])


@router.get("/versions/{number}", response_model=CharterOut, responses=AS_MARKDOWN)
async def get_version(
    community_id: CommunityId,
    number: Number,
    request: Request,
    service: Serving,
    principal: Member,
    response: Response,
) -> Any:
    """One version; `Accept: text/markdown` gets it as Markdown."""
    name, history = await _history(community_id, service, principal)
    return _shown(request, response, name, history, history.version(number))


@router.get("/versions/{number}/difference/{other}")
async def get_difference(
    community_id: CommunityId, number: Number, other: Number, service: Serving, principal: Member
) -> DifferenceList:
    """What the version `other` says differently than `number`, field by field and word by word."""
    _, history = await _history(community_id, service, principal)
    one, two = history.version(number).charter, history.version(other).charter
    return DifferenceList(results=await service.scored(lambda: differences(one, two)))


@router.post("/adoption", response_model=CharterOut, responses=documented(409))
async def adopt(
    community_id: CommunityId, adoption: AdoptionIn, principal: Member, write: Write, person_id: ForPerson = None
) -> Response:
    """A sponsor makes a draft the charter that holds; the one before is superseded. The goals that it names become
    those of the community."""

    def work(transaction: Transaction) -> Answer:
        history = writes.adopt(
            transaction, principal, community_id, person_id, adoption.version,
            despite_objections=adoption.despite_objections, order=write.order,
        )  # fmt: skip
        version = history.version(adoption.version)
        return answer(200, _out(history, version), version.version)

    return await write.perform(principal, work)


@router.get("/alignment")
async def get_alignment(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    version: Annotated[int | None, Query(ge=1, le=1_000_000, description="left out: the newest")] = None,
) -> AlignmentOut:
    """Who stands behind a version, who objects, and who of the community has not said."""
    _, history = await _history(community_id, service, principal)
    chosen = history.version(version) if version is not None else history.newest
    if chosen is None:
        raise reads.no_charter(community_id)
    return _alignment(chosen, await service.reads.read(reads.parts(community_id)))


@router.put("/alignment", response_model=AlignmentOut, responses=documented(409))
async def align(
    community_id: CommunityId, said: AlignmentIn, principal: Member, write: Write, person_id: ForPerson = None
) -> Response:
    """Somebody of the community says that they stand behind a version, or object, for themselves.

    Who stands behind it settles what they objected before; who objects stands behind it no more. `none` takes back
    that one stands behind it. An objection is not unsaid but settled.
    """
    if (said.stance == "objects") != (said.text is not None):
        raise InvalidInput(tell("text: an objection says what one has against it, and nothing else does."))

    def work(transaction: Transaction) -> Answer:
        given = (transaction, principal, community_id, person_id, said.version)
        if said.stance == "objects":
            assert said.text is not None
            history = writes.object_to(*given, said.text)
        else:
            history = (writes.stand_behind if said.stance == "stands_behind" else writes.take_no_side)(*given)
        parts = transaction.read(reads.parts(community_id))
        return answer(200, _alignment(history.version(said.version), parts))

    return await write.perform(principal, work)


@router.get("/objections")
async def list_objections(
    community_id: CommunityId,
    service: Serving,
    principal: Member,
    state: Annotated[Literal["open", "settled"] | None, Query(description="only those")] = None,
) -> ObjectionList:
    """Objections to all versions, the first version first."""
    _, history = await _history(community_id, service, principal)
    found = [_objection(one, version) for version in history.versions for one in version.objections]
    return ObjectionList(results=[one for one in found if state in (None, one.state)])


@router.post("/objections/{objection_id}/settlement", response_model=ObjectionOut, responses=documented(409))
async def settle(
    community_id: CommunityId,
    objection_id: ObjectionId,
    settlement: SettlementIn,
    principal: Member,
    write: Write,
    person_id: ForPerson = None,
) -> Response:
    """Settles an objection: who raised it, or a sponsor with a reason."""

    def work(transaction: Transaction) -> Answer:
        history = writes.settle(
            transaction, principal, community_id, person_id, objection_id, settlement.reason
        )  # fmt: skip
        found = (_objection(one, version) for version in history.versions for one in version.objections)
        return answer(200, next(one for one in found if one.id == objection_id))

    return await write.perform(principal, work)


@router.get("/comments")
async def list_comments(community_id: CommunityId, service: Serving, principal: Member) -> CommentList:
    """What people said to all versions, the first version first."""
    _, history = await _history(community_id, service, principal)
    return CommentList(results=[_comment(one, version) for version in history.versions for one in version.comments])


@router.post("/comments", status_code=201, response_model=CommentOut)
async def comment(
    community_id: CommunityId, said: CommentIn, principal: Member, write: Write, person_id: ForPerson = None
) -> Response:
    """Somebody of the community says something to a version."""

    def work(transaction: Transaction) -> Answer:
        history = writes.comment(transaction, principal, community_id, person_id, said.version, said.text)
        version = history.version(said.version)
        where = f"/v1/communities/{quote(community_id)}/charter/comments"
        return answer(201, _comment(version.comments[-1], version), location=where)

    return await write.perform(principal, work)


@router.get("/suggestions")
async def get_suggestions(
    community_id: CommunityId, service: Serving, principal: Member, person_id: ForPerson = None
) -> SuggestionList:
    """What a draft could say: facts of the graph, each with the field for which it matters and what it rests on.

    For those who write the charter, and knowledge managers. No sentence is invented.
    """
    state = service.state

    def allowed(transaction: Transaction) -> None:
        asking = principal if person_id is None else writes.themselves(principal, person_id)
        may(transaction, asking, community_id, *writes.WRITERS, what=tell("To draft the charter"))

    await service.read_with(allowed)
    if community_id not in state.snapshot.row:
        raise NotReady(tell("The community is new, and not taken in yet. Try again in a second."))
    community = state.snapshot.communities[state.snapshot.row[community_id]]
    facts = await service.reads.follow(read_facts(community, principal, state.model))
    visible = state.snapshot.visible_to(principal)
    return SuggestionList(
        results=await service.scored(lambda: suggestions(state.snapshot, community_id, facts, visible))
    )


async def _history(community_id: str, service: Service, principal: Principal) -> tuple[str, CharterHistory]:
    found = await service.reads.follow(resources.seen(community_id, principal))
    return found.community.name, await service.reads.read(reads.history(community_id))


def _shown(request: Request, response: Response, name: str, history: CharterHistory, version: CharterVersion) -> Any:
    response.headers["ETag"] = f'"{version.version}"'
    response.headers["Vary"] = "Accept"
    if charter_text.MEDIA_TYPE not in request.headers.get("accept", ""):
        return _out(history, version)
    return Response(_markdown(name, version), media_type=charter_text.MEDIA_TYPE, headers=dict(response.headers))


def _markdown(name: str, version: CharterVersion) -> str:
    names = {one.id: one.name for one in (*version.goals, *version.took_part)}
    return charter_text.markdown(f"Charter of {name}", version.charter, version.number, names)


def _named(who: Party | None) -> NamedOut | None:
    return NamedOut.model_validate(who) if who else None


def _fields(one: CharterVersion) -> dict[str, Any]:
    return {
        "number": one.number, "state": one.state, "source": one.source, "author": _named(one.author),
        "created_at": one.created_at, "comment": one.comment, "adopted_at": one.adopted_at,
        "adopted_by": _named(one.adopted_by), "superseded_at": one.superseded_at, "open_objections": len(one.open),
        "adopted_despite": one.open_objections,
    }  # fmt: skip


def _row(one: CharterVersion) -> VersionRow:
    return VersionRow(**_fields(one))


def _out(history: CharterHistory, one: CharterVersion) -> CharterOut:
    assert history.newest is not None
    return CharterOut(
        **_fields(one),
        charter=one.charter,
        goals=[NamedOut.model_validate(goal) for goal in one.goals],
        took_part=[NamedOut.model_validate(who) for who in one.took_part],
        newest=history.newest.number,
        adopted=history.adopted.number if history.adopted else None,
    )


def _objection(one: Objection, version: CharterVersion) -> ObjectionOut:
    return ObjectionOut.model_validate({**vars(one), "version": version.number}, from_attributes=True)


def _comment(one: Comment, version: CharterVersion) -> CommentOut:
    return CommentOut.model_validate({**vars(one), "version": version.number}, from_attributes=True)


def _alignment(version: CharterVersion, parts: dict[str, tuple[str, frozenset[Part]]]) -> AlignmentOut:
    sides = [(one.person, "stands_behind", one.at) for one in version.behind]
    sides += [(one.by, "objects", one.at) for one in version.open if one.by is not None]
    silent = [
        SilentOut.model_validate(
            {
                "part": part.value,
                "number": len(quiet),
                "people": [NamedOut.model_validate(one) for one in quiet] if part is not Part.MEMBER else [],
            }
        )
        for part, quiet in reads.silent(version, parts).items()
    ]
    return AlignmentOut(
        version=version.number,
        state=version.state,
        sides=[
            SideOut.model_validate(
                {
                    "person": NamedOut.model_validate(who),
                    "parts": sorted(part.value for part in parts.get(who.id, ("", frozenset()))[1]),
                    "stance": stance,
                    "at": at,
                }
            )
            for who, stance, at in sides
        ],
        silent=silent,
        open_objections=[_objection(one, version) for one in version.open],
    )
