"""What the audit found stays, and so does what people decided on it."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.errors import Conflict, Forbidden, InvalidInput, NotFound
from graph.models import Principal, Role
from graph.reads import findings as reads
from graph.reads import log
from graph.reads.findings import Judgement, KeptCalibration, KeptFinding
from graph.writes import findings as writes
from graph.writes.findings import FindingRow
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.ingest.test_jobs import write

TABLES: dict[str, list[dict[str, Any]]] = {
    "org_units": [{"id": "u", "name": "Unit"}],
    "people": [{"id": "ann", "name": "Ann"}, {"id": "bob", "name": "Bob"}],
    "communities": [
        {"id": "a", "name": "A", "domain": "ropes"},
        {"id": "b", "name": "B", "domain": "knots"},
        {"id": "deals", "name": "Deals", "domain": "takeovers", "visibility": "restricted"},
    ],
    "memberships": [{"person_id": "ann", "community_id": "deals"}],
}
MANAGER = Principal(None, Role.KNOWLEDGE_MANAGER, "key:km")
ANN, BOB = (Principal(person, Role.MEMBER, f"key:{person}") for person in ("ann", "bob"))


def row(key: str, *subjects: str, score: float = 0.9, kind: str = "overlap", **given: Any) -> FindingRow:
    judgement = Judgement("duplicate", score, {subjects[0]: 0.5}, {"text": 2.0})
    return FindingRow(key, kind, subjects, judgement, {"text": {"points": 2.0}}, given.get("people", ()),
                      given.get("names", ()))  # fmt: skip


@pytest.fixture
def graph(database: Database, tmp_path: Path) -> Database:
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    rows = [
        row("f1", "community/a", "community/b", people=("bob", "ann")),
        row("f2", "community/a", "community/deals", score=0.8),
        row("f3", "community/b", "org_unit/u", score=0.7, kind="unit_clash"),
        row("f4", "community/b", score=0.6, kind="breadth", names=("deals",)),
    ]
    noted = {"status": "open", "present": True, "found_at": "2026-01-01"}
    database.write(lambda tx: writes.store_findings(tx, [(one, noted) for one in rows]))
    return database


def listed(graph: Database, who: Principal, **given: Any) -> list[str]:
    return [one.id for one in graph.read(reads.findings(who, **given))]


def see(graph: Database, key: str, who: Principal = MANAGER) -> KeptFinding:
    found = graph.read(reads.finding(key, who))
    assert found is not None
    return found


def decide(graph: Database, key: str, status: str, who: Principal = MANAGER, **given: Any) -> KeptFinding:
    return graph.write(lambda tx: writes.decide(tx, who, key, status, **given))


def test_a_finding_is_read_as_it_was_stored_with_names_as_they_are_now(graph: Database) -> None:
    found = see(graph, "f1")
    assert found.judgement == Judgement("duplicate", 0.9, {"community/a": 0.5}, {"text": 2.0})
    assert [(one.kind, one.id, one.name) for one in found.about] == [("community", "a", "A"), ("community", "b", "B")]
    assert [one.name for one in found.people] == ["Bob", "Ann"], "in the order of the evidence"
    assert (found.status, found.present, found.decision) == ("open", True, None)
    graph.run_alone("MATCH (p:Person {id: 'bob'}) DETACH DELETE p")
    assert "bob" not in str(see(graph, "f1")).casefold(), "who is erased is named no more"
    assert [(one.kind, one.name) for one in see(graph, "f3").about] == [("community", "B"), ("org_unit", "Unit")]


def test_one_sees_findings_of_which_one_may_see_all_that_they_are_about_or_name(graph: Database) -> None:
    assert listed(graph, MANAGER) == ["f1", "f2", "f3", "f4"]
    assert listed(graph, ANN) == ["f1", "f2", "f3", "f4"], "she is in the restricted one"
    assert listed(graph, BOB) == listed(graph, Principal()) == ["f1", "f3"]
    assert graph.read(reads.finding("f2", BOB)) is None
    graph.run_alone("MATCH (c:Community {id: 'deals'}) DETACH DELETE c")
    assert listed(graph, BOB) == ["f1", "f3"], "also when that community is gone"
    assert [one.id for one in see(graph, "f2").about] == ["a"]


def test_lists_are_filtered_and_paged(graph: Database) -> None:
    decide(graph, "f1", "accepted")
    assert listed(graph, MANAGER, kinds=["overlap"]) == ["f1", "f2"]
    assert listed(graph, MANAGER, statuses=["open"]) == ["f2", "f3", "f4"]
    assert listed(graph, MANAGER, community_id="deals") == ["f2"], "what is about it, not what names it"
    assert listed(graph, MANAGER, limit=2) == ["f1", "f2"]
    assert listed(graph, MANAGER, behind=(0.8, "f2"), limit=1) == ["f3"]


def test_a_decision_keeps_what_it_was_about_and_leaves_one_event(graph: Database) -> None:
    before, print_before = graph.read(log.revision()), log.fingerprint(graph)
    later = (date.today() + timedelta(days=30)).isoformat()
    found = decide(graph, "f1", "dismissed", reason="intended", note="Two sites.", until=later)
    assert found.status == "dismissed"
    assert found.decision is not None
    assert (found.decision.reason, found.decision.note, found.decision.until) == ("intended", "Two sites.", later)
    assert found.decision.judgement == found.judgement
    (event,) = graph.read(log.events_after(before))
    assert (event.action, event.actor, event.subjects) == ("decide.finding", "key:km", ("finding/f1",))
    assert event.details["about"] == ["community/a", "community/b"]
    assert log.fingerprint(graph) == print_before, "findings are conclusions, not content"
    assert decide(graph, "f1", "done").status == "done"
    reopened = decide(graph, "f1", "open")
    assert (reopened.status, reopened.decision) == ("open", None)


def test_what_the_audit_stores_moves_no_revision(graph: Database) -> None:
    before = graph.read(log.revision())
    graph.write(lambda tx: writes.note_findings(tx, {"f1": {"status": "gone", "present": False}}))
    assert see(graph, "f1").status == "gone"
    assert graph.read(log.revision()) == before


def test_who_may_not_decide_and_what_cannot_be_decided(graph: Database) -> None:
    with pytest.raises(Forbidden):
        decide(graph, "f1", "accepted", ANN)
    with pytest.raises(NotFound):
        decide(graph, "f2", "accepted", BOB)
    with pytest.raises(NotFound):
        decide(graph, "f0", "accepted")
    with pytest.raises(Conflict, match="Nothing has been decided"):
        decide(graph, "f1", "open")
    for given, told in (
        ({"status": "dismissed"}, "say why"),
        ({"status": "dismissed", "reason": "ugly"}, "say why"),
        ({"status": "dismissed", "reason": "not_now"}, "until when"),
        ({"status": "dismissed", "reason": "not_now", "until": "2020"}, "is over"),
        ({"status": "accepted", "reason": "intended"}, "dismissed"),
        ({"status": "gone"}, "must be one of"),
    ):
        with pytest.raises(InvalidInput, match=told):
            decide(graph, "f1", **given)
    graph.write(lambda tx: writes.note_findings(tx, {"f1": {"status": "gone", "present": False}}))
    with pytest.raises(Conflict, match="does not find this any more"):
        decide(graph, "f1", "accepted")


def test_calibrations_are_numbered_and_the_latest_is_in_force_until_withdrawn(graph: Database) -> None:
    def kept(version: int, kind: str = "overlap") -> KeptCalibration:
        return KeptCalibration(kind, version, "2026-01-01", 30, 20, {"level": -0.5}, 0.4, 0.5, 0.8)

    for one in (kept(1), kept(2), kept(1, "unit_clash")):
        graph.write(lambda tx, one=one: writes.keep_calibration(tx, MANAGER, one))
    assert [(one.version, one.in_force) for one in graph.read(reads.calibrations("overlap"))] == [(2, True), (1, False)]
    assert graph.read(reads.calibrations("overlap"))[0] == kept(2)
    assert graph.write(lambda tx: writes.withdraw_calibration(tx, MANAGER, "overlap"))
    assert not graph.write(lambda tx: writes.withdraw_calibration(tx, MANAGER, "overlap"))
    assert not any(one.in_force for one in graph.read(reads.calibrations("overlap")))
    assert [one.in_force for one in graph.read(reads.calibrations("unit_clash"))] == [True]
    assert [event.action for event in graph.read(log.events_after(0))][-4:] == [
        "learn.calibration", "learn.calibration", "learn.calibration", "withdraw.calibration",
    ]  # fmt: skip
