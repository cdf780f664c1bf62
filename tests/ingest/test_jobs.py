"""Bundles into the graph: complete, repeatable, resumable, and honest about what could not be used."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from graph.database import Database, Transaction
from graph.errors import InvalidInput, NotFound, PruningRefused, TooManyRejects
from graph.models import LOCAL_ADMIN
from graph.reads import log
from graph.writes.by_hand import create, edit, set_skill
from ingest import jobs
from ingest.jobs import ingest
from ingest.sources import Row, Table
from ingest.sources.bundle import BundleSource
from ingest.sources.sigs_yaml import SigsYamlSource

SMALL = {
    "org_units": [{"id": "u1", "name": "Platform"}, {"id": "u2", "name": "Storage", "parent_id": "u1"}],
    "skills": [{"id": "s1", "name": "C++"}, {"id": "s2", "name": "Compilers", "broader_ids": ["s1"]}],
    "people": [
        {"id": "p1", "name": "Ann", "email": "Ann@x.example", "unit_id": "u2", "manager_id": "p2"},
        {"id": "p2", "name": "Bob", "unit_id": "u1"},
    ],
    "person_skills": [
        {"person_id": "p1", "skill_id": "s1", "level": 4},
        {"person_id": "p2", "skill": "Gardening", "wants_to_learn": True},
    ],
    "communities": [{"id": "c1", "name": "Compilers", "domain": "How compilers work", "skills": ["c++"]}],
    "charters": [{"community_id": "c1", "purpose": "Learn", "sponsor_id": "p2"}],
    "memberships": [
        {"person_id": "p1", "community_id": "c1", "joined_on": "2020-01", "left_on": "2021"},
        {"person_id": "p1", "community_id": "c1", "joined_on": "2022-03-01", "engagement": "core"},
    ],
    "meetings": [
        {
            "id": "m2",
            "community_id": "c1",
            "starts_at": "2022-05-01T10:00",
            "follows_id": "m1",
            "agenda": ["LTO"],
        },
        {
            "id": "m1",
            "community_id": "c1",
            "starts_at": "2022-04-01",
            "attendee_ids": ["p1"],
            "agenda": ["LTO"],
        },
    ],
    "questions": [{"id": "q1", "text": "What is SSA?", "community_id": "c1", "asker_id": "p2", "asked_at": "2022"}],
    "advice": [{"question_id": "q1", "helper_id": "p1", "advised_at": "2022-02-01", "outcome": "worked"}],
}


def write(folder: Path, tables: dict[str, list[dict]]) -> Path:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, rows in tables.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture
def load(database: Database, tmp_path: Path):
    def run(tables: dict[str, list[dict]], name: str = "hr", **options) -> jobs.Report:
        folder = write(tmp_path / name, tables)
        return ingest(database, BundleSource(folder, name), rejects_folder=tmp_path / "rejects", **options)

    return run


def complaints(report: jobs.Report) -> list[dict]:
    if report.rejects is None:
        return []
    return [json.loads(line) for line in report.rejects.read_text().splitlines()]


def pairs(database: Database, pattern: str) -> set[tuple]:
    rows = database.run_alone(f"MATCH {pattern} RETURN a.id AS a, b.id AS b")
    return {(row["a"], row["b"]) for row in rows}


def test_every_subject_arrives(database: Database, load) -> None:
    report = load(SMALL)
    assert report.rejected == 0, complaints(report)
    people = report.counts["person"]
    assert (people.created, people.updated) == (2, 0), "a link to a later row is no second change"
    assert pairs(database, "(a:Person)-[:WORKS_IN]->(b:OrgUnit)") == {("p1", "u2"), ("p2", "u1")}
    assert pairs(database, "(a:OrgUnit)-[:PART_OF]->(b)") == {("u2", "u1")}
    assert pairs(database, "(a)-[:REPORTS_TO]->(b)") == {("p1", "p2")}
    assert pairs(database, "(a)-[:BROADER]->(b)") == {("s2", "s1")}
    assert pairs(database, "(a)-[:HAS_SKILL]->(b)") == {("p1", "s1")}
    assert pairs(database, "(a)-[:WANTS_TO_LEARN]->(b)") == {("p2", "skill:gardening")}
    assert pairs(database, "(a)-[:COVERS]->(b)") == {("c1", "s1")}
    assert pairs(database, "(a)-[:HAS_CHARTER]->(b)") == {("c1", "c1")}
    assert pairs(database, "(a)-[:SPONSORS]->(b)") == {("p2", "c1")}
    assert pairs(database, "(a)-[:FOLLOWS]->(b)") == {("m2", "m1")}
    assert pairs(database, "(a)-[:ATTENDED]->(b)") == {("p1", "m1")}
    assert pairs(database, "(a)-[:ASKED]->(b)") == {("p2", "q1")}
    assert pairs(database, "(a)-[:IN]->(b:Community)") == {("q1", "c1")}
    spells = database.run_alone("MATCH ()-[r:MEMBER_OF]->() RETURN r.joined_on AS d ORDER BY d")
    assert [row["d"] for row in spells] == ["2020-01", "2022-03-01"]
    items = database.run_alone("MATCH (:Meeting)-[:DISCUSSED]->(i:AgendaItem) RETURN DISTINCT i.title AS t")
    assert [row["t"] for row in items] == ["LTO"]
    answered = database.run_alone("MATCH (p)-[:GAVE]->(a:Advice)-[:ANSWERS]->(q) RETURN p.id, q.id, a.outcome")
    assert [list(row.values()) for row in answered] == [["p1", "q1", "worked"]]


def test_the_same_again_changes_nothing_and_moves_no_revision(database: Database, load) -> None:
    first = load(SMALL)
    before = log.fingerprint(database)
    second = load(SMALL)
    assert second.changed == 0
    assert second.revision == first.revision
    assert log.fingerprint(database) == before


def test_csv_and_jsonl_give_the_same_graph(database: Database, tmp_path: Path, load) -> None:
    load({"people": [{"id": "p1", "name": "Ann, B.", "interests": ["x", "y"], "joined_on": "2020"}]})
    before = log.fingerprint(database)
    folder = tmp_path / "csv"
    folder.mkdir()
    (folder / "people.csv").write_bytes('\ufeffid,name,interests,joined_on\r\np1,"Ann, B.",x;y,2020\r\n'.encode())
    report = ingest(database, BundleSource(folder, "hr"), rejects_folder=tmp_path / "rejects")
    assert report.changed == 0
    assert log.fingerprint(database) == before


def test_a_bad_row_is_told_with_its_place_and_the_run_goes_on(database: Database, load) -> None:
    report = load({"people": [{"id": "p1", "name": "A", "joined_on": "soon"}, {"id": "p2", "name": "B"}, {"id": "p3"}]})
    told = [(c["file"], c["line"], c["field"]) for c in complaints(report)]
    assert told == [("people.jsonl", 1, "joined_on"), ("people.jsonl", 3, "name")]
    assert report.counts["person"].created == 1
    assert report.counts["person"].rejected == 2


def test_of_two_rows_with_one_id_the_first_stays(database: Database, load) -> None:
    rows = [{"id": "q", "text": "one"}, {"id": "q", "text": "two"}, {"id": "q", "text": "one"}]
    for size in (10, 1):  # in one batch, and across batches
        report = load({"questions": rows}, batch_size=size)
        assert [c["line"] for c in complaints(report)] == [2]
        texts = database.run_alone("MATCH (q:Question) RETURN q.text AS text")
        assert texts == [{"text": "one"}]


def test_unknown_references_are_told_and_mended_by_a_later_run(database: Database, load) -> None:
    people = [{"id": "p1", "name": "A", "unit_id": "u9", "manager_id": "p9"}]
    report = load({"people": people, "memberships": [{"person_id": "p1", "community_id": "c9"}]})
    told = {(c["field"], c["rejected"]) for c in complaints(report)}
    assert told == {("unit_id", False), ("manager_id", False), ("community_id", True)}
    load({"org_units": [{"id": "u9", "name": "U"}], "people": [*people, {"id": "p9", "name": "Boss"}]})
    assert pairs(database, "(a)-[:WORKS_IN]->(b)") == {("p1", "u9")}
    assert pairs(database, "(a)-[:REPORTS_TO]->(b)") == {("p1", "p9")}


def test_circles_of_managers_and_units_are_told_and_left_open(database: Database, load) -> None:
    report = load(
        {
            "org_units": [
                {"id": "a", "name": "A", "parent_id": "b"},
                {"id": "b", "name": "B", "parent_id": "a"},
            ],
            "people": [
                {"id": "x", "name": "X", "manager_id": "y"},
                {"id": "y", "name": "Y", "manager_id": "z"},
                {"id": "z", "name": "Z", "manager_id": "x"},
            ],
        }
    )
    told = [c["reason"] for c in complaints(report)]
    assert any("b -> a -> b" in reason for reason in told)
    assert any("z -> x -> y -> z" in reason for reason in told)
    assert pairs(database, "(a)-[:REPORTS_TO]->(b)") == {("x", "y"), ("y", "z")}
    assert pairs(database, "(a)-[:PART_OF]->(b)") == {("a", "b")}


def test_too_many_bad_rows_stop_the_run(database: Database, load) -> None:
    bad = [{"id": f"p{i}"} for i in range(30)]
    with pytest.raises(TooManyRejects, match="--max-rejects"):
        load({"people": bad}, max_rejects=10, batch_size=5)
    assert database.read(log.ingest_runs())[0]["state"] == "stopped"


def test_a_dry_run_counts_and_writes_nothing(database: Database, load) -> None:
    report = load(SMALL, dry_run=True)
    assert report.counts["membership"].created == 2
    assert report.rejected == 0
    assert database.run_alone("MATCH (n) WHERE NOT n:Migration RETURN count(n) AS n") == [{"n": 0}]


def test_a_dry_run_tells_of_circles_and_gaps_among_managers(database: Database, load) -> None:
    before = [{"id": "x", "name": "X", "manager_id": "y"}, {"id": "y", "name": "Y"}]
    load({"people": before})
    after = [
        {"id": "x", "name": "X", "manager_id": "y"},
        {"id": "y", "name": "Y", "manager_id": "x"},
        {"id": "z", "name": "Z", "manager_id": "?"},
    ]
    told = {c["id"]: c["reason"] for c in complaints(load({"people": after}, dry_run=True))}
    assert "y -> x -> y" in told["y"]
    assert "not known" in told["z"]
    assert pairs(database, "(a)-[:REPORTS_TO]->(b)") == {("x", "y")}
    # The same file, imported, tells the same.
    assert {c["id"]: c["reason"] for c in complaints(load({"people": after}))} == told


def test_an_export_that_broke_off_takes_nothing_with_it(database: Database, load) -> None:
    many = [{"id": f"p{i:03}", "name": f"Person {i}"} for i in range(120)]
    load({"people": many})
    with pytest.raises(PruningRefused, match="110 of 120 person entries"):
        load({"people": many[:10]}, sweep=True)
    assert database.run_alone("MATCH (p:Person) RETURN count(p) AS n") == [{"n": 120}]
    assert load({"people": many[:10]}, sweep=True, prune_at_most=100).counts["person"].removed == 110


def test_pruning_takes_what_vanished_and_only_that(database: Database, load) -> None:
    load(SMALL)
    load({"people": [{"id": "p1", "name": "Annie", "title": "Gardener"}]}, name="wiki")
    smaller = {**SMALL, "people": SMALL["people"][1:], "memberships": [], "advice": [], "person_skills": [],
               "meetings": [{**SMALL["meetings"][1], "attendee_ids": []}]}  # fmt: skip
    report = load(smaller, sweep=True)
    assert report.counts["membership"].removed == 2
    assert report.counts["meeting"].removed == 1
    rows = database.run_alone("MATCH (p:Person {id: 'p1'}) RETURN p.name AS name, p.title AS title, p.email AS email")
    assert rows == [{"name": "Annie", "title": "Gardener", "email": None}]
    assert pairs(database, "(a {id: 'p1'})-[:WORKS_IN]->(b)") == set()


def test_a_skill_that_is_only_named_stays_as_long_as_somebody_names_it(database: Database, load) -> None:
    load(SMALL, sweep=True)
    for _ in range(2):
        assert load(SMALL, sweep=True).changed == 0
        assert pairs(database, "(a)-[:WANTS_TO_LEARN]->(b)") == {("p2", "skill:gardening")}
    spelled = [SMALL["person_skills"][0], {**SMALL["person_skills"][1], "skill": "gardening"}]
    assert load({**SMALL, "person_skills": spelled}, sweep=True).counts["skill"].removed == 0
    assert pairs(database, "(a)-[:WANTS_TO_LEARN]->(b)") == {("p2", "skill:gardening")}
    assert load({**SMALL, "person_skills": spelled[:1]}, sweep=True).counts["skill"].removed == 1
    assert pairs(database, "(a)-[:HAS_SKILL]->(b)") == {("p1", "s1")}


def test_without_pruning_nothing_goes(database: Database, load) -> None:
    load(SMALL)
    report = load({"people": SMALL["people"][:1]})
    assert report.changed == 0
    assert database.run_alone("MATCH (p:Person) RETURN count(p) AS n") == [{"n": 2}]


def test_a_subject_whose_file_is_absent_is_not_pruned(database: Database, load) -> None:
    load(SMALL)
    load({"people": SMALL["people"]}, sweep=True)
    assert len(pairs(database, "(a)-[:MEMBER_OF]->(b)")) == 1
    assert database.run_alone("MATCH (c:Community) RETURN count(c) AS n") == [{"n": 1}]


def test_what_others_facts_hang_on_is_kept_and_told(database: Database, load) -> None:
    load({"communities": [{"id": "c1", "name": "C", "domain": "d"}], "people": []}, name="catalogue")
    load({"people": [{"id": "p1", "name": "A"}], "memberships": [{"person_id": "p1", "community_id": "c1"}]})
    report = load({"communities": [{"id": "c2", "name": "D", "domain": "d"}]}, name="catalogue", sweep=True)
    assert report.counts["community"].kept == 1
    assert pairs(database, "(a)-[:MEMBER_OF]->(b)") == {("p1", "c1")}


def test_what_people_set_by_hand_wins_and_survives_pruning(database: Database, load) -> None:
    load(SMALL)
    assert database.write(lambda tx: edit(tx, LOCAL_ADMIN, "person", "p1", {"title": "Wizard", "unit_id": "u1"}))
    load({**SMALL, "people": [{**SMALL["people"][0], "title": "Clerk"}, SMALL["people"][1]]})
    assert database.run_alone("MATCH (p:Person {id: 'p1'}) RETURN p.title AS t") == [{"t": "Wizard"}]
    assert ("p1", "u1") in pairs(database, "(a)-[:WORKS_IN]->(b)")
    load({"people": SMALL["people"][1:]}, sweep=True)
    rows = database.run_alone("MATCH (p:Person {id: 'p1'}) RETURN p.title AS t, p.name AS name")
    assert rows == [{"t": "Wizard", "name": None}]


def test_an_edit_of_what_does_not_exist_is_told(database: Database) -> None:
    with pytest.raises(NotFound, match="nobody"):
        database.write(lambda tx: edit(tx, LOCAL_ADMIN, "person", "nobody", {"title": "x"}))
    with pytest.raises(InvalidInput, match="shoe_size"):
        database.write(lambda tx: edit(tx, LOCAL_ADMIN, "person", "p1", {"shoe_size": "x"}))


def test_one_person_of_two_sources_is_met_by_e_mail(database: Database, load) -> None:
    load(SMALL)
    wiki = {
        "people": [{"id": "w-7", "name": "Ann B.", "email": "ann@X.example", "bio": "Likes graphs"}],
        "communities": [{"id": "c2", "name": "Graphs", "domain": "Graphs"}],
        "memberships": [{"person_id": "w-7", "community_id": "c2"}],
    }
    load(wiki, name="wiki")
    again = load(wiki, name="wiki")
    assert again.changed == 0
    rows = database.run_alone("MATCH (p:Person) WHERE p.email_key IS NOT NULL RETURN p.id AS id, p.bio AS bio")
    assert rows == [{"id": "p1", "bio": "Likes graphs"}]
    assert ("p1", "c2") in pairs(database, "(a)-[:MEMBER_OF]->(b)")


def test_people_who_share_an_address_within_a_source_stay_apart_and_are_listed(database: Database, load) -> None:
    report = load({"people": [{"id": "a", "name": "A", "email": "x@y"}, {"id": "b", "name": "B", "email": "X@y"}]})
    assert [(c["id"], c["field"], c["rejected"]) for c in complaints(report)] == [("b", "email", False)]
    assert database.run_alone("MATCH (p:Person) RETURN count(p) AS n") == [{"n": 2}]


def test_every_batch_that_changed_something_leaves_one_event_in_order(database: Database, load) -> None:
    report = load(SMALL)
    events = database.read(log.events_after(0))
    assert [event.seq for event in events] == list(range(1, report.revision + 1))
    assert {"ingest.people", "ingest.memberships"} <= {event.action for event in events}
    assert any("person/p1" in event.subjects for event in events)


def test_in_an_empty_graph_nothing_is_looked_for_until_others_write(
    database: Database, load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody makes c2 by hand while an import of it is under way."""
    asked: list[str] = []
    run_as_usual = Transaction.run

    def run(self: Transaction, name: str, **parameters):
        asked.append(name)
        return run_as_usual(self, name, **parameters)

    def meanwhile(title: str, position: int, total: int | None) -> None:
        if title == "communities" and position == 1:
            assert "read/marks_community" not in asked
            fields = {"name": "By hand", "domain": "Made by hand"}
            database.write(lambda tx: create(tx, LOCAL_ADMIN, "community", "c2", fields))
            asked.clear()

    monkeypatch.setattr(Transaction, "run", run)
    names = {"c1": "One", "c2": "Two", "c3": "Three"}
    tables = {"communities": [{"id": key, "name": name, "domain": name} for key, name in names.items()]}
    first = load(tables, batch_size=1, progress=meanwhile)
    assert "read/marks_community" in asked
    assert (first.counts["community"].created, first.counts["community"].updated) == (2, 0)
    rows = database.run_alone("MATCH (c:Community) RETURN c.id AS id, c.name AS name ORDER BY id")
    assert [row["name"] for row in rows] == ["One", "By hand", "Three"], "what a hand says stays"
    assert load(tables).changed == 0


