"""The signed-in person, and the tenants that they work for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.session import Actor


@dataclass(frozen=True, slots=True)
class StaffMembership:
    """One tenant that a person works for, as sign-in found it; no table is behind it."""

    organization_id: UUID
    tenant_name: str
    tenant_slug: str
    tenant_status: str
    role: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """The signed-in person: ``membership`` is that of the tenant in force, None until one is chosen."""

    user: Any
    memberships: tuple[StaffMembership, ...]
    membership: StaffMembership | None
    actor: Actor

    @property
    def organization_id(self) -> UUID | None:
        return self.membership.organization_id if self.membership else None
