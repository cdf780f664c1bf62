"""The Apache bundle by `ingest` against bare `UNWIND`/`MERGE` batches of the same rows, in turn, in one database.

    python -m tests.bench.ingest_apache [--rounds 3]

The bare peer validates nothing, resolves nothing, keeps no provenance, no checkpoint, no event: it writes the same
nodes and relationships with the same properties, keys and batch size. Each round begins with an empty graph; the
first round of each warms the server and is not counted.
"""

import argparse
import json
import statistics
import tempfile
import time
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
    with tempfile.TemporaryDirectory() as name:
        settings = DatabaseSettings(data_dir=Path(name))
        try:
            with Database(settings) as database:
                migrate(database)
                _measure(database, folder, Path(name), rounds)
        finally:
            embedded.stop(settings)


def _measure(database: Database, folder: Path, scratch: Path, rounds: int) -> None:
    times: dict[str, list[float]] = {"bare": [], "ingest": [], "again": []}
    rows = 0
    for number in range(rounds + 1):
        wipe(database)
        began = time.perf_counter()
        bare(database, folder)
        between = time.perf_counter()
        wipe(database)
        start = time.perf_counter()
        rows = ingest(database, BundleSource(folder), rejects_folder=scratch / "rejects").rows
        done = time.perf_counter()
        again = ingest(database, BundleSource(folder), rejects_folder=scratch / "rejects")
        end = time.perf_counter()
        assert again.changed == 0, again
        if number == 0:
            print(f"first, cold: bare {between - began:.1f} s, ingest {done - start:.1f} s")
            continue
        for key, value in (("bare", between - began), ("ingest", done - start), ("again", end - done)):
            times[key].append(value)
    print(f"{rows:,} rows in batches of {BATCH:,}; median of {rounds} rounds")
    middle = {key: statistics.median(values) for key, values in times.items()}
    for key, label in (("bare", "bare UNWIND/MERGE"), ("ingest", "guildmap ingest"), ("again", "the same again")):
        print(f"{label:20} {middle[key]:6.2f} s  {rows / middle[key]:8,.0f} rows/s  {middle[key] / middle['bare']:.2f}")


if __name__ == "__main__":
    main()
