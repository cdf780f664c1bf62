"""Who has the experience to help with a question, and is right to ask? Evidence, constraints, an explained
list.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.sentences import Sentence, listed, tell, tell_n
from graph.text import tokens
from matcher.advice import HelpEvidence
from matcher.explain import Contribution, Node, Reason, Step
from matcher.features import distance, outcomes, reach, requests
from matcher.features.evidence import Evidence
from matcher.features.requests import SMALLEST_COUNT
from matcher.people import People
from matcher.ranking import best_rows
from matcher.snapshot import Snapshot
from matcher.spells import ENGAGEMENTS

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int32]

SIMILAR = "similar_questions"
HABIT = "community_advice"
AGAIN = "advised_you"
SKILLS = "skills"
MEMBERSHIP = "membership"

# Each family is monotone in its own evidence: advice on a question that is on record, advice to the asker, a skill, a
# level or an engagement that is stated, a role. To state a low one may say less than to state none. A question that is
# new moves what its words are worth in all others.
MONOTONE = True

# Weights of the families; each value is from 0 to 1, so each is also the most points that a family gives.
# The first three were chosen on questions of 2019 to 2021 of the Kubernetes enhancement process
# (`guildmap backtest helpers`): who advises in the community nowadays says most. Skills and
# engagement are not in that data: together they just outweigh similar questions, so that without any advice
# on record they decide alone.
WEIGHTS: Mapping[str, float] = {HABIT: 1.0, SIMILAR: 0.6, AGAIN: 0.3, SKILLS: 0.4, MEMBERSHIP: 0.3}

# What tells whether evidence is to be trusted, and the helper to be asked, changes the points of the evidence by a
# share: by this much times a value between -1 and 1. So it moves nobody whom no evidence speaks for; and as all that
# it can take is less than what there is, a score stays positive. The first two are about advice and change its points
# alone. There is no history of requests to choose by: each is to turn the order of two whom evidence holds for about
# as good, and none to put a novice before an expert.
STAKES: Mapping[str, float] = {
    outcomes.NAME: 0.4,
    requests.ANSWERED: 0.1,
    requests.WILLING: 0.15,
    requests.LOAD: 0.2,
    distance.UNIT: 0.1,
    distance.GRADE: 0.05,
    reach.LANGUAGE: 0.05,
    reach.HOURS: 0.05,
}
ABOUT_ADVICE = (outcomes.NAME, requests.ANSWERED)

# Years after which a piece of advice counts half. Who advises in a community changes faster than what
# people know.
HABIT_HALF_LIFE = 1.0
KNOWLEDGE_HALF_LIFE = 2.0
# Sums saturate as x / (x + HALF): the tenth piece of advice says less than the first.
HABIT_HALF = 2.0
SIMILAR_HALF = 0.4
SKILL_HALF = 1.0

# A cosine of sentence embeddings below this is that of unrelated texts.
DENSE_FLOOR = 0.3
# Share of the likeness of meaning in that of two questions; the rest is that of words. On the questions of mid 2018 to
# 2021, 0.1 to 0.5 are within 0.01 of each other where the community is known; words say more there than meaning.
DENSE = 0.2
# A question counts as similar in a sentence from here on; in the sum all count, by the square of their
# likeness.
WORTH_SAYING = 0.12

# Where the community is not given, shares of the likeliest by text: enough for a question between two
# domains.
INFERRED_COMMUNITIES = 3
# How sharply shares follow likeness.
SHARPNESS = 3.0

# What a member who declared a level is called.
MEMBERS = {
    "core": tell("core member"), "active": tell("active member"), "occasional": tell("occasional member"),
    "peripheral": tell("peripheral member"), "": tell("member"),
}  # fmt: skip

# What a membership says of experience, by declared engagement (matcher.spells.ENGAGEMENTS; the first:
# unstated).
ENGAGEMENT_VALUES: FloatArray = np.array([0.4, 0.1, 0.3, 0.6, 1.0], dtype=np.float32)
# What a long membership says more than a new one of the same level, and after how many years it says no more.
SENIORITY, SENIOR_YEARS = 0.2, 5
TOP_LEVEL = 5
UNSTATED_LEVEL = 3

DEFAULT_LIMIT = 5
LEFT = "left"
FROM_OUTSIDE = "from_outside"
REPORTING_LINE = "reporting_line"
DISMISSED = "dismissed"
OUT_OF_CAPACITY = "out_of_capacity"
GRADE_GAP = "grade_gap"


@dataclass(frozen=True)
class Helper:
    person_id: str
    name: str
    score: float
    contributions: tuple[Contribution, ...]

    @property
    def reasons(self) -> list[Sentence]:
        return [part.reason.text for part in self.contributions if part.reason]


@dataclass(frozen=True)
class HelperList:
    """`set_aside`: rule to how many people with evidence it ruled out. Who opted out or paused is never counted, and
    no number below five is given. `communities`: those the question was taken to belong to, with their
    share."""

    results: tuple[Helper, ...]
    set_aside: Mapping[str, int]
    communities: Mapping[str, float]


@dataclass(frozen=True)
class Scored:
    """Everybody as to one question: `scores` float [people], the sum of the weighted `families`, and of the values of
    the adjustments times what is `at_stake` (float [people]); `possible` bool [people], who has evidence and may be
    asked; `set_aside` how many each rule took; `shares` as in communities_of."""

    scores: FloatArray
    possible: BoolArray
    set_aside: Mapping[str, int]
    families: tuple[Evidence, ...]
    at_stake: tuple[tuple[Evidence, FloatArray], ...]
    shares: Mapping[int, float]


def help_for(
    evidence: HelpEvidence,
    text: str,
    *,
    asker: str | None,
    visible: BoolArray,
    community: str | None = None,
    limit: int = DEFAULT_LIMIT,
    vector: FloatArray | None = None,
    dismissed: Collection[str] = (),
) -> HelperList:
    """Who can help with the question `text`, the best first, at most `limit`, each with reasons; the rest as for
    `scored`."""
    found = scored(
        evidence, text, asker=asker, visible=visible, community=community, vector=vector, dismissed=dismissed
    )  # fmt: skip
    return best(evidence, found, limit)


def best(evidence: HelpEvidence, found: Scored, limit: int) -> HelperList:
    """The first `limit` of those who were scored."""
    rows = best_rows(found.scores, found.possible, limit)  # rows are in the order of ids
    return HelperList(
        results=tuple(explained(evidence, found, row) for row in rows),
        set_aside={rule: count for rule, count in found.set_aside.items() if count >= SMALLEST_COUNT},
        communities={evidence.snapshot.communities[row].id: share for row, share in found.shares.items()},
    )


def scored(
    evidence: HelpEvidence,
    text: str,
    *,
    asker: str | None,
    visible: BoolArray,
    community: str | None = None,
    vector: FloatArray | None = None,
    dismissed: Collection[str] = (),
    outside: bool = False,
) -> Scored:
    """What speaks for each person as a helper with the question `text`, and whether they may be asked.

    `asker` is the id of the person who asks and reads the answer, None for somebody unknown; `visible` which
    communities they may see (bool [communities], see Snapshot.visible_to); `community` the id of the one the question
    belongs to, inferred from the text where it is None or not visible; `vector` the embedding of `text`;
    `dismissed` ids of people whom the asker does not want suggested. `outside`: people of other organisations are
    scored, and nobody else; without it they are left out, since what is asked would go to them.
    """
    people = evidence.snapshot.people
    words = tokens(text)
    usable = evidence.usable(asker, visible)
    likeness = likeness_of(evidence, usable, words, vector)
    shares = communities_of(evidence, visible, words, likeness, community)
    families = (
        _habit(evidence, usable, shares),
        _similar(evidence, likeness),
        _again(evidence, usable, asker),
        _skills(evidence, words),
        _membership(evidence, shares),
    )
    points = {family.name: np.float32(WEIGHTS[family.name]) * family.values for family in families}
    evident = np.zeros(len(people.ids), dtype=np.float32)
    for family in families:
        evident += points[family.name]
    myself = people.row.get(asker or "")
    apart = distance.grades_apart(evidence.snapshot, myself)
    of_advice = points[HABIT] + points[SIMILAR] + points[AGAIN]
    at_stake = [
        (one, np.float32(STAKES[one.name]) * (of_advice if one.name in ABOUT_ADVICE else evident))
        for one in _adjustments(evidence, usable, myself, apart)
    ]
    scores = evident.copy()
    for one, stake in at_stake:
        scores += stake * one.values
    possible = evident > 0
    if myself is not None:
        possible[myself] = False
    aside: Counter[str] = Counter()

    def set_aside(rule: str, ruled_out: BoolArray) -> None:
        nonlocal possible
        aside[rule] = int((possible & ruled_out).sum())
        possible &= ~ruled_out

    set_aside(LEFT, people.gone)
    if outside:
        # To be in a community is no expertise: what they know, or advised on, has to speak for them.
        possible &= people.external & (of_advice + points[SKILLS] > 0)
    else:
        set_aside(FROM_OUTSIDE, people.external)
    set_aside(REPORTING_LINE, _these(people, reporting_line(evidence.snapshot, asker)))
    # Not counted: the number would tell who opted out.
    possible &= people.open_to_help & people.recommendable & ~people.paused
    set_aside(DISMISSED, _these(people, (people.row[one] for one in dismissed if one in people.row)))
    set_aside(OUT_OF_CAPACITY, requests.room(evidence) <= 0)
    if not outside:  # a grade elsewhere is none of the ladder here
        set_aside(GRADE_GAP, np.abs(np.nan_to_num(apart)) > distance.MOST_GRADES_APART)
    return Scored(scores, possible, aside, families, tuple(at_stake), shares)


def _these(people: People, rows: Iterable[int]) -> BoolArray:
    """bool [people], true for those rows."""
    found = np.zeros(len(people.ids), dtype=np.bool_)
    found[list(rows)] = True
    return found


def _adjustments(
    evidence: HelpEvidence, usable: BoolArray, asker: int | None, apart: FloatArray
) -> tuple[Evidence, ...]:
    """What changes the points of evidence by a share, see STAKES; each value is 0 where nothing is known."""
    snapshot = evidence.snapshot
    return (
        outcomes.measure(evidence, usable),
        requests.answered(evidence),
        requests.willing(evidence),
        requests.load(evidence),
        distance.unit(snapshot, asker),
        distance.grade(snapshot, apart),
        reach.language(snapshot, asker),
        reach.hours(snapshot, asker),
    )


def reporting_line(snapshot: Snapshot, asker: str | None) -> frozenset[int]:
    """Rows of all who are above or below the asker, however far; loops in the data do no harm."""
    start = snapshot.people.row.get(asker or "")
    return frozenset[int]() if start is None else snapshot.people.line_of(start)


def communities_of(
    evidence: HelpEvidence, visible: BoolArray, words: Sequence[str], likeness: FloatArray, community: str | None
) -> dict[int, float]:
    """Rows of the communities that the question belongs to, with shares that sum to 1 (none: empty).

    A given community has it all. Else: where similar questions were asked, and whose domain text is close.
    """
    given = evidence.snapshot.row.get(community or "")
    if given is not None and visible[given]:
        return {given: 1.0}
    by_domain = evidence.snapshot.lexical.narrowed(visible).similarity(words) * visible
    placed = evidence.communities >= 0
    by_question = np.bincount(evidence.communities[placed], likeness[placed] ** 2, minlength=len(by_domain))
    total = np.zeros(len(by_domain), dtype=np.float32)
    for part in (by_domain, by_question):
        if len(part) and part.max() > 0:
            total += part / part.max()
    best = [int(place) for place in np.argsort(-total, kind="stable")[:INFERRED_COMMUNITIES] if total[place] > 0]
    powers = {place: float(total[place]) ** SHARPNESS for place in best}
    return {place: power / sum(powers.values()) for place, power in powers.items()}


def likeness_of(
    evidence: HelpEvidence, usable: BoolArray, words: Sequence[str], vector: FloatArray | None
) -> FloatArray:
    """Of the text to each earlier question, float32 [questions], 0 to 1; 0 for those that are not usable."""
    lexical = evidence.lexical.narrowed(usable).similarity(words) * usable
    if evidence.vectors is None or vector is None:
        return lexical
    dense = np.maximum(evidence.vectors @ vector - DENSE_FLOOR, 0) / (1 - DENSE_FLOOR) * usable
    return ((1 - DENSE) * lexical + DENSE * dense).astype(np.float32)


def _decay(age: FloatArray, half_life: float) -> FloatArray:
    return np.power(np.float32(0.5), age / np.float32(half_life))


def _saturate(amounts: NDArray[np.floating], half: float) -> FloatArray:
    return (amounts / (amounts + half)).astype(np.float32)


def _summed(evidence: HelpEvidence, amounts: NDArray[np.floating]) -> NDArray[np.float64]:
    """Amounts by piece of advice, summed by person."""
    summed = np.bincount(evidence.advice.helper, weights=amounts, minlength=len(evidence.snapshot.people.ids))
    return summed.astype(np.float64)


def _similar(evidence: HelpEvidence, likeness: FloatArray) -> Evidence:
    """Earlier advice on similar questions: the squares of likeness, decayed, summed, saturated."""
    table = evidence.advice
    amounts = likeness[table.question] ** 2 * _decay(table.age, KNOWLEDGE_HALF_LIFE)

    def reason(person: int) -> Reason | None:
        mine = np.flatnonzero((table.helper == person) & (likeness[table.question] >= WORTH_SAYING))
        if not len(mine):
            return None
        number = len(set(table.question[mine].tolist()))
        text = tell_n(
            "advised on a similar question, %(question)s",
            "advised on %(num)d similar questions, the latest %(question)s",
            number, question=_titled(evidence, mine),
        )  # fmt: skip
        return Reason(text, _advice_path(evidence, person, mine))

    return Evidence(SIMILAR, _saturate(_summed(evidence, amounts), SIMILAR_HALF), reason)


def _habit(evidence: HelpEvidence, usable: BoolArray, shares: Mapping[int, float]) -> Evidence:
    """Advice on any question of the community, decayed faster, summed, saturated."""
    table = evidence.advice
    # The two entries behind the communities stand for UNKNOWN and NOWHERE, which index from the end.
    by_community = np.zeros(len(evidence.snapshot.communities) + 2, dtype=np.float32)
    by_community[list(shares)] = list(shares.values())
    share_of = by_community[evidence.communities] * usable
    amounts = share_of[table.question] * _decay(table.age, HABIT_HALF_LIFE)

    def reason(person: int) -> Reason | None:
        mine = np.flatnonzero((table.helper == person) & (share_of[table.question] > 0))
        if not len(mine):
            return None
        where = set(evidence.communities[table.question[mine]].tolist())
        names = [evidence.snapshot.communities[c].name for c in shares if c in where]
        number = len(set(table.question[mine].tolist()))
        text = tell_n(
            "advised on a question in %(names)s", "advised on %(num)d questions in %(names)s", number,
            names=listed(names),
        )  # fmt: skip
        if latest := max(table.day[int(m)] for m in mine)[:7]:
            text = tell("%(advised)s, most recently in %(month)s", advised=text, month=latest)
        return Reason(text, _advice_path(evidence, person, mine))

    return Evidence(HABIT, _saturate(_summed(evidence, amounts), HABIT_HALF), reason)


def _again(evidence: HelpEvidence, usable: BoolArray, asker: str | None) -> Evidence:
    """Advice to the same asker before: they know each other's ground."""
    table = evidence.advice
    own = (evidence.asked_by(asker) & usable).astype(np.float32)
    amounts = own[table.question] * _decay(table.age, KNOWLEDGE_HALF_LIFE)

    def reason(person: int) -> Reason | None:
        mine = np.flatnonzero((table.helper == person) & (own[table.question] > 0))
        if not len(mine):
            return None
        return Reason(
            tell("advised you before, on %(question)s", question=_titled(evidence, mine)),
            _advice_path(evidence, person, mine),
        )

    return Evidence(AGAIN, _saturate(_summed(evidence, amounts), HABIT_HALF), reason)


