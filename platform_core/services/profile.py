"""Computing customer profiles from interactions."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from functools import cache
from pathlib import Path

from django.db import connections, transaction

from platform_core.choices import PURCHASE
from platform_core.selectors.customer import get_customer
from platform_core.selectors.profile import get_intelligence
from platform_core.services.archetype import ensure_default_archetypes
from shared.platform_client.protocol import CustomerIntelligence
from shared.session import TenantMissingError, current

RULES_MODEL = "rfm-rules"
"""Who places archetypes until a trained model does; a model writes its own name and is not overruled."""
RULES_VERSION = "1"
THRESHOLDS = {"loyal": 4, "active": 90, "cooling": 180, "large": 35}
"""From how many purchases a customer is loyal; up to how many days active or cooling off; a large basket."""


@cache
def _refresh_sql() -> str:
    return (Path(__file__).parents[1] / "sql" / "refresh_profiles.sql").read_text()


@transaction.atomic
def refresh_profiles(*, customer_ids: Collection[uuid.UUID] | None = None) -> int:
    """Recompute profiles of the tenant's customers (all when ``customer_ids`` is None), set-based.

    Returns how many were written; a profile that is as it should be is not touched.
    """
    facts = current()
    if facts is None or facts.organization is None:
        raise TenantMissingError("refresh_profiles() runs for one tenant: open acting(organization=…).")
    ensure_default_archetypes()
    parameters = {
        "organization": facts.organization,
        "customers": None if customer_ids is None else list(customer_ids),
        "purchase": PURCHASE,
        "model": RULES_MODEL,
        "model_version": RULES_VERSION,
        **THRESHOLDS,
    }
    with connections[facts.alias].cursor() as cursor:
        if customer_ids is None:
            # Right after a large import nothing is analysed yet: expecting a row or two, the planner would loop over
            # all customers for each of them.
            cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
        cursor.execute(_refresh_sql(), parameters)
        written = int(cursor.rowcount)
        if customer_ids is None:
            cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")
        return written


def analyze_customer(*, customer_id: uuid.UUID) -> CustomerIntelligence:
    """Compute one customer's profile anew and return what is known; raises CustomerNotFound."""
    get_customer(customer_id)
    refresh_profiles(customer_ids=[customer_id])
    return get_intelligence(customer_id)
