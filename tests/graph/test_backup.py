"""Backups: the whole graph out and in again, equal; a bad file harms nothing."""

import gzip
import json
import os
import threading
from pathlib import Path

import pytest

from graph import backup, embedded, schema
from graph.database import Database
from graph.errors import Conflict, EmbeddedDatabaseError, InvalidInput, MigrationError
from graph.reads import log
from graph.settings import DatabaseSettings
from graph.writes.events import record_event
from ingest.jobs import ingest
from ingest.sources.bundle import BundleSource

# Nodes of the drill.
DRILLED = 100_000

PEOPLE = "id,name,email,skills\nada,Ada Lovelace,ada@example.org,C++:3;analysis\nbob,Bób,,\n"
COMMUNITIES = "id,name,domain,skills\nmath,Mathematics,We calculate.,analysis\ncode,Code,We write.,C++\n"
MEMBERSHIPS = "person_id,community_id,engagement,joined_on\nada,math,core,2020-01-01\nbob,math,active,2021\n"


@pytest.fixture
def filled(database: Database, tmp_path: Path) -> Database:
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, text in (("people", PEOPLE), ("communities", COMMUNITIES), ("memberships", MEMBERSHIPS)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    ingest(database, BundleSource(folder), rejects_folder=tmp_path / "rejects")
    return database


def wipe(database: Database) -> None:
    database.run_alone("MATCH (n) WHERE NOT n:Migration DETACH DELETE n")


@pytest.mark.parametrize("name", ["graph.jsonl", "graph.jsonl.gz"])
def test_out_and_in_again_is_the_same_graph(filled: Database, tmp_path: Path, name: str) -> None:
    odd = {
        "whole": 1,
        "half": 0.5,
        "as_float": 1.0,
        "tiny": 1e-300,
        "no": False,
        "list": [0.1, -0.0],
        "text": "é\n\u2028",
    }
    filled.run_alone(
        "MATCH (p:Person {id: 'ada'}) SET p += $odd, p.raw = $raw, p.nan = 0.0/0.0", odd=odd, raw=b"\x00\xff"
    )
    before, content = backup.digest_of(filled), log.fingerprint(filled)
    made = backup.back_up(filled, tmp_path / name)
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert made.nodes == filled.rows("read/number_of_nodes")[0]["number"]
    wipe(filled)
    backup.restore(filled, tmp_path / name)
    assert backup.digest_of(filled) == before == made.graph
    assert log.fingerprint(filled) == content
    (found,) = filled.run_alone("MATCH (p:Person {id: 'ada'}) RETURN properties(p) AS p, valueType(p.as_float) AS type")
    assert {name: found["p"][name] for name in odd} == odd
    assert bytes(found["p"]["raw"]) == b"\x00\xff"
    assert found["p"]["nan"] != found["p"]["nan"]
    assert found["type"].startswith("FLOAT")
    # And it goes on from there: the same source says nothing new.
    report = ingest(filled, BundleSource(tmp_path / "bundle"), rejects_folder=tmp_path / "rejects")
    assert report.changed == 0


def test_the_digest_tells_what_is_joined_to_what(filled: Database) -> None:
    before = backup.digest_of(filled)
    filled.run_alone(
        "MATCH (a:Person {id: 'ada'})-[r:MEMBER_OF]->(c), (b:Person {id: 'bob'})-[s:MEMBER_OF]->(c) "
        "WITH a, b, c, r, s, properties(r) AS of_a, properties(s) AS of_b DELETE r, s "
        "CREATE (a)-[x:MEMBER_OF]->(c), (b)-[y:MEMBER_OF]->(c) SET x = of_b, y = of_a"
    )
    assert backup.digest_of(filled) != before


def test_vectors_and_their_indexes_come_back(filled: Database, tmp_path: Path) -> None:
    from matcher.indexing import index
    from tests.embedders import HashingEmbedder

    index(filled, HashingEmbedder())
    indexes = {row["name"] for row in filled.rows("read/vector_indexes")}
    assert indexes
    backup.back_up(filled, tmp_path / "b.jsonl")
    wipe(filled)
    for name in indexes:
        filled.write(lambda tx, name=name: tx.run("write/drop_index", name=name))
    backup.restore(filled, tmp_path / "b.jsonl")
    assert {row["name"] for row in filled.rows("read/vector_indexes")} == indexes
    assert index(filled, HashingEmbedder()).encoded == 0


def test_a_database_with_data_is_replaced_on_request_only(filled: Database, tmp_path: Path) -> None:
    made = backup.back_up(filled, tmp_path / "b.jsonl")
    filled.run_alone("CREATE (:Skill {id: 'new', name: 'New'})")
    changed = backup.digest_of(filled)
    with pytest.raises(Conflict, match="--replace"):
        backup.restore(filled, tmp_path / "b.jsonl")
    assert backup.digest_of(filled) == changed
    backup.restore(filled, tmp_path / "b.jsonl", over=True)
    assert backup.digest_of(filled) == made.graph


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("fault", ["cut", "half", "altered", "swapped", "more", "no backup", "text", "bytes", "lost"])
def test_a_bad_file_is_refused_before_anything_changes(filled: Database, tmp_path: Path, fault: str) -> None:
    path = tmp_path / "b.jsonl"
    backup.back_up(filled, path)
    lines = lines_of(path)
    match fault:
        case "cut":
            path.write_bytes(b"".join(lines[:-1]))
        case "half":
            path.write_bytes(b"".join(lines)[:-70])
        case "altered":
            path.write_bytes(b"".join(lines).replace(b"Ada Lovelace", b"Ada Lovelacy"))
        case "swapped":
            path.write_bytes(b"".join([lines[0], lines[2], lines[1], *lines[3:]]))
        case "more":
            path.write_bytes(b"".join([*lines, lines[1]]))
        case "no backup":
            path.write_text('{"a": 1}\n')
        case "text":
            path.write_text("hello")
        case "bytes":
            path.write_bytes(b"\x1f\x8b\x00\xff")
        case _:
            path.unlink()
    before = backup.digest_of(filled)
    with pytest.raises(InvalidInput, match=r"b\.jsonl"):
        backup.restore(filled, path, over=True)
    assert backup.digest_of(filled) == before


def test_a_compressed_file_that_was_cut_is_refused(filled: Database, tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl.gz"
    backup.back_up(filled, path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InvalidInput):
        backup.verify(path)


def test_a_restore_that_was_cut_off_is_seen_and_begun_again(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = backup.back_up(filled, tmp_path / "b.jsonl")
    wipe(filled)

    class Killed(BaseException):
        pass

    def die(what: str, done: int, total: int | None) -> None:
        if what == "relationships":
            raise Killed

    with pytest.raises(Killed):
        backup.restore(filled, tmp_path / "b.jsonl", progress=die)
    with pytest.raises(MigrationError, match="not restored to its end"):
        schema.migrate(filled)
    backup.restore(filled, tmp_path / "b.jsonl")
    assert backup.digest_of(filled) == made.graph
    assert schema.migrate(filled) == []


def test_a_backup_of_a_newer_guildmap_is_refused(filled: Database, tmp_path: Path) -> None:
    filled.run_alone("CREATE (:Migration {version: '9999_later', checksum: 'x'})")
    backup.back_up(filled, tmp_path / "b.jsonl")
    filled.run_alone("MATCH (m:Migration {version: '9999_later'}) DELETE m")
    with pytest.raises(MigrationError, match="newer"):
        backup.restore(filled, tmp_path / "b.jsonl", over=True)


def test_a_backup_under_writers_shows_one_state(filled: Database, tmp_path: Path) -> None:
    """Each write adds two things and an event: no backup may hold half of one."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1

            def work(tx, number=number) -> None:
                tx.run("write/merge_skill", rows=[{"id": f"left-{number}", "set": {"name": "l"}}])
                tx.run("write/merge_skill", rows=[{"id": f"right-{number}", "set": {"name": "r"}}])
                record_event(tx, actor="t", action="t", subjects=[f"skill/left-{number}"], details={})

            filled.write(work)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for attempt in range(4):
            path = tmp_path / f"{attempt}.jsonl.gz"
            made = backup.back_up(filled, path)
            with gzip.open(path, "rt", encoding="utf-8") as file:
                nodes = [line for line in map(json.loads, file) if "labels" in line]
            ids = {line["properties"].get("id", "") for line in nodes if line["labels"] == ["Skill"]}
            assert {i[5:] for i in ids if i.startswith("left-")} == {i[6:] for i in ids if i.startswith("right-")}
            events = [line for line in nodes if line["labels"] == ["Event"]]
            assert made.revision == max(line["properties"]["seq"] for line in events)
    finally:
        stop.set()
        writer.join()


@pytest.mark.skipif(bool(os.environ.get("GUILDMAP_TEST_NEO4J_URI")), reason="Neo4j's dump is of the embedded database")
def test_neo4js_own_dump_out_and_in_again(tmp_path: Path) -> None:
    settings = DatabaseSettings(data_dir=tmp_path / "one")
    with pytest.raises(EmbeddedDatabaseError, match="no embedded database"):
        embedded.dump(settings, tmp_path / "b.dump")
    try:
        with Database(settings) as database:
            schema.migrate(database)
            database.run_alone("CREATE (:Skill {id: 'x', name: 'X'})")
            before = backup.digest_of(database)
        embedded.dump(settings, tmp_path / "b.dump")
        assert embedded.status(settings).state == "stopped"
        with Database(settings) as database:
            database.run_alone("CREATE (:Skill {id: 'y', name: 'Y'})")
        with pytest.raises(EmbeddedDatabaseError, match="--replace"):
            embedded.load(settings, tmp_path / "b.dump")
        embedded.load(settings, tmp_path / "b.dump", replace=True)
        with Database(settings) as database:
            assert backup.digest_of(database) == before
    finally:
        embedded.stop(settings)


def test_a_drill_with_many_nodes(database: Database, tmp_path: Path) -> None:
    """Several of the batches in which a restore takes away, and writes."""
    assert DRILLED > 2 * backup.WIPED > 2 * backup.BATCH
    database.run_alone(
        "UNWIND range(1, $number) AS i CALL (i) { "
        "CREATE (:Person {id: 'p' + i, name: 'Person ' + i, bio: 'text of ' + i, sources: ['s'], n: i / 7.0}) "
        "} IN TRANSACTIONS OF 10000 ROWS",
        number=DRILLED,
    )
    database.run_alone(
        "UNWIND range(1, $number) AS i CALL (i) { "
        "MATCH (a:Person {id: 'p' + i}), (b:Person {id: 'p' + (i / 10 + 1)}) CREATE (a)-[:REPORTS_TO {since: i}]->(b) "
        "} IN TRANSACTIONS OF 10000 ROWS",
        number=DRILLED,
    )
    made = backup.back_up(database, tmp_path / "b.jsonl.gz")
    assert (made.nodes, made.relationships) == (DRILLED, DRILLED)
    backup.restore(database, tmp_path / "b.jsonl.gz", over=True)
    assert backup.digest_of(database) == made.graph
