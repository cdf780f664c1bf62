"""Replays: what counts as known, what as foretold, that nothing later leaks in, and that the figures are right."""

import math
from dataclasses import replace
from pathlib import Path

import ir_measures
import numpy as np
import pytest

from graph.models import Community
from graph.reads.advice import AdviceGiven, AnsweredQuestion
from graph.reads.communities import Roster
from graph.reads.people import Colleague
from graph.reads.requests import RequestFact
from matcher.advice import HelpFacts
from matcher.backtest import OURS, helpers, joins, peers
from matcher.backtest.measures import difference, quality, ranked, ranked_rows
from matcher.backtest.requests import OWN, USUAL, brier_score, foretell
from matcher.features.profile import Profile
from matcher.joins import score
from matcher.snapshot import Facts
from tests.bench.bundles import facts_of, help_facts_of

SINCE = "2021-01-01"


def facts(*spells: tuple[str, str, str], left: dict[tuple[str, str], str] | None = None, **more: str) -> Facts:
    """Facts of spells (person, community, joined on); `more`: visibility by community."""
    communities = {
        key: Community(key, key, f"all about {key}", visibility=more.get(key, "open"))
        for key in sorted({community for _, community, _ in spells} | more.keys())
    }
    rosters = {key: Roster(key, [], [], [], [], []) for key in communities}
    for person, community, joined in spells:
        roster = rosters[community]
        roster.person_ids.append(person)
        roster.joined_on.append(joined)
        roster.left_on.append((left or {}).get((person, community), ""))
        roster.engagement.append("core")
        roster.role.append("")
    return Facts(communities, rosters)


def joined(replayed: joins.Replay) -> dict[str | None, dict[str, set[str]]]:
    names = [community.id for community in replayed.snapshot.communities]
    return {
        case.profile.person_id: {segment: {names[row] for row in rows} for segment, rows in case.joined.items() if rows}
        for case in replayed.cases
    }


def test_measures_are_those_of_the_standard_library_of_the_field() -> None:
    random = np.random.default_rng(3)
    for _ in range(50):
        ids = [f"d{number:02}" for number in range(30)]
        scores = random.integers(0, 8, 30).astype(float)
        relevant = frozenset(random.choice(ids, size=int(random.integers(1, 14)), replace=False).tolist())
        case = ranked("q", "s", ids, scores, relevant, 5)
        # The library breaks ties in its own way: the places are given to it as scores.
        order = sorted(range(30), key=lambda at: (-scores[at], ids[at]))
        run = [ir_measures.ScoredDoc("q", ids[at], float(-place)) for place, at in enumerate(order)]
        truth = [ir_measures.Qrel("q", key, 1) for key in relevant]
        measures = (ir_measures.nDCG @ 10, ir_measures.R @ 10, ir_measures.RR)
        expected = ir_measures.calc_aggregate(measures, truth, run)
        assert case.measures() == pytest.approx(tuple(expected[measure] for measure in measures))


def test_intervals_hold_the_mean_and_narrow_with_more_cases() -> None:
    random = np.random.default_rng(1)
    ids = [f"d{number:02}" for number in range(20)]
    cases = [
        ranked(f"q{number}", "s", ids, random.random(20), frozenset([ids[int(random.integers(20))]]), 10)
        for number in range(400)
    ]
    few, many = quality(cases[:40]), quality(cases)
    assert few
    assert many
    assert few.mrr.low < few.mrr.mean < few.mrr.high
    assert many.mrr.high - many.mrr.low < (few.mrr.high - few.mrr.low) / 2
    assert quality(cases) == many  # the same seed, the same interval
    same = difference(cases, cases)
    assert (same.ndcg.low, same.ndcg.mean, same.ndcg.high) == (0, 0, 0)
    with pytest.raises(ValueError, match="same cases"):
        difference(cases[:2], cases[1:3])


