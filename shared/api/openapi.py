"""The OpenAPI document: what drf-spectacular derives, completed by what the kit adds to every operation."""

from __future__ import annotations

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """Schema of one view."""
