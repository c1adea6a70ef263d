"""Keeping support's references of golden customers."""

from __future__ import annotations

from shared.platform_client.protocol import CustomerSummary
from shared.platform_client.references import upsert_reference
from support.models import CustomerReference


def sync_customer_reference(*, customer: CustomerSummary) -> CustomerReference:
    """Find or create the reference of a golden customer as the platform knows it now."""
    return upsert_reference(CustomerReference, customer)
