"""Addresses below /api/ that belong to no domain: the OpenAPI document, its readers, and everything unknown."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import server_error as server_error_page
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerView

from shared.api import problems

_open = {"authentication_classes": [], "permission_classes": []}

urlpatterns = [
    path("openapi.json", SpectacularJSONAPIView.as_view(**_open), name="openapi"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="openapi", **_open), name="api-docs"),
    path("redoc/", SpectacularRedocView.as_view(url_name="openapi", **_open), name="api-redoc"),
    re_path(r"^.*$", csrf_exempt(problems.unknown_address)),
]


def handler500(request: HttpRequest) -> HttpResponse:
    """A problem document for the API, Django's page for people."""
    if request.path.startswith("/api/"):
        return problems.server_error(request)
    return server_error_page(request)
