"""What others would have recommended on the same split: baselines and published recommenders."""

# implicit has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import threadpool_limits

from matcher.backtest.joins import Case, Replay, Scorer
from matcher.features import ease
from matcher.snapshot import Snapshot

# In units of people, as published for catalogues of this size; the best one, in hindsight, is shown.
RIDGES = (10, 50, 100, 200, 500)

FACTORS = 64

# Weights kept of each community: as many as make no difference to the best ten, four times ours.
KEPT = 1024


def recommenders(replayed: Replay) -> Iterator[tuple[str, Scorer]]:
    """(name, scorer) of each peer, fitted on the memberships of the replay. Several may have one name: then the best of
    them, in hindsight, is the peer."""
    yield from simple(replayed.snapshot)
    yield from _ease(replayed.snapshot)
    yield from _implicit(replayed.snapshot)


def simple(snapshot: Snapshot) -> Iterator[tuple[str, Scorer]]:
    """Those that are fitted in no time."""
    yield "popularity", lambda case: snapshot.sizes
    yield "item kNN, cosine", _item_knn(snapshot)
    texts = ["\n".join([c.name, c.domain, *c.topics, c.audience or ""]) for c in snapshot.communities]
    vectorizer: Any = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    words = csr_array(vectorizer.fit_transform(texts))

    def by_words(case: Case) -> NDArray[Any]:
        known = [words[list(case.closed)]] if case.closed else []
        known += [csr_array(vectorizer.transform([case.profile.text]))] if case.profile.text else []
        if not known:
            return np.zeros(words.shape[0])
        return np.asarray((vstack(known) @ words.T).max(axis=0).toarray()).ravel()

    yield "TF-IDF", by_words
    if snapshot.vectors is None:
        return
    vectors = snapshot.vectors

    def by_meaning(case: Case) -> NDArray[Any]:
        known = [vectors[list(case.closed)]] if case.closed else []
        known += [case.profile.vector[None, :]] if case.profile.vector is not None else []
        return (np.concatenate(known) @ vectors.T).max(axis=0) if known else np.zeros(len(vectors))

    yield "sentence embedding", by_meaning


def _ease(snapshot: Snapshot) -> Iterator[tuple[str, Scorer]]:
    sizes = snapshot.sizes
    # The ridge is given in units of the mean size of those that have members.
    diagonal = float(sizes[sizes > 0].mean()) if sizes.any() else 1.0
    for ridge in RIDGES:
        weights = ease.learn(snapshot.members, shrinkage=ridge / diagonal, damping=0.0, kept=KEPT)
        yield (
            "EASE, best of five ridges",
            lambda case, weights=weights: np.asarray(weights[list(case.closed)].sum(axis=0)).ravel(),
        )


def _item_knn(snapshot: Snapshot) -> Scorer:
    members = snapshot.members
    norms = np.sqrt(np.maximum(snapshot.sizes, 1))
    scaled = csr_array(members.multiply(1 / norms[None, :]))
    likeness = csr_array(scaled.T @ scaled)
    likeness.setdiag(0)
    return lambda case: np.asarray(likeness[list(case.closed)].sum(axis=0)).ravel()


def _implicit(snapshot: Snapshot) -> Iterator[tuple[str, Scorer]]:
    try:
        from implicit.als import AlternatingLeastSquares
        from implicit.bpr import BayesianPersonalizedRanking
        from implicit.nearest_neighbours import BM25Recommender
    except ImportError:
        return  # a development dependency: the command says that it is not there
    matrix = csr_matrix(snapshot.members)
    people = snapshot.people.row
    with threadpool_limits(1, "blas"), warnings.catch_warnings():  # the package asks for the one thread
        warnings.simplefilter("ignore")  # and converts matrices that it made itself
        models: dict[str, Any] = {
            "implicit ALS": AlternatingLeastSquares(factors=FACTORS, random_state=1, num_threads=1),
            "implicit BPR": BayesianPersonalizedRanking(factors=FACTORS, random_state=1, num_threads=1),
            "implicit BM25": BM25Recommender(K=100, num_threads=1),
        }
        for model in models.values():
            model.fit(matrix, show_progress=False)
    for name, model in models.items():
        if name == "implicit BM25":
            similarity = csr_array(model.similarity)
            yield name, lambda case, s=similarity: np.asarray(s[:, list(case.closed)].sum(axis=1)).ravel()
        else:
            user, item = np.asarray(model.user_factors), np.asarray(model.item_factors)

            def scorer(case: Case, user: Any = user, item: Any = item) -> Any:
                return item @ user[people[str(case.profile.person_id)]]

            yield name, scorer


def has_implicit() -> bool:
    from importlib.util import find_spec

    return find_spec("implicit") is not None
