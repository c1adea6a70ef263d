"""Calls that the apps make to the platform."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prometheus_client import Counter, Gauge, Histogram

from shared.errors import DomainError

P = ParamSpec("P")
R = TypeVar("R")

CALLS = Counter(
    "trellis_platform_calls", "Calls of the platform client by method and outcome.", ["method", "outcome"]
)
SECONDS = Histogram(
    "trellis_platform_call_seconds",
    "How long callers waited for the platform, cached answers included.",
    ["method"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
RETRIES = Counter("trellis_platform_retries", "Attempts after the first, by method.", ["method"])
CACHE = Counter(
    "trellis_platform_cache",
    "Reads of the platform client's cache: hit, miss, or off while the broker does not answer.",
    ["method", "result"],
)
BREAKER = Gauge(
    "trellis_platform_breaker_state",
    "Circuit breaker to the platform: 0 closed, 1 half open, 2 open; of several processes the worst.",
    multiprocess_mode="livemax",
)


def counted(call: Callable[P, R]) -> Callable[P, R]:
    """Count and time a method of a platform client.

    Outcomes: ``ok``; ``refused`` (no such customer, bad input); what kept the platform from answering, as the error's
    ``kind`` says, else ``unavailable``; ``error`` for a bug.
    """
    method = call.__name__

    @wraps(call)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        outcome = "error"
        begin = time.perf_counter()
        try:
            result = call(*args, **kwargs)
            outcome = "ok"
            return result
        except DomainError as error:
            unavailable: Any = getattr(error, "kind", "unavailable")
            outcome = unavailable if error.status == 503 else "refused"
            raise
        finally:
            SECONDS.labels(method).observe(time.perf_counter() - begin)
            CALLS.labels(method, outcome).inc()

    return run
