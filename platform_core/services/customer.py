"""Keeping the golden record of customers."""

from __future__ import annotations

import uuid
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from platform_core.choices import AccountTier
from platform_core.models import Customer
from platform_core.normalisation import clean_email, clean_phone
from platform_core.selectors.customer import find_customer_by_email
from shared.errors import InvalidInput
from shared.records.custom_fields.checking import check_custom_fields
from shared.records.saving import save_checked

KNOWN_BY = ("email", "name", "phone", "crm_id", "support_id")
"""One of these a customer must have."""


class CustomerValues(TypedDict, total=False):
    email: str
    name: str
    phone: str
    company_id: uuid.UUID | None
    crm_id: str | None
    support_id: str | None
    account_tier: str
    account_manager_id: uuid.UUID | None
    preferred_language: str
    timezone: str
    custom_fields: dict[str, object]


@transaction.atomic
def create_customer(**values: Unpack[CustomerValues]) -> Customer:
    """Create a customer; raises InvalidInput for a bad e-mail, phone, language, time zone or tier, and when there is
    nothing to know the customer by.

    A duplicate e-mail is refused by the database; to find the existing one, call find_or_create_customer.
    """
    cleaned = _cleaned(values)
    if not any(cleaned.get(name) for name in KNOWN_BY):
        raise InvalidInput({"email": "Give an e-mail, or a name, a phone or the id in an older app."})
    return save_checked(Customer(**cleaned))


@transaction.atomic
def update_customer(*, customer: Customer, **changes: Unpack[CustomerValues]) -> Customer:
    """Change a customer; nothing is written when nothing changes."""
    return save_checked(customer, _cleaned(changes))


@transaction.atomic
def raise_tier(*, customer_id: uuid.UUID, tier: str = AccountTier.PREMIUM) -> None:
    """Raise a customer to a tier, or leave them where they are higher already; nothing for one who is gone."""
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    order = list(AccountTier.values)
    if customer is not None and order.index(customer.account_tier) < order.index(tier):
        save_checked(customer, {"account_tier": tier}, follows=True)


@transaction.atomic
def delete_customer(*, customer: Customer) -> None:
    """Hide a customer with identifiers, company memberships and profile; interactions stay as they are."""
    customer.soft_delete()


@transaction.atomic
def find_or_create_customer(**values: Unpack[CustomerValues]) -> tuple[Customer, bool]:
    """The customer with this e-mail, and whether it was made; of concurrent calls one creates.

    Needs ``email``; required custom fields are not asked for. The other values are for a new customer: what an
    existing record says stays as it is.
    """
    cleaned = _cleaned(values)
    if not cleaned.get("email"):
        raise InvalidInput({"email": "Give an e-mail."})
    customer = find_customer_by_email(cleaned["email"])
    if customer is not None:
        return customer, False
    row = Customer(**cleaned)
    checked = check_custom_fields(row, row.custom_fields, complete=False) if row.custom_fields else None
    if checked is not None:
        row.custom_fields = checked.values
    try:
        row.clean_fields(exclude={"company", "account_manager"})
    except ValidationError as error:
        raise InvalidInput(error.message_dict) from error
    # ON CONFLICT DO NOTHING waits for whoever is inserting the same e-mail at this moment, then steps back.
    Customer.objects.bulk_create([row], ignore_conflicts=True)
    customer = find_customer_by_email(cleaned["email"])
    if customer is None:  # another unique value of the row is taken: let the database name it
        return save_checked(Customer(**cleaned), follows=True), True
    made = customer.pk == row.pk
    if made and checked is not None:
        checked.claim()
    return customer, made


def _cleaned(values: Any) -> Any:
    """Values in their normal form; empty ids are NULL, since '' would count as a value that can be taken."""
    cleaned = dict(values)
    errors: dict[str, str] = {}
    for name, clean in (("email", clean_email), ("phone", clean_phone)):
        if cleaned.get(name):
            try:
                cleaned[name] = clean(cleaned[name])
            except ValueError as error:
                errors[name] = str(error)
    if errors:
        raise InvalidInput(errors)
    if "name" in cleaned:
        cleaned["name"] = cleaned["name"].strip()
    for name in ("crm_id", "support_id"):
        if name in cleaned:
            cleaned[name] = (cleaned[name] or "").strip() or None
    return cleaned
