"""EASE: which communities go together, in closed form; of each only the strongest ties are kept.

Formula: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019). With the Gram matrix G of
the person x community matrix, P = inv(G + lambda I), B = -P / diag(P) by column, and a zero diagonal. A column of B is
the ridge regression of one community on all others. Where there are too many to invert a matrix of all pairs, each is
regressed on its closest neighbours alone, as in Steck, "Markov Random Fields for Collaborative Filtering" (NeurIPS
2019): the same solution where the neighbours are all the others.
"""

# LAPACK's wrappers are made at run time: there are no types for what they return.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve
from scipy.linalg.lapack import get_lapack_funcs
from scipy.sparse import csc_array, csr_array
from threadpoolctl import threadpool_limits

from matcher.partitions import InProcess, Workers

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# The ridge, in units of the mean diagonal of G, so that one value fits organisations of any size. Rosters are
# sparse, most pairs of communities share no or one member: strong shrinkage, towards plain co-occurrence.
# This and DAMPING are the best of 20 pairs on the Apache rosters at the start of 2017 to 2020, for joins up
# to 2021 (see matcher.joins); at this damping 3 to 100 stay within 1 %.
SHRINKAGE = 10.0

# Columns are divided by members ** (DAMPING / 2): without it the largest communities dominate the matrix.
DAMPING = 0.5

# Weights kept of each community, the strongest. Who is in a handful of communities is then led to a thousand others or
# so, of which they read ten; and 10,000 communities take 20 MB in place of 400. On the Apache rosters, of 240
# communities, 32 foretell as well as all.
KEPT = 256

# Up to so many communities the matrix of all pairs is inverted, 1.6 GB for these; twice as many would take four times
# the memory and eight times the time.
LARGEST_INVERTED = 20_000

# Others that a community is regressed on where not all can be: to solve for so many takes a millisecond or two.
NEIGHBOURS = 256

# Communities that are regressed in one partition: some seconds, and a megabyte of weights that travels back.
TOGETHER = 500

# Rows of a large matrix that are looked at in one go: a few of them fit the processor's cache.
BLOCK = 256


def learn(
    members: csr_array,
    shrinkage: float = SHRINKAGE,
    damping: float = DAMPING,
    kept: int = KEPT,
    largest_inverted: int = LARGEST_INVERTED,
    workers: Workers | None = None,
) -> csr_array:
    """Weights float32 [n, n] from memberships [people, n] of zeros and ones: `own @ weights` scores communities. Of
    each row the `kept` strongest are there, and no zeros. `workers` share what is done of each community by itself,
    where there are more than `largest_inverted`; None: this process does it. An inverse is made here in any case.

    Scaled by 1 + shrinkage, which leaves roughly the share of one community's members who are in the other. A
    community without members has none, and moves nobody else's. One matrix is held; the Cholesky factorisation and the
    inverse are made in place in float32, so 10,000 communities take 0.4 GB while they are learned.
    """
    n = int(members.shape[1])
    if n == 0 or members.nnz == 0:
        return csr_array((n, n)).astype(np.float32)
    sizes = np.maximum(np.asarray(members.sum(axis=0), dtype=np.float32).ravel(), 1.0)
    damped = csr_array(members.multiply(sizes[None, :] ** np.float32(-damping / 2))).astype(np.float32)
    gram = csr_array(damped.T @ damped)
    diagonal = np.asarray(gram.diagonal(), dtype=np.float64)
    ridge = np.float32(shrinkage * float(diagonal[diagonal > 0].mean()))
    balance = sizes ** np.float32(damping / 2)
    scale = np.float32(1.0 + shrinkage) * balance
    if n > largest_inverted:
        return _by_neighbours(Regressions(gram, ridge, scale, balance), kept, workers or InProcess())
    return _inverted(gram, ridge, scale, balance, kept)


def _inverted(gram: csr_array, ridge: np.float32, scale: FloatArray, balance: FloatArray, kept: int) -> csr_array:
    n = int(gram.shape[0])
    # Fortran order, so that LAPACK works on this very memory.
    full: FloatArray = np.zeros((n, n), dtype=np.float32, order="F")
    gram.toarray(out=full.T)  # it is symmetric
    np.einsum("ii->i", full)[:] += ridge
    factorise, invert = get_lapack_funcs(("potrf", "potri"), (full,))  # pyright: ignore[reportGeneralTypeIssues]  it returns a list for several names
    with threadpool_limits(os.cpu_count(), "blas"):  # a service keeps to one thread otherwise
        factor, failed = factorise(full, lower=1, clean=0, overwrite_a=1)
        if failed == 0:
            factor, failed = invert(factor, lower=1, overwrite_c=1)
    if failed != 0:  # cannot be for a positive ridge, save for a roster of NaN
        raise ArithmeticError(f"The co-membership matrix has no inverse (LAPACK {failed}).")
    inverse: FloatArray = factor  # its lower triangle
    by_column = -scale / np.diag(inverse)
    found: list[tuple[NDArray[np.int32], FloatArray, NDArray[np.int64]]] = []
    for start in range(0, n, BLOCK):
        end = min(start + BLOCK, n)
        rows = np.empty((end - start, n), dtype=np.float32)
        rows[:, :end] = inverse[start:end, :end]
        rows[:, start:] = np.where(
            np.arange(start, n)[None, :] > np.arange(start, end)[:, None], inverse[start:, start:end].T, rows[:, start:]
        )
        rows *= by_column[None, :]
        rows /= balance[start:end, None]
        rows[np.arange(end - start), np.arange(start, end)] = 0.0
        found.append(_strongest(rows, kept))
    indptr = np.concatenate([[0], np.cumsum(np.concatenate([counts for _, _, counts in found]))])
    indices = np.concatenate([columns for columns, _, _ in found])
    return csr_array((np.concatenate([values for _, values, _ in found]), indices, indptr.astype(np.int32)), (n, n))


