"""The pulse: who is asked which short question and when. What is answered is kept in graph.writes.pulse.

The rule is a pure function of the person's memberships and the quarter, so that nobody chooses whom to ask, and nothing
has to be stored to know who was.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from graph.quarters import Quarter, of_day
from graph.sentences import Sentence, tell

# Each is said of the community, and answered from 1 (not at all) to 5 (very much).
QUESTIONS: Mapping[str, Sentence] = {
    "companionship": tell("I am glad to see the others when we meet."),
    "candour": tell("I am comfortable telling here what is not working."),
    "respect": tell("What I have experienced counts here."),
    "welcome": tell("Those who are new get help here."),
    "learning": tell("I learned something useful here of late."),
}
ANSWERS = (1, 2, 3, 4, 5)

# Of a community, one question a quarter for so many members, at least one and all five at the most: each question needs
# five answers, some members are asked about another community, and not all answer.
MEMBERS_A_QUESTION = 15

# People are asked in turn over the first weeks of a quarter, so that all have weeks left to answer.
WEEKS = 8


@dataclass(frozen=True)
class PulseQuestion:
    community_id: str
    community: str
    question: str
    text: str
    quarter: str


@dataclass(frozen=True)
class Belonging:
    """A community that a person is in, and how many are."""

    community_id: str
    name: str
    members: int


def asked(
    person_id: str, communities: list[Belonging], last: str | None, every: int, today: str
) -> PulseQuestion | None:
    """What a person is asked today: one question about one of their communities, each in its turn.

    `last` is the quarter in which they last answered or skipped (`2026-Q4`), `every` the quarters from one question to
    the next; 0: nobody is asked.
    """
    quarter = of_day(today)
    if not every or not communities or _lot(person_id) % every != quarter.place % every:
        return None
    if last is not None and str(quarter.before(every)) < last:
        return None
    opens = date.fromisoformat(quarter.first_day) + timedelta(weeks=_lot(person_id, str(quarter)) % WEEKS)
    if today < opens.isoformat():
        return None
    turn = quarter.place // every
    in_order = sorted(communities, key=lambda one: _lot(person_id, one.community_id))
    about = in_order[turn % len(in_order)]
    question = _questions(about, quarter)[_lot(person_id, about.community_id, str(quarter)) % _count(about.members)]
    return PulseQuestion(about.community_id, about.name, question, QUESTIONS[question], str(quarter))


def _questions(community: Belonging, quarter: Quarter) -> list[str]:
    """The questions of a quarter, those first that were not asked the quarter before."""
    count, names = _count(community.members), list(QUESTIONS)
    first = (quarter.place * count + _lot(community.community_id)) % len(names)
    return [names[(first + place) % len(names)] for place in range(count)]


def _count(members: int) -> int:
    return max(1, min(len(QUESTIONS), members // MEMBERS_A_QUESTION))


def _lot(*of: str) -> int:
    return int.from_bytes(hashlib.blake2b("\n".join(of).encode(), digest_size=6).digest())
