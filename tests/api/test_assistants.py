"""Assistants over HTTP: a real client of the protocol, with the keys of people who see different things."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextResourceContents

from api import assistants
from api.assistants import CHARTER, TOOLS
from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from matcher import helpers
from tests.api.authorization.organisation import HIDDEN, INSIDE, OPEN, PEOPLE, RESTRICTED, Organisation, inhabited
from tests.conftest import emptied

T = TypeVar("T")

# The least role that each tool needs; a new one is to be classified here.
ROLES = {
    "search_catalogue": Role.MEMBER,
    "recommend_communities": Role.MEMBER,
    "recommend_helpers": Role.MEMBER,
    "list_audit_findings": Role.KNOWLEDGE_MANAGER,
    "check_proposal": Role.MEMBER,
}

PROPOSAL = {"name": "Rope Ageing", "domain": "How ropes for sails and cranes age, and when to splice or replace them."}

# Each tool with arguments, and the operation that answers the same.
SAME: dict[str, tuple[dict[str, Any], str, str, Any]] = {
    "search_catalogue": (
        {"text": "ropes", "kind": ["community"], "limit": 3},
        "GET", "/v1/search?text=ropes&kind=community&limit=3", None,
    ),
    "recommend_communities": (
        {"profile": {"text": "I weave ropes", "skills": ["Splicing"]}, "limit": 2},
        "POST", "/v1/recommendations/communities",
        {"profile": {"text": "I weave ropes", "skills": ["Splicing"]}, "limit": 2},
    ),
    "recommend_helpers": (
        {"text": "How do ropes age?"}, "POST", "/v1/recommendations/helpers", {"text": "How do ropes age?"},
    ),
    "list_audit_findings": ({"kind": ["overlap"], "limit": 5}, "GET", "/v1/audit/findings?kind=overlap&limit=5", None),
    "check_proposal": (PROPOSAL, "POST", "/v1/formation", PROPOSAL),
}  # fmt: skip


@pytest.fixture(scope="module")
def there(_one_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organisation]:
    database = emptied(_one_database)
    free = {"auth": "keys", "person_rate": 0, "address_rate": 0, "request_deadline": 60}
    with inhabited(database, tmp_path_factory.mktemp("organisation"), **free) as found:
        yield found


def connected(there: Organisation, key: str | None, work: Callable[[Client], Awaitable[T]], mode: str = "auto") -> T:
    """What `work` gets of a client of the protocol that asks with this key. Raises MCPError where it is told one."""

    async def run() -> T | MCPError:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"{there.client.base_url}/mcp", http_client=http), mode=mode) as client,
        ):
            try:
                return await work(client)
            except MCPError as error:
                return error  # raised in here, it would come out within groups of others

    found = asyncio.run(run())
    if isinstance(found, MCPError):
        raise found
    return found


def call(there: Organisation, who: str, tool: str, arguments: dict[str, Any], mode: str = "auto") -> CallToolResult:
    return connected(there, there.keys[who], lambda client: client.call_tool(tool, arguments), mode)


def answered(there: Organisation, who: str, tool: str, arguments: dict[str, Any], mode: str = "auto") -> dict[str, Any]:
    found = call(there, who, tool, arguments, mode)
    assert not found.is_error, found.content
    assert found.structured_content is not None
    return found.structured_content


def refused(there: Organisation, who: str, tool: str, arguments: dict[str, Any]) -> str:
    found = call(there, who, tool, arguments)
    assert found.is_error
    assert found.structured_content is None
    return found.content[0].text


def posted(there: Organisation, key: str | None, **given: Any):
    """The same without the client, which tells less of what the service answered."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream", **({"Authorization": f"Bearer {key}"} if key else {})}
    return there.client.post("/mcp", **{"json": message, "headers": headers, **given})


def test_every_tool_is_classified_and_shown_to_those_who_may_use_it(there: Organisation) -> None:
    assert {one.name for one in TOOLS} == ROLES.keys()
    assert set(ROLES.values()) == {Role.MEMBER, Role.KNOWLEDGE_MANAGER}
    ranks = [Role.MEMBER, Role.KNOWLEDGE_MANAGER, Role.ADMIN]
    for who, role in PEOPLE.items():
        if who == "outsider":
            continue
        shown = connected(there, there.keys[who], lambda client: client.list_tools()).tools
        may = {name for name, least in ROLES.items() if ranks.index(role) >= ranks.index(least)}
        assert {one.name for one in shown} == may, who
        for name, (arguments, *_) in SAME.items():
            if name in may:
                answered(there, who, name, arguments)
            else:
                told = refused(there, who, name, arguments)
                assert told == "Not allowed: This needs the role knowledge manager."


