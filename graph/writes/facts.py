"""Writes what a source says: facts of one kind in batches, compared with what is stored, written where they differ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph import facts
from graph.database import Transaction
from graph.errors import Conflict, InvalidInput, NotFound
from graph.facts import KINDS, Change, Fields
from graph.sentences import tell
from graph.writes.batch import Batch, Complaint, Fact, Names, Outcome
from graph.writes.links import link_moved, listed, spoken, unknown
from graph.writes.suppression import Withheld, hold, look, withhold

# In place of a hash: the reference of a fact was not known, so the next run looks at it again.
UNRESOLVED = "unresolved"

# A hub's relationships are deleted so many at a time.
THINNING = 10_000


def write_facts(transaction: Transaction, batch: Batch, rows: Sequence[Fact], *, dry: bool = False) -> Outcome:
    """Writes one batch of facts of one kind; what it did. In a dry run it says what it would do.

    References are resolved first: a fact whose required reference is unknown is rejected, an optional one is
    reported and tried again by the next run. What is of somebody who was erased is left out before that.
    """
    withheld = left_of(transaction, batch, rows, dry=dry)
    rows = withheld.facts
    if batch.kind.name == "person":
        rows, complaints = _identify(transaction, batch, rows, dry=dry)
    else:
        complaints = []
    outcome = Outcome(complaints=complaints, suppressed=withheld.number)
    rows = _implied(transaction, batch, rows)
    usable, unresolved = _resolve(transaction, batch, rows, outcome)
    # By all that the source says: as long as that stays the same, nothing of it is written anew.
    marks = [facts.content_hash(fact.fields if fact.said is None else fact.said) for fact in usable]
    stored = _stored(transaction, batch, usable, marks, unresolved)
    # A fact with an unresolved reference keeps no final mark, so that the next run looks at it again.
    changes: dict[str, Change] = {}
    first: dict[str, Fact] = {}
    for fact, mark in zip(usable, marks, strict=True):
        before = first.setdefault(fact.id, fact)
        seen = stored.get(fact.id)
        if (fact.implied or fact.id in withheld.quiet) and seen is not None:
            # To be named is no claim to content, but who spoke of the thing before goes on to do so. Of what is left of
            # a text by somebody who was erased, nobody says more.
            if batch.source in seen["sources"] and not _seen_in_run(seen, batch):
                changes[fact.id] = facts.seen_again(seen, batch.source, batch.run)
            continue
        again = before is not fact or (seen is not None and _seen_in_run(seen, batch))
        if again:
            same = before.fields == fact.fields if before is not fact else _same_claim(batch, seen, fact, mark)
            if not same:
                outcome.complaints.append(
                    Complaint(
                        fact.line, fact.id, "id",
                        "comes twice in this source with different content; the first one was kept", rejected=True,
                    )
                )  # fmt: skip
            continue
        if fact.id in unresolved:
            mark = UNRESOLVED
        change = facts.state(batch.kind, seen, batch.source, fact.fields, batch.run, mark, batch.order)
        changes[fact.id] = change
    outcome.held = list(changes)
    if changes:
        batch.names.wrote(batch.kind.name)
    linked: set[str] = set() if dry else _write(transaction, batch, changes, stored, first)
    for key, change in changes.items():
        if change.created:
            outcome.created += 1
        elif change.content or key in linked:
            outcome.updated += 1
        else:
            outcome.unchanged += 1
            continue
        outcome.changed.append(f"{batch.kind.name}/{key}")
    if batch.names.assumed is not None:
        assumed = batch.names.assumed.setdefault(batch.kind.name, {})
        for key, fact in first.items():
            assumed[key] = key
            if batch.kind.name == "skill":
                assumed.setdefault(facts.name_key(fact.fields["name"]), key)
    return outcome


def left_of(transaction: Transaction, batch: Batch, rows: Sequence[Fact], *, dry: bool) -> Withheld:
    """The facts without people who were erased. From here to the commit nobody else is."""
    known = batch.suppression
    if known is None or not (look(transaction, known) if dry else hold(transaction, known, "ingest")):
        return Withheld(list(rows))
    return withhold(transaction, known, batch.kind, batch.source, rows, batch.names.erased, dry=dry)


def _implied(transaction: Transaction, batch: Batch, rows: Sequence[Fact]) -> Sequence[Fact]:
    """The facts, each implied one once, under the id of the thing that has the name already."""
    names = {fact.fields["name"] for fact in rows if fact.implied}
    if not names:
        return rows
    there = batch.names.resolve(transaction, batch.kind.name, names)
    assumed = (batch.names.assumed or {}).get(batch.kind.name, {})
    once: dict[str, Fact] = {}
    for fact in rows:
        key = there.get(fact.fields["name"], fact.id)
        if key not in assumed:
            once.setdefault(key, replace(fact, id=key))
    return list(once.values())


def _stored(
    transaction: Transaction, batch: Batch, rows: Sequence[Fact], marks: Sequence[str], unresolved: set[str]
) -> dict[str, Fields]:
    """What is stored of the facts' things, by id: of those that changed all properties, of the others provenance."""
    ids = batch.names.may_be_there(batch.kind.name, sorted({fact.id for fact in rows}))
    if not ids:
        return {}
    stored: dict[str, Fields] = {row["id"]: row for row in transaction.run(f"read/marks_{batch.kind.name}", ids=ids)}
    differing = {
        fact.id
        for fact, mark in zip(rows, marks, strict=True)
        if fact.id in stored and (fact.id in unresolved or (batch.source, mark) not in _marks(stored[fact.id]))
    }
    if differing:
        found = transaction.run(f"read/stored_{batch.kind.name}", ids=sorted(differing))
        stored.update({row["id"]: row["stored"] for row in found})
    return stored


