"""Which renderer answers: JSON unless a browser asks for a page."""

from __future__ import annotations

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation

from shared.api.problems import bad_parameter

_JSON = frozenset({"", "*/*", "application/json", "application/problem+json"})


class Negotiation(DefaultContentNegotiation):
    """REST framework's rules, with the common case decided first."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            raise bad_parameter("format", f"Send one of: {', '.join(r.format for r in renderers)}.")
        return found

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        accept = request.META.get("HTTP_ACCEPT", "")
        if accept in _JSON and "format" not in request._request.GET:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)
