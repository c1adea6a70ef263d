"""Who calls the API, for which tenant."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.domains.registry import domains
from shared.session import Actor


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller, always within one tenant: a key's service identity, a staff member, or an app's process
    that asks in the name of either."""

    organization: uuid.UUID
    actor: Actor
    tenant_status: str = "active"
    tenant_settings: Mapping[str, Any] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    """What a key may do; None for staff, whose permissions are those of the back office."""
    rate_limit: int = 600
    """Calls per minute."""
    user: Any = None
    service: str = ""
    """The domain whose process asks, with its service secret."""

    @property
    def name(self) -> str:
        """Unique within the tenant and stable: for rate limits and idempotency keys."""
        name = f"{self.actor.kind}:{self.actor.id}"
        return f"{self.service}/{name}" if self.service else name

    is_authenticated = True
    is_active = True
    pk = property(lambda self: self.actor.id)

    def __str__(self) -> str:
        return self.actor.name


def readable_domains(caller: Caller) -> frozenset[str]:
    """The domains whose records the caller may read: by the scopes of a key, by the membership of a member of staff. Whom
    an app's process asks for has been let in there."""
    if caller.scopes is not None:
        return frozenset(d.name for d in domains() if f"{d.name}:read" in caller.scopes)
    if caller.user is not None:
        return frozenset(d.name for d in domains() if caller.user.has_module_perms(d.app))
    return frozenset(d.name for d in domains()) if caller.service else frozenset()
