"""The tables of events: what was published, what waits to be delivered, what waits to be handled.

A *stream* is one aggregate's events from one publisher: a digest of tenant, publisher, type and id of the aggregate. All
order is per stream. A *subscriber* is a domain, or a part of it (``platform.webhooks``).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from shared.domains.access import TableAccess
from shared.events.choices import InboxState

READ_ALONE = TableAccess(rows="tenant_and_readable", writers=())
"""Domains write through the functions of ``sql/events.sql`` alone, which know who acts; the operator delivers."""

_IN_ORDER = "all tenants' events are delivered in one order"


class OutboxEvent(models.Model):
    """What a domain has published: never changed, kept by month.

    ``position`` counts the events of a database, ``aggregate_version`` those of the aggregate, without a gap. ``subject`` is
    the customer whom it is about. ``context`` tells who did it, under which request, and which event led to it.
    """

    table_access: ClassVar[TableAccess] = TableAccess(
        rows="tenant_and_readable", writers=(), append_only=True
    )
    partitioned_by: ClassVar[str] = "at"
    global_columns: ClassVar[dict[str, str]] = {"position": _IN_ORDER}

    position = models.BigIntegerField(primary_key=True, editable=False)
    at = models.DateTimeField(editable=False)
    event_id = models.UUIDField(editable=False)
    organization_id = models.UUIDField(editable=False)
    domain = models.CharField(max_length=32, editable=False)
    name = models.CharField(max_length=100, editable=False)
    schema_version = models.SmallIntegerField(editable=False)
    aggregate_type = models.CharField(max_length=64, editable=False)
    aggregate_id = models.UUIDField(editable=False)
    aggregate_version = models.BigIntegerField(editable=False)
    stream = models.UUIDField(editable=False)
    subject = models.UUIDField(null=True, editable=False)
    data = models.JSONField(editable=False)
    context = models.JSONField(editable=False)

    class Meta:
        db_table = 'shared"."outbox_events'
        verbose_name = "published event"
        verbose_name_plural = "published events"
        ordering = ("-at", "-position")
        indexes = [
            models.Index(fields=["organization_id", "-at", "-position"], name="outbox_events_newest"),
            models.Index(
                fields=["organization_id", "aggregate_id", "-position"], name="outbox_events_aggregate"
            ),
            models.Index(
                fields=["organization_id", "subject"],
                name="outbox_events_subject",
                condition=models.Q(subject__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.aggregate_version}"


class OutboxEntry(models.Model):
    """An event that the relay has not looked at yet; ``subscriber`` where it is for one alone, as in a replay."""

    table_access: ClassVar[TableAccess] = READ_ALONE

    pk = models.CompositePrimaryKey("position", "subscriber", "domain")
    position = models.BigIntegerField(editable=False)
    subscriber = models.CharField(max_length=64, default="", editable=False)
    domain = models.CharField(max_length=32, editable=False)
    organization_id = models.UUIDField(editable=False)
    at = models.DateTimeField(editable=False)

    class Meta:
        db_table = 'shared"."outbox_queue'
        verbose_name = "unsent event"
        verbose_name_plural = "unsent events"

    def __str__(self) -> str:
        return str(self.position)


class OutboxDelivery(models.Model):
    """An event on its way to a subscriber in another database: sent again until that has said it is there.

    ``number`` counts what the subscriber was given of the stream, from 1, without a gap.
    """

    table_access: ClassVar[TableAccess] = READ_ALONE

    pk = models.CompositePrimaryKey("organization_id", "stream", "subscriber", "number")
    organization_id = models.UUIDField(editable=False)
    stream = models.UUIDField(editable=False)
    subscriber = models.CharField(max_length=64, editable=False)
    number = models.BigIntegerField(editable=False)
    domain = models.CharField(max_length=32, editable=False)
    position = models.BigIntegerField(editable=False)
    at = models.DateTimeField(editable=False)
    attempts = models.IntegerField(default=0, db_default=0, editable=False)
    due_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = 'shared"."outbox_deliveries'
        verbose_name = "delivery under way"
        verbose_name_plural = "deliveries under way"
        indexes = [models.Index(fields=["subscriber", "due_at", "position"], name="outbox_deliveries_due")]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.number}"


class InboxEvent(models.Model):
    """An event that a subscriber has not handled yet; the row goes in the transaction of its effect.

    ``number`` counts what this subscriber was given of the stream; ``domain`` is the subscriber's, ``publisher`` whose
    event it is.
    """

    table_access: ClassVar[TableAccess] = READ_ALONE

    pk = models.CompositePrimaryKey("organization_id", "stream", "subscriber", "number")
    organization_id = models.UUIDField(editable=False)
    stream = models.UUIDField(editable=False)
    subscriber = models.CharField(max_length=64, editable=False)
    number = models.BigIntegerField(editable=False)
    domain = models.CharField(max_length=32, editable=False)
    publisher = models.CharField(max_length=32, editable=False)
    event_id = models.UUIDField(editable=False)
    at = models.DateTimeField(editable=False)
    name = models.CharField(max_length=100, editable=False)
    schema_version = models.SmallIntegerField(editable=False)
    aggregate_type = models.CharField(max_length=64, editable=False)
    aggregate_id = models.UUIDField(editable=False)
    aggregate_version = models.BigIntegerField(editable=False)
    subject = models.UUIDField(null=True, editable=False)
    data = models.JSONField(editable=False)
    context = models.JSONField(editable=False)
    state = models.CharField(
        max_length=8, choices=InboxState.choices, default=InboxState.READY, db_default="ready", editable=False
    )
    attempts = models.SmallIntegerField(default=0, db_default=0, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    error = models.TextField(default="", db_default="", editable=False)
    received_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = 'shared"."inbox_events'
        verbose_name = "received event"
        verbose_name_plural = "received events"
        ordering = ("received_at", "stream", "number")
        indexes = [
            models.Index(
                fields=["subscriber", "received_at", "stream", "number"],
                name="inbox_events_ready",
                condition=models.Q(state="ready"),
            ),
            models.Index(
                fields=["subscriber", "due_at"], name="inbox_events_retry", condition=models.Q(state="retry")
            ),
            models.Index(
                fields=["organization_id", "-received_at"],
                name="inbox_events_dead",
                condition=models.Q(state="dead"),
            ),
            models.Index(
                fields=["organization_id", "subject"],
                name="inbox_events_subject",
                condition=models.Q(subject__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.subscriber}"


class AggregateVersion(models.Model):
    """The gapless counters of a stream: ``published``, ``sent:crm`` (given to a subscriber), ``done:crm`` (handled there).

    ``domain`` is whose counter it is: the publisher's, or for ``done`` the subscriber's.
    """

    table_access: ClassVar[TableAccess] = READ_ALONE

    pk = models.CompositePrimaryKey("organization_id", "stream", "counter")
    organization_id = models.UUIDField(editable=False)
    stream = models.UUIDField(editable=False)
    counter = models.CharField(max_length=80, editable=False)
    domain = models.CharField(max_length=32, editable=False)
    value = models.BigIntegerField(editable=False)

    class Meta:
        db_table = 'shared"."aggregate_versions'
        verbose_name = "counter of a stream"
        verbose_name_plural = "counters of streams"

    def __str__(self) -> str:
        return f"{self.counter} {self.value}"


class EventInterest(models.Model):
    """An event that a subscriber by interest is given of a tenant; ``*`` stands for all (``interests.py``)."""

    table_access: ClassVar[TableAccess] = TableAccess(writers=("platform",))

    pk = models.CompositePrimaryKey("organization_id", "subscriber", "name")
    organization_id = models.UUIDField(editable=False)
    subscriber = models.CharField(max_length=64, editable=False)
    name = models.CharField(max_length=100, editable=False)

    class Meta:
        db_table = 'shared"."event_interests'
        verbose_name = "interest in events"
        verbose_name_plural = "interests in events"

    def __str__(self) -> str:
        return f"{self.subscriber}: {self.name}"
