"""Users and groups that an identity provider pushes (SCIM), into the graph as a source of their own.

What the provider said is kept as it said it, and is what it reads again; what follows for people, units, communities
and memberships is a claim of the source `scim`, beside those of other sources and below what people set by hand.
"""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, cast

from pydantic import ValidationError

from graph import facts
from graph.database import Transaction
from graph.errors import Conflict, InvalidInput, NotFound, Stale
from graph.facts import KINDS, Fields, spell_id
from graph.reads import provisioned as reads
from graph.reads.provisioned import Kind, Known, Provisioned
from graph.suppression import SuppressionList
from graph.writes.batch import Batch, Complaint, Fact, Names, Outcome
from graph.writes.events import now, record_event
from graph.writes.facts import write_facts
from graph.writes.links import link_deferred, links_of
from graph.writes.suppression import hold
from ingest.records import PersonRecord

SOURCE = "scim"

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

# What Microsoft Entra calls people of another organisation in `userType`.
GUEST = "guest"

# What a group of the provider is here.
Meaning = Literal["units", "communities"]

THINGS: dict[Meaning, str] = {"units": "org_unit", "communities": "community"}


def name_of(kind: Kind, resource: Fields) -> str:
    """The name by which the provider looks up what it pushed: it is unique among users."""
    return str(resource.get("userName" if kind == "User" else "displayName") or "")


def name_key(name: str) -> str:
    """RFC 7643, sections 4.1.1 and 4.2: neither name depends on upper and lower case."""
    return name.strip().casefold()


