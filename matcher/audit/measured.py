"""What the audit says of one community by itself."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from graph.sentences import Sentence

E = TypeVar("E")


@dataclass(frozen=True)
class Measured(Generic[E]):
    """One community on one scale. `score`, from 0 to 1, is higher the worse it is (the broader, the narrower, the less
    clear, the less alive); `flagged`: bad enough to be a finding; `evidence` holds the numbers and names that the score
    rests on, `reasons` says them in sentences, what weighs most first."""

    id: str
    name: str
    score: float
    flagged: bool
    evidence: E
    reasons: tuple[Sentence, ...]
