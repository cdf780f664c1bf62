"""What people say of themselves, as arrays, and how well they fit communities."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from matcher.audit.subject import Subject

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]


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
        said = self.subject.facts.said
        return self.subject.texts.lexical.transform([said.get(key, ()) for key in self.ids])

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

    def fits_among(self, people: NDArray[np.integer], rows: Sequence[int]) -> FloatArray:
        """How well some people (their places) fit several communities: float32 [people, rows]."""
        texts = self.subject.texts
        lexical = np.asarray((self.words[people] @ texts.lexical.vectors[rows].T).toarray(), dtype=np.float32)
        if self.vectors is None or texts.vectors is None:
            return lexical
        return ((lexical + np.maximum(self.vectors[people] @ texts.vectors[rows].T, 0)) / 2).astype(np.float32)
