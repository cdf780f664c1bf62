"""Which names and texts are of one domain: learned from public pairs, and measured against peers.

    python -m tests.bench.same_domain [--packages FOLDER] [--train]

tests/bench/domain_pairs.py tells of the pairs and of the peers; FOLDER is that of tests/bench/taxonomies.py, and holds
ESCO's skills. Weights are held out by topic or skill (five folds); the rules for short forms were written with errors
on aliases of topics in sight. What was not learned from a set of pairs is measured on it as it ships.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from matcher.audit.evidence import TEXT, Texts, compare_texts, text_evidence
from matcher.audit.generality import generality
from matcher.audit.names import narrower, words
from matcher.audit.verdict import (
    BARE,
    DESCRIBED,
    LIKELY,
    NAMED,
    PRIOR,
    TextWeights,
    levelled,
    restrained,
    text_log_odds,
)
from matcher.embedding import PACKAGED, Embedder, encode_documents, open_embedder
from tests import shared_data
from tests.bench import domain_pairs
from tests.bench.domain_pairs import Pairs, Topics, adds_words, catalogues, compared, together

FloatArray = NDArray[np.float32]
FOLDS = 5
PARTS = ("slopes", "others", "beyond")
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
RESAMPLES, SEED = 1_000, 0


def learned(pairs: Pairs) -> TextWeights:
    """From the nearest as negatives, as the audit meets them; all topics weigh the same."""
    chosen = pairs.only(pairs.sort != "related")
    values, same, weight = chosen.values.copy(), chosen.same, chosen.weight
    if not np.isnan(values[:, TEXT.index("words")]).all():
        # Texts against each other say it better than a name against a text, which is part of them.
        values[:, [at for at, name in enumerate(TEXT) if name.startswith(("name_meant", "name_words"))]] = np.nan
    others = _mean(values[~same], weight[~same])
    apart = _mean(values[same], weight[same]) - others
    model = LogisticRegression(C=10, max_iter=2000)
    model.fit(np.nan_to_num(values - others), same, sample_weight=weight)
    slopes, base = model.coef_[0], np.average(same, weights=weight)
    # Where odds are what they are before anything is known: so the neutral point takes the place of the intercept.
    share = (np.log(base / (1 - base)) - model.intercept_[0]) / (slopes @ apart)
    return TextWeights(*(tuple(row.tolist()) for row in (slopes, others, share * apart)))


def _mean(values: FloatArray, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each column, of what is known in it."""
    known = ~np.isnan(values)
    weighed = known * weight[:, None]
    return (np.nan_to_num(values) * weighed).sum(axis=0) / np.maximum(weighed.sum(axis=0), 1e-9)


