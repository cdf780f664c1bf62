"""Which communities are too narrow: must people join too many to do their job?

Five kinds of evidence, each as points that add up; what is not known adds none: how many are in it, how many it could
reach, how special its subject is, whether it lies within another, what else those who need it need.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.models import Community
from graph.sentences import Sentence, joined, state_said, tell, tell_n, whole
from matcher.audit.attraction import Attraction, auc
from matcher.audit.breadth import PEOPLE_WITH_PROFILE, Breadth
from matcher.audit.measured import Measured
from matcher.audit.needs import Needs, needs
from matcher.audit.people import Profiles
from matcher.audit.subject import Subject
from matcher.lexical import claimed

FloatArray = NDArray[np.float32]

# Points are log-odds: slope times what a value is beyond its neutral point, within bounds. Set by hand, as those of
# breadth are; one in ten is too narrow before anything is known, and no kind flags one by itself.
PRIOR = 0.1
FLAGGED = 0.5
# Halvings below the median: half the usual size is no news. Many members speak against.
SIZE, SIZE_NEUTRAL, SIZE_BOUNDS = 0.6, 1.0, (-1.0, 1.5)
REACH, REACH_NEUTRAL, REACH_BOUNDS = 0.4, 1.0, (-0.5, 1.0)
# A subject with a number in its name (a release, a sheet, a year) is one of several; others call themselves so.
# A release in its text says less.
NUMBERED, RELEASED = 0.8, 0.3
GENERAL, GENERAL_BOUNDS = -0.6, (-1.0, 1.0)
NARROWER = 0.5
SPECIAL_BOUNDS = (-1.0, 2.0)
# All members are of one unit, where those of most communities are not.
ONE_UNIT = 0.4
INSIDE = 0.8
EXCESS, EXCESS_BOUNDS = 0.4, (-0.5, 0.8)
TOGETHER = 0.4

# Where fewer communities have any members, it is not known how large those are that have none.
MEMBERS_KNOWN = 0.5
# What fewer people need says nothing of whether it is needed together with another.
NEEDED_BY = 3
# So many of those who need it need the other too, and at least twice as many as of all people.
ALWAYS, LIFT = 0.8, 2.0

# Of so many that are nearest, by text, skills and members, so many are proposed to merge with.
NEAREST, PROPOSED = 5, 2
# A union may be a little less recognised than the one that takes the other in, by area under the curve.
# Below the second its own members are hardly told from others: that is no domain to go into.
LESS_CLEAR, RECOGNISED = 0.05, 0.6
# Text alone makes a neighbour of whom it is nearer to than to others by so many deviations; among fewer than so many
# others that cannot be told. Half of the skills do as well, and members that both have where the text is near at all:
# to have people in common is no subject.
DEVIATIONS, NEAR, OTHERS = 2.25, 1.0, 10
SKILLS_THERE, MEMBERS_THERE = 0.5, 0.3
# Members that a small community shares with a large one by chance.
CHANCE_MEMBERS = 2.0

# A number that stands for itself, or a release: `4.2`, `2013`, `v2`; not `C3` or `24/7`.
_RELEASE = re.compile(r"(?<![\w/.,+#-])(?:v\d+|\d+\.\d+)(?:\.\d+)*(?![\w/,-])|(?<=_)v\d+\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w/.,+#-])v?\d+(?:\.\d+)*(?![\w/,-])", re.IGNORECASE)


@dataclass(frozen=True)
class Size:
    """`members` who are still there, beside the `median` of communities that have any; `one_unit`: all are of one."""

    points: float
    members: int
    median: float
    one_unit: bool


@dataclass(frozen=True)
class Reach:
    """`fitting` people with a profile fit its text as well as half of all members fit theirs; `median` over all
    communities; `people` have a profile."""

    points: float
    fitting: int
    median: float
    people: int


@dataclass(frozen=True)
class Special:
    """`numbers` in the name and `releases` in the text; `deviations` above (or below) how general subjects of this
    catalogue are; `narrower` are its skills that are part of a broader one which another community covers: skill,
    broader skill, community."""

    points: float
    numbers: tuple[str, ...]
    releases: tuple[str, ...]
    deviations: float
    narrower: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Within:
    """The communities within which it lies, ids and names."""

    points: float
    communities: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Needed:
    """For `by` people it is in the smallest set of communities that covers their skills and work; `size` is the mean
    number of these, `usual` that of comparable people, `elsewhere` by how much those who need a community exceed what
    is usual in half of the communities: who needs much is met in many of them, so that it is above 0 where nothing is
    amiss (Feld 1991, Why Your Friends Have More Friends Than You Do). `adds` is the mean number of skills or works that
    only this one covers for them. `exact` is the share of all people's sets that are known to be the smallest.
    `together` are communities that nearly all of them need too, ids and names."""

    points: float
    by: int
    size: float
    usual: float
    elsewhere: float
    adds: float
    exact: float
    together: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Merge:
    """Into which community it could go: `terms` are words in common, `skills` are covered there or by a broader one
    there, `shared` of its members are there already. `identify` people fit the union at least as well as its median
    member, `own` of its `members` with a profile among them; `reach` fit the union as well as members do elsewhere.
    None: too few profiles to tell."""

    id: str
    name: str
    terms: tuple[str, ...]
    skills: tuple[str, ...]
    shared: int
    identify: int | None
    reach: int | None
    own: int | None
    members: int


@dataclass(frozen=True)
class Narrowness:
    """None for what is not known: it did not count. `merges` are proposed for what is flagged."""

    size: Size | None
    reach: Reach | None
    special: Special
    within: Within
    needed: Needed | None
    merges: tuple[Merge, ...] = ()


def narrowness(
    subject: Subject, profiles: Profiles, attracted: Attraction, broad: Sequence[Measured[Breadth]]
) -> tuple[Measured[Narrowness], ...]:
    """Every community that is compared, narrowest first. `broad` is what was said of their breadth."""
    row_of = {community.id: row for row, community in enumerate(subject.communities)}
    breadths = {row_of[one.id]: one.evidence for one in broad}
    outer: dict[int, list[int]] = {}
    for row, evidence in breadths.items():
        for key, _ in evidence.inside.communities:
            outer.setdefault(row_of[key], []).append(row)
    needing = needs(subject, outer)
    sizes, reaches = _sizes(subject), _reaches(subject, attracted)
    needed = _needed(subject, needing)
    covering = _covering(subject)
    found: list[Measured[Narrowness]] = []
    for row, community in enumerate(subject.communities):
        within = tuple(sorted(((subject.ids[at], subject.names[at]) for at in outer.get(row, ())), key=lambda o: o[1]))
        evidence = Narrowness(
            sizes[row],
            reaches[row],
            _special(subject, row, breadths[row].general.deviations, covering),
            Within(INSIDE if within else 0.0, within),
            needed[row],
        )
        kinds = (evidence.size, evidence.reach, evidence.special, evidence.within, evidence.needed)
        total = np.log(PRIOR / (1 - PRIOR)) + sum(one.points for one in kinds if one is not None)
        score = float(1 / (1 + np.exp(-total)))
        flagged = score >= FLAGGED
        if flagged:
            evidence = Narrowness(*kinds, _merges(subject, profiles, attracted, row, outer.get(row, ())))
        found.append(
            Measured(
                community.id, community.name, score, flagged, evidence, _reasons(evidence, community.status, flagged)
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.score, one.id)))


def _bounded(value: float, bounds: tuple[float, float]) -> float:
    return float(np.clip(value, *bounds))


def _halvings(value: float, median: float) -> float:
    return float(np.log2((median + 1) / (value + 1)))


def _sizes(subject: Subject) -> list[Size | None]:
    members = np.diff(subject.members.indptr)
    if not len(members) or np.mean(members > 0) < MEMBERS_KNOWN:
        return [None] * len(members)
    median = float(np.median(members[members > 0]))
    mixed = [_of_one_unit(subject, row) for row in range(len(members))]
    telling = sum(one is True for one in mixed) * 2 < sum(one is not None for one in mixed)
    found: list[Size | None] = []
    for row, community in enumerate(subject.communities):
        # Who only begins is small, and nobody's members are not few but unknown.
        if not members[row] or community.status in ("proposed", "forming"):
            found.append(None)
            continue
        below = _halvings(int(members[row]), median)
        alone = telling and mixed[row] is True
        points = _bounded(SIZE * (below - SIZE_NEUTRAL), SIZE_BOUNDS) + ONE_UNIT * alone
        found.append(Size(points, int(members[row]), median, alone))
    return found


def _of_one_unit(subject: Subject, row: int) -> bool | None:
    """None: too few are known to tell."""
    members = subject.members.indices[subject.members.indptr[row] : subject.members.indptr[row + 1]]
    unit = subject.snapshot.people.unit[subject.here][members]
    placed = unit[unit >= 0]
    return len(np.unique(placed)) == 1 if len(placed) >= NEEDED_BY else None


def _reaches(subject: Subject, attracted: Attraction) -> list[Reach | None]:
    if attracted.profiled < PEOPLE_WITH_PROFILE or np.isnan(attracted.line):
        return [None] * len(subject.rows)
    median = float(np.median(attracted.fitting))
    return [
        Reach(
            _bounded(REACH * (_halvings(fitting, median) - REACH_NEUTRAL), REACH_BOUNDS),
            fitting, median, attracted.profiled,
        )
        for fitting in attracted.fitting.tolist()
    ]  # fmt: skip


def _covering(subject: Subject) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, community in enumerate(subject.communities):
        for key in community.skill_ids:
            found.setdefault(key, []).append(row)
    return found


def _special(subject: Subject, row: int, deviations: float, covering: Mapping[str, Sequence[int]]) -> Special:
    community = subject.communities[row]
    numbers = tuple(_NUMBER.findall(community.name))
    releases = tuple(dict.fromkeys(_RELEASE.findall(claimed(community.domain))))
    narrower: list[tuple[str, str, str]] = []
    for key, name in zip(community.skill_ids, community.skill_names, strict=True):
        above = [
            (subject.names[at], up)
            for up in subject.snapshot.facts.broader.get(key, ())
            for at in covering.get(up, ())
            if at != row and up not in community.skill_ids
        ]
        if above:
            who, up = min(above)
            narrower.append((name, _skill_name(subject.communities[covering[up][0]], up), who))
    points = NUMBERED * bool(numbers) + RELEASED * bool(releases) + _bounded(GENERAL * deviations, GENERAL_BOUNDS)
    points += NARROWER * len(narrower) / max(1, len(community.skill_ids))
    return Special(_bounded(points, SPECIAL_BOUNDS), numbers, releases, deviations, tuple(narrower))


def _skill_name(community: Community, skill: str) -> str:
    return community.skill_names[community.skill_ids.index(skill)]


def _needed(subject: Subject, needing: Needs) -> list[Needed | None]:
    found: list[Needed | None] = [None] * len(subject.rows)
    by: dict[int, list[tuple[int, int]]] = {}
    for person, chosen in enumerate(needing.chosen):
        for place, row in enumerate(chosen):
            by.setdefault(row, []).append((person, place))
    sizes = np.array([len(chosen) for chosen in needing.chosen], dtype=np.float32)
    needing_it = {row: [person for person, _ in some] for row, some in by.items() if len(some) >= NEEDED_BY}
    excess = {row: float(np.mean(sizes[who] - needing.usual[who])) for row, who in needing_it.items()}
    elsewhere = float(np.median(list(excess.values()))) if excess else 0.0
    for row, who in needing_it.items():
        others = Counter(other for person in who for other in needing.chosen[person] if other != row)
        together = [
            other
            for other, count in others.items()
            if count >= ALWAYS * len(who) and count / len(who) >= LIFT * len(by[other]) / len(needing.people)
        ]
        found[row] = Needed(
            _bounded(EXCESS * (excess[row] - elsewhere), EXCESS_BOUNDS) + TOGETHER * bool(together),
            len(who), float(np.mean(sizes[who])), float(np.mean(needing.usual[who])), elsewhere,
            float(np.mean([needing.only[person][place] for person, place in by[row]])), needing.exact,
            tuple(sorted(((subject.ids[at], subject.names[at]) for at in together), key=lambda one: one[1])),
        )  # fmt: skip
    return found


def _merges(
    subject: Subject, profiles: Profiles, attracted: Attraction, row: int, outer: Sequence[int]
) -> tuple[Merge, ...]:
    texts, members, number = subject.texts, subject.members, len(subject.rows)
    alike = np.asarray((texts.lexical.vectors[:number] @ texts.lexical.vectors[[row]].T).toarray()).ravel()
    if texts.vectors is not None:
        alike = (alike + texts.vectors[:number] @ texts.vectors[row]) / 2
    others = np.arange(number) != row
    nearer = np.zeros(number)
    if number > OTHERS:
        nearer = (alike - alike[others].mean()) / max(float(alike[others].std()), 1e-6)
    mine = members.indices[members.indptr[row] : members.indptr[row + 1]]
    shared = np.asarray(members[:, mine].sum(axis=1)).ravel() if len(mine) else np.zeros(number)
    sharing = shared / (len(mine) + CHANCE_MEMBERS)
    skills = [_skills_there(subject, row, at) for at in range(number)]
    covered = np.array([len(some) for some in skills]) / max(1, len(subject.communities[row].skill_ids))
    within = np.isin(np.arange(number), list(outer))
    # Four deviations are as telling as all skills.
    rank = nearer / 4 + covered + sharing + within
    joined = (sharing >= MEMBERS_THERE) & (nearer >= NEAR)
    eligible = others & (within | (nearer >= DEVIATIONS) | (covered >= SKILLS_THERE) | joined)
    found: list[Merge] = []
    order: list[int] = np.argsort(-rank, kind="stable").tolist()
    for at in [at for at in order if eligible[at]][:NEAREST]:
        known = attracted.profiled >= PEOPLE_WITH_PROFILE and attracted.members[at] and attracted.members[row]
        identifying = _identifying(subject, profiles, attracted, row, at) if known else (None, None, None)
        if identifying is None:
            continue
        terms = tuple(texts.lexical.shared_with(row, at, 4))
        own = int(attracted.members[row])
        found.append(Merge(subject.ids[at], subject.names[at], terms, skills[at], int(shared[at]), *identifying, own))
    return tuple(found[:PROPOSED])


def _skills_there(subject: Subject, row: int, other: int) -> tuple[str, ...]:
    """The skills of the one that the other covers, or a broader one of."""
    mine, theirs = subject.communities[row], set(subject.communities[other].skill_ids)
    broader = subject.snapshot.facts.broader
    return tuple(
        name
        for key, name in zip(mine.skill_ids, mine.skill_names, strict=True)
        if theirs.intersection((key, *broader.get(key, ())))
    )


def _identifying(
    subject: Subject, profiles: Profiles, attracted: Attraction, row: int, other: int
) -> tuple[int, int, int] | None:
    """How many people fit both as one at least as well as the union's median member; how many as well as members do
    elsewhere; how many of the narrow one's members are among the first. None where the union would tell its members, or
    those who come from the narrow one, from people outside worse than the other one's text does now."""
    texts, members = subject.texts, subject.members
    known = np.flatnonzero(profiles.known)
    words = texts.lexical.transform([[*texts.lexical.documents[row], *texts.lexical.documents[other]]])
    vectors = None
    if texts.vectors is not None:
        summed = texts.vectors[row] + texts.vectors[other]
        vectors = (summed / max(float(np.linalg.norm(summed)), 1e-9))[None, :]
    both = profiles.fits_of(words, vectors)[known, 0]
    mine, theirs = (np.isin(known, members.indices[members.indptr[at] : members.indptr[at + 1]]) for at in (row, other))
    inside = mine | theirs
    line = np.median(both[inside])
    own = int((both[mine] >= line).sum())
    coming = mine | ~inside
    recognised = min(auc(both, inside), auc(both[coming], mine[coming]))
    if recognised < max(RECOGNISED, float(attracted.auc[other]) - LESS_CLEAR):
        return None
    return int((both >= line).sum()), int((both >= attracted.line).sum()), own


