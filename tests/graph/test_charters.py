"""A charter is drafted, spoken of and adopted by those whose part it is, and no version of it is ever lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.charters import Charter
from graph.database import Database
from graph.errors import Conflict, Forbidden, InvalidInput, NotFound
from graph.models import LOCAL_ADMIN, Part, Principal, Role
from graph.reads import charters as reads
from graph.reads import log, resources
from graph.reads.charters import CharterHistory
from graph.writes import by_hand, charters, sponsors
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource
from tests.ingest.test_jobs import write

TABLES: dict[str, list[dict[str, Any]]] = {
    "goals": [{"id": "safe", "name": "Safe at sea"}],
    "people": [{"id": key, "name": key.title()} for key in ("lea", "cora", "mem", "spo", "sue", "out", "gone")],
    "communities": [
        {"id": "ropes", "name": "Ropes", "domain": "Ropes and how to keep them."},
        {"id": "knots", "name": "Knots", "domain": "Knots of every kind.", "visibility": "restricted"},
    ],
    "charters": [
        {"community_id": "ropes", "purpose": "Keep ropes.", "sponsor_id": "spo", "adopted_on": "2024-02-01",
         "objectives": ["reached: A list of ropes", "Dry lofts"]},
        {"community_id": "knots", "sponsor_id": "sue"},
    ],
    "memberships": [
        {"person_id": "lea", "community_id": "ropes", "role": "lead"},
        {"person_id": "cora", "community_id": "ropes", "engagement": "core"},
        {"person_id": "mem", "community_id": "ropes"},
        {"person_id": "gone", "community_id": "ropes", "engagement": "core", "left_on": "2024-01-01"},
        {"person_id": "lea", "community_id": "knots", "role": "lead"},
    ],
}  # fmt: skip
KM = Principal("out", Role.KNOWLEDGE_MANAGER, "key:km")


def person(key: str) -> Principal:
    return Principal(key, Role.MEMBER, f"key:{key}")


@pytest.fixture
def load(database: Database, tmp_path: Path) -> Callable[..., None]:
    def run(sweep: bool = False, **tables: list[dict[str, Any]]) -> None:
        folder = write(tmp_path / "hr", {**TABLES, **tables})
        ingest(database, BundleSource(folder, "hr"), rejects_folder=tmp_path / "rejects", sweep=sweep)

    return run


@pytest.fixture
def graph(database: Database, load: Callable[..., None]) -> Database:
    load()
    return database


def history(graph: Database, community: str = "ropes") -> CharterHistory:
    return graph.read(reads.history(community))


def states(graph: Database, community: str = "ropes") -> list[str]:
    return [one.state for one in history(graph, community).versions]


def draft(graph: Database, who: str, community: str = "ropes", **said: Any) -> CharterHistory:
    """Saves the newest version with some of it said otherwise."""
    newest = history(graph, community).newest
    base = newest.charter.model_dump() if newest else {}
    charter = Charter.model_validate({**base, **said})
    return graph.write(lambda tx: charters.draft(tx, person(who), community, None, charter, "because"))


def adopt(graph: Database, who: str, number: int, **how: Any) -> CharterHistory:
    return graph.write(lambda tx: charters.adopt(tx, person(who), "ropes", None, number, **how))


def objected(graph: Database, who: str, number: int, text: str = "No.") -> str:
    found = graph.write(lambda tx: charters.object_to(tx, person(who), "ropes", None, number, text))
    return found.version(number).open[-1].id


def test_what_a_source_tells_is_a_version_that_moves_with_it_until_somebody_speaks_of_it(graph: Database, load) -> None:
    (first,) = history(graph).versions
    assert (first.number, first.state, first.source, first.adopted_at) == (1, "adopted", "hr", "2024-02-01")
    assert [(one.text, one.state) for one in first.charter.objectives] == [
        ("A list of ropes", "reached"), ("Dry lofts", "open"),
    ]  # fmt: skip
    assert history(graph, "knots").versions == ()  # a sponsor alone is no charter
    load(charters=[{**TABLES["charters"][0], "purpose": "Keep all ropes."}])
    assert [one.charter.purpose for one in history(graph).versions] == ["Keep all ropes."]
    graph.write(lambda tx: charters.comment(tx, person("mem"), "ropes", None, 1, "All of them?"))
    load(charters=[{**TABLES["charters"][0], "purpose": "Keep some ropes."}])
    assert [(one.charter.purpose, one.state) for one in history(graph).versions] == [
        ("Keep all ropes.", "superseded"), ("Keep some ropes.", "adopted"),
    ]  # fmt: skip
    assert [one.text for one in history(graph).version(1).comments] == ["All of them?"]
    load()
    load(charters=[{**TABLES["charters"][0], "purpose": "Keep all ropes."}])  # back again: it is known
    assert states(graph) == ["adopted"]
    load(sweep=True, charters=[])
    assert [(one.charter.purpose, one.state) for one in history(graph).versions] == [("Keep all ropes.", "superseded")]


def test_what_people_adopted_wins_over_what_a_source_says_later(graph: Database, load) -> None:
    assert draft(graph, "cora", vision="Dry and long.").newest.number == 2
    assert states(graph) == ["adopted", "draft"]
    adopt(graph, "spo", 2)
    assert states(graph) == ["superseded", "adopted"]
    load(charters=[{**TABLES["charters"][0], "purpose": "Sell ropes.", "adopted_on": "2026-01-01"}])
    found = history(graph)
    assert [(one.number, one.state, one.source) for one in found.versions] == [
        (1, "superseded", "hr"), (2, "adopted", None), (3, "draft", "hr"),
    ]  # fmt: skip
    assert found.shown is found.version(2)
    assert found.newest is found.version(2)  # the next draft goes on from what people wrote
    assert (found.versions[1].author, found.versions[1].comment) == (reads.Party("cora", "Cora"), "because")
    adopt(graph, "spo", 3)  # the sponsor may take what the source says
    assert states(graph) == ["superseded", "superseded", "adopted"]
    assert draft(graph, "lea", strategy="Dry them.").versions[-1].number == 4


def test_leads_and_core_members_write_and_a_sponsor_sets_the_purpose(graph: Database) -> None:
    before = graph.read(log.revision())
    for who in ("mem", "gone", "out"):
        with pytest.raises(Forbidden, match="for a lead, a core member or a sponsor of Ropes"):
            draft(graph, who, vision="Mine.")
    with pytest.raises(Forbidden, match="To write"):
        graph.write(lambda tx: charters.draft(tx, KM, "ropes", None, Charter(purpose="x")))
    with pytest.raises(Forbidden, match="sets the purpose"):
        draft(graph, "spo", purpose="Keep every rope.", vision="Mine.")
    assert graph.read(log.revision()) == before
    assert draft(graph, "spo", purpose="Keep every rope.", goal_ids=["safe"]).versions[-1].author.id == "spo"
    assert draft(graph, "lea", vision="Ours.").versions[-1].number == 3
    revision = graph.read(log.revision())
    assert len(draft(graph, "cora", vision="Ours.").versions) == 3  # it says so already
    assert graph.read(log.revision()) == revision
    with pytest.raises(InvalidInput, match="took_part_ids: names the person 'nobody'"):
        draft(graph, "lea", took_part_ids=["lea", "nobody"])
    with pytest.raises(InvalidInput, match="goal_ids: names the goal 'gold'"):
        draft(graph, "lea", goal_ids=["gold"])
    done = draft(graph, "lea", took_part_ids=["mem", "lea"]).versions[-1]
    assert [one.name for one in done.took_part] == ["Mem", "Lea"]
    assert [one.name for one in done.goals] == ["Safe at sea"]


def test_an_admin_acts_for_a_person_whose_part_decides(graph: Database) -> None:
    charter = Charter(purpose="Keep.")
    with pytest.raises(InvalidInput, match="for whom"):
        graph.write(lambda tx: charters.draft(tx, LOCAL_ADMIN, "ropes", None, charter))
    with pytest.raises(Forbidden, match="To write the charter is for"):
        graph.write(lambda tx: charters.draft(tx, LOCAL_ADMIN, "ropes", "mem", charter))
    with pytest.raises(Forbidden, match="themselves, or an admin"):
        graph.write(lambda tx: charters.draft(tx, person("mem"), "ropes", "lea", charter))
    graph.write(lambda tx: charters.draft(tx, LOCAL_ADMIN, "ropes", "lea", charter))
    with pytest.raises(Forbidden, match="To adopt the charter is for a sponsor of Ropes"):
        graph.write(lambda tx: charters.adopt(tx, LOCAL_ADMIN, "ropes", "lea", 2))


def test_a_sponsor_adopts_and_in_spite_of_objections_only_if_that_is_said(graph: Database) -> None:
    draft(graph, "lea", goal_ids=["safe"])
    for who in ("lea", "cora", "mem", "sue"):
        with pytest.raises(Forbidden, match="a sponsor of Ropes"):
            adopt(graph, who, 2)
    objected(graph, "mem", 2, "Too long.")
    with pytest.raises(Conflict, match="open objections to version 2: 1"):
        adopt(graph, "spo", 2)
    found = adopt(graph, "spo", 2, despite_objections=True)
    assert found.adopted is not None
    assert (found.adopted.number, found.adopted.open_objections) == (2, 1)
    assert found.adopted.adopted_by == reads.Party("spo", "Spo")
    assert found.adopted.open[0].text == "Too long."  # it stays open
    (event,) = graph.read(log.events_after(graph.read(log.revision()) - 1))
    assert (event.action, event.details) == ("adopt.charter", {"number": 2, "despite_objections": 1})
    details = graph.read(resources.community("ropes", LOCAL_ADMIN))
    assert details is not None
    assert details.community.goal_ids == ("safe",)
    with pytest.raises(Conflict, match="adopted already"):
        adopt(graph, "spo", 2)
    with pytest.raises(Conflict, match="superseded"):
        adopt(graph, "spo", 1)
    with pytest.raises(NotFound, match=r"no version 9\. There are versions 1 to 2"):
        adopt(graph, "spo", 9)


def test_sides_are_taken_and_objections_settled_by_who_may(graph: Database) -> None:
    draft(graph, "lea", vision="Dry.")
    for who in ("lea", "mem", "spo"):
        graph.write(lambda tx, who=who: charters.stand_behind(tx, person(who), "ropes", None, 2))
    with pytest.raises(Forbidden, match="a member, a core member, a lead or a sponsor of Ropes"):
        graph.write(lambda tx: charters.stand_behind(tx, person("out"), "ropes", None, 2))
    one = objected(graph, "mem", 2, "Too dry.")
    version = history(graph).version(2)
    assert [stander.person.id for stander in version.behind] == ["lea", "spo"]  # nobody does both
    with pytest.raises(Forbidden, match="who raised it, or by a sponsor"):
        graph.write(lambda tx: charters.settle(tx, person("lea"), "ropes", None, one, "Never mind."))
    with pytest.raises(InvalidInput, match="reason"):
        graph.write(lambda tx: charters.settle(tx, person("spo"), "ropes", None, one))
    graph.write(lambda tx: charters.settle(tx, person("spo"), "ropes", None, one, "Lofts are dry."))
    settled = history(graph).version(2).objections[0]
    assert (settled.state, settled.reason, settled.settled_by) == (
        "settled", "Lofts are dry.", reads.Party("spo", "Spo"),
    )  # fmt: skip
    with pytest.raises(Conflict, match="settled already"):
        graph.write(lambda tx: charters.settle(tx, person("mem"), "ropes", None, one))
    other = objected(graph, "mem", 2, "Still too dry.")
    graph.write(lambda tx: charters.stand_behind(tx, person("mem"), "ropes", None, 2))
    found = history(graph).version(2)
    assert [(o.id, o.state) for o in found.objections] == [(one, "settled"), (other, "settled")]
    graph.write(lambda tx: charters.take_no_side(tx, person("mem"), "ropes", None, 2))
    assert [stander.person.id for stander in history(graph).version(2).behind] == ["lea", "spo"]
    adopt(graph, "spo", 2)
    with pytest.raises(Conflict, match="superseded"):
        graph.write(lambda tx: charters.stand_behind(tx, person("mem"), "ropes", None, 1))


def test_parts_are_of_today(graph: Database) -> None:
    found = graph.read(reads.parts("ropes"))
    assert found["lea"] == ("Lea", frozenset({Part.MEMBER, Part.LEAD}))
    assert found["spo"] == ("Spo", frozenset({Part.SPONSOR}))
    assert set(found) == {"lea", "cora", "mem", "spo"}


def test_a_sponsor_of_a_restricted_community_sees_it_and_nobody_else_learns_of_its_charter(graph: Database) -> None:
    graph.write(lambda tx: charters.draft(tx, person("sue"), "knots", None, Charter(purpose="Hold.")))
    with pytest.raises(NotFound):
        graph.write(lambda tx: charters.comment(tx, person("mem"), "knots", None, 1, "Why?"))
    assert states(graph, "knots") == ["draft"]


def test_a_retired_community_keeps_its_charter_as_it_is(graph: Database) -> None:
    graph.write(lambda tx: by_hand.edit(tx, LOCAL_ADMIN, "community", "ropes", {"status": "retired"}))
    with pytest.raises(Conflict, match="retired"):
        draft(graph, "lea", vision="Dry.")


def test_who_is_erased_is_named_no_more_and_what_they_wrote_stays(graph: Database) -> None:
    draft(graph, "cora", vision="Dry.", took_part_ids=["cora", "lea"])
    objected(graph, "cora", 2, "Not dry enough.")
    graph.run_alone("MATCH (p:Person {id: 'cora'}) DETACH DELETE p")
    version = history(graph).version(2)
    assert (version.author, version.charter.vision) == (None, "Dry.")
    assert version.charter.took_part_ids == ("lea",)
    assert (version.open[0].by, version.open[0].text) == (None, "Not dry enough.")


# --- Any sequence of what people try ---------------------------------------------------------------------------------

PEOPLE = ("lea", "cora", "mem", "spo", "out")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(("draft", "purpose", "adopt", "despite", "behind", "object", "aside", "settle", "comment",
                         "import", "ask", "accept", "step_down")),
        st.sampled_from(PEOPLE),
        st.integers(1, 4),
    ),
    max_size=14,
)  # fmt: skip


def _try(graph: Database, load: Callable[..., None], act: str, who: str, number: int) -> None:
    me = person(who)
    if act == "import":
        load(charters=[{**TABLES["charters"][0], "purpose": f"Purpose {number}.", "adopted_on": "2024-02-01"}])
    elif act in ("draft", "purpose"):
        draft(graph, who, **({"purpose": f"Mine {number}."} if act == "purpose" else {"vision": f"Vision {number}."}))
    elif act in ("adopt", "despite"):
        adopt(graph, who, number, despite_objections=act == "despite")
    elif act == "settle":
        found = [one.id for version in history(graph).versions for one in version.open]
        graph.write(lambda tx: charters.settle(tx, me, "ropes", None, found[0] if found else "o-none", "So it is."))
    elif act in ("ask", "accept", "step_down"):
        whom = PEOPLE[number] if act == "ask" else who
        graph.write(lambda tx: getattr(sponsors, act)(tx, me, "ropes", whom))
    else:
        do = {"behind": charters.stand_behind, "aside": charters.take_no_side}.get(act)
        if do is not None:
            graph.write(lambda tx: do(tx, me, "ropes", None, number))
        else:
            say = charters.object_to if act == "object" else charters.comment
            graph.write(lambda tx: say(tx, me, "ropes", None, number, f"{act} {number}"))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=ACTS)
def test_no_sequence_loses_a_version_or_lets_anybody_do_what_is_not_theirs(graph: Database, load, acts) -> None:
    graph.run_alone("MATCH (n:CharterVersion|Objection|CharterComment) DETACH DELETE n")
    ropes = "(c:Community {id: 'ropes'})"
    graph.run_alone(f"MATCH (:Person)-[r:SPONSORS|ASKED_TO_SPONSOR|STEPPED_DOWN_FROM]->{ropes} DELETE r")
    graph.run_alone(f"MATCH (p:Person {{id: 'spo'}}), {ropes} CREATE (p)-[:SPONSORS {{source: 'hr'}}]->(c)")
    load()
    for act, who, number in acts:
        before = history(graph)
        part = graph.read(resources.standing("ropes", who))
        revision = graph.read(log.revision())
        try:
            _try(graph, load, act, who, number)
        except (Conflict, Forbidden, InvalidInput, NotFound):
            assert graph.read(log.revision()) == revision
            assert history(graph) == before
            continue
        after = history(graph)
        texts = {one.number: (one.charter, one.author, one.created_at) for one in after.versions}
        for one in before.versions:
            if one.is_kept:  # no version that somebody spoke of is lost, or says another thing
                assert texts[one.number] == (one.charter, one.author, one.created_at)
                later = after.version(one.number)
                assert [c.id for c in one.comments] == [c.id for c in later.comments][: len(one.comments)]
                assert {o.id for o in one.objections} <= {o.id for o in later.objections}
                assert (one.state, later.state) != ("superseded", "adopted") or one.adopted_by is None
        assert sum(one.state == "adopted" for one in after.versions) <= 1
        if after.adopted is not None and after.adopted.adopted_by is not None and after.adopted != before.adopted:
            assert act in ("adopt", "despite", "behind", "object", "aside", "settle", "comment")
        by = {one.number: one.adopted_by for one in before.versions}
        for one in after.versions:
            if one.adopted_by is not None and by.get(one.number) is None:  # adopted just now, by a sponsor
                assert Part.SPONSOR in part
                assert one.adopted_by.id == who
                assert act == "despite" or not one.open
        if len(after.versions) > len(before.versions) and act in ("draft", "purpose"):
            assert part & {Part.LEAD, Part.CORE, Part.SPONSOR}
        if after != before and act != "import":
            assert part or act in ("accept", "step_down")
        sponsoring = graph.read(resources.standing("ropes", who))
        if Part.SPONSOR in sponsoring - part:
            assert act == "accept"
