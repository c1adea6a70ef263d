"""What the platform said of a customer, kept for a moment in the cache that all processes of an installation share.

Keys carry the tenant. A broker that does not answer means no cache, never an error, and is left alone for a while.
"""

from __future__ import annotations

import logging
import time
import uuid
from typing import Any

import orjson
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

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
        kept = cache.get(_key(method, organization, customer_id))
    except (RedisError, OSError) as error:
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
        cache.add(
            _key(method, organization, customer_id), orjson.dumps(answer), settings.PLATFORM_CACHE_SECONDS
        )
    except (RedisError, OSError) as error:
        _note_failure(error)


def forget_customer(organization: uuid.UUID, customer_id: uuid.UUID) -> None:
    """Whoever learns that a customer has changed calls this: the next read asks the platform.

    Where the broker does not answer, what was kept ends by its time.
    """
    if not _is_on():
        return
    keys = (_key(method, organization, customer_id) for method in _METHODS)
    try:
        cache.set_many(dict.fromkeys(keys, _FORGOTTEN), _FORGOTTEN_SECONDS)
    except (RedisError, OSError) as error:
        _note_failure(error)


def _key(method: str, organization: uuid.UUID, customer_id: uuid.UUID) -> str:
    return f"platform:{organization.hex}:{customer_id.hex}:{method}"


def _is_on() -> bool:
    return settings.PLATFORM_CACHE_SECONDS > 0 and time.monotonic() >= _broken_until


def _note_failure(error: Exception) -> None:
    global _broken_until
    _broken_until = time.monotonic() + _PAUSE_SECONDS
    log.warning("Customers are not cached for %s s: the broker does not answer (%s)", _PAUSE_SECONDS, error)
