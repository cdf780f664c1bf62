"""What people say of themselves, as arrays, and how well they fit communities."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graph.text import tokens
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
        texts = self.subject.texts
        words = np.asarray((self.words @ texts.lexical.vectors[[row]].T).toarray(), dtype=np.float32).ravel()
        if self.vectors is None or texts.vectors is None:
            return words
        return (words + np.maximum(self.vectors @ texts.vectors[row], 0)) / 2
