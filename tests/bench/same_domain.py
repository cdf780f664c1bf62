"""Which names and texts are of one domain: aliases of topics against related topics, learned and measured.

    python -m tests.bench.same_domain [--train]

A pair is a bare alias and a topic with its text, or an alias with the topic's first sentence and the topic with the
rest (all words of both names taken out). Negatives have the same form: the alias against a related topic, or against
one of the twenty nearest. Aliases that merely add words to the topic's name are narrower, and left out except in the
ranking. Weights are held out by topic (five folds); the rules for short forms were written with errors on this data in
sight. paraphrase_mining of sentence-transformers ranks as the cosine of its model does.
"""

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GroupKFold

from matcher.audit.evidence import TEXT, Texts, compare_texts
from matcher.audit.names import words
from matcher.audit.verdict import DESCRIBED, NAMED, TextWeights, text_log_odds
from matcher.embedding import Embedder, encode_documents, open_embedder
from matcher.lexical import stem
from tests import shared_data

FloatArray = NDArray[np.float32]
NEAREST = 20
FOLDS = 5
PARTS = ("slopes", "others", "beyond")
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


@dataclass(frozen=True)
class Topics:
    names: tuple[str, ...]
    first: tuple[str, ...]  # sentence
    rest: tuple[str, ...]
    aliases: tuple[str, ...]  # those that are no spelling variants of the topic
    owner: NDArray[np.int64]  # row of the topic of each alias
    related: frozenset[frozenset[int]]

    def whole(self, row: int) -> str:
        return f"{self.first[row]}\n{self.rest[row]}"


@dataclass(frozen=True)
class Pairs:
    """Text evidence of pairs with what is true of them; `group` is the topic of the alias, `sort` how a pair was found;
    by `weight` each topic counts as much, however many aliases it has; `cosine` and `characters` are what the peers
    make of them, `lengths` [pairs, 4] all that form tells."""

    values: FloatArray
    same: NDArray[np.bool_]
    group: NDArray[np.int64]
    sort: NDArray[np.str_]
    weight: NDArray[np.float64]
    cosine: FloatArray
    characters: FloatArray
    lengths: FloatArray

    def only(self, chosen: NDArray[np.bool_]) -> "Pairs":
        return Pairs(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def load(folder: Path) -> Topics:
    with (folder / "topics.jsonl").open(encoding="utf-8") as lines:
        topics = [json.loads(line) for line in lines]
    row_of = {topic["id"]: row for row, topic in enumerate(topics)}
    with (folder / "alias_pairs.csv").open(encoding="utf-8") as lines:
        aliases = [row for row in csv.DictReader(lines) if row["trivial_spelling_variant"] == "0"]
    with (folder / "related_pairs.csv").open(encoding="utf-8") as lines:
        related = {frozenset((row_of[row["a"]], row_of[row["b"]])) for row in csv.DictReader(lines)}
    return Topics(
        tuple(topic["name"] for topic in topics),
        tuple(topic["short"] for topic in topics),
        tuple(topic["body"] for topic in topics),
        tuple(row["alias"].replace("-", " ") for row in aliases),
        np.array([row_of[row["topic_id"]] for row in aliases]),
        frozenset(related),
    )


def adds_words(alias: str, name: str) -> bool:
    return set(map(stem, words(name))) <= set(map(stem, words(alias)))


def without(text: str, *names: str) -> str:
    """The text without the words of the names: what is left must tell by itself."""
    out = {stem(word) for name in names for word in words(name)}
    return " ".join(chunk for chunk in text.split() if not out & set(map(stem, words(chunk))))


def made(topics: Topics, embedder: Embedder, bare: bool) -> Pairs:
    """Each alias that adds no words, `bare` or with its topic's first sentence beside it, against topics."""
    chosen = [
        (alias, owner)
        for alias, owner in zip(topics.aliases, topics.owner.tolist(), strict=True)
        if not adds_words(alias, topics.names[owner])
    ]
    number = len(chosen)
    asked = [(alias, "" if bare else without(topics.first[row], alias, topics.names[row])) for alias, row in chosen]
    called: dict[int, list[str]] = {}
    for alias, row in chosen:
        called.setdefault(row, []).append(alias)
    there = [
        (name, topics.whole(row) if bare else without(topics.rest[row], name, *called.get(row, ())))
        for row, name in enumerate(topics.names)
    ]
    every = [*asked, *there]
    vectors = encode_documents(embedder, every)
    texts = Texts.of(
        [name for name, _ in every], [body for _, body in every], vectors, embedder.encode([name for name, _ in every])
    )
    written = [f"{name}\n{body}" for name, body in every]
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True).fit_transform(written)
    cosines = vectors[:number] @ vectors[number:].T
    # As the audit picks what it compares (matcher.audit.candidates). Chosen by one measure alone, they would be held
    # against that one.
    alike = ((rows[:number] @ rows[number:].T).toarray() for rows in (texts.lexical.vectors, texts.spellings))
    nearness = cosines + sum(alike)
    neighbours: dict[int, set[int]] = {}
    for one, other in (sorted(pair) for pair in topics.related if len(pair) == 2):
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    pairs: list[tuple[int, int, str]] = []
    for at, (_, row) in enumerate(chosen):
        pairs.append((at, row, "same"))
        pairs += [(at, other, "related") for other in sorted(neighbours.get(row, ()))]
        pairs += [(at, int(other), "near") for other in np.argsort(-nearness[at])[:NEAREST] if other != row]
    one = np.array([pair[0] for pair in pairs], dtype=np.int32)
    other = np.array([pair[1] + number for pair in pairs], dtype=np.int32)
    sizes = np.array([[len(name), len(body)] for name, body in every], dtype=np.float32)
    return Pairs(
        values=compare_texts(texts, one, other),
        same=np.array([sort == "same" for _, _, sort in pairs]),
        group=np.array([chosen[at][1] for at, _, _ in pairs]),
        sort=np.array([sort for _, _, sort in pairs]),
        weight=np.array([1 / len(called[chosen[at][1]]) for at, _, _ in pairs]),
        cosine=cosines[one, other - number],
        characters=np.asarray(characters[one].multiply(characters[other]).sum(axis=1)).ravel(),
        lengths=np.log1p(np.hstack([sizes[one], sizes[other]])),
    )


