"""The base of every API view: who asks, what they may, how fast, and how errors are answered."""

from __future__ import annotations

import datetime as dt
import io
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, ClassVar

from django.apps import apps
from django.db import models
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from shared.api.as_of import AS_OF, parse_moment
from shared.api.authentication import ApiKeyAuthentication, StaffSessionAuthentication
from shared.api.caller import Caller
from shared.api.exceptions import exception_handler, label_problem
from shared.api.negotiation import Negotiation
from shared.api.openapi import Schema
from shared.api.parsers import (
    StaffFormParser,
    StaffMultiPartParser,
    StrictJSONParser,
    body_too_large,
    max_body_bytes,
)
from shared.api.query import read_parameters
from shared.api.renderers import OrjsonRenderer, StaffPageRenderer
from shared.api.scopes import ScopePermission
from shared.api.throttling import count_call
from shared.api.units import reading_unit_of, unit_of
from shared.domains.registry import domain_of_app
from shared.domains.router import alias_of
from shared.session.written import note_written


@cache
def _app_of(module: str) -> str:
    config = apps.get_containing_app_config(module)
    assert config is not None, f"{module} is in no installed app"
    return config.label


@cache
def _domain_of(module: str) -> str:
    return domain_of_app(_app_of(module)).name


class ApiView(APIView):
    """A view that is not a list of records: ``class Sync(ApiView): def post(self, request): …``.

    Order: authenticate, scope, rate limit, then the method, which parses, opens units and answers.
    """

    authentication_classes: tuple[type[BaseAuthentication], ...] = (
        ApiKeyAuthentication,
        StaffSessionAuthentication,
    )
    permission_classes = (ScopePermission,)
    parser_classes = (StrictJSONParser, StaffFormParser, StaffMultiPartParser)  # see get_parsers
    renderer_classes = (OrjsonRenderer, StaffPageRenderer)
    content_negotiation_class = Negotiation
    schema = Schema()

    model: ClassVar[type[models.Model] | None] = None
    parameters: ClassVar[tuple[str, ...]] = ()
    """Query parameters that the view takes."""
    looks_back: ClassVar[bool] = False
    """Whether its reads take ``?as_of=``."""

    @property
    def app_label(self) -> str:
        """The app that this view belongs to."""
        return _app_of(type(self).__module__)

    @property
    def domain(self) -> str:
        """The acting domain: that of the app the view is declared in."""
        return _domain_of(type(self).__module__)

    @property
    def caller(self) -> Caller:
        """Who asks."""
        caller = self.request.auth
        assert isinstance(caller, Caller)
        return caller

    def unit(self) -> AbstractContextManager[Any]:
        """A unit of work for this request's caller, tenant and domain."""
        return unit_of(self.request, self.domain, as_of=self.as_of)

    def reading_unit(self) -> AbstractContextManager[Any]:
        """A unit that only reads, so that a replica may answer."""
        return reading_unit_of(self.request, self.domain, as_of=self.as_of)

    @property
    def as_of(self) -> dt.datetime | None:
        """The moment that a read is about; None for the present. A 400 problem for one that cannot be read of."""
        if not self.looks_back or self.request.method not in SAFE_METHODS:
            return None
        raw = self.request.query_params.get(AS_OF)
        # The filter form of a page sends every field.
        return parse_moment(None if raw == "" and self.request.accepted_renderer.format == "api" else raw)

    def may(self, model: type[models.Model], verb: str) -> bool:
        """Whether the caller may ``change`` or ``delete`` records of a kind: for acts that touch several."""
        if self.caller.scopes is not None:
            return f"{self.domain}:write" in self.caller.scopes
        return bool(self.caller.user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}"))

    def get_parsers(self) -> list[Any]:
        """JSON; forms too for people in a browser, who send no Authorization header."""
        request = getattr(self, "request", None)
        if request is not None and "HTTP_AUTHORIZATION" not in request.META:
            return [StrictJSONParser(), StaffFormParser(), StaffMultiPartParser()]
        return [StrictJSONParser()]

    def get_exception_handler(self) -> Any:
        return exception_handler

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        unchunk(request)
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.rate_headers = count_call(self.caller)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > max_body_bytes():
            drain(request._request)
            raise body_too_large()

    def read_parameters(self) -> dict[str, str]:
        """This request's query parameters; a 400 problem names unknown and repeated ones."""
        reads = self.looks_back and self.request.method in SAFE_METHODS
        return read_parameters(
            self.request.query_params, (*self.parameters, AS_OF) if reads else self.parameters
        )

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method not in SAFE_METHODS and isinstance(getattr(request, "_auth", None), Caller):
            note_written(alias_of(self.domain), request._auth.organization)
        for name, value in getattr(self, "rate_headers", {}).items():
            response.headers.setdefault(name, value)
        if hasattr(response, "problem"):
            label_problem(response)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def unchunk(request: Any) -> None:
    """Read a body that comes in chunks, without a length, where the server marks its end. Django reads none."""
    environ = request.META
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() != "chunked" or not environ.get(
        "wsgi.input_terminated"
    ):
        return
    stream = environ["wsgi.input"]
    raw = stream.read(max_body_bytes() + 1)
    if len(raw) > max_body_bytes():
        drain(stream)
    environ["CONTENT_LENGTH"] = str(len(raw))
    request._stream = io.BytesIO(raw)


def drain(stream: Any) -> None:
    """Read a refused body to its end (at most 32 MB), because many clients look for the answer only after."""
    left = 32 * 1024 * 1024
    while left > 0 and (chunk := stream.read(64 * 1024)):
        left -= len(chunk)
