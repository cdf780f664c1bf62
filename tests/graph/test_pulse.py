"""The pulse: each is asked in turn, and nothing leads from an answer to whoever gave it."""

import json
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from graph import pulse, quarters
from graph.database import Database
from graph.errors import Conflict, InvalidInput, NotFound
from graph.models import Principal, Role
from graph.pulse import Belonging, PulseQuestion
from graph.quarters import Quarter, of_day
from graph.reads import log
from graph.reads import pulse as reads
from graph.writes import pulse as writes
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from matcher.community import pulse as concluded
from tests.ingest.test_jobs import write

PEOPLE = [f"p{number}" for number in range(12)]
TODAY = date.today().isoformat()
TABLES: dict[str, list[dict[str, Any]]] = {
    "people": [{"id": key, "name": key.title()} for key in (*PEOPLE, "out")],
    "communities": [
        {"id": "knots", "name": "Knots", "domain": "knots"},
        {"id": "old", "name": "Old", "domain": "old", "status": "retired"},
    ],
    "memberships": [{"person_id": key, "community_id": where} for key in PEOPLE for where in ("knots", "old")],
}


def of(person: str | None) -> Principal:
    return Principal(person, Role.MEMBER, f"key:{person}")


@pytest.fixture
def graph(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """In which everybody's turn has come, whatever the week."""
    monkeypatch.setattr(pulse, "WEEKS", 1)
    ingest(database, BundleSource(write(tmp_path / "hr", TABLES), "hr"), rejects_folder=tmp_path / "rejects")
    return database


def asked(graph: Database, person: str, today: str = TODAY) -> PulseQuestion:
    found = graph.read(reads.question(person, 1, today))
    assert found is not None
    return found


def answer(graph: Database, person: str | None, given: int | None, question: str | None = None) -> None:
    question = question or asked(graph, person or "p0").question
    graph.write(lambda tx: writes.answer(tx, of(person), "knots", question, given, 1))


def days(quarter: Quarter) -> list[str]:
    first, last = date.fromisoformat(quarter.first_day), date.fromisoformat(quarter.last_day)
    return [(first + timedelta(days=day)).isoformat() for day in range((last - first).days + 1)]


@pytest.mark.parametrize("every", [1, 2, 4])
def test_nobody_is_asked_more_often_than_the_organisation_wants(every: int) -> None:
    communities = [Belonging(key, key, 40) for key in ("a", "b", "c")]
    for person in PEOPLE:
        last: str | None = None
        times: list[Quarter] = []
        about: list[str] = []
        quarter = quarters.parsed("2026-Q1")
        for _ in range(12):
            for day in days(quarter)[::5]:
                if found := pulse.asked(person, communities, last, every, day):
                    assert found.quarter == str(quarter)
                    last = found.quarter
                    times.append(quarter)
                    about.append(found.community_id)
            quarter = quarter.before(-1)
        assert len(times) == 12 // every, "each in their quarter, once"
        assert {later.place - earlier.place for earlier, later in pairwise(times)} <= {every}
        assert set(about) == {"a", "b", "c"}, "each community in its turn"


def test_who_has_not_answered_is_asked_the_same_for_the_rest_of_the_quarter_and_people_begin_spread() -> None:
    began: Counter[str] = Counter()
    for number in range(200):
        person, told = f"x{number}", set[Any]()
        for day in days(quarters.parsed("2026-Q2")):
            found = pulse.asked(person, [Belonging("a", "A", 200)], None, 1, day)
            if found and told <= {None}:
                began[day] += 1
            told.add(found)
        assert len(told - {None}) == 1
    assert len(began) == pulse.WEEKS
    assert max(began.values()) < 60


def test_a_small_community_is_asked_one_question_a_quarter_and_all_in_turn() -> None:
    seen: list[str] = []
    quarter = quarters.parsed("2026-Q1")
    for _ in range(5):
        told = {pulse.asked(f"x{n}", [Belonging("a", "A", 12)], None, 1, quarter.last_day) for n in range(30)}
        questions = {one.question for one in told if one}
        assert len(questions) == 1, "or none would get five answers"
        seen += questions
        quarter = quarter.before(-1)
    assert set(seen) == set(pulse.QUESTIONS)
    large = {pulse.asked(f"x{n}", [Belonging("a", "A", 90)], None, 1, quarter.last_day) for n in range(90)}
    assert {one.question for one in large if one} == set(pulse.QUESTIONS)


def test_nobody_is_asked_where_it_is_off_or_before_their_turn() -> None:
    assert pulse.asked("p", [Belonging("a", "A", 9)], None, 0, "2026-06-30") is None
    assert pulse.asked("p", [], None, 1, "2026-06-30") is None


def test_an_answer_counts_once_and_only_for_what_was_asked(graph: Database) -> None:
    now = asked(graph, "p0")
    assert (now.community_id, now.quarter) == ("knots", str(of_day(TODAY))), "nothing is asked about what is retired"
    other = next(name for name in pulse.QUESTIONS if name != now.question)
    for person, question in (("p0", other), ("out", now.question)):
        with pytest.raises(Conflict, match="not asked"):
            answer(graph, person, 3, question)
    with pytest.raises(NotFound):
        answer(graph, None, 3)
    with pytest.raises(InvalidInput):
        answer(graph, "p0", 6)
    answer(graph, "p0", 4)
    assert graph.read(reads.question("p0", 1)) is None
    with pytest.raises(Conflict):
        answer(graph, "p0", 4, now.question)
    answer(graph, "p1", None)
    with pytest.raises(Conflict):
        answer(graph, "p1", 5, now.question)
    (tally,) = graph.run_alone("MATCH (t:PulseTally) RETURN t.counts AS counts")
    assert tally["counts"] == [0, 0, 0, 1, 0], "who skipped counts nowhere"


def test_no_path_leads_from_an_answer_to_a_person(graph: Database) -> None:
    before = graph.read(log.revision())
    for person, given in zip(PEOPLE, (1, 2, 3, 4, 5, 5, 4, None, 2), strict=False):
        answer(graph, person, given)
    (reached,) = graph.run_alone("MATCH (t:PulseTally) RETURN count { (t)--() } AS relationships, keys(t) AS keys")
    assert reached["relationships"] == 0
    assert sorted(reached["keys"]) == ["community_id", "counts", "id", "quarter", "question"]
    events = graph.read(log.events_after(before))
    assert [(one.actor, one.action, one.subjects, one.details) for one in events] == [
        ("pulse", "answer.pulse", (), {})
    ] * 9, "one each, and each like the other"
    changed = graph.run_alone(
        "MATCH (n) WHERE any(key IN keys(n) WHERE key CONTAINS 'pulse') "
        "RETURN labels(n) AS labels, [key IN keys(n) WHERE key CONTAINS 'pulse' | n[key]] AS held"
    )
    assert [(one["labels"], one["held"]) for one in changed] == [(["Person"], [str(of_day(TODAY))])] * 9, (
        "of those who answered and who skipped alike, and finer than a quarter nothing"
    )
    # Who has to do with the pulse is named by nothing else in the whole graph.
    everything = graph.run_alone("MATCH (n) WHERE NOT n:Person RETURN labels(n) AS labels, properties(n) AS held")
    of_pulse = [one for one in everything if "pulse" in json.dumps(one, default=str).lower()]
    assert {label for one in of_pulse for label in one["labels"]} >= {"PulseTally", "Event", "Meta"}
    for one in of_pulse:
        assert not any(f'"{person}"' in json.dumps(one, default=str) for person in PEOPLE), one
        assert not any(f"key:{person}" in json.dumps(one, default=str) for person in PEOPLE), one
    kinds = {row["type"] for row in graph.run_alone("MATCH ()-[r]->() RETURN DISTINCT type(r) AS type")}
    assert kinds == {"MEMBER_OF"}, "answering has tied nothing to anything"


def test_who_is_erased_leaves_the_answers(graph: Database) -> None:
    for person in PEOPLE[:6]:
        answer(graph, person, 4)
    kept = graph.run_alone("MATCH (t:PulseTally) RETURN t.counts AS counts")
    graph.write(lambda tx: tx.run("write/delete_person", ids=PEOPLE[:3]))
    assert graph.run_alone("MATCH (t:PulseTally) RETURN t.counts AS counts") == kept == [{"counts": [0, 0, 0, 6, 0]}]


def test_a_quarter_is_told_when_it_is_over_and_from_five_answers_on(graph: Database) -> None:
    question = asked(graph, "p0").question
    later = of_day(TODAY).before(-1).first_day
    for number, person in enumerate(PEOPLE[:6]):
        assert graph.read(reads.tallies("knots")) == [], "what is under way is read by nobody, or the last could be"
        answer(graph, person, 5)
        (pulse_,) = [one for one in graph.follow(concluded.of_community("knots", later)) if one.question == question]
        shown = pulse_.quarters[0]
        assert (shown.mean, shown.answers) == ((4.5, 5) if number >= 4 else (None, None))
