"""When a digest is sent, and how what is due is said."""

from datetime import UTC, datetime

import pytest

from graph.models import HelpRequest, Party, Role
from graph.reads.digest import CharterMatter, NewHere, Preferences, Recipient
from graph.reads.meetings import Meeting, Occurrence
from graph.reads.newcomers import Accompanied
from graph.reads.requests import Due
from matcher.community.digest import Facts, digest, why_not

ANN, BOB = Party("ann", "Ann"), Party("bob", "Bob")
TODAY = "2026-11-26"  # a Thursday


def due(state: str) -> Due:
    one = HelpRequest("r1", state, "q1", "", "How do I\nsplice?", False, None, ANN, BOB, "2026-11-01T09:00:00.000Z")
    return Due(one, "2026-11-02T09:00:00.000Z", BOB)


MEETING = Meeting("m1", "knots", "Knots", None, "2026-11-30T10:00Z", *[None] * 13)
BEGINS = datetime(2026, 11, 30, 10, tzinfo=UTC)

FACTS = Facts(
    requests=[due("asked"), due("advised")],
    meetings=[Occurrence("m1", MEETING, BEGINS, BEGINS, True)],
    newcomers=[NewHere("cy", "Cy", "knots", "Knots", "2026-11-20")],
    accompanied=[
        Accompanied("knots", "Knots", "cy", "Cy", "proposed", True, False, "2026-11-21"),
        Accompanied("knots", "Knots", "di", "Di", "agreed", True, True, "2026-11-01"),
    ],
    charters=[CharterMatter("knots", "Knots", "objections", "2026-11-03T09:00:00.000Z", 2)],
)


def recipient(preferences: Preferences) -> Recipient:
    return Recipient("bob", "Bob", "bob@example.org", preferences, None, Role.MEMBER)


@pytest.mark.parametrize(
    ("frequency", "sent_on", "why"),
    [
        ("daily", None, None),
        ("daily", "2026-11-25", None),
        ("daily", TODAY, "sent today already"),
        ("weekly", "2026-11-22", None),  # the Sunday before
        ("weekly", "2026-11-23", "sent this week already"),
        ("weekly", "2026-11-30", "sent this week already"),  # the clock was put back
        ("never", None, "they want none"),
    ],
)
def test_never_twice_for_one_period(frequency: str, sent_on: str | None, why: str | None) -> None:
    assert why_not(Preferences(frequency), sent_on, TODAY) == why


@pytest.mark.parametrize(("until", "rests"), [(TODAY, True), ("2026-11-25", False), ("2026", True)])
def test_a_pause_lasts_to_the_end_of_its_day(until: str, rests: bool) -> None:
    assert (why_not(Preferences("daily", paused_until=until), None, TODAY) is not None) == rests


def test_each_thing_says_what_to_do_and_only_chosen_parts_are_told() -> None:
    said = [item.said for item in digest(recipient(Preferences()), FACTS, TODAY).items]
    assert said == [
        "Ann asks you for help: “How do I splice?”. Say whether you can.",
        "Bob advised you on “How do I splice?”. Try it, and say what came of it.",
        "Knots meets.",
        "Cy is new in Knots, and nobody is on record to have greeted them.",
        "You are asked to accompany Cy, who is new in Knots. Say whether you will.",
        "2 objections to the charter of Knots wait to be settled.",
    ]
    some = digest(recipient(Preferences(parts=("meetings",))), FACTS, TODAY)
    assert [item.part for item in some.items] == ["meetings"]
