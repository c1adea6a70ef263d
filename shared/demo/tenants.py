"""The demo's two tenants."""

from __future__ import annotations

from shared.domains.registry import central_domain
from shared.session import acting
from shared.tenancy.lookup import find_tenant_by_hostname
from shared.tenancy.models import Tenant
from shared.tenancy.services import create_tenant

DEMO_TENANTS = (
    ("Northwind Outfitters", "northwind", "northwind.localhost"),
    ("Cedar & Pine", "cedar", "cedar.localhost"),
)


def keep_tenants() -> tuple[Tenant, Tenant]:
    """The two tenants, made where they are missing."""
    first, second = (_find_or_create(*declared) for declared in DEMO_TENANTS)
    return first, second


def _find_or_create(name: str, slug: str, hostname: str) -> Tenant:
    known = find_tenant_by_hostname(hostname)
    if known is None:
        return create_tenant(name=name, slug=slug, hostnames=[hostname])
    with acting(domain=central_domain().name, organization=known.id):
        return Tenant.objects.get(pk=known.id)
