"""Keeping what QuickBooks says of customers."""

from __future__ import annotations

import uuid
from typing import TypedDict, Unpack

from django.utils import timezone

from crm.quickbooks.models import QuickbooksCustomer
from crm.quickbooks.selectors import quickbooks_customers
from shared.records.saving import save_checked


class QuickbooksCustomerValues(TypedDict, total=False):
    display_name: str
    email: str
    sync_token: str
    payload: dict[str, object]
    customer_id: uuid.UUID | None


def record_quickbooks_customer(
    *, external_id: str, **values: Unpack[QuickbooksCustomerValues]
) -> QuickbooksCustomer:
    """Create or update the row of a QuickBooks customer; raises QuickbooksNotConnected."""
    customer = quickbooks_customers().select_for_update().filter(external_id=external_id).first()
    if customer is None:
        customer = QuickbooksCustomer(external_id=external_id)
    return save_checked(customer, {**values, "last_synced_at": timezone.now()})
