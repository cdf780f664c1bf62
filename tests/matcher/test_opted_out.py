"""Whoever does not want to be named is in no recommendation: not as helper, nor to be greeted, nor as evidence."""

import re
from dataclasses import replace
from typing import Any

import numpy as np

from graph.reads.advice import AdviceGiven, AnsweredQuestion
from graph.reads.meetings import Met
from graph.reads.people import SkillHolders
from matcher import advice, outside
from matcher.advice import HelpFacts
from matcher.community.draft import DraftFacts, suggestions
from matcher.helpers import help_for
from matcher.joins import recommend_all
from matcher.snapshot import assemble
from tests.matcher.test_what_if import SKILLS, WORDS, organisation, somebody

# Communities, helpers, experts and suggestions for a charter, together.
WANTED = 10_000

TODAY = "2026-01-01"


def drawn(seed: int) -> tuple[Any, frozenset[str]]:
    """An organisation in which a third opted out of being named, of helping, or of both; and the ids of those who are
    to appear nowhere. They are no worse than others: leads, core members, advisers, holders of skills."""
    random = np.random.default_rng(seed)
    facts = organisation(seed).facts
    opted = {key: int(random.integers(0, 6)) for key in facts.people}
    people = {
        key: replace(
            one, recommendable=opted[key] not in (0, 1), open_to_help=opted[key] not in (1,),
            external=int(key[1:]) % 9 == 0,
        )
        for key, one in facts.people.items()
    }  # fmt: skip
    rosters = {}
    for key, roster in facts.rosters.items():
        number = len(roster.person_ids)
        engagement = random.choice(["core", "active", ""], size=number).tolist()
        role = random.choice(["lead", "", ""], size=number).tolist()
        rosters[key] = replace(roster, engagement=engagement, role=role, joined_on=["2025-06-01"] * number)
    snapshot = assemble(replace(facts, people=people, rosters=rosters), today=TODAY)
    ids, questions = sorted(people), {}
    for number in range(60):
        asker, *helpers = random.choice(ids, size=4, replace=False).tolist()
        text = " ".join(random.choice(WORDS, size=4).tolist())
        given = tuple(AdviceGiven(one, "2025-07-01", "worked", f"a{number}-{one}", "2025-08-01") for one in helpers)
        community = f"c{int(random.integers(40)):02}"
        questions[f"q{number}"] = AnsweredQuestion(
            f"q{number}", text, text, "2025-07-01", community, asker, given
        )  # fmt: skip
    holders = {
        name: SkillHolders(name, name, (), sorted(random.choice(ids, size=12, replace=False).tolist()), [3] * 12)
        for name in SKILLS
    }
    evidence = advice.assemble(snapshot, HelpFacts(questions, holders))
    return evidence, frozenset(key for key, one in people.items() if not one.recommendable)


def test_ten_thousand_recommendations_name_nobody_who_opted_out() -> None:
    made, named = 0, 0
    for seed in range(7):
        evidence, out = drawn(seed)
        snapshot = evidence.snapshot
        nowhere = re.compile(rf"'(?:{'|'.join(sorted(out))})'|\b(?:{'|'.join(sorted(one.upper() for one in out))})\b")
        random = np.random.default_rng(seed)
        visible = np.ones(len(snapshot.communities), dtype=np.bool_)
        people, draft = snapshot.people, DraftFacts(holders=evidence.facts.holders)
        # Of themselves everybody may be told.
        askers = [somebody(snapshot, random) for _ in range(120)]
        for profile, found in zip(askers, recommend_all(snapshot, askers), strict=True):
            for one in found.results:
                made, named = made + 1, named + len(one.greeters)
                told = repr(one).replace(f"'{profile.person_id}'", "").replace(f"'{profile.manager_id}'", "")
                assert not nowhere.search(told), (profile.person_id, one)
        for number in range(20):
            asker = people.ids[int(random.integers(len(people.ids)))]
            text = " ".join(random.choice([*WORDS, *SKILLS], size=5).tolist())
            helpers = help_for(evidence, text, asker=asker, visible=visible, limit=20)
            experts = outside.experts(evidence, text, asker=asker, visible=visible, limit=5)
            met = [Met(one.person_id, key, 2, "m", "2025-01-01", "C") for one in experts.results for key in people.ids]
            introduced = outside.introduced(evidence, experts.results, met, asker=asker, visible=visible)
            made += len(helpers.results) + len(introduced)
            for one in (*helpers.results, *introduced):
                assert not nowhere.search(repr(one).replace(f"'{asker}'", "").replace(asker.upper(), "")), (number, one)
                helper = getattr(one, "helper", one)
                assert people.open_to_help[people.row[helper.person_id]]
        for row in range(len(snapshot.communities)):
            for suggestion in suggestions(snapshot, snapshot.communities[row].id, draft, visible):
                made += 1
                assert not nowhere.search(repr(suggestion)), suggestion
    assert made >= WANTED, made
    assert named > 1_000  # others are greeted
