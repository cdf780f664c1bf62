"""What is told of a remedy before anybody acts."""

from collections.abc import Sequence
from typing import Any

import pytest

from graph.errors import InvalidInput
from graph.models import Community
from graph.reads.communities import MeetingAhead, Roster
from graph.reads.people import Colleague, SkillHolders
from graph.remedies import REMEDY
from matcher.audit.proposal import Standing
from matcher.audit.simulate import SimulationFacts, simulate
from matcher.audit.simulation import Coverage, Simulation
from matcher.audit.subject import AuditFacts, Subject
from matcher.snapshot import Facts, assemble
from tests.matcher.audit.test_report import AGAIN, BLADES, LAW, OTHERS

BY_ID = {"ropes": "Ropes", "erosion": "Erosion", "drones": "Drones", "law": "Contract law", "resin": "Resin"}


def community(key: str, name: str, domain: str, skills: Sequence[str], **given: Any) -> Community:
    return Community(
        key, name, domain, skill_ids=tuple(skills), skill_names=tuple(BY_ID[one] for one in skills), **given
    )


COMMUNITIES = (
    community("blades", "Blade Care", BLADES, ("ropes", "erosion"), meetings=("Weekly: Monday 10:00 UTC",)),
    community("rotors", "Rotor Repair", AGAIN, ("erosion", "drones"), meetings=("Weekly: Friday 10:00 UTC",)),
    community("law", "Clauses", LAW, ("law",), meetings=("Weekly: Monday 10:30 UTC",)),
    *(community(key, name, domain, ()) for key, (name, domain) in OTHERS.items()),
)

# (person, level, role); of each community.
MEMBERS = {
    "blades": [("ann", "core", "lead"), ("bob", "active", ""), ("cas", "core", "")],
    "rotors": [("bob", "core", "lead"), ("dee", "active", "scribe"), ("eve", "peripheral", ""), ("gone", "core", "")],
    "law": [("dee", "active", ""), ("ann", "", "")],
}
HOLDERS = {"ropes": ["ann", "bob"], "erosion": ["bob", "dee"], "drones": ["eve", "bob"], "law": ["dee"]}


def roster(key: str) -> Roster:
    people, levels, roles = (list(column) for column in zip(*MEMBERS[key], strict=True))
    blank = [""] * len(people)
    return Roster(key, people, blank, blank, levels, roles)


def told(
    asked: dict[str, Any], meetings: Sequence[MeetingAhead] = (), broader: dict[str, Any] | None = None
) -> Simulation:
    people = {
        key: Colleague(key, key.title(), left_on="2020-01-01" if key == "gone" else None)
        for key in ("ann", "bob", "cas", "dee", "eve", "gone")
    }
    snapshot = assemble(
        Facts(
            {one.id: one for one in COMMUNITIES}, {key: roster(key) for key in MEMBERS}, people, broader=broader or {}
        ),
        today="2026-07-01",
    )
    holders = {key: SkillHolders(key, BY_ID[key], (), people, [3] * len(people)) for key, people in HOLDERS.items()}
    standing = Standing(Subject(snapshot, AuditFacts(holders=holders), None, False))
    facts = SimulationFacts({"rotors": ("cas", "gone")}, meetings)
    return simulate(standing, facts, REMEDY.validate_python(asked))


MERGE = {"remedy": "merge", "community_id": "rotors", "into_id": "blades"}


def ids(people: Sequence[Any]) -> list[str]:
    return [one.id for one in people]


def test_a_merge_tells_who_goes_and_who_is_there_already() -> None:
    found = told(MERGE)
    (move,) = found.moves
    assert (move.id, ids(move.people), ids(move.already)) == ("blades", ["bob", "dee", "eve"], ["bob"])
    assert found.text == "Rotor Repair ends; its 3 members go to Blade Care, where 1 of them is already."


def test_skills_of_the_survivor_grow_and_the_organisation_loses_none() -> None:
    assert told(MERGE).coverage == (
        Coverage(None, "all communities", (), ()), Coverage("blades", "Blade Care", ("Drones",), ()),
    )  # fmt: skip
    assert told({"remedy": "retire", "community_id": "rotors"}).coverage == (
        Coverage(None, "all communities", (), ("Drones",)),
    )


def test_a_role_that_somebody_has_there_is_told_and_others_go_along() -> None:
    (loss,) = told(MERGE).losses
    assert (loss.person.id, loss.role, loss.because) == ("bob", "lead", "Ann is lead of Blade Care")
    retired = told({"remedy": "retire", "community_id": "blades"})
    assert [(one.person.id, one.role) for one in retired.losses] == [("ann", "lead"), ("cas", "core")]
    assert told({"remedy": "rename", "community_id": "blades", "name": "X"}).losses == ()