def test_a_skill_set_by_hand_during_a_first_import_is_no_end_of_it(database: Database, load) -> None:
    def meanwhile(title: str, position: int, total: int | None) -> None:
        if title == "person_skills" and position == 1:
            database.write(lambda tx: set_skill(tx, LOCAL_ADMIN, "p2", "s1", "held_skill", {"level": 5}))

    tables = {name: SMALL[name] for name in ("org_units", "skills", "people")}
    tables["person_skills"] = [{"person_id": key, "skill_id": "s1", "level": 2} for key in ("p1", "p2")]
    load(tables, batch_size=1, progress=meanwhile)
    rows = database.run_alone("MATCH (p:Person)-[r:HAS_SKILL]->() RETURN p.id AS id, r.level AS level ORDER BY id")
    assert [(row["id"], row["level"]) for row in rows] == [("p1", 2), ("p2", 5)]


def test_what_is_made_by_hand_during_a_first_import_can_be_named_by_it(database: Database, load) -> None:
    def meanwhile(title: str, position: int, total: int | None) -> None:
        if title == "goals":
            fields = {"name": "By hand", "domain": "Made by hand"}
            database.write(lambda tx: create(tx, LOCAL_ADMIN, "community", "c1", fields))

    tables = {
        "goals": [{"id": "g1", "name": "Goal"}],
        "charters": [{"community_id": "c1", "purpose": "Learn"}],
    }
    assert load(tables, progress=meanwhile).rejected == 0
    assert pairs(database, "(a:Community)-[:HAS_CHARTER]->(b:Charter)")


