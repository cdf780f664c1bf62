"""Rules of recurrence: what they mean in wall time, and what is told of those that mean nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import rhythm

OSLO = "Europe/Oslo"


def rolled(starts_at: str, zone: str | None, rule: str | None, before: str, after: str | None = None) -> list[str]:
    found = rhythm.occurrences(
        starts_at, zone, rule, before=datetime.fromisoformat(before),
        after=datetime.fromisoformat(after) if after else None,
    )  # fmt: skip
    return [one.isoformat(timespec="minutes") for one in found]


def test_ten_o_clock_stays_ten_o_clock_when_clocks_change() -> None:
    spring = rolled("2027-03-22T10:00", OSLO, "FREQ=WEEKLY", "2027-04-06T00:00Z")
    assert spring == ["2027-03-22T10:00+01:00", "2027-03-29T10:00+02:00", "2027-04-05T10:00+02:00"]
    autumn = rolled("2027-10-25T08:00Z", OSLO, "FREQ=WEEKLY", "2027-11-08T00:00Z")
    assert autumn == ["2027-10-25T10:00+02:00", "2027-11-01T10:00+01:00"]
    assert rolled("2027-10-25T08:00Z", None, "FREQ=WEEKLY", "2027-11-02T00:00Z")[1] == "2027-11-01T08:00+00:00"


def test_an_hour_that_is_left_out_or_comes_twice_counts_as_the_standard_has_it() -> None:
    days = rhythm.occurrences("2027-03-21T02:30", OSLO, "FREQ=WEEKLY", before=datetime(2027, 4, 1, tzinfo=UTC))
    assert [one.astimezone(UTC).hour for one in days] == [1, 1], "02:30 does not come on 28 March: 03:30 summer time"
    twice = rhythm.moment("2027-10-31T02:30", OSLO)
    assert twice is not None
    assert twice.astimezone(UTC).hour == 0


def test_the_last_day_of_a_rule_is_of_its_zone() -> None:
    rule = rhythm.checked("FREQ=DAILY;UNTIL=20270329T080000Z", "2027-03-27T10:00")
    assert len(rolled("2027-03-27T10:00", OSLO, rule, "2028-01-01T00:00Z")) == 3, "08:00Z is 10:00 there by then"
    assert len(rolled("2027-03-27T10:00", OSLO, "FREQ=DAILY;UNTIL=20270328", "2028-01-01T00:00Z")) == 2


def test_the_start_is_the_first_meeting_even_off_the_rule() -> None:
    assert rolled("2027-03-03T10:00Z", None, "FREQ=WEEKLY;BYDAY=TU", "2027-03-17T00:00Z") == [
        "2027-03-03T10:00+00:00", "2027-03-09T10:00+00:00", "2027-03-16T10:00+00:00",
    ]  # fmt: skip
    assert not rhythm.falls_on_start("2027-03-03T10:00", None, "FREQ=WEEKLY;BYDAY=TU")
    assert rhythm.first_of_rule("2027-03-03T10:00", None, "FREQ=WEEKLY;BYDAY=TU").day == 9


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("FREQ=HOURLY", "FREQ must be one of DAILY"),
        ("FREQ=WEEKLY;BYHOUR=9", "no 'BYHOUR'"),
        ("FREQ=WEEKLY;BYDAY=Tue", "BYDAY must be days like"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20280101", "both COUNT and UNTIL"),
        ("FREQ=WEEKLY;INTERVAL=0", "INTERVAL must be a number"),
        ("FREQ=WEEKLY;INTERVAL=2;INTERVAL=3", "twice"),
        ("FREQ=WEEKLY;BYSETPOS=1", "goes with FREQ=MONTHLY"),
        ("FREQ=WEEKLY;BYDAY=2TU", "goes with FREQ=MONTHLY"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "use FREQ=WEEKLY"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never falls on any day"),
        ("FREQ=WEEKLY;UNTIL=20200101", "never falls on any day"),
        ("FREQ=WEEKLY;UNTIL=20201399", "no recurrence rule"),
        ("FREQ", "no value"),
    ],
)
def test_what_is_no_rule_is_told_what_to_do(rule: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        rhythm.checked(rule, "2027-03-02T10:00")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every 2 weeks on Tuesday"),
        ("FREQ=MONTHLY;BYDAY=2TU,-1FR", "every month on the second Tuesday and the last Friday"),
        ("FREQ=MONTHLY;BYDAY=WE;BYSETPOS=-1;COUNT=6", "every month on the last Wednesday 6 times"),
        ("FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=15;UNTIL=20301231", "every year on day 15 in June until 2030-12-31"),
        ("now and then", "now and then"),
    ],
)
def test_a_rule_is_said_in_words(rule: str, said: str) -> None:
    assert rhythm.said(rule) == said


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(lambda one: one.replace(second=0, microsecond=0))
RULES = st.sampled_from(
    ["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYDAY=2TU", "FREQ=DAILY;COUNT=9"]
)
ZONES = st.sampled_from([OSLO, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])


@settings(deadline=None, max_examples=40)
@given(MOMENTS, RULES, ZONES, st.integers(0, 200), st.integers(1, 60))
def test_a_part_of_a_series_is_that_part_of_the_whole(
    start: datetime, rule: str, zone: str, skipped: int, length: int
) -> None:
    text = start.isoformat(timespec="minutes")
    first = rhythm.moment(text, zone)
    assert first is not None
    after = first + timedelta(days=skipped, minutes=17)
    before = after + timedelta(days=length)
    whole = list(rhythm.occurrences(text, zone, rule, before=before))
    assert list(rhythm.occurrences(text, zone, rule, before=before, after=after)) == [x for x in whole if x >= after]
    # Moments, since an hour that comes twice in a zone equals none of another (PEP 495).
    assert [rhythm.of_key(rhythm.as_key(one)) for one in whole] == [one.astimezone(UTC) for one in whole]
    # One wall time throughout, but for a day that does not have it.
    other = [one for one in whole if (one.hour, one.minute) != (start.hour, start.minute)]
    assert len(other) <= 1 + len(whole) // 300
