"""What the audit says of whether communities are alive."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graph.reads.communities import Practice, Roster
from matcher.audit.measured import Measured
from matcher.audit.subject import AuditFacts, Subject
from matcher.audit.vitality import Vitality, vitality
from matcher.snapshot import assemble
from tests.matcher.audit.test_report import BLADES, CRANES, LAW, OTHERS, people, snapshot_of

TEXTS = {"blades": ("Blade Care", BLADES), "cranes": ("Lifting", CRANES), "law": ("Clauses", LAW)}


def monthly(first: int, last: int, months: Sequence[int] = range(1, 13)) -> list[str]:
    return [f"{year}-{month:02}-10" for year in range(first, last + 1) for month in months]


def met(*days: str) -> Practice:
    return Practice(meetings=[(day, 5) for day in days])


def advised(by: Sequence[str], year: int = 2026) -> Practice:
    return Practice(advice=[(f"{year}-{1 + at % 12:02}-10", who) for at, who in enumerate(by)])


def measured(
    practice: Mapping[str, Practice],
    sponsors: Mapping[str, tuple[str, ...]] | None = None,
    status: Mapping[str, str] | None = None,
    rosters: Mapping[str, Roster] | None = None,
    founded: Mapping[str, str] | None = None,
    period: int = 365,
) -> dict[str, Measured[Vitality]]:
    """The day is 2027-03-17."""
    facts = snapshot_of(TEXTS, {key: people(0, 20) for key in (*TEXTS, *OTHERS)}).facts
    communities = {
        key: replace(one, status=(status or {}).get(key, "active"), founded_on=(founded or {}).get(key))
        for key, one in facts.communities.items()
    }
    snapshot = assemble(
        replace(facts, communities=communities, rosters={**facts.rosters, **(rosters or {})}, practice=practice),
        today="2027-03-17",
    )
    subject = Subject(snapshot, AuditFacts(sponsors=sponsors or {}), None, True)
    return {one.id: one for one in vitality(subject, period)}


ALIVE = met(*monthly(2024, 2026), "2027-01-10", "2027-02-10")


def test_who_fell_silent_is_flagged_with_the_day_and_who_goes_on_is_not() -> None:
    found = measured({"blades": met(*monthly(2024, 2025)), "law": ALIVE})
    assert next(iter(found)) == "blades"
    assert found["blades"].flagged
    assert "the last was of 2025-12-10" in found["blades"].reasons[0]
    assert "there would have been 13" in found["blades"].reasons[0]
    assert found["blades"].evidence.signs == {"meetings": (0, 10)}
    assert found["law"].score == 0
    assert not found["law"].flagged


def test_a_seldom_meeting_group_is_judged_by_its_own_pace() -> None:
    found = measured({"blades": met("2021-01-10", "2023-01-10", "2025-01-10"), "law": ALIVE})
    assert found["blades"].score < measured({"blades": met(*monthly(2023, 2024)), "law": ALIVE})["blades"].score


def test_the_period_is_settable_and_ends_where_the_data_end() -> None:
    paused = {"blades": met(*monthly(2024, 2025), "2026-05-10"), "law": ALIVE}
    assert not measured(paused)["blades"].flagged
    assert measured(paused, period=180)["blades"].flagged
    # Data of which the last day is years ago tell nothing of today.
    old = measured({"blades": met(*monthly(2015, 2018)), "law": met(*monthly(2015, 2018))})
    assert [one.id for one in old.values() if one.id in TEXTS and one.flagged] == []
    assert old["law"].evidence.until == "2018-12-10"


def test_what_lies_ahead_is_no_sign_of_life() -> None:
    planned = measured({"blades": met(*monthly(2024, 2025), "2027-06-10"), "law": ALIVE})
    assert planned["blades"].flagged


def test_an_unknown_date_is_never_a_sign_of_death() -> None:
    found = measured({"blades": met(*[""] * 10, "2024-01-10"), "law": ALIVE})
    assert found["blades"].score == 0
    assert any("most of its meetings bear no date" in reason for reason in found["blades"].reasons)
    nothing = measured({})
    assert {one.score for one in nothing.values()} == {0}
    assert "no meetings, questions, advice, joins are dated anywhere" in nothing["law"].reasons[0]


def test_silence_counts_less_where_fewer_ways_are_known() -> None:
    asked = Practice(questions=[(day, "p1") for day in monthly(2024, 2025)])
    one_way = measured({"blades": met(*monthly(2024, 2025)), "law": ALIVE})["blades"]
    known = Practice(ALIVE.meetings, [(day, "p1") for day in monthly(2024, 2026)])
    all_silent = measured({"blades": asked, "law": known})["blades"]
    only_asked = measured({"blades": asked, "law": Practice(questions=known.questions)})["blades"]
    assert all_silent.score > 0.9 > one_way.score
    assert one_way.flagged
    assert not only_asked.flagged


def test_who_joined_shows_life() -> None:
    joined = Roster("blades", people(0, 3), ["2024-01-10", "2025-01-10", "2026-12-10"], *([""] * 3 for _ in range(3)))
    found = measured({"blades": met(*monthly(2024, 2025)), "law": ALIVE}, rosters={"blades": joined})
    assert found["blades"].evidence.signs["joins"] == (1, 0)
    assert found["blades"].score < 0.5


def test_founders_are_no_pace_of_joining() -> None:
    def roster(key: str, days: Sequence[str]) -> Roster:
        return Roster(key, people(0, len(days)), list(days), *([""] * len(days) for _ in range(3)))

    kept = {"law": ALIVE, "cranes": ALIVE}
    founded = measured(kept, rosters={"blades": roster("blades", ["2022-01-10"] * 12), "law": roster("law", ["2027"])})
    grown = [f"2022-{month:02}-10" for month in range(1, 13)]
    joined = measured(kept, rosters={"blades": roster("blades", grown), "law": roster("law", ["2027"])})
    assert founded["blades"].evidence.expected < 1 < joined["blades"].evidence.expected


def test_what_it_says_of_itself_is_held_against_what_went_on() -> None:
    found = measured(
        {"blades": met(*monthly(2024, 2025)), "law": ALIVE}, status={"blades": "dormant", "law": "dormant"}
    )
    assert "It says itself that it is dormant." in found["blades"].reasons[0]
    assert found["law"].flagged
    assert found["law"].reasons[0].startswith("Declared dormant, but active since 2026-02-10: 12 meetings")
    assert found["blades"].score > found["law"].score
    begun = measured({"law": ALIVE}, status={"blades": "proposed"}, founded={"cranes": "2027-02-01"})
    assert begun["blades"].score == 0
    assert begun["cranes"].score < 0.5


def test_one_who_gives_all_advice_carries_it() -> None:
    found = measured({"blades": advised(["p1"] * 12), "law": advised([f"p{n}" for n in range(12)])})
    one = found["blades"]
    assert one.evidence.people == (("p1", "P 1"),)
    assert one.evidence.carried == 1
    assert any("One person gave 12 of the 12 pieces of advice" in reason for reason in one.reasons)
    assert one.score > found["law"].score == 0
    assert measured({"blades": advised(["p1"] * 2)})["blades"].score == 0


def test_sponsor_and_core_group_count_only_where_they_are_known() -> None:
    practice = dict.fromkeys(TEXTS, ALIVE)
    assert {one.score for key, one in measured(practice).items() if key in TEXTS} == {0}
    sponsored = measured(practice, {"blades": ("p1",), "law": ("p2",)})
    assert any("No sponsor" in reason for reason in sponsored["cranes"].reasons)
    assert sponsored["cranes"].score > sponsored["blades"].score == 0
    assert not sponsored["cranes"].flagged
    led = {
        key: Roster(key, people(0, 3), [""] * 3, [""] * 3, ["core", "", ""], [""] * 3)
        for key in snapshot_of(TEXTS).facts.communities
    }
    led["cranes"] = Roster("cranes", people(0, 3), *([""] * 3 for _ in range(4)))
    found = measured(practice, rosters=led)
    assert found["cranes"].evidence.core == 0
    assert "No core group" in found["cranes"].reasons[0]
    assert found["blades"].evidence.core == 1


def test_who_gets_less_while_the_others_do_not_is_fading() -> None:
    less = [*monthly(2024, 2025), "2026-01-10", "2026-02-10", "2026-06-10"]
    found = measured({"blades": met(*less), "law": ALIVE, "cranes": ALIVE})
    assert "after 12 in the period before" in found["blades"].reasons[0]
    assert 0 < found["blades"].score < 0.5


def test_a_regular_meeting_of_which_nothing_is_dated_is_said_to_be_unknown() -> None:
    facts = snapshot_of(TEXTS, {key: people(0, 20) for key in TEXTS}).facts
    announced = replace(facts.communities["blades"], meetings=("Rope evening, weekly",))
    facts = replace(facts, communities={**facts.communities, "blades": announced})

    def said(practice: Mapping[str, Practice]) -> dict[str, str]:
        subject = Subject(assemble(replace(facts, practice=practice), today="2027-03-17"), AuditFacts(), None, True)
        return {one.id: " ".join(one.reasons) for one in vitality(subject)}

    told = said({"law": advised(["p1", "p2"])})
    assert "of the regular meetings that it announces none is dated" in told["blades"]
    assert "announces" not in told["law"]
    assert "announces" not in said({"law": ALIVE})["blades"]


def test_who_leads_is_known_or_not_by_kind() -> None:
    texts = {f"{kind}-{n}": (f"{kind} {n}", LAW) for kind in ("project", "trial") for n in range(10)}
    facts = snapshot_of(texts, {key: people(0, 20) for key in (*texts, *OTHERS)}).facts
    leaderless = "project-9"
    communities = {
        key: replace(one, kind=key.split("-")[0] if key in texts else None) for key, one in facts.communities.items()
    }
    rosters = {
        key: replace(one, role=["chair", *one.role[1:]]) if key.startswith("project") and key != leaderless else one
        for key, one in facts.rosters.items()
    }
    snapshot = assemble(replace(facts, communities=communities, rosters=rosters), today="2027-03-17")
    found = {one.id: one for one in vitality(Subject(snapshot, AuditFacts(), None, True))}
    assert not any("announces" in reason for reason in found[leaderless].reasons)
    assert found[leaderless].evidence.core == 0
    assert any("No core group" in reason for reason in found[leaderless].reasons)
    # Of no trial anything is known of who leads it; the others are few, and judged by the whole.
    assert {found[key].evidence.core for key in texts if key.startswith("trial")} == {None}
    assert {found[key].score for key in texts if key.startswith("trial")} == {0}
