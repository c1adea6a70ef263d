"""Addresses of domains that this process does not serve: it says who does."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from shared.api.problems import Problem, problem_response
from shared.domains.registry import Domain, served_domains


def served_elsewhere(domain: Domain) -> Callable[..., HttpResponse]:
    """The view of every address of a domain outside SERVE: a 404 problem that names the right one where
    ``<NAME>_BASE_URL`` tells it."""

    @csrf_exempt
    def view(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        base = settings.BASE_URLS.get(domain.name)
        here = ", ".join(served.name for served in served_domains())
        there = f"{base}{request.path}" if base else "the process that does"
        detail = f"This process serves {here}, not {domain.name}: call {there}."
        extra = {"url": f"{base}{request.path}"} if base else {}
        return problem_response(request, Problem(404, "served_elsewhere", detail, extra=extra))

    return view
