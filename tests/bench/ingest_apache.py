"""The Apache bundle by `ingest` against bare `UNWIND`/`MERGE` batches of the same rows.

    python -m tests.bench.ingest_apache [--rounds 3]

The bare peer validates nothing, resolves nothing, keeps no provenance, no checkpoint, no event: it writes the same
nodes and relationships with the same properties, keys and batch size. Each round begins with an empty graph.

One run: as somebody meets it who imports once, each way in a server of its own that was just started. Warm: both in
turn in one server, after a round that is not counted.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph import embedded
from graph.database import Database
from graph.schema import migrate
from graph.settings import DatabaseSettings
from graph.text import searchable
from ingest.jobs import BATCH, ingest
from ingest.records import spell_id
from ingest.sources.bundle import BundleSource
from tests import shared_data

ROWS = 17_692

PEOPLE = "UNWIND $rows AS row MERGE (n:Person {id: row.id}) SET n += row"
COMMUNITIES = "UNWIND $rows AS row MERGE (n:Community {id: row.id}) SET n += row"
SKILLS = """
UNWIND $rows AS row MATCH (c:Community {id: row.id}) UNWIND row.skills AS name
MERGE (s:Skill {id: name}) ON CREATE SET s.name = name MERGE (c)-[:COVERS]->(s)
"""
MEMBERSHIPS = """
UNWIND $rows AS row MATCH (p:Person {id: row.person_id}), (c:Community {id: row.community_id})
MERGE (p)-[r:MEMBER_OF {id: row.id}]->(c) SET r += row
"""


def rows_of(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return [{k: v for k, v in json.loads(line).items() if v is not None} for line in file]


def bare(database: Database, folder: Path) -> None:
    people = rows_of(folder / "people.jsonl")
    for row in people:
        row["search_name"] = row["search_text"] = searchable(row["name"])
    communities = rows_of(folder / "communities.jsonl")
    for row in communities:
        row["search_name"] = searchable(row["name"])
        row["search_text"] = searchable(row["name"], row["domain"], " ".join(row.get("topics", [])))
    memberships = rows_of(folder / "memberships.jsonl")
    for row in memberships:
        row["id"] = spell_id(row["person_id"], row["community_id"], row.get("joined_on"))
    for text, rows in (
        (PEOPLE, people),
        (COMMUNITIES, communities),
        (SKILLS, [row for row in communities if row.get("skills")]),
        (MEMBERSHIPS, memberships),
    ):
        rows.sort(key=lambda row: row["id"])
        for start in range(0, len(rows), BATCH):
            database.run_alone(text, rows=rows[start : start + BATCH])


def wipe(database: Database) -> None:
    database.run_alone("MATCH (n) WHERE NOT n:Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    folder = shared_data.bundle("apache")
    once: dict[str, list[float]] = {"bare": [], "ingest": []}
    for _ in range(rounds):
        for way, times in once.items():
            with started() as (database, scratch):
                times.append(timed(database, folder, scratch, way))
    print_table(f"one run, each in a server just started; median of {rounds}", once)
    warm: dict[str, list[float]] = {"bare": [], "ingest": [], "again": []}
    with started() as (database, scratch):
        for number in range(rounds + 1):
            for way, times in warm.items():
                if way != "again":
                    wipe(database)
                seconds = timed(database, folder, scratch, way)
                if number:
                    times.append(seconds)
    print_table(f"warm, in turn in one server; median of {rounds}", warm)


@contextmanager
def started() -> Iterator[tuple[Database, Path]]:
    with tempfile.TemporaryDirectory() as name:
        settings = DatabaseSettings(data_dir=Path(name))
        try:
            with Database(settings) as database:
                migrate(database)
                yield database, Path(name)
        finally:
            embedded.stop(settings)


def timed(database: Database, folder: Path, scratch: Path, way: str) -> float:
    began = time.perf_counter()
    if way == "bare":
        bare(database, folder)
    else:
        report = ingest(database, BundleSource(folder), rejects_folder=scratch / "rejects")
        assert way == "ingest" or report.changed == 0, report
    return time.perf_counter() - began


def print_table(title: str, times: dict[str, list[float]]) -> None:
    labels = {"bare": "bare UNWIND/MERGE", "ingest": "guildmap ingest", "again": "the same again"}
    print(f"\n{ROWS:,} rows in batches of {BATCH:,}: {title}")
    middle = {way: statistics.median(values) for way, values in times.items()}
    for way, seconds in middle.items():
        print(f"{labels[way]:20} {seconds:6.2f} s  {ROWS / seconds:8,.0f} rows/s  {seconds / middle['bare']:.2f}")


if __name__ == "__main__":
    main()
