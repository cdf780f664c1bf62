"""How a proposal becomes a community: the steps, from which status to which, and whose part each is."""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.models import Part

LEVELS = ("core", "active", "occasional", "peripheral")


@dataclass(frozen=True)
class Step:
    """A step from one of the statuses `begins` to `ends` (None: it stays), for those who are one of `parts` and, where
    `managed`, for knowledge managers. `after`: only where the last step was one of these; `reasoned`: it needs a
    reason."""

    begins: tuple[str, ...]
    ends: str | None
    parts: tuple[Part, ...]
    managed: bool = True
    after: tuple[str, ...] = ()
    reasoned: bool = False


# The first step, `propose`, is taken by whoever stores the proposal.
PROPOSE = "propose"

# Nobody starts their own proposal: a knowledge manager knows what it may duplicate, a sponsor what it is good for. To
# withdraw is the part of those whose proposal it is.
STEPS: Mapping[str, Step] = {
    "ask": Step(("proposed",), None, (Part.PROPOSER, Part.LEAD), managed=False),
    "start": Step(("proposed",), "forming", (Part.SPONSOR,)),
    "activate": Step(("forming",), "active", (Part.SPONSOR,)),
    "decline": Step(("proposed", "forming"), "retired", (Part.SPONSOR,), reasoned=True),
    "withdraw": Step(("proposed", "forming"), "retired", (Part.PROPOSER, Part.LEAD), managed=False),
    "reopen": Step(("retired",), "proposed", (Part.SPONSOR, Part.PROPOSER, Part.LEAD), after=("decline", "withdraw")),
}

# Whose proposal it is may bring back what was withdrawn; what was declined was decided by others.
REOPENED_BY_PROPOSER = ("withdraw",)

# Statuses that are left by these steps alone.
BEFORE_ACTIVE = ("proposed", "forming")
