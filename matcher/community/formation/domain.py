"""A good domain: enough people identify with it, it is easy to tell who belongs, it duplicates nothing, and it is
neither too general nor too specific.
"""

import numpy as np
from numpy.typing import NDArray

from graph.sentences import Sentence, joined, per_cent, tell, tell_n, whole
from graph.text import tokens
from matcher.audit.breadth import Breadth
from matcher.audit.clarity import ENOUGH_WORDS, Clarity, clarity
from matcher.audit.narrowness import Narrowness, narrowness
from matcher.community.formation.answers import DONE, EXAMPLES, LEAST, NEARLY, SAME, Answer, State
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
FEW = tell("Fewer than %(least)d people are known who want it or whom it fits.", least=LEAST)
_PLAIN = (tell("Nothing in its text stands in the way."),)


def identify(focus: Focus) -> Answer:
    found = focus.identified
    if found is None:
        return Answer(
            "identify", "cannot_tell", (focus.profiles_lacking(),),
            tell("Ask people for a line on their work, or ask those you think of whether they would call it theirs."),
        )  # fmt: skip
    told = [
        tell(
            "%(count)d of %(all)d people with a profile fit it at least as well as half of the members of %(compared)d "
            "comparable communities fit theirs (%(low)d to %(high)d, as these are drawn anew).",
            count=found.count,
            all=focus.profiled[0],
            compared=found.compared,
            low=found.low,
            high=found.high,
        )
    ]
    people = focus.subject.snapshot.people
    named = [
        focus.profiles.names[at]
        for at in found.people
        if people.recommendable[focus.subject.here[at]]
    ][:EXAMPLES]  # fmt: skip
    if named:
        told.append(tell("For example %(names)s.", names=joined(", ", named)))
    state: State = "met" if found.low >= ENOUGH_PEOPLE else "partly" if found.high >= ENOUGH_PEOPLE else "missing"
    action = {
        "partly": tell(
            "Ask the people named whether they would call it a part of their work; widen the text where not."
        ),
        "missing": tell("Find whom it is for: name their work in the text, or make it a topic of one that is near."),
    }
    return Answer("identify", state, tuple(told), action.get(state, DONE))


def concern(focus: Focus) -> Answer:
    group = [focus.place[key] for key in focus.draft.group if key in focus.place]
    whom = tell("the %(number)d people who are in it or want to be", number=len(group))
    if len(group) < LEAST and focus.identified is not None:
        group = list(focus.identified.people)
        whom = tell("the %(number)d people whom its text fits", number=len(group))
    if len(group) < LEAST:
        return Answer(
            "concern", "cannot_tell", (FEW,),
            tell("Ask those who want it what situation they are in that others are not."),
        )  # fmt: skip
    shared = _shared(focus, np.array(group, dtype=np.int64))
    best = shared[0][0] if shared else 0.0
    state: State = "met" if best >= SHARED else "partly" if best >= PARTLY_SHARED else "missing"
    told = [
        tell("%(count)d of %(whom)s %(what)s, %(elsewhere)s of the others do.",
             count=count, whom=whom, what=what, elsewhere=per_cent(elsewhere))
        for _, count, what, elsewhere in shared[:CONCERNS]
    ] or [
        tell("Of %(whom)s no third has anything in common that others have not, beside what it names.", whom=whom)
    ]  # fmt: skip
    action = {
        "partly": tell("Name the situation in the text: who is in it knows that it is for them."),
        "missing": tell("Ask what keeps them awake: a situation that they share holds longer than a skill."),
    }
    return Answer("concern", state, tuple(told), action.get(state, DONE))


def _shared(focus: Focus, group: NDArray[np.int64]) -> list[tuple[float, int, Sentence, float]]:
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
    found: list[tuple[float, int, Sentence, float]] = []
    outside = max(1, len(inside) - len(group))
    for (kind, what), who in have.items():
        count = int(inside[who].sum())
        part, elsewhere = count / len(group), (len(who) - count) / outside
        if count >= LEAST and part >= PARTLY_SHARED and part >= LIFT * elsewhere:
            said = {
                "say": tell("speak of “%(what)s”", what=what), "grade": tell("have the grade %(what)s", what=what),
                "unit": tell("work in %(what)s", what=what),
            }[kind]  # fmt: skip
            found.append((part, count, said, elsewhere))
    return sorted(found, key=lambda one: (-one[0], one[3], one[2]))


def belonging(focus: Focus) -> Answer:
    measured = focus.own(clarity(focus.subject, focus.profiles, focus.attracted, focus.pairs))
    evidence: Clarity = measured.evidence
    action = {
        "partly": tell("Say in the text for whom it is and name the work that it is about."),
        "missing": tell(
            "Write the text anew: two to five sentences on what it is about, in words that its people use."
        ),
        "cannot_tell": tell("Show the text to three people whom it is for and three whom it is not for, and ask."),
    }
    # A few words may fit many people well, and tell none of them whether they belong.
    unsure = measured.score >= LEANS or evidence.wording.words < ENOUGH_WORDS
    state: State = "missing" if measured.flagged else "partly" if unsure else "met"
    if state != "missing" and evidence.pull is None:
        state = "cannot_tell"
    return Answer("belonging", state, tuple(whole(one) for one in measured.reasons) or _PLAIN, action.get(state, DONE))


