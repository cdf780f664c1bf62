"""Embedders for tests that do not measure quality: fast, deterministic, without a model."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graph.text import tokens


class HashingEmbedder:
    """A bag of hashed tokens: texts that share words are close. Counts the texts that it encoded."""

    def __init__(self, name: str = "hashing", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded.extend(texts)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        vectors[:, 0] = 0.05  # so that a text without a token has a direction too
        for row, text in enumerate(texts):
            for token in tokens(text):
                digest = hashlib.sha256(f"{self.name}/{token}".encode()).digest()
                vectors[row, int.from_bytes(digest[:4], "big") % self.dimension] += 1 if digest[4] % 2 else -1
        # Tokens may cancel each other out; the model they stand in for never gives a zero vector.
        vectors[~vectors.any(axis=1), 0] = 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