@dataclass
class Directory:
    """What the provider pushed, within one transaction. `order` is that of sources, `groups` what a group is here,
    `suppression` the list of those who were erased."""

    transaction: Transaction
    groups: Meaning = "units"
    order: Sequence[str] = ()
    actor: str = SOURCE
    names: Names = field(default_factory=lambda: Names(SOURCE))
    run: str = field(default_factory=lambda: f"{now()}-{uuid.uuid4().hex[:6]}")
    suppression: SuppressionList | None = None

    def get(self, kind: Kind, key: str) -> Provisioned:
        """Raises NotFound where there is no such user or group."""
        found = self.transaction.read(reads.provisioned(kind, [key]))
        if not found:
            raise NotFound(f"There is no {kind.lower()} with the id {key!r}.")
        return found[0]

    def create(self, kind: Kind, resource: Fields, members: Sequence[str] = ()) -> Provisioned:
        """Takes in a user or group that is new. One that was deleted earlier is known again, under a new id.

        Raises Conflict where another user has the name, InvalidInput where something in it cannot be used.
        """
        self._not_erased(kind, resource)
        name, external_id = name_of(kind, resource), resource.get("externalId")
        known = self.transaction.read(reads.named(kind, name_key(name), external_id))
        self._unique(kind, name, known, None)
        earlier = [one for one in known if one.deleted]
        at, today = now(), date.today().isoformat()
        made = Provisioned(uuid.uuid4().hex, kind, resource, at, at, 1, external_id)
        if kind == "User":
            made = replace(made, inactive_on=today if resource.get("active") is False else None)
            people = {one.person_id for one in earlier if one.person_id}
            if len(people) == 1:
                self._same_person(made.id, people.pop())
        else:
            thing, own = self._thing(made, name, earlier)
            made = replace(made, thing_id=thing, own=own)
        if earlier:
            self.transaction.run("write/forget_provisioned", ids=sorted(one.id for one in earlier))
        self._save(made)
        return self._settled(made, members)

    def update(
        self, kind: Kind, key: str, resource: Fields, members: Sequence[str] = (), *, version: int | None = None
    ) -> Provisioned:
        """Takes in what the provider says now of one. Raises NotFound, Stale where it is at another version than
        `version`, and Conflict and InvalidInput as `create` does."""
        before = self.get(kind, key)
        if version is not None and version != before.version:
            raise Stale("It was changed meanwhile. Read it again.")
        self._not_erased(kind, resource)
        name, external_id = name_of(kind, resource), resource.get("externalId")
        self._unique(kind, name, self.transaction.read(reads.named(kind, name_key(name))), key)
        gone = kind == "User" and resource.get("active") is False
        after = replace(
            before, resource=resource, external_id=external_id, modified_at=now(), version=before.version + 1,
            inactive_on=(before.inactive_on or date.today().isoformat()) if gone else None,
        )  # fmt: skip
        self._save(after)
        return self._settled(after, members)

    def delete(self, kind: Kind, key: str, *, version: int | None = None) -> None:
        """Whom the provider deletes has left, as of today, and stays here; a group's unit goes if nothing hangs on it,
        and its community is retired. Raises NotFound and Stale."""
        before = self.get(kind, key)
        if version is not None and version != before.version:
            raise Stale("It was changed meanwhile. Read it again.")
        today = date.today().isoformat()
        outcome = Outcome()
        if kind == "User":
            left = self.transaction.run("write/leave_groups", id=key)
            if self.groups == "communities":
                self._end_spells(outcome, [(key, row["thing_id"], row["joined_on"]) for row in left], today)
            self._save(replace(before, inactive_on=before.inactive_on or today))
            self._say_people(outcome, [key])
        else:
            self._members(outcome, before, ())
            self._end_thing(outcome, before, today)
        self._record(outcome, f"deprovision.{kind.lower()}")
        # What is known of it from now on is by which name it may come back, and as whom.
        ended = {"deleted_at": now(), "resource": None, "modified_at": now()}
        self.transaction.run("write/save_provisioned", id=key, set=ended)

    def _not_erased(self, kind: Kind, resource: Fields) -> None:
        """Raises Conflict for a user who was erased: nothing that the provider says of them is kept."""
        if kind != "User" or self.suppression is None or not hold(self.transaction, self.suppression, SOURCE):
            return
        told = {text for text in (resource.get("userName"), resource.get("externalId"), _address(resource)) if text}
        marks = [mark(text) for text in told for mark in (self.suppression.of_id, self.suppression.of_email)]
        if self.transaction.run("read/suppressed", marks=marks):
            raise Conflict("This user was erased. An admin readmits them: `guildmap personal-data readmit`.")

    def _unique(self, kind: Kind, name: str, known: Iterable[Known], key: str | None) -> None:
        if kind == "User" and any(
            not one.deleted and one.id != key and one.name_key == name_key(name) for one in known
        ):
            raise Conflict(f"There is a user with the userName {name!r} already.")

    def _save(self, one: Provisioned) -> None:
        fields = {
            "kind": one.kind, "name_key": name_key(name_of(one.kind, one.resource)), "external_id": one.external_id,
            "resource": json.dumps(one.resource, ensure_ascii=False), "created_at": one.created_at,
            "modified_at": one.modified_at, "version": one.version, "thing_id": one.thing_id, "own": one.own or None,
            "inactive_on": one.inactive_on,
        }  # fmt: skip
        self.transaction.run("write/save_provisioned", id=one.id, set=fields)

    def _settled(self, one: Provisioned, members: Sequence[str]) -> Provisioned:
        """Says what follows from a user or group that was saved; the same as it is stored now."""
        outcome = Outcome()
        if one.kind == "User":
            self._say_people(outcome, [one.id])
        else:
            self._say_thing(outcome, one.id)
            self._members(outcome, self.get("Group", one.id), members)
        self._record(outcome, f"provision.{one.kind.lower()}")
        return self.get(one.kind, one.id)

    def _record(self, outcome: Outcome, action: str) -> None:
        if outcome.changed:
            subjects = list(dict.fromkeys(outcome.changed))
            record_event(
                self.transaction, actor=self.actor, action=action, subjects=subjects, details={"source": SOURCE}
            )

    # People

    def _same_person(self, key: str, person_id: str) -> None:
        alias = {"id": f"{SOURCE}/{key}", "person_id": person_id, "source": SOURCE}
        self.transaction.run("write/alias_people", rows=[alias])
        self.names.aliased = True

    def _say_people(self, outcome: Outcome, keys: Sequence[str]) -> None:
        """What the provider says of these users becomes its claim about the people that they are."""
        said = self.transaction.read(reads.in_things(keys))
        people = [(user, self._person(outcome, user, things)) for user, things in said if user.kind == "User"]
        written = self._write(outcome, "person", [(user.id, fields) for user, fields in people])
        known = self.names.resolve(self.transaction, "person", {user.id for user, _ in people})
        rows = [{"id": key, "person_id": person} for key, person in sorted(known.items())]
        self.transaction.run("write/stand_for_people", rows=rows)
        led = {f"person/{known[user.id]}" for user, fields in people if fields.get("manager_id")}
        moved = led.intersection(written.changed)
        if moved:
            (link,) = (link for link in KINDS["person"].links if link.deferred)
            lines = {subject.partition("/")[2]: 0 for subject in moved}
            parents = links_of(self.transaction, link)
            linked = link_deferred(self.transaction, self._batch("person"), link, lines, parents)
            outcome.changed.extend(linked.changed)

    def _person(self, outcome: Outcome, user: Provisioned, things: Sequence[str]) -> Fields:
        resource = user.resource
        more: Fields = resource.get(ENTERPRISE) or {}
        manager = (more.get("manager") or {}).get("value")
        row: Fields = {
            "id": user.id,
            "name": _spoken_name(resource),
            "email": _address(resource),
            "title": resource.get("title"),
            "languages": [resource["preferredLanguage"]] if resource.get("preferredLanguage") else None,
            "timezone": resource.get("timezone"),
            "external": True if name_key(resource.get("userType") or "") == GUEST else None,
            "left_on": user.inactive_on,
            "unit_id": things[0] if things and self.groups == "units" else None,
            "manager_id": manager,
        }
        if row["unit_id"] is None and more.get("department"):
            row["unit_id"] = self._department(outcome, more["department"])
        fields = _valid(PersonRecord, row)
        if manager:
            # Their own id, as other sources may know them by another.
            led_by = self.names.resolve(self.transaction, "person", {manager}).get(manager)
            fields = {**fields, "manager_id": led_by} if led_by else _without(fields, "manager_id")
        return fields

    def _department(self, outcome: Outcome, name: str) -> str:
        """The unit of that name, made where there is none."""
        found = self.transaction.run("read/named_org_units", name=name.strip().lower())
        if len(found) == 1:
            return found[0]["id"]
        key = f"department:{facts.name_key(name)}"
        if not self.transaction.run("read/marks_org_unit", ids=[key]):
            self._write(outcome, "org_unit", [(key, {"name": name.strip()})])
        return key

    # Groups

    def _thing(self, group: Provisioned, name: str, earlier: Sequence[Known]) -> tuple[str, bool]:
        """The unit or community that a new group is, and whether there is such only by the group: what an earlier group
        was, what has the provider's id, what alone has the name, else a new one."""
        kind = THINGS[self.groups]
        for one in earlier:
            if one.thing_id and self.transaction.run(f"read/marks_{kind}", ids=[one.thing_id]):
                (there,) = self.transaction.run(f"read/marks_{kind}", ids=[one.thing_id])
                return one.thing_id, there["sources"] == [SOURCE]
        if group.external_id and self.transaction.run(f"read/marks_{kind}", ids=[group.external_id]):
            return group.external_id, False
        listed = "named_org_units" if self.groups == "units" else "named_communities"
        found = self.transaction.run(f"read/{listed}", name=name.strip().lower())
        return (found[0]["id"], False) if len(found) == 1 else (group.id, True)

    def _say_thing(self, outcome: Outcome, *keys: str) -> None:
        """What the provider says of units and communities that there are only by its groups."""
        for group, things in self.transaction.read(reads.in_things(keys)):
            if not group.own or group.thing_id is None:
                continue
            name = name_of("Group", group.resource).strip()
            if not name:
                raise InvalidInput("displayName: is missing; a group needs one.")
            if self.groups == "communities":
                # Nobody is let in here who is not in the group; and all that is known of its domain is its name.
                said = {"name": name, "domain": name, "status": "active", "visibility": "listed"}
                self._write(outcome, "community", [(group.thing_id, said)])
                continue
            parent = {"parent_id": things[0]} if things else {}
            written = self._write(outcome, "org_unit", [(group.thing_id, {"name": name, **parent})])
            if things and f"org_unit/{group.thing_id}" in written.changed:
                (link,) = KINDS["org_unit"].links
                parents = links_of(self.transaction, link)
                linked = link_deferred(self.transaction, self._batch("org_unit"), link, {group.thing_id: 0}, parents)
                outcome.changed.extend(linked.changed)

    def _members(self, outcome: Outcome, group: Provisioned, wanted: Sequence[str]) -> None:
        """Brings the members of a group to those that are wanted, and says what follows."""
        before = dict(group.members)
        added = sorted(set(wanted) - before.keys())
        removed = sorted(before.keys() - set(wanted))
        if not added and not removed:
            return
        there: dict[str, Kind] = {one.id: one.kind for one, _ in self.transaction.read(reads.in_things(added))}
        for key in added:
            if key not in there:
                raise InvalidInput(f"members: there is no user or group with the id {key!r}.")
        today = date.today().isoformat()
        communities = self.groups == "communities"
        users = [key for key in added if there[key] == "User"]
        # How long they have been in it nobody says. Who comes back comes back today.
        since: dict[str, str | None] = dict.fromkeys(added)
        if communities:
            former = {spell_id(key, group.thing_id, None): key for key in users}
            back = self.transaction.run("read/marks_membership", ids=sorted(former))
            since.update({former[row["id"]]: today for row in back})
        (done,) = self.transaction.run(
            "write/set_group_members", id=group.id, removed=removed,
            added=[{"id": key, "joined_on": since[key]} for key in added],
        )  # fmt: skip
        moved = {**there, **{key: before[key] for key in removed}}
        if communities:
            spells = [_spell(key, cast("str", group.thing_id), since[key]) for key in users]
            self._write(outcome, "membership", spells)
            ended = [(r["id"], group.thing_id, r["joined_on"]) for r in done["removed"] if before[r["id"]] == "User"]
            self._end_spells(outcome, ended, today)
        else:
            self._say_people(outcome, sorted(key for key, kind in moved.items() if kind == "User"))
            self._say_thing(outcome, *sorted(key for key, kind in moved.items() if kind == "Group"))

    def _end_spells(self, outcome: Outcome, ended: Iterable[tuple[str, Any, str | None]], today: str) -> None:
        spells = [_spell(key, thing, since, left_on=today) for key, thing, since in ended]
        self._write(outcome, "membership", spells)

    def _end_thing(self, outcome: Outcome, group: Provisioned, today: str) -> None:
        if not group.own or group.thing_id is None:
            return
        name = name_of("Group", group.resource)
        if self.groups == "communities":
            said = {"name": name, "domain": name, "status": "retired", "retired_on": today}
            self._write(outcome, "community", [(group.thing_id, said)])
            return
        rows = self.transaction.run("read/stored_org_unit", ids=[group.thing_id])
        if not rows or not facts.withdraw(KINDS["org_unit"], rows[0]["stored"], SOURCE, self.order).gone:
            return
        if not self.transaction.run("read/hanging_on_org_unit", id=group.thing_id)[0]["hanging"]:
            self.transaction.run("write/delete_org_unit", ids=[group.thing_id])
            outcome.changed.append(f"org_unit/{group.thing_id}")

    # Facts

    def _batch(self, kind: str) -> Batch:
        return Batch(KINDS[kind], SOURCE, self.run, self.order, self.names, self.suppression)

    def _write(self, outcome: Outcome, kind: str, said: Sequence[tuple[str, Fields]]) -> Outcome:
        """Writes claims of one kind; each write is a run of its own, as the same thing may be spoken of twice."""
        self.run = f"{self.run.partition('#')[0]}#{uuid.uuid4().hex[:6]}"
        written = write_facts(self.transaction, self._batch(kind), [Fact(key, fields, 0) for key, fields in said])
        outcome.changed.extend(written.changed)
        _refuse(written.complaints)
        return written


