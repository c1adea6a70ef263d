"""Keeping what QuickBooks says of customers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

from django.db import connections
from django.utils import timezone

from crm.quickbooks.models import QuickbooksCustomer
from crm.quickbooks.selectors import quickbooks_customers
from crm.selectors.customer_reference import find_customer_reference_by_email
from shared.records.saving import save_checked
from shared.session import current
from shared.tenancy.features import feature_is_on

_MATCH = (Path(__file__).parent / "sql" / "match_customers.sql").read_text()


class QuickbooksCustomerValues(TypedDict, total=False):
    display_name: str
    email: str
    sync_token: str
    payload: dict[str, object]
    customer_id: uuid.UUID | None


def record_quickbooks_customer(
    *, external_id: str, **values: Unpack[QuickbooksCustomerValues]
) -> QuickbooksCustomer:
    """Create or update the row of a QuickBooks customer; raises QuickbooksNotConnected.

    With the feature quickbooks_matching, one that has no golden customer yet gets the one of its e-mail.
    """
    customer = quickbooks_customers().select_for_update().filter(external_id=external_id).first()
    if customer is None:
        customer = QuickbooksCustomer(external_id=external_id)
    unmatched = values.get("customer_id", customer.customer_id) is None
    if unmatched and feature_is_on("quickbooks_matching"):
        reference = find_customer_reference_by_email(values.get("email", customer.email))
        values["customer_id"] = reference.customer_id if reference else None
    return save_checked(customer, {**values, "last_synced_at": timezone.now()})


def match_quickbooks_customers(ids: Sequence[uuid.UUID]) -> int:
    """Give those of these customers that have no golden customer the one of their e-mail, where there is just one;
    returns how many got one."""
    facts = current()
    assert facts is not None  # or the rows could not have been read
    with connections[facts.alias].cursor() as cursor:
        cursor.execute(_MATCH, {"ids": list(ids), "organization": facts.organization})
        return int(cursor.rowcount)
