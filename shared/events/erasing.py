"""Taking a person's words out of events: published ones, and those that wait to be handled."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg

_KEPT = (
    "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)|[0-9.]+)$"
)
"""Identifiers, times and amounts stay: they hold no words."""

_BLANK = """
UPDATE {table} SET {more}data = (
  SELECT coalesce(jsonb_object_agg(key, CASE jsonb_typeof(value)
    WHEN 'string' THEN CASE WHEN value #>> '{{}}' ~ %(kept)s THEN value ELSE '""' END
    WHEN 'object' THEN '{{}}' WHEN 'array' THEN '[]' ELSE value END), '{{}}') FROM jsonb_each(data))
WHERE organization_id = %(organization)s AND (subject = ANY(%(people)s) OR aggregate_id = ANY(%(records)s))"""


def erase_from_events(
    connection: psycopg.Connection[Any],
    organization: uuid.UUID,
    people: list[uuid.UUID],
    records: list[uuid.UUID],
) -> int:
    """Blank the texts of all events about these customers or records, as the owner; returns how many events there were.

    What is under way can still be handled: it says less then. A message on the bus is read and gone within minutes.
    """
    values = {"kept": _KEPT, "organization": organization, "people": people, "records": records}
    count = 0
    for table, more in (("shared.outbox_events", ""), ("shared.inbox_events", "error = '', ")):
        count += connection.execute(_BLANK.format(table=table, more=more).encode(), values).rowcount
    return count
