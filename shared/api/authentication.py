"""Who calls: an API key, or a staff member's session."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from shared.api.caller import Caller
from shared.session.middleware import actor_of
from shared.tenancy.choices import TenantStatus
from shared.tenancy.keys import find_identity

REALM = 'Bearer realm="trellis"'
_UNKNOWN_KEY = (
    "This API key is not valid here: check that it is complete, not expired and made for this organization."
)
_SUSPENDED = (
    "This organization is suspended: ask its administrator to contact the operator of this installation."
)
STAFF_RATE_LIMIT = 1200


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer trl_…`` (or ``Api-Key trl_…``).

    A key works on the installation's own hosts and on hostnames of its own tenant; on another tenant's
    hostname it is as unknown as any other string (401).
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if not header:
            return None
        scheme, _, raw = header.partition(" ")
        if scheme.lower() not in ("bearer", "api-key"):
            raise AuthenticationFailed(
                "This way of signing in is not known: send Authorization: Bearer <API key>."
            )
        domain = getattr(request.parser_context["view"], "domain", None)
        identity = find_identity(raw.strip(), domain=domain)
        if identity is None:
            raise AuthenticationFailed(_UNKNOWN_KEY)
        host_tenant = getattr(request._request, "host_tenant", None)
        if host_tenant is not None and host_tenant.id != identity.organization_id:
            raise AuthenticationFailed(_UNKNOWN_KEY)
        if identity.tenant_status != TenantStatus.ACTIVE:
            raise PermissionDenied(_SUSPENDED)
        actor = actor_of(request._request, kind="key", id=identity.key_id, name=identity.name)
        caller = Caller(
            organization=identity.organization_id,
            actor=actor,
            tenant_status=identity.tenant_status,
            tenant_settings=identity.tenant_settings or {},
            scopes=identity.scopes,
            rate_limit=identity.rate_limit,
        )
        return caller, caller

    def authenticate_header(self, request: Request) -> str:
        return REALM


class StaffSessionAuthentication(BaseAuthentication):
    """A signed-in staff member, for the tenant in force; unsafe methods need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        staff = getattr(request._request, "staff", None)
        if not staff:  # also a lazy object around None
            return None
        check = CSRFCheck(lambda _: None)  # type: ignore[arg-type,return-value]
        check.process_request(request._request)
        reason = check.process_view(request._request, None, (), {})  # type: ignore[arg-type]
        if reason:
            raise PermissionDenied(
                "The CSRF token is missing or wrong: reload the page and send X-CSRFToken."
            )
        membership = staff.membership
        if membership is None:
            raise PermissionDenied(
                "No organization is chosen, or you do not belong to this one: choose one in the back office first."
            )
        status = getattr(membership, "tenant_status", TenantStatus.ACTIVE)
        if status != TenantStatus.ACTIVE:
            raise PermissionDenied(_SUSPENDED)
        caller = Caller(
            organization=membership.organization_id,
            actor=staff.actor,
            tenant_status=status,
            rate_limit=STAFF_RATE_LIMIT,
            user=staff.user,
        )
        return staff.user, caller
