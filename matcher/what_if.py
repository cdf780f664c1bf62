"""What would change a recommendation: on which one fact about the person does its place rest most?

Each fact is taken away in turn and everything is scored again. That is exact, whatever the features make of a fact.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from graph.models import Person
from graph.sentences import tell
from matcher.explain import Change, Fact
from matcher.features.profile import Profile
from matcher.joins import SHIPPED, Recommendations, Weights, candidates, score
from matcher.snapshot import Snapshot

# Scoring again takes milliseconds a fact. Who has more skills and memberships than this has hardly one on which a
# recommendation rests alone.
MOST_FACTS = 40


def variants(snapshot: Snapshot, profile: Profile) -> list[tuple[Fact, Profile]]:
    """The profile without each of its facts in turn.

    Where the text of a profile differs its `vector` is None: whoever compares by meaning has to encode it anew.
    """
    found: list[tuple[Fact, Profile]] = []
    for skill in profile.held:
        rest = replace(profile, held=tuple(one for one in profile.held if one != skill))
        found.append(
            (Fact("skill", skill.skill_id, tell("the skill %(name)s", name=skill.name)), _unsaid(rest, skill.name))
        )
    for skill in profile.wanted:
        rest = replace(profile, wanted=tuple(one for one in profile.wanted if one != skill))
        wish = Fact("wish", skill.skill_id, tell("the wish to learn %(name)s", name=skill.name))
        found.append((wish, _unsaid(rest, skill.name)))
    for community in profile.communities:
        rest = replace(
            profile,
            communities=tuple(one for one in profile.communities if one != community),
            # Having left it, they would not be sent back: the others are compared, not this one.
            left=(*profile.left, community),
        )
        row = snapshot.row.get(community)
        name = community if row is None else snapshot.communities[row].name
        found.append((Fact("membership", community, tell("your membership of %(name)s", name=name)), rest))
    if profile.unit_id:
        unit = tell("your unit, %(name)s,", name=profile.unit_name or profile.unit_id)
        found.append((Fact("unit", profile.unit_id, unit), replace(profile, unit_id=None, unit_name=None)))
    if profile.manager_id:
        found.append((Fact("manager", profile.manager_id, tell("your manager")), replace(profile, manager_id=None)))
    if profile.text:
        found.append(
            (Fact("text", "", tell("what your profile says")), replace(profile, text="", vector=None, likeness=None))
        )
    return found[-MOST_FACTS:]


def person_without(person: Person, fact: Fact) -> Person:
    """The stored person without a skill or a wish, for the vector of what then is left of their texts."""
    if fact.kind == "skill":
        return replace(person, skills=tuple(one for one in person.skills if one.skill_id != fact.id))
    wishes = {key: vector for key, vector in person.wish_vectors.items() if key != fact.id}
    wanted = tuple(one for one in person.wants_to_learn if one.skill_id != fact.id)
    return replace(person, wants_to_learn=wanted, wish_vectors=wishes)


def changes(
    snapshot: Snapshot,
    profile: Profile,
    listed: Sequence[str],
    without: Sequence[tuple[Fact, Profile]],
    weights: Weights = SHIPPED,
) -> dict[str, Change]:
    """By the id of each listed community, the fact without which it would fall furthest; none for one that no fact
    holds where it is. Places are by score, before anything is put further down for being like another."""
    rows: list[int] = snapshot.rows(listed).tolist()
    before = _places(snapshot, profile, rows, weights)
    worst: dict[str, Change] = {}
    for fact, rest in without:
        for key, was, now in zip(listed, before, _places(snapshot, rest, rows, weights), strict=True):
            known = worst.get(key)
            if _falls(was, now) and (known is None or _falls(known.place, now)):
                worst[key] = Change(fact, now)
    return worst


def with_changes(
    snapshot: Snapshot,
    profile: Profile,
    found: Recommendations,
    without: Sequence[tuple[Fact, Profile]],
    weights: Weights = SHIPPED,
) -> Recommendations:
    """What was found for the profile, each with what would change it."""
    told = changes(snapshot, profile, [one.community_id for one in found.results], without, weights)
    return replace(found, results=tuple(replace(one, change=told.get(one.community_id)) for one in found.results))


def _places(snapshot: Snapshot, profile: Profile, rows: Sequence[int], weights: Weights) -> list[int | None]:
    """From 1, among the candidates of the profile; equal scores in the order of rows, which is that of ids."""
    possible, _ = candidates(snapshot, profile)
    scores = score(snapshot, profile, weights).scores
    before = np.arange(len(scores))
    return [
        1 + int((possible & ((scores > scores[row]) | ((scores == scores[row]) & (before < row)))).sum())
        if scores[row] > 0
        else None
        for row in rows
    ]


def _falls(one: int | None, other: int | None) -> bool:
    """Whether the other place is below the one."""
    return one is not None and (other is None or other > one)


def _unsaid(profile: Profile, skill: str) -> Profile:
    """The names of skills are part of the text, each a line: without this one."""
    lines = profile.text.split("\n")
    if skill not in lines:
        return profile
    at = len(lines) - 1 - lines[::-1].index(skill)  # skills come last
    return replace(profile, text="\n".join([*lines[:at], *lines[at + 1 :]]), vector=None, likeness=None)
