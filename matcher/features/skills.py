"""Does the community cover skills that the person holds, or wants to learn?"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from graph.models import HeldSkill
from graph.sentences import listed, tell
from matcher.explain import Node, Reason, Step
from matcher.features.evidence import Evidence, nothing
from matcher.features.profile import Profile
from matcher.snapshot import BY_NAME, Snapshot, skill_key

NAME = "skills"
MONOTONE = True

# Somebody who wants to learn has more to gain from a community than somebody who knows already.
WANTED = 1.0
# A held skill counts by its level, of five; a level that nobody stated counts as the middle one.
TOP_LEVEL = 5
UNSTATED_LEVEL = 3
# A community that covers the broader skill covers this one, only less surely.
ONE_STEP_BROADER = 0.5


class _Match(NamedTuple):
    """A skill of the person's, as a community covers it: itself, or by way of a broader one (`via`)."""

    strength: float
    skill: HeldSkill
    covered_id: str
    covered: str
    wanted: bool
    via: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.skill.name} (in {self.covered})" if self.via else self.skill.name


def measure(snapshot: Snapshot, profile: Profile) -> Evidence:
    """Value from 0 to 1: s / (1 + s) for s the summed strength of the person's skills that are covered.

    Monotone in the skills that are held, wanted and covered, and in the levels that are stated; a low level may say
    less than none.
    """
    wishes = _by_key(profile.wanted, snapshot)
    holds = _by_key(profile.held, snapshot)
    if not wishes and not holds:
        return nothing(NAME, len(snapshot.communities))
    strengths = np.zeros(len(snapshot.communities), dtype=np.float32)
    matched: dict[int, list[_Match]] = {}
    by_name = any(key.startswith(BY_NAME) for key in (*wishes, *holds))
    concerned = {row for key in wishes.keys() | holds.keys() for row in snapshot.covering.get(key, ())}
    for row in sorted(concerned):
        community = snapshot.communities[row]
        best: dict[str, _Match] = {}  # of each of the person's skills the strongest, in whatever order they are covered
        for skill_id, name in zip(community.skill_ids, community.skill_names, strict=True):
            for key in (skill_id, skill_key(name)) if by_name else (skill_id,):
                for known, wanted in ((wishes, True), (holds, False)):
                    for skill, factor, via in known.get(key, ()):
                        level = UNSTATED_LEVEL if skill.level is None else skill.level
                        strength = factor * (WANTED if wanted else level / TOP_LEVEL)
                        if skill.name not in best or strength > best[skill.name].strength:
                            best[skill.name] = _Match(strength, skill, skill_id, name, wanted, via)
        strengths[row] = sum(match.strength for match in best.values())
        matched[row] = list(best.values())

    def reason(row: int) -> Reason | None:
        if row not in matched:
            return None
        wants = [match.name for match in matched[row] if match.wanted]
        has = [match.name for match in matched[row] if not match.wanted]
        if wants and has:
            text = tell("it covers %(wanted)s, which you want to learn, and %(held)s, which you know",
                        wanted=listed(wants), held=listed(has))  # fmt: skip
        elif wants:
            text = tell("it covers %(wanted)s, which you want to learn", wanted=listed(wants))
        else:
            text = tell("it covers %(held)s, which you know", held=listed(has))
        community = Node("Community", snapshot.communities[row].id)
        path: list[Step] = []
        for _, skill, covered, _, wanted, via in matched[row]:
            if profile.person_id:
                relation = "WANTS_TO_LEARN" if wanted else "HAS_SKILL"
                path.append(Step(Node("Person", profile.person_id), relation, Node("Skill", skill.skill_id)))
            path += [Step(Node("Skill", skill.skill_id), "BROADER", Node("Skill", broad)) for broad in via]
            path.append(Step(community, "COVERS", Node("Skill", covered)))
        return Reason(text, tuple(path))

    return Evidence(NAME, strengths / (1 + strengths), reason)


def _by_key(
    skills: Iterable[HeldSkill], snapshot: Snapshot
) -> dict[str, list[tuple[HeldSkill, float, tuple[str, ...]]]]:
    """Skills by id and by name (a description that is stored nowhere has names only), with those one step
    broader.
    """
    found: dict[str, list[tuple[HeldSkill, float, tuple[str, ...]]]] = {}
    for skill in skills:
        keys = [skill.skill_id] if skill.skill_id else [skill_key(skill.name)]
        for key in keys:
            found.setdefault(key, []).append((skill, 1.0, ()))
        for broad in snapshot.facts.broader.get(skill.skill_id, ()):
            found.setdefault(broad, []).append((skill, ONE_STEP_BROADER, (broad,)))
    return found
