"""The tenant in force, and its hostnames."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.decorators import display

from shared.backoffice.permissions import NoAdding, NoDeleting
from shared.backoffice.record import RecordAdmin
from shared.tenancy.choices import TenantStatus
from shared.tenancy.models import Tenant, TenantDomain
from shared.tenancy.selectors import get_current_tenant
from shared.tenancy.services import add_hostname, remove_hostname


@admin.register(Tenant)
class TenantAdmin(NoAdding, NoDeleting, RecordAdmin):
    """One's own tenant: its name can be changed here, the rest by `manage.py` (see create_tenant)."""

    list_display = ("name", "slug", "show_status", "plan", "created_at")
    fields = ("name", "slug", "show_status", "plan")
    readonly_fields = ("slug", "show_status", "plan")
    icon = "apartment"
    on_dashboard = False
    administration = True
    list_filter = ()

    @display(description="status", label={TenantStatus.ACTIVE: "success", TenantStatus.SUSPENDED: "danger"})
    def show_status(self, obj: Tenant) -> tuple[str, str]:
        """The status as a coloured label."""
        return obj.status, str(obj.get_status_display())


@admin.register(TenantDomain)
class TenantDomainAdmin(RecordAdmin):
    """Addresses of one's own tenant. An address is added or removed, never changed."""

    list_display = ("domain", "is_primary")
    fields = ("domain", "is_primary")
    search_prefixes = ("domain",)
    ordering = ("domain",)
    icon = "link"
    on_dashboard = False
    administration = True

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> models.Model:
        tenant = get_current_tenant()
        return add_hostname(tenant=tenant, hostname=data["domain"], primary=data["is_primary"])

    def delete_record(self, request: HttpRequest, record: TenantDomain) -> None:
        remove_hostname(hostname=record)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # For good: a hostname has no version to restore it from, and may go to another tenant.
        return bool(request.user.has_perm("shared.delete_tenantdomain"))
