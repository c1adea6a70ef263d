"""Telling those who listen. Pub/sub keeps nothing: who does not listen learns it from the records."""

from __future__ import annotations

import json
import logging
import uuid
from functools import cache
from typing import Any

import redis
from django.conf import settings

log = logging.getLogger(__name__)


def channel_of(organization: uuid.UUID) -> str:
    """The pub/sub channel of a tenant; its identifier comes from session or key, never from the caller."""
    return f"trellis:notifications:{organization}"


@cache
def _broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def notify(*, organization: uuid.UUID, domain: str, event: str, data: dict[str, Any]) -> None:
    """Tell those of a tenant's listeners who may read ``domain``.

    Call it after the commit (``transaction.on_commit``). A broker that is down costs them this notice, never
    the caller its work."""
    message = json.dumps({"domain": domain, "event": event, "data": data}, default=str)
    try:
        _broker().publish(channel_of(organization), message)
    except redis.RedisError:
        log.warning("notification %s not sent: the broker does not answer", event)