def duplicates(focus: Focus) -> Answer:
    words = len(set(terms(tokens(f"{focus.draft.words.name}\n{focus.draft.words.body}"))))
    if words < ENOUGH_WORDS or len(focus.subject.ids) == 1:
        few = tell_n("Its text has %(num)d telling word.", "Its text has %(num)d telling words.", words)
        why = tell("There is nothing to compare it with.") if words >= ENOUGH_WORDS else few
        return Answer("duplicates", "cannot_tell", (why,), tell("Say in two to five sentences what it is about."))
    same = [one for one in focus.relatives if one.relation in SAME]
    nearly = [one for one in focus.relatives if one.relation in NEARLY]
    told = tuple(
        tell("%(text)s (probability %(share)s)", text=one.text, share=per_cent(one.probability))
        for one in (*same, *nearly)[:EXAMPLES]
    )
    if same:
        first = same[0]
        action = (
            tell("Talk to %(name)s: join it, or agree on what it leaves out.", name=first.name)
            if first.kind == "community"
            else tell("Ask the unit %(name)s what people from elsewhere would add to it.", name=first.name)
        )
        return Answer("duplicates", "missing", told, action)
    if nearly:
        action = tell("Agree with %(name)s on who does what.", name=nearly[0].name)
        return Answer("duplicates", "partly", told, action)
    number = len(focus.subject.communities) - 1
    none = tell("None of %(number)d communities that were compared, and no unit, is of its domain.", number=number)
    return Answer("duplicates", "met", (none,), DONE)


def general(focus: Focus) -> Answer:
    measured = focus.own(focus.broad)
    evidence: Breadth = measured.evidence
    told = [whole(one) for one in measured.reasons if not one.startswith(_UNTOLD)]
    known = None
    if (found := focus.identified) is not None:
        known = found.count / focus.profiled[0]
        told.append(
            tell("By the line of the first question, %(share)s of the people with a profile identify with it.",
                 share=per_cent(known))
        )  # fmt: skip
    if known is None and evidence.reach is None and not measured.flagged:
        return Answer(
            "general", "cannot_tell", (*told, focus.profiles_lacking()),
            tell("Name three groups of people whom it is not for; if that is hard, it is too general."),
        )  # fmt: skip
    everyone = known or 0.0
    state: State = (
        "missing" if measured.flagged or everyone >= EVERYONE else
        "partly" if measured.score >= LEANS or everyone >= EVERYONE / 2 else "met"
    )  # fmt: skip
    action = {
        "partly": tell("Say in the text what it is not about."),
        "missing": tell("Take one part of it that people would call their own, and begin with that."),
    }
    return Answer("general", state, tuple(told), action.get(state, DONE))


def specific(focus: Focus) -> Answer:
    measured = focus.own(narrowness(focus.subject, focus.profiles, focus.attracted, focus.broad))
    evidence: Narrowness = measured.evidence
    told: list[Sentence] = []
    if evidence.reach is not None:
        reach = evidence.reach
        told.append(
            tell("%(fitting)d people with a profile fit it; %(median).0f is the median over communities.",
                 fitting=reach.fitting, median=float(reach.median))
        )  # fmt: skip
    if evidence.within.communities:
        names = joined(", ", (name for _, name in evidence.within.communities))
        told.append(tell("It lies within %(names)s.", names=names))
    if evidence.special.numbers:
        told.append(tell("Its name bears a number: %(numbers)s.", numbers=joined(", ", evidence.special.numbers)))
    told += [
        tell("%(one)s is a part of %(whole)s, which %(name)s covers.", one=one, whole=whole, name=name)
        for one, whole, name in evidence.special.narrower
    ]
    if evidence.needed is not None:
        told.append(
            tell(
                "Who needs it needs %(size).1f communities for their skills; %(usual).1f is usual for people like "
                "them.",
                size=float(evidence.needed.size), usual=float(evidence.needed.usual),
            )
        )  # fmt: skip
    if not measured.flagged and evidence.reach is None and evidence.needed is None and not evidence.within.communities:
        return Answer(
            "specific", "cannot_tell", (*told, focus.profiles_lacking()),
            tell("Ask who else would come if it were one step wider."),
        )  # fmt: skip
    state: State = "missing" if measured.flagged else "partly" if measured.score >= LEANS else "met"
    action = {
        "partly": tell("Ask whether a wider text would bring people in without losing these."),
        "missing": tell(
            "Make it a topic of a wider community, or widen it until it is what people need for their work."
        ),
    }
    return Answer("specific", state, tuple(told), action.get(state, DONE))
