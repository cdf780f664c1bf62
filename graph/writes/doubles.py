"""Two people become one, or are said to be two. Either is undone."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from graph import facts
from graph.database import Transaction
from graph.errors import Conflict, InvalidInput, NotFound
from graph.facts import BY_HAND, KINDS
from graph.models import Principal, Role
from graph.reads import doubles as reads
from graph.reads.vectors import PREFIX
from graph.sentences import tell
from graph.writes.acts import record_act
from graph.writes.batch import Batch, Names
from graph.writes.events import now, record_event
from graph.writes.facts import say_by_hand, take_claim, withdraw_claim

# What follows from a person's fields is not moved: it follows from the fields of the one that stays.
FOLLOWS = ("WORKS_IN", "REPORTS_TO")

# What is held under a person's id alone and is kept for an undoing, as `write/set_access_aside` names it.
HELD = ("account", "calendar", "digest")

# Relationships that are facts, or whose other end is a thing that events name.
_FACTS = {"MEMBER_OF": "membership", "HAS_SKILL": "held_skill", "WANTS_TO_LEARN": "wanted_skill"}
_THINGS = {"Question": "question", "Advice": "advice", "Meeting": "meeting", "Artifact": "artifact"}


@dataclass(frozen=True)
class Uniting:
    """`id` is by what it is undone. What ended of the one who went: the role that was given to them, the number of keys
    that were in force, and of sessions."""

    id: str
    role: Role | None
    keys: int
    sessions: int


def same_person(transaction: Transaction, principal: Principal, kept: str, gone: str, order: Sequence[str]) -> Uniting:
    """Two that are one: what is known of `gone` is known of `kept` from now on, imports mean `kept` by both ids, and
    there is no `gone` any more.

    Nobody may more by it. What `kept` may stays; the role, keys, sessions and calendar's address of `gone` end, until
    it is undone: whose they are was found out now, and who should have them an admin says as for everybody. Left at the
    id they would be whoever's gets that id next. What a source says of both stays as it says it of `kept`. Raises
    NotFound, InvalidInput for one person twice.
    """
    if kept == gone:
        raise InvalidInput(tell("These are one person already."))
    there, going = _stored(transaction, kept), _stored(transaction, gone)
    claims, has = (facts.claims_of(KINDS["person"], one["stored"]) for one in (going, there))
    relations = transaction.run("read/relations_of_person", id=gone)
    if any(row["type"] == "UNITED_INTO" for row in relations):
        raise Conflict(
            tell("%(gone)s was united with another before: undo that first, or unite the other way round.", gone=gone)
        )
    known = {_which(row) for row in transaction.run("read/relations_of_person", id=kept)}
    moved: list[dict[str, Any]] = []
    joined: list[dict[str, Any]] = []
    for row in relations:
        if row["end"] == there["key"] or row["type"] == "IS_NOT":
            continue
        # What follows from their fields follows from those of the one who stays; and what has no id of its own there is
        # once, as a second one would count twice.
        made = not (row["type"] in FOLLOWS and row["outgoing"]) and _which(row) not in known
        moved.append({name: row[name] for name in ("type", "outgoing", "label", "id", "properties")} | {"made": made})
        if made:
            joined.append(row)
    # Cut before they are made anew: an id is there once.
    transaction.run("write/cut_relations", keys=[row["key"] for row in relations])
    _join(transaction, there["key"], joined)
    key = uuid.uuid4().hex
    (access,) = transaction.run("write/set_access_aside", person_id=gone, key=key)
    transaction.run("write/delete_person", ids=[gone])
    aliased = {row["id"] for row in relations if row["label"] == "Alias"}
    sources = [source for source in claims if source != BY_HAND]
    aliases = [f"{source}/{gone}" for source in sources if f"{source}/{gone}" not in aliased]
    rows = [{"id": one, "person_id": kept, "source": one.partition("/")[0]} for one in aliases]
    transaction.run("write/alias_people", rows=rows)
    at = now()
    taken = [source for source in sources if source not in has]
    for source in taken:
        take_claim(transaction, _batch(source, at, order), kept, claims[source])
    by_hand = {k: v for k, v in claims.get(BY_HAND, {}).items() if k not in has.get(BY_HAND, {})}
    if by_hand:
        say_by_hand(transaction, "person", {kept: by_hand}, at=at, order=order)
    # Their vectors would be those of another text, and are made anew.
    stored = {name: value for name, value in going["stored"].items() if not name.startswith(PREFIX)}
    held = {name: access[name] for name in HELD}
    record = {
        "stored": stored, "moved": moved, "aliases": aliases, "taken": taken, "by_hand": sorted(by_hand), "held": held,
    }  # fmt: skip
    fields = {"gone_id": gone, "at": at, "actor": principal.actor, "record": json.dumps(record, ensure_ascii=False)}
    transaction.run("write/note_united", id=key, person_id=kept, set=fields)
    _record(transaction, principal, "unite.people", [kept, gone], moved)
    role = Role(access["account"]["role"]) if access["account"] else None
    ended = {"keys": access["keys"], "role": role.value if role else None}
    record_act(transaction, principal, "unite.people", kept, **ended)
    return Uniting(key, role, access["keys"], access["sessions"])


def undo_same_person(transaction: Transaction, principal: Principal, key: str, order: Sequence[str]) -> str:
    """There are two again, each with what was theirs and with what became of it since, role and keys too. What came to
    the one in between stays with them. Returns the id of the one who is back. Raises NotFound, Conflict where that id
    is somebody's."""
    found = transaction.read(reads.one_united(key))
    if found is None:
        raise NotFound(
            tell("Nothing of the id %(key)r was united. `guildmap identities decided` lists what was.", key=key)
        )
    if transaction.run("read/marks_person", ids=[found.gone_id]):
        raise Conflict(tell("There is a person with the id %(gone_id)r again.", gone_id=found.gone_id))
    record, kept = found.record, found.person_id
    transaction.run("write/drop_aliases", ids=record["aliases"])
    transaction.run("write/merge_person", rows=[{"id": found.gone_id, "set": record["stored"]}])
    back = _stored(transaction, found.gone_id)
    ends = [{"label": row["label"], "id": row["id"]} for row in record["moved"]]
    keys = {(row["label"], row["id"]): row["key"] for row in transaction.run("read/end_keys", ends=ends)}
    there = {_which(row): row for row in transaction.run("read/relations_of_person", id=kept)}
    cut: list[str] = []
    joined: list[dict[str, Any]] = []
    for row in record["moved"]:
        end, present = keys.get((row["label"], row["id"])), there.get(_which(row))
        # What was withdrawn in between does not come back; what changed comes back as it is now.
        if end is None or (row["made"] and present is None):
            continue
        if row["made"] and present is not None:
            cut.append(present["key"])
            row = {**row, "properties": present["properties"]}
        joined.append({**row, "end": end})
    transaction.run("write/cut_relations", keys=cut)
    _join(transaction, back["key"], joined)
    at = now()
    for source in record["taken"]:
        withdraw_claim(transaction, _batch(source, at, order), kept)
    if record["by_hand"]:
        unsaid = {kept: frozenset(cast("list[str]", record["by_hand"]))}
        say_by_hand(transaction, "person", {kept: {}}, at=at, order=order, unsaid=unsaid)
    # There was none in the first version.
    held: dict[str, dict[str, Any] | None] = record.get("held") or dict.fromkeys(HELD)
    transaction.run("write/bring_access_back", person_id=found.gone_id, key=key, **held)
    transaction.run("write/forget_united", id=key)
    _record(transaction, principal, "part.people", [kept, found.gone_id], record["moved"])
    account = held["account"]
    record_act(transaction, principal, "part.people", found.gone_id, role=account["role"] if account else None)
    return found.gone_id