def test_what_counts_as_known_and_what_as_foretold() -> None:
    held = facts(
        ("ann", "old", "2019-05-01"), ("ann", "next", "2021-03"), ("ann", "young", "2022"), ("ann", "secret", "2022"),
        ("bob", "old", ""), ("bob", "next", "2020"), ("bob", "old", "2021-02-01"),
        ("cem", "next", "2021-01-01"), ("dee", "old", "2018"), ("dee", "gone", "2019"), ("dee", "gone", "2021-06-01"),
        ("eve", "old", "2018-01-01"), ("eve", "gone", "2021-02"),
        left={("dee", "gone"): "2019-12-01"}, secret="restricted",
    )  # fmt: skip
    replayed = joins.replay(held, SINCE)
    # Ann: what is dated to the month or year counts from its first day on; what is restricted is never recommended.
    # Bob joins again what he was in, Cem was in nothing, Dee goes back to what she left: there is nothing to foretell.
    assert joined(replayed) == {
        "ann": {"existing": {"next"}, "new": {"young"}},
        "eve": {"existing": {"gone"}},
    }
    names = [community.id for community in replayed.snapshot.communities]
    ann = replayed.cases[0]
    assert [names[row] for row in replayed.candidates(ann, "existing")] == ["gone", "next"]
    assert [names[row] for row in replayed.candidates(ann, "new")] == ["young"]
    assert joined(joins.replay(held, SINCE, "2021-12-31")) == {
        "ann": {"existing": {"next"}},
        "eve": {"existing": {"gone"}},
    }
    # A date to the year that the cut lies in is neither before it nor behind it.
    assert joined(joins.replay(facts(("a", "x", "2018"), ("a", "y", "2021"), ("b", "y", "")), "2021-06-01")) == {}


def test_leaving_one_out_hides_it_everywhere() -> None:
    spells = [(f"p{number}", community, "") for number in range(12) for community in ("a", "b", "c")]
    spells += [("two", "a", ""), ("two", "b", "")]
    replayed = joins.leave_one_out(facts(*spells), seed=4)
    assert len(replayed.cases) == 12  # who is in two alone keeps both
    for case in replayed.cases:
        (row,) = (row for rows in case.joined.values() for row in rows)
        assert replayed.snapshot.communities[row].id not in case.profile.communities
        person = replayed.snapshot.people.row[str(case.profile.person_id)]
        assert replayed.snapshot.members[[person], [row]].sum() == 0
    assert joined(joins.leave_one_out(facts(*spells), seed=4)) == joined(replayed)
    assert joined(joins.leave_one_out(facts(*spells), seed=5)) != joined(replayed)


def history(number: int = 60) -> Facts:
    """Sixty people in ten communities over eight years, drawn at random."""
    random = np.random.default_rng(8)
    spells: list[tuple[str, str, str]] = []
    for person in range(number):
        for community in random.choice(10, size=4, replace=False):
            day = f"{int(random.integers(2016, 2024))}-{int(random.integers(1, 13)):02}-15"
            spells.append((f"p{person:02}", f"c{community}", day))
    return facts(*spells)


def test_nothing_later_moves_a_ranking_of_joins() -> None:
    held = history()
    changed = {}
    for number, (key, roster) in enumerate(held.rosters.items()):
        later = [at for at, day in enumerate(roster.joined_on) if day >= SINCE]
        people, levels, ended = list(roster.person_ids), list(roster.engagement), list(roster.left_on)
        for at in later:  # somebody else joins it, in another role, and leaves again
            people[at], levels[at], ended[at] = f"p{(at * 7 + number) % 60:02}", "peripheral", "2023-12-01"
        ended = [day or "2022-02-02" for day in ended]
        changed[key] = replace(roster, person_ids=people, engagement=levels, left_on=ended)
    before = joins.replay(held, SINCE)
    after = joins.replay(replace(held, rosters=changed), SINCE)
    score, score_after = joins.ours(before), joins.ours(after)
    cases = {case.profile.person_id: case for case in after.cases}
    common = [case for case in before.cases if case.profile.person_id in cases]
    assert len(common) > 20
    for case in common:
        assert cases[case.profile.person_id].profile == case.profile
        np.testing.assert_array_equal(score_after(cases[case.profile.person_id]), score(case))
    for (name, one), (_, other) in zip(peers.recommenders(before), peers.recommenders(after), strict=True):
        if name.startswith("implicit"):
            continue  # fitted from a random start, to other numbers each time
        for case in common[:5]:
            np.testing.assert_allclose(
                other(cases[case.profile.person_id]), one(case), rtol=1e-4, atol=1e-5, err_msg=name
            )


