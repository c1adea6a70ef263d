"""People as the tenant's apps know them."""

from django.contrib import admin

from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting
from shared.backoffice.record import RecordAdmin
from shared.tenancy.models import UserProfile


@admin.register(UserProfile)
class UserProfileAdmin(NoAdding, NoChanging, NoDeleting, RecordAdmin):
    """Read-only: profiles follow users and memberships."""

    list_display = ("name", "email", "created_at")
    search_prefixes = ("name", "email")
    fields = ("name", "email", "preferences", "user_id")
    icon = "badge"
    on_dashboard = False
    administration = True
