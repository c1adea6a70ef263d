"""Rate limits per caller: exact, by one atomic script in the broker.

When the broker does not answer, requests are served without a limit and a warning is logged: a limit protects the
service, and must not be what takes it down.
"""

from __future__ import annotations

import hashlib
import logging
import math
import threading
import time
from functools import cache
from pathlib import Path

import redis
from django.conf import settings

from shared.api.caller import Caller
from shared.api.problems import ProblemError

log = logging.getLogger("trellis.api")

WINDOW_SECONDS = 60
_PAUSE_SECONDS = 5.0  # after a failure the broker is left alone for so long
_broken_until = 0.0
_local = threading.local()


@cache
def _script() -> tuple[str, str]:
    """The script and its name in the broker."""
    text = Path(__file__).with_name("rate_limit.lua").read_text()
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@cache
def _pool(url: str) -> redis.ConnectionPool:
    return redis.ConnectionPool.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25)


def _ask(key: str, limit: int) -> list[int]:
    """Run the script on this thread's own connection; the client's layers above it would cost as much again."""
    url = settings.REDIS_URL
    connection = getattr(_local, "connection", None)
    if connection is None or _local.url != url:
        connection, _local.url = _pool(url).make_connection(), url
        _local.connection = connection
    text, name = _script()
    window = WINDOW_SECONDS * 1_000_000
    for attempt in (1, 2):
        try:
            connection.send_command("EVALSHA", name, 1, key, limit, window, check_health=False)
            return list(connection.read_response())
        except redis.exceptions.NoScriptError:
            connection.send_command("EVAL", text, 1, key, limit, window, check_health=False)
            return list(connection.read_response())
        except redis.TimeoutError:
            connection.disconnect()
            raise
        except redis.ConnectionError:  # the broker was restarted since the last call
            connection.disconnect()
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def count_call(caller: Caller) -> dict[str, str]:
    """Count one call; returns the headers that tell the caller where it stands.

    Raises a 429 problem when the limit of calls in the last minute is reached.
    """
    global _broken_until
    limit = caller.rate_limit
    if limit <= 0 or time.monotonic() < _broken_until:
        return {}
    key = f"rate:{{{caller.organization}:{caller.name}}}"
    try:
        allowed, left, wait = _ask(key, limit)
    except redis.RedisError as error:
        _broken_until = time.monotonic() + _PAUSE_SECONDS
        log.warning("Rate limits are off: the broker does not answer (%s)", error)
        return {}
    seconds = max(1, math.ceil(wait / 1_000_000))
    headers = {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(left),
        "RateLimit-Reset": str(seconds),
        "RateLimit-Policy": f"{limit};w={WINDOW_SECONDS}",
    }
    if not allowed:
        detail = (
            f"More than {limit} calls in {WINDOW_SECONDS} seconds: wait {seconds} seconds and go on slower."
        )
        raise ProblemError(429, "rate_limited", detail, headers={**headers, "Retry-After": str(seconds)})
    return headers
