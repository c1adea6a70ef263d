"""The facts that every statement runs under: domain, organization, actor."""

from __future__ import annotations

import datetime as dt
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a staff member, an API key's service identity, or the system itself."""

    kind: Literal["user", "key", "system"] = "system"
    id: uuid.UUID | None = None
    name: str = ""
    ip: str | None = None
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What PostgreSQL is told at the start of a unit of work.

    ``domain`` is None only for an operator's unit, ``organization`` is None for the operator and for
    sign-in. ``alias`` is the database that the unit's transaction is open on. A unit that only ``reads`` does not
    tell who acts: that is for versions and the activity log. ``as_of``: its queries read what was at that moment.
    """

    domain: str | None
    organization: uuid.UUID | None
    actor: Actor = field(default_factory=Actor)
    request_id: str = ""
    reason: str = ""
    role: str = "none"
    alias: str = "default"
    reads: bool = False
    as_of: dt.datetime | None = None

    def with_(self, **changes: Any) -> Facts:
        """A copy with some facts changed."""
        return replace(self, **changes)


class OutsideUnitError(RuntimeError):
    """A statement was about to run outside of any unit of work: wrap the call in ``with acting(domain=…,
    organization=…):`` so that PostgreSQL knows which app acts for which tenant."""


class TenantMissingError(RuntimeError):
    """A unit was opened without a tenant: pass ``organization=…``, or open ``operating(reason=…)`` when the
    work is meant to span tenants."""


_current: ContextVar[Facts | None] = ContextVar("trellis_facts", default=None)


def current() -> Facts | None:
    """The facts of the innermost open unit, or None."""
    return _current.get()
