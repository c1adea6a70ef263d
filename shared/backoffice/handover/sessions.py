"""Sessions of a process that does not serve the platform: in the broker, and only as true as the last hand-over."""

from __future__ import annotations

import time
import uuid
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.cache import SessionStore as CacheSessionStore

from shared.backoffice.handover.assertion import HandOver
from shared.backoffice.handover.person import Person
from shared.tenancy.middleware import ORGANIZATION_KEY
from shared.tenancy.staff import StaffMembership

FRESH = 5 * 60
"""Seconds after which opening a page asks the platform anew."""

KEPT = 15 * 60
"""Seconds for which what a page sends is still taken, so that no form is lost."""

_SAID = "handed_over"


class SessionStore(CacheSessionStore):
    """Django's sessions in the cache; they know the person and their memberships."""

    cache_key_prefix = f"trellis.session{settings.COOKIE_SUFFIX}."

    @property
    def age(self) -> float:
        """Seconds since the platform said who this is."""
        return time.time() - float(self.get(_SAID, {}).get("at", 0))

    @property
    def person(self) -> Person | None:
        """Who has been handed over, while that holds."""
        said = self.get(_SAID)
        if said is None or self.age > KEPT:
            return None
        return Person(id=said["user_id"], name=said["name"], email=said["email"])

    @property
    def memberships(self) -> tuple[StaffMembership, ...]:
        """The tenants that the person works for."""
        said: dict[str, Any] = self.get(_SAID, {})
        return tuple(StaffMembership(**membership) for membership in said.get("memberships", ()))

    def ended_memberships(self) -> list[Any]:
        """Tenants that the person works for no more: the platform's process tells them of those."""
        return []

    @property
    def user_id(self) -> uuid.UUID | None:
        """Whose session this is, whether or not the hand-over still holds."""
        found: uuid.UUID | None = self.get(_SAID, {}).get("user_id")
        return found

    def receive(self, given: HandOver) -> bool:
        """Take what the platform says; returns whether somebody has newly come. A renewal leaves the session as it is,
        so that forms which are open in other tabs stay valid."""
        new = self.user_id != given.user_id
        if new:
            self.flush()
        self[_SAID] = {
            "user_id": given.user_id,
            "name": given.name,
            "email": given.email,
            "at": given.at,
            "memberships": [asdict(membership) for membership in given.memberships],
        }
        if given.organization is not None:
            self.setdefault(ORGANIZATION_KEY, str(given.organization))
        return new
