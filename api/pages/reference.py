"""What the page of the API's description shows: operations by subject, from an OpenAPI document."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OpenApi = Mapping[str, Any]


@dataclass(frozen=True)
class Given:
    """A parameter. `place`: path, query or header."""

    name: str
    place: str
    required: bool
    said: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for. `body`: an example of it as JSON, or ''."""

    method: str
    path: str
    anchor: str
    said: str
    given: Sequence[Given]
    body: str
    answers: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Reference:
    """`subjects`: operations by tag, both in the order of the document."""

    title: str
    version: str
    said: str
    subjects: Mapping[str, Sequence[Operation]]


def reference_of(document: OpenApi) -> Reference:
    subjects: dict[str, list[Operation]] = {}
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            subjects.setdefault((one.get("tags") or ["others"])[-1], []).append(_operation(document, method, path, one))
    about = document["info"]
    return Reference(about["title"], about["version"], about["description"], subjects)


def _operation(document: OpenApi, method: str, path: str, one: OpenApi) -> Operation:
    given = [
        Given(
            each["name"], each["in"], each.get("required", False),
            each.get("description") or each.get("schema", {}).get("description", ""),
        )
        for each in one.get("parameters", ())
    ]  # fmt: skip
    answers = [(status, answer.get("description", "")) for status, answer in one["responses"].items()]
    return Operation(
        method.upper(), path, one["operationId"], one.get("description", ""), given, _example(document, one), answers
    )


def _example(document: OpenApi, one: OpenApi) -> str:
    content = one.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return ""
    schema = content["schema"]
    schema = next(iter(schema.get("oneOf", ())), schema)
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return json.dumps(next(iter(schema.get("examples", ())), {}), indent=2, ensure_ascii=False)
