"""Carries out what is done about a community, and takes it back.

A remedy says something by hand of several things at once: fields of the community, the community of each membership,
question and meeting that it moves. What the hand had said before is kept, field by field, as relationships from the
remedy to what it changed; to take it back is to say that again, where nobody has said another thing since.
"""

import json
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from graph.database import Row, Transaction
from graph.errors import Conflict, Forbidden, InvalidInput
from graph.facts import BY_HAND, KINDS, Fields, claims_of
from graph.models import Community, Principal
from graph.reads import meetings
from graph.reads import remedies as reads
from graph.reads.meetings import SETTLED
from graph.reads.remedies import KeptRemedy
from graph.remedies import Clarify, Merge, MoveUnder, Remedy, Rename, Retire, Split, other_ids, places
from graph.sentences import tell
from graph.writes.acts import record_act
from graph.writes.by_hand import id_from_name, seen_community
from graph.writes.events import now, record_event
from graph.writes.facts import create_by_hand, refuse, say_by_hand
from graph.writes.findings import mark_done, unmark

# In place of a field: the remedy made the thing; or led it to another community, of which nobody claims anything.
MADE, LED = "", "(community)"

# The kinds of finding that a remedy answers. Of an overlap only that with the community that it names beside its own. A
# new name answers none: two communities of one domain stay that, and what is unclear is the text.
_ANSWERS = {
    "merge": ("overlap", "narrowness", "vitality"), "split": ("breadth",), "move_under": ("overlap", "narrowness"),
    "retire": ("overlap", "narrowness", "vitality", "unit_clash"), "rename": (), "clarify": ("clarity",),
}  # fmt: skip

# Which nodes the record of a change of each kind hangs on, in the order in which changes are taken back: memberships
# and the like go home before the community that they leave may be deleted.
_NODES = {
    "membership": "person", "question": "question", "meeting": "meeting", "artifact": "artifact",
    "agenda_item": "agenda_item", "initiative": "initiative", "join_request": "join_request",
    "community": "community",
}  # fmt: skip


@dataclass
class _Hand:
    """Says things by hand in one transaction, and keeps what was said before."""

    transaction: Transaction
    order: Sequence[str]
    at: str
    kept: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])  # rows of record_changes, by label
    subjects: dict[str, None] = field(default_factory=dict[str, None])
    moved: bool = False  # whether any content changed

    def say(self, kind: str, fields: Mapping[str, Fields], nodes: Mapping[str, str] | None = None) -> None:
        """`nodes`: for memberships the id of the person of each."""
        said = say_by_hand(self.transaction, kind, fields, at=self.at, order=self.order)
        refuse(said.complaints)
        self.moved |= bool(said.changed)
        for key in sorted(fields):
            node = nodes[key] if nodes is not None else None
            for name, value in fields[key].items():
                before = said.before[key]
                if name not in before or before[name] != value:
                    change = {"field": name, "before": _told(before, name), "after": _json(value)}
                    self._keep(kind, key, node or key, change)
            self._touch(kind, key, node)

    def lead(self, kind: str, keys: Sequence[str], begins: str, ends: str) -> None:
        """Leads things from the community `begins` to the one `ends` that no field of theirs names."""
        for key in _led(self.transaction, kind, keys, begins, ends):
            self.moved = True
            self._keep(kind, key, key, {"field": LED, "before": _json(begins), "after": _json(ends)})
            self._touch(kind, key)

    def make(self, community_id: str, fields: Fields) -> None:
        create_by_hand(self.transaction, "community", community_id, fields, at=self.at, order=self.order)
        self.moved = True
        self._touch("community", community_id)
        self._keep("community", community_id, community_id, {"field": MADE, "after": _json(fields)})

    def _touch(self, kind: str, key: str, person: str | None = None) -> None:
        self.subjects[f"{kind}/{key}"] = None
        if person is not None:
            self.subjects[f"person/{person}"] = None

    def _keep(self, kind: str, key: str, node: str, change: Fields) -> None:
        self.kept.setdefault(_NODES[kind], []).append({"node": node, "set": {"kind": kind, "thing": key, **change}})


