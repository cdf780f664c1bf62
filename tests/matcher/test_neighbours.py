"""What a reader of one community is shown of others: what the two have in common, and nothing that is not so."""

import numpy as np

from graph.models import LOCAL_ADMIN, Community, Principal
from graph.reads.communities import Roster
from matcher.neighbours import neighbours
from matcher.snapshot import Facts, Snapshot, assemble

ROPES = "Splicing ropes and knots for sails"


def community(key: str, domain: str, skills: str = "", **more) -> Community:
    names = tuple(skills.split())
    return Community(key, key.title(), domain, skill_ids=names, skill_names=tuple(map(str.title, names)), **more)


def snapshot(*communities: Community, rosters: dict[str, str] | None = None) -> Snapshot:
    def roster(key: str, people: str) -> Roster:
        who = people.split()
        return Roster(key, who, ["2020-01-01"] * len(who), [""] * len(who), [""] * len(who), [""] * len(who))

    held = {key: roster(key, people) for key, people in (rosters or {}).items()}
    return assemble(Facts({one.id: one for one in communities}, held), today="2024-01-01")


def found(of: Snapshot, key: str, principal: Principal = LOCAL_ADMIN, limit: int = 6) -> dict[str, list[str]]:
    return {one.community_id: one.reasons for one in neighbours(of, key, of.visible_to(principal), limit)}


def test_reasons_name_the_words_skills_and_people_that_two_have_in_common():
    both = snapshot(
        community("ropes", ROPES, "splicing climbing"),
        community("sails", f"{ROPES} of old ships", "splicing sewing"),
        community("cooking", "Soups", "knives"),
        rosters={"ropes": "a b c", "sails": "b c d", "cooking": "a z"},
    )
    (nearest,) = found(both, "ropes").items()
    assert nearest[0] == "sails"
    words, skills, people = nearest[1]
    assert words.startswith("both speak of ")
    assert set(words.removeprefix("both speak of ").replace(" and ", ", ").split(", ")) <= set(ROPES.lower().split())
    assert (skills, people) == ("both cover Splicing", "2 people are in both")


def test_one_person_or_one_word_in_common_is_no_reason():
    two = snapshot(
        community("ropes", "Ropes climbing"), community("soups", "Ropes cooking"),
        rosters={"ropes": "a b", "soups": "b c"},
    )  # fmt: skip
    assert found(two, "ropes") == {}


def test_the_nearest_comes_first_and_what_is_unknown_does_not_count():
    three = snapshot(
        community("ropes", ROPES, "splicing"),
        community("far", "Splicing ropes and soup and bread and cheese", "splicing knives ovens"),
        community("near", ROPES),
        rosters={"ropes": "a b"},
    )
    assert list(found(three, "ropes")) == ["near", "far"]
    assert list(found(three, "ropes", limit=1)) == ["near"]


def test_who_may_not_see_a_community_is_not_told_of_it_and_what_is_retired_is_left_out():
    held = snapshot(
        community("ropes", ROPES),
        community("secret", ROPES, visibility="restricted"),
        community("gone", ROPES, status="retired"),
        rosters={"secret": "insider"},
    )
    assert list(found(held, "ropes")) == ["secret"]
    assert found(held, "ropes", Principal("other")) == {}
    assert list(found(held, "ropes", Principal("insider"))) == ["secret"]


def test_nearness_is_from_0_to_1():
    same = snapshot(community("a", ROPES, "s"), community("b", ROPES, "s"), rosters={"a": "p q", "b": "p q"})
    (one,) = neighbours(same, "a", np.ones(2, dtype=np.bool_))
    assert 0.9 < one.nearness <= 1
