"""What the formation check asks, and how it answers: each question of the guide with a state, the evidence and the next
best action.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from graph.sentences import Sentence, tell
from matcher.audit.proposal import Answer as Relative

State = Literal["met", "partly", "missing", "cannot_tell"]
PartOf = Literal["domain", "community", "practice", "together"]

# Every question of the guide, in its order: what it is a part of, and how it is asked.
QUESTIONS: Mapping[str, tuple[PartOf, Sentence]] = {
    "identify": ("domain", tell("Do enough people see it as a significant part of their work?")),
    "concern": ("domain", tell("Do they share a concern or a situation, not only skills?")),
    "belonging": ("domain", tell("Is it easy to tell who belongs?")),
    "duplicates": ("domain", tell("Is there no community or unit for it already?")),
    "general": ("domain", tell("Is it not so general that everyone could belong?")),
    "specific": ("domain", tell("Is it not so specific that people must join too many?")),
    "wanted": ("community", tell("Is there a clear group of people who want it?")),
    "companionship": ("community", tell("Are they likely to become companions?")),
    "leaders": ("community", tell("Are people committed to lead it?")),
    "challenges": ("practice", tell("Is the practice dynamic, with emerging challenges?")),
    "disclosure": ("practice", tell("Will people be free to say what does not work?")),
    "rhythm": ("together", tell("Is a rhythm of meetings planned?")),
    "follow_up": ("together", tell("Is what was said followed up?")),
    "shared_work": ("together", tell("Do they make something together?")),
    "outside_experts": ("together", tell("Are outside experts guests, and not the mainstay?")),
}

# Where nothing is left to be done.
DONE = Sentence("")

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
    evidence: tuple[Sentence, ...]
    action: Sentence

    @property
    def part(self) -> PartOf:
        return QUESTIONS[self.question][0]

    @property
    def asked(self) -> Sentence:
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
    def next_actions(self) -> tuple[Sentence, ...]:
        """What to do next, what is missing first."""
        order: tuple[State, ...] = ("missing", "cannot_tell", "partly")
        return tuple(one.action for state in order for one in self.answers if one.state == state and one.action)
