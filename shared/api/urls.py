"""Addresses below /api/ that belong to no domain: the OpenAPI document, its readers, and everything unknown."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import bad_request as bad_request_page
from django.views.defaults import server_error as server_error_page
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerView

from shared.api import problems

_open: dict[str, Any] = {"authentication_classes": [], "permission_classes": []}

urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(**_open), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerView.as_view(url_name="schema", template_name="api/swagger.html", **_open),
        name="docs",
    ),
    path(
        "redoc/",
        SpectacularRedocView.as_view(url_name="schema", template_name="api/redoc.html", **_open),
        name="redoc",
    ),
    re_path(r"^", csrf_exempt(problems.unknown_address)),
]


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """As handler500, for requests that Django itself refuses, such as impossible Host headers."""
    if request.path.startswith("/api/"):
        detail = "The request is malformed: check its headers and body."
        return problems.problem_response(request, problems.Problem(400, "malformed", detail))
    return bad_request_page(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """A problem document for the API, Django's page for people."""
    if request.path.startswith("/api/"):
        return problems.server_error(request)
    return server_error_page(request)
