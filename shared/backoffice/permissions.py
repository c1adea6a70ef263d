"""Mixins that take permissions away from a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


class NoAdding:
    """Records that pages show but do not make."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NoChanging:
    """Records that pages show as they are."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NoDeleting:
    """Records that pages do not delete."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_restore_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
