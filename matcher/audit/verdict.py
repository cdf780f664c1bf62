"""From evidence on pairs to the probability that they are of one domain, and to a verdict."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matcher.audit.evidence import ALIKE, CROWDED, MEANING, SHORT_FORM, SPELLING, WORDS, WORDS_IN_TEXT, Shared

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

# Columns that rest on a name.
OF_NAMES = (*range(MEANING), *(len(ALIKE) + at for at, column in enumerate(CROWDED) if column < MEANING))

Verdict = Literal["duplicate", "contained_in", "overlapping", "complementary", "same_name_only"]


@dataclass(frozen=True)
class TextWeights:
    """Log-odds are the sum of slope times what a value is beyond its neutral point, each in the order of TEXT. The
    neutral point lies `beyond` the mean of near pairs of different domains, `others`: there the odds are what they were
    before. So what is not known says nothing."""

    slopes: tuple[float, ...]
    others: tuple[float, ...]
    beyond: tuple[float, ...]


# Learned by `python -m tests.bench.same_domain --train` from github/explore (CC-BY-4.0): aliases of topics against the
# topic and the twenty nearest others. NAMED is for pairs of which one is a bare name, DESCRIBED for two with a text:
# there names are not held against texts, for the texts against each other say it better. DESCRIBED is learned from all
# topics as one catalogue and from catalogues of near ones: where all are near, vectors tell less and words more.
NAMED = TextWeights(
    slopes=(1.97, 5.42, 2.91, 10.45, 4.64, 0.00, 0.00, -3.09, -10.51, -5.56, 0.00, 0.00),
    others=(0.12, 0.00, 0.33, 0.28, 0.04, 0.00, 0.00, 0.52, 0.42, 0.17, 0.00, 0.00),
    beyond=(0.10, 0.04, 0.10, 0.08, 0.04, 0.00, 0.00, 0.01, 0.01, 0.00, 0.00, 0.00),
)
DESCRIBED = TextWeights(
    slopes=(1.95, 6.56, 5.24, 0.00, 0.00, 12.30, 13.14, -7.08, 0.00, 0.00, -13.13, -11.44),
    others=(0.07, 0.00, 0.26, 0.00, 0.00, 0.39, 0.07, 0.47, 0.00, 0.00, 0.54, 0.19),
    beyond=(0.11, 0.04, 0.12, 0.00, 0.00, 0.10, 0.08, 0.00, 0.00, 0.00, 0.00, 0.00),
)

# Learned by the same command from ESCO's skills (v1.1.1, European Commission, CC-BY-4.0): alternative labels against
# the preferred ones of the skill and of the twenty nearest others. For two bare names, which have to say it all.
BARE = TextWeights(
    slopes=(1.98, 8.08, 18.06, 0.00, 0.00, 0.00, 0.00, -19.18, 0.00, 0.00, 0.00, 0.00),
    others=(0.38, 0.00, 0.49, 0.00, 0.00, 0.00, 0.00, 0.68, 0.00, 0.00, 0.00, 0.00),
    beyond=(0.11, 0.00, 0.14, 0.00, 0.00, 0.00, 0.00, 0.01, 0.00, 0.00, 0.00, 0.00),
)

# How alike the texts of near but different domains are differs between catalogues: encyclopedic texts share many words,
# communities that speak of themselves few. As most pairs that are compared are of different domains, their mean is
# taken for it; so many pairs count as much as what was learned elsewhere. How near others are to two is the same
# whether these are of one domain or not, so few pairs tell what is usual.
LEVEL_PAIRS, LEVEL_AROUND = 50.0, 5.0


def levelled(values: FloatArray, weights: TextWeights = DESCRIBED) -> TextWeights:
    """The weights with `others` moved towards the mean of these pairs [pairs, TEXT], most of which are none."""
    described = values[~np.isnan(values[:, WORDS])]
    known = (~np.isnan(described)).sum(axis=0)
    learned = np.repeat([LEVEL_PAIRS, LEVEL_AROUND], [len(ALIKE), len(CROWDED)])
    sums = np.nan_to_num(described).sum(axis=0) + learned * np.asarray(weights.others)
    return replace(weights, others=tuple((sums / (known + learned)).tolist()))


def text_log_odds(
    values: FloatArray, described: TextWeights, named: TextWeights = NAMED, bare: TextWeights = BARE
) -> FloatArray:
    """float32 [pairs] from text evidence [pairs, TEXT] (NaN: not known), by the weights for two texts, for one, or for
    none beside the names."""

    def summed(weights: TextWeights) -> FloatArray:
        neutral = np.asarray(weights.others) + np.asarray(weights.beyond)
        return np.asarray(np.nan_to_num(values - neutral) @ np.asarray(weights.slopes), dtype=np.float32)

    both, one = (~np.isnan(values[:, column]) for column in (WORDS, WORDS_IN_TEXT))
    return np.where(both, summed(described), np.where(one, summed(named), summed(bare)))


# What else is known adds log-odds of its own. No public pairs have members, skills and questions, so these slopes are
# set by hand, looking at the demo organisation, and wait for people's decisions to be learned from. A value at its
# neutral point says nothing; each kind is kept within its bounds, and says less against than for: two groups that grew
# up apart share no member for being of one domain, nor a question.
SKILLS, SKILLS_NEUTRAL, SKILLS_BOUNDS = 8.0, 0.15, (-1.0, 2.5)
MEMBERS, MEMBERS_NEUTRAL, MEMBERS_BOUNDS = 6.0, 0.15, (-1.0, 3.0)
TALK, TALK_NEUTRAL, TALK_BOUNDS = 8.0, 0.1, (-0.5, 1.5)

# Two groups that grew up apart word one domain each in its own way, and may both be near to others: so texts too say
# less against than for, approaching this.
TEXT_AGAINST = 1.0

# The cosine of words, set by eye, below which two of one name may have no more in common than that; a model tells more.
NAME_IN_WORDS = 0.3

# A community is a unit under whatever name if it is the same people, most of each of the two; texts say half as much
# as between communities, for what a unit does is also what its people talk about.
UNIT_PEOPLE, UNIT_PEOPLE_NEUTRAL, UNIT_PEOPLE_BOUNDS = 25.0, 0.6, (-3.0, 5.0)
UNIT_TEXT = 0.5

# How many of the pairs that are looked at are of one domain, before anything is known of them.
PRIOR = 0.05

LIKELY = 0.5

# Within the other: nearly all of the one is there, and it is the lesser part of the other.
WITHIN, LESSER = 0.8, 0.5
# Names that are one: the same letters, or a short form.
ONE_NAME, ONE_SHORT_FORM = 0.8, 0.7
# What makes two overlap that are not of one domain: this much above chance of the smaller one's members, or of the
# skills.
SHARED_MEMBERS, SHARED_SKILLS = 0.25, 0.35
# Hardly anything in common beside the name.
UNSHARED = 0.1


KINDS = ("text", "skills", "members", "talk")


@dataclass(frozen=True)
class Calibration:
    """What an organisation's own decisions make of the evidence: a weight for the log-odds of each kind, and what is
    added to the level. As it stands, nothing is changed."""

    text: float = 1.0
    skills: float = 1.0
    members: float = 1.0
    talk: float = 1.0
    level: float = 0.0


SHIPPED = Calibration()


@dataclass(frozen=True)
class Odds:
    """Log-odds by kind of evidence, float32 [pairs] each, and the probability that follows."""

    text: FloatArray
    skills: FloatArray
    members: FloatArray
    talk: FloatArray
    level: float = 0.0

    @property
    def probability(self) -> FloatArray:
        total = np.log(PRIOR / (1 - PRIOR)) + self.level + self.text + self.skills + self.members + self.talk
        return np.asarray(1 / (1 + np.exp(-total)), dtype=np.float32)

    def calibrated(self, by: Calibration) -> "Odds":
        return Odds(
            self.text * by.text, self.skills * by.skills, self.members * by.members, self.talk * by.talk, by.level
        )


def odds(values: FloatArray, described: TextWeights, skills: FloatArray, members: FloatArray, talk: FloatArray) -> Odds:
    """Of text evidence [pairs, TEXT] and the amounts of the other kinds [pairs]; NaN: not known."""
    return Odds(
        restrained(text_log_odds(values, described)),
        _said(skills, SKILLS, SKILLS_NEUTRAL, SKILLS_BOUNDS),
        _said(members, MEMBERS, MEMBERS_NEUTRAL, MEMBERS_BOUNDS),
        _said(talk, TALK, TALK_NEUTRAL, TALK_BOUNDS),
    )


def restrained(text: FloatArray) -> FloatArray:
    """Log-odds of texts, float32 [pairs], with what speaks against held above -TEXT_AGAINST, in the same order."""
    return np.where(text < 0, TEXT_AGAINST * np.expm1(np.minimum(text, 0) / TEXT_AGAINST), text).astype(np.float32)


def unit_odds(values: FloatArray, described: TextWeights, people: FloatArray) -> Odds:
    """The same of communities and units: `people` is what they share of the larger of the two."""
    text = (UNIT_TEXT * text_log_odds(values, described)).astype(np.float32)
    nothing = np.zeros_like(text)
    said = _said(people, UNIT_PEOPLE, UNIT_PEOPLE_NEUTRAL, UNIT_PEOPLE_BOUNDS)
    return Odds(text, nothing, said, nothing)


def _said(amount: FloatArray, slope: float, neutral: float, bounds: tuple[float, float]) -> FloatArray:
    return np.nan_to_num(np.clip(slope * (amount - neutral), *bounds)).astype(np.float32)


@dataclass(frozen=True)
class Judged:
    """`within`: for `contained_in`, which of the two lies within the other, 0 the first, 1 the second."""

    verdict: Verdict
    probability: float
    within: int = 0


def judge(
    values: FloatArray,
    described: TextWeights,
    found: Odds,
    skills: Shared,
    members: Shared,
    amounts: tuple[FloatArray, FloatArray],
    calibration: Calibration = SHIPPED,
) -> list[Judged]:
    """For each pair the verdict and the probability that both are of one domain; `amounts` are those of skills and
    members that `found` rests on. Of those that have no more than the name in common the name counts for nothing.
    `found` is calibrated already, by `calibration`."""
    probability = found.probability
    without_names = nameless(values)
    namesakes = _same_name_only(values, without_names, described, amounts)
    without = replace(found, text=restrained(text_log_odds(without_names, described)) * calibration.text).probability
    result: list[Judged] = []
    for pair in range(len(values)):
        if namesakes[pair]:
            result.append(Judged("same_name_only", float(min(without[pair], probability[pair]))))
            continue
        inner = _within(skills if np.isnan(members.count[pair]) else members, pair)
        sure = float(probability[pair])
        if sure < LIKELY:
            overlap = amounts[0][pair] >= SHARED_SKILLS or amounts[1][pair] >= SHARED_MEMBERS  # NaN is not
            result.append(Judged("overlapping" if overlap else "complementary", sure))
        else:
            result.append(Judged("duplicate", sure) if inner is None else Judged("contained_in", sure, inner))
    return result


def _within(shared: Shared, pair: int) -> int | None:
    """Which of the two lies within the other, as the lesser part of it."""
    return lesser(float(shared.of_one[pair]), float(shared.of_other[pair]))


def lesser(of_one: float, of_other: float) -> int | None:
    """Which of two lies within the other, 0 the first, 1 the second, by the share of each that the other has too."""
    sides = of_one, of_other
    inner = 0 if of_one >= of_other else 1
    return inner if sides[inner] >= WITHIN and sides[1 - inner] <= LESSER else None


def nameless(values: FloatArray) -> FloatArray:
    """The evidence without what rests on names."""
    found = values.copy()
    found[:, OF_NAMES] = np.nan
    return found


def _same_name_only(
    values: FloatArray, nameless: FloatArray, described: TextWeights, amounts: tuple[FloatArray, FloatArray]
) -> BoolArray:
    """Which pairs have one name and, as far as anything else is known, hardly anything else in common: bool [pairs].
    Where names alone are known they are not held to be of other domains."""
    one_name = (values[:, SPELLING] >= ONE_NAME) | (values[:, SHORT_FORM] >= ONE_SHORT_FORM)
    known = ~np.isnan(nameless).all(axis=1)
    # A name is a part of its text: of two that have it in common and nothing else the words are as near as this.
    by_name = np.isnan(nameless[:, MEANING]) & (nameless[:, WORDS] < NAME_IN_WORDS)
    in_common = (text_log_odds(nameless, described) > 0) & ~by_name
    for amount in amounts:
        known |= ~np.isnan(amount)
        in_common |= amount >= UNSHARED
    return one_name & known & ~in_common
