"""Reading contacts."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from crm.models import Contact


def contacts() -> QuerySet[Contact]:
    """The tenant's contacts."""
    return Contact.objects.all()


def find_contact(contact_id: uuid.UUID) -> Contact | None:
    """The contact, or None."""
    return Contact.objects.filter(pk=contact_id).first()
