"""The golden customers that support works with."""

from __future__ import annotations

from django.contrib import admin

from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting
from shared.backoffice.record import RecordAdmin
from support.models import CustomerReference


@admin.register(CustomerReference)
class CustomerReferenceAdmin(NoAdding, NoChanging, NoDeleting, RecordAdmin):
    """Shown only: they follow the platform's golden record."""

    list_display = ("name", "email", "tier", "company_name", "last_synced_at")
    list_display_links = ("name", "email")
    fields = ("customer_id", "name", "email", "tier", "language", "company_name", "last_synced_at")
    search_prefixes = ("name_norm", "email_norm", "customer_id")
    icon = "person"
