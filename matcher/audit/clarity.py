"""Which communities are unclear: can people tell from the text whether they belong?

Six kinds of evidence, each as points that add up; what is not known adds none: whether anybody finds themselves in the
text, whether it tells members from others, whether a neighbour's text fits its members better, whether it says for whom
it is, what it speaks of, how it reads.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.models import Community
from graph.sentences import Sentence, joined, per_cent, tell, tell_n
from graph.text import tokens
from matcher.audit.attraction import Attraction
from matcher.audit.breadth import MEMBERS_WITH_PROFILE, PEOPLE_WITH_PROFILE
from matcher.audit.measured import Measured
from matcher.audit.people import Profiles
from matcher.audit.readability import is_english, process_share, reading_ease
from matcher.audit.subject import Subject
from matcher.lexical import claimed, terms

IntArray = NDArray[np.int32]

# Points are log-odds: slope times what a value is beyond its neutral point, within bounds. Set by hand, as those of
# breadth are; one in ten is unclear before anything is known.
PRIOR = 0.1
FLAGGED = 0.5
PULL, PULL_BOUNDS = 1.5, (-1.0, 1.8)
AUC, AUC_NEUTRAL, AUC_BOUNDS = -4.0, 0.75, (-1.0, 1.0)
BETTER, BETTER_NEUTRAL, BETTER_BOUNDS = 3.0, 0.4, (-0.5, 1.0)
NO_AUDIENCE = 0.6
SUBJECTS, SUBJECTS_BOUNDS = -3.0, (-0.5, 0.6)
PROCESS, PROCESS_NEUTRAL, PROCESS_BOUNDS = 4.0, 0.2, (0.0, 1.2)
JARGON, JARGON_BOUNDS = 2.0, (-0.3, 0.5)
READING, READING_BOUNDS = 0.02, (0.0, 0.5)
SHORT_BOUNDS = (0.0, 1.5)

# Different telling words from which on a text says enough to be judged.
ENOUGH_WORDS = 10
# Below is very difficult by the formula's own table; of fewer words it is chance.
DIFFICULT, WORDS_TO_READ = 30.0, 20
# A catalogue of fewer communities, or fewer words that name subjects in it, tells nothing of what is usual.
USUAL_OF, VOCABULARY = 10, 50
# Others use a word if so large a share of profiles does.
USED = 0.01
# Words of its own that are shown.
SHOWN = 5


@dataclass(frozen=True)
class Pull:
    """`fit` of the ten people whom the text fits best, on the mean; `median` over communities."""

    points: float
    fit: float
    median: float


@dataclass(frozen=True)
class Recognition:
    """`auc`: how likely the text fits one of its `members` better than somebody who is not in it."""

    points: float
    auc: float
    members: int


@dataclass(frozen=True)
class Ambiguity:
    """`share` of its members are not in the neighbour (id, name) whose text fits them better than its own, each beside
    how it fits everybody."""

    points: float
    share: float
    members: int
    neighbour: tuple[str, str]


@dataclass(frozen=True)
class Audience:
    """`stated`: it says for whom it is, as `usual` of the communities do."""

    points: float
    stated: bool
    usual: float


@dataclass(frozen=True)
class Wording:
    """Of the different telling words of its text: their number, the shares that name `subjects` of the organisation
    (skills, topics, units, other communities), that say how it sits together (`process`) and that hardly anybody else
    uses, or its own glossary alone, unless that explains them (`jargon`, some in `own`; `usual_jargon` is the median).
    `ease` is Flesch's; below `hard` a text is hard to read even beside the others. None: not known, or not English."""

    points: float
    words: int
    subjects: float | None
    process: float | None
    jargon: float | None
    own: tuple[str, ...]
    ease: float | None
    usual_jargon: float
    hard: float


@dataclass(frozen=True)
class Clarity:
    """None for what is not known: it did not count."""

    pull: Pull | None
    recognition: Recognition | None
    ambiguity: Ambiguity | None
    audience: Audience | None
    wording: Wording


def clarity(
    subject: Subject, profiles: Profiles, attracted: Attraction, pairs: tuple[IntArray, IntArray]
) -> tuple[Measured[Clarity], ...]:
    """Every community that is compared, the least clear first. `pairs` are those that are looked at closely."""
    known = attracted.profiled >= PEOPLE_WITH_PROFILE and not np.isnan(attracted.line)
    median = float(np.median(attracted.pull)) if known else 0.0
    stated = [bool((one.audience or "").strip()) for one in subject.communities]
    usual = float(np.mean(stated)) if stated else 0.0
    ambiguous = _ambiguous(subject, profiles, attracted, pairs) if known else {}
    wording = _wordings(subject, profiles)
    found: list[Measured[Clarity]] = []
    for row, community in enumerate(subject.communities):
        pull = recognition = None
        if known:
            fit = float(attracted.pull[row])
            points = PULL * float(np.log(max(median, 1e-3) / max(fit, 1e-3)))
            pull = Pull(float(np.clip(points, *PULL_BOUNDS)), fit, median)
        members, auc = int(attracted.members[row]), float(attracted.auc[row])
        if known and members >= MEMBERS_WITH_PROFILE and not np.isnan(auc):
            recognition = Recognition(float(np.clip(AUC * (auc - AUC_NEUTRAL), *AUC_BOUNDS)), auc, members)
        audience = Audience(0.0 if stated[row] else NO_AUDIENCE * usual, stated[row], usual) if usual >= 0.5 else None
        evidence = Clarity(pull, recognition, ambiguous.get(row), audience, wording[row])
        kinds = (pull, recognition, evidence.ambiguity, audience, evidence.wording)
        total = np.log(PRIOR / (1 - PRIOR)) + sum(one.points for one in kinds if one is not None)
        score = float(1 / (1 + np.exp(-total)))
        found.append(Measured(community.id, community.name, score, score >= FLAGGED, evidence, _reasons(evidence)))
    return tuple(sorted(found, key=lambda one: (-one.score, one.id)))


