"""Questions that were answered already, and are like one that somebody is about to ask."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.text import tokens
from matcher.advice import HelpEvidence
from matcher.helpers import WORTH_SAYING, likeness_of

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

DEFAULT_LIMIT = 3

# Words that two questions share are told, the rarest first; more of them say no more.
WORDS_TOLD = 5

# Of pieces of advice on one question, those that are known to have worked come first, and those known not to, last.
STANDING: Mapping[str | None, int] = {"worked": 0, "partly": 1, None: 2, "did_not_work": 3}


@dataclass(frozen=True)
class Earlier:
    """An answered question. `likeness` from 0 to 1; `shared` are words that both hold; `advice_ids` in the order in
    which they are worth reading."""

    question_id: str
    title: str
    text: str
    asked_at: str | None
    community_id: str | None
    likeness: float
    shared: tuple[str, ...]
    advice_ids: tuple[str, ...]


def like(
    evidence: HelpEvidence,
    text: str,
    *,
    asker: str | None,
    visible: BoolArray,
    community: str | None = None,
    vector: FloatArray | None = None,
    limit: int = DEFAULT_LIMIT,
) -> tuple[Earlier, ...]:
    """The answered questions most like `text`, the most like first, of those that the asker (a person's id) may see.

    `visible` is bool [communities]; with `community` (an id) only those asked there; `vector` is the embedding of
    `text`. None is listed that is too unlike to be worth reading.
    """
    usable = evidence.usable(asker, visible)
    if community is not None:
        usable &= evidence.communities == evidence.snapshot.row[community]
    words = tokens(text)
    likeness = likeness_of(evidence, usable, words, vector)
    best = [int(at) for at in np.argsort(-likeness, kind="stable")[:limit] if likeness[at] >= WORTH_SAYING]
    return tuple(_earlier(evidence, at, float(likeness[at]), words) for at in best)


def _earlier(evidence: HelpEvidence, at: int, likeness: float, words: list[str]) -> Earlier:
    question = evidence.questions[at]
    advice = sorted(question.advice, key=lambda one: one.advised_at or "", reverse=True)  # of one standing the latest
    advice.sort(key=lambda one: STANDING.get(one.outcome, 2))
    return Earlier(
        question.id, question.title, question.text, question.asked_at, question.community_id, likeness,
        tuple(evidence.lexical.shared_terms(words, at)[:WORDS_TOLD]), tuple(one.id for one in advice),
    )  # fmt: skip