def test_of_two_rows_with_one_id_the_first_stays_in_an_empty_graph_too(database: Database, load) -> None:
    rows = [{"id": "c1", "name": name, "domain": name} for name in ("One", "Two", "One")]
    report = load({"communities": rows}, batch_size=1)
    assert (report.counts["community"].created, report.counts["community"].rejected) == (1, 1)
    assert database.run_alone("MATCH (c:Community) RETURN c.name AS name") == [{"name": "One"}]


@dataclass
class Watched:
    """A source of people, each of whose rows is made as it is asked for; `reads` counts how often the table is read."""

    row: Callable[[int], Row]
    number: int
    name: str = "watched"
    subject: str = "people"
    file: str = "people"
    size: int | None = None
    reads: int = 0

    def fingerprint(self) -> str:
        return "always the same"

    def tables(self) -> list[Table]:
        return [self]

    def rows(self) -> Iterator[Row]:
        self.reads += 1
        return map(self.row, range(self.number))


def person(number: int) -> Row:
    return Row(number, {"id": f"p{number}", "name": f"Person {number}"})


def test_the_next_batch_is_read_while_the_database_writes_one(database: Database, tmp_path: Path) -> None:
    there: list[int] = []

    def row(number: int) -> Row:
        there.append(len(database.run_alone("MATCH (p:Person) RETURN p.id AS id")))
        return person(number)

    report = ingest(database, Watched(row, 4), rejects_folder=tmp_path, batch_size=1)
    assert there == [0, 0, 1, 2], "each is read before the one in front of it is committed"
    assert report.counts["person"].created == 4


