"""How people moved between the levels that they declared."""

from itertools import product

import pytest

from graph import quarters
from graph.reads.engagement import LevelSpell, OwnActs
from matcher.community import engagement
from matcher.community.disclosure import LEAST, rounded
from matcher.community.engagement import OUTSIDE, UNSTATED

Q3 = quarters.parsed("2026-Q3")


def moved(*spells: LevelSpell, quarter: quarters.Quarter = Q3) -> dict[tuple[str, str], int | None]:
    return {(one.before, one.after): one.people for one in engagement.flows(spells, quarter, exact=True).flows}


def test_a_quarter_tells_who_joined_left_stayed_and_changed_level() -> None:
    assert moved(
        LevelSpell("joined", "active", "2026-07-01", None),
        LevelSpell("left", "core", "2020-01-01", "2026-09-30"),
        LevelSpell("came-and-went", "core", "2026-08-01", "2026-08-20"),
        LevelSpell("deeper", "core", "2020-01-01", None, ("2020-01-01 occasional", "2026-09-30 core")),
        LevelSpell("later", "core", "2020-01-01", None, ("2020-01-01 occasional", "2026-10-01 core")),
        LevelSpell("declared", "active", "2020-01-01", None, ("2026-08-01 active",)),
        LevelSpell("undated", None, None, None),
    ) == {
        (OUTSIDE, "active"): 1,
        ("core", OUTSIDE): 1,
        ("occasional", "core"): 1,
        ("occasional", "occasional"): 1,
        (UNSTATED, "active"): 1,
        (UNSTATED, UNSTATED): 1,
    }


def test_a_coarse_date_counts_where_it_is_certain() -> None:
    assert moved(LevelSpell("a", "core", "2026-09", None)) == {(OUTSIDE, "core"): 1}
    assert moved(LevelSpell("a", "core", "2026-10", None)) == {}
    assert moved(LevelSpell("a", "core", "2025", None)) == {("core", "core"): 1}
    assert moved(LevelSpell("a", "core", "2026", None)) == {}, "it may be any of four quarters"
    assert moved(LevelSpell("a", "core", "2025", "2026")) == {}
    fourth = quarters.parsed("2026-Q4")
    assert moved(LevelSpell("a", "core", "2025", "2026-12"), quarter=fourth) == {("core", OUTSIDE): 1}


def test_somebody_with_two_spells_is_one_person() -> None:
    left, again = LevelSpell("a", "core", "2020-01-01", "2026-07-02"), LevelSpell("a", "active", "2026-07-05", None)
    assert moved(left, again) == {("core", "active"): 1}


def test_what_one_quarter_ends_with_the_next_begins_with() -> None:
    spells = [
        LevelSpell(f"p{number}", None, joined, left, history)
        for number, (joined, left, history) in enumerate(
            product(
                ("2026-01-10", "2026-03-31", "2026-04-01", None),
                ("2026-05-05", "2026-06-30", None),
                ((), ("2026-02-01 core", "2026-06-30 active")),
            )
        )
    ]
    first, second = moved(*spells, quarter=Q3.before(2)), moved(*spells, quarter=Q3.before(1))
    for place in engagement.PLACES[:-1]:
        ended = sum(people or 0 for (_, after), people in first.items() if after == place)
        began = sum(people or 0 for (before, _), people in second.items() if before == place)
        assert ended == began, place


def test_for_others_no_number_tells_of_fewer_than_five() -> None:
    spells = [LevelSpell(f"p{n}", "core", "2026-08-01" if n < 7 else "2020-01-01", None) for n in range(11)]
    found = engagement.concluded(spells, "2026-11-20", exact=False)
    assert found.now == {"core": 10, "active": None, "occasional": None, "peripheral": None, UNSTATED: None}
    flows = {(one.before, one.after): one.people for one in found.quarters[0].flows}
    assert len(flows) == len(engagement.PLACES) ** 2 - 1, "a cell that is missing would tell that it is empty"
    assert {place: people for place, people in flows.items() if people} == {(OUTSIDE, "core"): 5}
    assert engagement.concluded(spells, "2026-11-20", exact=True).now["core"] == 11


def test_a_rounded_number_stands_for_five_possible_ones() -> None:
    told = [rounded(people) for people in range(40)]
    for number in set(told):
        assert told.count(number) == LEAST


@pytest.mark.parametrize(
    ("acts", "level"),
    [
        ({"meetings": 8, "attended": 6}, "core"),
        ({"meetings": 8, "attended": 4}, "active"),
        ({"meetings": 8, "attended": 1}, "occasional"),
        ({"meetings": 8}, "peripheral"),
        ({}, None),
        ({"meetings": 2, "attended": 2}, "occasional"),
        ({"questions": 1, "advice": 1}, "active"),
        ({"advice": 6}, "core"),
    ],
)
def test_what_somebody_did_follows_from_counts(acts: dict[str, int], level: str | None) -> None:
    counts = {"meetings": 0, "attended": 0, "questions": 0, "advice": 0, **acts}
    one = OwnActs("ropes", "Ropes", "core", "2020-01-01", (), **counts)
    assert engagement.observe(one, "2026-04-01").level == level
