"""Which tenants have just written, so that they read their own writes: from the primary while a replica may lack them.

The mark lies in the broker, for all processes, as long as a replica may be behind. Where the broker does not tell, the
primary is read. Without a replica nothing is asked and nothing noted.
"""

from __future__ import annotations

import logging
import math
import uuid

from django.conf import settings
from django.core.cache import cache
from redis import RedisError

from shared.session.replica import find_replica

log = logging.getLogger("trellis.session")


def note_written(alias: str, organization: uuid.UUID) -> None:
    """Before the answer to a write goes out."""
    if find_replica(alias) is None:
        return
    try:
        cache.set(_key(organization), 1, math.ceil(settings.REPLICA_MAX_LAG) + 1)
    except RedisError as error:
        log.warning("A tenant's next reads may be behind its write: the broker does not answer (%s)", error)


def has_just_written(alias: str, organization: uuid.UUID) -> bool:
    """Whether a replica may lack what the tenant wrote."""
    if find_replica(alias) is None:
        return False
    try:
        return cache.get(_key(organization)) is not None
    except RedisError:
        return True


def _key(organization: uuid.UUID) -> str:
    return f"written:{organization.hex}"
