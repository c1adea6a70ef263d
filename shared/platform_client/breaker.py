"""A circuit breaker: who fails again and again is not asked for a while, so that nobody waits for it in vain."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from enum import IntEnum


class State(IntEnum):
    """As shown in /metrics."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Breaker:
    """Closed: all may ask. After ``failures`` in a row open: nobody may, for ``rest`` seconds. Then half open: one
    may, and its outcome closes or opens again. Safe for threads; ``tell`` hears of each change."""

    def __init__(
        self,
        *,
        failures: int = 5,
        rest: float = 5.0,
        tell: Callable[[State], None] = lambda state: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._rest, self._tell, self._clock = failures, rest, tell, clock
        self._lock = threading.Lock()
        self._state = State.CLOSED
        self._failed = 0
        self._until = 0.0
        self._phase = (
            0  # raised with each change: what was admitted in an earlier phase decides nothing any more
        )

    @property
    def state(self) -> State:
        """As it is now."""
        return self._state

    def admit(self) -> int | None:
        """The phase in which a call may begin, to be handed to ``note``; None when it may not."""
        with self._lock:
            if self._state is State.OPEN and self._clock() >= self._until:
                self._go(State.HALF_OPEN)
                return self._phase
            return self._phase if self._state is State.CLOSED else None

    def note(self, phase: int, *, answered: bool) -> None:
        """The outcome of an admitted call; each must be noted."""
        with self._lock:
            if phase != self._phase:
                return
            if answered:
                self._failed = 0
                if self._state is not State.CLOSED:
                    self._go(State.CLOSED)
                return
            self._failed += 1
            if self._state is State.HALF_OPEN or self._failed >= self._most:
                self._until = self._clock() + self._rest * random.uniform(
                    0.8, 1.2
                )  # processes do not probe together
                self._go(State.OPEN)

    def _go(self, state: State) -> None:
        self._state = state
        self._failed = 0
        self._phase += 1
        self._tell(state)
