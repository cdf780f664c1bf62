"""The typed client of the examples, held to the description of the API; and the walk-through, run as it stands."""

import inspect
import runpy
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, NotRequired, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

import httpx
import pytest

from api.app import create_app
from graph.database import Database
from graph.models import LOCAL_ADMIN, Role
from graph.writes.keys import create_key
from ingest.demo.organisation import DemoSource
from ingest.jobs import ingest
from tests.api.serving import served, settings_for
from tests.embedders import HashingEmbedder

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import client as module

    yield module
    sys.modules.pop("client")


class Asked(Exception):
    """What a method of the client was about to send."""


def methods_of(client: ModuleType) -> dict[str, Any]:
    return {name: one for name, one in vars(client.Client).items() if callable(one) and not name.startswith("_")}


def sent_by(client: ModuleType, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the method sends where each of its parameters is a value that stands for it: as (sent, values)."""

    class Recorder(client.Client):
        def _send(self, method: str, path: str, **given: Any) -> httpx.Response:
            raise Asked({"method": method, "path": path, **given})

    method = getattr(Recorder("http://nowhere.example"), name)
    values = {one: f"<{one}>" for one in inspect.signature(method).parameters}
    try:
        found = method(**values)
        next(found)  # one that tells page by page begins when it is asked for the first
    except Asked as asked:
        return asked.args[0], values
    raise AssertionError(f"{name} asks for nothing")


class Described:
    """The API's own description, and whether a type of the client fits it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def misfits(self, given: Any, schema: dict[str, Any], where: str, *, sent: bool) -> list[str]:
        """What of a type is not so in the schema. `sent`: of something that the client says, else of an answer."""
        if get_origin(given) is NotRequired:
            given = get_args(given)[0]
        schema = self.resolved(schema)
        choices = [self.resolved(one) for one in schema.get("anyOf", [schema])]
        nullable = any(one.get("type") == "null" for one in choices)
        choices = [one for one in choices if one.get("type") != "null"]
        if get_origin(given) in (Union, UnionType):
            kinds = [one for one in get_args(given) if one is not NoneType]
            # What is None is not sent in a query, and says in a body that there is none.
            if not nullable and len(kinds) < len(get_args(given)):
                return [f"{where}: is never null"]
            (given,) = kinds
        elif nullable and not sent:
            return [f"{where}: may be null"]
        (schema,) = choices
        return self._misfits(given, schema, where, sent)

    def _misfits(self, given: Any, schema: dict[str, Any], where: str, sent: bool) -> list[str]:
        if is_typeddict(given):
            return self._of_fields(given, schema, where, sent)
        if get_origin(given) is list:
            return self.misfits(get_args(given)[0], schema.get("items", {}), f"{where}[]", sent=sent)
        if get_origin(given) is dict:
            inner = schema.get("additionalProperties")
            return self.misfits(get_args(given)[1], inner, f"{where}{{}}", sent=sent) if inner else [f"{where}: no map"]
        if get_origin(given) is Literal:
            known, said = set(schema.get("enum", ())), set(get_args(given))
            fits = said <= known if sent else said == known
            return [] if fits else [f"{where}: {sorted(said)} against {sorted(known)}"]
        return [] if schema.get("type") == SCALARS[given] else [f"{where}: {given.__name__}, not {schema.get('type')}"]

    def _of_fields(self, given: Any, schema: dict[str, Any], where: str, sent: bool) -> list[str]:
        found: list[str] = []
        properties, required = schema.get("properties", {}), set(schema.get("required", ()))
        fields = get_type_hints(given, include_extras=True)
        for name, annotation in fields.items():
            if name not in properties:
                found.append(f"{where}.{name}: there is no such field")
                continue
            if not sent and name in given.__required_keys__ and name not in required:
                found.append(f"{where}.{name}: may be left out")
            found += self.misfits(annotation, properties[name], f"{where}.{name}", sent=sent)
        if sent:
            found += [f"{where}.{name}: has to be sent" for name in required - given.__required_keys__]
        return found


@pytest.fixture(scope="module")
def described(_one_database: Database) -> Described:
    return Described(create_app(settings_for(_one_database), _one_database, HashingEmbedder).openapi())


METHODS = ("me", "search", "communities_for", "helpers_for", "check", "person", "change_person", "community", "charter",
           "join", "leave", "findings", "events")  # fmt: skip


def test_all_methods_are_looked_at(client: ModuleType) -> None:
    assert set(methods_of(client)) == set(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_asks_as_the_api_is_described(client: ModuleType, described: Described, name: str) -> None:
    sent, values = sent_by(client, name)
    hints = get_type_hints(methods_of(client)[name])
    operation = described.document["paths"][sent["path"]][sent["method"].lower()]
    parameters = {(one["in"], one["name"]): one for one in operation["parameters"]}
    by_value = {value: one for one, value in values.items()}
    wrong: list[str] = []
    used: set[str] = set()

    def check(value: Any, schema: dict[str, Any], where: str) -> None:
        """A value that stands for a parameter of the method; any other is the client's own."""
        if value in by_value:
            used.add(by_value[value])
            kind = hints[by_value[value]]
            if where.startswith("query") and type(None) in get_args(kind):
                kind = next(one for one in get_args(kind) if one is not NoneType)
            wrong.extend(described.misfits(kind, schema, where, sent=True))

    assert set(sent.get("at", {})) == {place for kind, place in parameters if kind == "path"}
    for kind, given in (("path", sent.get("at", {})), ("query", sent.get("query", {}))):
        for parameter, value in given.items():
            assert (kind, parameter) in parameters, f"{name}: there is no {kind} parameter {parameter}"
            check(value, parameters[kind, parameter]["schema"], f"{kind} {parameter}")
    if "version" in sent:
        assert ("header", "if-match") in parameters
        used.add(by_value[sent["version"]])
    if sent["method"] not in ("GET",) and "recommendations" not in sent["path"] and sent["path"] != "/v1/formation":
        assert ("header", "idempotency-key") in parameters
    body = sent.get("body")
    assert (body is not None) == ("requestBody" in operation)
    if body is not None:
        schema = described.resolved(operation["requestBody"]["content"]["application/json"]["schema"])
        if isinstance(body, str):
            check(body, schema, "body")
        else:
            assert set(schema.get("required", ())) <= set(body)
            for field, value in body.items():
                assert field in schema["properties"], f"{name}: there is no field {field}"
                check(value, schema["properties"][field], f"body.{field}")
    assert used == set(values), "every parameter goes somewhere"
    assert wrong == []


@pytest.mark.parametrize("name", METHODS)
def test_what_a_method_returns_is_what_the_api_answers(client: ModuleType, described: Described, name: str) -> None:
    sent, _ = sent_by(client, name)
    operation = described.document["paths"][sent["path"]][sent["method"].lower()]
    (answers,) = {
        str(answer.get("content")): answer.get("content")
        for status, answer in operation["responses"].items() if status.startswith("2")
    }.values()  # fmt: skip
    returned = get_type_hints(methods_of(client)[name])["return"]
    if returned is NoneType:
        assert answers is None
        return
    assert sent.get("accept", "application/json") in answers
    schema = answers[sent.get("accept", "application/json")]["schema"]
    if get_origin(returned) is tuple:
        returned, etag = get_args(returned)
        assert etag is str
    if get_origin(returned) is Iterator:
        (returned,) = get_args(returned)
        schema = described.resolved(schema)
        assert {"next_cursor", "revision"} & set(schema["required"])
        schema = schema["properties"]["results"]["items"]
    assert described.misfits(returned, schema, name, sent=False) == []


def test_a_misfit_is_noticed(client: ModuleType, described: Described) -> None:
    """Else nothing would be shown by there being none."""
    schemas = described.document["components"]["schemas"]
    for wrong, schema, told in (
        ({"id": int}, "CommunityOut", "id: int, not string"),
        ({"nick": str}, "CommunityOut", "nick: there is no such field"),
        ({"kind": str}, "CommunityOut", "kind: may be left out"),
        ({"next_cursor": str}, "FindingList", "next_cursor: may be null"),
        ({"total": int | None}, "FindingList", "total: is never null"),
        ({"status": Literal["open"]}, "FindingOut", "status: ['open'] against"),
        ({"about": list[client.Me]}, "FindingOut", "about[].person_id: there is no such field"),
    ):
        given = TypedDict("given", wrong)
        assert any(told in one for one in described.misfits(given, schemas[schema], "x", sent=False)), told


def test_the_walk_through_runs(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every cell, on the demo organisation, with a key of the person whom it is about."""
    ingest(database, DemoSource(date.today()), rejects_folder=tmp_path / "rejects")
    key = database.write(lambda tx: create_key(tx, LOCAL_ADMIN, Role.ADMIN, "ines-carvalho", None))
    monkeypatch.syspath_prepend(str(EXAMPLES))
    # The first audit of a database that has just started takes long on a slow machine.
    with served(database, auth="keys", request_deadline=60) as service:
        service.post("/v1/audit", headers={"Authorization": f"Bearer {key}"}).raise_for_status()
        monkeypatch.setenv("GUILDMAP_ADDRESS", str(service.base_url))
        monkeypatch.setenv("GUILDMAP_KEY", key)
        try:
            told = runpy.run_path(str(EXAMPLES / "walk_through.py"))
        finally:
            sys.modules.pop("client", None)
    printed = capsys.readouterr().out
    assert told["me"]["person_id"] == "ines-carvalho"
    assert len(told["found"]["results"]) == 3
    assert "412 Changed meanwhile" in printed
    assert told["finding"]["score"] >= 0.7
    assert told["check"]["relatives"]
    assert printed.rstrip().splitlines()[-1].split()[1].startswith("leave")
