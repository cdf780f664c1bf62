"""Runs an ingest: read, validate, write in batches, sweep. Resumable at every batch, repeatable without effect."""

import gc
import json
import os
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from graph.database import Database, Transaction, batched
from graph.errors import PruningRefused, TooManyRejects
from graph.facts import KINDS, Kind, Link
from graph.reads import log
from graph.suppression import SuppressionList
from graph.writes.batch import Batch, Complaint, Fact, Names, Outcome, Overtaken
from graph.writes.events import now, record_event
from graph.writes.facts import count_unseen, left_of, prune, write_facts
from graph.writes.links import link_deferred, links_of
from ingest.records import RECORDS, Record
from ingest.sources import Row, Source, Table
from ingest.sources.bundle import unknown_columns

# Rows of a file that share one transaction. Larger ones are hardly faster and lose more work to a retry.
BATCH = 2000

# What the collector of circles counts of a batch: some twenty lists, dictionaries and objects a row.
THINGS = 20 * BATCH

# Things looked at in one transaction when what vanished from a source is withdrawn.
SWEEP = 1000

# Fewer vanished things of a kind than this are never taken for a broken export: small organisations change fast.
FEW = 50

# The share of a source's things of one kind, in percent, that may vanish in one run.
PRUNE_AT_MOST = 50

# The order in which kinds of facts are written: what is named comes before what names it.
LOADING = list(KINDS)

Progress = Callable[[str, int, int | None], None]  # what, rows done, rows in all where known
T = TypeVar("T")


def rejects_name(run: str) -> str:
    """What the file of rejects of a run is called: a colon is no part of a name everywhere."""
    return f"{run.replace(':', '')}.jsonl"


@dataclass
class Count:
    """What a run did to the facts of one kind."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    removed: int = 0
    kept: int = 0  # vanished from the source, but facts of others hang on it
    suppressed: int = 0  # of people who were erased: left out

    def add(self, outcome: Outcome) -> None:
        self.created += outcome.created
        self.updated += outcome.updated
        self.unchanged += outcome.unchanged
        self.removed += outcome.removed
        self.suppressed += outcome.suppressed
        self.rejected += sum(complaint.rejected for complaint in outcome.complaints)


@dataclass
class Report:
    """What a run did. `counts` has one entry a kind; `rejects` is the file with every complaint, None without any."""

    run: str
    source: str
    state: str = "running"
    dry_run: bool = False
    resumed_at: str | None = None
    rows: int = 0
    counts: dict[str, Count] = field(default_factory=dict[str, Count])
    reported: int = 0  # unresolved references, doubtful identities: written, but somebody should look
    warnings: list[str] = field(default_factory=list[str])
    rejects: Path | None = None
    revision: int = 0

    @property
    def rejected(self) -> int:
        return sum(count.rejected for count in self.counts.values())

    @property
    def suppressed(self) -> int:
        return sum(count.suppressed for count in self.counts.values())

    @property
    def changed(self) -> int:
        return sum(count.created + count.updated + count.removed for count in self.counts.values())


class RejectsFile:
    """Complaints as JSON lines, one a row and reason, without the row's content: that is in the source."""

    def __init__(self, path: Path, length: int) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        # What was written behind the last checkpoint is written again: cut it, so that nothing stands twice.
        self._unsettled = False
        self._file.truncate(length)
        self._file.seek(0, os.SEEK_END)

    def add(self, file: str, complaints: Sequence[Complaint]) -> None:
        for complaint in complaints:
            line = {"file": file, **asdict(complaint)}
            self._file.write(json.dumps(line, ensure_ascii=True).encode() + b"\n")
            self._unsettled = True

    def rewind(self, length: int) -> None:
        """Cuts what a transaction added that is now tried again."""
        self._file.seek(length)
        self._file.truncate()

    def settle(self) -> int:
        """The length in bytes, with all of it on the disk."""
        if self._unsettled:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._unsettled = False
        return self._file.tell()

    def close(self) -> bool:
        """Whether there is anything in it; an empty file is removed."""
        length = self._file.tell()
        self._file.close()
        if length == 0:
            self.path.unlink(missing_ok=True)
        return length > 0


