"""Many questions answered together: whom each is given to, from the scores that a single one is answered by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from graph.errors import InvalidInput
from graph.models import Principal, Role
from graph.sentences import listed
from matcher.advice import HelpEvidence
from matcher.assign import Balance, Problem, assign, balance, greedy, short_of_least
from matcher.features.requests import room
from matcher.helpers import Helper, Scored, explained, scored

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Request:
    """A question to be given to `helpers` people at the most, none of them in `conflicts` (ids); the rest as for
    matcher.helpers.scored."""

    id: str
    text: str
    asker: str | None = None
    community: str | None = None
    conflicts: tuple[str, ...] = ()
    helpers: int = 1
    vector: FloatArray | None = None
    dismissed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Loads:
    """How many questions anybody gets of a batch: `most` at the most, and no more than their own capacity has room for
    where that is known; `least` at least, if they may be given any at all."""

    least: int
    most: int


@dataclass(frozen=True)
class Given:
    """`unserved`: why nobody is given the question, one of matcher.assign's reasons; None if somebody is."""

    question_id: str
    helpers: tuple[Helper, ...]
    unserved: str | None


@dataclass(frozen=True)
class Batch:
    """`greedy`: how it would have turned out question by question, in their order."""

    results: tuple[Given, ...]
    balance: Balance
    greedy: Balance


def give_out(
    evidence: HelpEvidence,
    requests: Sequence[Request],
    loads: Loads,
    share: float,
    progress: Callable[[str, int], None] = lambda title, done: None,
) -> Batch:
    """One request or more, given to helpers as matcher.assign.assign does, with `share`; each helper with reasons.

    `progress` is told what is being done with the questions, and with how many it is done. Raises InvalidInput where
    the least loads cannot be met.
    """
    problem, people = _problem(evidence, requests, loads, progress)
    if len(short := short_of_least(problem)):
        names = [evidence.snapshot.people.names[int(row)] for row in people[short]]
        raise InvalidInput(
            f"The minimum load of {loads.least} cannot be met for everybody: too few of these questions are left for "
            f"{listed(names)}. Lower the minimum, or give more questions at once."
        )
    found = assign(problem, share)
    given = np.flatnonzero(found.chosen)
    servable = len(requests) - len(found.unserved)
    results: list[Given] = []
    for row, request in enumerate(requests):
        pairs = given[problem.question[given] == row]
        # Scored once more: to keep what speaks for everybody, for every question, would take gigabytes.
        again = _scored(evidence, request) if len(pairs) else None
        helpers = [explained(evidence, again, int(people[problem.helper[p]])) for p in pairs] if again else []
        progress("explaining", row + 1)
        results.append(Given(request.id, tuple(helpers), found.unserved.get(row)))
    return Batch(tuple(results), balance(problem, found.chosen, servable), balance(problem, greedy(problem), servable))


def _problem(
    evidence: HelpEvidence, requests: Sequence[Request], loads: Loads, progress: Callable[[str, int], None]
) -> tuple[Problem, IntArray]:
    """The problem, and the rows in people of its helpers: all who may be asked one of the questions."""
    rows: list[IntArray] = []
    scores: list[FloatArray] = []
    for done, request in enumerate(requests, start=1):
        found = _scored(evidence, request)
        rows.append(np.flatnonzero(found.possible))
        scores.append(found.scores[rows[-1]])
        progress("scoring", done)
    people, helper = np.unique(np.concatenate(rows), return_inverse=True)
    question = np.repeat(np.arange(len(requests)), [len(some) for some in rows])
    place = {int(row): at for at, row in enumerate(people)}
    known = evidence.snapshot.people.row
    forbidden = [
        (number, place[known[person]])
        for number, request in enumerate(requests)
        for person in request.conflicts
        if known.get(person) in place
    ]
    most = np.minimum(room(evidence)[people], loads.most).astype(np.int64)
    shape = (len(requests), len(people))
    problem = Problem.of(
        csr_array((np.concatenate(scores), (question, helper)), shape=shape),
        most=most,
        wanted=np.array([request.helpers for request in requests]),
        forbidden=np.array(forbidden, dtype=np.int64).reshape(-1, 2),
    )
    reachable = np.bincount(problem.helper, minlength=len(people)) > 0
    return replace(problem, least=np.minimum(loads.least, most) * reachable), people


def _scored(evidence: HelpEvidence, request: Request) -> Scored:
    return scored(
        evidence,
        request.text,
        asker=request.asker,
        visible=evidence.snapshot.visible_to(Principal(request.asker, Role.MEMBER, "local")),
        community=request.community,
        vector=request.vector,
        dismissed=request.dismissed,
    )
