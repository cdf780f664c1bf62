"""What is checked: a community as it is stored, or one that somebody thinks of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from graph.database import Steps, ask
from graph.models import Community
from graph.reads import formation as reads
from graph.reads.formation import Interest, Together
from matcher.audit.proposal import Proposal
from matcher.community import pulse
from matcher.community.pulse import Beat

# The question of the pulse that tells whether people are free to say what does not work.
CANDOUR = "candour"


@dataclass(frozen=True)
class Draft:
    """What is checked. `id` '' for one that is not stored; then `interests` and `together` are None: nobody could say
    or do anything yet. `advised` are pairs of people (ids, each in their order) of whom one advised the other,
    `asked_at` the days of questions by id. `candour`: what the pulse last said of telling what does not work, None
    where it says nothing to whoever asks."""

    id: str
    words: Proposal
    status: str = "proposed"
    meetings: tuple[str, ...] = ()
    interests: tuple[Interest, ...] | None = None
    together: Together | None = None
    advised: frozenset[tuple[str, str]] = frozenset()
    asked_at: Mapping[str, str] = field(default_factory=dict[str, str])
    candour: Beat | None = None

    @classmethod
    def of(
        cls,
        community: Community,
        interests: Sequence[Interest],
        together: Together,
        advised: frozenset[tuple[str, str]],
        asked_at: Mapping[str, str],
        candour: Beat | None = None,
    ) -> "Draft":
        words = Proposal(
            community.name, community.domain, community.audience or "", community.topics, community.skill_ids
        )
        return cls(
            community.id, words, community.status, community.meetings, tuple(interests), together, advised, asked_at,
            candour,
        )  # fmt: skip

    @property
    def group(self) -> tuple[str, ...]:
        """Ids of those who are in it or want to be."""
        members = self.together.members if self.together else ()
        return tuple(sorted({*members, *(one.person_id for one in self.interests or ())}))


def read_draft(community: Community, pulse_until: str | None = None) -> Steps[Draft]:
    """A stored community as it is checked. `pulse_until`: for who may read its pulse, that of the quarters that are
    over on that day counts; for others (None) it does not show, not even in a state."""
    interests = yield from ask(reads.interests(community.id))
    together = yield from ask(reads.together(community.id))
    candour = None
    if pulse_until is not None:
        told = yield from pulse.of_community(community.id, pulse_until)
        candour = next(one.told for one in told if one.question == CANDOUR)
    bare = Draft.of(community, interests, together, frozenset(), {}, candour)
    advised = yield from ask(reads.asked_and_answered(bare.group))
    return replace(bare, advised=advised, asked_at=(yield from ask(reads.question_dates())))
