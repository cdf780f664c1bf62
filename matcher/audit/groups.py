"""Groups of likely duplicates in which every one is linked with every other: a chain is no group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform


@dataclass(frozen=True)
class Group:
    """Rows that are all linked, ascending, and the pair of them that is linked most weakly."""

    rows: tuple[int, ...]
    weakest: tuple[int, int]
    probability: float


def groups(
    one: Sequence[int], other: Sequence[int], probability: Sequence[float], number: int, least: float
) -> list[Group]:
    """Complete linkage over pairs (rows below `number`) of which each is a duplicate with that probability; a pair
    that is not given is none. Pairs below `least` link nothing. Largest group first.

    Only what hangs together at all is clustered, so that the square matrices are as small as that.
    """
    known = {(min(a, b), max(a, b)): p for a, b, p in zip(one, other, probability, strict=True) if p >= least}
    if not known:
        return []
    left, right = (np.array(side) for side in zip(*known, strict=True))
    graph = csr_array((np.ones(len(known)), (left, right)), shape=(number, number))
    _, component = connected_components(graph, directed=False)
    linked = np.unique(np.concatenate([left, right]))
    found: list[Group] = []
    for label in np.unique(component[linked]):
        rows = linked[component[linked] == label].tolist()
        for chosen in _complete(rows, known, least):
            pairs = [(a, b) for at, a in enumerate(chosen) for b in chosen[at + 1 :]]
            weakest = min(pairs, key=lambda pair: (known[pair], pair))
            found.append(Group(tuple(chosen), weakest, known[weakest]))
    return sorted(found, key=lambda group: (-len(group.rows), -group.probability, group.rows))


def _complete(rows: list[int], known: dict[tuple[int, int], float], least: float) -> list[list[int]]:
    """Those with two rows or more; `rows` ascend."""
    place = {row: at for at, row in enumerate(rows)}
    # Farther than any known pair can be: what is not linked never comes into one group.
    distance: NDArray[np.float64] = np.full((len(rows), len(rows)), 2.0)
    np.fill_diagonal(distance, 0)
    for (a, b), probability in known.items():
        if a in place and b in place:
            distance[place[a], place[b]] = distance[place[b], place[a]] = 1 - probability
    labels = fcluster(linkage(squareform(distance), "complete"), 1.5, "distance")
    clusters = [[row for row, at in zip(rows, labels, strict=True) if at == label] for label in np.unique(labels)]
    return [cluster for cluster in clusters if len(cluster) > 1]
