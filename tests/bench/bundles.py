"""The data sets as facts in hand, for benchmarks that need no database."""

import json
from pathlib import Path
from typing import Any

from graph.models import Community
from graph.reads.advice import AdviceGiven, AnsweredQuestion
from graph.reads.communities import Roster
from graph.reads.people import Colleague
from matcher.advice import HelpFacts
from matcher.snapshot import Facts


def load(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def community_of(row: dict[str, Any]) -> Community:
    """The texts of one; what a replay hides is left out."""
    return Community(
        id=row["id"],
        name=row["name"],
        domain=row["domain"],
        topics=tuple(row.get("topics") or ()),
        audience=row.get("audience"),
    )


def facts_of(bundle: Path) -> Facts:
    """Communities and rosters as a replay reads them."""
    communities = {row["id"]: community_of(row) for row in load(bundle / "communities.jsonl")}
    rosters = {key: Roster(key, [], [], [], [], []) for key in communities}
    for row in load(bundle / "memberships.jsonl"):
        roster = rosters[row["community_id"]]
        roster.person_ids.append(row["person_id"])
        roster.joined_on.append(row.get("joined_on") or "")
        roster.left_on.append(row.get("left_on") or "")
        roster.engagement.append(row.get("engagement") or "")
        roster.role.append(row.get("role") or "")
    return Facts(communities, rosters)


def help_facts_of(bundle: Path) -> tuple[Facts, HelpFacts]:
    """The same with questions and the advice on them, of every day."""
    given: dict[str, list[AdviceGiven]] = {}
    for number, row in enumerate(load(bundle / "advice.jsonl")):
        advice = AdviceGiven(row["helper_id"], row["advised_at"], row["outcome"], str(number))
        given.setdefault(row["question_id"], []).append(advice)
    questions = {
        row["id"]: AnsweredQuestion(
            row["id"],
            row["title"] or "",
            row["text"] or "",
            row["asked_at"],
            row["community_id"],
            row["asker_id"],
            tuple(given[row["id"]]),
        )
        for row in load(bundle / "questions.jsonl")
        if row["id"] in given
    }
    facts = facts_of(bundle)
    people = {one.helper_id: Colleague(one.helper_id, one.helper_id) for q in questions.values() for one in q.advice}
    return Facts(facts.communities, facts.rosters, people), HelpFacts(questions)
