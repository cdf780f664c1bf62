"""What became of earlier requests: does somebody say yes, does advice follow, and how much is on their plate?

Reasons have no path, and tell what was decided from SMALLEST_COUNT requests on only: whose request was declined is
between two people.
"""

import numpy as np
from numpy.typing import NDArray

from graph.sentences import tell, tell_n
from matcher.advice import HelpEvidence
from matcher.explain import Reason
from matcher.features.evidence import Evidence, nothing
from matcher.features.rates import above_usual

FloatArray = NDArray[np.float32]

WILLING = "accepts_requests"
ANSWERED = "advice_per_request"
LOAD = "load"

# None of them: a declined request, one without advice and an open one are evidence, and lower what they are about. One
# more that was accepted and led to advice lowers neither rate.
MONOTONE = False

# A number below this could give a person away.
SMALLEST_COUNT = 5

# Open requests that fill somebody whose capacity is not known: about one a working day.
USUAL_CAPACITY = 5

# The share of a capacity is told in quarters: from the exact one, anybody could compute what only the person sees.
SHARES = 4

MOST = 0.75


def willing(evidence: HelpEvidence) -> Evidence:
    """By how much likelier one accepts a request than is usual, between -1 and 1; 0 for who was never asked."""
    requests, people = evidence.requests, evidence.snapshot.people
    if not requests.decided.any():
        return nothing(WILLING, len(people.ids))
    cases = requests.count(requests.decided, len(people.ids))
    accepted = requests.count(requests.accepted, len(people.ids))

    def reason(person: int) -> Reason | None:
        number, yes = int(cases[person]), int(accepted[person])
        if number < SMALLEST_COUNT:
            return None
        if yes >= MOST * number:
            return Reason(tell("accepts most requests: %(yes)d of %(all)d", yes=yes, all=number))
        if yes >= (1 - MOST) * number:
            return Reason(tell("accepts some requests: %(yes)d of %(all)d", yes=yes, all=number))
        return Reason(tell("accepts few requests: %(yes)d of %(all)d", yes=yes, all=number))

    return Evidence(WILLING, above_usual(accepted, cases), reason)


def answered(evidence: HelpEvidence) -> Evidence:
    """Advice given for each time that one was asked, against what is usual, between -1 and 1.

    Who is asked often has advised often: this is what tells them from who advises whenever asked.
    """
    requests, people = evidence.requests, evidence.snapshot.people
    over = requests.decided & ~requests.open
    if not over.any():
        return nothing(ANSWERED, len(people.ids))
    cases = requests.count(over, len(people.ids))
    advised = requests.count(over & requests.advised, len(people.ids))

    def reason(person: int) -> Reason | None:
        number = int(cases[person])
        return (
            Reason(tell("gave advice on %(advised)d of %(all)d requests", advised=int(advised[person]), all=number))
            if number >= SMALLEST_COUNT
            else None
        )

    return Evidence(ANSWERED, above_usual(advised, cases), reason)


def load(evidence: HelpEvidence) -> Evidence:
    """Minus the share of one's capacity that open requests take, in quarters, from -1 to 0."""
    requests, people = evidence.requests, evidence.snapshot.people
    if not requests.open.any():
        return nothing(LOAD, len(people.ids))
    open_now = requests.count(requests.open, len(people.ids))
    capacity = np.where(people.capacity < 0, USUAL_CAPACITY, np.maximum(people.capacity, 1))
    share = np.minimum(np.ceil(SHARES * open_now / capacity) / SHARES, 1)

    def reason(person: int) -> Reason | None:
        number = int(open_now[person])
        if not number:
            return None
        return Reason(tell_n("has an open request", "has %(num)d open requests", number))

    return Evidence(LOAD, (-share).astype(np.float32), reason)


def room(evidence: HelpEvidence) -> FloatArray:
    """How many more requests each takes, float32 [people]; without end for who does not say how many they take."""
    requests, people = evidence.requests, evidence.snapshot.people
    left = np.maximum(people.capacity - requests.count(requests.open, len(people.ids)), 0)
    return np.where(people.capacity < 0, np.inf, left).astype(np.float32)