def carry_out(transaction: Transaction, principal: Principal, remedy: Remedy, order: Sequence[str] = ()) -> KeptRemedy:
    """Does it, leaves one event, and keeps what is needed to undo it.

    Raises Forbidden for members, NotFound for communities that the principal may not see, Conflict where one of them
    is retired or nothing would change, InvalidInput where what is asked for makes no sense.
    """
    if not principal.sees_restricted:
        raise Forbidden(tell("Remedies are carried out by a knowledge manager."))
    communities = concerned(transaction, principal, remedy)
    remedy_id, at = f"y-{secrets.token_hex(6)}", now()
    hand = _Hand(transaction, order, at)
    about = [one.id for one in communities]
    match remedy:
        case Merge():
            _merge(hand, remedy, *communities)
        case Split():
            about += _split(hand, remedy, communities[0])
        case MoveUnder():
            hand.say("community", {remedy.community_id: {"part_of_id": remedy.parent_id}})
        case Retire():
            _retire(hand, communities[0].id, [one.id for one in communities[1:]])
        case Rename():
            hand.say("community", {remedy.community_id: {"name": remedy.name}})
        case Clarify():
            given = {"domain": remedy.domain, "audience": remedy.audience}
            hand.say("community", {remedy.community_id: {name: text for name, text in given.items() if text}})
    if not hand.moved:
        raise Conflict(tell("Nothing would change: it is so already."))
    changes = sum(map(len, hand.kept.values()))
    answered = _answer(transaction, principal, remedy, at)
    noted = {
        "remedy": remedy.remedy, "asked": remedy.model_dump_json(exclude={"parts": {"__all__": {"member_ids"}}}),
        "state": "done", "at": at, "by": principal.actor, "changes": changes,
        **({"answered": _json(answered)} if answered else {}),
    }  # fmt: skip
    transaction.run("write/record_remedy", id=remedy_id, set=noted, about=about)
    for label, rows in sorted(hand.kept.items()):
        transaction.run(f"write/record_changes_{label}", id=remedy_id, rows=rows)
    subjects = [*hand.subjects, *_named(about), *_found(answered)]
    _record(transaction, principal, f"{remedy.remedy}.community", remedy_id, subjects)
    return seen_remedy(transaction, principal, remedy_id)


def _answer(transaction: Transaction, principal: Principal, remedy: Remedy, at: str) -> dict[str, str | None]:
    """Marks the findings that it answers as done; see `mark_done`. To lead a sub-group out of another answers none."""
    if isinstance(remedy, MoveUnder) and remedy.parent_id is None:
        return {}
    beside = next(iter(other_ids(remedy)), None)
    return mark_done(transaction, principal, _ANSWERS[remedy.remedy], remedy.community_id, beside, at)


def concerned(transaction: Transaction, principal: Principal, remedy: Remedy) -> list[Community]:
    """The community and the one that the remedy names beside it, after a look at whether the remedy is possible.

    Raises NotFound, Conflict and InvalidInput as `carry_out` does.
    """
    ids = (remedy.community_id, *other_ids(remedy))
    found = [seen_community(transaction, principal, key).community for key in ids]
    if len(set(ids)) < len(ids):
        raise InvalidInput(tell("%(name)s is named twice: name another community beside it.", name=found[0].name))
    for one in found:
        if one.status == "retired":
            raise Conflict(tell("%(name)s is retired already: nothing is left to be done about it.", name=one.name))
    if isinstance(remedy, Clarify) and remedy.domain is None and remedy.audience is None:
        raise InvalidInput(tell("domain, audience: give at least one of them."))
    return found


def _merge(hand: _Hand, remedy: Merge, gone: Community, stays: Community) -> None:
    (row,) = hand.transaction.run("read/of_community", id=gone.id, today=_today())
    people = {spell["id"]: spell["person_id"] for spell in row["spells"]}
    hand.say("membership", {key: {"community_id": stays.id} for key in people}, people)
    there = {item.title: item for item in hand.transaction.read(meetings.agenda(stays.id))}
    # The same title is the same item: of two the one of the community that stays goes on.
    items = [item for item in row["items"] if item["title"] not in there]
    claimed = [item["id"] for item in items if item["claimed"]]
    for kind, keys in (
        ("question", row["questions"]), ("meeting", row["meetings"]), ("artifact", row["artifacts"]),
        ("agenda_item", claimed),
    ):  # fmt: skip
        hand.say(kind, {key: {"community_id": stays.id} for key in keys})
    hand.lead("agenda_item", [item["id"] for item in items if not item["claimed"]], gone.id, stays.id)
    hand.lead("initiative", row["initiatives"], gone.id, stays.id)
    hand.lead("join_request", row["join_requests"], gone.id, stays.id)
    both = [there[item["title"]] for item in row["items"] if item["title"] in there]
    # What one of the two still has open is open.
    hand.say("agenda_item", {item.id: {"state": "open"} for item in both if item.state == SETTLED})
    # A sub-group of the one that ends becomes one of the other; which may be such a sub-group itself.
    hand.say(
        "community", {key: {"part_of_id": stays.id if key != stays.id else gone.part_of_id} for key in row["parts"]}
    )
    together: Fields = {}
    for name, one, other in (
        ("topics", stays.topics, gone.topics),
        ("skill_ids", stays.skill_ids, gone.skill_ids),
        ("goal_ids", stays.goal_ids, gone.goal_ids),
        ("meetings", stays.meetings, gone.meetings),
    ):
        if more := [value for value in other if value not in one]:
            together[name] = [*one, *more]
    together |= {name: text for name, text in (("name", remedy.name), ("domain", remedy.domain)) if text}
    if together:
        hand.say("community", {stays.id: together})
    _retire(hand, gone.id, [stays.id])


