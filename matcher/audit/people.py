"""What people say of themselves, as arrays, and how well they fit communities."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graph.text import tokens
from matcher.audit.subject import Subject

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

# The vectors of so many pairs take some tens of megabytes.
PAIRS_AT_ONCE = 20_000


class Profiles:
    """Of who is here, in the order of `Subject.here`: `known` bool [people] who says anything."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        people, facts = subject.snapshot.people, subject.facts
        self.ids = [people.ids[row] for row in subject.here.tolist()]
        self.names = [people.names[row] for row in subject.here.tolist()]
        self.texts = [facts.profiles.get(key, "") for key in self.ids]
        self.known: BoolArray = np.array([bool(text.strip()) for text in self.texts], dtype=np.bool_)

    @cached_property
    def words(self) -> csr_matrix:
        """In the space of the communities' texts, float32 [people, terms], rows of length 1 (or zero)."""
        return self.subject.texts.lexical.transform([tokens(text) for text in self.texts])

    @cached_property
    def vectors(self) -> FloatArray | None:
        """float32 [people, dimension], zero for who has none; None where nobody has."""
        stored = self.subject.facts.profile_vectors
        if not stored or self.subject.texts.vectors is None:
            return None
        rows = np.zeros((len(self.ids), self.subject.texts.vectors.shape[1]), dtype=np.float32)
        for at, key in enumerate(self.ids):
            if key in stored:
                rows[at] = stored[key].vector
        return rows

    def fit(self, row: int) -> FloatArray:
        """How well each fits a community (its row), float32 [people]: half by words, half by meaning where known."""
        return self.fits([row])[:, 0]

    def fits(self, rows: Sequence[int]) -> FloatArray:
        """The same of several communities: float32 [people, rows]."""
        texts = self.subject.texts
        dense = texts.vectors[rows] if texts.vectors is not None else None
        return self.fits_of(texts.lexical.vectors[rows], dense)

    def fits_of(self, words: csr_matrix, vectors: FloatArray | None) -> FloatArray:
        """The same of texts, in the space of the communities' words and with vectors of length 1."""
        lexical = np.asarray((self.words @ words.T).toarray(), dtype=np.float32)
        if self.vectors is None or vectors is None:
            return lexical
        return ((lexical + np.maximum(self.vectors @ vectors.T, 0)) / 2).astype(np.float32)

    def pairs(self, people: IntArray, rows: IntArray) -> FloatArray:
        """How well each of the people fits the community beside them: float32 [pairs]."""
        texts, vectors = self.subject.texts, self.vectors
        found = np.zeros(len(people), dtype=np.float32)
        for start in range(0, len(people), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            who, what = people[part], rows[part]
            found[part] = np.asarray(self.words[who].multiply(texts.lexical.vectors[what]).sum(axis=1)).ravel()
            if vectors is not None and texts.vectors is not None:
                dense = np.einsum("pd,pd->p", vectors[who], texts.vectors[what])
                found[part] = (found[part] + np.maximum(dense, 0)) / 2
        return found
