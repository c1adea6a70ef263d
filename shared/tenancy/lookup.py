"""Which tenant a hostname belongs to: a look-up before any tenant is known."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import connections

from shared.domains.router import alias_of
from shared.session import looking_up


@dataclass(frozen=True, slots=True)
class TenantOfHost:
    """A tenant as far as a request may know it before anyone has signed in."""

    id: uuid.UUID
    slug: str
    name: str
    status: str


def find_tenant_by_hostname(hostname: str) -> TenantOfHost | None:
    """The tenant of a hostname (without port, any case), or None."""
    with looking_up(), connections[alias_of(None)].cursor() as cursor:
        cursor.execute(
            "SELECT id, slug, name, status FROM shared.find_tenant_by_hostname(%s)", [hostname.lower()]
        )
        row = cursor.fetchone()
    return TenantOfHost(*row) if row else None