@dataclass(frozen=True)
class Step:
    """One pass over one table: its facts, or (with `link`) the links among things of one kind."""

    table: Table
    record: type[Record]
    link: tuple[Kind, Link] | None = None

    @property
    def title(self) -> str:
        return f"{self.table.subject}: {self.link[1].field}" if self.link else self.table.subject


@dataclass(frozen=True)
class Prepared:
    """A batch of rows, validated: the facts by kind, and where in the table it ends."""

    rows: int
    position: int
    facts: dict[str, list[Fact]]
    complaints: list[Complaint]


def ingest(
    database: Database,
    source: Source,
    *,
    rejects_folder: Path,
    order: Sequence[str] = (),
    dry_run: bool = False,
    sweep: bool = False,
    prune_at_most: int = PRUNE_AT_MOST,
    max_rejects: int = 1000,
    batch_size: int = BATCH,
    actor: str = "ingest",
    progress: Progress | None = None,
) -> Report:
    """Brings the graph to what `source` says; with `sweep`, withdraws what it said before and says no more.

    A run that was cut off is taken up where its last transaction ended, if the source is still the same. Raises
    InvalidInput where the source as a whole cannot be read, and TooManyRejects behind `max_rejects` bad rows; what
    was written until then stays and the next run goes over all of it again. Raises PruningRefused, with nothing
    withdrawn, where more than `prune_at_most` percent of what the source said of one kind vanished.
    """
    with rarely_collected():
        return _Run(
            database, source, rejects_folder, order, dry_run, sweep, prune_at_most, max_rejects, batch_size, actor,
            progress,
        ).go()  # fmt: skip


