"""Addresses below /api/ that belong to no domain: the OpenAPI document, its readers, and everything unknown."""

from __future__ import annotations

import sys
import threading
from typing import Any, ClassVar

from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import bad_request as bad_request_page
from django.views.defaults import server_error as server_error_page
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.response import Response

from shared.api import problems
from shared.api.database_errors import database_problem
from shared.api.entry import EntryView


class _JsonAlone(DefaultContentNegotiation):
    """The document is JSON, whatever is asked for."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class SchemaView(SpectacularJSONAPIView):
    """The OpenAPI document, made once per process: it is the same for everyone, and making it is not safe in two
    threads at once."""

    schema = None  # not itself part of the document
    content_negotiation_class = _JsonAlone
    _making: ClassVar[threading.Lock] = threading.Lock()
    _document: ClassVar[Any] = None

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        with self._making:
            if SchemaView._document is None:
                SchemaView._document = super().get(request, *args, **kwargs).data
        return Response(SchemaView._document)


_open: dict[str, Any] = {"authentication_classes": [], "permission_classes": []}

urlpatterns = [
    path("", EntryView.as_view(), name="api"),
    path("schema/", SchemaView.as_view(**_open), name="schema"),
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
    """A problem document for the API, Django's page for people; where the database gave no answer to a look-up before
    the view, 503 and when to come back."""
    error = sys.exception()
    problem = database_problem(error, request.method or "GET") if isinstance(error, DatabaseError) else None
    away = problem if problem is not None and problem.status == 503 else None
    if request.path.startswith("/api/"):
        return problems.problem_response(request, away or problems.internal_problem())
    if away is None:
        return server_error_page(request)
    page = render(request, "503.html", {"message": away.detail}, status=503)
    for name, value in away.headers.items():
        page[name] = value
    if away.code == "moving" and request.method == "GET":  # by now this process knows where the tables are
        page["Refresh"] = "1"
    return page
