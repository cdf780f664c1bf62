"""Which communities are too broad: could everyone belong?

Four kinds of evidence, each as points that add up; what is not known adds none: whom the text would let in, how mixed
the members are, how many other domains lie within, how general the subject is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from graph.sentences import Sentence, joined, per_cent, tell
from matcher.audit.evidence import compare_members, said_within
from matcher.audit.generality import generality
from matcher.audit.measured import Measured
from matcher.audit.people import Profiles
from matcher.audit.split import Split, Splits
from matcher.audit.subject import Subject

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# The belonging line is the fit of the median member: of fewer members with a profile it is chance, and so is a share of
# fewer people.
MEMBERS_WITH_PROFILE, PEOPLE_WITH_PROFILE = 5, 30

# Mixing is compared with that of so many random groups of the same size; smaller groups are as mixed as chance has it.
DRAWS, SMALLEST_MIX = 30, 5
SEED = 13

# Another domain lies within where so much of it is found here, and so much more than the other way round.
WITHIN, MORE_THAN_BACK = 0.5, 0.2

# Points are log-odds: slope times what a value is beyond its neutral point, within bounds. Set by hand: no public data
# says which communities are too broad. One in ten is, before anything is known; any two kinds together can flag one.
PRIOR = 0.1
REACH, REACH_NEUTRAL, REACH_BOUNDS = 8.0, 0.15, (-1.5, 2.0)
MIX, MIX_NEUTRAL, MIX_BOUNDS = 8.0, 0.75, (-1.5, 2.0)
INSIDE, INSIDE_BOUNDS = 0.8, (0.0, 2.0)
GENERAL, GENERAL_BOUNDS = 0.9, (-1.5, 2.0)
FLAGGED = 0.5


@dataclass(frozen=True)
class Reach:
    """`share` of the `people` with a profile fit the community at least as well as its median member; of the `members`
    with a profile half do."""

    points: float
    share: float
    people: int
    members: int


@dataclass(frozen=True)
class Mix:
    """Entropies over units and over the skills that members hold, against random groups of that size: 1 is as mixed as
    the organisation, 0 all of one kind; None: not known."""

    points: float
    units: float | None
    skills: float | None


@dataclass(frozen=True)
class Inside:
    """Other communities that lie within this one, ids and names."""

    points: float
    communities: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class General:
    """`deviations` above (or below) what a subject of this catalogue is like."""

    points: float
    deviations: float


@dataclass(frozen=True)
class Breadth:
    """None for what is not known: it did not count. `split` is proposed for what is flagged; where there is none,
    `no_split` says why."""

    reach: Reach | None
    mix: Mix | None
    inside: Inside
    general: General
    split: Split | None = None
    no_split: str | None = None


def breadth(
    subject: Subject,
    profiles: Profiles,
    encode: Callable[[Sequence[str]], FloatArray] | None,
    model: str | None,
    pairs: tuple[IntArray, IntArray],
    closely: frozenset[int] | None = None,
    splits: Splits | None = None,
) -> tuple[Measured[Breadth], ...]:
    """Every community that is compared, broadest first. `pairs` are those that are looked at closely and are not one
    domain; `model` names what `encode` encodes with. Of others than the rows `closely` (None: of all) it is not found
    what takes time: whom they would let in, how mixed they are, and a split. `splits` are those found before."""
    splits = splits or Splits()
    number = len(subject.rows)
    names = subject.names[:number]
    vectors = subject.texts.name_vectors
    general = generality(names, None if vectors is None else vectors[:number], model)
    # Catalogues name their groups in their own way: the level is theirs, with so many of them as count.
    general = general - (general.sum() / (number + 4.0) if number else 0.0)
    looked_at = [row for row in range(number) if closely is None or row in closely]
    reach, mix = _reach(subject, profiles, looked_at), _mix(subject, looked_at)
    inside = _inside(subject, *pairs)
    found: list[Measured[Breadth]] = []
    for row in range(number):
        points = _points(float(general[row]), GENERAL, 0.0, GENERAL_BOUNDS)
        within = sorted(inside[row], key=lambda other: subject.names[other].casefold())
        evidence = Breadth(
            reach[row],
            mix[row],
            Inside(
                min(INSIDE * float(np.log2(1 + len(within))), INSIDE_BOUNDS[1]),
                tuple((subject.ids[other], subject.names[other]) for other in within),
            ),
            General(points, float(general[row])),
        )
        known = (evidence.reach, evidence.mix, evidence.inside, evidence.general)
        total = np.log(PRIOR / (1 - PRIOR)) + sum(one.points for one in known if one is not None)
        score = float(1 / (1 + np.exp(-total)))
        flagged = score >= FLAGGED
        if flagged and (closely is None or row in closely):
            parts, why = splits.of(subject, profiles, row, encode)
            evidence = Breadth(evidence.reach, evidence.mix, evidence.inside, evidence.general, parts, why)
        found.append(Measured(subject.ids[row], names[row], score, flagged, evidence, _reasons(evidence)))
    return tuple(sorted(found, key=lambda one: (-one.score, one.id)))


def _points(value: float, slope: float, neutral: float, bounds: tuple[float, float]) -> float:
    return float(np.clip(slope * (value - neutral), *bounds))


def _reach(subject: Subject, profiles: Profiles, rows: Sequence[int]) -> list[Reach | None]:
    known = np.flatnonzero(profiles.known)
    found: list[Reach | None] = [None] * len(subject.rows)
    if len(known) < PEOPLE_WITH_PROFILE:
        return found
    members = subject.members
    for row in rows:
        inside = np.zeros(members.shape[1], dtype=np.bool_)
        inside[members.indices[members.indptr[row] : members.indptr[row + 1]]] = True
        inside = inside[known]
        if inside.sum() < MEMBERS_WITH_PROFILE:
            continue
        fit = profiles.fit(row)[known]
        share = float(np.mean(fit >= np.median(fit[inside])))
        # A large community lets in half of its members anyway: that is no breadth of the text.
        own = float(inside.mean()) / 2
        points = _points(share - own, REACH, REACH_NEUTRAL, REACH_BOUNDS)
        found[row] = Reach(points, share, len(known), int(inside.sum()))
    return found


def _entropies(counts: csr_array) -> FloatArray:
    """Of each row of counts, in nats: float32 [rows]."""
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    share = counts.data / np.asarray(counts.sum(axis=1)).ravel()[row]
    return -np.bincount(row, weights=share * np.log(share), minlength=counts.shape[0]).astype(np.float32)


def _mixing(groups: csr_array, held: csr_array) -> list[float | None]:
    """Entropy of `groups` of people [groups, people] over kinds, `held` [people, kinds] of zeros and ones, against
    random groups of the same size; None for groups of too few of whom anything is known."""
    known = np.flatnonzero(np.diff(held.indptr) > 0)
    inside = csr_array(groups[:, known])
    held = csr_array(held[known])
    entropies, sizes = _entropies(csr_array(inside @ held)), np.diff(inside.indptr)
    chance: dict[int, float] = {}
    for size in np.unique(sizes[sizes >= SMALLEST_MIX]).tolist():
        draw = np.random.default_rng(SEED)
        some: list[IntArray] = [
            np.asarray(draw.choice(len(known), size, replace=False), dtype=np.int32) for _ in range(DRAWS)
        ]
        drawn = np.concatenate(some)
        ones = np.ones(len(drawn), dtype=np.float32)
        random = csr_array((ones, drawn, np.arange(DRAWS + 1) * size), shape=(DRAWS, len(known)))
        chance[size] = float(_entropies(csr_array(random @ held)).mean())
    return [
        min(float(entropy) / chance[size], 1.0) if chance.get(size, 0.0) > 0 else None
        for entropy, size in zip(entropies, sizes.tolist(), strict=True)
    ]


def _mix(subject: Subject, rows: Sequence[int]) -> list[Mix | None]:
    people = subject.snapshot.people
    unit = people.unit[subject.here]
    placed = np.flatnonzero(unit >= 0)
    shape = (len(subject.here), max(1, len(people.unit_ids)))
    units = csr_array((np.ones(len(placed), dtype=np.float32), (placed, unit[placed])), shape=shape)
    found: list[Mix | None] = [None] * len(subject.rows)
    groups = csr_array(subject.members[list(rows)])
    for row, *both in zip(rows, _mixing(groups, units), _mixing(groups, subject.held[0]), strict=True):
        known = [one for one in both if one is not None]
        if known:
            found[row] = Mix(_points(float(np.mean(known)), MIX, MIX_NEUTRAL, MIX_BOUNDS), *both)
    return found


def _inside(subject: Subject, one: IntArray, other: IntArray) -> list[list[int]]:
    """For each community the rows of those that lie within it: text, skills and members as far as known, their mean."""
    members, *_ = compare_members(subject.members, one, other)
    covers = subject.covers[0]
    sizes = np.asarray(covers.sum(axis=1)).ravel()
    both = np.asarray(covers[one].multiply(covers[other]).sum(axis=1)).ravel()
    covering = np.where((sizes[one] > 0) & (sizes[other] > 0), both, np.nan)
    ways = (
        said_within(subject.texts.lexical, one, other),
        (members.of_one, members.of_other),
        (covering / np.maximum(sizes[one], 1), covering / np.maximum(sizes[other], 1)),
    )
    known = sum((~np.isnan(way[0])).astype(np.int32) for way in ways)
    # How much of the one is in the other, and the other way round; of which nothing is known is in neither.
    in_other, in_one = (sum(np.nan_to_num(way[side]) for way in ways) / np.maximum(known, 1) for side in (0, 1))
    found: list[list[int]] = [[] for _ in subject.rows]
    for inner, outer, much, back in ((one, other, in_other, in_one), (other, one, in_one, in_other)):
        within = np.flatnonzero((much >= WITHIN) & (much - back >= MORE_THAN_BACK))
        rows: list[tuple[int, int]] = list(zip(inner[within].tolist(), outer[within].tolist(), strict=True))
        for at, whole in rows:
            found[whole].append(at)
    return found


def _reasons(evidence: Breadth) -> tuple[Sentence, ...]:
    said: list[tuple[float, Sentence]] = []
    if evidence.reach is not None:
        reach = evidence.reach
        told = tell(
            "%(share)s of %(all)d people with a profile fit it as well as its median member",
            share=per_cent(reach.share), all=reach.people,
        )  # fmt: skip
        said.append((reach.points, told))
    if evidence.mix is not None:
        over: list[Sentence] = []
        if evidence.mix.units is not None:
            over.append(tell("over units %(share)s", share=per_cent(max(0.0, evidence.mix.units))))
        if evidence.mix.skills is not None:
            over.append(tell("over skills %(share)s", share=per_cent(max(0.0, evidence.mix.skills))))
        mixed = tell("how mixed its members are, a random group being 100%%: %(over)s", over=joined(", ", over))
        said.append((evidence.mix.points, mixed))
    if evidence.inside.communities:
        names = joined(", ", (name for _, name in evidence.inside.communities))
        said.append((evidence.inside.points, tell("other domains lie within it: %(names)s", names=names)))
    general = evidence.general
    if abs(general.deviations) >= 0.5:
        side = (
            tell("its name says a more general subject than most here")
            if general.deviations > 0
            else tell("its name says a more special subject than most here")
        )
        said.append((general.points, side))
    ordered = [text for _, text in sorted(said, key=lambda one: -abs(one[0]))]
    if evidence.reach is None:
        ordered.append(tell("too few members or people with a profile to tell whom it would let in"))
    if evidence.mix is None:
        ordered.append(tell("not known how mixed its members are"))
    return tuple(ordered)