@contextmanager
def rarely_collected() -> Generator[None]:
    """Python's collector looks for circles once in as many new things as a batch makes, and not 60 times: it finds none
    among rows, and takes a fifth of the time of an import."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], THINGS), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Run:
    def __init__(
        self,
        database: Database,
        source: Source,
        rejects_folder: Path,
        order: Sequence[str],
        dry_run: bool,
        sweep: bool,
        prune_at_most: int,
        max_rejects: int,
        batch_size: int,
        actor: str,
        progress: Progress | None,
    ) -> None:
        self.database, self.source, self.order = database, source, order
        self.dry_run, self.sweep, self.max_rejects = dry_run, sweep, max_rejects
        self.prune_at_most = prune_at_most
        self.batch_size, self.actor, self.progress = batch_size, actor, progress
        self.tables = source.tables()
        self.fingerprint = source.fingerprint()
        self.steps = list(_steps(self.tables))
        self.idle: set[int] = set()  # numbers of steps
        self.suppression = SuppressionList(database.settings)
        self.names = Names(source.name, assumed={} if dry_run else None)
        self.linked: tuple[Link, dict[str, list[str]]] | None = None
        stored = None if dry_run else database.read(log.unfinished_run(source.name))
        if stored and (stored["fingerprint"] != self.fingerprint or stored["sweep"] != sweep):
            stored = None
        self.begin = (stored["step"], stored["position"]) if stored else (0, 0)
        self.report = Report(run=stored["id"] if stored else f"{now()}-{secrets.token_hex(3)}", source=source.name)
        self.report.dry_run = dry_run
        if stored:
            self.report.counts = {k: Count(**v) for k, v in json.loads(stored["counts"]).items()}
            self.report.reported, self.report.rows = stored["reported"], stored["rows"]
            self.report.resumed_at = f"{self.steps[self.begin[0]].table.file}, row {self.begin[1] + 1}"
        self.rejects = RejectsFile(
            rejects_folder / rejects_name(self.report.run),
            stored["rejects_bytes"] if stored else 0,
        )
        if not dry_run and not stored:
            database.write(self._open)

    def _open(self, transaction: Transaction) -> None:
        transaction.run("write/abandon_runs", source=self.source.name, at=now())
        self.names.begin(transaction)
        self._save(transaction, 0, 0, state="running", started_at=now())

    def _save(self, transaction: Transaction, step: int, position: int, **more: Any) -> None:
        report = self.report
        fields = {
            "source": self.source.name, "fingerprint": self.fingerprint, "sweep": self.sweep, "step": step,
            "position": position, "counts": json.dumps({k: asdict(v) for k, v in report.counts.items()}),
            "reported": report.reported, "rows": report.rows, "rejects_bytes": self.rejects.settle(),
            # For whoever watches it.
            "steps": len(self.steps), "doing": self.steps[step].title if step < len(self.steps) else None,
            "saved_at": now(), **more,
        }  # fmt: skip
        transaction.run("write/save_run", id=report.run, set=fields)

    def go(self) -> Report:
        report = self.report
        try:
            for number, step in enumerate(self.steps):
                if number >= self.begin[0]:
                    self._step(number, step, self.begin[1] if number == self.begin[0] else 0)
            if self.sweep and not self.dry_run:
                self._sweep()
            report.state = "finished"
        except (TooManyRejects, PruningRefused):
            report.state = "stopped"
            raise
        finally:
            if report.state != "running" and not self.dry_run:
                self.database.write(
                    lambda tx: self._save(tx, len(self.steps), 0, state=report.state, finished_at=now())
                )
            if self.rejects.close():
                report.rejects = self.rejects.path
        report.revision = self.database.read(log.revision())
        return report

    def _step(self, number: int, step: Step, skip: int) -> None:
        if number in self.idle:
            return
        total = step.table.size if self.progress else None  # to count the rows costs a read of the file
        unknown: set[str] = set()
        named: set[str] = set()
        batches = Ahead(_prepared(step, self.batch_size, skip, unknown))
        for batch in batches:
            # A pass over links has nothing to write for rows that name nobody.
            if batch.facts or batch.complaints:
                self._batch(number, step, batch, batches.read)
            if not step.link:
                named.update(*(fact.fields for fact in batch.facts.get(step.record.kind, ())))
            if self.progress:
                self.progress(step.title, batch.position, total)
        if not step.link and not skip:
            # To read a table again in which no row names another of its kind would be for nothing.
            links = enumerate(_links(step), number + 1)
            self.idle.update(behind for behind, (_, link) in links if link.field not in named)
        if unknown and not step.link:
            self.report.warnings.append(
                f"{step.table.file}: columns without a meaning here were left out: {', '.join(sorted(unknown))}"
            )

    def _batch(self, number: int, step: Step, batch: Prepared, meanwhile: Callable[[], None]) -> None:
        """Writes a batch; `meanwhile` is called, once or more, while the database is at it."""
        before = (self.report.counts, self.report.reported, self.report.rows)
        mark = self.rejects.settle()
        written: dict[str, list[str]] = {}

        def work(transaction: Transaction) -> None:
            # The whole may be tried again after a transient error: start from the same state each time.
            self.rejects.rewind(mark)
            self.report.counts = {kind: Count(**asdict(count)) for kind, count in before[0].items()}
            self.report.reported, self.report.rows = before[1], before[2] + (0 if step.link else batch.rows)
            found: list[Complaint] = [] if step.link else list(batch.complaints)
            changed: list[str] = []
            written.clear()
            if any(KINDS[kind_name].ends for kind_name in batch.facts):
                self.names.look(transaction)
            if not step.link:
                self._count(step.record.kind).rejected += len({c.line for c in batch.complaints})
            for kind_name in sorted(batch.facts, key=LOADING.index):
                facts = batch.facts[kind_name]
                outcome = self._facts(transaction, step, kind_name, facts, meanwhile)
                self._count(kind_name).add(outcome)
                self.report.reported += sum(not complaint.rejected for complaint in outcome.complaints)
                found.extend(outcome.complaints)
                written[kind_name] = outcome.held
                changed.extend(outcome.changed)
            self.rejects.add(step.table.file, sorted(found, key=lambda c: c.line))
            if self.dry_run:
                return
            self._save(transaction, number, batch.position)
            if changed:
                revision = record_event(
                    transaction, actor=self.actor, action=f"ingest.{step.table.subject}", subjects=changed,
                    details={"run": self.report.run, "source": self.source.name},
                )  # fmt: skip
                self.names.moved(revision)
            elif self.names.look(transaction):
                raise Overtaken

        if self.dry_run:
            self.database.read_with(work)
        else:
            try:
                self.database.write(work)
            except Overtaken:
                self.database.write(work)
            for kind_name, ids in written.items():
                self.names.learn(kind_name, ids)
        if self.report.rejected > self.max_rejects:
            raise TooManyRejects(
                f"{self.report.rejected} rows were rejected, more than the {self.max_rejects} allowed: stopped at "
                f"{step.table.file}, row {batch.position}. Mend the rows listed in {self.rejects.path}, or allow more "
                "with --max-rejects. What was written so far stays; the next run goes over all of it again."
            )

    def _facts(
        self, transaction: Transaction, step: Step, kind_name: str, facts: list[Fact], meanwhile: Callable[[], None]
    ) -> Outcome:
        kind = KINDS[kind_name]
        batch = Batch(kind, self.source.name, self.report.run, self.order, self.names, self.suppression, meanwhile)
        if step.link is None:
            return write_facts(transaction, batch, facts, dry=self.dry_run)
        if step.link[0].name != kind_name:
            return Outcome()
        if self.linked is None or self.linked[0] != step.link[1]:
            # Read once a pass, and kept up to date by its batches.
            self.linked = step.link[1], links_of(transaction, step.link[1])
        facts = left_of(transaction, batch, facts, dry=self.dry_run).facts
        named = {fact.id: fact.line for fact in facts}
        known = self.names.resolve(transaction, kind_name, set(named)) if kind_name == "person" else {}
        lines = {known.get(key, key): line for key, line in named.items()}
        claims: dict[str, Any] | None = None
        if self.dry_run:
            claims = {known.get(fact.id, fact.id): fact.fields.get(step.link[1].field) for fact in facts}
        outcome = link_deferred(transaction, batch, step.link[1], lines, self.linked[1], instead=claims)
        # The things themselves were counted as new or changed by the pass before, their links with them.
        return Outcome(complaints=outcome.complaints, changed=[] if self.dry_run else outcome.changed)

    def _sweep(self) -> None:
        """Withdraws what this source said before and did not say now, of the subjects that it brought."""
        brought = {record.kind for record in (RECORDS[table.subject] for table in self.tables)}
        if "held_skill" in brought:
            brought.add("wanted_skill")
        # Relationships first, then what they hang on: in the reverse of the order of loading.
        batches = [
            Batch(KINDS[name], self.source.name, self.report.run, self.order, self.names, self.suppression)
            for name in reversed(LOADING)
            if name in brought
        ]
        for batch in batches:
            self._judge_vanished(batch)
        for batch in batches:
            after: str | None = ""
            while after is not None:
                after = self._sweep_batch(batch, after)

    def _judge_vanished(self, batch: Batch) -> None:
        """An export that broke off says little and takes the rest with it: such a run withdraws nothing."""
        count = self._count(batch.kind.name)
        seen = count.created + count.updated + count.unchanged
        vanished = self.database.read_with(lambda transaction: count_unseen(transaction, batch))
        if vanished > FEW and vanished * 100 > self.prune_at_most * (vanished + seen):
            raise PruningRefused(
                f"{vanished:,} of {vanished + seen:,} {batch.kind.name.replace('_', ' ')} entries would go, more than "
                f"{self.prune_at_most} percent: the source looks broken. Nothing was withdrawn. Look at the export; if "
                "it is right, say so with --prune-at-most 100."
            )

    def _sweep_batch(self, batch: Batch, after: str) -> str | None:
        kept: list[str] = []
        name = batch.kind.name

        def work(transaction: Transaction) -> tuple[Outcome, str | None]:
            kept.clear()
            outcome, following = prune(transaction, batch, after, SWEEP, kept.append)
            if outcome.changed:
                record_event(
                    transaction, actor=self.actor, action=f"prune.{name}", subjects=outcome.changed,
                    details={"run": self.report.run, "source": self.source.name},
                )  # fmt: skip
            return outcome, following

        outcome, following = self.database.write(work)
        self._count(name).add(outcome)
        self._count(name).kept += len(kept)
        reason = "vanished from the source; kept, as facts of others hang on it"
        self.report.reported += len(outcome.complaints)
        self.rejects.add("(pruning)", [Complaint(0, key, "", reason) for key in kept] + outcome.complaints)
        return following

    def _count(self, kind: str) -> Count:
        return self.report.counts.setdefault(kind, Count())


class Ahead(Generic[T]):
    """Items of an iterator, the next one read earlier where there is time for it. What goes wrong then is raised when
    the item is asked for, so that what comes before it is not lost."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._next: T | None = None
        self._failed: Exception | None = None

    def __iter__(self) -> Iterator[T]:
        while (item := self._take()) is not None:
            yield item

    def read(self) -> None:
        if self._next is None and self._failed is None:
            try:
                self._next = next(self._items, None)
            except Exception as error:
                self._failed = error

    def _take(self) -> T | None:
        self.read()
        if self._failed is not None:
            raise self._failed
        item, self._next = self._next, None
        return item


