"""Erases a person: what is about them goes, what they did stays as nobody's (docs/decisions/0027).

It goes in steps, each of transactions of bounded size: they come onto the list of those who do not come back
(graph.writes.suppression), their questions, advice and the like lose whom they are by, the person and all that joins
them go, and last the whole graph is searched for their names. A record of what is under way (`Erasure`) holds what it
takes to find them, and goes with the last step; where it was cut off, `resume` takes it up.
"""

import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from graph.database import Database, Row, Transaction, batched
from graph.erased import ERASED, Erased, event_without, properties_without, without
from graph.errors import NotFound
from graph.facts import BY_HAND, KINDS, Fields, Kind, claims_of, merged
from graph.models import Principal
from graph.reads.log import ERASING
from graph.sentences import tell
from graph.suppression import SuppressionList
from graph.writes.acts import record_act
from graph.writes.events import now, record_event, take_turn
from graph.writes.suppression import entries, hold, reconcile, suppress

T = TypeVar("T")

# Things or relationships that share a transaction.
BATCH = 500

# Labels of the kinds of things whose claims are rewritten; what is a relationship goes with the person, or is masked.
_LABELS = {"".join(part.title() for part in name.split("_")): kind for name, kind in KINDS.items() if not kind.ends}

# Names of sources and runs, and digests: no words of people.
_AS_THEY_ARE = frozenset(("sources", "seen_in", "hashes"))


@dataclass(frozen=True)
class Erasure:
    """What an erasure did: questions and advice that are nobody's now, other things that named the person, lines of
    files of rejected rows."""

    questions: int = 0
    advice: int = 0
    mentions: int = 0
    rejects: int = 0


@dataclass(frozen=True)
class _Job:
    id: str
    erased: Erased
    actor: str
    keep_texts: bool

    @classmethod
    def of(cls, row: Row) -> "_Job":
        names = {
            name: tuple(cast("list[str]", row.get(name) or ())) for name in ("called", "emails", "aliases", "keys")
        }
        erased = Erased(row["person_id"], **names)
        return cls(row["id"], erased, row.get("actor", "erasure"), bool(row.get("keep_texts")))


def erase(
    database: Database,
    principal: Principal,
    person_id: str,
    *,
    keep_texts: bool = False,
    order: Sequence[str] = (),
) -> Erasure:
    """Erases somebody, or goes on where that was cut off. With `keep_texts` the words of their questions and advice
    stay, without their names.

    Raises NotFound where there is no such person.
    """
    begin(database, principal, person_id, keep_texts=keep_texts)
    return resume(database, order=order, person_id=person_id)


def begin(database: Database, principal: Principal, person_id: str, *, keep_texts: bool = False) -> None:
    """The first step, in one transaction: no key or session of theirs opens anything from here on, no import brings
    them back, and the rest is sure to follow (`resume`). Raises NotFound where there is no such person."""
    known = SuppressionList(database.settings)

    def work(transaction: Transaction) -> None:
        hold(transaction, known, "erasure")
        take_turn(transaction, "erasure")
        begun = next((job for job in _jobs(transaction) if job.erased.id == person_id), None)
        rows = transaction.run("read/erasing", id=person_id)
        if not rows:
            if begun is None:
                raise NotFound(tell("There is no person with the id %(person_id)r.", person_id=person_id))
            return
        (row,) = rows
        person: Row = row["person"]
        before = begun.erased if begun else Erased(person_id)
        told = (person, *claims_of(KINDS["person"], person).values())
        emails = {*before.emails, *(one["email"] for one in told if one.get("email"))}
        called = {*before.called, *(one["name"] for one in told if one.get("name"))}
        ids: list[str] = [person_id, *row["once"]]
        for resource in (json.loads(text) for text in row["provisioned"] if text):
            # By which an identity provider may push them again.
            pushed = {str(resource[name]) for name in ("userName", "externalId") if resource.get(name)}
            ids += sorted(pushed)
            emails |= {text for text in pushed if "@" in text}
        marks = [*map(known.of_id, ids), *map(known.of_email, emails), *map(known.of_alias, row["aliases"])]
        job_id = begun.id if begun else f"e-{secrets.token_hex(8)}"
        suppress(transaction, known, job_id, marks)
        # Whoever erases themselves is not named by the record of it.
        actor = "erasure" if principal.person_id == person_id else principal.actor
        given = {
            "called": sorted(called), "emails": sorted(emails), "keys": sorted({*before.keys, *row["keys"]}),
            "aliases": sorted({*before.aliases, *row["aliases"], *(f"/{one}" for one in ids if one != person_id)}),
            "actor": actor, "keep_texts": keep_texts, "at": now(),
        }  # fmt: skip
        transaction.run("write/begin_erasure", id=job_id, person_id=person_id, set=given)
        transaction.run("write/forget_access", person_ids=[person_id])
        record_act(transaction, principal, "erase.person", person_id, keep_texts=keep_texts)

    database.write(work)


