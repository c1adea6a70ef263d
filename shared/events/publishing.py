"""Publishing: an event is written in the transaction of what it tells, or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

import orjson
from django.db import connections

from shared.events.declaring import Event
from shared.records.identifiers import uuid7
from shared.session.facts import OutsideUnitError, current

MOST_HOPS = 16
"""How many events may lead from one to the next: a circle of handlers ends here."""


class TooManyHopsError(RuntimeError):
    """Events lead to events in a circle: two handlers publish what the other listens to."""


handled: ContextVar[dict[str, Any] | None] = ContextVar("trellis_handled_event", default=None)
"""What led to the events that are published now: ``{"caused_by": id, "hops": n}`` of the event being handled."""


def publish(event: Event) -> uuid.UUID:
    """Tell the other domains; returns the event's identifier.

    Raises OutsideUnitError outside of ``acting`` (and of ``operating`` a domain), PermissionError for an event that
    another domain declares, TooManyHopsError in a circle.
    """
    return publish_all([event])[0]


def publish_all(events: Iterable[Event]) -> list[uuid.UUID]:
    """As ``publish``, in one round trip; events of one aggregate keep this order."""
    facts = current()
    if facts is None or facts.organization is None or facts.domain is None:
        raise OutsideUnitError(
            "An event is written with what it tells: publish inside `with acting(domain=…, organization=…):`."
        )
    if facts.reads:
        raise OutsideUnitError("This unit only reads: publish in a unit that writes.")
    context = handled.get() or {}
    if context.get("hops", 0) > MOST_HOPS:
        raise TooManyHopsError(
            f"{MOST_HOPS} events have led to this one: handlers publish in a circle. Break it where an event leads to no "
            "change."
        )
    written = []
    ids = []
    for event in events:
        if event.publisher not in ("", facts.domain):
            raise PermissionError(
                f"{event.event_name} is published by {event.publisher}, not by {facts.domain}."
            )
        ids.append(uuid7())
        written.append(
            {
                "id": ids[-1],
                "name": event.event_name,
                "version": event.event_version,
                "type": event.aggregate_type,
                "aggregate": event.aggregate_id(),
                "subject": event.subject_id(),
                "data": event.model_dump(mode="json"),
                "context": context,
            }
        )
    if written:
        with connections[facts.alias].cursor() as cursor:
            cursor.execute("SELECT shared.publish_events(%s::jsonb)", [orjson.dumps(written).decode()])
    return ids