def _marks(stored: Fields) -> set[tuple[str, str]]:
    """(source, hash of what it said last)."""
    return set(zip(stored.get("sources") or (), stored.get("hashes") or (), strict=False))


def _seen_in_run(stored: Fields, batch: Batch) -> bool:
    sources: list[str] = stored.get("sources") or []
    return batch.source in sources and stored["seen_in"][sources.index(batch.source)] == batch.run


def _same_claim(batch: Batch, stored: Fields | None, fact: Fact, mark: str) -> bool:
    assert stored is not None
    held: str = stored["hashes"][stored["sources"].index(batch.source)]
    return held == mark or facts.claims_of(batch.kind, stored).get(batch.source) == fact.fields


def _resolve(
    transaction: Transaction, batch: Batch, rows: Sequence[Fact], outcome: Outcome
) -> tuple[list[Fact], set[str]]:
    """Facts with references in the graph's own ids, without those that lack a required one; ids with a gap."""
    kind = batch.kind
    references = [(link.field, link.target) for link in kind.links if not link.deferred and link.target != "text"]
    references.extend(kind.ends or ())
    required = {*kind.required, *(name for name, _ in kind.ends or ())}
    wanted: dict[str, set[str]] = {}
    for name, target in references:
        values = (fact.fields.get(name) for fact in rows)
        wanted.setdefault(target, set()).update(ref for value in values for ref in listed(value))
    found = {target: batch.names.resolve(transaction, target, refs) for target, refs in wanted.items()}
    usable: list[Fact] = []
    unresolved: set[str] = set()
    for fact in rows:
        fields, rejected = fact.fields, False
        for name, target in references:
            value = fields.get(name)
            if value is None or (isinstance(value, str) and found[target].get(value) == value):
                continue  # as of most rows
            refs = listed(value)
            gaps = [ref for ref in refs if ref not in found[target]]
            for ref in gaps:
                rejected = rejected or name in required
                outcome.complaints.append(
                    Complaint(
                        fact.line, fact.id, name, unknown(target, ref),
                        rejected=name in required,
                    )
                )  # fmt: skip
            if gaps:
                unresolved.add(fact.id)
            resolved = [found[target].get(ref, ref) for ref in refs]
            if resolved != refs:
                fields = {**fields, name: resolved if isinstance(value, list) else resolved[0]}
        if not rejected:
            usable.append(fact if fields is fact.fields else replace(fact, fields=fields))
    return usable, unresolved


