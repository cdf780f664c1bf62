"""What searches found is held for as long as nothing of it changed, and no longer."""

from collections.abc import Hashable

from graph.database import Steps
from matcher.found import MOST_ANSWERS, FoundThings


class Finding:
    """Counts how often an answer was worked out."""

    def __init__(self) -> None:
        self.things = FoundThings()
        self.rests_on: tuple[object, ...] = (object(),)
        self.times = 0

    def ask(self, asked: Hashable, meanwhile: dict[str, frozenset[str]] | None = None) -> int:
        """The number of the answer; while it is worked out, `meanwhile` is forgotten."""

        def answer() -> Steps[int]:
            self.times += 1
            if meanwhile is not None:
                self.things.forget(meanwhile)  # pyright: ignore[reportArgumentType]
            return self.times
            yield

        steps = self.things.remembered(asked, self.rests_on, answer)
        try:
            next(steps)
        except StopIteration as done:
            return done.value
        raise AssertionError("nothing is asked of the database")


def test_the_same_is_answered_once_and_another_anew() -> None:
    finding = Finding()
    assert [finding.ask("a"), finding.ask("b"), finding.ask("a")] == [1, 2, 1]


def test_answers_are_forgotten_with_whatever_changes() -> None:
    finding = Finding()
    assert finding.ask("a") == 1
    finding.things.forget({"person": frozenset({"p1"})})
    assert finding.ask("a") == 2
    finding.things.forget({"person": frozenset(), "skill": frozenset()})
    assert finding.ask("a") == 2, "nothing of it changed"
    finding.things.forget_answers()
    assert finding.ask("a") == 3


def test_what_was_worked_out_across_a_change_is_not_held() -> None:
    finding = Finding()
    assert finding.ask("a", meanwhile={"skill": frozenset({"s1"})}) == 1
    assert finding.ask("a") == 2


def test_with_another_catalogue_all_is_worked_out_anew() -> None:
    finding = Finding()
    assert finding.ask("a") == 1
    finding.rests_on = (object(),)
    assert finding.ask("a") == 2


def test_who_was_not_asked_for_longest_goes_first() -> None:
    finding = Finding()
    for number in range(MOST_ANSWERS):
        finding.ask(number)
    assert finding.ask(0) == 1
    finding.ask("one more")
    assert (finding.ask(0), finding.ask(1)) == (1, MOST_ANSWERS + 2)
