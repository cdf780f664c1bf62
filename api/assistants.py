"""What assistants reach by the Model Context Protocol: some operations of the HTTP API as tools, charters as resources.

A tool is the function behind an operation: what it takes and answers, and which role it needs, is written down there
and nowhere else. So an assistant sees what whoever it works for sees, and no more.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, get_args
from urllib.parse import quote, unquote

import structlog
from mcp import types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from api import charter_text, problems
from api.dependencies import Requires
from api.logs import place_of
from api.metrics import Metrics
from api.routes.audit import list_findings
from api.routes.charters import charter_markdown
from api.routes.find import recommend_communities, recommend_helpers, search_catalogue
from api.routes.formation import check_formation
from api.service import Service
from graph.errors import Forbidden, GuildmapError, InvalidInput, NotFound
from graph.models import Principal, Role

LOG = structlog.get_logger("guildmap")

# What a message of the protocol came with: over HTTP its request, else nothing.
Context = ServerRequestContext[Any, Any]

CHARTER = "guildmap://communities/{id}/charter"
_CHARTER = re.compile(re.escape(CHARTER).replace(r"\{id\}", r"([^/?#]+)"))

# Charters told in one page of their list.
PAGE = 100

INSTRUCTIONS = f"""
guildmap knows the communities of practice of an organisation, who is in them, and what people know. Its tools find a
community, say which ones somebody should join and who can help with a question, and check a community that is proposed.
All of them read; none changes anything or writes to anybody.

- Ids come from search_catalogue. The charter of a community is the resource {CHARTER}.
- Every answer brings its reasons. Tell them to whoever asked, with the names: a score alone convinces nobody.
- A score ranks within one answer and has no unit, unless it is called a probability.
- Restricted communities are told to those who may see them. That something is not found does not show that it is not
  there.
""".strip()


@dataclass(frozen=True)
class Tool:
    """An operation that assistants may call. `description` says to them when to, with units and limits; `requires`:
    where it needs more than its operation does."""

    name: str
    title: str
    operation: Callable[..., Awaitable[BaseModel]]
    description: str
    least: Role | None = None

    @cached_property
    def requires(self) -> Requires:
        annotation = inspect.signature(self.operation).parameters["principal"].annotation
        (declared,) = (one.dependency for one in get_args(annotation)[1:])
        return declared if self.least is None else Requires(self.least)

    @cached_property
    def answers(self) -> type[BaseModel]:
        return inspect.signature(self.operation).return_annotation

    @cached_property
    def body(self) -> str | None:
        """The parameter that takes the body of the request; None where the operation takes a query."""
        given = _given(self.operation).items()
        return next((name for name, one in given if inspect.isclass(one.annotation)), None)

    @cached_property
    def takes(self) -> type[BaseModel]:
        """The model of the body, or one of the query."""
        given = _given(self.operation)
        if self.body is not None:
            return given[self.body].annotation
        fields: dict[str, Any] = {name: (one.annotation, one.default) for name, one in given.items()}
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    @cached_property
    def described(self) -> types.Tool:
        return types.Tool(
            name=self.name,
            title=self.title,
            description=" ".join(self.description.split()),
            input_schema=self.takes.model_json_schema(),
            output_schema=self.answers.model_json_schema(mode="serialization"),
            annotations=types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
        )

    async def open_to(self, principal: Principal) -> bool:
        try:
            await self.requires(principal)
        except Forbidden:
            return False
        return True

    async def call(self, arguments: Mapping[str, Any], service: Service, principal: Principal) -> BaseModel:
        """Raises Forbidden, InvalidInput, and what the operation raises."""
        await self.requires(principal)
        try:
            asked = self.takes.model_validate(arguments)
        except ValidationError as error:
            raise InvalidInput(problems.unusable(problems.reasons_of(error))) from None
        given = {self.body: asked} if self.body else {name: getattr(asked, name) for name in self.takes.model_fields}
        return await self.operation(**given, service=service, principal=principal)


def _given(operation: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """What of an operation's parameters is in the request."""
    parameters = inspect.signature(operation).parameters
    return {name: one for name, one in parameters.items() if name not in ("service", "principal")}