def folds(groups: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The topics of each fold."""
    rows = np.unique(groups)
    return [rows[test] for _, test in GroupKFold(FOLDS).split(rows, groups=rows)]


def held_out(pairs: Pairs, held: Sequence[NDArray[np.int64]]) -> list[TextWeights]:
    """For each fold what is learned from the others."""
    return [learned(pairs.only(~np.isin(pairs.group, topics))) for topics in held]


@dataclass(frozen=True)
class Measured:
    """Pairs with the log-odds that guildmap gives them and what length alone tells, float32 [pairs] each."""

    name: str
    pairs: Pairs
    odds: FloatArray
    lengths: FloatArray

    @property
    def methods(self) -> dict[str, FloatArray]:
        return {"length alone": self.lengths, **self.pairs.peers, "guildmap": self.odds}


def by_folds(name: str, pairs: Pairs, weights: Sequence[TextWeights], held: Sequence[NDArray[np.int64]]) -> Measured:
    """With what was learned from other topics or skills than those of the pair."""
    odds = np.zeros(len(pairs.same), dtype=np.float32)
    for topics, ours in zip(held, weights, strict=True):
        here = np.isin(pairs.group, topics)
        odds[here] = text_log_odds(pairs.values[here], ours, ours, ours)
    return Measured(name, pairs, odds, _by_length(pairs))


def as_shipped(name: str, pairs: Pairs) -> Measured:
    return Measured(name, pairs, text_log_odds(pairs.values, levelled(pairs.values)), _by_length(pairs))


def _by_length(pairs: Pairs) -> FloatArray:
    """Learned from other groups of the same pairs."""
    found = np.zeros(len(pairs.same), dtype=np.float32)
    for topics in folds(pairs.group):
        here = np.isin(pairs.group, topics)
        model = LogisticRegression(max_iter=2000)
        model.fit(pairs.lengths[~here], pairs.same[~here], sample_weight=pairs.weight[~here])
        found[here] = model.decision_function(pairs.lengths[here])
    return found


class Precision:
    """Average precision of a ranking, for many weights of its pairs: those of one score come in together."""

    def __init__(self, scores: FloatArray, same: NDArray[np.bool_]) -> None:
        self.order = np.argsort(-scores, kind="stable")
        self.same = same[self.order]
        self.ends = np.flatnonzero(np.append(np.diff(scores[self.order]) != 0, True))

    def average(self, weight: NDArray[np.float64]) -> float:
        ordered = weight[self.order]
        true = np.cumsum(ordered * self.same)[self.ends]
        every = np.cumsum(ordered)[self.ends]
        gained = np.diff(true, prepend=0.0)
        return float((gained * true / np.maximum(every, 1e-12)).sum() / true[-1])


def print_rows(measured: Measured) -> None:
    """Average precision of each method, against related ones and the nearest. `less the best` is guildmap's less that
    of the best peer, with its 95 % interval over resampled topics, skills or communities."""
    for sort in ("related", "near"):
        chosen = measured.pairs.same | (measured.pairs.sort == sort)
        if (measured.pairs.sort == sort).any():
            print(f"\n{measured.name}, {sort}")
            for name, value in _cells(measured, chosen, sort == "near").items():
                print(f"  {name:24}{value}", flush=True)


def _cells(measured: Measured, chosen: NDArray[np.bool_], at_threshold: bool) -> dict[str, str]:
    pairs, weight = measured.pairs.only(chosen), measured.pairs.weight[chosen]
    cells = {"pairs": f"{len(pairs.same)}", "base rate": f"{np.average(pairs.same, weights=weight):.3f}"}
    rankings = {name: Precision(scores[chosen], pairs.same) for name, scores in measured.methods.items()}
    averages = {name: ranking.average(weight) for name, ranking in rankings.items()}
    cells |= {name: f"{average:.3f}" for name, average in averages.items()}
    best = max(measured.pairs.peers, key=lambda name: averages[name])
    _, group = np.unique(pairs.group, return_inverse=True)
    number, draw = int(group.max()) + 1, np.random.default_rng(SEED)
    gains: list[float] = []
    for _ in range(RESAMPLES):
        times = np.bincount(draw.integers(0, number, number), minlength=number)[group] * weight
        gains.append(rankings["guildmap"].average(times) - rankings[best].average(times))
    low, high = np.quantile(gains, (0.025, 0.975))
    cells["less the best"] = f"{averages['guildmap'] - averages[best]:.3f} [{low:.3f}, {high:.3f}] {best}"
    if at_threshold:
        flagged = probability(measured.odds[chosen]) >= LIKELY
        cells["precision at 0.5"] = f"{np.average(pairs.same[flagged], weights=weight[flagged]):.3f}"
        cells["recall at 0.5"] = f"{np.average(flagged[pairs.same], weights=weight[pairs.same]):.3f}"
    return cells


def probability(odds: FloatArray) -> FloatArray:
    """As the audit says it of pairs of which nothing but texts is known."""
    return np.asarray(1 / (1 + np.exp(-(restrained(odds) + np.log(PRIOR / (1 - PRIOR))))), dtype=np.float32)


def print_reliability(measured: Measured) -> None:
    """Against the nearest, by bins of what is said."""
    kind = measured.pairs.sort != "related"
    said, same, weight = probability(measured.odds[kind]), measured.pairs.same[kind], measured.pairs.weight[kind]
    print("  said, true, pairs: ", end="")
    for low, high in pairwise(BINS):
        within = (said >= low) & (said <= high if high == 1 else said < high)
        if within.any():
            means = (np.average(values[within], weights=weight[within]) for values in (said, same))
            print(*(f"{mean:.2f}" for mean in means), int(within.sum()), end="; ")
    print(flush=True)


def places(scores: FloatArray, owner: NDArray[np.int64]) -> FloatArray:
    own = scores[np.arange(len(owner)), owner][:, None]
    return 1 + (scores > own).sum(axis=1) + ((scores == own).sum(axis=1) - 1) / 2


def print_ranking(
    topics: Topics, embedder: Embedder, weights: Sequence[TextWeights], held: Sequence[NDArray[np.int64]]
) -> None:
    """Every alias ranks all topics; topics of no fold are ranked by the first fold's weights."""
    number, bodies = len(topics.names), [topics.whole(row) for row in range(len(topics.names))]
    documents = list(zip(topics.names, bodies, strict=True))
    vectors = encode_documents(embedder, documents)
    asked = embedder.encode(topics.aliases)
    texts = Texts.of(
        [*topics.names, *topics.aliases], [*bodies, *[""] * len(topics.aliases)], np.concatenate([vectors, asked]),
        np.concatenate([embedder.encode(topics.names), asked]),
    )  # fmt: skip
    fold_of = {int(topic): fold for fold, rows in enumerate(held) for topic in rows}
    every = np.arange(number, dtype=np.int32)
    crowds = domain_pairs.crowds(texts, np.arange(number, len(texts.names)), np.arange(number))
    ours = np.zeros((len(topics.aliases), number), dtype=np.float32)
    for row, owner in enumerate(topics.owner.tolist()):
        one = np.full(number, number + row, dtype=np.int32)
        values = text_evidence(compare_texts(texts, one, every), one, every, crowds)
        ours[row] = text_log_odds(values, *[weights[fold_of.get(owner, 0)]] * 3)
    written = [f"{name}\n{body}" for name, body in documents]
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    characters = vectorizer.fit_transform(written)
    methods = {
        "character TF-IDF": (vectorizer.transform(topics.aliases) @ characters.T).toarray(),
        "all-MiniLM-L6-v2": asked @ embedder.encode(written).T,
        "all-MiniLM-L6-v2, mean of passages": asked @ vectors.T,
        "guildmap": ours,
    }
    plain = np.array([not adds_words(a, topics.names[o]) for a, o in zip(topics.aliases, topics.owner, strict=True)])
    weight = 1 / np.bincount(topics.owner)[topics.owner]
    print(f"\n{len(topics.aliases)} aliases, each to its topic among {number}: MRR, hit@1")
    print(f"{'':36}{'all':>16}{'no words added':>16}{'mean of topics':>16}")
    for method, scores in methods.items():
        at = places(scores, topics.owner)
        cells = [
            (np.mean(1 / at), np.mean(at == 1)),
            (np.mean(1 / at[plain]), np.mean(at[plain] == 1)),
            (np.average(1 / at, weights=weight), np.average(at == 1, weights=weight)),
        ]
        print(f"{method:36}" + "".join(f"{mrr:9.3f}{hit:7.3f}" for mrr, hit in cells), flush=True)


def print_narrower(topics: Topics, embedder: Embedder) -> None:
    """Of aliases that add words to their topic's name, and so are narrower: how often the audit takes both for one
    domain, by the alias alone and the topic's text, how often it then says that the alias lies within the topic, and
    how often the generality model takes the topic's name for the broader one."""
    chosen = [
        at for at, owner in enumerate(topics.owner.tolist()) if adds_words(topics.aliases[at], topics.names[owner])
    ]
    owner, number = topics.owner[chosen], len(topics.names)
    asked = [topics.aliases[at] for at in chosen]
    documents = [(name, topics.whole(row)) for row, name in enumerate(topics.names)]
    names = [*topics.names, *asked]
    of_names = embedder.encode(names)
    vectors = np.concatenate([encode_documents(embedder, documents), of_names[number:]])
    texts = Texts.of(names, [*(body for _, body in documents), *[""] * len(asked)], vectors, of_names)
    one, other = np.arange(number, len(names), dtype=np.int32), owner.astype(np.int32)
    crowds = domain_pairs.crowds(texts, np.arange(number, len(names)), np.arange(number))
    values = text_evidence(compare_texts(texts, one, other), one, other, crowds)
    one_domain = probability(text_log_odds(values, DESCRIBED)) >= LIKELY
    general = generality(names, of_names, PACKAGED)
    broader = general[owner] > general[number:]
    weight = 1 / np.bincount(owner)[owner]
    print(f"\n{len(asked)} aliases that add words to their topic, all and mean of topics")
    within = one_domain & np.array(
        [narrower(words(one), words(topics.names[row])) == 0 for one, row in zip(asked, owner, strict=True)]
    )
    for what, true in (("one domain", one_domain), ("contained", within), ("the topic is the broader", broader)):
        print(f"{what:26}{true.mean():.3f} {np.average(true, weights=weight):.3f}")


def print_weights(name: str, weights: TextWeights) -> None:
    for what in PARTS:
        print(f"{name} {what}=({', '.join(f'{value:.2f}' for value in getattr(weights, what))})")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--packages", type=Path, help="folder of tests/bench/taxonomies.py, for ESCO's skills")
    parser.add_argument("--train", action="store_true", help="print the weights to ship, of all pairs, and no more")
    parser.add_argument("--cache", type=Path, default=platformdirs.user_cache_path("guildmap") / "bench.sqlite")
    given = parser.parse_args(arguments)
    folder = shared_data.folder()
    if not (folder / "github_topics").is_dir():
        parser.exit(1, f"No data at {folder}. {shared_data.WANTED}\n")
    topics, embedder = domain_pairs.topics(folder / "github_topics"), open_embedder(None, given.cache)
    sets = [
        ("NAMED", "bare alias against topic", domain_pairs.of_topics(topics, False, True)),
        ("DESCRIBED", "alias with a sentence against topic", domain_pairs.of_topics(topics, True, True)),
    ]
    if given.packages:
        sets.insert(1, ("BARE", "ESCO's labels, bare names", domain_pairs.of_esco(given.packages)))
    else:
        print("ESCO left out: no --packages.")
    if domain_pairs.SemHash is None:
        print("semhash left out: it is not installed (pip install semhash, in an environment to be thrown away).")
    again: dict[str, TextWeights] = {}
    ranked: tuple[list[TextWeights], list[NDArray[np.int64]]] = [], []
    for name, title, given_pairs in sets:
        parts = {title: compared(given_pairs, embedder, not given.train)}
        if name == "DESCRIBED":
            # What communities of one organisation are like: nearer to each other, and fewer.
            narrow = [compared(one, embedder, not given.train) for one in catalogues(given_pairs, embedder)]
            parts["the same within catalogues of near topics"] = together(narrow)
        pairs = together(list(parts.values()))
        again[name] = learned(pairs)
        if given.train:
            print_weights(name, again[name])
            continue
        held = folds(pairs.group)
        weights = held_out(pairs, held)
        for part, some in parts.items():
            measured = by_folds(part, some, weights, held)
            print_rows(measured)
            print_reliability(measured)
        if name == "NAMED":
            ranked = weights, held
    if given.train:
        return
    for title, given_pairs in (
        ("bare alias against topic's bare name", domain_pairs.of_topics(topics, False, False)),
        ("two texts of one project, Apache", domain_pairs.of_apache(shared_data.bundle("apache"))),
        ("two texts of one group, Kubernetes", domain_pairs.of_kubernetes(shared_data.bundle("kubernetes"))),
    ):
        measured = as_shipped(title, compared(given_pairs, embedder))
        print_rows(measured)
        print_reliability(measured)
    print_narrower(topics, embedder)
    print_ranking(topics, embedder, *ranked)
    shipped = {"NAMED": NAMED, "DESCRIBED": DESCRIBED, "BARE": BARE}
    for name, ours in again.items():
        same = all(np.allclose(getattr(ours, what), getattr(shipped[name], what), atol=0.011) for what in PARTS)
        print(f"{name}: what is shipped is {'' if same else 'NOT '}what is learned here")
        if not same:
            print_weights(name, ours)


if __name__ == "__main__":
    main()
