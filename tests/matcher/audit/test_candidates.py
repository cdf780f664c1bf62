"""Which pairs are compared closely."""

from itertools import combinations

import numpy as np
import pytest
from scipy.sparse import csr_array

from matcher.audit import candidates, nearest
from matcher.audit.candidates import IntArray
from matcher.audit.evidence import Texts

WORDS = ("oak", "elm", "ash", "fir", "yew", "bay", "box", "fig", "pear", "plum", "rose", "lime")


def texts_of(number: int) -> Texts:
    random = np.random.default_rng(1)
    bodies = [" ".join(random.choice(WORDS, 5)) for _ in range(number)]
    vectors = random.standard_normal((number, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Texts.of([f"Name {number}" for number in range(number)], bodies, vectors, None)


def found(texts: Texts, members: csr_array, number: int, k: int) -> tuple[IntArray, IntArray]:
    return candidates.candidates(texts, members, number, candidates.nearest(texts, number, k))


def test_the_nearest_are_those_that_all_pairs_at_once_would_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "BLOCK", 4)
    texts, number = texts_of(30), 30
    assert texts.vectors is not None
    likeness = (texts.lexical.vectors @ texts.lexical.vectors.T + texts.spellings @ texts.spellings.T).toarray()
    likeness = likeness + texts.vectors @ texts.vectors.T
    np.fill_diagonal(likeness, -np.inf)
    pairs = {(min(a, b), max(a, b)) for a in range(number) for b in np.argsort(-likeness[a])[:3].tolist()}
    one, other = found(texts, csr_array((number, 5), dtype=np.float32), number, 3)
    assert set(zip(one.tolist(), other.tolist(), strict=True)) == pairs


def test_those_who_share_many_members_are_compared_whatever_they_say() -> None:
    members = np.zeros((30, 200), dtype=np.float32)
    members[3, :20] = members[17, 5:25] = 1
    for row in (0, 1, 2):
        members[row, 50 + row * 20 : 70 + row * 20] = 1
    texts = texts_of(30)
    one, other = found(texts, csr_array(members), 30, 1)
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    assert (3, 17) in pairs
    assert len(pairs) < len(list(combinations(range(30), 2))) / 4


def test_namesakes_are_compared() -> None:
    names = ["Controls", *(f"Other {word}" for word in WORDS), "Controls Circle"]
    bodies = ["pitch loops", *WORDS, "approval rules"]
    texts = Texts.of(names, bodies, None, None)
    one, other = found(texts, csr_array((14, 1), dtype=np.float32), 14, 1)
    assert (0, 13) in set(zip(one.tolist(), other.tolist(), strict=True))
