"""Between databases: deliveries leave as messages and come in as rows, until both sides agree.

The publisher's side sends what is due and sends it again until it is acknowledged; the subscriber's side writes what
comes into its inbox, and acknowledges once that is committed. ``number`` makes the rest: what came before is dropped,
what comes too early waits for its turn (``draining.py``).
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
import psycopg
from django.conf import settings

from shared.events.transports import Message, Transport
from shared.metrics import events as metrics

BATCH = 500
WINDOW = 5_000
"""Deliveries to a subscriber that may be under way at once: the bus is no place to keep a backlog."""
AGAIN_SECONDS = 5.0
"""An unacknowledged delivery is sent again after so long, then after twice as long, up to LONGEST_SECONDS."""
LONGEST_SECONDS = 120.0

_FIELDS = (
    "organization_id", "stream", "subscriber", "number", "publisher", "event_id", "at", "name", "schema_version",
    "aggregate_type", "aggregate_id", "aggregate_version", "subject", "data", "context",
)  # fmt: skip

_HOME = """
WITH back AS (
  DELETE FROM shared.outbox_deliveries
  WHERE domain = ANY (%(living)s) AND split_part(subscriber, '.', 1) = ANY (%(living)s)
  RETURNING organization_id, stream, subscriber, number, position, at
)
INSERT INTO shared.inbox_events (
  organization_id, stream, subscriber, number, domain, publisher, event_id, at, name, schema_version, aggregate_type,
  aggregate_id, aggregate_version, subject, data, context, received_at)
SELECT b.organization_id, b.stream, b.subscriber, b.number, split_part(b.subscriber, '.', 1), e.domain, e.event_id, e.at,
  e.name, e.schema_version, e.aggregate_type, e.aggregate_id, e.aggregate_version, e.subject, e.data, e.context,
  clock_timestamp()
FROM back b JOIN shared.outbox_events e ON e.position = b.position AND e.at = b.at
ORDER BY b.position
ON CONFLICT DO NOTHING"""

_DUE = """
WITH due AS (
  SELECT organization_id, stream, subscriber, number FROM shared.outbox_deliveries
  WHERE subscriber = %(subscriber)s AND due_at <= clock_timestamp() AND domain = ANY (%(living)s)
  ORDER BY due_at, position LIMIT %(most)s
), marked AS (
  UPDATE shared.outbox_deliveries d
  SET attempts = d.attempts + 1,
      due_at = clock_timestamp() + least(%(longest)s, %(again)s * power(2, least(d.attempts, 20))) * interval '1 second'
  FROM due
  WHERE d.organization_id = due.organization_id AND d.stream = due.stream AND d.subscriber = due.subscriber
    AND d.number = due.number
  RETURNING d.organization_id, d.stream, d.subscriber, d.number, d.position, d.at
)
SELECT m.organization_id, m.stream, m.subscriber, m.number, e.domain, e.event_id, e.at, e.name, e.schema_version,
  e.aggregate_type, e.aggregate_id, e.aggregate_version, e.subject, e.data, e.context
FROM marked m JOIN shared.outbox_events e ON e.position = m.position AND e.at = m.at ORDER BY m.position"""

_UNDER_WAY = """
SELECT count(*) FROM (SELECT FROM shared.outbox_deliveries
  WHERE subscriber = %s AND attempts > 0 AND due_at > clock_timestamp() LIMIT %s) s"""

_ARRIVED = """
WITH came AS (
  SELECT * FROM jsonb_to_recordset(%s::jsonb) AS m (
    organization_id uuid, stream uuid, subscriber text, number bigint, publisher text, event_id uuid, at timestamptz,
    name text, schema_version smallint, aggregate_type text, aggregate_id uuid, aggregate_version bigint, subject uuid,
    data jsonb, context jsonb)
)
INSERT INTO shared.inbox_events (
  organization_id, stream, subscriber, number, domain, publisher, event_id, at, name, schema_version, aggregate_type,
  aggregate_id, aggregate_version, subject, data, context, received_at)
SELECT c.organization_id, c.stream, c.subscriber, c.number, split_part(c.subscriber, '.', 1), c.publisher, c.event_id, c.at,
  c.name, c.schema_version, c.aggregate_type, c.aggregate_id, c.aggregate_version, c.subject, c.data, c.context,
  clock_timestamp()
FROM came c
WHERE NOT EXISTS (SELECT FROM shared.aggregate_versions v
  WHERE v.organization_id = c.organization_id AND v.stream = c.stream AND v.counter = 'done:' || c.subscriber
    AND v.value >= c.number)
