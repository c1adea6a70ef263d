"""Connections of the operator that live as long as their thread: for the relay's lock, and for LISTEN.

Neither survives a pool that shares connections by transaction, so they go to the server itself: ``DIRECT_DATABASE_URL`` says
where, if ``DATABASE_URL`` names a pool.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from shared.domains.moving.places import place_of
from shared.domains.registry import OPERATOR_ROLE


def operator_connection(alias: str) -> psycopg.Connection[Any]:
    """A connection that acts as the operator; raises psycopg.OperationalError."""
    database = settings.DATABASES[alias]
    connection = psycopg.connect(
        database.get("DIRECT") or place_of(database).url,
        autocommit=True,
        connect_timeout=5,
        application_name="trellis-events",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )
    connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OPERATOR_ROLE)))
    # The server must notice soon that we are gone as well: it holds the leader's lock until then.
    connection.execute(
        "SELECT set_config('timezone', 'UTC', false), set_config('search_path', 'pg_catalog', false), "
        "set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), "
        "set_config('tcp_keepalives_count', '3', false)"
    )
    return connection