def _retire(hand: _Hand, community_id: str, successors: Sequence[str]) -> None:
    fields: Fields = {"status": "retired", "retired_on": _today()}
    if successors:
        fields["successor_ids"] = list(successors)
    hand.say("community", {community_id: fields})


def _split(hand: _Hand, remedy: Split, whole: Community) -> list[str]:
    """The ids of the communities made."""
    (row,) = hand.transaction.run("read/of_community", id=whole.id, today=_today())
    spells: list[Row] = row["spells"]
    goes_to = places(remedy.parts, {spell["person_id"] for spell in spells})
    made: list[str] = []
    for part in remedy.parts:
        key = part.id or id_from_name(part.name)
        fields: Fields = {"name": part.name, "domain": part.domain, "status": "active", "founded_on": _today()}
        if whole.visibility != "open":
            fields["visibility"] = whole.visibility
        if part.skill_ids:
            fields["skill_ids"] = list(part.skill_ids)
        hand.make(key, fields)
        made.append(key)
    led = {spell["id"]: spell["person_id"] for spell in spells if spell["person_id"] in goes_to}
    hand.say("membership", {key: {"community_id": made[goes_to[person]]} for key, person in led.items()}, led)
    today = _today()
    current = {s["person_id"] for s in spells if s["left_on"] is None or s["left_on"] > today}
    if current <= goes_to.keys():
        _retire(hand, whole.id, made)
    return made


def undo(transaction: Transaction, principal: Principal, remedy_id: str, order: Sequence[str] = ()) -> KeptRemedy:
    """Takes a remedy back. What was changed again since stays as it is, and is told (`KeptRemedy.left`).

    Raises Forbidden for members, and Conflict where it was taken back already, where a later remedy rests on it, or
    where a community that things would go back to is no more.
    """
    if not principal.sees_restricted:
        raise Forbidden(tell("Remedies are taken back by a knowledge manager."))
    remedy = seen_remedy(transaction, principal, remedy_id)
    if remedy.state != "done":
        raise Conflict(tell("This was taken back on %(what)s already.", what=(remedy.undone_at or "")[:10]))
    if resting := transaction.run("read/remedies_resting", id=remedy_id):
        later = ", ".join(f"{row['remedy'].replace('_', ' ')} {row['id']} of {row['at'][:10]}" for row in resting)
        raise Conflict(tell("What was done later rests on this: %(later)s. Take that back first.", later=later))
    whole = json.loads(remedy.asked)["community_id"]
    if not transaction.run("read/marks_community", ids=[whole]):
        raise Conflict(tell("The community %(whole)r is no more, so nothing can go back to it.", whole=whole))
    changes = transaction.run("read/remedy_changes", id=remedy_id)
    left: list[str] = []
    if missing := remedy.changes - len(changes):
        left.append(f"{missing} of {remedy.changes} changes were of what has been erased since")
    subjects: dict[str, None] = {}
    at = now()
    for kind in _NODES:
        some = [row for row in changes if row["kind"] == kind and row["field"] not in (MADE, LED)]
        led = [row for row in changes if row["kind"] == kind and row["field"] == LED]
        left += _say_again(transaction, kind, some, order, at) + _lead_back(transaction, kind, led)
        subjects |= dict.fromkeys(f"{kind}/{row['thing']}" for row in (*some, *led))
    for row in (row for row in changes if row["field"] == MADE):
        left += _unmake(transaction, row["thing"], json.loads(row["after"]))
        subjects[f"community/{row['thing']}"] = None
    ended = {"state": "undone", "undone_at": at, "undone_by": principal.actor, "left": left}
    transaction.run("write/end_remedy", id=remedy_id, set=ended)
    reopened = unmark(transaction, principal, remedy.answered, remedy.at)
    told = [*subjects, *_named([one.id for one in remedy.about]), *_found(reopened)]
    _record(transaction, principal, f"undo.{remedy.remedy}.community", remedy_id, told)
    return seen_remedy(transaction, principal, remedy_id)


