"""What the audit says of communities that everyone could belong to, and of what no community covers."""

from dataclasses import replace

import numpy as np
import pytest

from graph.reads.communities import Asked
from graph.reads.people import SkillHolders
from matcher.audit.breadth import Breadth
from matcher.audit.generality import generality
from matcher.audit.measured import Measured
from matcher.audit.people import Profiles
from matcher.audit.report import Audit, Kept, audit
from matcher.audit.split import Split, Splits
from matcher.audit.subject import AuditFacts, Subject
from tests.matcher.audit.test_report import BLADES, CRANES, LAW, OTHERS, people, snapshot_of

TRADES = (BLADES, CRANES, LAW)
ANYTHING = "Anything new: we find ideas, plan work, repair, keep clauses and lifts, and train each other."
TEXTS = {"blades": ("Blade Care", BLADES), "law": ("Clauses", LAW), "anything": ("Innovation Network", ANYTHING)}
# Of 90 people the first thirty care for blades, the next lift, the last draft clauses; the network takes from each.
PROFILES = {f"p{n}": TRADES[n // 30] for n in range(90)}
MIXED = [*people(0, 8), *people(30, 38), *people(60, 68)]
MEMBERS = {"blades": people(0, 20), "law": people(60, 80), "anything": MIXED}
UNITS = {f"p{n}": f"u{n // 30}" for n in range(90)}
SKILLS = {
    key: SkillHolders(key, name, (), people(first, first + 30), [3] * 30)
    for key, name, first in (("s0", "laminate", 0), ("s1", "rigging", 30), ("s2", "contract law", 60))
}


def of(found: Audit, key: str) -> Measured[Breadth]:
    (one,) = (measured for measured in found.breadth if measured.id == key)
    return one


@pytest.fixture(scope="module")
def found() -> Audit:
    return audit(
        snapshot_of(TEXTS, MEMBERS, units=UNITS, people=90), AuditFacts(profiles=PROFILES, holders=SKILLS), None
    )


def test_whom_everybody_fits_and_who_is_mixed_is_broader(found: Audit) -> None:
    assert found.breadth[0].id == "anything"
    assert len(found.breadth) == len(TEXTS) + len(OTHERS)
    broad, narrow = of(found, "anything"), of(found, "blades")
    assert broad.flagged
    assert not narrow.flagged
    assert broad.evidence.reach is not None
    assert narrow.evidence.reach is not None
    assert broad.evidence.reach.share > narrow.evidence.reach.share
    assert broad.evidence.mix is not None
    assert broad.evidence.mix.units == pytest.approx(1, abs=0.1)
    assert narrow.evidence.mix is not None
    assert narrow.evidence.mix.units == pytest.approx(0)
    assert any("fit it as well as its median member" in reason for reason in broad.reasons)


def test_a_split_says_who_would_go_where(found: Audit) -> None:
    split = of(found, "anything").evidence.split
    assert split is not None
    assert split.by == "members"
    parts = {part.name: {key for key, _ in part.people} for part in split.parts}
    assert parts == {"laminate": set(MIXED[:8]), "rigging": set(MIXED[8:16]), "contract law": set(MIXED[16:])}
    assert split.nowhere == ()


def test_a_split_is_taken_over_until_something_changes_that_it_rests_on() -> None:
    kept, facts = Kept(), AuditFacts(profiles=PROFILES, holders=SKILLS)

    def split(given: AuditFacts, known: Kept | None = kept) -> Split | None:
        snapshot = snapshot_of(TEXTS, MEMBERS, units=UNITS, people=90)
        return of(audit(snapshot, given, None, kept=known), "anything").evidence.split

    first = split(facts)
    changed = replace(facts, profiles={**PROFILES, MIXED[0]: TRADES[2]})
    assert split(changed) == split(changed, None) != first
    renamed = {**SKILLS, "s0": replace(SKILLS["s0"], name="composites")}
    moved = split(replace(facts, holders=renamed))
    assert moved is not None
    assert "composites" in {part.name for part in moved.parts}


def test_a_split_of_what_did_not_change_is_not_found_again() -> None:
    snapshot = snapshot_of(TEXTS, MEMBERS, units=UNITS, people=90)
    subject = Subject(snapshot, AuditFacts(profiles=PROFILES, holders=SKILLS), None, False)
    profiles, splits, row = Profiles(subject), Splits(), subject.ids.index("anything")
    first, _ = splits.of(subject, profiles, row, None)
    again, _ = splits.of(subject, profiles, row, None)
    assert first is not None
    assert again is first


def test_what_is_not_known_says_so_and_adds_nothing() -> None:
    one = of(audit(snapshot_of(TEXTS), AuditFacts(), None), "anything")
    assert one.evidence.reach is None
    assert one.evidence.mix is None
    assert "not known how mixed its members are" in one.reasons
    assert "too few members or people with a profile to tell whom it would let in" in one.reasons


def test_another_domain_that_lies_within_is_named() -> None:
    texts = {"whole": ("Fleet", f"{BLADES} {CRANES} {LAW}"), "blades": ("Blade Care", BLADES)}
    found = audit(snapshot_of(texts), AuditFacts(), None)
    assert ("blades", "Blade Care") in of(found, "whole").evidence.inside.communities
    assert of(found, "blades").evidence.inside.communities == ()


def test_skills_that_no_community_covers_become_a_candidate_with_who_might_lead() -> None:
    facts = AuditFacts(
        holders={
            "welding": SkillHolders("welding", "Underwater welding", (), people(0, 10), [5, *[1] * 9]),
            "diving": SkillHolders("diving", "Diving", (), people(0, 9), [5, *[1] * 8]),
            "cracks": SkillHolders("cracks", "Cracks", (), people(0, 10), [1] * 10),
            "rare": SkillHolders("rare", "Falconry", (), people(0, 2), [1] * 2),
        },
        unanswered=[
            Asked("q1", "Underwater welding in winter", "Does it hold?", "blades"),
            Asked("q2", "Payslips", "Where?", "law"),
        ],
    )
    (gap,) = audit(snapshot_of(TEXTS), facts, None).gaps
    assert set(gap.skills) == {"Underwater welding", "Diving"}
    assert gap.people == 10
    assert gap.leaders[0][0] == "p0"
    assert [key for key, _ in gap.questions] == ["q1"]


def test_spelling_tells_a_general_name_where_there_is_no_model() -> None:
    broad, narrow = generality(["Management and services", "PostgreSQL"], None, None)
    assert broad > narrow
    assert generality([], None, None).shape == (0,)
    # Another model's vectors are not read by what was learned for the packaged one.
    other = generality(["Management", "PostgreSQL"], np.eye(2, 8, dtype=np.float32), "another")
    assert other.tolist() == generality(["Management", "PostgreSQL"], None, None).tolist()
