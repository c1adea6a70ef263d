"""How a list's pages are described: to OpenAPI and to the browsable API."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import BasePagination


class RecordPagination(BasePagination):
    """The envelope of a list; the work is done by listing.py."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "The page that follows; null on the last."},
                "previous": {**link, "description": "The page before; null on the first."},
                "count": {
                    "type": "object",
                    "description": "Only with ?count=.",
                    "required": ["value", "kind"],
                    "properties": {
                        "value": {"type": "integer"},
                        "kind": {"type": "string", "enum": ["exact", "at_least", "estimate"]},
                    },
                },
                "results": schema,
            },
        }

    def get_results(self, data: Any) -> Any:
        return data["results"]

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        raise NotImplementedError("Lists are answered by shared.api.listing.answer_list.")