def _reasons(evidence: Narrowness, status: str, flagged: bool) -> tuple[Sentence, ...]:
    said: list[tuple[float, Sentence]] = []
    if (size := evidence.size) is not None:
        usual = float(size.median)
        told = (
            tell_n("%(num)d member, all of one unit; half of the communities have %(usual).0f or more.",
                   "%(num)d members, all of one unit; half of the communities have %(usual).0f or more.",
                   size.members, usual=usual)
            if size.one_unit
            else tell_n("%(num)d member; half of the communities have %(usual).0f or more.",
                        "%(num)d members; half of the communities have %(usual).0f or more.", size.members, usual=usual)
        )  # fmt: skip
        said.append((size.points, told))
    if (reach := evidence.reach) is not None:
        told = tell(
            "%(fitting)d of %(people)d people with a profile fit its text as well as members do elsewhere; "
            "half of the communities reach %(usual).0f or more.",
            fitting=reach.fitting, people=reach.people, usual=float(reach.median),
        )  # fmt: skip
        said.append((reach.points, told))
    if about := _said_of_subject(evidence.special):
        said.append((evidence.special.points, whole(joined("; ", about))))
    if evidence.within.communities:
        names = joined(", ", (name for _, name in evidence.within.communities))
        said.append((evidence.within.points, tell("Its domain lies within %(names)s.", names=names)))
    if evidence.needed is not None:
        said.append((evidence.needed.points, _said_of_need(evidence.needed)))
    ordered = [text for _, text in sorted(said, key=lambda one: -abs(one[0]))]
    unknown = [
        name
        for name, one in (
            (tell("how many are in it"), evidence.size),
            (tell("how many its text reaches"), evidence.reach),
            (tell("who needs it"), evidence.needed),
        )
        if one is None
    ]
    if status in ("proposed", "forming"):
        ordered.append(tell("It is %(state)s, so its size does not count.", state=state_said(status)))
    elif unknown:
        ordered.append(tell("Not known, and so not counted: %(what)s.", what=joined(", ", unknown)))
    ordered += map(_proposed, evidence.merges)
    if flagged and not evidence.merges:
        ordered.append(tell("No community was found that could take it in and still have a domain of its own."))
    return tuple(ordered)


