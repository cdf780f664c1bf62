"""Recommendations for everybody at once, in rows a second, next to `recommend` of implicit on the same memberships.

    python -m tests.bench.recommend_everyone [--keep FOLDER] [--random-vectors] [--sample 5000]

on the organisation of tests.bench.recommend_http (the same options). Ours are read, scored by all evidence and
explained; implicit's are an inner product of factors, the ten highest. Also whether each list is what `recommend` gives
for the person alone, and how long it takes to build a snapshot and to learn the co-membership weights.
"""

import argparse
import time
from itertools import islice
from pathlib import Path

import numpy as np
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from api.cli.asking import Asking
from api.settings import Settings
from graph import embedded
from graph.database import Database
from graph.reads import vectors
from matcher.features import domain_fit, ease
from tests.bench.large_organisation import add_sizes
from tests.bench.recommend_http import filled
from tests.embedders import HashingEmbedder

TEN = 10


def run(database: Database, asked: argparse.Namespace) -> None:
    model = database.read(vectors.model())
    assert model is not None
    # Stored vectors alone are compared: the embedder has only to bear the model's name.
    asking = Asking(database, HashingEmbedder(model.name, model.dimension))
    began = time.perf_counter()
    snapshot = asking.snapshot
    print(f"snapshot read and built in {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    inverted = ease.learn(snapshot.members)
    print(f"weights learned by inversion in {time.perf_counter() - began:.1f} s, {inverted.nnz:,} kept")
    for _ in domain_fit.prepare(snapshot):
        pass
    began = time.perf_counter()
    lists = dict(islice(asking.recommend_some(asking.snapshot.people.ids, TEN), asked.sample))
    ours = len(lists) / (time.perf_counter() - began)
    same = close = 0
    alone = list(lists)[:: max(1, len(lists) // 200)]
    for person in alone:
        one = asking.recommend(asking.person(person), TEN).results
        same += [r.community_id for r in one] == [r.community_id for r in lists[person].results]
        close += np.allclose([r.score for r in one], [r.score for r in lists[person].results], atol=1e-5)
    print(f"of {len(alone)} people asked for alone {same} have the same list, {close} the same scores (to 0.00001)")
    matrix = csr_matrix(snapshot.members)
    with threadpool_limits(1, "blas"):
        als = AlternatingLeastSquares(factors=64, iterations=3, random_state=1)
        als.fit(matrix, show_progress=False)
        rows = np.arange(min(asked.sample, matrix.shape[0]))
        began = time.perf_counter()
        als.recommend(rows, matrix[rows], N=TEN)
        theirs = len(rows) / (time.perf_counter() - began)
    print(f"rows a second: ours {ours:,.0f}, implicit {theirs:,.0f}: {ours / theirs:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    add_sizes(parser)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--random-vectors", action="store_true")
    parser.add_argument("--sample", type=int, default=5000)
    asked = parser.parse_args()
    settings = Settings.model_validate({"data_dir": asked.keep})
    try:
        with Database(settings) as database:
            filled(database, asked, settings)
            run(database, asked)
    finally:
        embedded.stop(settings)


if __name__ == "__main__":
    main()
