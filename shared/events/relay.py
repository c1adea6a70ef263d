"""The relay: gives unsent events to their subscribers, in order per stream.

One at a time per database. An event is looked at when its transaction has committed, never by ``id > last``: what is not
sent yet lies in a queue of its own, and leaves it in the transaction that gives it on. Events of one stream become visible
in their order, because publishing locks the stream's counter until the commit. Positions are drawn under that lock.
"""

from __future__ import annotations

from typing import Any

import psycopg

from shared.domains.registry import domains
from shared.events.handling import routes
from shared.events.order import LOCK_ORDER

BATCH = 1000
LEADER_LOCK = 0x7E11A7
"""The advisory lock of a database's relay."""

_LOCK = f"LOCK TABLE {', '.join(f'shared.{name}' for name in LOCK_ORDER)} IN ROW EXCLUSIVE MODE"
_LIVING = """
SELECT d.name FROM unnest(%s::text[], %s::text[]) AS d (name, schema)
JOIN pg_namespace n ON n.nspname = d.schema
WHERE coalesce(obj_description(n.oid, 'pg_namespace'), '') NOT LIKE %s"""

_GIVE = """
WITH taken AS (
  DELETE FROM shared.outbox_queue q
  USING (SELECT position, subscriber, domain FROM shared.outbox_queue WHERE domain = ANY (%(living)s)
         ORDER BY position, subscriber, domain LIMIT %(batch)s) f
  WHERE q.position = f.position AND q.subscriber = f.subscriber AND q.domain = f.domain
  RETURNING q.position, q.subscriber, q.at
), routed AS MATERIALIZED (
  SELECT e.*, r.subscriber, split_part(r.subscriber, '.', 1) AS taker
  FROM taken t
  JOIN shared.outbox_events e ON e.position = t.position AND e.at = t.at
  JOIN unnest(%(names)s::text[], %(takers)s::text[]) AS r (name, subscriber)
    ON t.subscriber IN ('', r.subscriber) AND (r.name = e.name OR r.name = '' AND (t.subscriber <> '' OR EXISTS (
      SELECT FROM shared.event_interests i
      WHERE i.organization_id = e.organization_id AND i.subscriber = r.subscriber AND i.name IN (e.name, '*'))))
), counted AS (
  INSERT INTO shared.aggregate_versions AS v (organization_id, stream, counter, domain, value)
  SELECT organization_id, stream, 'sent:' || subscriber, domain, count(*) FROM routed
  GROUP BY organization_id, stream, subscriber, domain ORDER BY stream, subscriber
  ON CONFLICT (organization_id, stream, counter) DO UPDATE SET value = v.value + excluded.value
  RETURNING v.organization_id, v.stream, v.counter, v.value
), numbered AS MATERIALIZED (
  SELECT r.*, c.value - count(*) OVER w + row_number() OVER (w ORDER BY r.position) AS number
  FROM routed r JOIN counted c
    ON c.organization_id = r.organization_id AND c.stream = r.stream AND c.counter = 'sent:' || r.subscriber
  WINDOW w AS (PARTITION BY r.organization_id, r.stream, r.subscriber)
), here AS (
  INSERT INTO shared.inbox_events (
    organization_id, stream, subscriber, number, domain, publisher, event_id, at, name, schema_version, aggregate_type,
    aggregate_id, aggregate_version, subject, data, context, received_at)
  SELECT organization_id, stream, subscriber, number, taker, domain, event_id, at, name, schema_version, aggregate_type,
    aggregate_id, aggregate_version, subject, data, context, clock_timestamp()
  FROM numbered WHERE taker = ANY (%(living)s) ORDER BY position
), elsewhere AS (
  INSERT INTO shared.outbox_deliveries (
    organization_id, stream, subscriber, number, domain, position, at, attempts, due_at)
  SELECT organization_id, stream, subscriber, number, domain, position, at, 0, clock_timestamp()
  FROM numbered WHERE taker <> ALL (%(living)s)
  RETURNING subscriber
)
SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM numbered), (SELECT count(*) FROM elsewhere)"""


def living_domains(cursor: Any) -> list[str]:
    """The domains whose schemas are in this database, as itself says: one that still arrives is not there yet."""
    from shared.domains.moving.target import MARK

    declared = domains()
    cursor.execute(_LIVING, [[d.name for d in declared], [d.schema for d in declared], f"{MARK}%"])
    return [name for (name,) in cursor.fetchall()]


def relay_once(connection: psycopg.Connection[Any], *, batch: int = BATCH) -> tuple[int, int, int]:
    """Give the oldest unsent events on, in one transaction of the operator; returns how many were taken, how many
    deliveries they made, and how many of those are for other databases."""
    with connection.transaction(), connection.cursor() as cursor:
        # A move locks these tables before it decides: who lives here is read when that has been decided.
        cursor.execute(_LOCK)
        pairs = routes()
        cursor.execute(
            _GIVE,
            {
                "batch": batch,
                "names": [name for name, _ in pairs],
                "takers": [taker for _, taker in pairs],
                "living": living_domains(cursor),
            },
        )
        taken, given, elsewhere = cursor.fetchone() or (0, 0, 0)
        if given > elsewhere:
            cursor.execute("SELECT pg_notify('trellis_inbox', '')")
    return taken, given, elsewhere


def become_leader(connection: psycopg.Connection[Any]) -> bool:
    """Whether this session is the one that relays in its database, now and until it ends."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK]).fetchone()
    return bool(row and row[0])
