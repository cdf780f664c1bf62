"""What people decided on findings, turned into a calibration of the probabilities of their organisation.

A logistic regression on the log-odds of each kind of evidence, held near the shipped weights by a normal prior (so few
decisions change little), tried on decisions that it has not seen. Source of the form: Platt, Probabilistic outputs for
support vector machines, 1999, with one slope for each kind in place of one for all.
"""

# scipy and scikit-learn ship partial types; what they return is made arrays and numbers here.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from graph.database import Steps, ask
from graph.reads import findings as reads
from graph.reads.findings import Decision, KeptCalibration, KeptFinding
from matcher.audit.findings import OVERLAP, UNIT_CLASH
from matcher.audit.verdict import KINDS, LIKELY, PRIOR, SHIPPED, Calibration
from matcher.catalogue import HOLDS_ALL

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# The kinds of findings whose probabilities are calibrated, each by itself: a unit's evidence is weighed otherwise.
CALIBRATED = (OVERLAP, UNIT_CLASH)

# Fewer decisions, or fewer of either kind among them, say nothing of weights.
LEAST_DECISIONS, LEAST_EACH = 30, 5

# Standard deviations of the prior: a weight lies within half and one and a half of what is shipped, the level within
# one unit of log-odds, in two organisations of three. A weight stays above the least, so that evidence keeps its sign.
WEIGHT_SPREAD, LEVEL_SPREAD, LEAST_WEIGHT = 0.5, 1.0, 0.1

FOLDS = 10

# Decisions that do not follow the evidence by this many standard errors teach nothing about its weight.
CERTAIN = 2.0

# Of findings of these verdicts the probability is not the sum of the evidence.
NOT_SUMMED = ("same_name_only",)

BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Decided:
    """Decisions that say whether two are of one domain: `points` float64 [decisions, KINDS], log-odds as shipped, zero
    for what was not known; `one_domain` bool [decisions]."""

    points: FloatArray
    one_domain: BoolArray

    def __len__(self) -> int:
        return len(self.one_domain)


@dataclass(frozen=True)
class Bin:
    """Decisions on findings whose shipped probability was `least` or more and below `most`: how many there are, and how
    many of them agreed."""

    least: float
    most: float
    decisions: int
    confirmed: int

    @property
    def precision(self) -> float | None:
        return self.confirmed / self.decisions if self.decisions else None


@dataclass(frozen=True)
class Learned:
    """A calibration, learned from all decisions; `loss` and `shipped_loss` are mean log losses on decisions held out
    from what was tried on them, `error` the standard error of their difference, `area` the area under the ROC curve
    there and `area_error` its standard error where there is nothing to tell by."""

    calibration: Calibration
    decisions: int
    confirmed: int
    loss: float
    shipped_loss: float
    error: float
    area: float
    area_error: float

    @property
    def refused(self) -> str | None:
        """Why it is not taken; None: it is."""
        if self.area - 0.5 <= CERTAIN * self.area_error:
            return "the decisions do not follow the evidence, so they say nothing about its weight"
        if self.shipped_loss - self.loss <= self.error:
            return "on decisions held out it is not better than what is in use by more than chance"
        return None

    def kept(self, kind: str, version: int, learned_at: str) -> KeptCalibration:
        """As it is stored."""
        return KeptCalibration(
            kind, version, learned_at, self.decisions, self.confirmed, asdict(self.calibration), self.loss,
            self.shipped_loss, self.area,
        )  # fmt: skip


def read_decided(kind: str) -> Steps[Decided]:
    return decided((yield from ask(reads.findings(HOLDS_ALL, kinds=[kind]))))


def read_calibrations() -> Steps[dict[str, KeptCalibration]]:
    """What is in force, by kind of finding."""
    found: dict[str, KeptCalibration] = {}
    for kind in CALIBRATED:
        for kept in (yield from ask(reads.calibrations(kind))):
            if kept.in_force and set(kept.values) == set(asdict(SHIPPED)):
                found[kind] = kept
    return found


def in_use(kept: Mapping[str, KeptCalibration]) -> dict[str, Calibration]:
    return {kind: Calibration(**one.values) for kind, one in kept.items()}


