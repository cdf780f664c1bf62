"""What every stored read costs in an organisation of any size, in db hits, as `PROFILE` counts them.

    python -m tests.bench.db_hits [--people 500 5000] [--write] [--timed] [--folder FOLDER]

Each size is a generated organisation (tests/bench/large_organisation.py: a tenth as many communities, five memberships
a person, a question for five) with the demo organisation in it, and with what years of use leave in both: findings,
sessions, what a provider pushed and so on (lived_in.cypher). What is asked is about things of the demo: its answers
are the same however much lies around it, so hits that grow are of what has nothing to do with the answer. A read that
can be asked for one thing or person, or for all, is measured both ways. `--write` keeps the table that
tests/graph/test_db_hits.py compares with. Databases are made in FOLDER, and one that is there is asked as it is;
without it, in a folder that is thrown away. `--timed` also prints how long each statement takes, `--asked` how long
search, joins and helpers take in this process; `--without all` leaves statements out. For the million (a hundredth, a
tenth and the whole):

    python -m tests.bench.db_hits --people 10000 100000 1000000 --timed --asked --folder FOLDER \\
        --without read/every_node read/every_relationship read/whole_nodes read/whole_relationships read/nodes_naming

An organisation of more than IMPORTED people is imported at that size and copied beside itself (copies.cypher), each
copy with the text, the members and the questions of the first, and the skills of all: the number of people is the next
one that copies give.
"""

import argparse
import gc
import json
import re
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import neo4j
import numpy as np
import yaml
from threadpoolctl import threadpool_limits

from api.cli.asking import Asking
from graph import embedded
from graph.database import Database
from graph.reads.vectors import model
from graph.schema import migrate
from graph.settings import DatabaseSettings
from graph.statements import names, statement
from ingest.demo.agreements import agree
from ingest.demo.beginnings import begin
from ingest.demo.chosen import choose
from ingest.demo.deeds import act
from ingest.demo.organisation import DemoSource
from ingest.demo.welcome import live
from ingest.jobs import ingest
from matcher.features import domain_fit
from matcher.indexing import index
from tests.bench.large_organisation import LargeSource, Sizes
from tests.bench.memory import memory
from tests.embedders import HashingEmbedder

TABLE = Path(__file__).parents[1] / "graph" / "db_hits.yaml"
HERE = Path(__file__).parent
RUNS, PATIENCE, ONCE = 20, 3.0, 60.0  # of a statement, where it is timed; a run ends it behind so many seconds
ASKED = 200  # searches, lists and calls for help each that are timed

# Up to so many people are imported, at some thousand rows a second. More are copies of these, up to COPIES of each at
# once, and then of all.
IMPORTED, COPIES = 10_000, 9

# Of the database, where more are asked for than were imported.
HEAP, PAGE_CACHE = "4g", "6g"

# Of a generated thing, and of what hangs on it.
GENERATED = "[a-z][0-9].*"

# What statements are asked whose own example has no answer in the demo.
ANSWERED: Mapping[str, Mapping[str, str]] = yaml.safe_load((HERE / "answered.yaml").read_text(encoding="utf-8"))

# Of sweeps: what the demo said, as if it said nothing of it any more.
UNSEEN = {"source": "RETURN 'demo' AS value"}

# Reads that give nothing in a place where all is well.
NOTHING_TO_GIVE = ("read/relationships_naming",)

# Parameters that are null where a statement is asked for all, and the label of what they are an id of.
OF_ONE = {"person_id": "Person", "community_id": "Community", "viewer_id": "Person"}


@dataclass(frozen=True)
class Cost:
    """Of one statement: `hits` of the database, `rows` that it gave, `size` of them in characters of JSON."""

    hits: int
    rows: int
    size: int


