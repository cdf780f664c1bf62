"""Whom a person with a question is pointed to."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.database import Database
from graph.models import LOCAL_ADMIN, Community, Principal
from graph.reads.advice import AdviceGiven, AnsweredQuestion
from graph.reads.communities import Roster
from graph.reads.people import Colleague
from graph.reads.requests import RequestFact
from matcher import advice, snapshot
from matcher.advice import HelpFacts
from matcher.batch import Loads, Request, give_out
from matcher.explain import Contribution
from matcher.features import distance, outcomes, reach, requests
from matcher.helpers import STAKES, Helper, HelperList, help_for
from matcher.snapshot import Facts
from tests.matcher.test_joins import holds

TEXT = "certificate rotation fails after restart"

ORGANISATION = """
CREATE (pki:Community {id: 'pki', name: 'Trust', domain: 'certificate issue and rotation'})
CREATE (:Community {id: 'vol', name: 'Volumes', domain: 'disks and snapshots'})
CREATE (asker:Person {id: 'asker'})-[:REPORTS_TO]->(boss:Person {id: 'boss'})
CREATE (boss)-[:REPORTS_TO]->(top:Person {id: 'top'})
CREATE (top)-[:REPORTS_TO]->(boss), (below:Person {id: 'below'})-[:REPORTS_TO]->(asker)
CREATE (other:Person {id: 'other'}), (good:Person {id: 'good', name: 'Good'})
CREATE (shy:Person {id: 'shy', open_to_help: false}), (gone:Person {id: 'gone', left_on: '2020'})
CREATE (q:Question {id: 'q', title: 'Rotation of a certificate', text: 'it fails', asked_at: '2023-05-01'})
CREATE (q)-[:IN]->(pki)
CREATE (other)-[:ASKED]->(q)
WITH q, pki, good
MATCH (p:Person) WHERE NOT p.id IN ['other']
CREATE (p)-[:GAVE]->(:Advice {id: 'a-' + p.id, advised_at: '2023-05-02'})-[:ANSWERS]->(q)
WITH DISTINCT pki, good
CREATE (good)-[:HAS_SKILL {id: 'h', level: 4}]->(:Skill {id: 's', name: 'Certificate rotation'})
CREATE (good)-[:MEMBER_OF {id: 'm', engagement: 'core'}]->(pki)
"""


def ask(database: Database, text: str = TEXT, **options: Any) -> HelperList:
    """What somebody is answered: by default `asker`, who sees what `principal` may see."""
    asker = options.pop("asker", "asker")
    principal = options.pop("principal", Principal(asker))
    evidence = database.follow(advice.build(None, options.pop("as_of", None)))
    return help_for(evidence, text, asker=asker, visible=evidence.snapshot.visible_to(principal), **options)


def test_a_helper_comes_with_every_piece_of_evidence(database: Database):
    database.run_alone(ORGANISATION)
    [helper] = ask(database).results
    assert (helper.person_id, helper.name) == ("good", "Good")
    assert set(helper.reasons) == {
        "advised on a similar question, 'Rotation of a certificate' in 2023-05",
        "advised on a question in Trust, most recently in 2023-05",
        "holds the skill Certificate rotation at level 4",
        "core member of Trust",
    }
    assert helper.score == pytest.approx(sum(part.points for part in helper.contributions))
    steps = [step for part in helper.contributions if part.reason for step in part.reason.path]
    assert {step.relation for step in steps} == {"GAVE", "ANSWERS", "HAS_SKILL", "MEMBER_OF"}
    assert all(holds(database, step) for step in steps)


def test_neither_asker_nor_line_of_managers_nor_opted_out_nor_left_are_named(database: Database):
    database.run_alone(ORGANISATION)
    found = ask(database)
    assert [helper.person_id for helper in found.results] == ["good"]
    assert found.set_aside == {}  # each rule took fewer than five
    stranger = ask(database, asker=None)
    assert {helper.person_id for helper in stranger.results} == {"asker", "below", "boss", "good", "top"}


def test_rules_count_from_five_on_but_never_opt_outs(database: Database):
    database.run_alone(ORGANISATION)
    database.run_alone(
        "MATCH (q:Question {id: 'q'}), (asker:Person {id: 'asker'}) UNWIND range(1, 5) AS i "
        "CREATE (:Person {id: 'r' + i})-[:GAVE]->(:Advice {id: 'r' + i, advised_at: '2023'})-[:ANSWERS]->(q) "
        "CREATE (:Person {id: 's' + i, open_to_help: false})-[:GAVE]->(:Advice {id: 's' + i}) "
        "WITH q, asker, i MATCH (a:Advice {id: 's' + i}) CREATE (a)-[:ANSWERS]->(q) "
        "CREATE (:Person {id: 'g' + i, left_on: '2020'})-[:GAVE]->(:Advice {id: 'g' + i})-[:ANSWERS]->(q) "
        "WITH asker, i MATCH (r:Person {id: 'r' + i}) CREATE (r)-[:REPORTS_TO]->(asker)"
    )
    assert ask(database).set_aside == {"reporting_line": 8, "left": 6}


def test_a_private_question_is_evidence_for_its_asker_only(database: Database):
    database.run_alone(ORGANISATION)
    database.run_alone("MATCH (q:Question {id: 'q'}) SET q.private = true WITH q MATCH (m)-[r:MEMBER_OF]->() DELETE r")
    database.run_alone("MATCH ()-[r:HAS_SKILL]->() DELETE r")
    assert ask(database).results == ()
    assert ask(database, principal=LOCAL_ADMIN).results == ()
    own = ask(database, asker="other")
    assert "good" in {helper.person_id for helper in own.results}


def test_questions_of_a_restricted_community_stay_inside(database: Database):
    database.run_alone(ORGANISATION)
    database.run_alone("MATCH (c:Community {id: 'pki'}) SET c.visibility = 'restricted'")
    outside = ask(database)
    assert all("Trust" not in reason for helper in outside.results for reason in helper.reasons)
    assert "pki" not in outside.communities
    assert "pki" in ask(database, asker="good").communities


def test_the_community_is_inferred_from_the_text(database: Database):
    database.run_alone(ORGANISATION)
    assert max(ask(database).communities.items(), key=lambda entry: entry[1])[0] == "pki"
    assert ask(database, community="vol").communities == {"vol": 1.0}
    assert sum(ask(database, "disks and certificate").communities.values()) == pytest.approx(1.0)


def test_in_a_replay_only_advice_dated_before_counts(database: Database):
    database.run_alone(ORGANISATION)
    assert ask(database, as_of="2023-05-02").results == ()
    later = ask(database, as_of="2023-05-03")
    good = next(helper for helper in later.results if helper.person_id == "good")
    assert all("member" not in reason and "skill" not in reason for reason in good.reasons)


def test_fresh_advice_outweighs_old(database: Database):
    database.run_alone(
        "CREATE (c:Community {id: 'c', name: 'C', domain: 'disks'}) "
        "CREATE (q:Question {id: 'q', title: 'Disks', text: 'full', asked_at: '2015'})-[:IN]->(c) "
        "CREATE (:Person {id: 'a'})-[:GAVE]->(:Advice {id: '1', advised_at: '2015-01-01'})-[:ANSWERS]->(q) "
        "CREATE (:Person {id: 'b'})-[:GAVE]->(:Advice {id: '2', advised_at: '2023-01-01'})-[:ANSWERS]->(q)"
    )
    found = ask(database, "full disks", as_of="2024-01-01")
    assert [helper.person_id for helper in found.results] == ["b", "a"]


def test_an_empty_graph_has_no_helpers(database: Database):
    assert ask(database).results == ()


DAY = "2026-03-01"

# Everybody advised on the one question, on the same day: what tells them apart is what a test gives them.
PEOPLE = ("a", "b", "c", "d", "e", "f")


def assembled(
    people: dict[str, dict[str, Any]] | None = None,
    asked: tuple[RequestFact, ...] = (),
    outcomes: dict[str, str] | None = None,
    as_of: str | None = None,
) -> advice.HelpEvidence:
    """`people`: what is known of each beside the name; `outcomes` of their advice, found out on DAY."""
    known = {key: Colleague(key, key.upper(), **(people or {}).get(key, {})) for key in ("asker", *PEOPLE)}
    pieces = tuple(
        AdviceGiven(key, "2025-03-01", (outcomes or {}).get(key), f"a-{key}", DAY if key in (outcomes or {}) else None)
        for key in PEOPLE
    )
    question = AnsweredQuestion("q", "Ropes", "how to splice ropes", "2025", "knots", None, pieces)
    # A second one, so that the words are not those of every question.
    other = replace(question, id="z", title="Disks", text="full", advice=())
    facts = Facts(
        {"knots": Community("knots", "Knots", "ropes")}, {"knots": Roster("knots", [], [], [], [], [])}, known,
        {"u1": "Docks", "u2": "Decks"},
    )  # fmt: skip
    held = snapshot.assemble(facts, as_of=as_of, today=DAY)
    return advice.assemble(held, HelpFacts({"q": question, "z": other}, requests={one.id: one for one in asked}))


def answered(
    people: dict[str, dict[str, Any]] | None = None,
    outcomes: dict[str, str] | None = None,
    asked: tuple[RequestFact, ...] = (),
    asker: str | None = "asker",
    as_of: str | None = None,
    dismissed: tuple[str, ...] = (),
) -> HelperList:
    evidence = assembled(people, asked, outcomes, as_of)
    everything = np.ones(1, dtype=np.bool_)
    return help_for(evidence, "splice ropes", asker=asker, visible=everything, limit=10, dismissed=dismissed)


def request(number: int, helper: str, state: str, day: str = "2026-02-0") -> RequestFact:
    """A request that went as far as `state`, a step a day."""
    asked, decided, advised, ended = (f"{day}{step}T10:00:00.000Z" for step in range(1, 5))
    return {
        "asked": RequestFact(f"r{number}", helper, state, asked),
        "withdrawn": RequestFact(f"r{number}", helper, state, asked, ended_at=ended),
        "accepted": RequestFact(f"r{number}", helper, state, asked, decided),
        "declined": RequestFact(f"r{number}", helper, state, asked, decided),
        "advised": RequestFact(f"r{number}", helper, state, asked, decided, advised),
        "closed": RequestFact(f"r{number}", helper, state, asked, decided, advised, ended),
    }[state]


def many(helper: str, **counts: int) -> tuple[RequestFact, ...]:
    return tuple(
        replace(request(0, helper, state), id=f"{helper}-{state}-{number}")
        for state, count in counts.items()
        for number in range(count)
    )


def order(found: HelperList) -> list[str]:
    return [helper.person_id for helper in found.results]


def of(found: HelperList, person: str) -> Helper:
    return next(helper for helper in found.results if helper.person_id == person)


def part(found: HelperList, person: str, feature: str) -> Contribution | None:
    return next((one for one in of(found, person).contributions if one.feature == feature), None)


def test_nothing_known_changes_nothing() -> None:
    found = answered()
    assert order(found) == list(PEOPLE)
    assert {one.feature for helper in found.results for one in helper.contributions}.isdisjoint(STAKES)
    assert len({helper.score for helper in found.results}) == 1


def test_advice_that_worked_ranks_before_advice_that_did_not() -> None:
    found = answered(outcomes={"b": "worked", "c": "partly", "d": "did_not_work"})
    assert order(found)[0] == "b"
    assert order(found)[-1] == "d"
    assert of(found, "b").score > of(found, "a").score > of(found, "d").score
    whole, half = part(found, "b", outcomes.NAME), part(found, "c", outcomes.NAME)
    assert whole is not None
    assert half is not None
    assert whole.reason is not None
    assert whole.reason.text == "of their advice that was followed up, 1 of 1 worked"
    assert {step.start.id for step in whole.reason.path} == {"b", "a-b"}
    assert half.reason is not None
    assert half.reason.text == "of their advice that was followed up, 0 of 1 worked, 1 in part"
    failed = part(found, "d", outcomes.NAME)
    assert failed is not None
    assert (failed.value < 0, failed.reason) == (True, None)  # between the two of them
    for helper in found.results:
        assert helper.score == pytest.approx(sum(one.points for one in helper.contributions))


def test_outcomes_fade() -> None:
    fresh = part(answered(outcomes={"a": "did_not_work", "b": "worked"}), "a", outcomes.NAME)
    evidence = answered(outcomes={"a": "did_not_work", "b": "worked"}, as_of="2036-03-02")
    old = part(evidence, "a", outcomes.NAME)
    assert fresh is not None
    assert old is not None
    assert fresh.value < old.value < 0


def test_an_outcome_counts_in_a_replay_from_the_day_it_was_found_out() -> None:
    assert AdviceGiven("a", "2025", "worked", "", DAY).as_known(DAY).outcome is None
    assert AdviceGiven("a", "2025", "worked", "", DAY).as_known("2026-03-02").outcome == "worked"
    assert AdviceGiven("a", "2025", "worked").as_known("2026-03-02").outcome is None
    assert AdviceGiven("a", "2025", "worked").as_known(None).outcome == "worked"


def test_who_says_yes_and_gives_advice_ranks_before_who_does_not() -> None:
    asked = many("b", closed=7, declined=1) + many("c", declined=5, closed=1) + many("d", withdrawn=9)
    found = answered(asked=asked)
    assert order(found) == ["b", "a", "d", "e", "f", "c"]
    assert "accepts most requests: 7 of 8" in of(found, "b").reasons
    assert "gave advice on 7 of 8 requests" in of(found, "b").reasons
    assert "accepts few requests: 1 of 6" in of(found, "c").reasons
    assert part(found, "d", requests.WILLING) is None, "to be asked and not needed says nothing"
    few = answered(asked=many("b", declined=2))
    assert not any("requests" in reason for reason in of(few, "b").reasons), "two would give somebody away"
    willing = part(few, "b", requests.WILLING)
    assert willing is not None
    assert willing.points < 0
    for helper in found.results:
        assert helper.score == pytest.approx(sum(one.points for one in helper.contributions))


def test_open_requests_spread_over_those_who_know_as_much() -> None:
    asked = many("a", asked=1, accepted=1) + many("b", asked=1)
    found = answered(people={"a": {"help_capacity": 4}}, asked=asked)
    assert order(found)[-2:] == ["b", "a"]
    assert "has 2 open requests" in of(found, "a").reasons
    assert "has an open request" in of(found, "b").reasons
    load = part(found, "a", requests.LOAD)
    assert load is not None
    assert (load.value, load.points < 0) == (-0.5, True)
    # A capacity is its owner's to see: the share tells it in quarters only.
    values = {
        part(answered(people={"a": {"help_capacity": size}}, asked=many("a", asked=2)), "a", requests.LOAD)
        for size in (3, 4, 5)
    }
    assert {one.value for one in values if one} == {-0.75, -0.5}


def test_who_is_full_is_set_aside_and_counted_from_five_on() -> None:
    full = {key: {"help_capacity": 1} for key in PEOPLE}
    asked = tuple(one for key in PEOPLE[:5] for one in many(key, accepted=1))
    found = answered(people=full, asked=asked)
    assert (order(found), found.set_aside) == (["f"], {"out_of_capacity": 5})
    assert answered(people=full, asked=asked[:4]).set_aside == {}
    assert order(answered(people={"a": {"help_capacity": 0}})) == ["b", "c", "d", "e", "f"]
    assert order(answered(asked=many("a", asked=50)))[-1] == "a", "without a capacity there is room"


def test_who_paused_is_left_out_and_never_counted() -> None:
    paused = {key: {"help_paused_until": "2026-03"} for key in PEOPLE[:5]}
    found = answered(people=paused)
    assert (order(found), found.set_aside) == (["f"], {})
    assert len(order(answered(people={key: {"help_paused_until": "2026-02"} for key in PEOPLE}))) == 6
    assert order(answered(people=paused, as_of="2026-02-01")) == ["f"]


def test_dismissed_helpers_are_left_out() -> None:
    found = answered(dismissed=PEOPLE[1:])
    assert (order(found), found.set_aside) == (["a"], {"dismissed": 5})


def test_another_unit_is_preferred() -> None:
    people = {"asker": {"unit_id": "u1"}, "a": {"unit_id": "u1"}, "c": {"unit_id": "u2"}}
    found = answered(people=people)
    assert order(found) == ["c", "b", "d", "e", "f", "a"]
    assert "works in another unit, Decks" in of(found, "c").reasons
    assert "works in your own unit" in of(found, "a").reasons


@pytest.mark.parametrize(
    ("mine", "theirs", "value", "reason"),
    [
        ("7", "7", 0, "is of grade 7, as you are"),
        ("G7", "g 8", 0, "is of grade g 8, 1 above yours"),
        ("L5", "L3", pytest.approx(-1 / 3), "is of grade L3, 2 below yours"),
        ("7", "G11", -1, "is of grade G11, 4 above yours"),
        ("L5", "G7", None, ""),
        ("Senior", "7", None, ""),
        ("7", "", None, ""),
    ],
)
def test_grades_are_compared_where_both_are_numbers(mine: str, theirs: str, value: float | None, reason: str) -> None:
    found = answered(people={"asker": {"grade": mine}, "a": {"grade": theirs}})
    told = part(found, "a", distance.GRADE)
    assert (told and told.value) == value
    assert not reason or reason in of(found, "a").reasons


def test_too_many_grades_apart_is_set_aside() -> None:
    people = {"asker": {"grade": "3"}} | {key: {"grade": "G8"} for key in PEOPLE[:5]}
    found = answered(people=people)
    assert (order(found), found.set_aside) == (["f"], {"grade_gap": 5})
    assert len(answered(people=people, asker=None).results) == 6


def test_a_language_and_hours_in_common_count_where_both_are_known() -> None:
    people = {
        "asker": {"languages": ("de-CH", "English"), "timezone": "Europe/Berlin"},
        "a": {"languages": ("fr",), "timezone": "America/Los_Angeles"},
        "b": {"languages": ("english", "de"), "timezone": "Europe/Lisbon"},
        "c": {"timezone": "Mars/Olympus"},
    }
    found = answered(people=people)
    assert order(found) == ["b", "c", "d", "e", "f", "a"]
    assert {"speaks english and de, as you do", "shares 7 of 8 working hours with you"} <= set(of(found, "b").reasons)
    assert {"is not known to speak a language of yours", "shares 0 of 8 working hours with you"} <= set(
        of(found, "a").reasons
    )
    assert part(found, "c", reach.HOURS) is None
    assert order(answered(people=people, as_of=DAY)) == list(PEOPLE), "none of that bears a date"


def test_in_a_replay_requests_count_as_they_stood() -> None:
    asked = many("a", closed=3)
    assert [one.values[1] for one in (requests.load(evidence(asked, day)) for day in ("2026-02-01", "2026-02-02"))] == [
        0, -0.75,
    ]  # fmt: skip
    later = requests.willing(evidence(asked, "2026-02-03"))
    assert later.values[1] > 0
    assert requests.load(evidence(asked, "2026-02-03")).values[1] == pytest.approx(-0.75)
    assert requests.load(evidence(asked, "2026-02-04")).values[1] == 0


def evidence(asked: tuple[RequestFact, ...], as_of: str) -> advice.HelpEvidence:
    held = snapshot.assemble(Facts({}, {}, {key: Colleague(key, key) for key in ("0", "a")}), as_of=as_of)
    return advice.assemble(held, HelpFacts(requests={one.id: one for one in asked}))


STATES = ("asked", "accepted", "declined", "withdrawn", "advised", "closed")


@settings(max_examples=60, deadline=None)
@given(
    asked=st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(STATES)), max_size=25),
    told=st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(["worked", "partly", "did_not_work"])),
    helper=st.sampled_from(PEOPLE),
)
def test_scores_stay_positive_sums_and_good_news_never_hurts(asked: list, told: dict[str, str], helper: str) -> None:
    facts = tuple(request(number, who, state) for number, (who, state) in enumerate(asked))
    people = {"asker": {"unit_id": "u1", "grade": "1"}, "a": {"unit_id": "u1", "grade": "4"}}
    before = answered(people=people, outcomes=told, asked=facts)
    for one in before.results:
        assert one.score > 0
        assert one.score == pytest.approx(sum(piece.points for piece in one.contributions))
    after = answered(people=people, outcomes=told, asked=(*facts, request(99, helper, "closed")))

    def value(found: HelperList, feature: str) -> float:
        told = part(found, helper, feature)
        return told.value if told else 0.0

    for feature in (requests.WILLING, requests.ANSWERED):
        assert value(after, feature) >= value(before, feature) - 1e-6
    worked = answered(people=people, outcomes={**told, helper: "worked"}, asked=facts)
    assert value(worked, outcomes.NAME) >= value(before, outcomes.NAME) - 1e-6


def test_a_batch_keeps_to_the_same_rules() -> None:
    people = {key: {"help_capacity": 2} for key in PEOPLE} | {"c": {"help_paused_until": "2999"}}
    held = assembled(people, many("a", accepted=1) + many("b", asked=2))
    batch = give_out(
        held,
        [Request(f"q{number}", "splice ropes", "asker", dismissed=frozenset("def")) for number in range(3)],
        Loads(0, 3),
        1.0,
    )
    # A has room for one more, B for none, C pauses, and the others were dismissed by who asks.
    assert sorted(len(one.helpers) for one in batch.results) == [0, 0, 1]
    (helper,) = next(one.helpers for one in batch.results if one.helpers)
    assert helper.person_id == "a"
    assert helper.score == pytest.approx(sum(one.points for one in helper.contributions))


def test_outcomes_of_questions_that_one_may_not_see_move_nothing() -> None:
    held = assembled(outcomes={"a": "worked", "b": "did_not_work"})
    shown, hidden = (outcomes.measure(held, np.full(len(held.questions), seen)) for seen in (True, False))
    assert shown.values.any()
    assert not hidden.values.any()
    assert hidden.reason(held.snapshot.people.row["a"]) is None


def test_a_long_membership_says_more_than_a_new_one_and_an_unknown_one_is_between() -> None:
    members = ["a", "b", "c"]
    roster = Roster("knots", members, ["2026-01-10", "2015", ""], [""] * 3, ["active"] * 3, [""] * 3)
    people = {key: Colleague(key, key.upper()) for key in members}
    facts = Facts({"knots": Community("knots", "Knots", "ropes")}, {"knots": roster}, people)
    evidence = advice.assemble(snapshot.assemble(facts, today=DAY), HelpFacts())
    found = help_for(evidence, "ropes", asker=None, visible=np.ones(1, dtype=np.bool_))
    assert order(found) == ["b", "c", "a"]
    assert of(found, "b").reasons == ["active member of Knots since 2015"]
    assert of(found, "c").reasons == ["active member of Knots"]
