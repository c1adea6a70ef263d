"""Keeping an app's references of golden customers in step with what the platform says."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils import timezone

from shared.records.references import CustomerReferenceRecord

if TYPE_CHECKING:
    from shared.platform_client.protocol import CustomerSummary

Reference = TypeVar("Reference", bound=CustomerReferenceRecord)

SYNC_TIME_RESOLUTION = dt.timedelta(minutes=5)
"""An unchanged customer is written again only after this: reading one must not raise versions each time."""

_CACHED = ("email", "name", "tier", "language", "company_id", "company_name")


def upsert_reference(model: type[Reference], customer: CustomerSummary) -> Reference:
    """Find or create the current tenant's reference of a customer, and bring it up to date.

    Its identifier is the customer's own, so that foreign keys to it hold what callers know. Runs in the
    caller's unit. Safe against itself: concurrent calls for one customer leave one row. A hidden reference
    comes back, since the platform knows the customer.
    """
    said: dict[str, Any] = {
        "email": customer.email or "",
        "name": customer.name or "",
        "tier": customer.account_tier or "standard",
        "language": customer.preferred_language or "",
        "company_id": customer.company_id,
        "company_name": customer.company_name or "",
    }
    now = timezone.now()
    rows = model.all_objects.filter(customer_id=customer.id)
    reference = rows.first()
    if reference is None:
        row = model(id=customer.id, customer_id=customer.id, last_synced_at=now, **said)
        row.adopt_unit()
        # Whoever comes first inserts; the others wait here for its commit and read its row.
        model.all_objects.bulk_create([row], ignore_conflicts=True)
        reference = rows.get()
    if not _in_step(reference, said, now):
        reference.__dict__.update(said, last_synced_at=now, deleted_at=None)
        reference.save(update_fields=[*said, "last_synced_at", "deleted_at"])
    return reference


def _in_step(reference: CustomerReferenceRecord, said: dict[str, Any], now: dt.datetime) -> bool:
    synced = reference.last_synced_at
    return (
        reference.deleted_at is None
        and synced is not None
        and now - synced < SYNC_TIME_RESOLUTION
        and all(getattr(reference, name) == said[name] for name in _CACHED)
    )
