"""Units of work opened by the API, tried again when PostgreSQL asks for it."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from django.db.utils import Error as DatabaseError
from rest_framework.request import Request

from shared.api.caller import Caller
from shared.api.database_errors import is_retried
from shared.api.problems import request_id_of
from shared.domains.moving.follow import follow_move, has_moved
from shared.domains.router import alias_of
from shared.session import acting, current
from shared.session.replica import leave_replica
from shared.session.written import has_just_written

T = TypeVar("T")
ATTEMPTS = 4
FOLLOWING_SECONDS = 3.0
"""How long a unit looks for a domain that is moving: longer than its writers ever wait."""


def unit_of(
    request: Request, domain: str, *, as_of: dt.datetime | None = None
) -> AbstractContextManager[Any]:
    """A unit for the request's caller and tenant, acting as the domain of the URL."""
    caller = request.auth
    assert isinstance(caller, Caller)
    return acting(
        domain=domain,
        organization=caller.organization,
        actor=caller.actor,
        request_id=request_id_of(request._request),
        as_of=as_of,
    )


def reading_unit_of(
    request: Request, domain: str, *, as_of: dt.datetime | None = None
) -> AbstractContextManager[Any]:
    """As ``unit_of``, for reads alone: a replica may answer, unless the tenant has just written."""
    caller = request.auth
    assert isinstance(caller, Caller)
    return acting(
        domain=domain,
        organization=caller.organization,
        actor=caller.actor,
        request_id=request_id_of(request._request),
        reading=True,
        replica=not has_just_written(alias_of(domain), caller.organization),
        as_of=as_of,
    )


def carry_out(
    unit: Callable[[], AbstractContextManager[Any]], work: Callable[[], T], *, attempts: int = ATTEMPTS
) -> T:
    """Run ``work`` in a unit of its own; a serialization failure, deadlock or lock timeout is tried again, and a domain
    that moves to another database in this moment is followed there.

    ``work`` must have no effect outside of the database, since it may run more than once.
    """
    deadline = time.monotonic() + FOLLOWING_SECONDS
    attempt = 0
    alias = ""
    while True:
        attempt += 1
        try:
            with unit() as facts:
                alias = facts.alias
                return work()
        except DatabaseError as error:
            if current() is not None:
                raise
            if alias and leave_replica(alias, error):
                continue
            if has_moved(error) and time.monotonic() < deadline:
                follow_move()
            elif attempt >= attempts or not is_retried(error):
                raise
            time.sleep(random.uniform(0.01, 0.05) * 2 ** min(attempt, ATTEMPTS))
