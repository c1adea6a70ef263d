"""The kit's own pages keep the contract of every page."""

from __future__ import annotations

from typing import Any

from shared.records import uuid7
from shared.tenancy.models import ApiKey, Tenant, TenantDomain, UserProfile
from shared.tenancy.services import add_hostname, issue_api_key
from tests.bases.admin import AdminContract


class TestUserProfilePage(AdminContract):
    model = UserProfile
    admins_only = True
    edit = {"name": "Renamed"}

    def make(self, tenant: Tenant) -> UserProfile:
        profile = UserProfile(user_id=uuid7(), name="Grace Hopper", email="grace@example.com")
        profile.save()
        return profile


class TestApiKeyPage(AdminContract):
    model = ApiKey
    admins_only = True

    def make(self, tenant: Tenant) -> ApiKey:
        key, _ = issue_api_key(name="helpdesk sync", scopes=["support:read"])
        return key

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"name": "shop", "scopes": ["platform:read", "platform:write"], "rate_limit": "60"}


class TestTenantPage(AdminContract):
    model = Tenant
    admins_only = True
    row_is_tenant = True
    edit = {"name": "Renamed"}

    def make(self, tenant: Tenant) -> Tenant:
        return tenant


class TestHostnamePage(AdminContract):
    model = TenantDomain
    admins_only = True

    def make(self, tenant: Tenant) -> TenantDomain:
        return add_hostname(tenant=tenant, hostname=f"{uuid7().hex}.example.com")

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"domain": f"{uuid7().hex}.example.com"}
