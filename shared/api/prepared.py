"""Statements that PostgreSQL has parsed and planned already.

Planning a list's query under row-level security costs as much as running it (0.13 of 0.24 ms). The facts travel with
the statement in one message of the simple protocol, where only SQL's own PREPARE and EXECUTE are at home. A statement
is prepared on a connection when it comes for the third time. Its name is a hash of its text, so that behind a pooler
that hands connections around a name can never stand for another text; a name that is missing there fails, and this
process then prepares no more.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from functools import cache
from typing import Any

import psycopg
from django.db.utils import DatabaseError
from psycopg.errors import DuplicatePreparedStatement

from shared.session.backend.opening import set_opening

log = logging.getLogger("trellis.api")

USES_BEFORE = 3
MOST = 200
"""Statements prepared on one connection."""

_REPLAN = "0A000"  # "cached plan must not change result type": a column's type was changed
_MISSING = "26000"
FAILURES = (DatabaseError,)
_switched_off = False


def name_of(sql: str) -> str:
    """The name of a statement, from its text."""
    return f"trl_{hashlib.sha256(sql.encode()).hexdigest()[:24]}"


def is_ready(raw: Any, name: str, sql: str, facts: str) -> bool:
    """Whether the statement is prepared on this connection (of psycopg), which is outside of any transaction;
    prepares it under the facts when it is due."""
    if _switched_off:
        return False
    uses: dict[str, int] = raw.__dict__.setdefault("trellis_prepared", {})
    count = uses.get(name, 0)
    if count > USES_BEFORE:
        return True
    uses[name] = count + 1
    if count < USES_BEFORE or len(uses) > MOST:
        return False
    try:
        _prepare(raw, name, sql, facts)
    except (
        psycopg.Error
    ):  # such as tables that are just moving: the statement itself fails, and is answered, as ever
        uses[name] = 0
        return False
    return True


def _prepare(raw: Any, name: str, sql: str, facts: str) -> None:
    """Prepare it in one message with the facts, since the bare login may not even look into the schema. A pooler's
    connection may know the name already, from another client: it then stands for the same text."""
    set_opening(raw, facts)
    with raw.cursor() as cursor, contextlib.suppress(DuplicatePreparedStatement):
        cursor.execute(f"PREPARE {name} AS {_numbered(sql)}")


def _numbered(sql: str) -> str:
    """``%s`` becomes ``$1``, ``$2`` …; ``%%`` becomes ``%``."""
    pieces = sql.split("%s")
    numbered = pieces[0] + "".join(f"${index}{piece}" for index, piece in enumerate(pieces[1:], 1))
    return numbered.replace("%%", "%")


@cache
def execute_sql(name: str, width: int) -> str:
    """The statement that runs a prepared one."""
    return f"EXECUTE {name}({', '.join(['%s'] * width)})" if width else f"EXECUTE {name}"


def forget(raw: Any, error: BaseException) -> None:
    """After a failure that is the preparation's own: switch it off, or raise what it was."""
    global _switched_off
    state = getattr(error.__cause__, "sqlstate", None)
    if state == _MISSING:
        _switched_off = True
        log.warning("Prepared statements get lost between the pooler's connections: going on without.")
    elif state == _REPLAN:
        raw.__dict__.pop("trellis_prepared", None)
        raw.execute("DEALLOCATE ALL")
    else:
        raise error
