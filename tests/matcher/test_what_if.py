"""What would change a recommendation is what a real rescoring gives."""

from dataclasses import replace

import numpy as np

from graph.models import Community, HeldSkill
from graph.reads.communities import Roster
from graph.reads.people import Colleague
from matcher.features.profile import Profile
from matcher.joins import recommend
from matcher.snapshot import Facts, Snapshot, assemble
from matcher.what_if import Change, changes, variants

SKILLS = [f"skill{number}" for number in range(12)]
WORDS = ["glass", "steel", "wood", "rope", "kiln", "loom", "dye", "clay", "lathe", "forge", "press", "quill"]


def organisation(seed: int) -> Snapshot:
    """Forty communities and eighty people, drawn at random."""
    random = np.random.default_rng(seed)
    communities = {}
    for number in range(40):
        covered = tuple(sorted(random.choice(SKILLS, size=2, replace=False).tolist()))
        domain = " ".join(random.choice(WORDS, size=4).tolist())
        communities[f"c{number:02}"] = Community(
            f"c{number:02}", f"C{number:02}", domain, skill_ids=covered, skill_names=covered
        )
    people = {
        f"p{number:02}": Colleague(f"p{number:02}", f"P{number:02}", f"u{number % 6}", f"p{number % 4:02}")
        for number in range(80)
    }
    rosters = {}
    for key in communities:
        members = sorted(random.choice(sorted(people), size=int(random.integers(2, 12)), replace=False).tolist())
        nothing = [""] * len(members)
        rosters[key] = Roster(key, members, nothing, nothing, nothing, nothing)
    return assemble(Facts(communities, rosters, people, {f"u{n}": f"Unit {n}" for n in range(6)}), today="2026-01-01")


def somebody(snapshot: Snapshot, random: np.random.Generator) -> Profile:
    row = int(random.integers(80))
    own = [snapshot.communities[c].id for c in np.flatnonzero(snapshot.members[[row]].toarray().ravel())]
    held = tuple(HeldSkill(name, name, int(random.integers(1, 6))) for name in random.choice(SKILLS, 3, replace=False))
    wanted = tuple(HeldSkill(name, name, None) for name in random.choice(SKILLS, 1))
    text = "\n".join([" ".join(random.choice(WORDS, size=3)), *[skill.name for skill in (*held, *wanted)]])
    return Profile(
        f"p{row:02}", text, None, held, wanted, f"u{row % 6}", f"Unit {row % 6}", f"p{row % 4:02}", tuple(own)
    )


def without(profile: Profile, change: Change) -> Profile:
    """The profile as it would be stored without the fact, put together here in another way."""
    fact = change.without
    held, wanted, lines = list(profile.held), list(profile.wanted), profile.text.split("\n")
    if fact.kind in ("skill", "wish"):
        list_ = held if fact.kind == "skill" else wanted
        list_.remove(next(skill for skill in list_ if skill.skill_id == fact.id))
        lines = [lines[0], *[skill.name for skill in (*held, *wanted)]]
    changed = replace(profile, held=tuple(held), wanted=tuple(wanted), text="\n".join(lines))
    match fact.kind:
        case "membership":
            rest = tuple(one for one in profile.communities if one != fact.id)
            return replace(changed, communities=rest, left=(fact.id,))
        case "unit":
            return replace(changed, unit_id=None)
        case "manager":
            return replace(changed, manager_id=None)
        case "text":
            return replace(changed, text="")
        case _:
            return changed


def test_without_the_fact_it_ranks_where_it_says_on_a_hundred_random_cases() -> None:
    random = np.random.default_rng(5)
    checked, kinds = 0, set()
    while checked < 100:
        snapshot = organisation(int(random.integers(1_000_000)))
        profile = somebody(snapshot, random)
        listed = recommend(snapshot, profile, limit=5, diversity=0).results
        without_facts = variants(snapshot, profile)
        told = changes(snapshot, profile, [one.community_id for one in listed], without_facts)
        others = {
            fact: [one.community_id for one in recommend(snapshot, rest, limit=100, diversity=0).results]
            for fact, rest in without_facts
        }
        for place, one in enumerate(listed, start=1):
            if (change := told.get(one.community_id)) is None:
                continue
            again = recommend(snapshot, without(profile, change), limit=100, diversity=0).results
            ranks = {other.community_id: rank for rank, other in enumerate(again, start=1)}
            assert ranks.get(one.community_id) == change.place, (change, profile)
            assert change.place is None or change.place > place
            # And no other fact weighs more.
            for fact, ranked in others.items():
                then = ranked.index(one.community_id) + 1 if one.community_id in ranked else None
                assert change.place is None or (then is not None and then <= change.place), fact
            kinds.add(change.without.kind)
            checked += 1
    assert len(kinds) >= 4  # skills, memberships, unit and text all occur


def test_what_it_says_can_be_read() -> None:
    snapshot = organisation(1)
    profile = Profile(text="kiln", held=(HeldSkill("skill1", "skill1", 4),))
    facts = {fact.text: rest for fact, rest in variants(snapshot, profile)}
    assert set(facts) == {"the skill skill1", "what your profile says"}
    fact = variants(snapshot, profile)[0][0]
    assert Change(fact, 22).text == "without the skill skill1 it would rank 22nd"
    assert Change(fact, 11).text == "without the skill skill1 it would rank 11th"
    assert Change(fact, None).text == "without the skill skill1 nothing would speak for it"
