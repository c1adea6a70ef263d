"""Staff sessions in platform.sessions: read by a definer look-up, written acting as platform."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db import connections

from shared.domains.moving.follow import following
from shared.domains.registry import central_domain
from shared.domains.router import alias_of
from shared.session import acting, looking_up
from shared.tenancy.middleware import ORGANIZATION_KEY
from shared.tenancy.staff import StaffMembership


@dataclass(frozen=True, slots=True)
class EndedMembership:
    """One tenant that the signed-in person works for no more."""

    organization_id: UUID
    tenant_name: str
    ended_at: dt.datetime


class SessionStore(DatabaseSessionStore):
    """Django's database sessions, inside units of work; also knows the person's memberships."""

    memberships: tuple[StaffMembership, ...] = ()

    @classmethod
    def get_model_class(cls) -> Any:
        from platform_core.models import Session

        return Session

    def load(self) -> dict[str, Any]:
        row = following(self._find)
        if row is None:
            self._session_key = None
            return {}
        memberships = json.loads(row[1]) if isinstance(row[1], str) else row[1]
        self.memberships = tuple(
            StaffMembership(
                organization_id=UUID(m["organization_id"]),
                tenant_name=m["name"],
                tenant_slug=m["slug"],
                tenant_status=m["status"],
                role=m["role"],
                domains=tuple(m["domains"]),
            )
            for m in memberships
        )
        return dict(self.decode(row[0]))

    def _find(self) -> Any:
        with looking_up(), connections[alias_of(central_domain().name)].cursor() as cursor:
            cursor.execute(
                "SELECT session_data, memberships FROM platform.find_session(%s)", [self.session_key]
            )
            return cursor.fetchone()

    def ended_memberships(self) -> list[EndedMembership]:
        """Tenants that the person works for no more, the latest first."""
        with looking_up(), connections[alias_of(central_domain().name)].cursor() as cursor:
            cursor.execute("SELECT * FROM platform.find_ended_memberships(%s)", [self.session_key])
            return [EndedMembership(*row) for row in cursor.fetchall()]

    def exists(self, session_key: str) -> bool:
        with acting(domain=central_domain().name, organization=None):
            return bool(super().exists(session_key))

    def save(self, must_create: bool = False) -> None:
        with acting(domain=central_domain().name, organization=None):
            super().save(must_create)

    def delete(self, session_key: str | None = None) -> None:
        with acting(domain=central_domain().name, organization=None):
            super().delete(session_key)

    @classmethod
    def clear_expired(cls) -> None:
        with acting(domain=central_domain().name, organization=None):
            super().clear_expired()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        session: Any = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        session.organization_id = data.get(ORGANIZATION_KEY)
        return session