def _spell(key: str, thing: str, since: str | None, left_on: str | None = None) -> tuple[str, Fields]:
    fields = {"person_id": key, "community_id": thing, "joined_on": since, "left_on": left_on}
    said = {name: value for name, value in fields.items() if value is not None}
    return spell_id(key, thing, since), said


def _spoken_name(resource: Fields) -> str:
    name: Fields = resource.get("name") or {}
    parts = [name.get("givenName"), name.get("familyName")]
    together = " ".join(part for part in parts if part)
    return resource.get("displayName") or name.get("formatted") or together or resource.get("userName") or ""


def _address(resource: Fields) -> str | None:
    """The e-mail address that is called primary, else one for work, else the first."""
    listed = [one for one in resource.get("emails") or [] if one.get("value")]
    ranked = sorted(listed, key=lambda one: (one.get("primary") is not True, one.get("type") != "work"))
    return ranked[0]["value"] if ranked else None


def _valid(record: type[PersonRecord], row: Fields) -> Fields:
    """What the row says, as an import would read it. Raises InvalidInput."""
    try:
        ((_, _, fields),) = record.model_validate(row).facts()
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        reason = problem["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"{where}: {reason}" if where else reason) from None
    return fields


def _without(fields: Fields, name: str) -> Fields:
    return {key: value for key, value in fields.items() if key != name}


def _refuse(complaints: Sequence[Complaint]) -> None:
    for complaint in complaints:
        if complaint.rejected:
            raise InvalidInput(f"{complaint.field}: {complaint.reason}.")
