"""Which communities are near one, and what the two have in common: words, skills, people.

This compares and judges nothing: whether two should be one is the audit's to say, by other evidence. Here somebody who
reads about one community is shown where else to look.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.models import Community
from graph.sentences import Sentence, listed, tell
from matcher.explain import Node, Reason, Step
from matcher.features import domain_fit
from matcher.snapshot import Snapshot

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# More are for the catalogue: a list of neighbours is read at a glance.
LIMIT = 6

# Shared skills that a sentence names, and words. One word alone is shared by chance.
SKILLS, WORDS, LEAST_WORDS = 3, 4, 2

# Of two communities that have so few people in common it says little that they do.
LEAST_PEOPLE = 2


@dataclass(frozen=True)
class Neighbour:
    """`nearness` orders them, from 0 to 1, and means nothing else. At least one reason is there."""

    community_id: str
    name: str
    status: str
    nearness: float
    why: tuple[Reason, ...]

    @property
    def reasons(self) -> list[Sentence]:
        return [reason.text for reason in self.why]


def neighbours(snapshot: Snapshot, community_id: str, visible: BoolArray, limit: int = LIMIT) -> list[Neighbour]:
    """The communities nearest to one, the nearest first, of those that are `visible`, bool [communities], and not
    retired; fewer than `limit` where no more have anything in common with it.

    Nearness is the mean of what is known: the likeness of both texts, the share of all their skills that both cover,
    and the cosine of their rosters. A kind of which nothing is known for one of the two does not count. Raises
    KeyError for a community that the snapshot does not hold.
    """
    row = snapshot.row[community_id]
    words = snapshot.nearness.of(np.array([row], dtype=np.int32), lambda rows: domain_fit.likeness(snapshot, rows))[0]
    skills = _skills(snapshot, row)
    people = _people(snapshot, row)
    nearness = np.nanmean(np.stack([words, skills, _cosine(snapshot, row, people)]), axis=0)
    retired = np.array([one.status == "retired" for one in snapshot.communities], dtype=np.bool_)
    candidates = visible & ~retired
    candidates[row] = False
    order = np.lexsort((np.arange(len(nearness)), -nearness))
    found: list[Neighbour] = []
    places: list[int] = order[candidates[order]].tolist()
    for other in places:
        why = _why(snapshot, row, other, int(people[other]), float(words[other]))
        if why:
            one: Community = snapshot.communities[other]
            found.append(Neighbour(one.id, one.name, one.status, round(float(nearness[other]), 4), why))
        if len(found) == limit:
            break
    return found


def _skills(snapshot: Snapshot, row: int) -> FloatArray:
    """The share of the skills of both that both cover, float32 [communities]; not a number where one covers none."""
    own = set(snapshot.communities[row].skill_ids)
    covered = np.array([len(set(one.skill_ids)) for one in snapshot.communities], dtype=np.float32)
    both = np.zeros(len(covered), dtype=np.float32)
    for key in own:
        both[snapshot.covering[key]] += 1
    known = (covered > 0) & bool(own)
    return np.divide(both, covered + len(own) - both, out=np.full(len(covered), np.nan, dtype=np.float32), where=known)


def _people(snapshot: Snapshot, row: int) -> IntArray:
    """How many members of the community are in each other one too, int32 [communities]."""
    inside = snapshot.inside(row)
    inside = inside[~snapshot.people.gone[inside]]
    return snapshot.numbers_of(inside).astype(np.int32)


def _cosine(snapshot: Snapshot, row: int, people: IntArray) -> FloatArray:
    """How alike rosters are, float32 [communities]; not a number where one of the two has no members."""
    both = np.sqrt(snapshot.sizes[row] * snapshot.sizes.astype(np.float32))
    return np.divide(people, both, out=np.full(len(people), np.nan, dtype=np.float32), where=both > 0)


def _why(snapshot: Snapshot, row: int, other: int, people: int, words: float) -> tuple[Reason, ...]:
    one, two = snapshot.communities[row], snapshot.communities[other]
    found: list[Reason] = []
    terms = snapshot.lexical.shared_with(row, other, WORDS) if words >= domain_fit.WORTH_SAYING else []
    if len(terms) >= LEAST_WORDS:
        found.append(Reason(tell("both speak of %(words)s", words=listed(terms, WORDS))))
    if shared := [key for key in one.skill_ids if key in two.skill_ids]:
        names = dict(zip(one.skill_ids, one.skill_names, strict=True))
        both = tell("both cover %(skills)s", skills=listed([names[key] for key in shared], SKILLS))
        found.append(Reason(both, _covers(one.id, shared)))
    if people >= LEAST_PEOPLE:
        found.append(Reason(tell("%(number)d people are in both", number=people)))
    return tuple(found)


def _covers(community_id: str, skills: Sequence[str]) -> tuple[Step, ...]:
    return tuple(Step(Node("Community", community_id), "COVERS", Node("Skill", key)) for key in skills[:SKILLS])