def _steps(tables: Sequence[Table]) -> Iterator[Step]:
    """The passes over the tables: links among things of one kind follow once all things of a table are there."""
    for table in tables:
        first = Step(table, RECORDS[table.subject])
        yield first
        for link in _links(first):
            yield replace(first, link=link)


def _links(step: Step) -> list[tuple[Kind, Link]]:
    """What rows of a table may say of others of their kind."""
    kind = KINDS[step.record.kind]
    return [(kind, link) for link in kind.links if link.deferred and link.field in step.record.model_fields]


def _prepared(step: Step, size: int, skip: int, unknown: set[str]) -> Iterator[Prepared]:
    """The batches of a table behind its first `skip` rows, read and validated."""
    done = 0
    for rows in batched(step.table.rows(), size):
        done += len(rows)
        if done <= skip:
            continue
        # A checkpoint lies between batches, so a batch is done or not; a changed size cuts the first one.
        fresh = rows[max(0, len(rows) - (done - skip)) :]
        if step.link:
            # A second look is for rows that name others of their kind; the rest was judged in the first.
            fresh = [row for row in fresh if row.data.get(step.link[1].field)]
        facts, complaints = _validated(step.record, fresh, unknown)
        yield Prepared(len(fresh), done, facts, complaints)


def _validated(
    record: type[Record], rows: Sequence[Row], unknown: set[str]
) -> tuple[dict[str, list[Fact]], list[Complaint]]:
    grouped: dict[str, list[Fact]] = {}
    complaints: list[Complaint] = []
    for row in rows:
        if row.problem:
            complaints.append(Complaint(row.line, "", row.problem[0], row.problem[1], rejected=True))
            continue
        try:
            valid = record.model_validate(row.data)
        except ValidationError as error:
            complaints.extend(_complaints(row, error))
            continue
        unknown |= unknown_columns(record, row.data)
        for kind, key, fields in valid.facts():
            grouped.setdefault(kind, []).append(Fact(key, fields, row.line, implied=kind == "skill" != record.kind))
    return grouped, complaints


def _complaints(row: Row, error: ValidationError) -> Iterator[Complaint]:
    key = str(row.data.get("id") or row.data.get("person_id") or row.data.get("question_id") or "")[:200]
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        reason = problem["msg"].removeprefix("Value error, ")
        if not name and ": " in reason:
            name, _, reason = reason.partition(": ")
        if problem["type"] in ("missing", "string_type"):
            reason = "is missing; every row needs it"
        yield Complaint(row.line, key, name, reason, rejected=True)
