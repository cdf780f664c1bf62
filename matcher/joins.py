"""Which communities should a person join? Candidates, evidence, a score that adds up, an explained list."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graph.sentences import Sentence, tell
from matcher.diversity import DIVERSITY, spread
from matcher.explain import Change, Contribution, Reason
from matcher.features import (
    co_membership,
    colleagues,
    domain_fit,
    implied,
    kindred,
    momentum,
    novelty,
    skills,
    vitality,
)
from matcher.features.evidence import Evidence
from matcher.features.profile import Profile
from matcher.ranking import best_rows
from matcher.snapshot import Snapshot
from matcher.welcome import Greeter, Start, greeters, starts

FloatArray = NDArray[np.float32]

# A person reads a handful of recommendations and no more; the web page shows this many.
DEFAULT_LIMIT = 10

# Why a community can be no recommendation. Only some may be told: the existence of a restricted one may not.
ALREADY_MEMBER = "already_member"
LEFT = "left"
DISMISSED = "dismissed"


@dataclass(frozen=True)
class Weights:
    """How much each family of evidence weighs; none is negative.

    Co-membership gets n / (n + `half_trust`) of its weight from n memberships, and text gives up to half of
    its own away for it: with one membership what others join says little, with ten more than any text. Memberships
    that are only implied give way to real ones altogether.
    """

    co_membership: float
    text: float
    momentum: float
    skills: float
    colleagues: float
    novelty: float
    vitality: float
    implied_membership: float
    kindred_communities: float
    half_trust: float

    def for_person(self, memberships: int) -> dict[str, float]:
        """Family to weight for a person with so many current memberships."""
        trust = memberships / (memberships + self.half_trust) if memberships else 0.0
        return {
            co_membership.NAME: self.co_membership * trust,
            domain_fit.NAME: self.text * (1.0 - trust / 2),
            skills.NAME: self.skills,
            colleagues.NAME: self.colleagues,
            momentum.NAME: self.momentum,
            novelty.NAME: self.novelty,
            vitality.NAME: self.vitality,
            implied.NAME: self.implied_membership * (1.0 - trust),
            kindred.NAME: self.kindred_communities,
        }


# Co-membership, text, momentum and half_trust are the best of 144 combinations on the Apache rosters as they
# stood at the start of 2017, 2018, 2019 and 2020, for joins up to 2021, by the mean of NDCG@10 and
# Recall@10 over existing and new communities; the best 25 are within 1 % or so. What they give:
# `python -m tests.bench.joins_cuts --until 2021-01-01 --cuts 2017-01-01 2018-01-01 2019-01-01 2020-01-01`.
# Kindred communities at 0.6 are the best of 0.3, 0.45, 0.6 and 0.8 at the start of 2015 to 2020, for joins up to 2021:
# from 0.300 to 0.312 for new ones by NDCG@10, from 0.338 to 0.342 for existing ones.
# Novelty is the price of one list (`backtest joins`, the joint one): over the same years 0.1 takes NDCG@10 of joins to
# communities younger than its half year from 0.035 to 0.103, and that of all others from 0.389 to 0.378. More would
# help the young more, but exploration is to be small.
# Vitality and implied membership are for newcomers (tests/bench/cold_start.py): on the Kubernetes questions any of 0.05
# to 0.3, and of 0.3 to 2, are better than text alone; these are in the middle.
# Skills and colleagues do not occur in that data: a full match of either is set to weigh about as much as a
# good match of text (a cosine of 0.3 to 0.4) for somebody who is in no community yet.
SHIPPED = Weights(
    co_membership=3.0,
    text=1.0,
    momentum=0.2,
    skills=0.4,
    colleagues=0.4,
    novelty=0.1,
    vitality=0.2,
    implied_membership=0.5,
    kindred_communities=0.6,
    half_trust=1.0,
)

DIVERSITY_NAME = "diversity"

# Of so many more than are listed, some are put further down for being like another: enough that for each that is
# listed four may be.
POOL = 5

# Two communities that are less alike are two: no sentence tells it.
WORTH_SAYING = 0.4


@dataclass(frozen=True)
class Recommendation:
    """`score` is the sum of the points of `contributions`; those with a reason come first, the weightiest
    first. `start` is the level of engagement to begin with, `change` what would change it (matcher.what_if).
    """

    community_id: str
    name: str
    score: float
    contributions: tuple[Contribution, ...]
    greeters: tuple[Greeter, ...]
    start: Start | None = None
    change: Change | None = None

    @property
    def reasons(self) -> list[Sentence]:
        return [part.reason.text for part in self.contributions if part.reason]


@dataclass(frozen=True)
class Recommendations:
    """`set_aside`: reason to how many communities were no candidates for it; restricted ones are never
    counted.
    """

    results: tuple[Recommendation, ...]
    set_aside: Mapping[str, int]


@dataclass(frozen=True)
class Scored:
    """Scores float32 [communities], and the weighted evidence that they are the sum of."""

    scores: FloatArray
    parts: tuple[tuple[Evidence, float], ...]


def score(snapshot: Snapshot, profile: Profile, weights: Weights = SHIPPED) -> Scored:
    """Scores every community for the profile, candidates or not."""
    if profile.likeness is None:  # two families ask for it
        profile = replace(profile, likeness=domain_fit.by_text(snapshot, profile))
    families = (
        co_membership.measure(snapshot, profile),
        domain_fit.measure(snapshot, profile),
        skills.measure(snapshot, profile),
        colleagues.measure(snapshot, profile),
        momentum.measure(snapshot),
        novelty.measure(snapshot),
        vitality.measure(snapshot),
        implied.measure(snapshot, profile),
        kindred.measure(snapshot, profile),
    )
    known = weights.for_person(len(snapshot.rows(profile.communities)))
    parts = tuple((family, known[family.name]) for family in families)
    scores = np.zeros(len(snapshot.communities), dtype=np.float32)
    for family, weight in parts:
        scores += np.float32(weight) * family.values
    return Scored(scores, parts)


def candidates(snapshot: Snapshot, profile: Profile) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Which communities may be recommended (bool [communities]), and how many are not, by reason."""
    possible = snapshot.in_use.copy()
    possible[snapshot.rows(profile.communities)] = False
    mine = snapshot.rows(sorted(set(profile.communities)))
    aside: Counter[str] = Counter({ALREADY_MEMBER: len(mine)})
    for status, rows in snapshot.out_of_use.items():
        aside[status] = int(rows.sum()) - int(rows[mine].sum())
    # A restricted one is not even counted: the number would give away that there is one.
    for reason, ids in ((DISMISSED, profile.dismissed), (LEFT, profile.left)):
        for row in snapshot.rows(sorted(set(ids))).tolist():
            aside[reason] += bool(possible[row])
            possible[row] = False
    return possible, dict(+aside)


