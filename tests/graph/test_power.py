"""A report on talk and advice is made once: no change of a membership is seen by comparing two."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.quarters import latest_over
from graph.reads.log import fingerprint
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from matcher.community import power
from matcher.community.power import PowerReport
from tests.ingest.test_jobs import write

TODAY = date.today().isoformat()
LAST, BEFORE = latest_over(TODAY, 2)
SENIOR, JUNIOR = [f"s{n}" for n in range(5)], [f"j{n}" for n in range(6)]


def tables(members: list[str]) -> dict[str, list[dict[str, Any]]]:
    questions = [
        {"id": f"q-{quarter}-{person}", "text": "How?", "community_id": "knots", "asker_id": person,
         "asked_at": quarter.first_day}
        for quarter in (LAST, BEFORE) for person in (*SENIOR, *JUNIOR, "extra")
    ]  # fmt: skip
    # Each senior advises a junior who reports to them, in the last quarter alone.
    advice = [
        {"question_id": f"q-{LAST}-{junior}", "helper_id": senior, "advised_at": LAST.first_day}
        for senior, junior in zip(SENIOR, JUNIOR, strict=False)
    ]
    people = [{"id": one, "name": one, "grade": "H9"} for one in SENIOR] + [
        {"id": one, "name": one, "grade": "H3", "manager_id": SENIOR[number % 5]} for number, one in enumerate(JUNIOR)
    ]
    return {
        "people": [*people, {"id": "extra", "name": "extra", "grade": "H9"}],
        "communities": [{"id": "knots", "name": "Knots", "domain": "knots"}],
        "memberships": [{"person_id": one, "community_id": "knots"} for one in members],
        "questions": questions,
        "advice": advice,
    }


@pytest.fixture
def load(database: Database, tmp_path: Path):
    def run(members: list[str]) -> Database:
        source = BundleSource(write(tmp_path / "hr", tables(members)), "hr")
        ingest(database, source, rejects_folder=tmp_path / "rejects", sweep=True, prune_at_most=100)
        return database

    return run


def reports(graph: Database, today: str = TODAY) -> list[PowerReport]:
    return graph.write(lambda tx: power.of_community(tx, "knots", today))


def test_what_is_told_is_told_again_whatever_changed_since(load: Any) -> None:
    graph = load([*SENIOR, *JUNIOR])
    content = fingerprint(graph)
    before = reports(graph)
    assert [share.grades for share in before[0].shares] == [("H3",), ("H9",)]
    assert (before[0].down, before[0].up) == (1.0, None)
    assert (before[1].down, before[1].up) == (None, None)
    assert [share.of_questions for share in before[1].shares] == [0.55, 0.45]
    assert before[2].shares == ()
    assert fingerprint(graph) == content, "a report follows from content, and is none"
    # Somebody more, then somebody fewer: below five of a grade are left, and nothing shows.
    assert reports(load([*SENIOR, *JUNIOR, "extra"])) == before
    assert reports(load([*SENIOR[:4], *JUNIOR])) == before
    graph.write(lambda tx: tx.run("write/delete_person", ids=["s0"]))
    assert reports(graph) == before
    names = graph.run_alone("MATCH (r:PowerReport) RETURN r.content AS content, count { (r)--() } AS tied")
    assert all(row["tied"] == 0 and "s0" not in row["content"] for row in names)


def test_a_report_that_is_made_later_has_no_finer_groups_than_one_made_before(load: Any) -> None:
    graph = load([*SENIOR, *JUNIOR])
    graph.write(
        lambda tx: tx.run(
            "write/keep_power_report", id="knots/x", community_id="knots", quarter="2020-Q1",
            content='{"quarter": "2020-Q1", "shares": [{"grades": ["H3", "H9"]}, {"grades": ["K1"]}]}',
        )
    )  # fmt: skip
    assert reports(graph)[0].shares == ()
