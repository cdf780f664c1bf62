"""What the formation check asks, and how it answers: each question of the guide with a state, the evidence and the next
best action.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from matcher.audit.proposal import Answer as Relative

State = Literal["met", "partly", "missing", "cannot_tell"]
PartOf = Literal["domain", "community", "practice", "together"]

# Every question of the guide, in its order: what it is a part of, and how it is asked.
QUESTIONS: Mapping[str, tuple[PartOf, str]] = {
    "identify": ("domain", "Do enough people see it as a significant part of their work?"),
    "concern": ("domain", "Do they share a concern or a situation, not only skills?"),
    "belonging": ("domain", "Is it easy to tell who belongs?"),
    "duplicates": ("domain", "Is there no community or unit for it already?"),
    "general": ("domain", "Is it not so general that everyone could belong?"),
    "specific": ("domain", "Is it not so specific that people must join too many?"),
    "wanted": ("community", "Is there a clear group of people who want it?"),
    "companionship": ("community", "Are they likely to become companions?"),
    "leaders": ("community", "Are people committed to lead it?"),
    "challenges": ("practice", "Is the practice dynamic, with emerging challenges?"),
    "disclosure": ("practice", "Will people be free to say what does not work?"),
    "rhythm": ("together", "Is a rhythm of meetings planned?"),
    "follow_up": ("together", "Is what was said followed up?"),
    "shared_work": ("together", "Do they make something together?"),
    "outside_experts": ("together", "Are outside experts guests, and not the mainstay?"),
}

# What a relative would be to the proposal where it may be the same, or nearly.
SAME = ("join_instead", "clashes_with")
NEARLY = ("sub_group_of", "takes_in", "resembles", "overlaps", "shares_name")

# Counts of people below this are not broken down or told by kind: it would tell of single ones.
LEAST = 5
# So many names or relatives are told of.
EXAMPLES = 5


@dataclass(frozen=True)
class Answer:
    """What is known on one question: `evidence` in sentences, `action` what to do next ('' where it is met)."""

    question: str
    state: State
    evidence: tuple[str, ...]
    action: str

    @property
    def part(self) -> PartOf:
        return QUESTIONS[self.question][0]

    @property
    def asked(self) -> str:
        return QUESTIONS[self.question][1]


@dataclass(frozen=True)
class Check:
    """The answers in the order of QUESTIONS; `relatives` is what stands already and is near; `identify` how many people
    would identify with it (None: cannot be told)."""

    answers: tuple[Answer, ...]
    relatives: tuple[Relative, ...]
    identify: int | None

    def count(self, state: State) -> int:
        return sum(one.state == state for one in self.answers)

    @property
    def duplicates(self) -> tuple[Relative, ...]:
        """What it may duplicate."""
        return tuple(one for one in self.relatives if one.relation in (*SAME, *NEARLY))

    @property
    def next_actions(self) -> tuple[str, ...]:
        """What to do next, what is missing first."""
        order: tuple[State, ...] = ("missing", "cannot_tell", "partly")
        return tuple(one.action for state in order for one in self.answers if one.state == state and one.action)