TOOLS: Sequence[Tool] = (
    Tool(
        "search_catalogue",
        "Search communities, people and skills",
        search_catalogue,
        """Finds communities of practice, people and skills by words, a name or a whole question. Use it where somebody
        looks for something by what it is about or called, and wherever you need an id. `kind` narrows it to one of the
        three; `status`, `topic`, `skill` and `unit` filter. Tells 10 results unless `limit` (at most 100) says
        otherwise, `meta.total` says how many there are, and `meta.next_cursor` as `cursor` goes on. `snippet` is the
        passage that was found, `reasons` say why; a `score` ranks within this answer and has no unit.""",
    ),
    Tool(
        "recommend_communities",
        "Recommend communities to join",
        recommend_communities,
        """Says which communities of practice somebody should join, the best first, and how deep to begin. Use it for
        "what should I join?", not to look for one topic: that is search_catalogue. Without arguments it is for the
        person you work for; `person_id` names another, which only admins may; `profile` describes somebody who is not
        stored, in their own words and skills. Up to `limit` (10; at most 100). Each result has named features whose
        `points` add up to `score` (no unit), a reason for each with its path in the graph, and whom to greet.
        `what_if` also tells which one fact decides its place, and takes longer. `meta.set_aside` counts what was no
        candidate.""",
    ),
    Tool(
        "recommend_helpers",
        "Recommend people who can help",
        recommend_helpers,
        """Says who in the organisation can help with a question, the best first: by what they know, advised and do, and
        who is free and right to ask. Use it for "who can help me with ...?". `text` is the question in a sentence or
        more, in the words of whoever asks (at most 20,000 characters); keywords alone find less. `community_id` says
        where it belongs, and is inferred otherwise (`meta.communities`, shares of 1). Up to `limit` (10; at most 100).
        Never tells the asker themselves, their line of managers, or who does not want to be asked. Nobody is written
        to: whoever asks decides whom to ask. The `points` of features add up to `score` (no unit).""",
    ),
    Tool(
        "list_audit_findings",
        "List what the audit found",
        list_findings,
        """For knowledge managers: findings of the audit that are kept, the highest score first. Use it for "which
        communities duplicate each other or a unit, are too broad, too narrow, unclear or not alive?". `kind` is
        overlap, unit_clash, breadth, narrowness, clarity or vitality; `status` open, accepted, dismissed, done or gone;
        `community` an id. For overlap and unit_clash `score` is the probability (0 to 1) that both are of one domain,
        for the others their position on that scale (0 to 1). Tells 50 unless `limit` (at most 200) says otherwise;
        `next_cursor` as `cursor` goes on, `facets` count. The audit compares and does not decide: bring its evidence
        before people, and do not call anybody's community superfluous. It is not run by this.""",
        Role.KNOWLEDGE_MANAGER,
    ),
    Tool(
        "check_proposal",
        "Check a community that is proposed",
        check_formation,
        """Checks a community that somebody wants to start, before they do: do enough people identify with it, is it
        easy to know whether one belongs, does it duplicate something, is it too general or too specific? Use it while
        somebody words a proposal, and again after each change. `name`, and `domain` in two to five sentences, are
        needed; `audience`, `topics`, `skills` (ids or names) and `meetings` (one a line, as "every first Tuesday at
        10:00") make it more telling. Each question is answered by a state (met, partly, missing, cannot_tell), evidence
        and what to do next (`action`); `relatives` are what exists already, with the probability (0 to 1) that both are
        of one domain; `identify` is a number of people. Nothing is stored.""",
    ),
)

_BY_NAME = {one.name: one for one in TOOLS}


def server_of(
    principal_of: Callable[[Context], Principal],
    serving: Callable[[Context], Awaitable[Service]],
    metrics: Metrics,
) -> Server[Any]:
    """A server of the protocol that answers `principal_of` a message from the service that is `serving` it."""

    async def list_tools(context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        principal = principal_of(context)
        return types.ListToolsResult(tools=[one.described for one in TOOLS if await one.open_to(principal)])

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        tool = _BY_NAME.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name!r}. There are: {', '.join(_BY_NAME)}.")
        try:
            found = await tool.call(params.arguments or {}, await serving(context), principal_of(context))
        except Exception as error:
            return types.CallToolResult(content=[types.TextContent(text=_said(error, metrics))], is_error=True)
        return types.CallToolResult(
            # For those who read no structured content the same as text, as the protocol asks.
            content=[types.TextContent(text=found.model_dump_json())],
            structured_content=found.model_dump(mode="json"),
        )

    async def list_resources(
        context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        try:
            state = (await serving(context)).state
        except GuildmapError as error:
            raise MCPError(types.INTERNAL_ERROR, _said(error, metrics)) from None
        behind = (params and params.cursor) or ""
        visible = state.snapshot.visible_to(principal_of(context))
        known = zip(state.snapshot.communities, visible, strict=True)
        having = sorted((one.id, one.name) for one, seen in known if seen and one.charter and one.id > behind)
        return types.ListResourcesResult(
            resources=[
                types.Resource(
                    uri=CHARTER.replace("{id}", quote(key, safe="")), name=key, title=f"Charter of {name}",
                    mime_type=charter_text.MEDIA_TYPE,
                )
                for key, name in having[:PAGE]
            ],
            next_cursor=having[PAGE - 1][0] if len(having) > PAGE else None,
        )  # fmt: skip

    async def list_templates(
        context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    uri_template=CHARTER, name="charter", title="Charter of a community",
                    mime_type=charter_text.MEDIA_TYPE,
                    description="What a community agreed on: purpose, vision, objectives, how much time to give. The "
                    "adopted version, or while there is none the newest draft. `id` as search_catalogue tells it.",
                )
            ]
        )  # fmt: skip

    async def read_resource(context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        found = _CHARTER.fullmatch(params.uri)
        where = {"uri": params.uri}
        if found is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no such resource. Charters are {CHARTER}.", where)
        try:
            text = await charter_markdown(unquote(found[1]), await serving(context), principal_of(context))
        except Exception as error:
            code = types.INVALID_PARAMS if isinstance(error, NotFound) else types.INTERNAL_ERROR
            raise MCPError(code, _said(error, metrics), where) from None
        told = types.TextResourceContents(uri=params.uri, mime_type=charter_text.MEDIA_TYPE, text=text)
        return types.ReadResourceResult(contents=[told])

    return Server(
        "guildmap",
        version=version("guildmap"),
        title="guildmap",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


def _said(error: Exception, metrics: Metrics) -> str:
    """What is wrong, as the API words it."""
    if isinstance(error, GuildmapError):
        told = problems.told_of(error, metrics)
        return f"{told.title}: {told.detail}"
    LOG.error("unexpected error", error=type(error).__name__, at=place_of(error))
    return "Something went wrong in guildmap; it was logged."
