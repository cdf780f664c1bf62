"""The storage that scim2-server asks for: what was pushed, read and written within one transaction."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, cast

from scim2_models import (
    InvalidValueException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    SearchRequest,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator, ValuePath
from scim2_server.storage import ScimStorage, SearchPage

from api.scim.resources import MOST_LISTED, PROVIDER
from graph.errors import Conflict, InvalidInput, NotFound, Stale
from graph.reads import provisioned as reads
from graph.reads.provisioned import Kind, Provisioned, Wanted
from ingest.scim import ENTERPRISE, Directory, name_key

# Resources that a search looks at a time where no index leads to what it asks for.
LOOKED_AT = 1000

# An e-mail address that the index of texts tells from others: it has words on both sides, and no sign that the stored
# text writes otherwise, that ends a phrase, or whose upper and lower case are a matter of opinion.
_SIGN = r"[!#-\[\]-~]{0,100}"
ADDRESS = re.compile(rf"{_SIGN}[A-Za-z0-9]{_SIGN}@{_SIGN}[A-Za-z0-9]{_SIGN}")

ENDPOINTS: dict[Kind, str] = {"User": "Users", "Group": "Groups"}


class GraphStorage(ScimStorage):
    """Users and groups of the graph as resources of SCIM. No cursors: pages go by index."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        return _resource(self._known(_kind(resource_type), resource_id))

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        kinds: list[Kind] = [_kind(one) for one in resource_types]
        start = search_request.start_index_0 or 0
        count = MOST_LISTED if search_request.count is None else search_request.count
        wanted = search_request.filter
        if wanted is None:
            total = self.directory.transaction.read(reads.number(kinds))
            return SearchPage(total, [_resource(one) for one in self._page(kinds, start, count)])
        found = [one for one in self._candidates(kinds, wanted) if _filter_for(wanted, one).match(one)]
        return SearchPage(len(found), found[start : start + count])

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        kind = _kind(resource_type)
        said, members = _said(kind, resource)
        try:
            return _resource(self.directory.create(kind, said, members))
        except Conflict as error:
            raise UniquenessException(detail=str(error)) from None
        except InvalidInput as error:
            raise InvalidValueException(detail=str(error)) from None

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        kind, key = _kind(resource_type), cast("str", resource.id)
        said, members = _said(kind, resource)
        try:
            return _resource(self.directory.update(kind, key, said, members, version=_number(expected_version)))
        except NotFound as error:
            raise NotFoundException(detail=str(error)) from None
        except Stale as error:
            raise PreconditionFailedException(detail=str(error)) from None
        except Conflict as error:
            raise UniquenessException(detail=str(error)) from None
        except InvalidInput as error:
            raise InvalidValueException(detail=str(error)) from None

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        try:
            self.directory.delete(_kind(resource_type), resource_id, version=_number(expected_version))
        except NotFound as error:
            raise NotFoundException(detail=str(error)) from None
        except Stale as error:
            raise PreconditionFailedException(detail=str(error)) from None

    def _known(self, kind: Kind, key: str) -> Provisioned:
        try:
            return self.directory.get(kind, key)
        except NotFound as error:
            raise NotFoundException(detail=str(error)) from None

    def _page(self, kinds: Sequence[Kind], skip: int, limit: int) -> list[Provisioned]:
        listed = self.directory.transaction.read(reads.ids(kinds, skip, limit))
        found: dict[str, Provisioned] = {}
        for kind in kinds:
            ids = [key for key, its in listed if its == kind]
            if ids:
                found.update({one.id: one for one in self.directory.transaction.read(reads.provisioned(kind, ids))})
        return [found[key] for key, _ in listed]

    def _candidates(self, kinds: Sequence[Kind], filtered: ScimFilter[Any]) -> list[Resource[Any]]:
        """Those among which the filter finds all that it finds: few where it rests on what an index holds, else all."""
        wanted = _wanted(filtered.ast, kinds)
        if wanted is not None:
            return [_resource(one) for one in self.directory.transaction.read(reads.found(kinds, wanted))]
        every: list[Resource[Any]] = []
        while page := self._page(kinds, len(every), LOOKED_AT):
            every.extend(_resource(one) for one in page)
        return every


