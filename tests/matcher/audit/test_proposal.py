"""What a proposed domain is to what exists."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from graph.models import Community, Principal, Role
from graph.reads.communities import Roster
from graph.reads.people import Unit
from matcher.audit.proposal import Answer, Proposal, Standing
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
    snapshot = snapshot_of(community("piles", "Foundations", CRANES))
    told = f"{LAW} Disputes, templates, approvals and signatures come to us from every department."
    (first, *_) = checked(snapshot, Proposal("Foundations", told))
    assert (first.id, first.relation) == ("piles", "shares_name")


def test_a_unit_of_that_domain_clashes() -> None:
    facts = AuditFacts([Unit("care", "Blade Care", BLADES), Unit("shop", "Shop", "Sells things.")])
    snapshot = snapshot_of(LAWYERS)
    found = standing(snapshot, facts).check(Proposal("Blade Care", BLADES), snapshot.visible_to(Principal()))
    assert [(one.id, one.kind, one.relation, one.status) for one in found] == [
        ("care", "org_unit", "clashes_with", None)
    ]


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

    def said(word: str) -> list[tuple[str, float]]:
        secret = community("secret", f"{word} deals", f"{word} takeovers", visibility="restricted")
        found = checked(snapshot_of(secret, BLADE_CARE, LAWYERS), asked, Principal("bob"))
        return [(one.id, round(one.probability, 6)) for one in found]

    assert said("zyqqyz") == said("vkkvkx")


def test_it_is_compared_as_if_it_were_in_the_audit() -> None:
    """The same texts and vectors as a community get the likeness that the audit would find."""
    embedder = HashingEmbedder()
    texts = [f"{name}: {body}" for name, body in (("Blade Care", BLADES), ("Clauses", LAW))]
    vectors = embedder.encode(texts)
    plain = standing(snapshot_of(BLADE_CARE, LAWYERS))
    grown = plain.subject.texts
    number = len(plain.subject.ids)
    known = np.zeros((number, vectors.shape[1]), dtype=np.float32)
    known[plain.subject.ids.index("blades")], known[plain.subject.ids.index("law")] = vectors
    plain.subject.texts = replace(grown, vectors=known, name_vectors=known)
    proposal = Proposal("Rotor Repair", AGAIN)
    with_meaning = plain.check(proposal, np.ones(number, dtype=np.bool_), embedder.encode(proposal.to_encode))
    without = plain.check(proposal, np.ones(number, dtype=np.bool_), None)
    assert with_meaning[0].id == without[0].id == "blades"
    assert with_meaning[0].probability > without[0].probability
