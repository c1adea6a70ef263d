"""What has been computed about customers."""

from __future__ import annotations

from django.contrib import admin

from platform_core.models import CustomerProfile
from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting
from shared.backoffice.record import RecordAdmin


@admin.register(CustomerProfile)
class CustomerProfileAdmin(NoAdding, NoChanging, NoDeleting, RecordAdmin):
    """Shown only: profiles follow from interactions and models."""

    list_display = (
        "customer",
        "archetype_l1",
        "interaction_count",
        "last_interaction_at",
        "frequency",
        "monetary_value",
        "currency",
    )
    list_filter = ("archetype_l1",)
    fieldsets = (
        (None, {"fields": ("customer", "computed_at")}),
        ("Behaviour", {"fields": (("interaction_count", "last_interaction_at"), ("recency", "frequency"))}),
        ("Value", {"fields": (("monetary_value", "currency"), ("lifetime_value", "expected_purchases"))}),
        (
            "Archetype",
            {
                "fields": (
                    ("archetype_l1", "archetype_l1_probability"),
                    ("archetype_l2", "archetype_l2_probability"),
                    ("archetype_l3", "archetype_l3_probability"),
                )
            },
        ),
        (
            "Model",
            {"fields": (("model_name", "model_version"), ("probability_alive", "churn_risk"), "features")},
        ),
    )
    icon = "monitoring"