def _wanted(node: FilterNode, kinds: Sequence[Kind], within: str = "") -> Wanted | None:
    """By what indexes all are found that a filter finds, `within` the values of an attribute; None where none leads to
    them all."""
    match node:
        case LogicalExpr(op=LogicalOperator.and_):
            return next((one for term in node.terms if (one := _wanted(term, kinds, within)) is not None), None)
        case LogicalExpr():
            several = [_wanted(term, kinds, within) for term in node.terms]
            return None if None in several else reduce(or_, cast("list[Wanted]", several))
        case ValuePath() if not within:
            return _wanted(node.val_filter, kinds, node.attr_path.attr.casefold())
        case Comparison(op=CompareOperator.eq, value=str(value)):
            path = ".".join(part for part in (within, node.attr_path.attr, node.attr_path.sub_attr) if part)
            return _compared(path.casefold(), value, kinds)
        case _:
            return None


def _compared(path: str, value: str, kinds: Sequence[Kind]) -> Wanted | None:
    if path == "id":
        return Wanted(ids=frozenset({value}))
    if path == "username" or (path == "displayname" and "User" not in kinds):
        return Wanted(name_keys=frozenset({name_key(value)}))
    if path == "externalid":
        return Wanted(external_ids=frozenset({value}))
    if path in ("emails", "emails.value") and ADDRESS.fullmatch(value):
        return Wanted(texts=frozenset({value}))
    return None


def _kind(resource_type: ResourceType) -> Kind:
    return "Group" if resource_type.name == "Group" else "User"


def _model(kind: Kind) -> type[Resource[Any]]:
    return cast("type[Resource[Any]]", PROVIDER.model_for(kind))


def _filter_for(wanted: ScimFilter[Any], one: Resource[Any]) -> ScimFilter[Any]:
    """A filter at the root is of no model yet."""
    return wanted if wanted.models else ScimFilter[type(one)](str(wanted))


def _version(one: Provisioned) -> str:
    return f'W/"{one.version}"'


def _number(version: str | None) -> int | None:
    """The number of a version that `_version` wrote."""
    return None if version is None else int(version[3:-1])


def _resource(one: Provisioned) -> Resource[Any]:
    said = {**one.resource, "id": one.id}
    if one.members:
        said["members"] = [
            {"value": key, "type": kind, "$ref": f"{ENDPOINTS[kind]}/{key}"} for key, kind in one.members
        ]
    manager = (said.get(ENTERPRISE) or {}).get("manager")
    if manager:
        said[ENTERPRISE] = {**said[ENTERPRISE], "manager": {**manager, "$ref": f"Users/{manager['value']}"}}
    resource = _model(one.kind).model_validate(said)
    resource.meta = Meta(
        resource_type=one.kind,
        created=datetime.fromisoformat(one.created_at),
        last_modified=datetime.fromisoformat(one.modified_at),
        version=_version(one),
    )
    return resource


def _said(kind: Kind, resource: Resource[Any]) -> tuple[dict[str, Any], list[str]]:
    """What the provider says, without what follows from the rest; and the ids of a group's members."""
    said = resource.model_dump()
    for name in ("id", "meta"):
        said.pop(name, None)
    members = [key for one in said.pop("members", None) or [] if (key := _named(one))]
    manager = (said.get(ENTERPRISE) or {}).get("manager")
    if kind == "User" and manager is not None:
        key = _named(manager)
        more = {name: value for name, value in said[ENTERPRISE].items() if name != "manager"}
        said[ENTERPRISE] = {**more, "manager": {"value": key}} if key else more
    return said, list(dict.fromkeys(members))


def _named(one: dict[str, Any]) -> str | None:
    """The id of whom an entry names, by `value` or by address alone."""
    return one.get("value") or str(one.get("$ref") or "").rstrip("/").rpartition("/")[2] or None
