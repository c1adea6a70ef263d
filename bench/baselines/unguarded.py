"""Trellis' API with its isolation taken out: what `acting` and row-level security are compared with.

Never serve anything but a benchmark with this.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.db import connections

from shared.api import prepared, statements
from shared.session import unit
from shared.session.facts import Facts, _current


@contextmanager
def _remembered(facts: Facts, outer: Facts | None) -> Iterator[None]:
    """Remember the facts for the managers, and tell PostgreSQL nothing: no transaction, role or setting."""
    token = _current.set(facts)
    try:
        yield
    finally:
        _current.reset(token)


def _unguarded(connection: Any, **_: Any) -> None:
    """Leave the connection without the guard that refuses statements outside of a unit."""


def _run_alone(alias: str, statement: statements.Statement, params: list[Any]) -> list[tuple[Any, ...]]:
    """As the kit's, but for the facts: prepared as well, or planning would make up for what isolation costs."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        ready = prepared.is_ready(connection.connection, statement.name, statement.sql, "")
        text = prepared.execute_sql(statement.name, len(params)) if ready else statement.sql
        cursor.execute(text, params)
        return list(cursor.fetchall())


unit._unit = _remembered
statements.run_alone = _run_alone
unit.guard_connection = _unguarded

application = get_wsgi_application()
