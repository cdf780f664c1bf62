"""The catalogue format of the Kubernetes community: one YAML file of groups with leaders, meetings and contacts.

It has no dates: a leader's membership is undated, and a regular meeting is a text of the community ("Regular meeting:
weekly, Tuesday 11:00 PT"), since a `Meeting` needs a day on which it takes place.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from graph.errors import InvalidInput
from ingest.records import regular_meeting
from ingest.sources import ListTable, Row, Table

# The lists of the file, and what a group in each is called.
GROUPS = {
    "sigs": "special interest group",
    "workinggroups": "working group",
    "usergroups": "user group",
    "committees": "committee",
}

# Leadership lists: the role it gives, and whether it is held today.
LEADERS = {
    "chairs": ("chair", True),
    "tech_leads": ("tech lead", True),
    "emeritus_leads": ("emeritus lead", False),
}


class _LineLoader(yaml.SafeLoader):
    """Keeps the line on which each mapping begins, so that a fault can be found."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        mapping["__line__"] = node.start_mark.line + 1
        return mapping

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        # A few lines of aliases of aliases are worth billions of entries.
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="aliases (`*name`) are not taken", problem_mark=mark)
        return super().compose_node(parent, index)


class SigsYamlSource:
    """Raises InvalidInput where the file is no YAML or holds none of the known lists."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self._path = path
        self._name = name

    @property
    def name(self) -> str:
        return self._name or "sigs_yaml"

    def fingerprint(self) -> str:
        return hashlib.sha256(self._path.read_bytes()).hexdigest()

    def tables(self) -> list[Table]:
        try:
            content = yaml.load(self._path.read_text(encoding="utf-8-sig"), _LineLoader)
        except FileNotFoundError:
            raise InvalidInput(f"There is no file {self._path}.") from None
        except UnicodeDecodeError as error:
            raise InvalidInput(f"{self._path.name} is not UTF-8 at byte {error.start + 1}: save it as UTF-8.") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f", line {mark.line + 1}" if mark else ""
            raise InvalidInput(f"{self._path.name}{place}: is not valid YAML ({error}).") from None
        except (ValueError, RecursionError, OverflowError) as error:
            # Impossible dates and numbers, and what lies within itself a thousand times.
            raise InvalidInput(f"{self._path.name}: is not valid YAML ({type(error).__name__}: {error}).") from None
        if not isinstance(content, dict) or not any(isinstance(content.get(group), list) for group in GROUPS):
            raise InvalidInput(f"{self._path.name} holds none of the lists {', '.join(GROUPS)}.")
        people: dict[str, Row] = {}
        communities: list[Row] = []
        memberships: list[Row] = []
        for list_name, kind in GROUPS.items():
            listed = content.get(list_name)
            for group in listed if isinstance(listed, list) else []:
                if not isinstance(group, dict):
                    communities.append(Row(0, problem=(list_name, f"holds {str(group)[:80]!r}, not a group")))
                    continue
                communities.append(_community(group, kind))
                for person, membership in _leaders(group):
                    # One leads several groups: the same person comes again, perhaps with fewer fields.
                    known = people.get(person.data["id"])
                    people[person.data["id"]] = Row(person.line, {**person.data, **known.data}) if known else person
                    memberships.append(membership)
        named = self._path.name
        return [
            ListTable("people", named, tuple(people.values())),
            ListTable("communities", named, tuple(communities)),
            ListTable("memberships", named, tuple(memberships)),
        ]


def _community(group: dict[Any, Any], kind: str) -> Row:
    mission = " ".join(str(group.get("mission_statement") or "").split())
    subprojects = [str(one["name"]) for one in _mappings(group.get("subprojects")) if one.get("name")]
    domain = mission
    if subprojects:
        domain = f"{mission}\nSubprojects: {', '.join(subprojects)}."
    data = {
        "id": group.get("dir"),
        "name": group.get("name"),
        "kind": kind,
        "status": "active",
        # A group without a mission still has its name to be found by.
        "domain": domain or group.get("name"),
        "topics": [group["label"]] if group.get("label") else None,
        "contacts": _contacts(_mapping(group.get("contact"))),
        "meetings": [regular_meeting(one) for one in _mappings(group.get("meetings"))] or None,
    }
    return Row(group["__line__"], data)


def _mapping(value: Any) -> dict[Any, Any]:
    """What should be a mapping, and is empty where it is none."""
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[dict[Any, Any]]:
    """The mappings of what should be a list of them."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _contacts(contact: dict[Any, Any]) -> list[str] | None:
    found: list[str] = []
    if contact.get("slack"):
        found.append(f"Slack: #{contact['slack']}")
    if contact.get("mailing_list"):
        found.append(f"Mailing list: {contact['mailing_list']}")
    found.extend(f"Team: @{team['name']}" for team in _mappings(contact.get("teams")) if team.get("name"))
    return found or None


def _leaders(group: dict[Any, Any]) -> Iterator[tuple[Row, Row]]:
    leadership = _mapping(group.get("leadership"))
    roles: dict[str, list[str]] = {}
    found: dict[str, tuple[dict[Any, Any], bool]] = {}
    for list_name, (role, today) in LEADERS.items():
        for leader in _mappings(leadership.get(list_name)):
            handle = str(leader.get("github") or leader.get("name") or "")
            roles.setdefault(handle, []).append(role)
            earlier, held = found.get(handle, ({}, today))
            found[handle] = ({**leader, **earlier}, held)
    for handle, (leader, today) in found.items():
        line = leader.get("__line__", group["__line__"])
        person = {"id": handle, "name": leader.get("name") or handle}
        if leader.get("email"):
            person["email"] = leader["email"]
        membership = {
            "person_id": handle,
            "community_id": group.get("dir"),
            "engagement": "core" if today else "peripheral",
            "role": ", ".join(roles[handle]),
        }
        yield Row(line, person), Row(line, membership)
