"""What is done about communities moves all that belongs to them, and can be taken back without loss."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.database import Database
from graph.errors import Conflict, Forbidden, InvalidInput, NotFound
from graph.models import LOCAL_ADMIN, Principal, Role
from graph.reads import findings as finding_reads
from graph.reads import log, meetings, resources
from graph.reads import remedies as reads
from graph.reads.findings import Judgement, KeptFinding
from graph.reads.remedies import KeptRemedy
from graph.remedies import REMEDY
from graph.writes import by_hand, practice, remedies, requests
from graph.writes import findings as finding_writes
from graph.writes import meetings as meeting_writes
from graph.writes.findings import FindingRow
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.days import today
from tests.ingest.test_jobs import write

TABLES: dict[str, list[dict[str, Any]]] = {
    "skills": [{"id": key, "name": key} for key in ("whipping", "splicing", "knotting")],
    "goals": [{"id": "safe", "name": "Safe at sea"}],
    "people": [{"id": key, "name": key.title()} for key in ("ann", "bob", "cas", "dee", "eve", "fay")],
    "communities": [
        {"id": "ropes", "name": "Ropes", "domain": "Ropes and how to keep them.", "skills": ["whipping", "splicing"],
         "topics": ["hemp"], "goals": ["safe"], "meetings": ["Regular meeting: weekly, Monday 10:00 UTC"]},
        {"id": "knots", "name": "Knots", "domain": "Knots of every kind.", "skills": ["knotting"], "topics": ["bends"]},
        {"id": "bights", "name": "Bights", "domain": "Bights and loops."},
    ],
    "charters": [{"community_id": "ropes", "purpose": "Keep ropes.", "sponsor_id": "fay"}],
    "memberships": [
        {"person_id": "ann", "community_id": "ropes", "engagement": "core", "role": "lead", "joined_on": "2020-01"},
        {"person_id": "ann", "community_id": "knots", "engagement": "occasional", "joined_on": "2021-05-01"},
        {"person_id": "bob", "community_id": "ropes", "joined_on": "2018", "left_on": "2019"},
        {"person_id": "bob", "community_id": "ropes", "engagement": "active", "joined_on": "2022"},
        {"person_id": "cas", "community_id": "ropes"},
        {"person_id": "dee", "community_id": "knots", "engagement": "core"},
    ],
    "meetings": [
        {"id": "past", "community_id": "ropes", "starts_at": "2022-05-01T10:00", "attendee_ids": ["ann"],
         "agenda": ["tar", "sisal", "wax", "mould"]},
        {"id": "theirs", "community_id": "knots", "starts_at": "2022-05-02T10:00", "agenda": ["wax"]},
        {"id": "ahead", "community_id": "ropes", "starts_at": "2999-05-01T10:00", "agenda": ["hemp"]},
        {"id": "series", "community_id": "ropes", "starts_at": "2022-05-03T10:00", "recurrence": "weekly"},
    ],
    "questions": [
        {"id": "q", "text": "How to whip a rope?", "community_id": "ropes", "asker_id": "cas", "asked_at": "2022"},
    ],
    "agenda_items": [
        {"community_id": "ropes", "title": "tar", "state": "progressed", "owner_id": "ann"},
        {"community_id": "ropes", "title": "mould", "state": "settled"},
        {"community_id": "knots", "title": "wax", "state": "settled"},
    ],
    "artifacts": [{"id": "tables", "community_id": "ropes", "title": "Tables", "maker_ids": ["ann"]}],
    "advice": [{"question_id": "q", "helper_id": "ann", "advised_at": "2022-02-01", "outcome": "worked"}],
}  # fmt: skip
MANAGER = Principal(None, Role.KNOWLEDGE_MANAGER, "key:km")
MERGE = {"remedy": "merge", "community_id": "ropes", "into_id": "knots"}
Load = Callable[..., None]


@pytest.fixture
def load(database: Database, tmp_path: Path) -> Load:
    def run(sweep: bool = False, **tables: list[dict[str, Any]]) -> None:
        folder = write(tmp_path / "hr", {**TABLES, **tables})
        ingest(database, BundleSource(folder, "hr"), rejects_folder=tmp_path / "rejects", sweep=sweep)

    return run


@pytest.fixture
def graph(database: Database, load: Load) -> Database:
    """With something that was said by hand before: a level, and a membership that no source knows."""
    load()
    level = {"engagement": "core"}
    database.write(lambda tx: by_hand.change_membership(tx, LOCAL_ADMIN, "bob", "ropes", level))
    database.write(lambda tx: by_hand.join(tx, LOCAL_ADMIN, "dee", "ropes", "peripheral"))
    for title in ("Net day", "Loft day"):
        proposed = {"kind": "topic", "title": title}
        made = database.write(
            lambda tx, fields=proposed: practice.propose(tx, Principal("cas"), "cas", "ropes", fields)
        )
    database.write(lambda tx: practice.decline(tx, Principal("ann"), made.id, "It rains."))
    return database


def do(graph: Database, asked: dict[str, Any], who: Principal = MANAGER) -> KeptRemedy:
    return graph.write(lambda tx: remedies.carry_out(tx, who, REMEDY.validate_python(asked)))


def undo(graph: Database, remedy: KeptRemedy, who: Principal = MANAGER) -> KeptRemedy:
    return graph.write(lambda tx: remedies.undo(tx, who, remedy.id))


def spells(graph: Database, community: str) -> dict[str, list[dict[str, Any]]]:
    rows = graph.run_alone(
        "MATCH (p:Person)-[m:MEMBER_OF]->(:Community {id: $id}) "
        "RETURN p.id AS person, m {.engagement, .role, .joined_on, .left_on, .history} AS spell ORDER BY m.id",
        id=community,
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        told = {name: value for name, value in row["spell"].items() if value is not None}
        found.setdefault(row["person"], []).append(told)
    return found


def see(graph: Database, community: str) -> resources.CommunityDetails:
    found = graph.read(resources.community(community, MANAGER))
    assert found is not None
    return found


def linked(graph: Database, community: str) -> set[str]:
    rows = graph.run_alone(
        "MATCH (n:Meeting|Question)-[:OF|IN]->(:Community {id: $id}) RETURN n.id AS id", id=community
    )
    return {row["id"] for row in rows}


def test_a_merge_moves_all_spells_with_their_history_and_says_where_it_went(graph: Database) -> None:
    before, there = spells(graph, "ropes"), spells(graph, "knots")
    done = do(graph, MERGE)
    assert spells(graph, "ropes") == {}
    after = spells(graph, "knots")
    assert after["bob"] == before["bob"], "also the spell that is over, and the day on which the level changed"
    assert [spell for spell in after["bob"] if "history" in spell]
    assert sorted(map(str, after["ann"])) == sorted(map(str, before["ann"] + there["ann"])), "both, of who was in both"
    assert {person: len(some) for person, some in after.items()} == {"ann": 2, "bob": 2, "cas": 1, "dee": 2}
    gone, stays = see(graph, "ropes"), see(graph, "knots")
    assert (gone.community.status, gone.community.retired_on, gone.successor_ids) == ("retired", today(), ("knots",))
    assert (gone.members, stays.members) == (0, 4)
    assert set(stays.community.skill_ids) == {"whipping", "splicing", "knotting"}
    assert stays.community.topics == ("bends", "hemp")
    assert stays.community.goal_ids == ("safe",)
    assert stays.community.meetings == ("Regular meeting: weekly, Monday 10:00 UTC",)
    assert linked(graph, "knots") == {"q", "ahead", "series", "theirs"}, "what is over stays where it was"
    assert linked(graph, "ropes") == {"past"}
    event = graph.read(log.events_after(0))[-1]
    assert (event.action, event.actor, event.details) == ("merge.community", "key:km", {"remedy": done.id})
    assert {"community/ropes", "community/knots", "question/q", "person/cas"} <= set(event.subjects)
    with pytest.raises(Conflict, match="retired"):
        graph.write(lambda tx: by_hand.join(tx, LOCAL_ADMIN, "eve", "ropes", None))


def items(graph: Database, community: str) -> dict[str, tuple[str, str | None, list[str]]]:
    return {
        one.title: (one.id, one.state, [said.meeting_id for said in one.discussions])
        for one in graph.read(meetings.agenda(community))
    }


def test_a_merge_carries_over_what_was_made_what_is_open_and_what_is_proposed(graph: Database, load: Load) -> None:
    before = log.fingerprint(graph)
    done = do(graph, MERGE)
    assert [one.id for one in graph.read(meetings.artifacts("knots"))] == ["tables"]
    assert [one.title for one in graph.read(meetings.initiatives("knots"))] == ["Net day"]
    assert [one.title for one in graph.read(meetings.initiatives("ropes"))] == ["Loft day"], "it was decided on there"
    assert items(graph, "knots") == {
        "tar": ("ropes/tar", "progressed", ["past"]),
        "sisal": ("ropes/sisal", None, ["past"]),
        "hemp": ("ropes/hemp", None, ["ahead"]),
        "wax": ("knots/wax", "open", ["theirs"]),
    }
    assert set(items(graph, "ropes")) == {"mould", "wax"}, "settled there, or going on as the other's"
    merged = log.fingerprint(graph)
    load(sweep=True)
    assert log.fingerprint(graph) == merged, "the next import takes nothing back"
    undo(graph, done)
    assert log.fingerprint(graph) == before


def test_after_a_merge_one_title_stays_one_item(graph: Database) -> None:
    done = do(graph, MERGE)
    lead = Principal("dee")
    graph.write(lambda tx: meeting_writes.put_on_agenda(tx, lead, "ahead", "tar"))
    graph.write(lambda tx: meeting_writes.put_on_agenda(tx, lead, "ahead", "eyes"))
    found = items(graph, "knots")
    assert found["tar"] == ("ropes/tar", "progressed", ["past", "ahead"])
    assert found["eyes"][0] == "knots/eyes"
    (proposed,) = graph.read(meetings.initiatives("knots"))
    graph.write(lambda tx: practice.take_up(tx, lead, proposed.id, {"title": "sisal"}))
    assert items(graph, "knots")["sisal"][:2] == ("ropes/sisal", "open")
    undone = undo(graph, done)
    assert "1 initiative" not in str(undone.left), "whatever became of it, it goes home"
    assert {"tar", "hemp"} <= set(items(graph, "ropes"))


def test_a_merge_taken_back_leaves_the_graph_as_it_was(graph: Database) -> None:
    before = log.fingerprint(graph)
    done = do(graph, MERGE)
    assert log.fingerprint(graph) != before
    undone = undo(graph, done)
    assert log.fingerprint(graph) == before
    assert (undone.state, undone.left, undone.undone_by) == ("undone", (), "key:km")
    assert graph.read(log.events_after(0))[-1].action == "undo.merge.community"
    with pytest.raises(Conflict, match="already"):
        undo(graph, done)


def test_what_happened_between_a_merge_and_its_undoing_stays(graph: Database) -> None:
    done = do(graph, MERGE)
    graph.write(lambda tx: by_hand.join(tx, LOCAL_ADMIN, "eve", "knots", "active"))
    graph.write(lambda tx: by_hand.leave(tx, LOCAL_ADMIN, "cas", "knots"))
    graph.write(lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "community", "knots", {"topics": ["bends", "hitches"]}))
    asked = graph.write(lambda tx: requests.ask(tx, Principal("cas"), "cas", "dee", question_id="q"))
    key = asked.request.id
    graph.write(lambda tx: requests.accept(tx, Principal("dee"), key))
    graph.write(lambda tx: requests.advise(tx, Principal("dee"), key, "Wax the twine first."))
    graph.write(lambda tx: tx.run("write/delete_person", ids=["bob"]))
    undone = undo(graph, done)
    assert sorted(spells(graph, "ropes")) == ["ann", "cas", "dee"]
    assert spells(graph, "ropes")["cas"] == [{"left_on": today()}]
    assert sorted(spells(graph, "knots")) == ["ann", "dee", "eve"]
    assert see(graph, "knots").community.topics == ("bends", "hitches")
    assert see(graph, "ropes").community.status == "active"
    texts = graph.run_alone(
        "MATCH (a:Advice)-[:ANSWERS]->(:Question {id: 'q'})-[:IN]->(c) RETURN c.id AS c, a.text AS t"
    )
    assert ("ropes", "Wax the twine first.") in [(row["c"], row["t"]) for row in texts]
    assert len(undone.left) == 2
    assert "topics of 1 community: changed since" in undone.left[1]
    everything = graph.run_alone("MATCH (r:Remedy) OPTIONAL MATCH (r)-[c:CHANGED]->() RETURN r, properties(c) AS c")
    assert "bob" not in str(everything), "of who was erased, no remedy tells"


def test_an_import_neither_brings_back_what_was_merged_nor_breaks(graph: Database, load: Load) -> None:
    before = log.fingerprint(graph)
    done = do(graph, MERGE)
    merged = log.fingerprint(graph)
    load(sweep=True)
    assert log.fingerprint(graph) == merged
    changed = [{**row} for row in TABLES["memberships"]]
    changed[0]["engagement"], changed[3]["left_on"] = "active", "2024"
    load(sweep=True, memberships=changed)
    assert spells(graph, "ropes") == {}
    assert {spell.get("engagement") for spell in spells(graph, "knots")["ann"]} == {"active", "occasional"}
    load(sweep=True)
    assert log.fingerprint(graph) == merged
    undo(graph, done)
    assert log.fingerprint(graph) == before
    load(sweep=True)
    assert log.fingerprint(graph) == before


def test_whom_the_source_no_longer_names_is_no_member_after_a_merge_either(graph: Database, load: Load) -> None:
    done = do(graph, MERGE)
    load(sweep=True, memberships=[row for row in TABLES["memberships"] if row["person_id"] != "cas"])
    assert "cas" not in spells(graph, "knots")
    undone = undo(graph, done)
    assert undone.left == ("1 membership is no more",)
    assert "cas" not in spells(graph, "ropes")


def test_what_a_later_remedy_rests_on_cannot_be_taken_back(graph: Database) -> None:
    before = log.fingerprint(graph)
    first = do(graph, MERGE)
    second = do(graph, {"remedy": "merge", "community_id": "knots", "into_id": "bights"})
    with pytest.raises(Conflict, match=second.id):
        undo(graph, first)
    undo(graph, second)
    undo(graph, first)
    assert log.fingerprint(graph) == before
    listed = graph.read(reads.remedies(MANAGER, limit=10))
    assert [(one.id, one.state) for one in listed] == [(second.id, "undone"), (first.id, "undone")]
    assert [one.id for one in listed[1].about] == ["ropes", "knots"]


SPLIT = {
    "remedy": "split",
    "community_id": "ropes",
    "parts": [
        {"name": "Whipping", "domain": "Ends that do not fray.", "member_ids": ["ann", "bob"],
         "skill_ids": ["whipping"]},
        {"id": "splices", "name": "Splices", "domain": "Ropes joined.", "member_ids": ["cas"]},
    ],
}  # fmt: skip


def test_a_split_makes_communities_and_keeps_who_is_in_no_part(graph: Database) -> None:
    before, spell = log.fingerprint(graph), spells(graph, "ropes")
    done = do(graph, SPLIT)
    assert [one.id for one in done.about] == ["ropes", "whipping", "splices"]
    assert spells(graph, "whipping") == {person: spell[person] for person in ("ann", "bob")}
    assert sorted(spells(graph, "ropes")) == ["dee"]
    assert see(graph, "ropes").community.status == "active", "somebody stays"
    assert see(graph, "whipping").community.skill_ids == ("whipping",)
    assert undo(graph, done).left == ()
    assert log.fingerprint(graph) == before


def test_a_split_that_leaves_nobody_retires_the_whole(graph: Database) -> None:
    parts: list[dict[str, Any]] = json.loads(json.dumps(SPLIT["parts"]))
    parts[1]["member_ids"].append("dee")
    done = do(graph, {**SPLIT, "parts": parts})
    gone = see(graph, "ropes")
    assert (gone.community.status, gone.successor_ids) == ("retired", ("splices", "whipping"))
    graph.write(lambda tx: by_hand.join(tx, LOCAL_ADMIN, "eve", "splices", None))
    undone = undo(graph, done)
    assert undone.left == ("Splices (splices) has been used or changed since, and stays",)
    assert sorted(spells(graph, "splices")) == ["eve"]
    assert sorted(spells(graph, "ropes")) == ["ann", "bob", "cas", "dee"]
    assert graph.read(resources.community("whipping", MANAGER)) is None
    assert see(graph, "ropes").successor_ids == ()


def test_a_split_says_which_of_its_parts_make_no_sense(graph: Database) -> None:
    parts: list[dict[str, Any]] = json.loads(json.dumps(SPLIT["parts"]))
    for wrong, match in ((["ann"], "named in Whipping and in Splices"), (["eve"], "never a member")):
        with pytest.raises(InvalidInput, match=match):
            do(graph, {**SPLIT, "parts": [parts[0], {**parts[1], "member_ids": wrong}]})
    with pytest.raises(Conflict, match="already"):
        do(graph, {**SPLIT, "parts": [{**parts[0], "id": "knots"}]})
    with pytest.raises(InvalidInput, match="skill"):
        do(graph, {**SPLIT, "parts": [{**parts[0], "skill_ids": ["flying"]}]})
    assert graph.read(reads.remedies(MANAGER, limit=10)) == []


@pytest.mark.parametrize(
    ("asked", "field", "value"),
    [
        ({"remedy": "rename", "name": "Cordage"}, "name", "Cordage"),
        ({"remedy": "clarify", "domain": "Cordage.", "audience": "Riggers"}, "audience", "Riggers"),
        ({"remedy": "move_under", "parent_id": "knots"}, "part_of_id", "knots"),
        ({"remedy": "retire", "successor_id": "knots"}, "status", "retired"),
        ({"remedy": "retire"}, "status", "retired"),
    ],
)
def test_the_other_remedies_are_one_change_and_are_taken_back(
    graph: Database, load: Load, asked: dict[str, Any], field: str, value: str
) -> None:
    before = log.fingerprint(graph)
    done = do(graph, {**asked, "community_id": "ropes"})
    load(sweep=True)
    assert getattr(see(graph, "ropes").community, field) == value
    assert undo(graph, done).left == ()
    assert log.fingerprint(graph) == before


def test_sub_groups_follow_a_merge_and_never_go_in_a_circle(graph: Database) -> None:
    do(graph, {"remedy": "move_under", "community_id": "bights", "parent_id": "ropes"})
    with pytest.raises(InvalidInput, match="circle"):
        do(graph, {"remedy": "move_under", "community_id": "ropes", "parent_id": "bights"})
    with pytest.raises(Conflict, match="already"):
        do(graph, {"remedy": "move_under", "community_id": "bights", "parent_id": "ropes"})
    with pytest.raises(Conflict, match="already"):
        do(graph, {"remedy": "move_under", "community_id": "knots", "parent_id": None})
    before = log.fingerprint(graph)
    done = do(graph, MERGE)
    assert see(graph, "bights").community.part_of_id == "knots"
    undo(graph, done)
    assert log.fingerprint(graph) == before
    done = do(graph, {"remedy": "merge", "community_id": "ropes", "into_id": "bights"})
    assert see(graph, "bights").community.part_of_id is None, "what it was a part of went into it"
    undo(graph, done)
    assert log.fingerprint(graph) == before


def test_who_may_and_what_is_refused(graph: Database) -> None:
    done = do(graph, MERGE)
    with pytest.raises(Forbidden):
        do(graph, {"remedy": "retire", "community_id": "bights"}, Principal("ann", Role.MEMBER, "key:ann"))
    with pytest.raises(Forbidden):
        undo(graph, done, Principal("ann", Role.MEMBER, "key:ann"))
    with pytest.raises(Conflict, match="Ropes is retired already"):
        do(graph, {"remedy": "merge", "community_id": "bights", "into_id": "ropes"})
    with pytest.raises(NotFound):
        do(graph, {"remedy": "merge", "community_id": "bights", "into_id": "nowhere"})
    with pytest.raises(InvalidInput, match="twice"):
        do(graph, {"remedy": "merge", "community_id": "bights", "into_id": "bights"})
    with pytest.raises(NotFound, match="remedy"):
        graph.write(lambda tx: remedies.undo(tx, MANAGER, "y-0"))
    graph.run_alone("MATCH (c:Community {id: 'ropes'}) DETACH DELETE c")
    with pytest.raises(Conflict, match="no more"):
        undo(graph, done)


@pytest.fixture
def found(graph: Database) -> Database:
    """With findings of an audit: of two pairs, and of one community on three scales."""
    rows = [
        FindingRow(key, kind, tuple(f"community/{one}" for one in about), Judgement("x", 0.9, {}, {}), {}, (), ())
        for key, kind, about in (
            ("pair", "overlap", ("knots", "ropes")), ("other-pair", "overlap", ("bights", "ropes")),
            ("broad", "breadth", ("ropes",)), ("narrow", "narrowness", ("ropes",)), ("unclear", "clarity", ("ropes",)),
            ("theirs", "narrowness", ("knots",)),
        )
    ]  # fmt: skip
    noted = {"status": "open", "present": True, "found_at": "2026-01-01"}
    graph.write(lambda tx: finding_writes.store_findings(tx, [(row, noted) for row in rows]))
    return graph


def finding(graph: Database, key: str) -> KeptFinding:
    one = graph.read(finding_reads.finding(key, MANAGER))
    assert one is not None
    return one


def decide(graph: Database, key: str, status: str, **given: Any) -> KeptFinding:
    return graph.write(lambda tx: finding_writes.decide(tx, MANAGER, key, status, **given))


def done(graph: Database) -> set[str]:
    return {one.id for one in graph.read(finding_reads.findings(MANAGER, statuses=["done"]))}


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (MERGE, {"pair", "narrow"}),
        ({"remedy": "merge", "community_id": "knots", "into_id": "ropes"}, {"pair", "theirs"}),
        ({"remedy": "retire", "community_id": "ropes"}, {"narrow"}),
        ({"remedy": "move_under", "community_id": "ropes", "parent_id": "bights"}, {"other-pair", "narrow"}),
        ({"remedy": "split", "community_id": "ropes",
          "parts": [{"name": "Hemp", "domain": "Hemp.", "member_ids": ["ann"]}]}, {"broad"}),
        ({"remedy": "clarify", "community_id": "ropes", "audience": "Riggers."}, {"unclear"}),
        ({"remedy": "rename", "community_id": "ropes", "name": "Cordage"}, set()),
    ],
)  # fmt: skip
def test_what_a_remedy_answers_is_done_and_open_again_when_it_is_taken_back(
    found: Database, asked: dict[str, Any], answered: set[str]
) -> None:
    before = found.read(log.revision())
    remedy = do(found, asked)
    assert done(found) == set(remedy.answered) == answered
    (event,) = found.read(log.events_after(before))
    assert {one for one in event.subjects if one.startswith("finding/")} == {f"finding/{key}" for key in answered}
    undo(found, remedy)
    assert done(found) == set()
    for key in answered:
        assert (finding(found, key).status, finding(found, key).decision) == ("open", None)


def test_a_remedy_leaves_what_was_decided_otherwise_and_its_undo_goes_back_to_what_was_accepted(
    found: Database,
) -> None:
    decide(found, "narrow", "dismissed", reason="intended")
    accepted = decide(found, "pair", "accepted", note="Both want it.")
    remedy = do(found, MERGE)
    assert done(found) == {"pair"}, "what was dismissed stays so"
    (decision,) = [one.decision for one in (finding(found, "pair"),) if one.decision is not None]
    assert (decision.status, decision.note) == ("done", "Both want it.")
    undo(found, remedy)
    assert finding(found, "pair") == accepted
    again = do(found, MERGE)
    decide(found, "pair", "dismissed", reason="not_so")
    undo(found, again)
    assert finding(found, "pair").status == "dismissed", "what was decided since stays"


def test_a_finding_that_the_audit_misses_after_the_remedy_is_gone_when_that_is_taken_back(found: Database) -> None:
    remedy = do(found, MERGE)
    found.write(lambda tx: finding_writes.note_findings(tx, {"pair": {"present": False}}))
    undo(found, remedy)
    assert (finding(found, "pair").status, finding(found, "narrow").status) == ("gone", "open")