def _write(
    transaction: Transaction,
    batch: Batch,
    changes: dict[str, Change],
    stored: dict[str, Fields],
    by_id: dict[str, Fact],
) -> set[str]:
    """Writes the changes; the ids of things whose links moved."""
    kind = batch.kind
    there = {key: (changes[key], stored.get(key)) for key in sorted(changes)}
    if kind.ends:
        (start, _), (end, _) = kind.ends
        new = [
            {
                "start": by_id[key].fields[start],
                "end": by_id[key].fields[end],
                "set": {"id": key, **change.properties},
            }
            for key, (change, _) in there.items()
            if change.created
        ]
        there = {key: pair for key, pair in there.items() if not pair[0].created}
        if new:
            transaction.run_while(batch.meanwhile, f"write/create_{kind.name}", rows=new)
    return _apply(transaction, batch, there)


def _apply(transaction: Transaction, batch: Batch, changes: dict[str, tuple[Change, Fields | None]]) -> set[str]:
    """Writes changes of nodes, and of relationships that are there; the ids of nodes whose links moved.

    Each change comes with what was stored. Links among things of one kind are only taken away here, where the field
    was emptied; new ones are for `link_deferred`.
    """
    if not changes:
        return set()
    kind = batch.kind
    rows = [{"id": key, "set": change.properties} for key, (change, _) in sorted(changes.items())]
    transaction.run_while(batch.meanwhile, f"write/{'update' if kind.ends else 'merge'}_{kind.name}", rows=rows)
    if kind.movable and kind.ends:
        names = {name for name, _ in kind.ends}
        led = [
            {"id": key, "end": end}
            for key, (change, _) in sorted(changes.items())
            if names & change.fields and (end := change.properties.get(kind.ends[1][0])) is not None
        ]
        if led:
            transaction.run(f"write/move_{kind.name}", rows=led)
    moved: set[str] = set()
    for link in kind.links:
        linked: list[dict[str, Any]] = []
        for key, (change, before) in changes.items():
            retry = not change.created and "hashes" in change.properties and not change.fields
            value = change.properties.get(link.field, (before or {}).get(link.field))
            if link.deferred:
                wanted = link.field in change.fields and value is None
            else:
                wanted = link.field in change.fields or retry
            if wanted:
                source = change.owners.get(link.field, batch.source)
                linked.append({"id": key, "targets": listed(value), "source": source})
        if linked:
            counts = transaction.count(f"write/{link.statement}", rows=linked)
            if counts.relationships_created or counts.relationships_deleted:
                moved.update(row["id"] for row in linked)
    return moved


def _identify(
    transaction: Transaction, batch: Batch, rows: Sequence[Fact], *, dry: bool
) -> tuple[list[Fact], list[Complaint]]:
    """People under the ids that the graph knows them by: by id, else by an e-mail address that one person has.

    What is not certain (two people with the address, or a second id of the same source) stays apart and is listed
    for a person to decide.
    """
    # Without ids of its own for anybody, the source means the graph's ids, and a row that has no e-mail needs no look.
    asked = (
        {f.id for f in rows} if batch.names.has_aliases(transaction) else {f.id for f in rows if f.fields.get("email")}
    )
    known = batch.names.resolve(transaction, "person", asked) if asked else {}
    addresses = {
        fact.id: facts.email_key(fact.fields["email"])
        for fact in rows
        if fact.id not in known and fact.fields.get("email")
    }
    holders: dict[str, list[dict[str, Any]]] = {}
    if addresses:
        for row in transaction.run("read/people_by_email", keys=sorted(set(addresses.values()))):
            holders.setdefault(row["key"], []).append(row)
    result: list[Fact] = []
    complaints: list[Complaint] = []
    aliases: dict[str, dict[str, str]] = {}
    claimed: dict[str, str] = {}  # e-mail -> id of a row of this batch that has it
    for fact in rows:
        key = known.get(fact.id, fact.id)
        address = addresses.get(fact.id)
        others = holders.get(address, []) if address else []
        twin = claimed.setdefault(address, fact.id) if address else fact.id
        if len(others) == 1 and batch.source not in others[0]["sources"] and twin == fact.id:
            key = others[0]["id"]
            alias = f"{batch.source}/{fact.id}"
            aliases[alias] = {"id": alias, "person_id": key, "source": batch.source}
        elif others or twin != fact.id:
            named = ", ".join(sorted({other["id"] for other in others} | ({twin} - {fact.id})))
            complaints.append(
                Complaint(
                    fact.line, fact.id, "email",
                    f"is also the address of {named}: perhaps the same person; kept apart until somebody decides",
                )
            )  # fmt: skip
        result.append(replace(fact, id=key) if key != fact.id else fact)
    if aliases and not dry:
        transaction.run("write/alias_people", rows=[aliases[alias] for alias in sorted(aliases)])
        batch.names.aliased = True
    return result, complaints


