"""Many questions at once: the best for all together, against trying every assignment; nobody overloaded or left out."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from graph.errors import InvalidInput
from matcher import assign as solver
from matcher.assign import CAPACITY, NOBODY, RULED_OUT, Problem, assign, balance, greedy, short_of_least

SMALL = st.integers(1, 4)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Small enough to try everything; fits of few values, so that there are ties."""
    questions, helpers = draw(SMALL), draw(SMALL)
    fit = draw(
        st.lists(
            st.lists(st.integers(0, 6), min_size=helpers, max_size=helpers), min_size=questions, max_size=questions
        )
    )
    most = draw(st.lists(st.integers(0, 3), min_size=helpers, max_size=helpers))
    least = [draw(st.integers(0, min(1, load))) if draw(st.booleans()) else 0 for load in most]
    wanted = draw(st.lists(st.integers(1, 2), min_size=questions, max_size=questions))
    pairs = [(question, helper) for question in range(questions) for helper in range(helpers)]
    forbidden = draw(st.lists(st.sampled_from(pairs), max_size=3))
    return Problem.of(
        np.array(fit, dtype=np.float64) / 4, most=np.array(most), least=np.array(least), wanted=np.array(wanted),
        forbidden=np.array(forbidden, dtype=np.int64).reshape(-1, 2),
    )  # fmt: skip


def every_assignment(problem: Problem) -> Iterator[np.ndarray]:
    """All that keep to the loads and to what questions want, bool [pairs] each."""
    choices = []
    for question, wanted in enumerate(problem.wanted.tolist()):
        own = np.flatnonzero(problem.question == question).tolist()
        choices.append([some for number in range(wanted + 1) for some in combinations(own, number)])
    for chosen in product(*choices):
        mask = np.zeros(len(problem.fit), dtype=np.bool_)
        mask[[pair for some in chosen for pair in some]] = True
        loads = np.bincount(problem.helper[mask], minlength=len(problem.most))
        if (loads >= problem.least).all() and (loads <= problem.most).all():
            yield mask


def served_fits(problem: Problem, chosen: np.ndarray) -> np.ndarray:
    """The fit of the best helper of each question, 0 for none."""
    best = np.zeros(len(problem.wanted))
    np.maximum.at(best, problem.question[chosen], problem.fit[chosen])
    return best


def worst(problem: Problem, chosen: np.ndarray) -> float:
    best = served_fits(problem, chosen)
    return float(best[best > 0].min(initial=np.inf))


def above(problem: Problem, chosen: np.ndarray, floor: np.ndarray) -> bool:
    """Whether each question that is served has at least its floor."""
    best = served_fits(problem, chosen)
    return bool(((best >= floor - 1e-9) | (best == 0)).all())


def keeps(problem: Problem, chosen: np.ndarray, fairest: float, level: float) -> bool:
    return above(problem, chosen, np.maximum(fairest, np.minimum(level, problem.best)))


@settings(max_examples=300, deadline=None)
@given(problems(), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([1, 16]))
def test_no_assignment_is_better(problem: Problem, share: float, first_candidates: int) -> None:
    possible = list(every_assignment(problem))
    if not possible:
        assert len(short_of_least(problem))
        with pytest.raises(InvalidInput, match="minimum loads"):
            assign(problem, share)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "FIRST_CANDIDATES", first_candidates)  # 1: the others come in by their price
        found = assign(problem, share)
    assert any((found.chosen == one).all() for one in possible), "loads, wishes or ruled-out pairs are not kept to"
    served = max(int((served_fits(problem, one) > 0).sum()) for one in possible)
    best = served_fits(problem, found.chosen)
    assert int((best > 0).sum()) == served
    assert set(found.unserved) == set(np.flatnonzero(best == 0).tolist())
    serving = [one for one in possible if (served_fits(problem, one) > 0).sum() == served]
    fairest = max(worst(problem, one) for one in serving)
    if served:
        assert worst(problem, found.chosen) >= share * fairest - 1e-9
    # The floor of each question is the highest that all can have together.
    level = max((fit for fit in problem.fit if any(keeps(problem, one, fairest, fit) for one in serving)), default=0)
    if served:
        np.testing.assert_allclose(found.floor, share * np.maximum(fairest, np.minimum(level, problem.best)))
    within = [one for one in serving if above(problem, one, found.floor)]
    assert above(problem, found.chosen, found.floor)
    total = max(problem.fit[one].sum() for one in within)
    assert problem.fit[found.chosen].sum() == pytest.approx(total)


def a_problem(fit: list[list[float]], **limits: Any) -> Problem:
    limits.setdefault("most", np.full(len(fit[0]), 1))
    return Problem.of(np.array(fit), **limits)


def chosen_pairs(problem: Problem, chosen: np.ndarray) -> set[tuple[int, int]]:
    return set(zip(problem.question[chosen].tolist(), problem.helper[chosen].tolist(), strict=True))


