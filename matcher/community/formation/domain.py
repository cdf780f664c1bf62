"""A good domain: enough people identify with it, it is easy to tell who belongs, it duplicates nothing, and it is
neither too general nor too specific.
"""

import numpy as np
from numpy.typing import NDArray

from graph.text import tokens
from matcher.audit.breadth import Breadth
from matcher.audit.clarity import ENOUGH_WORDS, Clarity, clarity
from matcher.audit.narrowness import Narrowness, narrowness
from matcher.community.formation.answers import EXAMPLES, LEAST, NEARLY, SAME, Answer, State
from matcher.community.formation.focus import Focus
from matcher.lexical import terms

# A community that lives has about as many at its meetings.
ENOUGH_PEOPLE = 10
# A concern is shared where half have it, and twice as many as elsewhere; by a third of them it is partly.
SHARED, PARTLY_SHARED, LIFT = 0.5, 1 / 3, 2.0
CONCERNS = 3
# Scores of the audit: flagged at 0.5; above this it leans that way.
LEANS = 0.3
# So many of all people fit: everyone could belong; half as many lean that way.
EVERYONE = 1 / 3

# What the audit says of breadth where it knows nothing of members: that a proposal has none is no news.
_UNTOLD = ("too few members", "not known how mixed")
_PLAIN = ("Nothing in its text stands in the way.",)


def identify(focus: Focus) -> Answer:
    found = focus.identified
    if found is None:
        return Answer(
            "identify", "cannot_tell", (focus.profiles_lacking(),),
            "Ask people for a line on their work, or ask those you think of whether they would call it theirs.",
        )  # fmt: skip
    told = [
        f"{found.count} of {focus.profiled[0]} people with a profile fit it at least as well as half of the members "
        f"of {found.compared} comparable communities fit theirs ({found.low} to {found.high}, as these are drawn "
        "anew)."
    ]
    people = focus.subject.snapshot.people
    named = [
        focus.profiles.names[at]
        for at in found.people
        if people.recommendable[focus.subject.here[at]]
    ][:EXAMPLES]  # fmt: skip
    if named:
        told.append(f"For example {', '.join(named)}.")
    state: State = "met" if found.low >= ENOUGH_PEOPLE else "partly" if found.high >= ENOUGH_PEOPLE else "missing"
    action = {
        "partly": "Ask the people named whether they would call it a part of their work; widen the text where not.",
        "missing": "Find whom it is for: name their work in the text, or make it a topic of one that is near.",
    }
    return Answer("identify", state, tuple(told), action.get(state, ""))


def concern(focus: Focus) -> Answer:
    group = [focus.place[key] for key in focus.draft.group if key in focus.place]
    whom = f"the {len(group)} people who are in it or want to be"
    if len(group) < LEAST and focus.identified is not None:
        group = list(focus.identified.people)
        whom = f"the {len(group)} people whom its text fits"
    if len(group) < LEAST:
        return Answer(
            "concern", "cannot_tell", (f"Fewer than {LEAST} people are known who want it or whom it fits.",),
            "Ask those who want it what situation they are in that others are not.",
        )  # fmt: skip
    shared = _shared(focus, np.array(group, dtype=np.int64))
    best = shared[0][0] if shared else 0.0
    state: State = "met" if best >= SHARED else "partly" if best >= PARTLY_SHARED else "missing"
    told = [
        f"{count} of {whom} {what}, {elsewhere:.0%} of the others do." for _, count, what, elsewhere in
        shared[:CONCERNS]
    ] or [f"Of {whom} no third has anything in common that others have not, beside what it names."]  # fmt: skip
    action = {
        "partly": "Name the situation in the text: who is in it knows that it is for them.",
        "missing": "Ask what keeps them awake: a situation that they share holds longer than a skill.",
    }
    return Answer("concern", state, tuple(told), action.get(state, ""))


def _shared(focus: Focus, group: NDArray[np.int64]) -> list[tuple[float, int, str, float]]:
    """What at least a third of a group has and others have not: share, count, what it is, and the others' share;
    words that the text or any skill has are none of a situation."""
    inside = np.zeros(len(focus.place), dtype=np.bool_)
    inside[group] = True
    people, here = focus.subject.snapshot.people, focus.subject.here
    named = set(terms(tokens(f"{focus.draft.words.name}\n{focus.draft.words.body}")))
    named |= {term for one in focus.subject.facts.holders.values() for term in terms(tokens(one.name))}
    have: dict[tuple[str, str], list[int]] = {}
    for at, text in enumerate(focus.profiles.texts):
        spelt: dict[str, str] = {}
        for token in tokens(text):
            for term in terms([token]):
                spelt.setdefault(term, token)
        for term in spelt.keys() - named:
            have.setdefault(("say", term), []).append(at)
        row = int(here[at])
        if grade := people.grade.at(row):
            have.setdefault(("grade", grade), []).append(at)
        if (unit := int(people.unit[row])) >= 0:
            have.setdefault(("unit", people.unit_names[unit]), []).append(at)
    found: list[tuple[float, int, str, float]] = []
    outside = max(1, len(inside) - len(group))
    for (kind, what), who in have.items():
        count = int(inside[who].sum())
        share, elsewhere = count / len(group), (len(who) - count) / outside
        if count >= LEAST and share >= PARTLY_SHARED and share >= LIFT * elsewhere:
            said = {"say": f"speak of “{what}”", "grade": f"have the grade {what}", "unit": f"work in {what}"}[kind]
            found.append((share, count, said, elsewhere))
    return sorted(found, key=lambda one: (-one[0], one[3], one[2]))


