"""What is told of a remedy before anybody acts: the results of `matcher.audit.simulate`."""

from dataclasses import dataclass

from graph.models import Party
from graph.sentences import Sentence


@dataclass(frozen=True)
class Move:
    """Current members who go to a community; `already` are those of them who are in it anyway."""

    id: str
    name: str
    people: tuple[Party, ...]
    already: tuple[Party, ...]


@dataclass(frozen=True)
class Coverage:
    """Names of skills that a community covers more, or no longer; `id` None: of all communities together."""

    id: str | None
    name: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Loss:
    """Somebody who would not be what they are: `role` as it is called, or `core`, in the community named."""

    person: Party
    role: str
    community: str
    because: Sentence


@dataclass(frozen=True)
class Collision:
    """Two regular meetings, or a meeting and another, that who is asked to both cannot attend."""

    one: str
    other: str
    people: tuple[Party, ...]


@dataclass(frozen=True)
class Covering:
    """The fewest communities that cover the skills of each of so many `people`, those whose skills it may touch: their
    mean number, how many people need fewer or more, and how many hold a skill that nothing covers any more."""

    people: int
    before: float
    after: float
    fewer: int
    more: int
    uncovered: int


@dataclass(frozen=True)
class Likeness:
    """The probability that the community whose words change, or a part that is new, is of one domain with another one
    or a unit; None: not near. `shares_name`: it would have nearly the name of that one."""

    of: str
    id: str
    name: str
    before: float | None
    after: float | None
    shares_name: bool


@dataclass(frozen=True)
class Attracted:
    """How many people fit the words at least as well as its median member fits those of now; some who fit from then on
    and are not in it, best first, and members who fit no more."""

    before: int
    after: int
    gained: tuple[Party, ...]
    lost: tuple[Party, ...]


@dataclass(frozen=True)
class Asked:
    """Somebody to ask before anything is done, and why them."""

    person: Party
    because: tuple[Sentence, ...]


@dataclass(frozen=True)
class Simulation:
    text: Sentence
    moves: tuple[Move, ...]
    stay: tuple[Party, ...]
    coverage: tuple[Coverage, ...]
    losses: tuple[Loss, ...]
    collisions: tuple[Collision, ...]
    covering: Covering
    ask: tuple[Asked, ...]
    likeness: tuple[Likeness, ...]
    attracted: Attracted | None
    notes: tuple[Sentence, ...]