def under_way(database: Database) -> list[str]:
    """The ids of the people whose erasure has begun and not ended."""
    return [job.erased.id for job in database.read_with(_jobs)]


def resume(database: Database, *, order: Sequence[str] = (), person_id: str | None = None) -> Erasure:
    """Brings to an end what was begun: of one person, or of all."""
    done = Erasure()
    for job in database.read_with(_jobs):
        if person_id is None or job.erased.id == person_id:
            one = _Run(database, job, order).go()
            done = Erasure(
                done.questions + one.questions, done.advice + one.advice, done.mentions + one.mentions,
                done.rejects + one.rejects,
            )  # fmt: skip
    return done


def settle(database: Database, *, order: Sequence[str] = ()) -> int:
    """Brings a database to what this installation knows of erasures, before anybody reads it: where it was restored by
    other means, those who came back are erased again; what was cut off is brought to an end. How many were erased."""
    known = SuppressionList(database.settings)
    number = erase_those_who_came_back(database, order=order) if reconcile(database, known) else 0
    if waiting := under_way(database):
        resume(database, order=order)
    return number + len(waiting)


def erase_those_who_came_back(database: Database, *, order: Sequence[str] = ()) -> int:
    """Erases everybody in the graph who is on the list, as after the restore of a backup that is older than their
    erasure. How many."""
    known = SuppressionList(database.settings)
    marks = {one.mark for one in entries(database) if not one.lifted}
    if not marks:
        return 0
    number = 0
    for row in list(database.stream("read/all_known_as")):
        theirs = [known.of_id(row["id"]), *map(known.of_alias, row["aliases"])]
        theirs += [known.of_email(row["email"])] if row["email"] else []
        if not marks.isdisjoint(theirs):
            begin(database, Principal(actor="erasure"), row["id"])
            resume(database, order=order, person_id=row["id"])
            number += 1
    return number


def _jobs(transaction: Transaction) -> list[_Job]:
    return [_Job.of(row["erasure"]) for row in transaction.run("read/erasures")]


