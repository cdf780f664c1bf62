"""Writes of findings: what the audit concludes, which leaves no event, and what people decide on it, which does."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from graph.database import Transaction
from graph.errors import Conflict, Forbidden, InvalidInput
from graph.models import Principal, lasts
from graph.reads import findings as reads
from graph.reads.findings import Judgement, KeptCalibration, KeptFinding
from graph.sentences import tell, template_of
from graph.writes.events import now, record_event

# What a person may make of a finding.
DECISIONS = ("open", "accepted", "dismissed", "done")

# Why one is dismissed: it is not so (they are not the same, it is not too broad); it is so and meant to be; it is so
# and has to wait, for which a day has to be given; anything else.
REASONS = ("not_so", "intended", "not_now", "other")

# The finding of which nothing is decided.
_NOTHING = dict.fromkeys(("decided", "decided_at", "decided_on", "reason", "note", "until"))


@dataclass(frozen=True)
class FindingRow:
    """A finding to be stored as it stands now. `subjects` are like `community/ID` and `org_unit/ID`; `people` and
    `names` are ids of people and of communities that the evidence names."""

    id: str
    kind: str
    subjects: tuple[str, ...]
    judgement: Judgement
    evidence: Mapping[str, Any]
    people: tuple[str, ...]
    names: tuple[str, ...]


def store_findings(transaction: Transaction, rows: Iterable[tuple[FindingRow, Mapping[str, Any]]]) -> None:
    """Writes findings, each with what is noted of it beside (status, present, found_at, changed)."""
    written: list[dict[str, Any]] = [
        {
            "id": row.id,
            "set": {
                "kind": row.kind,
                "about": list(row.subjects),
                "verdict": row.judgement.verdict,
                "score": row.judgement.score,
                "basis": _json({"shares": dict(row.judgement.shares), "points": dict(row.judgement.points)}),
                "evidence": _json(_with_templates(row.evidence)),
                "names": [f"community/{name}" for name in row.names],
                **_noted(noted),
            },
            "communities": _ids(row.subjects, "community"),
            "units": _ids(row.subjects, "org_unit"),
            "named": list(row.names),
            "people": list(row.people),
        }
        for row, noted in rows
    ]
    if written:
        transaction.run("write/store_findings", rows=sorted(written, key=lambda row: row["id"]))


def note_findings(transaction: Transaction, notes: Mapping[str, Mapping[str, Any]]) -> None:
    """Notes what became of findings, by id, that are otherwise as they were."""
    if notes:
        transaction.run(
            "write/set_findings", rows=[{"id": key, "set": _noted(noted)} for key, noted in sorted(notes.items())]
        )


def seen_finding(transaction: Transaction, principal: Principal, finding_id: str) -> KeptFinding:
    """The finding as the principal may see it. Raises NotFound where there is none that they may."""
    found = transaction.read(reads.finding(finding_id, principal))
    if found is None:
        raise reads.no_finding(finding_id)
    return found


def decide(
    transaction: Transaction,
    principal: Principal,
    finding_id: str,
    status: str,
    *,
    reason: str | None = None,
    note: str | None = None,
    until: str | None = None,
) -> KeptFinding:
    """Notes what a knowledge manager decided; `open` takes back what was decided before.

    Raises Forbidden for members, Conflict for a finding that is gone or that was decided so already, InvalidInput for a
    reason that is missing or unknown, or a day that is over.
    """
    found = seen_finding(transaction, principal, finding_id)
    if not principal.sees_restricted:
        raise Forbidden(tell("Findings are decided on by a knowledge manager."))
    _check(status, reason, until)
    decided = {"status": status, "changed": None, "note": note}
    if status == "open":
        if found.decision is None:
            raise Conflict(tell("Nothing has been decided on this finding."))
        decided = {"status": "open" if found.present else "gone", "changed": None, **_NOTHING}
    elif found.status == "gone":
        raise Conflict(tell("The audit does not find this any more: there is nothing to decide."))
    else:
        on = _json(asdict(found.judgement))
        decided |= {"decided": status, "decided_at": now(), "decided_on": on, "reason": reason, "until": until}
    note_findings(transaction, {finding_id: decided})
    record_event(
        transaction, actor=principal.actor, action="decide.finding",
        subjects=[f"finding/{finding_id}"],
        details={"status": status, "reason": reason, "until": until, "about": list(found.subjects)},
    )  # fmt: skip
    return seen_finding(transaction, principal, finding_id)


def mark_done(
    transaction: Transaction,
    principal: Principal,
    kinds: Iterable[str],
    community_id: str,
    other_id: str | None,
    at: str,
) -> dict[str, str | None]:
    """Marks as done what something that was done about a community at the time `at` answers: findings of the kinds that
    are open or accepted, of an overlap only that with the community `other_id`. Returns by id when each was accepted,
    None where it was open; `unmark` takes them. Records no event.
    """
    listed = transaction.read(
        reads.findings(principal, kinds=list(kinds), statuses=["open", "accepted"], community_id=community_id)
    )
    pair = {f"community/{community_id}", f"community/{other_id}"}
    answered = [one for one in listed if one.kind != "overlap" or set(one.subjects) == pair]
    notes: dict[str, dict[str, Any]] = {}
    for one in answered:
        notes[one.id] = {"status": "done", "decided": "done", "decided_at": at, "changed": None}
        # Who accepted it had looked at it; what was not decided yet is decided on as it stands.
        if one.status == "open":
            notes[one.id] |= {**_NOTHING, **notes[one.id], "decided_on": _json(asdict(one.judgement))}
    note_findings(transaction, notes)
    accepted = {one.id: one.decision.at for one in answered if one.status == "accepted" and one.decision is not None}
    return {one.id: accepted.get(one.id) for one in answered}


def unmark(transaction: Transaction, principal: Principal, marked: Mapping[str, str | None], at: str) -> list[str]:
    """Findings that were marked as done at the time `at` are what they were before. Returns the ids of those that
    nobody decided on since."""
    notes: dict[str, dict[str, Any]] = {}
    for key, accepted_at in marked.items():
        found = transaction.read(reads.finding(key, principal))
        if found is None or found.status != "done" or found.decision is None or found.decision.at != at:
            continue
        if accepted_at is None:
            notes[key] = {"status": "open" if found.present else "gone", "changed": None, **_NOTHING}
        else:
            notes[key] = {"status": "accepted", "decided": "accepted", "decided_at": accepted_at}
    note_findings(transaction, notes)
    return sorted(notes)


def keep_calibration(transaction: Transaction, principal: Principal, kept: KeptCalibration) -> None:
    """From now on the audit goes by it; those before it stay on record."""
    stored = {**asdict(kept), "values": json.dumps(dict(kept.values), sort_keys=True)}
    transaction.run("write/keep_calibration", id=_calibration_id(kept), kept=stored)
    record_event(
        transaction, actor=principal.actor, action="learn.calibration",
        subjects=[f"calibration/{_calibration_id(kept)}"],
    )  # fmt: skip


def withdraw_calibration(transaction: Transaction, principal: Principal, kind: str) -> bool:
    """Goes back to what guildmap ships. False where nothing else was in force."""
    withdrawn = [row["id"] for row in transaction.run("write/withdraw_calibrations", kind=kind)]
    if withdrawn:
        record_event(
            transaction, actor=principal.actor, action="withdraw.calibration",
            subjects=[f"calibration/{one}" for one in withdrawn],
        )  # fmt: skip
    return bool(withdrawn)


def _check(status: str, reason: str | None, until: str | None) -> None:
    if status not in DECISIONS:
        raise InvalidInput(
            tell("status: must be one of %(names)s, not %(status)r.", names=", ".join(DECISIONS), status=status)
        )
    if status != "dismissed":
        if reason is not None or until is not None:
            raise InvalidInput(tell("reason and until are for a finding that is dismissed."))
        return
    if reason not in REASONS:
        raise InvalidInput(tell("reason: say why it is dismissed: one of %(names)s.", names=", ".join(REASONS)))
    if reason == "not_now" and until is None:
        raise InvalidInput(tell("until: say until when it has to wait."))
    if until is not None and not lasts(until, date.today().isoformat()):
        raise InvalidInput(tell("until: %(until)s is over.", until=until))


def _calibration_id(kept: KeptCalibration) -> str:
    return f"{kept.kind}/{kept.version}"


def _with_templates(evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The evidence with the templates of its reasons beside them, so that they can be said in another language."""
    if not evidence.get("reasons"):
        return evidence
    return {**evidence, reads.TEMPLATES: [template_of(one) for one in evidence["reasons"]]}


def _noted(noted: Mapping[str, Any]) -> dict[str, Any]:
    """What is set of a finding, with the templates of why it came back."""
    if "changed" not in noted:
        return dict(noted)
    templates = _json([template_of(one) for one in noted["changed"]]) if noted["changed"] else None
    return {**noted, "changed_templates": templates}


def _ids(subjects: Iterable[str], kind: str) -> list[str]:
    return [key for found, _, key in (subject.partition("/") for subject in subjects) if found == kind]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
