"""Every question of the formation check in each of its states, on small organisations made for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graph.models import Community
from graph.reads.communities import Asked, Roster
from graph.reads.formation import Held, Interest, Together
from graph.reads.people import Colleague, Unit
from matcher.audit.proposal import Proposal, Standing
from matcher.audit.subject import AuditFacts, Subject
from matcher.community.formation.answers import QUESTIONS, Answer, Check
from matcher.community.formation.check import check
from matcher.community.formation.draft import Draft
from matcher.community.pulse import Beat
from matcher.snapshot import Facts, assemble
from tests.matcher.audit.test_report import AGAIN, BLADES, CRANES, LAW, OTHERS, people

DAY = "2027-03-17"
BLADE_CARE = Proposal("Blade Care", BLADES, "Whoever repairs blades")
TRADES = [BLADES, CRANES, LAW, *(text for _, text in OTHERS.values())]
TRADE = {text: people(30 * at, 30 * at + 30) for at, text in enumerate(TRADES)}


def own_words(text: str, number: int) -> str:
    """What somebody says who is of a trade: two in three of its words, and some of another that they had before."""
    said = [word for at, word in enumerate(text.split()) if (at + number) % 3]
    before = TRADES[number % len(TRADES)].split()[number % 5 :: 5]
    return " ".join([*said, *before])


LOOSE = {key: own_words(text, int(key[1:])) for text, some in TRADE.items() for key in some}
BLADE_PEOPLE = TRADE[BLADES]


def with_blades(some: Sequence[str]) -> dict[str, str]:
    """What everybody says, where some say all that there is to say of blades."""
    return {key: f"{BLADES} {text}" if key in some else text for key, text in LOOSE.items()}


PROFILES = with_blades(BLADE_PEOPLE)
# Of each trade but the first there is a community, in which twenty of it are.
STANDING = {"cranes": ("Lifting", CRANES), "law": ("Clauses", LAW), **OTHERS}
MEMBERS = {key: TRADE[text][:20] for key, (_, text) in STANDING.items()}


def world(
    draft: Draft,
    *,
    profiles: Mapping[str, str] | None = None,
    colleagues: Mapping[str, Mapping[str, str]] | None = None,
    communities: Sequence[Community] = (),
    rosters: Mapping[str, Sequence[str]] | None = None,
    units: Sequence[Unit] = (),
    questions: Sequence[Asked] = (),
    seen: bool = True,
    core_group: int = 3,
) -> Check:
    """The check of a draft in an organisation of nine trades with thirty people each."""
    known = {key: Community(key, name, domain, audience="Engineers") for key, (name, domain) in STANDING.items()}
    known |= {one.id: one for one in communities}
    if draft.id:
        words = draft.words
        known[draft.id] = Community(
            draft.id, words.name, words.domain, status=draft.status, audience=words.audience, skill_ids=words.skill_ids,
            skill_names=words.skill_ids,
        )  # fmt: skip
    told = {**MEMBERS, **(rosters or {})}
    facts = Facts(
        known,
        {key: Roster(key, list(some), *([""] * len(some) for _ in range(4))) for key, some in told.items()},
        {key: Colleague(key, key.title(), **(colleagues or {}).get(key, {})) for key in PROFILES},
        unit_names={unit.id: unit.name for unit in units},
    )
    snapshot = assemble(facts, today=DAY)
    audit_facts = AuditFacts(units=units, questions=questions, profiles=PROFILES if profiles is None else profiles)
    standing = Standing(Subject(snapshot, audit_facts, None, False))
    visible = np.array([seen or one.visibility == "open" for one in snapshot.communities])
    return check(standing, draft, visible, core_group=core_group)


def interest(person: str, level: str | None = None, hours: float | None = None, lead: bool = False) -> Interest:
    return Interest(
        person, person, "new", "New", "proposed", level, hours, lead, False, None, "2027-01-01", None, False
    )


def stored(interested: Sequence[Interest | str] = (), together: Together | None = None, **given: Any) -> Draft:
    said = tuple(interest(one) if isinstance(one, str) else one for one in interested)
    return Draft("new", given.pop("words", BLADE_CARE), interests=said, together=together or Together(), **given)


def on(question: str, found: Check) -> Answer:
    return next(one for one in found.answers if one.question == question)


@pytest.fixture(scope="module")
def bare() -> Check:
    return world(Draft("", BLADE_CARE))


@pytest.fixture(scope="module")
def unknown() -> Check:
    """Nobody says anything of themselves, nothing was asked, nobody wants it."""
    return world(stored(words=Proposal("Thing", "")), profiles={})


def test_all_questions_are_answered_in_their_order_and_what_is_not_met_says_what_to_do(bare: Check) -> None:
    assert [one.question for one in bare.answers] == list(QUESTIONS)
    for one in bare.answers:
        assert one.evidence, one.question
        assert bool(one.action) == (one.state != "met"), one.question
    assert sum(bare.count(state) for state in ("met", "partly", "missing", "cannot_tell")) == len(QUESTIONS)


def test_enough_people_identify_with_it(bare: Check, unknown: Check) -> None:
    found = on("identify", bare)
    assert found.state == "met"
    assert bare.identify == 30
    assert "30 of 270 people with a profile" in found.evidence[0]
    assert found.evidence[1].count(",") == 4, "five examples"
    named = {key.title() for key in BLADE_PEOPLE}
    assert set(found.evidence[1].removeprefix("For example ").rstrip(".").split(", ")) <= named
    # The line is drawn anew, so that near ten the number is not sure.
    unsure = on("identify", world(Draft("", BLADE_CARE), profiles=with_blades(BLADE_PEOPLE[:4])))
    assert unsure.state == "partly"
    assert "(8 to 11, as these are drawn anew)" in unsure.evidence[0]
    assert on("identify", world(Draft("", BLADE_CARE), profiles=LOOSE)).state == "missing"
    assert on("identify", unknown).state == "cannot_tell"
    assert unknown.identify is None
    half = {key: text for key, text in PROFILES.items() if int(key[1:]) % 30 < 14}
    assert on("identify", world(Draft("", BLADE_CARE), profiles=half)).state == "cannot_tell", "fewer than half"


def test_a_shared_situation_counts_beside_skills() -> None:
    fresh = BLADE_PEOPLE[:12]
    profiles = {key: f"{text} {'newly promoted' if key in fresh else ''}" for key, text in PROFILES.items()}
    found = on("concern", world(stored(fresh), profiles=profiles))
    assert found.state == "met"
    assert "12 of the 12 people who are in it or want to be speak of “newly”, 0% of the others do." in found.evidence
    graded = {key: {"grade": "G1"} for key in fresh[:5]}
    partly = on("concern", world(stored(fresh), colleagues=graded))
    assert partly.state == "partly"
    assert "5 of the 12 people who are in it or want to be have the grade G1, 0% of the others do." in partly.evidence
    assert on("concern", world(stored(fresh))).state == "missing", "what the text names is no situation"
    assert on("concern", world(stored(fresh[:3]), profiles={})).state == "cannot_tell"


def test_who_belongs_is_told_by_the_text(bare: Check, unknown: Check) -> None:
    assert on("belonging", bare).state == "met"
    circle = "We gather in a circle, listen and share our stories. Questions open a space for learning and growth."
    assert on("belonging", world(Draft("", Proposal("Horizon", circle)))).state == "missing"
    talk = "We share stories of repair on ropes and learn from rotor blades in winter."
    assert on("belonging", world(Draft("", Proposal("Winter work", talk)))).state == "partly"
    assert on("belonging", world(Draft("", BLADE_CARE), profiles={})).state == "cannot_tell"
    short = on("belonging", world(Draft("", replace(BLADE_CARE, domain="Repair of rotor blades in winter on ropes."))))
    assert short.state == "partly", "it fits well, and says too little"
    assert any("too few to say what it is about" in one for one in short.evidence)


def test_what_it_duplicates_among_communities_and_units(bare: Check, unknown: Check) -> None:
    assert on("duplicates", bare).state == "met"
    twin = Community(
        "rotors", "Rotor Repair", AGAIN, skill_ids=("laminates", "ropes"), skill_names=("laminates", "ropes")
    )
    words = replace(BLADE_CARE, skill_ids=("laminates", "ropes"))
    found = world(Draft("", words), communities=[twin])
    assert on("duplicates", found).state == "missing"
    assert [one.id for one in found.duplicates][:1] == ["rotors"]
    assert "Rotor Repair is there for this domain: join it instead." in on("duplicates", found).evidence[0]
    unit = world(Draft("", BLADE_CARE), units=[Unit("u", "Blade Care", BLADES)])
    assert on("duplicates", unit).state == "missing"
    namesake = Community("other", "Blade Care", "How skaters sharpen, oil and store their steel for the rink.")
    assert on("duplicates", world(Draft("", BLADE_CARE), communities=[namesake])).state == "partly"
    assert on("duplicates", unknown).state == "cannot_tell"


def test_what_one_may_not_see_does_not_show() -> None:
    hidden = Community("rotors", "Rotor Repair", AGAIN, visibility="restricted")
    found = world(stored(BLADE_PEOPLE[:8]), communities=[hidden], rosters={"rotors": BLADE_PEOPLE[:8]}, seen=False)
    assert "Rotor" not in " ".join(sentence for one in found.answers for sentence in (*one.evidence, one.action))
    assert on("companionship", found).state == "missing", "that they are together there does not show either"
    seen = world(stored(BLADE_PEOPLE[:8]), communities=[hidden], rosters={"rotors": BLADE_PEOPLE[:8]})
    assert on("companionship", seen).state == "met"


def test_not_so_general_that_everyone_could_belong(bare: Check) -> None:
    assert on("general", bare).state == "met"
    everyone = with_blades(list(LOOSE))
    assert on("general", world(Draft("", BLADE_CARE), profiles=everyone)).state == "missing"
    fifth = with_blades([*BLADE_PEOPLE, *(key for key in LOOSE if int(key[1:]) % 5 == 0)])
    found = on("general", world(Draft("", BLADE_CARE), profiles=fifth))
    assert found.state == "partly"
    assert any("identify with it" in one for one in found.evidence)
    assert on("general", world(Draft("", BLADE_CARE), profiles={})).state == "cannot_tell"


def test_not_so_specific_that_people_must_join_too_many(bare: Check) -> None:
    assert on("specific", bare).state == "met"
    sheet = on("specific", world(Draft("", Proposal("Ropes 4.2 sheet 14", "Ropes 4.2, sheet 14, for blades."))))
    assert sheet.state == "missing"
    assert "Its name bears a number: 4.2, 14." in sheet.evidence
    talk = "Masts, sheaves, halyards and knots for crews at sea in winter storms."
    assert on("specific", world(Draft("", Proposal("Masts 14", talk)), profiles=LOOSE)).state == "partly"
    assert on("specific", world(Draft("", BLADE_CARE), profiles={})).state == "cannot_tell"


def test_a_clear_group_wants_it(bare: Check) -> None:
    deep = [interest(key, "core" if at < 3 else "occasional", 2.0) for at, key in enumerate(BLADE_PEOPLE[:11])]
    units = [Unit("u1", "Blades North"), Unit("u2", "Blades South")]
    at = {key: {"unit_id": "u1" if number < 9 else "u2"} for number, key in enumerate(BLADE_PEOPLE[:11])}
    found = on("wanted", world(stored(deep), units=units, colleagues=at))
    assert found.state == "met"
    assert found.evidence == (
        "11 people are in it or want to be; 3 of them mean to be core or active.",
        "Levels: occasional 8, a few others.", "11 of them would give 22 hours a month in all.",
        "Units: Blades North 9, a few others.",
    )  # fmt: skip
    assert on("wanted", world(stored(BLADE_PEOPLE[:11]))).state == "partly", "nobody means to be core"
    assert on("wanted", world(stored(BLADE_PEOPLE[:2]))).state == "missing"
    levels = ("core", "active", "occasional")
    few = [interest(key, levels[place % 3], 2.0) for place, key in enumerate(BLADE_PEOPLE[:9])]
    assert "No level has 5 or more of them." in on("wanted", world(stored(few))).evidence
    assert on("wanted", bare).state == "cannot_tell"


def test_companionship_is_likely() -> None:
    group = BLADE_PEOPLE[:8]

    def found(**given: Any) -> Answer:
        return on("companionship", world(stored(group, **given.pop("draft", {})), **given))

    assert found().state == "missing"
    together = found(rosters={"law": [*MEMBERS["law"], *group[:5]]})
    assert together.state == "met"
    assert together.evidence == (
        "5 of 8 already have to do with another one of them.", "5 share another community with one.",
    )  # fmt: skip
    one_unit = {key: {"unit_id": "u"} for key in group[:6]}
    assert found(units=[Unit("u", "Blades")], colleagues=one_unit).state == "met"
    advised = frozenset({(group[0], group[1])})
    partly = found(draft={"advised": advised})
    assert partly.state == "partly"
    assert len(partly.evidence) == 1, "of fewer than five it is not told what ties them"
    assert on("companionship", world(stored(group[:4]))).state == "cannot_tell"


def test_people_are_committed_to_lead(bare: Check) -> None:
    willing = [interest(key, "core", lead=True) for key in BLADE_PEOPLE[:3]]
    sponsored = Together(sponsors=("p200",))
    assert on("leaders", world(stored(willing, sponsored))).state == "met"
    assert on("leaders", world(stored(willing))).state == "partly", "no sponsor"
    assert on("leaders", world(stored(willing, sponsored), core_group=4)).state == "partly"
    alone = on("leaders", world(stored((), Together(sponsors=("p200",), leads=("p200",))), core_group=1))
    assert alone.state == "partly"
    assert "Nobody but its sponsor would lead." in alone.evidence
    assert on("leaders", world(stored((), sponsored))).state == "missing"
    assert on("leaders", bare).state == "cannot_tell"


def asked(near: int, before: int, far: int = 30) -> tuple[list[Asked], dict[str, str]]:
    """So many questions on blades in the last year and in the one before, and on cranes in the last year."""
    found: list[Asked] = []
    dates: dict[str, str] = {}
    for kind, number, day, text in (
        ("n", near, "2027-01-10", "Which resin grades repair laminate cracks in rotor blades on ropes in winter?"),
        (
            "b",
            before,
            "2025-10-10",
            "Which resin repairs cracks in rotor blades, and how do we grade laminate?",
        ),
        ("f", far, "2027-01-10", "How do riggers plan this when the wind turns?"),
    ):
        for at in range(number):
            found.append(Asked(f"{kind}{at}", "", text, "cranes"))
            dates[f"{kind}{at}"] = day
    return found, dates


def test_challenges_emerge(bare: Check) -> None:
    def found(*numbers: int) -> Answer:
        questions, dates = asked(*numbers)
        return on("challenges", world(stored(asked_at=dates), questions=questions))

    growing = found(6, 2)
    assert growing.state == "met"
    assert growing.evidence[0] == "6 questions near to its domain were asked within a year, 2 in the year before."
    assert found(2, 6).state == "partly"
    assert found(0, 0).state == "missing"
    assert found(1, 0, 5).state == "cannot_tell"
    assert on("challenges", bare).state == "cannot_tell"


def test_freedom_to_disclose_is_never_met_by_structure_alone() -> None:
    group, boss = BLADE_PEOPLE[:8], "p200"
    units = [Unit("u1", "Blades North"), Unit("u2", "Blades South")]
    mixed = {
        key: {"unit_id": f"u{1 + at % 2}", "grade": f"G{at % 3}", "manager_id": boss} for at, key in enumerate(group)
    }

    def found(*, people: Sequence[str] = group, comfortable: float | None = None, **given: Any) -> Answer:
        candour = Beat("2027-Q1", comfortable, 5) if comfortable is not None else None
        return on("disclosure", world(stored(people, candour=candour), units=units, **given))

    partly = found(colleagues=mixed)
    assert partly.state == "partly"
    assert partly.evidence == ("They are of 2 units and of 3 grades.", "Nobody there manages most of the others.")
    told = found(colleagues=mixed, comfortable=4.5)
    assert told.state == "met"
    assert told.evidence[-1] == (
        "In the pulse of 2027-Q1 the mean answer to “I am comfortable telling here what is not working.” was 4.5 or "
        "more of 5."
    )
    middling = found(colleagues=mixed, comfortable=3.0)
    assert middling.state == "partly"
    assert (partly.action[:14], middling.action[:14]) == ("Ask in a pulse", "Ask what would"), "they were asked"
    assert found(colleagues=mixed, comfortable=1.5).state == "missing"
    assert found(people=[*group, boss], colleagues=mixed, comfortable=4.5).state == "missing", "their boss is there"
    one_unit = {key: {**mixed[key], "unit_id": "u1"} for key in group}
    assert found(colleagues=one_unit).state == "missing"
    assert found().state == "cannot_tell", "nobody's manager is known"
    assert found(people=group[:3], colleagues=mixed).state == "cannot_tell"


def held(*meetings: tuple[str, int, int, int], **given: Any) -> Together:
    return Together(meetings=tuple(Held(*one) for one in meetings), **given)


def test_a_rhythm_is_planned(bare: Check) -> None:
    def found(together: Together, lines: tuple[str, ...] = ()) -> Answer:
        return on("rhythm", world(stored((), together, meetings=lines)))

    assert found(held(("2027-02-01", 5, 0, 0), recurring=1)).state == "met"
    assert found(held(("2027-04-01", 0, 0, 0), ("2027-05-01", 0, 0, 0))).state == "met"
    assert found(held(("2027-02-01", 5, 0, 0)), ("First Monday, 10:00",)).state == "met"
    assert found(Together(), ("First Monday, 10:00",)).state == "partly"
    assert found(held(("2027-04-01", 0, 0, 0))).state == "partly"
    assert found(held(("2027-02-01", 5, 0, 0))).state == "missing"
    assert on("rhythm", bare).state == "cannot_tell"


def test_what_was_said_is_followed_up(bare: Check) -> None:
    meetings = (("2027-01-01", 5, 0, 0), ("2027-02-01", 5, 0, 0))

    def found(**given: Any) -> str:
        return on("follow_up", world(stored((), held(*meetings, **given)))).state

    assert found(items=(("settled", 2), ("open", 1))) == "met"
    assert found(items=(("open", 1), ("open", 1), ("open", 2))) == "partly"
    assert found(items=(("open", 3), ("open", 2), ("open", 2))) == "partly", "revisited, and no progress"
    assert found(items=(("settled", 2), ("open", 1), ("open", 1), ("open", 1))) == "partly", "one of four"
    assert found(advice=6, followed_up=4) == "met"
    assert found(advice=6, followed_up=1) == "partly"
    assert found(items=(("open", 1),), advice=6) == "missing"
    assert on("follow_up", bare).state == "cannot_tell"


def test_something_is_made_together(bare: Check) -> None:
    states = [on("shared_work", world(stored((), Together(artifacts=number)))).state for number in (0, 1, 2)]
    assert states == ["missing", "partly", "met"]
    assert on("shared_work", bare).state == "cannot_tell"


def test_outside_experts_are_guests(bare: Check) -> None:
    members = tuple(BLADE_PEOPLE[:10])

    def found(outsiders: int = 0, meetings: Together | None = None) -> str:
        together = replace(meetings or Together(), members=members, outsiders=members[:outsiders])
        return on("outside_experts", world(stored((), together))).state

    assert found(1) == "met"
    assert found(0, held(("2027-02-01", 10, 2, 2))) == "met"
    assert found(0) == "partly", "nobody from outside was ever there"
    assert found(4) == "partly"
    assert found(6) == "missing"
    assert found(0, held(("2027-02-01", 10, 8, 8))) == "missing"
    assert on("outside_experts", bare).state == "cannot_tell"


def test_what_to_do_next_begins_with_what_is_missing(bare: Check) -> None:
    order = [one.action for state in ("missing", "cannot_tell", "partly") for one in bare.answers if one.state == state]
    assert list(bare.next_actions) == order
