"""Reading the references of golden customers."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from crm.models import CustomerReference


def customer_references() -> QuerySet[CustomerReference]:
    """The golden customers that sales works with."""
    return CustomerReference.objects.all()


def find_customer_reference(customer_id: uuid.UUID) -> CustomerReference | None:
    """The reference of a golden customer, by the customer's own id, or None."""
    return CustomerReference.objects.filter(customer_id=customer_id).first()


def find_customer_reference_by_email(email: str) -> CustomerReference | None:
    """The one reference of this e-mail, in any case; None where there is none, or several: a guess would be worse."""
    normalised = email.strip().lower()
    found = list(CustomerReference.objects.filter(email_norm=normalised)[:2]) if normalised else []
    return found[0] if len(found) == 1 else None
