"""Joins on the Apache rosters: peers and ours, existing and new communities apart.

    python -m tests.bench.joins_apache [--since 2021-01-01] [--until 2021-01-01] [--tune]

Memberships dated before `since` (and undated ones) are known, later joins are to be foretold; mean over
people with both. `--tune` compares weights on earlier cuts only: joins from the start of 2017 to 2020 on,
up to 2021.
"""

import argparse
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.models import Community
from graph.reads.communities import Roster
from matcher import joins
from matcher.features import ease
from matcher.features.profile import Profile
from matcher.snapshot import Facts, Snapshot, assemble
from tests import shared_data

K = 10
SEGMENTS = ("existing", "new")
FOREVER = "9999-12-31"
EARLIER_CUTS = ("2017-01-01", "2018-01-01", "2019-01-01", "2020-01-01")
EARLIER_UNTIL = "2021-01-01"
Scorer = Callable[["Case"], NDArray[Any]]


def load(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@dataclass(frozen=True)
class Case:
    """One person: what they are in, and by segment what they joined later (rows)."""

    profile: Profile
    own: NDArray[np.int32]
    joined: dict[str, frozenset[int]]


@dataclass(frozen=True)
class Cut:
    snapshot: Snapshot
    existing: NDArray[np.bool_]
    cases: tuple[Case, ...]


def cut(bundle: Path, since: str, until: str = FOREVER) -> Cut:
    """The rosters as of `since`, and the joins from then to before `until`."""
    rows = load(bundle / "communities.jsonl")
    communities = {
        row["id"]: Community(
            id=row["id"],
            name=row["name"],
            domain=row["domain"],
            topics=tuple(row.get("topics") or ()),
            audience=row.get("audience"),
        )
        for row in rows
    }
    lists: dict[str, Roster] = {key: Roster(key, [], [], [], [], []) for key in communities}
    known: dict[str, set[str]] = {}
    later: dict[str, set[str]] = {}
    for row in load(bundle / "memberships.jsonl"):
        person, community, joined = row["person_id"], row["community_id"], row["joined_on"] or ""
        roster = lists[community]
        roster.person_ids.append(person)
        roster.joined_on.append(joined)
        roster.left_on.append(row.get("left_on") or "")
        roster.engagement.append(row.get("engagement") or "")
        roster.role.append(row.get("role") or "")
        if joined < since:
            known.setdefault(person, set()).add(community)
        elif joined < until:
            later.setdefault(person, set()).add(community)
    snapshot = assemble(Facts(communities, lists), as_of=since)
    existing = np.asarray(snapshot.members.sum(axis=0)).ravel() > 0
    cases: list[Case] = []
    for person in sorted(known.keys() & later.keys()):
        own = tuple(sorted(known[person]))
        new_rows = {snapshot.row[community] for community in later[person] - known[person]}
        cases.append(
            Case(
                Profile(person_id=person, communities=own),
                snapshot.rows(own),
                {
                    "existing": frozenset(row for row in new_rows if existing[row]),
                    "new": frozenset(row for row in new_rows if not existing[row]),
                },
            )
        )
    return Cut(snapshot, existing, tuple(cases))


def ndcg_and_recall(ranked: Sequence[int], relevant: frozenset[int]) -> tuple[float, float]:
    gains = [1 / np.log2(place + 2) for place, row in enumerate(ranked[:K]) if row in relevant]
    ideal = sum(1 / np.log2(place + 2) for place in range(min(K, len(relevant))))
    return float(sum(gains) / ideal), len(gains) / len(relevant)


def evaluate(data: Cut, scorer: Scorer) -> dict[str, tuple[int, float, float]]:
    """By segment: people, NDCG@10, Recall@10. Only communities of the segment are ranked."""
    scores = [scorer(case) for case in data.cases]
    result: dict[str, tuple[int, float, float]] = {}
    for segment in SEGMENTS:
        inside = data.existing if segment == "existing" else ~data.existing
        measured: list[tuple[float, float]] = []
        for case, score in zip(data.cases, scores, strict=True):
            if not case.joined[segment]:
                continue
            open_rows = inside.copy()
            open_rows[case.own] = False
            rows = np.flatnonzero(open_rows)
            order = np.argsort(-score[rows], kind="stable")[:K]
            measured.append(ndcg_and_recall(rows[order].tolist(), case.joined[segment]))
        mean = np.mean(measured, axis=0) if measured else (float("nan"), float("nan"))
        result[segment] = (len(measured), float(mean[0]), float(mean[1]))
    return result


def ours(data: Cut) -> Scorer:
    return lambda case: joins.score(data.snapshot, case.profile).scores


def peers(data: Cut) -> dict[str, Scorer]:
    """Popularity, text alone and EASE alone (as published: no damping; the best of five ridges, chosen in
    hindsight).
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    popularity = np.asarray(data.snapshot.members.sum(axis=0)).ravel()
    texts = ["\n".join([c.name, c.domain, *c.topics, c.audience or ""]) for c in data.snapshot.communities]
    vectors = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    likeness = (vectors @ vectors.T).toarray()
    scorers: dict[str, Scorer] = {
        "popularity": lambda case: popularity,
        "TF-IDF": lambda case: likeness[case.own].max(axis=0),
    }
    gram = np.asarray((data.snapshot.members.T @ data.snapshot.members).toarray(), dtype=np.float64)
    mean_size = float(np.diag(gram).mean())
    for ridge in (10, 50, 100, 200, 500):
        together = ease.learn(data.snapshot.members, shrinkage=ridge / mean_size, damping=0.0)
        scorers[f"EASE, ridge {ridge}"] = lambda case, weights=together: weights[case.own].sum(axis=0)
    return scorers


def tune(bundle: Path) -> None:
    """Prints, for each way to learn co-membership, the weights with the best mean of NDCG@10 and Recall@10.

    The mean is over the earlier cuts and both segments; the best way comes last. Takes some minutes.
    """
    cuts = [cut(bundle, since, EARLIER_UNTIL) for since in EARLIER_CUTS]
    best: list[tuple[float, str]] = []
    for shrinkage, damping in itertools.product((3.0, 10.0, 30.0, 100.0), (0.0, 0.25, 0.5, 0.75, 1.0)):
        learned = [_relearned(data, shrinkage, damping) for data in cuts]
        # Evidence does not depend on the weights: measured once.
        measured = [[_values(data, case) for case in data.cases] for data in learned]
        found: list[tuple[float, str]] = []
        for co, text, half, momentum in itertools.product(
            (1.0, 2.0, 3.0), (0.3, 0.6, 1.0, 1.5), (0.0, 1.0, 2.0, 4.0), (0.03, 0.1, 0.2)
        ):
            weights = joins.Weights(co, text, momentum, 0.0, 0.0, half)
            figures: list[list[float]] = []
            for data, values in zip(learned, measured, strict=True):
                result = evaluate(data, _weighted(data, values, weights))
                figures.append([figure for segment in SEGMENTS for figure in result[segment][1:]])
            mean = np.mean(figures, axis=0)
            line = " ".join(f"{figure:.3f}" for figure in mean)
            line += f"  shrinkage {shrinkage} damping {damping} co {co} text {text}"
            line += f" half {half} momentum {momentum}"
            found.append((float(mean.mean()), line))
        best.append(max(found))
    for total, line in sorted(best):
        print(f"{total:.4f}  {line}")


def _relearned(data: Cut, shrinkage: float, damping: float) -> Cut:
    together = ease.learn(data.snapshot.members, shrinkage, damping)
    return replace(data, snapshot=replace(data.snapshot, together=together))


def _values(data: Cut, case: Case) -> dict[str, NDArray[Any]]:
    return {family.name: family.values for family, _ in joins.score(data.snapshot, case.profile).parts}


def _weighted(data: Cut, values: list[dict[str, NDArray[Any]]], weights: joins.Weights) -> Scorer:
    known = {case.profile.person_id: v for case, v in zip(data.cases, values, strict=True)}

    def scorer(case: Case) -> NDArray[Any]:
        shares = weights.for_person(len(case.own))
        return np.sum([shares[name] * v for name, v in known[case.profile.person_id].items()], axis=0)

    return scorer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--since", default="2021-01-01", help="joins from this day on are to be foretold")
    parser.add_argument("--until", default=FOREVER, help="and before this day")
    parser.add_argument("--tune", action="store_true", help="compare weights on earlier cuts, report nothing else")
    arguments = parser.parse_args()
    bundle = shared_data.bundle("apache")
    if arguments.tune:
        tune(bundle)
        return
    data = cut(bundle, arguments.since, arguments.until)
    print(f"joins since {arguments.since}: people, NDCG@10, Recall@10")
    print(f"{'':20}{'existing':>24}{'new':>24}")
    for name, scorer in {**peers(data), "guildmap": ours(data)}.items():
        result = evaluate(data, scorer)
        cells = "".join("{:>10} {:6.3f} {:6.3f}".format(*result[segment]) for segment in SEGMENTS)
        print(f"{name:20}{cells}")


if __name__ == "__main__":
    main()