def recommend(
    snapshot: Snapshot,
    profile: Profile,
    *,
    limit: int = DEFAULT_LIMIT,
    as_of: str | None = None,
    weights: Weights = SHIPPED,
    diversity: float = DIVERSITY,
) -> Recommendations:
    """The best candidates for the profile, at most `limit`, with reasons, whom to greet and how deep to begin.

    `as_of` has to be the day that the snapshot was built for: ValueError otherwise. Communities that nothing
    speaks for are left out, so the list may be shorter. `diversity` is the share of its score that a copy of one
    listed above loses, 0 to 1. Equal scores are ordered by id.
    """
    if as_of != snapshot.as_of:
        raise ValueError(f"the snapshot is of {snapshot.as_of or 'today'}, not of {as_of or 'today'}")
    possible, aside = candidates(snapshot, profile)
    scored = score(snapshot, profile, weights)
    pool = POOL * limit if diversity else limit
    rows = best_rows(scored.scores, possible & (scored.scores > 0), pool)  # rows are in the order of ids
    return Recommendations(tuple(_listed(snapshot, profile, scored, rows, limit, diversity)), aside)


# People for whom recommendations are made in one go: what their texts make of 10,000 communities takes 10 MB then.
TOGETHER = 256


def recommend_all(
    snapshot: Snapshot,
    profiles: Sequence[Profile],
    *,
    limit: int = DEFAULT_LIMIT,
    as_of: str | None = None,
    weights: Weights = SHIPPED,
) -> Iterator[Recommendations]:
    """For each profile what `recommend` gives, in their order; for many it takes less time."""
    for first in range(0, len(profiles), TOGETHER):
        for profile in domain_fit.compared(snapshot, profiles[first : first + TOGETHER]):
            yield recommend(snapshot, profile, limit=limit, as_of=as_of, weights=weights)


def _listed(
    snapshot: Snapshot, profile: Profile, scored: Scored, rows: list[int], limit: int, diversity: float
) -> Iterator[Recommendation]:
    """Of `rows`, the best first, those that are listed."""
    pool = np.array(rows, dtype=np.int32)
    likeness = domain_fit.likeness_among(snapshot, pool)
    start = starts(snapshot, profile)
    for place, above, alike in spread(scored.scores[pool], likeness, diversity, limit):
        row = rows[place]
        contributions = [_contribution(family, weight, row) for family, weight in scored.parts]
        points = sum(part.points for part in contributions)
        if lost := diversity * alike * points:
            like = tell("it is like %(name)s, further up", name=snapshot.communities[rows[above]].name)
            reason = Reason(like) if alike >= WORTH_SAYING else None
            contributions.append(Contribution(DIVERSITY_NAME, -alike, diversity * points, -lost, reason))
        contributions.sort(key=lambda part: (part.reason is None, -part.points))
        community = snapshot.communities[row]
        yield Recommendation(
            community_id=community.id,
            name=community.name,
            score=sum(part.points for part in contributions),
            contributions=tuple(contributions),
            greeters=greeters(snapshot, profile, row),
            start=start(row),
        )


def _contribution(family: Evidence, weight: float, row: int) -> Contribution:
    value = float(family.values[row])
    return Contribution(family.name, value, weight, weight * value, family.reason(row))
