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
