"""What a source says, as it is written: facts of one kind in batches, and what came of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph import facts
from graph.database import Transaction
from graph.facts import Fields, Kind
from graph.reads import log
from graph.suppression import SuppressionList


@dataclass(frozen=True)
class Fact:
    """What a row of a source says of one thing, valid in itself; `line` is where a person finds it.

    An `implied` fact only makes sure that there is such a thing, since other facts name it. `said` is what the source
    says of it, where `fields` is less: somebody whom it names was erased.
    """

    id: str
    fields: Fields
    line: int
    implied: bool = False
    said: Fields | None = None


@dataclass(frozen=True)
class Complaint:
    """Something about a fact that a person should know. `rejected` facts were not written."""

    line: int
    id: str
    field: str
    reason: str
    rejected: bool = False


@dataclass
class Outcome:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    suppressed: int = 0  # left out, as they are of somebody who was erased
    complaints: list[Complaint] = field(default_factory=list[Complaint])
    changed: list[str] = field(default_factory=list[str])  # subjects of the event, like `person/ID`
    held: list[str] = field(default_factory=list[str])  # ids that are in the graph after this


class Overtaken(Exception):
    """Others wrote while a batch was written; it is to be written again."""


@dataclass
class Names:
    """Which references of a run are known, so that each is looked up once. Only hits are kept: a miss may come later.

    `assumed` holds, in a dry run, what the run would have created: by kind, the ways to name it with its id.
    """

    source: str
    aliased: bool | None = None  # whether the source has ids of its own for people; asked once
    known: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    assumed: dict[str, dict[str, str]] | None = None
    erased: set[str] = field(default_factory=set[str])  # the source's ids of people who were erased
    # Kinds of which there was nothing when the run began, those of which it wrote something, and the revision that it
    # has led to by itself since.
    empty: frozenset[str] = frozenset()
    written: set[str] = field(default_factory=set[str])
    revision: int = 0

    def begin(self, transaction: Transaction) -> None:
        """Notes what is not there yet; to be called before a run writes anything."""
        self.revision = transaction.read(log.revision())
        if self.revision:
            (row,) = transaction.run("read/kinds_there")
            self.empty = frozenset(kind for kind, there in row["there"].items() if not there)
        else:  # nobody has written anything yet, which needs no look at each kind
            self.empty, self.aliased = frozenset(facts.KINDS), False

    def may_be_there(self, kind: str, ids: list[str]) -> list[str]:
        """Those of `ids` that may be in the graph. In one that was empty that is what the run itself has written, as
        long as nobody else has written anything, which `moved` tells: the other ids need no look."""
        if self._nothing_of(kind):
            return []
        if kind not in self.empty or self._goes_by_more(kind):
            return ids
        return [key for key in ids if (kind, key) in self.known]

    def look(self, transaction: Transaction) -> bool:
        """Whether others have written and it was not known yet; all is looked for from then on. To be called before
        relationships are written, since one of theirs that is not looked for would be refused by its constraint; and
        where a batch changed nothing, since it may name what they have just written."""
        if not self.empty or transaction.read(log.revision()) == self.revision:
            return False
        self.empty = frozenset()
        return True

    def wrote(self, kind: str) -> None:
        """Notes that there may be something of a kind from now on, whether or not the transaction is committed."""
        self.written.add(kind)

    def _nothing_of(self, kind: str) -> bool:
        return kind in self.empty and kind not in self.written

    def moved(self, revision: int) -> None:
        """Notes the revision that a transaction moved the graph to, before its commit. Raises Overtaken where others
        have written since `look`, and what they wrote was not looked for: from then on it is."""
        if self.empty and revision != self.revision + 1:
            self.empty = frozenset()
            raise Overtaken
        self.revision = revision

    def learn(self, kind: str, ids: Iterable[str]) -> None:
        """Notes ids that are in the graph by now; to be called when the transaction that wrote them is committed."""
        if not self._goes_by_more(kind):
            self.known.update({(kind, key): key for key in ids})

    def _goes_by_more(self, kind: str) -> bool:
        """Whether ids of the kind have to be asked for: a skill may be meant by its name, and a source's own id of a
        person may hide one of the graph."""
        return kind == "skill" or (kind == "person" and bool(self.aliased))

    def resolve(self, transaction: Transaction, kind: str, refs: set[str]) -> dict[str, str]:
        """The ids that `refs` (as the source writes them) stand for; what is unknown is left out."""
        found = {ref: self.known[kind, ref] for ref in refs if (kind, ref) in self.known}
        if self.assumed is not None:
            assumed = self.assumed.get(kind, {})
            ways = ((ref, facts.name_key(ref) if kind == "skill" and ref not in assumed else ref) for ref in refs)
            found.update({ref: assumed[way] for ref, way in ways if way in assumed})
        missing = sorted(refs - found.keys())
        if missing and not self._nothing_of(kind):
            extra: dict[str, Any] = {}
            if kind == "skill":
                extra["keys"] = {ref: facts.name_key(ref) for ref in missing}
            elif kind == "person":
                extra["source"] = self.source
            for row in transaction.run(f"read/resolve_{kind}", refs=missing, **extra):
                found[row["ref"]] = self.known[kind, row["ref"]] = row["id"]
        return found

    def has_aliases(self, transaction: Transaction) -> bool:
        if self.aliased is None:
            self.aliased = bool(transaction.run("read/has_aliases", source=self.source)[0]["aliased"])
        return self.aliased


@dataclass(frozen=True)
class Batch:
    kind: Kind
    source: str
    run: str
    order: Sequence[str]  # of sources, strongest first
    names: Names
    suppression: SuppressionList | None = None  # None for the hand, which can name nobody who is not there
    meanwhile: Callable[[], None] | None = None  # called, once or more, while the database is at work