def different_people(transaction: Transaction, principal: Principal, one: str, other: str) -> None:
    """Two that are two: they are not listed again. Raises NotFound, InvalidInput for one person twice."""
    if one == other:
        raise InvalidInput(tell("This is one person."))
    first, second = sorted((one, other))
    if not transaction.run("write/keep_apart", one=first, other=second, at=now(), actor=principal.actor):
        raise NotFound(tell("One of them is nobody who is known."))
    _record(transaction, principal, "keep.apart", [first, second], [])


def undo_different_people(transaction: Transaction, principal: Principal, one: str, other: str) -> None:
    """They are listed again. Raises NotFound where nobody said that they are two."""
    if not transaction.run("write/forget_apart", one=one, other=other)[0]["forgotten"]:
        raise NotFound(tell("Nobody said that these two are different."))
    _record(transaction, principal, "undo.apart", sorted((one, other)), [])


def _stored(transaction: Transaction, person_id: str) -> dict[str, Any]:
    rows = transaction.run("read/person_key", id=person_id)
    if not rows:
        raise NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))
    return rows[0]


def _which(row: dict[str, Any]) -> tuple[Any, ...]:
    """By what a relationship of a person is known again."""
    return row["type"], row["outgoing"], row["label"], row["id"], row["properties"].get("id")


def _join(transaction: Transaction, person: str, rows: Sequence[dict[str, Any]]) -> None:
    made = [
        {
            "type": row["type"], "properties": row["properties"],
            "start": person if row["outgoing"] else row["end"], "end": row["end"] if row["outgoing"] else person,
        }
        for row in rows
    ]  # fmt: skip
    transaction.run("write/restore_relationships", rows=made)


def _batch(source: str, at: str, order: Sequence[str]) -> Batch:
    return Batch(KINDS["person"], source, at, order, Names(source))


def _record(
    transaction: Transaction, principal: Principal, action: str, people: Sequence[str], moved: Sequence[dict[str, Any]]
) -> None:
    subjects = [f"person/{one}" for one in people]
    for row in moved:
        if row["type"] in _FACTS:
            subjects.append(f"{_FACTS[row['type']]}/{row['properties'].get('id')}")
        elif row["label"] in _THINGS:
            subjects.append(f"{_THINGS[row['label']]}/{row['id']}")
    record_event(transaction, actor=principal.actor, action=action, subjects=list(dict.fromkeys(subjects)))