def _said_of_subject(special: Special) -> list[Sentence]:
    about: list[Sentence] = []
    if special.numbers:
        about.append(tell("its name bears a number (%(numbers)s)", numbers=joined(", ", special.numbers)))
    if special.releases:
        about.append(tell("its text speaks of a release (%(releases)s)", releases=joined(", ", special.releases)))
    if abs(special.deviations) >= 0.5:
        about.append(
            tell("its name says a more special subject than most")
            if special.deviations < 0
            else tell("its name says a more general subject than most")
        )
    about += [
        tell("%(skill)s is part of %(broader)s, which %(name)s covers", skill=skill, broader=above, name=name)
        for skill, above, name in special.narrower
    ]
    return about


def _said_of_need(needed: Needed) -> Sentence:
    told = tell_n(
        "%(num)d person needs it for their skills and work, %(size).1f communities each; "
        "comparable people need %(usual).1f",
        "%(num)d people need it for their skills and work, %(size).1f communities each; "
        "comparable people need %(usual).1f",
        needed.by, size=needed.size, usual=needed.usual,
    )  # fmt: skip
    if needed.elsewhere >= 0.05:
        told = tell(
            "%(said)s, and %(more).1f more is usual of those who need any one community",
            said=told, more=needed.elsewhere,
        )  # fmt: skip
    if needed.together:
        names = joined(", ", (name for _, name in needed.together))
        told = joined(". ", [told, tell("Nearly all of them also need %(names)s", names=names)])
    return whole(told)


def _proposed(merge: Merge) -> Sentence:
    because: list[Sentence] = []
    if merge.terms:
        because.append(tell("both say %(words)s", words=joined(", ", merge.terms)))
    if merge.skills:
        names = joined(", ", merge.skills)
        because.append(
            tell("%(names)s is covered there", names=names)
            if len(merge.skills) == 1
            else tell("%(names)s are covered there", names=names)
        )
    if merge.shared:
        because.append(tell("members there already: %(number)d", number=merge.shared))
    told = (
        tell("Could go into %(name)s: %(because)s.", name=merge.name, because=joined("; ", because))
        if because
        else tell("Could go into %(name)s.", name=merge.name)
    )
    if merge.identify is None:
        return joined(" ", [told, tell("Whether people would identify with the union is not known.")])
    fitting = tell(
        "%(identify)d people fit the union as well as its median member, %(own)d of %(members)d of its own members "
        "among them; %(reach)d as well as members do elsewhere.",
        identify=merge.identify, own=merge.own, members=merge.members, reach=merge.reach,
    )  # fmt: skip
    return joined(" ", [told, fitting])
