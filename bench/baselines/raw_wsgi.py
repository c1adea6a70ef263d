"""The ceiling: one statement by psycopg, JSON made by PostgreSQL, nothing else. No credentials, no tenant.

Reads the stock project's table, so rows and indexes are the same.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import psycopg

_PAGE = """
SELECT json_agg(page)::text
FROM (SELECT * FROM stock_ticket WHERE status = %s AND priority = %s
      ORDER BY created_at DESC, id DESC LIMIT 25) AS page"""

_local = threading.local()


def _connection() -> psycopg.Connection[tuple[Any, ...]]:
    connection: psycopg.Connection[tuple[Any, ...]] | None = getattr(_local, "connection", None)
    if connection is None:
        connection = psycopg.connect(os.environ["BENCH_STOCK_DATABASE_URL"], autocommit=True)
        _local.connection = connection
    return connection


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The filtered list."""
    query = parse_qs(environ["QUERY_STRING"])
    if "status" not in query or "priority" not in query:
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]
    row = _connection().execute(_PAGE, (query["status"][0], query["priority"][0])).fetchone()
    body = ('{"results":' + str(row[0] if row and row[0] else "[]") + "}").encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
