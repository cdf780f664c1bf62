"""What the audit found and what was decided on it; and what was learned from such decisions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from graph.database import Read, Row
from graph.errors import NotFound
from graph.models import Party, Principal
from graph.reads.resources import version_of
from graph.sentences import recalled, tell

# Of a finding: not decided yet, or come back; somebody agrees; somebody does not, or not now; acted upon; not found any
# more, and never decided.
STATUSES = ("open", "accepted", "dismissed", "done", "gone")

# More than any organisation has: for whoever wants all of them.
ALL = 2**31 - 1

# Where in stored evidence the templates of its reasons stand, beside their texts (graph.sentences.template_of). An
# earlier release stored none, and does not look at them.
TEMPLATES = "reason_templates"


@dataclass(frozen=True)
class About:
    """What a finding is about: a community, or an org unit."""

    kind: str
    id: str
    name: str

    @property
    def subject(self) -> str:
        return f"{self.kind}/{self.id}"


@dataclass(frozen=True)
class Judgement:
    """What a decision is about: the verdict, the probability (of what is measured, the score), the share of each of the
    two that lies within the other (by what it is of, like `members of community/ID`), and the log-odds by kind of
    evidence as they were before any calibration. Empty where there are none."""

    verdict: str
    score: float
    shares: Mapping[str, float]
    points: Mapping[str, float]


@dataclass(frozen=True)
class Decision:
    """The last decision on a finding, and the judgement that it was about. `until`: a dismissal's last day."""

    status: str
    at: str
    reason: str | None
    note: str | None
    until: str | None
    judgement: Judgement


@dataclass(frozen=True)
class KeptFinding:
    """`about` holds what is there still of `subjects`, in their order. `present`: whether the latest audit found it;
    `changed` says why it came back after a decision. `evidence` is as the audit gave it, without names of people:
    `people` are those whom it names. `names`: other communities that the evidence rests on."""

    id: str
    kind: str
    subjects: tuple[str, ...]
    about: tuple[About, ...]
    judgement: Judgement
    evidence: Mapping[str, Any]
    names: tuple[str, ...]
    people: tuple[Party, ...]
    status: str
    present: bool
    found_at: str
    changed: tuple[str, ...]
    decision: Decision | None

    @property
    def version(self) -> str:
        return version_of(self)


@dataclass(frozen=True)
class Counted:
    """So many findings are of this kind, verdict and status."""

    kind: str
    verdict: str
    status: str
    number: int


@dataclass(frozen=True)
class Decided:
    """One decision on a finding: `actor` is who made it as the log names them, `name` that of the person, if it was
    one. What was noted with it stands on the finding alone, of the last one."""

    at: str
    actor: str
    name: str | None
    status: str
    reason: str | None
    until: str | None


@dataclass(frozen=True)
class KeptCalibration:
    """What was learned on the day `learned_at` from so many decisions on findings of a kind, `confirmed` of which
    agreed. `loss` and `shipped_loss` are the mean log loss on decisions that were held out, `area` the area under the
    ROC curve there. `in_force`: whether the audit goes by it."""

    kind: str
    version: int
    learned_at: str
    decisions: int
    confirmed: int
    values: Mapping[str, float]
    loss: float
    shipped_loss: float
    area: float
    in_force: bool = True


def no_finding(finding_id: str) -> NotFound:
    """What is told of a finding that is not there and of one that the principal may not see alike."""
    return NotFound(tell("There is no finding with the id %(finding_id)r.", finding_id=finding_id))


def finding(finding_id: str, principal: Principal) -> Read[KeptFinding | None]:
    """The finding, or None where there is none that the principal may see."""
    return Read(
        "read/findings", _parameters(principal, ids=[finding_id]), lambda rows: _finding(rows[0]) if rows else None
    )


