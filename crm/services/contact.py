"""Keeping contacts: who is what at which company."""

from __future__ import annotations

import uuid
from typing import TypedDict, Unpack

from crm.models import Contact, CustomerReference
from shared.errors import InvalidInput
from shared.records.saving import save_checked


class ContactChanges(TypedDict, total=False):
    role_title: str
    is_primary: bool
    custom_fields: dict[str, object]


def create_contact(*, customer: CustomerReference, **values: Unpack[ContactChanges]) -> Contact:
    """Make a customer a contact at their company. A new primary contact takes that from the one before."""
    if customer.company_id is None:
        raise InvalidInput(
            {"customer_id": "The customer has no company: give them one in the platform first."}
        )
    if values.get("is_primary"):
        _unset_primary(customer.company_id)
    contact = Contact(
        customer=customer, company_id=customer.company_id, company_name=customer.company_name, **values
    )
    return save_checked(contact)


def update_contact(*, contact: Contact, **changes: Unpack[ContactChanges]) -> Contact:
    """Change a contact's role. A new primary contact takes that from the one before."""
    if changes.get("is_primary") and not contact.is_primary:
        _unset_primary(contact.company_id)
    return save_checked(contact, changes)


def delete_contact(*, contact: Contact) -> None:
    """Hide a contact; its activities stay."""
    contact.soft_delete()


def _unset_primary(company_id: uuid.UUID) -> None:
    Contact.objects.filter(company_id=company_id, is_primary=True).update(is_primary=False)
