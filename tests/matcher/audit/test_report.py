"""What an audit says of communities in hand."""

from collections.abc import Mapping, Sequence

import pytest

from graph.models import Community
from graph.reads.communities import Asked, Roster, Told
from graph.reads.people import Colleague, Unit
from graph.reads.vectors import KeptVector
from matcher.audit.overlap import Finding
from matcher.audit.report import Audit, audit
from matcher.audit.subject import AuditFacts
from matcher.snapshot import Facts, Snapshot, assemble
from tests.embedders import HashingEmbedder

BLADES = "We find cracks in rotor blades, grade the damage and repair laminate on ropes before winter erosion."
AGAIN = "Rotor blades and their damage: we find cracks, grade erosion and repair laminate before winter."
LAW = "Lawyers keep clauses for supply agreements sharp, with liability caps, indemnities and change orders."
CRANES = "Port crane drivers plan lifts of heavy parts onto vessels and train each other with riggers."
OTHERS = {
    f"filler-{number}": (f"Filler {subject}", f"All about {subject}, {subject} tools and what {subject} people ask.")
    for number, subject in enumerate(("payroll", "gardens", "compilers", "seabirds", "radio", "tunnels"))
}


def snapshot_of(
    texts: Mapping[str, tuple[str, str]],
    members: Mapping[str, Sequence[str]] | None = None,
    skills: Mapping[str, Sequence[str]] | None = None,
    units: Mapping[str, str] | None = None,
    retired: Sequence[str] = (),
    people: int = 200,
) -> Snapshot:
    everything = {**texts, **OTHERS}
    communities = {
        key: Community(
            key,
            name,
            domain,
            status="retired" if key in retired else "active",
            skill_ids=tuple(sorted((skills or {}).get(key, ()))),
            skill_names=tuple(sorted((skills or {}).get(key, ()))),
        )
        for key, (name, domain) in everything.items()
    }
    rosters = {
        key: Roster(key, list(some), *([""] * len(some) for _ in range(4))) for key, some in (members or {}).items()
    }
    known = {f"p{n}": Colleague(f"p{n}", f"P {n}", (units or {}).get(f"p{n}", "")) for n in range(people)}
    return assemble(Facts(communities, rosters, known), today="2027-03-17")


def people(first: int, behind: int) -> list[str]:
    return [f"p{number}" for number in range(first, behind)]


def between(found: Audit, one: str, other: str) -> Finding:
    (pair,) = (finding for finding in found.overlaps if {finding.a, finding.b} == {one, other})
    return pair


def audited(snapshot: Snapshot, facts: AuditFacts | None = None) -> Audit:
    return audit(snapshot, facts or AuditFacts(), None, least=0)


def test_one_domain_in_other_words_with_half_the_members_is_a_duplicate() -> None:
    snapshot = snapshot_of(
        {"blades": ("Blade Care", BLADES), "rotors": ("Rotor Repair", AGAIN), "law": ("Clauses", LAW)},
        {"blades": people(0, 20), "rotors": people(10, 30), "law": people(40, 60)},
    )
    found = audited(snapshot)
    assert (found.overlaps[0].a, found.overlaps[0].b) == ("blades", "rotors")
    assert found.overlaps[0].verdict == "duplicate"
    assert [group.communities for group in found.groups] == [("blades", "rotors")]
    assert between(found, "blades", "law").probability < 0.1


def test_containment_is_told_both_ways_and_names_the_inner_one_first() -> None:
    for inner, outer in (("a", "b"), ("b", "a")):
        snapshot = snapshot_of(
            {inner: ("Blade Ropes", BLADES), outer: ("Blades", AGAIN)}, {inner: people(0, 10), outer: people(0, 40)}
        )
        (finding,) = (one for one in audited(snapshot).overlaps if {one.a, one.b} == {"a", "b"})
        assert (finding.verdict, finding.a, finding.b) == ("contained_in", inner, outer)
        assert finding.evidence.members is not None
        assert finding.evidence.members.of_a == 1
        assert finding.evidence.members.of_b == pytest.approx(0.25)
        assert len(finding.evidence.members.people) == 5