def _led(transaction: Transaction, kind: str, keys: Sequence[str], begins: str, ends: str) -> list[str]:
    """Those of the things that were led; what is not in the community `begins` stays where it is."""
    return [row["id"] for row in transaction.run(f"write/lead_{kind}", ids=list(keys), begins=begins, ends=ends)]


def _lead_back(transaction: Transaction, kind: str, changes: Sequence[Row]) -> list[str]:
    """Leads things back to where they were; tells of those that are elsewhere by now."""
    ways: dict[tuple[str, str], list[str]] = {}
    for row in changes:
        ways.setdefault((json.loads(row["after"]), json.loads(row["before"])), []).append(row["thing"])
    stayed = sum(
        len(keys) - len(_led(transaction, kind, keys, begins, ends)) for (begins, ends), keys in sorted(ways.items())
    )
    return [f"{_counted(stayed, kind)}: elsewhere by now, left as it is"] if stayed else []


def _say_again(transaction: Transaction, kind: str, changes: Sequence[Row], order: Sequence[str], at: str) -> list[str]:
    """Says by hand what had been said before the changes; tells of those that cannot be taken back."""
    if not changes:
        return []
    rows = transaction.run(f"read/stored_{kind}", ids=sorted({row["thing"] for row in changes}))
    claimed = {row["id"]: claims_of(KINDS[kind], row["stored"]).get(BY_HAND, {}) for row in rows}
    # Counted, so that what is told names nobody who may be erased later.
    gone, other = 0, Counter[str]()
    fields: dict[str, Fields] = {}
    unsaid: dict[str, frozenset[str]] = {}
    for row in changes:
        key, name = row["thing"], row["field"]
        if key not in claimed:
            gone += 1
        elif name not in claimed[key] or _json(claimed[key][name]) != row["after"]:
            other[name] += 1
        else:
            said = fields.setdefault(key, {})
            if row["before"] is None:
                unsaid[key] = unsaid.get(key, frozenset()) | {name}
            else:
                said[name] = json.loads(row["before"])
    done = say_by_hand(transaction, kind, fields, at=at, order=order, unsaid=unsaid)
    unknown = Counter(one.field for one in done.complaints)
    return [
        *([f"{_counted(gone, kind)} {'is' if gone == 1 else 'are'} no more"] if gone else []),
        *(f"{_spoken(name)} of {_counted(n, kind)}: changed since, left as it is" for name, n in other.items()),
        *(f"{_spoken(name)} of {_counted(n, kind)}: names what is no more" for name, n in unknown.items()),
    ]


def _unmake(transaction: Transaction, community_id: str, made: Fields) -> list[str]:
    """Deletes a community that a remedy made, unless it has become more than that."""
    (row,) = transaction.run("read/stored_community", ids=[community_id])
    claims = claims_of(KINDS["community"], row["stored"])
    (hanging,) = transaction.run("read/hanging_on_community", id=community_id)
    if claims == {BY_HAND: made} and hanging["number"] == 0:
        transaction.run("write/delete_community", ids=[community_id])
        return []
    return [f"{made['name']} ({community_id}) has been used or changed since, and stays"]


def seen_remedy(transaction: Transaction, principal: Principal, remedy_id: str) -> KeptRemedy:
    """Raises NotFound where there is none that the principal may see."""
    found = transaction.read(reads.remedies(principal, remedy_id))
    if not found:
        raise reads.no_remedy(remedy_id)
    return found[0]


def _record(
    transaction: Transaction, principal: Principal, action: str, remedy_id: str, subjects: Sequence[str]
) -> None:
    record_event(
        transaction, actor=principal.actor, action=action, subjects=list(dict.fromkeys(subjects)),
        details={"remedy": remedy_id},
    )  # fmt: skip
    record_act(transaction, principal, action, remedy=remedy_id)


def _named(communities: Sequence[str]) -> list[str]:
    return [f"community/{key}" for key in communities]


def _found(findings: Iterable[str]) -> list[str]:
    return [f"finding/{key}" for key in findings]


def _counted(number: int, kind: str) -> str:
    spoken = kind.replace("_", " ")
    plural = "communities" if kind == "community" else f"{spoken}s"
    return f"1 {spoken}" if number == 1 else f"{number} {plural}"


def _spoken(name: str) -> str:
    """A field as people call it: `skills` for `skill_ids`."""
    return re.sub(r"_id(s?)$", r"\1", name).replace("_", " ")


def _told(before: Fields, name: str) -> str | None:
    """JSON of what the hand had said of a field; None where it had said nothing."""
    return _json(before[name]) if name in before else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _today() -> str:
    return date.today().isoformat()
