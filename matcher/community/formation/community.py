"""A community: a clear group who want it, likely companions, people committed to lead."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from graph.sentences import Sentence, joined, tell, tell_n
from matcher.community.formation.answers import DONE, LEAST, Answer, State
from matcher.community.formation.domain import ENOUGH_PEOPLE
from matcher.community.formation.focus import Focus
from matcher.welcome import LEVELS

# What is counted where somebody did not say, and where it is not known.
NOT_SAID, NO_UNIT = tell("not said"), tell("no unit that is known")
FEW = tell("Fewer than %(least)d people are in it or want to be.", least=LEAST)

# Half of them already have to do with another one.
COMPANIONS, SOME_COMPANIONS = 0.5, 0.25


def wanted(focus: Focus) -> Answer:
    interests, together = focus.draft.interests, focus.draft.together
    if interests is None or together is None:
        return Answer(
            "wanted", "cannot_tell", (tell("It is not stored, so nobody could say that they want it."),),
            tell("Store the proposal and ask people to say how they would take part."),
        )  # fmt: skip
    group = focus.draft.group
    deep = {one.person_id for one in interests if one.level in ("core", "active")} | set(together.core)
    levels = Counter(LEVELS[one.level] if one.level else NOT_SAID for one in interests)
    told = [
        tell_n("%(num)d person is in it or wants to be; %(deep)d mean to be core or active.",
               "%(num)d people are in it or want to be; %(deep)d of them mean to be core or active.",
               len(group), deep=len(deep))
    ]  # fmt: skip
    if len(interests) >= LEAST:
        told.append(_broken_down(levels, tell("No level has %(least)d or more of them.", least=LEAST), "levels"))
        hours = [one.hours for one in interests if one.hours is not None]
        if len(hours) >= LEAST:
            whole = f"{sum(hours):g}"
            told.append(
                tell("%(number)d of them would give %(hours)s hours a month in all.", number=len(hours), hours=whole)
            )
    people, here = focus.subject.snapshot.people, focus.subject.here
    codes = [int(people.unit[here[focus.place[key]]]) for key in group if key in focus.place]
    units = Counter(people.unit_names[code] if code >= 0 else NO_UNIT for code in codes)
    if len(group) >= LEAST:
        told.append(_broken_down(units, tell("No unit has %(least)d or more of them.", least=LEAST), "units"))
    enough = len(group) >= ENOUGH_PEOPLE and len(deep) >= focus.core_group
    state: State = "met" if enough else "partly" if len(group) >= focus.core_group else "missing"
    action = {
        "partly": tell(
            "Ask more people whom it fits, until %(people)d want it and %(core)d of them mean to be core or active.",
            people=ENOUGH_PEOPLE,
            core=focus.core_group,
        ),
        "missing": tell("Ask people in person: begin with those named under the first question."),
    }
    return Answer("wanted", state, tuple(told), action.get(state, DONE))


def companionship(focus: Focus) -> Answer:
    group = [focus.place[key] for key in focus.draft.group if key in focus.place]
    if len(group) < LEAST:
        return Answer(
            "companionship", "cannot_tell", (FEW,),
            tell("Bring those who want it together once, at a meal or a site visit."),
        )  # fmt: skip
    kinds = _tied(focus, group)
    tied = set[int]().union(*kinds.values())
    share = len(tied) / len(group)
    told = [
        tell("%(number)d of %(all)d already have to do with another one of them.", number=len(tied), all=len(group)),
        *(tell("%(number)d %(kind)s.", number=len(who), kind=kind) for kind, who in kinds.items() if len(who) >= LEAST),
    ]
    state: State = "met" if share >= COMPANIONS else "partly" if share >= SOME_COMPANIONS else "missing"
    action = {
        "partly": tell("Give those who know nobody there somebody to come with."),
        "missing": tell("Let them do something small together before they meet as a community."),
    }
    return Answer("companionship", state, tuple(told), action.get(state, DONE))


def _tied(focus: Focus, group: Sequence[int]) -> dict[Sentence, set[int]]:
    """Who of a group is tied to another one of it, by kind."""
    snapshot, here = focus.subject.snapshot, focus.subject.here
    unit = snapshot.people.unit[here]
    in_unit = Counter(int(unit[at]) for at in group if unit[at] >= 0)
    together = {key for some in focus.companies.values() if len(some) > 1 for key in some}
    advised = {key for pair in focus.draft.advised for key in pair}
    return {
        tell("share another community with one"): {at for at in group if focus.profiles.ids[at] in together},
        tell("work in the unit of another"): {at for at in group if in_unit[int(unit[at])] > 1},
        tell("asked another one for advice, or gave it"): {at for at in group if focus.profiles.ids[at] in advised},
    }


def leaders(focus: Focus) -> Answer:
    interests, together = focus.draft.interests, focus.draft.together
    if interests is None or together is None:
        return Answer(
            "leaders", "cannot_tell", (tell("It is not stored, so nobody could say that they would lead it."),),
            tell("Store the proposal and ask who would lead it."),
        )  # fmt: skip
    willing = {one.person_id for one in interests if one.would_lead} | {*together.leads, *together.core}
    beside = willing - set(together.sponsors)
    told = (
        tell(
            "%(number)d people lead it, are its core or would lead; %(wanted)d are wanted.",
            number=len(willing),
            wanted=focus.core_group,
        ),
        tell("It has a sponsor.") if together.sponsors else tell("It has no sponsor."),
        *((tell("Nobody but its sponsor would lead."),) if willing and not beside else ()),
    )
    enough = len(willing) >= focus.core_group and bool(together.sponsors) and bool(beside)
    state: State = "met" if enough else "partly" if willing else "missing"
    action = tell("Ask a manager whose goals it serves to be its sponsor.")
    if not beside or together.sponsors:
        action = tell("Ask until %(number)d people commit themselves to lead it together.", number=focus.core_group)
    return Answer("leaders", state, told, DONE if enough else action)


def _broken_down(
    counts: Mapping[str, int] | Mapping[Sentence, int], none: Sentence, kind: Literal["levels", "units"]
) -> Sentence:
    """Counts of people by kind, largest first; what fewer than LEAST have is told together, and where that is fewer
    than LEAST too, without a number."""
    if max(counts.values(), default=0) < LEAST:
        return none
    told = [
        joined(" ", (name, str(count)))
        for name, count in sorted(counts.items(), key=lambda o: (-o[1], o[0]))
        if count >= LEAST
    ]
    rest = [count for count in counts.values() if count < LEAST]
    if rest:
        # Of one kind among them the number would be that of the kind.
        number = sum(rest)
        others = tell("others %(number)d", number=number)
        told.append(others if number >= LEAST and len(rest) > 1 else tell("a few others"))
    kinds = joined(", ", told)
    return tell("Levels: %(kinds)s.", kinds=kinds) if kind == "levels" else tell("Units: %(kinds)s.", kinds=kinds)
