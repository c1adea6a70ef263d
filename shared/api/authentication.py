"""Who calls: an API key, or a staff member's session."""

from __future__ import annotations

import logging
from typing import Any

from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from shared.api.caller import Caller
from shared.domains.registry import home_domain
from shared.platform_client.credentials import (
    SCHEME,
    BadCredentialsError,
    SignedRequest,
    verify_call,
)
from shared.records.activity.refusals import note_refusal
from shared.session.middleware import actor_of
from shared.tenancy.choices import TenantStatus
from shared.tenancy.keys import find_identity
from shared.tenancy.lookup import find_tenant_status

log = logging.getLogger("trellis.api")

REALM = 'Bearer realm="trellis"'
_UNKNOWN_KEY = (
    "This API key is not valid here: check that it is complete, not expired and made for this organization."
)
_SUSPENDED = (
    "This organization is suspended: ask its administrator to contact the operator of this installation."
)
_UNKNOWN_SERVICE = (
    "This service is not known here: compare its secret with the platform's seed, and the clocks."
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
            note_refusal(
                request._request, "wrong_key", domain=_acting(domain), name=_public_part(raw.strip())
            )
            raise AuthenticationFailed(_UNKNOWN_KEY)
        host_tenant = getattr(request._request, "host_tenant", None)
        if host_tenant is not None and host_tenant.id != identity.organization_id:
            note_refusal(request._request, "wrong_tenant", domain=_acting(domain), name=identity.name)
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


class ServiceAuthentication(BaseAuthentication):
    """``Authorization: Service …``: the process of an app, in the name of whoever asked it.

    Only views that name this class take it, those of the platform client: it is no key to anything else. It brings no
    permissions of a member of staff, whoever the actor is, and its scopes are the domain's of the view.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme != SCHEME:
            return None
        raw = request._request
        query = request.META.get("QUERY_STRING", "")
        target = f"{raw.path_info}?{query}" if query else raw.path_info
        try:
            call = verify_call(credentials, SignedRequest(request.method or "", target, raw.body))
        except BadCredentialsError as error:
            log.warning("A service was refused: %s", error)
            raise AuthenticationFailed(_UNKNOWN_SERVICE) from error
        host_tenant = getattr(raw, "host_tenant", None)
        if host_tenant is not None and host_tenant.id != call.organization:
            raise AuthenticationFailed(_UNKNOWN_SERVICE)
        status = find_tenant_status(call.organization)
        if status is None:
            raise AuthenticationFailed(_UNKNOWN_SERVICE)
        if status != TenantStatus.ACTIVE:
            raise PermissionDenied(_SUSPENDED)
        domain = request.parser_context["view"].domain
        caller = Caller(
            organization=call.organization,
            actor=call.actor,
            tenant_status=status,
            scopes=frozenset({f"{domain}:read", f"{domain}:write"}),
            rate_limit=0,  # the app has counted its caller already
            service=call.domain,
        )
        return caller, caller

    def authenticate_header(self, request: Request) -> str:
        return REALM


def _acting(domain: str | None) -> str:
    return domain or home_domain().name


def _public_part(raw: str) -> str:
    """Of a key what is no secret: ``trl_<prefix>``; nothing of another text, which may be anything."""
    parts = raw.split("_")
    return f"trl_{parts[1][:12]}" if len(parts) == 3 and parts[0] == "trl" else ""
