"""A community: a clear group who want it, likely companions, people committed to lead."""

from collections import Counter
from collections.abc import Mapping, Sequence

from matcher.community.formation.answers import LEAST, Answer, State
from matcher.community.formation.domain import ENOUGH_PEOPLE
from matcher.community.formation.focus import Focus

# Half of them already have to do with another one.
COMPANIONS, SOME_COMPANIONS = 0.5, 0.25


def wanted(focus: Focus) -> Answer:
    interests, together = focus.draft.interests, focus.draft.together
    if interests is None or together is None:
        return Answer(
            "wanted", "cannot_tell", ("It is not stored, so nobody could say that they want it.",),
            "Store the proposal and ask people to say how they would take part.",
        )  # fmt: skip
    group = focus.draft.group
    deep = {one.person_id for one in interests if one.level in ("core", "active")} | set(together.core)
    levels = Counter(one.level or "not said" for one in interests)
    told = [f"{len(group)} people are in it or want to be; {len(deep)} of them mean to be core or active."]
    if len(interests) >= LEAST:
        told.append(_broken_down("Levels", "level", levels))
        hours = [one.hours for one in interests if one.hours is not None]
        if len(hours) >= LEAST:
            told.append(f"{len(hours)} of them would give {sum(hours):g} hours a month in all.")
    people, here = focus.subject.snapshot.people, focus.subject.here
    codes = [int(people.unit[here[focus.place[key]]]) for key in group if key in focus.place]
    units = Counter(people.unit_names[code] if code >= 0 else "no unit that is known" for code in codes)
    if len(group) >= LEAST:
        told.append(_broken_down("Units", "unit", units))
    enough = len(group) >= ENOUGH_PEOPLE and len(deep) >= focus.core_group
    state: State = "met" if enough else "partly" if len(group) >= focus.core_group else "missing"
    action = {
        "partly": f"Ask more people whom it fits, until {ENOUGH_PEOPLE} want it and {focus.core_group} "
        "of them mean to be core or active.",
        "missing": "Ask people in person: begin with those named under the first question.",
    }
    return Answer("wanted", state, tuple(told), action.get(state, ""))


def companionship(focus: Focus) -> Answer:
    group = [focus.place[key] for key in focus.draft.group if key in focus.place]
    if len(group) < LEAST:
        return Answer(
            "companionship", "cannot_tell", (f"Fewer than {LEAST} people are in it or want to be.",),
            "Bring those who want it together once, at a meal or a site visit.",
        )  # fmt: skip
    kinds = _tied(focus, group)
    tied = set[int]().union(*kinds.values())
    share = len(tied) / len(group)
    told = [f"{len(tied)} of {len(group)} already have to do with another one of them."]
    told += [f"{len(who)} {kind}." for kind, who in kinds.items() if len(who) >= LEAST]
    state: State = "met" if share >= COMPANIONS else "partly" if share >= SOME_COMPANIONS else "missing"
    action = {
        "partly": "Give those who know nobody there somebody to come with.",
        "missing": "Let them do something small together before they meet as a community.",
    }
    return Answer("companionship", state, tuple(told), action.get(state, ""))


def _tied(focus: Focus, group: Sequence[int]) -> dict[str, set[int]]:
    """Who of a group is tied to another one of it, by kind."""
    snapshot, here = focus.subject.snapshot, focus.subject.here
    unit = snapshot.people.unit[here]
    in_unit = Counter(int(unit[at]) for at in group if unit[at] >= 0)
    together = {key for some in focus.companies.values() if len(some) > 1 for key in some}
    advised = {key for pair in focus.draft.advised for key in pair}
    return {
        "share another community with one": {at for at in group if focus.profiles.ids[at] in together},
        "work in the unit of another": {at for at in group if in_unit[int(unit[at])] > 1},
        "asked another one for advice, or gave it": {at for at in group if focus.profiles.ids[at] in advised},
    }


def leaders(focus: Focus) -> Answer:
    interests, together = focus.draft.interests, focus.draft.together
    if interests is None or together is None:
        return Answer(
            "leaders", "cannot_tell", ("It is not stored, so nobody could say that they would lead it.",),
            "Store the proposal and ask who would lead it.",
        )  # fmt: skip
    willing = {one.person_id for one in interests if one.would_lead} | {*together.leads, *together.core}
    beside = willing - set(together.sponsors)
    told = (
        f"{len(willing)} people lead it, are its core or would lead; {focus.core_group} are wanted.",
        "It has a sponsor." if together.sponsors else "It has no sponsor.",
        *(("Nobody but its sponsor would lead.",) if willing and not beside else ()),
    )
    enough = len(willing) >= focus.core_group and bool(together.sponsors) and bool(beside)
    state: State = "met" if enough else "partly" if willing else "missing"
    action = "Ask a manager whose goals it serves to be its sponsor."
    if not beside or together.sponsors:
        action = f"Ask until {focus.core_group} people commit themselves to lead it together."
    return Answer("leaders", state, told, "" if enough else action)


def _broken_down(title: str, kind: str, counts: Mapping[str, int]) -> str:
    """Counts of people by kind, largest first; what fewer than LEAST have is told together, and where that is fewer
    than LEAST too, without a number."""
    if max(counts.values(), default=0) < LEAST:
        return f"No {kind} has {LEAST} or more of them."
    told = [f"{name} {count}" for name, count in sorted(counts.items(), key=lambda o: (-o[1], o[0])) if count >= LEAST]
    rest = [count for count in counts.values() if count < LEAST]
    if rest:
        # Of one kind among them the number would be that of the kind.
        number = sum(rest)
        told.append(f"others {number}" if number >= LEAST and len(rest) > 1 else "a few others")
    return f"{title}: {', '.join(told)}."
