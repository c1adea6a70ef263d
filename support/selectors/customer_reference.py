"""Reading the references of golden customers."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from support.models import CustomerReference


def customer_references() -> QuerySet[CustomerReference]:
    """The golden customers that support works with."""
    return CustomerReference.objects.all()


def find_customer_reference(customer_id: uuid.UUID) -> CustomerReference | None:
    """The reference of a golden customer, or None."""
    return CustomerReference.objects.filter(customer_id=customer_id).first()


def find_customer_reference_by_email(email: str) -> CustomerReference | None:
    """The reference with this e-mail in any case, the one synced last if there are several, or None."""
    return (
        CustomerReference.objects.filter(email_norm=email.strip().lower())
        .order_by("-last_synced_at", "-id")
        .first()
    )
