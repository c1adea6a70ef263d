"""Retention of the activity log: a month whose time is over goes as a whole, and the log says so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from shared.records.activity.models import ActivityEvent
from shared.records.activity.verifying import RETIRED
from shared.records.partitions import month_of, partition_name

KEPT_MONTHS = 2
"""The present month and the one before never go."""

Connection = psycopg.Connection[Any]


class NotYetError(ValueError):
    """A month cannot go; the sentence says why."""


@dataclass(frozen=True)
class RetiredMonth:
    """A month that has gone, or would: its first day, and how many entries it had."""

    month: dt.date
    entries: int


def retire_activity(
    connection: Connection,
    before: dt.date,
    *,
    today: dt.date,
    domain: str,
    reason: str,
    only_look: bool = False,
) -> list[RetiredMonth]:
    """Drop the months before ``before`` (a first day) from a database, as the owner; each leaves an entry ``retired``.

    ``domain`` lives in that database and answers for the entry. Raises NotYetError for months that are too young, or have
    entries that are not sealed yet.
    """
    youngest = month_of(today, 1 - KEPT_MONTHS)
    if before > youngest:
        raise NotYetError(
            f"Months from {youngest:%Y-%m} on stay: give --before {youngest:%Y-%m} or an earlier month."
        )
    gone = []
    for month in _months(connection):
        if month >= before:
            continue
        schema, name = partition_name(ActivityEvent._meta.db_table, month).split('"."')
        table = sql.Identifier(schema, name)
        with connection.transaction():
            entries = _count(connection, table)
            unsealed = connection.execute(
                sql.SQL(
                    "SELECT count(*) FROM {} e WHERE position > coalesce("
                    "(SELECT max(until) FROM shared.activity_seals s WHERE s.domain = e.domain), 0)"
                ).format(table)
            ).fetchone()
            if unsealed and unsealed[0]:
                raise NotYetError(
                    f"{unsealed[0]} entries of {month:%Y-%m} are not sealed: run manage.py seal_activity first."
                )
            if not only_look:
                _record(connection, month, entries, domain, reason)
                connection.execute(sql.SQL("DROP TABLE {}").format(table))
        gone.append(RetiredMonth(month, entries))
    return gone


def _months(connection: Connection) -> list[dt.date]:
    """The months that have a partition, the oldest first."""
    rows = connection.execute(
        "SELECT right(c.relname, 7) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'shared.activity_events'::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' ORDER BY 1"
    ).fetchall()
    return [dt.date(int(name[:4]), int(name[5:]), 1) for (name,) in rows]


def _count(connection: Connection, table: sql.Identifier) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
    return int(row[0]) if row else 0


def _record(connection: Connection, month: dt.date, entries: int, domain: str, reason: str) -> None:
    connection.execute(
        "INSERT INTO shared.activity_events (position, nonce, domain, at, entity_type, action, changes, app, actor_kind, "
        "actor_name, actor_ip, user_agent, request_id, reason) VALUES (nextval('shared.activity_position'), "
        "gen_random_uuid(), %s, clock_timestamp(), 'shared.activity_events', %s, "
        "jsonb_build_object('month', jsonb_build_array(%s::text, NULL), 'entries', jsonb_build_array(%s::bigint, NULL)), "
        "session_user, 'system', 'retire_activity', '', '', '', %s)",
        [domain, RETIRED, month.isoformat(), entries, reason],
    )
