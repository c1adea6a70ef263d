"""Reading customers."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower, Trim

from platform_core.choices import IdentifierKind
from platform_core.models import Customer, CustomerIdentifier, CustomerInteraction
from platform_core.normalisation import email_key
from shared.platform_client.protocol import CustomerNotFound, CustomerSummary


def customers() -> QuerySet[Customer]:
    """The tenant's customers."""
    return Customer.objects.all()


def get_customer(customer_id: uuid.UUID, *, lock: bool = False) -> Customer:
    """The customer, or raises CustomerNotFound; ``lock`` holds the row until the unit ends."""
    rows = Customer.objects.select_for_update(of=("self",)) if lock else Customer.objects
    customer = rows.select_related("company").filter(pk=customer_id).first()
    if customer is None:
        raise CustomerNotFound()
    return customer


def find_customer_by_email(email: str) -> Customer | None:
    """The customer with this e-mail in any case, else the one known by it as a further e-mail, or None."""
    rows = Customer.objects.select_related("company")
    customer = rows.filter(email_norm=Lower(Trim(Value(email)))).first()
    if customer is not None:
        return customer
    known = CustomerIdentifier.objects.filter(kind=IdentifierKind.EMAIL.value, value_norm=email_key(email))
    return rows.filter(pk__in=known.values("customer_id")[:1]).first()


def recent_interactions(customer_id: uuid.UUID, *, limit: int = 10) -> list[CustomerInteraction]:
    """What the customer did last."""
    rows = CustomerInteraction.objects.filter(customer_id=customer_id)
    return list(rows.order_by("-occurred_at", "-id")[:limit])


def summary_of(customer: Customer) -> CustomerSummary:
    """A customer as the apps see it; the company's row, where there is one, is read with it."""
    company = customer.company if customer.company_id else None
    return CustomerSummary(
        id=customer.pk,
        email=customer.email,
        name=customer.name,
        phone=customer.phone,
        account_tier=customer.account_tier,
        preferred_language=customer.preferred_language,
        timezone=customer.timezone,
        company_id=company.pk if company else None,
        company_name=company.name if company else "",
    )
