"""Search on the Kubernetes enhancement questions: from title and summary to the community that owns the question.

    python -m tests.bench.search_kubernetes [--tune]

Every question ranks the active communities by their own texts, which hold nothing of the questions. Constants are
chosen on the questions before the last two years (`--tune` prints those alone); the last two years are held out.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from graph.models import Community
from graph.reads.vectors import KeptVector
from matcher.catalogue import Catalogue
from matcher.embedding import Embedder, encode_documents, open_embedder
from matcher.search import Query, score_communities
from tests import shared_data
from tests.bench.bundles import community_of, load

# The last question is of June 2026.
HELD_OUT_FROM = "2024-06-15"
Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Task:
    """`owners` are rows of `communities`, one a question; `held_out` marks the questions of the last two years."""

    communities: tuple[Community, ...]
    texts: tuple[str, ...]
    owners: NDArray[np.int64]
    held_out: NDArray[np.bool_]


def task(bundle: Path) -> Task:
    communities = tuple(community_of(row) for row in load(bundle / "communities.jsonl") if row["status"] == "active")
    row_of = {community.id: row for row, community in enumerate(communities)}
    questions = [row for row in load(bundle / "questions.jsonl") if row["community_id"] in row_of]
    return Task(
        communities,
        tuple(f"{row['title'] or ''}\n{row['text'] or ''}" for row in questions),
        np.array([row_of[row["community_id"]] for row in questions]),
        np.array([(row["asked_at"] or "") >= HELD_OUT_FROM for row in questions]),
    )


def mrr_and_hit(scores: Scores, owners: NDArray[np.int64]) -> tuple[float, float]:
    """`scores` [questions, communities]. Communities with the owner's score share their places evenly."""
    own = scores[np.arange(len(owners)), owners][:, None]
    places = 1 + (scores > own).sum(axis=1) + ((scores == own).sum(axis=1) - 1) / 2
    return float(np.mean(1 / places)), float(np.mean(places == 1))


def by_tfidf(asked: Task) -> Scores:
    vectorizer = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    documents = vectorizer.fit_transform(_whole(community) for community in asked.communities)
    return (vectorizer.transform(asked.texts) @ documents.T).toarray()


def by_model(asked: Task, embedder: Embedder) -> Scores:
    documents = embedder.encode([_whole(community) for community in asked.communities])
    return embedder.encode(asked.texts) @ documents.T


def by_passages(asked: Task, embedder: Embedder) -> Scores:
    return embedder.encode(asked.texts) @ _vectors(asked, embedder).T


def ours(asked: Task, embedder: Embedder | None) -> Scores:
    """What `search` ranks by: the question typed into it whole."""
    stored = None
    if embedder:
        ids = (community.id for community in asked.communities)
        stored = {key: KeptVector("", vector) for key, vector in zip(ids, _vectors(asked, embedder), strict=True)}
    index = Catalogue.of(asked.communities, stored)
    vectors = embedder.encode(asked.texts) if embedder else [None] * len(asked.texts)
    return np.stack(
        [
            score_communities(index, Query.of(index.lexical, text).words, vector)[0]
            for text, vector in zip(asked.texts, vectors, strict=True)
        ]
    )


def _whole(community: Community) -> str:
    return "\n".join((community.name, community.domain, " ".join(community.topics)))


def _vectors(asked: Task, embedder: Embedder) -> NDArray[np.float32]:
    """As `index` makes them of what read/texts_community gives."""
    return encode_documents(
        embedder,
        [(c.name, "\n".join(part for part in (c.domain, *c.topics, c.audience) if part)) for c in asked.communities],
    )


def methods(embedder: Embedder) -> dict[str, Callable[[Task], Scores]]:
    return {
        "TF-IDF (scikit-learn)": by_tfidf,
        f"{embedder.name}, whole text": lambda asked: by_model(asked, embedder),
        f"{embedder.name}, mean of passages": lambda asked: by_passages(asked, embedder),
        "guildmap, words alone": lambda asked: ours(asked, None),
        "guildmap": lambda asked: ours(asked, embedder),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tune", action="store_true", help="print nothing of the held-out questions")
    parser.add_argument("--model", help="another sentence-transformers model, by name or folder")
    parser.add_argument("--cache", type=Path, default=platformdirs.user_cache_path("guildmap") / "bench.sqlite")
    given = parser.parse_args(arguments)
    bundle = shared_data.bundle("kubernetes")
    asked = task(bundle)
    parts = {"all": np.ones(len(asked.texts), dtype=bool), "earlier": ~asked.held_out, "held out": asked.held_out}
    if given.tune:
        parts = {"earlier": parts["earlier"]}
    print(f"{len(asked.texts)} questions, {len(asked.communities)} communities: MRR, hit@1")
    print(" " * 38 + "".join(f"{f'{name} ({int(mask.sum())})':>18}" for name, mask in parts.items()))
    for name, method in methods(open_embedder(given.model, given.cache)).items():
        scores = method(asked)
        cells = (mrr_and_hit(scores[mask], asked.owners[mask]) for mask in parts.values())
        print(f"{name:38}" + "".join(f"{mrr:11.3f}{hit:7.3f}" for mrr, hit in cells), flush=True)


if __name__ == "__main__":
    main()