class _Run:
    """One erasure from wherever it stands to its end. Each step may be done again."""

    def __init__(self, database: Database, job: _Job, order: Sequence[str]) -> None:
        self.database, self.job, self.order = database, job, order
        self.erased = job.erased
        self.known = SuppressionList(database.settings)

    def go(self) -> Erasure:
        advice = self._own("read/given_by", self._advice)
        questions = self._own("read/asked_by", self._questions)
        self._all("write/erase_said", "number", id=self.erased.id, text=ERASED)
        self._all("write/erase_proposed", "number", id=self.erased.id)
        self._all("write/thin_person", "deleted", ids=[self.erased.id])
        self._write(lambda tx: tx.run("write/delete_person", ids=[self.erased.id]))
        mentions = self._search()
        rejects = forget_in_rejects(self.database.settings.rejects_folder, self.erased)
        self._write(self._end)
        return Erasure(questions, advice, mentions, rejects)

    def _write(self, work: Callable[[Transaction], T]) -> T:
        """`work` with nobody else writing: no import, and no hand."""

        def held(transaction: Transaction) -> T:
            hold(transaction, self.known, "erasure")
            take_turn(transaction, "erasure")
            return work(transaction)

        return self.database.write(held)

    def _all(self, name: str, counted: str, **parameters: Any) -> None:
        """Runs a statement that does so much at a time until it finds nothing more."""
        while self._write(lambda tx: tx.run(name, limit=BATCH, **parameters))[0][counted]:
            pass

    def _own(self, read: str, anonymous: Callable[[Transaction, list[Row]], None]) -> int:
        number = 0

        def work(transaction: Transaction) -> int:
            rows = transaction.run(read, id=self.erased.id, limit=BATCH)
            if rows:
                anonymous(transaction, rows)
            return len(rows)

        while done := self._write(work):
            number += done
        return number

    def _advice(self, transaction: Transaction, rows: list[Row]) -> None:
        ids = [row["id"] for row in rows]
        self._things(transaction, KINDS["advice"], ids)
        renamed = [{"id": key, "new": self.known.anonymous_id(key)} for key in ids]
        transaction.run("write/rename_advice", rows=renamed)

    def _questions(self, transaction: Transaction, rows: list[Row]) -> None:
        ids = [row["id"] for row in rows]
        transaction.run("write/erase_asked", ids=ids, at=now())
        learned = [key for row in rows for key in row["advice"]]
        self._things(transaction, KINDS["advice"], learned, empty=() if self.job.keep_texts else ("learned",))
        self._things(transaction, KINDS["question"], ids)
        transaction.run("write/unlink_asker", ids=ids)

    def _things(self, transaction: Transaction, kind: Kind, ids: Iterable[str], *, empty: Iterable[str] = ()) -> int:
        """Takes the person out of what everybody says of things of one kind; how many changed. The fields of `empty`
        lose their words."""
        ids = sorted(ids)
        rows = transaction.run(f"read/stored_{kind.name}", ids=ids) if ids else list[Row]()
        number = 0
        for row in rows:
            stored: Row = row["stored"]
            claims = claims_of(kind, stored)
            if not claims:
                continue  # nobody says anything of it: it was made as others name it
            left = self._counted(kind, {source: self._claim(kind, source, one) for source, one in claims.items()})
            left = {
                source: {**one, **{name: ERASED for name in empty if one.get(name)}} for source, one in left.items()
            }
            content, owners = merged(kind, left, self.order)
            changed: Fields = {name: content.get(name) for name in kind.fields if content.get(name) != stored.get(name)}
            if left == claims and not changed:
                continue
            number += 1
            # What each source said stays noted by its hash: as long as it says the same, nothing is written anew.
            told = {"claims": json.dumps(left, ensure_ascii=False)} if stored.get("claims") else {}
            properties = {**changed, **(kind.derive(content) if changed else {}), **told}
            transaction.run(f"write/merge_{kind.name}", rows=[{"id": row["id"], "set": properties}])
            for link in kind.links:
                if link.field in changed and link.target == "person":
                    value = content.get(link.field)
                    targets = cast("list[str]", value) if isinstance(value, list) else [value] if value else []
                    owner = owners.get(link.field, BY_HAND)
                    transaction.run(
                        f"write/{link.statement}", rows=[{"id": row["id"], "targets": targets, "source": owner}]
                    )
        return number

    def _claim(self, kind: Kind, source: str, claim: Fields) -> Fields:
        left = without(kind, claim, self.erased.is_theirs, source=source, keep_texts=self.job.keep_texts)
        masked = {name: self.erased.value(name, value) for name, value in left.items()}
        return left if masked == left else masked

    @staticmethod
    def _counted(kind: Kind, claims: dict[str, Fields]) -> dict[str, Fields]:
        """Where one source's list lost somebody and another's did not hold them, each says so: what is taken from one
        source is its list with its number."""
        for link in kind.links:
            if link.counted and any(link.counted in one for one in claims.values()):
                claims = {
                    source: {**one, link.counted: one.get(link.counted, 0)} if link.field in one else one
                    for source, one in claims.items()
                }
        return claims

    def _search(self) -> int:
        """Looks for the person through the whole graph, and takes them out of what names them; how much did."""
        words = list(self.erased.words)
        nodes = list(self.database.stream("read/nodes_naming", words=words))
        number = sum(self._write(partial(self._nodes, found=some)) for some in batched(nodes, BATCH))
        joining = [row["key"] for row in self.database.stream("read/relationships_naming", words=words)]
        for keys in batched(joining, BATCH):
            number += self._write(partial(self._relationships, keys=keys))
        return number

    def _nodes(self, transaction: Transaction, found: Sequence[Row]) -> int:
        number = 0
        for label, kind in _LABELS.items():
            number += self._things(transaction, kind, [row["id"] for row in found if row["label"] == label])
        rows: list[Row] = []
        for row in transaction.run("read/texts_of_nodes", keys=[one["key"] for one in found]):
            texts = {name: value for name, value in row["texts"] if name not in _AS_THEY_ARE}
            without_them = event_without if row["label"] == "Event" else properties_without
            changed = without_them(self.erased, texts)
            if "id" in changed:
                changed["id"] = self.known.anonymous_id(texts["id"])  # by which an import knows it again
            if changed:
                rows.append({"key": row["key"], "set": changed})
        if rows:
            transaction.run("write/scrub_nodes", rows=rows)
        return number + len(rows)

    def _relationships(self, transaction: Transaction, keys: Sequence[str]) -> int:
        rows: list[Row] = []
        for row in transaction.run("read/texts_of_relationships", keys=list(keys)):
            texts = {name: value for name, value in row["texts"] if name not in _AS_THEY_ARE}
            if changed := properties_without(self.erased, texts):
                rows.append({"key": row["key"], "set": changed})
        if rows:
            transaction.run("write/scrub_relationships", rows=rows)
        return len(rows)

    def _end(self, transaction: Transaction) -> None:
        transaction.run("write/forget_access", person_ids=[self.erased.id])
        transaction.run("write/forget_answers")
        transaction.run("write/end_erasure", id=self.job.id)
        details = {"keep_texts": True} if self.job.keep_texts else {}
        record_event(
            transaction, actor=self.job.actor, action=f"{ERASING}person", subjects=[], details=details
        )  # fmt: skip


def forget_in_rejects(folder: Path, erased: Erased) -> int:
    """Writes over what names somebody in files of rejected rows, in place and to the same length: an import may be
    adding to one. How many places."""
    pattern = re.compile(b"|".join(erased.patterns_in_rejects()) or b"(?!)", re.IGNORECASE)
    number = 0
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("r+b") as file:
            start = 0
            for line in file:
                for found in pattern.finditer(line):
                    place = file.tell()
                    os.pwrite(file.fileno(), b"*" * len(found[0]), start + found.start())
                    file.seek(place)
                    number += 1
                start += len(line)
    return number
