"""What the platform said of a customer, kept for a moment in the broker, which all processes of an installation share.

Keys carry the tenant; what is kept is JSON. A broker that does not answer means no cache, never an error, and is left
alone for a while.
"""

from __future__ import annotations

import logging
import time
import uuid
from functools import cache
from typing import Any

import orjson
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.metrics.platform_client import CACHE

log = logging.getLogger("trellis.platform_client")

_METHODS = ("get_customer", "get_customer_intelligence")
_FORGOTTEN = b""
_FORGOTTEN_SECONDS = 2
"""So long after a customer was forgotten nothing is kept of them: a reader who asked before the change and answers
after it would keep the old state. Longer than a call of a reader takes."""
_PAUSE_SECONDS = 5.0  # after a failure the broker is left alone for so long
_broken_until = 0.0


def find_kept(method: str, organization: uuid.UUID, customer_id: uuid.UUID) -> Any:
    """The answer that was kept of a method, as JSON values, or None."""
    if not _is_on():
        return None
    try:
        kept: Any = _client(settings.REDIS_URL).get(_key(method, organization, customer_id))
    except redis.RedisError as error:
        _note_failure(error)
        CACHE.labels(method, "off").inc()
        return None
    CACHE.labels(method, "hit" if kept else "miss").inc()
    return orjson.loads(kept) if kept else None


def keep(method: str, organization: uuid.UUID, customer_id: uuid.UUID, answer: Any) -> None:
    """Keep an answer for PLATFORM_CACHE_SECONDS, unless the customer was forgotten a moment ago."""
    if not _is_on():
        return
    try:
        key, seconds = _key(method, organization, customer_id), settings.PLATFORM_CACHE_SECONDS
        _client(settings.REDIS_URL).set(key, orjson.dumps(answer), ex=seconds, nx=True)
    except redis.RedisError as error:
        _note_failure(error)


def forget_customer(organization: uuid.UUID, customer_id: uuid.UUID) -> None:
    """Whoever learns that a customer has changed calls this: the next read asks the platform.

    Where the broker does not answer, what was kept ends by its time.
    """
    if not _is_on():
        return
    try:
        with _client(settings.REDIS_URL).pipeline() as both:
            for method in _METHODS:
                both.set(_key(method, organization, customer_id), _FORGOTTEN, ex=_FORGOTTEN_SECONDS)
            both.execute()
    except redis.RedisError as error:
        _note_failure(error)


@cache
def _client(url: str) -> redis.Redis:
    """Kept connections for all threads. Django's cache would build a client per call, half of a read's time."""
    return redis.Redis.from_url(
        url, socket_timeout=0.25, socket_connect_timeout=0.25, retry=Retry(NoBackoff(), 0)
    )


def _key(method: str, organization: uuid.UUID, customer_id: uuid.UUID) -> str:
    return f"platform:{organization.hex}:{customer_id.hex}:{method}"


def _is_on() -> bool:
    return settings.PLATFORM_CACHE_SECONDS > 0 and time.monotonic() >= _broken_until


def _note_failure(error: Exception) -> None:
    global _broken_until
    _broken_until = time.monotonic() + _PAUSE_SECONDS
    log.warning("Customers are not cached for %s s: the broker does not answer (%s)", _PAUSE_SECONDS, error)
