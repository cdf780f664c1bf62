"""What decisions on findings teach: good ones make probabilities better, random ones are refused."""

from typing import Any

import numpy as np
import pytest

from graph.reads.findings import Decision, Judgement, KeptFinding
from matcher.audit.calibrate import Decided, decided, learn, precision
from matcher.audit.verdict import KINDS, PRIOR, SHIPPED, Calibration

# An organisation in which shared skills say little, shared members much, and one domain is rarer than shipped.
ELSEWHERE = Calibration(text=1.0, skills=0.3, members=1.6, talk=0.3, level=-1.5)


def probabilities(points: Any, calibration: Calibration) -> Any:
    weights = np.array([getattr(calibration, kind) for kind in KINDS])
    return 1 / (1 + np.exp(-(np.log(PRIOR / (1 - PRIOR)) + calibration.level + points @ weights)))


def simulated(number: int, truth: Calibration | None, seed: int) -> Decided:
    """Findings as an audit lists them, decided as they are in truth, or by the throw of a coin (None)."""
    chance = np.random.default_rng(seed)
    bounds = np.array([[-1.0, 7.0], [-1.0, 2.5], [-1.0, 3.0], [-0.5, 1.5]])
    points = chance.uniform(bounds[:, 0], bounds[:, 1], (20 * number, len(KINDS)))
    points[chance.random(points.shape) < [0.0, 0.3, 0.2, 0.5]] = 0  # not known
    points = points[probabilities(points, SHIPPED) >= 0.5][:number]
    sure = np.full(number, 0.5) if truth is None else probabilities(points, truth)
    return Decided(points, chance.random(number) < sure)


@pytest.mark.parametrize("seed", range(5))
def test_good_decisions_make_probabilities_better_on_decisions_to_come(seed: int) -> None:
    found = learn(simulated(60, ELSEWHERE, seed))
    assert found is not None
    assert found.refused is None
    assert found.loss < found.shipped_loss
    later = simulated(2000, ELSEWHERE, 100 + seed)

    def loss(calibration: Calibration) -> float:
        sure = probabilities(later.points, calibration)
        return float(-np.log(np.where(later.one_domain, sure, 1 - sure)).mean())

    assert loss(found.calibration) < loss(SHIPPED)
    assert found.calibration.level < 0


def test_random_decisions_are_refused() -> None:
    refused = [found.refused for seed in range(20) if (found := learn(simulated(60, None, seed)))]
    assert len(refused) == 20
    assert sum(why is not None for why in refused) >= 19
    assert any(why and "do not follow the evidence" in why for why in refused)


def test_decisions_as_the_audit_expects_them_change_nothing() -> None:
    refused = [found.refused for seed in range(20) if (found := learn(simulated(120, SHIPPED, seed)))]
    assert sum(why is not None for why in refused) >= 0.85 * len(refused)


def test_few_decisions_move_little_and_fewer_nothing() -> None:
    assert learn(simulated(29, ELSEWHERE, 0)) is None
    assert learn(Decided(np.ones((40, len(KINDS))), np.ones(40, dtype=np.bool_))) is None, "all of one mind"
    few, many = learn(simulated(30, ELSEWHERE, 1)), learn(simulated(3000, ELSEWHERE, 1))
    assert few is not None
    assert many is not None

    def moved(calibration: Calibration) -> float:
        return abs(calibration.level) + abs(calibration.skills - 1) + abs(calibration.members - 1)

    assert moved(few.calibration) < moved(many.calibration)
    assert many.calibration.members == pytest.approx(ELSEWHERE.members, abs=0.25)
    assert many.calibration.level == pytest.approx(ELSEWHERE.level, abs=0.4)


def finding(status: str, reason: str | None, text: float, verdict: str = "duplicate") -> KeptFinding:
    judgement = Judgement(verdict, 0.9, {}, {"text": text})
    decision = Decision(status, "2026-01-01", reason, None, None, judgement)
    now = Judgement("duplicate", 0.1, {}, {"text": 0.0})
    return KeptFinding("f", "overlap", (), (), now, {}, (), (), status, True, "", (), decision)


def test_only_decisions_that_say_whether_it_is_so_are_learned_from() -> None:
    found = decided(
        [
            finding("accepted", None, 4.0),
            finding("done", None, 4.1),
            finding("dismissed", "intended", 4.2),
            finding("dismissed", "not_so", 4.3),
            finding("dismissed", "not_now", 4.4),
            finding("dismissed", "other", 4.5),
            finding("accepted", None, 4.6, "same_name_only"),
        ]
    )
    assert found.points[:, 0].tolist() == [4.0, 4.1, 4.2, 4.3], "the evidence as it was when it was decided"
    assert found.one_domain.tolist() == [True, True, True, False]
    assert len(decided([])) == 0


def test_precision_is_told_by_shipped_probability() -> None:
    log_odds = np.log(np.array([0.55, 0.58, 0.95, 0.99, 0.3]) / (1 - np.array([0.55, 0.58, 0.95, 0.99, 0.3])))
    points = np.zeros((5, len(KINDS)))
    points[:, 0] = log_odds - np.log(PRIOR / (1 - PRIOR))
    bins, likely = precision(Decided(points, np.array([True, False, True, True, False])))
    assert [(one.least, one.decisions, one.precision) for one in bins if one.decisions] == [
        (0.0, 1, 0.0), (0.5, 2, 0.5), (0.9, 2, 1.0),
    ]  # fmt: skip
    assert (likely.decisions, likely.confirmed) == (4, 3)
