"""Findings are kept: the same audit changes nothing, a decision holds until its evidence changes, and says what did."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.models import LOCAL_ADMIN
from graph.reads import findings as reads
from graph.reads import log
from graph.reads.findings import KeptFinding
from graph.sentences import Sentence, tell, tell_n
from graph.writes.findings import FindingRow, decide
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from matcher.audit.findings import (
    Recorded,
    evidence_of,
    finding_id,
    record,
    results_of,
    rows_of,
    without_dismissed,
)
from matcher.audit.measured import Measured
from matcher.audit.overlap import (
    DuplicateGroup,
    Evidence,
    Finding,
    MemberEvidence,
    SkillEvidence,
    TextEvidence,
)
from matcher.audit.report import Audit
from matcher.audit.verdict import Calibration
from matcher.snapshot import Snapshot, build
from tests.ingest.test_jobs import write

TODAY = date.today().isoformat()
TABLES: dict[str, list[dict[str, Any]]] = {
    "org_units": [{"id": "u", "name": "Unit"}],
    "people": [{"id": "ann", "name": "Ann"}],
    "communities": [
        {"id": "a", "name": "Ropes", "domain": "ropes"},
        {"id": "b", "name": "Knots", "domain": "knots"},
        {"id": "c", "name": "Cords", "domain": "cords"},
        {"id": "deals", "name": "Zorbax", "domain": "takeovers", "visibility": "restricted"},
    ],
}


@dataclass(frozen=True)
class Spread:
    """Evidence of a scale that this package does not know."""

    people: tuple[tuple[str, str], ...]
    inside: tuple[str, ...]


@dataclass(frozen=True)
class Wider(Audit):
    breadth: tuple[Measured[Spread], ...] = ()


def pair(
    a: str, b: str, probability: float = 0.8, verdict: Any = "duplicate", of_a: float = 0.5, text: float = 2.0
) -> Finding:
    members = MemberEvidence(2.33, 1, of_a, 0.4, 0.1, (("ann", "Ann"),))
    evidence = Evidence(TextEvidence(text, 0.3, False, ("rope",), None), None, members, None)
    return Finding(a, b, a.upper(), b.upper(), verdict, probability, evidence)


def audited(*overlaps: Finding, clashes: Sequence[Finding] = ()) -> Audit:
    return Audit(overlaps, tuple(clashes), (), 4, 6)


class Keeping:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.snapshot: Snapshot = database.follow(build(None))

    def rows(self, found: Audit, **given: Any) -> dict[str, FindingRow]:
        return rows_of(found, self.snapshot, **given)

    def __call__(self, found: Audit, today: str = TODAY) -> Recorded:
        return self.database.write(lambda tx: record(tx, self.rows(found), today))

    def all(self) -> dict[str, KeptFinding]:
        return {one.id: one for one in self.database.read(reads.findings(LOCAL_ADMIN))}

    def only(self) -> KeptFinding:
        (one,) = self.all().values()
        return one

    def decide(self, status: str, **given: Any) -> None:
        key = self.only().id
        self.database.write(lambda tx: decide(tx, LOCAL_ADMIN, key, status, **given))


@pytest.fixture
def keep(database: Database, tmp_path: Path) -> Keeping:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return Keeping(database)


def test_the_same_audit_again_changes_nothing(keep: Keeping) -> None:
    found = audited(pair("a", "b"), pair("a", "c", 0.3), clashes=[pair("c", "u", 0.9)])
    revision = keep.database.read(log.revision())
    assert keep(found) == Recorded(new=2, changed=0, back=0, gone=0)
    before = keep.database.run_alone("MATCH (f:Finding) RETURN properties(f) AS f ORDER BY f.id")
    assert keep(found) == Recorded(0, 0, 0, 0)
    assert keep.database.run_alone("MATCH (f:Finding) RETURN properties(f) AS f ORDER BY f.id") == before
    assert keep.database.read(log.revision()) == revision
    assert {one.kind: one.subjects for one in keep.all().values()} == {
        "overlap": ("community/a", "community/b"), "unit_clash": ("community/c", "org_unit/u"),
    }  # fmt: skip
    (overlap,) = (one for one in keep.all().values() if one.kind == "overlap")
    people = [(one.id, one.name) for one in overlap.people]
    assert evidence_of(overlap.kind, overlap.evidence, people) == found.overlaps[0].evidence
    assert "Ann" not in str(overlap.evidence)


def test_an_id_is_the_same_whichever_is_named_first(keep: Keeping) -> None:
    keep(audited(pair("a", "b", verdict="contained_in")))
    assert keep(audited(pair("b", "a", verdict="contained_in"))) == Recorded(0, 1, 0, 0)
    assert keep.only().about[0].name == "Knots"
    assert finding_id("overlap", ["community/a", "community/b"]) == keep.only().id


def test_what_is_not_found_any_more_is_gone_and_comes_back_as_open(keep: Keeping) -> None:
    keep(audited(pair("a", "b")))
    assert keep(audited()) == Recorded(0, 0, 0, 1)
    assert (keep.only().status, keep.only().present) == ("gone", False)
    assert keep(audited()) == Recorded(0, 0, 0, 0)
    assert keep(audited(pair("a", "b"))) == Recorded(1, 0, 0, 0)
    assert (keep.only().status, keep.only().present) == ("open", True)
    keep.decide("accepted")
    keep(audited())
    assert (keep.only().status, keep.only().present) == ("accepted", False), "what was decided stays"


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (pair("a", "b", 0.84), ()),
        (pair("b", "a", 0.8, of_a=0.4), ()),
        (pair("a", "b", 0.8, "contained_in"), ("it was judged duplicate, and is judged contained in now",)),
        # Log-odds of 2 and 2.33 over the prior make 0.80.
        (pair("a", "b", 0.96, text=3.7), ("the probability went from 0.80 to 0.96",)),
        (pair("a", "b", 0.8, of_a=0.62), ("62% of the members of a are in the other, not 50%",)),
    ],
)
def test_a_dismissed_pair_stays_away_until_its_evidence_changes(keep: Keeping, later: Finding, told: Any) -> None:
    keep(audited(pair("a", "b")))
    keep.decide("dismissed", reason="intended")
    if later.a == "b":  # the same pair, named the other way round
        assert later.evidence.members is not None
        later = replace(later, evidence=replace(later.evidence, members=replace(later.evidence.members, of_b=0.5)))
    keep(audited(later))
    assert keep.only().changed == told
    assert keep.only().status == ("open" if told else "dismissed")
    assert keep.only().decision is not None, "it can be read what was decided before"


def test_small_steps_add_up(keep: Keeping) -> None:
    keep(audited(pair("a", "b")))
    keep.decide("dismissed", reason="not_so")
    for share in (0.56, 0.59):
        keep(audited(pair("a", "b", of_a=share)))
        assert keep.only().status == "dismissed"
    keep(audited(pair("a", "b", of_a=0.6)))
    assert keep.only().status == "open"


def test_a_dismissal_runs_out(keep: Keeping) -> None:
    keep(audited(pair("a", "b")))
    until = (date.today() + timedelta(days=10)).isoformat()
    keep.decide("dismissed", reason="not_now", until=until)
    assert keep(audited(pair("a", "b")), until) == Recorded(0, 0, 0, 0)
    assert keep(audited(pair("a", "b")), (date.today() + timedelta(days=11)).isoformat()) == Recorded(0, 0, 1, 0)
    assert keep.only().changed == (f"it was dismissed until {until}",)


def test_what_is_done_and_found_again_after_it_was_gone_comes_back(keep: Keeping) -> None:
    keep(audited(pair("a", "b")))
    keep.decide("done")
    keep(audited(pair("a", "b")))
    assert keep.only().status == "done", "it takes its time"
    keep(audited())
    assert keep.only().status == "done"
    keep(audited(pair("a", "b")))
    assert (keep.only().status, len(keep.only().changed)) == ("open", 1)


def test_a_calibration_learned_in_between_brings_nothing_back(keep: Keeping) -> None:
    keep(audited(pair("a", "b")))
    keep.decide("dismissed", reason="not_so")
    learned = Calibration(text=0.8, members=0.8, level=0.5)
    assert keep.only().judgement.points == {"text": 2.0, "members": 2.33}
    found = audited(pair("a", "b", 0.6, text=1.6))
    (found_pair,) = found.overlaps
    assert found_pair.evidence.members is not None
    weighed = replace(found_pair.evidence, members=replace(found_pair.evidence.members, points=1.864))
    rows = keep.rows(audited(replace(found_pair, evidence=weighed)), calibrations={"overlap": learned})
    keep.database.write(lambda tx: record(tx, rows, TODAY))
    assert (keep.only().status, keep.only().judgement.score) == ("dismissed", 0.6)
    assert keep.only().judgement.points == {"text": 2.0, "members": 2.33}, "as they were before"


def test_any_scale_is_kept_where_it_is_flagged_and_hides_what_names_a_restricted_community(keep: Keeping) -> None:
    found = Wider(
        (), (), (), 4, 6,
        (
            Measured("a", "Ropes", 0.9, True, Spread((("ann", "Ann"),), ("b",)), (tell("everybody could belong"),)),
            Measured("b", "Knots", 0.8, True, Spread((), ()), (tell("Zorbax lies inside it"),)),
            Measured("c", "Cords", 0.2, False, Spread((), ()), ()),
        ),
    )  # fmt: skip
    keep(found)
    kept = {one.subjects[0]: one for one in keep.all().values()}
    assert set(kept) == {"community/a", "community/b"}
    assert (kept["community/a"].kind, kept["community/a"].judgement.verdict) == ("breadth", "too_broad")
    assert [one.id for one in kept["community/a"].people] == ["ann"]
    assert kept["community/a"].names == ("community/b",)
    assert kept["community/b"].names == ("community/deals",)
    assert keep(found) == Recorded(0, 0, 0, 0)
    keep.database.write(lambda tx: decide(tx, LOCAL_ADMIN, kept["community/a"].id, "dismissed", reason="not_so"))
    left, dismissed = without_dismissed(found, keep.all())
    assert isinstance(left, Wider)
    assert (dismissed, [one.flagged for one in left.breadth]) == (1, [False, True, False])
    results = results_of(left, keep.all())
    assert [one["finding"] and one["finding"]["status"] for one in results["breadth"]] == ["dismissed", "open", None]
    moved = replace(found, breadth=(replace(found.breadth[0], score=0.7), *found.breadth[1:]))
    keep(moved)
    assert keep.all()[kept["community/a"].id].changed == ("the score went from 0.90 to 0.70",)


def test_reasons_are_kept_as_sentences_and_those_of_an_earlier_release_become_such(keep: Keeping) -> None:
    def told(number: int, score: float) -> Audit:
        reasons = (tell_n("%(num)d knot", "%(num)d knots", number), tell("it is so"))
        return Wider((), (), (), 4, 6, (Measured("a", "Ropes", score, True, Spread((), ()), reasons),))

    def german(said: str) -> str:
        assert isinstance(said, Sentence)
        return said.by(lambda one, many, number: f"<{many if many and number != 1 else one}>")

    assert keep(told(3, 0.9)) == Recorded(1, 0, 0, 0)
    assert [german(one) for one in keep.only().evidence["reasons"]] == ["<3 knots>", "<it is so>"]
    assert set(keep.only().evidence) == {"evidence", "reasons"}, "the templates are not told"
    assert keep(told(3, 0.9)) == Recorded(0, 0, 0, 0)
    as_before = json.dumps({"evidence": {"inside": []}, "reasons": ["3 knots", "it is so"]})
    keep.database.run_alone("MATCH (f:Finding) SET f.evidence = $as_before", as_before=as_before)
    assert keep.only().evidence["reasons"] == ["3 knots", "it is so"]
    assert not isinstance(keep.only().evidence["reasons"][0], Sentence)
    assert keep(told(3, 0.9)) == Recorded(0, 0, 0, 0), "that is nothing new"
    assert german(keep.only().evidence["reasons"][0]) == "<3 knots>"
    keep.decide("dismissed", reason="not_so")
    assert keep(told(2, 0.6)) == Recorded(0, 0, 1, 0)
    assert [german(one) for one in keep.only().changed] == ["<the score went from 0.90 to 0.60>"]
    keep.decide("accepted")
    assert keep.only().changed == ()


def test_what_was_dismissed_is_left_out_of_an_audit_with_its_groups(keep: Keeping) -> None:
    found = replace(audited(pair("a", "b"), pair("b", "c")), groups=(DuplicateGroup(("a", "b", "c"), ("a", "b"), 0.8),))
    keep(audited(pair("a", "b")))
    keep.decide("dismissed", reason="not_so")
    left, dismissed = without_dismissed(found, keep.all())
    assert ([(one.a, one.b) for one in left.overlaps], left.groups, dismissed) == ([("b", "c")], (), 1)
    assert results_of(found, keep.all())["overlaps"][0]["finding"]["status"] == "dismissed"


def test_what_is_known_of_members_is_not_compared_with_what_is_known_of_skills(keep: Keeping) -> None:
    one = pair("a", "b")
    keep(audited(one))
    keep.decide("dismissed", reason="intended")
    evidence = replace(one.evidence, members=None, skills=SkillEvidence(2.33, 1.0, 1.0, ()))
    keep(audited(replace(one, evidence=evidence)))
    assert keep.only().status == "dismissed"


def test_shares_of_skills_stand_in_where_members_are_not_known(keep: Keeping) -> None:
    one = pair("a", "b")
    evidence = Evidence(one.evidence.text, SkillEvidence(1.0, 0.9, 0.2, ("rope",)), None, None)
    keep(audited(replace(one, evidence=evidence)))
    assert keep.only().judgement.shares == {"skills of community/a": 0.9, "skills of community/b": 0.2}
