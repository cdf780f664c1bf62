"""What is counted of questions, advice and hours, and from how many on a share is told. Measures of practice and of
vitality count alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from graph.models import ordinal
from graph.reads.practice import Given, Question
from matcher.audit.collisions import Slot, collide

# Fewer are an anecdote; and from fewer answers a time could be laid at somebody's door.
FEWEST = 5
# Days within which advice should be followed up; what is younger does not count yet.
FOLLOWED = 14
# Members in common from which on two communities should not meet at once.
SHARED = 3


def few(number: int, what: str, fewest: int = FEWEST) -> str | None:
    """Why nothing is told of so many (`what` for one of them); None where they are enough."""
    if number >= fewest:
        return None
    head, space, rest = what.partition(" ")
    return f"{number} {what if number == 1 else f'{head}s{space}{rest}'}; from {fewest} on it can be told"


def waited(question: Question, today: int) -> tuple[int, bool] | None:
    """How many days a question waited for its first answer, and whether it has one; None where it was answered and
    nobody knows when. `today` as an ordinal; the question is dated to the day."""
    days = [ordinal(given.advised_at) for given in question.advice if len(given.advised_at) >= 10]
    if question.advice and not days:
        return None
    return max(0, min(days, default=today) - ordinal(question.asked_at)), bool(days)


def to_follow_up(questions: Iterable[Question], within: Callable[[str], bool], today: int) -> list[Given]:
    """The advice of a period (`within` tells it of a day) that somebody came back to, or should have by today."""
    return [
        given
        for question in questions
        for given in question.advice
        if within(given.advised_at) and (given.followed_up or today - ordinal(given.advised_at) >= FOLLOWED)
    ]


def meeting_at_once(mine: Sequence[Slot], others: Mapping[str, Sequence[Slot]]) -> tuple[int, list[str]]:
    """How many hours are free of what others have, and which of these have none that is."""
    taken = [slot for some in others.values() for slot in some]
    free = sum(not any(collide(one, slot) for slot in taken) for one in mine)
    return free, [key for key, some in others.items() if any(collide(one, slot) for one in mine for slot in some)]
