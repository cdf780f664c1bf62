"""What is told of a recommendation is so: each reason is read by a pattern of its own, and its claim asked of the graph
anew. A reason that no pattern reads fails: a new feature brings its check.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.sparse import csr_array

from api.cli.asking import Asking
from graph.database import Database
from graph.models import Community, HeldSkill
from graph.reads.communities import Roster
from graph.reads.people import Colleague
from graph.text import tokens
from ingest.demo.organisation import MEMBER_OF_THREE, NEWCOMER, DemoSource
from ingest.jobs import ingest
from matcher import helpers, joins
from matcher.explain import Contribution, Step
from matcher.features import (
    co_membership,
    colleagues,
    distance,
    domain_fit,
    implied,
    kindred,
    momentum,
    novelty,
    outcomes,
    reach,
    requests,
    skills,
    vitality,
)
from matcher.features.evidence import Evidence
from matcher.features.profile import Profile
from matcher.indexing import index
from matcher.lexical import terms
from matcher.snapshot import Facts, Snapshot, assemble
from matcher.welcome import Greeter, Start, start
from tests.embedders import HashingEmbedder

# Of a person who is here, and of a membership that is not over.
HERE = "({0}.left_on IS NULL OR {0}.left_on > $today)"
LEVELS = ("peripheral", "occasional", "active", "core")


@dataclass(frozen=True)
class Told:
    """A reason as it was given: to whom, about which community or helper, of what text, below which names."""

    to: str | None
    about: str
    path: tuple[Step, ...] = ()
    text: str = ""
    above: tuple[str, ...] = ()


class Graph:
    """Asks the database, with no line of the code that is checked."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.today = date.today().isoformat()
        self.year_ago = f"{int(self.today[:4]) - 1}{self.today[4:]}"
        self._answers: dict[str, list[dict[str, Any]]] = {}
        self.communities = self.names("Community")
        self.skills = self.names("Skill")

    def names(self, label: str) -> list[str]:
        return sorted(self.column(f"MATCH (n:{label}) RETURN n.name"), key=len, reverse=True)

    def column(self, query: str, **values: Any) -> list[Any]:
        return [next(iter(row.values())) for row in self.rows(query, **values)]

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Many are told the same: what was asked before is not asked again."""
        question = f"{query} {sorted(values.items())}"
        if question not in self._answers:
            known = {"today": self.today, "year_ago": self.year_ago, **values}
            self._answers[question] = self.database.run_alone(query, **known)
        return self._answers[question]

    def one(self, query: str, **values: Any) -> Any:
        (value,) = self.column(query, **values)
        return value

    def mine(self, person: str | None) -> set[str]:
        """The names of the communities that a person is in."""
        return set(
            self.column(
                f"MATCH (:Person {{id: $p}})-[m:MEMBER_OF]->(c) WHERE {HERE.format('m')} RETURN DISTINCT c.name",
                p=person,
            )
        )

    def profile(self, person: str | None) -> set[str]:
        return words(
            self.one(
                "MATCH (p:Person {id: $p}) RETURN coalesce(p.title, '') + ' ' + coalesce(p.bio, '') + ' ' + "
                "reduce(t = '', i IN coalesce(p.interests, []) | t + i + ' ') + "
                "reduce(t = '', i IN COLLECT { MATCH (p)-[r:HAS_SKILL|WANTS_TO_LEARN]->(s) RETURN s.name } "
                "| t + i + ' ')",
                p=person,
            )
        )

    def domain(self, key: str, value: str) -> set[str]:
        """The words of the community whose `key` (id or name) that is; two may have one name."""
        return words(
            " ".join(
                self.column(
                    f"MATCH (c:Community {{{key}: $value}}) RETURN c.name + ' ' + coalesce(c.domain, '') + ' ' + "
                    "reduce(t = '', i IN coalesce(c.topics, []) | t + i + ' ') + coalesce(c.audience, '')",
                    value=value,
                )
            )
        )

    def missing(self, steps: Iterable[Step]) -> list[Step]:
        """Which of the steps are not there; a membership that is over is not."""
        kinds: dict[tuple[str, str, str], list[Step]] = defaultdict(list)
        for step in set(steps):
            kinds[step.start.label, step.relation, step.end.label].append(step)
        absent: list[Step] = []
        for (one, relation, other), those in kinds.items():
            lasting = f"WHERE {HERE.format('r')}" if relation == "MEMBER_OF" else ""
            there = self.column(
                f"UNWIND range(0, size($pairs) - 1) AS i MATCH (a:{one} {{id: $pairs[i][0]}})"
                f"-[r:{relation}]->(b:{other} {{id: $pairs[i][1]}}) {lasting} RETURN DISTINCT i",
                pairs=[[step.start.id, step.end.id] for step in those],
            )
            absent += [step for place, step in enumerate(those) if place not in set(there)]
        return absent


def words(text: str) -> set[str]:
    return set(terms(tokens(text)))


def split(text: str, known: Sequence[str], tail: str = "") -> tuple[list[str], int]:
    """The entries of `A, B and 4 more`, each a known name that `tail` (a pattern) may follow, and how many in all."""
    more = re.search(r" and (\d+) more$", text)
    entries = _split(text[: more.start()] if more else text, known, tail)
    assert entries, f"no known names: {text}"
    return entries, len(entries) + (int(more[1]) if more else 0)


def _split(text: str, known: Sequence[str], tail: str) -> list[str]:
    for name in known:
        if (match := re.match(f"{re.escape(name)}{tail}", text)) is None:
            continue
        rest = text[match.end() :]
        if not rest:
            return [match[0]]
        separator = next((one for one in (", ", " and ") if rest.startswith(one)), None)
        if separator and (others := _split(rest.removeprefix(separator), known, tail)):
            return [match[0], *others]
    return []


# --- Communities --------------------------------------------------------------------------------------------------


def shares_members(graph: Graph, told: Told, said: re.Match[str]) -> None:
    named, number = split(said[2], graph.communities)
    assert number == len(named)
    assert set(named) <= graph.mine(told.to)
    both = (
        "MATCH (:Person {id: $to})-[k:MEMBER_OF]->(mine:Community) "  # others may be called the same
        "MATCH (o:Person)-[m:MEMBER_OF]->(mine), (o)-[n:MEMBER_OF]->(:Community {id: $about}) "
        f"WHERE {HERE.format('k')} AND mine.name IN $named AND o.id <> $to AND {HERE.format('o')} "
        f"AND {HERE.format('m')} AND {HERE.format('n')} "
    )
    assert graph.one(both + "RETURN count(DISTINCT o)", named=named, about=told.about, to=told.to) == int(said[1] or 1)
    shared_by = set(graph.column(both + "RETURN DISTINCT mine.name", named=named, about=told.about, to=told.to))
    assert shared_by == set(named), "one of them shares nobody"


def colleagues_belong(graph: Graph, told: Told, said: re.Match[str]) -> None:
    unit = said["unit"]
    group = (
        "MATCH (:Person {id: $to})-[:WORKS_IN]->(u:OrgUnit {name: $unit})<-[:WORKS_IN]-(o:Person) "
        if unit
        else "MATCH (:Person {id: $to})-[:REPORTS_TO]->(:Person)<-[:REPORTS_TO]-(o:Person) "
    )
    inside = f"EXISTS {{ MATCH (o)-[m:MEMBER_OF]->(:Community {{id: $about}}) WHERE {HERE.format('m')} }}"
    all_, belong = graph.rows(
        f"{group} WHERE {HERE.format('o')} AND o.id <> $to WITH DISTINCT o RETURN count(o) AS all, "
        f"count(CASE WHEN {inside} THEN 1 END) AS belong",
        to=told.to, unit=unit, about=told.about,
    )[0].values()  # fmt: skip
    assert (int(said["count"] or 1), int(said["all"] or 1)) == (belong, all_)


def matches_profile(graph: Graph, told: Told, said: re.Match[str]) -> None:
    common = graph.profile(told.to) & graph.domain("id", told.about)
    if said[1] is None:
        assert not common, "words in common are told"
    else:
        assert words(said[1]) <= common


def close_to_own(graph: Graph, told: Told, said: re.Match[str]) -> None:
    name = next(name for name in graph.communities if said[1] == name or said[1].startswith(f"{name}: "))
    assert name in graph.mine(told.to)
    assert words(said[1].removeprefix(name)) <= graph.domain("name", name) & graph.domain("id", told.about)


def covers(graph: Graph, told: Told, said: re.Match[str]) -> None:
    by_way = r"(?: \(in [^)]+\))?"
    count = 0
    for group, relation in (("wants", "WANTS_TO_LEARN"), ("has", "HAS_SKILL")):
        if said[group] is None:
            continue
        named, number = split(said[group], graph.skills, by_way)
        count += number
        for entry in named:
            name, _, broader = entry.removesuffix(")").partition(" (in ")
            found = graph.column(
                f"MATCH (:Person {{id: $to}})-[r:{relation}]->(s:Skill {{name: $name}}) WHERE r.dropped IS NULL "
                "MATCH (:Community {id: $about})-[:COVERS]->(t:Skill {name: $covered}) "
                "WHERE ($broader = '' AND s = t) OR ($broader <> '' AND EXISTS { (s)-[:BROADER]->(t) }) RETURN s.id",
                to=told.to, name=name, about=told.about, broader=broader, covered=broader or name,
            )  # fmt: skip
            assert found, entry
    assert count == graph.one(
        "MATCH (:Person {id: $to})-[r:HAS_SKILL|WANTS_TO_LEARN]->(s:Skill) WHERE r.dropped IS NULL "
        "MATCH (:Community {id: $about})-[:COVERS]->(t:Skill) WHERE s = t OR EXISTS { (s)-[:BROADER]->(t) } "
        "RETURN count(DISTINCT s)",
        to=told.to, about=told.about,
    )  # fmt: skip


def joined_lately(graph: Graph, told: Told, said: re.Match[str]) -> None:
    assert int(said[1]) == graph.one(
        "MATCH (p:Person)-[m:MEMBER_OF]->(:Community {id: $about}) "
        f"WHERE {HERE.format('p')} AND {HERE.format('m')} AND m.joined_on <= $today AND "
        "m.joined_on + CASE size(m.joined_on) WHEN 4 THEN '-12-31' WHEN 7 THEN '-31' ELSE '' END > $year_ago "
        "RETURN count(DISTINCT p)",
        about=told.about,
    )


def went_on(graph: Graph, told: Told, said: re.Match[str]) -> None:
    days = graph.column(
        "MATCH (q:Question)-[:IN]->(:Community {id: $about}) WHERE NOT coalesce(q.private, false) "
        "RETURN q.asked_at AS day UNION ALL MATCH (a:Advice)-[:ANSWERS]->(q:Question)-[:IN]->(:Community {id: $about}) "
        "WHERE NOT coalesce(q.private, false) RETURN a.advised_at AS day "
        "UNION ALL MATCH (m:Meeting)-[:OF]->(:Community {id: $about}) RETURN m.starts_at AS day",
        about=told.about,
    )
    assert int(said[1]) == sum(graph.year_ago <= day[:10] < graph.today for day in days if day)


def is_young(graph: Graph, told: Told, said: re.Match[str]) -> None:
    founded = graph.one("MATCH (c:Community {id: $about}) RETURN c.founded_on", about=told.about)
    if founded:
        assert said["old"]
        first = founded
    else:
        assert said["first"]
        days = graph.column(
            "MATCH (:Person)-[m:MEMBER_OF]->(:Community {id: $about}) WHERE m.left_on IS NULL RETURN m.joined_on",
            about=told.about,
        )
        assert all(days)
        first = min(days)
    age = (date.today() - date.fromisoformat(f"{first}-01-01"[:10])).days
    months = said["months"] or said["ago"]
    assert 0 <= age < 183
    assert abs(age / 30.4 - int(months)) < 1.1 if months else age < 62


def read_like(graph: Graph, told: Told, said: re.Match[str]) -> None:
    named, number = split(said[1], graph.communities)
    assert number == len(named)
    linked = graph.column(
        "MATCH (a:Community)<-[m:MEMBER_OF]-(o:Person)-[n:MEMBER_OF]->(:Community {id: $about}) "
        f"WHERE a.name IN $named AND {HERE.format('o')} AND {HERE.format('m')} AND {HERE.format('n')} "
        "RETURN DISTINCT a.name",
        named=named, about=told.about,
    )  # fmt: skip
    assert set(linked) == set(named)


def like_where_others_are(graph: Graph, told: Told, said: re.Match[str]) -> None:
    assert graph.domain("name", said[1]) & graph.domain("id", told.about)
    assert graph.one(
        "MATCH (:Person {id: $to})-[l:MEMBER_OF]->(own:Community {name: $own})<-[m:MEMBER_OF]-(o:Person)"
        f"-[n:MEMBER_OF]->(:Community {{name: $name}}) WHERE o.id <> $to AND {HERE.format('l')} AND {HERE.format('m')} "
        f"AND {HERE.format('n')} AND {HERE.format('o')} RETURN count(o)",
        to=told.to, own=said[2], name=said[1],
    )  # fmt: skip


def like_one_above(graph: Graph, told: Told, said: re.Match[str]) -> None:
    assert said[1] in told.above
    assert graph.domain("name", said[1]) & graph.domain("id", told.about)


Check = Callable[[Graph, Told, re.Match[str]], None]

JOINS: dict[str, list[tuple[str, Check]]] = {
    co_membership.NAME: [(r"it shares (?:(\d+) members|a member) with your (.+)", shares_members)],
    colleagues.NAME: [
        (
            r"(?:(?P<count>\d+) of your (?P<all>\d+) colleagues|your one colleague) "
            r"(?:in (?P<unit>.+)|of the same manager) belongs?",
            colleagues_belong,
        )
    ],
    domain_fit.NAME: [
        (r"its domain (?:matches your profile: (.+)|is close to your profile)", matches_profile),
        (r"its domain is close to your (.+)", close_to_own),
    ],
    skills.NAME: [
        (
            r"it covers (?:(?P<wants>.+), which you want to learn)?(?:, and )?(?:(?P<has>.+), which you know)?",
            covers,
        )
    ],
    momentum.NAME: [(r"(\d+) of its members joined within a year", joined_lately)],
    vitality.NAME: [(r"there were (\d+) questions, answers and meetings within a year", went_on)],
    novelty.NAME: [
        (
            r"(?P<old>it (?:is (?P<months>\d+) months old|has only just begun))|"
            r"(?P<first>its first member joined (?:(?P<ago>\d+) months ago|only just now))",
            is_young,
        )
    ],
    implied.NAME: [(r"people of (.+), which your profile reads like, belong to it", read_like)],
    kindred.NAME: [(r"it is like (.+), which members of your (.+) belong to", like_where_others_are)],
    joins.DIVERSITY_NAME: [(r"it is like (.+), further up", like_one_above)],
}


def greets(graph: Graph, told: Told, greeter: Greeter) -> None:
    also = re.search(r", also in (.+)$", greeter.why)
    how = greeter.why[: also.start()] if also else greeter.why
    assert graph.column(
        "MATCH (g:Person {id: $id, name: $name})-[m:MEMBER_OF]->(:Community {id: $about}) "
        f"WHERE {HERE.format('m')} AND {HERE.format('g')} AND coalesce(g.recommendable, true) AND g.id <> $to "
        "AND (m.role = $how OR (m.role IS NULL AND m.engagement = 'core' AND $how = 'core member')) "
        "AND NOT (:Person {id: $to})-[:REPORTS_TO]->(g) RETURN g.id",
        id=greeter.person_id, name=greeter.name, about=told.about, to=told.to, how=how,
    )  # fmt: skip
    units = graph.column(
        "MATCH (:Person {id: $id})-[:WORKS_IN]->(u)<-[:WORKS_IN]-(:Person {id: $to}) RETURN u.name",
        id=greeter.person_id, to=told.to,
    )  # fmt: skip
    assert units == ([also[1]] if also else [])


def starts(graph: Graph, told: Told, begin: Start) -> None:
    said = re.fullmatch(
        r"of (\d+) members who (share a unit or another community with you|say how engaged they are), "
        r"half are (\w+) or less(; nobody begins there)?",
        begin.why,
    )
    assert said, begin.why
    like_me = (
        "AND o.id <> $to AND (EXISTS { MATCH (o)-[:WORKS_IN]->()<-[:WORKS_IN]-(:Person {id: $to}) } OR EXISTS { "
        "MATCH (o)-[n:MEMBER_OF]->(c:Community)<-[k:MEMBER_OF]-(:Person {id: $to}) "
        f"WHERE c.id <> $about AND {HERE.format('n')} AND {HERE.format('k')} }})"
    )
    levels = graph.column(
        "MATCH (o:Person)-[m:MEMBER_OF]->(:Community {id: $about}) "
        f"WHERE m.engagement IS NOT NULL AND {HERE.format('o')} AND {HERE.format('m')} "
        + (like_me if said[2].startswith("share") else "")
        + " RETURN m.engagement",
        about=told.about, to=told.to,
    )  # fmt: skip
    ranks = [LEVELS.index(level) for level in levels]
    half = LEVELS.index(said[3])
    assert len(ranks) == int(said[1])
    assert sum(rank <= half for rank in ranks) * 2 >= len(ranks) > sum(rank < half for rank in ranks) * 2
    assert begin.engagement == ("active" if said[4] else said[3])
    assert bool(said[4]) == (said[3] == "core")


# --- Helpers ------------------------------------------------------------------------------------------------------

ADVICE = "MATCH (:Person {id: $about})-[:GAVE]->(a:Advice)-[:ANSWERS]->(q:Question) "

# Of questions that the one who is told may know of.
KNOWN = (
    "(NOT coalesce(q.private, false) OR EXISTS { (:Person {id: $to})-[:ASKED]->(q) }) AND "
    "NOT EXISTS { MATCH (q)-[:IN]->(r:Community {visibility: 'restricted'}) "
    f"WHERE NOT EXISTS {{ MATCH (:Person {{id: $to}})-[x:MEMBER_OF]->(r) WHERE {HERE.format('x')} }} }} "
)


def latest(graph: Graph, told: Told, where: str, title: str, month: str | None, **values: Any) -> int:
    """Asserts that the latest of those pieces of advice is as it is called; returns on how many questions they were."""
    pieces = graph.rows(
        f"{ADVICE} WHERE {KNOWN} AND {where} RETURN q.id AS id, coalesce(q.title, left(q.text, 60)) AS title, "
        "coalesce(a.advised_at, '') AS day",
        about=told.about, to=told.to, **values,
    )  # fmt: skip
    last = max(piece["day"] for piece in pieces)
    assert (month or "") == last[:7]
    assert title in {piece["title"] for piece in pieces if piece["day"] == last}
    return len({piece["id"] for piece in pieces})


def advised_on_similar(graph: Graph, told: Told, said: re.Match[str]) -> None:
    questions = sorted({step.end.id for step in told.path if step.relation == "ANSWERS"})
    number = latest(graph, told, "q.id IN $questions", said[2], said[3], questions=questions)
    assert number == len(questions) == int(said[1] or 1)
    texts = graph.column("MATCH (q:Question) WHERE q.id IN $ids RETURN q.title + ' ' + coalesce(q.text, '')",
                         ids=questions)  # fmt: skip
    assert all(words(text) & words(told.text) for text in texts)


def advised_there(graph: Graph, told: Told, said: re.Match[str]) -> None:
    named, number = split(said[2], graph.communities)
    assert number == len(named)
    given = graph.rows(
        f"{ADVICE}, (q)-[:IN]->(c:Community) WHERE {KNOWN} AND c.name IN $named "
        "RETURN q.id AS id, c.name AS name, coalesce(a.advised_at, '') AS day",
        about=told.about, to=told.to, named=named,
    )  # fmt: skip
    assert len({row["id"] for row in given}) == int(said[1] or 1)
    assert {row["name"] for row in given} == set(named)
    assert max(row["day"] for row in given)[:7] == (said[3] or "")


def advised_before(graph: Graph, told: Told, said: re.Match[str]) -> None:
    latest(graph, told, "EXISTS { (:Person {id: $to})-[:ASKED]->(q) }", said[1], said[2])


def holds_skills(graph: Graph, told: Told, said: re.Match[str]) -> None:
    named, number = split(said[1], graph.skills, r"(?: at level [1-5])?")
    asked = f" {' '.join(tokens(told.text))} "
    held = graph.rows(
        "MATCH (:Person {id: $about})-[r:HAS_SKILL]->(s:Skill) WHERE r.dropped IS NULL "
        "RETURN s.name AS name, r.level AS level, coalesce(s.alt_labels, []) AS labels",
        about=told.about,
    )
    meant = {
        row["name"] + (f" at level {row['level']}" if row["level"] else "")
        for row in held
        if any(f" {' '.join(tokens(label))} " in asked for label in (row["name"], *row["labels"]) if tokens(label))
    }
    assert set(named) <= meant
    assert number == len(meant)


def belongs(graph: Graph, told: Told, said: re.Match[str]) -> None:
    level = re.fullmatch(r"(?:(core|active|occasional|peripheral) )?member", said[1])
    found = graph.rows(
        "MATCH (:Person {id: $about})-[m:MEMBER_OF]->(:Community {name: $name}) "
        f"WHERE {HERE.format('m')} AND ($since IS NULL OR m.joined_on STARTS WITH $since) "
        "RETURN m.engagement AS engagement, m.role AS role",
        about=told.about, name=said[2], since=said[3],
    )  # fmt: skip
    wanted = {"engagement": level[1], "role": None} if level else {"role": said[1]}
    assert any(wanted.items() <= row.items() for row in found)


def followed_up(graph: Graph, told: Told, said: re.Match[str]) -> None:
    found = graph.column(f"{ADVICE} WHERE {KNOWN} RETURN a.outcome", about=told.about, to=told.to)
    count = [found.count(outcome) for outcome in ("worked", "partly", "did_not_work")]
    assert (int(said[1]), int(said[2]), int(said[3] or 0)) == (count[0], sum(count), count[1])


def asked_of(graph: Graph, told: Told, where: str) -> int:
    return graph.one(
        f"MATCH (r:HelpRequest)-[:TO]->(:Person {{id: $about}}) WHERE {where} RETURN count(r)", about=told.about
    )


def accepts(graph: Graph, told: Told, said: re.Match[str]) -> None:
    yes, number = int(said[2]), int(said[3])
    assert number == asked_of(graph, told, "r.decided_at IS NOT NULL") >= 5
    assert yes == asked_of(graph, told, "r.decided_at IS NOT NULL AND r.state <> 'declined'")
    assert said[1] == ("most" if yes / number >= 0.75 else "few" if yes / number < 0.25 else "some")


def gave_advice(graph: Graph, told: Told, said: re.Match[str]) -> None:
    over = "r.decided_at IS NOT NULL AND NOT r.state IN ['asked', 'accepted']"
    assert int(said[2]) == asked_of(graph, told, over) >= 5
    assert int(said[1]) == asked_of(graph, told, f"{over} AND r.advised_at IS NOT NULL")


def is_busy(graph: Graph, told: Told, said: re.Match[str]) -> None:
    assert int(said[1] or 1) == asked_of(graph, told, "r.state IN ['asked', 'accepted']")


def works(graph: Graph, told: Told, said: re.Match[str]) -> None:
    unit = "MATCH (:Person {id: $id})-[:WORKS_IN]->(u) RETURN u.id"
    same = graph.one(unit, id=told.to) == graph.one(unit, id=told.about)
    assert same == (said[1] is None)
    if not same:
        assert graph.one("MATCH (:Person {id: $id})-[:WORKS_IN]->(u) RETURN u.name", id=told.about) == said[1]


def of_grade(graph: Graph, told: Told, said: re.Match[str]) -> None:
    mine, theirs = (graph.one("MATCH (p:Person {id: $id}) RETURN p.grade", id=one) for one in (told.to, told.about))
    assert theirs == said[1]
    by = int(re.sub(r"\D", "", theirs)) - int(re.sub(r"\D", "", mine))
    assert by == (int(said[2]) * (1 if said[3] == "above" else -1) if said[2] else 0)


def speaks(graph: Graph, told: Told, said: re.Match[str]) -> None:
    mine, theirs = (graph.one("MATCH (p:Person {id: $id}) RETURN p.languages", id=one) for one in (told.to, told.about))
    common = set(mine) & set(theirs)
    if said[1] is None:
        assert not common
    else:
        named, number = split(said[1], sorted(theirs, key=len, reverse=True))
        assert set(named) <= common
        assert number == len(common)


def shares_hours(graph: Graph, told: Told, said: re.Match[str]) -> None:
    def at_work(person: str | None) -> set[int]:
        """The quarters of a day, of a clock for all, in which it is nine to five there."""
        zone = ZoneInfo(graph.one("MATCH (p:Person {id: $id}) RETURN p.timezone", id=person))
        offset = zone.utcoffset(datetime.fromisoformat(graph.today).replace(hour=12))
        assert offset is not None
        return {int(4 * hour - offset.total_seconds() / 900) % 96 for hour in (9 + q / 4 for q in range(32))}

    assert float(said[1]) == len(at_work(told.to) & at_work(told.about)) / 4


HELPERS: dict[str, list[tuple[str, Check]]] = {
    helpers.SIMILAR: [
        (
            r"advised on (?:a similar question,|(\d+) similar questions, the latest) '(.+)'(?: in ([\d-]+))?",
            advised_on_similar,
        )
    ],
    helpers.HABIT: [
        (r"advised on (?:a question|(\d+) questions) in (.+?)(?:, most recently in ([\d-]+))?", advised_there)
    ],
    helpers.AGAIN: [(r"advised you before, on '(.+)'(?: in ([\d-]+))?", advised_before)],
    helpers.SKILLS: [(r"holds the skills? (.+)", holds_skills)],
    helpers.MEMBERSHIP: [(r"(.+?) of (.+?)(?: since (\d{4}))?", belongs)],
    outcomes.NAME: [(r"of their advice that was followed up, (\d+) of (\d+) worked(?:, (\d+) in part)?", followed_up)],
    requests.WILLING: [(r"accepts (most|some|few) requests: (\d+) of (\d+)", accepts)],
    requests.ANSWERED: [(r"gave advice on (\d+) of (\d+) requests", gave_advice)],
    requests.LOAD: [(r"has (?:an open request|(\d+) open requests)", is_busy)],
    distance.UNIT: [(r"works in (?:your own unit|another unit, (.+))", works)],
    distance.GRADE: [(r"is of grade (\w+), (?:as you are|(\d+) (above|below) yours)", of_grade)],
    reach.LANGUAGE: [(r"(?:speaks (.+), as you do|is not known to speak a language of yours)", speaks)],
    reach.HOURS: [(r"shares ([\d.]+) of 8 working hours with you", shares_hours)],
}


# --- All of them --------------------------------------------------------------------------------------------------


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


# --- What the demo has no case of -----------------------------------------------------------------------------------

TODAY = "2026-01-15"
Spell = tuple[str, str, str, str, str]  # who, joined_on, left_on, engagement, role


def known(
    communities: Iterable[Community],
    members: dict[str, list[Spell]] | None = None,
    people: Iterable[Colleague] = (),
    broader: dict[str, tuple[str, ...]] | None = None,
) -> Snapshot:
    rosters = {
        key: Roster(key, *(list(column) for column in zip(*spells, strict=True)))
        for key, spells in (members or {}).items()
    }
    facts = Facts({one.id: one for one in communities}, rosters, {one.id: one for one in people}, broader=broader or {})
    return assemble(facts, today=TODAY)


def joined(who: str, on: str = "", left: str = "") -> Spell:
    return who, on, left, "", ""


def reason(found: Evidence, snapshot: Snapshot, community: str) -> str | None:
    told = found.reason(snapshot.row[community])
    return told.text if told else None


def test_a_community_that_shares_nobody_is_not_named_for_its_members() -> None:
    communities = [Community(key, key.upper()) for key in "abc"]
    held = known(communities, {"a": [joined("p"), joined("q")], "b": [joined("r")], "c": [joined("p"), joined("q")]})
    # B leads to C by way of what both have in common with others.
    ties = csr_array(np.array([[0, 0, 0.5], [0, 0, 0.7], [0, 0, 0]], dtype=np.float32))
    found = co_membership.measure(replace(held, together=ties), Profile("me", communities=("a", "b")))
    assert reason(found, held, "c") == "it shares 2 members with your A"
    told = found.reason(held.row["c"])
    assert told
    assert {step.end.id for step in told.path} == {"a", "c"}


def test_who_joined_is_counted_once_and_when_they_have_and_while_they_are_here() -> None:
    spells = [
        joined("twice", "2025-03-01"), joined("twice", "2025-06-01"), joined("coarse", "2025-09"),
        joined("this_year", "2026"), joined("gone", "2025-04-01"), joined("ahead", "2026-02-01"),
        joined("next_year", "2027"), joined("long_ago", "2024-12-31"), joined("unknown"),
    ]  # fmt: skip
    held = known([Community("c", "C")], {"c": spells}, [Colleague("gone", "Gone", left_on="2025-12-01")])
    assert reason(momentum.measure(held), held, "c") == "3 of its members joined within a year"


@pytest.mark.parametrize(
    ("founded", "spells", "told"),
    [
        ("2025-10", [], "it is 3 months old"),
        ("2026", [], "it has only just begun"),
        ("2025", [], None),  # in January, or in December
        ("2026-03-01", [], None),  # it has not begun
        (None, [joined("p", "2025-10-01"), joined("q", "2026-01-02")], "its first member joined 3 months ago"),
        (None, [joined("p", "2026-01-02")], "its first member joined only just now"),
        (None, [joined("p", "2026-01-02"), joined("since_ever")], None),
        (None, [joined("p", "2025")], None),
    ],
)
def test_young_is_what_is_known_to_be(founded: str | None, spells: list[Spell], told: str | None) -> None:
    held = known([Community("c", "C", founded_on=founded)], {"c": spells} if spells else {})
    assert reason(novelty.measure(held), held, "c") == told


def test_the_domain_is_close_to_what_adds_to_its_points() -> None:
    """What is like everything is like one's own communities too: that is taken off, and is then no reason."""
    common = "guild of people who meet weekly"
    communities = [Community(f"c{number}", f"C{number}", common) for number in range(8)]
    communities += [Community("mine", "Mine", common), Community("kiln", "K", f"{common} kiln")]
    communities.append(Community("ropes", "Ropes", "rope loom dye clay press quill lathe"))
    held = known(communities)
    found = domain_fit.measure(held, Profile("me", "kiln rope loom dye clay press", communities=("mine",)))
    assert reason(found, held, "kiln") == "its domain matches your profile: kiln"


