"""What partitions of a catalogue cost and lose: how far memberships and nearest neighbours stay within a few of them.

    python -m tests.bench.partitions [--communities 200000 50000 ...] [--people 400000] [--each 800] [--seed 7]

Generated, not read: an organisation of branches with topics of their own; communities about a topic, few large and
most small; people of a branch who join mostly what is about their topics, now and then anything. Vectors are a topic's
direction and noise (unit length, `--dimension` numbers). Partitions are made two ways: by the hash of an id, and by
k-means of the vectors, whose centres are what every machine knows of the others. It prints how even they are, how many
partitions a person's communities lie in, what share of the pairs of communities that a person links lies in one
partition, and for a person who asks (the mean of their communities, and noise) how many of the ten nearest communities
are found where only the partitions of the nearest centres are looked at (recall at 10 against all of them), with the
share of the catalogue that is looked at and the time on one thread. What is true of a generated organisation need not
be of a real one: how much people mix is an option (`--mixing`).
"""

import argparse
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

BRANCHES = 64
TOPICS_A_BRANCH = 40
MEMBERSHIPS = 5  # of a person, on average, as in tests.bench.large_organisation
ASKED = 500
NEAREST = 10
PROBES = (1, 2, 4, 8, 16, 32)

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Organisation:
    """`vectors` [communities, dimension]; memberships as pairs (`person`, `community`), sorted by person."""

    vectors: Floats
    person: Ints
    community: Ints


def directions(rows: Floats) -> Floats:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def generated(communities: int, people: int, dimension: int, mixing: float, rng: np.random.Generator) -> Organisation:
    """`mixing`: the share of memberships that have nothing to do with a person's topics."""
    topics = BRANCHES * TOPICS_A_BRANCH
    branch = directions(rng.standard_normal((BRANCHES, dimension), dtype=np.float32))
    own = directions(rng.standard_normal((topics, dimension), dtype=np.float32))
    topic_vectors = directions(np.repeat(branch, TOPICS_A_BRANCH, axis=0) + own)
    # Some topics have many communities.
    weights = 1 / np.arange(1, topics + 1) ** 0.5
    topic = np.sort(rng.choice(topics, communities, p=rng.permutation(weights / weights.sum())))
    noise = directions(rng.standard_normal((communities, dimension), dtype=np.float32))
    vectors = directions(topic_vectors[topic] + 0.7 * noise)

    starts = np.searchsorted(topic, np.arange(topics + 1))
    number = rng.poisson(MEMBERSHIPS, people)
    person = np.repeat(np.arange(people), number)
    home = rng.integers(0, BRANCHES, people)
    # Three topics of one's branch.
    theirs = home[:, None] * TOPICS_A_BRANCH + rng.integers(0, TOPICS_A_BRANCH, (people, 3))
    wanted = theirs[person, rng.integers(0, 3, person.size)]
    size = starts[wanted + 1] - starts[wanted]
    # The first ones of a topic are its large ones: the cube of an even number is mostly small.
    chosen = starts[wanted] + (size * rng.random(person.size) ** 3).astype(np.int64)
    anything = (rng.random(person.size) < mixing) | (size == 0)
    chosen[anything] = rng.integers(0, communities, int(anything.sum()))
    pairs = np.unique(np.stack([person, chosen], axis=1), axis=0)
    return Organisation(vectors, pairs[:, 0], pairs[:, 1])


