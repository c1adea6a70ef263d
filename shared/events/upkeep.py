"""Seeing and steering the delivery of events, for operators."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Q
from django.utils import timezone

from shared.domains.router import database_aliases, domains_in
from shared.events.choices import InboxState
from shared.events.models import InboxEvent, OutboxEvent
from shared.session import operating

REASON = "the delivery of events is looked after"

_STATUS = """
SELECT 'outbox' AS place, count(*), 0, 0, 0, min(at) FROM shared.outbox_queue
UNION ALL
SELECT 'to ' || subscriber, count(*), 0, 0, 0, min(at) FROM shared.outbox_deliveries GROUP BY subscriber
UNION ALL
SELECT subscriber, count(*) FILTER (WHERE state = 'ready'), count(*) FILTER (WHERE state = 'waiting'),
  count(*) FILTER (WHERE state = 'retry'), count(*) FILTER (WHERE state = 'dead'), min(at)
FROM shared.inbox_events GROUP BY subscriber
ORDER BY 1"""

_SKIP = """
WITH gone AS (
  DELETE FROM shared.inbox_events WHERE {where} AND state = 'dead'
  RETURNING organization_id, stream, subscriber, number
), on_ AS (
  UPDATE shared.aggregate_versions v SET value = g.number FROM gone g
  WHERE v.organization_id = g.organization_id AND v.stream = g.stream AND v.counter = 'done:' || g.subscriber
  RETURNING v.organization_id, v.stream, g.subscriber, v.value
), next AS (
  UPDATE shared.inbox_events i SET state = 'ready' FROM on_ o
  WHERE i.organization_id = o.organization_id AND i.stream = o.stream AND i.subscriber = o.subscriber
    AND i.number = o.value + 1 AND i.state = 'waiting'
)
SELECT count(*) FROM gone"""

_REPLAY = """
INSERT INTO shared.outbox_queue (position, subscriber, domain, organization_id, at)
SELECT position, %s, domain, organization_id, at FROM shared.outbox_events WHERE {where}
ON CONFLICT DO NOTHING"""


@dataclass(frozen=True)
class Selection:
    """Which events; what is empty does not narrow it."""

    subscriber: str = ""
    organization: uuid.UUID | None = None
    event: uuid.UUID | None = None
    aggregate: uuid.UUID | None = None
    name: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def of_inbox(self) -> Q:
        found = Q()
        for column, value in (
            ("subscriber", self.subscriber), ("organization_id", self.organization), ("event_id", self.event),
        ):  # fmt: skip
            if value:
                found &= Q(**{column: value})
        return found

    def of_outbox(self) -> tuple[str, list[Any]]:
        """A condition on outbox_events with its parameters."""
        parts, values = ["true"], []
        for condition, value in (
            ("organization_id = %s", self.organization),
            ("aggregate_id = %s", self.aggregate),
            ("name = %s", self.name or None),
            ("at >= %s", self.since),
            ("at < %s", self.until),
        ):
            if value is not None:
                parts.append(condition)
                values.append(value)
        return " AND ".join(parts), values


@dataclass(frozen=True)
class Waiting:
    """What waits at one place: in the outbox, on the way to a subscriber elsewhere, in a subscriber's inbox."""

    place: str
    ready: int
    waiting: int
    retry: int
    dead: int
    oldest: dt.datetime | None

    def __str__(self) -> str:
        words = [f"{count} {name}" for name, count in vars(self).items() if isinstance(count, int) and count]
        age = f", the oldest for {timezone.now() - self.oldest}".partition(".")[0] if self.oldest else ""
        return f"{self.place:<24} {', '.join(words) or 'nothing waits'}{age}"


def status() -> list[Waiting]:
    """What waits where, in all databases of this process."""
    found = []
    for alias in database_aliases():
        with (
            operating(reason=REASON, domain=domains_in(alias)[0].name),
            connections[alias].cursor() as cursor,
        ):
            cursor.execute(_STATUS)
            found += [Waiting(*row) for row in cursor.fetchall()]
    return found


@dataclass(frozen=True)
class DeadLetter:
    """An event that was set aside, and the last line of why."""

    subscriber: str
    name: str
    event_id: uuid.UUID
    organization_id: uuid.UUID
    attempts: int
    received_at: dt.datetime
    reason: str


def dead_letters(selection: Selection) -> Iterator[DeadLetter]:
    """The dead letters, the newest first; of 10,000 at most."""
    for alias in database_aliases():
        with operating(reason=REASON, domain=domains_in(alias)[0].name):
            rows = InboxEvent.objects.filter(selection.of_inbox(), state=InboxState.DEAD).order_by(
                "-received_at"
            )
            for row in rows[:10_000]:
                reason = (row.error.strip().splitlines() or [""])[-1]
                yield DeadLetter(
                    row.subscriber,
                    row.name,
                    row.event_id,
                    row.organization_id,
                    row.attempts,
                    row.received_at,
                    reason,
                )


def release(selection: Selection, *, skip: bool = False) -> int:
    """Have dead letters tried again at once, or go on without them; returns how many."""
    count = 0
    for alias in database_aliases():
        with (
            operating(reason=REASON, domain=domains_in(alias)[0].name),
            connections[alias].cursor() as cursor,
        ):
            rows = InboxEvent.objects.filter(selection.of_inbox(), state=InboxState.DEAD)
            if not skip:
                count += rows.update(state=InboxState.READY, due_at=None, attempts=0)
            else:
                where = "subscriber = %s AND event_id = %s"
                cursor.execute(_SKIP.format(where=where), [selection.subscriber, selection.event])
                count += int(cursor.fetchone()[0])
            cursor.execute("SELECT pg_notify('trellis_inbox', '')")
    return count


def replay(selection: Selection, *, dry_run: bool = False) -> int:
    """Give published events to the subscriber again, after all that it was given before; returns how many.

    Their effects are made again: for a handler that was mended, or a subscriber that is new.
    """
    where, values = selection.of_outbox()
    count = 0
    for alias in database_aliases():
        with (
            operating(reason=REASON, domain=domains_in(alias)[0].name),
            connections[alias].cursor() as cursor,
        ):
            if dry_run:
                table = OutboxEvent._meta.db_table.replace('"."', ".")
                cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}", values)
                count += int(cursor.fetchone()[0])
                continue
            cursor.execute(_REPLAY.format(where=where), [selection.subscriber, *values])
            count += int(cursor.rowcount)
            cursor.execute("SELECT pg_notify('trellis_outbox', '')")
    return count