def test_what_cannot_be_read_takes_no_batch_with_it_that_was_read_before(database: Database, tmp_path: Path) -> None:
    def row(number: int) -> Row:
        if number == 2:
            raise InvalidInput("people, line 3: the disk is full")
        return person(number)

    with pytest.raises(InvalidInput, match="line 3"):
        ingest(database, Watched(row, 4), rejects_folder=tmp_path, batch_size=1)
    assert len(database.run_alone("MATCH (p:Person) RETURN p.id AS id")) == 2
    report = ingest(database, Watched(person, 4), rejects_folder=tmp_path, batch_size=1)
    assert report.resumed_at
    assert report.counts["person"].created == 4


def test_a_table_is_read_again_for_links_only_where_a_row_has_one(database: Database, tmp_path: Path) -> None:
    def led(number: int) -> Row:
        found = person(number)
        return replace(found, data={**found.data, "manager_id": "p0"}) if number == 3 else found

    for row, reads in ((person, 1), (led, 2)):
        source = Watched(row, 4, row.__name__)
        ingest(database, source, rejects_folder=tmp_path, batch_size=2)
        assert source.reads == reads
    assert pairs(database, "(a:Person)-[:REPORTS_TO]->(b:Person)") == {("p3", "p0")}


class CutError(Exception):
    """The power goes."""