def findings(
    principal: Principal,
    *,
    kinds: list[str] | None = None,
    statuses: list[str] | None = None,
    verdicts: list[str] | None = None,
    least: float = 0.0,
    text: str = "",
    community_id: str | None = None,
    behind: tuple[float, str] | None = None,
    limit: int = ALL,
) -> Read[list[KeptFinding]]:
    """Findings that the principal may see, those of the highest score first, behind the one of that score and id.
    `least` is the lowest score; `text` stands in a name of what it is about."""
    below, after = behind or (None, "")
    parameters = _parameters(
        principal, kinds=kinds, statuses=statuses, verdicts=verdicts, least=least, text=text,
        community_id=community_id, below=below, after_id=after, limit=limit,
    )  # fmt: skip
    return Read("read/findings", parameters, lambda rows: [_finding(row) for row in rows])


def counts(
    principal: Principal, *, least: float = 0.0, text: str = "", community_id: str | None = None
) -> Read[list[Counted]]:
    """How many of the findings that the principal may see there are of each kind, verdict and status."""
    given = _parameters(principal, least=least, text=text, community_id=community_id)
    asked = ("least", "text", "community_id", "viewer_id", "sees_restricted", "today")
    parameters = {name: given[name] for name in asked}
    return Read("read/finding_counts", parameters, lambda rows: [Counted(**row) for row in rows])


def decisions(finding_id: str) -> Read[list[Decided]]:
    """Every decision on a finding, the latest first, those taken back too."""

    def parse(rows: list[Row]) -> list[Decided]:
        return [_decided(row, json.loads(row["details"])) for row in rows]

    return Read("read/finding_decisions", {"subject": f"finding/{finding_id}"}, parse)


def calibrations(kind: str) -> Read[list[KeptCalibration]]:
    """All that was ever learned from decisions on findings of a kind, the latest first."""

    def parse(rows: list[Row]) -> list[KeptCalibration]:
        found = ({name: value for name, value in row["kept"].items() if name != "id"} for row in rows)
        return [KeptCalibration(**{**kept, "values": json.loads(kept["values"])}) for kept in found]

    return Read("read/calibrations", {"kind": kind}, parse)


def _parameters(principal: Principal, **given: Any) -> Row:
    return {
        "ids": None,
        "kinds": None,
        "statuses": None,
        "verdicts": None,
        "least": 0.0,
        "text": "",
        "community_id": None,
        "below": None,
        "after_id": "",
        "limit": ALL,
        "viewer_id": principal.person_id,
        "sees_restricted": principal.sees_restricted,
        "today": date.today().isoformat(),
        **given,
    }


def _finding(row: Row) -> KeptFinding:
    stored: dict[str, Any] = row["finding"]
    there = (About("org_unit" if is_unit else "community", key, name) for key, name, is_unit in row["about"])
    known = {one.subject: one for one in there}
    return KeptFinding(
        id=stored["id"],
        kind=stored["kind"],
        subjects=tuple(stored["about"]),
        about=tuple(known[subject] for subject in stored["about"] if subject in known),
        judgement=Judgement(stored["verdict"], stored["score"], **json.loads(stored["basis"])),
        evidence=_evidence(json.loads(stored["evidence"])),
        names=tuple(stored["names"]),
        people=tuple(Party(key, name) for key, name in row["people"]),
        status=stored["status"],
        present=stored["present"],
        found_at=stored["found_at"],
        changed=tuple(_as_told(stored.get("changed") or (), json.loads(stored.get("changed_templates") or "[]"))),
        decision=_decision(stored) if stored.get("decided_at") else None,
    )


def _evidence(stored: dict[str, Any]) -> dict[str, Any]:
    templates = stored.pop(TEMPLATES, ())
    if "reasons" in stored:
        stored["reasons"] = _as_told(stored["reasons"], templates)
    return stored


def _as_told(texts: Sequence[str], templates: Sequence[Any]) -> list[str]:
    """Sentences that were stored, each again what it was where its template is known."""
    return [recalled(text, template) for text, template in zip_longest(texts, templates[: len(texts)])]


def _decided(row: Row, details: Row) -> Decided:
    return Decided(row["at"], row["actor"], row["name"], details["status"], details.get("reason"), details.get("until"))


def _decision(stored: Row) -> Decision:
    return Decision(
        stored["decided"],
        stored["decided_at"],
        stored.get("reason"),
        stored.get("note"),
        stored.get("until"),
        Judgement(**json.loads(stored["decided_on"])),
    )