def clustered(vectors: Floats, partitions: int, seed: int) -> tuple[Ints, Floats]:
    """The partition of each community, and the centres [partitions, dimension], directions."""
    sample = vectors[np.random.default_rng(seed).permutation(len(vectors))[: 100 * partitions]]
    found = MiniBatchKMeans(partitions, random_state=seed, n_init=1, batch_size=4096, max_iter=20).fit(sample)
    centres = directions(found.cluster_centers_.astype(np.float32))
    blocks = [np.argmax(block @ centres.T, axis=1) for block in np.array_split(vectors, max(1, len(vectors) // 20_000))]
    return np.concatenate(blocks).astype(np.int64), centres


def spread(found: Organisation, partition: Ints) -> tuple[float, float, float]:
    """The largest partition over the mean one; partitions that a person's communities lie in, on average; the share of
    pairs of communities with a person in common that lies in one partition."""
    counts = np.bincount(partition)
    where = partition[found.community]
    touched = np.unique(np.stack([found.person, where], axis=1), axis=0)
    people = np.unique(found.person).size
    _, joined = np.unique(found.person, return_counts=True)
    _, together = np.unique(found.person * (partition.max() + 1) + where, return_counts=True)
    pairs, within = (joined * (joined - 1) / 2).sum(), (together * (together - 1) / 2).sum()
    return counts.max() / counts.mean(), len(touched) / people, within / pairs


def asking(found: Organisation, rng: np.random.Generator) -> Floats:
    """Vectors of people who are in something [ASKED, dimension]."""
    begins = np.flatnonzero(np.diff(found.person, prepend=-1))
    ends = np.append(begins[1:], found.person.size)
    rows: list[Floats] = []
    for one in rng.choice(begins.size, ASKED, replace=False):
        mine = found.vectors[found.community[begins[one] : ends[one]]]
        noise = directions(rng.standard_normal((1, mine.shape[1]), dtype=np.float32))[0]
        rows.append(mine.mean(axis=0) + 0.2 * noise)
    return directions(np.stack(rows))


def nearest(vectors: Floats, asked: Floats) -> Ints:
    scores = vectors @ asked
    few = np.argpartition(-scores, min(NEAREST, scores.size - 1))[:NEAREST]
    return few[np.argsort(-scores[few])]


def measured(communities: int, options: argparse.Namespace) -> None:
    rng, partitions = np.random.default_rng(options.seed), max(2, communities // options.each)
    found = generated(communities, options.people, options.dimension, options.mixing, rng)
    print(f"\n{communities:,} communities, {options.people:,} people, {found.person.size:,} memberships, "
          f"{partitions:,} partitions, mixing {options.mixing:.0%}")  # fmt: skip
    hashed = rng.integers(0, partitions, communities)
    began = time.perf_counter()
    partition, centres = clustered(found.vectors, partitions, options.seed)
    print(f"  k-means and assignment: {time.perf_counter() - began:.1f} s")
    for name, one in (("hash", hashed), ("k-means", partition)):
        largest, touched, within = spread(found, one)
        print(f"  {name:8} largest {largest:4.1f} times the mean; a person's communities lie in {touched:.2f} "
              f"partitions; {within:.1%} of pairs in one")  # fmt: skip

    order = np.argsort(partition, kind="stable")
    held = found.vectors[order]
    bounds = np.searchsorted(partition[order], np.arange(partitions + 1))
    queries = asking(found, rng)
    began = time.perf_counter()
    exact = [order[nearest(held, one)] for one in queries]
    everything = (time.perf_counter() - began) / len(queries)
    print(f"  all looked at: {1000 * everything:.2f} ms a person")
    for probes in (one for one in PROBES if one <= partitions):
        hits, looked = 0, 0
        began = time.perf_counter()
        for query, wanted in zip(queries, exact, strict=True):
            near = np.argpartition(-(centres @ query), min(probes, partitions - 1))[:probes]
            rows = np.concatenate([np.arange(bounds[one], bounds[one + 1]) for one in near])
            mine = np.concatenate([held[bounds[one] : bounds[one + 1]] for one in near])
            hits += np.intersect1d(order[rows[nearest(mine, query)]], wanted).size
            looked += rows.size
        took = (time.perf_counter() - began) / len(queries)
        print(f"  {probes:3} partitions: recall {hits / (NEAREST * len(queries)):.3f}, "
              f"{looked / len(queries) / communities:.2%} of the catalogue, {1000 * took:.2f} ms a person")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--communities", type=int, nargs="+", default=[50_000, 200_000, 800_000])
    parser.add_argument("--people", type=int, default=400_000)
    parser.add_argument("--each", type=int, default=800, help="communities of a partition, on average")
    parser.add_argument("--dimension", type=int, default=96)
    parser.add_argument("--mixing", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with threadpool_limits(1):
        for communities in options.communities:
            measured(communities, options)


if __name__ == "__main__":
    main()