def count_unseen(transaction: Transaction, batch: Batch) -> int:
    """How many things of the kind the source spoke of before and did not in this run."""
    number, after = 0, ""
    while True:
        rows = transaction.run(
            f"read/unseen_{batch.kind.name}", source=batch.source, run=batch.run, after=after, limit=THINNING
        )
        number += len(rows)
        if len(rows) < THINNING:
            return number
        after = str(rows[-1]["id"])


def prune(
    transaction: Transaction, batch: Batch, after: str, limit: int, on_kept: Callable[[str], None]
) -> tuple[Outcome, str | None]:
    """Withdraws what the source said of up to `limit` things and did not say again in this run.

    A thing that nobody speaks of any more goes, unless facts of others hang on it: then it stays, and `on_kept` is
    told. Returns the outcome and the id to go on after, None at the end.
    """
    kind = batch.kind
    if batch.suppression is not None:
        hold(transaction, batch.suppression, "ingest")
    rows = transaction.run(f"read/unseen_{kind.name}", source=batch.source, run=batch.run, after=after, limit=limit)
    outcome = Outcome()
    gone: list[str] = []
    kept: dict[str, tuple[Change, Fields | None]] = {}
    for row in rows:
        change = facts.withdraw(kind, row["stored"], batch.source, batch.order)
        if not change.gone:
            kept[row["id"]] = (change, row["stored"])
        elif row["held_by_others"]:
            on_kept(row["id"])
        else:
            gone.append(row["id"])
    _apply(transaction, batch, kept)
    outcome.complaints = link_moved(transaction, batch, kept)
    if gone:
        if not kind.ends:
            deleted = THINNING
            while deleted == THINNING:
                (row,) = transaction.run(f"write/thin_{kind.name}", ids=gone, limit=THINNING)
                deleted = row["deleted"]
        transaction.run(f"write/delete_{kind.name}", ids=gone)
    outcome.removed = len(gone)
    moved = [key for key, (change, _) in kept.items() if change.content]
    outcome.updated = len(moved)
    outcome.changed = [f"{kind.name}/{key}" for key in (*gone, *moved)]
    return outcome, rows[-1]["id"] if len(rows) == limit else None


def take_claim(transaction: Transaction, batch: Batch, thing: str, claim: Fields) -> None:
    """Makes a thing that is there hold that the batch's source claims this of it."""
    (row,) = transaction.run(f"read/stored_{batch.kind.name}", ids=[thing])
    mark = facts.content_hash(claim)
    change = facts.state(batch.kind, row["stored"], batch.source, claim, batch.run, mark, batch.order)
    _apply(transaction, batch, {thing: (change, row["stored"])})
    link_moved(transaction, batch, {thing: (change, row["stored"])})


