"""What is counted of questions, advice and hours, and from how many on a share is told. Measures of practice and of
vitality count alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from graph.models import ordinal
from graph.reads.practice import Given, Question
from graph.sentences import Sentence, tell, tell_n
from matcher.audit.collisions import Slot, collide

# Fewer are an anecdote; and from fewer answers a time could be laid at somebody's door.
FEWEST = 5
# Days within which advice should be followed up; what is younger does not count yet.
FOLLOWED = 14
# Members in common from which on two communities should not meet at once.
SHARED = 3


# What measures count, by what one of it is called.
THINGS: Mapping[str, Callable[[int], Sentence]] = {
    "question": lambda number: tell_n("%(num)d question", "%(num)d questions", number),
    "question in one of the two periods": lambda number: tell_n(
        "%(num)d question in one of the two periods", "%(num)d questions in one of the two periods", number
    ),
    "piece of advice": lambda number: tell_n("%(num)d piece of advice", "%(num)d pieces of advice", number),
    "outcome": lambda number: tell_n("%(num)d outcome", "%(num)d outcomes", number),
    "agenda item": lambda number: tell_n("%(num)d agenda item", "%(num)d agenda items", number),
    "meeting": lambda number: tell_n("%(num)d meeting", "%(num)d meetings", number),
    "meeting planned by a rule": lambda number: tell_n(
        "%(num)d meeting planned by a rule", "%(num)d meetings planned by a rule", number
    ),
    "gap between meetings": lambda number: tell_n(
        "%(num)d gap between meetings", "%(num)d gaps between meetings", number
    ),
    "attendance": lambda number: tell_n("%(num)d attendance", "%(num)d attendances", number),
    "newcomer": lambda number: tell_n("%(num)d newcomer", "%(num)d newcomers", number),
    "member": lambda number: tell_n("%(num)d member", "%(num)d members", number),
    "lead or core member": lambda number: tell_n(
        "%(num)d lead or core member", "%(num)d leads or core members", number
    ),
}


def few(number: int, what: str, fewest: int = FEWEST) -> Sentence | None:
    """Why nothing is told of so many (`what`: a key of THINGS); None where they are enough."""
    if number >= fewest:
        return None
    return tell("%(things)s; from %(fewest)d on it can be told", things=THINGS[what](number), fewest=fewest)


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
