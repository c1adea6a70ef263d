"""Which tenant a signed-in person works for in this request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from shared.session.middleware import actor_of
from shared.tenancy.staff import Staff, StaffMembership

ORGANIZATION_KEY = "organization_id"
"""Session key of the tenant that a person with several has chosen."""


class PersonMiddleware(AuthenticationMiddleware):
    """Sets ``request.user`` (lazily), as Django's does, also where another process has signed the person in."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: user_of(request))  # type: ignore[assignment]


class StaffTenantMiddleware:
    """Sets ``request.staff`` (lazily): None for the anonymous, else the person and the tenant in force.

    The hostname's tenant comes first, then the one chosen in the session, then the only one there is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.staff = SimpleLazyObject(lambda: find_staff(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def user_of(request: HttpRequest) -> Any:
    """The person behind a request's session: whom the session knows itself, else whom Django finds in the database."""
    session = request.session
    return session.person or AnonymousUser() if hasattr(session, "person") else get_user(request)


def find_staff(request: HttpRequest) -> Staff | None:
    """The signed-in person of a request, or None."""
    user = request.user
    if not user.is_authenticated:
        return None
    memberships: tuple[StaffMembership, ...] = getattr(request.session, "memberships", ())
    membership = _membership_in_force(request, memberships)
    user.membership = membership  # type: ignore[attr-defined,union-attr]  # for the authentication backend
    actor = actor_of(request, kind="user", id=user.pk, name=str(user))
    return Staff(user=user, memberships=memberships, membership=membership, actor=actor)


def _membership_in_force(
    request: HttpRequest, memberships: tuple[StaffMembership, ...]
) -> StaffMembership | None:
    host_tenant = getattr(request, "host_tenant", None)
    if host_tenant is not None:
        return next((m for m in memberships if m.organization_id == host_tenant.id), None)
    chosen = request.session.get(ORGANIZATION_KEY)
    for membership in memberships:
        if str(membership.organization_id) == chosen:
            return membership
    return memberships[0] if len(memberships) == 1 else None
