"""What the audit says of communities that are too narrow, and of how many communities people need."""

from dataclasses import replace

import pytest

from graph.reads.communities import Practice
from graph.reads.people import SkillHolders
from matcher.audit.measured import Measured
from matcher.audit.narrowness import Narrowness
from matcher.audit.needs import needs
from matcher.audit.report import Audit, audit
from matcher.audit.subject import AuditFacts, Subject
from matcher.snapshot import assemble
from tests.matcher.audit.test_report import AGAIN, BLADES, CRANES, LAW, OTHERS, people, snapshot_of

SHEET = "One sheet of the release 4.2 of the blade repair workbook: we mend its lookups for rotor blade damage."
TEXTS = {
    "blades": ("Blade Care", BLADES),
    "sheet": ("Blade Workbook 4.2", SHEET),
    "cranes": ("Lifting", CRANES),
    "law": ("Clauses", LAW),
}
PROFILES = {f"p{n}": (BLADES, CRANES, LAW)[n // 30] for n in range(90)}
MEMBERS = {"blades": people(0, 25), "sheet": people(0, 3), "cranes": people(30, 50), "law": people(60, 80)}
MEMBERS |= {key: people(5 * at, 5 * at + 20) for at, key in enumerate(OTHERS)}
UNITS = {f"p{n}": f"u{n // 30}" for n in range(90)}


def of(found: Audit, key: str) -> Measured[Narrowness]:
    (one,) = (measured for measured in found.narrowness if measured.id == key)
    return one


@pytest.fixture(scope="module")
def found() -> Audit:
    snapshot = snapshot_of(TEXTS, MEMBERS, {"blades": ["lam", "sheets"], "sheet": ["sheets"]}, UNITS, people=90)
    return audit(snapshot, AuditFacts(profiles=PROFILES), None)


def test_a_small_community_around_one_release_is_narrowest_and_says_why(found: Audit) -> None:
    assert found.narrowness[0].id == "sheet"
    assert len(found.narrowness) == len(TEXTS) + len(OTHERS)
    one = of(found, "sheet")
    assert one.flagged
    said = " ".join(one.reasons)
    assert "its name bears a number (4.2)" in said.lower()
    assert "a release (4.2)" in said
    assert "3 members" in said
    assert not of(found, "blades").flagged


def test_a_merge_is_proposed_with_who_would_identify_with_the_union(found: Audit) -> None:
    (merge, *_) = of(found, "sheet").evidence.merges
    assert merge.id == "blades"
    assert merge.skills == ("sheets",)
    assert merge.shared == 3
    assert "blade" in merge.terms
    assert merge.identify is not None
    assert 15 <= merge.identify <= 30
    assert (merge.own, merge.members) == (3, 3)
    assert of(found, "blades").evidence.merges == ()


def test_no_merge_with_those_who_only_have_people_in_common() -> None:
    members = {**MEMBERS, "cranes": people(0, 20), "blades": people(40, 60)}
    texts = {**TEXTS, "sheet": ("Payslip Form 4.2", "Release 4.2 of a form.")}
    one = of(audit(snapshot_of(texts, members, people=90), AuditFacts(profiles=PROFILES), None), "sheet")
    assert one.flagged
    assert one.evidence.merges == ()
    assert one.reasons[-1].startswith("No community was found")


def test_what_is_not_known_is_said_and_adds_nothing() -> None:
    one = of(audit(snapshot_of(TEXTS), AuditFacts(), None), "sheet")
    assert (one.evidence.size, one.evidence.reach, one.evidence.needed) == (None, None, None)
    assert "Not known, and so not counted: how many are in it, how many its text reaches, who needs it." in one.reasons
    assert audit(snapshot_of(TEXTS), AuditFacts(), None).narrowness[0].id == "sheet"


def test_who_only_begins_is_not_too_small() -> None:
    snapshot = snapshot_of(TEXTS, MEMBERS, people=90)
    communities = dict(snapshot.facts.communities)
    communities["sheet"] = replace(communities["sheet"], status="forming")
    one = of(
        audit(assemble(replace(snapshot.facts, communities=communities), today="2027-03-17"), AuditFacts(), None),
        "sheet",
    )
    assert one.evidence.size is None
    assert "It is forming, so its size does not count." in one.reasons


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("OrcaFlex 11.3 Scripts", ("11.3",)), ("SharePoint 2013", ("2013",)), ("K8s Infra", ()), ("24/7 Watch", ()),
     ("C++20 Users", ()), ("Web v2", ("v2",))],
)  # fmt: skip
def test_which_numbers_in_a_name_count(name: str, numbers: tuple[str, ...]) -> None:
    found = audit(snapshot_of({"one": (name, LAW)}), AuditFacts(), None)
    assert of(found, "one").evidence.special.numbers == numbers


def test_a_skill_that_is_part_of_what_another_covers() -> None:
    snapshot = snapshot_of(TEXTS, skills={"blades": ["hydro"], "sheet": ["flex"]})
    known = assemble(replace(snapshot.facts, broader={"flex": ("hydro",)}), today="2027-03-17")
    found = audit(known, AuditFacts(), None)
    assert of(found, "sheet").evidence.special.narrower == (("flex", "hydro", "Blade Care"),)
    assert of(found, "blades").evidence.special.narrower == ()


