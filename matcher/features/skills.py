"""Does the community cover skills that the person holds, or wants to learn?"""

from collections.abc import Iterable

import numpy as np

from graph.models import HeldSkill
from matcher.explain import Node, Reason, Step, listed
from matcher.features.evidence import Evidence, nothing
from matcher.features.profile import Profile
from matcher.snapshot import Snapshot, skill_key

NAME = "skills"

# Somebody who wants to learn has more to gain from a community than somebody who knows already.
WANTED = 1.0
# A held skill counts by its level, of five; a level that nobody stated counts as the middle one.
TOP_LEVEL = 5
UNSTATED_LEVEL = 3
# A community that covers the broader skill covers this one, only less surely.
ONE_STEP_BROADER = 0.5


def measure(snapshot: Snapshot, profile: Profile) -> Evidence:
    """Value from 0 to 1: s / (1 + s) for s the summed strength of the person's skills that are covered."""
    wishes = _by_key(profile.wanted, snapshot)
    holds = _by_key(profile.held, snapshot)
    if not wishes and not holds:
        return nothing(NAME, len(snapshot.communities))
    strengths = np.zeros(len(snapshot.communities), dtype=np.float32)
    matched: dict[int, list[tuple[HeldSkill, str, bool, tuple[str, ...]]]] = {}
    concerned = {row for key in wishes.keys() | holds.keys() for row in snapshot.covering.get(key, ())}
    for row in sorted(concerned):
        community = snapshot.communities[row]
        met: set[str] = set()
        for skill_id, name in zip(community.skill_ids, community.skill_names, strict=True):
            for key in (skill_id, skill_key(name)):
                for known, wanted in ((wishes, True), (holds, False)):
                    for skill, factor, via in known.get(key, ()):
                        if skill.name in met:
                            continue
                        met.add(skill.name)
                        level = UNSTATED_LEVEL if skill.level is None else skill.level
                        strengths[row] += factor * (WANTED if wanted else level / TOP_LEVEL)
                        matched.setdefault(row, []).append((skill, skill_id, wanted, via))

    def reason(row: int) -> Reason | None:
        if row not in matched:
            return None
        wants = [skill.name for skill, _, wanted, _ in matched[row] if wanted]
        has = [skill.name for skill, _, wanted, _ in matched[row] if not wanted]
        halves = [f"{listed(wants)}, which you want to learn"] if wants else []
        halves += [f"{listed(has)}, which you know"] if has else []
        community = Node("Community", snapshot.communities[row].id)
        path: list[Step] = []
        for skill, covered, wanted, via in matched[row]:
            if profile.person_id:
                relation = "WANTS_TO_LEARN" if wanted else "HAS_SKILL"
                path.append(Step(Node("Person", profile.person_id), relation, Node("Skill", skill.skill_id)))
            path += [Step(Node("Skill", skill.skill_id), "BROADER", Node("Skill", broad)) for broad in via]
            path.append(Step(community, "COVERS", Node("Skill", covered)))
        return Reason("it covers " + ", and ".join(halves), tuple(path))

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
