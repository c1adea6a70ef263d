"""Which tenant a hostname belongs to: a look-up before any tenant is known."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connections

from shared.domains.moving.follow import following
from shared.domains.registry import home_domain
from shared.domains.router import alias_of
from shared.session import acting, looking_up
from shared.tenancy.models import Tenant

STATUS_SECONDS = 5.0
_statuses: dict[uuid.UUID, tuple[float, str]] = {}


@dataclass(frozen=True, slots=True)
class TenantOfHost:
    """A tenant as far as a request may know it before anyone has signed in."""

    id: uuid.UUID
    slug: str
    name: str
    status: str


def find_tenant_by_hostname(hostname: str) -> TenantOfHost | None:
    """The tenant of a hostname (without port, any case), or None."""
    row = following(lambda: _look_up(hostname.lower()))
    return TenantOfHost(*row) if row else None


def _look_up(hostname: str) -> tuple[Any, ...] | None:
    with looking_up(), connections[alias_of(None)].cursor() as cursor:
        cursor.execute("SELECT id, slug, name, status FROM shared.find_tenant_by_hostname(%s)", [hostname])
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def find_tenant_status(organization: uuid.UUID) -> str | None:
    """A tenant's status, at most STATUS_SECONDS old; None where there is no such tenant."""
    until, status = _statuses.get(organization, (0.0, ""))
    if time.monotonic() < until:
        return status
    with acting(domain=home_domain().name, organization=organization):
        found: str | None = Tenant.objects.filter(pk=organization).values_list("status", flat=True).first()
    if found is None:
        return None
    if len(_statuses) >= 10_000:
        _statuses.clear()
    _statuses[organization] = (time.monotonic() + STATUS_SECONDS, found)
    return found
