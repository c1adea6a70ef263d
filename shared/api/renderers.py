"""Writes answers: JSON by orjson, and pages for people."""

from __future__ import annotations

import decimal
import json
from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer
from rest_framework.request import override_method

from shared.api.examples import example_body

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class OrjsonRenderer(BaseRenderer):
    """JSON in UTF-8; times in RFC 3339 with Z, decimals as texts."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        if data is None:
            return b""
        options = OPTIONS
        if renderer_context and renderer_context.get("indent"):  # the browsable API asks so
            options |= orjson.OPT_INDENT_2
        return dumps(data, options)


def dumps(data: Any, options: int = OPTIONS) -> bytes:
    """JSON of plain data."""
    try:
        return orjson.dumps(data, default=_plain, option=options)
    except orjson.JSONEncodeError as error:
        if "64-bit" not in str(error):
            raise
        # A number that came into a JSON column another way than through this API.
        return json.dumps(data, default=_as_orjson, ensure_ascii=False).encode()


def _as_orjson(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value, default=_plain, option=OPTIONS))


def _plain(value: Any) -> Any:
    if isinstance(value, (decimal.Decimal, Promise)):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


class StaffPageRenderer(BrowsableAPIRenderer):
    """The browsable API, for staff signed in to the back office: the answer, and forms to create and change."""

    template = "api/page.html"

    def get_default_renderer(self, view: Any) -> BaseRenderer:
        return OrjsonRenderer()

    def get_context(self, data: Any, accepted_media_type: Any, renderer_context: Any) -> dict[str, Any]:
        context = super().get_context(data, accepted_media_type, renderer_context)
        view, request = renderer_context["view"], renderer_context["request"]
        failed = renderer_context["response"].status_code >= 400
        if getattr(view, "detail", False) and not failed and isinstance(data, Mapping):
            context["patch_form"] = self._change_form(orjson.loads(dumps(data)), view, request)
        return context

    def get_raw_data_form(self, data: Any, view: Any, method: str, request: Any) -> Any:
        """The form for JSON, with a body to begin from: an example, or the record as it is."""
        form = super().get_raw_data_form(data, view, method, request)
        if form is None or not hasattr(view, "get_serializer_class"):
            return form
        with override_method(view, request, method):
            serializer = view.get_serializer_class()()
        record = orjson.loads(dumps(data)) if method == "PATCH" and isinstance(data, Mapping) else None
        body = example_body(serializer, record)
        form.fields["_content"].initial = dumps(body, OPTIONS | orjson.OPT_INDENT_2).decode()
        return form

    def _change_form(self, values: Mapping[str, Any], view: Any, request: Any) -> str | None:
        """A form with the record's values, for PATCH: there is no PUT."""
        with override_method(view, request, "PATCH") as patching:
            if not self.show_form_for_method(view, "PATCH", patching, None):
                return None
            serializer = view.get_serializer_class()(instance=values, partial=True)
            try:
                form = self.render_form_for_serializer(serializer)
            except KeyError:  # ?fields= left something out
                return None
            return str(form)