def _skills(evidence: HelpEvidence, words: Sequence[str]) -> Evidence:
    """Skills that the text names, by level, summed, saturated."""
    people = evidence.snapshot.people
    amounts = np.zeros(len(people.ids), dtype=np.float32)
    asked = evidence.skills_in(words)
    for place in asked:
        rows, levels = evidence.holding(place)
        np.add.at(amounts, rows, np.where(levels > 0, levels, UNSTATED_LEVEL).astype(np.float32) / TOP_LEVEL)

    def reason(person: int) -> Reason | None:
        held: list[tuple[float, str, str, int]] = []
        for place in asked if amounts[person] > 0 else ():
            rows, levels = evidence.holding(place)
            for level in levels[rows == person]:
                skill = evidence.holders[place]
                held.append((float(level or UNSTATED_LEVEL), skill.name, skill.skill_id, int(level)))
        if not held:
            return None
        strongest = sorted(held, key=lambda entry: (-entry[0], entry[1]))
        named = [
            tell("%(skill)s at level %(level)d", skill=name, level=level) if level else name
            for _, name, _, level in strongest
        ]
        person_node = Node("Person", people.ids[person])
        path = tuple(Step(person_node, "HAS_SKILL", Node("Skill", skill_id)) for _, _, skill_id, _ in strongest)
        text = tell_n("holds the skill %(names)s", "holds the skills %(names)s", len(named), names=listed(named))
        return Reason(text, path)

    return Evidence(SKILLS, _saturate(amounts, SKILL_HALF), reason)


