"""People as the tenant knows them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from shared.backoffice.permissions import NoAdding, NoDeleting
from shared.backoffice.record import RecordAdmin
from shared.tenancy.models import UserProfile
from shared.tenancy.services import rename_user_profile


@admin.register(UserProfile)
class UserProfileAdmin(NoAdding, NoDeleting, RecordAdmin):
    """What the tenant calls its people. They come and go by their memberships; their e-mail and password are
    how they sign in, perhaps for other tenants too, so they are no tenant's to change."""

    list_display = ("name", "email", "created_at")
    search_prefixes = ("name", "email")
    fields = ("name", "email", "preferences", "user_id")
    readonly_fields = ("email", "preferences", "user_id")
    icon = "group"
    on_dashboard = False
    administration = True
    copied = True

    def update_record(
        self, request: HttpRequest, record: UserProfile, changes: dict[str, Any]
    ) -> UserProfile:
        return rename_user_profile(profile=record, name=changes.get("name", record.name))
