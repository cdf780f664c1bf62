"""What a proposed domain is to what exists."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from graph.models import Community, Principal, Role
from graph.reads.communities import Roster
from graph.reads.people import Unit
from graph.reads.vectors import KeptVector
from matcher.audit.proposal import Answer, Proposal, Standing
from matcher.audit.report import audit
from matcher.audit.subject import AuditFacts, Subject
from matcher.snapshot import Facts, Snapshot, assemble
from tests.embedders import HashingEmbedder
from tests.matcher.audit.test_report import AGAIN, BLADES, CRANES, LAW, OTHERS

SKILLS = ("laminates", "ropes", "erosion")


def snapshot_of(*communities: Community) -> Snapshot:
    fillers = (Community(key, name, domain) for key, (name, domain) in OTHERS.items())
    known = {one.id: one for one in (*communities, *fillers)}
    return assemble(Facts(known, {"secret": Roster("secret", ["ann"], [""], [""], [""], [""])}), today="2027-03-17")


def community(key: str, name: str, domain: str, skills: Sequence[str] = (), **given: str) -> Community:
    return Community(key, name, domain, skill_ids=tuple(skills), skill_names=tuple(skills), **given)


def standing(snapshot: Snapshot, facts: AuditFacts | None = None) -> Standing:
    return Standing(Subject(snapshot, facts or AuditFacts(), None, False))


def checked(snapshot: Snapshot, proposal: Proposal, who: Principal = Principal(role=Role.ADMIN)) -> list[Answer]:  # noqa: B008
    return standing(snapshot).check(proposal, snapshot.visible_to(who))


BLADE_CARE = community("blades", "Blade Care", BLADES, SKILLS)
LAWYERS = community("law", "Clauses", LAW)


def test_what_is_of_the_domain_is_to_be_joined_instead() -> None:
    (first, *rest) = checked(snapshot_of(BLADE_CARE, LAWYERS), Proposal("Rotor Repair", AGAIN, skill_ids=SKILLS))
    assert (first.id, first.relation, first.status) == ("blades", "join_instead", "active")
    assert first.text == "Blade Care is there for this domain: join it instead."
    assert first.evidence.skills is not None
    assert first.evidence.skills.shared == tuple(sorted(SKILLS))
    assert first.evidence.members is None
    assert all(one.relation != "join_instead" for one in rest)


def test_a_proposal_that_exists_is_named_as_one() -> None:
    proposed = replace(BLADE_CARE, status="proposed")
    (first, *_) = checked(snapshot_of(proposed), Proposal("Rotor Repair", AGAIN, skill_ids=SKILLS))
    assert "is proposed already" in first.text
    retired = snapshot_of(replace(BLADE_CARE, status="retired"))
    assert "blades" not in {one.id for one in checked(retired, Proposal("Rotor Repair", AGAIN, skill_ids=SKILLS))}


def test_a_part_of_something_larger_would_be_a_sub_group_and_the_other_way_round() -> None:
    larger = community("blades", "Blade Care", f"{BLADES} Laminate and erosion are two of our evenings.", SKILLS)
    part = Proposal("Laminate", "We repair laminate on rotor blades before winter erosion.", skill_ids=SKILLS[:1])
    (first, *_) = checked(snapshot_of(larger), part)
    assert (first.relation, first.text) == ("sub_group_of", "Laminate would be a sub-group of Blade Care.")
    smaller = community("laminate", part.name, part.domain, SKILLS[:1])
    (first, *_) = checked(snapshot_of(smaller), Proposal(larger.name, larger.domain, skill_ids=SKILLS))
    assert (first.relation, first.evidence.skills and first.evidence.skills.of_b) == ("takes_in", 1.0)


def test_a_name_that_is_taken_by_something_else() -> None:
    lifts = f"{CRANES} Slings, shackles, tugs, ballast, tides, moorings, pontoons, fenders and quays fill our days."
    clauses = (
        f"{LAW} Disputes, templates, signatures, warranties, insurers, courts, precedents, notaries and deeds too."
    )
    (first, *_) = checked(snapshot_of(community("piles", "Foundations", lifts)), Proposal("Foundations", clauses))
    assert (first.id, first.relation) == ("piles", "shares_name")
    assert first.probability < 0.2


def test_a_unit_of_that_domain_clashes() -> None:
    facts = AuditFacts([Unit("care", "Blade Care", BLADES), Unit("shop", "Shop", "Sells things.")])
    snapshot = snapshot_of(LAWYERS)
    found = standing(snapshot, facts).check(Proposal("Blade Care", BLADES), snapshot.visible_to(Principal()))
    assert [(one.id, one.kind, one.relation, one.status) for one in found] == [
        ("care", "org_unit", "clashes_with", None)
    ]


def test_a_large_community_that_speaks_of_it_is_named() -> None:
    large = community("cranes", "Lifting", f"{CRANES} Moorings, ballast, tides and tugs are ours, so is zorbing.")
    (first, *_) = checked(snapshot_of(large), Proposal("Zorbing", "Rolling downhill inside a transparent ball."))
    assert (first.id, first.relation) == ("cranes", "mentions")


def test_what_nobody_does_yet_is_like_nothing() -> None:
    assert checked(snapshot_of(LAWYERS), Proposal("Origami", "Folding paper cranes.")) == []
    assert checked(assemble(Facts({}, {}), today="2027-03-17"), Proposal("Origami", "Folding paper.")) == []


def test_restricted_communities_show_to_who_is_in_them_alone() -> None:
    secret = replace(BLADE_CARE, id="secret", visibility="restricted")
    snapshot, proposal = snapshot_of(secret, LAWYERS), Proposal("Rotor Repair", AGAIN, skill_ids=SKILLS)
    inside = checked(snapshot, proposal, Principal("ann"))
    assert inside[0].id == "secret"
    assert checked(snapshot, proposal, Principal("bob")) == []


@pytest.mark.parametrize("place", ["name", "domain"])
def test_a_word_that_one_may_not_know_of_moves_nothing(place: str) -> None:
    asked = Proposal("Rotor Repair", AGAIN, skill_ids=SKILLS)
    asked = replace(asked, **{place: f"{getattr(asked, place)} zyqqyz"})

    def said(word: str) -> dict[str, float]:
        secret = community("secret", f"{word} deals", f"{word} takeovers", visibility="restricted")
        found = checked(snapshot_of(secret, BLADE_CARE, LAWYERS), asked, Principal("bob"))
        return {one.id: one.probability for one in found}

    assert said("zyqqyz") == pytest.approx(said("vkkvkx"), abs=1e-5)


@pytest.mark.parametrize(("name", "domain"), [("Rotor Repair", AGAIN), ("Clause Club", LAW), ("Tower Cranes", CRANES)])
def test_it_is_judged_as_if_it_were_there_already(name: str, domain: str) -> None:
    there = snapshot_of(BLADE_CARE, LAWYERS, community("new", name, domain, SKILLS[:2]))
    audited = {
        next(key for key in (one.a, one.b) if key != "new"): one.probability
        for one in audit(there, AuditFacts(), None, least=0).overlaps
        if "new" in (one.a, one.b)
    }
    found = checked(snapshot_of(BLADE_CARE, LAWYERS), Proposal(name, domain, skill_ids=SKILLS[:2]))
    assert {one.id for one in found} >= {key for key, sure in audited.items() if sure >= 0.5}
    for one in found:
        assert one.probability == pytest.approx(audited[one.id], abs=0.1), one.id


def test_meaning_counts_where_there_are_vectors() -> None:
    embedder = HashingEmbedder()
    known = {"blades": BLADE_CARE, "law": LAWYERS}
    vectors = {key: KeptVector("", embedder.encode([one.domain])[0]) for key, one in known.items()}
    snapshot = assemble(Facts(known, {}, vectors=vectors), today="2027-03-17")
    compared = Standing(Subject(snapshot, AuditFacts(), embedder.encode, False))
    proposal, everything = Proposal("Rotor Repair", AGAIN), np.ones(2, dtype=np.bool_)
    with_meaning = compared.check(proposal, everything, embedder.encode(proposal.to_encode))
    without = compared.check(proposal, everything)
    assert with_meaning[0].id == without[0].id == "blades"
    assert with_meaning[0].probability != pytest.approx(without[0].probability, abs=1e-3)
