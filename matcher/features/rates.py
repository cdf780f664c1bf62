"""Rates of few cases, drawn towards that of the whole organisation (beta-binomial)."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

# Cases of one's own that weigh as much as what is usual in the organisation: after four, half of each.
PRIOR_CASES = 4.0


def usual(successes: FloatArray, cases: FloatArray) -> float:
    """The organisation's rate, from a uniform prior: a half where there is no case at all."""
    return (float(successes.sum()) + 1) / (float(cases.sum()) + 2)


def shrunk(successes: FloatArray, cases: FloatArray, prior: float) -> FloatArray:
    """The posterior mean of each one's rate, float32; `prior` itself for one without a case."""
    return ((successes + PRIOR_CASES * prior) / (cases + PRIOR_CASES)).astype(np.float32)


def above_usual(successes: FloatArray, cases: FloatArray) -> FloatArray:
    """By how much each one's rate is better than the organisation's, between -1 and 1; 0 for one without a case."""
    prior = usual(successes, cases)
    return np.where(cases > 0, shrunk(successes, cases, prior) - np.float32(prior), 0).astype(np.float32)