def test_a_tool_never_needs_less_than_its_operation() -> None:
    for tool in TOOLS:
        plain = assistants.Tool(tool.name, tool.title, tool.operation, tool.description)
        assert plain.requires.required_role == Role.MEMBER
        assert not tool.requires.outsiders


@pytest.mark.parametrize("tool", ROLES)
def test_tools_are_described_and_typed(tool: str) -> None:
    described = next(one for one in TOOLS if one.name == tool).described
    assert described.description
    assert len(described.description) > 300, "an assistant has to know when to use it"
    assert described.annotations is not None
    assert described.annotations.read_only_hint
    assert described.input_schema["additionalProperties"] is False
    assert described.input_schema["properties"]
    assert described.output_schema is not None
    assert described.output_schema["properties"]["results"]["type"] == "array"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("tool", ROLES)
def test_a_tool_answers_what_its_operation_does(there: Organisation, tool: str, mode: str) -> None:
    arguments, method, path, body = SAME[tool]
    found = call(there, "manager", tool, arguments, mode)
    told = there.done("manager", method, path, body)
    assert told["results"]
    assert found.structured_content is not None
    assert json.loads(found.content[0].text) == found.structured_content
    for one in (told, found.structured_content):
        one.get("meta", {}).pop("ms", None)
    assert found.structured_content == told


def test_who_cannot_prove_who_they_are_gets_nothing(there: Organisation) -> None:
    wrong = there.keys["member"][:-4] + "0000"
    pushing = there.database.write(
        lambda tx: create_key(tx, LOCAL_ADMIN, Role.MEMBER, None, "provider", provisions=True)
    )  # fmt: skip
    for key, status, told in (
        (None, 401, "Give an API key"),
        (wrong, 401, "This API key is unknown"),
        (pushing, 403, "This key is for provisioning"),
        (there.keys["outsider"], 403, "This is for people of the organisation."),
    ):
        answer = posted(there, key)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert told in answer.json()["detail"]
        assert answer.headers.get("www-authenticate", "").startswith("Bearer") == (status == 401)
        with pytest.raises((MCPError, ExceptionGroup)):
            connected(there, key, lambda client: client.list_tools())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_what_one_may_not_see_is_not_found(there: Organisation, mode: str) -> None:
    searched = {"text": "vaults and how to build them", "limit": 50}
    helped = {"text": "How do we build vaults?", "limit": 50}
    proposed = {"name": "Vaults", "domain": "Building vaults with locks, how to build and keep them."}
    arguments = {
        "search_catalogue": searched, "recommend_communities": {}, "recommend_helpers": helped,
        "check_proposal": proposed,
    }  # fmt: skip
    seen: dict[str, set[str]] = {}
    for who in ("other", "member", "manager"):
        text = "".join(json.dumps(answered(there, who, tool, given, mode)) for tool, given in arguments.items())
        seen[who] = {word for word in RESTRICTED if word in text.casefold()}
    assert seen["other"] == set()
    assert {"zirconium", "qzxv"} <= seen["member"]
    assert {"zirconium", "qzxv"} <= seen["manager"]
    unknown = refused(there, "other", "recommend_helpers", {**helped, "community_id": HIDDEN})
    assert unknown == refused(there, "other", "recommend_helpers", {**helped, "community_id": "nil"}).replace(
        "nil", HIDDEN
    )


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_charter_is_read_by_who_may_see_its_community(there: Organisation, mode: str) -> None:
    def read(who: str, community: str) -> str:
        address = CHARTER.replace("{id}", community)
        (found,) = connected(there, there.keys[who], lambda client: client.read_resource(address), mode).contents
        assert isinstance(found, TextResourceContents)
        assert (found.uri, found.mime_type) == (address, "text/markdown")
        return found.text

    for who, community in (("other", OPEN), *((who, HIDDEN) for who in (*INSIDE, "manager"))):
        path = f"/v1/communities/{community}/charter"
        assert read(who, community) == there.ask(who, "GET", path, Accept="text/markdown").text
    for community in (HIDDEN, "nil", "..%2F..%2Fpeople", "%00"):
        with pytest.raises(MCPError, match="Not found: There is no community"):
            read("other", community)
    with pytest.raises(MCPError, match="Not found: 'splicing' has no charter yet"):
        read("other", "splicing")
    for address in ("guildmap://communities/weaving", "guildmap://people/member/charter", "file:///etc/passwd"):
        with pytest.raises(MCPError, match="There is no such resource"):
            connected(there, there.keys["admin"], lambda client, one=address: client.read_resource(one), mode)


