"""Assistants on one machine: `guildmap mcp` as a client of the protocol starts it, and /mcp in local mode."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.types import CallToolResult

from api.assistants import CHARTER, TOOLS
from graph.database import Database
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.api.authorization.organisation import HIDDEN, tables
from tests.api.serving import served
from tests.ingest.test_jobs import write

T = TypeVar("T")

# The command, as it is installed beside the interpreter.
GUILDMAP = str(Path(sys.executable).with_name("guildmap"))


@pytest.fixture
def loaded(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", tables()), "hr"), rejects_folder=tmp_path / "rejects")
    return database


def environment(database: Database, tmp_path: Path) -> dict[str, str]:
    """Settings of a process of its own: the embedded database by its folder, as on a laptop; another one by address."""
    if database.lease:
        return {"GUILDMAP_DATA_DIR": str(database.settings.data_dir)}
    password = database.settings.neo4j_password.get_secret_value()
    return {"GUILDMAP_DATA_DIR": str(tmp_path / "data"), "GUILDMAP_NEO4J_URI": database.uri,
            "GUILDMAP_NEO4J_PASSWORD": password}  # fmt: skip


def started(arguments: list[str], settings: dict[str, str], work: Callable[[Client], Awaitable[T]]) -> T:
    """What `work` gets of an assistant's server that a client has started."""

    async def run() -> T:
        server = StdioServerParameters(command=GUILDMAP, args=arguments, env=settings)
        async with Client(server, read_timeout_seconds=120) as client:
            return await work(client)

    return asyncio.run(run())


def answered(found: CallToolResult) -> dict:
    assert not found.is_error, found.content
    assert found.structured_content is not None
    return found.structured_content


def test_a_command_of_its_own_answers_what_the_other_commands_do(loaded: Database, tmp_path: Path, cli) -> None:
    settings = environment(loaded, tmp_path)
    searched = {"text": "splice ropes for cranes", "limit": 5}

    async def work(client: Client) -> None:
        assert {one.name for one in (await client.list_tools()).tools} == {one.name for one in TOOLS}
        found = answered(await client.call_tool("search_catalogue", searched))
        told = cli("search", searched["text"], "--limit", "5", "--json")
        assert told.exit_code == 0, told.output
        wanted = json.loads(told.stdout)
        assert [one["id"] for one in found["results"]] == [one["id"] for one in wanted["results"]]
        assert found["meta"]["notes"] == [], "by meaning too, as the model is there"
        assert HIDDEN in str(answered(await client.call_tool("search_catalogue", {"text": "zirconium"})))
        # For the person of --as, who is in both communities; whoever sits here may ask for others.
        own = answered(await client.call_tool("recommend_communities", {"limit": 5}))
        assert own["meta"]["set_aside"]["already_member"] >= 2
        other = answered(await client.call_tool("recommend_communities", {"person_id": "other"}))
        assert "weaving" in {one["community_id"] for one in other["results"]}
        helped = answered(await client.call_tool("recommend_helpers", {"text": "How do ropes age?"}))
        assert "member" not in {one["person_id"] for one in helped["results"]}
        assert (await client.call_tool("list_audit_findings", {})).structured_content is not None
        checked = await client.call_tool("check_proposal", {"name": "Rope Ageing", "domain": "How ropes age."})
        assert "weaving" in {one["id"] for one in answered(checked)["relatives"]}
        (charter,) = (await client.read_resource(CHARTER.replace("{id}", HIDDEN))).contents
        assert "Keep what we know together." in str(charter)
        with pytest.raises(MCPError, match="There is no community with the id 'nil'"):
            await client.read_resource(CHARTER.replace("{id}", "nil"))

    started(["mcp", "--as", "member"], settings, work)


def test_it_ends_when_its_client_hangs_up_and_says_nothing_but_answers(loaded: Database, tmp_path: Path) -> None:
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client}
    done = subprocess.run(
        [GUILDMAP, "mcp"], input=json.dumps(asked) + "\n", capture_output=True, text=True, timeout=120, check=False,
        env=environment(loaded, tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["result"]["serverInfo"]["name"] == "guildmap"
    assert CHARTER in json.loads(line)["result"]["instructions"]


def test_in_local_mode_an_assistant_of_this_machine_works_for_the_acting_person(loaded: Database) -> None:
    def call(client: httpx.Client, tool: str, **headers: str) -> httpx.Response:
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {}}}
        accept = {"Accept": "application/json, text/event-stream"}
        return client.post("/mcp", json=message, headers={**accept, **headers})

    with served(loaded, acting="member") as client:
        for headers, already in (({}, True), ({"Guildmap-Person": "other"}, False)):
            found = call(client, "recommend_communities", **headers).json()["result"]["structuredContent"]
            assert ("already_member" in found["meta"]["set_aside"]) == already
        assert "structuredContent" in call(client, "list_audit_findings").json()["result"]
        assert call(client, "search_catalogue", Origin="https://evil.example").status_code == 421
    with served(loaded) as client:
        told = call(client, "recommend_communities").json()["result"]["content"][0]["text"]
        assert told == "Not found: Say for whom: give person_id, or a profile."
