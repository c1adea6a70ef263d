"""Reads of tenants and keys; they run in the caller's unit."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from shared.errors import NotFound
from shared.session import current
from shared.tenancy.models import ApiKey, Tenant, TenantDomain


def get_current_tenant() -> Tenant:
    """The tenant of the unit; raises NotFound when there is none."""
    facts = current()
    tenant = Tenant.objects.filter(pk=facts.organization).first() if facts and facts.organization else None
    if tenant is None:
        raise NotFound("There is no such tenant: check its name or identifier.")
    return tenant


def hostnames() -> models.QuerySet[TenantDomain]:
    """The tenant's hostnames, the primary one first."""
    return TenantDomain.objects.order_by("-is_primary", "domain")


def get_api_key(key_id: uuid.UUID) -> ApiKey:
    """One key of the tenant; raises NotFound."""
    key: ApiKey | None = ApiKey.objects.filter(pk=key_id).first()
    if key is None:
        raise NotFound("There is no such API key: check its identifier.")
    return key


def find_api_key_by_name(name: str) -> ApiKey | None:
    """The newest key of this name that still works, or None."""
    found: ApiKey | None = (
        ApiKey.objects.filter(name=name)
        .filter(models.Q(revoked_at__isnull=True) | models.Q(revoked_at__gt=Now()))
        .filter(models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=Now()))
        .order_by("-created_at")
        .first()
    )
    return found
