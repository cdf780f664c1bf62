"""What is claimed of a recommended helper, by feature: how it reads, and how it is checked."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from graph.text import tokens
from matcher import helpers
from matcher.features import distance, outcomes, reach, requests
from tests.matcher.explanations.claims import HERE, Check, Graph, Told, split, words

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
