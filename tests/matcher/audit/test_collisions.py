"""When communities meet, from how people write it, and what falls on one hour."""

import pytest

from graph.models import Community
from graph.reads.communities import MeetingAhead
from matcher.audit.collisions import Slot, collide, slots

TODAY = "2026-07-01"  # a Wednesday, in summer time


def slot(line: str) -> Slot:
    (found,) = slots([Community("c", "C", meetings=(line,))], [], TODAY)["c"]
    return found


@pytest.mark.parametrize(
    ("line", "minute"),
    [
        ("Regular meeting: biweekly, Wednesday 11:00 UTC", (2 * 24 + 11) * 60),
        ("Weekly: Mondays at 9:30 am PT (Pacific Time)", (0 * 24 + 16) * 60 + 30),
        ("Friday 13:00 Europe/Berlin", (4 * 24 + 11) * 60),
        ("Sunday 23:30 PT", (0 * 24 + 6) * 60 + 30),
        ("monthly - Wednesday, after the fourth Tuesday, every month, Wednesday 05:30 UTC", (2 * 24 + 5) * 60 + 30),
    ],
)
def test_a_line_says_weekday_hour_and_zone(line: str, minute: int) -> None:
    assert (slot(line).minute, slot(line).zone) == (minute, "")


@pytest.mark.parametrize("line", ["every now and then", "Friday 25:00 UTC", "at 11:00", "Tuesdays"])
def test_a_line_that_does_not_say_when_is_at_no_time(line: str) -> None:
    assert slots([Community("c", "C", meetings=(line,))], [], TODAY) == {}


def test_within_an_hour_of_the_week_they_collide_also_over_its_end() -> None:
    eleven = slot("Wednesday 11:00 UTC")
    assert collide(eleven, slot("Wednesday 11:59 UTC"))
    assert not collide(eleven, slot("Wednesday 12:00 UTC"))
    assert not collide(eleven, slot("Thursday 11:00 UTC"))
    assert collide(slot("Sunday 23:30 UTC"), slot("Monday 0:15 UTC"))
    assert collide(eleven, slot("Wednesday 4:00 PT")), "in summer"


def test_an_unknown_zone_is_compared_with_itself_alone() -> None:
    there = slot("Wednesday 11:00 Atlantis")
    assert collide(there, slot("Wednesday 11:30 Atlantis"))
    assert not collide(there, slot("Wednesday 11:00 UTC"))


def meeting(starts_at: str, recurrence: str | None = None) -> MeetingAhead:
    return MeetingAhead("m", "c", "Talk", starts_at, recurrence)


def test_meetings_with_a_time_count_on_their_day_and_series_every_week() -> None:
    def of(*some: MeetingAhead) -> list[Slot]:
        return slots([], some, TODAY).get("c", [])

    (once,) = of(meeting("2026-07-08T11:00Z"))
    (series,) = of(meeting("2020-01-01T11:00+00:00", "weekly"))
    assert (once.day, series.day) == ("2026-07-08", None)
    assert once.minute == series.minute == slot("Wednesday 11:00 UTC").minute
    assert collide(once, series)
    assert not collide(once, of(meeting("2026-07-15T11:00Z"))[0])
    assert of(meeting("2026-07-08"), meeting("2020-01-01T11:00Z")) == []


def test_a_series_that_is_announced_and_on_record_is_one() -> None:
    community = Community("c", "C", meetings=("Talk: weekly, Wednesday 11:00 UTC",))
    assert len(slots([community], [meeting("2026-06-24T11:00Z", "weekly")], TODAY)["c"]) == 1


def test_a_rule_falls_on_each_of_its_hours_as_they_are_now() -> None:
    oslo = [MeetingAhead("m", "c", "Talk", "2026-01-07T11:00", "FREQ=WEEKLY;BYDAY=WE,FR", "Europe/Oslo")]
    wednesday, friday = slots([], oslo, TODAY)["c"]
    assert (wednesday.minute, friday.minute) == ((2 * 24 + 9) * 60, (4 * 24 + 9) * 60), "in summer two hours ahead"
    assert wednesday.text == "Talk: every week on Wednesday and Friday, Wednesday 09:00 UTC"
    ended = [MeetingAhead("m", "c", "Talk", "2026-01-07T11:00Z", "FREQ=WEEKLY", None, "2026-06-30T00:00Z")]
    assert slots([], ended, TODAY) == {}


def test_a_rule_that_keeps_to_no_weekday_counts_on_its_days() -> None:
    found = slots([], [MeetingAhead("m", "c", "Talk", "2026-01-15T11:00Z", "FREQ=MONTHLY;BYMONTHDAY=15")], TODAY)["c"]
    assert [one.day for one in found] == ["2026-07-15", "2026-08-15", "2026-09-15"]
