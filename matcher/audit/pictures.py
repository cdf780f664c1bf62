"""Two pictures of a catalogue: where each domain lies among the others, and which pairs are alike."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.sparse import csr_array
from scipy.spatial.distance import squareform
from sklearn.decomposition import PCA, TruncatedSVD  # pyright: ignore[reportMissingTypeStubs]

from matcher.partitions import InProcess, Workers
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float32]
DoubleArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

SEED = 0

# A heatmap of more rows cannot be read. Those of the likeliest pairs are in it.
ROWS = 150

# Likeness from which on a cell is drawn: below it most pairs are, and nothing speaks for them.
FAINTEST = 0.15

# Words of a text are brought down to so many directions before a map is drawn: more hold mostly single words.
DIRECTIONS = 50

# t-SNE keeps so many neighbours near: as usual, where there are three times as many points; fewer below.
PERPLEXITY = 30

# Fewer points have no shape that a non-linear map could show better than their two main directions.
FEWEST = 12

# Points whose neighbours are found in one go, and are one partition: a matrix of 200 MB where there are 100,000.
BLOCK = 250

# A map of which less than this share is known is drawn anew: most of it would hang on few points.
MOSTLY_KNOWN = 0.5


def domain_space(snapshot: Snapshot) -> FloatArray:
    """Each community's text as a point of which neighbours are alike in meaning and in words, each as much: float32
    [communities, directions]."""
    words = snapshot.lexical.vectors
    parts: list[FloatArray] = []
    if min(words.shape) > DIRECTIONS:
        svd = TruncatedSVD(DIRECTIONS, random_state=SEED)
        parts.append(_lengths_of_one(np.asarray(svd.fit_transform(words), dtype=np.float32)))  # pyright: ignore[reportUnknownMemberType]
    else:
        parts.append(np.asarray(words.toarray(), dtype=np.float32))
    if snapshot.vectors is not None:
        parts.append(snapshot.vectors)
    return np.concatenate(parts, axis=1)


@dataclass(frozen=True)
class Nearby:
    """The job of finding the `k` nearest points to each of some, exactly. `space` is float32 [n, directions]."""

    space: FloatArray
    k: int

    @contextmanager
    def open(self) -> Generator[DoubleArray]:
        yield self.space.astype(np.float64)

    def work(self, context: DoubleArray, partition: range) -> tuple[IntArray, FloatArray]:
        """Rows int32 [partition, k] without the point itself, the nearest first, of equally near ones the first; and
        how far they are, float32 [partition, k]."""
        some = context[partition.start : partition.stop]
        squares = np.einsum("ij,ij->i", context, context)
        far = squares[None, :] - 2 * (some @ context.T)
        far += squares[partition.start : partition.stop, None]
        np.maximum(far, 0, out=far)
        far[np.arange(len(some)), np.arange(partition.start, partition.stop)] = np.inf
        edge = np.partition(far, self.k - 1, axis=1)[:, self.k - 1]
        rows = np.empty((len(some), self.k), dtype=np.int32)
        for at, line in enumerate(far):
            near = np.flatnonzero(line <= edge[at])
            rows[at] = near[np.argsort(line[near], kind="stable")][: self.k]
        return rows, np.sqrt(np.take_along_axis(far, rows, axis=1)).astype(np.float32)


def place(space: FloatArray, known: FloatArray, workers: Workers | None = None) -> FloatArray:
    """Where each point of `space` [n, directions] lies on a map: float32 [n, 2]. `known` [n, 2] holds the places of
    those that are on the map already, NaN for the others: these are placed among them and nothing is moved. A map that
    is mostly unknown is drawn anew, by t-SNE from the two main directions, the same each time; `workers` share the
    search for the neighbours of each (None: this process finds them).

    Poličar, Stražar, Zupan: openTSNE (Journal of Statistical Software 109, 2024).
    """
    there = ~np.isnan(known).any(axis=1)
    if there.all():
        return known
    if there.mean() < MOSTLY_KNOWN or there.sum() < FEWEST:
        return _drawn(space, workers or InProcess())
    from openTSNE import TSNEEmbedding  # pyright: ignore[reportMissingTypeStubs]
    from openTSNE.affinity import PerplexityBasedNN  # pyright: ignore[reportMissingTypeStubs]

    old = space[there]
    affinities = PerplexityBasedNN(
        old, perplexity=_perplexity(len(old)), metric="euclidean", method="exact", random_state=SEED
    )
    drawn = TSNEEmbedding(np.asarray(known[there], dtype=np.float64), affinities, random_state=SEED)
    places = known.copy()
    placed = drawn.transform(space[~there], perplexity=min(5, _perplexity(len(old))))  # pyright: ignore
    places[~there] = np.asarray(placed, dtype=np.float32)
    return places


def places_of(
    snapshot: Snapshot, kept: Mapping[str, tuple[float, float]], workers: Workers | None = None
) -> dict[str, tuple[float, float]]:
    """Where each community of the snapshot lies on the map, by id; those that are `kept` stay where they are."""
    ids = [community.id for community in snapshot.communities]
    known = np.array([kept.get(key, (np.nan, np.nan)) for key in ids], dtype=np.float32).reshape(-1, 2)
    if not np.isnan(known).any():
        return {key: kept[key] for key in ids}
    placed = place(domain_space(snapshot), known, workers).tolist()
    return {key: (x, y) for key, (x, y) in zip(ids, placed, strict=True)}


def _drawn(space: FloatArray, workers: Workers) -> FloatArray:
    if len(space) < FEWEST:
        return _two_directions(space)
    from openTSNE import TSNE  # pyright: ignore[reportMissingTypeStubs]
    from openTSNE.affinity import PerplexityBasedNN  # pyright: ignore[reportMissingTypeStubs]
    from openTSNE.nearest_neighbors import PrecomputedNeighbors  # pyright: ignore[reportMissingTypeStubs]

    perplexity = _perplexity(len(space))
    known = PrecomputedNeighbors(*neighbours(space, min(len(space) - 1, 3 * perplexity), workers))
    near: Any = PerplexityBasedNN(knn_index=known, perplexity=perplexity)
    drawing: Any = TSNE(initialization="pca", random_state=SEED)
    return np.asarray(drawing.fit(space.astype(np.float64), affinities=near), dtype=np.float32)


def neighbours(space: FloatArray, k: int, workers: Workers) -> tuple[IntArray, DoubleArray]:
    """The `k` nearest points to each of `space` [n, directions], nearest first: int32 [n, k] rows, and float64 [n, k]
    how far they are."""
    partitions = [range(start, min(start + BLOCK, len(space))) for start in range(0, len(space), BLOCK)]
    found = list(workers.run(Nearby(space, k), partitions))
    far = np.concatenate([lengths for _, lengths in found])
    return np.concatenate([rows for rows, _ in found]), far.astype(np.float64)


def _two_directions(space: FloatArray) -> FloatArray:
    found = np.zeros((len(space), 2), dtype=np.float32)
    wide = min(2, len(space) - 1, space.shape[1]) if len(space) else 0
    if wide > 0:
        found[:, :wide] = PCA(wide, random_state=SEED).fit_transform(space)  # pyright: ignore[reportUnknownMemberType]
    return found


def _perplexity(points: int) -> int:
    return min(PERPLEXITY, (points - 1) // 3)


def _lengths_of_one(rows: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


@dataclass(frozen=True)
class Heatmap:
    """Communities (rows of the snapshot) in an order in which those that are alike stand side by side; `text` how alike
    two texts are, `members` the larger share of members in common: float32 [rows, rows], from 0 to 1."""

    rows: IntArray
    text: FloatArray
    members: FloatArray


def rows_of(
    snapshot: Snapshot, pairs: Iterable[tuple[str, str]], others: Iterable[str], limit: int = ROWS
) -> tuple[IntArray, int]:
    """Which communities a heatmap has room for, those of the pairs (ids) first, and for how many there was none."""
    chosen = dict.fromkeys(key for pair in pairs for key in pair) | dict.fromkeys(others)
    rows = snapshot.rows(list(chosen)[:limit])
    return rows, len(chosen) - len(rows)


def heatmap(snapshot: Snapshot, rows: IntArray) -> Heatmap:
    """`rows`: which communities; a square matrix of them is held."""
    words = snapshot.lexical.vectors[rows]
    text = np.asarray((words @ words.T).toarray(), dtype=np.float32)
    if snapshot.vectors is not None:
        vectors = snapshot.vectors[rows]
        text = ((text + np.clip(vectors @ vectors.T, 0, 1)) / 2).astype(np.float32)
    here = np.flatnonzero(~snapshot.people.gone)
    inside = csr_array(snapshot.members[here][:, rows])
    shared = np.asarray((inside.T @ inside).toarray(), dtype=np.float32)
    least = np.minimum.outer(shared.diagonal(), shared.diagonal())
    members = (shared / np.maximum(least, 1)).astype(np.float32)
    order = _order(text + members)
    return Heatmap(rows[order], text[np.ix_(order, order)], members[np.ix_(order, order)])


def _order(alike: FloatArray) -> IntArray:
    """By average linkage of likeness from 0 to 2, the leaves turned so that neighbours are as alike as may be."""
    if len(alike) < 3:
        return np.arange(len(alike), dtype=np.int32)
    distance = np.clip(2 - alike, 0, 2).astype(np.float64)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    return np.asarray(leaves_list(tree), dtype=np.int32)
