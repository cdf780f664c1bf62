"""What is measured of what a community does together, measure by measure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.reads.meetings import AgendaItem, Came, Discussion, Meeting, Occurrence
from graph.reads.practice import Given, Question
from matcher.audit.collisions import Slot
from matcher.community.practice import Measure, measures

TODAY = date(2027, 3, 1)
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def question(asked: int, *answers: int, key: str = "q", **said: Any) -> Question:
    """Asked so many days ago, advised on after so many days each."""
    pieces = (Given(ago(asked - after), f"h{at}", **said) for at, after in enumerate(answers))
    return Question(key, ago(asked), "asker", tuple(pieces))


def meeting(days_ago: int, came: Sequence[Came] = (), **given: Any) -> Occurrence:
    names = ("title", "starts_at", "zone", "recurrence", "rule", "minutes", "place", "summary", "facilitator_id",
             "series_id", "recurs_at", "follows_id", "state", "reason", "ended_at")  # fmt: skip
    begins = NOW - timedelta(days=days_ago)
    recorded = given.pop("recorded", True)
    one = Meeting(id="m", community_id="c", community="C", came=tuple(came), **{**dict.fromkeys(names), **given})
    return Occurrence("m", one, begins, begins, recorded)


def item(state: str | None, *days_ago: int, title: str = "t") -> AgendaItem:
    said = tuple(Discussion(f"m{day}", None, NOW - timedelta(days=day), None, None) for day in days_ago)
    return AgendaItem(title, title, state, None, said)


def measured(
    questions: Sequence[Question] = (),
    meetings: Sequence[Occurrence] = (),
    items: Sequence[AgendaItem] = (),
    slots: dict[str, list[Slot]] | None = None,
    shared: dict[str, int] | None = None,
) -> dict[str, Measure]:
    found = measures(
        questions, meetings, items, slots or {}, shared or {}, community_id="c", begins=ago(365), today=ago(0), now=NOW
    )
    return {one.name: one for one in found}


def test_what_is_not_known_is_not_told_and_says_why() -> None:
    assert all(one.value is None and one.why for one in measured().values())


def test_a_question_that_waits_counts_as_waiting() -> None:
    quick = [question(100, 1), question(90, 1), question(80, 3)]
    assert measured(quick)["first_answer"].why == "3 questions; from 5 on it can be told"
    told = measured([*quick, question(70), question(2)])["first_answer"]
    # After 1 day 3/5 wait; after 2 the youngest is out of sight, so that of 2 at risk one is answered on day 3: 3/10.
    assert told.value == 3
    assert told.numbers["unanswered"] == 2
    assert "quartile_3" not in told.numbers, "no day is known by which three in four are answered"
    waits = measured([question(100 + n) for n in range(4)] + [question(100, 1)])["first_answer"]
    assert (waits.value, waits.why) == (None, "more than half of the questions wait longer than anybody has seen")


def test_what_was_answered_nobody_knows_when_is_left_out() -> None:
    undated = Question("u", ago(30), "asker", (Given("", "h"), Given("2027", "h")))
    assert measured([undated] * 9)["first_answer"].numbers["questions"] == 0


def test_different_people_chip_in() -> None:
    told = measured([question(10 * n + 5, 1, 2, key=f"q{n}") for n in range(6)])["helpers"]
    assert (told.value, told.numbers) == (2, {"questions": 6, "advice": 12, "people": 2})


def test_advice_counts_as_not_followed_up_once_it_is_two_weeks_old() -> None:
    old = [question(100 + n, 0, outcome="worked", followed_up_at=ago(50)) for n in range(3)]
    old += [question(90 + n, 0) for n in range(2)]
    young = [question(5 + n, 0) for n in range(9)]
    told = measured([*old, *young])
    assert told["followed_up"].value == pytest.approx(3 / 5)
    assert told["followed_up"].numbers == {"advice": 5, "followed_up": 3}
    assert told["worked"].why == "3 outcomes; from 5 on it can be told"
    worked = [question(60 + n, 0, outcome=how) for n, how in enumerate(("worked", "worked", "partly", "did_not_work"))]
    told = measured([*worked, question(50, 0, outcome="worked", learned="Wax the twine.")])
    assert told["worked"].value == pytest.approx(3 / 5)
    assert told["worked"].numbers["partly"] == 1
    assert (told["learned"].value, told["learned"].said) == (1 / 5, ("Wax the twine.",))


def test_what_was_said_before_the_period_counts_in_none() -> None:
    assert measured([question(400 + n, 1) for n in range(9)])["helpers"].numbers["advice"] == 0


def test_items_are_revisited_by_a_meeting_that_could() -> None:
    again = [item("settled", 60, 30, title=f"a{n}") for n in range(3)]
    once = [item("open", 60, title=f"o{n}") for n in range(2)]
    at_once = item("settled", 60, title="s")
    latest = item("open", 30, title="l")
    told = measured(items=[*again, *once, at_once, latest])["revisited"]
    assert told.value == pytest.approx(3 / 5)
    assert told.numbers == {"items": 7, "could_be": 5, "revisited": 3, "open": 3, "progressed": 0, "settled": 4}
    assert measured(items=[item("open", 700, 30, title=f"x{n}") for n in range(9)])["revisited"].numbers["items"] == 0


def test_meetings_held_of_those_planned() -> None:
    planned = [meeting(70, summary="Said.", series_id="s"), meeting(56, state="cancelled", series_id="s")]
    planned += [meeting(42, rule="FREQ=WEEKLY", recorded=False), meeting(28, came=[Came("a", "A", False, False)],
                series_id="s")]  # fmt: skip
    told = measured(meetings=[*planned, meeting(14)])["regular"]
    assert told.value == pytest.approx(2 / 4)
    assert told.numbers == {"planned": 4, "held": 2, "cancelled": 1, "not_on_record": 1, "single": 1}


def test_hours_are_free_of_communities_that_share_members() -> None:
    mine = [Slot("c", "Mon", 600, ""), Slot("c", "Tue", 2040, "")]
    slots = {"c": mine, "near": [Slot("near", "Mon", 630, "")], "far": [Slot("far", "Tue", 2040, "")]}
    told = measured(slots=slots, shared={"near": 4})["dovetail"]
    assert (told.value, told.said) == (0.5, ("near: 4 members in common",))
    assert told.numbers["of_them_at_the_same_hour"] == 1
    assert measured(slots={"c": mine}, shared={"near": 4})["dovetail"].value == 1
    assert measured(shared={"near": 4})["dovetail"].why == "no hour is known at which it meets"


def test_the_share_from_outside() -> None:
    advice = [question(20 + n, 0, external=n < 2, key=f"q{n}") for n in range(8)]
    came = [Came(f"p{n}", "P", n < 3, n < 2) for n in range(10)]
    told = measured(advice, [meeting(9, came), meeting(5, came, recorded=False)])
    assert told["outside_advice"].value == pytest.approx(2 / 8)
    assert told["outside_attendance"].value == pytest.approx(2 / 10)
    assert told["outside_attendance"].numbers == {"came": 10, "guests": 3, "from_outside": 2}


@given(st.lists(st.tuples(st.integers(1, 364), st.lists(st.integers(0, 60), max_size=3)), max_size=20))
@settings(max_examples=60, deadline=None)
def test_no_share_leaves_its_bounds_and_each_rests_on_its_numbers(asked: list[tuple[int, list[int]]]) -> None:
    some = [question(day, *(min(day, after) for after in answers), key=f"q{n}")
            for n, (day, answers) in enumerate(asked)]  # fmt: skip
    told = measured(some)
    for one in told.values():
        assert one.unit != "share" or one.value is None or 0 <= one.value <= 1
        assert (one.value is None) == (one.why is not None) or one.name == "first_answer"
    wait = told["first_answer"]
    if "quartile_1" in wait.numbers and "median" in wait.numbers:
        assert wait.numbers["quartile_1"] <= wait.numbers["median"]
    assert wait.numbers["answered"] + wait.numbers["unanswered"] == wait.numbers["questions"] == len(some)