def learned(pairs: Pairs) -> TextWeights:
    """From the nearest as negatives, as the audit meets them; all topics weigh the same."""
    chosen = pairs.only(pairs.sort != "related")
    values, same, weight = chosen.values.copy(), chosen.same, chosen.weight
    if not np.isnan(values[:, TEXT.index("words")]).all():
        # Texts against each other say it better than a name against a text, which is part of them.
        values[:, [TEXT.index("name_meant_in_text"), TEXT.index("name_words_in_text")]] = np.nan
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


def _masked(values: FloatArray) -> FloatArray:
    """As `text_log_odds` takes them: names are held against texts only where one side has none."""
    found = values.copy()
    both = ~np.isnan(values[:, TEXT.index("words")])
    columns = [TEXT.index("name_meant_in_text"), TEXT.index("name_words_in_text")]
    found[np.ix_(both, columns)] = np.nan
    return found


def folds(groups: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The topics of each fold."""
    rows = np.unique(groups)
    return [rows[test] for _, test in GroupKFold(FOLDS).split(rows, groups=rows)]


def held_out(pairs: Pairs, held: Sequence[NDArray[np.int64]]) -> list[TextWeights]:
    """For each fold what is learned from the others."""
    return [learned(pairs.only(~np.isin(pairs.group, topics))) for topics in held]


def print_pairs(name: str, pairs: Pairs, weights: Sequence[TextWeights], held: Sequence[NDArray[np.int64]]) -> None:
    odds = np.zeros(len(pairs.same), dtype=np.float32)
    lengths = np.zeros(len(pairs.same))
    for topics, ours in zip(held, weights, strict=True):
        here = np.isin(pairs.group, topics)
        odds[here] = text_log_odds(pairs.values[here], ours, ours)
        by_length = LogisticRegression(max_iter=2000)
        by_length.fit(pairs.lengths[~here], pairs.same[~here], sample_weight=pairs.weight[~here])
        lengths[here] = by_length.decision_function(pairs.lengths[here])
    methods = {
        "length alone": lengths,
        "character TF-IDF": pairs.characters,
        "all-MiniLM-L6-v2": pairs.cosine,
        "guildmap": odds,
    }
    print(f"\n{name}: average precision of same domain against")
    print(f"{'':24}{'related':>14}{'20 nearest':>14}")
    kinds = [pairs.sort != "near", pairs.sort != "related"]
    bases = [np.average(pairs.same[kind], weights=pairs.weight[kind]) for kind in kinds]
    print(f"{'base rate':24}" + "".join(f"{base:14.3f}" for base in bases))
    for method, scores in methods.items():
        cells = (
            average_precision_score(pairs.same[kind], scores[kind], sample_weight=pairs.weight[kind]) for kind in kinds
        )
        print(f"{method:24}" + "".join(f"{cell:14.3f}" for cell in cells))
    chosen, weight = pairs.only(kinds[1]), pairs.weight[kinds[1]]
    probability = 1 / (1 + np.exp(-(odds[kinds[1]] + np.log(bases[1] / (1 - bases[1])))))
    flagged = probability >= 0.5
    precision = np.average(chosen.same[flagged], weights=weight[flagged])
    recall = np.average(flagged[chosen.same], weights=weight[chosen.same])
    print(f"against the twenty nearest, at probability 0.5: precision {precision:.3f}, recall {recall:.3f}")
    print("said, true, pairs: ", end="")
    for low, high in pairwise(BINS):
        within = (probability >= low) & (probability <= high if high == 1 else probability < high)
        if within.any():
            said, true = (np.average(one[within], weights=weight[within]) for one in (probability, chosen.same))
            print(f"{said:.2f} {true:.2f} {within.sum()}", end="; ")
    print()


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
    ours = np.zeros((len(topics.aliases), number), dtype=np.float32)
    for row, owner in enumerate(topics.owner.tolist()):
        values = compare_texts(texts, np.full(number, number + row, dtype=np.int32), every)
        ours[row] = text_log_odds(values, *[weights[fold_of.get(owner, 0)]] * 2)
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


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--train", action="store_true", help="print the weights to ship, of all topics, and no more")
    parser.add_argument("--cache", type=Path, default=platformdirs.user_cache_path("guildmap") / "bench.sqlite")
    given = parser.parse_args(arguments)
    folder = shared_data.folder() / "github_topics"
    if not folder.is_dir():
        parser.exit(1, f"No data at {folder}. {shared_data.WANTED}\n")
    topics, embedder = load(folder), open_embedder(None, given.cache)
    forms = {"NAMED": made(topics, embedder, True), "DESCRIBED": made(topics, embedder, False)}
    shipped = {"NAMED": NAMED, "DESCRIBED": DESCRIBED}
    if given.train:
        for name, pairs in forms.items():
            ours = learned(pairs)
            for what in PARTS:
                print(f"{name} {what}=({', '.join(f'{value:.2f}' for value in getattr(ours, what))})")
        return
    held = folds(forms["NAMED"].group)
    weights = {name: held_out(pairs, held) for name, pairs in forms.items()}
    print_pairs("bare alias against topic", forms["NAMED"], weights["NAMED"], held)
    print_pairs("alias with a sentence against topic", forms["DESCRIBED"], weights["DESCRIBED"], held)
    print_ranking(topics, embedder, weights["NAMED"], held)
    for name, pairs in forms.items():
        again = learned(pairs)
        same = all(np.allclose(getattr(again, what), getattr(shipped[name], what), atol=0.011) for what in PARTS)
        print(f"{name}: what is shipped is {'' if same else 'NOT '}what is learned here")


if __name__ == "__main__":
    main()
