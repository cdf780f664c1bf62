"""Rates of few cases, drawn towards that of the whole organisation (beta-binomial)."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

# Cases of one's own that weigh as much as what is usual in the organisation: after four, half of each.
PRIOR_CASES = 4.0


def usual(successes: FloatArray, cases: FloatArray) -> FloatArray:
    """The rate of everybody else in the organisation, from a uniform prior: a half where they have no case."""
    return ((successes.sum() - successes + 1) / (cases.sum() - cases + 2)).astype(np.float32)


def shrunk(successes: FloatArray, cases: FloatArray, prior: FloatArray) -> FloatArray:
    """The posterior mean of each one's rate; the prior itself for one without a case."""
    return ((successes + PRIOR_CASES * prior) / (cases + PRIOR_CASES)).astype(np.float32)


def above_usual(successes: FloatArray, cases: FloatArray) -> FloatArray:
    """By how much each one's rate is better than that of the others, between -1 and 1; 0 for one without a case.

    One more success never lowers it: one's own are not among what is usual.
    """
    prior = usual(successes, cases)
    return np.where(cases > 0, shrunk(successes, cases, prior) - prior, 0).astype(np.float32)