def test_where_members_and_skills_are_not_known_the_longer_name_lies_within_the_shorter() -> None:
    texts = {"a": ("Rotor Blade Ropes", BLADES), "b": ("Rotor Blades Community", AGAIN)}
    found = between(audited(snapshot_of(texts)), "a", "b")
    assert (found.verdict, found.a, found.b) == ("contained_in", "a", "b")
    # The same people are the better witnesses.
    found = between(audited(snapshot_of(texts, {"a": people(0, 20), "b": people(0, 21)})), "a", "b")
    assert found.verdict == "duplicate"
    # "Community" says what kind of thing it is, not of what.
    found = between(audited(snapshot_of({**texts, "a": ("Rotor Blades", BLADES)})), "a", "b")
    assert found.verdict == "duplicate"


def test_those_of_one_name_and_nothing_else_only_share_the_name() -> None:
    snapshot = snapshot_of(
        {"piles": ("Foundations", CRANES), "design": ("Foundations", LAW)},
        {"piles": people(0, 20), "design": people(20, 40)},
    )
    finding = between(audited(snapshot), "design", "piles")
    assert finding.verdict == "same_name_only"
    assert finding.probability < 0.1


def test_many_shared_members_without_a_shared_subject_overlap() -> None:
    snapshot = snapshot_of(
        {"cranes": ("Lifting", CRANES), "law": ("Clauses", LAW)}, {"cranes": people(0, 20), "law": people(0, 15)}
    )
    finding = between(audited(snapshot), "cranes", "law")
    assert finding.verdict == "overlapping"
    assert finding.probability < 0.5


def test_what_is_not_known_neither_speaks_for_nor_against() -> None:
    texts = {"blades": ("Blade Care", BLADES), "rotors": ("Rotor Repair", AGAIN)}
    bare = between(audited(snapshot_of(texts)), "blades", "rotors")
    assert bare.evidence.skills is None
    assert bare.evidence.members is None
    assert bare.evidence.talk is None
    one_sided = snapshot_of(texts, {"blades": people(0, 20)}, {"blades": ["repair"]})
    asked = AuditFacts(questions=[Asked("q", "Cracks?", "How do I grade cracks?", "blades")])
    assert between(audited(one_sided, asked), "blades", "rotors").probability == pytest.approx(bare.probability)
    supported = snapshot_of(texts, {"blades": people(0, 20), "rotors": people(5, 25)})
    assert between(audited(supported), "blades", "rotors").probability > bare.probability
    apart = snapshot_of(texts, {"blades": people(0, 20), "rotors": people(20, 40)})
    assert between(audited(apart), "blades", "rotors").probability < bare.probability


def test_skills_and_questions_in_common_raise_the_probability_and_are_named() -> None:
    texts = {"blades": ("Blade Care", BLADES), "rotors": ("Rotor Repair", AGAIN)}
    bare = between(audited(snapshot_of(texts)), "blades", "rotors")
    skills = {"blades": ["laminates", "ropes"], "rotors": ["laminates", "ropes"], "filler-0": ["sums"]}
    questions = [
        Asked("q1", "Filler stays soft", "The filler stays soft in the cold", "blades"),
        Asked("q2", "Soft filler", "Our filler is soft after a cold night", "rotors"),
        Asked("q3", "Payslip", "Where is my payslip?", "filler-0"),
        Asked("q4", "Hedges", "When are hedges cut?", "filler-1"),
    ]
    found = between(audited(snapshot_of(texts, skills=skills), AuditFacts(questions=questions)), "blades", "rotors")
    assert found.probability > bare.probability
    assert found.evidence.skills is not None
    assert found.evidence.skills.shared == ("laminates", "ropes")
    assert found.evidence.talk is not None
    assert found.evidence.talk.questions == ("Filler stays soft", "Soft filler")


def test_what_meetings_are_about_counts_as_talk_and_a_series_title_does_not() -> None:
    texts = {"blades": ("Blade Care", BLADES), "rotors": ("Rotor Repair", AGAIN)}

    def found(meetings: Sequence[Told], questions: Sequence[Asked] = ()) -> Finding:
        return between(
            audited(snapshot_of(texts), AuditFacts(questions=questions, meetings=meetings)), "blades", "rotors"
        )

    others = [
        Told("m8", "", "", ("Payslips in June",), "filler-0"),
        Told("m9", "", "", ("When hedges are cut",), "filler-1"),
    ]
    alike = [
        Told("m1", "Fortnightly", "Soft filler after the cold night, seen again", ("Round table",), "blades"),
        Told("m2", "Fortnightly", "", ("Round table", "Lightning strikes"), "blades"),
        Told("m3", "Filler stays soft in the cold", "", (), "rotors"),
    ]
    bare = found([])
    assert bare.evidence.talk is None
    talked = found([*alike, *others])
    assert talked.probability > bare.probability
    assert talked.evidence.talk is not None
    assert talked.evidence.talk.questions is None
    assert talked.evidence.talk.meetings == (
        "Soft filler after the cold night, seen again",
        "Filler stays soft in the cold",
    )
    # What one asks and what the other meets on is compared too.
    across = found([alike[2], *others], [Asked("q", "Soft filler", "Our filler stays soft in the cold", "blades")])
    assert across.probability > bare.probability
    # Two series of one name tell nothing of what is talked about.
    series = [Told(f"{key}-{n}", "Fortnightly", "", (), key) for key in ("blades", "rotors") for n in range(2)]
    assert found([*series, *others]).evidence.talk is None


