"""EASE: which communities go together, in closed form.

Formula: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019). With the Gram matrix G of
the person x community matrix, P = inv(G + lambda I), B = -P / diag(P) by column, and a zero diagonal.
"""

# LAPACK's wrappers are made at run time: there are no types for what they return.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import get_lapack_funcs
from scipy.sparse import csr_array

FloatArray = NDArray[np.float32]

# The ridge, in units of the mean diagonal of G, so that one value fits organisations of any size. Rosters are
# sparse, most pairs of communities share no or one member: strong shrinkage, towards plain co-occurrence.
# This and DAMPING are the best of 20 pairs on the Apache rosters at the start of 2017 to 2020, for joins up
# to 2021 (see matcher.joins); at this damping 3 to 100 stay within 1 %.
SHRINKAGE = 10.0

# Columns are divided by members ** (DAMPING / 2): without it the largest communities dominate the matrix.
DAMPING = 0.5


def learn(members: csr_array, shrinkage: float = SHRINKAGE, damping: float = DAMPING) -> FloatArray:
    """Weights float32 [n, n] from memberships [people, n] of zeros and ones: `own @ weights` scores
    communities.

    Scaled by 1 + shrinkage, which leaves roughly the share of one community's members who are in the other. A
    community without members has zeros. One matrix is held; the Cholesky factorisation and the inverse are
    made in place in float32, so 10,000 communities take 0.4 GB.
    """
    n = int(members.shape[1])
    if n == 0 or members.nnz == 0:
        return np.zeros((n, n), dtype=np.float32)
    sizes = np.maximum(np.asarray(members.sum(axis=0), dtype=np.float32).ravel(), 1.0)
    damped = members.multiply(sizes[None, :] ** np.float32(-damping / 2)).tocsr().astype(np.float32)
    # Fortran order, so that LAPACK works on this very memory.
    gram: FloatArray = np.asfortranarray((damped.T @ damped).toarray(), dtype=np.float32)
    diagonal = np.einsum("ii->i", gram)
    diagonal += np.float32(shrinkage * float(diagonal.mean()))
    factorise, invert = get_lapack_funcs(("potrf", "potri"), (gram,))  # pyright: ignore[reportGeneralTypeIssues]  it returns a list for several names
    factor, failed = factorise(gram, lower=1, clean=1, overwrite_a=1)
    if failed == 0:
        factor, failed = invert(factor, lower=1, overwrite_c=1)
    if failed != 0:  # cannot be for a positive ridge, save for a roster of NaN
        raise ArithmeticError(f"The co-membership matrix has no inverse (LAPACK {failed}).")
    inverse: FloatArray = factor
    # Only the lower triangle is filled; mirror it column by column, without a second matrix.
    for column in range(n - 1):
        inverse[column, column + 1 :] = inverse[column + 1 :, column]
    inverse /= -np.diag(inverse).copy()[None, :]
    np.fill_diagonal(inverse, 0.0)
    balance = sizes ** np.float32(damping / 2)
    inverse *= (1.0 + shrinkage) * balance[None, :]
    inverse /= balance[:, None]
    return inverse
