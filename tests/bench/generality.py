"""Which of two subjects is broader: learned from some public taxonomies, measured on others.

    python -m tests.bench.generality PACKAGES [--train]

PACKAGES is the folder of tests/bench/taxonomies.py. Each taxonomy is foretold by what all others teach. Pairs are one
level apart, at most eight narrower ones of a broader one, and for each pair there is one that is as different in words,
letters and "and" the other way round: others are left out, so that form alone orders half of them rightly.
WordNet nouns are a sample. With --train, the weights of all taxonomies are written to where the product reads them.
"""

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray
from scipy.sparse import vstack
from sklearn.linear_model import LogisticRegression

from matcher.audit.generality import WEIGHTS, kin, spelt
from matcher.embedding import Embedder, open_embedder
from tests.bench.taxonomies import Pair, load

FloatArray = NDArray[np.float64]
SEED = 0
CHILDREN = 8  # of one broader name
MOST = 12_000  # pairs of one taxonomy
RIDGE = {"meaning": 3.0, "letters": 1.0}
# Neighbours count beside the direction of a sum of vectors of length 1, whose entries are small.
KIN_SCALE = 0.1


@dataclass(frozen=True)
class Taxonomy:
    """Rows of the names of each pair, [pairs, 2], the broader first; `fair` are those that form does not tell."""

    names: list[str]
    vectors: NDArray[np.float32]
    letters: object
    kin: FloatArray
    kin_spelt: FloatArray
    crowd: FloatArray  # mean likeness to all others, and how many are near
    pairs: NDArray[np.int64]
    fair: NDArray[np.int64]


def taxonomy(pairs: Sequence[Pair], embedder: Embedder) -> Taxonomy:
    shuffled = list(pairs)
    random.Random(SEED).shuffle(shuffled)
    seen: Counter[str] = Counter()
    kept: list[Pair] = []
    for broader, narrower in shuffled:
        seen[broader] += 1
        if seen[broader] <= CHILDREN and len(kept) < MOST:
            kept.append((broader, narrower))
    names = sorted({name for pair in kept for name in pair})
    row = {name: at for at, name in enumerate(names)}
    vectors = embedder.encode(names)
    likeness = vectors @ vectors.T
    crowd = np.stack([likeness.mean(axis=1), (likeness > np.quantile(likeness[:2000], 0.99)).sum(axis=1)], axis=1)
    rows = np.array([[row[one], row[other]] for one, other in kept])
    return Taxonomy(
        names, vectors, spelt(names), kin(names, vectors), kin(names, None), crowd, rows, _fair(names, rows)
    )


def form(names: Sequence[str]) -> NDArray[np.int64]:
    """Words, letters, and whether a name is a list ("and", "&", a comma, a slash): [names, 3]."""
    return np.array(
        [
            (len(re.findall(r"\w+", name)), len(name), bool(re.search(r"\b(?:and|or)\b|[&,/]", name.lower())))
            for name in names
        ]
    )


def _fair(names: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    told = form(names)
    cells: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for at, (words, letters, lists) in enumerate((told[rows[:, 0]] - told[rows[:, 1]]).tolist()):
        step = 1 if abs(letters) <= 4 else 2 if abs(letters) <= 10 else 3
        cells[(max(-2, min(2, words)), int(np.sign(letters)) * step, lists)].append(at)
    chosen: list[int] = []
    draw = random.Random(SEED)
    for (words, letters, lists), some in sorted(cells.items()):
        mirrored = cells.get((-words, -letters, -lists), [])
        chosen += draw.sample(some, min(len(some), len(mirrored)))
    return rows[chosen]


def learned(taxonomies: Sequence[Taxonomy], by: str) -> tuple[FloatArray, FloatArray]:
    """Weights of the vectors (or letters) and of `kin`: a logistic regression on differences, without intercept."""
    blocks, weight = [], []
    for one in taxonomies:
        broader, narrower = one.pairs.T
        rows, near = (one.vectors, one.kin) if by == "meaning" else (one.letters, one.kin_spelt)
        both = [rows[broader] - rows[narrower], KIN_SCALE * (near[broader] - near[narrower])]
        blocks.append(np.hstack([part if by == "meaning" or at else part.toarray() for at, part in enumerate(both)]))
        weight.append(np.full(len(one.pairs), len(one.pairs) ** -0.5))  # large ones count more, but not alone
    apart, counted = np.vstack(blocks), np.concatenate(weight)
    model = LogisticRegression(C=RIDGE[by], fit_intercept=False, max_iter=300)
    model.fit(
        np.vstack([apart, -apart]),
        np.repeat([1, 0], len(apart)),
        sample_weight=np.tile(counted / counted.mean(), 2),
    )
    weights = model.coef_[0]
    return weights[:-2], weights[-2:] * KIN_SCALE


def right(pairs: NDArray[np.int64], scores: FloatArray) -> float:
    apart = scores[pairs[:, 0]] - scores[pairs[:, 1]]
    return float(np.mean(apart > 0) + np.mean(apart == 0) / 2)


def train(taxonomies: Sequence[Taxonomy]) -> None:
    meaning, near = learned(taxonomies, "meaning")
    letters, _ = learned(taxonomies, "letters")
    by_meaning = np.concatenate([one.vectors @ meaning for one in taxonomies])
    by_letters = np.asarray(vstack([one.letters for one in taxonomies]) @ letters)
    np.savez_compressed(
        WEIGHTS,
        meaning=(meaning / by_meaning.std()).astype(np.float16),
        letters=(letters / by_letters.std()).astype(np.float16),
        nearest=(near / by_meaning.std()).astype(np.float16),
        mean=np.array([by_meaning.mean() / by_meaning.std(), by_letters.mean() / by_letters.std()], dtype=np.float32),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("packages", type=Path)
    parser.add_argument("--train", action="store_true", help="write the weights to ship, of all taxonomies")
    parser.add_argument("--cache", type=Path, default=platformdirs.user_cache_path("guildmap") / "bench.sqlite")
    given = parser.parse_args(arguments)
    embedder = open_embedder(None, given.cache)
    known = {name: taxonomy(pairs, embedder) for name, pairs in load(given.packages).items()}
    if given.train:
        train(list(known.values()))
        return
    columns = (
        "pairs",
        "shorter",
        "has 'and'",
        "mean likeness",
        "near ones",
        "by letters",
        "by meaning",
        "guildmap",
    )
    print(f"{'held out':18}" + "".join(f"{column:>16}" for column in columns))
    table: list[list[float]] = []
    for name, one in known.items():
        others = [other for key, other in known.items() if key != name]
        meaning, near = learned(others, "meaning")
        letters, near_spelt = learned(others, "letters")
        told = form(one.names)
        scores = [
            -told[:, 1], told[:, 2], one.crowd[:, 0], one.crowd[:, 1],
            np.asarray(one.letters @ letters) + one.kin_spelt @ near_spelt, one.vectors @ meaning,
            one.vectors @ meaning + one.kin @ near,
        ]  # fmt: skip
        table.append([right(one.fair, score) for score in scores])
        print(f"{name:18}{len(one.fair):16}" + "".join(f"{share:16.3f}" for share in table[-1]), flush=True)
    print(f"{'mean':34}" + "".join(f"{share:16.3f}" for share in np.mean(table, axis=0)))


if __name__ == "__main__":
    main()
