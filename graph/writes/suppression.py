"""Keeps those who were erased from coming back: what sources go on to say of them is left out, and counted.

Whoever writes what a source says holds the list (`hold`) from the first statement of a transaction to its commit, and
so does an erasure. So the one sees all that the other did: what was read of somebody before they were erased is not
written after it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from graph.database import Database, Row, Transaction
from graph.erased import ERASED, without
from graph.errors import InvalidInput, NotFound
from graph.facts import Fields, Kind
from graph.models import Principal
from graph.sentences import tell
from graph.suppression import Entry, SuppressionList, latest
from graph.writes.acts import record_act
from graph.writes.batch import Fact
from graph.writes.events import now

# What may be an e-mail address within a text.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")

_ANOTHER_SECRET = (
    "The database knows people who were erased by another secret than this installation has, so it cannot tell whom an "
    "import would bring back. Bring suppression.key of the data folder back, or set GUILDMAP_SUPPRESSION_SECRET. Where "
    "it is lost for good, `guildmap personal-data readmit --everybody` gives the list up."
)


@dataclass
class Withheld:
    """The facts that may be written, those of them of which nothing may be said but that they are there (`quiet`, by
    id), and how many were left out."""

    facts: list[Fact]
    quiet: set[str] = field(default_factory=set[str])
    number: int = 0


def hold(transaction: Transaction, known: SuppressionList, holder: str) -> bool:
    """To be called first in a transaction. Whether anybody is on the list. Raises InvalidInput where it was made with
    another secret."""
    return _asked(transaction.run("write/hold_suppression", holder=holder, secret=known.fingerprint))


def look(transaction: Transaction, known: SuppressionList) -> bool:
    """As `hold`, in a transaction that only reads."""
    return _asked(transaction.run("read/suppression_held", secret=known.fingerprint))


def _asked(rows: list[Row]) -> bool:
    if rows[0]["others"]:
        raise InvalidInput(_ANOTHER_SECRET)
    return rows[0]["number"] > 0


def withhold(
    transaction: Transaction,
    known: SuppressionList,
    kind: Kind,
    source: str,
    facts: Sequence[Fact],
    met: set[str],
    *,
    dry: bool,
) -> Withheld:
    """What may be written of the facts; the caller holds the list.

    Left out are a person on it and what is a relationship of theirs. Of other things the reference goes, and what they
    wrote with it. A person who is known by one thing (an address) is from now on known by the rest, too: their ids are
    added to those `met` in this run, and, unless it is `dry`, to the list.
    """
    refs = {ref for fact in facts for ref in _people(kind, fact)}
    marks = {ref: (known.of_id(ref), known.of_alias(f"{source}/{ref}")) for ref in refs}
    addresses = {address for fact in facts for text in _texts(fact.fields) for address in _ADDRESS.findall(text)}
    by_address = {address: known.of_email(address) for address in addresses}
    asked = sorted({mark for pair in marks.values() for mark in pair} | set(by_address.values()))
    found = {row["mark"]: row["erasure"] for row in transaction.run("read/suppressed", marks=asked)} if asked else {}
    if kind.name == "advice":
        unlearned = {str(fact.fields.get("question_id")) for fact in facts if fact.fields.get("learned")}
        rows = transaction.run("read/learned_by_erased", ids=sorted(unlearned)) if unlearned else []
        unlearned = {row["id"] for row in rows}
    else:
        unlearned = set[str]()
    erased = {ref for ref, pair in marks.items() if ref in met or any(mark in found for mark in pair)}
    gone = {address for address, mark in by_address.items() if mark in found}
    # Things whose ids named somebody who was erased are known by others now.
    renamed = {} if kind.ends or kind.name == "person" else {known.anonymous_id(fact.id): fact.id for fact in facts}
    there = transaction.run(f"read/marks_{kind.name}", ids=sorted(renamed)) if renamed else []
    renamed = {renamed[row["id"]]: row["id"] for row in there}
    if not erased and not gone and not unlearned and not renamed:
        return Withheld(list(facts))
    done = Withheld([])
    more: list[Entry] = []
    for fact in facts:
        if kind.name == "person" and (fact.id in erased or fact.fields.get("email") in gone):
            done.number += 1
            met.add(fact.id)
            more += _also(known, source, fact, found)
            continue
        if kind.ends and any(fact.fields.get(name) in erased for name, target in kind.ends if target == "person"):
            done.number += 1
            continue
        fields = without(kind, fact.fields, erased.__contains__)
        wrote = any(
            link.wrote and fields.get(link.field) != fact.fields.get(link.field)
            for link in kind.links
            if link.target == "person"
        )
        if fact.fields.get("question_id") in unlearned and "learned" in fields:
            fields = {**fields, "learned": ERASED}
            wrote = True
        if gone:
            fields = _without_addresses(fields, gone)
        key = renamed.get(fact.id, fact.id)
        if kind.names_people and _people(kind, fact) & erased:
            key = known.anonymous_id(fact.id)
        if fields is fact.fields and key == fact.id:
            done.facts.append(fact)
            continue
        if wrote or key != fact.id:
            done.quiet.add(key)
        done.facts.append(replace(fact, id=key, fields=fields, said=fact.fields))
    if more and not dry:
        known.note(more)
        _write(transaction, known, more)
    return done


def _people(kind: Kind, fact: Fact) -> set[str]:
    """The people whom a fact names or is of."""
    found = {fact.id} if kind.name == "person" else set[str]()
    named = [link.field for link in kind.links if link.target == "person"]
    for name in (*named, *(name for name, target in kind.ends or () if target == "person")):
        value = fact.fields.get(name)
        found.update(cast("list[str]", value) if isinstance(value, list) else [value] if value else [])
    return found


def _texts(fields: Fields) -> Iterable[str]:
    for value in fields.values():
        if isinstance(value, str) and "@" in value:
            yield value
        elif isinstance(value, list):
            yield from (item for item in cast("list[str]", value) if "@" in item)


def _without_addresses(fields: Fields, gone: set[str]) -> Fields:
    def clean(text: str) -> str:
        return _ADDRESS.sub(lambda found: ERASED if found[0] in gone else found[0], text)

    def left_of(value: Any) -> Any:
        if isinstance(value, list):
            return [clean(item) for item in cast("list[str]", value)]
        return clean(value) if isinstance(value, str) else value

    left: Fields = {name: left_of(value) for name, value in fields.items()}
    return fields if left == fields else left


def _also(known: SuppressionList, source: str, fact: Fact, found: Mapping[str, str]) -> Iterable[Entry]:
    """By what else the person of a row is known from now on."""
    marks = [known.of_id(fact.id), known.of_alias(f"{source}/{fact.id}")]
    if fact.fields.get("email"):
        marks.append(known.of_email(fact.fields["email"]))
    erasure = next((found[mark] for mark in marks if mark in found), "")
    # The id itself is another's where the source has ids of its own: then the alias alone is theirs.
    wanted = marks if marks[0] in found else marks[1:]
    return [Entry(mark, erasure, now()) for mark in wanted if erasure and mark not in found]


def suppress(transaction: Transaction, known: SuppressionList, erasure: str, marks: Iterable[str]) -> None:
    """Puts somebody on the list. The file is first: what it alone has comes into the graph by `reconcile`."""
    entries = [Entry(mark, erasure, now()) for mark in sorted(set(marks))]
    known.note(entries)
    _write(transaction, known, entries)


def lift(transaction: Transaction, principal: Principal, known: SuppressionList, by: str) -> int:
    """Takes the person of an id, alias (`SOURCE/ID`) or e-mail address off the list: the next import brings them back.
    How many hashes stood for them. Raises NotFound where nobody on it is known so."""
    hold(transaction, known, "readmit")
    marks = [known.of_id(by), known.of_alias(by), known.of_email(by)]
    erasures = {row["erasure"] for row in transaction.run("read/suppressed", marks=marks)}
    if not erasures:
        raise NotFound(tell("Nobody whom %(by)r stands for was erased, or they were readmitted already.", by=by))
    at = now()
    theirs = [one for one in _entries(transaction) if one.erasure in erasures and not one.lifted]
    lifted = [replace(one, at=at, lifted=True) for one in theirs]
    known.note(lifted)
    _write(transaction, known, lifted)
    record_act(transaction, principal, "readmit.person", hashes=len(lifted))
    return len(lifted)


def give_up(transaction: Transaction, principal: Principal, known: SuppressionList) -> int:
    """Takes everybody off the list, also where it was made with a secret that is lost. How many hashes it had."""
    transaction.run("write/hold_suppression", holder="readmit", secret=known.fingerprint)
    at = now()
    known.note([replace(one, at=at, lifted=True) for one in known.entries().values()])
    (row,) = transaction.run("write/forget_suppressed")
    record_act(transaction, principal, "readmit.everybody", hashes=row["number"])
    return row["number"]


def reconcile(database: Database, known: SuppressionList) -> bool:
    """Brings the graph's list and that of the file to what was said last in either. Whether the graph came to know
    more: then somebody may be there again who was erased."""
    in_file = known.entries()

    def work(transaction: Transaction) -> bool:
        hold(transaction, known, "reconcile")
        in_graph = {one.mark: one for one in _entries(transaction)}
        whole = dict(in_graph)
        for one in in_file.values():
            whole[one.mark] = latest(whole.get(one.mark), one)
        new = [one for mark, one in sorted(whole.items()) if in_graph.get(mark) != one]
        if new:
            _write(transaction, known, new)
        known.note(one for mark, one in sorted(whole.items()) if in_file.get(mark) != one)
        return bool(new)

    if not in_file and not database.rows("read/suppression"):
        return False
    return database.write(work)


def entries(database: Database) -> list[Entry]:
    return database.read_with(_entries)


def _entries(transaction: Transaction) -> list[Entry]:
    return [
        Entry(row["mark"], row["erasure"], row["lifted_at"] or row["at"], row["lifted_at"] is not None)
        for row in transaction.run("read/suppression")
    ]


def _write(transaction: Transaction, known: SuppressionList, given: Iterable[Entry]) -> None:
    rows = [
        {"id": one.mark, "erasure": one.erasure, "at": one.at, "lifted_at": one.at if one.lifted else None}
        for one in given
    ]
    transaction.run("write/suppress", rows=rows, secret=known.fingerprint)
