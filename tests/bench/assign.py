"""Many questions given to helpers at once: time and quality against greedy, and against other exact solvers.

    python -m tests.bench.assign [--questions 1000] [--helpers 5000] [--candidates 50] [--load 3] [--seeds 3]

The problems are invented: helpers know a few topics, a few of them well; some topics are asked about far more often
than others; a question's candidates are the fittest of its topic. The peers know one helper a question and no least
loads, so that is what is asked here; OR-tools takes part where it is installed.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from matcher.assign import DEFAULT_SHARE, Problem, assign, balance, greedy

try:
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
except ImportError:
    SimpleMinCostFlow = None

TOPICS = 60
TOPICS_OF_ONE = 3
# Fits in whole numbers for OR-tools.
SCALE = 1_000_000


def invented(questions: int, helpers: int, candidates: int, load: int, seed: int) -> Problem:
    random = np.random.default_rng(seed)
    knows = np.zeros((helpers, TOPICS))
    topics = random.integers(0, TOPICS, (helpers, TOPICS_OF_ONE))
    knows[np.arange(helpers)[:, None], topics] = random.beta(1, 4, topics.shape) * 2
    often = 1 / np.arange(1, TOPICS + 1)
    asked = random.choice(TOPICS, questions, p=often / often.sum())
    fit = knows[:, asked].T * random.uniform(0.5, 1, (questions, helpers))
    chosen = np.argpartition(-fit, candidates, axis=1)[:, :candidates]
    rows = np.repeat(np.arange(questions), candidates)
    sparse = csr_array((fit[rows, chosen.ravel()], (rows, chosen.ravel())), shape=fit.shape)
    return Problem.of(sparse, most=np.full(helpers, load))


def jonker_volgenant(problem: Problem) -> float:
    """The largest total fit, by SciPy's sparse solver: each helper as often as they may help, each question may go
    without at no fit."""
    load, questions = int(problem.most.max()), len(problem.wanted)
    rows = np.concatenate([np.repeat(problem.question, load), np.arange(questions)])
    places = (problem.helper[:, None] * load + np.arange(load)).ravel()
    columns = np.concatenate([places, len(problem.most) * load + np.arange(questions)])
    # Zero weights would be no edges: all are moved up by one.
    weights = np.concatenate([np.repeat(problem.fit, load), np.zeros(questions)]) + 1
    graph = csr_array((weights, (rows, columns)), shape=(questions, len(problem.most) * load + questions))
    matched = min_weight_full_bipartite_matching(graph, maximize=True)
    return float(graph[matched].sum() - questions)


def or_tools(problem: Problem) -> float:
    questions, helpers = len(problem.wanted), len(problem.most)
    source, sink = questions + helpers, questions + helpers + 1
    flow = SimpleMinCostFlow()
    costs = np.round(-problem.fit * SCALE).astype(np.int64)
    arcs: list[tuple[Any, Any, Any, Any]] = [
        (np.full(questions, source), np.arange(questions), problem.wanted, np.zeros(questions, dtype=np.int64)),
        (problem.question, questions + problem.helper, np.ones(len(costs), dtype=np.int64), costs),
        (questions + np.arange(helpers), np.full(helpers, sink), problem.most, np.zeros(helpers, dtype=np.int64)),
        # Who goes without does so at no fit.
        (np.array([source]), np.array([sink]), np.array([questions]), np.array([0])),
    ]
    for arc in arcs:
        flow.add_arcs_with_capacity_and_unit_cost(*arc)
    flow.set_nodes_supplies(np.array([source, sink]), np.array([questions, -questions]))
    flow.solve()
    return -flow.optimal_cost() / SCALE


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("questions", 1000), ("helpers", 5000), ("candidates", 50), ("load", 3), ("seeds", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    for seed in range(asked.seeds):
        problem = invented(asked.questions, asked.helpers, asked.candidates, asked.load, seed)
        chosen, plain_time = timed(lambda problem=problem: greedy(problem))
        methods = {
            f"guildmap, share {share:g}": timed(lambda problem=problem, share=share: assign(problem, share))
            for share in sorted({0.0, 0.9, DEFAULT_SHARE})
        }
        unserved = len(next(iter(methods.values()))[0].unserved)
        servable = asked.questions - unserved
        plain = balance(problem, chosen, servable)
        print(f"seed {seed}: {len(problem.fit):,} pairs, {servable:,} of {asked.questions:,} questions can be served")
        line = "  {:24}{:8.3f} s  served {:5}  total {:8.1f} ({:.3f})  worst {:.3f}  most {}  Gini {:.3f}"
        for name, (found, taken) in {"greedy": (None, plain_time), **methods}.items():
            b = plain if found is None else balance(problem, found.chosen, servable)
            ratio = b.total_fit / plain.total_fit
            print(line.format(name, taken, b.served, b.total_fit, ratio, b.worst_served, b.max_load, b.gini))
        peers = {"SciPy, Jonker-Volgenant": jonker_volgenant}
        if SimpleMinCostFlow is not None:
            peers["OR-tools, min-cost flow"] = or_tools
        for name, peer in peers.items():
            total, taken = timed(lambda peer=peer, problem=problem: peer(problem))
            print(f"  {name:24}{taken:8.3f} s  {'':12}  total {total:8.1f} ({total / plain.total_fit:.3f})")


if __name__ == "__main__":
    main()
