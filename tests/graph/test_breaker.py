"""The circuit breaker: opens after failures in a row, rests, probes once, and closes with the first answer."""

import math

from graph.breaker import FAILURES, FIRST, PLENTY, REST, Breaker


def test_it_opens_after_failures_in_a_row_alone() -> None:
    breaker = Breaker()
    for _ in range(3 * FAILURES):
        for _ in range(FAILURES - 1):
            breaker.failed()
        breaker.succeeded()
        assert breaker.admit() == "pass"
    for _ in range(FAILURES):
        assert breaker.admit() == "pass"
        breaker.failed()
    assert (breaker.state, breaker.opened, breaker.admit()) == ("open", 1, "refuse")


def test_one_probe_at_a_time_decides() -> None:
    breaker, now = Breaker(), 1_000.0
    breaker.clock = lambda: now
    for _ in range(FAILURES):
        breaker.failed()
    now += REST
    assert [breaker.admit() for _ in range(3)] == ["probe", "refuse", "refuse"]
    breaker.failed()
    assert (breaker.state, breaker.opened) == ("open", 1), "it never closed between"
    assert breaker.admit() == "refuse", "and rests again"
    now += REST
    assert breaker.admit() == "probe"
    breaker.succeeded()
    assert (breaker.state, breaker.admit()) == ("closed", "pass")
    breaker.failed()
    assert breaker.state == "closed", "what failed before it opened is forgotten"


def test_an_answer_to_what_was_asked_before_it_opened_closes_it() -> None:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed()
    breaker.succeeded()
    assert breaker.admit() == "pass"


def test_what_comes_back_is_asked_more_with_each_answer() -> None:
    breaker, now = Breaker(), 1_000.0
    breaker.clock = lambda: now
    assert breaker.width == math.inf
    for _ in range(FAILURES):
        breaker.failed()
    assert breaker.width == FIRST
    now += REST
    assert breaker.admit() == "probe"
    breaker.succeeded()
    assert breaker.width == FIRST + 1
    for _ in range(PLENTY):
        breaker.succeeded()
    assert breaker.width == math.inf
