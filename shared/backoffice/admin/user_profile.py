"""People as the tenant's apps know them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from shared.backoffice.record import RecordAdmin
from shared.tenancy.models import UserProfile


@admin.register(UserProfile)
class UserProfileAdmin(RecordAdmin):
    """Read-only: profiles follow users and memberships."""

    list_display = ("name", "email", "created_at")
    search_prefixes = ("name", "email")
    fields = ("name", "email", "preferences", "user_id")
    icon = "badge"
    on_dashboard = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
