"""Totals of talk and advice tell of groups of five and more, also to whoever compares reports."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from graph import quarters
from graph.reads.power import Exchange, Talk
from matcher.community import power
from matcher.community.power import PowerReport

Q = quarters.parsed("2026-Q1")


def talk(members: dict[str, int], asked: dict[str, int] | None = None, gave: dict[str, int] | None = None) -> Talk:
    """So many members of each grade; of these so many asked, and gave, once each. By default everybody."""
    people = [(f"{grade}-{number}", grade) for grade, count in members.items() for number in range(count)]

    def first(counts: dict[str, int] | None) -> list[str]:
        chosen = members if counts is None else counts
        return [f"{grade}-{number}" for grade, count in chosen.items() for number in range(count)]

    return Talk(dict(people), tuple(first(asked)), tuple(Exchange(one, "", "") for one in first(gave)))


def groups(report: PowerReport) -> list[tuple[str, ...]]:
    return [share.grades for share in report.shares]


def test_shares_of_questions_and_advice_stand_beside_the_share_of_members() -> None:
    report = power.concluded(talk({"H10": 5, "H2": 15}, {"H2": 15, "H10": 5}, {"H10": 10, "H2": 10}), Q, [])
    assert [(share.grades, share.of_members, share.of_questions) for share in report.shares] == [
        (("H2",), 0.75, 0.75),
        (("H10",), 0.25, 0.25),
    ], "in the order of the ladder"
    few = power.concluded(talk({"H2": 15, "H10": 5}, {"H2": 9}), Q, [])
    assert [share.of_questions for share in few.shares] == [None, None], "too few people asked"
    assert [share.of_advice for share in few.shares] == [0.75, 0.25]


def test_a_grade_with_too_few_is_told_with_its_neighbour_and_none_is_the_rest() -> None:
    assert groups(power.concluded(talk({"H1": 8, "H2": 2, "H3": 9}), Q, [])) == [("H1", "H2"), ("H3",)]
    assert groups(power.concluded(talk({"H1": 8, "H2": 4}), Q, [])) == [], "one group would be all, less one the other"
    assert groups(power.concluded(talk({"H1": 8, "H2": 8}, {"H1": 8, "H2": 4}), Q, [])) == [], "four would be told of"
    assert groups(power.concluded(Talk({}, (), ()), Q, [])) == []


def test_where_most_is_one_persons_doing_it_is_not_told() -> None:
    loud = talk({"H1": 8, "H2": 8})
    loud = Talk(loud.grades, (*loud.askers, *["H2-0"] * 9), loud.advice)
    assert groups(power.concluded(loud, Q, [])) == []


def test_across_reporting_lines_five_managers_and_five_reports_are_needed() -> None:
    def across(managers: int, reports: int) -> PowerReport:
        went = [Exchange(f"m{n % managers}", f"r{n % reports}", "down") for n in range(10)]
        other = [Exchange("x", "y", "")] * 10
        return power.concluded(Talk({}, (), (*went, *other)), Q, [])

    assert across(5, 5).down == 0.5
    assert across(4, 10).down is None
    assert across(10, 4).down is None
    assert across(5, 5).up is None, "nobody advised upwards: that is nobody's number"


GRADES = ("H1", "H2", "H3", "H4", "H5")
CROWD = st.dictionaries(st.sampled_from(GRADES), st.integers(0, 9), max_size=5)


@st.composite
def talks(draw: st.DrawFn) -> Talk:
    members = {grade: count for grade, count in draw(CROWD).items() if count}

    def some() -> dict[str, int]:
        return {grade: draw(st.integers(0, count)) for grade, count in members.items()}

    return talk(members, some(), some())


@settings(max_examples=300, deadline=None)
@given(st.lists(talks(), min_size=2, max_size=5))
def test_no_two_reports_of_a_community_differ_in_fewer_than_five(series: list[Talk]) -> None:
    """Whoever holds every report of a community, and takes groups of one from groups of another, is left with whole
    groups, for a later group takes in an earlier one or leaves it alone."""
    made: list[PowerReport] = []
    for number, one in enumerate(series):
        made.append(power.concluded(one, Q.before(-number), [tuple(groups(report)) for report in made]))
    for report, one in zip(made, series, strict=True):
        for share in report.shares:
            assert sum(grade in share.grades for grade in one.grades.values()) >= 5
            for told, people in (
                (share.of_questions, one.askers), (share.of_advice, [each.adviser_id for each in one.advice]),
            ):  # fmt: skip
                behind = {person for person in people if one.grades[person] in share.grades}
                assert told is None or len(behind) >= 5
    for number, later in enumerate(made):
        for earlier in made[:number]:
            for old, new in product(map(set, groups(earlier)), map(set, groups(later))):
                known = {grade for group in groups(later) for grade in group}
                assert not (old & new) or old & known <= new, (
                    "a later group takes in an earlier one, or leaves it alone"
                )