def decided(findings: Sequence[KeptFinding]) -> Decided:
    """What decisions there are that say whether it is so. Who agrees, or keeps two apart on purpose, says that they are
    of one domain; who says that it is not so says that they are not. Not now, or another reason, says neither."""
    said = [
        (one.decision.judgement.points, label)
        for one in findings
        if one.decision and one.decision.judgement.verdict not in NOT_SUMMED
        if (label := _label(one.decision)) is not None
    ]
    points = [[given.get(kind, 0.0) for kind in KINDS] for given, _ in said]
    return Decided(
        np.array(points, dtype=np.float64).reshape(-1, len(KINDS)), np.array([label for _, label in said], np.bool_)
    )


def precision(found: Decided) -> tuple[list[Bin], Bin]:
    """How often decisions agreed, by shipped probability; and above the shipped threshold."""
    probability = _probabilities(found.points, SHIPPED)

    def between(least: float, most: float) -> Bin:
        inside = (probability >= least) & ((probability < most) | (most == 1))
        return Bin(least, most, int(inside.sum()), int(found.one_domain[inside].sum()))

    bins = [between(least, most) for least, most in pairwise(BINS)]
    below = between(0.0, BINS[0])
    return ([below] if below.decisions else []) + bins, between(LIKELY, 1.0)


def learn(found: Decided, seed: int = 0) -> Learned | None:
    """What decisions teach, better than what is shipped or not; None where they are too few."""
    confirmed = int(found.one_domain.sum())
    if len(found) < LEAST_DECISIONS or min(confirmed, len(found) - confirmed) < LEAST_EACH:
        return None
    held_out = np.zeros(len(found))
    folds = StratifiedKFold(min(FOLDS, confirmed, len(found) - confirmed), shuffle=True, random_state=seed)
    splits = cast("Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]", folds.split(found.points, found.one_domain))
    for known, unknown in splits:
        fitted = _fit(found.points[known], found.one_domain[known])
        held_out[unknown] = _probabilities(found.points[unknown], fitted)
    ours, theirs = _losses(held_out, found), _losses(_probabilities(found.points, SHIPPED), found)
    others = len(found) - confirmed
    return Learned(
        _fit(found.points, found.one_domain),
        len(found),
        confirmed,
        float(ours.mean()),
        float(theirs.mean()),
        float(np.std(theirs - ours, ddof=1) / np.sqrt(len(found))),
        float(roc_auc_score(found.one_domain, held_out)),
        # Of the Mann-Whitney statistic under its null hypothesis.
        float(np.sqrt((len(found) + 1) / (12 * confirmed * others))),
    )


def _label(decision: Decision) -> bool | None:
    if decision.status in ("accepted", "done") or decision.reason == "intended":
        return True
    return False if decision.reason == "not_so" else None


def _fit(points: FloatArray, one_domain: BoolArray) -> Calibration:
    """The maximum a posteriori of weights and level."""
    base = np.log(PRIOR / (1 - PRIOR))
    signs = np.where(one_domain, 1.0, -1.0)

    def loss(values: FloatArray) -> tuple[float, FloatArray]:
        weights, level = values[:-1], values[-1]
        margin = signs * (base + level + points @ weights)
        wrong = signs * _sigmoid(-margin)
        from_prior = np.append((weights - 1) / WEIGHT_SPREAD**2, level / LEVEL_SPREAD**2)
        penalty = (((weights - 1) / WEIGHT_SPREAD) ** 2).sum() / 2 + (level / LEVEL_SPREAD) ** 2 / 2
        gradient = from_prior - np.append(points.T @ wrong, wrong.sum())
        return float(np.logaddexp(0, -margin).sum() + penalty), gradient

    start = np.append(np.ones(len(KINDS)), 0.0)
    bounds = [(LEAST_WEIGHT, None)] * len(KINDS) + [(None, None)]
    found = np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x, dtype=np.float64)
    return Calibration(*(round(float(value), 3) for value in found))


def _sigmoid(log_odds: FloatArray) -> FloatArray:
    return np.exp(-np.logaddexp(0, -log_odds))


def _probabilities(points: FloatArray, calibration: Calibration) -> FloatArray:
    weights = np.array([getattr(calibration, kind) for kind in KINDS])
    return _sigmoid(np.log(PRIOR / (1 - PRIOR)) + calibration.level + points @ weights)


def _losses(probability: FloatArray, found: Decided) -> FloatArray:
    """Log loss of each decision; a probability counts as no surer than one in ten thousand."""
    sure = np.clip(probability, 1e-4, 1 - 1e-4)
    return -np.log(np.where(found.one_domain, sure, 1 - sure))
