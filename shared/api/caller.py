"""Who calls the API, for which tenant."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.session import Actor


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller: a key's service identity or a staff member, always within one tenant."""

    organization: uuid.UUID
    actor: Actor
    tenant_status: str = "active"
    tenant_settings: Mapping[str, Any] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    """What a key may do; None for staff, whose permissions are those of the back office."""
    rate_limit: int = 600
    """Calls per minute."""
    user: Any = None

    @property
    def name(self) -> str:
        """Unique within the tenant and stable: for rate limits and idempotency keys."""
        return f"{self.actor.kind}:{self.actor.id}"

    is_authenticated = True
    is_active = True
    pk = property(lambda self: self.actor.id)

    def __str__(self) -> str:
        return self.actor.name
