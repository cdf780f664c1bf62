"""What is told of a recommendation is so: each reason is read by a pattern of its own, and its claim asked of the graph
anew. A reason that no pattern reads fails: a new feature brings its check.
"""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.cli.asking import Asking
from graph.database import Database
from ingest.demo.organisation import MEMBER_OF_THREE, NEWCOMER, DemoSource
from ingest.jobs import ingest
from matcher.explain import Contribution, Step
from matcher.indexing import index
from tests.embedders import HashingEmbedder
from tests.matcher.explanations.claims import HERE, Check, Graph, Told
from tests.matcher.explanations.communities import JOINS, greets, starts
from tests.matcher.explanations.helpers import HELPERS


class Checked:
    """What was checked: the features whose reasons occurred, and all steps that reasons rest on."""

    def __init__(self, graph: Graph, patterns: dict[str, list[tuple[str, Check]]]) -> None:
        self.graph, self.patterns = graph, patterns
        self.occurred: set[str] = set()
        self.steps: set[Step] = set()

    def contributions(self, parts: Sequence[Contribution], score: float, **told: Any) -> None:
        """They add up to the score, and what each claims is so."""
        assert score == pytest.approx(sum(part.points for part in parts))
        for part in parts:
            assert part.points == pytest.approx(part.weight * part.value, abs=1e-6)
            if part.reason is None:
                continue
            self.occurred.add(part.feature)
            self.steps |= set(part.reason.path)
            matched = [
                (check, said)
                for pattern, check in self.patterns.get(part.feature, [])
                if (said := re.fullmatch(pattern, part.reason.text))
            ]
            assert matched, f"no check of {part.feature} reads: {part.reason.text}"
            check, said = matched[0]
            try:
                check(self.graph, Told(path=part.reason.path, **told), said)
            except AssertionError as error:
                raise AssertionError(f"{part.reason.text} ({told})") from error

    def all_of_it(self) -> None:
        assert self.occurred == set(self.patterns), "what never occurs is not checked"
        assert not self.graph.missing(self.steps)


@pytest.fixture
def demo(database: Database, tmp_path: Path) -> Database:
    ingest(database, DemoSource(date.today()), rejects_folder=tmp_path / "rejects")
    return database


# Longer than what anybody reads, and for some all there are: what is weak is told further down.
LONG, ALL = 20, 100


@pytest.mark.parametrize("by_meaning", [False, True])
def test_what_is_told_of_communities_is_so(demo: Database, by_meaning: bool) -> None:
    embedder = HashingEmbedder() if by_meaning else None
    if embedder:
        index(demo, embedder)
    # What the demo has none of: two that are alike, and one whose beginning only its members tell.
    demo.run_alone(
        "MATCH (c:Community {id: 'python-guild'}) CREATE (d:Community {id: 'snakes', name: 'Snakes', "
        "domain: c.domain, topics: c.topics, audience: c.audience, founded_on: c.founded_on}) "
        "WITH c, d MATCH (c)-[:COVERS]->(s) CREATE (d)-[:COVERS]->(s)"
    )
    demo.run_alone(
        "MATCH (c:Community) WHERE c.status = 'forming' WITH c ORDER BY c.id LIMIT 1 "
        "REMOVE c.founded_on WITH c MATCH ()-[m:MEMBER_OF]->(c) WHERE m.joined_on IS NULL DELETE m"
    )
    graph, organisation = Graph(demo), Asking(demo, embedder)
    checked = Checked(graph, JOINS)
    here = graph.column(f"MATCH (p:Person) WHERE {HERE.format('p')} RETURN p.id ORDER BY p.id")
    levels: set[str] = set()
    greeted = 0
    for number, person in enumerate([NEWCOMER, MEMBER_OF_THREE, *here[:: 60 if by_meaning else 15]]):
        found = organisation.recommend(organisation.person(person), LONG if number % 6 else ALL)
        assert found.results
        for place, one in enumerate(found.results):
            above = tuple(other.name for other in found.results[:place])
            checked.contributions(one.contributions, one.score, to=person, about=one.community_id, above=above)
            told = Told(person, one.community_id)
            for greeter in one.greeters:
                greets(graph, told, greeter)
                greeted += 1
            if one.start:
                starts(graph, told, one.start)
                levels.add(one.start.engagement)
    assert greeted > 100
    assert len(levels) > 1
    checked.all_of_it()


REQUESTS = """
MATCH (h:Person)-[:GAVE]->(:Advice)
WITH h, count(*) AS n ORDER BY n DESC, h.id LIMIT 40
WITH collect(h) AS busy
UNWIND range(0, size(busy) - 1) AS place
UNWIND range(0, place % 9) AS i
WITH busy[place] AS h, place, i, CASE
  WHEN i = 0 AND place % 2 = 0 THEN 'asked' WHEN i = 1 AND place % 4 = 0 THEN 'accepted'
  WHEN i % (1 + place % 5) = 1 THEN 'declined' WHEN i = 5 THEN 'withdrawn' WHEN i % 2 = 0 THEN 'closed'
  ELSE 'advised' END AS state
CREATE (r:HelpRequest {id: 'r' + place + '-' + i, state: state, requested_at: '2026-01-01T00:00:00.000Z'})-[:TO]->(h)
SET r.decided_at = CASE WHEN state IN ['asked', 'withdrawn'] THEN null ELSE '2026-01-02T00:00:00.000Z' END,
  r.advised_at = CASE WHEN state IN ['advised', 'closed'] THEN '2026-01-03T00:00:00.000Z' END
"""


def test_what_is_told_of_helpers_is_so(demo: Database) -> None:
    demo.run_alone(REQUESTS)
    graph, organisation = Graph(demo), Asking(demo, None)
    checked = Checked(graph, HELPERS)
    asked = demo.run_alone(
        "MATCH (p:Person)-[:ASKED]->(q:Question) OPTIONAL MATCH (q)-[:IN]->(c:Community) "
        "WHERE c.visibility <> 'restricted' RETURN p.id AS asker, q.title + '\\n' + coalesce(q.text, '') AS text, "
        "c.id AS community ORDER BY q.id"
    )
    for number, question in enumerate(asked[:: len(asked) // 35]):
        # The community is given for one in two, and one in five is asked by nobody who is known.
        community = question["community"] if number % 2 else None
        asker = question["asker"] if number % 5 else None
        for helper in organisation.help_for(question["text"], asker, community, 15).results:
            checked.contributions(
                helper.contributions, helper.score, to=asker, about=helper.person_id, text=question["text"]
            )
            assert helper.score > 0
    checked.all_of_it()