def belonging(focus: Focus) -> Answer:
    measured = focus.own(clarity(focus.subject, focus.profiles, focus.attracted, focus.pairs))
    evidence: Clarity = measured.evidence
    action = {
        "partly": "Say in the text for whom it is and name the work that it is about.",
        "missing": "Write the text anew: two to five sentences on what it is about, in words that its people use.",
        "cannot_tell": "Show the text to three people whom it is for and three whom it is not for, and ask.",
    }
    # A few words may fit many people well, and tell none of them whether they belong.
    unsure = measured.score >= LEANS or evidence.wording.words < ENOUGH_WORDS
    state: State = "missing" if measured.flagged else "partly" if unsure else "met"
    if state != "missing" and evidence.pull is None:
        state = "cannot_tell"
    return Answer(
        "belonging", state, tuple(_sentence(one) for one in measured.reasons) or _PLAIN, action.get(state, "")
    )


def duplicates(focus: Focus) -> Answer:
    words = len(set(terms(tokens(f"{focus.draft.words.name}\n{focus.draft.words.body}"))))
    if words < ENOUGH_WORDS or len(focus.subject.ids) == 1:
        why = (
            "There is nothing to compare it with." if words >= ENOUGH_WORDS else f"Its text has {words} telling words."
        )
        return Answer("duplicates", "cannot_tell", (why,), "Say in two to five sentences what it is about.")
    same = [one for one in focus.relatives if one.relation in SAME]
    nearly = [one for one in focus.relatives if one.relation in NEARLY]
    told = tuple(f"{one.text} (probability {one.probability:.0%})" for one in (*same, *nearly)[:EXAMPLES])
    if same:
        first = same[0]
        action = (
            f"Talk to {first.name}: join it, or agree on what it leaves out."
            if first.kind == "community"
            else f"Ask the unit {first.name} what people from elsewhere would add to it."
        )
        return Answer("duplicates", "missing", told, action)
    if nearly:
        return Answer("duplicates", "partly", told, f"Agree with {nearly[0].name} on who does what.")
    number = len(focus.subject.communities) - 1
    told = f"None of {number} communities that were compared, and no unit, is of its domain."
    return Answer("duplicates", "met", (told,), "")


def general(focus: Focus) -> Answer:
    measured = focus.own(focus.broad)
    evidence: Breadth = measured.evidence
    told = [_sentence(one) for one in measured.reasons if not one.startswith(_UNTOLD)]
    share = None
    if (found := focus.identified) is not None:
        share = found.count / focus.profiled[0]
        told.append(f"By the line of the first question, {share:.0%} of the people with a profile identify with it.")
    if share is None and evidence.reach is None and not measured.flagged:
        return Answer(
            "general", "cannot_tell", (*told, focus.profiles_lacking()),
            "Name three groups of people whom it is not for; if that is hard, it is too general.",
        )  # fmt: skip
    everyone = share or 0.0
    state: State = (
        "missing" if measured.flagged or everyone >= EVERYONE else
        "partly" if measured.score >= LEANS or everyone >= EVERYONE / 2 else "met"
    )  # fmt: skip
    action = {
        "partly": "Say in the text what it is not about.",
        "missing": "Take one part of it that people would call their own, and begin with that.",
    }
    return Answer("general", state, tuple(told), action.get(state, ""))


def _sentence(reason: str) -> str:
    """A reason of the audit, which lists them, as a sentence."""
    return f"{reason[:1].upper()}{reason[1:]}{'' if reason.endswith('.') else '.'}"


def specific(focus: Focus) -> Answer:
    measured = focus.own(narrowness(focus.subject, focus.profiles, focus.attracted, focus.broad))
    evidence: Narrowness = measured.evidence
    told: list[str] = []
    if evidence.reach is not None:
        reach = evidence.reach
        told.append(f"{reach.fitting} people with a profile fit it; {reach.median:.0f} is the median over communities.")
    if evidence.within.communities:
        told.append(f"It lies within {', '.join(name for _, name in evidence.within.communities)}.")
    if evidence.special.numbers:
        told.append(f"Its name bears a number: {', '.join(evidence.special.numbers)}.")
    told += [f"{one} is a part of {whole}, which {name} covers." for one, whole, name in evidence.special.narrower]
    if evidence.needed is not None:
        told.append(
            f"Who needs it needs {evidence.needed.size:.1f} communities for their skills; "
            f"{evidence.needed.usual:.1f} is usual for people like them."
        )
    if not measured.flagged and evidence.reach is None and evidence.needed is None and not evidence.within.communities:
        return Answer(
            "specific", "cannot_tell", (*told, focus.profiles_lacking()),
            "Ask who else would come if it were one step wider.",
        )  # fmt: skip
    state: State = "missing" if measured.flagged else "partly" if measured.score >= LEANS else "met"
    action = {
        "partly": "Ask whether a wider text would bring people in without losing these.",
        "missing": "Make it a topic of a wider community, or widen it until it is what people need for their work.",
    }
    return Answer("specific", state, tuple(told), action.get(state, ""))