def test_charters_are_listed_page_by_page(there: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistants, "PAGE", 1)

    async def all_of(client: Client) -> list[str]:
        (template,) = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == CHARTER
        found: list[str] = []
        cursor = None
        while True:
            page = await client.list_resources(cursor=cursor)
            assert len(page.resources) <= 1
            found += [one.uri for one in page.resources]
            for one in page.resources:
                assert (await client.read_resource(one.uri)).contents
            if (cursor := page.next_cursor) is None:
                return found

    def of(*ids: str) -> list[str]:
        return [CHARTER.replace("{id}", one) for one in ids]

    assert connected(there, there.keys["other"], all_of) == of("weaving", "weaving-plan")
    assert connected(there, there.keys["member"], all_of) == of(
        "vault-plan-qzxv", "vault-qzxv", "weaving", "weaving-plan"
    )


def test_errors_are_told_in_the_words_of_the_api(there: Organisation) -> None:
    for tool, arguments, told in (
        ("search_catalogue", {"limit": 0}, "Invalid input: The request cannot be used: limit: Input should be greater"),
        ("search_catalogue", {"words": "ropes"}, "words: Extra inputs are not permitted"),
        ("search_catalogue", {"text": "ropes", "skill": "weaving mill"}, None),
        ("recommend_communities", {"person_id": "member", "profile": {}}, "give person_id or profile, not both"),
        ("recommend_communities", {"person_id": "member"}, "Not allowed: Only the person themselves, or an admin"),
        ("recommend_helpers", {"text": " "}, "the question is empty"),
        ("recommend_helpers", {}, "text: Field required"),
        ("check_proposal", {"name": "Ropes"}, "domain: Field required"),
    ):
        found = call(there, "other", tool, arguments)
        assert found.is_error == (told is not None), (tool, arguments)
        assert told is None or told in found.content[0].text, found.content
    assert "There is no person" in refused(there, "admin", "recommend_communities", {"person_id": "nobody"})
    with pytest.raises(MCPError, match=r"There is no tool 'erase_everybody'\. There are: search_catalogue, "):
        call(there, "admin", "erase_everybody", {})


def test_what_is_no_text_is_refused(there: Organisation) -> None:
    """Half of a character outside the basic plane, which JSON can say and UTF-8 cannot."""
    params = {"name": "search_catalogue", "arguments": {"text": "\ud83d"}}
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    headers = {"Authorization": f"Bearer {there.keys['member']}", "Content-Type": "application/json",
               "Accept": "application/json, text/event-stream"}  # fmt: skip
    answer = there.client.post("/mcp", content=message.encode(), headers=headers)
    assert answer.status_code < 500, answer.text
    assert "result" not in answer.json() or answer.json()["result"]["isError"]


def test_a_fault_of_ours_is_told_and_logged_without_anybodys_words(
    there: Organisation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("How do ropes age? asked Member")

    monkeypatch.setattr(helpers, "help_for", fails)
    with caplog.at_level(logging.INFO):
        for mode in ("auto", "legacy"):
            found = call(there, "member", "recommend_helpers", {"text": "How do ropes age?"}, mode)
            assert found.is_error
            assert found.content[0].text == "Something went wrong in guildmap; it was logged."
    assert "ropes age" not in caplog.text


def test_limits_are_those_of_the_api(there: Organisation) -> None:
    key = there.keys["member"]
    large = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x" * 1_100_000}}
    assert posted(there, key, json=large).status_code == 413
    assert there.client.get("/mcp", headers={"Authorization": f"Bearer {key}"}).status_code == 405
    rates = there.client.app.state.service.rates
    rates.a_minute = 3
    try:
        statuses = [posted(there, key).status_code for _ in range(5)]
        assert 429 in statuses
        assert posted(there, there.keys["other"]).status_code != 429
    finally:
        rates.a_minute = 0


def test_a_key_that_reads_only_may_use_every_tool(there: Organisation) -> None:
    for tool, (arguments, *_) in SAME.items():
        answered(there, "reader", tool, arguments)