def sizes(people: int) -> Sizes:
    return Sizes(people // 10, people, 5 * people, people // 5, max(150, people // 50))


def fill(database: Database, size: Sizes, today: date | None = None) -> None:
    """An empty database to the generated organisation with the demo organisation in it, and vectors of a fake model."""
    day = today or date.today()
    imported = sizes(min(size.people, IMPORTED))
    with tempfile.TemporaryDirectory() as rejects:
        ingest(database, LargeSource(imported), rejects_folder=Path(rejects))
        ingest(database, DemoSource(day), rejects_folder=Path(rejects))
    agree(database, ())
    live(database, day)
    begin(database, ())
    choose(database, day)
    act(database, day, ())
    index(database, HashingEmbedder(dimension=16))
    there, sign = imported.people, "~"
    with without_large_indexes(database) if there < size.people else nullcontext():
        while there < size.people:
            more = min(COPIES, -(-size.people // there) - 1)
            marks = [f"{sign}{number}" for number in range(1, more + 1)]
            carry_out(database, HERE / "copies.cypher", sign=sign, marks=marks)
            there, sign = there * (more + 1), sign + "~"
    carry_out(database, HERE / "lived_in.cypher")
    database.run_alone("CALL db.awaitIndexes(300)")
    database.run_alone("CALL db.resampleOutdatedIndexes()")
    # What was planned while the graph was small would be profiled in the place of what a database plans that has it.
    database.run_alone("CALL db.clearQueryCaches()")


@contextmanager
def without_large_indexes(database: Database) -> Generator[None]:
    """Without those of words and of vectors, which take most of the time of a copy; made again from all that is there
    then."""
    with (
        neo4j.GraphDatabase.driver(database.uri, auth=database.auth) as driver,
        driver.session(database=database.name) as session,
    ):
        found = session.run(
            "SHOW INDEXES YIELD name, type, createStatement WHERE type IN ['FULLTEXT', 'VECTOR'] "
            "RETURN name, createStatement AS made"
        )
        made = {row["name"]: row["made"] for row in found}
        for name in made:
            session.run(_literal(f"DROP INDEX `{name}`")).consume()
        yield
        for one in made.values():
            session.run(_literal(one)).consume()
        session.run("CALL db.awaitIndexes(36000)").consume()


def carry_out(database: Database, path: Path, **parameters: Any) -> None:
    """The statements of a file one after the other, each as long as it takes."""
    text = re.sub(r"^//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    with (
        neo4j.GraphDatabase.driver(database.uri, auth=database.auth) as driver,
        driver.session(database=database.name) as session,
    ):
        for one in filter(str.strip, text.split(";")):
            session.run(_literal(one), parameters).consume()


class Profiler:
    """Asks a database for what its statements cost. Parameters are those of the example in each statement, with ids of
    the demo organisation in their place: of the first thing of a label with the most relationships."""

    def __init__(self, database: Database) -> None:
        self._driver = neo4j.GraphDatabase.driver(database.uri, auth=database.auth)
        self._name = database.name
        self._told: dict[str, str | None] = {}
        self._took: dict[str, float] = {}
        self._found: dict[str, Any] = {}
        stored = self._rows("MATCH (m:Meta {id: 'model'}) RETURN m.property AS property")
        self._vectors = stored[0]["property"] if stored else None

    def close(self) -> None:
        self._driver.close()

    def costs(self, rows: Sequence[str]) -> dict[str, Cost]:
        return {row: self.cost(row) for row in rows}

    def cost(self, row: str) -> Cost:
        """Of a row of the table: a statement, or `STATEMENT of one`."""
        text, parameters = statement(statement_of(row)), self.parameters(row)
        with self._driver.session(database=self._name, default_access_mode=neo4j.READ_ACCESS) as session:
            began = time.perf_counter()
            result = session.run(_literal("PROFILE " + text), parameters)
            rows, size = 0, 0
            for record in result:
                rows, size = rows + 1, size + len(json.dumps(record.data(), default=str))
            profile = result.consume().profile
            self._took[row] = time.perf_counter() - began
            if self._took[row] > PATIENCE:
                print(f"{row}: profiled in {self._took[row]:.0f} s, {_hits(profile or {}):,} hits", flush=True)
        assert profile is not None
        return Cost(_hits(profile), rows, size)

    def times(self, row: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Seconds of each of some runs, fewer of what takes long; what took minutes to profile is not run again."""
        if (took := self._took.get(row, 0.0)) > ONCE:
            return np.array([took])
        text, parameters, found = statement(statement_of(row)), self.parameters(row), []
        with self._driver.session(database=self._name, default_access_mode=neo4j.READ_ACCESS) as session:
            while len(found) < RUNS and sum(found) < PATIENCE:
                began = time.perf_counter()
                session.run(_literal(text), parameters).consume()
                found.append(time.perf_counter() - began)
        return np.array(found)

    def parameters(self, row: str) -> dict[str, Any]:
        name = statement_of(row)
        text = statement(name)
        given, labels = example(name), labels_of(text)
        for parameter, label in labels.items():
            known = self._id(label)
            if known is not None and given.get(parameter) is not None:
                given[parameter] = [known] if isinstance(given[parameter], list) else known
        for parameter, label in (("person_id", "Person"), ("community_id", "Community"), ("asker_id", "Person")):
            if given.get(parameter) is not None:
                given[parameter] = self._id(label)
        for parameter, found in (UNSEEN if name.startswith("read/unseen_") else ANSWERED.get(name, {})).items():
            given[parameter] = self._value(found)
        if row != name:
            for parameter in of_one(name):
                known = self._id(OF_ONE.get(parameter) or labels[parameter])
                given[parameter] = [known] if parameter == "ids" else known
            given.update({parameter: self._value(found) for parameter, found in ANSWERED.get(row, {}).items()})
        return _with_vectors(given, self._vectors) if self._vectors else given

    def _id(self, label: str) -> str | None:
        if label not in self._told:
            if label.isupper():
                found = f"MATCH (n)-[r:`{label}`]->() WHERE NOT n.id =~ $generated RETURN r.id AS value"
            else:
                found = (
                    f"MATCH (n:`{label}`) WHERE NOT n.id =~ $generated "
                    "RETURN n.id AS value ORDER BY COUNT { (n)--() } DESC, value"
                )
            self._told[label] = self._value(found)
        return self._told[label]

    def _value(self, found: str) -> Any:
        """What is found first, None where nothing is."""
        if found not in self._found:
            rows = self._rows(found if "ORDER BY" in found else f"{found} ORDER BY value LIMIT 1")
            self._found[found] = rows[0]["value"] if rows else None
        return self._found[found]

    def _rows(self, text: str) -> list[dict[str, Any]]:
        with self._driver.session(database=self._name) as session:
            return [record.data() for record in session.run(_literal(text), {"generated": GENERATED})]


def example(name: str) -> dict[str, Any]:
    """The parameters that a statement names itself."""
    match = re.search(r"^// parameters: (\{.*\})$", statement(name), re.MULTILINE)
    assert match, name
    return json.loads(match.group(1))


def statement_of(row: str) -> str:
    return row.removesuffix(" of one")


@cache
def of_one(name: str) -> tuple[str, ...]:
    """The parameters by which a statement that is asked for all can be asked for one thing, or for somebody."""
    labels = labels_of(statement(name))
    return tuple(
        parameter
        for parameter, value in example(name).items()
        if value is None and (parameter in OF_ONE or (parameter in ("id", "ids") and parameter in labels))
    )


@cache
def table_rows() -> tuple[str, ...]:
    """What is measured: every read, and those that can be asked for one thing once more."""
    return tuple(row for name in names("read") for row in (name, *([f"{name} of one"] if of_one(name) else [])))


@cache
def labels_of(text: str) -> Mapping[str, str]:
    """Of a statement's parameters those that are ids of nodes, with their label."""
    code = re.sub(r"//.*", "", text)
    found = {parameter: label for label, parameter in re.findall(r":(\w+) \{id: \$(\w+)[,}]", code)}
    each = {variable: parameter for parameter, variable in re.findall(r"UNWIND \$(\w+) AS (\w+)", code)}
    for label, variable in re.findall(r":(\w+) \{id: (\w+)[,}]", code):
        if variable in each:
            found.setdefault(each[variable], label)
    label_of = dict(re.findall(r"\((\w+):(\w+)", code))
    for variable, parameter in re.findall(r"(\w+)\.id (?:IN|=) \$(\w+)", code):
        if variable in label_of:
            found.setdefault(parameter, label_of[variable])
    return found


def _with_vectors(given: dict[str, Any], stored: str) -> dict[str, Any]:
    """The example names the vectors of a model m; here are those of the one that encoded them."""
    text = json.dumps(given).replace("vector_m", stored)
    found = json.loads(text)
    for near in found.get("near") or ():
        if isinstance(near, str):
            continue  # a moment
        near["vector"] = [1.0] + [0.0] * 15
    return found


def _hits(profile: Mapping[str, Any]) -> int:
    return int(profile.get("dbHits", 0)) + sum(_hits(child) for child in profile.get("children", ()))


def _literal(text: str) -> Any:
    return text


def grows(small: Cost, large: Cost) -> bool:
    """Whether a statement costs more in the larger organisation, and its answer is not as much larger."""
    more = (large.hits + 1) / (small.hits + 1)
    answer = max((large.size + 1) / (small.size + 1), (large.rows + 1) / (small.rows + 1))
    return large.hits > small.hits + 50 and more > 1.5 * answer


def table() -> dict[str, Any]:
    return yaml.safe_load(TABLE.read_text(encoding="utf-8"))


def _measured(
    folder: Path, every: Sequence[Sizes], rows: Sequence[str], timed: bool, asked: bool
) -> Iterator[dict[str, Cost]]:
    for size in every:
        large = {"embedded_heap": HEAP, "embedded_page_cache": PAGE_CACHE} if size.people > IMPORTED else {}
        settings = DatabaseSettings(data_dir=folder / str(size.people), neo4j_uri=None, **large)
        with Database(settings) as database:
            if not database.read(model()):  # it is the last thing to be written
                migrate(database)
                began = time.perf_counter()
                fill(database, size)
                print(f"{size.people:,} people: filled in {time.perf_counter() - began:.0f} s", flush=True)
            with closing(Profiler(database)) as profiler:
                found = profiler.costs(rows)
                yield found
                if timed:
                    print(f"{'statement':40}{'hits':>12}{'rows':>10}{'p50 ms':>9}{'p99 ms':>9}")
                    for row in found:
                        p50, p99 = np.quantile(profiler.times(row), (0.5, 0.99)) * 1_000
                        cost = found[row]
                        print(f"{row:40}{cost.hits:12,}{cost.rows:10,}{p50:9.1f}{p99:9.1f}", flush=True)
            if asked:
                print_asked(database)
        embedded.stop(settings)


def print_asked(database: Database) -> None:
    """How long search, joins and helpers take in this process, beside what they hold in memory: of people and questions
    of the generated organisation, drawn at random. Vectors are those of a fake model that takes no time."""
    began = time.perf_counter()
    asking = Asking(database, HashingEmbedder(dimension=16))
    # One of each is held, as in a service.
    asking.snapshot = asking.evidence.snapshot
    asking.catalogue = asking.snapshot.catalogue
    people, questions = asking.snapshot.people.ids, asking.evidence.questions
    threadpool_limits(1, "blas")
    for _ in domain_fit.prepare(asking.snapshot):
        pass
    asking.search("warm")
    gc.freeze()
    ready = time.perf_counter() - began
    print(f"ready in {ready:.0f} s, {memory()['VmHWM'] / 1e6:,.0f} MB; ms at p50 and p99 of {ASKED} each", flush=True)
    random = np.random.default_rng(1)
    chosen = [questions[row] for row in random.choice(len(questions), ASKED)]
    works: dict[str, Sequence[Callable[[], object]]] = {
        "search": [partial(asking.search, " ".join(one.text.split()[:4]), limit=10) for one in chosen],
        "joins": [
            partial(lambda key: asking.recommend(asking.person(key), 10), people[row])
            for row in random.choice(len(people), ASKED)
        ],
        "helpers": [partial(asking.help_for, one.text, None, None, 10) for one in chosen],
    }
    for what, calls in works.items():
        taken: list[float] = []
        for call in calls:
            began = time.perf_counter()
            call()
            taken.append(time.perf_counter() - began)
        p50, p99 = np.quantile(taken, (0.5, 0.99)) * 1_000
        print(f"{what:40}{p50:9.1f}{p99:9.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, nargs="+", default=[500, 5_000])
    parser.add_argument("--folder", type=Path, help="where databases are kept")
    parser.add_argument("--without", nargs="*", default=[], help="rows that are left out, or `all`")
    parser.add_argument("--timed", action="store_true", help="also print how long each statement takes")
    parser.add_argument("--asked", action="store_true", help="also print how long search, joins and helpers take")
    parser.add_argument("--write", action="store_true", help="keep the hits of two sizes as the table of the test")
    asked = parser.parse_args()
    every = [sizes(people) for people in asked.people]
    rows = [row for row in table_rows() if not {row, "all"} & set(asked.without)]
    with tempfile.TemporaryDirectory() as thrown_away:
        found = list(_measured(asked.folder or Path(thrown_away), every, rows, asked.timed, asked.asked))
    for name in found[0]:
        row = [one[name] for one in found]
        told = "  ".join(f"{one.hits:>11,} hits {one.rows:>8,} rows" for one in row)
        print(f"{name:40}{told}{'  GROWS' if len(row) > 1 and grows(row[0], row[-1]) else ''}")
    if asked.write and len(found) == 2 and not asked.without:
        before = table() if TABLE.exists() else {}
        reasons = {name: row["grows"] for name, row in before.get("statements", {}).items() if "grows" in row}
        rows = {
            name: {"hits": [found[0][name].hits, found[1][name].hits]}
            | ({"grows": reasons.get(name, "?")} if grows(found[0][name], found[1][name]) else {})
            for name in table_rows()
        }
        kept = {"people": asked.people, "statements": rows}
        TABLE.write_text(yaml.safe_dump(kept, sort_keys=False, width=120, default_flow_style=None), encoding="utf-8")


if __name__ == "__main__":
    main()