def test_the_order_of_the_two_makes_no_difference() -> None:
    def found(one: str, other: str) -> Finding:
        snapshot = snapshot_of(
            {one: ("ML", BLADES), other: ("Machine Learning", LAW)},
            {one: people(0, 20), other: people(5, 40)},
            {one: ["x", "y"], other: ["y"]},
        )
        return between(audited(snapshot), one, other)

    first, second = found("a", "b"), found("b", "a")
    assert first.probability == pytest.approx(second.probability, abs=1e-6)
    assert first.verdict == second.verdict


def test_a_skill_knows_other_names_of_a_community() -> None:
    texts = {"one": ("Glass Fibre", BLADES), "other": ("GRP", AGAIN)}
    known = AuditFacts(labels=[("glass fibre", "GRP", "fibreglass")])
    plain, labelled = audited(snapshot_of(texts)), audited(snapshot_of(texts), known)
    assert between(labelled, "one", "other").probability > between(plain, "one", "other").probability


def test_a_community_that_is_a_unit_under_another_name() -> None:
    units = {f"p{number}": "storage" if number < 20 else "shop" for number in range(60)}
    snapshot = snapshot_of(
        {"lighthouse": ("Lighthouse", CRANES), "law": ("Clauses", LAW)},
        {"lighthouse": people(0, 19), "law": people(15, 35)},
        units=units,
    )
    facts = AuditFacts(
        [Unit("all", "Everything"), Unit("storage", "Storage", LAW, "all"), Unit("shop", "Shop", "", "all")]
    )
    found = audited(snapshot, facts)
    first = found.unit_clashes[0]
    assert (first.a, first.b, first.verdict) == ("lighthouse", "storage", "duplicate")
    assert all(finding.probability < 0.5 for finding in found.unit_clashes[1:])


def test_retired_communities_are_compared_when_asked_for() -> None:
    texts = {"blades": ("Blade Care", BLADES), "rotors": ("Rotor Repair", AGAIN)}
    snapshot = snapshot_of(texts, retired=["rotors"])
    assert "rotors" not in {one for finding in audited(snapshot).overlaps for one in (finding.a, finding.b)}
    everything = audit(snapshot, AuditFacts(), None, least=0, include_retired=True)
    assert between(everything, "blades", "rotors")


def test_nearest_at_probability_zero_are_there_for_every_community() -> None:
    found = audit(snapshot_of({}), AuditFacts(), None, least=0, nearest=3)
    counts = {key: sum(key in (one.a, one.b) for one in found.overlaps) for key in OTHERS}
    assert all(count >= 3 for count in counts.values())
    assert len({frozenset((one.a, one.b)) for one in found.overlaps}) == len(found.overlaps)


@pytest.mark.parametrize("number", [0, 1])
def test_too_few_to_compare(number: int) -> None:
    communities = {f"c{at}": Community(f"c{at}", "Lone", "alone") for at in range(number)}
    found = audited(assemble(Facts(communities, {}), today="2027-03-17"))
    assert (found.overlaps, found.unit_clashes, found.groups, found.pairs) == ((), (), (), 0)
    assert found.compared == len(found.breadth) == number
    assert found.gaps == ()


def test_vectors_count_where_they_are_known() -> None:
    embedder = HashingEmbedder()
    texts = {"blades": ("Blade Care", BLADES), "rotors": ("Rotor Repair", AGAIN)}
    plain = snapshot_of(texts)
    vectors = {one.id: KeptVector("", embedder.encode([one.domain])[0]) for one in plain.communities}
    known = assemble(Facts(plain.facts.communities, {}, vectors=vectors), today="2027-03-17")
    found = audit(known, AuditFacts(), embedder.encode, least=0)
    assert (found.overlaps[0].a, found.overlaps[0].b) == ("blades", "rotors")