def withdraw_claim(transaction: Transaction, batch: Batch, thing: str) -> None:
    """Takes away what the batch's source says of a thing of which others speak too."""
    (row,) = transaction.run(f"read/stored_{batch.kind.name}", ids=[thing])
    change = facts.withdraw(batch.kind, row["stored"], batch.source, batch.order)
    if not change.gone:
        _apply(transaction, batch, {thing: (change, row["stored"])})
        link_moved(transaction, batch, {thing: (change, row["stored"])})


def set_by_hand(
    transaction: Transaction, kind_name: str, thing: str, fields: Fields, *, at: str, order: Sequence[str]
) -> bool:
    """Sets fields of one thing by hand: from now on they win over what any source says. None empties a field.

    Returns False where nothing changed. Raises NotFound where there is no such thing, and InvalidInput where a field
    names something unknown or would close a circle.
    """
    done = say_by_hand(transaction, kind_name, {thing: fields}, at=at, order=order)
    if thing not in done.before:
        raise NotFound(tell("There is no %(what)s with the id %(thing)r.", what=spoken(kind_name), thing=thing))
    refuse(done.complaints)
    return thing in done.changed


@dataclass(frozen=True)
class Said:
    """What became of things of which a hand said something: what it had said of each before, by id of those that are
    there, and the ids of those whose content changed."""

    before: Mapping[str, Fields]
    changed: frozenset[str]
    complaints: Sequence[Complaint]


def say_by_hand(
    transaction: Transaction,
    kind_name: str,
    fields: Mapping[str, Fields],
    *,
    at: str,
    order: Sequence[str],
    unsaid: Mapping[str, frozenset[str]] | None = None,
) -> Said:
    """Sets fields of things by hand, by id; of those named in `unsaid` the hand says nothing any more.

    What is named in a field and is not known, or would close a circle, is not linked and complained of.
    """
    kind = KINDS[kind_name]
    batch = Batch(kind, facts.BY_HAND, at, order, Names(facts.BY_HAND))
    rows = transaction.run(f"read/stored_{kind_name}", ids=sorted(fields))
    stored: dict[str, Fields] = {row["id"]: row["stored"] for row in rows}
    outcome = Outcome()
    usable, _ = _resolve(transaction, batch, [Fact(key, fields[key], 0) for key in sorted(stored)], outcome)
    before = {key: facts.claims_of(kind, one).get(facts.BY_HAND, {}) for key, one in stored.items()}
    changes: dict[str, tuple[Change, Fields | None]] = {}
    for fact in usable:
        unwanted = (unsaid or {}).get(fact.id, frozenset())
        claim = {name: value for name, value in {**before[fact.id], **fact.fields}.items() if name not in unwanted}
        if claim:
            change = facts.state(kind, stored[fact.id], facts.BY_HAND, claim, at, facts.content_hash(claim), order)
        else:
            change = facts.withdraw(kind, stored[fact.id], facts.BY_HAND, order)
        changes[fact.id] = (change, stored[fact.id])
    _apply(transaction, batch, changes)
    complaints = [*outcome.complaints, *link_moved(transaction, batch, changes)]
    return Said(before, frozenset(key for key, (change, _) in changes.items() if change.content), complaints)


def create_by_hand(
    transaction: Transaction, kind_name: str, thing: str, fields: Fields, *, at: str, order: Sequence[str]
) -> None:
    """Makes a thing that no source has told of yet. Raises Conflict where the id is taken, InvalidInput as above."""
    kind = KINDS[kind_name]
    if transaction.run(f"read/marks_{kind_name}", ids=[thing]):
        raise Conflict(tell("There is a %(what)s with the id %(thing)r already.", what=spoken(kind_name), thing=thing))
    batch = Batch(kind, facts.BY_HAND, at, order, Names(facts.BY_HAND))
    outcome = write_facts(transaction, batch, [Fact(thing, fields, 0)])
    refuse(outcome.complaints)


def refuse(complaints: Sequence[Complaint]) -> None:
    """What an import reports and goes on from, a person who sets a field is told at once."""
    for complaint in complaints:
        raise InvalidInput(tell("%(field)s: %(reason)s.", field=complaint.field, reason=complaint.reason))
