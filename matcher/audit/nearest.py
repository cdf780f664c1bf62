"""The nearest of all to each of many things, exactly, by the cosines of dense and of sparse rows together.

Every pair is looked at once, for both sides: the square of all pairs is cut into tiles, the tiles above its diagonal
are computed, and of each tile what is better than the worst of the best so far, of the row or of the column, is kept.
Most of a tile falls at that one comparison. No square matrix is kept.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from matcher.partitions import InProcess, Workers

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
KeyArray = NDArray[np.uint64]

# Rows and columns of a tile: 4 MB, so that it is still in the cache when it is compared.
BLOCK = 1024

# Pieces of the work where several share it: some for each of many workers, each large beside what it sends, which are 8
# bytes for each of the nearest of each row.
PIECES = 16

# A column that so large a share of the rows holds is cheaper as a dense one: its part of a sparse product grows with
# the square of its entries, at some nanoseconds each, that of a dense one is n² at fractions of one.
COMMON = 0.08

# A key is a number that sorts as (row in its block, value downwards, other row) does: 10, 32 and 22 bits.
OTHER_BITS, VALUE_BITS = np.uint64(22), np.uint64(32)
MOST = 2**22
_OTHER = np.uint64(MOST - 1)
_WITHOUT_ROW = np.uint64(2**54 - 1)
_LOWEST = np.float32(np.finfo(np.float32).min)


@dataclass(frozen=True)
class Tiles:
    """The job of `nearest_of_all`: the tiles of some rows of blocks, from the diagonal on. The nearest within them are
    merged with those of others, of whichever order."""

    whole: FloatArray
    rare: csr_matrix
    k: int

    @contextmanager
    def open(self) -> Generator[list[csr_matrix]]:
        # By column, of each block of rows: what a sparse product of a block with it runs over.
        yield [self.rare[span].T.tocsr() for span in _spans(len(self.whole))] if self.rare.nnz else []

    def work(self, context: list[csr_matrix], partition: range) -> tuple[int, KeyArray]:
        """`partition`: numbers of rows of blocks. The first row that is spoken of, and the keys of its nearest and of
        those of all rows behind it."""
        spans, room = _spans(len(self.whole)), np.empty(min(BLOCK, len(self.whole)) ** 2, dtype=np.float32)
        best = _Best(len(self.whole), self.k)
        for at in partition:
            rows, mine = spans[at], self.rare[spans[at]]
            for column, others in enumerate(spans[at:], start=at):
                shape = (rows.stop - rows.start, others.stop - others.start)
                tile = room[: shape[0] * shape[1]].reshape(shape)
                np.matmul(self.whole[rows], self.whole[others].T, out=tile)
                if context:
                    _add(tile, mine @ context[column])
                if column == at:
                    np.fill_diagonal(tile, -np.inf)
                else:
                    best.take(others.start, rows.start, tile, owners=1)
                best.take(rows.start, others.start, tile, owners=0)
        first = spans[partition.start].start
        return first, best.keys[first:]


def _spans(number: int) -> list[slice]:
    return [slice(start, min(start + BLOCK, number)) for start in range(0, number, BLOCK)]


def pieces(blocks: int, number: int) -> list[range]:
    """Rows of blocks in `number` pieces, or fewer, of about as many tiles: the first rows have the most."""
    found: list[range] = []
    start = tiles = 0
    for at in range(blocks):
        tiles += blocks - at
        if 2 * tiles * number >= blocks * (blocks + 1) * (len(found) + 1):
            found.append(range(start, at + 1))
            start = at + 1
    return found


def nearest_of_all(
    dense: FloatArray | None, sparse: Sequence[csr_matrix], k: int, workers: Workers | None = None
) -> tuple[IntArray, FloatArray]:
    """The `k` others to which the sum of the products of rows is largest, largest first, of equal ones the smaller row
    first: int32 [n, k] rows, and float32 [n, k] the sums.

    `dense` is float32 [n, dimension], `sparse` any number of float32 [n, columns]. `workers` share the tiles; None: all
    are looked at here. Raises ValueError where `k` is below 1 or not below n, and above 4 million rows.
    """
    whole, rare = _parts(dense, sparse)
    number = whole.shape[0]
    if not 0 < k < number <= MOST:
        raise ValueError(f"k must be from 1 to {number - 1} among {number} rows, and these at most {MOST}")
    job, blocks = Tiles(whole, rare, k), len(_spans(number))
    best = _Best(number, k)
    # In one piece what was found so far tells soon what need not be looked at closely.
    for first, keys in (workers or InProcess()).run(job, pieces(blocks, PIECES if workers else 1)):
        best.merge(first, keys)
    return best.rows(), best.values()


def renewed(
    before: tuple[IntArray, FloatArray], kept: IntArray, dense: FloatArray | None, sparse: Sequence[csr_matrix], k: int
) -> tuple[IntArray, FloatArray]:
    """What `nearest_of_all` would give, from what it gave `before` of rows of which most are the same still.

    `kept` int32 [n] tells which row before each row is, in the same order, -1 for what is new or not the same. Costs
    as much as the rows that are not kept, and those of which one of the nearest is not.
    """
    rows, values = before
    number = len(kept)
    if rows.shape[1] != k or not 0 < k < number:
        return nearest_of_all(dense, sparse, k)
    place = np.full(len(rows), -1, dtype=np.int32)
    place[kept[kept >= 0]] = np.flatnonzero(kept >= 0)
    there = np.where(kept[:, None] >= 0, place[rows[kept]], -1)
    stale = (there < 0).any(axis=1)
    new = np.flatnonzero(kept < 0)
    keys = np.full((number, k), 0, dtype=np.uint64)
    for some in np.array_split(np.flatnonzero(stale), max(1, -(-int(stale.sum()) // BLOCK))):
        products = _products(dense, sparse, some)
        products[np.arange(len(some)), some] = -np.inf
        found = _keys_of(products) | np.arange(number, dtype=np.uint64)
        keys[some] = np.sort(np.partition(found, k - 1, axis=1)[:, :k], axis=1)
    still = np.flatnonzero(~stale)
    known = _keys_of(values[kept[still]]) | there[still].astype(np.uint64)
    added = _keys_of(_products(dense, sparse, new)[:, still].T) | new.astype(np.uint64)
    keys[still] = np.sort(np.concatenate([known, added], axis=1), axis=1)[:, :k]
    return (keys & _OTHER).astype(np.int32), _values_of(keys)


def _products(dense: FloatArray | None, sparse: Sequence[csr_matrix], rows: NDArray[np.intp]) -> FloatArray:
    """Of some rows with all, float32 [rows, n]."""
    number = len(dense) if dense is not None else sparse[0].shape[0]
    found = np.zeros((len(rows), number), dtype=np.float32) if dense is None else dense[rows] @ dense.T
    for one in sparse:
        found += (one[rows] @ one.T).toarray()
    return found


def _parts(dense: FloatArray | None, sparse: Sequence[csr_matrix]) -> tuple[FloatArray, csr_matrix]:
    """All as one dense and one sparse matrix: common columns of the sparse ones are dense."""
    if not sparse:
        whole = np.zeros((0, 0), np.float32) if dense is None else np.ascontiguousarray(dense, dtype=np.float32)
        return whole, csr_matrix((len(whole), 0)).astype(np.float32)
    together = csr_matrix(hstack(sparse, format="csr"))
    held = np.bincount(together.indices, minlength=together.shape[1])
    common = held > COMMON * together.shape[0]
    wide = np.asarray(together[:, np.flatnonzero(common)].toarray(), dtype=np.float32)
    rare = csr_matrix(together[:, np.flatnonzero(~common & (held > 1))]).astype(np.float32)
    whole = wide if dense is None else np.concatenate([dense, wide], axis=1) if wide.shape[1] else dense
    return np.ascontiguousarray(whole, dtype=np.float32), rare


def _add(tile: FloatArray, product: csr_matrix) -> None:
    starts = np.arange(0, tile.size, tile.shape[1], dtype=np.int64)
    rows: NDArray[np.int64] = np.repeat(starts, np.diff(product.indptr))
    tile.reshape(-1)[rows + product.indices] += product.data


class _Best:
    """The best of each row so far. Others must be taken in ascending order, so that of equal ones the first stay."""

    def __init__(self, number: int, k: int) -> None:
        # Sorts behind everything, and is the key of minus infinity.
        self.keys: KeyArray = np.full((number, k), _keys_of(np.array([-np.inf], np.float32))[0] | _OTHER)
        self.least = np.full(number, -np.inf, dtype=np.float32)

    def take(self, owner: int, other: int, tile: FloatArray, owners: int) -> None:
        """Of a tile what is better than what there is. Its axis `owners` are the rows from `owner` on whose best these
        are, the other axis the rows from `other` on."""
        size, k = tile.shape[owners], self.keys.shape[1]
        least = self.least[owner : owner + size]
        if np.isneginf(least).any():
            floor = np.maximum(least, _kth(tile, k, owners))
            floor = np.maximum(floor, _LOWEST)
            mask = tile >= (floor[:, None] if owners == 0 else floor)
        else:
            mask = tile > (least[:, None] if owners == 0 else least)
        found = np.flatnonzero(mask)
        if not len(found):
            return
        row, column = np.divmod(found, tile.shape[1])
        mine, others = (row, column) if owners == 0 else (column, row)
        new = _keys_of(tile.reshape(-1)[found]) | (others + other).astype(np.uint64)
        counts = np.bincount(mine, minlength=size)
        touched = np.flatnonzero(counts)
        place = VALUE_BITS + OTHER_BITS
        kept = self.keys[owner + touched] | (touched.astype(np.uint64) << place)[:, None]
        keys = np.sort(np.concatenate([kept.ravel(), new | (mine.astype(np.uint64) << place)]))
        starts = np.cumsum(counts[touched] + k) - counts[touched] - k
        keys = keys[starts[:, None] + np.arange(k)] & _WITHOUT_ROW
        self.keys[owner + touched] = keys
        self.least[owner + touched] = _values_of(keys[:, -1])

    def merge(self, first: int, keys: KeyArray) -> None:
        """Takes in what was found of the rows from `first` on. Equal sums are in the order of rows, as in one piece."""
        both = np.concatenate([self.keys[first:], keys], axis=1)
        both.sort(axis=1)
        self.keys[first:] = both[:, : keys.shape[1]]

    def rows(self) -> IntArray:
        return (self.keys & _OTHER).astype(np.int32)

    def values(self) -> FloatArray:
        return _values_of(self.keys)


def _kth(tile: FloatArray, k: int, owners: int) -> FloatArray:
    """The k-th largest of each, minus infinity where there are not so many."""
    size, width = int(tile.shape[owners]), int(tile.shape[1 - owners])
    if k > width:
        return np.full(size, -np.inf, dtype=np.float32)
    lines = np.array(tile if owners == 0 else tile.T, dtype=np.float32, order="C")
    lines.partition(width - k, axis=1)
    return np.asarray(lines[:, width - k], dtype=np.float32)


def _keys_of(values: FloatArray) -> KeyArray:
    """Whole numbers that are the smaller the larger a value is, above the bits of the other row."""
    bits = (values + np.float32(0)).view(np.uint32)  # without zeros below zero
    upwards = np.where(bits >> 31, ~bits, bits | np.uint32(2**31))
    return (~upwards).astype(np.uint64) << OTHER_BITS


def _values_of(keys: KeyArray) -> FloatArray:
    upwards = ~(keys >> OTHER_BITS).astype(np.uint32)
    bits = np.asarray(np.where(upwards >> 31, upwards & np.uint32(2**31 - 1), ~upwards), dtype=np.uint32)
    return bits.view(np.float32)
