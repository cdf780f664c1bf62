"""Reasons of which the demo organisation has no case."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from graph.models import Community, HeldSkill
from graph.reads.communities import Roster
from graph.reads.people import Colleague
from matcher.features import co_membership, domain_fit, momentum, novelty, skills
from matcher.features.evidence import Evidence
from matcher.features.profile import Profile
from matcher.snapshot import Facts, Snapshot, assemble
from matcher.welcome import starts

TODAY = "2026-01-15"
Spell = tuple[str, str, str, str, str]  # who, joined_on, left_on, engagement, role


def known(
    communities: Iterable[Community],
    members: dict[str, list[Spell]] | None = None,
    people: Iterable[Colleague] = (),
    broader: dict[str, tuple[str, ...]] | None = None,
) -> Snapshot:
    rosters = {
        key: Roster(key, *(list(column) for column in zip(*spells, strict=True)))
        for key, spells in (members or {}).items()
    }
    facts = Facts({one.id: one for one in communities}, rosters, {one.id: one for one in people}, broader=broader or {})
    return assemble(facts, today=TODAY)


def joined(who: str, on: str = "", left: str = "") -> Spell:
    return who, on, left, "", ""


def reason(found: Evidence, snapshot: Snapshot, community: str) -> str | None:
    told = found.reason(snapshot.row[community])
    return told.text if told else None


def test_a_community_that_shares_nobody_is_not_named_for_its_members() -> None:
    communities = [Community(key, key.upper()) for key in "abc"]
    held = known(communities, {"a": [joined("p"), joined("q")], "b": [joined("r")], "c": [joined("p"), joined("q")]})
    # B leads to C by way of what both have in common with others.
    ties = csr_array(np.array([[0, 0, 0.5], [0, 0, 0.7], [0, 0, 0]], dtype=np.float32))
    found = co_membership.measure(replace(held, together=ties), Profile("me", communities=("a", "b")))
    assert reason(found, held, "c") == "it shares 2 members with your A"
    told = found.reason(held.row["c"])
    assert told
    assert {step.end.id for step in told.path} == {"a", "c"}


def test_who_joined_is_counted_once_and_when_they_have_and_while_they_are_here() -> None:
    spells = [
        joined("twice", "2025-03-01"), joined("twice", "2025-06-01"), joined("coarse", "2025-09"),
        joined("this_year", "2026"), joined("gone", "2025-04-01"), joined("ahead", "2026-02-01"),
        joined("next_year", "2027"), joined("long_ago", "2024-12-31"), joined("unknown"),
    ]  # fmt: skip
    held = known([Community("c", "C")], {"c": spells}, [Colleague("gone", "Gone", left_on="2025-12-01")])
    assert reason(momentum.measure(held), held, "c") == "3 of its members joined within a year"


@pytest.mark.parametrize(
    ("founded", "spells", "told"),
    [
        ("2025-10", [], "it is 3 months old"),
        ("2026", [], "it has only just begun"),
        ("2025", [], None),  # in January, or in December
        ("2026-03-01", [], None),  # it has not begun
        (None, [joined("p", "2025-10-01"), joined("q", "2026-01-02")], "its first member joined 3 months ago"),
        (None, [joined("p", "2026-01-02")], "its first member joined only just now"),
        (None, [joined("p", "2026-01-02"), joined("since_ever")], None),
        (None, [joined("p", "2025")], None),
    ],
)
def test_young_is_what_is_known_to_be(founded: str | None, spells: list[Spell], told: str | None) -> None:
    held = known([Community("c", "C", founded_on=founded)], {"c": spells} if spells else {})
    assert reason(novelty.measure(held), held, "c") == told


def test_the_domain_is_close_to_what_adds_to_its_points() -> None:
    """What is like everything is like one's own communities too: that is taken off, and is then no reason."""
    common = "guild of people who meet weekly"
    communities = [Community(f"c{number}", f"C{number}", common) for number in range(8)]
    communities += [Community("mine", "Mine", common), Community("kiln", "K", f"{common} kiln")]
    communities.append(Community("ropes", "Ropes", "rope loom dye clay press quill lathe"))
    held = known(communities)
    found = domain_fit.measure(held, Profile("me", "kiln rope loom dye clay press", communities=("mine",)))
    assert reason(found, held, "kiln") == "its domain matches your profile: kiln"


@pytest.mark.parametrize("covered", [("broad", "own"), ("own", "zoo")])
def test_a_skill_counts_by_the_closest_that_is_covered(covered: tuple[str, str]) -> None:
    """In whatever order they are covered; and one that is covered by way of a broader one is not called covered."""
    held = known([Community("c", "C", skill_ids=covered, skill_names=tuple(one.title() for one in covered))],
                 broader={"own": ("broad", "zoo")})  # fmt: skip
    found = skills.measure(held, Profile("me", wanted=(HeldSkill("own", "Own"),)))
    assert reason(found, held, "c") == "it covers Own, which you want to learn"
    assert found.values[0] == pytest.approx(0.5)
    rest = changed_skills(held, tuple(one for one in covered if one != "own"))
    found = skills.measure(rest, Profile("me", wanted=(HeldSkill("own", "Own"),)))
    (way,) = set(covered) - {"own"}
    assert reason(found, rest, "c") == f"it covers Own (in {way.title()}), which you want to learn"


def changed_skills(held: Snapshot, covered: tuple[str, ...]) -> Snapshot:
    names = tuple(one.title() for one in covered)
    return known([Community("c", "C", skill_ids=covered, skill_names=names)], broader=dict(held.facts.broader))


def test_who_is_in_it_twice_is_one_of_those_who_say_how_engaged_they_are() -> None:
    spells = [("p", "2020", "", "occasional", ""), ("p", "2021", "", "core", ""), ("q", "", "", "active", "")]
    assert starts(known([Community("c", "C")], {"c": spells}), Profile())(0) is None
    told = starts(known([Community("c", "C")], {"c": [*spells, ("r", "", "", "core", "")]}), Profile())(0)
    assert told
    assert told.why == "of 3 members who say how engaged they are, half are core or less; nobody begins there"
