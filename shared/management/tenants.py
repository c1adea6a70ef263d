"""Finding the tenant that a command is about."""

from __future__ import annotations

from django.core.management.base import CommandError

from shared.session import operating
from shared.tenancy.models import Tenant


def find_tenant(slug: str, *, reason: str) -> Tenant:
    """The tenant of this short name, as the operator; raises CommandError."""
    with operating(reason=f"{reason}: find the tenant"):
        tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f"There is no tenant {slug!r}: see the list of tenants in the back office.")
    return tenant
