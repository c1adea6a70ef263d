"""What customers did."""

from __future__ import annotations

from django.contrib import admin

from platform_core.models import CustomerInteraction
from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting
from shared.backoffice.record import RecordAdmin


@admin.register(CustomerInteraction)
class CustomerInteractionAdmin(NoAdding, NoChanging, NoDeleting, RecordAdmin):
    """Shown only: interactions come from imports and apps, and are never changed."""

    list_display = ("interaction_type", "customer", "occurred_at", "channel", "amount", "currency", "source")
    list_display_links = ("interaction_type", "customer")
    fields = (
        ("interaction_type", "customer"),
        ("occurred_at", "channel"),
        ("amount", "currency"),
        ("source", "external_id"),
        "metadata",
    )
    ordering = ("-occurred_at", "-id")
    icon = "receipt_long"