@pytest.mark.parametrize("covered", [("broad", "own"), ("own", "zoo")])
def test_a_skill_counts_by_the_closest_that_is_covered(covered: tuple[str, str]) -> None:
    """In whatever order they are covered; and one that is covered by way of a broader one is not called covered."""
    held = known([Community("c", "C", skill_ids=covered, skill_names=tuple(one.title() for one in covered))],
                 broader={"own": ("broad", "zoo")})  # fmt: skip
    found = skills.measure(held, Profile("me", wanted=(HeldSkill("own", "Own"),)))
    assert reason(found, held, "c") == "it covers Own, which you want to learn"
    assert found.values[0] == pytest.approx(0.5)
    rest = changed_skills(held, tuple(one for one in covered if one != "own"))
    found = skills.measure(rest, Profile("me", wanted=(HeldSkill("own", "Own"),)))
    (way,) = set(covered) - {"own"}
    assert reason(found, rest, "c") == f"it covers Own (in {way.title()}), which you want to learn"


def changed_skills(held: Snapshot, covered: tuple[str, ...]) -> Snapshot:
    names = tuple(one.title() for one in covered)
    return known([Community("c", "C", skill_ids=covered, skill_names=names)], broader=dict(held.facts.broader))


def test_who_is_in_it_twice_is_one_of_those_who_say_how_engaged_they_are() -> None:
    spells = [("p", "2020", "", "occasional", ""), ("p", "2021", "", "core", ""), ("q", "", "", "active", "")]
    assert start(known([Community("c", "C")], {"c": spells}), Profile(), 0) is None
    told = start(known([Community("c", "C")], {"c": [*spells, ("r", "", "", "core", "")]}), Profile(), 0)
    assert told
    assert told.why == "of 3 members who say how engaged they are, half are core or less; nobody begins there"
