"""Keeping what the apps hold of customers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.utils import timezone

from platform_core.choices import TimelineKind
from platform_core.models import Customer, CustomerRecord, TimelineEntry
from shared.events import CustomerRecordState, Delivered

_COPIED = (
    "customer_id",
    "kind",
    "title",
    "status",
    "amount",
    "currency",
    "began_at",
    "ended_at",
    "deleted_at",
)


def keep_customer_records(events: Sequence[Delivered]) -> None:
    """Bring the copies in step with what apps told of their records, and write the timeline.

    What is of no customer, or of one who is gone, is not kept.
    """
    told = [(event, event.data, event.data.customer_record()) for event in events]
    named = {data.customer_id for _, data, state in told if state is not None and data.customer_id}
    known = set(Customer.objects.filter(pk__in=named).values_list("pk", flat=True))
    rows: dict[tuple[str, uuid.UUID], CustomerRecord] = {}
    gone: dict[str, set[uuid.UUID]] = {}
    entries = []
    for event, data, state in told:
        key = (event.publisher, event.aggregate_id)
        if state is None or data.customer_id not in known:
            rows.pop(key, None)
            gone.setdefault(event.publisher, set()).add(event.aggregate_id)
            continue
        rows[key] = _row(event, data, state)
        gone.get(event.publisher, set()).discard(event.aggregate_id)
        what = _what(data, state)
        if what is not None:
            entries.append(_entry(event, data, state, what))
    for row in (*rows.values(), *entries):
        row.adopt_unit()
    CustomerRecord.all_objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["organization", "domain", "record_id"],
        update_fields=_COPIED,
    )
    TimelineEntry.objects.bulk_create(entries, ignore_conflicts=True)
    for domain, ids in gone.items():
        CustomerRecord.objects.filter(domain=domain, record_id__in=ids).update(deleted_at=timezone.now())


def _row(event: Delivered, data: object, state: CustomerRecordState) -> CustomerRecord:
    return CustomerRecord(
        customer_id=data.customer_id,  # type: ignore[attr-defined]
        domain=event.publisher,
        kind=state.kind,
        entity=event.aggregate_type,
        record_id=event.aggregate_id,
        title=state.title[:320],
        status=state.status,
        amount=state.amount,
        currency=state.currency,
        began_at=state.began_at,
        ended_at=state.ended_at,
        deleted_at=event.at if data.is_deleted else None,  # type: ignore[attr-defined]
    )


def _what(data: object, state: CustomerRecordState) -> TimelineKind | None:
    before = data.before  # type: ignore[attr-defined]
    if data.is_deleted:  # type: ignore[attr-defined]
        return TimelineKind.DELETED
    if data.is_new or ("customer_id" in before and before["customer_id"] is None):  # type: ignore[attr-defined]
        return TimelineKind.BEGAN
    if "status" in before:
        return TimelineKind.ENDED if state.ended_at is not None else TimelineKind.CHANGED
    return None


def _entry(event: Delivered, data: object, state: CustomerRecordState, what: TimelineKind) -> TimelineEntry:
    at: dt.datetime = state.began_at if what == TimelineKind.BEGAN else event.at
    return TimelineEntry(
        customer_id=data.customer_id,  # type: ignore[attr-defined]
        at=at,
        domain=event.publisher,
        kind=state.kind,
        record_id=event.aggregate_id,
        what=what,
        title=state.title[:320],
        status=state.status,
        event_id=event.id,
    )
