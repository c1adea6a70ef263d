"""The circuit breaker by itself, with a clock of its own."""

from __future__ import annotations

from shared.platform_client.breaker import Breaker, State


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def made() -> tuple[Breaker, Clock, list[State]]:
    clock, heard = Clock(), []
    return Breaker(failures=3, rest=10, tell=heard.append, clock=clock), clock, heard


def fail(breaker: Breaker) -> None:
    phase = breaker.admit()
    assert phase is not None
    breaker.note(phase, answered=False)


def test_failures_in_a_row_open_it_and_an_answer_between_them_does_not() -> None:
    breaker, _, heard = made()
    fail(breaker)
    fail(breaker)
    phase = breaker.admit()
    assert phase is not None
    breaker.note(phase, answered=True)
    fail(breaker)
    fail(breaker)
    assert breaker.state is State.CLOSED
    fail(breaker)
    assert breaker.state is State.OPEN
    assert breaker.admit() is None
    assert heard == [State.OPEN]


def test_after_its_rest_one_may_try_and_decides() -> None:
    breaker, clock, heard = made()
    for _ in range(3):
        fail(breaker)
    clock.now = 7.9
    assert breaker.admit() is None
    clock.now = 12.1
    probe = breaker.admit()
    assert probe is not None
    assert breaker.admit() is None, "one at a time"
    breaker.note(probe, answered=False)
    assert breaker.admit() is None
    clock.now = 24.3
    probe = breaker.admit()
    assert probe is not None
    breaker.note(probe, answered=True)
    assert breaker.admit() is not None
    assert heard == [State.OPEN, State.HALF_OPEN, State.OPEN, State.HALF_OPEN, State.CLOSED]


def test_who_was_admitted_earlier_decides_nothing_later() -> None:
    breaker, clock, _ = made()
    late = breaker.admit()
    assert late is not None
    for _ in range(3):
        fail(breaker)
    breaker.note(late, answered=True)
    assert breaker.state is State.OPEN
    clock.now = 12.1
    probe = breaker.admit()
    breaker.note(late, answered=False)
    assert breaker.state is State.HALF_OPEN
    assert probe is not None
