"""The first middleware: names the request, finds the tenant of its hostname."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from shared.domains.moving.follow import follow_announced_move
from shared.records.identifiers import uuid7
from shared.session.facts import Actor
from shared.tenancy.lookup import TenantOfHost, find_tenant_by_hostname

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestContextMiddleware:
    """Sets ``request.request_id`` (the caller's X-Request-ID where it is well-formed) and ``request.host_tenant``
    (None on the installation's own hosts). A hostname that no tenant has is a 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        follow_announced_move()
        request.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid7())  # type: ignore[attr-defined]
        response = self._resolve_host(request) or refuse_nul(request) or self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response

    def _resolve_host(self, request: HttpRequest) -> HttpResponse | None:
        request.host_tenant = None  # type: ignore[attr-defined]
        try:
            request.get_host()
        except DisallowedHost:  # empty or malformed
            return unknown_host(request, "")
        host = hostname_of(request)
        if host in settings.BASE_HOSTS or request.path.startswith("/health/") or request.path == "/metrics":
            return None
        tenant: TenantOfHost | None = find_tenant_by_hostname(host)
        if tenant is None:
            return unknown_host(request, host)
        request.host_tenant = tenant  # type: ignore[attr-defined]
        return None


def hostname_of(request: HttpRequest) -> str:
    """The request's hostname in lower case, without its port."""
    host = request.META.get("HTTP_HOST", request.META.get("SERVER_NAME", ""))
    if host.startswith("["):
        return str(host.partition("]")[0]).lower() + "]"
    return str(host.partition(":")[0]).lower().rstrip(".")


def unknown_host(request: HttpRequest, host: str) -> HttpResponse:
    """404: a problem document for the API, a page for people."""
    if request.path.startswith("/api/"):
        problem = {
            "type": "urn:trellis:problem:unknown_host",
            "title": "Not found",
            "status": 404,
            "detail": "No tenant has this hostname: check the address, or call the installation's own host.",
            "instance": request.path,
            "request_id": request.request_id,  # type: ignore[attr-defined]
        }
        return JsonResponse(problem, status=404, content_type="application/problem+json")
    return render(request, "shared/unknown_host.html", {"host": host}, status=404)


def refuse_nul(request: HttpRequest) -> HttpResponse | None:
    """400 for a page whose address holds a NUL character, which PostgreSQL takes nowhere (the API names the
    parameter itself)."""
    if request.path.startswith("/api/") or "\x00" not in unquote(request.META.get("QUERY_STRING", "")):
        return None
    return render(request, "400.html", status=400)


def actor_of(request: HttpRequest, *, kind: str, id: uuid.UUID | None, name: str) -> Actor:
    """The actor behind a request, with the address and client it came from."""
    return Actor(
        kind=kind,  # type: ignore[arg-type]
        id=id,
        name=name[:200],
        ip=request.META.get("REMOTE_ADDR"),
        user_agent=request.headers.get("User-Agent", "")[:300].replace("\x00", ""),
    )
