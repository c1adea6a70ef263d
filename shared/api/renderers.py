"""Writes answers: JSON by orjson, and pages for people."""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer

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
    return orjson.dumps(data, default=_plain, option=options)


def _plain(value: Any) -> Any:
    if isinstance(value, (decimal.Decimal, Promise)):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


class StaffPageRenderer(BrowsableAPIRenderer):
    """The browsable API, for staff signed in to the back office."""

    def get_default_renderer(self, view: Any) -> BaseRenderer:
        return OrjsonRenderer()
