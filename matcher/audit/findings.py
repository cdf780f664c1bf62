"""From what an audit says to findings that are kept: what is new, what has changed, what came back, what is gone.

A decision holds as long as what it was about holds. One that was dismissed comes back where its verdict is another, its
probability or its containment has moved, or its time is over, and says so.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import combinations
from typing import Any, cast

import numpy as np

from graph.database import Transaction
from graph.models import lasts
from graph.reads import findings as reads
from graph.reads.findings import Judgement, KeptFinding
from graph.sentences import Sentence, per_cent, tell
from graph.writes.events import now
from graph.writes.findings import FindingRow, note_findings, store_findings
from matcher.audit.measured import Measured
from matcher.audit.overlap import Evidence, Finding, MemberEvidence, SkillEvidence, TalkEvidence, TextEvidence
from matcher.audit.report import Audit
from matcher.audit.verdict import KINDS, LIKELY, PRIOR, SHIPPED, Calibration
from matcher.catalogue import HOLDS_ALL
from matcher.snapshot import Snapshot

OVERLAP, UNIT_CLASH = "overlap", "unit_clash"

# What is said of one community that is flagged on a scale; of a scale that is not named here, the scale's own name.
SAID_OF_ONE = {"breadth": "too_broad", "narrowness": "too_narrow", "clarity": "unclear", "vitality": "not_alive"}

_VERDICTS: Mapping[str, Sentence] = {
    "duplicate": tell("duplicate"), "contained_in": tell("contained in"), "overlapping": tell("overlapping"),
    "complementary": tell("complementary"), "same_name_only": tell("same name only"), "too_broad": tell("too broad"),
    "too_narrow": tell("too narrow"), "unclear": tell("unclear"), "not_alive": tell("not alive"),
}  # fmt: skip

# So much a probability, and a share of members or skills, has to move for a decision to be asked for again.
PROBABILITY_MOVED, CONTAINMENT_MOVED = 0.15, 0.10

# Stored numbers are rounded: an audit of the same graph gives the same text.
DIGITS = 4


@dataclass(frozen=True)
class Recorded:
    """How many findings an audit made, changed, brought back after a decision, and does not find any more."""

    new: int
    changed: int
    back: int
    gone: int


def finding_id(kind: str, subjects: Iterable[str]) -> str:
    """The same for the same kind and the same things, whichever is named first."""
    about = "\n".join([kind, *sorted(subjects)])
    return f"f-{hashlib.blake2b(about.encode(), digest_size=8).hexdigest()}"


def id_of_pair(one: Finding, kind: str) -> str:
    return finding_id(kind, _subjects(one, kind))


def id_of_measured(one: Measured[Any], kind: str) -> str:
    return finding_id(kind, (f"community/{one.id}",))


def scales(found: Audit) -> dict[str, tuple[Measured[Any], ...]]:
    """The lists of what is said of each community by itself, by the name of the scale."""
    lists = {one.name: getattr(found, one.name) for one in fields(found)}
    return {
        name: cast("tuple[Measured[Any], ...]", some)
        for name, some in lists.items()
        if isinstance(some, tuple) and some and isinstance(some[0], Measured)
    }


def rows_of(
    found: Audit, snapshot: Snapshot, calibrations: Mapping[str, Calibration] | None = None
) -> dict[str, FindingRow]:
    """What of an audit is worth a decision, by id: likely overlaps and clashes, and whatever is flagged.

    `calibrations` are those that the audit went by: points are kept as they were before.
    """
    known = calibrations or {}
    rows: list[FindingRow] = []
    for kind, pairs in ((OVERLAP, found.overlaps), (UNIT_CLASH, found.unit_clashes)):
        rows += [_of_pair(one, kind, known.get(kind, SHIPPED)) for one in pairs if one.probability >= LIKELY]
    hidden = {one.id: one.name for one in snapshot.communities if one.visibility == "restricted"}
    for kind, measured in scales(found).items():
        rows += [_of_measured(one, kind, snapshot, hidden) for one in measured if one.flagged]
    return {row.id: row for row in rows}


def record(transaction: Transaction, rows: Mapping[str, FindingRow], today: str) -> Recorded:
    """Stores what an audit found. To be called while no write by hand goes on (`take_turn`): a decision is not lost."""
    stored = {one.id: one for one in transaction.read(reads.findings(HOLDS_ALL))}
    written: list[tuple[FindingRow, Mapping[str, Any]]] = []
    notes: dict[str, dict[str, Any]] = {}
    new = changed = back = gone = 0
    for key, row in rows.items():
        before = stored.get(key)
        if before is None:
            written.append((row, {"status": "open", "present": True, "found_at": now()}))
            new += 1
            continue
        why = reasons_to_return(before, row.judgement, today)
        noted: dict[str, Any] = {}
        if why:
            noted = {"status": "open", "changed": list(why)}
            back += 1
        elif before.status == "gone":
            noted = {"status": "open", "found_at": now()}
            new += 1
        if not before.present:
            noted["present"] = True
        if _differs(before, row):
            written.append((row, noted))
            changed += not why and before.status != "gone"
        elif _untranslatable(before, row):
            written.append((row, noted))
        elif noted:
            notes[key] = noted
    for key, before in stored.items():
        if key not in rows and before.present:
            decided = before.status != "open" or before.decision is not None
            notes[key] = {"present": False} if decided else {"present": False, "status": "gone"}
            gone += 1
    store_findings(transaction, written)
    note_findings(transaction, notes)
    return Recorded(new, changed, back, gone)


def reasons_to_return(before: KeptFinding, found: Judgement, today: str) -> tuple[Sentence, ...]:
    """Why a finding that was dismissed, or done, is to be decided again, in sentences; none: it is not."""
    decision = before.decision
    if decision is None or before.status not in ("dismissed", "done"):
        return ()
    if before.status == "done":
        again = tell("it was done and not found any more, and is found again")
        return (again,) if not before.present else ()
    told = list(_moved(decision.judgement, found))
    if decision.until is not None and not lasts(decision.until, today):
        told.append(tell("it was dismissed until %(day)s", day=decision.until))
    return tuple(told)


def without_dismissed(found: Audit, kept: Mapping[str, KeptFinding]) -> tuple[Audit, int]:
    """The audit without the pairs that were dismissed, by id of finding, and how many these were; who is flagged on a
    scale where that was dismissed is flagged no more."""
    dismissed = {key for key, one in kept.items() if one.status == "dismissed"}
    overlaps = tuple(one for one in found.overlaps if id_of_pair(one, OVERLAP) not in dismissed)
    clashes = tuple(one for one in found.unit_clashes if id_of_pair(one, UNIT_CLASH) not in dismissed)
    number = len(found.overlaps) + len(found.unit_clashes) - len(overlaps) - len(clashes)
    # Who keeps two apart keeps every group apart that both are in.
    groups = tuple(
        group
        for group in found.groups
        if not any(
            finding_id(OVERLAP, (f"community/{one}", f"community/{other}")) in dismissed
            for one, other in combinations(group.communities, 2)
        )
    )
    changes: dict[str, Any] = {"overlaps": overlaps, "unit_clashes": clashes, "groups": groups}
    for kind, measured in scales(found).items():
        let_be = [one.flagged and id_of_measured(one, kind) in dismissed for one in measured]
        changes[kind] = tuple(
            replace(one, flagged=False) if let else one for one, let in zip(measured, let_be, strict=True)
        )
        number += sum(let_be)
    return replace(found, **changes), number


def results_of(found: Audit, kept: Mapping[str, KeptFinding]) -> dict[str, list[dict[str, Any]]]:
    """Every list of an audit as objects for JSON. What is kept of it is its `finding`: id, status and, where it came
    back after a decision, why; None where nothing is."""
    results: dict[str, list[dict[str, Any]]] = {}
    for name in (one.name for one in fields(found)):
        some = getattr(found, name)
        if isinstance(some, tuple):
            listed = cast("tuple[Any, ...]", some)
            results[name] = [{**asdict(one), **_kept(one, name, kept)} for one in listed]
    return results


def evidence_of(kind: str, evidence: Mapping[str, Any], people: Iterable[tuple[str, str]]) -> Evidence | None:
    """The evidence of an overlap or clash as the audit gave it, from what is kept: without `people` (id, name), who are
    kept beside it. None for what is measured."""
    if kind not in (OVERLAP, UNIT_CLASH):
        return None
    given = _with_tuples(evidence)
    return Evidence(
        given["text"] and TextEvidence(**given["text"]),
        given["skills"] and SkillEvidence(**given["skills"]),
        given["members"] and MemberEvidence(**given["members"], people=tuple(people)),
        given["talk"] and TalkEvidence(**given["talk"]),
    )


def _with_tuples(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_tuples(one) for key, one in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return tuple(_with_tuples(one) for one in cast("list[Any]", value))
    return value


def _kept(one: Any, name: str, kept: Mapping[str, KeptFinding]) -> dict[str, Any]:
    if isinstance(one, Finding):
        known = kept.get(id_of_pair(one, OVERLAP if name == "overlaps" else UNIT_CLASH))
    elif isinstance(one, Measured):
        known = kept.get(id_of_measured(cast("Measured[Any]", one), name))
    else:
        return {}
    return {"finding": {"id": known.id, "status": known.status, "changed": known.changed} if known else None}


def _moved(before: Judgement, found: Judgement) -> Iterable[Sentence]:
    if found.verdict != before.verdict:
        yield tell(
            "it was judged %(before)s, and is judged %(now)s now",
            before=_spoken(before.verdict), now=_spoken(found.verdict),
        )  # fmt: skip
    was, now = (_uncalibrated(one) if before.points and found.points else one.score for one in (before, found))
    if _far(was, now, PROBABILITY_MOVED):
        went = {"before": float(was), "now": float(now)}
        yield (
            tell("the probability went from %(before).2f to %(now).2f", **went)
            if before.points
            else tell("the score went from %(before).2f to %(now).2f", **went)
        )
    for whose, share in found.shares.items():
        had = before.shares.get(whose)
        if had is not None and _far(had, share, CONTAINMENT_MOVED):
            parts = {"share": per_cent(share), "id": whose.partition("/")[2], "before": per_cent(had)}
            yield (
                tell("%(share)s of the members of %(id)s are in the other, not %(before)s", **parts)
                if whose.startswith("members")
                else tell("%(share)s of the skills of %(id)s are in the other, not %(before)s", **parts)
            )


def _uncalibrated(judgement: Judgement) -> float:
    """The probability as shipped: what was learned in between is no change of evidence."""
    return float(1 / (1 + np.exp(-(np.log(PRIOR / (1 - PRIOR)) + sum(judgement.points.values())))))


def _far(before: float, after: float, least: float) -> bool:
    # What is rounded moves by a little less than it does.
    return abs(after - before) >= least - 10.0**-DIGITS


def _differs(before: KeptFinding, row: FindingRow) -> bool:
    names = tuple(f"community/{name}" for name in row.names)
    return (before.subjects, before.judgement, before.evidence, before.names, tuple(p.id for p in before.people)) != (
        row.subjects, row.judgement, row.evidence, names, row.people,
    )  # fmt: skip


def _untranslatable(before: KeptFinding, row: FindingRow) -> bool:
    """Whether an earlier release stored it, whose reasons are said in English alone."""
    stored, given = (one.evidence.get("reasons", ()) for one in (before, row))
    return any(isinstance(one, Sentence) for one in given) and not any(isinstance(one, Sentence) for one in stored)


def _subjects(one: Finding, kind: str) -> tuple[str, str]:
    return f"community/{one.a}", f"{'org_unit' if kind == UNIT_CLASH else 'community'}/{one.b}"


def _of_pair(one: Finding, kind: str, calibration: Calibration) -> FindingRow:
    subjects = _subjects(one, kind)
    given = {name: getattr(one.evidence, name) for name in KINDS}
    # Of members, else of skills; the one is not compared with the other.
    what, shared = ("members", one.evidence.members) if one.evidence.members else ("skills", one.evidence.skills)
    sides = zip(subjects, (shared.of_a, shared.of_b), strict=True) if shared else ()
    shares = {f"{what} of {subject}": share for subject, share in sides}
    points = {name: some.points / getattr(calibration, name) for name, some in given.items() if some is not None}
    evidence, people = _plain(asdict(one.evidence))
    judgement = Judgement(one.verdict, round(one.probability, DIGITS), _rounded(shares), _rounded(points))
    return FindingRow(finding_id(kind, subjects), kind, subjects, judgement, evidence, people, ())


def _of_measured(one: Measured[Any], kind: str, snapshot: Snapshot, hidden: Mapping[str, str]) -> FindingRow:
    evidence, people = _plain({"evidence": asdict(one.evidence), "reasons": one.reasons})
    texts = set(_texts(evidence))
    named = {text for text in texts if text in snapshot.row}
    whole = "\n".join(texts)
    named |= {key for key, name in hidden.items() if name in whole}
    judgement = Judgement(SAID_OF_ONE.get(kind, kind), round(float(one.score), DIGITS), {}, {})
    return FindingRow(
        id_of_measured(one, kind), kind, (f"community/{one.id}",), judgement, evidence, people,
        tuple(sorted(named - {one.id})),
    )  # fmt: skip


def _plain(value: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Evidence as JSON, its numbers rounded, and the ids of the people that it names: its lists `people` of ids and
    names are left out."""
    people: dict[str, None] = {}

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            kept: dict[str, Any] = {}
            for key, one in cast("Mapping[Any, Any]", value).items():
                if key == "people" and isinstance(one, Sequence) and not isinstance(one, str):
                    people.update(dict.fromkeys(_ids(cast("Sequence[Any]", one))))
                else:
                    kept[str(key)] = plain(one)
            return kept
        if isinstance(value, np.generic):
            return plain(value.item())
        if isinstance(value, float):
            return round(value, DIGITS)
        if isinstance(value, list | tuple | set | frozenset):
            return [plain(one) for one in cast("Iterable[Any]", value)]
        return value

    return plain(value), tuple(people)


def _ids(people: Sequence[Any]) -> list[str]:
    return [one if isinstance(one, str) else one[0] for one in people]


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in cast("Mapping[str, Any]", value).items():
            yield key
            yield from _texts(one)
    elif isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from _texts(one)


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), DIGITS) for name, value in values.items()}


def _spoken(verdict: str) -> str:
    return _VERDICTS.get(verdict, verdict.replace("_", " "))