@pytest.mark.parametrize("batches", range(1, 12))
def test_a_run_cut_off_anywhere_is_taken_up_without_loss_or_doubling(
    database: Database, load, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    tables = {**SMALL, "people": [*SMALL["people"], {"id": "p3", "name": "C", "joined_on": "bad"}]}
    written = 0
    write_as_usual = Database.write

    def cut(self: Database, work):
        nonlocal written
        written += 1
        if written > batches:
            raise CutError
        return write_as_usual(self, work)

    monkeypatch.setattr(Database, "write", cut)
    with pytest.raises(CutError):
        load(tables, batch_size=1)
    monkeypatch.setattr(Database, "write", write_as_usual)
    report = load(tables, batch_size=1)
    assert report.resumed_at
    assert report.state == "finished"
    assert len(complaints(report)) == 1 if report.rejects else batches > 8
    resumed = log.fingerprint(database)
    assert report.rows == sum(len(rows) for rows in tables.values())
    database.run_alone("MATCH (n) WHERE NOT n:Migration DETACH DELETE n")
    load(tables)
    assert log.fingerprint(database) == resumed


def test_a_changed_source_begins_anew(database: Database, load, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(jobs._Run, "_sweep", lambda self: (_ for _ in ()).throw(CutError))
        with pytest.raises(CutError):
            load(SMALL, sweep=True)
    report = load({**SMALL, "goals": [{"id": "g", "name": "G"}]}, sweep=True)
    assert report.resumed_at is None
    states = [run["state"] for run in database.read(log.ingest_runs())]
    assert states == ["finished", "abandoned"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{"id": "p1", "name": "A"}\nnot json\n', "line 2"),
        (b'{"id": "p1", "name": "A"}\n{"id": "p2", "name": "\xe9"}\n', "line 2"),
        (b'["p1"]\n', "line 1"),
        (b'{"id": "p1", "name": "A\\u0000"}\n', "line 1"),
        (b'\xef\xbb\xbf{"id": "p1", "name": "A"}\n{"id":', "line 2"),
    ],
)
def test_dirty_json_lines_are_told(database: Database, tmp_path: Path, content: bytes, place: str) -> None:
    folder = tmp_path / "dirty"
    folder.mkdir()
    (folder / "people.jsonl").write_bytes(content)
    report = ingest(database, BundleSource(folder), rejects_folder=tmp_path / "rejects")
    (told,) = complaints(report)
    assert f"line {told['line']}" == place
    assert told["reason"]


def test_dirty_csv_is_told(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "dirty"
    folder.mkdir()
    rows = b'id,name,shoe\np1,"two\nlines",4\np2,caf\xe9,5\np3,a,b,c\np4,' + b"x" * 1_000_000 + b",1\np5,Fine,2\n"
    (folder / "people.csv").write_bytes(rows)
    report = ingest(database, BundleSource(folder), rejects_folder=tmp_path / "rejects")
    assert [(c["line"], c["field"]) for c in complaints(report)] == [(4, "name"), (5, ""), (6, "name")]
    assert report.counts["person"].created == 2
    assert any("shoe" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "no file of an import bundle"),
        ({"people.csv": b"id,title\n1,x\n"}, "name is missing"),
        ({"people.csv": b"id,name\n", "people.jsonl": b""}, "both"),
        ({"people.csv": "id,name\n1,x\n".encode("utf-16")}, "UTF-16"),
    ],
)
def test_a_bundle_that_cannot_be_used_says_why(
    database: Database, tmp_path: Path, files: dict[str, bytes], told: str
) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=told):
        ingest(database, BundleSource(folder), rejects_folder=tmp_path / "rejects")


