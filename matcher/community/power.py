"""Who talks and who advises, by grade and across reporting lines: totals behind which nobody can be found.

A report is of a calendar quarter that is over, is made once, and is kept. Grades with too few people are put together
with their neighbours until five members stand behind each group, and five people behind each number. Groups of a
community only ever grow together: what two of its reports differ in is never a group of fewer than five.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graph.database import Transaction
from graph.quarters import Quarter, latest_over
from graph.reads import power as reads
from graph.reads.power import Talk
from graph.writes import power as writes
from matcher.community.disclosure import LEAST
from matcher.features.distance import parsed_grade

# Shares are told in steps of so many hundredths: between the steps lies what one person more or less would show.
STEP = 0.05

# So many quarters, a year, are reported on, and no older ones: each makes the groups coarser for all that follow.
QUARTERS = 4

Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Share:
    """One group of grades: its share of the members, of the questions and of the advice, in steps of 0.05; None where
    fewer than five people of some group have asked, or advised."""

    grades: tuple[str, ...]
    of_members: float
    of_questions: float | None
    of_advice: float | None


@dataclass(frozen=True)
class PowerReport:
    """`down`: the share of all advice that went from managers to people who report to them, directly or not; `up`: the
    other way. None of fewer than five managers and five reports. `shares` is empty where no two groups can be told."""

    quarter: str
    shares: tuple[Share, ...]
    down: float | None
    up: float | None


def of_community(transaction: Transaction, community_id: str, today: str) -> list[PowerReport]:
    """The reports of the last quarters that are over, the latest first. Those not made before are made and kept;
    the caller holds the turn."""
    kept = transaction.read(reads.reports(community_id))
    found: list[PowerReport] = []
    for quarter in latest_over(today, QUARTERS):
        if str(quarter) not in kept:
            talk = transaction.read(reads.talk(community_id, quarter))
            made = concluded(talk, quarter, [_groups_of(one) for one in kept.values()])
            kept[str(quarter)] = asdict(made)
            writes.keep(transaction, community_id, quarter, kept[str(quarter)])
        found.append(_read_back(kept[str(quarter)]))
    return found


def concluded(talk: Talk, quarter: Quarter, before: Sequence[Groups]) -> PowerReport:
    """The report of a quarter; `before` are the groups of every other report that was made of the community."""
    # Who was no member, or has no grade that is known, is in no group, so neither is what they said.
    grades = {person: grade for person, grade in talk.grades.items() if grade}
    askers = [person for person in talk.askers if person in grades]
    advisers = [one.adviser_id for one in talk.advice if one.adviser_id in grades]
    told = [people for people in (askers, advisers) if len(set(people)) >= 2 * LEAST]
    groups = _grouped(grades, told, before)
    if len(groups) < 2 or not told:
        shares: tuple[Share, ...] = ()
    else:
        shares = tuple(
            Share(group, _share(grades, grades, group), _told(askers, told, grades, group),
                  _told(advisers, told, grades, group))
            for group in groups
        )  # fmt: skip
    return PowerReport(str(quarter), shares, _across(talk, "down"), _across(talk, "up"))


def _grouped(grades: Mapping[str, str], told: Sequence[Sequence[str]], before: Sequence[Groups]) -> Groups:
    """The finest groups of neighbouring grades with five members, five people behind each number, and no group of an
    earlier report across two of them."""
    order = sorted(set(grades.values()), key=_rank)
    place = {grade: number for number, grade in enumerate(order)}
    crowds = [Counter(list(people)) for people in (grades, *told)]
    # Groups are runs of grades, so an earlier group joins all that lies between its ends.
    joined = [False] * max(0, len(order) - 1)
    for group in (group for groups in before for group in groups):
        places = [place[grade] for grade in group if grade in place]
        for left in range(min(places, default=0), max(places, default=0)):
            joined[left] = True
    runs: list[list[str]] = []
    for number, grade in enumerate(order):
        if number and joined[number - 1]:
            runs[-1].append(grade)
        else:
            runs.append([grade])

    def behind(run: Sequence[str]) -> int:
        return min(_people(crowd, grades, run) for crowd in crowds)

    while len(runs) > 1:
        least = min(range(len(runs)), key=lambda number: (behind(runs[number]), number))
        if behind(runs[least]) >= LEAST:
            break
        beside = [number for number in (least - 1, least + 1) if 0 <= number < len(runs)]
        other = min(beside, key=lambda number: behind(runs[number]))
        first, second = sorted((least, other))
        runs[first : second + 1] = [runs[first] + runs[second]]
    if len(runs) == 1 and behind(runs[0]) < LEAST:
        return ()
    return tuple(tuple(run) for run in runs)


def _people(crowd: Mapping[str, int], grades: Mapping[str, str], run: Sequence[str]) -> int:
    """How many people stand behind a number; one, where most of it is one person's doing."""
    counts = [count for person, count in crowd.items() if grades[person] in run]
    return 1 if counts and 2 * max(counts) > sum(counts) else len(counts)


def _told(
    people: Sequence[str], told: Sequence[Sequence[str]], grades: Mapping[str, str], group: Sequence[str]
) -> float | None:
    return _share(people, grades, group) if any(people is one for one in told) else None


def _share(people: Iterable[str], grades: Mapping[str, str], group: Sequence[str]) -> float:
    counted = Counter(grades[person] in group for person in people)
    return _stepped(counted[True] / counted.total())


def _across(talk: Talk, direction: str) -> float | None:
    went = [one for one in talk.advice if one.direction == direction]
    advisers, askers = {one.adviser_id for one in went}, {one.asker_id for one in went}
    # In each direction one end are the managers, the other their reports: five of both.
    if min(len(advisers), len(askers)) < LEAST:
        return None
    return _stepped(len(went) / len(talk.advice))


def _stepped(share: float) -> float:
    return round(int(share / STEP + 0.5) * STEP, 2)


def _rank(grade: str) -> tuple[str, float, str]:
    """Grades of one ladder stand together, by their number; what has none behind them."""
    found = parsed_grade(grade)
    return (*found, grade) if found else ("\uffff", 0.0, grade)


def _groups_of(content: Mapping[str, Any]) -> Groups:
    return tuple(tuple(share["grades"]) for share in content["shares"])


def _read_back(content: Mapping[str, Any]) -> PowerReport:
    shares = tuple(
        Share(tuple(share["grades"]), share["of_members"], share["of_questions"], share["of_advice"])
        for share in content["shares"]
    )
    return PowerReport(content["quarter"], shares, content["down"], content["up"])
