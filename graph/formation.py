"""How a proposal becomes a community: the steps, from which status to which, and whose part each is."""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.models import RANKS, Part, Role

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


def possible_steps(status: str, last: str | None, parts: frozenset[Part], role: Role) -> list[str]:
    """What somebody who is one of `parts` in the community, or of this role, can do now; `last` is the last step."""
    found: list[str] = []
    for name, step in STEPS.items():
        least = Role.KNOWLEDGE_MANAGER if step.managed else Role.ADMIN
        ranks = RANKS.index(role) >= RANKS.index(least)
        held = parts & set(step.parts)
        if name == "reopen" and last not in REOPENED_BY_PROPOSER:
            held &= {Part.SPONSOR}
        in_turn = status in step.begins and (not step.after or last in step.after) and (name, last) != ("ask", "ask")
        if in_turn and (ranks or held):
            found.append(name)
    return found