ORDER BY c.stream, c.number
ON CONFLICT DO NOTHING"""

_ACKNOWLEDGED = """
DELETE FROM shared.outbox_deliveries d
USING jsonb_to_recordset(%s::jsonb) AS a (organization_id uuid, stream uuid, subscriber text, number bigint)
WHERE d.organization_id = a.organization_id AND d.stream = a.stream AND d.subscriber = a.subscriber
  AND d.number = a.number"""

Connection = psycopg.Connection[Any]
log = logging.getLogger("trellis.events")


def events_for(subscriber: str) -> str:
    """Where a subscriber's events wait on the bus."""
    return f"{settings.EVENT_BUS_NAME}.to.{subscriber}"


def acknowledgements_for(publisher: str) -> str:
    """Where acknowledgements for a publisher's events wait on the bus."""
    return f"{settings.EVENT_BUS_NAME}.acknowledged.{publisher}"


def bring_home(connection: Connection, living: Sequence[str]) -> int:
    """Give deliveries whose subscriber lives here (again) to its inbox; returns how many."""
    return connection.execute(_HOME, {"living": list(living)}).rowcount


def send_due(connection: Connection, transport: Transport, subscriber: str, living: Sequence[str]) -> int:
    """Send what is due to a subscriber elsewhere; returns how many. Raises TransportError; it is sent later then."""
    under_way = connection.execute(_UNDER_WAY, [subscriber, WINDOW]).fetchone()
    room = WINDOW - (under_way[0] if under_way else 0)
    if room <= 0:
        return 0
    values = {
        "subscriber": subscriber,
        "living": list(living),
        "most": min(BATCH, room),
        "again": AGAIN_SECONDS,
        "longest": LONGEST_SECONDS,
    }
    rows = connection.execute(_DUE, values).fetchall()
    if rows:
        bodies = [orjson.dumps(dict(zip(_FIELDS, row, strict=True)), default=str) for row in rows]
        transport.send(events_for(subscriber), bodies)
        metrics.SENT.labels(subscriber).inc(len(rows))
    return len(rows)


def take_arrivals(connection: Connection, transport: Transport, subscriber: str, *, wait: float) -> int:
    """Write what has come for a subscriber into its inbox, then acknowledge it; returns how many messages came.

    What cannot be read, or is of a tenant that is not known here (yet), is dropped with a line in the log: its publisher
    sends it again, and its operators see that nothing is acknowledged. Raises TransportError.
    """
    address = events_for(subscriber)
    messages = transport.receive(address, most=BATCH, wait=wait)
    if not messages:
        return 0
    read = _of_known_tenants(connection, _readable(messages, subscriber))
    with connection.transaction():
        connection.execute(_ARRIVED, [orjson.dumps(read).decode()])
        if read:
            connection.execute("SELECT pg_notify('trellis_inbox', '')")
    by_publisher: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in read:
        key = {name: each[name] for name in ("organization_id", "stream", "subscriber", "number")}
        by_publisher[each["publisher"]].append(key)
    for publisher, keys in by_publisher.items():
        transport.send(acknowledgements_for(publisher), [orjson.dumps(keys)])
    transport.done(address, messages)
    return len(messages)


def take_acknowledgements(
    connection: Connection, transport: Transport, publisher: str, *, wait: float
) -> int:
    """Forget the deliveries that have arrived; returns how many messages came. Raises TransportError."""
    address = acknowledgements_for(publisher)
    messages = transport.receive(address, most=BATCH, wait=wait)
    for message in messages:
        keys = _parsed(message.body)
        try:
            connection.execute(_ACKNOWLEDGED, [orjson.dumps(keys).decode()])
        except psycopg.DataError:
            log.error(
                "An acknowledgement for %s cannot be read and was dropped: %.200r", publisher, message.body
            )
    if messages:
        transport.done(address, messages)
    return len(messages)


def _readable(messages: Sequence[Message], subscriber: str) -> list[dict[str, Any]]:
    found = []
    for message in messages:
        body = _parsed(message.body)
        if (
            isinstance(body, dict)
            and body.keys() == set(_FIELDS)
            and body["subscriber"] == subscriber
            and _is_keyed(body)
        ):
            found.append(body)
        else:
            log.error("A message for %s cannot be read and was dropped: %.200r", subscriber, message.body)
    return found


def _of_known_tenants(connection: Connection, read: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whoever acknowledges what another installation was to have makes it lose that."""
    named = {each["organization_id"] for each in read}
    rows = connection.execute("SELECT id::text FROM shared.tenants WHERE id = ANY(%s::uuid[])", [list(named)])
    known = {str(uuid.UUID(identifier)) for (identifier,) in rows.fetchall()}
    for stranger in sorted(named - known):
        log.warning("Events of tenant %s are left to be sent again: it is not known here.", stranger)
    return [each for each in read if each["organization_id"] in known]


def _is_keyed(body: dict[str, Any]) -> bool:
    try:
        for name in ("organization_id", "stream", "event_id", "aggregate_id"):
            body[name] = str(uuid.UUID(body[name]))
    except (ValueError, TypeError, AttributeError):
        return False
    return isinstance(body["number"], int)


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
