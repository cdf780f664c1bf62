"""The nearest of all, in tiles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from matcher.audit import nearest
from matcher.audit.nearest import nearest_of_all, pieces
from matcher.partitions import InProcess

FloatArray = NDArray[np.float32]


def by_sorting(products: FloatArray, k: int) -> NDArray[np.intp]:
    np.fill_diagonal(products, -np.inf)
    return np.argsort(-products, axis=1, kind="stable")[:, :k]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_tiles_give_what_sorting_all_products_would_ties_included(seed: int) -> None:
    random = np.random.default_rng(seed)
    number = int(random.integers(2, 50))
    k = int(random.integers(1, number))
    # Small whole numbers: many products are equal, and none depends on the order in which it is summed up.
    dense = random.integers(-2, 3, size=(number, int(random.integers(5)))).astype(np.float32)
    shares = random.random(int(random.integers(3)))
    sparse = [random.integers(-2, 3, size=(number, 6)) * (random.random((number, 6)) < share) for share in shares]
    products = dense @ dense.T + sum((one @ one.T for one in sparse), np.zeros((number, number)))
    wanted = by_sorting(products.astype(np.float32), k)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "BLOCK", int(random.integers(1, 9)))
        patch.setattr(nearest, "COMMON", float(random.random()))
        rows = [csr_matrix(one).astype(np.float32) for one in sparse]
        found, values = nearest_of_all(dense, rows, k)
        patch.setattr(nearest, "PIECES", int(random.integers(1, 9)))
        shared = nearest_of_all(dense, rows, k, InProcess())
    assert np.array_equal(found, wanted)
    assert np.array_equal(shared[0], found)
    assert np.array_equal(shared[1], values)
    assert np.array_equal(values, np.take_along_axis(products, wanted, axis=1))


def test_more_than_a_tile_of_vectors_gives_the_nearest_of_each() -> None:
    random = np.random.default_rng(3)
    vectors = random.standard_normal((2500, 24)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found, values = nearest_of_all(vectors, [], 20)
    products = vectors.astype(np.float64) @ vectors.T
    np.fill_diagonal(products, -np.inf)
    assert np.allclose(values, -np.sort(-products, axis=1)[:, :20], atol=1e-5)
    assert np.allclose(np.take_along_axis(products, found, axis=1), values, atol=1e-5)
    assert all(len(set(row)) == 20 for row in found.tolist())


def test_without_vectors_sparse_rows_are_compared_alone() -> None:
    rows = csr_matrix(np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 0]], dtype=np.float32))
    found, values = nearest_of_all(None, [rows], 2)
    assert found.tolist() == [[2, 1], [2, 0], [0, 1], [0, 1]]
    assert values.tolist() == [[1, 0], [1, 0], [1, 1], [0, 0]]


@pytest.mark.parametrize("k", [0, 3])
def test_as_many_neighbours_as_there_are_others_at_most(k: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 2 among 3 rows"):
        nearest_of_all(np.eye(3, dtype=np.float32), [], k)


@given(st.integers(1, 300), st.integers(1, 20))
def test_pieces_hold_each_row_of_blocks_once_and_about_as_many_tiles(blocks: int, number: int) -> None:
    found = pieces(blocks, number)
    assert [at for piece in found for at in piece] == list(range(blocks))
    assert len(found) <= number
    tiles = [sum(blocks - at for at in piece) for piece in found]
    assert max(tiles) <= blocks * (blocks + 1) / 2 / number + blocks