def questions() -> dict[str, AnsweredQuestion]:
    random = np.random.default_rng(2)
    found: dict[str, AnsweredQuestion] = {}
    for number in range(80):
        day = f"20{18 + number // 20}-{1 + number % 12:02}-10"
        helpers_ = random.choice(12, size=2, replace=False)
        advice = tuple(AdviceGiven(f"h{h}", day, "worked", f"{number}-{h}") for h in helpers_)
        text = f"topic {number % 7} of {number % 3}"
        found[f"q{number:02}"] = AnsweredQuestion(
            f"q{number:02}", text, text, day, f"c{number % 4}", f"a{number % 5}", advice
        )
    return found


def asked(held: dict[str, AnsweredQuestion], since: str = SINCE) -> dict[str, tuple[helpers.Asked, dict[str, float]]]:
    communities = {f"c{number}": Community(f"c{number}", f"C{number}", f"topic {number}") for number in range(4)}
    people = {f"h{number}": Colleague(f"h{number}", f"H{number}") for number in range(12)}
    replayed = helpers.History(Facts(communities, {}, people), HelpFacts(held)).replay(since)
    return {one.question.id: (one, dict(helpers.ours(one, one.question.community_id))) for one in replayed}


def test_nothing_later_moves_a_ranking_of_helpers() -> None:
    held = questions()
    before = asked(held)
    middle = sorted(before.values(), key=lambda pair: pair[0].question.asked_at or "")[len(before) // 2][0]
    day = middle.question.asked_at or ""
    changed = {
        key: question
        if (question.asked_at or "") < day
        else replace(
            question,
            title="something else",
            advice=tuple(replace(a, helper_id="h0", outcome="did not work") for a in question.advice),
        )
        for key, question in held.items()
    }
    changed[middle.question.id] = middle.question
    changed = {key: replace(q, advice=tuple(replace(a, outcome=None) for a in q.advice)) for key, q in changed.items()}
    after = asked(changed)
    assert after[middle.question.id][1] == before[middle.question.id][1] != {}
    earlier = [key for key, (one, _) in before.items() if (one.question.asked_at or "") <= day]
    assert all(
        after[key][1] == before[key][1] for key in earlier if key in after and changed[key].title != "something else"
    )


def test_first_time_advisers_are_no_part_of_the_truth_and_a_question_with_none_left_is_counted() -> None:
    def question(key: str, day: str | None, *who: str) -> AnsweredQuestion:
        advice = tuple(AdviceGiven(one, day, None, f"{key}-{one}") for one in who)
        return AnsweredQuestion(key, key, key, day, "c", "asker", advice)

    held = {
        "a": question("a", "2020-01-01", "old", "asker"),
        "b": question("b", "2021-02-01", "old", "fresh"),
        "c": question("c", "2021-02-01", "newcomer"),
        "d": question("d", None, "old"),
        "e": question("e", "2021-03-01", "fresh"),
    }
    people = {one: Colleague(one, one) for one in ("old", "fresh", "newcomer", "asker")}
    replayed = helpers.History(Facts({"c": Community("c", "C")}, {}, people), HelpFacts(held))
    found = {one.question.id: one for one in replayed.replay(SINCE)}
    assert {key: set(one.advisers) for key, one in found.items()} == {"b": {"old"}, "e": {"fresh"}}
    assert found["b"].candidates == ("old",)  # the asker is nobody's helper
    assert (replayed.skipped.nobody_left, replayed.skipped.undated) == (1, 1)


def test_lists_that_are_all_the_same_cover_little() -> None:
    alike, spread = [["a", "b"]] * 10, [[f"x{number}", f"y{number}"] for number in range(10)]
    assert joins.coverage_and_gini(alike, 20) == (0.1, pytest.approx(0.9))
    covered, gini = joins.coverage_and_gini(spread, 20)
    assert covered == 1
    assert math.isclose(gini, 0, abs_tol=1e-9)


def test_real_joins_are_foretold_better_than_by_the_best_peer_of_each_segment(shared_data: Path) -> None:
    replayed = joins.replay(facts_of(shared_data / "apache" / "bundle"), SINCE)
    found = joins.rank(replayed, replayed.cases, joins.ours(replayed), 10)
    existing, new = quality(found["existing"]), quality(found["new"])
    assert existing
    assert new
    assert (existing.cases, existing.ndcg.mean >= 0.283, existing.recall.mean >= 0.4105) == (241, True, True)
    assert (new.cases, new.ndcg.mean >= 0.586, new.recall.mean >= 0.678) == (223, True, True)


def test_real_advisers_are_found_better_than_by_the_best_peer(shared_data: Path) -> None:
    held, help_facts = help_facts_of(shared_data / "kubernetes" / "bundle")
    cases = list(helpers.History(held, help_facts).replay("2023-01-01"))
    ours = quality([helpers.rank(one, helpers.ours(one, one.question.community_id), 10) for one in cases])
    peer = quality([helpers.rank(one, helpers.by_community(one, 1.0), 10) for one in cases])
    assert ours
    assert peer
    assert ours.mrr.mean > peer.mrr.mean
    assert ours.recall.mean > peer.recall.mean


def decided(number: int, helper: str, yes: bool, asked: str, on: str | None = None) -> RequestFact:
    return RequestFact(f"r{number:03}", helper, "accepted" if yes else "declined", asked, on or asked)


def test_a_request_is_foretold_from_what_was_decided_before_its_day() -> None:
    history = [
        decided(1, "a", True, "2024-01-01T08:00:00.000Z", "2024-01-02T08:00:00.000Z"),
        decided(2, "a", True, "2024-01-03T08:00:00.000Z"),
        decided(3, "a", False, "2024-01-03T09:00:00.000Z"),
        decided(4, "b", False, "2024-01-04T08:00:00.000Z"),
        RequestFact("r005", "b", "asked", "2024-01-05T08:00:00.000Z"),
    ]
    found = foretell(history, "2024-01-02")
    assert [one.request_id for one in found] == ["r002", "r003", "r004"]
    # One yes before. What was decided that day does not count, and one's own is not among what is usual for the others.
    assert [one.probabilities[USUAL] for one in found] == pytest.approx([2 / 3, 2 / 3, 3 / 5])
    assert [one.probabilities[OURS] for one in found] == pytest.approx([3 / 5, 3 / 5, 3 / 5])
    assert brier_score(found) == pytest.approx((0.16 + 0.36 + 0.36) / 3)
    changed = [*history[:1], *(replace(one, state="declined") for one in history[1:4]), history[4]]
    assert foretell(changed, "2024-01-02")[0].probabilities == found[0].probabilities
    assert foretell(history, "2025-01-01") == []
    assert foretell(history, "2024-01-02", "2024-01-03") == []


def test_shrunken_rates_foretell_better_than_either_alone() -> None:
    random = np.random.default_rng(5)
    rates = random.beta(4, 2, 60)
    history = [
        decided(number, f"h{helper}", bool(random.random() < rates[helper]), f"{2020 + number // 200}-{day:02}-01")
        for number, (helper, day) in enumerate(
            zip(random.integers(0, 60, 800), random.integers(1, 13, 800), strict=True)
        )
    ]
    found = foretell(history, "2021-01-01")
    assert brier_score(found) < brier_score(found, USUAL)
    assert brier_score(found) < brier_score(found, OWN)


def test_in_the_one_list_each_join_meets_what_had_begun_by_its_own_day() -> None:
    held = facts(
        ("ann", "old", "2019-05-01"), ("ann", "next", "2021-03-05"), ("ann", "young", "2022-04-01"),
        ("bob", "next", "2020-02-01"), ("bob", "young", "2022-03-01"), ("cem", "late", "2022-06-01"),
        ("cem", "old", "2021-08-01"), ("dee", "old", "2021-09"),
    )  # fmt: skip
    cases = [(part, case) for part in joins.joint(held, SINCE) for case in part.cases]

    def told(part: joins.Replay, case: joins.Case) -> tuple[str | None, set[str], set[str], set[str]]:
        names = [community.id for community in part.snapshot.communities]
        candidates = {names[row] for row in part.candidates(case, "joint")}
        return (
            case.profile.person_id,
            set(case.profile.communities),
            candidates,
            {names[r] for r in case.joined["joint"]},
        )

    # Cem had been in nothing when he joined his first; Dee's day is not known.
    assert [told(part, case) for part, case in cases] == [
        ("ann", {"old"}, {"next"}, {"next"}),
        ("bob", {"next"}, {"old", "young"}, {"young"}),
        ("ann", {"old", "next"}, {"young"}, {"young"}),
        ("cem", {"old"}, {"next", "young", "late"}, {"late"}),
    ]
    part, case = cases[1]
    young = part.snapshot.row["young"]
    assert part.snapshot.age_days[young] <= 0
    novelty = {family.name: family.values for family, _ in score(part.snapshot, case.profile).parts}["novelty"]
    assert novelty[young] == 1
    assert novelty[part.snapshot.row["old"]] == 0
    assert len([case for part in joins.joint(held, SINCE, number=2) for case in part.cases]) == 2


def test_newcomers_are_met_by_what_they_say_and_where_they_work() -> None:
    held = facts(
        ("old1", "kiln", "2019-01-01"), ("old2", "kiln", ""), ("old3", "loom", "2018"), ("old1", "loom", "2022-01-01"),
        ("new", "kiln", "2021-04-01"), ("new", "loom", "2022-04-01"), ("newer", "young", "2021-05-01"),
    )  # fmt: skip
    people = {one: Colleague(one, one, "u") for one in ("old1", "old2", "new")} | {"old3": Colleague("old3", "old3")}
    held = replace(held, people=people, unit_names={"u": "U"})
    joined_then = joins.newcomers(held, SINCE)
    assert joined_then == {"new": frozenset({"kiln", "loom"}), "newer": frozenset({"young"})}
    profiles = [Profile("new", text="about kiln", unit_id="u", communities=("kiln",)), Profile("newer")]
    replayed = joins.cold(held, SINCE, profiles, joined_then)
    assert joined(replayed) == {"new": {"existing": {"kiln", "loom"}}, "newer": {"new": {"young"}}}
    new = replayed.cases[0]
    assert new.profile.communities == ()
    scored = {family.name: family.values for family, _ in score(replayed.snapshot, new.profile).parts}
    kiln, loom = replayed.snapshot.row["kiln"], replayed.snapshot.row["loom"]
    assert scored["colleagues"][kiln] > 0 == scored["colleagues"][loom]  # old1 came to the loom later
    assert scored["domain_fit"][kiln] > 0
    # Peers have what the newcomer says too, and nobody fails where they say nothing.
    by_name = {
        name: joins.rank(replayed, replayed.cases, scorer, 5) for name, scorer in peers.simple(replayed.snapshot)
    }
    assert by_name["TF-IDF"]["existing"][0].ranked[0] == "kiln"


def test_ranking_rows_is_ranking_ids() -> None:
    random = np.random.default_rng(5)
    ids = [f"c{number:02}" for number in range(40)]
    for _ in range(200):
        rows = np.sort(random.choice(40, size=int(random.integers(5, 40)), replace=False))
        scores = random.integers(0, 6, 40).astype(np.float64)  # with many that are equal
        relevant = frozenset(random.choice(rows, size=int(random.integers(1, 5)), replace=False).tolist())
        by_id = ranked("k", "s", [ids[row] for row in rows], scores[rows], frozenset(ids[row] for row in relevant), 12)
        assert ranked_rows("k", "s", rows, ids, scores, relevant, 12) == by_id
