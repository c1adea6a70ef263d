"""Requests that this process answers, by the domain of their address."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from shared.domains.registry import domains

REQUESTS = Counter(
    "trellis_http_requests", "Requests by domain, method and status.", ["domain", "method", "status"]
)
SECONDS = Histogram(
    "trellis_http_request_seconds",
    "How long requests took, by domain.",
    ["domain"],
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetricsMiddleware:
    """Counts and times each request. Whatever a caller may invent (methods, addresses) falls under "other"."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begin = time.perf_counter()
        response = self.get_response(request)
        domain = domain_of_path(request.path_info)
        method = request.method if request.method in _METHODS else "other"
        SECONDS.labels(domain).observe(time.perf_counter() - begin)
        REQUESTS.labels(domain, method, response.status_code).inc()
        return response


def domain_of_path(path: str) -> str:
    """The domain whose API an address belongs to, ``backoffice``, or ``other``."""
    first, _, rest = path.lstrip("/").partition("/")
    if first == "admin":
        return "backoffice"
    return _domain_of_prefix().get(rest.partition("/")[0], "other") if first == "api" else "other"


@cache
def _domain_of_prefix() -> dict[str, str]:
    return {prefix: domain.name for domain in domains() for prefix in domain.api}