def test_meetings_collide_for_those_who_are_asked_to_both_from_then_on() -> None:
    (collision,) = told(MERGE).collisions
    assert collision.one == "Blade Care, Weekly: Monday 10:00 UTC"
    assert collision.other == "Clauses, Weekly: Monday 10:30 UTC"
    assert ids(collision.people) == ["dee"], "Ann was in both before"
    ahead = [MeetingAhead("m", "rotors", "Big day", "2026-07-06T10:15Z", None)]
    pairs = {(one.one, one.other): ids(one.people) for one in told(MERGE, ahead).collisions}
    one = "Blade Care, Weekly: Monday 10:00 UTC"
    other = "Rotor Repair, Big day: 2026-07-06, Monday 10:15 UTC"
    assert pairs[one, other] == ["ann", "cas", "dee", "eve"], "Bob had to choose before"
    assert pairs["Clauses, Weekly: Monday 10:30 UTC", other] == ["ann"]


def test_how_many_communities_people_need_before_and_after() -> None:
    found = told(MERGE).covering
    # Ann one and one, Bob two then one, Dee two and two, Eve one and one.
    assert (found.people, found.before, found.after) == (4, 1.5, 1.25)
    assert (found.fewer, found.more, found.uncovered) == (1, 0, 0)
    retired = told({"remedy": "retire", "community_id": "rotors"}).covering
    assert (retired.people, retired.uncovered) == (3, 2)


def test_a_broader_skill_covers_a_narrower_one() -> None:
    found = told({"remedy": "retire", "community_id": "rotors"}, broader={"drones": ("ropes",)}).covering
    assert found.uncovered == 0


def test_those_who_lead_or_sponsor_are_to_be_asked_and_nobody_who_left() -> None:
    asked = {one.person.id: one.because for one in told(MERGE).ask}
    assert asked == {
        "ann": ("lead of Blade Care",), "bob": ("lead of Rotor Repair",), "dee": ("scribe of Rotor Repair",),
        "cas": ("sponsors Rotor Repair", "core member of Blade Care"),
    }  # fmt: skip
    assert [note for note in told({"remedy": "retire", "community_id": "law"}).notes if "lead" in note]


def split(*parts: dict[str, Any]) -> Simulation:
    given = [{"name": f"Part {at}", "domain": "Ropes.", **part} for at, part in enumerate(parts)]
    return told({"remedy": "split", "community_id": "rotors", "parts": given})


def test_a_split_tells_who_goes_where_and_who_stays() -> None:
    found = split({"member_ids": ["bob"], "skill_ids": ["drones", "resin"]}, {"member_ids": ["dee", "gone"]})
    assert [(move.name, ids(move.people)) for move in found.moves] == [("Part 0", ["bob"]), ("Part 1", ["dee"])]
    assert ids(found.stay) == ["eve"]
    assert found.coverage[0] == Coverage(None, "all communities", ("resin",), ())
    ended = split({"member_ids": ["bob", "eve"]}, {"member_ids": ["dee"]})
    assert ended.stay == ()
    assert ended.coverage[0].lost == ("Drones",)
    assert "it ends" in ended.text
    with pytest.raises(InvalidInput, match="never a member"):
        split({"member_ids": ["cas"]})
    with pytest.raises(InvalidInput, match="already"):
        split({"id": "law", "member_ids": ["bob"]})


def test_new_words_tell_what_they_are_near_to() -> None:
    found = told({"remedy": "clarify", "community_id": "law", "domain": AGAIN})
    near = {one.id: (one.before, one.after) for one in found.likeness}
    before, after = near["blades"]
    assert after is not None
    assert after > max(before or 0.0, 0.1)
    assert "law" not in near
    (same,) = [one for one in told({"remedy": "rename", "community_id": "law", "name": "Blade Care"}).likeness
               if one.id == "blades"]  # fmt: skip
    assert same.shares_name
    assert not any(one.shares_name for one in found.likeness)


def test_a_sub_group_keeps_all() -> None:
    found = told({"remedy": "move_under", "community_id": "rotors", "parent_id": "blades"})
    assert (found.moves, found.losses, found.collisions, found.likeness) == ((), (), (), ())
    assert found.covering.before == found.covering.after
    assert {one.person.id for one in found.ask} == {"ann", "bob", "cas", "dee"}
