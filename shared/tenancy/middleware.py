"""Which tenant a signed-in person works for in this request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from shared.session import Actor
from shared.session.middleware import actor_of

ORGANIZATION_KEY = "organization_id"
"""Session key of the tenant that a person with several has chosen."""


@dataclass(frozen=True, slots=True)
class Staff:
    """The signed-in person: ``membership`` is that of the tenant in force, None until one is chosen."""

    user: Any
    memberships: tuple[Any, ...]
    membership: Any | None
    actor: Actor

    @property
    def organization_id(self) -> UUID | None:
        return self.membership.organization_id if self.membership else None


class StaffTenantMiddleware:
    """Sets ``request.staff`` (lazily): None for the anonymous, else the person and the tenant in force.

    The hostname's tenant comes first, then the one chosen in the session, then the only one there is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.staff = SimpleLazyObject(lambda: find_staff(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def find_staff(request: HttpRequest) -> Staff | None:
    """The signed-in person of a request, or None."""
    user = request.user
    if not user.is_authenticated:
        return None
    memberships: tuple[Any, ...] = getattr(request.session, "memberships", ())
    membership = _membership_in_force(request, memberships)
    user.membership = membership  # type: ignore[attr-defined,union-attr]  # for the authentication backend
    actor = actor_of(request, kind="user", id=user.pk, name=str(user))
    return Staff(user=user, memberships=memberships, membership=membership, actor=actor)


def _membership_in_force(request: HttpRequest, memberships: tuple[Any, ...]) -> Any | None:
    host_tenant = getattr(request, "host_tenant", None)
    if host_tenant is not None:
        return next((m for m in memberships if m.organization_id == host_tenant.id), None)
    chosen = request.session.get(ORGANIZATION_KEY)
    for membership in memberships:
        if str(membership.organization_id) == chosen:
            return membership
    return memberships[0] if len(memberships) == 1 else None
