"""People of the tenant."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from platform_core.models import User
from platform_core.services.user import rename_user
from shared.backoffice.permissions import NoAdding, NoDeleting
from shared.backoffice.record import RecordAdmin


@admin.register(User)
class UserAdmin(NoAdding, NoDeleting, RecordAdmin):
    """The people who work for the tenant; they come and go by their memberships.

    Only the name can be changed here: e-mail and password are how somebody signs in, perhaps for other
    tenants too."""

    list_display = ("name", "email", "show_active", "last_login", "created_at")
    list_filter = ("is_active",)
    fields = ("name", "email", "show_active", "last_login")
    readonly_fields = ("email", "show_active", "last_login")
    search_prefixes = ("email_norm", "name")
    ordering = ("name", "email")
    icon = "group"
    on_dashboard = False
    administration = True

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without those whose membership has ended, whom row-level security still shows for old records'
        sake."""
        return super().get_queryset(request).filter(memberships__deleted_at__isnull=True).distinct()

    def update_record(self, request: HttpRequest, record: User, changes: dict[str, Any]) -> User:
        return rename_user(user=record, name=changes.get("name", record.name))

    @display(description="may sign in", boolean=True)
    def show_active(self, obj: User) -> bool:
        """Whether the account is switched on."""
        return obj.is_active