SIGS = """
sigs:
- dir: sig-tea
  name: Tea
  mission_statement: >
    How to make tea.
  label: tea
  leadership:
    chairs:
    - github: ann
      name: Ann
    tech_leads:
    - github: ann
      name: Ann
      email: ann@x.example
    emeritus_leads:
    - github: old
      name: Old Hand
  meetings:
  - description: Tasting
    day: Monday
    time: "9:00"
    tz: UTC
    frequency: weekly
  contact:
    slack: tea
  subprojects:
  - name: green
workinggroups:
- dir: wg-cups
  name: Cups
  leadership:
    chairs:
    - github: ann
      name: Ann
"""


def test_a_catalogue_of_groups_yields_communities_leaders_meetings_and_contacts(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "sigs.yaml"
    path.write_text(SIGS)
    report = ingest(database, SigsYamlSource(path), rejects_folder=tmp_path / "rejects")
    assert report.rejected == 0
    (tea,) = database.run_alone("MATCH (c:Community {id: 'sig-tea'}) RETURN c {.*} AS c")
    assert tea["c"]["meetings"] == ["Tasting: weekly, Monday 9:00 UTC"]
    assert tea["c"]["contacts"] == ["Slack: #tea"]
    assert "green" in tea["c"]["domain"]
    rows = database.run_alone(
        "MATCH (p)-[m:MEMBER_OF]->(c) RETURN p.id AS p, c.id AS c, m.role AS r, m.engagement AS e ORDER BY c, p"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("ann", "sig-tea", "chair, tech lead", "core"),
        ("old", "sig-tea", "emeritus lead", "peripheral"),
        ("ann", "wg-cups", "chair", "core"),
    ]
    assert database.run_alone("MATCH (p:Person {id: 'ann'}) RETURN p.email AS e") == [{"e": "ann@x.example"}]


def test_a_broken_catalogue_names_the_line(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "sigs.yaml"
    path.write_text("sigs:\n- dir: [\n")
    with pytest.raises(InvalidInput, match="line"):
        ingest(database, SigsYamlSource(path), rejects_folder=tmp_path / "rejects")


def test_the_kubernetes_bundle_arrives_but_for_the_row_that_comes_twice(
    database: Database, shared_data: Path, tmp_path: Path
) -> None:
    source = BundleSource(shared_data / "kubernetes" / "bundle")
    report = ingest(database, source, rejects_folder=tmp_path / "rejects")
    assert [(c["id"], c["file"]) for c in complaints(report)] == [("kep-2133", "questions.jsonl")]
    assert report.counts["advice"].created == 2214


def test_a_reference_that_was_known_and_is_no_more_is_told_and_changes_nothing_else(database: Database, load) -> None:
    units, people = [{"id": "u1", "name": "U"}], [{"id": "p1", "name": "A", "title": "T", "unit_id": "u1"}]
    load({"org_units": units}, name="units")
    load({"people": people})
    database.run_alone("MATCH (u:OrgUnit) DETACH DELETE u")
    report = load({"people": people})
    assert [c["field"] for c in complaints(report)] == ["unit_id"]
    assert report.changed == 0
    assert database.run_alone("MATCH (p:Person) RETURN p.title AS t") == [{"t": "T"}]


def test_a_manager_or_parent_that_a_source_no_longer_names_is_unlinked(database: Database, load) -> None:
    load(SMALL)
    load(
        {
            "people": [{**SMALL["people"][0], "manager_id": None}],
            "org_units": [{**SMALL["org_units"][1], "parent_id": None}],
        }
    )
    assert pairs(database, "(a)-[:REPORTS_TO]->(b)") == set()
    assert pairs(database, "(a:OrgUnit)-[:PART_OF]->(b)") == set()


def test_pruning_moves_a_person_to_the_manager_and_unit_that_the_other_source_names(database: Database, load) -> None:
    base = [{"id": "p2", "name": "Bob"}, {"id": "p3", "name": "Cleo"}]
    units = [{"id": "u1", "name": "One"}, {"id": "u2", "name": "Two"}]
    load({"org_units": units, "people": base}, name="base")
    load({"people": [{"id": "p1", "name": "Ann", "unit_id": "u1", "manager_id": "p2"}]}, name="hr")
    load({"people": [{"id": "p1", "name": "Ann", "unit_id": "u2", "manager_id": "p3"}]}, name="wiki")
    assert pairs(database, "(a)-[:REPORTS_TO]->(b)") == {("p1", "p2")}
    load({"people": []}, name="hr", sweep=True)
    assert pairs(database, "(a)-[:REPORTS_TO]->(b)") == {("p1", "p3")}
    assert pairs(database, "(a)-[:WORKS_IN]->(b)") == {("p1", "u2")}
    owners = database.run_alone("MATCH (:Person)-[r:WORKS_IN|REPORTS_TO]->() RETURN DISTINCT r.source AS s")
    assert owners == [{"s": "wiki"}]


def test_pruning_a_claim_that_changes_no_content_moves_no_revision(database: Database, load) -> None:
    people = {"people": [{"id": "p1", "name": "Ann"}]}
    load(people, name="hr")
    before = load(people, name="wiki").revision
    report = load({"people": []}, name="wiki", sweep=True)
    assert report.revision == before
    assert report.changed == 0


def test_a_manager_set_by_hand_is_linked_and_never_in_a_circle(database: Database, load) -> None:
    load({"people": [{"id": "a", "name": "A", "manager_id": "b"}, {"id": "b", "name": "B"}, {"id": "c", "name": "C"}]})

    def by_hand(thing: str, **fields: object) -> bool:
        return database.write(lambda tx: edit(tx, LOCAL_ADMIN, "person", thing, fields))

    assert by_hand("a", manager_id="c")
    assert pairs(database, "(a)-[:REPORTS_TO]->(b)") == {("a", "c")}
    with pytest.raises(InvalidInput, match="circle"):
        by_hand("c", manager_id="a")
    with pytest.raises(InvalidInput, match="nobody"):
        by_hand("c", manager_id="nobody")
    with pytest.raises(InvalidInput, match="no-unit"):
        by_hand("c", unit_id="no-unit")
    assert by_hand("a", manager_id=None)
    assert pairs(database, "(a)-[:REPORTS_TO]->(b)") == set()
