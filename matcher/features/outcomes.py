"""Did what somebody advised work, when it was followed up?"""

import numpy as np
from numpy.typing import NDArray

from graph.sentences import tell
from matcher.advice import HelpEvidence
from matcher.explain import Node, Reason, Step
from matcher.features.evidence import Evidence, nothing
from matcher.features.rates import above_usual
from matcher.features.requests import SMALLEST_COUNT

NAME = "outcomes"
MONOTONE = False

# Years after which an outcome counts half: as long as what people know (matcher.helpers.KNOWLEDGE_HALF_LIFE).
HALF_LIFE = 2.0


def measure(evidence: HelpEvidence, usable: NDArray[np.bool_]) -> Evidence:
    """By how much more of one's advice worked than is usual, decayed by age, between -1 and 1; 0 without an outcome.

    Not monotone: a failure is evidence too. Advice that worked never lowers it; one more `partly` does, for somebody
    whose advice worked always. `usable` are the questions that are evidence for the asker, bool [questions].
    """
    table, people = evidence.advice, evidence.snapshot.people
    told = (table.outcome >= 0) & usable[table.question]
    if not told.any():
        return nothing(NAME, len(people.ids))
    weight = np.where(told, np.power(0.5, table.followed / HALF_LIFE), 0)
    worked = weight * np.where(told, table.outcome, 0)
    cases, successes = (
        np.bincount(table.helper, weights=amounts, minlength=len(people.ids)).astype(np.float32)
        for amounts in (weight, worked)
    )

    def reason(person: int) -> Reason | None:
        mine = np.flatnonzero(told & (table.helper == person))
        if not len(mine):
            return None
        values = table.outcome[mine]
        whole, half = int((values == 1).sum()), int((values == 0.5).sum())
        # A piece of advice that failed is between two people: it counts, but is not held up to others.
        if not whole and not half and len(mine) < SMALLEST_COUNT:
            return None
        helper = Node("Person", people.ids[person])
        path: list[Step] = []
        for piece in mine.tolist():
            given = Node("Advice", table.id[piece])
            question = Node("Question", evidence.questions[int(table.question[piece])].id)
            path += [Step(helper, "GAVE", given), Step(given, "ANSWERS", question)]
        numbers = {"worked": whole, "all": len(mine)}
        text = (
            tell("of their advice that was followed up, %(worked)d of %(all)d worked, %(half)d in part",
                 half=half, **numbers)
            if half
            else tell("of their advice that was followed up, %(worked)d of %(all)d worked", **numbers)
        )  # fmt: skip
        return Reason(text, tuple(path))

    return Evidence(NAME, above_usual(successes, cases), reason)
