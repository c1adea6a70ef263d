"""Draining the inbox: effect, and the mark that it was made, in one transaction.

Events are taken in batches of one tenant. A batch that fails is rolled back and handled again event by event, so that only
the one that fails waits, and what follows it in its stream; all others go on. Several processes may drain one subscriber: a
stream belongs to whoever holds its counter (``shared.take_events``).
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
import traceback
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import orjson
from django.db import InterfaceError, OperationalError, connections
from pydantic import ValidationError

from shared.domains.moving.follow import has_moved
from shared.domains.router import alias_of
from shared.events.choices import InboxState
from shared.events.declaring import UnknownEventError
from shared.events.handling import ANY_EVENT, Delivered, Subscriber
from shared.events.publishing import TooManyHopsError, handled
from shared.metrics import events as metrics
from shared.session import Actor, acting, operating
from shared.session.unit import retell

log = logging.getLogger("trellis.events")

BATCH = 200
MOST_ATTEMPTS = 10
"""After so many, an event is a dead letter: with the pauses between them about an hour has passed."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 900.0  # seconds

FOR_GOOD = (UnknownEventError, ValidationError, TooManyHopsError)
"""Faults that no second attempt mends."""

_READY = """
SELECT organization_id, stream, number FROM shared.inbox_events
WHERE subscriber = %s AND state = 'ready' ORDER BY received_at, stream, number LIMIT %s"""
_DUE = """
UPDATE shared.inbox_events SET state = 'ready', due_at = NULL
WHERE subscriber = %s AND state = 'retry' AND due_at <= clock_timestamp()"""
_COLUMNS = (
    "event_id, name, schema_version, at, publisher, organization_id, aggregate_type, aggregate_id, aggregate_version, "
    "number, stream, data, context"
)
_TAKE = f"SELECT state, {_COLUMNS} FROM shared.take_events(%s, %s::uuid[], %s::bigint[])"


def pause_after(attempts: int) -> float:
    """Seconds until the next attempt: doubled each time, half of it by chance, so that not all come at once."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**attempts)
    return longest / 2 + random.random() * longest / 2


def wake_due(taker: Subscriber) -> int:
    """Make ready what waited for its next attempt; returns how many."""
    with operating(reason="events are tried again", domain=taker.domain):
        with connections[alias_of(taker.domain)].cursor() as cursor:
            cursor.execute(_DUE, [taker.name])
            return int(cursor.rowcount)


def drain_once(taker: Subscriber, *, batch: int = BATCH) -> int:
    """Handle what is ready for a subscriber, up to ``batch``; returns how many events were handled or put off."""
    with operating(reason="events are handled", domain=taker.domain):
        with connections[alias_of(taker.domain)].cursor() as cursor:
            cursor.execute(_READY, [taker.name, batch])
            ready = cursor.fetchall()
    by_tenant: dict[uuid.UUID, list[tuple[uuid.UUID, int]]] = defaultdict(list)
    for organization, stream, number in ready:
        by_tenant[organization].append((stream, number))
    return sum(_handle(taker, organization, found) for organization, found in by_tenant.items())


def _handle(taker: Subscriber, organization: uuid.UUID, found: list[tuple[uuid.UUID, int]]) -> int:
    """A tenant's events together; where that fails, one by one."""
    try:
        return _attempt(taker, organization, found)
    except Exception as error:
        if is_out_of_reach(error):
            raise
        if len(found) == 1:
            return _fail(taker, organization, *found[0], error)
    count = 0
    stopped = set()
    for stream, number in sorted(found, key=lambda pair: pair[1]):
        if stream in stopped:
            continue
        try:
            count += _attempt(taker, organization, [(stream, number)])
        except Exception as error:
            if is_out_of_reach(error):
                raise
            stopped.add(stream)
            count += _fail(taker, organization, stream, number, error)
    return count


