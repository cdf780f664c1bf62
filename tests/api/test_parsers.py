"""What comes with a request, or from the environment, is read or refused by what is meant for it, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scim2_models import PatchOp, SCIMException, ScimFilter, SearchRequest
from scim2_server.service import ScimService

from api import settings as settings_module
from api.routes.audit import _place as place_of_finding
from api.routes.requests import place as place_of_request
from api.scim.resources import PROVIDER
from api.scim.storage import _said
from api.settings import Settings
from graph.errors import InvalidInput
from ingest.scim import ENTERPRISE

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
KEYS = st.sampled_from(
    ["schemas", "userName", "displayName", "name", "givenName", "emails", "value", "type", "primary", "active",
     "members", "$ref", "meta", "id", "externalId", ENTERPRISE, "manager", "department", "Operations", "op", "path"]
)  # fmt: skip
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)
SCHEMAS = {
    "User": "urn:ietf:params:scim:schemas:core:2.0:User",
    "Group": "urn:ietf:params:scim:schemas:core:2.0:Group",
}
SERVICE = ScimService(PROVIDER)
TOKENS = [
    "userName",
    "emails",
    "[",
    "]",
    "(",
    ")",
    "eq",
    "co",
    "pr",
    "and",
    "or",
    "not",
    '"a"',
    "1",
    "true",
    "x.y",
    ":",
]
TYPES = {one.name: one for one in PROVIDER.resource_types}


def _refused(error: SCIMException) -> None:
    assert error.status in (400, 501)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["User", "Group"]), st.dictionaries(KEYS, JSON, max_size=6), st.booleans())
@example("User", {"userName": "x", "emails": [{"value": "\ud800"}]}, True)
def test_a_user_or_group_that_is_pushed(kind: str, said: dict[str, Any], known: bool) -> None:
    body = json.dumps({**said, **({"schemas": [SCHEMAS[kind]], "userName": "u", "displayName": "g"} if known else {})})
    with PROVIDER:
        try:
            resource = SERVICE.read_creation(TYPES[kind], body.encode(), "application/scim+json")
        except SCIMException as error:
            _refused(error)
            return
        kept, members = _said("Group" if kind == "Group" else "User", resource)
    assert all(isinstance(one, str) for one in members)
    json.dumps(kept)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["User", "Group"]), st.lists(st.dictionaries(KEYS, JSON, max_size=4), max_size=3))
@example("User", [{"op": "replace", "path": "emails[type eq", "value": 1}])
@example("User", [{"op": "remove", "path": "urn:x:y"}])
def test_a_change_that_is_pushed(kind: str, operations: list[Any]) -> None:
    with PROVIDER:
        model: Any = PROVIDER.model_for(kind)
        resource = model.model_validate({"schemas": [SCHEMAS[kind]], "userName": "u", "displayName": "g"})
        body = json.dumps({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
        try:
            change: PatchOp[Any] = SERVICE.read_patch(TYPES[kind], body.encode(), None)
            change.patch(resource)
        except SCIMException as error:
            _refused(error)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(TOKENS), max_size=10).map(" ".join))
@example("(" * 5000)
@example("not " * 5000 + "userName pr")
def test_a_filter_that_is_asked_for(text: str) -> None:
    query = {"filter": text}
    with PROVIDER:
        try:
            found, _ = SERVICE.read_search_query([TYPES["User"]], query)
        except SCIMException as error:
            _refused(error)
            return
        assert isinstance(found, SearchRequest)
        if isinstance(found.filter, ScimFilter):
            model: Any = PROVIDER.model_for("User")
            found.filter.match(model.model_validate({"schemas": [SCHEMAS["User"]], "userName": "u"}))


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")) | st.none())
@example("W10")
@example("WzEsIDJd")
@example("bnVsbA==")
def test_a_place_in_a_list(cursor: str | None) -> None:
    for place in (place_of_request, place_of_finding):
        try:
            place(cursor)
        except InvalidInput:
            continue


NAMES = sorted(f"GUILDMAP_{name.upper()}" for name in Settings.model_fields)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(NAMES), st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20))
)
@example({"GUILDMAP_SOURCE_ORDER": "[" * 2000})
@example({"GUILDMAP_PORT": "9" * 5000})
def test_settings_of_the_environment(monkeypatch: pytest.MonkeyPatch, given_names: dict[str, str]) -> None:
    with monkeypatch.context() as patched:
        for name, value in given_names.items():
            patched.setenv(name, value)
        try:
            found = settings_module.load()
        except InvalidInput:
            return
        assert settings_module.in_force(found)