def test_greedy_starves_the_last_asker_and_this_does_not() -> None:
    problem = a_problem([[0.9, 0.8], [0.9, 0.0]])
    plain = greedy(problem)
    assert chosen_pairs(problem, plain) == {(0, 0)}
    assert balance(problem, plain, 2).worst_served == 0
    found = assign(problem)
    assert chosen_pairs(problem, found.chosen) == {(0, 1), (1, 0)}
    told = balance(problem, found.chosen, 2)
    assert (told.served, told.worst_served, told.max_load, told.gini) == (2, 0.8, 1, 0.0)
    assert told.total_fit == pytest.approx(1.7)


def test_the_worst_served_goes_before_the_total_as_far_as_the_share_says() -> None:
    problem = a_problem([[1.0, 0.5], [0.6, 0.05]])
    assert chosen_pairs(problem, assign(problem, 1.0).chosen) == {(0, 1), (1, 0)}
    problem = a_problem([[1.0, 0.5], [0.6, 0.4]])
    assert chosen_pairs(problem, assign(problem, 1.0).chosen) == {(0, 1), (1, 0)}
    assert chosen_pairs(problem, assign(problem, 0.8).chosen) == {(0, 0), (1, 1)}


def test_a_question_that_nobody_knows_much_about_leaves_the_others_their_protection() -> None:
    hopeless = [0.0, 0.0, 0.01]
    problem = a_problem([[1.0, 0.5, 0.0], [0.6, 0.05, 0.0], hopeless])
    assert chosen_pairs(problem, assign(problem).chosen) == {(0, 1), (1, 0), (2, 2)}


def test_who_cannot_be_served_is_told_why() -> None:
    problem = a_problem([[1.0, 0.0], [0.5, 0.0], [0.0, 0.0], [0.0, 0.3]], forbidden=np.array([[3, 1]]))
    assert assign(problem).unserved == {1: CAPACITY, 2: NOBODY, 3: RULED_OUT}


def test_a_question_that_wants_several_never_takes_the_only_helper_of_another() -> None:
    problem = a_problem([[1.0, 0.9], [0.0, 0.1]], wanted=np.array([2, 1]))
    assert chosen_pairs(problem, assign(problem).chosen) == {(0, 0), (1, 1)}
    enough = a_problem([[1.0, 0.9], [0.0, 0.1]], wanted=np.array([2, 1]), most=np.array([1, 2]))
    assert chosen_pairs(enough, assign(enough).chosen) == {(0, 0), (0, 1), (1, 1)}


def test_a_least_load_moves_a_question_and_one_that_cannot_be_met_is_an_error() -> None:
    fit = [[0.9, 0.1], [0.8, 0.2]]
    most = np.array([2, 2])
    problem = a_problem(fit, most=most)
    assert chosen_pairs(problem, assign(problem).chosen) == {(0, 0), (1, 0)}
    problem = a_problem(fit, most=most, least=np.array([1, 1]))
    assert chosen_pairs(problem, assign(problem).chosen) == {(0, 0), (1, 1)}
    impossible = a_problem(fit, most=most, least=np.array([1, 2]))
    assert len(short_of_least(impossible))
    with pytest.raises(InvalidInput, match="minimum loads cannot be met"):
        assign(impossible)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InvalidInput, match="finite"):
        a_problem([[np.nan]])
    with pytest.raises(InvalidInput, match="least load"):
        a_problem([[1.0]], least=np.array([2]))


def test_nothing_to_do_is_done() -> None:
    for shape in ((0, 0), (2, 0), (0, 2), (2, 2)):
        problem = Problem.of(csr_array(shape), most=np.ones(shape[1], dtype=np.int64))
        found = assign(problem)
        assert not found.chosen.any()
        assert found.unserved == dict.fromkeys(range(shape[0]), NOBODY)
        assert balance(problem, found.chosen, 0).gini == 0


def test_many_candidates_come_in_by_their_price_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    problem = Problem.of(random.random((60, 90)), most=random.integers(0, 2, 90), wanted=random.integers(1, 3, 60))
    few = assign(problem, 0.9)
    monkeypatch.setattr(solver, "FIRST_CANDIDATES", 1000)
    every = assign(problem, 0.9)
    assert problem.fit[few.chosen].sum() == pytest.approx(problem.fit[every.chosen].sum())


def test_greedy_keeps_to_loads_wishes_and_what_is_ruled_out() -> None:
    problem = a_problem(
        [[0.9, 0.8, 0.7], [0.9, 0.8, 0.7]],
        most=np.array([1, 2, 0]),
        wanted=np.array([2, 1]),
        forbidden=np.array([[0, 0]]),
    )
    assert chosen_pairs(problem, greedy(problem)) == {(0, 1), (1, 0)}
