"""Reads skills out of what people write of themselves, and keeps them as claims of a source of their own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from graph.database import Database, Transaction
from graph.facts import KINDS, spell_id
from graph.reads import people as reads
from graph.reads.people import OwnWords
from graph.writes.batch import Batch, Fact, Names
from graph.writes.events import now, record_event
from graph.writes.facts import prune, write_facts
from matcher.embedding import Embedder, FloatArray
from matcher.extraction import Labels, Mention, SkillText, confirmed

# Named by no source and by no hand: what people say themselves comes before it, and so does every other source.
SOURCE = "extracted"

# People whose texts are read at a time.
PAGE = 500

# Of a long sentence so many characters are kept as evidence.
LONGEST_EVIDENCE = 300

Progress = Callable[[str, int, int | None], None]


@dataclass
class Report:
    """`found`: labels that stood where a skill might; `kept`: those whose sentence is about it."""

    people: int = 0
    found: int = 0
    kept: int = 0
    created: int = 0
    updated: int = 0
    removed: int = 0


def extract(
    database: Database,
    embedder: Embedder,
    *,
    order: Sequence[str] = (),
    dry_run: bool = False,
    actor: str = "extract",
    progress: Progress | None = None,
) -> Report:
    """Brings what texts say of skills to what they say now; what a text says no more is withdrawn.

    Skills of which anybody else speaks, or that people dropped or want to learn, are left as they are. Each page of
    people is one transaction.
    """
    texts = [SkillText(one.id, one.name, one.alt_labels, one.about) for one in database.read(reads.skill_texts())]
    labels = Labels(texts)
    known = {one.id: one for one in texts}
    vectors: dict[str, FloatArray] = {}
    report = Report()
    run = now()
    batch = Batch(KINDS["held_skill"], SOURCE, run, order, Names(SOURCE))
    for people in _pages(database):
        facts = _facts(people, labels, known, vectors, embedder, report)
        report.people += len(people)
        if facts and not dry_run:
            created, updated = database.write(lambda tx, facts=facts: _write(tx, batch, facts, actor))
            report.created, report.updated = report.created + created, report.updated + updated
        if progress:
            progress("texts", report.people, None)
    after: str | None = "" if not dry_run else None
    while after is not None:
        removed, after = database.write(lambda tx, after=after: _withdraw(tx, batch, after, actor))
        report.removed += removed
    return report


def _pages(database: Database) -> Iterator[list[OwnWords]]:
    after = ""
    while page := database.read(reads.own_words(after, PAGE, SOURCE)):
        yield page
        after = page[-1].id


def _facts(
    people: Sequence[OwnWords],
    labels: Labels,
    known: dict[str, SkillText],
    vectors: dict[str, FloatArray],
    embedder: Embedder,
    report: Report,
) -> list[Fact]:
    named: list[tuple[str, Mention]] = []
    for person in people:
        mentions = {one.skill_id: one for text in reversed(person.texts) for one in labels.mentions(text)}
        named.extend((person.id, one) for key, one in mentions.items() if key not in person.known)
    report.found += len(named)
    new = sorted({one.skill_id for _, one in named} - vectors.keys())
    if new:
        vectors.update(zip(new, embedder.encode([known[key].text for key in new]), strict=True))
    if not named:
        return []
    around = embedder.encode([one.around or one.sentence for _, one in named])
    about = np.stack([vectors[one.skill_id] for _, one in named])
    keep = confirmed([one for _, one in named], around, about)
    report.kept += sum(keep)
    return [
        Fact(
            spell_id(person, one.skill_id),
            {"person_id": person, "skill_id": one.skill_id, "evidence": _short(one.sentence)},
            0,
        )
        for (person, one), yes in zip(named, keep, strict=True)
        if yes
    ]


def _write(transaction: Transaction, batch: Batch, facts: Sequence[Fact], actor: str) -> tuple[int, int]:
    outcome = write_facts(transaction, batch, facts)
    if outcome.changed:
        record_event(
            transaction, actor=actor, action="extract.skills", subjects=outcome.changed, details={"source": SOURCE}
        )
    return outcome.created, outcome.updated


def _withdraw(transaction: Transaction, batch: Batch, after: str, actor: str) -> tuple[int, str | None]:
    outcome, following = prune(transaction, batch, after, PAGE, lambda key: None)
    if outcome.changed:
        record_event(
            transaction, actor=actor, action="prune.held_skill", subjects=outcome.changed, details={"source": SOURCE}
        )
    return outcome.removed, following


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST_EVIDENCE else f"{sentence[: LONGEST_EVIDENCE - 1]}…"