def _membership(evidence: HelpEvidence, shares: Mapping[int, float]) -> Evidence:
    """The largest of: share of a matching community, times what engagement or a role in it, and for how long, say."""
    snapshot = evidence.snapshot
    spells = snapshot.spells
    values = np.zeros(len(snapshot.people.ids), dtype=np.float32)
    said: dict[int, FloatArray] = {}  # by community: what each of its spells says
    for community, share in shares.items():
        span = spells.of(community)
        level = np.where(spells.in_a_role[span], np.float32(1), ENGAGEMENT_VALUES[spells.engagement[span]])
        if snapshot.as_of is not None:
            level *= spells.joined[span] > 0  # an undated membership is today's roster: in a replay it would be a leak
        said[community] = np.float32(share) * level * _seniority(spells.joined[span], snapshot.day)
        np.maximum.at(values, spells.person[span], said[community])

    def reason(person: int) -> Reason | None:
        theirs = [
            (float(strengths[place]), int(spells.start[community]) + int(place))
            for community, strengths in said.items()
            for place in np.flatnonzero(spells.person[spells.of(community)] == person)
        ]
        strength, spell = max(theirs, key=lambda entry: entry[0], default=(0.0, 0))
        if strength <= 0:
            return None
        community = snapshot.communities[int(spells.community[spell])]
        role, engagement = spells.role[spell], ENGAGEMENTS[int(spells.engagement[spell])]
        step = Step(Node("Person", snapshot.people.ids[person]), "MEMBER_OF", Node("Community", community.id))
        since = int(spells.joined[spell]) // 10_000
        text = (
            tell("%(role)s of %(name)s", role=role, name=community.name)
            if role
            else tell("%(member)s of %(name)s", member=MEMBERS[engagement], name=community.name)
        )
        return Reason(tell("%(what)s since %(year)d", what=text, year=since) if since else text, (step,))

    return Evidence(MEMBERSHIP, values, reason)