def _strongest(rows: FloatArray, kept: int) -> tuple[NDArray[np.int32], FloatArray, NDArray[np.int64]]:
    """Columns and values of the strongest entries of each row, by row and column, and how many each row has."""
    if kept < rows.shape[1]:
        chosen = np.argpartition(np.abs(rows), -kept, axis=1)[:, -kept:]
        chosen.sort(axis=1)
        values = np.take_along_axis(rows, chosen, axis=1)
    else:
        chosen, values = np.broadcast_to(np.arange(rows.shape[1]), rows.shape), rows
    there = values != 0
    return chosen[there].astype(np.int32), values[there], there.sum(axis=1)


@dataclass(frozen=True)
class Regressions:
    """The job of `learn` where there are too many to invert: each community regressed on those that it shares most
    members with, as a share of theirs. It holds what all of them look at: `gram` float32 [n, n], the members that two
    have in common, and of each the factors of its column (`scale`) and of its row (`balance`), float32 [n]."""

    gram: csr_array
    ridge: np.float32
    scale: FloatArray
    balance: FloatArray

    @contextmanager
    def open(self) -> Generator[FloatArray]:
        yield np.asarray(self.gram.diagonal(), dtype=np.float32)

    def work(self, context: FloatArray, partition: range) -> tuple[IntArray, FloatArray, IntArray]:
        """Of some communities, one behind the other: the rows of their neighbours, their weights, and how many each
        has. Threads would wait for each other, the matrices are small; with one the last digit is the same anywhere."""
        with threadpool_limits(1, "blas"):
            found = [self._regressed(one, context) for one in partition]
        counts = np.array([len(columns) for columns, _ in found], dtype=np.int32)
        return np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found]), counts

    def _regressed(self, one: int, diagonal: FloatArray) -> tuple[IntArray, FloatArray]:
        gram, ridge = self.gram, self.ridge
        span = slice(gram.indptr[one], gram.indptr[one + 1])
        others, shared = gram.indices[span], gram.data[span]
        others, shared = others[others != one], shared[others != one]
        if len(others) > NEIGHBOURS:
            best = np.argpartition(shared / (diagonal[others] + ridge), -NEIGHBOURS)[-NEIGHBOURS:]
            best.sort()
            others, shared = others[best], shared[best]
        columns = np.asarray(others, dtype=np.int32)
        if not len(columns):
            return columns, np.asarray(shared, dtype=np.float32)
        near = np.asarray(gram[others][:, others].toarray(), dtype=np.float32)
        np.einsum("ii->i", near)[:] += ridge
        weights = solve(near, shared, assume_a="pos", overwrite_a=True, check_finite=False)
        return columns, np.asarray(weights, dtype=np.float32) * self.scale[one] / self.balance[others]


def _by_neighbours(job: Regressions, kept: int, workers: Workers) -> csr_array:
    n = int(job.gram.shape[0])
    partitions = [range(start, min(start + TOGETHER, n)) for start in range(0, n, TOGETHER)]
    found = list(workers.run(job, partitions))
    columns, values = np.concatenate([one for one, _, _ in found]), np.concatenate([one for _, one, _ in found])
    indptr = np.concatenate([[0], np.cumsum(np.concatenate([counts for _, _, counts in found]), dtype=np.int64)])
    by_row = csr_array(csc_array((values, columns, indptr), (n, n)))
    return _trimmed(by_row, kept)


def _trimmed(weights: csr_array, kept: int) -> csr_array:
    """The strongest entries of each row."""
    strength = np.abs(weights.data)
    stays = strength > 0
    for row in np.flatnonzero(np.diff(weights.indptr) > kept).tolist():
        span = slice(weights.indptr[row], weights.indptr[row + 1])
        weakest = np.argpartition(strength[span], -kept)[:-kept]
        stays[weights.indptr[row] + weakest] = False
    counts = np.add.reduceat(np.append(stays, False).astype(np.int64), weights.indptr[:-1])
    counts[np.diff(weights.indptr) == 0] = 0
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return csr_array((weights.data[stays], weights.indices[stays], indptr), weights.shape)


def moved(weights: csr_array, places: NDArray[np.integer], n: int) -> csr_array:
    """The same weights among `n` communities: `places` int [communities so far] are the rows that the old ones have
    now, in their old order, -1 for one that is no more. Where those that came and went have no members, this is what
    would be learned anew."""
    stays = places >= 0
    within = csr_array(weights[np.flatnonzero(stays)])
    columns = places[within.indices]
    there = columns >= 0
    row = np.repeat(places[stays], np.diff(within.indptr))[there]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))]).astype(np.int32)
    return csr_array((within.data[there], columns[there].astype(np.int32), indptr), (n, n))