def _ambiguous(
    subject: Subject, profiles: Profiles, attracted: Attraction, pairs: tuple[IntArray, IntArray]
) -> dict[int, Ambiguity]:
    """By row of a community with enough members: the neighbour that draws most of them."""
    near: dict[int, set[int]] = {}
    for one, other in zip(pairs[0].tolist(), pairs[1].tolist(), strict=True):
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    found: dict[int, Ambiguity] = {}
    indptr, indices = subject.members.indptr, subject.members.indices
    for row, neighbours in near.items():
        members = indices[indptr[row] : indptr[row + 1]]
        members = members[profiles.known[members]]
        if len(members) < MEMBERS_WITH_PROFILE:
            continue
        others = sorted(neighbours)
        texts = [row, *others]
        # A text of common words fits everybody: what counts is how much better than others.
        spread = np.maximum(attracted.deviation[texts], 1e-6)
        fits = (profiles.fits_among(members, texts) - attracted.mean[texts]) / spread
        outside = np.stack([~np.isin(members, indices[indptr[at] : indptr[at + 1]]) for at in others], axis=1)
        shares = ((fits[:, 1:] > fits[:, :1]) & outside).mean(axis=0)
        best = int(shares.argmax())
        share, at = float(shares[best]), others[best]
        points = float(np.clip(BETTER * (share - BETTER_NEUTRAL), *BETTER_BOUNDS))
        found[row] = Ambiguity(points, share, len(members), (subject.ids[at], subject.names[at]))
    return found


def _wordings(subject: Subject, profiles: Profiles) -> list[Wording]:
    texts = [claimed(one.domain) for one in subject.communities]
    documents = [tokens(text) for text in texts]
    words = [set(terms(document)) for document in documents]
    named = [
        {term for part in (one.name, *one.topics, *one.skill_names) for term in terms(tokens(part))}
        for one in subject.communities
    ]
    naming = Counter(term for some in named for term in some)
    elsewhere = {term for unit in subject.facts.units for term in terms(tokens(unit.name))}
    elsewhere |= {term for skill in subject.facts.holders.values() for term in terms(tokens(skill.name))}
    telling = len(texts) >= USUAL_OF
    subjects: list[float | None] = [None] * len(texts)
    jargon: list[float | None] = [None] * len(texts)
    own: list[list[str]] = [[] for _ in texts]
    if telling and len(naming.keys() | elsewhere) >= VOCABULARY:
        subjects = [
            sum(term in elsewhere or naming[term] > (term in named[row]) for term in some) / len(some) if some else None
            for row, some in enumerate(words)
        ]
    if telling:
        used = Counter(term for some in words for term in some)
        people = Counter(term for text in profiles.texts if text.strip() for term in set(terms(tokens(text))))
        least = USED * int(profiles.known.sum())
        spelt = [{term for term in some if not any(map(str.isdigit, term))} for some in words]
        # What it says most often first: that is what a reader has to know.
        often = [Counter(terms(document)) for document in documents]
        own = [
            sorted(
                (
                    term
                    for term in some
                    if term not in explained and (term in strange or (used[term] == 1 and people[term] <= least))
                ),
                key=lambda t: (-count[t], t),
            )
            for some, count, (strange, explained) in zip(spelt, often, map(_glossary, subject.communities), strict=True)
        ]
        jargon = [len(mine) / len(some) if some else None for mine, some in zip(own, spelt, strict=True)]
    english = [is_english(text, one.language) for text, one in zip(texts, subject.communities, strict=True)]
    eases = [
        reading_ease(text) if read and len(text.split()) >= WORDS_TO_READ else None
        for text, read in zip(texts, english, strict=True)
    ]
    usual, hard = (_median(subjects), _median(jargon)), min(DIFFICULT, _median(eases))
    found: list[Wording] = []
    for row in range(len(texts)):
        process = process_share(documents[row]) if english[row] and words[row] else None
        ease = eases[row]
        number = len(words[row])
        points = float(np.clip(np.log2(ENOUGH_WORDS / max(number, 1)), *SHORT_BOUNDS))
        if (named_here := subjects[row]) is not None:
            points += float(np.clip(SUBJECTS * (named_here - usual[0]), *SUBJECTS_BOUNDS))
        if process is not None:
            points += float(np.clip(PROCESS * (process - PROCESS_NEUTRAL), *PROCESS_BOUNDS))
        if (rare := jargon[row]) is not None:
            points += float(np.clip(JARGON * (rare - usual[1]), *JARGON_BOUNDS))
        if ease is not None:
            points += float(np.clip(READING * (hard - ease), *READING_BOUNDS))
        shown = tuple(own[row][:SHOWN])
        found.append(Wording(points, number, subjects[row], process, jargon[row], shown, ease, usual[1], hard))
    return found