def _seniority(joined: IntArray, day: str) -> FloatArray:
    """From 1 - SENIORITY for who joined today to 1 after SENIOR_YEARS; the middle where that is not known."""
    years = int(day[:4]) - joined // 10_000 + (int(day[5:7] or 1) - joined // 100 % 100) / 12
    tenure = np.where(joined > 0, np.clip(years / SENIOR_YEARS, 0, 1), 0.5)
    return (1 - SENIORITY * (1 - tenure)).astype(np.float32)


def _titled(evidence: HelpEvidence, pieces: NDArray[np.intp]) -> Sentence:
    """`'X' in 2023-05` for the latest of those pieces of advice."""
    table = evidence.advice
    latest = max((int(piece) for piece in pieces), key=lambda piece: (table.day[piece], table.id[piece]))
    question = evidence.questions[int(table.question[latest])]
    title = question.title or question.text[:60]
    if not table.day[latest]:
        return tell("'%(title)s'", title=title)
    return tell("'%(title)s' in %(month)s", title=title, month=table.day[latest][:7])


def _advice_path(evidence: HelpEvidence, person: int, pieces: NDArray[np.intp]) -> tuple[Step, ...]:
    helper = Node("Person", evidence.snapshot.people.ids[person])
    path: list[Step] = []
    for piece in pieces:
        given = Node("Advice", evidence.advice.id[int(piece)])
        question = Node("Question", evidence.questions[int(evidence.advice.question[piece])].id)
        path += [Step(helper, "GAVE", given), Step(given, "ANSWERS", question)]
    return tuple(path)


def explained(evidence: HelpEvidence, found: Scored, row: int) -> Helper:
    """The person of that row, with what each family adds and why, the strongest reason first."""
    contributions = [_contribution(family, WEIGHTS[family.name], row) for family in found.families]
    # An adjustment of which nothing is known changes nothing and says nothing.
    contributions += [
        _contribution(one, float(stake[row]), row)
        for one, stake in found.at_stake
        if one.values[row] or one.reason(row)
    ]
    contributions.sort(key=lambda part: (part.reason is None, -part.points))
    people = evidence.snapshot.people
    return Helper(people.ids[row], people.names[row], sum(part.points for part in contributions), tuple(contributions))


def _contribution(family: Evidence, weight: float, row: int) -> Contribution:
    value = float(family.values[row])
    return Contribution(family.name, value, weight, weight * value, family.reason(row))
