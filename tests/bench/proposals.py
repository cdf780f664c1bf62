"""What a proposal gets told, and how long that takes.

    python -m tests.bench.proposals [--communities 1000 10000]

Each community of the demo organisation that was planted as a duplicate or as a part of another is proposed as if it
were new: by its name, text and topics, with its skills and without, itself left out. Where in the answers is its
counterpart? And of each in which nothing was planted: what would be said of it? Then generated organisations, without
vectors: the time of one proposal beside that of the whole audit.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import yaml

from graph.models import Community
from graph.reads.people import Unit
from graph.reads.vectors import KeptVector
from ingest.demo.organisation import organisation
from matcher.audit.proposal import Answer, Proposal, Standing
from matcher.audit.report import audit
from matcher.audit.subject import AuditFacts, Subject
from matcher.embedding import FloatArray, SentenceTransformerEmbedder, encode_documents
from matcher.snapshot import Facts, Snapshot, assemble
from tests.bench.bundles import community_of
from tests.bench.large_organisation import LargeSource, Sizes

PLANTED = Path(__file__).parents[1] / "ingest" / "demo_planted.yaml"
TIMED = 50


def communities(rows: Sequence[dict[str, Any]]) -> dict[str, Community]:
    found: dict[str, Community] = {}
    for row in rows:
        skills = tuple(sorted(set(row.get("skills") or ())))
        known = replace(community_of(row), skill_ids=skills, skill_names=skills, status=row.get("status") or "active")
        found[known.id] = known
    return found


def proposed(one: Community, skills: bool = True) -> Proposal:
    return Proposal(one.name, one.domain, one.audience or "", one.topics, one.skill_ids if skills else ())


def demo() -> tuple[Snapshot, AuditFacts, Callable[[Sequence[str]], FloatArray]]:
    rows, embedder = organisation(date.today()), SentenceTransformerEmbedder()
    known = communities(rows["communities"])
    units = [Unit(u["id"], u["name"], u.get("description") or "", u.get("parent_id")) for u in rows["org_units"]]
    texts = [(one.name, "\n".join([one.domain, *one.topics, one.audience or ""])) for one in known.values()]
    vectors = encode_documents(embedder, texts)
    of_units = encode_documents(embedder, [(unit.name, unit.description) for unit in units])
    kept = {key: KeptVector("", vector) for key, vector in zip(known, vectors, strict=True)}
    units_kept = {unit.id: KeptVector("", vector) for unit, vector in zip(units, of_units, strict=True)}
    return assemble(Facts(known, {}, vectors=kept)), AuditFacts(units, unit_vectors=units_kept), embedder.encode


def print_planted() -> None:
    snapshot, facts, encode = demo()
    standing = Standing(Subject(snapshot, facts, encode, False))
    planted: list[dict[str, Any]] = yaml.safe_load(PLANTED.read_text(encoding="utf-8"))

    def asked(key: str, skills: bool) -> list[Answer]:
        proposal = proposed(snapshot.communities[snapshot.row[key]], skills)
        visible = np.ones(len(snapshot.communities), dtype=np.bool_)
        visible[snapshot.row[key]] = False
        return standing.check(proposal, visible, encode(proposal.to_encode))

    pairs = [entry["ids"] for entry in planted if entry["kind"] in ("duplicate", "contained")]
    for skills in (True, False):
        places: list[int | None] = []
        for key, other in [*pairs, *([b, a] for a, b in pairs)]:
            named = [one.id for one in asked(key, skills) if one.kind == "community"]
            places.append(named.index(other) if other in named else None)
        first = sum(place == 0 for place in places)
        missed = sum(place is None for place in places)
        print(
            f"{'with' if skills else 'without'} skills: of {len(places)} counterparts {first} come first among the "
            f"communities named, {missed} are not named"
        )
    touched = {key for entry in planted for key in entry["ids"]}
    others = [one for one in snapshot.communities if one.status != "retired" and one.id not in touched]
    told = [answer.relation for one in others for answer in asked(one.id, True)]
    kinds = {relation: told.count(relation) for relation in sorted(set(told))}
    print(f"{len(others)} in which nothing was planted are told: {kinds or 'nothing'}")


def print_times(number: int) -> None:
    rows = LargeSource(Sizes(number, people=1, memberships=0, questions=0)).rows["communities"]
    snapshot = assemble(Facts(communities(rows), {}))
    began = time.perf_counter()
    whole = audit(snapshot, AuditFacts(), None)
    took = time.perf_counter() - began
    began = time.perf_counter()
    standing = Standing(Subject(snapshot, AuditFacts(), None, False))
    made = time.perf_counter() - began
    everything = np.ones(number, dtype=np.bool_)
    times: list[float] = []
    for one in snapshot.communities[:TIMED]:
        began = time.perf_counter()
        standing.check(proposed(one), everything)
        times.append(time.perf_counter() - began)
    print(
        f"{number:,} communities: audit {took:.1f} s ({whole.pairs:,} pairs); made ready {made:.1f} s, once; "
        f"then a proposal {1000 * median(times):.0f} ms (median of {len(times)})"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--communities", type=int, nargs="*", default=[1_000, 10_000])
    asked = parser.parse_args()
    print_planted()
    for number in asked.communities:
        print_times(number)


if __name__ == "__main__":
    main()
