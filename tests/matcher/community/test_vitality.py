"""How alive communities are, measure by measure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.models import Community
from graph.reads.communities import Asked, MeetingAhead, Practice, Roster
from graph.reads.practice import Given, Life, Question
from graph.reads.pulse import Tally
from matcher import snapshot as snapshots
from matcher.community.pulse import concluded
from matcher.community.vitality import MEASURES, Facts, Measure, vitality

TODAY = date(2026, 11, 26)


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def roster(key: str, joined: Sequence[int], role: Mapping[int, str] | None = None) -> Roster:
    """Who joined so many days ago."""
    people = [f"{key}{n}" for n in range(len(joined))]
    empty = [""] * len(joined)
    return Roster(key, people, [ago(one) for one in joined], empty, empty,
                  [(role or {}).get(n, "") for n in range(len(joined))])  # fmt: skip


def question(key: str, asked: int, answers: Sequence[tuple[int, str, bool]] = (), asker: str = "a0") -> Question:
    given = (Given(ago(day), who, outcome="worked" if done else None) for day, who, done in answers)
    return Question(key, ago(asked), asker, tuple(given))


def measured(
    life: Mapping[str, Life] | None = None,
    rosters: Sequence[Roster] = (),
    communities: Sequence[Community] = (Community("a", "A", founded_on="2015-01-01"),),
    **given,
) -> dict[str, dict[str, Measure]]:
    facts = snapshots.Facts(
        {one.id: one for one in communities}, {one.community_id: one for one in rosters},
        practice=given.pop("practice", {}),
    )  # fmt: skip
    found = vitality(snapshots.assemble(facts, today=TODAY.isoformat()), Facts(life=life or {}, **given))
    assert all(tuple(m.name for m in one.measures) == MEASURES for one in found.values())
    return {key: {m.name: m for m in one.measures} for key, one in found.items()}


def test_what_is_not_known_is_not_told() -> None:
    found = measured()["a"]
    assert all(one.value is None and one.why and one.trend == "cannot tell" and one.peers is None
               for one in found.values())  # fmt: skip


def test_regular_meetings_are_told_from_the_same_number_at_random() -> None:
    steady = [(ago(7 + 28 * n), 5) for n in range(12)]
    wild = [(ago(day), 5) for day in (0, 2, 5, 80, 82, 90, 200, 203, 290, 291, 350, 352)]
    for days, least, most in ((steady, 1.0, 1.0), (wild, 0.0, 0.7)):
        found = measured(practice={"a": Practice(meetings=days)})["a"]["regularity"]
        assert found.value is not None
        assert least <= found.value <= most
        assert found.numbers["meetings"] == 12
    few = measured(practice={"a": Practice(meetings=steady[:3])})["a"]["regularity"]
    assert few.why == "2 gaps between meetings; from 3 on it can be told"


def test_answers_count_if_prompt_and_young_questions_not_yet() -> None:
    asked = [question(f"q{n}", 100, [(100 - n, "a1", False)]) for n in range(0, 28, 4)]
    young = [question("y", 3), question("z", 5, [(4, "a1", False)])]
    practice = {"a": Practice(questions=[(one.asked_at, "") for one in (*asked, *young)], meetings=[(ago(0), 1)])}
    found = measured({"a": Life((*asked, *young))}, practice=practice)["a"]["answers"]
    assert found.numbers == {"questions": 8, "within_14_days": 5}  # 0, 4, 8, 12 days, and z


def test_a_change_that_may_be_chance_is_no_trend() -> None:
    def trend(now: int, before: int) -> str:
        asked = [question(f"n{k}", 100, [(99, "a1", k < now)]) for k in range(20)]
        asked += [question(f"b{k}", 500, [(499, "a1", k < before)]) for k in range(20)]
        practice = {"a": Practice(meetings=[(ago(0), 1)])}
        return measured({"a": Life(tuple(asked))}, practice=practice)["a"]["follow_up"].trend

    assert trend(18, 4) == "rising"
    assert trend(4, 18) == "falling"
    assert trend(11, 9) == "no clear change"


def test_welcome_and_artefacts_are_unknown_where_nobody_notes_them_down_and_low_where_others_do() -> None:
    communities = [Community(key, key.upper(), founded_on="2015-01-01") for key in "ab"]
    joined = tuple((ago(day), False) for day in (3000, 300, 200, 150, 100, 50))
    practice = {"a": Practice(meetings=[(ago(0), 1)])}
    alone = measured({"a": Life(joined=joined)}, communities=communities, practice=practice)["a"]
    assert "nobody notes down" in (alone["welcome"].why or "")
    noted = {"a": Life(joined=joined), "b": Life(joined=((ago(20), True),), artefacts=(ago(30), ago(9)))}
    found = measured(noted, communities=communities, practice=practice)
    assert (found["a"]["welcome"].value, found["a"]["welcome"].numbers["newcomers"]) == (0, 5)
    assert (found["a"]["artefacts"].value, found["b"]["artefacts"].value) == (0, 2)


def test_engagement_is_of_members_and_names_nobody() -> None:
    asked = [question(f"q{n}", 50, [(49, f"a{n % 6}", False)], asker="stranger") for n in range(12)]
    found = measured({"a": Life(tuple(asked))}, [roster("a", [900] * 10)],
                     practice={"a": Practice(meetings=[(ago(0), 1)])})["a"]["engagement"]  # fmt: skip
    assert found.value == pytest.approx(0.6)
    assert found.numbers == {"members": 10, "took_part": 6, "acts": 12, "as_if_even": 6}


def test_leads_are_renewed_where_some_joined_of_late() -> None:
    roles = dict.fromkeys(range(4), "chair")
    some = measured(rosters=[roster("a", [4000, 3000, 400, 300, 2000], roles)])["a"]["renewal"]
    assert (some.value, some.numbers["leading"]) == (0.5, 4)
    young = measured(rosters=[roster("a", [300, 300, 200, 100], roles)])["a"]["renewal"]
    assert "too young" in (young.why or "")


def test_a_question_is_new_if_its_words_were_not_asked_about_the_year_before() -> None:
    texts = {f"b{n}": "How to weld a cracked rotor shaft?" for n in range(5)}
    texts |= {f"o{n}": "How to weld a rotor?" for n in range(3)} | {
        f"n{n}": "Which licence for drones?" for n in range(2)
    }
    asked = [question(key, 500 if key[0] == "b" else 100) for key in texts]
    found = measured({"a": Life(tuple(asked))}, asked=[Asked(key, "", text, "a") for key, text in texts.items()],
                     practice={"a": Practice(meetings=[(ago(0), 1)])})["a"]["novelty"]  # fmt: skip
    assert found.value == pytest.approx(0.4)


def test_hours_dovetail_unless_communities_that_share_members_meet_at_once() -> None:
    communities = [Community(key, key.upper()) for key in "ab"]
    at = f"{ago(-5)}T10:00Z"
    ahead = [MeetingAhead(f"m{key}", key, "", at, None) for key in "ab"]
    same = replace(roster("a", [900] * 5), community_id="b")
    assert measured(rosters=[roster("a", [900] * 5), same], communities=communities,
                    ahead=ahead)["a"]["dovetailing"].value == 0  # fmt: skip
    assert measured(rosters=[roster("a", [900] * 5), roster("b", [900] * 5)], communities=communities,
                    ahead=ahead)["a"]["dovetailing"].value == 1  # fmt: skip


def test_peers_are_of_the_same_kind_and_age_not_restricted_and_five_at_least() -> None:
    def peers(others: int, **given) -> Measure:
        kin = [Community(f"p{n}", "P", founded_on="2014-01-01", **given) for n in range(others)]
        communities = [Community("a", "A", founded_on="2015-01-01"), *kin]
        life = {one.id: Life(artefacts=(ago(9),) * (3 if one.id == "a" else 1)) for one in communities}
        return measured(life, communities=communities, practice={"a": Practice(meetings=[(ago(0), 1)])})["a"][
            "artefacts"
        ]

    found = peers(5)
    assert found.peers is not None
    assert (found.peers.number, found.peers.band, found.peers.quartiles) == (5, "highest quarter", (1, 1, 1))
    assert peers(4).peers is None
    assert peers(9, kind="project").peers is None
    assert peers(9, visibility="restricted").peers is None
    assert peers(9, status="retired").peers is None


def test_the_pulse_is_told_from_what_is_told_of_each_question() -> None:
    tallies = [
        Tally("2026-Q3", "welcome", (0, 0, 0, 1, 5)),
        Tally("2026-Q3", "candour", (0, 1, 1, 0, 0)),  # too few
        Tally("2026-Q2", "candour", (0, 0, 5, 0, 0)),
    ]
    found = measured(pulses={"a": concluded(tallies)})["a"]["pulse"]
    assert found.value == pytest.approx((4.5 + 3) / 2, abs=0.06)
    assert found.numbers == {"questions": 2, "answers_at_least": 10}
    assert (found.before, found.trend) == (None, "cannot tell"), "no question was told twice"
    assert measured(pulses={"a": concluded(tallies[1:2])})["a"]["pulse"].value is None


def test_the_pulse_moves_by_questions_that_were_told_twice() -> None:
    def moved(now: tuple[int, ...], before: tuple[int, ...]) -> Measure:
        tallies = [Tally("2026-Q3", "candour", now), Tally("2026-Q3", "welcome", (0, 0, 9, 0, 0)),
                   Tally("2026-Q2", "candour", before)]  # fmt: skip
        return measured(pulses={"a": concluded(tallies)})["a"]["pulse"]

    many = moved((0, 0, 5, 30, 25), (10, 30, 20, 0, 0))
    assert (many.before, many.trend, many.numbers["told_twice"]) == (2.0, "rising", 1)
    assert moved((10, 30, 20, 0, 0), (0, 0, 5, 30, 25)).trend == "falling"
    assert moved((0, 0, 1, 3, 2), (1, 3, 2, 0, 0)).trend == "no clear change", "six answers may be chance"


def test_dovetailing_moves_by_the_meetings_that_were_held() -> None:
    both = [replace(roster(key, [900] * 4), person_ids=["p0", "p1", "p2", "p3"]) for key in "ab"]
    communities = [Community(key, key, founded_on="2015-01-01", meetings=("Mondays 10:00 UTC",)) for key in "ab"]
    mine, other = ([(f"{ago(30 * n)}T{hour}:00", "UTC") for n in range(1, 21)] for hour in (10, 15))

    def moved(beside: list[tuple[str, str]]) -> Measure:
        return measured(
            rosters=both, communities=communities, began={"a": mine, "b": beside},
            practice={"a": Practice(meetings=[(ago(0), 3)])},
        )["a"]["dovetailing"]  # fmt: skip

    found = moved([*other[:12], *mine[12:]])
    assert (found.value, found.before, found.trend) == (0, 0, "rising")
    assert (found.numbers["held"], found.numbers["held_free"]) == (12, 12)
    assert moved([*mine[:12], *other[12:]]).trend == "falling"
    assert moved(mine).trend == "no clear change"
    assert moved(other).before == 1


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(-30, 1500), st.integers(-30, 1500), st.booleans()), max_size=30))
def test_shares_are_shares_whatever_the_days(days: list[tuple[int, int, bool]]) -> None:
    asked = [question(f"q{n}", one, [(other, f"a{n % 7}", done)]) for n, (one, other, done) in enumerate(days)]
    practice = {"a": Practice(meetings=[(ago(one), 3) for one, _, _ in days])}
    texts = [Asked(one.id, "", f"word{n}", "a") for n, one in enumerate(asked)]
    joined = [abs(one) for one, _, _ in days]
    found = measured({"a": Life(tuple(asked))}, [roster("a", joined)], practice=practice, asked=texts)["a"]
    for one in found.values():
        assert (one.value is None) == (one.why is not None)
        if one.unit == "share" and one.value is not None:
            assert 0 <= one.value <= 1