def _glossary(community: Community) -> tuple[frozenset[str], frozenset[str]]:
    """The terms of the words that the community calls its own, and of those of them that it explains: the first are
    strange to who comes from outside whoever else uses them, the second are not."""
    explained = frozenset(term for word, said in community.glossary if said for term in terms(tokens(word)))
    return frozenset(term for word, _ in community.glossary for term in terms(tokens(word))) - explained, explained


def _median(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else 0.0


def _reasons(evidence: Clarity) -> tuple[Sentence, ...]:
    said: list[tuple[float, Sentence]] = []
    if (pull := evidence.pull) is not None:
        numbers = {"fit": float(pull.fit), "usual": float(pull.median)}
        told = (
            tell("Even the ten people whom its text fits best fit it %(fit).2f on the mean; %(usual).2f is usual.",
                 **numbers)
            if pull.points > 0.3
            else tell("The ten people whom its text fits best fit it %(fit).2f on the mean; %(usual).2f is usual.",
                      **numbers)
        )  # fmt: skip
        said.append((pull.points, told))
    if (recognition := evidence.recognition) is not None:
        told = tell(
            "Its text fits a member better than somebody else in %(share)s of cases (50%% is chance).",
            share=per_cent(recognition.auc),
        )
        said.append((recognition.points, told))
    if (ambiguity := evidence.ambiguity) is not None and ambiguity.share > 0:
        told = tell(
            "%(share)s of its %(members)d members are not in %(name)s, whose text fits them better.",
            share=per_cent(ambiguity.share), members=ambiguity.members, name=ambiguity.neighbour[1],
        )  # fmt: skip
        said.append((ambiguity.points, told))
    if (audience := evidence.audience) is not None and not audience.stated:
        told = tell("It does not say for whom it is; %(share)s of the communities do.", share=per_cent(audience.usual))
        said.append((audience.points, told))
    said += _said_of(evidence.wording)
    ordered = [text for _, text in sorted(said, key=lambda one: -abs(one[0]))]
    unknown = [
        name
        for name, one in (
            (tell("whom its text attracts"), evidence.pull),
            (tell("who would tell that they belong"), evidence.recognition),
            (tell("for whom communities say they are"), evidence.audience),
        )
        if one is None
    ]  # fmt: skip
    if unknown:
        ordered.append(tell("Not known, and so not counted: %(what)s.", what=joined(", ", unknown)))
    if evidence.wording.words and evidence.wording.process is None:
        ordered.append(tell("Its text is not taken for English, so how it reads was not judged."))
    return tuple(ordered)


def _said_of(wording: Wording) -> list[tuple[float, Sentence]]:
    if not wording.words:
        return [(SHORT_BOUNDS[1], tell("It has no text that says what it is about."))]
    said: list[tuple[float, Sentence]] = []
    if wording.words < ENOUGH_WORDS:
        told = tell_n(
            "Its text has %(num)d telling word, too few to say what it is about.",
            "Its text has %(num)d telling words, too few to say what it is about.", wording.words,
        )  # fmt: skip
        said.append((1.0, told))
    if wording.process is not None and wording.process > PROCESS_NEUTRAL:
        points = PROCESS * (wording.process - PROCESS_NEUTRAL)
        part = per_cent(wording.process)
        told = (
            tell("%(share)s of its words say how it sits together and not about what.", share=part)
            if wording.subjects is None
            else tell("%(share)s of its words say how it sits together and not about what; %(about)s name a subject.",
                      share=part, about=per_cent(wording.subjects))
        )  # fmt: skip
        said.append((points, told))
    if wording.ease is not None and wording.ease < wording.hard:
        told = tell(
            "Its text is very difficult to read (reading ease %(ease).0f; 60 is plain).", ease=float(wording.ease)
        )
        said.append((READING * (wording.hard - wording.ease), told))
    if wording.jargon is not None and wording.jargon > wording.usual_jargon + 0.1:
        part = per_cent(wording.jargon)
        told = (
            tell("%(share)s of its words are hardly used elsewhere: %(words)s.", share=part,
                 words=joined(", ", wording.own))
            if wording.own
            else tell("%(share)s of its words are hardly used elsewhere.", share=part)
        )  # fmt: skip
        said.append((0.3, told))
    return said
