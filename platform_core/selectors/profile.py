"""Reading what is known about a customer's behaviour."""

from __future__ import annotations

import uuid
from typing import Any

from platform_core.models import Customer, CustomerProfile
from shared.platform_client.protocol import CustomerIntelligence, CustomerNotFound

LEVELS = ("l1", "l2", "l3")


def find_profile(customer_id: uuid.UUID) -> CustomerProfile | None:
    """The customer's profile with its archetypes, or None while nothing has been computed."""
    levels = (f"archetype_{level}" for level in LEVELS)
    return CustomerProfile.objects.select_related(*levels).filter(customer_id=customer_id).first()


def get_intelligence(customer_id: uuid.UUID) -> CustomerIntelligence:
    """Profile, archetype and tier of a customer as plain JSON values; raises CustomerNotFound."""
    tier = Customer.objects.filter(pk=customer_id).values_list("account_tier", flat=True).first()
    if tier is None:
        raise CustomerNotFound()
    profile = find_profile(customer_id)
    if profile is None:
        return CustomerIntelligence(profile=None, archetype=None, tier=tier)
    return CustomerIntelligence(profile=profile_values(profile), archetype=archetype_of(profile), tier=tier)


def profile_values(profile: CustomerProfile) -> dict[str, Any]:
    """A profile as JSON; amounts as texts, times in ISO 8601."""
    return {
        "last_interaction_at": _iso(profile.last_interaction_at),
        "interaction_count": profile.interaction_count,
        "recency": profile.recency,
        "frequency": profile.frequency,
        "monetary_value": str(profile.monetary_value),
        "currency": profile.currency,
        "expected_purchases": profile.expected_purchases,
        "probability_alive": profile.probability_alive,
        "lifetime_value": None if profile.lifetime_value is None else str(profile.lifetime_value),
        "churn_risk": profile.churn_risk,
        "features": profile.features,
        "model": {"name": profile.model_name, "version": profile.model_version}
        if profile.model_name
        else None,
        "computed_at": _iso(profile.computed_at),
    }


def archetype_of(profile: CustomerProfile) -> dict[str, Any] | None:
    """The archetype per level with its probability, or None where no model has placed the customer."""
    found = {}
    for level in LEVELS:
        archetype = getattr(profile, f"archetype_{level}")
        if archetype is not None:
            found[level] = {
                "id": str(archetype.pk),
                "code": archetype.code,
                "name": archetype.name,
                "probability": getattr(profile, f"archetype_{level}_probability"),
            }
    return {level: found.get(level) for level in LEVELS} if found else None


def _iso(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
