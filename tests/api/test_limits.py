"""What is too long is refused, and the refusal says how long it may be: every field of every body, lists, addresses."""

from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

from graph.database import Database
from ingest.records import LONGEST_FIELD, MOST_LISTED
from tests.api.serving import served
from tests.conftest import emptied


@pytest.fixture(scope="module")
def client(_one_database: Database) -> Iterator[httpx.Client]:
    with served(emptied(_one_database), body_limit=10_000_000, request_deadline=60) as client:
        yield client


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """(method, path, schema, example) of each body that is an object of JSON."""

    def resolved(schema: dict[str, Any]) -> dict[str, Any]:
        return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is not None:
                for one in content["schema"].get("oneOf", [content["schema"]]):
                    schema = resolved(one)
                    yield method.upper(), path.replace("{", "").replace("}", ""), schema, schema["examples"][0]


def kinds(schema: dict[str, Any]) -> set[str]:
    """The JSON types that a field may have; a list of objects is none of them, as what is in it is refused first."""
    found = {schema["type"]} if "type" in schema and "$ref" not in schema.get("items", ()) else set()
    return found.union(*(kinds(one) for one in schema.get("anyOf", ())))


def chosen(field: dict[str, Any]) -> bool:
    """Whether a field is one of a few words, which the refusal names."""
    return any("enum" in one or "const" in one for one in (field, field.get("items", {}), *field.get("anyOf", ())))


def test_every_field_says_how_long_it_may_be(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    tried = 0
    for method, path, schema, example in bodies(document):
        for name, field in schema["properties"].items():
            for kind, value in (("string", "x" * (LONGEST_FIELD + 1)), ("array", ["x"] * (MOST_LISTED + 1))):
                if kind not in kinds(field) or chosen(field):
                    continue
                answer = client.request(method, path, json={**example, name: value}, headers={"If-Match": "*"})
                where = f"{method} {path} {name}: {answer.status_code} {answer.text[:200]}"
                assert answer.status_code == 422, where
                told = [one for one in answer.json().get("errors", ()) if f".{name}" in f".{one['field']}"]
                assert told, where
                assert any(character.isdigit() for character in told[0]["reason"]), where
                assert len(answer.content) < 5_000, "and the value is not sent back"
                tried += 1
    assert tried > 100


@pytest.mark.parametrize("path", ["/v1/communities", "/v1/goals"])
def test_a_name_is_no_text(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json={"name": "x" * 301, "domain": "x"} if "com" in path else {"name": "x" * 301})
    assert answer.status_code == 422
    assert "300" in answer.json()["errors"][0]["reason"]


def test_an_address_that_is_too_long_is_refused(client: httpx.Client) -> None:
    # By hand: httpx makes none.
    plain = HTTPConnection(client.base_url.host, client.base_url.port)
    plain.request("GET", f"/v1/search?text={'x' * 63_000}")
    answer = plain.getresponse()
    assert (answer.status, b"62,000" in answer.read()) == (414, True)
    plain.close()
    assert client.get("/v1/search", params={"text": "x" * 20_001}).status_code == 422


def test_a_body_without_end_of_brackets_is_bad_input(client: httpx.Client) -> None:
    for path in ("/v1/communities", "/v1/proposals"):
        answer = client.post(path, content=b"[" * 100_000, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)
    answer = client.put("/v1/communities/none/charter", content=b'{"charter":' * 50_000,
                        headers={"Content-Type": "application/json"})  # fmt: skip
    assert answer.status_code in (400, 422)
