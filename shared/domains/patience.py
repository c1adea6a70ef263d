"""How long a change of the schema waits for a lock: a moment, and then again.

Whoever waits for a strong lock makes all who come after wait as well, readers too. So the login that migrates gives up
after a tenth of a second, rolls back, lets the others pass and tries again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import OperationalError
from psycopg.errors import LockNotAvailable
from psycopg.pq import TransactionStatus

LIMITS = {"lock_timeout": "100ms", "statement_timeout": "1min"}
"""Settings of the login that migrates, as PostgreSQL prints them. The second ends what would hold its locks for long."""

PATIENCE = 60.0
"""Seconds after which a change gives up for good."""

T = TypeVar("T")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
_BLOCKS_NOBODY = re.compile(r"\bCONCURRENTLY\b|\bVALIDATE CONSTRAINT\b", re.IGNORECASE)


class StillLockedError(RuntimeError):
    """A table stayed in use for longer than a change of the schema waits; the message says what to do."""


def patiently(change: Callable[[], T], *, what: str, patience: float = PATIENCE) -> T:
    """Run ``change``, again and again while a lock that it needs is held by others.

    ``change`` must be a transaction of its own or be done again without harm: what an attempt did before it met the
    lock is either rolled back or done twice. Raises StillLockedError, which names ``what``.
    """
    end, pause = time.monotonic() + patience, _FIRST_PAUSE
    while True:
        try:
            return change()
        except (OperationalError, LockNotAvailable) as error:
            if not any(isinstance(each, LockNotAvailable) for each in (error, error.__cause__)):
                raise
            if time.monotonic() + pause > end:
                raise StillLockedError(
                    f"{what}: gave up after {patience:.0f} seconds, because another transaction holds the table. End it "
                    "(SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY xact_start), or try again later."
                ) from error
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def let_harmless_statements_wait(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Django execute wrapper: CREATE INDEX CONCURRENTLY and its like wait for every transaction there is, and make
    nobody wait; broken off, they would leave an invalid index. They take the time they need."""
    if not _BLOCKS_NOBODY.search(str(sql)):
        return execute(sql, params, many, context)
    connection = context["connection"].connection
    for limit in LIMITS:
        connection.execute(f"SET {limit} = 0")
    try:
        return execute(sql, params, many, context)
    finally:
        if connection.info.transaction_status != TransactionStatus.INERROR:  # its rollback takes the SET back
            for limit in LIMITS:
                connection.execute(f"RESET {limit}")
