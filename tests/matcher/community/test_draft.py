"""What a draft could say is what the graph holds, with what it rests on; nothing is invented."""

import numpy as np
import pytest

from graph.models import Community
from graph.reads.charters import AskedThere, CharterFacts, TakenUp
from graph.reads.communities import Roster
from graph.reads.goals import Goal
from graph.reads.people import Colleague, Drawn, SkillHolders
from matcher.community.draft import DraftFacts, Suggestion, suggestions
from matcher.snapshot import Facts, Snapshot, assemble

TODAY = "2026-06-01"


def roster(community: str, *people: str) -> Roster:
    blank = [""] * len(people)
    return Roster(community, list(people), blank, blank, blank, blank)


@pytest.fixture
def snapshot() -> Snapshot:
    communities = [
        Community("ropes", "Ropes", "How to splice hemp ropes and whip their ends.", skill_ids=("hemp", "tar"),
                  skill_names=("Hemp", "Tar")),
        Community("splices", "Splices", "How to splice steel ropes under load."),
        Community("secret", "Secret", "How to splice hemp ropes that nobody knows of.", visibility="restricted"),
        Community("ends", "Ends", "How to whip hemp ropes at their ends.", status="retired"),
        Community("bread", "Bread", "Sourdough and its crust."),
    ]  # fmt: skip
    people = [
        Colleague("ann", "Ann"), Colleague("bob", "Bob"), Colleague("cy", "Cy", recommendable=False),
        Colleague("dee", "Dee", left_on="2020-01-01"), Colleague("eve", "Eve"),
    ]  # fmt: skip
    return assemble(
        Facts({one.id: one for one in communities}, {"ropes": roster("ropes", "ann")}, {one.id: one for one in people}),
        today=TODAY,
    )


def told(snapshot: Snapshot, facts: DraftFacts, visible: tuple[str, ...] = ("ropes", "splices", "ends", "bread")):
    mask = np.array([one.id in visible for one in snapshot.communities])
    found: dict[str, list[Suggestion]] = {}
    for one in suggestions(snapshot, "ropes", facts, mask):
        found.setdefault(one.field, []).append(one)
    return found


def test_neighbours_are_named_that_one_may_see_and_that_go_on(snapshot: Snapshot) -> None:
    (near,) = told(snapshot, DraftFacts())["value_proposition"]
    assert near.text == "Say how it differs from Splices: both speak of splice, ropes."
    assert [(one.kind, one.id) for one in near.sources] == [("community", "splices")]
    seen = told(snapshot, DraftFacts(), ("ropes", "splices", "secret"))["value_proposition"]
    assert {one.sources[0].id for one in seen} == {"splices", "secret"}


def test_goals_are_suggested_by_words_in_common(snapshot: Snapshot) -> None:
    goals = [Goal("g1", "Safe ropes", "No splice fails."), Goal("g2", "Good bread", "Crust for everybody.")]
    (goal,) = told(snapshot, DraftFacts(goals))["goal_ids"]
    assert goal.sources[0].id == "g1"
    assert "Safe ropes" in goal.text


def test_who_shares_skills_is_counted_and_named_unless_they_opted_out_or_left(snapshot: Snapshot) -> None:
    holders = {
        key: SkillHolders(key, name, (), ["ann", "bob", "cy", "dee"], [0, 0, 0, 0])
        for key, name in (("hemp", "Hemp"), ("tar", "Tar"))
    }
    found = told(snapshot, DraftFacts(holders=holders))["opportunities"]
    assert [one.text for one in found] == [
        "3 people have the skill “Hemp”; 1 of them is in it.",
        "3 people have the skill “Tar”; 1 of them is in it.",
        "Not in it, and with several of its skills: Bob.",
    ]


def test_who_shares_interests_is_counted_and_not_named(snapshot: Snapshot) -> None:
    drawn = (
        Drawn("hemp", "Hemp", ("ann", "bob", "eve", "dee", "nobody")),
        Drawn(None, "knots", ("cy",)),
        Drawn("tar", "Tar", ("ann",)),
    )
    found = told(snapshot, DraftFacts(drawn=drawn))["opportunities"]
    assert [one.text for one in found] == [
        "3 people want to learn “Hemp”; 1 of them is in it.",
        "1 person names “knots” among their interests; none of them is in it.",
    ]
    assert [one.sources[0].kind for one in found] == ["skill", "interest"]


def test_what_keeps_coming_is_a_need_or_a_challenge(snapshot: Snapshot) -> None:
    questions = (
        AskedThere("q1", "How to whip hemp ends?", "", ("worked", "worked")),
        AskedThere("q2", "How to whip the ends of hemp?", "", ("did_not_work",)),
        AskedThere("q3", "Where is tar sold?", "", ()),
        AskedThere("q4", "Tar: where is it sold?", "", ()),
        AskedThere("q5", "Who paid for lunch?", "", ()),
    )
    agenda = (
        TakenUp("a", "The loft", "open", 3), TakenUp("b", "The list", "settled", 4), TakenUp("c", "Lunch", "open", 1)
    )  # fmt: skip
    found = told(snapshot, DraftFacts(went_on=CharterFacts(questions, (), agenda)))
    (need,) = found["needs"]
    assert need.text == "Asked 2 times, and never answered: “Where is tar sold?”"
    assert {one.id for one in need.sources} == {"q3", "q4"}
    again, loft = found["challenges"]
    assert {one.id for one in again.sources} == {"q1", "q2"}
    assert loft.text == "Taken up at 3 meetings, and open: “The loft”"
    (worked,) = found["works_today"]
    assert worked.text.startswith("Of 3 pieces of advice whose outcome is known, 2 worked, for example on “How to whip")


def test_time_is_that_of_the_last_year(snapshot: Snapshot) -> None:
    meetings = (("2020-01-01", 90), ("2026-03-01", 4), ("2026-03-15", 8), ("2026-03-29", 6), ("2026-07-01", 0), ("", 3))
    (time,) = told(snapshot, DraftFacts(went_on=CharterFacts(meetings=meetings)))["time_commitment"]
    assert time.text == "It met 3 times within a year, mostly 14 days apart, and mostly 6 people came."


def test_where_nothing_is_known_nothing_is_said(snapshot: Snapshot) -> None:
    assert told(snapshot, DraftFacts(), ()) == {}