def needed(skills, holders, members=None, practice=None, outer=None, units=None, broader=None):
    snapshot = snapshot_of(TEXTS, members, skills, units, people=20)
    snapshot = assemble(replace(snapshot.facts, broader=broader or {}, practice=practice or {}), today="2027-03-17")
    held = {key: SkillHolders(key, key, (), some, [3] * len(some)) for key, some in holders.items()}
    subject = Subject(snapshot, AuditFacts(holders=held), None, False)
    row = {one.id: at for at, one in enumerate(subject.communities)}
    found = needs(subject, {row[key]: [row[one] for one in some] for key, some in (outer or {}).items()})
    ids = [subject.snapshot.people.ids[subject.here[at]] for at in found.people]
    chosen = {who: {subject.ids[r] for r in rows} for who, rows in zip(ids, found.chosen, strict=True)}
    return chosen, dict(zip(ids, found.usual.tolist(), strict=True)), found


def test_one_community_that_covers_all_skills_is_all_that_is_needed() -> None:
    skills = {"blades": ["a", "b", "c"], "cranes": ["a"], "law": ["d"]}
    chosen, *_ = needed(skills, {"a": ["p1"], "b": ["p1"], "c": ["p1"], "d": ["p2"], "e": ["p3"]})
    assert chosen == {"p1": {"blades"}, "p2": {"law"}}


def test_a_broader_skill_covers_a_narrower_one_and_ones_own_communities_come_first() -> None:
    skills = {"blades": ["a"], "cranes": ["a"]}
    chosen, *_ = needed(skills, {"a1": ["p1", "p2"]}, {"cranes": ["p1"], "blades": ["p2"]}, broader={"a1": ("a",)})
    assert chosen == {"p1": {"cranes"}, "p2": {"blades"}}


def test_work_is_where_one_asks_or_advises_or_else_is_a_member() -> None:
    practice = {"law": Practice(questions=[("", "p1")], advice=[("2027-01-01", "p2")])}
    chosen, _, found = needed({"blades": ["a"]}, {"a": ["p1"]}, {"cranes": ["p3"]}, practice)
    assert chosen == {"p1": {"blades", "law"}, "p2": {"law"}, "p3": {"cranes"}}
    assert found.only[found.people.index(1)] == (1, 1)


def test_work_in_one_that_lies_within_another_needs_the_other_alone() -> None:
    chosen, *_ = needed({}, {}, {"sheet": ["p1"], "blades": ["p1"]}, outer={"sheet": ["blades"]})
    assert chosen == {"p1": {"blades"}}


def test_needs_are_compared_with_those_of_the_unit_where_it_has_enough_people() -> None:
    units = {f"p{n}": "one" if n < 6 else "few" for n in range(8)}
    members = {"blades": people(0, 8), "law": people(0, 6), "cranes": ["p0"]}
    _, usual, _ = needed({}, {}, members, units=units)
    assert usual["p0"] == 2
    assert usual["p7"] == 2
    assert needed({}, {}, {"blades": people(0, 8), "law": ["p7"]}, units=units)[1]["p7"] == 1


def test_what_is_always_needed_together_is_named() -> None:
    members = {"sheet": people(0, 4), "law": people(0, 6), "cranes": people(6, 20)}
    found = audit(snapshot_of(TEXTS, members, people=20), AuditFacts(), None)
    evidence = of(found, "sheet").evidence.needed
    assert evidence is not None
    assert evidence.together == (("law", "Clauses"),)
    assert evidence.by == 4
    assert evidence.size == 2
    assert evidence.usual == 1
    assert evidence.exact == 1


def test_who_needs_much_is_met_everywhere_and_that_makes_nothing_narrow() -> None:
    # Most people need one community; the few who need all are as many in each.
    everywhere = [*TEXTS, *OTHERS]
    members = {key: [*people(0, 10), *people(10 + 4 * at, 14 + 4 * at)] for at, key in enumerate(everywhere)}
    alone = {**members, "sheet": people(0, 10)}
    found = audit(snapshot_of(TEXTS, members, people=60), AuditFacts(), None)
    for one in found.narrowness:
        assert one.evidence.needed is not None
        assert one.evidence.needed.size > 5 * one.evidence.needed.usual
        assert one.evidence.needed.points == pytest.approx(0)
    # Only who needs all needs this one too.
    needed = of(audit(snapshot_of(TEXTS, alone, people=60), AuditFacts(), None), "sheet").evidence.needed
    assert needed is not None
    assert needed.points > 0.3
    assert needed.elsewhere > 5


def test_of_two_that_are_one_domain_neither_is_called_narrow_for_the_other() -> None:
    shared = {"blades": people(0, 20), "again": people(0, 14)}
    texts = {
        "blades": ("Blade Care", f"{BLADES} {AGAIN} We train teams on ropes and buy filler."),
        "again": ("Blade Care", BLADES),
    }
    found = audit(snapshot_of(texts, shared), AuditFacts(), None)
    assert next(one for one in found.overlaps if {one.a, one.b} == set(texts)).verdict == "duplicate"
    assert of(found, "again").evidence.within.communities == ()
    assert next(one for one in found.breadth if one.id == "blades").evidence.inside.communities == ()
