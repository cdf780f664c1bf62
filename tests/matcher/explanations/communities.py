"""What is claimed of a recommended community, by feature: how it reads, and how it is checked."""

import re
from datetime import date

from matcher import joins
from matcher.features import (
    co_membership,
    colleagues,
    domain_fit,
    implied,
    kindred,
    momentum,
    novelty,
    skills,
    vitality,
)
from matcher.welcome import Greeter, Start
from tests.matcher.explanations.claims import HERE, Check, Graph, Told, split, words

LEVELS = ("peripheral", "occasional", "active", "core")


def shares_members(graph: Graph, told: Told, said: re.Match[str]) -> None:
    named, number = split(said[2], graph.communities)
    assert number == len(named)
    mine = [one for one in graph.mine(told.to) if graph.called[one] in named]
    assert {graph.called[one] for one in mine} == set(named)
    both = {one: graph.shared(one, told.about) - {told.to} for one in mine}
    assert len(set.union(*both.values())) == int(said[1] or 1)
    assert {graph.called[one] for one in mine if both[one]} == set(named), "one of them shares nobody"


def colleagues_belong(graph: Graph, told: Told, said: re.Match[str]) -> None:
    assert told.to
    if said["unit"]:
        named = set(graph.column("MATCH (u:OrgUnit {name: $unit}) RETURN u.id", unit=said["unit"]))
        tie, common = graph.units, graph.units[told.to] & named
    else:
        tie, common = graph.managers, graph.managers[told.to]
    colleagues = {one for one in graph.here if tie.get(one, set()) & common} - {told.to}
    belong = colleagues & graph.belong.get(told.about, set())
    assert (int(said["count"] or 1), int(said["all"] or 1)) == (len(belong), len(colleagues))


def matches_profile(graph: Graph, told: Told, said: re.Match[str]) -> None:
    common = graph.profile(told.to) & graph.domain("id", told.about)
    if said[1] is None:
        assert not common, "words in common are told"
    else:
        assert words(said[1]) <= common


def close_to_own(graph: Graph, told: Told, said: re.Match[str]) -> None:
    name = next(name for name in graph.communities if said[1] == name or said[1].startswith(f"{name}: "))
    assert name in {graph.called[one] for one in graph.mine(told.to)}
    assert words(said[1].removeprefix(name)) <= graph.domain("name", name) & graph.domain("id", told.about)


def covers(graph: Graph, told: Told, said: re.Match[str]) -> None:
    by_way = r"(?: \(in [^)]+\))?"
    count = 0
    mine = graph.rows(
        "MATCH (:Person {id: $to})-[r:HAS_SKILL|WANTS_TO_LEARN]->(s:Skill) WHERE r.dropped IS NULL "
        "RETURN type(r) AS relation, s.id AS id, s.name AS name",
        to=told.to,
    )
    covered = graph.covered[told.about]
    names = dict(graph.tuples("MATCH (s:Skill) RETURN s.id, s.name"))
    for group, relation in (("wants", "WANTS_TO_LEARN"), ("has", "HAS_SKILL")):
        if said[group] is None:
            continue
        named, number = split(said[group], graph.skills, by_way)
        count += number
        for entry in named:
            name, _, broader = entry.removesuffix(")").partition(" (in ")
            ids = [one["id"] for one in mine if (one["relation"], one["name"]) == (relation, name)]
            meant = [{one} if not broader else graph.broader.get(one, set()) for one in ids]
            assert (broader or name) in {names[one] for some in meant for one in some & covered}, entry
    assert count == len({one["id"] for one in mine if ({one["id"]} | graph.broader.get(one["id"], set())) & covered})


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
    for name in named:
        assert any(graph.shared(one, told.about) for one in graph.with_name(name) if one != told.about), name


def like_where_others_are(graph: Graph, told: Told, said: re.Match[str]) -> None:
    assert graph.domain("name", said[1]) & graph.domain("id", told.about)
    own = set(graph.with_name(said[2])) & graph.mine(told.to)
    assert any(graph.shared(mine, one) - {told.to} for mine in own for one in graph.with_name(said[1]) if one != mine)


def like_one_above(graph: Graph, told: Told, said: re.Match[str]) -> None:
    assert said[1] in told.above
    assert graph.domain("name", said[1]) & graph.domain("id", told.about)


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
    assert told.to
    assert greeter.person_id in graph.here - graph.managers[told.to] - {told.to}
    assert graph.one(
        "MATCH (g:Person {id: $id, name: $name}) RETURN coalesce(g.recommendable, true)",
        id=greeter.person_id, name=greeter.name,
    )  # fmt: skip
    assert any(
        spell.role == how if spell.role else (spell.engagement, how) == ("core", "core member")
        for spell in graph.spells[told.about] if spell.person == greeter.person_id
    )  # fmt: skip
    common = sorted(graph.units[greeter.person_id] & graph.units[told.to])
    assert graph.column("MATCH (u:OrgUnit) WHERE u.id IN $ids RETURN u.name", ids=common) == ([also[1]] if also else [])


def starts(graph: Graph, told: Told, begin: Start) -> None:
    said = re.fullmatch(
        r"of (\d+) members who (share a unit or another community with you|say how engaged they are), "
        r"half are (\w+) or less(; nobody begins there)?",
        begin.why,
    )
    assert said, begin.why
    assert told.to
    whose = graph.here
    if said[2].startswith("share"):
        others = [graph.belong[one] for one in graph.mine(told.to) - {told.about}]
        mates = {one for one, units in graph.units.items() if units & graph.units[told.to]}
        whose = (graph.here & mates.union(*others)) - {told.to}
    levels = [one.engagement for one in graph.spells[told.about] if one.engagement and one.person in whose]
    ranks = [LEVELS.index(level) for level in levels]
    half = LEVELS.index(said[3])
    assert len(ranks) == int(said[1])
    assert sum(rank <= half for rank in ranks) * 2 >= len(ranks) > sum(rank < half for rank in ranks) * 2
    assert begin.engagement == ("active" if said[4] else said[3])
    assert bool(said[4]) == (said[3] == "core")
