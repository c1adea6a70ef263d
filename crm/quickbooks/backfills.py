"""Backfills of the integration."""

from __future__ import annotations

from crm.quickbooks.selectors import unmatched_customers
from crm.quickbooks.services import match_quickbooks_customers
from shared.jobs.backfills.registry import Backfill

BACKFILLS = (
    Backfill(
        name="quickbooks_customer_matches",
        domain="crm",
        description="Match customers of QuickBooks, recorded before the feature quickbooks_matching, to golden customers.",
        rows=unmatched_customers,
        fill=match_quickbooks_customers,
    ),
)
