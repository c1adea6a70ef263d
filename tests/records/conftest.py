"""What tests of the activity log's seals share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.servers import database_url


@pytest.fixture
def superuser() -> Iterator[psycopg.Connection[Any]]:
    """Who can do everything. The log begins empty, and ends so: what is forged in it is nobody else's."""
    with psycopg.connect(database_url(), autocommit=True, options="-c lock_timeout=5000") as connection:
        empty(connection)
        yield connection
        empty(connection)
        for table in GUARDED:
            connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER refuse_rewriting".encode())


GUARDED = ("shared.activity_events", "shared.activity_seals")


def empty(superuser: psycopg.Connection[Any]) -> None:
    take_guards_off(superuser)
    for table in (*GUARDED, "shared.activity_horizons"):
        superuser.execute(f"DELETE FROM {table}".encode())


def take_guards_off(superuser: psycopg.Connection[Any]) -> None:
    """What only a superuser can do."""
    for table in GUARDED:
        superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
