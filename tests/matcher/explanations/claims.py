"""What a reason claims, and a graph of which it is asked anew, with no line of the code that is checked."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from graph.database import Database
from graph.text import tokens
from matcher.explain import Step
from matcher.lexical import terms

# Of a person who is here, and of a membership that is not over.
HERE = "({0}.left_on IS NULL OR {0}.left_on > $today)"


@dataclass(frozen=True)
class Told:
    """A reason as it was given: to whom, about which community or helper, of what text, below which names."""

    to: str | None
    about: str
    path: tuple[Step, ...] = ()
    text: str = ""
    above: tuple[str, ...] = ()


class Membership(NamedTuple):
    """One that is not over."""

    person: str
    role: str | None
    engagement: str | None


class Graph:
    """What the database holds, with no line of the code that is checked: who is where is read once, all else asked."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.today = date.today().isoformat()
        self.year_ago = f"{int(self.today[:4]) - 1}{self.today[4:]}"
        self._answers: dict[str, list[dict[str, Any]]] = {}
        self.communities = self.names("Community")
        self.skills = self.names("Skill")
        self.here = set(self.column(f"MATCH (p:Person) WHERE {HERE.format('p')} RETURN p.id"))
        self.called = dict(self.tuples("MATCH (c:Community) RETURN c.id, c.name"))
        self.spells: dict[str, list[Membership]] = defaultdict(list)
        for community, *spell in self.tuples(
            f"MATCH (p:Person)-[m:MEMBER_OF]->(c:Community) WHERE {HERE.format('m')} "
            "RETURN c.id, p.id, m.role, m.engagement"
        ):
            self.spells[community].append(Membership(*spell))
        self.belong = {community: {one.person for one in spells} for community, spells in self.spells.items()}
        self.units = self.pairs("MATCH (p:Person)-[:WORKS_IN]->(u:OrgUnit) RETURN p.id, u.id")
        self.managers = self.pairs("MATCH (p:Person)-[:REPORTS_TO]->(m:Person) RETURN p.id, m.id")
        self.covered = self.pairs("MATCH (c:Community)-[:COVERS]->(s:Skill) RETURN c.id, s.id")
        self.broader = self.pairs("MATCH (s:Skill)-[:BROADER]->(t:Skill) RETURN s.id, t.id")

    def pairs(self, query: str) -> dict[str, set[str]]:
        """By the first column, all of the second."""
        found: dict[str, set[str]] = defaultdict(set)
        for one, other in self.tuples(query):
            found[one].add(other)
        return found

    def with_name(self, name: str) -> list[str]:
        """The ids of the communities called so; two may be."""
        return [key for key, known in self.called.items() if known == name]

    def shared(self, one: str, other: str) -> set[str]:
        """Who is in both communities, and here."""
        return self.belong.get(one, set()) & self.belong.get(other, set()) & self.here

    def names(self, label: str) -> list[str]:
        return sorted(self.column(f"MATCH (n:{label}) RETURN n.name"), key=len, reverse=True)

    def tuples(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.rows(query, **values)]

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
        """The ids of the communities that a person is in."""
        return {community for community, people in self.belong.items() if person in people}

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


Check = Callable[[Graph, Told, re.Match[str]], None]
