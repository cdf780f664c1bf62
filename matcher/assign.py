"""Many questions to helpers at once: the assignment of the largest total fit that starves nobody.

Pure: arrays in, arrays out. In this order of precedence, an assignment

1. gives no pair that is ruled out, and every helper between their least and their most questions;
2. serves as many questions as can be served;
3. serves the worst-served question as well as can be, then holds every other one to that or to the best that it could
   have (`levels`);
4. has the largest total fit of all that do so, or nearly so (`share`).

The first three are maximum flows (Dinic, by SciPy) in a binary search over the fits that occur. The last is a
minimum-cost flow: a linear program whose matrix is that of a network, so that every vertex is in whole numbers, and
HiGHS' simplex method returns a vertex. It is exact, and takes least loads and several helpers a question as they are.
(SciPy's sparse Jonker-Volgenant takes a tenth of the time and knows neither; to score and explain the questions takes
twice as long as this, so a second way for the plain case is not worth having.) Most candidates of a question are never
worth their helper's place: the program is solved over the best few, and others are let in where its prices say that
they would add to the total. When none would, the answer is that of the whole program.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csc_array, csr_array, eye_array, hstack, vstack
from scipy.sparse.csgraph import maximum_flow

from graph.errors import InvalidInput
from matcher.spread import gini

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Why a question has no helper.
NOBODY = "nobody"  # no candidate at all
RULED_OUT = "ruled_out"  # every candidate is forbidden
CAPACITY = "capacity"  # whoever could help is needed for others, or takes no questions

# Share of `levels` that is guaranteed: all. Less buys total fit, 0.8 % of it on real questions (docs/figures.md).
DEFAULT_SHARE = 1.0

# Candidates of each question in the first program. Fewer need more rounds, more a larger program; 8 to 32 take the same
# time within a quarter on tests/bench/assign.py. With 500 candidates a question, all at once takes six times longer.
FIRST_CANDIDATES = 16
# A gain below this is rounding of the solver (its tolerance is 1e-7 for each of three prices).
LEAST_GAIN = 1e-6


@dataclass(frozen=True)
class Problem:
    """Candidates one entry a pair, ordered by question and falling fit: `question`, `helper` int [pairs] and `fit`
    float [pairs], above 0. `least` and `most` int [helpers]: questions that a helper must get and may get; `wanted` int
    [questions]: helpers that a question may get. `ruled_out` bool [questions]: those that lost every candidate.
    """

    question: IntArray
    helper: IntArray
    fit: FloatArray
    least: IntArray
    most: IntArray
    wanted: IntArray
    ruled_out: BoolArray

    @classmethod
    def of(
        cls,
        fit: "csr_array | FloatArray",
        *,
        most: IntArray,
        least: IntArray | None = None,
        wanted: IntArray | None = None,
        forbidden: IntArray | None = None,
    ) -> "Problem":
        """`fit` float [questions, helpers], where an entry above 0 is a candidate; `forbidden` int [n, 2]: pairs
        (question, helper) that must not be; by default nobody must get anything, and a question wants one helper.

        Raises InvalidInput where a number is not finite, or a helper's least is above their most.
        """
        entries = coo_array(fit)
        questions, helpers = entries.shape
        question, helper = (part.astype(np.int64) for part in entries.coords)
        value = np.asarray(entries.data, dtype=np.float64)
        if not np.isfinite(value).all():
            raise InvalidInput("A fit is not a finite number.")
        least = np.zeros(helpers, dtype=np.int64) if least is None else least
        wanted = np.ones(questions, dtype=np.int64) if wanted is None else wanted
        if (least > most).any() or (least < 0).any() or (wanted < 1).any():
            raise InvalidInput("A helper's least load is above their greatest, or a number is negative.")
        before = np.bincount(question[value > 0], minlength=questions)
        kept = value > 0
        if forbidden is not None and len(forbidden):
            kept &= ~np.isin(question * helpers + helper, forbidden[:, 0] * helpers + forbidden[:, 1])
        question, helper, value = question[kept], helper[kept], value[kept]
        order = np.lexsort((helper, -value, question))
        after = np.bincount(question, minlength=questions)
        return cls(
            question[order], helper[order], value[order], least, most, wanted,
            ruled_out=(before > 0) & (after == 0),
        )  # fmt: skip

    @property
    def best(self) -> FloatArray:
        """The largest fit of any candidate, float [questions]; 0 without one."""
        best = np.zeros(len(self.wanted))
        np.maximum.at(best, self.question, self.fit)
        return best


@dataclass(frozen=True)
class Assignment:
    """`chosen` bool [pairs] of the problem. `floor` float [questions]: what the best helper of each question has at
    least, if it is served; `unserved`: row of a question without a helper to the reason."""

    chosen: BoolArray
    floor: FloatArray
    unserved: Mapping[int, str]


@dataclass(frozen=True)
class Balance:
    """How an assignment turned out. Fits are sums of points, as in matcher.helpers.

    `worst_served`: the fit of the best helper of the question that is served worst, 0 if fewer questions are served
    than can be. `gini` is over the loads of all who may get anything: 0 all alike, towards 1 one alone.
    """

    served: int
    total_fit: float
    worst_served: float
    max_load: int
    gini: float


def assign(problem: Problem, share: float = DEFAULT_SHARE) -> Assignment:
    """The best assignment; what is best, says the head of this module.

    `share` from 0 to 1: how much of its level (`levels`) each question is guaranteed; the rest may be spent on total
    fit. Raises InvalidInput where the least loads cannot all be met.
    """
    short = short_of_least(problem)
    if len(short):
        raise InvalidInput(
            f"The minimum loads cannot be met: {len(short)} helpers would get fewer questions than they must, for too "
            "few questions fit them. Lower the minimum."
        )
    serving = _flow(problem, np.ones(len(problem.fit), dtype=np.bool_), least=False)
    floor = share * levels(problem, serving.amount)
    chosen = _best_total(problem, problem.fit >= floor[problem.question], serving.amount)
    return Assignment(chosen, floor, _unserved(problem, chosen))


def short_of_least(problem: Problem) -> IntArray:
    """Rows of helpers who cannot be given their least load, at the best for all together; empty if all can."""
    if not problem.least.any():
        return np.zeros(0, dtype=np.int64)
    flow = _flow(problem, np.ones(len(problem.fit), dtype=np.bool_), least=True)
    return np.flatnonzero(_loads(problem, flow.used) < problem.least)


def levels(problem: Problem, served: int) -> FloatArray:
    """What the best helper of each question has at least, if it is served; float [questions].

    First the largest fit that `served` questions can have at a time. It is often that of one question which nobody
    knows much about, and would protect none of the others; so it is raised further, for each question to the best that
    it could have at most, as far as all can have that at a time.
    """
    fits = np.unique(problem.fit)
    if not len(fits):
        return np.zeros(len(problem.wanted))
    best = problem.best

    def possible(level: FloatArray) -> bool:
        good = problem.fit >= level[problem.question]
        if _flow(problem, good, least=False).amount < served:
            return False
        # Questions and least loads that can be satisfied each, can be so together (Mendelsohn and Dulmage, 1958).
        return not problem.least.any() or _flow(problem, good, least=True).amount == problem.least.sum()

    def raised(fit: float) -> FloatArray:
        return np.maximum(worst, np.minimum(fit, best))

    worst = fits[_last(len(fits), lambda at: possible(np.full(len(best), fits[at])))]
    higher = fits[fits >= worst]
    return raised(higher[_last(len(higher), lambda at: possible(raised(higher[at])))])


def greedy(problem: Problem) -> BoolArray:
    """What is done without thinking ahead, bool [pairs]: question by question the best who are left. Least loads are
    not looked at."""
    chosen = np.zeros(len(problem.fit), dtype=np.bool_)
    room, wanted = problem.most.tolist(), problem.wanted.tolist()
    pairs = zip(problem.question.tolist(), problem.helper.tolist(), strict=True)
    for pair, (question, helper) in enumerate(pairs):
        if wanted[question] and room[helper]:
            wanted[question] -= 1
            room[helper] -= 1
            chosen[pair] = True
    return chosen


def balance(problem: Problem, chosen: BoolArray, servable: int) -> Balance:
    """`servable`: how many questions can be served."""
    best = np.zeros(len(problem.wanted))
    np.maximum.at(best, problem.question[chosen], problem.fit[chosen])
    best = np.sort(best[best > 0])
    loads = _loads(problem, chosen)
    reachable = np.bincount(problem.helper, minlength=len(problem.most)) > 0
    return Balance(
        served=len(best),
        total_fit=float(problem.fit[chosen].sum()),
        worst_served=float(best[0]) if len(best) and len(best) >= servable else 0.0,
        max_load=int(loads.max(initial=0)),
        gini=gini(loads[reachable & (problem.most > 0)]),
    )


@dataclass(frozen=True)
class _Flow:
    """How much flows at the most, and through which pairs, bool [pairs]."""

    amount: int
    used: BoolArray


def _flow(problem: Problem, good: BoolArray, *, least: bool) -> _Flow:
    """The maximum flow from questions to helpers, where a question's first helper has to be `good` (bool [pairs]).

    `least` False: of first helpers alone, to helpers up to their greatest load; so the amount is how many questions can
    be served. True: of all helpers that the questions want, to helpers up to their least load.
    """
    questions, helpers = len(problem.wanted), len(problem.most)
    every, further = np.arange(questions), problem.wanted - 1
    # Nodes: questions as to their first helper, questions as to further ones, helpers, source, sink.
    more, helper, source = questions, 2 * questions, 2 * questions + helpers
    sink = source + 1
    arcs = [
        (np.full(questions, source), every, np.ones(questions)),
        (problem.question[good], helper + problem.helper[good], np.ones(int(good.sum()))),
        (helper + np.arange(helpers), np.full(helpers, sink), problem.least if least else problem.most),
    ]
    if least:
        other = ~good
        arcs += [
            (np.full(questions, source), more + every, further),
            (more + every, every, further),
            (more + problem.question[other], helper + problem.helper[other], np.ones(int(other.sum()))),
        ]
    tail, head, capacity = (np.concatenate(parts).astype(np.int32) for parts in zip(*arcs, strict=True))
    graph = coo_array((capacity, (tail, head)), shape=(sink + 1, sink + 1)).tocsr()
    found = maximum_flow(graph, source, sink)
    flow = coo_array(found.flow)
    tail, head = flow.coords
    through = (flow.data > 0) & (tail < helper) & (head >= helper) & (head < source)
    pairs = (tail[through] % questions).astype(np.int64) * helpers + head[through] - helper
    return _Flow(int(found.flow_value), np.isin(problem.question * helpers + problem.helper, pairs))


@dataclass(frozen=True)
class _Program:
    """Rows of a linear program over pairs (1: chosen) and questions (1: served), both from 0 to 1: `of_pairs` times
    pairs plus `of_questions` times questions is at most `limits`.

    A question's good pairs lie within its pairs, and each pair is of one helper: such a matrix is that of a network.
    """

    of_pairs: csc_array
    of_questions: csc_array
    limits: IntArray

    @classmethod
    def of(cls, problem: Problem, good: BoolArray) -> "_Program":
        """Served are questions with a `good` pair (bool [pairs]); those that are not served get no pair at all, for no
        more than `served` of them can."""
        questions, helpers, pairs = len(problem.wanted), len(problem.most), len(problem.fit)
        every, one = np.arange(pairs), np.ones(pairs)
        good_of_question = csr_array((1.0 * good, (problem.question, every)), shape=(questions, pairs))
        of_question = csr_array((one, (problem.question, every)), shape=(questions, pairs))
        of_helper = csr_array((one, (problem.helper, every)), shape=(helpers, pairs))
        bound = np.flatnonzero(problem.least)
        itself, nothing = eye_array(questions), csr_array((helpers + len(bound), questions))
        return cls(
            csc_array(vstack([-good_of_question, of_question, of_helper, -of_helper[bound]])),
            csc_array(vstack([itself, -itself, nothing])),
            np.concatenate([0 * problem.wanted, problem.wanted - 1, problem.most, -problem.least[bound]]),
        )

    def solve(self, fit: FloatArray, columns: IntArray, served: int) -> tuple[FloatArray, FloatArray]:
        """Which of the pairs `columns` make the largest total fit with `served` questions served, and what each pair
        would add to it, float [pairs]."""
        questions = self.of_questions.shape[1]
        solved = cast(Callable[..., Any], linprog)(  # its stubs know no sparse matrices
            np.concatenate([-fit[columns], np.zeros(questions)]),
            A_ub=hstack([self.of_pairs[:, columns], self.of_questions], format="csc"),
            b_ub=self.limits,
            A_eq=np.concatenate([np.zeros(len(columns)), np.ones(questions)])[None, :],
            b_eq=[served],
            bounds=(0, 1),
            method="highs-ds",
        )
        if not solved.success:
            raise RuntimeError(f"The program of the assignment was not solved: {solved.message}")
        return solved.x[: len(columns)], fit + self.of_pairs.T @ solved.ineqlin.marginals


def _best_total(problem: Problem, good: BoolArray, served: int) -> BoolArray:
    """The pairs of the largest total fit, bool [pairs], with `served` questions served, each by a `good` one."""
    if not len(good):
        return good
    program = _Program.of(problem, good)
    useful = good | (problem.wanted > 1)[problem.question]
    place = np.arange(len(good)) - np.searchsorted(problem.question, problem.question)
    # With the pairs of these flows the program can be satisfied, whatever else it has.
    active = useful & (place < FIRST_CANDIDATES) | _flow(problem, good, least=False).used
    if problem.least.any():
        active |= _flow(problem, good, least=True).used
    while True:
        columns = np.flatnonzero(active)
        values, gains = program.solve(problem.fit, columns, served)
        entering = useful & ~active & (gains > LEAST_GAIN)
        if not entering.any():
            chosen = np.zeros(len(good), dtype=np.bool_)
            chosen[columns] = values > 0.5
            return chosen
        active |= entering


def _last(count: int, possible: Callable[[int], bool]) -> int:
    """The last of `count` steps that is possible, where the first is and none is behind one that is not."""
    return bisect_left(range(count), True, key=lambda step: not possible(step)) - 1


def _loads(problem: Problem, chosen: BoolArray) -> IntArray:
    return np.bincount(problem.helper[chosen], minlength=len(problem.most))


def _unserved(problem: Problem, chosen: BoolArray) -> dict[int, str]:
    count = len(problem.wanted)
    served, known = (np.bincount(rows, minlength=count) > 0 for rows in (problem.question[chosen], problem.question))
    return {
        int(row): CAPACITY if known[row] else RULED_OUT if problem.ruled_out[row] else NOBODY
        for row in np.flatnonzero(~served)
    }
