"""Newcomers with only a sentence about themselves: which other communities would they be sent to?

    python -m tests.bench.cold_start [--set kubernetes]

A person's earliest question is all that is known of them. Foretold are the communities other than that question's in
which they asked or advised later. What is known of the organisation is what was on the day of that question: questions
and advice dated before it, and rosters, which bear no date, without the person themselves.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path
from sklearn.feature_extraction.text import TfidfVectorizer

from graph.reads.communities import Practice
from graph.reads.vectors import KeptVector
from matcher import joins
from matcher.backtest import OURS
from matcher.backtest.measures import Quality, Ranked, difference, quality, ranked
from matcher.embedding import Embedder, FloatArray, encode_documents, open_embedder
from matcher.features.profile import Profile
from matcher.snapshot import Facts, assemble
from tests import shared_data
from tests.bench.bundles import facts_of, load


@dataclass(frozen=True)
class Newcomer:
    """A person at their first question, and the communities in which they were active from the day behind it on."""

    person_id: str
    day: str
    text: str
    community_id: str
    later: frozenset[str]


def newcomers(bundle: Path, known: set[str]) -> list[Newcomer]:
    """Those of whom anything is to be foretold, in the order of their ids."""
    questions = load(bundle / "questions.jsonl")
    place = {question["id"]: question["community_id"] for question in questions}
    first: dict[str, dict[str, Any]] = {}
    for question in sorted(questions, key=lambda one: (one["asked_at"] or "9", one["id"])):
        if question["asker_id"] and question["community_id"] and question["asked_at"]:
            first.setdefault(question["asker_id"], question)
    later: dict[str, set[str]] = {person: set() for person in first}
    acts = [(one["asker_id"], one["asked_at"], one["community_id"]) for one in questions]
    acts += [(a["helper_id"], a["advised_at"], place.get(a["question_id"])) for a in load(bundle / "advice.jsonl")]
    for person, day, community in acts:
        if person in first and community and day and day > first[person]["asked_at"]:
            later[person].add(community)
    return [
        Newcomer(person, question["asked_at"][:10], f"{question['title'] or ''}\n{question['text'] or ''}", own, truth)
        for person, question in sorted(first.items())
        if (truth := frozenset(later[person] & known) - {own := question["community_id"]})
    ]


def practice(bundle: Path, day: str) -> dict[str, Practice]:
    """Questions and advice before the day, by community."""
    questions = load(bundle / "questions.jsonl")
    place = {one["id"]: one["community_id"] for one in questions}
    acts = [(one["community_id"], "questions", one["asked_at"]) for one in questions]
    acts += [(place.get(one["question_id"]), "advice", one["advised_at"]) for one in load(bundle / "advice.jsonl")]
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for community, kind, on in acts:
        if community and on and on < day:
            found.setdefault(community, {}).setdefault(kind, []).append((on, ""))
    return {key: Practice(**kinds) for key, kinds in found.items()}


def known(bundle: Path) -> tuple[Facts, list[Newcomer]]:
    """What is known of communities that are not retired, and the newcomers to foretell."""
    facts = facts_of(bundle)
    active = {row["id"] for row in load(bundle / "communities.jsonl") if row.get("status") != "retired"}
    facts = replace(
        facts,
        communities={key: one for key, one in facts.communities.items() if key in active},
        rosters={key: roster for key, roster in facts.rosters.items() if key in active},
    )
    return facts, newcomers(bundle, active)


def rankings(facts: Facts, bundle: Path, cases: list[Newcomer], embedder: Embedder) -> dict[str, list[Ranked]]:
    """By method, the communities other than that of the question, ranked for each newcomer."""
    whole = assemble(facts)
    ids = [community.id for community in whole.communities]
    domains = [(c.name, "\n".join([c.domain, *c.topics, c.audience or ""])) for c in whole.communities]
    meanings = encode_documents(embedder, domains)
    vectors = {key: KeptVector(key, meaning) for key, meaning in zip(ids, meanings, strict=True)}
    vectorizer: Any = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    words = vectorizer.fit_transform([f"{name}\n{body}" for name, body in domains])
    asked: FloatArray = embedder.encode([case.text for case in cases])

    def ours(case: Newcomer, vector: FloatArray) -> FloatArray:
        rosters = {
            key: roster.only([at for at, who in enumerate(roster.person_ids) if who != case.person_id])
            for key, roster in facts.rosters.items()
        }
        then = replace(facts, rosters=rosters, vectors=vectors, practice=practice(bundle, case.day))
        return joins.score(assemble(then, today=case.day), Profile(text=case.text, vector=vector)).scores

    methods: dict[str, Callable[[Newcomer, FloatArray], Any]] = {
        "TF-IDF": lambda case, _: (words @ vectorizer.transform([case.text]).T).toarray().ravel(),
        "sentence embedding": lambda _, vector: meanings @ vector,
        OURS: ours,
    }

    def rank(method: Callable[[Newcomer, FloatArray], Any]) -> Iterator[Ranked]:
        for case, vector in zip(cases, asked, strict=True):
            scores = method(case, vector)
            rows = [row for row, key in enumerate(ids) if key != case.community_id]
            candidates = [ids[row] for row in rows]
            yield ranked(case.person_id, "newcomer", candidates, np.asarray(scores)[rows], case.later, 10)

    return {name: list(rank(method)) for name, method in methods.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--set", default="kubernetes")
    bundle = shared_data.bundle(parser.parse_args().set)
    facts, cases = known(bundle)
    embedder = open_embedder(None, user_cache_path("guildmap") / "cold_start.sqlite")
    found = rankings(facts, bundle, cases, embedder)
    print(f"{len(cases)} newcomers, {len(facts.communities)} communities")
    print("NDCG@10, Recall@10, MRR, each with its interval of 95 %")
    for name, rows in found.items():
        _print(name, quality(rows))
    for name, rows in found.items():
        if name != OURS:
            _print(f"{OURS} less {name}", difference(found[OURS], rows))


def _print(name: str, found: Quality | None) -> None:
    if found:
        told = "  ".join(
            f"{one.mean:+.3f} [{one.low:+.3f}, {one.high:+.3f}]" for one in (found.ndcg, found.recall, found.mrr)
        )
        print(f"{name:32}{told}")


if __name__ == "__main__":
    main()
