"""Who opens a stream: found as in any request, before the stream begins."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import HttpRequest

from shared.domains.registry import served_domains
from shared.session.middleware import hostname_of
from shared.tenancy.choices import TenantStatus
from shared.tenancy.keys import find_identity
from shared.tenancy.lookup import find_tenant_by_hostname
from shared.tenancy.middleware import find_staff, user_of


@dataclass(frozen=True, slots=True)
class Refused(Exception):  # an answer, not a fault
    """The stream is not opened: status and sentence of the answer."""

    status: int
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Listener:
    """What a caller may hear: one tenant's news, of the served domains that they may read."""

    organization: uuid.UUID
    domains: frozenset[str]


def find_listener(headers: dict[str, str]) -> Listener:
    """Who asks for a stream; raises Refused.

    Runs in a thread of its own and leaves no connection open: a stream may last for hours.
    """
    try:
        return _find_listener(headers)
    finally:
        connections.close_all()


def _find_listener(headers: dict[str, str]) -> Listener:
    request = HttpRequest()
    request.method = "GET"
    request.META["HTTP_HOST"] = headers.get("host", "")
    request.META["HTTP_USER_AGENT"] = headers.get("user-agent", "")
    host = hostname_of(request)
    host_tenant = None if host in settings.BASE_HOSTS else find_tenant_by_hostname(host)
    if host_tenant is None and host not in settings.BASE_HOSTS:
        raise Refused(404, "Not found", "No tenant has this hostname: check the address.")
    request.host_tenant = host_tenant  # type: ignore[attr-defined]
    if authorization := headers.get("authorization"):
        listener, status = _of_key(authorization)
    else:
        listener, status = _of_session(request, headers.get("cookie", ""))
    if host_tenant is not None and host_tenant.id != listener.organization:
        raise Refused(404, "Not found", "There is nothing for you at this address: use your own tenant's.")
    if status != TenantStatus.ACTIVE:
        raise Refused(403, "Suspended", "This tenant is suspended: ask whoever runs this installation.")
    return listener


def _of_key(authorization: str) -> tuple[Listener, str]:
    scheme, _, raw = authorization.partition(" ")
    identity = find_identity(raw.strip()) if scheme.lower() in {"bearer", "api-key"} else None
    if identity is None:
        raise Refused(401, "Unauthorized", "The API key is unknown, revoked or expired: send one that works.")
    readable = frozenset(d.name for d in served_domains() if f"{d.name}:read" in identity.scopes)
    return Listener(identity.organization_id, readable), identity.tenant_status


def _of_session(request: HttpRequest, cookie: str) -> tuple[Listener, str]:
    try:
        morsel: Any = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        morsel = None
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(morsel.value if morsel else None)
    request.user = user_of(request)  # type: ignore[assignment]
    staff = find_staff(request)
    if staff is None:
        raise Refused(401, "Unauthorized", "Sign in, or send an API key as Authorization: Bearer trl_…")
    if staff.membership is None:
        raise Refused(403, "No tenant", "Choose a tenant in the back office first.")
    served = frozenset(d.name for d in served_domains())
    readable = served & frozenset(staff.membership.domains or served)
    return Listener(staff.membership.organization_id, readable), staff.membership.tenant_status
