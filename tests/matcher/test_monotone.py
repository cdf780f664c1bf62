"""One more piece of evidence never lowers a feature that is declared monotone; of any other, one that does."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.models import Community, HeldSkill
from graph.reads.advice import AdviceGiven, AnsweredQuestion
from graph.reads.communities import Practice, Roster
from graph.reads.people import Colleague, SkillHolders
from matcher import advice, diversity, helpers, joins
from matcher.advice import HelpFacts
from matcher.features import (
    co_membership,
    colleagues,
    distance,
    domain_fit,
    implied,
    kindred,
    momentum,
    novelty,
    outcomes,
    reach,
    requests,
    skills,
    vitality,
)
from matcher.features.profile import Profile
from matcher.snapshot import Facts, Snapshot, assemble
from tests.matcher.test_helpers import answered, many, part
from tests.matcher.test_what_if import SKILLS, WORDS, organisation, somebody

TODAY = "2026-01-01"
Random = np.random.Generator
Feature = tuple[str, str]


def of_communities(name: str) -> Feature:
    return "communities", name


def of_helpers(name: str) -> Feature:
    return "helpers", name


FAMILIES = (co_membership, domain_fit, skills, colleagues, momentum, novelty, vitality, implied, kindred)

DECLARED: dict[Feature, bool] = {
    **{of_communities(family.NAME): family.MONOTONE for family in FAMILIES},
    of_communities(joins.DIVERSITY_NAME): diversity.MONOTONE,
    **{of_helpers(name): helpers.MONOTONE for name in helpers.WEIGHTS},
    of_helpers(outcomes.NAME): outcomes.MONOTONE,
    **{of_helpers(name): requests.MONOTONE for name in (requests.WILLING, requests.ANSWERED, requests.LOAD)},
    **{of_helpers(name): distance.MONOTONE for name in (distance.UNIT, distance.GRADE)},
    **{of_helpers(name): reach.MONOTONE for name in (reach.LANGUAGE, reach.HOURS)},
}


# --- Communities: facts, a profile and a community, and what more may be known -------------------------------------


def drawn(seed: int) -> tuple[Facts, Profile, str, Random]:
    """An organisation in which things are dated and skills have broader ones, somebody, and a community."""
    random = np.random.default_rng(seed)
    held = organisation(seed)
    names = [*SKILLS]
    random.shuffle(names)

    def days(roster: Roster) -> list[str]:
        return [str(random.choice(["", "2019", "2025-03", "2025-07-09"])) for _ in roster.person_ids]

    facts = replace(
        held.facts,
        rosters={key: replace(roster, joined_on=days(roster)) for key, roster in held.facts.rosters.items()},
        broader={one: (other,) for one, other in pairwise(names[:6])},
        practice={
            key: Practice(questions=(("2025-05-05", ""),) * int(random.integers(0, 6)))
            for key in held.facts.communities
        },
    )
    return facts, somebody(held, random), f"c{int(random.integers(40)):02}", random


Grown = tuple[Facts, Profile]


def one_more_member(facts: Facts, community: str, person: str, joined: str = "") -> Facts:
    was = facts.rosters[community]
    roster = Roster(
        community, [*was.person_ids, person], [*was.joined_on, joined], [*was.left_on, ""],
        [*was.engagement, ""], [*was.role, ""],
    )  # fmt: skip
    return replace(facts, rosters={**facts.rosters, community: roster})


def changed(facts: Facts, community: str, **what: Any) -> Facts:
    return replace(
        facts, communities={**facts.communities, community: replace(facts.communities[community], **what)}
    )  # fmt: skip


def a_skill_more(facts: Facts, profile: Profile, community: str, random: Random) -> Grown:
    rest = sorted(set(SKILLS) - {skill.name for skill in profile.held})
    name, level = str(random.choice(rest)), int(random.integers(0, 6)) or None
    return facts, replace(profile, held=(*profile.held, HeldSkill(name, name, level)))


def a_wish_more(facts: Facts, profile: Profile, community: str, random: Random) -> Grown:
    name = str(random.choice(sorted(set(SKILLS) - {skill.name for skill in profile.wanted})))
    return facts, replace(profile, wanted=(*profile.wanted, HeldSkill(name, name)))


def a_higher_level(facts: Facts, profile: Profile, community: str, random: Random) -> Grown:
    place = int(random.integers(len(profile.held)))
    held = list(profile.held)
    held[place] = replace(held[place], level=min(5, (held[place].level or 0) + 1))
    return facts, replace(profile, held=tuple(held))


def a_skill_covered(facts: Facts, profile: Profile, community: str, random: Random) -> Grown:
    covers = facts.communities[community].skill_ids
    more = tuple(sorted({*covers, str(random.choice(SKILLS))}))
    return changed(facts, community, skill_ids=more, skill_names=more), profile


def a_colleague_joins(facts: Facts, profile: Profile, community: str, random: Random) -> Grown:
    return one_more_member(facts, community, f"p{int(random.integers(80)):02}"), profile


def a_new_colleague_who_belongs(facts: Facts, profile: Profile, community: str, random: Random) -> Grown:
    unit, manager = random.choice([profile.unit_id or "", ""]), random.choice([profile.manager_id or "", ""])
    people = {**facts.people, "new": Colleague("new", "New", str(unit), str(manager))}
    return one_more_member(replace(facts, people=people), community, "new"), profile


def somebody_joined_lately(facts: Facts, profile: Profile, community: str, random: Random) -> Grown:
    day = f"2025-{int(random.integers(1, 13)):02}-02"
    return one_more_member(facts, community, f"p{int(random.integers(80)):02}", day), profile


def something_went_on(facts: Facts, profile: Profile, community: str, random: Random) -> Grown:
    was, day = facts.practice.get(community, Practice()), f"2025-{int(random.integers(1, 13)):02}-02"
    kind = str(random.choice(["meetings", "questions", "advice", "posts"]))
    entry: Any = {"meetings": (day, 3), "posts": day[:7]}.get(kind, (day, ""))
    more = replace(was, **{kind: (*getattr(was, kind), entry)})
    return replace(facts, practice={**facts.practice, community: more}), profile


def its_founding(facts: Facts, profile: Profile, community: str, random: Random) -> Grown:
    """Of one of whose beginning nothing was known."""
    return changed(facts, community, founded_on=str(random.choice(["2019", "2025", "2025-11", "2025-12-24"]))), profile


MORE_OF_COMMUNITIES: dict[str, list[Callable[[Facts, Profile, str, Random], Grown]]] = {
    skills.NAME: [a_skill_more, a_wish_more, a_higher_level, a_skill_covered],
    colleagues.NAME: [a_colleague_joins, a_new_colleague_who_belongs],
    momentum.NAME: [somebody_joined_lately],
    vitality.NAME: [something_went_on],
    novelty.NAME: [its_founding],
}


def value(facts: Facts, profile: Profile, community: str, name: str) -> float:
    snapshot = assemble(facts, today=TODAY)
    families = {family.name: family for family, _ in joins.score(snapshot, profile).parts}
    return float(families[name].values[snapshot.row[community]])


@pytest.mark.parametrize(
    ("name", "more"), [(name, more) for name, all_ in MORE_OF_COMMUNITIES.items() for more in all_]
)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_more_never_lowers_what_is_monotone(name: str, more: Callable[..., Grown], seed: int) -> None:
    facts, profile, community, random = drawn(seed)
    if more is its_founding:
        undated = Roster(community, ["p00"], [""], [""], [""], [""])
        facts = replace(facts, rosters={**facts.rosters, community: undated})
    before = value(facts, profile, community, name)
    assert value(*more(facts, profile, community, random), community, name) >= before - 1e-6


@settings(max_examples=40, deadline=None)
@given(days=st.lists(st.dates(np.datetime64("2025-01-01").item(), np.datetime64(TODAY).item()), min_size=2, max_size=2))
def test_the_later_it_began_the_newer_it_is(days: list) -> None:
    facts = Facts({day: Community(day, day, founded_on=day) for day in map(str, days)}, {})
    snapshot = assemble(facts, today=TODAY)
    earlier, later = (novelty.measure(snapshot).values[snapshot.row[str(day)]] for day in sorted(days))
    assert later >= earlier


# --- Helpers ------------------------------------------------------------------------------------------------------

PEOPLE = ("asker", "a", "b", "c")
PLACES = ("kilns", "looms", None)


def facts_of_help(random: Random) -> tuple[Facts, HelpFacts]:
    days = ["", "2020", "2024-06", "2025-12-01"]

    def advice_on(question: int) -> tuple[AdviceGiven, ...]:
        return tuple(
            AdviceGiven(who, str(random.choice(days)), None, f"{question}-{who}", None)
            for who in PEOPLE[1:]
            if random.random() < 0.4
        )

    questions = {
        f"q{number}": AnsweredQuestion(
            f"q{number}", "", " ".join(random.choice(WORDS, size=4)), "2020", PLACES[int(random.integers(3))],
            str(random.choice(PEOPLE)), advice_on(number),
        )
        for number in range(8)
    }  # fmt: skip
    holders = {
        word: SkillHolders(
            word, word, (), tuple(who for who in PEOPLE[1:] if random.random() < 0.5), (3, 2, 1, 1)[: len(PEOPLE)]
        )
        for word in WORDS[:6]
    }
    holders = {key: replace(one, levels=one.levels[: len(one.person_ids)]) for key, one in holders.items()}
    rosters = {
        key: Roster(
            key, ["a", "b"], ["", ""], ["", ""], [str(random.choice(["peripheral", "active"])), "core"], [""] * 2
        )
        for key in ("kilns", "looms")
    }
    communities = {key: Community(key, key, f"{WORDS[4]} {key}") for key in rosters}
    people = {key: Colleague(key, key) for key in PEOPLE}
    return Facts(communities, rosters, people), HelpFacts(questions, holders)


Helped = tuple[Facts, HelpFacts]


def advice_more(facts: Facts, known: HelpFacts, random: Random) -> Helped:
    """On a question on record."""
    key = f"q{int(random.integers(8))}"
    day = str(random.choice(["", "2021-05", "2025-10-01"]))
    question = known.questions[key]
    grown = replace(question, advice=(*question.advice, AdviceGiven("a", day, None, "more", None)))
    return facts, replace(known, questions={**known.questions, key: grown})


def a_question_more(facts: Facts, known: HelpFacts, random: Random) -> Helped:
    """One more that was asked in the community, and that A advised on."""
    given_ = (AdviceGiven("a", "2025-10-01", None, "more", None),)
    more = AnsweredQuestion("z", "", " ".join(random.choice(WORDS, size=4)), "2025", "kilns", "asker", given_)
    return facts, replace(known, questions={**known.questions, "z": more})


def a_skill_of_a_helper(facts: Facts, known: HelpFacts, random: Random) -> Helped:
    key = str(random.choice(WORDS[:6]))
    one = known.holders[key]
    if "a" in one.person_ids:
        place = one.person_ids.index("a")
        levels = tuple(min(5, level + 1) if at == place else level for at, level in enumerate(one.levels))
        more = replace(one, levels=levels)
    else:
        level = int(random.integers(0, 6))
        more = replace(one, person_ids=(*one.person_ids, "a"), levels=(*one.levels, level))
    return facts, replace(known, holders={**known.holders, key: more})


def more_of_a_member(facts: Facts, known: HelpFacts, random: Random) -> Helped:
    """Another spell, a deeper engagement or a role of A, who is the first of each roster."""
    key = str(random.choice(["kilns", "looms"]))
    roster = facts.rosters[key]
    change = int(random.integers(3))
    if change == 0:
        return one_more_member(facts, key, "a"), known
    deeper = {"peripheral": "occasional", "active": "core"}[roster.engagement[0]]
    grown = (
        replace(roster, engagement=[deeper, *roster.engagement[1:]])
        if change == 1
        else replace(roster, role=["lead", *roster.role[1:]])
    )
    return replace(facts, rosters={**facts.rosters, key: grown}), known


MORE_OF_HELPERS: dict[str, list[Callable[[Facts, HelpFacts, Random], Helped]]] = {
    helpers.SIMILAR: [advice_more],
    helpers.HABIT: [advice_more, a_question_more],
    helpers.AGAIN: [advice_more, a_question_more],
    helpers.SKILLS: [a_skill_of_a_helper],
    helpers.MEMBERSHIP: [more_of_a_member],
}


@pytest.mark.parametrize(("name", "more"), [(name, more) for name, all_ in MORE_OF_HELPERS.items() for more in all_])
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_more_never_lowers_what_speaks_for_a_helper(name: str, more: Callable[..., Helped], seed: int) -> None:
    random = np.random.default_rng(seed)
    facts, known = facts_of_help(random)
    text = " ".join(random.choice(WORDS, size=3))
    # A question that is new may change which community a text is taken to belong to: it is given then.
    community = "kilns" if more is a_question_more else PLACES[int(random.integers(3))]

    def measured(facts: Facts, known: HelpFacts) -> float:
        held = assemble(facts, today=TODAY)
        found = helpers.scored(
            advice.assemble(held, known), text, asker="asker", visible=np.ones(2, dtype=np.bool_), community=community
        )
        return float(next(one for one in found.families if one.name == name).values[held.people.row["a"]])

    before = measured(facts, known)
    assert measured(*more(facts, known, random)) >= before - 1e-6


# --- What is not monotone: one case each in which more lowers it ---------------------------------------------------


def rosters_of(**members: str) -> dict[str, Roster]:
    """A letter a person."""
    return {
        key: Roster(key, [*who], [""] * len(who), [""] * len(who), [""] * len(who), [""] * len(who))
        for key, who in members.items()
    }


def of_domains(members: dict[str, Roster] | None = None, **domains: str) -> Snapshot:
    return assemble(
        Facts({key: Community(key, key.upper(), text) for key, text in domains.items()}, members or {}), today=TODAY
    )


def at(family: Any, snapshot: Snapshot, community: str, profile: Profile) -> float:
    return float(family.measure(snapshot, profile).values[snapshot.row[community]])


def one_more_membership() -> tuple[float, float]:
    """Who is in A and not in B is in C, who is in both is not: to be in B speaks against C."""
    held = of_domains(
        rosters_of(a="abcdefghijklmnop", b="ijklmnop", c="abcdefgh"), a="kiln", b="loom", c="rope"
    )  # fmt: skip
    return (
        at(co_membership, held, "c", Profile(communities=("a",))),
        at(co_membership, held, "c", Profile(communities=("a", "b"))),
    )


def more_words() -> tuple[float, float]:
    held = of_domains(a="kiln clay", b="loom dye")
    return at(domain_fit, held, "a", Profile(text="kiln")), at(domain_fit, held, "a", Profile(text="kiln loom dye"))


def words_of_another_domain() -> tuple[float, float]:
    held = of_domains(rosters_of(a="abcdefgh", c="abcdefgh", b="xyz"), a="kiln clay", b="loom dye", c="rope")
    return at(implied, held, "c", Profile(text="kiln")), at(implied, held, "c", Profile(text="kiln loom dye"))


def a_member_of_its_own() -> tuple[float, float]:
    """Somebody in `a`, whose members are in `b` too; `c` reads like `b`."""
    me, texts = Profile(communities=("a",)), {"a": "kiln clay", "b": "loom dye", "c": "loom dye", "d": "rope"}
    empty = of_domains(rosters_of(a="xyz", b="xyz", c="", d="uvw"), **texts)
    joined = of_domains(rosters_of(a="xyz", b="xyz", c="q", d="uvw"), **texts)
    return at(kindred, empty, "c", me), at(kindred, joined, "c", me)


def more_alike() -> tuple[float, float]:
    scores = np.array([2, 1], dtype=np.float32)
    likeness = [np.array([[1, much], [much, 1]], dtype=np.float32) for much in (0, 0.8)]
    before, after = (-diversity.spread(scores, one.__getitem__, 0.3, 2)[1][2] for one in likeness)
    return before, after


def of_a(name: str, **known: Any) -> float:
    told = part(answered(**known), "a", name)
    return told.value if told else 0.0


def known_of(name: str, asker: dict[str, Any], helper: dict[str, Any]) -> tuple[float, float]:
    """Before and after it is known of the helper."""
    return of_a(name, people={"asker": asker}), of_a(name, people={"asker": asker, "a": helper})


LOWERED: dict[Feature, Callable[[], tuple[float, float]]] = {
    of_communities(co_membership.NAME): one_more_membership,
    of_communities(domain_fit.NAME): more_words,
    of_communities(implied.NAME): words_of_another_domain,
    of_communities(kindred.NAME): a_member_of_its_own,
    of_communities(joins.DIVERSITY_NAME): more_alike,
    of_helpers(outcomes.NAME): lambda: (
        of_a(outcomes.NAME, outcomes={"b": "worked"}),
        of_a(outcomes.NAME, outcomes={"b": "worked", "a": "did_not_work"}),
    ),
    of_helpers(requests.WILLING): lambda: (
        of_a(requests.WILLING, asked=many("a", closed=3)),
        of_a(requests.WILLING, asked=many("a", closed=3, declined=1)),
    ),
    of_helpers(requests.ANSWERED): lambda: (
        of_a(requests.ANSWERED, asked=many("a", closed=3)),
        of_a(requests.ANSWERED, asked=many("a", closed=3, declined=1)),
    ),
    of_helpers(requests.LOAD): lambda: (
        of_a(requests.LOAD, asked=many("a", asked=1)),
        of_a(requests.LOAD, asked=many("a", asked=3)),
    ),
    of_helpers(distance.UNIT): lambda: known_of(distance.UNIT, {"unit_id": "u1"}, {"unit_id": "u1"}),
    of_helpers(distance.GRADE): lambda: known_of(distance.GRADE, {"grade": "3"}, {"grade": "6"}),
    of_helpers(reach.LANGUAGE): lambda: known_of(reach.LANGUAGE, {"languages": ("de",)}, {"languages": ("fr",)}),
    of_helpers(reach.HOURS): lambda: known_of(
        reach.HOURS, {"timezone": "Europe/Berlin"}, {"timezone": "America/Los_Angeles"}
    ),
}


@pytest.mark.parametrize("feature", LOWERED, ids="-".join)
def test_more_lowers_what_is_not_monotone(feature: Feature) -> None:
    before, after = LOWERED[feature]()
    assert after < before


def test_a_colleague_who_does_not_belong_lowers_the_share() -> None:
    facts = Facts({"c": Community("c", "C")}, rosters_of(c="a"), {"a": Colleague("a", "A", "u")})
    more = replace(facts, people={**facts.people, "b": Colleague("b", "B", "u")})
    me = Profile(unit_id="u")
    assert value(more, me, "c", colleagues.NAME) < value(facts, me, "c", colleagues.NAME)


def test_every_feature_is_declared_and_the_declaration_tested() -> None:
    scored = {family.name for family, _ in joins.score(of_domains(a="kiln"), Profile()).parts}
    everything = {of_communities(name) for name in {*scored, joins.DIVERSITY_NAME}}
    everything |= {of_helpers(name) for name in {*helpers.WEIGHTS, *helpers.STAKES}}
    assert set(DECLARED) == everything
    grows = {of_communities(name) for name in MORE_OF_COMMUNITIES} | {of_helpers(name) for name in MORE_OF_HELPERS}
    assert grows == {feature for feature, monotone in DECLARED.items() if monotone}
    assert set(LOWERED) == {feature for feature, monotone in DECLARED.items() if not monotone}
