"""Plain answers for supervisors and load balancers; no host name and no sign-in needed."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shared.health.checks import report
from shared.health.migrations import report_migrations


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Database and broker answer; 503 with the name of what does not."""
    healthy, body = report()
    return JsonResponse(body, status=200 if healthy else 503)


@never_cache
@require_safe
def migrations(request: HttpRequest) -> JsonResponse:
    """Every migration of the domains served here is applied; 503 with the names of those that are pending."""
    ready, body = report_migrations()
    return JsonResponse(body, status=200 if ready else 503)