def _attempt(taker: Subscriber, organization: uuid.UUID, found: list[tuple[uuid.UUID, int]]) -> int:
    taken: list[Delivered] = []
    with acting(
        domain=taker.domain, organization=organization, actor=Actor(name="events"), request_id="", reason=""
    ) as facts:
        with connections[facts.alias].cursor() as cursor:
            cursor.execute(_TAKE, [taker.name, [s for s, _ in found], [n for _, n in found]])
            rows = cursor.fetchall()
        for state, *values, data, context in rows:
            if state == InboxState.READY:
                taken.append(Delivered(*values, orjson.loads(data), orjson.loads(context)))  # type: ignore[call-arg]
        for events in _runs(taker, taken):
            _run(taker, events)
    now = time.time()
    for each in taken:
        metrics.HANDLED.labels(taker.name, each.name).inc()
        metrics.LATENCY.labels(taker.name).observe(max(0.0, now - each.at.timestamp()))
    return len(rows)


def _runs(taker: Subscriber, events: Sequence[Delivered]) -> list[list[Delivered]]:
    """In the same order; those of one name that follow one another are together where somebody takes sets, and all where
    somebody takes sets of any."""
    found: list[list[Delivered]] = []
    for event in events:
        alike = found and found[-1][-1].name == event.name
        if found and ((event.name in taker.set_handlers and alike) or set(taker.set_handlers) == {ANY_EVENT}):
            found[-1].append(event)
        else:
            found.append([event])
    return found


def _run(taker: Subscriber, events: list[Delivered]) -> None:
    first = events[0]
    for set_handler in (*taker.set_handlers.get(first.name, ()), *taker.set_handlers.get(ANY_EVENT, ())):
        with _told(first):
            set_handler(events)
    for event in events:
        plain = [*taker.handlers.get(event.name, ()), *taker.handlers.get(ANY_EVENT, ())]
        if not plain:
            continue
        with _told(event):
            for handler in plain:
                handler(event)


@contextmanager
def _told(event: Delivered) -> Iterator[None]:
    """The facts of an event's effect: whose act led to it, under the same request."""
    context = event.context
    token = handled.set({"caused_by": str(event.id), "hops": int(context.get("hops", 0)) + 1})
    retell(
        actor=Actor(name=f"{event.name}, {context.get('actor_name') or 'nobody'}"),
        request_id=str(context.get("request_id", "")),
        reason=f"event {event.id}",
    )
    try:
        yield
    finally:
        handled.reset(token)


def _fail(
    taker: Subscriber, organization: uuid.UUID, stream: uuid.UUID, number: int, error: Exception
) -> int:
    """Put an event off, or aside for good, with what went wrong."""
    with acting(domain=taker.domain, organization=organization, actor=Actor(name="events")) as facts:
        with connections[facts.alias].cursor() as cursor:
            cursor.execute(
                "SELECT attempts, name, event_id FROM shared.inbox_events WHERE organization_id = %s AND stream = %s "
                "AND subscriber = %s AND number = %s",
                [organization, stream, taker.name, number],
            )
            row = cursor.fetchone()
            if row is None:
                return 0
            attempts, name, event_id = row
            dead = isinstance(error, FOR_GOOD) or attempts + 1 >= MOST_ATTEMPTS
            due = None if dead else dt.datetime.now(dt.UTC) + dt.timedelta(seconds=pause_after(attempts))
            text = "".join(traceback.format_exception(error)).replace("\x00", "")[-8000:]
            cursor.execute(
                "SELECT shared.fail_event(%s, %s, %s, %s, %s)", [taker.name, stream, number, text, due]
            )
    metrics.FAILED.labels(taker.name, name, "dead" if dead else "retry").inc()
    log.warning(
        "%s could not handle %s %s (attempt %s): %s%s",
        taker.name, name, event_id, attempts + 1, type(error).__name__, "; it is a dead letter now" if dead else "",
    )  # fmt: skip
    return 1


def is_out_of_reach(error: BaseException) -> bool:
    """Whether the database is gone or has moved, so that no event is to blame."""
    if isinstance(error, InterfaceError) or has_moved(error):
        return True
    state = getattr(error.__cause__ or error, "sqlstate", None)
    return isinstance(error, OperationalError) and (state is None or state.startswith(("08", "57P0")))
