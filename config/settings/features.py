"""The features that tenants get one after the other: ``manage.py rollout`` switches them."""

from __future__ import annotations

from shared.tenancy.features import Feature

FEATURES = (
    Feature(
        name="quickbooks_matching",
        description="A customer of QuickBooks is matched to the golden customer who has the same e-mail.",
        since="2026-11",
        needs_schema=3,
    ),
)
