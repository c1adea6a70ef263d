"""Customers of QuickBooks."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from crm.quickbooks.models import QuickbooksCustomer
from crm.quickbooks.selectors import QuickbooksNotConnected, is_connected
from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting
from shared.backoffice.record import RecordAdmin


@admin.register(QuickbooksCustomer)
class QuickbooksCustomerAdmin(NoAdding, NoChanging, NoDeleting, RecordAdmin):
    """Shown only: they follow QuickBooks. Where it is not connected, the page says so."""

    list_display = ("display_name", "email", "external_id", "customer_id", "last_synced_at")
    fields = ("display_name", "email", "external_id", "customer_id", "sync_token", "last_synced_at")
    search_prefixes = ("external_id", "customer_id", "email_norm")
    icon = "receipt_long"
    on_dashboard = False  # the count would need tables that a tenant may not have

    def get_queryset(self, request: HttpRequest) -> Any:
        if not is_connected():
            raise QuickbooksNotConnected()
        return super().get_queryset(request)
